/* text_code.c - reads text that stands for bytes: hex, base32, base64
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/text_code.h"

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int base32_value(uint8_t c)
{
    if (c >= '2' && c <= '7')
        return c - '2' + 26;
    c |= 0x20;
    return c >= 'a' && c <= 'z' ? c - 'a' : -1;
}

static int base64_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-' || c == '*')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

static const struct {
    int (*value)(uint8_t c);
    unsigned bits;
} codes[TEXT_CODE_COUNT] = {
    [TEXT_CODE_HEX] = {hex_value, 4},
    [TEXT_CODE_BASE32] = {base32_value, 5},
    [TEXT_CODE_BASE64] = {base64_value, 6},
};

size_t text_decode(enum text_code code, const uint8_t *text, size_t len, uint8_t *data)
{
    unsigned word = 0, have = 0;
    size_t count = 0;
    for (size_t i = 0; i < len; i++) {
        int value = codes[code].value(text[i]);
        if (value < 0)
            break;
        word = word << codes[code].bits | (unsigned)value;
        have += codes[code].bits;
        if (have < 8)
            continue;
        have -= 8;
        data[count++] = (uint8_t)(word >> have);
    }
    return count;
}
