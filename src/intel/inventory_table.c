/* inventory_table.c - reads an inventory that is a table: CSV with a heading
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/book.h"

#include <string.h>

enum { COLUMNS_MAX = 32, COLUMN_NONE = COLUMNS_MAX };

enum cell { CELL_MATCH, CELL_NAME, CELL_OWNER, CELL_EMAIL, CELL_TAGS, CELL_COUNT };

static const char *const headings[CELL_COUNT] = {"match", "name", "owner", "email", "tags"};

struct table_form {
    char separator;
    unsigned column[CELL_COUNT];
};

/* Takes the next cell off the line; quotation marks around it (RFC 4180) come off, a doubled one
 * inside becomes one, in `room`, which has at least line->len bytes. */
static struct slice cell_take(struct slice *line, char separator, char **room)
{
    struct slice trimmed = slice_trim(*line);
    if (trimmed.len == 0 || trimmed.at[0] != '"')
        return slice_trim(slice_cut(line, separator));
    struct slice cell = {*room, 0};
    size_t at = 1;
    for (; at < trimmed.len; at++) {
        if (trimmed.at[at] == '"' && (at + 1 == trimmed.len || trimmed.at[++at] != '"'))
            break;
        (*room)[cell.len++] = trimmed.at[at];
    }
    *line = slice_skip(trimmed, at < trimmed.len ? at : trimmed.len);
    slice_cut(line, separator);
    *room += cell.len;
    return cell;
}

static unsigned cells_take(struct slice line, char separator, char *room,
                           struct slice cells[static COLUMNS_MAX])
{
    unsigned count = 0;
    while (count < COLUMNS_MAX && line.len)
        cells[count++] = cell_take(&line, separator, &room);
    return count;
}

/* Which of the usual separators the heading has. */
static char separator_of(struct slice heading)
{
    for (size_t i = 0; i < heading.len; i++)
        if (strchr(",;\t", heading.at[i]))
            return heading.at[i];
    return ',';
}

static const char *heading_read(struct slice line, struct table_form *ret)
{
    struct slice cells[COLUMNS_MAX];
    char room[BOOK_LINE_MAX];
    ret->separator = separator_of(line);
    unsigned count = cells_take(line, ret->separator, room, cells);
    for (int cell = 0; cell < CELL_COUNT; cell++) {
        ret->column[cell] = COLUMN_NONE;
        for (unsigned i = 0; i < count; i++)
            if (slice_equal_nocase(cells[i], headings[cell]))
                ret->column[cell] = i;
    }
    return ret->column[CELL_MATCH] != COLUMN_NONE
               ? NULL
               : "the first line has to name the columns: match, and any of name, owner, email, "
                 "tags; nothing of the file was read";
}

static const char *row_read(struct book *book, const struct table_form *form, struct slice line)
{
    struct slice cells[COLUMNS_MAX + 1], of[CELL_COUNT];
    char room[BOOK_LINE_MAX];
    unsigned count = cells_take(line, form->separator, room, cells);
    for (int cell = 0; cell < CELL_COUNT; cell++) {
        unsigned column = form->column[cell];
        of[cell] = column < count ? cells[column] : (struct slice){"", 0};
    }
    const struct book_row row = {of[CELL_MATCH], of[CELL_NAME], of[CELL_OWNER], of[CELL_EMAIL],
                                 of[CELL_TAGS]};
    return book_add_host(book, &row);
}

void inventory_table_read(struct book *book, const char *data, size_t len)
{
    struct table_form form;
    struct slice line;
    const char *at = data;
    bool headed = false;
    if (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) /* as spreadsheets write it */
        at += 3;
    while (book_next_line(book, &at, data + len, &line)) {
        struct slice text = slice_trim(line);
        if (text.len == 0 || text.at[0] == '#')
            continue;
        const char *reason = line.len > BOOK_LINE_MAX ? "the line is longer than 4096 bytes"
                             : headed                 ? row_read(book, &form, line)
                                                      : heading_read(line, &form);
        book_refuse(book, reason);
        if (reason && !headed)
            return;
        headed = true;
    }
}
