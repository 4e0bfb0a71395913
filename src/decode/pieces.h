/* pieces.h - byte ranges of a datagram or stream that arrived before they could be used
 * SPDX-License-Identifier: Apache-2.0
 *
 * A list holds non-overlapping ranges in order of position, in pieces of fixed size from a pool
 * that many lists share. Positions are 32-bit numbers that may wrap, as TCP's do; everything in one
 * list lies within 2^31 of each other. Bytes that came first win over later ones for the same
 * position.
 *
 * One thread owns a pool and its lists; nothing is allocated after piece_pool_init(). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PIECE_DATA_BYTES = 498, /* a struct piece takes 512 bytes */
    PIECES_PER_LIST_MAX = 256,
};

struct piece {
    uint32_t at;
    uint32_t next; /* number of the next piece, 0 for none */
    uint16_t from; /* data before it is used up */
    uint16_t len;
    bool starts; /* the front of what pieces_add() was given */
    uint8_t data[PIECE_DATA_BYTES];
};

struct piece_pool {
    struct piece *pieces; /* number n at [n - 1] */
    uint32_t max;
    uint32_t used;   /* numbers handed out at least once: the rest is untouched memory */
    uint32_t unused; /* numbers given back, linked by `next` */
    uint32_t left;   /* pieces that can still be taken */
};

/* Empty when zeroed. */
struct piece_list {
    uint32_t first;
    uint32_t last;
    uint32_t count;
    uint32_t bytes;
};

enum pieces_match {
    PIECES_APART,  /* none of the range is held */
    PIECES_SAME,   /* all of it is held with equal bytes */
    PIECES_DIFFER, /* anything else */
};

/* How many pieces `len` bytes take at most where nothing is held yet. */
static inline uint32_t pieces_needed(uint32_t len)
{
    return len / PIECE_DATA_BYTES + 1;
}

/* Uses at most `bytes`. False without memory. */
bool piece_pool_init(struct piece_pool *pool, size_t bytes);
void piece_pool_done(struct piece_pool *pool);

/* Stores the bytes of [at, at + len) that the list does not hold. With `join`, bytes that continue
 * a piece are put into it where there is room; without, the start of each call stays visible in
 * `starts`. False when the pool or the list's own limit ended before the data; what was stored
 * until then stays. */
bool pieces_add(struct piece_pool *pool, struct piece_list *list, uint32_t at, const uint8_t *data,
                uint32_t len, bool join);

/* How a range compares to what is held. */
enum pieces_match pieces_match(const struct piece_pool *pool, const struct piece_list *list,
                               uint32_t at, const uint8_t *data, uint32_t len);

/* Whether a byte of the range is held and is another one there. */
bool pieces_contradict(const struct piece_pool *pool, const struct piece_list *list, uint32_t at,
                       const uint8_t *data, uint32_t len);

/* The first position from `at` on that is not held. */
uint32_t pieces_contiguous(const struct piece_pool *pool, const struct piece_list *list,
                           uint32_t at);

/* The position after the last held byte, 0 when the list is empty. */
uint32_t pieces_end(const struct piece_pool *pool, const struct piece_list *list);

/* Copies the held bytes at the front of the list, at most `max`, up to the first gap; returns how
 * many. */
uint32_t pieces_copy(const struct piece_pool *pool, const struct piece_list *list, uint8_t *out,
                     uint32_t max);

/* The first piece, or NULL. */
static inline const struct piece *pieces_first(const struct piece_pool *pool,
                                               const struct piece_list *list)
{
    return list->first ? &pool->pieces[list->first - 1] : NULL;
}

/* Gives back the first piece of a list that is not empty. */
void pieces_shift(struct piece_pool *pool, struct piece_list *list);

/* Gives back all bytes before position `upto`. */
void pieces_drop(struct piece_pool *pool, struct piece_list *list, uint32_t upto);

void pieces_clear(struct piece_pool *pool, struct piece_list *list);
