/* pattern_set.h - which of many byte strings may stand in a text, by looking at a few of its bytes
 * SPDX-License-Identifier: Apache-2.0
 *
 * Patterns of like length form a class. A class looks at every stride-th run of `gram` bytes of the
 * text and asks a bit map whether some pattern has this run; as every pattern has `stride` of its
 * runs in a row in the map, the rarest it has, none can slip through between two looks (the idea of
 * sampling q-grams; compare Wu and Manber, A Fast Algorithm for Multi-Pattern Searching, 1994). A
 * bit that is set leads to the patterns, which are compared. So a text without any pattern costs
 * about a nanosecond for each look and no branch that is hard to predict. Classes of few patterns
 * are searched for together in a cheaper way (pattern_few.h).
 *
 * Bytes are compared without bit 5, which sets upper and lower case equal (and some other pairs):
 * what is reported is a candidate. The bit maps are keyed by hash_seed; what is reported does not
 * depend on it. Built by one thread, read-only afterwards. */
#pragma once

#include "intel/pattern_few.h"

enum { PATTERN_CLASSES = 4, PATTERN_BYTES_MAX = 255 };

struct pattern_class {
    unsigned gram; /* bytes of a run: 1 to 4 */
    unsigned stride;
    unsigned shift;   /* 64 less the number of hash bits */
    uint64_t *filter; /* a bit for each hash; NULL: the class is empty or among the few */
    uint32_t *starts; /* [bucket_count + 1], into runs; HASHES_A_BUCKET hashes share a bucket */
    struct pattern_run *runs;
    size_t run_count;
    size_t bucket_count;
};

struct pattern_set {
    struct pattern *patterns;
    size_t count;
    size_t room;
    uint64_t key;
    struct pattern_few few; /* of all classes that have few patterns */
    bool has_classes;
    struct pattern_class classes[PATTERN_CLASSES]; /* those of many */
};

/* An empty set, ready to use: nothing to free yet. */
void pattern_set_init(struct pattern_set *set);
void pattern_set_done(struct pattern_set *set);

/* Adds a pattern of 1 to PATTERN_BYTES_MAX bytes, which stay the caller's and must outlive the set.
 * False without memory. Not after pattern_set_build(). */
bool pattern_set_add(struct pattern_set *set, const uint8_t *bytes, size_t len, uint32_t value);

/* Makes the set ready for searches; false without memory. */
bool pattern_set_build(struct pattern_set *set);

/* Calls `found` for every place at which a pattern may stand: several times for one pattern where
 * it stands several times. *budget falls by one for each pattern that is compared, whatever the
 * seed; at 0 the search ends and false is returned. */
bool pattern_set_search(const struct pattern_set *set, const uint8_t *text, size_t len,
                        unsigned *budget, pattern_fn found, void *arg);

/* Bytes held. */
size_t pattern_set_bytes(const struct pattern_set *set);
