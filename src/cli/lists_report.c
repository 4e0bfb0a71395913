/* lists_report.c - tells the operator how the lists fared, and reads lists named on the command
 * line
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/lists_report.h"

#include "base/log.h"
#include "cli/cli.h"
#include "intel/feed.h"

#include <string.h>

enum {
    REFUSED_LINES_SHOWN = 3,
    EXPIRY_DAYS_NEVER = 36500, /* a list named by hand is meant, however old the file is */
    CONFIDENCE_NAMED = 90,
};

bool option_feed(const char *text, void *field)
{
    struct feed_arguments *arguments = field;
    const char *colon = strchr(text, ':');
    if (!colon || !colon[1] || arguments->count == FEED_ARGUMENTS_MAX)
        return false;
    int category = category_parse((struct slice){text, (size_t)(colon - text)});
    if (category < 0)
        return false;
    const char *slash = strrchr(colon, '/');
    arguments->feeds[arguments->count++] = (struct feed_config){
        .name = slash ? slash + 1 : colon + 1,
        .path = colon + 1,
        .category = (enum category)category,
        .confidence = CONFIDENCE_NAMED,
        .format = FEED_AUTO,
        .expiry_days = EXPIRY_DAYS_NEVER,
    };
    return true;
}

void lists_report_log(void *arg, const char *name, const struct feed_report *report,
                      const char *failure)
{
    (void)arg;
    if (failure) /* whoever loads says why */
        return;
    for (uint32_t i = 0; i < report->refused && i < REFUSED_LINES_SHOWN; i++)
        log_warning("%s: %s %u: refused: %s: %s", name, feed_formats[report->format].unit,
                    report->first_refused[i].line, refusal_texts[report->first_refused[i].reason],
                    report->first_refused[i].text);
    if (report->refused > REFUSED_LINES_SHOWN)
        log_warning("%s: %u refused in all, %u loaded", name, report->refused, report->added);
}

int lists_open(const char *config_path, const struct feed_arguments *feeds,
               struct config **ret_config, struct lists *ret_lists)
{
    struct config *config;
    struct error error;
    if (config_load(config_path, &config, &error) < 0) {
        log_error("%s", error.text);
        return CLI_EXIT_CONFIG;
    }
    if (lists_load(config, feeds->feeds, feeds->count, lists_report_log, NULL, ret_lists, &error) <
        0) {
        log_error("%s", error.text);
        config_free(config);
        return CLI_EXIT_CONFIG;
    }
    *ret_config = config;
    return CLI_EXIT_OK;
}
