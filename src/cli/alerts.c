/* alerts.c - `dnsvigil alerts`: lists stored alerts, shows one, changes their status
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/alerts.h"
#include "base/log.h"
#include "cli/actions.h"
#include "cli/cli.h"
#include "cli/export.h"
#include "cli/options.h"
#include "cli/page.h"
#include "cli/selection.h"
#include "cli/simulate.h"
#include "cli/talk.h"
#include "config/config.h"

#include <dnsvigil/name.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { IDS_MAX = 10000 };

struct alerts_options {
    const char *config;
    const char *store;
    enum output_format format;
    enum language language;
    struct selection selection;
    uint64_t limit;
    struct order {
        enum store_sort sort;
        bool reverse;
    } order;
    struct store_change change;
};

/* Values of options. */

static bool read_sort(const char *text, void *field)
{
    struct order *order = field;
    return filter_sort_parse(text, &order->sort, &order->reverse);
}

static bool read_status(const char *text, void *field)
{
    *(int *)field = alert_status_parse(text);
    return *(int *)field >= 0;
}

static bool read_disposition(const char *text, void *field)
{
    *(int *)field = strcmp(text, "none") == 0 ? DISPOSITION_NONE : disposition_parse(text);
    return *(int *)field >= 0;
}

static bool read_feedback(const char *text, void *field)
{
    *(int *)field = strcmp(text, "none") == 0 ? FEEDBACK_NONE : feedback_parse(text);
    return *(int *)field >= 0;
}

static bool read_contact(const char *text, void *field)
{
    *(int *)field = strcmp(text, "none") == 0 ? CONTACT_NONE : contact_parse(text);
    return *(int *)field >= 0;
}

static bool read_compromised(const char *text, void *field)
{
    bool yes = strcmp(text, "yes") == 0;
    *(int *)field = yes;
    return yes || strcmp(text, "no") == 0;
}

static bool read_assignee(const char *text, void *field)
{
    *(const char **)field = strcmp(text, "none") == 0 ? "" : text;
    return *text;
}

static bool read_revision(const char *text, void *field)
{
    uint64_t revision;
    if (!option_count(text, &revision) || revision == 0 || revision > UINT32_MAX)
        return false;
    *(uint32_t *)field = (uint32_t)revision;
    return true;
}

/* Options. */

#define ROW(name, letter, argument, help, read, member)                                            \
    {                                                                                              \
        name, letter, argument, help, read, offsetof(struct alerts_options, member)                \
    }

static const struct option_row list_rows[] = {
#define FILTER(...) SELECTION_ROW(struct alerts_options, selection, __VA_ARGS__),
#include "store/filters.def"
#undef FILTER
    ROW("all", 'a', NULL, "dismissed ones too", option_flag, selection.all),
    ROW("sort", 0, "ORDER",
        "newest, oldest, severity (worst first), count (most first), entity or domain; with - "
        "before "
        "it the other way round; default: newest",
        read_sort, order),
    ROW("limit", 'n', "NUMBER", "at most so many", option_count, limit),
    OPTION_FORMAT(struct alerts_options, format),
    OPTION_LANGUAGE(struct alerts_options, language),
    OPTION_STORE(struct alerts_options, store),
    OPTION_CONFIG(struct alerts_options, config),
};

static const struct option_row show_rows[] = {
    OPTION_FORMAT(struct alerts_options, format),
    OPTION_LANGUAGE(struct alerts_options, language),
    OPTION_STORE(struct alerts_options, store),
    OPTION_CONFIG(struct alerts_options, config),
};

static const struct option_row set_rows[] = {
    ROW("status", 0, "STATUS", "the new state: active, in-progress, resolved or dismissed",
        read_status, change.status),
    ROW("disposition", 0, "WORD",
        "why: true-positive, false-positive, benign, expected, test, duplicate, other, or none; "
        "opening an alert again takes it back",
        read_disposition, change.disposition),
    ROW("assign", 0, "NAME", "who looks after it, or none", read_assignee, change.assignee),
    ROW("feedback", 0, "WORD", "whether the alert was useful or not-useful, or none", read_feedback,
        change.feedback),
    ROW("feedback-reason", 0, "TEXT", "why", option_text, change.feedback_reason),
    ROW("contact", 0, "WORD",
        "what the machine's owner says: asked, expected, not-expected, not-mine, or none",
        read_contact, change.contact),
    ROW("compromised", 0, "yes|no", "whether the machine may have been taken over",
        read_compromised, change.compromised),
    ROW("reason", 0, "TEXT", "why, for the history; default: the disposition", option_text,
        change.reason),
    ROW("comment", 'm', "TEXT", "a remark for the history", option_text, change.comment),
    ROW("note", 0, "TEXT", "the same", option_text, change.comment),
    ROW("if-revision", 0, "NUMBER", "only when the alert is still at this revision", read_revision,
        change.if_revision),
    ROW("from-status", 0, "STATUS[,...]",
        "without ID: only alerts in these states; default: all but dismissed", selection_status,
        selection),
#define FILTER_LIFE(...)
#define FILTER(...) SELECTION_ROW(struct alerts_options, selection, __VA_ARGS__),
#include "store/filters.def"
#undef FILTER
    OPTION_STORE(struct alerts_options, store),
    OPTION_CONFIG(struct alerts_options, config),
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct option_table list_table = {
    .command = "alerts list",
    .arguments = "[OPTION]...",
    .summary = "Lists stored alerts, newest first; dismissed ones are left out.",
    .rows = list_rows,
    .count = COUNT(list_rows),
    .notes = "Examples:\n"
             "  dnsvigil alerts list --severity medium --since 7d\n"
             "  dnsvigil alerts list --type dark_web,threat_intel --entity 192.0.2.7 -o csv",
};

static const struct option_table show_table = {
    .command = "alerts show",
    .arguments = "[OPTION]... ID",
    .summary = "Shows everything about one alert: what happened, why it was raised, what to do, "
               "and what was done. ID may be cut short while it is unique.",
    .rows = show_rows,
    .count = COUNT(show_rows),
};

static const struct option_table set_table = {
    .command = "alerts set",
    .arguments = "[OPTION]... ID...",
    .summary = "Changes the status of alerts, all at once or none. Without ID the options --type, "
               "--entity and so on choose the alerts. Every change can be taken back, and is kept "
               "in the history with its author.",
    .rows = set_rows,
    .count = COUNT(set_rows),
    .notes = "Examples:\n"
             "  dnsvigil alerts set 4c1f09ab --status dismissed --disposition expected\n"
             "  dnsvigil alerts set --domain example.com --status resolved -m \"blocked\"",
};

struct listing {
    struct output *output;
    size_t count;
};

static int listing_add(void *context, const struct alert *alert, struct error *error)
{
    struct listing *listing = context;
    listing->count++;
    return output_alert(listing->output, alert, error);
}

static int list_print(struct store *store, const struct alerts_options *options,
                      struct error *error)
{
    struct listing listing = {0};
    struct store_filter filter = selection_filter(&options->selection);
    filter.limit = options->limit;
    filter.sort = options->order.sort;
    filter.reverse = options->order.reverse;
    int r = output_open(options->format, options->language, stdout, &listing.output, error);
    if (r < 0)
        return r;
    r = store_list(store, &filter, listing_add, &listing, error);
    struct error ignored;
    int closed = output_close(listing.output, r < 0 ? &ignored : error);
    if (r == 0 && listing.count == 0)
        log_info("no alert matches%s",
                 filter.statuses ? "" : "; --all looks at dismissed ones too");
    return r < 0 ? r : closed;
}

static int alerts_list(int argc, char **argv)
{
    struct alerts_options options = {0};
    struct store *store;
    struct error error;
    int first, code;
    if (!options_parse(&list_table, argc, argv, &options, &first, &code))
        return code;
    if (first < argc)
        return options_usage_error(&list_table,
                                   "\"%s\" is too much; `dnsvigil alerts show %s` shows one alert",
                                   argv[first], argv[first]);
    code = selection_store(options.config, options.store, STORE_READ, &store);
    if (code != CLI_EXIT_OK)
        return code;
    int r = list_print(store, &options, &error);
    return selection_store_leave(store, r, &error);
}

/* One alert in a machine's format goes the way of a list. */
static int show_print(struct store *store, const struct alert *alert,
                      const struct alerts_options *options, struct error *error)
{
    struct output *output;
    if (output_format_for(options->format, stdout) == OUTPUT_TABLE)
        return alerts_page_print(store, alert, options->language, error);
    int r = output_open(options->format, options->language, stdout, &output, error);
    if (r < 0)
        return r;
    r = output_alert(output, alert, error);
    struct error ignored;
    int closed = output_close(output, r < 0 ? &ignored : error);
    return r < 0 ? r : closed;
}

static int alerts_show(int argc, char **argv)
{
    struct alerts_options options = {0};
    struct store *store;
    struct alert alert;
    struct error error;
    int first, code;
    if (!options_parse(&show_table, argc, argv, &options, &first, &code))
        return code;
    if (first + 1 != argc)
        return options_usage_error(&show_table, "give one ID; `dnsvigil alerts list` shows them");
    code = selection_store(options.config, options.store, STORE_READ, &store);
    if (code != CLI_EXIT_OK)
        return code;
    int r = store_get(store, argv[first], &alert, &error);
    if (r == 0)
        r = show_print(store, &alert, &options, &error);
    return selection_store_leave(store, r, &error);
}

static void text_put(json_t *body, const char *key, const char *text)
{
    if (text)
        json_object_set_new(body, key, json_string(text));
}

/* A word of a vocabulary; that there is none is a word, too. */
static void word_put(json_t *body, const char *key, int value,
                     const char *const words[][LANGUAGE_COUNT])
{
    if (value >= 0)
        text_put(body, key, *words[value][LANGUAGE_EN] ? words[value][LANGUAGE_EN] : "none");
}

static json_t *set_body(const struct alerts_options *options, char **ids, size_t count)
{
    const struct store_change *change = &options->change;
    json_t *body = json_object();
    word_put(body, "status", change->status, alert_status_names);
    word_put(body, "disposition", change->disposition, disposition_names);
    word_put(body, "feedback", change->feedback, feedback_names);
    word_put(body, "contact", change->contact, contact_names);
    text_put(body, "assignee", change->assignee);
    text_put(body, "feedback_reason", change->feedback_reason);
    text_put(body, "reason", change->reason);
    text_put(body, "comment", change->comment);
    if (change->compromised >= 0)
        json_object_set_new(body, "compromised", json_boolean(change->compromised));
    if (change->if_revision)
        json_object_set_new(body, "if_revision", json_integer(change->if_revision));
    json_t *list = count ? json_array() : selection_json(&options->selection);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(ids[i]));
    json_object_set_new(body, count ? "ids" : "filter", list);
    return body;
}

static int set_ask(const struct talk *talk, const struct alerts_options *options, char **ids,
                   size_t count, struct error *error)
{
    json_t *answer;
    int r = talk_ask(talk, HTTP_POST, TALK_PATH("alerts", "bulk"), set_body(options, ids, count),
                     &answer, error);
    if (r < 0)
        return r;
    json_int_t changed = json_integer_value(json_object_get(answer, "changed"));
    log_info("%lld alert%s changed", (long long)changed, changed == 1 ? "" : "s");
    json_decref(answer);
    return 0;
}

/* What does not make sense together; -1 when all is well. */
static int set_check(const struct alerts_options *options, size_t count)
{
    const struct store_change *change = &options->change;
    if (change->status < 0 && change->disposition < 0 && change->feedback < 0 &&
        change->contact < 0 && change->compromised < 0 && !change->assignee &&
        !change->feedback_reason && !change->comment)
        return options_usage_error(&set_table, "say what to change: --status, --disposition, "
                                               "--assign, --comment or the like");
    if (change->if_revision && count != 1)
        return options_usage_error(&set_table, "--if-revision goes with one ID");
    if (count == 0 && selection_is_empty(&options->selection))
        return options_usage_error(&set_table, "say which alerts: by ID, or by --type, --entity "
                                               "and the like");
    if (count > 0 && !selection_is_empty(&options->selection))
        return options_usage_error(&set_table, "give either IDs or --type, --entity and the like");
    if (count > IDS_MAX)
        return options_usage_error(&set_table, "more than %d IDs at once", IDS_MAX);
    return -1;
}

static int alerts_set(int argc, char **argv)
{
    struct alerts_options options = {.change = STORE_CHANGE_NONE};
    struct talk talk;
    struct error error;
    int first, code;
    if (!options_parse(&set_table, argc, argv, &options, &first, &code))
        return code;
    size_t count = (size_t)(argc - first);
    code = set_check(&options, count);
    if (code >= 0)
        return code;
    code = talk_open(options.config, options.store, &talk);
    if (code != CLI_EXIT_OK)
        return code;
    int r = set_ask(&talk, &options, argv + first, count, &error);
    return talk_close(&talk, r, &error);
}

static const struct action actions[] = {
    {"list", alerts_list, &list_table},
    {"show", alerts_show, &show_table},
    {"set", alerts_set, &set_table},
    {"export", alerts_export, &export_table},
    {"count", alerts_count, &alerts_count_table},
    {"simulate", alerts_simulate, &simulate_table},
};

int command_alerts(int argc, char **argv)
{
    return actions_run(actions, COUNT(actions), argc, argv);
}
