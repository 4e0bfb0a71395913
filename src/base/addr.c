/* addr.c - IPv4 and IPv6 addresses and CIDR prefixes, text both ways
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

enum { V4_OFFSET_BITS = 96 };

struct addr addr_mask(const struct addr *addr, unsigned bits)
{
    struct addr masked = {{0}};
    unsigned whole = bits / 8;
    memcpy(masked.bytes, addr->bytes, whole);
    if (whole < 16 && bits % 8)
        masked.bytes[whole] = addr->bytes[whole] & (uint8_t)(0xff00 >> (bits % 8));
    return masked;
}

size_t addr_format(const struct addr *addr, char text[static ADDR_TEXT_MAX])
{
    bool v4 = addr_is_v4(addr);
    inet_ntop(v4 ? AF_INET : AF_INET6, addr->bytes + (v4 ? 12 : 0), text, ADDR_TEXT_MAX);
    return strlen(text);
}

bool addr_parse(const char *text, size_t len, struct addr *ret_addr)
{
    char copy[INET6_ADDRSTRLEN];
    uint8_t bytes[16];
    if (len == 0 || len >= sizeof(copy) || memchr(text, 0, len))
        return false;
    memcpy(copy, text, len);
    copy[len] = 0;
    if (inet_pton(AF_INET, copy, bytes) == 1) {
        *ret_addr = addr_from_v4(bytes);
        return true;
    }
    if (inet_pton(AF_INET6, copy, bytes) != 1)
        return false;
    *ret_addr = addr_from_v6(bytes);
    return true;
}

bool addr_port_parse(const char *text, struct addr *ret_addr, uint16_t *ret_port)
{
    const char *colon = strrchr(text, ':');
    if (!colon || colon[1] < '0' || colon[1] > '9')
        return false;
    size_t len = (size_t)(colon - text);
    bool brackets = len >= 2 && text[0] == '[' && text[len - 1] == ']';
    if (!brackets && memchr(text, ':', len))
        return false;
    char *end;
    unsigned long port = strtoul(colon + 1, &end, 10);
    if (*end || port > UINT16_MAX)
        return false;
    *ret_port = (uint16_t)port;
    return brackets ? addr_parse(text + 1, len - 2, ret_addr) : addr_parse(text, len, ret_addr);
}

bool prefix_parse(const char *text, size_t len, struct prefix *ret_prefix)
{
    const char *slash = memchr(text, '/', len);
    size_t addr_len = slash ? (size_t)(slash - text) : len;
    struct addr addr;
    if (!addr_parse(text, addr_len, &addr))
        return false;
    /* The family is what was written: ::ffff:1.2.3.4 counts its bits on the IPv6 form. */
    bool v4 = !memchr(text, ':', addr_len);
    unsigned bits = v4 ? 32 : 128;
    if (slash) {
        size_t digits = len - addr_len - 1;
        if (digits < 1 || digits > 3)
            return false;
        unsigned value = 0;
        for (size_t i = 0; i < digits; i++) {
            char c = slash[1 + i];
            if (c < '0' || c > '9')
                return false;
            value = value * 10 + (unsigned)(c - '0');
        }
        if (value > bits)
            return false;
        bits = value;
    }
    bits += v4 ? V4_OFFSET_BITS : 0;
    struct addr masked = addr_mask(&addr, bits);
    if (!addr_equal(&masked, &addr))
        return false;
    *ret_prefix = (struct prefix){.addr = addr, .bits = (uint8_t)bits};
    return true;
}

size_t prefix_format(const struct prefix *prefix, char text[static ADDR_TEXT_MAX])
{
    size_t len = addr_format(&prefix->addr, text);
    if (prefix->bits == 128)
        return len;
    bool v4 = addr_is_v4(&prefix->addr) && prefix->bits >= V4_OFFSET_BITS;
    unsigned bits = v4 ? prefix->bits - V4_OFFSET_BITS : prefix->bits;
    return len + (size_t)snprintf(text + len, ADDR_TEXT_MAX - len, "/%u", bits);
}
