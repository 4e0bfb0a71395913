/* image.h - state as bytes: parts one after another, each read back only where it was written
 * SPDX-License-Identifier: Apache-2.0
 *
 * What a process knows is written into a struct buf, part by part, and read back by the next
 * process in the same order. Every part has a tag and a length: one that is not where it is
 * expected, or not as long, makes the image unfit, and so does the end of it come too early.
 * Numbers are in the machine's own order, structs as the compiler lays them out: an image is for
 * the same program on the same machine. Whoever reads one has seen to it that its bytes are those
 * that were written. */
#pragma once

#include "base/buf.h"
#include "base/table.h"

#include <stdint.h>

enum { IMAGE_TAG_MAX = 8 };

/* What is left to read. */
struct image {
    const char *at;
    size_t left;
};

/* Appends a part. `tag` has at most IMAGE_TAG_MAX characters. */
void image_put(struct buf *buf, const char *tag, const void *data, size_t len);

/* Reads the next part if it has this tag and exactly `len` bytes; false, and nothing is changed,
 * when it is another. */
bool image_get(struct image *image, const char *tag, void *data, size_t len);

/* Appends all entries of a table with their keys and ages. */
void table_save(const struct table *table, const char *tag, struct buf *buf);

/* Fills a table fresh from table_init() with what table_save() wrote. False when it was of another
 * size or kind; then the table is to be thrown away. */
bool table_load(struct table *table, const char *tag, struct image *image);
