/* tokens.c - `dnsvigil tokens`: secrets by which programs ask in the name of a user
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/account.h"

#include "cli/actions.h"
#include "cli/cli.h"
#include "cli/items.h"

#include <stdio.h>
#include <stdlib.h>

enum { DAYS = 90 };

static const struct option_row list_rows[] = {
    OPTION_FORMAT(struct account_options, format),
    ACCOUNT_OPTIONS_COMMON,
};

static const struct option_row add_rows[] = {
    {"owner", 'u', "NAME", "the user in whose name it asks", option_text,
     offsetof(struct account_options, owner)},
    {"role", 'r', "ROLE", "viewer, analyst or admin; at most the owner's; default: viewer",
     option_text, offsetof(struct account_options, role)},
    {"days", 0, "NUMBER", "after so many days it has expired; default: 90", option_count,
     offsetof(struct account_options, days)},
    ACCOUNT_OPTIONS_COMMON,
};

static const struct option_row remove_rows[] = {ACCOUNT_OPTIONS_COMMON};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct option_table list_table = {
    .command = "tokens list",
    .arguments = "[OPTION]...",
    .summary = "Lists tokens: whose they are, until when they hold and when they were used last.",
    .rows = list_rows,
    .count = COUNT(list_rows),
};

static const struct option_table add_table = {
    .command = "tokens add",
    .arguments = "[OPTION]... --owner NAME TOKEN",
    .summary = "Makes a token of this name and prints its secret, which cannot be shown again.",
    .rows = add_rows,
    .count = COUNT(add_rows),
    .notes = "Example:\n"
             "  dnsvigil tokens add --owner alice --role viewer --days 30 prometheus",
};

static const struct option_table remove_table = {
    .command = "tokens remove",
    .arguments = "[OPTION]... TOKEN",
    .summary = "Revokes a token at once.",
    .rows = remove_rows,
    .count = COUNT(remove_rows),
};

static int tokens_list_run(int argc, char **argv)
{
    static const char *const columns[] = {"name",    "owner", "role", "created",
                                          "expires", "used",  NULL};
    struct account_options options = {0};
    json_t *answer;
    int first, code;
    if (!options_parse(&list_table, argc, argv, &options, &first, &code))
        return code;
    if (first < argc)
        return options_usage_error(&list_table, "it takes no operands");
    code = account_call(&options, HTTP_GET, "/api/v1/tokens", NULL, &answer);
    if (code != CLI_EXIT_OK)
        return code;
    items_print(answer, columns, options.format);
    json_decref(answer);
    return CLI_EXIT_OK;
}

static int tokens_add_run(int argc, char **argv)
{
    struct account_options options = {.role = "viewer", .days = DAYS};
    json_t *answer;
    int first, code;
    if (!options_parse(&add_table, argc, argv, &options, &first, &code))
        return code;
    if (first + 1 != argc || !options.owner)
        return options_usage_error(&add_table, "give --owner and the name of one TOKEN");
    json_t *body = json_pack("{ss, ss, ss, sI}", "name", argv[first], "owner", options.owner,
                             "role", options.role, "days", (json_int_t)options.days);
    code = account_call(&options, HTTP_POST, "/api/v1/tokens", body, &answer);
    if (code != CLI_EXIT_OK)
        return code;
    puts(json_string_value(json_object_get(answer, "token")));
    json_decref(answer);
    return CLI_EXIT_OK;
}

static int tokens_remove_run(int argc, char **argv)
{
    struct account_options options = {0};
    int first, code;
    if (!options_parse(&remove_table, argc, argv, &options, &first, &code))
        return code;
    if (first + 1 != argc)
        return options_usage_error(&remove_table,
                                   "give one TOKEN; `dnsvigil tokens list` shows them");
    char *path = account_path("tokens", argv[first]);
    code = account_call(&options, HTTP_DELETE, path, NULL, NULL);
    free(path);
    return code;
}

int command_tokens(int argc, char **argv)
{
    static const struct action actions[] = {
        {"list", tokens_list_run, &list_table},
        {"add", tokens_add_run, &add_table},
        {"remove", tokens_remove_run, &remove_table},
    };
    return actions_run(actions, COUNT(actions), argc, argv);
}
