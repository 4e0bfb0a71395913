/* lookup.c - one DNS look-up while it is thought up
 * SPDX-License-Identifier: Apache-2.0 */
#include "lookup.h"

#include "base/hash.h"

#include <dnsvigil/rrtype.h>

#include <endian.h>
#include <stdio.h>
#include <string.h>

enum { UDP_SIZE = 1232, OPTION_COOKIE = 10, CLIENT_COOKIE_BYTES = 8, SERVER_COOKIE_BYTES = 16 };

static uint64_t text_hash(const char *text)
{
    return hash_bytes(text, strlen(text), HASH_FIXED_SEED);
}

static uint32_t ttl_of(uint64_t hash)
{
    static const uint32_t ttls_s[] = {30, 60, 60, 300, 300, 300, 600, 3600};
    return ttls_s[hash >> 61];
}

void lookup_begin(struct lookup *lookup, struct prng *prng, const char *name, uint16_t type,
                  enum dns_rcode rcode)
{
    uint16_t id = (uint16_t)prng_below(prng, 1 << 16);
    lookup->edns = prng_below(prng, 4) > 0;
    build_query(&lookup->query, id, name, type);
    build_response(&lookup->response, id, name, type, rcode);
}

/* An address of 198.51.100.0/24 or 203.0.113.0/24 (RFC 5737) or of 2001:db8::/32 (RFC 3849). */
static void build_address(struct message_build *b, uint16_t type, uint64_t hash)
{
    static const uint8_t networks[2][3] = {{198, 51, 100}, {203, 0, 113}};
    if (type == DNS_TYPE_A) {
        build_bytes(b, networks[hash & 1], 3);
        build_u8(b, 1 + (hash >> 8) % 254);
        return;
    }
    build_u32(b, 0x20010db8);
    build_u32(b, (uint32_t)(hash >> 40));
    build_u32(b, 0);
    build_u32(b, (uint32_t)hash & 0xffff);
}

void lookup_addresses(struct lookup *lookup, const char *owner, uint16_t type, unsigned count)
{
    uint64_t hash = text_hash(owner);
    for (unsigned i = 0; i < count; i++) {
        build_record_begin(&lookup->response, DNS_SECTION_ANSWER, owner, type, DNS_CLASS_IN,
                           ttl_of(hash));
        build_address(&lookup->response, type, hash + i * 0x100u + i);
        build_record_end(&lookup->response);
    }
}

void lookup_answer(struct lookup *lookup, const char *owner, uint16_t type, uint32_t ttl,
                   const char *rdata)
{
    build_record(&lookup->response, DNS_SECTION_ANSWER, owner, type, ttl, rdata);
}

void lookup_soa(struct lookup *lookup, const char *zone)
{
    char rdata[1024];
    char owners[512] = "a.root-servers.net nstld.verisign-grs.com";
    if (strcmp(zone, ".") != 0)
        snprintf(owners, sizeof(owners), "ns1.%.200s hostmaster.%.200s", zone, zone);
    snprintf(rdata, sizeof(rdata), "%s 20260101%02u 7200 900 1209600 300", owners,
             (unsigned)(text_hash(zone) % 100));
    build_record(&lookup->response, DNS_SECTION_AUTHORITY, zone, DNS_TYPE_SOA, 300, rdata);
}

/* An OPT record with a cookie of `len` bytes made from the message's id (RFC 7873). */
static void build_cookie(struct message_build *b, size_t len)
{
    uint64_t cookie[3];
    for (unsigned i = 0; i < 3; i++)
        cookie[i] = htole64(hash_bytes(b->data, 2, HASH_FIXED_SEED + i));
    build_edns_begin(b, UDP_SIZE, 0);
    build_option(b, OPTION_COOKIE, cookie, len);
    build_record_end(b);
}

void lookup_end(struct lookup *lookup)
{
    if (!lookup->edns)
        return;
    build_cookie(&lookup->query, CLIENT_COOKIE_BYTES);
    build_cookie(&lookup->response, CLIENT_COOKIE_BYTES + SERVER_COOKIE_BYTES);
}
