/* threats.c - look-ups that give a client away
 * SPDX-License-Identifier: Apache-2.0 */
#include "threats.h"

#include "names.h"

#include <dnsvigil/rrtype.h>

#include <assert.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static void random_bytes(struct prng *prng, uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)prng_next(prng);
}

/* Lower-case base32 without padding (RFC 4648); whole groups of 5 bits only. Returns the end. */
static char *put_base32(char *at, const uint8_t *bytes, size_t len)
{
    unsigned held = 0, bits = 0;
    for (size_t i = 0; i < len; i++) {
        held = held << 8 | bytes[i];
        for (bits += 8; bits >= 5; bits -= 5)
            *at++ = "abcdefghijklmnopqrstuvwxyz234567"[held >> (bits - 5) & 31];
    }
    *at = 0;
    return at;
}

static char *put_hex(char *at, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        at += sprintf(at, "%02x", bytes[i]);
    return at;
}

/* 56 characters: base32 of key, checksum and version, as Tor's rend-spec-v3 lays them out. */
static void put_onion(struct prng *prng, char text[static 57])
{
    enum { KEY_BYTES = 32, VERSION = 3 };
    uint8_t input[15 + KEY_BYTES + 1] = ".onion checksum";
    uint8_t *key = input + 15;
    uint8_t digest[32], address[KEY_BYTES + 3];
    random_bytes(prng, key, KEY_BYTES);
    key[KEY_BYTES] = VERSION;
    int done = EVP_Digest(input, sizeof(input), digest, NULL, EVP_sha3_256(), NULL);
    assert(done == 1);
    memcpy(address, key, KEY_BYTES);
    memcpy(address + KEY_BYTES, digest, 2);
    address[KEY_BYTES + 2] = VERSION;
    put_base32(text, address, sizeof(address));
}

static void answered(struct lookup *lookup, struct prng *prng, const char *name)
{
    lookup_begin(lookup, prng, name, DNS_TYPE_A, DNS_RCODE_NOERROR);
    lookup_addresses(lookup, name, DNS_TYPE_A, 1);
    lookup_end(lookup);
}

static void denied(struct lookup *lookup, struct prng *prng, const char *name, const char *zone)
{
    lookup_begin(lookup, prng, name, DNS_TYPE_A, DNS_RCODE_NXDOMAIN);
    lookup_soa(lookup, zone);
    lookup_end(lookup);
}

void threat_onion(struct lookup *lookup, struct prng *prng)
{
    char name[NAME_BYTES_MAX];
    put_onion(prng, name);
    strcat(name, ".onion");
    denied(lookup, prng, name, ".");
}

void threat_gateway(struct lookup *lookup, struct prng *prng)
{
    static const char *const gateways[] = {".onion.ws", ".onion.ly", ".tor2web.io", ".onion.pet"};
    char name[NAME_BYTES_MAX];
    put_onion(prng, name);
    strcat(name, gateways[prng_below(prng, COUNT_OF(gateways))]);
    answered(lookup, prng, name);
}

void threat_mining(struct lookup *lookup, struct prng *prng)
{
    static const char *const pools[] = {
        "xmr-eu1.nanopool.org", "pool.supportxmr.com",     "xmr.2miners.com",
        "pool.hashvault.pro",   "gulf.moneroocean.stream",
    };
    answered(lookup, prng, pools[prng_below(prng, COUNT_OF(pools))]);
}

void threat_sinkhole(struct lookup *lookup, struct prng *prng, const char *name)
{
    static const char *const sinkholes[] = {"131.253.18.12", "199.2.137.20"};
    lookup_begin(lookup, prng, name, DNS_TYPE_A, DNS_RCODE_NOERROR);
    lookup_answer(lookup, name, DNS_TYPE_A, 3600, sinkholes[prng_below(prng, COUNT_OF(sinkholes))]);
    lookup_end(lookup);
}

/* Two labels of data under `zone`. */
static void tunnel_name(struct prng *prng, const char *zone, char text[static NAME_BYTES_MAX])
{
    enum { BYTES_MAX = 30 };
    uint8_t bytes[BYTES_MAX];
    bool hex = prng_below(prng, 3) == 0;
    for (int label = 0; label < 2; label++) {
        size_t len = BYTES_MAX - prng_below(prng, 10);
        random_bytes(prng, bytes, len);
        text = hex ? put_hex(text, bytes, len) : put_base32(text, bytes, len);
        *text++ = '.';
    }
    snprintf(text, NAME_BYTES_MAX - 130, "%s", zone);
}

/* Data in the data of a record, as a tunnel's server sends it. */
static void tunnel_rdata(struct message_build *response, struct prng *prng, const char *zone,
                         uint16_t type)
{
    enum { BYTES_MAX = 120 };
    uint8_t bytes[BYTES_MAX];
    char text[NAME_BYTES_MAX];
    size_t len = 40 + prng_below(prng, BYTES_MAX - 40);
    random_bytes(prng, bytes, len);
    switch (type) {
    case DNS_TYPE_CNAME:
        tunnel_name(prng, zone, text);
        build_name(response, text);
        break;
    case DNS_TYPE_TXT:
        len = (size_t)(put_base32(text, bytes, len) - text);
        build_u8(response, (unsigned)len);
        build_bytes(response, text, len);
        break;
    default: build_bytes(response, bytes, len);
    }
}

void threat_tunnel(struct lookup *lookup, struct prng *prng, const char *zone)
{
    static const uint16_t types[] = {DNS_TYPE_TXT, DNS_TYPE_TXT, DNS_TYPE_NULL, DNS_TYPE_CNAME};
    uint16_t type = types[prng_below(prng, COUNT_OF(types))];
    char name[NAME_BYTES_MAX];
    tunnel_name(prng, zone, name);
    lookup_begin(lookup, prng, name, type, DNS_RCODE_NOERROR);
    build_record_begin(&lookup->response, DNS_SECTION_ANSWER, name, type, DNS_CLASS_IN, 0);
    tunnel_rdata(&lookup->response, prng, zone, type);
    build_record_end(&lookup->response);
    lookup_end(lookup);
}

void threat_dga(struct lookup *lookup, struct prng *prng)
{
    static const char *const zones[] = {"com", "net", "org", "info", "biz"};
    char name[NAME_BYTES_MAX];
    size_t len = 12 + prng_below(prng, 5);
    for (size_t i = 0; i < len; i++)
        name[i] = (char)('a' + prng_below(prng, 26));
    const char *zone = zones[prng_below(prng, COUNT_OF(zones))];
    snprintf(name + len, sizeof(name) - len, ".%s", zone);
    denied(lookup, prng, name, zone);
}

void threat_malformed(struct lookup *lookup, struct prng *prng, unsigned kind)
{
    static const char banner[] = "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n";
    enum { QUESTION_AT = MESSAGE_HEADER_BYTES };
    struct message_build *query = &lookup->query;
    assert(kind < THREAT_MALFORMED_COUNT);
    lookup_begin(lookup, prng, "status.office-printer.example", DNS_TYPE_A, DNS_RCODE_NOERROR);
    switch (kind) {
    case 0: query->data[QUESTION_AT] = 0x47; break;       /* a reserved label type */
    case 1: query->data[QUESTION_AT] = 0xc0; break;       /* a pointer far ahead */
    case 2: query->len -= 3; break;                       /* cut inside the question */
    case 3: query->len = MESSAGE_HEADER_BYTES - 5; break; /* cut inside the header */
    case 4: build_count(query, DNS_SECTION_QUESTION, 40); break;
    case 5:
        query->len = 0;
        build_bytes(query, banner, sizeof(banner) - 1);
        break;
    }
}
