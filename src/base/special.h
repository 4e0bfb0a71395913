/* special.h - addresses that lead to private, local or reserved places, in whatever form they come
 * SPDX-License-Identifier: Apache-2.0
 *
 * What others name (a list, a URL, a name server) must not lead us there. The blocks are rows of
 * special_blocks.def. */
#pragma once

#include "base/addr.h"

#include <sys/socket.h>

enum { SPECIAL_BLOCKS_MAX = 32 };

/* Writes the blocks; returns how many. */
unsigned special_blocks(struct prefix blocks[static SPECIAL_BLOCKS_MAX]);

/* Whether the address lies in one of the blocks, or is an IPv6 form that carries such an IPv4
 * address: IPv4-compatible (RFC 4291 2.5.5.1), 6to4 (RFC 3056), NAT64 (RFC 6052). */
bool special_addr(const struct addr *addr);

/* The address of a socket; false when it is neither IPv4 nor IPv6. */
bool special_addr_of(const struct sockaddr *sockaddr, struct addr *ret_addr);

/* The same of a socket's address; of a family that is not the internet's it is always true. */
bool special_sockaddr(const struct sockaddr *sockaddr);
