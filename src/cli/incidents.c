/* incidents.c - `dnsvigil incidents`: alerts that belong together, listed, shown and settled
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/incidents.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "cli/actions.h"
#include "cli/cli.h"
#include "cli/page.h"
#include "cli/respond.h"
#include "cli/talk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX_BYTES = 1 << 16 };

struct incidents_options {
    const char *config;
    const char *store;
    enum output_format format;
    enum language language;
    uint32_t statuses;
    bool all;
    uint8_t severity_min;
    char entity[ADDR_TEXT_MAX];
    int64_t since_ns;
    int64_t until_ns;
    uint64_t limit;
    int status;
    const char *comment;
};

static bool read_statuses(const char *text, void *field)
{
    do {
        char word[32];
        size_t len = strcspn(text, ",");
        snprintf(word, sizeof(word), "%.*s", (int)len, text);
        int status = len < sizeof(word) ? alert_status_parse(word) : -1;
        if (status < 0)
            return false;
        *(uint32_t *)field |= 1u << status;
        text += len + (text[len] == ',');
    } while (*text);
    return true;
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

static bool read_status(const char *text, void *field)
{
    *(int *)field = alert_status_parse(text);
    return *(int *)field >= 0;
}

#define ROW(name, letter, argument, help, read, member)                                            \
    {                                                                                              \
        name, letter, argument, help, read, offsetof(struct incidents_options, member)             \
    }
#define OUTPUT_ROWS                                                                                \
    OPTION_FORMAT(struct incidents_options, format),                                               \
        OPTION_LANGUAGE(struct incidents_options, language)
#define COMMON_ROWS                                                                                \
    OPTION_STORE(struct incidents_options, store), OPTION_CONFIG(struct incidents_options, config)
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct option_row list_rows[] = {
    ROW("status", 0, "STATUS[,...]",
        "in these states: active, in-progress, resolved, dismissed; default: all but dismissed",
        read_statuses, statuses),
    ROW("all", 'a', NULL, "dismissed ones too", option_flag, all),
    ROW("severity", 0, "LEVEL", "of at least this severity: informational, low, medium or high",
        read_severity, severity_min),
    ROW("entity", 'e', "ADDRESS", "in which the machine with this address has a part", read_entity,
        entity),
    ROW("since", 0, "TIME", "that went on since then", option_time, since_ns),
    ROW("until", 0, "TIME", "begun before then", option_time, until_ns),
    ROW("limit", 'n', "NUMBER", "at most so many", option_count, limit),
    OUTPUT_ROWS,
    COMMON_ROWS,
};

static const struct option_row show_rows[] = {OUTPUT_ROWS, COMMON_ROWS};

static const struct option_row set_rows[] = {
    ROW("status", 0, "STATUS", "the new state: active, in-progress, resolved or dismissed",
        read_status, status),
    ROW("comment", 'm', "TEXT", "a remark for the history", option_text, comment),
    COMMON_ROWS,
};

static const struct option_table list_table = {
    .command = "incidents list",
    .arguments = "[OPTION]...",
    .summary = "Lists incidents, alerts that belong together, newest first.",
    .rows = list_rows,
    .count = COUNT(list_rows),
};
static const struct option_table show_table = {
    .command = "incidents show",
    .arguments = "[OPTION]... ID",
    .summary = "Shows an incident, its alerts in the order in which they began, and what was done. "
               "ID may be cut short while it is unique.",
    .rows = show_rows,
    .count = COUNT(show_rows),
};
static const struct option_table set_table = {
    .command = "incidents set",
    .arguments = "[OPTION]... ID",
    .summary = "Changes the status of an incident; its alerts keep theirs. A resolved incident "
               "opens again with the next alert that joins it.",
    .rows = set_rows,
    .count = COUNT(set_rows),
};

static void time_append(struct buf *buf, int64_t time_ns)
{
    char text[TIME_TEXT_MAX];
    time_format(time_ns, text);
    buf_printf(buf, "%.10s %.8s", text, text + 11);
}

struct printing {
    const struct incidents_options *options;
    struct page page;
    struct buf text;
    bool has_history;
};

static void text_line(struct printing *printing)
{
    puts(printing->text.len ? printing->text.data : "");
    buf_reset(&printing->text);
}

static int incident_json(struct printing *printing, const struct incident *incident,
                         struct error *error)
{
    struct json json = json_writer(&printing->text);
    incident_to_json(incident, printing->options->language, &json);
    if (printing->text.overflow)
        return error_set(error, -ENOMEM, "no memory for an incident");
    text_line(printing);
    return 0;
}

static int incident_line(void *context, const struct incident *incident, struct error *error)
{
    struct printing *printing = context;
    enum language language = printing->options->language;
    struct buf *text = &printing->text;
    if (output_format_for(printing->options->format, stdout) != OUTPUT_TABLE)
        return incident_json(printing, incident, error);
    buf_printf(text, "%.8s  ", incident->id);
    time_append(text, incident->start_ns);
    buf_printf(text, "  %-13s %-10s  %s", severity_names[incident_severity(incident)][language],
               alert_status_names[incident->status][language],
               incident_rows[incident->kind].title[language]);
    if (*incident->key)
        buf_text(text, ": ");
    utf8_append_visible(text, incident->key);
    buf_printf(text, " (%" PRIu64 " alerts, %" PRIu64 " open)", incident->alerts, incident->open);
    text_line(printing);
    return 0;
}

static struct incident_filter filter_of(const struct incidents_options *options)
{
    return (struct incident_filter){
        .statuses = options->all ? ~0u : options->statuses,
        .severity_min = options->severity_min,
        .entity_ip = *options->entity ? options->entity : NULL,
        .since_ns = options->since_ns,
        .until_ns = options->until_ns,
        .limit = options->limit,
    };
}

static int incidents_list_action(int argc, char **argv)
{
    struct incidents_options options = {0};
    struct printing printing = {.options = &options};
    struct respond session;
    struct error error;
    int first, code;
    if (!options_parse(&list_table, argc, argv, &options, &first, &code))
        return code;
    if (first < argc)
        return options_usage_error(&list_table, "\"%s\" is too much", argv[first]);
    code = respond_open(options.config, options.store, STORE_READ, &session);
    if (code != CLI_EXIT_OK)
        return code;
    const struct incident_filter filter = filter_of(&options);
    buf_init(&printing.text, TEXT_MAX_BYTES);
    int r = incidents_list(session.store, &filter, incident_line, &printing, &error);
    buf_done(&printing.text);
    return respond_close(&session, r, &error);
}

/* One incident as a page. */

static int alert_line(void *context, const struct alert *alert, struct error *error)
{
    (void)error;
    struct printing *printing = context;
    struct buf *text = &printing->text;
    enum language language = printing->options->language;
    time_append(text, alert->start_ns);
    buf_printf(text, "  %s  %s  %s  %s %s", strchr(alert->id, '_') + 1, alert->entity_ip,
               detector_rows[alert->detector].title[language], alert->domain,
               alert_status_names[alert->status][language]);
    page_paragraph(&printing->page, 2, "", text->data);
    buf_reset(text);
    return 0;
}

static int entry_line(void *context, uint64_t seq, const struct audit_entry *entry,
                      const uint8_t hash[static AUDIT_HASH_BYTES])
{
    (void)seq, (void)hash;
    struct printing *printing = context;
    struct buf *text = &printing->text;
    if (!printing->has_history)
        page_heading(&printing->page, "History");
    printing->has_history = true;
    time_append(text, entry->time_ns);
    buf_printf(text, "  %s, %s", entry->actor, entry->action);
    if (*entry->from || *entry->to)
        buf_printf(text, " %s → %s", entry->from, entry->to);
    if (*entry->comment)
        buf_printf(text, ": %s", entry->comment);
    page_paragraph(&printing->page, 2, "", text->data);
    buf_reset(text);
    return 0;
}

static int incident_page(struct printing *printing, struct store *store,
                         const struct incident *incident, struct error *error)
{
    const struct incident_row *row = &incident_rows[incident->kind];
    enum language language = printing->options->language;
    incident_line(printing, incident, error);
    page_paragraph(&printing->page, 2, "", row->description[language]);
    if (incident->open == 0)
        page_paragraph(&printing->page, 2, "", "All of its alerts are closed.");
    page_heading(&printing->page, "Alerts");
    int r = incidents_alerts(store, incident->id, alert_line, printing, error);
    if (r == 0 && incident->alerts > INCIDENT_ALERTS_MAX)
        printf("  … and %" PRIu64 " more\n", incident->alerts - INCIDENT_ALERTS_MAX);
    return r == 0 ? incidents_history(store, incident->id, entry_line, printing, error) : r;
}

static int incidents_show(int argc, char **argv)
{
    struct incidents_options options = {0};
    struct printing printing = {.options = &options};
    struct respond session;
    struct incident incident;
    struct error error;
    int first, code;
    if (!options_parse(&show_table, argc, argv, &options, &first, &code))
        return code;
    if (first + 1 != argc)
        return options_usage_error(&show_table, "give one ID; `dnsvigil incidents list` has them");
    code = respond_open(options.config, options.store, STORE_READ, &session);
    if (code != CLI_EXIT_OK)
        return code;
    printing.page = page_on(stdout);
    buf_init(&printing.text, TEXT_MAX_BYTES);
    int r = incidents_get(session.store, argv[first], &incident, &error);
    bool page = output_format_for(options.format, stdout) == OUTPUT_TABLE;
    if (r == 0)
        r = page ? incident_page(&printing, session.store, &incident, &error)
                 : incident_json(&printing, &incident, &error);
    buf_done(&printing.text);
    return respond_close(&session, r, &error);
}

static json_t *set_body(const struct incidents_options *options)
{
    json_t *body = json_object();
    if (options->status >= 0)
        json_object_set_new(body, "status",
                            json_string(alert_status_names[options->status][LANGUAGE_EN]));
    if (options->comment)
        json_object_set_new(body, "comment", json_string(options->comment));
    return body;
}

static int incidents_set_action(int argc, char **argv)
{
    struct incidents_options options = {.status = STORE_LEAVE};
    struct talk talk;
    struct error error;
    int first, code;
    if (!options_parse(&set_table, argc, argv, &options, &first, &code))
        return code;
    if (first + 1 != argc || (options.status < 0 && !options.comment))
        return options_usage_error(&set_table, "give one ID, and --status or --comment");
    code = talk_open(options.config, options.store, &talk);
    if (code != CLI_EXIT_OK)
        return code;
    int r = talk_ask(&talk, HTTP_PATCH, TALK_PATH("incidents", argv[first]), set_body(&options),
                     NULL, &error);
    return talk_close(&talk, r, &error);
}

static const struct action actions[] = {
    {"list", incidents_list_action, &list_table},
    {"show", incidents_show, &show_table},
    {"set", incidents_set_action, &set_table},
};

int command_incidents(int argc, char **argv)
{
    return actions_run(actions, COUNT(actions), argc, argv);
}
