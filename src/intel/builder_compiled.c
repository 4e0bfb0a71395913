/* builder_compiled.c - lists out of the builder into their form on disk, and from there back in
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "intel/builder_state.h"
#include "intel/compiled.h"
#include "intel/pack.h"
#include "intel/snapshot.h"

#include <dnsvigil/name.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 63, V4_BITS_FIRST = 96, KEY_V4_BYTES = 5, KEY_V6_BYTES = 17 };

static const int no_row = -1;

bool intel_builder_compile(const struct intel_builder *builder, struct buf *buf)
{
    const struct attributes *attributes = &builder->attributes;
    uint32_t name_at = attributes->feeds[attributes->feed_count - 1];
    const struct compiled_parts parts = {
        .attributes = attributes,
        .row_first = attributes->feed_first,
        .text_first = name_at + (uint32_t)strlen(attributes->texts.data + name_at) + 1,
        .names = &builder->names,
        .blocks = &builder->addresses,
    };
    return compiled_write(&parts, buf);
}

/* Settles what the list left open. False for a row that a feed may not have. */
static bool row_settle(const struct load *load, struct attribute *row)
{
    const struct feed_config *config = load->config;
    bool says = row->given & ATTRIBUTE_CATEGORY;
    if (says && (row->category == CATEGORY_ALLOW || row->category == CATEGORY_POPULAR))
        return false;
    if (!says)
        row->category = (uint8_t)config->category;
    if (!(row->given & ATTRIBUTE_CONFIDENCE))
        row->confidence = config->confidence;
    if (!(row->given & ATTRIBUTE_EXPIRY))
        row->expires_ns = load_expiry(config, (enum category)row->category);
    row->feed = (uint16_t)load->feed;
    return true;
}

static int rows_load(struct load *load, const struct compiled *compiled, int *numbers,
                     struct error *error)
{
    const char *path = load->config->path;
    for (uint32_t i = 0; i < compiled->row_count; i++) {
        struct attribute row;
        const char *before, *after;
        if (!compiled_row(compiled, i, &row, &before, &after) || !row_settle(load, &row))
            return error_set(error, -EINVAL, "%s: is damaged: row %u", path, i);
        numbers[i] = attributes_add(&load->builder->attributes, &row, before, strlen(before), after,
                                    strlen(after));
        if (numbers[i] == no_row)
            return error_set(error, -ENOMEM, "%s: no memory or no room for more lists", path);
    }
    return 0;
}

/* Reads the packed name into builder->name; false when it is none, or not in its canonical form. */
static bool key_name(struct intel_builder *builder, const struct record *record)
{
    char text[PACK_TEXT_MAX];
    uint8_t again[PACK_MAX];
    if (record->key_len > PACK_MAX)
        return false;
    size_t len = pack_text(record->key, record->key_len, text);
    if (memchr(text, 0, len) || !name_from_text(&builder->name, text, len))
        return false;
    return builder->name.labels <= DEPTH_MAX &&
           pack_name(&builder->name, 0, again) == record->key_len &&
           memcmp(again, record->key, record->key_len) == 0;
}

static bool key_block(const struct record *record, struct prefix *ret_block)
{
    uint8_t again[ADDRESS_KEY_MAX];
    bool v4 = record->key_len == KEY_V4_BYTES;
    if ((!v4 && record->key_len != KEY_V6_BYTES) || record->key[0] > 128)
        return false;
    *ret_block = (struct prefix){
        .addr = v4 ? addr_from_v4(record->key + 1) : addr_from_v6(record->key + 1),
        .bits = record->key[0],
    };
    struct addr masked = addr_mask(&ret_block->addr, ret_block->bits);
    return (!v4 || ret_block->bits >= V4_BITS_FIRST) && addr_equal(&masked, &ret_block->addr) &&
           block_key(ret_block, again) == record->key_len;
}

/* Counts the entry as refused, under the text of its key. */
static void record_refuse(struct load *load, const struct record *record, bool is_block,
                          enum refusal refusal)
{
    char text[PACK_TEXT_MAX];
    struct prefix block;
    if (is_block && key_block(record, &block))
        prefix_format(&block, text);
    else
        pack_text(record->key, record->key_len, text);
    feed_refuse(load->report, refusal, (struct slice){text, strlen(text)});
}

/* Checks one record anew, for what no list may flag changes. -EINVAL: it is none. */
static int record_check(struct load *load, const struct record *record, const struct attribute *row,
                        uint64_t *ret_hash, enum refusal *ret_refusal)
{
    struct prefix block;
    if (row->scope == SCOPE_PREFIX) {
        if (!key_block(record, &block))
            return -EINVAL;
        *ret_refusal = load_block(load, &block, (enum category)row->category);
        *ret_hash = hash_bytes(record->key, record->key_len, hash_seed);
        return 0;
    }
    if (!key_name(load->builder, record))
        return -EINVAL;
    *ret_refusal = load_name(load, (enum scope)row->scope, false, (enum category)row->category);
    *ret_hash = load->builder->name.hash[0];
    return 0;
}

static int record_load(struct load *load, const int *numbers, struct draft *draft,
                       struct record *record)
{
    const struct attribute *row = load->builder->attributes.rows + numbers[record->attribute];
    struct draft_entry entry = {.rank = load_rank(row)};
    enum refusal refusal;
    bool is_block = draft == &load->builder->addresses;
    if ((row->scope == SCOPE_PREFIX) != is_block ||
        record_check(load, record, row, &entry.hash, &refusal) < 0)
        return -EINVAL;
    load->report->lines++;
    if (refusal) {
        record_refuse(load, record, is_block, refusal);
        return 0;
    }
    record->attribute = (uint16_t)numbers[record->attribute];
    if (draft_append(draft, &entry, record) == DRAFT_FULL)
        return -ENOMEM;
    load->report->added++;
    return 0;
}

static int records_load(struct load *load, const int *numbers, struct draft *draft,
                        struct compiled_walk walk, struct error *error)
{
    struct record record;
    int got;
    while ((got = compiled_next(&walk, &record)) > 0) {
        int code = record_load(load, numbers, draft, &record);
        if (code == -ENOMEM)
            return error_set(error, code, "%s: no memory for more entries", load->config->path);
        if (code < 0)
            got = code;
        if (got < 0)
            break;
    }
    return got == 0 ? 0
                    : error_set(error, got, "%s: is damaged: record %u", load->config->path,
                                load->report->lines + 1);
}

static int parts_load(struct load *load, const struct compiled *compiled, int *numbers,
                      struct error *error)
{
    struct intel_builder *builder = load->builder;
    int code = rows_load(load, compiled, numbers, error);
    if (code == 0)
        code = records_load(load, numbers, &builder->names, compiled_names(compiled), error);
    if (code == 0)
        code = records_load(load, numbers, &builder->addresses, compiled_blocks(compiled), error);
    return code;
}

int intel_builder_add_compiled(struct intel_builder *builder, const struct feed_config *config,
                               const void *data, size_t len, struct feed_report *ret_report,
                               struct error *error)
{
    struct load load = {.builder = builder, .config = config, .report = ret_report};
    struct compiled compiled;
    *ret_report = (struct feed_report){.format = config->format};
    int code = compiled_open(&compiled, data, len, error);
    if (code != 0) {
        error_prefix(error, "%s: ", config->path);
        return code;
    }
    int *numbers = calloc(compiled.row_count + 1u, sizeof(*numbers));
    if (!numbers)
        return error_set(error, -ENOMEM, "%s: no memory", config->path);
    code = load_begin(&load, error);
    if (code == 0) {
        code = parts_load(&load, &compiled, numbers, error);
        load_end(&load, code == 0);
    }
    free(numbers);
    return code;
}
