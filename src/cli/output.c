/* output.c - prints a stream of alerts as a table for people, JSON Lines or CSV for programs
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"
#include "alert/csv.h"
#include "alert/record.h"
#include "alert/render.h"
#include "base/clock.h"
#include "base/utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { CELL_MAX_BYTES = 8192, SHORT_ID_CHARS = 8 };

struct column;

struct output {
    enum output_format format;
    enum language language;
    FILE *stream;
    struct libscols_table *table; /* OUTPUT_TABLE only */
    const struct column *columns;
    size_t rows;
    struct buf buf; /* one line of JSON or CSV, one cell of a table */
};

bool output_colours(FILE *stream)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    if (!isatty(fileno(stream)) || (no_color && *no_color))
        return false;
    return term && strcmp(term, "dumb") != 0;
}

unsigned output_width(FILE *stream)
{
    struct winsize size;
    if (!isatty(fileno(stream)))
        return 0;
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

enum output_format output_format_for(enum output_format format, FILE *stream)
{
    if (format != OUTPUT_AUTO)
        return format;
    return isatty(fileno(stream)) ? OUTPUT_TABLE : OUTPUT_JSON;
}

/* The columns of the table. Each appends its text, which is made visible afterwards. */

static void cell_id(const struct alert *alert, enum language language, struct buf *buf)
{
    (void)language;
    const char *guid = strchr(alert->id, '_');
    buf_printf(buf, "%.*s", SHORT_ID_CHARS, guid ? guid + 1 : alert->id);
}

static void cell_severity(const struct alert *alert, enum language language, struct buf *buf)
{
    buf_text(buf, severity_names[alert->severity][language]);
}

static void cell_status(const struct alert *alert, enum language language, struct buf *buf)
{
    buf_text(buf, alert_status_names[alert->status][language]);
    alert_marks(alert, language, buf);
}

/* To the minute: the record has the microseconds. */
static void cell_time(const struct alert *alert, enum language language, struct buf *buf)
{
    (void)language;
    char text[TIME_TEXT_MAX];
    time_format(alert->start_ns, text);
    buf_printf(buf, "%.10s %.5s", text, text + 11);
}

static void cell_short_time(const struct alert *alert, enum language language, struct buf *buf)
{
    (void)language;
    char text[TIME_TEXT_MAX];
    time_format(alert->start_ns, text);
    buf_printf(buf, "%.5s %.5s", text + 5, text + 11);
}

static void cell_type(const struct alert *alert, enum language language, struct buf *buf)
{
    buf_text(buf, detector_rows[alert->detector].slug);
    alert_marks(alert, language, buf);
}

static void cell_entity(const struct alert *alert, enum language language, struct buf *buf)
{
    (void)language;
    alert_compromised_entity(alert, buf);
}

static void cell_domain(const struct alert *alert, enum language language, struct buf *buf)
{
    (void)language;
    buf_text(buf, *alert->domain ? alert->domain : alert->qname);
}

static void cell_count(const struct alert *alert, enum language language, struct buf *buf)
{
    (void)language;
    buf_printf(buf, "%" PRIu64, alert->count);
}

struct column {
    const char *name[LANGUAGE_COUNT];
    void (*cell)(const struct alert *alert, enum language language, struct buf *buf);
    double width; /* share of the terminal that is asked for; 0: what the cells need */
    int flags;
};

enum { COLUMN_SEVERITY = 0, NARROW_BELOW = 120 };

static const struct column narrow_columns[] = {
    {{"SEVERITY", "重大度"}, cell_severity, 0, 0},
    {{"UTC", "UTC"}, cell_short_time, 0, 0},
    {{"ENTITY", "エンティティ"}, cell_entity, 0.2, SCOLS_FL_TRUNC},
    {{"DOMAIN", "ドメイン"}, cell_domain, 0.2, SCOLS_FL_TRUNC},
    {{"TYPE", "種類"}, cell_type, 0.2, SCOLS_FL_TRUNC},
    {{"ID", "ID"}, cell_id, 0, 0},
    {{NULL}},
};

static const struct column wide_columns[] = {
    {{"SEVERITY", "重大度"}, cell_severity, 0, 0},
    {{"START (UTC)", "開始 (UTC)"}, cell_time, 0, 0},
    {{"STATUS", "状態"}, cell_status, 0.1, SCOLS_FL_TRUNC},
    {{"ENTITY", "エンティティ"}, cell_entity, 0.15, SCOLS_FL_TRUNC},
    {{"DOMAIN", "ドメイン"}, cell_domain, 0.2, SCOLS_FL_TRUNC},
    {{"COUNT", "回数"}, cell_count, 0, SCOLS_FL_RIGHT},
    {{"ID", "ID"}, cell_id, 0, 0},
    {{"TITLE", "タイトル"}, alert_title, 0.2, SCOLS_FL_TRUNC},
    {{NULL}},
};

static const char *const severity_colours[SEVERITY_COUNT] = {
    [SEVERITY_INFORMATIONAL] = "\033[36m",
    [SEVERITY_LOW] = "\033[32m",
    [SEVERITY_MEDIUM] = "\033[33m",
    [SEVERITY_HIGH] = "\033[1;31m",
};

static int table_open(struct output *output)
{
    struct libscols_table *table = scols_new_table();
    if (!table)
        return -ENOMEM;
    unsigned width = output_width(output->stream);
    output->table = table;
    scols_table_set_stream(table, output->stream);
    scols_table_enable_colors(table, output_colours(output->stream));
    scols_table_enable_noencoding(table, 1); /* cells are made visible by us */
    scols_table_set_termforce(table, width ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
    if (width)
        scols_table_set_termwidth(table, width);
    output->columns = width && width < NARROW_BELOW ? narrow_columns : wide_columns;
    for (const struct column *column = output->columns; column->cell; column++)
        if (!scols_table_new_column(table, column->name[output->language], column->width,
                                    column->flags))
            return -ENOMEM;
    return 0;
}

static int table_flush(struct output *output)
{
    int r = output->rows ? scols_print_table(output->table) : 0;
    scols_table_remove_lines(output->table);
    output->rows = 0;
    return r;
}

static int table_add(struct output *output, const struct alert *alert)
{
    struct libscols_line *line = scols_table_new_line(output->table, NULL);
    int r = line ? 0 : -ENOMEM;
    for (unsigned i = 0; r == 0 && output->columns[i].cell; i++) {
        struct buf cell;
        buf_init(&cell, CELL_MAX_BYTES);
        buf_reset(&output->buf);
        output->columns[i].cell(alert, output->language, &output->buf);
        utf8_append_visible(&cell, output->buf.len ? output->buf.data : "");
        r = scols_line_set_data(line, i, cell.data);
        buf_done(&cell);
    }
    if (r == 0)
        scols_cell_set_color(scols_line_get_cell(line, COLUMN_SEVERITY),
                             severity_colours[alert->severity]);
    if (r == 0 && ++output->rows == OUTPUT_TABLE_ROWS_MAX)
        r = table_flush(output);
    return r;
}

/* Writes the line in output->buf. */
static int line_write(struct output *output)
{
    if (output->buf.overflow)
        return -ENOMEM;
    size_t len = output->buf.len;
    errno = EIO;
    return fwrite(output->buf.data, 1, len, output->stream) == len ? 0 : -errno;
}

static int json_add(struct output *output, const struct alert *alert)
{
    struct json json = json_writer(&output->buf);
    buf_reset(&output->buf);
    alert_to_json(alert, output->language, &json);
    buf_char(&output->buf, '\n');
    return line_write(output);
}

static int csv_add(struct output *output, const struct alert *alert)
{
    buf_reset(&output->buf);
    alert_csv_row(alert, output->language, &output->buf);
    return line_write(output);
}

static int csv_open(struct output *output)
{
    alert_csv_header(&output->buf);
    return line_write(output);
}

static int write_error(int r, struct error *error)
{
    return error_set(error, r, "alerts could not be printed: %s", strerror(-r));
}

int output_open(enum output_format format, enum language language, FILE *stream,
                struct output **ret_output, struct error *error)
{
    struct output *output = calloc(1, sizeof(*output));
    if (!output)
        return write_error(-ENOMEM, error);
    output->format = output_format_for(format, stream);
    output->language = language;
    output->stream = stream;
    buf_init(&output->buf, ALERT_JSON_MAX_BYTES);
    int r = output->format == OUTPUT_TABLE ? table_open(output)
            : output->format == OUTPUT_CSV ? csv_open(output)
                                           : 0;
    if (r < 0) {
        struct error ignored;
        output_close(output, &ignored);
        return write_error(r, error);
    }
    *ret_output = output;
    return 0;
}

int output_alert(struct output *output, const struct alert *alert, struct error *error)
{
    int r = output->format == OUTPUT_TABLE ? table_add(output, alert)
            : output->format == OUTPUT_CSV ? csv_add(output, alert)
                                           : json_add(output, alert);
    return r < 0 ? write_error(r, error) : 0;
}

int output_close(struct output *output, struct error *error)
{
    if (!output)
        return 0;
    int r = output->table ? table_flush(output) : 0;
    errno = EIO;
    if (r == 0 && (fflush(output->stream) != 0 || ferror(output->stream)))
        r = -errno;
    scols_unref_table(output->table);
    buf_done(&output->buf);
    free(output);
    return r < 0 ? write_error(r, error) : 0;
}
