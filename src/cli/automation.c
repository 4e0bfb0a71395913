/* automation.c - `dnsvigil automation`: lists the rules, tries one on stored alerts, shows its runs
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/record.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/actions.h"
#include "cli/cli.h"
#include "cli/items.h"
#include "cli/options.h"
#include "cli/respond_deliveries.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { TRIED_SHOWN = 10 };

struct automation_options {
    const char *config;
    const char *store;
    int64_t since_ns;
    uint64_t limit;
    enum output_format format;
    enum language language;
};

#define ROW(name, letter, argument, help, read, member)                                            \
    {                                                                                              \
        name, letter, argument, help, read, offsetof(struct automation_options, member)            \
    }

static const struct option_row list_rows[] = {
    OPTION_FORMAT(struct automation_options, format),
    OPTION_STORE(struct automation_options, store),
    OPTION_CONFIG(struct automation_options, config),
};

static const struct option_row test_rows[] = {
    ROW("since", 0, "TIME", "alerts active since then: a date, a time or an age; default: 7d",
        option_time, since_ns),
    ROW("limit", 'n', "NUMBER", "show at most so many of them; default: 10", option_count, limit),
    OPTION_FORMAT(struct automation_options, format),
    OPTION_LANGUAGE(struct automation_options, language),
    OPTION_STORE(struct automation_options, store),
    OPTION_CONFIG(struct automation_options, config),
};

static const struct option_row runs_rows[] = {
    ROW("limit", 'n', "NUMBER", "at most so many; default: 100", option_count, limit),
    OPTION_FORMAT(struct automation_options, format),
    OPTION_STORE(struct automation_options, store),
    OPTION_CONFIG(struct automation_options, config),
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct option_table list_table = {
    .command = "automation list",
    .arguments = "[OPTION]...",
    .summary = "Lists the automation rules of the configuration.",
    .rows = list_rows,
    .count = COUNT(list_rows),
};

static const struct option_table test_table = {
    .command = "automation test",
    .arguments = "[OPTION]... RULE",
    .summary = "Shows for which stored alerts a rule would have run. Nothing is run.",
    .rows = test_rows,
    .count = COUNT(test_rows),
};

static const struct option_table runs_table = {
    .command = "automation runs",
    .arguments = "[OPTION]... [RULE]",
    .summary = "Lists what rules did, newest first, with the result.",
    .rows = runs_rows,
    .count = COUNT(runs_rows),
};

/* Reads options and opens; `operands_max` may follow, the first goes to *ret_name. Returns an exit
 * code, or -1 to go on. */
static int begin(const struct option_table *table, int argc, char **argv, int operands_min,
                 int operands_max, struct automation_options *options, const char **ret_name,
                 struct talk *talk)
{
    int first, code;
    if (!options_parse(table, argc, argv, options, &first, &code))
        return code;
    int operands = argc - first;
    if (operands < operands_min || operands > operands_max)
        return options_usage_error(table, "%s",
                                   operands_max ? "give the name of one rule; `dnsvigil automation "
                                                  "list` shows them"
                                                : "no operands are expected");
    *ret_name = operands ? argv[first] : NULL;
    code = talk_open(options->config, options->store, talk);
    return code == CLI_EXIT_OK ? -1 : code;
}

static int automation_list(int argc, char **argv)
{
    static const char *const columns[] = {"name", "enabled", "runs", "severity_min", NULL};
    struct automation_options options = {0};
    struct talk talk;
    struct error error;
    const char *name;
    json_t *list;
    int code = begin(&list_table, argc, argv, 0, 0, &options, &name, &talk);
    if (code >= 0)
        return code;
    int r = talk_ask(&talk, HTTP_GET, TALK_PATH("automation"), NULL, &list, &error);
    if (r == 0) {
        items_print(list, columns, options.format);
        json_decref(list);
    }
    return talk_close(&talk, r, &error);
}

static int alert_print(struct output *output, const json_t *item, struct error *error)
{
    char *text = json_dumps(item, JSON_COMPACT);
    struct alert *alert = malloc(sizeof(*alert));
    int r = text && alert ? alert_from_json(text, strlen(text), alert, error)
                          : error_set(error, -ENOMEM, "no memory for an alert");
    if (r == 0)
        r = output_alert(output, alert, error);
    free(alert);
    free(text);
    return r;
}

static int alerts_print(const struct automation_options *options, const json_t *items,
                        struct error *error)
{
    struct output *output;
    struct error ignored;
    size_t i;
    json_t *item;
    int r = output_open(options->format, options->language, stdout, &output, error);
    if (r < 0)
        return r;
    json_array_foreach(items, i, item) if (r == 0) r = alert_print(output, item, error);
    int closed = output_close(output, r < 0 ? &ignored : error);
    return r < 0 ? r : closed;
}

static int trial_run(const struct talk *talk, const struct automation_options *options,
                     const char *name, struct error *error)
{
    char query[128], since[TIME_TEXT_MAX];
    json_t *trial;
    time_format(options->since_ns, since);
    snprintf(query, sizeof(query), "since=%s&limit=%" PRIu64, since, options->limit);
    int r = talk_ask_query(talk, TALK_PATH("automation", name, "test"), query, &trial, error);
    if (r < 0)
        return r;
    r = alerts_print(options, json_object_get(trial, "items"), error);
    if (r == 0)
        log_info("%s would have run for %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT
                 " alerts",
                 name, json_integer_value(json_object_get(trial, "matched")),
                 json_integer_value(json_object_get(trial, "looked_at")));
    json_decref(trial);
    return r;
}

static int automation_test(int argc, char **argv)
{
    struct automation_options options = {.since_ns = clock_now_ns() - 7 * 24 * 3600 * NS_PER_S,
                                         .limit = TRIED_SHOWN};
    struct talk talk;
    struct error error;
    const char *name;
    int code = begin(&test_table, argc, argv, 1, 1, &options, &name, &talk);
    if (code >= 0)
        return code;
    return talk_close(&talk, trial_run(&talk, &options, name, &error), &error);
}

static int automation_runs(int argc, char **argv)
{
    struct automation_options options = {.limit = 100};
    struct talk talk;
    struct error error;
    struct buf query;
    const char *name;
    int code = begin(&runs_table, argc, argv, 0, 1, &options, &name, &talk);
    if (code >= 0)
        return code;
    buf_init(&query, API_QUERY_MAX);
    buf_text(&query, "&kind=automation");
    if (name) {
        buf_text(&query, "&origin=");
        client_segment(&query, name);
    }
    int r = respond_deliveries_print(&talk, query.data, options.limit, options.format, &error);
    buf_done(&query);
    return talk_close(&talk, r, &error);
}

static const struct action actions[] = {
    {"list", automation_list, &list_table},
    {"test", automation_test, &test_table},
    {"runs", automation_runs, &runs_table},
};

int command_automation(int argc, char **argv)
{
    return actions_run(actions, COUNT(actions), argc, argv);
}
