/* pack.c - a host name in two thirds of its bytes: three characters of [a-z0-9.-_] in 16 bits
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/pack.h"

#include <dnsvigil/name.h>

#include <assert.h>

enum { BASE = 40, CODE_END = 0, CODE_DOT = 1 };

static const char alphabet[BASE + 1] = "\0.-_0123456789abcdefghijklmnopqrstuvwxyz";

/* The place of each byte in `alphabet`; 0 for bytes outside it. */
static const uint8_t code_of[256] = {
    ['.'] = 1,  ['-'] = 2,  ['_'] = 3,  ['0'] = 4,  ['1'] = 5,  ['2'] = 6,  ['3'] = 7,  ['4'] = 8,
    ['5'] = 9,  ['6'] = 10, ['7'] = 11, ['8'] = 12, ['9'] = 13, ['a'] = 14, ['b'] = 15, ['c'] = 16,
    ['d'] = 17, ['e'] = 18, ['f'] = 19, ['g'] = 20, ['h'] = 21, ['i'] = 22, ['j'] = 23, ['k'] = 24,
    ['l'] = 25, ['m'] = 26, ['n'] = 27, ['o'] = 28, ['p'] = 29, ['q'] = 30, ['r'] = 31, ['s'] = 32,
    ['t'] = 33, ['u'] = 34, ['v'] = 35, ['w'] = 36, ['x'] = 37, ['y'] = 38, ['z'] = 39,
};

/* The codes of the suffix's characters, a dot between labels. Returns how many, 0 when one has
 * no code. A dot inside a label is not a separator and has none. */
static size_t suffix_codes(const struct dns_name *name, unsigned label,
                           uint8_t codes[NAME_WIRE_MAX])
{
    size_t count = 0;
    for (unsigned i = label; i < name->labels; i++) {
        size_t len;
        const uint8_t *bytes = name_label(name, i, &len);
        if (i > label)
            codes[count++] = CODE_DOT;
        for (size_t j = 0; j < len; j++) {
            uint8_t code = code_of[bytes[j]];
            if (code <= CODE_DOT)
                return 0;
            codes[count++] = code;
        }
    }
    return count;
}

size_t pack_name(const struct dns_name *name, unsigned label, uint8_t packed[static PACK_MAX])
{
    uint8_t codes[NAME_WIRE_MAX + 2];
    size_t count = suffix_codes(name, label, codes);
    size_t len = 0;
    codes[count] = codes[count + 1] = CODE_END;
    for (size_t i = 0; i < count; i += 3) {
        unsigned unit = (codes[i] * BASE + codes[i + 1]) * BASE + codes[i + 2];
        packed[len++] = (uint8_t)(unit >> 8);
        packed[len++] = (uint8_t)unit;
    }
    return len;
}

size_t pack_text(const uint8_t *packed, size_t len, char text[static PACK_TEXT_MAX])
{
    assert(len <= PACK_MAX);
    char *at = text;
    for (size_t i = 0; i + 1 < len; i += 2) {
        unsigned unit = (unsigned)packed[i] << 8 | packed[i + 1];
        *at++ = alphabet[unit / (BASE * BASE)];
        *at++ = alphabet[unit / BASE % BASE];
        *at++ = alphabet[unit % BASE];
    }
    while (at > text && at[-1] == 0)
        at--;
    *at = 0;
    return (size_t)(at - text);
}
