/* lines.h - memory for large tables that are looked into here and there, and asking for it early
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

enum { LINE_BYTES = 64 }; /* of the processor's cache */

/* At least `bytes` bytes that start on a cache line, or NULL. Much of it lies in large pages where
 * the kernel has them: with small ones, finding out where a page is takes as long as reading from
 * it. What is in them is undefined; free() gives them back. */
void *lines_alloc(size_t bytes);

/* Starts loading the cache line at `at`. To gcc a function that does nothing else has no effect,
 * and its calls go away without a word: hence the empty statement, which it must keep. */
static inline void line_prefetch(const void *at)
{
    __builtin_prefetch(at);
    __asm__ volatile("");
}
