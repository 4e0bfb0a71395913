/* hunt.c - `dnsvigil hunt`: who asked for a name, or was given an address, in the past
 * SPDX-License-Identifier: Apache-2.0
 *
 * What is hunted becomes an index like that of a list, and every row of the history is held against
 * it: so names, blocks of addresses and whole lists all cost the same one pass. */
#include "alert/csv.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "cli/cli.h"
#include "cli/lists_report.h"
#include "cli/options.h"
#include "cli/output.h"
#include "intel/builder.h"
#include "store/history.h"

#include <dnsvigil/name.h>
#include <dnsvigil/rrtype.h>
#include <errno.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LINE_BYTES_MAX = 1 << 16, OPERANDS_BYTES_MAX = 1 << 22 };

struct hunt_options {
    const char *config;
    const char *store;
    enum output_format format;
    int64_t since_ns;
    int64_t until_ns;
    struct prefix entity;
    bool any_entity;
};

struct hunt {
    struct hunt_options options;
    struct config *config;
    struct suffix_list *suffixes;
    struct intel *wanted;
    struct store *store;
    enum output_format format;
    struct libscols_table *table;
    unsigned table_rows; /* not yet printed */
    uint64_t found;
    struct buf line;
    struct buf cell;
};

/* A row of the history and what of it was hunted. */
struct sighting {
    const struct history_row *row;
    struct dns_name name;
    struct intel_entry entry;
    enum match_field field;
};

static bool read_entity(const char *text, void *field)
{
    struct hunt_options *options = field;
    options->any_entity = false;
    return prefix_parse(text, strlen(text), &options->entity);
}

#define ROW(name, letter, argument, help, read, field)                                             \
    {                                                                                              \
        name, letter, argument, help, read, offsetof(struct hunt_options, field)                   \
    }

static const struct option_row rows[] = {
    ROW("since", 0, "TIME",
        "asked for since then: a date, a time as in 2026-01-31T23:59:59Z, or an age: 90s, 15m, "
        "36h, 7d, 2w",
        option_time, since_ns),
    ROW("until", 0, "TIME", "asked for before then", option_time, until_ns),
    {"entity", 'e', "ADDRESS[/BITS]", "only by this machine or by those of this network",
     read_entity, 0},
    OPTION_FORMAT(struct hunt_options, format),
    OPTION_STORE(struct hunt_options, store),
    OPTION_CONFIG(struct hunt_options, config),
};

static const struct option_table table = {
    .command = "hunt",
    .arguments = "[OPTION]... NAME|ADDRESS|FILE...",
    .summary = "Looks in the history for who asked for a name, or was answered with it as an alias "
               "or with an address. NAME stands for itself and all below it, =NAME for itself "
               "alone, *.NAME for what is below it; ADDRESS may be a block such as 192.0.2.0/24; "
               "what is a FILE is read as a list in any format feeds have. Exits with 0 when "
               "something was found and with 5 when not.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
    .notes = "Examples:\n"
             "  dnsvigil hunt evil-domain.example 203.0.113.7\n"
             "  dnsvigil hunt --since 7d -o csv indicators.txt",
};

static bool is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* The asker may hunt for anything: entries that allow pass the checks that protect names. */
static int list_add(struct intel_builder *builder, const char *path, struct error *error)
{
    const struct feed_config feed = {.name = path, .path = path, .category = CATEGORY_ALLOW};
    struct feed_report report;
    int r = intel_builder_add_feed(builder, &feed, &report, error);
    if (r == 0)
        lists_report_log(NULL, path, &report, NULL);
    return r;
}

/* Files are lists; all other operands together are one more. Returns an exit code. */
static int operands_add(struct intel_builder *builder, char **operands, int count)
{
    static const struct feed_config feed = {
        .name = "command line", .path = "", .category = CATEGORY_ALLOW, .format = FEED_PLAIN};
    struct feed_report report = {0};
    struct error error;
    struct buf text;
    int r = 0;
    buf_init(&text, OPERANDS_BYTES_MAX);
    for (int i = 0; r == 0 && i < count; i++) {
        if (is_file(operands[i]))
            r = list_add(builder, operands[i], &error);
        else
            buf_printf(&text, "%s\n", operands[i]);
    }
    int code = CLI_EXIT_OK;
    if (r == 0 && text.len)
        intel_builder_add_text(builder, &feed, text.data, text.len, &report, &error);
    if (r < 0) {
        log_error("%s", error.text);
        code = CLI_EXIT_FAILED;
    } else if (text.len && (report.refused || !report.added)) {
        code = options_usage_error(&table, "\"%s\" is no name, address, block or file",
                                   report.refused ? report.first_refused[0].text : text.data);
    }
    buf_done(&text);
    return code;
}

static int wanted_open(struct hunt *hunt, char **operands, int count)
{
    struct error error;
    hunt->suffixes = suffix_list_new(hunt->config->intel.public_suffix_list, &error);
    struct intel_builder *builder = hunt->suffixes ? intel_builder_new(hunt->suffixes) : NULL;
    if (!builder) {
        log_error("%s", hunt->suffixes ? "no memory" : error.text);
        return CLI_EXIT_FAILED;
    }
    int code = operands_add(builder, operands, count);
    if (code == CLI_EXIT_OK)
        hunt->wanted = intel_build(builder, &error);
    intel_builder_free(builder);
    if (code == CLI_EXIT_OK && !hunt->wanted) {
        log_error("%s", error.text);
        return CLI_EXIT_FAILED;
    }
    return code;
}

static bool name_wanted(const struct hunt *hunt, const struct dns_name *name,
                        struct indicator_hit *ret_hit)
{
    return intel_match_name(hunt->wanted, name, 0, ret_hit, 1) > 0;
}

static bool answer_wanted(const struct hunt *hunt, const struct answer *answer,
                          struct indicator_hit *ret_hit)
{
    struct addr addr;
    struct dns_name alias;
    if (answer->field == MATCH_ADDRESS) {
        memcpy(addr.bytes, answer->data, sizeof(addr.bytes));
        return intel_match_addr(hunt->wanted, &addr, 0, ret_hit, 1) > 0;
    }
    answer_name(answer, &alias);
    return name_wanted(hunt, &alias, ret_hit);
}

static bool row_wanted(const struct hunt *hunt, const struct history_row *row, struct sighting *ret)
{
    struct cursor cursor = cursor_of(row->answers, row->answers_len);
    struct indicator_hit hit;
    struct answer answer;
    ret->field = MATCH_QNAME;
    history_name(row, &ret->name);
    bool wanted = name_wanted(hunt, &ret->name, &hit);
    while (!wanted && answers_next(&cursor, &answer)) {
        wanted = answer_wanted(hunt, &answer, &hit);
        ret->field = answer.field;
    }
    if (wanted)
        intel_entry(hunt->wanted, &hit, &ret->entry);
    return wanted;
}

/* The columns of a table or a CSV file. Each appends its text. */

static void time_text(int64_t time_ns, struct buf *buf)
{
    char text[TIME_TEXT_MAX];
    time_format(time_ns, text);
    buf_text(buf, text);
}

static void cell_first(const struct sighting *sighting, struct buf *buf)
{
    time_text(sighting->row->first_ns, buf);
}

static void cell_last(const struct sighting *sighting, struct buf *buf)
{
    time_text(sighting->row->last_ns, buf);
}

static void addr_text(const struct addr *addr, struct buf *buf)
{
    char text[ADDR_TEXT_MAX];
    addr_format(addr, text);
    buf_text(buf, text);
}

static void cell_count(const struct sighting *sighting, struct buf *buf)
{
    buf_printf(buf, "%" PRIu64, sighting->row->count);
}

static void cell_entity(const struct sighting *sighting, struct buf *buf)
{
    addr_text(&sighting->row->entity, buf);
}

static void cell_resolver(const struct sighting *sighting, struct buf *buf)
{
    addr_text(&sighting->row->resolver, buf);
}

/* Names below that have no row of their own are told as `*.`. */
static void cell_name(const struct sighting *sighting, struct buf *buf)
{
    char text[NAME_TEXT_MAX];
    name_to_text(&sighting->name, 0, text);
    buf_printf(buf, "%s%s", sighting->row->further == sighting->row->count ? "*." : "", text);
}

static void cell_answers(const struct sighting *sighting, struct buf *buf)
{
    struct cursor cursor = cursor_of(sighting->row->answers, sighting->row->answers_len);
    char text[NAME_TEXT_MAX], scratch[RRTYPE_TEXT_MAX];
    struct answer answer;
    const char *between = "";
    if (sighting->row->rcode != 0 && sighting->row->rcode != HISTORY_NO_RCODE)
        buf_text(buf, rcode_name(sighting->row->rcode, scratch));
    while (answers_next(&cursor, &answer)) {
        answer_text(&answer, text);
        buf_printf(buf, "%s%s", between, text);
        between = " ";
    }
}

static void cell_matched(const struct sighting *sighting, struct buf *buf)
{
    buf_text(buf, sighting->entry.entry);
}

static const struct column {
    const char *name;    /* in CSV */
    const char *heading; /* in a table; NULL: not there */
    void (*cell)(const struct sighting *sighting, struct buf *buf);
    double width; /* share of the terminal; 0: what the cells need */
    int flags;
    unsigned bytes; /* a table shows so many; 0: all */
} columns[] = {
    {"first", "FIRST (UTC)", cell_first, 0, 0, 16},
    {"last", "LAST (UTC)", cell_last, 0, 0, 16},
    {"count", "COUNT", cell_count, 0, SCOLS_FL_RIGHT, 0},
    {"entity", "ENTITY", cell_entity, 0.15, SCOLS_FL_TRUNC, 0},
    {"resolver", NULL, cell_resolver, 0, 0, 0},
    {"name", "NAME", cell_name, 0.25, SCOLS_FL_TRUNC, 0},
    {"answers", "ANSWERS", cell_answers, 0.2, SCOLS_FL_TRUNC, 0},
    {"matched", "MATCHED", cell_matched, 0.15, SCOLS_FL_TRUNC, 0},
};

enum { COLUMN_COUNT = sizeof(columns) / sizeof(*columns) };

static int table_open(struct hunt *hunt)
{
    unsigned width = output_width(stdout);
    hunt->table = scols_new_table();
    if (!hunt->table)
        return -ENOMEM;
    scols_table_set_stream(hunt->table, stdout);
    scols_table_enable_noencoding(hunt->table, 1); /* cells are made visible by us */
    scols_table_set_termforce(hunt->table, width ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
    if (width)
        scols_table_set_termwidth(hunt->table, width);
    for (unsigned i = 0; i < COLUMN_COUNT; i++)
        if (columns[i].heading && !scols_table_new_column(hunt->table, columns[i].heading,
                                                          columns[i].width, columns[i].flags))
            return -ENOMEM;
    return 0;
}

static void table_flush(struct hunt *hunt)
{
    if (hunt->table_rows)
        scols_print_table(hunt->table);
    scols_table_remove_lines(hunt->table);
    hunt->table_rows = 0;
}

static int table_add(struct hunt *hunt, const struct sighting *sighting)
{
    struct libscols_line *line = scols_table_new_line(hunt->table, NULL);
    unsigned at = 0;
    int r = line ? 0 : -ENOMEM;
    for (unsigned i = 0; r == 0 && i < COLUMN_COUNT; i++) {
        if (!columns[i].heading)
            continue;
        buf_reset(&hunt->line);
        buf_reset(&hunt->cell);
        columns[i].cell(sighting, &hunt->line);
        if (columns[i].bytes && hunt->line.len > columns[i].bytes)
            hunt->line.data[columns[i].bytes] = 0;
        utf8_append_visible(&hunt->cell, hunt->line.len ? hunt->line.data : "");
        r = scols_line_set_data(line, at++, hunt->cell.data);
    }
    if (++hunt->table_rows == OUTPUT_TABLE_ROWS_MAX)
        table_flush(hunt);
    return r;
}

/* Writes what is in hunt->line and ends the line. */
static int line_write(struct hunt *hunt, const char *end)
{
    buf_text(&hunt->line, end);
    if (hunt->line.overflow)
        return -ENOMEM;
    errno = EIO;
    return fwrite(hunt->line.data, 1, hunt->line.len, stdout) == hunt->line.len ? 0 : -errno;
}

static int csv_open(struct hunt *hunt)
{
    for (unsigned i = 0; i < COLUMN_COUNT; i++)
        buf_printf(&hunt->line, "%s%s", i ? "," : "", columns[i].name);
    return line_write(hunt, "\r\n");
}

static int csv_add(struct hunt *hunt, const struct sighting *sighting)
{
    buf_reset(&hunt->line);
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        buf_reset(&hunt->cell);
        columns[i].cell(sighting, &hunt->cell);
        buf_text(&hunt->line, i ? "," : "");
        csv_cell(&hunt->line, hunt->cell.len ? hunt->cell.data : "");
    }
    return line_write(hunt, "\r\n");
}

static int json_add(struct hunt *hunt, const struct sighting *sighting)
{
    static const char *const fields[] = {
        [MATCH_QNAME] = "name", [MATCH_ADDRESS] = "address", [MATCH_CNAME] = "alias"};
    struct json json = json_writer(&hunt->line);
    buf_reset(&hunt->line);
    json_object_begin(&json);
    history_row_to_json(sighting->row, &json);
    json_pair(&json, "matched", sighting->entry.entry);
    json_pair(&json, "matched_in", sighting->entry.feed);
    json_pair(&json, "field", fields[sighting->field]);
    json_object_end(&json);
    return line_write(hunt, "\n");
}

static int row_look(void *context, const struct history_row *row, struct error *error)
{
    struct hunt *hunt = context;
    const struct hunt_options *options = &hunt->options;
    struct sighting sighting = {.row = row};
    bool in_time = row->last_ns >= options->since_ns &&
                   (!options->until_ns || row->first_ns < options->until_ns);
    if (!in_time || !(options->any_entity || prefix_contains(&options->entity, &row->entity)) ||
        !row_wanted(hunt, row, &sighting))
        return 0;
    hunt->found++;
    int r = hunt->format == OUTPUT_TABLE ? table_add(hunt, &sighting)
            : hunt->format == OUTPUT_CSV ? csv_add(hunt, &sighting)
                                         : json_add(hunt, &sighting);
    return r < 0 ? error_set(error, r, "what was found could not be printed: %s", strerror(-r)) : 0;
}

static int hunt_run(struct hunt *hunt, struct error *error)
{
    hunt->format = output_format_for(hunt->options.format, stdout);
    int r = hunt->format == OUTPUT_TABLE ? table_open(hunt)
            : hunt->format == OUTPUT_CSV ? csv_open(hunt)
                                         : 0;
    if (r < 0)
        return error_set(error, r, "what is found cannot be printed: %s", strerror(-r));
    r = history_each(hunt->store, row_look, hunt, error);
    if (hunt->table)
        table_flush(hunt);
    if (r == 0 && fflush(stdout) != 0)
        r = error_set(error, -errno, "what was found could not be printed: %s", strerror(errno));
    return r;
}

/* Why there may be nothing, and what to do about it. */
static void nothing_explain(const struct hunt *hunt, const char *path,
                            const struct history_status *status)
{
    char newest[TIME_TEXT_MAX];
    time_format(status->newest_ns, newest);
    if (status->rows)
        log_info("nothing found among %" PRIu64 " rows of the history, the newest of %.10s",
                 status->rows, newest);
    else if (hunt->config->history.days == 0)
        log_info("%s: the history is empty, and history.days is 0 in the configuration: raise it, "
                 "then `dnsvigil analyze FILE` fills it",
                 path);
    else
        log_info("%s: the history is empty; `dnsvigil analyze --store %s FILE` fills it", path,
                 path);
}

static int hunt_open(struct hunt *hunt, char **operands, int count, const char *path)
{
    struct error error;
    int code = wanted_open(hunt, operands, count);
    if (code != CLI_EXIT_OK)
        return code;
    if (store_open(path, STORE_READ, NULL, &hunt->store, &error) == 0)
        return CLI_EXIT_OK;
    log_error("%s", error.text);
    return CLI_EXIT_FAILED;
}

static int hunt_go(struct hunt *hunt, char **operands, int count)
{
    const char *path = hunt->options.store ? hunt->options.store : hunt->config->store.path;
    struct history_status status;
    struct error error;
    int code = hunt_open(hunt, operands, count, path);
    if (code != CLI_EXIT_OK)
        return code;
    int r = history_status(hunt->store, &status, &error);
    if (r == 0)
        r = hunt_run(hunt, &error);
    if (r < 0) {
        log_error("%s", error.text);
        return CLI_EXIT_FAILED;
    }
    if (hunt->found)
        return CLI_EXIT_OK;
    nothing_explain(hunt, path, &status);
    return CLI_EXIT_NOTHING;
}

static void hunt_close(struct hunt *hunt)
{
    struct error error;
    if (store_close(hunt->store, &error) < 0)
        log_error("%s", error.text);
    scols_unref_table(hunt->table);
    intel_free(hunt->wanted);
    suffix_list_free(hunt->suffixes);
    config_free(hunt->config);
    buf_done(&hunt->line);
    buf_done(&hunt->cell);
}

int command_hunt(int argc, char **argv)
{
    struct hunt hunt = {.options.any_entity = true};
    struct error error;
    int first, code;
    if (!options_parse(&table, argc, argv, &hunt.options, &first, &code))
        return code;
    if (first == argc)
        return options_usage_error(&table, "say what to look for: a name, an address or a file");
    if (config_load(hunt.options.config, &hunt.config, &error) < 0) {
        log_error("%s", error.text);
        return CLI_EXIT_CONFIG;
    }
    buf_init(&hunt.line, LINE_BYTES_MAX);
    buf_init(&hunt.cell, LINE_BYTES_MAX);
    code = hunt_go(&hunt, argv + first, argc - first);
    hunt_close(&hunt);
    return code;
}
