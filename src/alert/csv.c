/* csv.c - alerts as CSV (RFC 4180) that a spreadsheet can open without running anything
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/csv.h"
#include "alert/render.h"
#include "base/clock.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <string.h>

enum { CELL_MAX_BYTES = 64 * 1024 };

static bool cell_is_formula(const char *text)
{
    return *text && strchr("=+-@\t\r", *text);
}

void csv_cell(struct buf *row, const char *text)
{
    struct buf cell;
    buf_init(&cell, CELL_MAX_BYTES);
    if (cell_is_formula(text))
        buf_char(&cell, '\'');
    utf8_append_visible(&cell, text);
    if (!cell.data || !strpbrk(cell.data, ",\"")) {
        buf_append(row, cell.data, cell.len);
        buf_done(&cell);
        return;
    }
    buf_char(row, '"');
    for (const char *c = cell.data; *c; c++) {
        if (*c == '"')
            buf_char(row, '"');
        buf_char(row, *c);
    }
    buf_char(row, '"');
    buf_done(&cell);
}

/* Each column appends its plain text; csv_cell() makes a cell of it. */
#define COLUMN(name)                                                                               \
    static void column_##name(const struct alert *alert __attribute__((unused)),                   \
                              enum language language __attribute__((unused)), struct buf *buf)
#define COLUMN_TEXT(name, expression)                                                              \
    COLUMN(name)                                                                                   \
    {                                                                                              \
        buf_text(buf, expression);                                                                 \
    }
#define COLUMN_NUMBER(name, expression)                                                            \
    COLUMN(name)                                                                                   \
    {                                                                                              \
        buf_printf(buf, "%" PRIu64, (uint64_t)(expression));                                       \
    }
#define COLUMN_TIME(name, expression)                                                              \
    COLUMN(name)                                                                                   \
    {                                                                                              \
        char text[TIME_TEXT_MAX];                                                                  \
        time_format(expression, text);                                                             \
        buf_text(buf, text);                                                                       \
    }

COLUMN_TEXT(id, alert->id)
COLUMN_NUMBER(revision, alert->revision)
COLUMN_TIME(start, alert->start_ns)
COLUMN_TIME(end, alert->end_ns)
COLUMN_TEXT(severity, severity_names[alert->severity][LANGUAGE_EN])
COLUMN_TEXT(status, alert_status_names[alert->status][LANGUAGE_EN])
COLUMN_TEXT(disposition, disposition_names[alert->disposition][LANGUAGE_EN])
COLUMN_TEXT(alert_type, detector_rows[alert->detector].alert_type)
COLUMN_TEXT(detector, detector_rows[alert->detector].slug)
COLUMN(title)
{
    alert_title(alert, language, buf);
}
COLUMN_TEXT(tactic, tactic_names[detector_rows[alert->detector].tactic][LANGUAGE_EN])
COLUMN_TEXT(entity_ip, alert->entity_ip)
COLUMN_TEXT(entity_name, alert->entity_name)
COLUMN_TEXT(entity_owner, alert->entity_owner)
COLUMN_TEXT(entity_email, alert->entity_email)
COLUMN(entity_tags)
{
    alert_tags(alert, ";", buf);
}
COLUMN_TEXT(resolver_ip, alert->resolver_ip)
COLUMN_TEXT(domain, alert->domain)
COLUMN_TEXT(qname, alert->qname)
COLUMN_NUMBER(count, alert->count)
COLUMN_NUMBER(confidence, alert->confidence)
COLUMN_TEXT(reason, reason_rows[alert->reason].slug)
COLUMN(summary)
{
    alert_summary(alert, language, buf);
}
COLUMN_TEXT(feed, alert->indicator.feed)
COLUMN_TEXT(entry, alert->indicator.entry)
COLUMN_TEXT(category, alert->indicator.category)
COLUMN_TEXT(sensor, alert->sensor)

static const struct column {
    const char *name;
    void (*text)(const struct alert *alert, enum language language, struct buf *buf);
} columns[] = {
#define ROW(name)                                                                                  \
    {                                                                                              \
#name, column_##name                                                                       \
    }
    ROW(id),          ROW(revision),    ROW(start),       ROW(end),          ROW(severity),
    ROW(status),      ROW(disposition), ROW(alert_type),  ROW(detector),     ROW(title),
    ROW(tactic),      ROW(entity_ip),   ROW(entity_name), ROW(entity_owner), ROW(entity_email),
    ROW(entity_tags), ROW(resolver_ip), ROW(domain),      ROW(qname),        ROW(count),
    ROW(confidence),  ROW(reason),      ROW(summary),     ROW(feed),         ROW(entry),
    ROW(category),    ROW(sensor),
#undef ROW
};

enum { COLUMN_COUNT = sizeof(columns) / sizeof(columns[0]) };

void alert_csv_header(struct buf *buf)
{
    for (unsigned i = 0; i < COLUMN_COUNT; i++)
        buf_printf(buf, "%s%s", i ? "," : "", columns[i].name);
    buf_text(buf, "\r\n");
}

void alert_csv_row(const struct alert *alert, enum language language, struct buf *buf)
{
    struct buf text;
    buf_init(&text, CELL_MAX_BYTES);
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        if (i)
            buf_char(buf, ',');
        buf_reset(&text);
        columns[i].text(alert, language, &text);
        csv_cell(buf, text.data ? text.data : "");
    }
    buf_text(buf, "\r\n");
    buf_done(&text);
}
