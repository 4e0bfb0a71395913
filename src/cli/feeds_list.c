/* feeds_list.c - `dnsvigil feeds`: which feeds there are, how they stand, and the actions on them
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/feeds.h"

#include "base/clock.h"
#include "base/log.h"
#include "cli/actions.h"
#include "cli/cli.h"
#include "cli/page.h"
#include "intel/feed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NAME_COLUMNS = 24, TEXT_COLUMN = 48 };

static const struct option_row rows[] = {
    OPTION_CONFIG(struct feeds_options, config),
    OPTION_FEEDS_FORMAT,
};

static const struct option_table list_table = {
    .command = "feeds list",
    .arguments = "[OPTION]...",
    .summary = "Lists the configured feeds and those that need only their name in the "
               "configuration (state: known), with their licences.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
};

static const struct option_table status_table = {
    .command = "feeds status",
    .arguments = "[OPTION]...",
    .summary = "Tells of each feed in use when it was last fetched, what it holds, why the last "
               "attempt failed and when it is due.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
};

const struct config_feed *feeds_find(const struct config *config, const char *name)
{
    for (uint32_t i = 0; i < config->feeds.count; i++)
        if (strcmp(config->feeds.items[i].name, name) == 0)
            return &config->feeds.items[i];
    return NULL;
}

void feeds_refused_print(const struct page *page, const struct feed_report *report)
{
    char line[256];
    for (uint32_t i = 0; i < report->refused && i < FIRST_REFUSED_MAX; i++) {
        const struct feed_refused *refused = &report->first_refused[i];
        snprintf(line, sizeof(line), "%s %" PRIu32 ": %s: %s", feed_formats[report->format].unit,
                 refused->line, refusal_texts[refused->reason], refused->text);
        page_pair(page, "  refused", line);
    }
    if (report->refused <= FIRST_REFUSED_MAX)
        return;
    snprintf(line, sizeof(line), "%" PRIu32 " more", report->refused - FIRST_REFUSED_MAX);
    page_pair(page, "  refused", line);
}

void feeds_refused_json(struct json *json, const struct feed_report *report)
{
    json_key(json, "first_refused");
    json_array_begin(json);
    for (uint32_t i = 0; i < report->refused && i < FIRST_REFUSED_MAX; i++) {
        const struct feed_refused *refused = &report->first_refused[i];
        json_object_begin(json);
        json_pair_int(json, "line", refused->line);
        json_pair(json, "reason", refusal_slugs[refused->reason]);
        json_pair(json, "text", refused->text);
        json_object_end(json);
    }
    json_array_end(json);
}

static void feed_json(const struct config_feed *feed, const char *state)
{
    struct buf line;
    struct json json = json_writer(&line);
    buf_init(&line, FEEDS_LINE_MAX);
    json_object_begin(&json);
    json_pair(&json, "name", feed->name);
    json_pair(&json, "state", state);
    json_pair(&json, "category", category_slugs[feed->category]);
    json_pair_int(&json, "confidence", feed->confidence);
    json_pair(&json, "format", feed_formats[feed->format].slug);
    json_pair_opt(&json, "url", feed->url);
    json_pair_opt(&json, "path", feed->path);
    json_pair_int(&json, "interval_hours", feed->interval_hours);
    json_pair_opt(&json, "licence", feed->licence);
    json_object_end(&json);
    puts(line.data);
    buf_done(&line);
}

static void feed_row(const struct page *page, const struct config_feed *feed, const char *state)
{
    char text[4096];
    snprintf(text, sizeof(text), "%s%s%s%s", feed->url[0] ? feed->url : feed->path,
             feed->licence[0] ? " (" : "", feed->licence, feed->licence[0] ? ")" : "");
    printf("%-*s %-6s %-15s ", NAME_COLUMNS, feed->name, state, category_slugs[feed->category]);
    page_wrap(page, TEXT_COLUMN, text);
}

static void feeds_print(const struct config *config, const struct config *catalogue, bool json)
{
    struct page page = page_on(stdout);
    const struct config *const sources[] = {config, catalogue};
    for (int known = 0; known < 2; known++) {
        for (uint32_t i = 0; i < sources[known]->feeds.count; i++) {
            const struct config_feed *feed = &sources[known]->feeds.items[i];
            if (known && feeds_find(config, feed->name))
                continue;
            const char *state = known ? "known" : feed->enabled ? "on" : "off";
            if (json)
                feed_json(feed, state);
            else
                feed_row(&page, feed, state);
        }
    }
}

static int config_open(const struct feeds_options *options, struct config **ret_config)
{
    struct error error;
    if (config_load(options->config, ret_config, &error) == 0)
        return CLI_EXIT_OK;
    log_error("%s", error.text);
    return CLI_EXIT_CONFIG;
}

/* Reads the options of an action that takes no operands, and the configuration. */
static int action_open(const struct option_table *table, int argc, char **argv,
                       struct feeds_options *options, struct config **ret_config)
{
    int first, code;
    *ret_config = NULL;
    if (!options_parse(table, argc, argv, options, &first, &code))
        return code;
    if (first != argc)
        return options_usage_error(table, "\"%s\" is not expected", argv[first]);
    return config_open(options, ret_config);
}

static int feeds_list(int argc, char **argv)
{
    struct feeds_options options = {0};
    struct config *config, *catalogue;
    struct error error;
    int code = action_open(&list_table, argc, argv, &options, &config);
    if (!config)
        return code;
    if (config_catalogue(&catalogue, &error) == 0) {
        feeds_print(config, catalogue, options.format == OUTPUT_JSON);
        config_free(catalogue);
    } else {
        log_error("%s", error.text);
        code = CLI_EXIT_FAILED;
    }
    config_free(config);
    return code;
}

/* `never`, or the time to the second. */
static void time_text(int64_t time_ns, char text[static TIME_TEXT_MAX])
{
    if (!time_ns) {
        strcpy(text, "never");
        return;
    }
    time_format(time_ns, text);
    strcpy(text + strlen("2026-01-31T23:59:59"), "Z");
}

static void status_json(const struct config_feed *feed, const struct feed_status *status,
                        const char *due)
{
    struct buf line;
    struct json json = json_writer(&line);
    buf_init(&line, FEEDS_LINE_MAX);
    json_object_begin(&json);
    json_pair(&json, "name", feed->name);
    status_write(status, &json);
    json_pair(&json, "due", due);
    json_object_end(&json);
    puts(line.data);
    buf_done(&line);
}

static void status_page(const struct page *page, const struct config_feed *feed,
                        const struct feed_status *status, const char *due)
{
    char text[STATUS_ERROR_MAX + 64];
    char fetched[TIME_TEXT_MAX], changed[TIME_TEXT_MAX];
    time_text(status->fetched_ns, fetched);
    time_text(status->changed_ns, changed);
    page_heading(page, feed->name);
    snprintf(text, sizeof(text),
             "%" PRIu32 " (%" PRIu32 " added, %" PRIu32 " removed, %" PRIu32 " refused)",
             status->entries, status->added, status->removed, status->refused);
    page_pair(page, "  entries", text);
    page_pair(page, "  last good", fetched);
    page_pair(page, "  last changed", changed);
    page_pair(page, "  due", due);
    page_pair(page, "  read in", status->sandbox);
    page_pair(page, "  failed", status->error);
}

static void status_print(const struct config *config, const struct config_feed *feed, bool json)
{
    struct page page = page_on(stdout);
    struct feed_status status;
    char due[TIME_TEXT_MAX];
    status_load(config->state_dir, feed->name, &status);
    int64_t due_ns = feeds_due_ns(feed, &status);
    time_text(due_ns, due);
    if (due_ns <= clock_now_ns())
        strcpy(due, "now");
    if (json)
        status_json(feed, &status, due);
    else
        status_page(&page, feed, &status, due);
}

static int feeds_status(int argc, char **argv)
{
    struct feeds_options options = {0};
    struct config *config;
    int code = action_open(&status_table, argc, argv, &options, &config);
    if (!config)
        return code;
    bool json = options.format == OUTPUT_JSON;
    for (uint32_t i = 0; i < config->feeds.count; i++)
        if (config->feeds.items[i].enabled && config->feeds.items[i].url[0])
            status_print(config, &config->feeds.items[i], json);
    config_free(config);
    return CLI_EXIT_OK;
}

static const struct action actions[] = {
    {"list", feeds_list, &list_table},
    {"update", feeds_update_action, &feeds_update_table},
    {"status", feeds_status, &status_table},
    {"test", feeds_test_action, &feeds_test_table},
};

int command_feeds(int argc, char **argv)
{
    return actions_run(actions, sizeof(actions) / sizeof(*actions), argc, argv);
}
