/* pieces.c - byte ranges of a datagram or stream that arrived before they could be used
 * SPDX-License-Identifier: Apache-2.0 */
#include "decode/pieces.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert(sizeof(struct piece) == 512, "pieces fill their cache lines");

bool piece_pool_init(struct piece_pool *pool, size_t bytes)
{
    size_t max = bytes / sizeof(struct piece);
    if (max > UINT32_MAX - 1)
        max = UINT32_MAX - 1;
    *pool = (struct piece_pool){
        .pieces = malloc(max * sizeof(struct piece)),
        .max = (uint32_t)max,
        .left = (uint32_t)max,
    };
    return pool->pieces != NULL;
}

void piece_pool_done(struct piece_pool *pool)
{
    free(pool->pieces);
    *pool = (struct piece_pool){0};
}

static struct piece *piece_at(const struct piece_pool *pool, uint32_t number)
{
    return &pool->pieces[number - 1];
}

static uint32_t piece_end(const struct piece *piece)
{
    return piece->at + piece->len;
}

/* Whether position a lies before b, on a circle. */
static bool before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t piece_take(struct piece_pool *pool)
{
    if (pool->left == 0)
        return 0;
    pool->left--;
    if (!pool->unused)
        return ++pool->used;
    uint32_t number = pool->unused;
    pool->unused = piece_at(pool, number)->next;
    return number;
}

static void piece_give(struct piece_pool *pool, uint32_t number)
{
    piece_at(pool, number)->next = pool->unused;
    pool->unused = number;
    pool->left++;
}

/* The last piece that starts at or before `at`, 0 for none. Data mostly comes in order, so the end
 * of the list is tried first. */
static uint32_t list_place(const struct piece_pool *pool, const struct piece_list *list,
                           uint32_t at)
{
    if (list->last && !before(at, piece_at(pool, list->last)->at))
        return list->last;
    uint32_t place = 0;
    for (uint32_t n = list->first; n && !before(at, piece_at(pool, n)->at);
         n = piece_at(pool, n)->next)
        place = n;
    return place;
}

static uint32_t list_after(const struct piece_pool *pool, const struct piece_list *list,
                           uint32_t place)
{
    return place ? piece_at(pool, place)->next : list->first;
}

/* A fresh piece linked after `place`; 0 when there is no room. */
static uint32_t list_insert(struct piece_pool *pool, struct piece_list *list, uint32_t place,
                            uint32_t at)
{
    uint32_t number = list->count < PIECES_PER_LIST_MAX ? piece_take(pool) : 0;
    if (!number)
        return 0;
    struct piece *piece = piece_at(pool, number);
    piece->at = at;
    piece->from = 0;
    piece->len = 0;
    piece->starts = false;
    piece->next = list_after(pool, list, place);
    *(place ? &piece_at(pool, place)->next : &list->first) = number;
    if (list->last == place)
        list->last = number;
    list->count++;
    return number;
}

/* Copies as much as the piece has room for. */
static uint32_t piece_fill(struct piece *piece, const uint8_t *data, uint32_t len)
{
    uint32_t used = (uint32_t)piece->from + piece->len;
    uint32_t n = min_u32(len, PIECE_DATA_BYTES - used);
    memcpy(piece->data + used, data, n);
    piece->len = (uint16_t)(piece->len + n);
    return n;
}

/* Stores a range of which nothing is held, after `place`. Returns the last piece it went to, 0 when
 * there was no room for all of it. */
static uint32_t list_store(struct piece_pool *pool, struct piece_list *list, uint32_t place,
                           uint32_t at, const uint8_t *data, uint32_t len, bool join)
{
    while (len > 0) {
        bool continues = join && place && piece_end(piece_at(pool, place)) == at;
        uint32_t n = continues ? piece_fill(piece_at(pool, place), data, len) : 0;
        if (n == 0) {
            place = list_insert(pool, list, place, at);
            if (!place)
                return 0;
            n = piece_fill(piece_at(pool, place), data, len);
        }
        list->bytes += n;
        at += n;
        data += n;
        len -= n;
    }
    return place;
}

bool pieces_add(struct piece_pool *pool, struct piece_list *list, uint32_t at, const uint8_t *data,
                uint32_t len, bool join)
{
    const uint32_t start = at;
    const uint32_t end = at + len;
    uint32_t place = list_place(pool, list, at);
    while (at != end) {
        uint32_t held = place ? piece_end(piece_at(pool, place)) : at;
        if (before(at, held)) {
            uint32_t skip = min_u32(held - at, end - at);
            at += skip;
            data += skip;
        }
        uint32_t next = list_after(pool, list, place);
        uint32_t run = next ? min_u32(piece_at(pool, next)->at - at, end - at) : end - at;
        if (run > 0) {
            uint32_t stored = list_store(pool, list, place, at, data, run, join);
            if (!stored)
                return false;
            uint32_t front = list_after(pool, list, place);
            if (at == start && front && piece_at(pool, front)->at == start)
                piece_at(pool, front)->starts = true;
            at += run;
            data += run;
        }
        place = next;
    }
    return true;
}

/* How many bytes of a range the piece holds, too; then also whether they are the same. */
static uint32_t piece_common(const struct piece *piece, uint32_t at, const uint8_t *data,
                             uint32_t len, bool *ret_same)
{
    const uint32_t end = at + len;
    uint32_t from = before(piece->at, at) ? at : piece->at;
    uint32_t upto = before(piece_end(piece), end) ? piece_end(piece) : end;
    if (!before(from, upto))
        return 0;
    const uint8_t *held = piece->data + piece->from + (from - piece->at);
    *ret_same = memcmp(held, data + (from - at), upto - from) == 0;
    return upto - from;
}

enum pieces_match pieces_match(const struct piece_pool *pool, const struct piece_list *list,
                               uint32_t at, const uint8_t *data, uint32_t len)
{
    uint32_t touched = 0, equal = 0;
    bool same = true;
    for (uint32_t n = list->first; n; n = piece_at(pool, n)->next) {
        uint32_t common = piece_common(piece_at(pool, n), at, data, len, &same);
        touched += common;
        equal += same ? common : 0;
    }
    if (!touched)
        return PIECES_APART;
    return equal == len ? PIECES_SAME : PIECES_DIFFER;
}

bool pieces_contradict(const struct piece_pool *pool, const struct piece_list *list, uint32_t at,
                       const uint8_t *data, uint32_t len)
{
    bool same = true;
    if (!list->last || !before(at, piece_end(piece_at(pool, list->last))))
        return false; /* data in order */
    for (uint32_t n = list->first; n && same; n = piece_at(pool, n)->next)
        piece_common(piece_at(pool, n), at, data, len, &same);
    return !same;
}

uint32_t pieces_contiguous(const struct piece_pool *pool, const struct piece_list *list,
                           uint32_t at)
{
    uint32_t n = list_place(pool, list, at);
    if (!n)
        return at;
    for (; n && !before(at, piece_at(pool, n)->at); n = piece_at(pool, n)->next)
        if (before(at, piece_end(piece_at(pool, n))))
            at = piece_end(piece_at(pool, n));
    return at;
}

uint32_t pieces_end(const struct piece_pool *pool, const struct piece_list *list)
{
    return list->last ? piece_end(piece_at(pool, list->last)) : 0;
}

uint32_t pieces_copy(const struct piece_pool *pool, const struct piece_list *list, uint8_t *out,
                     uint32_t max)
{
    uint32_t copied = 0;
    const struct piece *first = pieces_first(pool, list);
    uint32_t at = first ? first->at : 0;
    for (uint32_t n = list->first; n && copied < max; n = piece_at(pool, n)->next) {
        const struct piece *piece = piece_at(pool, n);
        if (piece->at != at + copied)
            break;
        uint32_t len = min_u32(piece->len, max - copied);
        memcpy(out + copied, piece->data + piece->from, len);
        copied += len;
    }
    return copied;
}

void pieces_shift(struct piece_pool *pool, struct piece_list *list)
{
    uint32_t number = list->first;
    struct piece *piece = piece_at(pool, number);
    list->first = piece->next;
    if (!list->first)
        list->last = 0;
    list->count--;
    list->bytes -= piece->len;
    piece_give(pool, number);
}

void pieces_drop(struct piece_pool *pool, struct piece_list *list, uint32_t upto)
{
    while (list->first && before(piece_at(pool, list->first)->at, upto)) {
        struct piece *piece = piece_at(pool, list->first);
        if (!before(upto, piece_end(piece))) {
            pieces_shift(pool, list);
            continue;
        }
        uint32_t n = upto - piece->at;
        piece->at = upto;
        piece->from = (uint16_t)(piece->from + n);
        piece->len = (uint16_t)(piece->len - n);
        piece->starts = false;
        list->bytes -= n;
        return;
    }
}

void pieces_clear(struct piece_pool *pool, struct piece_list *list)
{
    while (list->first)
        pieces_shift(pool, list);
}
