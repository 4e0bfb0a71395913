/* respond_isolation.c - `dnsvigil respond isolate` and the actions on what was isolated
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "cli/cli.h"
#include "cli/respond.h"
#include "respond/isolation.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIFF_BYTES_MAX = 16 << 20, LINE_MAX_BYTES = 1 << 16 };

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

static int desk_open(const struct respond *respond, struct config_networks *own,
                     struct isolation_desk *ret_desk, struct error *error)
{
    *ret_desk = (struct isolation_desk){.config = respond->config,
                                        .own = own,
                                        .store = respond->store,
                                        .writer = respond->writer,
                                        .runner = job_runner_direct(),
                                        .actor = respond->actor};
    return isolation_own_addresses(own, error);
}

/* Line by line: what is in the file may be anybody's. */
static void diff_print(const struct buf *diff)
{
    struct buf visible;
    char *line = diff->data;
    buf_init(&visible, DIFF_BYTES_MAX);
    while (line && *line) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        utf8_append_visible(&visible, line);
        buf_char(&visible, '\n');
        line = end ? end + 1 : NULL;
    }
    if (visible.data)
        fputs(visible.data, stdout);
    buf_done(&visible);
}

static int preview_one(const struct isolation_desk *desk, uint64_t id, struct error *error)
{
    struct buf diff;
    buf_init(&diff, DIFF_BYTES_MAX);
    int r = isolation_preview(desk, id, &diff, error);
    if (r == 0)
        diff_print(&diff);
    buf_done(&diff);
    return r;
}

static int isolate_run(const struct isolation_desk *desk, const struct isolation_options *options,
                       const char *alert_id, struct error *error)
{
    uint64_t id;
    const struct isolation_request request = {
        .alert_id = alert_id,
        .target = options->target,
        .what = options->what,
        .hours = options->hours > UINT32_MAX ? UINT32_MAX : (uint32_t)options->hours,
        .reason = options->reason,
    };
    int r = isolation_request(desk, &request, &id, error);
    if (r == 0)
        r = preview_one(desk, id, error);
    if (r == 0 && options->apply)
        r = isolation_apply(desk, id, error);
    if (r < 0)
        return r;
    if (options->apply)
        log_info("isolation %" PRIu64 " is applied; `dnsvigil respond undo %" PRIu64 "` ends it",
                 id, id);
    else
        log_info("isolation %" PRIu64 " is proposed; `dnsvigil respond apply %" PRIu64
                 "` carries it out",
                 id, id);
    return 0;
}

int respond_isolate(int argc, char **argv)
{
    struct isolation_options options = {0};
    struct config_networks own = {0};
    struct isolation_desk desk;
    struct respond respond;
    struct error error;
    char id[ALERT_ID_MAX];
    int first, code;
    if (!options_parse(&respond_isolate_table, argc, argv, &options, &first, &code))
        return code;
    if (argc - first != 1)
        return options_usage_error(&respond_isolate_table, "one alert is expected");
    code = respond_open(options.config, options.store, STORE_WRITE, &respond);
    if (code != CLI_EXIT_OK)
        return code;
    int r = desk_open(&respond, &own, &desk, &error);
    if (r == 0)
        r = respond_alert_id(&respond, argv[first], id, &error);
    if (r == 0)
        r = isolate_run(&desk, &options, id, &error);
    free(own.items);
    return respond_close(&respond, r, &error);
}

static bool id_read(const char *text, uint64_t *ret_id)
{
    return option_count(text, ret_id) && *ret_id > 0;
}

/* Runs `one` for each number that was given. */
static int each_run(const struct option_table *table, enum store_mode mode, int argc, char **argv,
                    int (*one)(const struct isolation_desk *desk, uint64_t id, struct error *error))
{
    struct isolation_options options = {0};
    struct config_networks own = {0};
    struct isolation_desk desk;
    struct respond respond;
    struct error error;
    uint64_t id;
    int first, code;
    if (!options_parse(table, argc, argv, &options, &first, &code))
        return code;
    for (int i = first; i < argc; i++)
        if (!id_read(argv[i], &id))
            return options_usage_error(table, "\"%s\" is not the number of an isolation", argv[i]);
    if (first == argc)
        return options_usage_error(table, "the number of an isolation is expected");
    code = respond_open(options.config, options.store, mode, &respond);
    if (code != CLI_EXIT_OK)
        return code;
    int r = desk_open(&respond, &own, &desk, &error);
    for (int i = first; r == 0 && i < argc; i++) {
        id_read(argv[i], &id);
        r = one(&desk, id, &error);
    }
    free(own.items);
    return respond_close(&respond, r, &error);
}

int respond_preview(int argc, char **argv)
{
    return each_run(&respond_preview_table, STORE_READ, argc, argv, preview_one);
}

int respond_apply(int argc, char **argv)
{
    return each_run(&respond_apply_table, STORE_WRITE, argc, argv, isolation_apply);
}

int respond_undo(int argc, char **argv)
{
    return each_run(&respond_undo_table, STORE_WRITE, argc, argv, isolation_undo);
}

static void time_pair(struct json *json, const char *key, int64_t time_ns)
{
    char text[TIME_TEXT_MAX] = "";
    if (time_ns)
        time_format(time_ns, text);
    json_pair_opt(json, key, text);
}

static void isolation_json(const struct isolation *isolation)
{
    struct buf line;
    struct json json = json_writer(&line);
    buf_init(&line, LINE_MAX_BYTES);
    json_object_begin(&json);
    json_pair_int(&json, "id", (int64_t)isolation->id);
    json_pair(&json, "what", isolation->what);
    json_pair(&json, "target", isolation->target);
    json_pair(&json, "state", isolation_states[isolation->state]);
    json_pair(&json, "alert", isolation->alert_id);
    json_pair_int(&json, "hours", isolation->hours);
    json_pair(&json, "by", isolation->actor);
    json_pair_opt(&json, "reason", isolation->reason);
    json_pair_opt(&json, "failure", isolation->failure);
    time_pair(&json, "requested", isolation->requested_ns);
    time_pair(&json, "applied", isolation->applied_ns);
    time_pair(&json, "expires", isolation->expires_ns);
    time_pair(&json, "ended", isolation->ended_ns);
    json_object_end(&json);
    puts(line.data);
    buf_done(&line);
}

/* An isolation_fn; the context is the format. */
static int isolation_print(void *context, const struct isolation *isolation, struct error *error)
{
    (void)error;
    const enum output_format *format = context;
    char line[NAME_TEXT_MAX + ISOLATION_TARGET_MAX + 2 * ALERT_TEXT_MAX + 256];
    char until[TIME_TEXT_MAX] = "";
    if (*format == OUTPUT_JSON) {
        isolation_json(isolation);
        return 0;
    }
    if (isolation->state == ISOLATION_APPLIED)
        time_format(isolation->expires_ns, until);
    snprintf(line, sizeof(line), "%6" PRIu64 "  %-8s  %-16s  %s%s%s%s%s", isolation->id,
             isolation_states[isolation->state], isolation->target, isolation->what,
             until[0] ? " until " : "", until, isolation->failure[0] ? ": " : "",
             isolation->failure);
    struct buf visible;
    buf_init(&visible, LINE_MAX_BYTES);
    utf8_append_visible(&visible, line);
    puts(visible.data ? visible.data : "");
    buf_done(&visible);
    return 0;
}

int respond_isolations(int argc, char **argv)
{
    struct isolation_options options = {0};
    struct respond respond;
    struct error error;
    int first, code;
    if (!options_parse(&respond_isolations_table, argc, argv, &options, &first, &code))
        return code;
    if (first < argc)
        return options_usage_error(&respond_isolations_table, "\"%s\" is too much", argv[first]);
    code = respond_open(options.config, options.store, STORE_READ, &respond);
    if (code != CLI_EXIT_OK)
        return code;
    enum output_format format = output_format_for(options.format, stdout);
    const struct isolation_filter filter = {.states = options.all ? 0
                                                                  : 1u << ISOLATION_PROPOSED |
                                                                        1u << ISOLATION_APPLIED |
                                                                        1u << ISOLATION_FAILED};
    int r = isolations_list(respond.store, &filter, isolation_print, &format, &error);
    return respond_close(&respond, r, &error);
}

int respond_sweep(int argc, char **argv)
{
    struct isolation_options options = {0};
    struct config_networks own = {0};
    struct isolation_desk desk;
    struct respond respond;
    struct error error;
    size_t expired = 0;
    int first, code;
    if (!options_parse(&respond_sweep_table, argc, argv, &options, &first, &code))
        return code;
    if (first < argc)
        return options_usage_error(&respond_sweep_table, "\"%s\" is too much", argv[first]);
    code = respond_open(options.config, options.store, STORE_WRITE, &respond);
    if (code != CLI_EXIT_OK)
        return code;
    desk = (struct isolation_desk){.config = respond.config,
                                   .own = &own,
                                   .store = respond.store,
                                   .writer = respond.writer,
                                   .runner = job_runner_direct(),
                                   .actor = "dnsvigil"};
    int r = isolation_sweep(&desk, clock_now_ns(), &expired, &error);
    log_info("%zu isolations have expired", expired);
    return respond_close(&respond, r, &error);
}
