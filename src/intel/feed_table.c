/* feed_table.c - lists in columns separated by commas, semicolons, bars or tabs
 * SPDX-License-Identifier: Apache-2.0
 *
 * Rows follow RFC 4180, but for quoted line ends, with blanks allowed around fields. The heading
 * may stand in a comment, as in the exports of several well-known services. */
#include "intel/feed.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMN_MAX = 256 };

/* Headings of columns that hold what we look for, the most telling first. */
static const char *const value_headings[] = {
    "indicator", "ioc_value", "ioc",  "domain", "domain_name", "domainname", "fqdn", "hostname",
    "host",      "url",       "urls", "value",  "dns_query",   "query",      "name", "ip_address",
    "ip",        "dst_ip",    "ipv4", "ipv6",   "address",     "domains",
};

static const char *const confidence_headings[] = {"confidence", "confidence_level"};

/* Unlike slice_trim() it leaves tabs, which may be separators. */
static struct slice spaces_trim(struct slice text)
{
    while (text.len && text.at[0] == ' ')
        text = slice_skip(text, 1);
    while (text.len && (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\r'))
        text.len--;
    return text;
}

/* The bytes before the quotation mark that closes a field; "" stands for one within it. */
static size_t quoted_len(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != '"')
            continue;
        if (i + 1 == text.len || text.at[i + 1] != '"')
            return i;
        i++;
    }
    return text.len;
}

/* Takes one field off. A quotation mark that is not closed takes the rest of the row. */
static struct slice field_take(struct slice *row, char separator)
{
    *row = spaces_trim(*row);
    if (!slice_begins(*row, "\""))
        return spaces_trim(slice_cut(row, separator));
    *row = slice_skip(*row, 1);
    struct slice field = {row->at, quoted_len(*row)};
    *row = slice_skip(*row, field.len);
    slice_cut(row, separator);
    return field;
}

static char separator_of(struct slice line)
{
    static const char separators[] = {'\t', ';', '|', ','};
    char best = 0;
    size_t most = 0;
    for (size_t s = 0; s < sizeof(separators); s++) {
        size_t count = 0;
        for (size_t i = 0; i < line.len; i++)
            count += line.at[i] == separators[s];
        if (count > most) {
            most = count;
            best = separators[s];
        }
    }
    return best;
}

/* The number of the field that reads `heading`, or -1. */
static int field_find(struct slice row, char separator, const char *heading)
{
    for (int i = 0; row.len && i < COLUMN_MAX; i++)
        if (slice_equal_nocase(field_take(&row, separator), heading))
            return i;
    return -1;
}

static int field_find_any(struct slice row, char separator, const char *const *headings,
                          size_t count)
{
    int found = -1;
    for (size_t i = 0; i < count && found < 0; i++)
        found = field_find(row, separator, headings[i]);
    return found;
}

static int value_find(struct slice row, char separator)
{
    return field_find_any(row, separator, value_headings,
                          sizeof(value_headings) / sizeof(*value_headings));
}

/* The number of the first field that is an entry, or -1. */
static int entry_find(struct slice row, char separator)
{
    for (int i = 0; row.len && i < COLUMN_MAX; i++)
        if (feed_is_entry(field_take(&row, separator)))
            return i;
    return -1;
}

/* A column chosen by number; 0 when it is a heading. */
static unsigned column_number(const char *column)
{
    char *end;
    unsigned long number = strtoul(column, &end, 10);
    return *end == 0 && number <= COLUMN_MAX ? (unsigned)number : 0;
}

/* Whether the row is a heading that has the column; then the columns are known. */
static bool heading_take(struct feed_lines *lines, struct slice row)
{
    struct feed_columns *columns = &lines->columns;
    char separator = lines->format == FEED_TSV ? '\t' : separator_of(row);
    unsigned number = lines->column ? column_number(lines->column) : 0;
    int value = lines->column && !number ? field_find(row, separator, lines->column)
                                         : value_find(row, separator);
    if (value < 0)
        return false;
    *columns = (struct feed_columns){
        .known = true,
        .separator = separator,
        .value = number ? number - 1 : (unsigned)value,
        .confidence = field_find_any(row, separator, confidence_headings,
                                     sizeof(confidence_headings) / sizeof(*confidence_headings)),
    };
    return true;
}

/* Learns from a first row that is not a heading where the values are. */
static bool row_learn(struct feed_lines *lines, struct slice row)
{
    unsigned number = lines->column ? column_number(lines->column) : 0;
    if (lines->column && !number) {
        lines->failure = "has no column of that name";
        return false;
    }
    char separator = lines->format == FEED_TSV ? '\t' : separator_of(row);
    int value = number ? (int)number - 1 : entry_find(row, separator);
    if (value < 0)
        return false;
    lines->columns = (struct feed_columns){
        .known = true, .separator = separator, .value = (unsigned)value, .confidence = -1};
    return true;
}

static enum refusal row_read(const struct feed_columns *columns, struct slice row,
                             struct feed_line *out)
{
    struct slice value = {row.at, 0};
    for (unsigned i = 0; row.len && i < COLUMN_MAX; i++) {
        struct slice field = field_take(&row, columns->separator);
        if (i == columns->value)
            value = field;
        if ((int)i == columns->confidence)
            out->confidence = confidence_parse(field);
    }
    return value.len ? feed_plain_entry(value, out) : REFUSAL_NO_VALUE;
}

enum refusal feed_table_line(struct feed_lines *lines, struct slice line, struct feed_line *out)
{
    bool comment = slice_begins(slice_trim(line), "#");
    if (slice_trim(line).len == 0)
        return REFUSAL_NONE;
    if (comment)
        line = slice_skip(slice_trim(line), 1);
    if (!lines->columns.known && heading_take(lines, line))
        return REFUSAL_NONE;
    if (comment)
        return REFUSAL_NONE;
    if (!lines->columns.known && !row_learn(lines, line))
        return REFUSAL_NO_VALUE;
    return row_read(&lines->columns, line, out);
}

/* Rules of other programs have semicolons and commas, too, but no field before their parenthesis.
 */
static bool table_like(struct slice line, char separator)
{
    struct slice rest = line;
    struct slice first = separator ? field_take(&rest, separator) : line;
    return rest.len && !memchr(first.at, '(', first.len) &&
           (value_find(line, separator) >= 0 || entry_find(line, separator) >= 0);
}

bool feed_csv_like(struct slice line)
{
    char separator = separator_of(line);
    return separator != '\t' && table_like(line, separator);
}

bool feed_tsv_like(struct slice line)
{
    return table_like(line, '\t');
}
