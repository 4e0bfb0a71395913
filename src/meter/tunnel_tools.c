/* tunnel_tools.c - recognises programs that make tunnels by how they spell their names
 * SPDX-License-Identifier: Apache-2.0 */
#include "meter/tunnel_tools.h"

#include <dnsvigil/name.h>
#include <string.h>

enum {
    DNS_TYPE_PRIVATE_FIRST = 65280,
    DNS_TYPE_PRIVATE_LAST = 65534,
};

const char *const tunnel_tool_names[TUNNEL_TOOL_COUNT] = {
    [TUNNEL_TOOL_NONE] = "",
#define TUNNEL_TOOL(id, name, share) [TUNNEL_TOOL_##id] = name,
#include <dnsvigil/tunnel_tools.def>
#undef TUNNEL_TOOL
};

const uint8_t tunnel_tool_share[TUNNEL_TOOL_COUNT] = {
#define TUNNEL_TOOL(id, name, share) [TUNNEL_TOOL_##id] = share,
#include <dnsvigil/tunnel_tools.def>
#undef TUNNEL_TOOL
};

/* One label, in lower case. */
struct label {
    const uint8_t *text;
    size_t len;
};

static struct label label_at(const struct dns_name *name, unsigned i)
{
    struct label label;
    label.text = name_label(name, i, &label.len);
    return label;
}

static bool label_is(struct label label, const char *text)
{
    return label.len == strlen(text) && memcmp(label.text, text, label.len) == 0;
}

static bool label_begins(struct label label, const char *text)
{
    size_t len = strlen(text);
    return label.len >= len && memcmp(label.text, text, len) == 0;
}

/* Whether the label is made of the bytes of `set` alone, from its byte `from` on. */
static bool label_of(struct label label, size_t from, const char *set)
{
    for (size_t i = from; i < label.len; i++)
        if (!label.text[i] || !strchr(set, label.text[i]))
            return false;
    return label.len > from;
}

static bool has_high_bytes(struct label label)
{
    for (size_t i = 0; i < label.len; i++)
        if (label.text[i] & 0x80)
            return true;
    return false;
}

static const char hex_digits[] = "0123456789abcdef";
static const char digits[] = "0123456789";

/* iodine begins with its version, 0x00000502 or 0x00000500, in its own base32 behind a `v`. Later
 * its pings are `p` and seven characters of it, of which the first stands for a number below 16,
 * and it tries whether bytes above 127 come through. Nearly nobody else has such names, or asks for
 * NULL or a type of private use. */
static enum tool_sign iodine(const struct dns_name *name, unsigned left, uint16_t qtype)
{
    struct label first = label_at(name, 0);
    (void)left;
    if (label_begins(first, "vaaaaka"))
        return TOOL_SIGN_SURE;
    bool odd_type = qtype == DNS_TYPE_NULL ||
                    (qtype >= DNS_TYPE_PRIVATE_FIRST && qtype <= DNS_TYPE_PRIVATE_LAST);
    bool ping = first.len == 8 && first.text[0] == 'p' && first.text[1] <= 'b' &&
                label_of(first, 1, "abcdefghijklmnopqrstuvwxyz012345");
    return odd_type || ping || has_high_bytes(first) ? TOOL_SIGN_WEAK : TOOL_SIGN_NONE;
}

/* dns2tcp speaks of itself while it logs in. */
static enum tool_sign dns2tcp(const struct dns_name *name, unsigned left, uint16_t qtype)
{
    (void)qtype;
    for (unsigned i = 1; i < left; i++) {
        struct label label = label_at(name, i);
        if (label_is(label, "=auth") || label_is(label, "=connect"))
            return TOOL_SIGN_SURE;
    }
    return TOOL_SIGN_NONE;
}

/* dnscat2 packets are hex: packet id (2 bytes), type (SYN 00, MSG 01, FIN 02, ENC 03, PING ff),
 * session id (2 bytes) and more. Without a domain of its own it puts "dnscat" in front. */
static enum tool_sign dnscat2(const struct dns_name *name, unsigned left, uint16_t qtype)
{
    enum { HEAD_CHARS = 18 };
    static const char *const types[] = {"00", "01", "02", "03", "ff"};
    bool named = label_is(label_at(name, 0), "dnscat");
    (void)qtype;
    if (left < 1u + named)
        return TOOL_SIGN_NONE;
    struct label packet = label_at(name, named);
    if (packet.len < HEAD_CHARS || packet.len % 2 || !label_of(packet, 0, hex_digits))
        return TOOL_SIGN_NONE;
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (memcmp(packet.text + 4, types[i], 2) == 0)
            return named ? TOOL_SIGN_SURE : TOOL_SIGN_WEAK;
    return TOOL_SIGN_NONE;
}

/* DNSExfiltrator announces a file as `init.` and base32 of `name|chunks`. */
static enum tool_sign dnsexfiltrator(const struct dns_name *name, unsigned left, uint16_t qtype)
{
    static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567";
    (void)qtype;
    if (left < 2 || !label_is(label_at(name, 0), "init"))
        return TOOL_SIGN_NONE;
    struct label text = label_at(name, 1);
    if (!label_of(text, 0, base32))
        return TOOL_SIGN_NONE;
    unsigned bits = 0, have = 0;
    for (size_t i = 0; i < text.len; i++) {
        bits = bits << 5 | (unsigned)(strchr(base32, text.text[i]) - base32);
        have += 5;
        if (have >= 8 && (bits >> (have -= 8) & 0xff) == '|')
            return TOOL_SIGN_SURE;
    }
    return TOOL_SIGN_NONE;
}

/* dnsteal ends each piece of base64 with a dash, which no host name may. */
static enum tool_sign dnsteal(const struct dns_name *name, unsigned left, uint16_t qtype)
{
    enum { PIECE_CHARS = 16 };
    (void)qtype;
    struct label first = label_at(name, 0);
    bool piece = first.len >= PIECE_CHARS && first.text[first.len - 1] == '-';
    return left >= 2 && piece ? TOOL_SIGN_WEAK : TOOL_SIGN_NONE;
}

/* OzymanDNS: …id-NNNN.up or …id-NNNN.down in front of its domain. */
static enum tool_sign ozymandns(const struct dns_name *name, unsigned left, uint16_t qtype)
{
    (void)qtype;
    for (unsigned i = 0; i + 1 < left; i++) {
        struct label way = label_at(name, i + 1);
        struct label id = label_at(name, i);
        if (label_begins(id, "id-") && label_of(id, 3, digits) &&
            (label_is(way, "up") || label_is(way, "down")))
            return TOOL_SIGN_SURE;
    }
    return TOOL_SIGN_NONE;
}

/* Cobalt Strike's defaults: the word of the channel, then only hex. */
static enum tool_sign cobalt_strike(const struct dns_name *name, unsigned left, uint16_t qtype)
{
    static const char *const channels[] = {"post", "api", "cdn", "www6"};
    struct label first = label_at(name, 0);
    bool channel = false;
    (void)qtype;
    for (size_t i = 0; i < sizeof(channels) / sizeof(*channels); i++)
        channel |= label_is(first, channels[i]);
    if (!channel || left < 3)
        return TOOL_SIGN_NONE;
    for (unsigned i = 1; i < left; i++)
        if (!label_of(label_at(name, i), 0, hex_digits))
            return TOOL_SIGN_NONE;
    return TOOL_SIGN_WEAK;
}

enum tunnel_tool tunnel_tool_of(const struct dns_name *name, unsigned left, uint16_t qtype,
                                enum tool_sign *ret_sign)
{
    static enum tool_sign (*const signs[TUNNEL_TOOL_COUNT])(const struct dns_name *, unsigned,
                                                            uint16_t) = {
        [TUNNEL_TOOL_IODINE] = iodine,
        [TUNNEL_TOOL_DNS2TCP] = dns2tcp,
        [TUNNEL_TOOL_DNSCAT2] = dnscat2,
        [TUNNEL_TOOL_DNSEXFILTRATOR] = dnsexfiltrator,
        [TUNNEL_TOOL_DNSTEAL] = dnsteal,
        [TUNNEL_TOOL_OZYMANDNS] = ozymandns,
        [TUNNEL_TOOL_COBALT_STRIKE] = cobalt_strike,
    };
    enum tunnel_tool found = TUNNEL_TOOL_NONE;
    *ret_sign = TOOL_SIGN_NONE;
    for (int tool = TUNNEL_TOOL_NONE + 1; tool < TUNNEL_TOOL_COUNT; tool++) {
        enum tool_sign sign = signs[tool](name, left, qtype);
        if (sign <= *ret_sign)
            continue;
        *ret_sign = sign;
        found = (enum tunnel_tool)tool;
    }
    return found;
}
