/* log_text.h - a piece of a line, and how to take it apart
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct log_text {
    const char *at;
    size_t len;
};

static inline struct log_text log_text_of(const char *at, size_t len)
{
    return (struct log_text){.at = at, .len = len};
}

static inline struct log_text log_text_from(const char *text)
{
    return (struct log_text){.at = text, .len = strlen(text)};
}

static inline bool log_text_is(struct log_text text, const char *literal)
{
    return text.len == strlen(literal) && memcmp(text.at, literal, text.len) == 0;
}

static inline bool log_text_begins(struct log_text text, const char *literal)
{
    size_t len = strlen(literal);
    return text.len >= len && memcmp(text.at, literal, len) == 0;
}

static inline bool log_text_ends(struct log_text text, const char *literal)
{
    size_t len = strlen(literal);
    return text.len >= len && memcmp(text.at + text.len - len, literal, len) == 0;
}

/* Moves past the literal where the text begins with it. */
bool log_text_skip(struct log_text *text, const char *literal);

/* Moves past the first occurrence of the literal and returns what was before it; everything, with
 * *text empty, where there is none. */
struct log_text log_text_until(struct log_text *text, const char *literal);

/* Takes the next word: what stands before the next space, with the spaces around it. Empty at the
 * end. */
struct log_text log_text_word(struct log_text *text);

/* Reads a decimal number that is all of the text; false when it is none or above `max`. */
bool log_text_number(struct log_text text, uint64_t max, uint64_t *ret_value);

/* Reads an address that is all of the text; the zone of a scoped one (fe80::1%eth0) is left out. */
bool log_text_addr(struct log_text text, struct addr *ret_addr);

/* Reads ADDRESS, a separator, PORT. */
bool log_text_addr_port(struct log_text text, char separator, struct addr *ret_addr,
                        uint16_t *ret_port);

/* Reads the name of a record type in any form (A, TYPE65), of a class (IN, CH, CLASS3) or of a
 * response code (NXDOMAIN, RCODE3). */
bool log_text_type(struct log_text text, uint16_t *ret_type);
bool log_text_class(struct log_text text, uint16_t *ret_class);
bool log_text_rcode(struct log_text text, uint16_t *ret_rcode);
