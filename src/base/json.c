/* json.c - writes JSON front to back into a struct buf
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "base/utf8.h"

#include <assert.h>
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
    json_text(json, key);
    buf_char(json->buf, ':');
    json->comma = false;
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

/* How many bytes from text[0] on are ASCII that needs no escape. */
static size_t plain_run(const uint8_t *text, size_t len)
{
    size_t i = 0;
    while (i < len && text[i] >= 0x20 && text[i] < 0x7f && text[i] != '"' && text[i] != '\\')
        i++;
    return i;
}

void json_text_len(struct json *json, const char *text, size_t len)
{
    value_begin(json);
    struct buf *buf = json->buf;
    const uint8_t *s = (const uint8_t *)text;
    buf_char(buf, '"');
    size_t plain = 0; /* start of the run that needs no escape */
    for (size_t i = plain_run(s, len); i < len;) {
        uint32_t code = 0;
        size_t n = utf8_decode(s + i, len - i, &code);
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

void json_text(struct json *json, const char *text)
{
    json_text_len(json, text, strlen(text));
}

void json_int(struct json *json, int64_t value)
{
    json_decimal(json, value, 0);
}

void json_decimal(struct json *json, int64_t value, unsigned decimals)
{
    char text[20 + 1 + JSON_DECIMALS_MAX], *at = text + sizeof(text);
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    assert(decimals <= JSON_DECIMALS_MAX);
    value_begin(json);
    for (unsigned digit = 0; rest > 0 || digit <= decimals; digit++, rest /= 10) {
        if (digit == decimals && decimals > 0)
            *--at = '.';
        *--at = (char)('0' + rest % 10);
    }
    if (value < 0)
        *--at = '-';
    buf_append(json->buf, at, (size_t)(text + sizeof(text) - at));
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
    double size = fabs(value);
    if (size >= 1e5 && size < 1e15) /* where %g would turn to exponents */
        buf_printf(json->buf, "%.0f", value);
    else if (size < 1e-4)
        buf_printf(json->buf, "%.9f", value);
    else
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
    json_text(json, text);
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
