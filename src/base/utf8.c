/* utf8.c - takes UTF-8 apart strictly, and makes any bytes safe to show
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include <string.h>

size_t utf8_decode(const uint8_t *s, size_t left, uint32_t *ret_code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (len == 0 || len > left || s[0] > 0xf4)
        return 0;
    uint32_t code = len == 1 ? s[0] : s[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (s[i] & 0x3f);
    }
    if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    *ret_code = code;
    return len;
}

bool utf8_valid(const char *text, size_t len)
{
    uint32_t code;
    for (size_t at = 0, step; at < len; at += step) {
        step = utf8_decode((const uint8_t *)text + at, len - at, &code);
        if (step == 0)
            return false;
    }
    return true;
}

/* Characters that drive a terminal, break a line, or make text look different from what it is. */
static bool code_is_unsafe(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},   {0x200b, 0x200f},
        {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
    };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

void utf8_append_visible(struct buf *buf, const char *text)
{
    const uint8_t *s = (const uint8_t *)text;
    size_t left = strlen(text);
    while (left > 0) {
        uint32_t code = 0;
        size_t len = utf8_decode(s, left, &code);
        if (len == 0)
            buf_text(buf, "\xef\xbf\xbd");
        else if (code == '\t')
            buf_char(buf, ' ');
        else if (!code_is_unsafe(code))
            buf_append(buf, s, len);
        else
            buf_printf(buf, code < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)code);
        s += len ? len : 1;
        left -= len ? len : 1;
    }
}
