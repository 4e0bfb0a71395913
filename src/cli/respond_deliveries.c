/* respond_deliveries.c - `dnsvigil respond deliver|deliveries`: what is sent because of alerts
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/respond_deliveries.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "cli/cli.h"
#include "outside/web.h"
#include "respond/deliver.h"
#include "store/deliveries.h"

#include <stdio.h>

enum { LINE_BYTES_MAX = 16384, STEPS_MAX = 1000 };

struct deliveries_options {
    const char *config;
    const char *store;
    uint64_t limit;
    enum output_format format;
};

static const struct option_row rows[] = {
    {"limit", 'n', "NUMBER", "at most so many; default: 100", option_count,
     offsetof(struct deliveries_options, limit)},
    OPTION_FORMAT(struct deliveries_options, format),
    OPTION_STORE(struct deliveries_options, store),
    OPTION_CONFIG(struct deliveries_options, config),
};

const struct option_table respond_deliveries_table = {
    .command = "respond deliveries",
    .arguments = "[OPTION]...",
    .summary =
        "Lists mails, requests and runs of programs, newest first, with what became of them.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
};

const struct option_table respond_deliver_table = {
    .command = "respond deliver",
    .arguments = "[OPTION]...",
    .summary = "Sends and runs what is due now, for whom `dnsvigil run` does not do it.",
    .rows = rows + 2,
    .count = 2,
};

static void text_print(const struct delivery *delivery, struct buf *line)
{
    char time[TIME_TEXT_MAX];
    time_format(delivery->made_ns, time);
    buf_printf(line, "%s  %-10s %-8s %-8s ", time, delivery_kind_slugs[delivery->kind],
               delivery_channel_slugs[delivery->channel], delivery_state_slugs[delivery->state]);
    utf8_append_visible(line, delivery->target);
    buf_printf(line, "  %s  x%u  ", delivery->object, delivery->attempts);
    utf8_append_visible(line, delivery->result);
}

static void json_print(const struct delivery *delivery, struct buf *line)
{
    struct json json = json_writer(line);
    char time[TIME_TEXT_MAX];
    time_format(delivery->made_ns, time);
    json_object_begin(&json);
    json_pair_int(&json, "seq", (int64_t)delivery->seq);
    json_pair(&json, "time", time);
    json_pair(&json, "kind", delivery_kind_slugs[delivery->kind]);
    json_pair(&json, "channel", delivery_channel_slugs[delivery->channel]);
    json_pair(&json, "state", delivery_state_slugs[delivery->state]);
    json_pair_opt(&json, "origin", delivery->origin);
    json_pair_opt(&json, "target", delivery->target);
    json_pair(&json, "object", delivery->object);
    json_pair_int(&json, "attempts", delivery->attempts);
    json_pair_opt(&json, "result", delivery->result);
    json_object_end(&json);
}

static int delivery_print(void *context, const struct delivery *delivery, struct error *error)
{
    const enum output_format *format = context;
    struct buf line;
    (void)error;
    buf_init(&line, LINE_BYTES_MAX);
    if (*format == OUTPUT_JSON)
        json_print(delivery, &line);
    else
        text_print(delivery, &line);
    puts(line.data);
    buf_done(&line);
    return 0;
}

int respond_deliveries_print(struct store *store, uint32_t kinds, const char *origin,
                             uint64_t limit, enum output_format format, struct error *error)
{
    format = output_format_for(format, stdout);
    const struct delivery_filter filter = {.kinds = kinds, .origin = origin, .limit = limit};
    return deliveries_list(store, &filter, delivery_print, &format, error);
}

int respond_deliveries_send(const struct respond *respond, struct error *error)
{
    struct deliver deliver = {.config = respond->config,
                              .read = respond->store,
                              .writer = respond->writer,
                              .jobs = job_runner_direct()};
    struct deliver_result result = {0}, sum = {0};
    int r = 0;
    web_init();
    for (unsigned i = 0; i < STEPS_MAX; i++) {
        r = deliver_step(&deliver, clock_now_ns(), &result, error);
        if (r < 0 || result.changes + result.sent + result.failed + result.dead == 0)
            break;
        sum.sent += result.sent;
        sum.failed += result.failed;
        sum.dead += result.dead;
    }
    if (r == 0)
        log_info("%u sent, %u to be tried again, %u given up%s", sum.sent, sum.failed, sum.dead,
                 sum.failed + sum.dead ? "; `dnsvigil respond deliveries` says why" : "");
    return r;
}

int respond_deliveries(int argc, char **argv)
{
    struct deliveries_options options = {.limit = 100};
    struct respond respond;
    struct error error;
    int first, code;
    if (!options_parse(&respond_deliveries_table, argc, argv, &options, &first, &code))
        return code;
    if (first < argc)
        return options_usage_error(&respond_deliveries_table, "\"%s\" is too much", argv[first]);
    code = respond_open(options.config, options.store, STORE_READ, &respond);
    if (code != CLI_EXIT_OK)
        return code;
    int r =
        respond_deliveries_print(respond.store, ~0u, NULL, options.limit, options.format, &error);
    return respond_close(&respond, r, &error);
}

int respond_deliver(int argc, char **argv)
{
    struct deliveries_options options = {0};
    struct respond respond;
    struct error error;
    int first, code;
    if (!options_parse(&respond_deliver_table, argc, argv, &options, &first, &code))
        return code;
    if (first < argc)
        return options_usage_error(&respond_deliver_table, "\"%s\" is too much", argv[first]);
    code = respond_open(options.config, options.store, STORE_WRITE, &respond);
    if (code != CLI_EXIT_OK)
        return code;
    int r = respond_deliveries_send(&respond, &error);
    return respond_close(&respond, r, &error);
}
