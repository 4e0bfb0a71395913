/* image.c - state as bytes: parts one after another, each read back only where it was written
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/image.h"

#include <assert.h>
#include <string.h>

struct part {
    char tag[IMAGE_TAG_MAX];
    uint64_t len;
};

static struct part part_of(const char *tag, size_t len)
{
    struct part part = {.len = len};
    assert(strlen(tag) <= IMAGE_TAG_MAX);
    memcpy(part.tag, tag, strlen(tag));
    return part;
}

void image_put(struct buf *buf, const char *tag, const void *data, size_t len)
{
    struct part part = part_of(tag, len);
    buf_append(buf, &part, sizeof(part));
    buf_append(buf, data, len);
}

/* The next `len` bytes, or NULL where there are fewer. */
static const char *take(struct image *image, size_t len)
{
    const char *data = image->at;
    if (image->left < len)
        return NULL;
    image->at += len;
    image->left -= len;
    return data;
}

bool image_get(struct image *image, const char *tag, void *data, size_t len)
{
    struct image rest = *image;
    struct part expected = part_of(tag, len);
    const char *head = take(&rest, sizeof(expected));
    if (!head || memcmp(head, &expected, sizeof(expected)) != 0)
        return false;
    const char *body = take(&rest, len);
    if (!body)
        return false;
    if (len > 0)
        memcpy(data, body, len);
    *image = rest;
    return true;
}

/* What must be the same for entries to be where they were. */
struct table_shape {
    uint64_t set_mask;
    uint64_t entry_bytes;
    uint64_t count;
    uint64_t evicted;
};

/* Stands before each entry. */
struct way_head {
    uint64_t hash;
    uint32_t way;
    uint32_t stamp;
};

static uint64_t table_count(const struct table *table)
{
    struct table_way used;
    uint64_t count = 0;
    for (uint64_t set = 0; set <= table->set_mask; set++)
        for (unsigned way = 0; way < TABLE_WAYS; way++)
            count += table_way(table, set, way, &used);
    return count;
}

static void way_save(const struct table *table, uint64_t set, unsigned way, struct buf *buf)
{
    struct table_way used;
    if (!table_way(table, set, way, &used))
        return;
    const struct way_head head = {.hash = used.hash, .way = way, .stamp = used.stamp};
    buf_append(buf, &head, sizeof(head));
    buf_append(buf, used.entry, table->entry_bytes);
}

void table_save(const struct table *table, const char *tag, struct buf *buf)
{
    const struct table_shape shape = {
        .set_mask = table->set_mask,
        .entry_bytes = table->entry_bytes,
        .count = table_count(table),
        .evicted = table->evicted,
    };
    image_put(buf, tag, &shape, sizeof(shape));
    for (uint64_t set = 0; set <= table->set_mask; set++)
        for (unsigned way = 0; way < TABLE_WAYS; way++)
            way_save(table, set, way, buf);
}

static bool way_load(struct table *table, struct image *image)
{
    struct way_head head;
    struct table_way used;
    const char *bytes = take(image, sizeof(head));
    const char *entry = bytes ? take(image, table->entry_bytes) : NULL;
    if (!entry)
        return false;
    memcpy(&head, bytes, sizeof(head));
    uint64_t set = head.hash & table->set_mask;
    if (head.way >= TABLE_WAYS || table_way(table, set, head.way, &used))
        return false;
    table_put(table, head.way, head.hash, head.stamp);
    table_way(table, set, head.way, &used);
    memcpy(used.entry, entry, table->entry_bytes);
    return true;
}

bool table_load(struct table *table, const char *tag, struct image *image)
{
    struct table_shape shape;
    if (!image_get(image, tag, &shape, sizeof(shape)) || shape.set_mask != table->set_mask ||
        shape.entry_bytes != table->entry_bytes)
        return false;
    table->evicted = shape.evicted;
    for (uint64_t i = 0; i < shape.count; i++)
        if (!way_load(table, image))
            return false;
    return true;
}
