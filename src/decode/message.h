/* message.h - reads a DNS message and the names and addresses inside it (RFC 1035, RFC 6891)
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every byte is hostile. Decoding touches each byte of a message a bounded number of times, because
 * names are skipped, not followed, except for the first question; the functions that do follow a
 * name take at most NAME_STEPS_MAX labels and pointers. Names are read as resolvers in use read
 * them: a pointer may stand in any record type (RFC 3597 forbids it in the newer ones) and may lead
 * anywhere before itself, the header included. */
#pragma once

#include "base/arena.h"

#include <dnsvigil/dns.h>
#include <dnsvigil/record.h>

#include <stddef.h>

enum {
    NAME_STEPS_MAX = 256,   /* of one name read later; a legal name has 127 labels */
    NAME_POINTERS_MAX = 32, /* of one name; encoders need two or three */
    MESSAGE_ARENA_BYTES = MESSAGE_RECORDS_MAX * sizeof(struct dns_record),
};

/* Reads the name at `offset` of the `len` bytes at `message` into canonical form with its hashes.
 * Each pointer must lead to before itself and before where every earlier pointer led, and a name
 * has at most 32 of them. Labels and pointers count against *steps. *ret_next is where the wire
 * continues; both outputs are undefined on failure. */
enum malformed name_read(struct dns_name *ret, const uint8_t *message, size_t len, size_t offset,
                         size_t *ret_next, unsigned *steps);

/* The same without the name: checks what stands at `offset` up to the root or the first pointer,
 * which must lead to before itself. What it leads to is seen when somebody reads the name. */
enum malformed name_skip(const uint8_t *message, size_t len, size_t offset, size_t *ret_next,
                         unsigned *steps);

/* Decodes the header and the first question and walks all records. `records` gives the record array
 * and needs MESSAGE_ARENA_BYTES free; only what the records take stays used. `data` and the array
 * are borrowed by *ret. Bytes past 65,535 count as trailing. Returns ret->malformed:
 *   - RDATA or OPT: some record's content is wrong (malformed_at: its data); all records are there.
 *   - any other: the walk ended at malformed_at, the question, record or record data it could not
 *     read; what came before is there. A message of which only the front was captured ends with
 *     HEADER or one of the *_CUT reasons.
 * In UPDATE messages (RFC 2136) a record without data is legal for every type. */
enum malformed message_decode(struct dns_message *ret, const uint8_t *data, size_t len,
                              struct arena *records);

/* The same without hash[] of the question, for those who may not need it or call name_hash(). */
enum malformed message_read(struct dns_message *ret, const uint8_t *data, size_t len,
                            struct arena *records);
