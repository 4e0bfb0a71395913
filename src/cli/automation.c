/* automation.c - `dnsvigil automation`: lists the rules, tries one on stored alerts, shows its runs
 * SPDX-License-Identifier: Apache-2.0 */
#include "respond/automation.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/actions.h"
#include "cli/cli.h"
#include "cli/respond_deliveries.h"

#include <errno.h>
#include <stdio.h>

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
                 struct respond *respond)
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
    code = respond_open(options->config, options->store, STORE_READ, respond);
    return code == CLI_EXIT_OK ? -1 : code;
}

static int automation_list(int argc, char **argv)
{
    struct automation_options options = {0};
    struct respond respond;
    struct error error;
    const char *name;
    int code = begin(&list_table, argc, argv, 0, 0, &options, &name, &respond);
    if (code >= 0)
        return code;
    for (uint32_t i = 0; i < respond.config->automation.count; i++) {
        const struct config_automation *rule = &respond.config->automation.items[i];
        printf("%-20s %-8s %s\n", rule->name, rule->enabled ? "enabled" : "disabled",
               rule->command.count ? rule->command.items[0].text : "webhook");
    }
    return respond_close(&respond, 0, &error);
}

struct trial {
    const struct config_automation *rule;
    struct output *output;
    uint64_t shown_max;
    uint64_t looked_at;
    uint64_t matched;
};

static int trial_add(void *context, const struct alert *alert, struct error *error)
{
    struct trial *trial = context;
    trial->looked_at++;
    if (!automation_matches(trial->rule, alert))
        return 0;
    return trial->matched++ < trial->shown_max ? output_alert(trial->output, alert, error) : 0;
}

static int trial_run(const struct respond *respond, const struct automation_options *options,
                     const char *name, struct error *error)
{
    struct trial trial = {.rule = automation_find(respond->config, name),
                          .shown_max = options->limit};
    const struct store_filter filter = {.since_ns = options->since_ns};
    if (!trial.rule)
        return error_set(error, -ENOENT, "there is no automation rule \"%s\"", name);
    int r = output_open(options->format, options->language, stdout, &trial.output, error);
    if (r < 0)
        return r;
    r = store_list(respond->store, &filter, trial_add, &trial, error);
    struct error ignored;
    int closed = output_close(trial.output, r < 0 ? &ignored : error);
    if (r == 0)
        log_info("%s would have run for %llu of %llu alerts", name,
                 (unsigned long long)trial.matched, (unsigned long long)trial.looked_at);
    return r < 0 ? r : closed;
}

static int automation_test(int argc, char **argv)
{
    struct automation_options options = {.since_ns = clock_now_ns() - 7 * 24 * 3600 * NS_PER_S,
                                         .limit = TRIED_SHOWN};
    struct respond respond;
    struct error error;
    const char *name;
    int code = begin(&test_table, argc, argv, 1, 1, &options, &name, &respond);
    if (code >= 0)
        return code;
    return respond_close(&respond, trial_run(&respond, &options, name, &error), &error);
}

static int automation_runs(int argc, char **argv)
{
    struct automation_options options = {.limit = 100};
    struct respond respond;
    struct error error;
    const char *name;
    int code = begin(&runs_table, argc, argv, 0, 1, &options, &name, &respond);
    if (code >= 0)
        return code;
    int r = respond_deliveries_print(respond.store, 1u << DELIVERY_KIND_AUTOMATION, name,
                                     options.limit, options.format, &error);
    return respond_close(&respond, r, &error);
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
