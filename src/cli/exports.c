/* exports.c - `dnsvigil export`: how exports stand, a try of their targets, what they send again
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log.h"
#include "cli/account.h"
#include "cli/actions.h"
#include "cli/cli.h"
#include "cli/items.h"
#include "cli/talk.h"
#include "export/dialect.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct exports_options {
    const char *config;
    const char *store;
    enum output_format format;
    int64_t since_ns;
    uint64_t limit;
};

#define PLACE                                                                                      \
    OPTION_STORE(struct exports_options, store), OPTION_CONFIG(struct exports_options, config)

static const struct option_row list_rows[] = {
    OPTION_FORMAT(struct exports_options, format),
    PLACE,
};

static const struct option_row dialects_rows[] = {
    OPTION_FORMAT(struct exports_options, format),
};

static const struct option_row dead_rows[] = {
    {"limit", 'n', "NUMBER", "at most so many; default: 50", option_count,
     offsetof(struct exports_options, limit)},
    OPTION_FORMAT(struct exports_options, format),
    PLACE,
};

static const struct option_row backfill_rows[] = {
    {"since", 0, "TIME", "alerts that ended then or later: a date, a time, or an age as in 7d",
     option_time, offsetof(struct exports_options, since_ns)},
    PLACE,
};

static const struct option_row plain_rows[] = {PLACE};

#define TABLE(name, rows_of, arguments_text, summary_text)                                         \
    static const struct option_table name##_table = {                                              \
        .command = "export " #name,                                                                \
        .arguments = arguments_text,                                                               \
        .summary = summary_text,                                                                   \
        .rows = rows_of,                                                                           \
        .count = sizeof(rows_of) / sizeof((rows_of)[0]),                                           \
    }

TABLE(list, list_rows, "[OPTION]...",
      "Tells how exports stand: what their targets have, what waits, what was refused.");
TABLE(dialects, dialects_rows, "[OPTION]...", "Lists the dialects that alerts can be written in.");
TABLE(test, plain_rows, "[OPTION]... NAME",
      "Sends one sample alert to the target of an export and prints what it answered.");
TABLE(backfill, backfill_rows, "[OPTION]... NAME",
      "Has an export send alerts that were there before it, all or those since a time.");
TABLE(snapshot, plain_rows, "[OPTION]... NAME",
      "Has an export send all alerts as they are now, once.");
TABLE(dead, dead_rows, "[OPTION]... NAME",
      "Lists what the target of an export refused for good, and why.");
TABLE(redrive, plain_rows, "[OPTION]... NAME",
      "Has an export send once more what its target refused.");
TABLE(forget, plain_rows, "[OPTION]... NAME",
      "Forgets an export that is no longer configured: its place, and what its target refused.");
TABLE(validate, plain_rows, "[OPTION]... FILE|-",
      "Tells whether sets of rules, as JSON, make sense.");

/* Parses options and, where `ret_operand` is not NULL, one operand. -1 to go on. */
static int arguments_read(const struct option_table *table, int argc, char **argv,
                          struct exports_options *options, const char **ret_operand)
{
    int first, code, wanted = ret_operand ? 1 : 0;
    if (!options_parse(table, argc, argv, options, &first, &code))
        return code;
    if (argc - first > wanted)
        return options_usage_error(table, "\"%s\" is too much", argv[first + wanted]);
    if (argc - first < wanted)
        return options_usage_error(table, "it takes one operand: %s",
                                   strrchr(table->arguments, ' ') + 1);
    if (wanted)
        *ret_operand = argv[first];
    return -1;
}

/* As account_call(). */
static int ask(const struct exports_options *options, enum http_method method, const char *path,
               json_t *body, json_t **ret_json)
{
    const struct account_options where = {.config = options->config, .store = options->store};
    return account_call(&where, method, path, body, ret_json);
}

/* The same of one export: /api/v1/exports/NAME/what. */
static int ask_of(const struct exports_options *options, enum http_method method, const char *name,
                  const char *what, json_t *body, json_t **ret_json)
{
    struct buf path;
    buf_init(&path, API_QUERY_MAX);
    buf_text(&path, "/api/v1/exports/");
    client_segment(&path, name);
    buf_printf(&path, "/%s", what);
    int code = ask(options, method, path.data, body, ret_json);
    buf_done(&path);
    return code;
}

static int print_answer(int code, json_t *answer, const char *const columns[],
                        enum output_format format)
{
    if (code != CLI_EXIT_OK)
        return code;
    items_print(answer, columns, format);
    json_decref(answer);
    return CLI_EXIT_OK;
}

static int list_run(int argc, char **argv)
{
    static const char *const columns[] = {"name",        "type",    "taken", "pending",
                                          "lag_seconds", "skipped", "dead",  "dead_records",
                                          "failure",     NULL};
    struct exports_options options = {0};
    json_t *answer = NULL;
    int code = arguments_read(&list_table, argc, argv, &options, NULL);
    if (code >= 0)
        return code;
    code = ask(&options, HTTP_GET, "/api/v1/exports", NULL, &answer);
    return print_answer(code, answer, columns, options.format);
}

static int dialects_run(int argc, char **argv)
{
    static const char *const columns[] = {"dialect", "media_type", "extension", "what", NULL};
    struct exports_options options = {0};
    int code = arguments_read(&dialects_table, argc, argv, &options, NULL);
    if (code >= 0)
        return code;
    json_t *items = json_array();
    for (size_t i = 0; i < DIALECT_COUNT; i++)
        json_array_append_new(items, json_pack("{s:s, s:s, s:s, s:s}", "dialect", dialects[i].slug,
                                               "media_type", dialects[i].media_type, "extension",
                                               dialects[i].extension, "what", dialects[i].text));
    return print_answer(CLI_EXIT_OK, json_pack("{s:o}", "items", items), columns, options.format);
}

static int test_run(int argc, char **argv)
{
    struct exports_options options = {0};
    const char *name;
    json_t *answer = NULL;
    int code = arguments_read(&test_table, argc, argv, &options, &name);
    if (code >= 0)
        return code;
    code = ask_of(&options, HTTP_POST, name, "test", NULL, &answer);
    if (code != CLI_EXIT_OK)
        return code;
    bool taken = json_is_true(json_object_get(answer, "taken"));
    printf("%s: %s\n", taken ? "taken" : "not taken",
           json_string_value(json_object_get(answer, "answer")));
    json_decref(answer);
    return taken ? CLI_EXIT_OK : CLI_EXIT_FAILED;
}

static int dead_run(int argc, char **argv)
{
    static const char *const columns[] = {"time", "alert", "revision", "reason", NULL};
    struct exports_options options = {.limit = API_ITEMS_MAX};
    struct error error;
    struct talk talk;
    const char *name;
    int code = arguments_read(&dead_table, argc, argv, &options, &name);
    if (code >= 0)
        return code;
    code = talk_open(options.config, options.store, &talk);
    if (code != CLI_EXIT_OK)
        return code;
    int r = talk_print(&talk, TALK_PATH("exports", name, "dead"), "", options.limit, columns,
                       options.format, &error);
    return talk_close(&talk, r, &error);
}

/* Asks for work that the running program does, now or when it runs again. */
static int job_ask(const struct exports_options *options, const char *name, const char *what,
                   json_t *body)
{
    int code = ask_of(options, HTTP_POST, name, what, body, NULL);
    if (code == CLI_EXIT_OK)
        printf("%s: it is sent by `dnsvigil run`; `dnsvigil export list` tells how far it is\n",
               name);
    return code;
}

static int backfill_run(int argc, char **argv)
{
    struct exports_options options = {0};
    char since[TIME_TEXT_MAX];
    const char *name;
    int code = arguments_read(&backfill_table, argc, argv, &options, &name);
    if (code >= 0)
        return code;
    json_t *body = json_object();
    if (options.since_ns) {
        time_format(options.since_ns, since);
        json_object_set_new(body, "since", json_string(since));
    }
    return job_ask(&options, name, "backfill", body);
}

static int plain_job_run(const struct option_table *table, const char *what, int argc, char **argv)
{
    struct exports_options options = {0};
    const char *name;
    int code = arguments_read(table, argc, argv, &options, &name);
    return code >= 0 ? code : job_ask(&options, name, what, NULL);
}

static int snapshot_run(int argc, char **argv)
{
    return plain_job_run(&snapshot_table, "snapshot", argc, argv);
}

static int redrive_run(int argc, char **argv)
{
    return plain_job_run(&redrive_table, "redrive", argc, argv);
}

static int forget_run(int argc, char **argv)
{
    struct exports_options options = {0};
    struct error error;
    struct talk talk;
    const char *name;
    int code = arguments_read(&forget_table, argc, argv, &options, &name);
    if (code >= 0)
        return code;
    code = talk_open(options.config, options.store, &talk);
    if (code != CLI_EXIT_OK)
        return code;
    int r = talk_ask(&talk, HTTP_DELETE, TALK_PATH("exports", name), NULL, NULL, &error);
    return talk_close(&talk, r, &error);
}

/* The JSON of the file, or of standard input for "-"; NULL after a message. */
static json_t *sets_read(const char *path)
{
    json_error_t why;
    json_t *sets =
        strcmp(path, "-") == 0 ? json_loadf(stdin, 0, &why) : json_load_file(path, 0, &why);
    if (!sets)
        log_error("%s: %s", path, why.text);
    return sets;
}

static int validate_run(int argc, char **argv)
{
    struct exports_options options = {0};
    const char *path;
    json_t *answer = NULL;
    int code = arguments_read(&validate_table, argc, argv, &options, &path);
    if (code >= 0)
        return code;
    json_t *sets = sets_read(path);
    if (!sets)
        return CLI_EXIT_FAILED;
    code = ask(&options, HTTP_POST, "/api/v1/exports/validate",
               json_pack("{s:o}", "ruleSets", sets), &answer);
    if (code != CLI_EXIT_OK)
        return code;
    bool valid = json_is_true(json_object_get(answer, "isValid"));
    const char *message = json_string_value(json_object_get(answer, "message"));
    printf("%s%s\n", valid ? "valid" : "not valid: ", !valid && message ? message : "");
    json_decref(answer);
    return valid ? CLI_EXIT_OK : CLI_EXIT_FAILED;
}

int command_export(int argc, char **argv)
{
    static const struct action actions[] = {
        {"list", list_run, &list_table},
        {"dialects", dialects_run, &dialects_table},
        {"test", test_run, &test_table},
        {"backfill", backfill_run, &backfill_table},
        {"snapshot", snapshot_run, &snapshot_table},
        {"dead", dead_run, &dead_table},
        {"redrive", redrive_run, &redrive_table},
        {"forget", forget_run, &forget_table},
        {"validate", validate_run, &validate_table},
    };
    return actions_run(actions, sizeof(actions) / sizeof(actions[0]), argc, argv);
}
