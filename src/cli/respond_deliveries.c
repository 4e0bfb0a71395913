/* respond_deliveries.c - `dnsvigil respond deliver|deliveries`: what is sent because of alerts
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/respond_deliveries.h"

#include "base/clock.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/respond.h"
#include "outside/web.h"
#include "respond/deliver.h"

enum { STEPS_MAX = 1000 };

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

int respond_deliveries_print(const struct talk *talk, const char *query, uint64_t limit,
                             enum output_format format, struct error *error)
{
    static const char *const columns[] = {"time",   "kind",     "channel", "state", "target",
                                          "object", "attempts", "result",  NULL};
    return talk_print(talk, TALK_PATH("deliveries"), query, limit, columns, format, error);
}

static int send_all(const struct config *config, struct store *store, struct error *error)
{
    struct deliver deliver = {.config = config,
                              .read = store,
                              .writer = store_writer_direct(store),
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

int respond_deliveries_send(const char *config_path, const char *store_path)
{
    struct respond respond;
    struct error error;
    int code = respond_open(config_path, store_path, STORE_WRITE, &respond);
    if (code != CLI_EXIT_OK)
        return code;
    return respond_close(&respond, send_all(respond.config, respond.store, &error), &error);
}

int respond_deliveries(int argc, char **argv)
{
    struct deliveries_options options = {.limit = 100};
    struct talk talk;
    struct error error;
    int first, code;
    if (!options_parse(&respond_deliveries_table, argc, argv, &options, &first, &code))
        return code;
    if (first < argc)
        return options_usage_error(&respond_deliveries_table, "\"%s\" is too much", argv[first]);
    code = talk_open(options.config, options.store, &talk);
    if (code != CLI_EXIT_OK)
        return code;
    int r = respond_deliveries_print(&talk, "", options.limit, options.format, &error);
    return talk_close(&talk, r, &error);
}

int respond_deliver(int argc, char **argv)
{
    struct deliveries_options options = {0};
    int first, code;
    if (!options_parse(&respond_deliver_table, argc, argv, &options, &first, &code))
        return code;
    if (first < argc)
        return options_usage_error(&respond_deliver_table, "\"%s\" is too much", argv[first]);
    if (respond_is_done(options.config, options.store, "every second"))
        return CLI_EXIT_OK;
    return respond_deliveries_send(options.config, options.store);
}
