/* rule_endings.h - which rules ask for how a name ends, by the suffix hashes the name carries
 * SPDX-License-Identifier: Apache-2.0
 *
 * Nearly all rules ask for a domain, or for text that names end with: "evil.com", which
 * "notevil.com" does, too. The first is the hash of a suffix. The second is the hash of the suffix
 * "com" with the last bytes of the label before it, of which four are looked at, or one where the
 * rule has fewer. That makes a look or two for each depth at which rules exist, in a blocked Bloom
 * filter of 16 bits an ending; what passes is looked up in a table. Most names are spared all this
 * by another such filter, of the last few bytes of endings whatever labels they are in. Candidates
 * only: whoever asks compares the bytes.
 *
 * Built once, read-only afterwards. The hashes are keyed by hash_seed. */
#pragma once

#include <dnsvigil/dns.h>

#include <stddef.h>

enum ending_kind {
    ENDING_WHOLE, /* whole labels */
    ENDING_ONE,   /* and one byte of the label before */
    ENDING_FOUR,  /* and four */
    ENDING_KIND_COUNT,
};

struct rule_ending {
    uint64_t key;
    uint64_t tail; /* key of its last bytes */
    uint32_t rule;
};

enum { ENDING_TAILS = 5 };

struct rule_endings {
    struct rule_ending *endings; /* once built, rising by key, then rule */
    size_t count;
    size_t room;
    uint64_t *filter; /* NULL: no endings */
    uint64_t *tails;  /* of the same size */
    unsigned filter_shift;
    bool has_tail[ENDING_TAILS]; /* by length */
    uint32_t *slots; /* open addressing: number of a key's first ending from 1, 0 for empty */
    size_t slot_mask;
    uint64_t depths[ENDING_KIND_COUNT]; /* bit n: of n labels (63: or more) there are some */
};

typedef void (*ending_fn)(void *arg, uint32_t rule);

/* The name that `text` spells, in lower case, or the longest whole labels at its end where the rest
 * has an empty label or is too long for a name. Dots are separators wherever they come from.
 * Returns whether it is the whole text. */
bool name_of_text(struct dns_name *ret_name, const uint8_t *text, size_t len);

/* Adds a rule that asks for names that end with `text` (with a dot in front: in whole labels), or
 * with `whole` for those at whose last labels it stands. False when no name can end so; *ret_memory
 * is false without memory, then too. */
bool rule_endings_add(struct rule_endings *endings, const uint8_t *text, size_t len, bool whole,
                      uint32_t rule, bool *ret_memory);

/* Makes it ready for searches; false without memory. */
bool rule_endings_build(struct rule_endings *endings);
void rule_endings_done(struct rule_endings *endings);

/* Calls `found` for each rule whose ending the name may have; for one rule more than once. */
void rule_endings_search(const struct rule_endings *endings, const struct dns_name *name,
                         ending_fn found, void *arg);

/* Bytes held. */
size_t rule_endings_bytes(const struct rule_endings *endings);
