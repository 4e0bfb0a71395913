/* respond_isolation.c - `dnsvigil respond isolate` and the actions on what was isolated
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "cli/cli.h"
#include "cli/respond.h"
#include "cli/talk.h"
#include "respond/isolation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DIFF_BYTES_MAX = 4 << 20, FAILURE_BYTES_MAX = 4096, POLL_US = 100000 };

struct isolation_options {
    const char *config;
    const char *store;
    const char *target;
    const char *what;
    const char *reason;
    uint64_t hours;
    bool apply;
    bool all;
    enum output_format format;
};

#define ROW(name, letter, argument, help, read, member)                                            \
    {                                                                                              \
        name, letter, argument, help, read, offsetof(struct isolation_options, member)             \
    }

static const struct option_row isolate_rows[] = {
    ROW("what", 'w', "WHAT",
        "instead of the alert's machine: a network (CIDR) with it, the alert's domain, or a name "
        "below that",
        option_text, what),
    ROW("target", 't', "NAME", "which of isolation.targets; needed where several can do it",
        option_text, target),
    ROW("hours", 0, "NUMBER", "how long; default: isolation.hours", option_count, hours),
    ROW("reason", 'm', "TEXT", "why, for the audit trail", option_text, reason),
    ROW("apply", 0, NULL, "do it at once, instead of only proposing it", option_flag, apply),
    OPTION_STORE(struct isolation_options, store),
    OPTION_CONFIG(struct isolation_options, config),
};

static const struct option_row id_rows[] = {
    OPTION_STORE(struct isolation_options, store),
    OPTION_CONFIG(struct isolation_options, config),
};

static const struct option_row list_rows[] = {
    ROW("all", 'a', NULL, "also those that were undone or have expired", option_flag, all),
    OPTION_FORMAT(struct isolation_options, format),
    OPTION_STORE(struct isolation_options, store),
    OPTION_CONFIG(struct isolation_options, config),
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

const struct option_table respond_isolate_table = {
    .command = "respond isolate",
    .arguments = "[OPTION]... ALERT",
    .summary = "Proposes to cut off the machine that an alert is about, or to block its domain, "
               "and shows what that would change.",
    .rows = isolate_rows,
    .count = COUNT(isolate_rows),
    .notes = "Examples:\n"
             "  dnsvigil respond isolate 4c1f09ab -m \"ransomware\"\n"
             "  dnsvigil respond isolate 4c1f09ab --what bad.example --hours 72",
};

const struct option_table respond_preview_table = {
    .command = "respond preview",
    .arguments = "[OPTION]... NUMBER",
    .summary = "Shows what applying an isolation would change in the file, or for one that is "
               "applied, what undoing it would.",
    .rows = id_rows,
    .count = COUNT(id_rows),
};

const struct option_table respond_apply_table = {
    .command = "respond apply",
    .arguments = "[OPTION]... NUMBER...",
    .summary = "Writes the file of an isolation and runs the configured command. When that fails "
               "the file becomes what it was.",
    .rows = id_rows,
    .count = COUNT(id_rows),
};

const struct option_table respond_undo_table = {
    .command = "respond undo",
    .arguments = "[OPTION]... NUMBER...",
    .summary = "Ends an isolation, or takes back a proposal.",
    .rows = id_rows,
    .count = COUNT(id_rows),
};

const struct option_table respond_isolations_table = {
    .command = "respond isolations",
    .arguments = "[OPTION]...",
    .summary = "Lists what is proposed, applied or has failed, newest first.",
    .rows = list_rows,
    .count = COUNT(list_rows),
};

const struct option_table respond_sweep_table = {
    .command = "respond sweep",
    .arguments = "[OPTION]...",
    .summary = "Ends the isolations whose time is over. The daemon does so by itself; without one, "
               "have this run every few minutes.",
    .rows = id_rows,
    .count = COUNT(id_rows),
};

/* Line by line: what is in the file may be anybody's. */
static void diff_print(const char *diff)
{
    struct buf visible;
    buf_init(&visible, DIFF_BYTES_MAX);
    while (*diff) {
        char *line = strndup(diff, strcspn(diff, "\n"));
        utf8_append_visible(&visible, line ? line : "");
        buf_char(&visible, '\n');
        diff += strcspn(diff, "\n");
        diff += *diff == '\n';
        free(line);
    }
    if (visible.data)
        fputs(visible.data, stdout);
    buf_done(&visible);
}

static int preview_one(const struct talk *talk, const char *number, struct error *error)
{
    json_t *answer;
    int r =
        talk_ask(talk, HTTP_GET, TALK_PATH("isolations", number, "preview"), NULL, &answer, error);
    if (r < 0)
        return r;
    diff_print(json_string_value(json_object_get(answer, "diff")));
    json_decref(answer);
    return 0;
}

/* Waits until it is no longer being changed. `ret_applied`: what it has come to. */
static int settle(const struct talk *talk, const char *number, bool *ret_applied,
                  struct buf *failure, struct error *error)
{
    bool busy = true;
    while (busy) {
        json_t *now;
        int r = talk_ask(talk, HTTP_GET, TALK_PATH("isolations", number), NULL, &now, error);
        if (r < 0)
            return r;
        const char *why = json_string_value(json_object_get(now, "failure"));
        busy = json_is_true(json_object_get(now, "busy"));
        *ret_applied = strcmp(json_string_value(json_object_get(now, "state")),
                              isolation_states[ISOLATION_APPLIED]) == 0;
        buf_reset(failure);
        buf_text(failure, why ? why : "it did not happen; see the log of the service");
        json_decref(now);
        if (busy)
            usleep(POLL_US);
    }
    return 0;
}

static int change_one(const struct talk *talk, const char *number, const char *what,
                      struct error *error)
{
    struct buf failure;
    bool applied = false, wanted = strcmp(what, "apply") == 0;
    buf_init(&failure, FAILURE_BYTES_MAX);
    int r = talk_ask(talk, HTTP_POST, TALK_PATH("isolations", number, what), NULL, NULL, error);
    if (r == 0)
        r = settle(talk, number, &applied, &failure, error);
    if (r == 0 && applied != wanted)
        r = error_set(error, -EIO, "isolation %s: %s", number, failure.data);
    buf_done(&failure);
    return r;
}

static int apply_one(const struct talk *talk, const char *number, struct error *error)
{
    return change_one(talk, number, "apply", error);
}

static int undo_one(const struct talk *talk, const char *number, struct error *error)
{
    return change_one(talk, number, "undo", error);
}

static json_t *request_body(const struct isolation_options *options)
{
    json_t *body = json_object();
    if (options->target)
        json_object_set_new(body, "target", json_string(options->target));
    if (options->what)
        json_object_set_new(body, "what", json_string(options->what));
    if (options->reason)
        json_object_set_new(body, "reason", json_string(options->reason));
    if (options->hours)
        json_object_set_new(body, "hours", json_integer((json_int_t)options->hours));
    return body;
}

static int propose(const struct talk *talk, const struct isolation_options *options,
                   const char *alert, char number[static 24], struct error *error)
{
    json_t *isolation;
    int r = talk_ask(talk, HTTP_POST, TALK_PATH("alerts", alert, "isolations"),
                     request_body(options), &isolation, error);
    if (r < 0)
        return r;
    snprintf(number, 24, "%" JSON_INTEGER_FORMAT,
             json_integer_value(json_object_get(isolation, "id")));
    json_decref(isolation);
    return 0;
}

static int isolate_run(const struct talk *talk, const struct isolation_options *options,
                       const char *alert, struct error *error)
{
    char number[24];
    int r = propose(talk, options, alert, number, error);
    if (r == 0)
        r = preview_one(talk, number, error);
    if (r == 0 && options->apply)
        r = apply_one(talk, number, error);
    if (r < 0)
        return r;
    if (options->apply)
        log_info("isolation %s is applied; `dnsvigil respond undo %s` ends it", number, number);
    else
        log_info("isolation %s is proposed; `dnsvigil respond apply %s` carries it out", number,
                 number);
    return 0;
}

int respond_isolate(int argc, char **argv)
{
    struct isolation_options options = {0};
    struct talk talk;
    struct error error;
    int first, code;
    if (!options_parse(&respond_isolate_table, argc, argv, &options, &first, &code))
        return code;
    if (argc - first != 1)
        return options_usage_error(&respond_isolate_table, "one alert is expected");
    code = talk_open(options.config, options.store, &talk);
    if (code != CLI_EXIT_OK)
        return code;
    int r = isolate_run(&talk, &options, argv[first], &error);
    return talk_close(&talk, r, &error);
}

static bool is_number(const char *text)
{
    uint64_t id;
    return option_count(text, &id) && id > 0;
}

/* Runs `one` for each number that was given. */
static int each_run(const struct option_table *table, int argc, char **argv,
                    int (*one)(const struct talk *talk, const char *number, struct error *error))
{
    struct isolation_options options = {0};
    struct talk talk;
    struct error error;
    int first, code, r = 0;
    if (!options_parse(table, argc, argv, &options, &first, &code))
        return code;
    for (int i = first; i < argc; i++)
        if (!is_number(argv[i]))
            return options_usage_error(table, "\"%s\" is not the number of an isolation", argv[i]);
    if (first == argc)
        return options_usage_error(table, "the number of an isolation is expected");
    code = talk_open(options.config, options.store, &talk);
    if (code != CLI_EXIT_OK)
        return code;
    for (int i = first; r == 0 && i < argc; i++)
        r = one(&talk, argv[i], &error);
    return talk_close(&talk, r, &error);
}

int respond_preview(int argc, char **argv)
{
    return each_run(&respond_preview_table, argc, argv, preview_one);
}

int respond_apply(int argc, char **argv)
{
    return each_run(&respond_apply_table, argc, argv, apply_one);
}

int respond_undo(int argc, char **argv)
{
    return each_run(&respond_undo_table, argc, argv, undo_one);
}

int respond_isolations(int argc, char **argv)
{
    static const char *const columns[] = {"id", "state",   "target",  "what",
                                          "by", "expires", "failure", NULL};
    struct isolation_options options = {0};
    struct talk talk;
    struct error error;
    int first, code;
    if (!options_parse(&respond_isolations_table, argc, argv, &options, &first, &code))
        return code;
    if (first < argc)
        return options_usage_error(&respond_isolations_table, "\"%s\" is too much", argv[first]);
    code = talk_open(options.config, options.store, &talk);
    if (code != CLI_EXIT_OK)
        return code;
    int r = talk_print(&talk, TALK_PATH("isolations"), options.all ? "" : "&open=true", UINT64_MAX,
                       columns, options.format, &error);
    return talk_close(&talk, r, &error);
}

static int sweep(const struct respond *respond, struct error *error)
{
    const struct isolation_desk desk = {.config = respond->config,
                                        .own = &(struct config_networks){0},
                                        .store = respond->store,
                                        .writer = respond->writer,
                                        .runner = job_runner_direct(),
                                        .actor = "dnsvigil"};
    size_t expired = 0;
    int r = isolation_sweep(&desk, clock_now_ns(), &expired, error);
    log_info("%zu isolations have expired", expired);
    return r;
}

int respond_sweep(int argc, char **argv)
{
    struct isolation_options options = {0};
    struct respond respond;
    struct error error;
    int first, code;
    if (!options_parse(&respond_sweep_table, argc, argv, &options, &first, &code))
        return code;
    if (first < argc)
        return options_usage_error(&respond_sweep_table, "\"%s\" is too much", argv[first]);
    if (respond_is_done(options.config, options.store, "every minute"))
        return CLI_EXIT_OK;
    code = respond_open(options.config, options.store, STORE_WRITE, &respond);
    if (code != CLI_EXIT_OK)
        return code;
    return respond_close(&respond, sweep(&respond, &error), &error);
}
