/* arena.h - a fixed block of memory handed out from the front and taken back all at once
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

struct arena {
    uint8_t *base;
    size_t used;
    size_t size;
};

/* Reserves `size` bytes; false when there is no memory. */
static inline int arena_init(struct arena *arena, size_t size)
{
    *arena = (struct arena){.base = malloc(size), .size = size};
    return arena->base != NULL;
}

static inline void arena_done(struct arena *arena)
{
    free(arena->base);
    *arena = (struct arena){0};
}

/* `size` bytes aligned to 8, or NULL when the arena is full. Valid until arena_reset(). */
static inline void *arena_take(struct arena *arena, size_t size)
{
    size_t left = arena->size - arena->used;
    size_t rounded = (size + 7) & ~(size_t)7;
    if (size > left || rounded > left) /* the rounding of an absurd size wraps to 0 */
        return NULL;
    void *taken = arena->base + arena->used;
    arena->used += rounded;
    return taken;
}

/* Gives back the last `size` bytes of the latest arena_take(); a multiple of 8. */
static inline void arena_give_back(struct arena *arena, size_t size)
{
    assert(size % 8 == 0 && size <= arena->used);
    arena->used -= size;
}

static inline size_t arena_left(const struct arena *arena)
{
    return arena->size - arena->used;
}

static inline void arena_reset(struct arena *arena)
{
    arena->used = 0;
}
