/* respond_checklist.c - `dnsvigil respond checklist`: what was done about an alert, and what was
 * not
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/items.h"
#include "cli/page.h"
#include "cli/respond.h"
#include "cli/talk.h"

#include <stdio.h>

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

static const char *text_of(const json_t *item, const char *key)
{
    const char *text = json_string_value(json_object_get(item, key));
    return text ? text : "";
}

static void page_print(const json_t *items)
{
    struct page page = page_on(stdout);
    size_t i;
    json_t *item;
    json_array_foreach(items, i, item)
    {
        char text[ALERT_TEXT_MAX + 256];
        const char *by = text_of(item, "by"), *at = text_of(item, "at");
        page_heading(&page, text_of(item, "text"));
        snprintf(text, sizeof(text), "%s: %s%s%s%s%s", text_of(item, "slug"),
                 text_of(item, "state"), *by ? " by " : "", by, *at ? " at " : "", at);
        page_paragraph(&page, 2, "", text);
        page_paragraph(&page, 2, "", text_of(item, "note"));
    }
}

static void print(const struct checklist_options *options, const json_t *list)
{
    static const char *const columns[] = {"slug", "state", "by", "at", "note", NULL};
    if (output_format_for(options->format, stdout) == OUTPUT_TABLE)
        page_print(json_object_get(list, "items"));
    else
        items_print(list, columns, options->format);
}

/* One action is set, where one is named; what there is then is asked for in any case. */
static int ask(const struct talk *talk, const struct checklist_options *options, char **operands,
               int count, json_t **ret_list, struct error *error)
{
    int r = 0;
    if (count == 3) {
        json_t *body = json_pack("{ss, ss}", "state", operands[2], "note", options->note);
        r = talk_ask(talk, HTTP_PUT, TALK_PATH("alerts", operands[0], "checklist", operands[1]),
                     body, NULL, error);
    }
    return r < 0 ? r
                 : talk_ask_query(talk, TALK_PATH("alerts", operands[0], "checklist"),
                                  options->language == LANGUAGE_JA ? "lang=ja" : "lang=en",
                                  ret_list, error);
}

int respond_checklist(int argc, char **argv)
{
    struct checklist_options options = {.note = ""};
    struct talk talk;
    struct error error;
    json_t *list;
    int first, code;
    if (!options_parse(&respond_checklist_table, argc, argv, &options, &first, &code))
        return code;
    int count = argc - first;
    if (count != 1 && count != 3)
        return options_usage_error(&respond_checklist_table,
                                   "an alert is expected, or an alert, an action and a state");
    code = talk_open(options.config, options.store, &talk);
    if (code != CLI_EXIT_OK)
        return code;
    int r = ask(&talk, &options, argv + first, count, &list, &error);
    if (r == 0) {
        print(&options, list);
        json_decref(list);
    }
    return talk_close(&talk, r, &error);
}
