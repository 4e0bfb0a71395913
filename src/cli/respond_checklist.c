/* respond_checklist.c - `dnsvigil respond checklist`: what was done about an alert, and what was
 * not
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/json.h"
#include "cli/cli.h"
#include "cli/page.h"
#include "cli/respond.h"
#include "store/checklist.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 1 << 16 };

struct checklist_options {
    const char *config;
    const char *store;
    const char *note;
    enum output_format format;
    enum language language;
};

static const struct option_row rows[] = {
    {"note", 'm', "TEXT", "a remark to keep with it", option_text,
     offsetof(struct checklist_options, note)},
    OPTION_FORMAT(struct checklist_options, format),
    OPTION_LANGUAGE(struct checklist_options, language),
    OPTION_STORE(struct checklist_options, store),
    OPTION_CONFIG(struct checklist_options, config),
};

const struct option_table respond_checklist_table = {
    .command = "respond checklist",
    .arguments = "[OPTION]... ALERT [ACTION STATE]",
    .summary = "Shows how far the five actions against a compromised machine have come, or sets "
               "one. Actions: isolate, scan, review_software, restore, recommendations. States: "
               "to_do, done, not_applicable.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
    .notes = "Example:\n  dnsvigil respond checklist 4c1f09ab scan done -m \"found nothing\"",
};

struct setting {
    const char *alert_id;
    int action;
    int state;
    const char *actor;
    const char *note;
};

/* A store_write_fn. */
static int setting_write(void *arg, struct store *store, struct error *error)
{
    const struct setting *setting = arg;
    return checklist_set(store, setting->alert_id, (enum response_action)setting->action,
                         (enum action_state)setting->state, setting->actor, setting->note, error);
}

static int action_parse(const char *text)
{
    for (int i = 0; i < RESPONSE_ACTION_COUNT; i++)
        if (strcmp(text, response_actions[i].slug) == 0)
            return i;
    return -1;
}

static void print_json(const struct checklist_row *list)
{
    struct buf line;
    struct json json = json_writer(&line);
    buf_init(&line, LINE_MAX_BYTES);
    json_array_begin(&json);
    for (int i = 0; i < RESPONSE_ACTION_COUNT; i++) {
        char time[TIME_TEXT_MAX] = "";
        if (list[i].at_ns)
            time_format(list[i].at_ns, time);
        json_object_begin(&json);
        json_pair(&json, "slug", response_actions[i].slug);
        json_pair(&json, "state", action_states[list[i].state]);
        json_pair_opt(&json, "by", list[i].by);
        json_pair_opt(&json, "at", time);
        json_pair_opt(&json, "note", list[i].note);
        json_object_end(&json);
    }
    json_array_end(&json);
    puts(line.data);
    buf_done(&line);
}

static void print_page(const struct checklist_row *list, enum language language)
{
    struct page page = page_on(stdout);
    for (int i = 0; i < RESPONSE_ACTION_COUNT; i++) {
        char text[ALERT_TEXT_MAX + 256];
        char time[TIME_TEXT_MAX] = "";
        if (list[i].at_ns)
            time_format(list[i].at_ns, time);
        page_heading(&page, response_actions[i].text[language]);
        snprintf(text, sizeof(text), "%s: %s%s%s%s%s", response_actions[i].slug,
                 action_states[list[i].state], list[i].by[0] ? " by " : "", list[i].by,
                 time[0] ? " at " : "", time);
        page_paragraph(&page, 2, "", text);
        page_paragraph(&page, 2, "", list[i].note);
    }
}

static int print(const struct respond *respond, const struct checklist_options *options,
                 const char *alert_id, struct error *error)
{
    struct checklist_row list[RESPONSE_ACTION_COUNT];
    int r = checklist_get(respond->store, alert_id, list, error);
    if (r < 0)
        return r;
    if (output_format_for(options->format, stdout) == OUTPUT_JSON)
        print_json(list);
    else
        print_page(list, options->language);
    return 0;
}

int respond_checklist(int argc, char **argv)
{
    struct checklist_options options = {.note = ""};
    struct setting setting = {0};
    struct respond respond;
    struct error error;
    char id[ALERT_ID_MAX];
    int first, code;
    if (!options_parse(&respond_checklist_table, argc, argv, &options, &first, &code))
        return code;
    int count = argc - first;
    if (count != 1 && count != 3)
        return options_usage_error(&respond_checklist_table,
                                   "an alert is expected, or an alert, an action and a state");
    setting.action = count == 3 ? action_parse(argv[first + 1]) : 0;
    setting.state = count == 3 ? action_state_parse(argv[first + 2]) : 0;
    if (setting.action < 0 || setting.state < 0)
        return options_usage_error(&respond_checklist_table, "there is no %s \"%s\"",
                                   setting.action < 0 ? "action" : "state",
                                   argv[first + (setting.action < 0 ? 1 : 2)]);
    code = respond_open(options.config, options.store, count == 3 ? STORE_WRITE : STORE_READ,
                        &respond);
    if (code != CLI_EXIT_OK)
        return code;
    int r = respond_alert_id(&respond, argv[first], id, &error);
    setting.alert_id = id;
    setting.actor = respond.actor;
    setting.note = options.note;
    if (r == 0 && count == 3)
        r = respond.writer.write(respond.writer.arg, setting_write, &setting, &error);
    if (r == 0)
        r = print(&respond, &options, id, &error);
    return respond_close(&respond, r, &error);
}
