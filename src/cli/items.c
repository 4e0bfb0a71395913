/* items.c - prints the items that the API answered: aligned columns, or one JSON object a line
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/items.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "cli/page.h"

#include <stdio.h>

enum { COLUMNS_MAX = 8, CELL_MAX_BYTES = 1024 };

static void cell_text(const json_t *item, const char *key, struct buf *cell)
{
    const json_t *value = json_object_get(item, key);
    buf_reset(cell);
    if (json_is_string(value))
        utf8_append_visible(cell, json_string_value(value));
    else if (json_is_integer(value))
        buf_printf(cell, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_boolean(value))
        buf_text(cell, json_is_true(value) ? "yes" : "no");
    else
        buf_text(cell, "-");
}

static unsigned column_width(const json_t *items, const char *key, struct buf *cell)
{
    size_t i;
    json_t *item;
    unsigned width = page_text_width(key);
    json_array_foreach(items, i, item)
    {
        cell_text(item, key, cell);
        unsigned own = page_text_width(cell->data);
        width = own > width ? own : width;
    }
    return width;
}

static void cell_print(const char *text, unsigned width, bool last)
{
    fputs(text, stdout);
    if (last)
        putchar('\n');
    else
        printf("%*s", (int)(width + 2 - page_text_width(text)), "");
}

static void table_print(const json_t *items, const char *const columns[])
{
    size_t i;
    json_t *item;
    struct buf cell;
    unsigned widths[COLUMNS_MAX];
    buf_init(&cell, CELL_MAX_BYTES);
    for (unsigned c = 0; columns[c]; c++)
        widths[c] = column_width(items, columns[c], &cell);
    for (unsigned c = 0; columns[c]; c++)
        cell_print(columns[c], widths[c], !columns[c + 1]);
    json_array_foreach(items, i, item)
    {
        for (unsigned c = 0; columns[c]; c++) {
            cell_text(item, columns[c], &cell);
            cell_print(cell.data, widths[c], !columns[c + 1]);
        }
    }
    buf_done(&cell);
}

void items_print(const json_t *answer, const char *const columns[], enum output_format format)
{
    size_t i;
    json_t *item;
    const json_t *items = json_object_get(answer, "items");
    if (output_format_for(format, stdout) == OUTPUT_TABLE) {
        table_print(items, columns);
        return;
    }
    json_array_foreach(items, i, item)
    {
        json_dumpf(item, stdout, JSON_COMPACT);
        putchar('\n');
    }
}
