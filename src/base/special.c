/* special.c - addresses that lead to private, local or reserved places, in whatever form they come
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/special.h"

#include <assert.h>
#include <netinet/in.h>

static const char *const block_texts[] = {
#define SPECIAL_BLOCK(block, what) block,
#include "base/special_blocks.def"
#undef SPECIAL_BLOCK
};

enum { BLOCK_COUNT = sizeof(block_texts) / sizeof(*block_texts) };

_Static_assert((int)BLOCK_COUNT <= (int)SPECIAL_BLOCKS_MAX, "make SPECIAL_BLOCKS_MAX larger");

/* IPv6 blocks whose addresses lead on to the IPv4 address that begins at the byte `at`. */
static const struct {
    const char *block;
    unsigned at;
} carriers[] = {{"::/96", 12}, {"64:ff9b::/96", 12}, {"64:ff9b:1::/48", 12}, {"2002::/16", 2}};

static struct prefix block_read(const char *text)
{
    struct prefix block;
    bool valid = prefix_parse(text, strlen(text), &block);
    assert(valid);
    return block;
}

unsigned special_blocks(struct prefix blocks[static SPECIAL_BLOCKS_MAX])
{
    for (unsigned i = 0; i < BLOCK_COUNT; i++)
        blocks[i] = block_read(block_texts[i]);
    return BLOCK_COUNT;
}

static bool in_blocks(const struct addr *addr)
{
    for (unsigned i = 0; i < BLOCK_COUNT; i++) {
        struct prefix block = block_read(block_texts[i]);
        if (prefix_contains(&block, addr))
            return true;
    }
    return false;
}

bool special_addr(const struct addr *addr)
{
    if (in_blocks(addr))
        return true;
    for (size_t i = 0; i < sizeof(carriers) / sizeof(*carriers); i++) {
        struct prefix block = block_read(carriers[i].block);
        struct addr carried = addr_from_v4(addr->bytes + carriers[i].at);
        if (prefix_contains(&block, addr) && in_blocks(&carried))
            return true;
    }
    return false;
}

bool special_addr_of(const struct sockaddr *sockaddr, struct addr *ret_addr)
{
    if (sockaddr->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)sockaddr;
        *ret_addr = addr_from_v4((const uint8_t *)&v4->sin_addr);
        return true;
    }
    if (sockaddr->sa_family != AF_INET6)
        return false;
    *ret_addr = addr_from_v6(((const struct sockaddr_in6 *)sockaddr)->sin6_addr.s6_addr);
    return true;
}

bool special_sockaddr(const struct sockaddr *sockaddr)
{
    struct addr addr;
    return !special_addr_of(sockaddr, &addr) || special_addr(&addr);
}
