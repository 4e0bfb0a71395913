/* onion.c - recognises Tor onion service addresses in the labels of a name
 * SPDX-License-Identifier: Apache-2.0 */
#include "detect/onion.h"

#include <dnsvigil/name.h>

#include <openssl/evp.h>
#include <string.h>

enum {
    V2_CHARS = ONION_CHARS_MIN,
    V3_CHARS = 56,
    V3_BYTES = 35, /* public key 32, checksum 2, version 1 */
    KEY_BYTES = 32,
    VERSION_AT = 34,
};

/* RFC 4648 base32, lower case; false when a character is not in the alphabet. */
static bool base32_decode(const uint8_t *text, size_t len, uint8_t *bytes)
{
    uint32_t bits = 0;
    unsigned have = 0;
    for (size_t i = 0; i < len; i++) {
        uint8_t c = text[i];
        uint8_t value = c >= 'a' && c <= 'z' ? c - 'a' : c >= '2' && c <= '7' ? c - '2' + 26 : 0xff;
        if (value == 0xff)
            return false;
        bits = bits << 5 | value;
        have += 5;
        if (have < 8)
            continue;
        have -= 8;
        *bytes++ = (uint8_t)(bits >> have);
    }
    return true;
}

/* checksum = SHA3-256(".onion checksum" | key | version)[:2] */
static bool v3_checksum_right(const uint8_t address[V3_BYTES])
{
    static const char salt[] = ".onion checksum";
    uint8_t input[sizeof(salt) - 1 + KEY_BYTES + 1];
    uint8_t digest[EVP_MAX_MD_SIZE];
    memcpy(input, salt, sizeof(salt) - 1);
    memcpy(input + sizeof(salt) - 1, address, KEY_BYTES);
    input[sizeof(input) - 1] = address[VERSION_AT];
    return EVP_Digest(input, sizeof(input), digest, NULL, EVP_sha3_256(), NULL) == 1 &&
           memcmp(digest, address + KEY_BYTES, 2) == 0;
}

enum onion_kind onion_label(const struct dns_name *name, unsigned label)
{
    size_t len;
    const uint8_t *text = name_label(name, label, &len);
    uint8_t address[V3_BYTES];
    if (len == V2_CHARS)
        return base32_decode(text, len, address) ? ONION_V2 : ONION_NONE;
    /* The version byte is 3, so every address ends in 'd': a cheap test before the hash. */
    if (len != V3_CHARS || text[V3_CHARS - 1] != 'd' || !base32_decode(text, len, address))
        return ONION_NONE;
    return address[VERSION_AT] == 3 && v3_checksum_right(address) ? ONION_V3 : ONION_NONE;
}

int onion_find(const struct dns_name *name, enum onion_kind *ret_kind)
{
    int found = -1;
    for (unsigned label = 0; label < name->labels; label++) {
        enum onion_kind kind = onion_label(name, label);
        if (kind == ONION_NONE || (kind == ONION_V2 && found >= 0))
            continue;
        *ret_kind = kind;
        found = (int)label;
        if (kind == ONION_V3)
            break;
    }
    return found;
}
