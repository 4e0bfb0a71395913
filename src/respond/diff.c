/* diff.c - what changes from one text to another, as a unified diff
 * SPDX-License-Identifier: Apache-2.0
 *
 * Equal lines at both ends are put aside; of what is between, the longest common subsequence stays
 * (Wagner and Fischer, 1974). */
#include "respond/diff.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { CONTEXT_LINES = 3, MIDDLE_MAX = 1000 };

struct line {
    const char *at;
    size_t len;
};

struct text {
    struct line *lines;
    size_t count;
};

/* One line of the result: ' ' in both, '-' only before, '+' only after. */
struct edit {
    char kind;
    struct line line;
};

struct script {
    struct edit *edits;
    size_t count;
};

static bool text_split(const char *at, size_t len, struct text *ret_text)
{
    size_t lines = 1;
    for (size_t i = 0; i < len; i++)
        lines += at[i] == '\n';
    *ret_text = (struct text){.lines = malloc(lines * sizeof(struct line))};
    if (!ret_text->lines)
        return false;
    while (len > 0) {
        const char *end = memchr(at, '\n', len);
        size_t n = end ? (size_t)(end - at) + 1 : len;
        ret_text->lines[ret_text->count++] = (struct line){at, n};
        at += n;
        len -= n;
    }
    return true;
}

static bool line_equal(const struct line *a, const struct line *b)
{
    return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

static void add(struct script *script, char kind, const struct line *line)
{
    script->edits[script->count++] = (struct edit){kind, *line};
}

/* lengths[i][j]: how many lines the rest of `from` from i on and of `to` from j on have in common.
 */
static uint16_t *lengths_make(const struct text *from, const struct text *to)
{
    size_t width = to->count + 1;
    uint16_t *lengths = calloc((from->count + 1) * width, sizeof(*lengths));
    for (size_t i = from->count; lengths && i-- > 0;) {
        for (size_t j = to->count; j-- > 0;) {
            uint16_t down = lengths[(i + 1) * width + j], right = lengths[i * width + j + 1];
            lengths[i * width + j] = line_equal(&from->lines[i], &to->lines[j])
                                         ? (uint16_t)(lengths[(i + 1) * width + j + 1] + 1)
                                     : down > right ? down
                                                    : right;
        }
    }
    return lengths;
}

static bool middle_add(struct script *script, const struct text *from, const struct text *to)
{
    size_t i = 0, j = 0, width = to->count + 1;
    bool small = from->count <= MIDDLE_MAX && to->count <= MIDDLE_MAX;
    uint16_t *lengths = small ? lengths_make(from, to) : NULL;
    if (small && !lengths)
        return false;
    while (small && i < from->count && j < to->count) {
        if (line_equal(&from->lines[i], &to->lines[j])) {
            add(script, ' ', &from->lines[i++]);
            j++;
        } else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) {
            add(script, '-', &from->lines[i++]);
        } else {
            add(script, '+', &to->lines[j++]);
        }
    }
    while (i < from->count)
        add(script, '-', &from->lines[i++]);
    while (j < to->count)
        add(script, '+', &to->lines[j++]);
    free(lengths);
    return true;
}

static bool script_make(struct script *script, const struct text *from, const struct text *to)
{
    size_t least = from->count < to->count ? from->count : to->count;
    size_t head = 0, tail = 0;
    while (head < least && line_equal(&from->lines[head], &to->lines[head]))
        head++;
    while (tail < least - head &&
           line_equal(&from->lines[from->count - 1 - tail], &to->lines[to->count - 1 - tail]))
        tail++;
    for (size_t i = 0; i < head; i++)
        add(script, ' ', &from->lines[i]);
    if (!middle_add(script, &(struct text){from->lines + head, from->count - head - tail},
                    &(struct text){to->lines + head, to->count - head - tail}))
        return false;
    for (size_t i = from->count - tail; i < from->count; i++)
        add(script, ' ', &from->lines[i]);
    return true;
}

/* The end of the part that is shown together with the change at `at`: changes less than twice the
 * context apart share it. */
static size_t hunk_end(const struct script *script, size_t at)
{
    size_t end = at;
    for (size_t i = at; i < script->count && i - end <= 2 * CONTEXT_LINES + 1; i++)
        if (script->edits[i].kind != ' ')
            end = i;
    end += 1 + CONTEXT_LINES;
    return end < script->count ? end : script->count;
}

/* Where a side's lines begin; a side without lines is named by the line before. */
static size_t line_number(size_t before, size_t count)
{
    return before + (count > 0);
}

static void hunk_write(const struct script *script, size_t begin, size_t end, struct buf *buf)
{
    size_t before[2] = {0, 0}, count[2] = {0, 0};
    for (size_t i = 0; i < end; i++) {
        size_t *numbers = i < begin ? before : count;
        numbers[0] += script->edits[i].kind != '+';
        numbers[1] += script->edits[i].kind != '-';
    }
    buf_printf(buf, "@@ -%zu,%zu +%zu,%zu @@\n", line_number(before[0], count[0]), count[0],
               line_number(before[1], count[1]), count[1]);
    for (size_t i = begin; i < end; i++) {
        const struct edit *edit = &script->edits[i];
        buf_char(buf, edit->kind);
        buf_append(buf, edit->line.at, edit->line.len);
        if (edit->line.at[edit->line.len - 1] != '\n')
            buf_text(buf, "\n\\ No newline at end of file\n");
    }
}

static void script_write(const struct script *script, const char *name, struct buf *buf)
{
    bool headed = false;
    for (size_t i = 0; i < script->count;) {
        if (script->edits[i].kind == ' ') {
            i++;
            continue;
        }
        if (!headed)
            buf_printf(buf, "--- %s\n+++ %s\n", name, name);
        headed = true;
        size_t end = hunk_end(script, i);
        hunk_write(script, i > CONTEXT_LINES ? i - CONTEXT_LINES : 0, end, buf);
        i = end;
    }
}

bool diff_write(const char *from, size_t from_len, const char *to, size_t to_len, const char *name,
                struct buf *buf)
{
    struct text before = {0}, after = {0};
    struct script script = {0};
    bool done = text_split(from, from_len, &before) && text_split(to, to_len, &after);
    if (done)
        script.edits = malloc((before.count + after.count + 1) * sizeof(*script.edits));
    done = script.edits && script_make(&script, &before, &after);
    if (done)
        script_write(&script, name, buf);
    free(script.edits);
    free(before.lines);
    free(after.lines);
    return done;
}
