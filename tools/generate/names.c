/* names.c - makes up domain names
 * SPDX-License-Identifier: Apache-2.0 */
#include "names.h"

#include "base/hash.h"

#include <stdio.h>
#include <string.h>

enum { PART_BITS = 6, PARTS = 1 << PART_BITS };

/* A syllable is consonants and one vowel, so a row of them can be read in one way only: different
 * numbers give different names. */
static const char syllables[PARTS][4] = {
    "ba", "be", "bi", "bo", "da", "de", "di", "do", "fa",  "fe",  "fi",  "fo",  "ga",
    "ge", "gi", "go", "ha", "he", "hi", "ho", "ka", "ke",  "ki",  "ko",  "la",  "le",
    "li", "lo", "ma", "me", "mi", "mo", "na", "ne", "ni",  "no",  "pa",  "pe",  "pi",
    "po", "ra", "re", "ri", "ro", "sa", "se", "si", "so",  "ta",  "te",  "ti",  "to",
    "va", "ve", "vi", "vo", "za", "ze", "zi", "zo", "tra", "tre", "tri", "tro",
};

static const char words[PARTS][8] = {
    "garden",  "river",  "stone",  "light",  "green",  "north",  "book",   "music",
    "travel",  "market", "sport",  "health", "photo",  "cloud",  "paper",  "school",
    "kitchen", "energy", "silver", "summer", "harbor", "valley", "forest", "bridge",
    "coffee",  "winter", "city",   "home",   "auto",   "tech",   "data",   "media",
    "net",     "shop",   "play",   "game",   "film",   "news",   "team",   "work",
    "craft",   "design", "print",  "solar",  "water",  "wind",   "fresh",  "happy",
    "smart",   "quick",  "bright", "open",   "first",  "prime",  "urban",  "local",
    "daily",   "simple", "golden", "royal",  "wild",   "ocean",  "pixel",  "rapid",
};

/* Drawn by a byte of a hash: repetition is weight. */
static const char *const suffixes[] = {
    "com", "com", "com", "com", "com", "com",    "com",   "com",    "net",   "net", "org",
    "org", "de",  "de",  "fr",  "nl",  "co.uk",  "co.uk", "jp",     "co.jp", "it",  "es",
    "pl",  "se",  "ch",  "eu",  "io",  "com.br", "ca",    "com.au", "info",  "dev",
};

static const char *const hosts[] = {
    "www.",
    "www.",
    "www.",
    "www.",
    "www.",
    "www.",
    "",
    "",
    "",
    "",
    "api.",
    "api.",
    "cdn.",
    "img.",
    "static.",
    "assets.",
    "login.",
    "mail.",
    "media.",
    "m.",
    "app.",
    "edge-3.cdn.",
    "eu-west-1.api.",
    "i2.img.",
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Shuffles 0 to 2^bits - 1: neighbours come out looking unrelated, and no two the same. */
static uint32_t shuffle(uint32_t value, unsigned bits)
{
    uint32_t mask = (uint32_t)((1ull << bits) - 1);
    value = value * 0x9e3779b1u & mask;
    value ^= value >> (bits / 2);
    return value * 0x85ebca6bu & mask;
}

static uint64_t mix(uint32_t index)
{
    return hash_bytes(&index, sizeof(index), HASH_FIXED_SEED);
}

/* Appends as syllables the low bits of `value`; returns the new end. */
static char *put_syllables(char *at, uint32_t value, unsigned count)
{
    for (; count; count--, value >>= PART_BITS)
        at = stpcpy(at, syllables[value % PARTS]);
    return at;
}

static void put_suffix(char *at, uint64_t hash)
{
    *at++ = '.';
    strcpy(at, suffixes[hash % COUNT_OF(suffixes)]);
}

/* The most asked-for sites have two words, the others a word and two or three syllables. */
static void put_site(char *at, uint32_t index)
{
    uint64_t hash = mix(index);
    unsigned parts = index < 1 << 2 * PART_BITS ? 2 : index < 1 << 3 * PART_BITS ? 3 : 4;
    uint32_t value = shuffle(index, parts * PART_BITS);
    at = stpcpy(at, words[value % PARTS]);
    value >>= PART_BITS;
    if (parts == 2)
        at = stpcpy(at, words[value % PARTS]);
    else
        at = put_syllables(at, value, parts - 1);
    put_suffix(at, hash);
}

void name_site(uint32_t index, char text[static NAME_BYTES_MAX])
{
    put_site(text, index);
}

void name_host(uint32_t index, char text[static NAME_BYTES_MAX])
{
    const char *host = hosts[(mix(index) >> 32) % COUNT_OF(hosts)];
    put_site(stpcpy(text, host), index);
}

void name_indicator(uint32_t index, char text[static NAME_BYTES_MAX])
{
    put_suffix(put_syllables(text, shuffle(index, 5 * PART_BITS), 5), mix(~index));
}
