/* page.c - text laid out for reading: headings, labelled values, wrapped paragraphs
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/page.h"
#include "base/utf8.h"
#include "cli/output.h"

#include <string.h>
#include <wchar.h>

enum { PARAGRAPH_MAX_BYTES = 64 * 1024, COLUMNS_MIN = 20 };

struct page page_on(FILE *stream)
{
    bool colours = output_colours(stream);
    unsigned width = output_width(stream);
    return (struct page){
        .stream = stream,
        .width = width && width < PAGE_WIDTH_MAX ? width : PAGE_WIDTH_MAX,
        .bold = colours ? "\033[1m" : "",
        .plain = colours ? "\033[0m" : "",
    };
}

/* The character at `text` and its columns. */
static size_t char_at(const char *text, uint32_t *ret_code, unsigned *ret_columns)
{
    size_t len = utf8_decode((const uint8_t *)text, strlen(text), ret_code);
    if (len == 0) {
        *ret_code = 0xfffd;
        *ret_columns = 1;
        return 1;
    }
    int columns = wcwidth((wchar_t)*ret_code);
    *ret_columns = columns > 0 ? (unsigned)columns : 0;
    return len;
}

unsigned page_text_width(const char *text)
{
    unsigned width = 0;
    while (*text) {
        uint32_t code;
        unsigned columns;
        text += char_at(text, &code, &columns);
        width += columns;
    }
    return width;
}

static bool code_is_katakana(uint32_t code)
{
    return code >= 0x30a1 && code <= 0x30ff;
}

/* Whether a line may end between two characters: at a space, or beside a wide character that is
 * neither a closing mark (which may not begin a line, JIS X 4051) nor inside a katakana word. */
static bool line_may_end(uint32_t before, uint32_t after, bool wide)
{
    if (after == ' ')
        return true;
    if (!wide || before == ' ' || wcschr(L"、。，．・：；？！」』）】", (wchar_t)after))
        return false;
    return !code_is_katakana(before) || !code_is_katakana(after);
}

/* Bytes of the text that make its next line; a word longer than a line is cut. */
static size_t line_take(const char *text, unsigned width)
{
    size_t at = 0, end = 0;
    unsigned used = 0, before_columns = 0;
    uint32_t before = 0;
    while (text[at]) {
        uint32_t code;
        unsigned columns;
        size_t len = char_at(text + at, &code, &columns);
        if (at && line_may_end(before, code, columns == 2 || before_columns == 2))
            end = at;
        if (used + columns > width && code != ' ')
            return end ? end : at ? at : len;
        used += columns;
        before = code;
        before_columns = columns;
        at += len;
    }
    return at;
}

void page_wrap(const struct page *page, unsigned indent, const char *text)
{
    struct buf visible;
    buf_init(&visible, PARAGRAPH_MAX_BYTES);
    utf8_append_visible(&visible, text);
    unsigned width = page->width > indent + COLUMNS_MIN ? page->width - indent : COLUMNS_MIN;
    const char *at = visible.data ? visible.data : "";
    for (;;) {
        size_t len = line_take(at, width);
        fprintf(page->stream, "%.*s\n", (int)len, at);
        at += len + strspn(at + len, " ");
        if (!*at)
            break;
        fprintf(page->stream, "%*s", (int)indent, "");
    }
    buf_done(&visible);
}

void page_heading(const struct page *page, const char *text)
{
    fprintf(page->stream, "\n%s", page->bold);
    page_wrap(page, 0, text);
    fputs(page->plain, page->stream);
}

void page_pair(const struct page *page, const char *label, const char *text)
{
    if (!*text)
        return;
    unsigned width = page_text_width(label);
    fprintf(page->stream, "  %s%*s", label,
            width < PAGE_LABEL_WIDTH ? (int)(PAGE_LABEL_WIDTH - width) : 1, "");
    page_wrap(page, 2 + PAGE_LABEL_WIDTH, text);
}

void page_paragraph(const struct page *page, unsigned indent, const char *lead, const char *text)
{
    fprintf(page->stream, "%*s%s", (int)indent, "", lead);
    page_wrap(page, indent + (unsigned)strlen(lead), text);
}
