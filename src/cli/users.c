/* users.c - `dnsvigil users`: who may log in, and as what
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/account.h"

#include "base/log.h"
#include "cli/actions.h"
#include "cli/cli.h"
#include "cli/items.h"
#include "cli/password_ask.h"

#include <stdlib.h>
#include <string.h>

#define ROW_ROLE                                                                                   \
    {                                                                                              \
        "role", 'r', "ROLE", "viewer, analyst or admin", option_text,                              \
            offsetof(struct account_options, role)                                                 \
    }
#define ROW_PASSWORD_FILE                                                                          \
    {                                                                                              \
        "password-file", 0, "FILE", "read the password from its first line instead of asking",     \
            option_text, offsetof(struct account_options, password_file)                           \
    }

static const struct option_row list_rows[] = {
    OPTION_FORMAT(struct account_options, format),
    ACCOUNT_OPTIONS_COMMON,
};

static const struct option_row add_rows[] = {
    ROW_ROLE,
    ROW_PASSWORD_FILE,
    ACCOUNT_OPTIONS_COMMON,
};

static const struct option_row set_rows[] = {
    ROW_ROLE,
    {"password", 'p', NULL, "ask for another password", option_flag,
     offsetof(struct account_options, password)},
    ROW_PASSWORD_FILE,
    {"disable", 0, NULL, "switch him off: no login, and his tokens do not hold", option_flag,
     offsetof(struct account_options, disable)},
    {"enable", 0, NULL, "switch him on again", option_flag,
     offsetof(struct account_options, enable)},
    ACCOUNT_OPTIONS_COMMON,
};

static const struct option_row remove_rows[] = {ACCOUNT_OPTIONS_COMMON};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct option_table list_table = {
    .command = "users list",
    .arguments = "[OPTION]...",
    .summary = "Lists users with their roles.",
    .rows = list_rows,
    .count = COUNT(list_rows),
};

static const struct option_table add_table = {
    .command = "users add",
    .arguments = "[OPTION]... NAME",
    .summary = "Adds a user. The password is asked for, without being shown; the role is viewer "
               "unless --role says otherwise.",
    .rows = add_rows,
    .count = COUNT(add_rows),
    .notes = "Example:\n  dnsvigil users add alice --role admin",
};

static const struct option_table set_table = {
    .command = "users set",
    .arguments = "[OPTION]... NAME",
    .summary = "Changes role or password of a user, or switches him off or on. His sessions end, "
               "except when he may do more than before.",
    .rows = set_rows,
    .count = COUNT(set_rows),
};

static const struct option_table remove_table = {
    .command = "users remove",
    .arguments = "[OPTION]... NAME",
    .summary = "Removes a user with his sessions and tokens. What he did stays in the audit trail.",
    .rows = remove_rows,
    .count = COUNT(remove_rows),
};

static int users_list_run(int argc, char **argv)
{
    static const char *const columns[] = {"name", "role", "enabled", "created", "seen", NULL};
    struct account_options options = {0};
    json_t *answer;
    int first, code;
    if (!options_parse(&list_table, argc, argv, &options, &first, &code))
        return code;
    if (first < argc)
        return options_usage_error(&list_table, "it takes no operands");
    code = account_call(&options, HTTP_GET, "/api/v1/users", NULL, &answer);
    if (code != CLI_EXIT_OK)
        return code;
    items_print(answer, columns, options.format);
    json_decref(answer);
    return CLI_EXIT_OK;
}

static bool password_put(const struct account_options *options, json_t *body)
{
    char password[PASSWORD_MAX + 1];
    struct error error;
    if (password_ask(options->password_file, password, &error) < 0) {
        log_error("%s", error.text);
        return false;
    }
    json_object_set_new(body, "password", json_string(password));
    explicit_bzero(password, sizeof(password));
    return true;
}

/* Parses what every action on one user has; -1 to go on. */
static int one_parse(const struct option_table *table, int argc, char **argv,
                     struct account_options *options, const char **ret_name)
{
    int first, code;
    if (!options_parse(table, argc, argv, options, &first, &code))
        return code;
    if (first + 1 != argc)
        return options_usage_error(table, "give one NAME; `dnsvigil users list` shows them");
    *ret_name = argv[first];
    return -1;
}

static int users_add_run(int argc, char **argv)
{
    struct account_options options = {.role = "viewer"};
    const char *name;
    int code = one_parse(&add_table, argc, argv, &options, &name);
    if (code >= 0)
        return code;
    json_t *body = json_pack("{ss, ss}", "name", name, "role", options.role);
    if (password_put(&options, body))
        return account_call(&options, HTTP_POST, "/api/v1/users", body, NULL);
    json_decref(body);
    return CLI_EXIT_FAILED;
}

static int users_set_run(int argc, char **argv)
{
    struct account_options options = {0};
    const char *name;
    int code = one_parse(&set_table, argc, argv, &options, &name);
    if (code >= 0)
        return code;
    bool password = options.password || options.password_file;
    if (options.enable && options.disable)
        return options_usage_error(&set_table, "either --enable or --disable");
    if (!options.role && !password && !options.enable && !options.disable)
        return options_usage_error(&set_table, "say what is to change");
    json_t *body = json_object();
    if (options.role)
        json_object_set_new(body, "role", json_string(options.role));
    if (options.enable || options.disable)
        json_object_set_new(body, "enabled", json_boolean(options.enable));
    if (password && !password_put(&options, body)) {
        json_decref(body);
        return CLI_EXIT_FAILED;
    }
    char *path = account_path("users", name);
    code = account_call(&options, HTTP_PATCH, path, body, NULL);
    free(path);
    return code;
}

static int users_remove_run(int argc, char **argv)
{
    struct account_options options = {0};
    const char *name;
    int code = one_parse(&remove_table, argc, argv, &options, &name);
    if (code >= 0)
        return code;
    char *path = account_path("users", name);
    code = account_call(&options, HTTP_DELETE, path, NULL, NULL);
    free(path);
    return code;
}

int command_users(int argc, char **argv)
{
    static const struct action actions[] = {
        {"list", users_list_run, &list_table},
        {"add", users_add_run, &add_table},
        {"set", users_set_run, &set_table},
        {"remove", users_remove_run, &remove_table},
    };
    return actions_run(actions, COUNT(actions), argc, argv);
}
