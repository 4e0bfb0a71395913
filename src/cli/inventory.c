/* inventory.c - `dnsvigil inventory`: machines that alerts are about, and what is known of them
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/actions.h"
#include "cli/cli.h"
#include "cli/items.h"
#include "cli/selection.h"
#include "cli/talk.h"

#include <inttypes.h>
#include <stdio.h>

enum { MACHINES_SHOWN = 50, QUERY_MAX_BYTES = API_QUERY_MAX };

struct inventory_options {
    const char *config;
    const char *store;
    enum output_format format;
    struct selection selection;
    uint64_t limit;
};

static const struct option_row list_rows[] = {
#define FILTER(...) SELECTION_ROW(struct inventory_options, selection, __VA_ARGS__),
#include "store/filters.def"
#undef FILTER
    {"limit", 'n', "NUMBER", "at most so many; default: 50, and 200 at most", option_count,
     offsetof(struct inventory_options, limit)},
    OPTION_FORMAT(struct inventory_options, format),
    OPTION_STORE(struct inventory_options, store),
    OPTION_CONFIG(struct inventory_options, config),
};

static const struct option_row show_rows[] = {
    OPTION_STORE(struct inventory_options, store),
    OPTION_CONFIG(struct inventory_options, config),
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct option_table list_table = {
    .command = "inventory list",
    .arguments = "[OPTION]...",
    .summary = "Lists machines with alerts, those with most first: who they are, how many alerts "
               "there are, how grave. The options choose the alerts that count.",
    .rows = list_rows,
    .count = COUNT(list_rows),
};

static const struct option_table show_table = {
    .command = "inventory show",
    .arguments = "[OPTION]... ADDRESS",
    .summary = "Shows what is known of a machine, and its alerts by type, severity and status.",
    .rows = show_rows,
    .count = COUNT(show_rows),
};

/* "limit=50&type=dark_web": the filters as a query. */
static void query_write(const struct inventory_options *options, struct buf *query)
{
    buf_printf(query, "limit=%" PRIu64, options->limit ? options->limit : MACHINES_SHOWN);
    for (unsigned i = 0; i < FILTER_COUNT; i++) {
        const char *text = options->selection.texts[i];
        if (!text)
            continue;
        buf_char(query, '&');
        for (const char *c = filter_rows[i].name; *c; c++) /* options have '-' for '_' */
            buf_char(query, *c == '-' ? '_' : *c);
        buf_char(query, '=');
        client_segment(query, text);
    }
}

static int inventory_list(int argc, char **argv)
{
    static const char *const columns[] = {"ip", "name", "owner", "alerts", "severity", NULL};
    struct inventory_options options = {0};
    struct talk talk;
    struct error error;
    struct buf query;
    json_t *answer;
    int first, code;
    if (!options_parse(&list_table, argc, argv, &options, &first, &code))
        return code;
    if (first < argc)
        return options_usage_error(&list_table, "\"%s\" is too much", argv[first]);
    code = talk_open(options.config, options.store, &talk);
    if (code != CLI_EXIT_OK)
        return code;
    buf_init(&query, QUERY_MAX_BYTES);
    query_write(&options, &query);
    int r = talk_ask_query(&talk, TALK_PATH("inventory"), query.data, &answer, &error);
    buf_done(&query);
    if (r == 0) {
        items_print(answer, columns, options.format);
        json_decref(answer);
    }
    return talk_close(&talk, r, &error);
}

static int inventory_show(int argc, char **argv)
{
    struct inventory_options options = {0};
    struct talk talk;
    struct error error;
    json_t *machine;
    int first, code;
    if (!options_parse(&show_table, argc, argv, &options, &first, &code))
        return code;
    if (first + 1 != argc)
        return options_usage_error(&show_table, "give one address");
    code = talk_open(options.config, options.store, &talk);
    if (code != CLI_EXIT_OK)
        return code;
    int r = talk_ask(&talk, HTTP_GET, TALK_PATH("inventory", argv[first]), NULL, &machine, &error);
    if (r == 0) {
        json_dumpf(machine, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(machine);
    }
    return talk_close(&talk, r, &error);
}

static const struct action actions[] = {
    {"list", inventory_list, &list_table},
    {"show", inventory_show, &show_table},
};

int command_inventory(int argc, char **argv)
{
    return actions_run(actions, COUNT(actions), argc, argv);
}
