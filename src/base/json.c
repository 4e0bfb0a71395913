/* json.c - writes JSON front to back into a struct buf
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void value_begin(struct json *json)
{
    if (json->comma)
        buf_char(json->buf, ',');
    json->comma = true;
}

static void level_open(struct json *json, char c)
{
    value_begin(json);
    buf_char(json->buf, c);
    json->comma = false;
}

static void level_close(struct json *json, char c)
{
    buf_char(json->buf, c);
    json->comma = true;
}

void json_object_begin(struct json *json)
{
    level_open(json, '{');
}

void json_object_end(struct json *json)
{
    level_close(json, '}');
}

void json_array_begin(struct json *json)
{
    level_open(json, '[');
}

void json_array_end(struct json *json)
{
    level_close(json, ']');
}

void json_key(struct json *json, const char *key)
{
    json_string(json, key);
    buf_char(json->buf, ':');
    json->comma = false;
}

/* Length of the valid UTF-8 sequence at `s` (RFC 3629: no surrogates, no overlong forms, at most
 * U+10FFFF), or 0; the code point goes to `ret_code`. */
static size_t utf8_sequence(const uint8_t *s, size_t left, uint32_t *ret_code)
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

static void string_escaped(struct buf *buf, uint32_t code)
{
    switch (code) {
    case '"': buf_text(buf, "\\\""); return;
    case '\\': buf_text(buf, "\\\\"); return;
    case '\n': buf_text(buf, "\\n"); return;
    case '\r': buf_text(buf, "\\r"); return;
    case '\t': buf_text(buf, "\\t"); return;
    default: buf_printf(buf, "\\u%04x", (unsigned)code); return;
    }
}

void json_string_len(struct json *json, const char *text, size_t len)
{
    value_begin(json);
    struct buf *buf = json->buf;
    const uint8_t *s = (const uint8_t *)text;
    buf_char(buf, '"');
    size_t plain = 0; /* start of the run that needs no escape */
    for (size_t i = 0; i < len;) {
        uint32_t code = 0;
        size_t n = utf8_sequence(s + i, len - i, &code);
        bool escape = n && (code < 0x20 || code == '"' || code == '\\' ||
                            (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029);
        if (n && !escape) {
            i += n;
            continue;
        }
        buf_append(buf, text + plain, i - plain);
        if (n)
            string_escaped(buf, code);
        else
            buf_text(buf, "\\ufffd");
        i += n ? n : 1;
        plain = i;
    }
    buf_append(buf, text + plain, len - plain);
    buf_char(buf, '"');
}

void json_string(struct json *json, const char *text)
{
    json_string_len(json, text, strlen(text));
}

void json_int(struct json *json, int64_t value)
{
    value_begin(json);
    buf_printf(json->buf, "%" PRId64, value);
}

void json_number(struct json *json, double value)
{
    if (!isfinite(value))
        value = 0;
    if (value == floor(value) && fabs(value) < 1e15) {
        json_int(json, (int64_t)value);
        return;
    }
    value_begin(json);
    buf_printf(json->buf, "%.6g", value);
}

void json_bool(struct json *json, bool value)
{
    value_begin(json);
    buf_text(json->buf, value ? "true" : "false");
}

void json_raw(struct json *json, const char *text, size_t len)
{
    value_begin(json);
    buf_append(json->buf, text, len);
}

void json_pair(struct json *json, const char *key, const char *text)
{
    json_key(json, key);
    json_string(json, text);
}

void json_pair_opt(struct json *json, const char *key, const char *text)
{
    if (text && *text)
        json_pair(json, key, text);
}

void json_pair_int(struct json *json, const char *key, int64_t value)
{
    json_key(json, key);
    json_int(json, value);
}
