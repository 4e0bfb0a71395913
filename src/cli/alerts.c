/* alerts.c - `dnsvigil alerts`: lists stored alerts, shows one, changes their status
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/alerts.h"
#include "base/log.h"
#include "cli/actions.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/page.h"
#include "cli/suggest.h"
#include "config/config.h"

#include <dnsvigil/name.h>

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { IDS_MAX = 10000, ACTOR_MAX = 64 };

struct selection {
    uint32_t statuses;
    bool all;
    uint8_t severity_min;
    uint32_t detectors;
    char entity[ADDR_TEXT_MAX];
    char domain[NAME_TEXT_MAX];
    const char *search;
    int64_t since_ns;
    int64_t until_ns;
};

struct alerts_options {
    const char *config;
    const char *store;
    enum output_format format;
    enum language language;
    struct selection selection;
    uint64_t limit;
    enum store_sort sort;
    struct store_change change;
};

/* Values of options. */

static bool words_read(const char *text, int (*parse)(const char *word), uint32_t *mask)
{
    char word[64];
    do {
        size_t len = strcspn(text, ",");
        snprintf(word, sizeof(word), "%.*s", (int)len, text);
        int value = len < sizeof(word) ? parse(word) : -1;
        if (value < 0)
            return false;
        *mask |= 1u << value;
        text += len + (text[len] == ',');
    } while (*text);
    return true;
}

static bool read_statuses(const char *text, void *field)
{
    return words_read(text, alert_status_parse, field);
}

static bool read_detectors(const char *text, void *field)
{
    return words_read(text, detector_parse, field);
}

static bool read_severity(const char *text, void *field)
{
    int severity = severity_parse(text);
    *(uint8_t *)field = (uint8_t)severity;
    return severity >= 0;
}

static bool read_entity(const char *text, void *field)
{
    struct addr addr;
    if (!addr_parse(text, strlen(text), &addr))
        return false;
    addr_format(&addr, field);
    return true;
}

static bool read_domain(const char *text, void *field)
{
    struct dns_name name;
    if (!name_from_text(&name, text, strlen(text)))
        return false;
    name_to_text(&name, 0, field);
    return true;
}

static bool read_sort(const char *text, void *field)
{
    bool severity = strcmp(text, "severity") == 0;
    *(enum store_sort *)field = severity ? STORE_SORT_SEVERITY : STORE_SORT_NEWEST;
    return severity || strcmp(text, "newest") == 0;
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

static bool read_actor(const char *text, void *field)
{
    *(const char **)field = text;
    return *text && strlen(text) <= ACTOR_MAX;
}

/* Options. */

#define ROW(name, letter, argument, help, read, member)                                            \
    {                                                                                              \
        name, letter, argument, help, read, offsetof(struct alerts_options, member)                \
    }

/* Which alerts: the same for `list` and `set`. */
/* clang-format off */
#define SELECTION_ROWS                                                                             \
    ROW("severity", 0, "LEVEL", "of at least this severity: informational, low, medium or high",   \
        read_severity, selection.severity_min),                                                    \
    ROW("type", 't', "TYPE[,...]",                                                                 \
        "of these types: slugs or ids; `dnsvigil describe detectors` lists them",                  \
        read_detectors, selection.detectors),                                                      \
    ROW("entity", 'e', "ADDRESS", "about the machine with this address", read_entity,              \
        selection.entity),                                                                         \
    ROW("domain", 'd', "NAME", "about this name or one below it", read_domain, selection.domain),  \
    ROW("search", 'S', "TEXT", "with this text in id, machine, name, indicator or a sample",       \
        option_text, selection.search),                                                            \
    ROW("since", 0, "TIME",                                                                        \
        "active since then: a date, a time as in 2026-01-31T23:59:59Z, or an age: 90s, 15m, 36h, " \
        "7d, 2w", option_time, selection.since_ns),                                                \
    ROW("until", 0, "TIME", "begun before then", option_time, selection.until_ns)
/* clang-format on */

static const struct option_row list_rows[] = {
    ROW("status", 0, "STATUS[,...]",
        "in these states: active, in-progress, resolved, dismissed; default: all but dismissed",
        read_statuses, selection.statuses),
    ROW("all", 'a', NULL, "dismissed ones too", option_flag, selection.all),
    SELECTION_ROWS,
    ROW("sort", 0, "ORDER", "newest or severity first; default: newest", read_sort, sort),
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
    ROW("comment", 'm', "TEXT", "a remark for the history", option_text, change.comment),
    ROW("actor", 0, "NAME", "who does it; default: your login name", read_actor, change.actor),
    ROW("from-status", 0, "STATUS[,...]",
        "without ID: only alerts in these states; default: all but dismissed", read_statuses,
        selection.statuses),
    SELECTION_ROWS,
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

/* Opens the store that --store or the configuration names. Returns an exit code. */
static int store_for(const struct alerts_options *options, enum store_mode mode,
                     struct store **ret_store)
{
    struct config *config;
    struct error error;
    if (config_load(options->config, &config, &error) < 0) {
        log_error("%s", error.text);
        return CLI_EXIT_CONFIG;
    }
    const struct store_config store_config = {
        .ballast_bytes = (uint64_t)config->store.ballast_mib << 20,
        .checkpoint_pages = store_config_default.checkpoint_pages,
        .busy_timeout_ms = store_config_default.busy_timeout_ms,
    };
    const char *path = options->store ? options->store : config->store.path;
    int r = store_open(path, mode, &store_config, ret_store, &error);
    config_free(config);
    if (r < 0)
        log_error("%s", error.text);
    return r < 0 ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}

/* Closes it; `r` and `error` are what happened before. Returns an exit code. */
static int store_leave(struct store *store, int r, struct error *error)
{
    struct error close_error;
    if (r < 0)
        log_error("%s", error->text);
    int closed = store_close(store, &close_error);
    if (closed < 0)
        log_error("%s", close_error.text);
    return r < 0 || closed < 0 ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}

static struct store_filter filter_of(const struct selection *selection)
{
    return (struct store_filter){
        .statuses = selection->all ? ~0u : selection->statuses,
        .detectors = selection->detectors,
        .severity_min = selection->severity_min,
        .entity_ip = *selection->entity ? selection->entity : NULL,
        .domain = *selection->domain ? selection->domain : NULL,
        .search = selection->search,
        .since_ns = selection->since_ns,
        .until_ns = selection->until_ns,
    };
}

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
    struct store_filter filter = filter_of(&options->selection);
    filter.limit = options->limit;
    filter.sort = options->sort;
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
    code = store_for(&options, STORE_READ, &store);
    if (code != CLI_EXIT_OK)
        return code;
    int r = list_print(store, &options, &error);
    return store_leave(store, r, &error);
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
    code = store_for(&options, STORE_READ, &store);
    if (code != CLI_EXIT_OK)
        return code;
    int r = store_get(store, argv[first], &alert, &error);
    if (r == 0)
        r = show_print(store, &alert, &options, &error);
    return store_leave(store, r, &error);
}

/* Turns what was typed into whole ids, kept in `texts`. */
static int ids_resolve(struct store *store, char **typed, size_t count, char (*texts)[ALERT_ID_MAX],
                       const char **ret_ids, struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        struct alert alert;
        int r = store_get(store, typed[i], &alert, error);
        if (r < 0)
            return r;
        memcpy(texts[i], alert.id, sizeof(texts[i]));
        ret_ids[i] = texts[i];
    }
    return 0;
}

static int set_run(struct store *store, const struct alerts_options *options, char **typed,
                   size_t count, struct error *error)
{
    size_t changed;
    struct store_filter filter = filter_of(&options->selection);
    char(*texts)[ALERT_ID_MAX] = calloc(count + 1, sizeof(*texts));
    const char **ids = calloc(count + 1, sizeof(*ids));
    int r = texts && ids ? ids_resolve(store, typed, count, texts, ids, error)
                         : error_set(error, -ENOMEM, "no memory for %zu ids", count);
    if (count > 0) {
        filter.ids = ids;
        filter.id_count = count;
    }
    if (r == 0)
        r = store_set(store, &filter, &options->change, &changed, error);
    if (r == 0)
        log_info("%zu alert%s changed", changed, changed == 1 ? "" : "s");
    free(texts);
    free(ids);
    return r;
}

static bool selection_is_empty(const struct selection *selection)
{
    return !selection->statuses && !selection->severity_min && !selection->detectors &&
           !*selection->entity && !*selection->domain && !selection->search &&
           !selection->since_ns && !selection->until_ns;
}

/* What does not make sense together; -1 when all is well. */
static int set_check(const struct alerts_options *options, size_t count)
{
    const struct store_change *change = &options->change;
    if (change->status < 0 && change->disposition < 0 && !change->comment)
        return options_usage_error(&set_table,
                                   "say what to change: --status, --disposition or --comment");
    if (count == 0 && selection_is_empty(&options->selection))
        return options_usage_error(&set_table, "say which alerts: by ID, or by --type, --entity "
                                               "and the like");
    if (count > 0 && !selection_is_empty(&options->selection))
        return options_usage_error(&set_table, "give either IDs or --type, --entity and the like");
    if (count > IDS_MAX)
        return options_usage_error(&set_table, "more than %d IDs at once", IDS_MAX);
    return -1;
}

static const char *login_name(void)
{
    const struct passwd *user = getpwuid(getuid());
    return user ? user->pw_name : "unknown";
}

static int alerts_set(int argc, char **argv)
{
    struct alerts_options options = {.change = STORE_CHANGE_NONE};
    struct store *store;
    struct error error;
    int first, code;
    if (!options_parse(&set_table, argc, argv, &options, &first, &code))
        return code;
    struct store_change *change = &options.change;
    size_t count = (size_t)(argc - first);
    code = set_check(&options, count);
    if (code >= 0)
        return code;
    bool opens =
        change->status == ALERT_STATUS_ACTIVE || change->status == ALERT_STATUS_IN_PROGRESS;
    if (opens && change->disposition < 0)
        change->disposition = DISPOSITION_NONE;
    if (!change->actor)
        change->actor = login_name();
    code = store_for(&options, STORE_WRITE, &store);
    if (code != CLI_EXIT_OK)
        return code;
    int r = set_run(store, &options, argv + first, count, &error);
    return store_leave(store, r, &error);
}

static const struct action actions[] = {
    {"list", alerts_list, &list_table},
    {"show", alerts_show, &show_table},
    {"set", alerts_set, &set_table},
};

int command_alerts(int argc, char **argv)
{
    return actions_run(actions, COUNT(actions), argc, argv);
}
