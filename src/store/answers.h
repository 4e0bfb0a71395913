/* answers.h - the addresses and aliases that a name was answered with, packed and bounded
 * SPDX-License-Identifier: Apache-2.0
 *
 * A history keeps few answers of each name: the first HISTORY_ADDRESSES_MAX different addresses and
 * HISTORY_ALIASES_MAX different aliases. Packed, an answer is its kind (one byte) and the 16 bytes
 * of an address or the alias in canonical wire form. Packed answers are read as hostile: they come
 * from a file. */
#pragma once

#include "base/cursor.h"

#include <dnsvigil/dns.h>
#include <dnsvigil/indicator.h>

enum {
    HISTORY_ADDRESSES_MAX = 8,
    HISTORY_ALIASES_MAX = 2,
    ANSWER_ADDRESS_BYTES = 16,
    ANSWERS_BYTES_MAX = HISTORY_ADDRESSES_MAX * (1 + ANSWER_ADDRESS_BYTES) +
                        HISTORY_ALIASES_MAX * (1 + NAME_WIRE_MAX),
};

struct answers {
    uint16_t len;
    uint8_t bytes[ANSWERS_BYTES_MAX];
};

struct answer {
    uint8_t field; /* MATCH_ADDRESS or MATCH_CNAME */
    uint8_t len;
    const uint8_t *data; /* the address's bytes, or a name from its first label to its root */
};

/* Takes the next answer off; false at the end and where the rest cannot be read. */
bool answers_next(struct cursor *cursor, struct answer *ret_answer);

/* Adds an answer. False when it is new but there is no room for another of its kind. */
bool answers_add(struct answers *answers, const struct answer *answer);

/* The alias as a name, indexed. */
void answer_name(const struct answer *answer, struct dns_name *ret_name);

/* The address, or the alias in presentation form. */
void answer_text(const struct answer *answer, char text[static NAME_TEXT_MAX]);

/* Length of the complete, uncompressed name at data[0..left), or 0 when there is none. */
size_t wire_name_len(const uint8_t *data, size_t left);
