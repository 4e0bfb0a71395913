/* compiled.c - one list as it is kept on disk: read, checked and packed, but tied to no process
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/compiled.h"

#include "base/hash.h"

#include <dnsvigil/indicator.h>

#include <errno.h>
#include <string.h>

enum { CHECKSUM_AT = 8, CHECKED_FROM = 16, PERCENT_MAX = 100 };

struct compiled_header {
    char magic[CHECKSUM_AT];
    uint64_t checksum;
    uint32_t version;
    uint32_t row_count, text_bytes;
    uint32_t name_count, name_bytes;
    uint32_t block_count, block_bytes;
    uint32_t reserved;
};

struct compiled_row {
    int64_t expires_ns;
    uint32_t before, after;
    uint8_t category, confidence, scope, given;
    uint32_t reserved;
};

_Static_assert(sizeof(struct compiled_header) == 48, "the header has no gaps");
_Static_assert(sizeof(struct compiled_row) == 24, "a row has no gaps");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the form is little-endian");

static const char compiled_magic[CHECKSUM_AT] = "dnsvlist";

/* Where a text of this list stands in the form: behind the "" that comes first there. */
static uint32_t text_place(const struct compiled_parts *parts, uint32_t at)
{
    return at ? at - parts->text_first + 1 : 0;
}

static void rows_write(const struct compiled_parts *parts, struct buf *buf)
{
    for (uint32_t i = parts->row_first; i < parts->attributes->count; i++) {
        const struct attribute *row = parts->attributes->rows + i;
        struct compiled_row kept = {
            .before = text_place(parts, row->before),
            .after = text_place(parts, row->after),
            .scope = row->scope,
            .given = row->given,
        };
        if (row->given & ATTRIBUTE_EXPIRY)
            kept.expires_ns = row->expires_ns;
        if (row->given & ATTRIBUTE_CATEGORY)
            kept.category = row->category;
        if (row->given & ATTRIBUTE_CONFIDENCE)
            kept.confidence = row->confidence;
        buf_append(buf, &kept, sizeof(kept));
    }
}

/* Appends the records with their rows counted from this list's first. */
static void records_write(const struct draft *draft, uint32_t row_first, struct buf *buf)
{
    size_t at = buf->len;
    buf_append(buf, draft->records + draft->feed_bytes, draft->bytes - draft->feed_bytes);
    if (buf->overflow)
        return;
    for (size_t i = draft->feed_count; i < draft->count; i++) {
        struct record record;
        uint8_t *place = (uint8_t *)buf->data + at;
        at += (size_t)(record_read(place, &record) - place);
        unsigned word = (record.attribute - row_first) | (record.line ? RECORD_HAS_LINE : 0u);
        place[0] = (uint8_t)word;
        place[1] = (uint8_t)(word >> 8);
    }
}

bool compiled_write(const struct compiled_parts *parts, struct buf *buf)
{
    const struct attributes *attributes = parts->attributes;
    size_t start = buf->len;
    struct compiled_header header = {
        .version = COMPILED_VERSION,
        .row_count = attributes->count - parts->row_first,
        .text_bytes = (uint32_t)attributes->texts.len - parts->text_first + 1,
        .name_count = (uint32_t)(parts->names->count - parts->names->feed_count),
        .name_bytes = (uint32_t)(parts->names->bytes - parts->names->feed_bytes),
        .block_count = (uint32_t)(parts->blocks->count - parts->blocks->feed_count),
        .block_bytes = (uint32_t)(parts->blocks->bytes - parts->blocks->feed_bytes),
    };
    memcpy(header.magic, compiled_magic, sizeof(header.magic));
    buf_append(buf, &header, sizeof(header));
    rows_write(parts, buf);
    buf_char(buf, 0);
    buf_append(buf, attributes->texts.data + parts->text_first, header.text_bytes - 1);
    records_write(parts->names, parts->row_first, buf);
    records_write(parts->blocks, parts->row_first, buf);
    if (buf->overflow)
        return false;
    uint64_t checksum = hash_bytes(buf->data + start + CHECKED_FROM,
                                   buf->len - start - CHECKED_FROM, HASH_FIXED_SEED);
    memcpy(buf->data + start + CHECKSUM_AT, &checksum, sizeof(checksum));
    return true;
}

static bool header_fits(const struct compiled_header *header, size_t len)
{
    uint64_t bytes = sizeof(*header) + (uint64_t)header->row_count * sizeof(struct compiled_row) +
                     header->text_bytes + header->name_bytes + header->block_bytes;
    return bytes == len && header->row_count <= ATTRIBUTES_MAX && header->text_bytes > 0;
}

int compiled_open(struct compiled *compiled, const void *data, size_t len, struct error *error)
{
    struct compiled_header header;
    const uint8_t *at = data;
    if (len < sizeof(header) || memcmp(data, compiled_magic, sizeof(header.magic)) != 0)
        return error_set(error, -EINVAL, "is no compiled list");
    memcpy(&header, data, sizeof(header));
    if (header.version != COMPILED_VERSION)
        return error_set(error, -EINVAL, "is of version %u, where %d is known", header.version,
                         COMPILED_VERSION);
    if (!header_fits(&header, len))
        return error_set(error, -EINVAL, "is cut or damaged: its parts do not make up its size");
    if (hash_bytes(at + CHECKED_FROM, len - CHECKED_FROM, HASH_FIXED_SEED) != header.checksum)
        return error_set(error, -EINVAL, "is damaged: its checksum differs");
    const uint8_t *rows = at + sizeof(header);
    const uint8_t *texts = rows + header.row_count * sizeof(struct compiled_row);
    if (texts[0] || texts[header.text_bytes - 1])
        return error_set(error, -EINVAL, "is damaged: its texts do not end");
    *compiled = (struct compiled){
        .row_count = header.row_count,
        .text_bytes = header.text_bytes,
        .name_count = header.name_count,
        .name_bytes = header.name_bytes,
        .block_count = header.block_count,
        .block_bytes = header.block_bytes,
        .rows = rows,
        .texts = (const char *)texts,
        .names = texts + header.text_bytes,
        .blocks = texts + header.text_bytes + header.name_bytes,
    };
    return 0;
}

bool compiled_row(const struct compiled *compiled, uint32_t i, struct attribute *ret_row,
                  const char **ret_before, const char **ret_after)
{
    struct compiled_row row;
    memcpy(&row, compiled->rows + i * sizeof(row), sizeof(row));
    if (row.before >= compiled->text_bytes || row.after >= compiled->text_bytes ||
        row.category >= CATEGORY_COUNT || row.scope >= SCOPE_COUNT || row.confidence > PERCENT_MAX)
        return false;
    *ret_before = compiled->texts + row.before;
    *ret_after = compiled->texts + row.after;
    *ret_row = (struct attribute){
        .expires_ns = row.expires_ns,
        .category = row.category,
        .confidence = row.confidence,
        .scope = row.scope,
        .given = row.given,
    };
    return true;
}

struct compiled_walk compiled_names(const struct compiled *compiled)
{
    return (struct compiled_walk){.at = compiled->names,
                                  .end = compiled->names + compiled->name_bytes,
                                  .left = compiled->name_count,
                                  .row_count = compiled->row_count};
}

struct compiled_walk compiled_blocks(const struct compiled *compiled)
{
    return (struct compiled_walk){.at = compiled->blocks,
                                  .end = compiled->blocks + compiled->block_bytes,
                                  .left = compiled->block_count,
                                  .row_count = compiled->row_count};
}

/* Whether a whole record stands at the walk's place, so that record_read() may read it. */
static bool record_fits(const struct compiled_walk *walk)
{
    size_t left = (size_t)(walk->end - walk->at);
    if (left < RECORD_KEY_AT || left < RECORD_KEY_AT + (size_t)walk->at[2])
        return false;
    if (!(walk->at[1] & RECORD_HAS_LINE >> 8))
        return true;
    size_t line_at = RECORD_KEY_AT + (size_t)walk->at[2];
    return left > line_at && left > line_at + walk->at[line_at];
}

int compiled_next(struct compiled_walk *walk, struct record *ret_record)
{
    if (walk->left == 0)
        return walk->at == walk->end ? 0 : -EINVAL;
    if (!record_fits(walk))
        return -EINVAL;
    walk->at = record_read(walk->at, ret_record);
    walk->left--;
    return ret_record->attribute < walk->row_count ? 1 : -EINVAL;
}
