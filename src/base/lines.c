/* lines.c - memory for what is read here and there: on whole cache lines, and on few pages
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/lines.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void *lines_alloc(size_t bytes)
{
    bool large = bytes >= LARGE_BYTES_MIN;
    void *memory;
    if (large)
        bytes = (bytes + LARGE_PAGE_BYTES - 1) & ~(size_t)(LARGE_PAGE_BYTES - 1);
    if (posix_memalign(&memory, large ? LARGE_PAGE_BYTES : LINE_BYTES, bytes) != 0)
        return NULL;
    if (large)
        madvise(memory, bytes, MADV_HUGEPAGE); /* if not, then not */
    return memory;
}

void *lines_alloc_zeroed(size_t bytes)
{
    void *memory = lines_alloc(bytes);
    return memory ? memset(memory, 0, bytes) : NULL;
}
