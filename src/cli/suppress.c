/* suppress.c - `dnsvigil suppress`: rules that dismiss alerts as they are stored
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log.h"
#include "cli/actions.h"
#include "cli/cli.h"
#include "cli/page.h"
#include "cli/respond.h"
#include "cli/talk.h"
#include "store/suppressions.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct suppress_options {
    const char *config;
    const char *store;
    enum output_format format;
    bool replace;
    int64_t since_ns;
    int64_t until_ns;
    const char *scope;
    int reason;
    const char *name;
    const char *comment;
    int64_t expires_ns;
    bool dry_run;
};

static bool read_scope(const char *text, void *field)
{
    *(const char **)field = text;
    return strcmp(text, "entity") == 0 || strcmp(text, "domain") == 0 || strcmp(text, "both") == 0;
}

static bool read_reason(const char *text, void *field)
{
    int reason = disposition_parse(text);
    *(int *)field = reason;
    return reason > DISPOSITION_NONE && reason != DISPOSITION_TRUE_POSITIVE;
}

static bool read_name(const char *text, void *field)
{
    *(const char **)field = text;
    return suppression_name_valid(text);
}

static bool read_expires(const char *text, void *field)
{
    return option_time(text, field) && *(int64_t *)field > clock_now_ns();
}

#define ROW(name, letter, argument, help, read, member)                                            \
    {                                                                                              \
        name, letter, argument, help, read, offsetof(struct suppress_options, member)              \
    }
#define COMMON_ROWS                                                                                \
    OPTION_STORE(struct suppress_options, store), OPTION_CONFIG(struct suppress_options, config)
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct option_row plain_rows[] = {COMMON_ROWS};

static const struct option_row list_rows[] = {
    OPTION_FORMAT(struct suppress_options, format),
    COMMON_ROWS,
};

static const struct option_row add_rows[] = {
    ROW("replace", 0, NULL, "a rule of this name is replaced; its hits stay", option_flag, replace),
    COMMON_ROWS,
};

static const struct option_row simulate_rows[] = {
    ROW("since", 0, "TIME", "only alerts that were active since then", option_time, since_ns),
    ROW("until", 0, "TIME", "only alerts that began before then", option_time, until_ns),
    OPTION_FORMAT(struct suppress_options, format),
    COMMON_ROWS,
};

static const struct option_row from_alert_rows[] = {
    ROW("scope", 0, "SCOPE",
        "alerts of this type of the same entity, domain or both; default: both", read_scope, scope),
    ROW("reason", 0, "WORD",
        "why: false-positive, benign, expected, test, duplicate or other; required", read_reason,
        reason),
    ROW("name", 0, "NAME", "the rule's name; default: made from the alert", read_name, name),
    ROW("comment", 'm', "TEXT", "a remark", option_text, comment),
    ROW("expires", 0, "TIME", "until when, such as 2030-01-31; default: for good", read_expires,
        expires_ns),
    ROW("dry-run", 0, NULL, "print the rule and keep nothing", option_flag, dry_run),
    COMMON_ROWS,
};

#define TABLE(action, operands, words, options)                                                    \
    {                                                                                              \
        .command = "suppress " action, .arguments = "[OPTION]..." operands, .summary = words,      \
        .rows = options, .count = COUNT(options)                                                   \
    }

static const struct option_table list_table =
    TABLE("list", "", "Lists suppression rules in the order in which they are tried.", list_rows);
static const struct option_table show_table = TABLE("show", " NAME", "Shows one rule.", list_rows);
static const struct option_table add_table = TABLE(
    "add", " FILE|-",
    "Keeps the rule in FILE (JSON): new alerts that it matches are stored as dismissed.", add_rows);
static const struct option_table remove_table =
    TABLE("remove", " NAME", "Removes a rule. What it dismissed stays dismissed.", plain_rows);
static const struct option_table enable_table =
    TABLE("enable", " NAME", "Lets a rule dismiss alerts again.", plain_rows);
static const struct option_table disable_table =
    TABLE("disable", " NAME", "Keeps a rule, but lets it dismiss nothing.", plain_rows);
static const struct option_table simulate_table = TABLE(
    "simulate", " FILE|-",
    "Tells which stored alerts the rule in FILE (JSON) would have dismissed. Changes nothing.",
    simulate_rows);
static const struct option_table from_alert_table =
    TABLE("from-alert", " ID", "Makes a rule for alerts like this one.", from_alert_rows);

/* Printing. */

static void rule_line(const struct suppression_entry *entry, enum suppression_state state)
{
    char expires[TIME_TEXT_MAX] = "never";
    if (entry->rule->expires_ns)
        time_format(entry->rule->expires_ns, expires);
    printf("%-30s %-9s %8" PRIu64 "  %-14s  %.10s\n", entry->rule->name,
           suppression_state_names[state], entry->hits,
           disposition_names[entry->rule->reason][LANGUAGE_EN], expires);
}

static int rule_print(void *context, const struct suppression_entry *entry, struct error *error)
{
    const struct suppress_options *options = context;
    int64_t now_ns = clock_now_ns();
    if (output_format_for(options->format, stdout) == OUTPUT_TABLE) {
        rule_line(entry, suppression_state_at(entry->rule, now_ns));
        return 0;
    }
    struct buf buf;
    struct json json = json_writer(&buf);
    buf_init(&buf, SUPPRESSION_JSON_MAX_BYTES);
    suppression_entry_to_json(entry, now_ns, &json);
    int r = buf.overflow ? error_set(error, -ENOMEM, "no memory for a rule") : 0;
    if (r == 0)
        puts(buf.data);
    buf_done(&buf);
    return r;
}

static void rules_head(const struct suppress_options *options)
{
    if (output_format_for(options->format, stdout) == OUTPUT_TABLE)
        printf("%-30s %-9s %8s  %-14s  %s\n", "NAME", "STATE", "HITS", "REASON", "EXPIRES");
}

/* A rule out of a file. */

static int rule_read(const char *path, struct suppression **ret_rule, struct error *error)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    struct buf text;
    char piece[4096];
    size_t len;
    if (!file)
        return error_set(error, -errno, "%s: %s", path, strerror(errno));
    buf_init(&text, SUPPRESSION_JSON_MAX_BYTES);
    buf_text(&text, "");
    while ((len = fread(piece, 1, sizeof(piece), file)) > 0)
        buf_append(&text, piece, len);
    bool failed = ferror(file);
    if (file != stdin)
        fclose(file);
    int r = failed || text.overflow
                ? error_set(error, -EIO, "cannot be read, or is longer than %d bytes",
                            SUPPRESSION_JSON_MAX_BYTES)
                : suppression_parse(text.data, text.len, ret_rule, error);
    buf_done(&text);
    if (r < 0)
        error_prefix(error, "%s: ", path);
    return r;
}

/* Parses options and `operands` operands, and opens the store. True: go on. */
static bool begin(const struct option_table *table, int argc, char **argv, int operands,
                  struct suppress_options *options, struct respond *ret_respond,
                  const char **ret_operand, int *ret_code)
{
    int first;
    if (!options_parse(table, argc, argv, options, &first, ret_code))
        return false;
    *ret_operand = argv[first];
    *ret_code =
        first + operands == argc
            ? respond_open(options->config, options->store, STORE_READ, ret_respond)
            : options_usage_error(table, "%s", operands ? "give one operand" : "too many operands");
    return *ret_code == CLI_EXIT_OK;
}

/* The same for what is changed, which the API does. */
static bool talk_begin(const struct option_table *table, int argc, char **argv,
                       struct suppress_options *options, struct talk *ret_talk,
                       const char **ret_operand, int *ret_code)
{
    int first;
    if (!options_parse(table, argc, argv, options, &first, ret_code))
        return false;
    *ret_operand = argv[first];
    *ret_code = first + 1 == argc ? talk_open(options->config, options->store, ret_talk)
                                  : options_usage_error(table, "give one operand");
    return *ret_code == CLI_EXIT_OK;
}

static int named(const struct option_table *table, enum http_method method, json_t *body, int argc,
                 char **argv)
{
    struct suppress_options options = {0};
    struct talk talk;
    struct error error;
    const char *name;
    int code;
    if (!talk_begin(table, argc, argv, &options, &talk, &name, &code)) {
        json_decref(body);
        return code;
    }
    int r = talk_ask(&talk, method, TALK_PATH("suppressions", name), body, NULL, &error);
    return talk_close(&talk, r, &error);
}

static int suppress_remove(int argc, char **argv)
{
    return named(&remove_table, HTTP_DELETE, NULL, argc, argv);
}

static int suppress_enable(int argc, char **argv)
{
    return named(&enable_table, HTTP_PATCH, json_pack("{sb}", "enabled", 1), argc, argv);
}

static int suppress_disable(int argc, char **argv)
{
    return named(&disable_table, HTTP_PATCH, json_pack("{sb}", "enabled", 0), argc, argv);
}

static int suppress_list(int argc, char **argv)
{
    struct suppress_options options = {0};
    struct respond session;
    struct error error;
    const char *none;
    int code;
    if (!begin(&list_table, argc, argv, 0, &options, &session, &none, &code))
        return code;
    rules_head(&options);
    int r = suppressions_list(session.store, rule_print, &options, &error);
    return respond_close(&session, r, &error);
}

static int suppress_show(int argc, char **argv)
{
    struct suppress_options options = {.format = OUTPUT_JSON};
    struct respond session;
    struct error error;
    const char *name;
    int code;
    if (!begin(&show_table, argc, argv, 1, &options, &session, &name, &code))
        return code;
    rules_head(&options);
    int r = suppressions_get(session.store, name, rule_print, &options, &error);
    return respond_close(&session, r, &error);
}

/* The rule as the API takes it. */
static json_t *rule_body(const struct suppression *rule)
{
    struct buf text;
    struct json json = json_writer(&text);
    buf_init(&text, SUPPRESSION_JSON_MAX_BYTES);
    json_object_begin(&json);
    suppression_to_json(rule, rule->disabled ? SUPPRESSION_DISABLED : SUPPRESSION_ENABLED, &json);
    json_object_end(&json);
    json_t *body = text.overflow ? NULL : json_loadb(text.data, text.len, 0, NULL);
    buf_done(&text);
    return body;
}

static int rule_add(const struct talk *talk, const char *path, bool replace, struct error *error)
{
    struct suppression *rule;
    int r = rule_read(path, &rule, error);
    if (r < 0)
        return r;
    r = replace
            ? talk_ask(talk, HTTP_PUT, TALK_PATH("suppressions", rule->name), rule_body(rule), NULL,
                       error)
            : talk_ask(talk, HTTP_POST, TALK_PATH("suppressions"), rule_body(rule), NULL, error);
    suppression_free(rule);
    return r;
}

static int suppress_add(int argc, char **argv)
{
    struct suppress_options options = {0};
    struct talk talk;
    struct error error;
    const char *path;
    int code;
    if (!talk_begin(&add_table, argc, argv, &options, &talk, &path, &code))
        return code;
    int r = rule_add(&talk, path, options.replace, &error);
    return talk_close(&talk, r, &error);
}

/* Simulation. */

static void simulation_json(const struct suppression_simulation *simulation)
{
    struct buf buf;
    struct json json = json_writer(&buf);
    buf_init(&buf, 1 << 16);
    suppression_simulation_to_json(simulation, &json);
    puts(buf.data);
    buf_done(&buf);
}

static void simulation_text(const struct suppression_simulation *simulation)
{
    printf("%" PRIu64 " stored alerts of %" PRIu64 " machines match; %" PRIu64
           " are dismissed already\n",
           simulation->alerts, simulation->entities, simulation->dismissed);
    if (simulation->true_positives)
        printf("%" PRIu64 " of them are confirmed true positives\n", simulation->true_positives);
    for (unsigned i = 0; i < DETECTOR_COUNT; i++)
        if (simulation->by_type[i])
            printf("  %8" PRIu64 "  %s\n", simulation->by_type[i], detector_rows[i].slug);
    for (unsigned i = 0; i < simulation->sample_count; i++)
        printf("  such as %s\n", simulation->samples[i]);
}

static int suppress_simulate(int argc, char **argv)
{
    struct suppress_options options = {0};
    struct respond session;
    struct suppression *rule = NULL;
    struct suppression_simulation simulation;
    struct error error;
    const char *path;
    int code;
    if (!begin(&simulate_table, argc, argv, 1, &options, &session, &path, &code))
        return code;
    int r = rule_read(path, &rule, &error);
    if (r == 0)
        r = suppressions_simulate(session.store, rule, options.since_ns, options.until_ns,
                                  &simulation, &error);
    suppression_free(rule);
    if (r == 0 && output_format_for(options.format, stdout) == OUTPUT_TABLE)
        simulation_text(&simulation);
    else if (r == 0)
        simulation_json(&simulation);
    return respond_close(&session, r, &error);
}

static void text_put(json_t *body, const char *key, const char *text)
{
    if (text)
        json_object_set_new(body, key, json_string(text));
}

static json_t *proposal_body(const struct suppress_options *options)
{
    char expires[TIME_TEXT_MAX];
    json_t *body = json_object();
    text_put(body, "scope", options->scope);
    text_put(body, "reason", disposition_names[options->reason][LANGUAGE_EN]);
    text_put(body, "name", options->name);
    text_put(body, "comment", options->comment);
    if (options->expires_ns) {
        time_format(options->expires_ns, expires);
        text_put(body, "expires", expires);
    }
    if (options->dry_run)
        json_object_set_new(body, "dry_run", json_true());
    return body;
}

static int proposal_make(const struct talk *talk, const struct suppress_options *options,
                         const char *id, struct error *error)
{
    json_t *rule;
    if (!options->reason)
        return error_set(error, -EINVAL, "say why with --reason");
    int r = talk_ask(talk, HTTP_POST, TALK_PATH("alerts", id, "suppress"), proposal_body(options),
                     &rule, error);
    if (r < 0)
        return r;
    json_dumpf(rule, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(rule);
    return 0;
}

static int suppress_from_alert(int argc, char **argv)
{
    struct suppress_options options = {.scope = "both"};
    struct talk talk;
    struct error error;
    const char *id;
    int code;
    if (!talk_begin(&from_alert_table, argc, argv, &options, &talk, &id, &code))
        return code;
    int r = proposal_make(&talk, &options, id, &error);
    return talk_close(&talk, r, &error);
}

static const struct action actions[] = {
    {"list", suppress_list, &list_table},
    {"show", suppress_show, &show_table},
    {"add", suppress_add, &add_table},
    {"remove", suppress_remove, &remove_table},
    {"enable", suppress_enable, &enable_table},
    {"disable", suppress_disable, &disable_table},
    {"simulate", suppress_simulate, &simulate_table},
    {"from-alert", suppress_from_alert, &from_alert_table},
};

int command_suppress(int argc, char **argv)
{
    return actions_run(actions, COUNT(actions), argc, argv);
}
