/* lists_report.h - tells the operator how the lists fared, and reads lists named on the command
 * line
 *
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pipeline/lists.h"

enum { FEED_ARGUMENTS_MAX = 16 };

/* Lists given as `--feed CATEGORY:FILE`, in force for one run and without expiry. */
struct feed_arguments {
    struct feed_config feeds[FEED_ARGUMENTS_MAX];
    unsigned count;
};

/* An option_fn for a struct feed_arguments. */
bool option_feed(const char *text, void *field);

#define OPTION_FEED(type, field)                                                                   \
    {                                                                                              \
        "feed", 'f', "CATEGORY:FILE",                                                              \
            "also load this list of names or addresses, in any format that `dnsvigil describe "    \
            "formats` names; may be repeated; "                                                    \
            "`dnsvigil describe categories` names the categories",                                 \
            option_feed, offsetof(type, field)                                                     \
    }

/* A lists_report_fn that logs refused lines (and lists) as warnings. */
void lists_report_log(void *arg, const char *name, const struct feed_report *report,
                      const char *failure);

/* Loads configuration and lists as all commands do. Logs what went wrong and returns an exit code;
 * on CLI_EXIT_OK the caller frees both. */
int lists_open(const char *config_path, const struct feed_arguments *feeds,
               struct config **ret_config, struct lists *ret_lists);
