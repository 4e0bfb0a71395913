/* lines.h - memory for what is read here and there: whole cache lines, few pages, asked for early
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

enum {
    LINE_BYTES = 64,
    LARGE_PAGE_BYTES = 2 << 20, /* of x86-64 and of most others */
    LARGE_BYTES_MIN = 256 << 10,
};

/* `bytes` that start on a cache line. From LARGE_BYTES_MIN on they get large pages of their own, if
 * the system has some: the processor then still knows where a page lies when it comes back to it,
 * and a look-up in a table of many megabytes waits for one access to memory, not for two. For
 * memory that will be used in full: a large page is there as a whole. NULL without memory; freed
 * with free(). */
void *lines_alloc(size_t bytes);

/* The same, zeroed. */
void *lines_alloc_zeroed(size_t bytes);

/* Starts loading the cache line at `at`. To gcc a function that does nothing else has no effect,
 * and its calls go away without a word: hence the empty statement, which it must keep. */
static inline void line_prefetch(const void *at)
{
    __builtin_prefetch(at);
    __asm__ volatile("");
}

/* The same for all cache lines of the `bytes`, at least one, from `from` on. */
static inline void lines_prefetch(const void *from, size_t bytes)
{
    const char *at = from, *last = at + bytes - 1;
    for (; at < last; at += LINE_BYTES)
        line_prefetch(at);
    line_prefetch(last);
}
