/* respond_contact.c - `dnsvigil respond ask|answer`: the owner of a machine is asked about an alert
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/respond.h"
#include "cli/respond_deliveries.h"
#include "cli/talk.h"

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

static int ask(const struct talk *talk, const char *alert, const char *address, struct error *error)
{
    json_t *body = json_object();
    if (address)
        json_object_set_new(body, "address", json_string(address));
    return talk_ask(talk, HTTP_POST, TALK_PATH("alerts", alert, "inquiries"), body, NULL, error);
}

int respond_ask(int argc, char **argv)
{
    struct contact_options options = {0};
    struct talk talk;
    struct error error;
    int first, code;
    if (!options_parse(&respond_ask_table, argc, argv, &options, &first, &code))
        return code;
    if (first + 1 != argc)
        return options_usage_error(&respond_ask_table, "one alert is expected");
    code = talk_open(options.config, options.store, &talk);
    if (code != CLI_EXIT_OK)
        return code;
    int r = ask(&talk, argv[first], options.address, &error);
    bool here = !client_is_remote(talk.client);
    code = talk_close(&talk, r, &error);
    return r == 0 && here ? respond_deliveries_send(options.config, options.store) : code;
}

int respond_answer(int argc, char **argv)
{
    struct contact_options options = {.comment = ""};
    struct talk talk;
    struct error error;
    int first, code;
    if (!options_parse(&respond_answer_table, argc, argv, &options, &first, &code))
        return code;
    if (first + 2 != argc)
        return options_usage_error(&respond_answer_table, "an alert and an answer are expected");
    code = talk_open(options.config, options.store, &talk);
    if (code != CLI_EXIT_OK)
        return code;
    json_t *body = json_pack("{ss, ss}", "answer", argv[first + 1], "comment", options.comment);
    int r =
        talk_ask(&talk, HTTP_POST, TALK_PATH("alerts", argv[first], "answer"), body, NULL, &error);
    return talk_close(&talk, r, &error);
}
