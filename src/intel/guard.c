/* guard.c - what no list may flag, whatever it says: public suffixes, popular domains, private nets
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/guard.h"

#include <dnsvigil/detector.h>

enum { POPULAR_ITSELF = 1, POPULAR_BELOW = 2 };
enum { V4_BITS_FIRST = 96, V4_BITS_MIN = V4_BITS_FIRST + 8, V6_BITS_MIN = 16 };

bool guard_init(struct guard *guard, const struct suffix_list *suffixes)
{
    *guard = (struct guard){.suffixes = suffix_cache_new(suffixes)};
    guard->block_count = special_blocks(guard->blocks);
    if (guard->suffixes && hashset_init(&guard->popular))
        return true;
    guard_done(guard);
    return false;
}

void guard_done(struct guard *guard)
{
    suffix_cache_free(guard->suffixes);
    hashset_done(&guard->popular);
    *guard = (struct guard){0};
}

bool guard_add_popular(struct guard *guard, const struct dns_name *name)
{
    for (unsigned i = 1; i < name->labels; i++)
        if (!hashset_add(&guard->popular, name->hash[i], POPULAR_BELOW))
            return false;
    return hashset_add(&guard->popular, name->hash[0], POPULAR_ITSELF);
}

enum refusal guard_name(struct guard *guard, const struct dns_name *name)
{
    struct suffix_info info = suffix_lookup(guard->suffixes, name);
    if (info.suffix_class == SUFFIX_SPECIAL_USE || info.suffix_class == SUFFIX_REVERSE)
        return REFUSAL_SPECIAL_USE;
    if (name->labels < 2)
        return REFUSAL_SINGLE_LABEL;
    if (info.suffix_class == SUFFIX_UNDELEGATED || info.registrable >= 0)
        return REFUSAL_NONE;
    return info.suffix_class == SUFFIX_PRIVATE ? REFUSAL_SHARED_HOSTING : REFUSAL_PUBLIC_SUFFIX;
}

/* "www" in front of a domain is the domain to everybody who lists it. */
static bool is_www(const struct dns_name *name)
{
    static const uint8_t www[4] = {3, 'w', 'w', 'w'};
    return name->labels > 1 && memcmp(name->wire, www, sizeof(www)) == 0;
}

static bool under_popular(const struct guard *guard, const struct dns_name *name)
{
    for (unsigned i = 0; i < name->labels; i++)
        if (hashset_get(&guard->popular, name->hash[i]) & POPULAR_ITSELF)
            return true;
    return false;
}

enum refusal guard_popular(const struct guard *guard, const struct dns_name *name, enum scope scope,
                           bool page)
{
    unsigned flags = hashset_get(&guard->popular, name->hash[0]);
    if (is_www(name))
        flags |= hashset_get(&guard->popular, name->hash[1]) & POPULAR_ITSELF;
    if (flags & POPULAR_ITSELF || (flags & POPULAR_BELOW && scope != SCOPE_EXACT))
        return REFUSAL_POPULAR;
    return page && under_popular(guard, name) ? REFUSAL_POPULAR_PAGE : REFUSAL_NONE;
}

enum refusal guard_block(const struct guard *guard, const struct prefix *block)
{
    bool v4 = addr_is_v4(&block->addr) && block->bits >= V4_BITS_FIRST;
    if (block->bits < (v4 ? V4_BITS_MIN : V6_BITS_MIN))
        return REFUSAL_WIDE_PREFIX;
    for (unsigned i = 0; i < guard->block_count; i++) {
        const struct prefix *special = guard->blocks + i;
        if (prefix_contains(special, &block->addr) || prefix_contains(block, &special->addr))
            return REFUSAL_PRIVATE_ADDRESS;
    }
    return REFUSAL_NONE;
}
