/* intel.h - what is known about names and addresses: an immutable snapshot of all lists
 * SPDX-License-Identifier: Apache-2.0
 *
 * Lifetime: snapshot. intel_build() (builder.h) makes one with one reference; shards hold a
 * reference each and change over to a new snapshot between batches. Everything here but the
 * reference count is read-only, so all threads may use it at once without a lock.
 *
 * A name is looked for at each of its suffixes at which entries of that depth exist, by the hashes
 * it carries (dns.h). Calling intel_prefetch_name() for a batch before intel_match_name() for each
 * overlaps the memory accesses: see the comment in index.h. */
#pragma once

#include "base/addr.h"

#include <dnsvigil/dns.h>
#include <dnsvigil/indicator.h>

#include <stddef.h>

struct intel;

enum { INTEL_ENTRY_MAX = 256 };

struct intel_entry {
    const char *feed; /* borrowed from the snapshot */
    enum category category;
    uint8_t confidence;
    int64_t expires_ns;          /* 0: never */
    char entry[INTEL_ENTRY_MAX]; /* the list's own line, cut at 255 bytes */
};

/* Takes NULL. */
void intel_free(struct intel *intel);

/* Starts loading what intel_may_know_name() and intel_match_deeper() will read. */
void intel_prefetch_name(const struct intel *intel, const struct dns_name *name, unsigned known);

/* Fills hits[0..max) with the entries that cover `name` at event time `now_ns` and returns how
 * many. The most specific come first: longer suffixes before shorter ones, then an exact entry
 * before one for the subtree, then allow entries, then the order of loading. Expired entries are
 * left out. What does not fit is dropped from the end. `field` and `record` of a hit are 0. */
unsigned intel_match_name(const struct intel *intel, const struct dns_name *name, int64_t now_ns,
                          struct indicator_hit *hits, unsigned max);

/* The same without the entries for the last `known` labels of the name, or for fewer: for who knows
 * that there are none. */
unsigned intel_match_deeper(const struct intel *intel, const struct dns_name *name, unsigned known,
                            int64_t now_ns, struct indicator_hit *hits, unsigned max);

/* The keys by which entries for the name, other than for its last `known` labels, would be found.
 * Fills keys[], of which there are as many as labels at most, returns how many, and starts loading
 * what intel_may_know() will read. */
unsigned intel_name_keys(const struct intel *intel, const struct dns_name *name, unsigned known,
                         uint64_t *keys);

/* False: no entry has one of these keys. */
bool intel_may_know(const struct intel *intel, const uint64_t *keys, unsigned count);

/* False: no entry covers the name, at any time. */
bool intel_may_know_name(const struct intel *intel, const struct dns_name *name);

/* False: no block covers the address. */
bool intel_may_cover(const struct intel *intel, const struct addr *addr);

/* As intel_match_name() for an address and the blocks around it, the smallest first. */
unsigned intel_match_addr(const struct intel *intel, const struct addr *addr, int64_t now_ns,
                          struct indicator_hit *hits, unsigned max);

/* Where a hit of this snapshot comes from. Formats text: for evidence, not for each packet. */
void intel_entry(const struct intel *intel, const struct indicator_hit *hit,
                 struct intel_entry *ret_entry);

/* Whether some entry of this category is in force at `now_ns`, other than those of list `but`. */
bool intel_lists(const struct intel *intel, enum category category, const char *but,
                 int64_t now_ns);

/* Number of entries. */
size_t intel_count(const struct intel *intel);

/* Bytes held; `ret_hot` gets the part that look-ups which find nothing may touch. */
size_t intel_bytes(const struct intel *intel, size_t *ret_hot);
