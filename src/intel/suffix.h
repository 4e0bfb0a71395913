/* suffix.h - where a name's registrable domain begins, and what kind of suffix it stands under
 * SPDX-License-Identifier: Apache-2.0
 *
 * The public suffix list (publicsuffix.org, both sections) is read by libpsl, at 300-1000 ns a
 * question. Its answer depends only on the part of a name that rules reach, so the names of all
 * rules are kept beside it and an answer is kept under the longest suffix of the name that a rule
 * names or covers by its wildcard: "com" for all of www.dnsvigil.com and its neighbours. Only names
 * under wildcard rules can miss again and again.
 *
 * The list keeps name hashes: load it after hash_seed_init(). */
#pragma once

#include "base/error.h"

#include <dnsvigil/dns.h>

/* Read-only after loading; shared by all threads. */
struct suffix_list;

/* Answers kept for one thread, in fixed memory. */
struct suffix_cache;

struct suffix_info {
    int16_t registrable;  /* first label of the registrable domain, or -1: single labels, public
                             suffixes themselves, special-use, reverse and undelegated names */
    uint8_t suffix_class; /* enum suffix_class (detector.h) */
};

#define SUFFIX_LIST_PATH "/usr/share/publicsuffix/public_suffix_list.dat"

/* Loads the text list at `path` (NULL: SUFFIX_LIST_PATH). When it cannot be read, the list built
 * into libpsl is used and `warning` says so; it is "" otherwise. NULL when neither is there, with
 * the reason in `warning`. */
struct suffix_list *suffix_list_new(const char *path, struct error *warning);
void suffix_list_free(struct suffix_list *list);

/* `list` is borrowed. NULL without memory. */
struct suffix_cache *suffix_cache_new(const struct suffix_list *list);
void suffix_cache_free(struct suffix_cache *cache);

/* Allocates nothing and takes no lock; a few ns for a kept answer. */
struct suffix_info suffix_lookup(struct suffix_cache *cache, const struct dns_name *name);

/* Starts loading what suffix_lookup() reads of most names: whether there are rules below the
 * registrable domain. */
void suffix_prefetch(const struct suffix_cache *cache, const struct dns_name *name);

/* Questions that had to be put to libpsl so far. */
uint64_t suffix_cache_misses(const struct suffix_cache *cache);
