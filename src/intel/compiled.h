/* compiled.h - one list as it is kept on disk: read, checked and packed, but tied to no process
 * SPDX-License-Identifier: Apache-2.0
 *
 * The same list gives the same bytes on every machine: no hash, seed, time or setting is in them.
 * What an entry does not say itself (category, confidence, expiry) is left open, so a changed
 * configuration counts at once. Little-endian:
 *   header   magic, checksum (XXH3 of all that follows it), version, counts and sizes
 *   rows     24 bytes each: what many entries share (attributes.h)
 *   texts    NUL-terminated one after the other, "" first; rows point into them
 *   names    records (draft.h) with packed names as keys, in the order of the list
 *   blocks   records with address blocks as keys
 * The bytes may come from a damaged disk or a subverted reader: opening checks sizes and checksum,
 * and walking checks each record before it is given out. Nothing is allocated; pure functions. */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "intel/attributes.h"
#include "intel/draft.h"

enum { COMPILED_VERSION = 1, COMPILED_BYTES_MAX = 1 << 30 };

/* Borrows the bytes it was opened on. */
struct compiled {
    uint32_t row_count, text_bytes;
    uint32_t name_count, name_bytes;
    uint32_t block_count, block_bytes;
    const uint8_t *rows;
    const char *texts;
    const uint8_t *names;
    const uint8_t *blocks;
};

/* What goes into the form: the rows from `first` on, and the records from the given offsets on. */
struct compiled_parts {
    const struct attributes *attributes;
    uint32_t row_first, text_first; /* text_first: where this list's texts begin */
    const struct draft *names;
    const struct draft *blocks;
};

/* Appends the form. False without memory, or beyond COMPILED_BYTES_MAX. */
bool compiled_write(const struct compiled_parts *parts, struct buf *buf);

/* -EINVAL with the reason in `error` when the bytes are not one whole list of this version. */
int compiled_open(struct compiled *compiled, const void *data, size_t len, struct error *error);

/* Row `i` with the texts around the name. False when it holds what no row may. The feed's number is
 * left 0. */
bool compiled_row(const struct compiled *compiled, uint32_t i, struct attribute *ret_row,
                  const char **ret_before, const char **ret_after);

struct compiled_walk {
    const uint8_t *at;
    const uint8_t *end;
    uint32_t left;
    uint32_t row_count;
};

struct compiled_walk compiled_names(const struct compiled *compiled);
struct compiled_walk compiled_blocks(const struct compiled *compiled);

/* 1 with the next record, whose attribute is the number of a row; 0 at the end; -EINVAL when the
 * bytes are no records. */
int compiled_next(struct compiled_walk *walk, struct record *ret_record);
