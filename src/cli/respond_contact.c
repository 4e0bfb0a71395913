/* respond_contact.c - `dnsvigil respond ask|answer`: the owner of a machine is asked about an alert
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "cli/cli.h"
#include "cli/respond.h"
#include "cli/respond_deliveries.h"
#include "respond/contact.h"

#include <errno.h>
#include <stdlib.h>

struct contact_options {
    const char *config;
    const char *store;
    const char *address;
    const char *comment;
};

static const struct option_row ask_rows[] = {
    {"address", 'a', "ADDRESS", "ask there, instead of where the inventory says", option_text,
     offsetof(struct contact_options, address)},
    OPTION_STORE(struct contact_options, store),
    OPTION_CONFIG(struct contact_options, config),
};

static const struct option_row answer_rows[] = {
    {"comment", 'm', "TEXT", "how the answer came", option_text,
     offsetof(struct contact_options, comment)},
    OPTION_STORE(struct contact_options, store),
    OPTION_CONFIG(struct contact_options, config),
};

const struct option_table respond_ask_table = {
    .command = "respond ask",
    .arguments = "[OPTION]... ALERT",
    .summary = "Asks the owner of an alert's machine, by mail or webhook, whether the activity was "
               "expected. The mail has links to answer with.",
    .rows = ask_rows,
    .count = sizeof(ask_rows) / sizeof(*ask_rows),
};

const struct option_table respond_answer_table = {
    .command = "respond answer",
    .arguments = "[OPTION]... ALERT expected|not_expected|not_mine",
    .summary = "Records what the owner said. expected dismisses the alert as expected activity; "
               "not_expected marks the machine as potentially compromised; not_mine leaves the "
               "alert to you.",
    .rows = answer_rows,
    .count = sizeof(answer_rows) / sizeof(*answer_rows),
};

static int ask(const struct respond *respond, const char *given, const char *address,
               struct error *error)
{
    struct alert *alert = malloc(sizeof(*alert));
    if (!alert)
        return error_set(error, -ENOMEM, "no memory for an alert");
    int r = store_get(respond->store, given, alert, error);
    if (r == 0)
        r = contact_ask(respond->config, &respond->writer, alert, address, respond->actor,
                        clock_now_ns(), error);
    free(alert);
    return r == 0 ? respond_deliveries_send(respond, error) : r;
}

int respond_ask(int argc, char **argv)
{
    struct contact_options options = {0};
    struct respond respond;
    struct error error;
    int first, code;
    if (!options_parse(&respond_ask_table, argc, argv, &options, &first, &code))
        return code;
    if (first + 1 != argc)
        return options_usage_error(&respond_ask_table, "one alert is expected");
    code = respond_open(options.config, options.store, STORE_WRITE, &respond);
    if (code != CLI_EXIT_OK)
        return code;
    int r = ask(&respond, argv[first], options.address, &error);
    return respond_close(&respond, r, &error);
}

int respond_answer(int argc, char **argv)
{
    struct contact_options options = {.comment = ""};
    struct respond respond;
    struct error error;
    char id[ALERT_ID_MAX];
    int first, code;
    if (!options_parse(&respond_answer_table, argc, argv, &options, &first, &code))
        return code;
    if (first + 2 != argc)
        return options_usage_error(&respond_answer_table, "an alert and an answer are expected");
    int answer = contact_parse(argv[first + 1]);
    if (answer != CONTACT_EXPECTED && answer != CONTACT_NOT_EXPECTED && answer != CONTACT_NOT_MINE)
        return options_usage_error(&respond_answer_table, "there is no answer \"%s\"",
                                   argv[first + 1]);
    code = respond_open(options.config, options.store, STORE_WRITE, &respond);
    if (code != CLI_EXIT_OK)
        return code;
    int r = respond_alert_id(&respond, argv[first], id, &error);
    if (r == 0)
        r = contact_record(&respond.writer, id, (enum contact)answer, respond.actor,
                           options.comment, clock_now_ns(), &error);
    return respond_close(&respond, r, &error);
}
