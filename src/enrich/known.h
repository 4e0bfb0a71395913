/* known.h - what was found out about the names that were asked for lately
 * SPDX-License-Identifier: Apache-2.0
 *
 * Most questions have been asked before, and what a name itself says does not change while the
 * lists stay the same: where its registrable domain begins, and what was looked for in it and is
 * not there. Fixed memory; one thread. Zeroed is empty. */
#pragma once

#include "base/lines.h"
#include "intel/suffix.h"

#include <dnsvigil/detector.h>

#include <assert.h>

/* One name, in eight bytes. Its place holds 15 bits of its hash, the key 48 more: two names are
 * taken for one by chance alone, and once in 2^63 pairs. */
struct known_name {
    uint64_t key : 48;
    uint64_t registrable : 8; /* and one: 0 for none */
    uint64_t suffix_class : 3;
    uint64_t lacks : 4; /* bits of enum name_lacks */
    uint64_t is_known : 1;
};
static_assert(sizeof(struct known_name) == 8, "eight names are a cache line");
static_assert(SUFFIX_CLASS_COUNT <= 1 << 3, "there is room for a class");
static_assert(NAME_LACKS_ALL < 1 << 4, "there is room for what a name lacks");

enum { KNOWN_NAMES = 1 << 15, KNOWN_KEY_FROM = 16 };

struct known_facts {
    int16_t registrable; /* as in struct suffix_info */
    uint8_t suffix_class;
    uint8_t lacks; /* bits of enum name_lacks */
};

struct known_names {
    struct known_name names[KNOWN_NAMES];
};

static inline struct known_name *known_place(struct known_names *known, const struct dns_name *name)
{
    return &known->names[name->hash[0] % KNOWN_NAMES];
}

/* Starts loading what the others read. */
static inline void known_prefetch(const struct known_names *known, const struct dns_name *name)
{
    line_prefetch(&known->names[name->hash[0] % KNOWN_NAMES]);
}

/* Whether the name's place is its own, and not another's or empty. */
static inline bool known_has(const struct known_name *place, const struct dns_name *name)
{
    return place->key == name->hash[0] >> KNOWN_KEY_FROM && place->is_known;
}

/* Looks the name up: what is not known yet is asked for, and kept. */
static inline struct known_facts
known_look(struct known_names *known, struct suffix_cache *suffixes, const struct dns_name *name)
{
    struct known_name *place = known_place(known, name);
    if (known_has(place, name))
        return (struct known_facts){.registrable = (int16_t)(place->registrable - 1),
                                    .suffix_class = (uint8_t)place->suffix_class,
                                    .lacks = (uint8_t)place->lacks};
    struct suffix_info suffix = suffix_lookup(suffixes, name);
    *place = (struct known_name){
        .key = name->hash[0] >> KNOWN_KEY_FROM,
        .registrable = (uint8_t)(suffix.registrable + 1),
        .suffix_class = suffix.suffix_class,
        .is_known = true,
    };
    return (struct known_facts){suffix.registrable, suffix.suffix_class, 0};
}

/* Keeps that it does not have it, unless another name has taken its place since. */
static inline void known_add(struct known_names *known, const struct dns_name *name,
                             enum name_lacks lacks)
{
    struct known_name *place = known_place(known, name);
    if (known_has(place, name))
        place->lacks |= lacks;
}
