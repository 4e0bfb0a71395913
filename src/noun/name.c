/* name.c - canonical DNS names: suffix hashes, comparison, and text both ways
 * SPDX-License-Identifier: Apache-2.0 */
#include <dnsvigil/name.h>

#include "base/hash.h"

#include <string.h>

/* Three words that only the holder of the seed knows. */
struct name_key {
    uint64_t root;
    uint64_t word;
    uint64_t state;
};

static inline struct name_key name_key(void)
{
    return (struct name_key){
        .root = hash_mix(hash_seed ^ 0x2d358dccaa6c78a5ull, 0x8bb84b93962eacc9ull),
        .word = hash_mix(hash_seed ^ 0x4b33a62ed433d4a3ull, 0x4d5a2da51de1aa47ull),
        .state = hash_mix(hash_seed ^ 0xa0761d6478bd642full, 0xe7037ed1a0b428dbull),
    };
}

static inline uint64_t load_word(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    return word;
}

/* The `n` (1-8) bytes at `at` as a number. Eight are read; NAME_PAD lets them be. */
static inline uint64_t load_bytes(const uint8_t *at, unsigned n)
{
    static const uint64_t kept[] = {0,          0xff,         0xffff,         0xffffff,
                                    0xffffffff, 0xffffffffff, 0xffffffffffff, 0xffffffffffffff,
                                    UINT64_MAX};
    return load_word(at) & kept[n];
}

/* One label onto the hash of what stands right of it. Every word is multiplied with the running
 * state, which is secret from the root on, so no two labels can be made to meet without the seed.
 * The first word holds the length byte: where labels end is part of what is hashed. */
static inline uint64_t hash_label(const struct name_key *key, uint64_t hash, const uint8_t *label,
                                  unsigned len)
{
    for (; len > 8; label += 8, len -= 8)
        hash = hash_mix(load_word(label) ^ key->word, hash ^ key->state);
    return hash_mix(load_bytes(label, len) ^ key->word, hash ^ key->state);
}

void name_hash(struct dns_name *name)
{
    struct name_key key = name_key();
    uint64_t hash = key.root;
    unsigned end = name->offset[name->labels];
    name->hash[name->labels] = hash;
    for (unsigned i = name->labels; i-- > 0;) {
        unsigned begin = name->offset[i];
        hash = hash_label(&key, hash, name->wire + begin, end - begin);
        name->hash[i] = hash;
        end = begin;
    }
}

uint64_t name_digest(const struct dns_name *name)
{
    uint64_t digest = HASH_FIXED_SEED;
    for (unsigned at = 0; at < name->len; at += 16)
        digest = hash_mix(load_word(name->wire + at) ^ hash_seed,
                          load_word(name->wire + at + 8) ^ digest);
    return digest;
}

uint64_t name_hash_fixed(const struct dns_name *name, unsigned label)
{
    unsigned at = name->offset[label];
    return hash_bytes(name->wire + at, name->len - at, HASH_FIXED_SEED);
}

void name_index(struct dns_name *name)
{
    unsigned labels = 0;
    unsigned at = 0;
    for (; name->wire[at]; at += name->wire[at] + 1u)
        name->offset[labels++] = (uint8_t)at;
    name->offset[labels] = (uint8_t)at;
    name->labels = (uint8_t)labels;
    memset(name->wire + at + 1, 0, NAME_PAD);
    name_hash(name);
}

bool name_equal(const struct dns_name *a, const struct dns_name *b)
{
    return a->len == b->len && memcmp(a->wire, b->wire, a->len) == 0;
}

bool name_is_under(const struct dns_name *name, const struct dns_name *suffix)
{
    if (name->labels < suffix->labels)
        return false;
    unsigned begin = name->offset[name->labels - suffix->labels];
    return name->len - begin == suffix->len &&
           memcmp(name->wire + begin, suffix->wire, suffix->len) == 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads one byte, plain or escaped, at text[*at] and moves *at behind it; -1 for a bad escape. */
static int text_byte(const char *text, size_t len, size_t *at)
{
    size_t i = *at;
    if (text[i] != '\\') {
        *at = i + 1;
        return (uint8_t)text[i];
    }
    if (i + 1 >= len)
        return -1;
    if (!is_digit(text[i + 1])) {
        *at = i + 2;
        return (uint8_t)text[i + 1];
    }
    if (i + 3 >= len || !is_digit(text[i + 2]) || !is_digit(text[i + 3]))
        return -1;
    *at = i + 4;
    int value = (text[i + 1] - '0') * 100 + (text[i + 2] - '0') * 10 + (text[i + 3] - '0');
    return value <= UINT8_MAX ? value : -1;
}

/* Appends one label (up to an unescaped dot or the end) to wire[]; false when it is not one. */
static bool label_from_text(struct dns_name *name, const char *text, size_t len, size_t *at)
{
    unsigned length_at = name->len++;
    while (*at < len && text[*at] != '.') {
        int byte = text_byte(text, len, at);
        /* One byte stays free for the root. */
        if (byte < 0 || name->len >= NAME_WIRE_MAX - 1)
            return false;
        bool upper = byte >= 'A' && byte <= 'Z';
        name->uppercase |= upper;
        name->mixed_case |= byte >= 'a' && byte <= 'z';
        name->wire[name->len++] = (uint8_t)(upper ? byte + 32 : byte);
    }
    unsigned length = name->len - length_at - 1u;
    name->wire[length_at] = (uint8_t)length;
    return length >= 1 && length <= 63;
}

bool name_from_text(struct dns_name *ret_name, const char *text, size_t len)
{
    ret_name->len = 0;
    ret_name->uppercase = ret_name->mixed_case = false;
    if (len == 0)
        return false;
    size_t at = len == 1 && text[0] == '.';
    while (at < len) {
        if (!label_from_text(ret_name, text, len, &at))
            return false;
        at++; /* the dot */
    }
    ret_name->mixed_case &= ret_name->uppercase;
    ret_name->wire[ret_name->len++] = 0;
    name_index(ret_name);
    return true;
}

static char *name_escape(char *to, uint8_t byte)
{
    if (byte < 0x21 || byte > 0x7e) {
        *to++ = '\\';
        *to++ = (char)('0' + byte / 100);
        *to++ = (char)('0' + byte / 10 % 10);
        *to++ = (char)('0' + byte % 10);
        return to;
    }
    if (strchr(".\\\"();@$", byte))
        *to++ = '\\';
    *to++ = (char)byte;
    return to;
}

size_t name_to_text(const struct dns_name *name, unsigned label, char text[static NAME_TEXT_MAX])
{
    char *to = text;
    for (unsigned i = label; i < name->labels; i++) {
        size_t len;
        const uint8_t *bytes = name_label(name, i, &len);
        if (i > label)
            *to++ = '.';
        for (size_t j = 0; j < len; j++)
            to = name_escape(to, bytes[j]);
    }
    if (to == text)
        *to++ = '.';
    *to = 0;
    return (size_t)(to - text);
}
