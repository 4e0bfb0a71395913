/* log_told.c - names and record data as network monitors print them, in presentation format
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/log_told.h"

#include <dnsvigil/dns.h>
#include <dnsvigil/rrtype.h>
#include <stdarg.h>
#include <stdio.h>

enum {
    STRING_MAX = 255,
    ESCAPED_MAX = 4,      /* bytes of \DDD */
    HEX_WORD_BYTES = 512, /* of generic data, so many bytes to a word */
};

/* At least `len` bytes to write to, or NULL. */
static char *room_of(struct log_told *told, size_t len)
{
    return len <= sizeof(told->text) - told->used ? told->text + told->used : NULL;
}

static struct log_text take(struct log_told *told, size_t len)
{
    struct log_text text = log_text_of(told->text + told->used, len);
    told->used += len;
    return text;
}

struct log_text log_told_print(struct log_told *told, const char *format, ...)
{
    va_list args;
    size_t room = sizeof(told->text) - told->used;
    va_start(args, format);
    int len = vsnprintf(told->text + told->used, room, format, args);
    va_end(args);
    return take(told, len < 0 || (size_t)len >= room ? 0 : (size_t)len);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

/* The byte that \xNN at text.at[i] stands for, or -1. */
static int hex_escape(struct log_text text, size_t i)
{
    if (i + 3 >= text.len || text.at[i] != '\\' || text.at[i + 1] != 'x')
        return -1;
    int high = hex_digit(text.at[i + 2]), low = hex_digit(text.at[i + 3]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

struct log_text log_told_bytes(struct log_told *told, struct log_text text)
{
    char *to = room_of(told, text.len);
    size_t len = 0;
    if (!to || text.len == 0 || !memchr(text.at, '\\', text.len))
        return to ? text : log_text_of("", 0);
    for (size_t i = 0; i < text.len; i++) {
        int byte = hex_escape(text, i);
        to[len++] = byte < 0 ? text.at[i] : (char)byte;
        if (byte >= 0)
            i += 3;
    }
    return take(told, len);
}

struct log_text log_told_name(struct log_told *told, struct log_text text)
{
    char *to = room_of(told, text.len);
    size_t len = 0;
    if (!to || text.len == 0 || !memchr(text.at, '\\', text.len))
        return to ? text : log_text_of("", 0);
    for (size_t i = 0; i < text.len; i++) {
        int byte = hex_escape(text, i);
        if (byte < 0) {
            to[len++] = text.at[i];
            continue;
        }
        to[len++] = '\\'; /* \xNN and \DDD are of one length */
        to[len++] = (char)('0' + byte / 100);
        to[len++] = (char)('0' + byte / 10 % 10);
        to[len++] = (char)('0' + byte % 10);
        i += 3;
    }
    return take(told, len);
}

static size_t byte_escape(char *to, uint8_t byte)
{
    if (byte != '"' && byte != '\\' && byte >= 0x20 && byte < 0x7f) {
        *to = (char)byte;
        return 1;
    }
    to[0] = '\\';
    to[1] = (char)('0' + byte / 100);
    to[2] = (char)('0' + byte / 10 % 10);
    to[3] = (char)('0' + byte % 10);
    return ESCAPED_MAX;
}

struct log_text log_told_string(struct log_told *told, struct log_text bytes)
{
    size_t strings = bytes.len / STRING_MAX + 1, len = 0;
    char *to = room_of(told, bytes.len * ESCAPED_MAX + 3 * strings);
    if (!to)
        return log_text_of("", 0);
    to[len++] = '"';
    for (size_t i = 0; i < bytes.len; i++) {
        if (i > 0 && i % STRING_MAX == 0) {
            memcpy(to + len, "\" \"", 3);
            len += 3;
        }
        len += byte_escape(to + len, (uint8_t)bytes.at[i]);
    }
    to[len++] = '"';
    return take(told, len);
}

/* \# LENGTH HEX (RFC 3597 5) */
static struct log_text told_generic(struct log_told *told, struct log_text bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *to = room_of(told, 2 * bytes.len + bytes.len / HEX_WORD_BYTES + 32);
    if (!to)
        return log_text_of("", 0);
    size_t len = (size_t)sprintf(to, "\\# %zu ", bytes.len);
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t byte = (uint8_t)bytes.at[i];
        if (i > 0 && i % HEX_WORD_BYTES == 0)
            to[len++] = ' ';
        to[len++] = digits[byte >> 4];
        to[len++] = digits[byte & 15];
    }
    return take(told, len);
}

/* A name with what stands around it in the data, where the name alone is told. */
static struct log_text told_around(struct log_told *told, const char *before, struct log_text text,
                                   const char *after)
{
    struct log_text name = log_told_name(told, text);
    if (name.len == 0 || memchr(name.at, ' ', name.len))
        return name;
    return log_told_print(told, "%s%.*s%s", before, (int)name.len, name.at, after);
}

struct log_text log_told_data(struct log_told *told, uint16_t type, struct log_text text)
{
    const char *layout = rrtype_layout(type);
    switch (type) {
    case DNS_TYPE_MX: return told_around(told, "0 ", text, "");
    case DNS_TYPE_SRV: return told_around(told, "0 0 0 ", text, "");
    case DNS_TYPE_SOA: return told_around(told, "", text, " . 0 0 0 0 0");
    }
    if (layout[0] == RDATA_STRINGS)
        return log_told_string(told, log_told_bytes(told, text));
    if (layout[0] == '\0')
        return told_generic(told, log_told_bytes(told, text));
    return log_told_name(told, text);
}
