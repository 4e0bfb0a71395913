/* lines.c - memory for large tables that are looked into here and there
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/lines.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { LARGE_PAGE_BYTES = 2 * 1024 * 1024 };

static void *aligned(size_t to, size_t bytes)
{
    void *memory;
    return posix_memalign(&memory, to, bytes) == 0 ? memory : NULL;
}

/* From half a large page on it gets whole ones. The kernel may say no, which only costs time. */
void *lines_alloc(size_t bytes)
{
    if (bytes < LARGE_PAGE_BYTES / 2)
        return aligned(LINE_BYTES, bytes);
    bytes = (bytes + LARGE_PAGE_BYTES - 1) & ~(size_t)(LARGE_PAGE_BYTES - 1);
    void *memory = aligned(LARGE_PAGE_BYTES, bytes);
    if (memory)
        madvise(memory, bytes, MADV_HUGEPAGE);
    return memory;
}
