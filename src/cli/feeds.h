/* feeds.h - what the actions of `dnsvigil feeds` share
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/options.h"
#include "cli/output.h"
#include "cli/page.h"
#include "feeds/feeds.h"

struct feeds_options {
    const char *config;
    enum output_format format;
    bool force;
    bool due;
    bool quiet;
    int list_format;    /* enum feed_format */
    const char *column; /* of a table */
};

#define OPTION_FEEDS_FORMAT                                                                        \
    {                                                                                              \
        "output", 'o', "FORMAT", "table or json (one object a line); default: table",              \
            option_format, offsetof(struct feeds_options, format)                                  \
    }

enum { FEEDS_LINE_MAX = 1 << 18 }; /* bytes of one JSON object */

int feeds_update_action(int argc, char **argv);
int feeds_test_action(int argc, char **argv);
extern const struct option_table feeds_update_table, feeds_test_table;

/* The feed of that name, or NULL. */
const struct config_feed *feeds_find(const struct config *config, const char *name);

/* Says on standard output what was refused of a list: all that is known of it, or for JSON an array
 * under "first_refused". */
void feeds_refused_print(const struct page *page, const struct feed_report *report);
void feeds_refused_json(struct json *json, const struct feed_report *report);
