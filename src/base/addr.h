/* addr.h - an IPv4 or IPv6 address in 16 bytes, with CIDR prefixes and text both ways
 * SPDX-License-Identifier: Apache-2.0
 *
 * IPv4 is kept IPv4-mapped (RFC 4291 2.5.5.2), so one 16-byte key serves both families and equal
 * addresses are equal bytes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ADDR_TEXT_MAX 64 /* the longest text form with prefix length and final NUL */

struct addr {
    uint8_t bytes[16];
};

/* A CIDR block; `bits` counts on the 128-bit form, so 192.0.2.0/24 has bits = 96 + 24. The bytes
 * below the prefix are zero. */
struct prefix {
    struct addr addr;
    uint8_t bits;
};

static inline struct addr addr_from_v4(const uint8_t bytes[4])
{
    struct addr addr = {.bytes = {[10] = 0xff, [11] = 0xff}};
    memcpy(addr.bytes + 12, bytes, 4);
    return addr;
}

static inline struct addr addr_from_v6(const uint8_t bytes[16])
{
    struct addr addr;
    memcpy(addr.bytes, bytes, 16);
    return addr;
}

static inline bool addr_is_v4(const struct addr *addr)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(addr->bytes, mapped, 12) == 0;
}

/* Whether an address is of a network's own: RFC 1918, RFC 4193 or link-local. */
static inline bool ipv4_is_private(const uint8_t bytes[4])
{
    unsigned first = (unsigned)bytes[0] << 8 | bytes[1];
    return bytes[0] == 10 || first >> 4 == 0xac1 || first == 0xc0a8 || first == 0xa9fe;
}

static inline bool ipv6_is_private(const uint8_t bytes[16])
{
    return (bytes[0] & 0xfe) == 0xfc || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);
}

static inline bool addr_is_private(const struct addr *addr)
{
    return addr_is_v4(addr) ? ipv4_is_private(addr->bytes + 12) : ipv6_is_private(addr->bytes);
}

static inline bool addr_equal(const struct addr *a, const struct addr *b)
{
    return memcmp(a->bytes, b->bytes, 16) == 0;
}

/* The address with all bits after the first `bits` cleared. */
struct addr addr_mask(const struct addr *addr, unsigned bits);

/* Writes the text form (RFC 5952 for IPv6) with a final NUL; returns its length. */
size_t addr_format(const struct addr *addr, char text[static ADDR_TEXT_MAX]);

/* Reads one address from `len` bytes of text; false when it is not exactly one. */
bool addr_parse(const char *text, size_t len, struct addr *ret_addr);

/* Reads `address:port`, where an IPv6 address stands in brackets; false when it is not that. */
bool addr_port_parse(const char *text, struct addr *ret_addr, uint16_t *ret_port);

/* Reads `address` or `address/bits`; a missing length means the whole address. False when it is
 * not one or has bits set below the prefix length. */
bool prefix_parse(const char *text, size_t len, struct prefix *ret_prefix);

/* Writes `address` or `address/bits` with a final NUL; returns its length. */
size_t prefix_format(const struct prefix *prefix, char text[static ADDR_TEXT_MAX]);

static inline bool prefix_contains(const struct prefix *prefix, const struct addr *addr)
{
    struct addr masked = addr_mask(addr, prefix->bits);
    return addr_equal(&masked, &prefix->addr);
}
