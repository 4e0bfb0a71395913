/* indicator.h - what the indicator index says about one name or address of a transaction
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum category {
#define CATEGORY(id, slug, days, text) CATEGORY_##id,
#include <dnsvigil/categories.def>
#undef CATEGORY
    CATEGORY_COUNT,
};

/* How far an entry reaches. */
enum scope {
    SCOPE_SUBTREE,  /* the name and everything below it */
    SCOPE_EXACT,    /* the name alone */
    SCOPE_CHILDREN, /* everything below the name, not the name */
    SCOPE_PREFIX,   /* an address block */
    SCOPE_COUNT,
};

/* Which part of the transaction matched. */
enum match_field {
    MATCH_QNAME,
    MATCH_ADDRESS, /* A or AAAA in the answer section */
    MATCH_CNAME,   /* CNAME or DNAME target */
    MATCH_NS,      /* NS target in answer or authority */
    MATCH_SOA,     /* SOA MNAME or RNAME */
    MATCH_FIELD_COUNT,
};

/* The `ref` of a hit that no list gave: the name says itself what it is. */
#define INDICATOR_SELF UINT32_MAX

struct indicator_hit {
    uint32_t ref;       /* handle for intel_entry() on the snapshot that gave it, or the above */
    uint16_t feed;      /* index of the feed in that snapshot */
    uint8_t category;   /* enum category */
    uint8_t confidence; /* 0-100 */
    uint8_t scope;      /* enum scope */
    uint8_t field;      /* enum match_field */
    uint8_t label;      /* for names: the matched suffix begins at this label */
    uint8_t target;     /* for answers: which of the names in the record's data (record.h) */
    uint16_t record;    /* for answers: index into response->records */
};
