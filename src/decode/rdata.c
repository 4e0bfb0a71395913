/* rdata.c - the fields of a record's data: walked, checked against the type's layout, shown as text
 * SPDX-License-Identifier: Apache-2.0 */
#include "decode/rdata.h"

#include "base/cursor.h"
#include "decode/message.h"

#include <dnsvigil/name.h>

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

/* SvcParamKeys whose value has a form of its own (RFC 9460 14.3.2). */
enum {
    PARAM_MANDATORY = 0,
    PARAM_ALPN = 1,
    PARAM_NO_DEFAULT_ALPN = 2,
    PARAM_PORT = 3,
    PARAM_IPV4HINT = 4,
    PARAM_ECH = 5,
    PARAM_IPV6HINT = 6,
};

/* What field_end() returns for a field that does not fit: past every end. */
#define FIELD_BAD SIZE_MAX

struct rdata_walk rdata_walk(const struct dns_message *message, const struct dns_record *record,
                             unsigned *steps)
{
    bool chaos_address = record->type == DNS_TYPE_A && record->rrclass == DNS_CLASS_CH;
    struct rdata_walk walk = {
        .message = message->data,
        .layout = chaos_address ? "" : rrtype_layout(record->type),
        .at = record->rdata,
        .end = (size_t)record->rdata + record->rdata_len,
        .steps = steps,
    };
    if (!*walk.layout)
        walk.at = walk.end;
    return walk;
}

static size_t name_end(struct rdata_walk *walk)
{
    size_t end;
    enum malformed reason = name_skip(walk->message, walk->end, walk->at, &end, walk->steps);
    if (reason == MALFORMED_BUDGET)
        walk->malformed = MALFORMED_BUDGET;
    return reason ? FIELD_BAD : end;
}

static size_t string_end(const struct rdata_walk *walk, size_t at)
{
    return at < walk->end ? at + 1 + walk->message[at] : FIELD_BAD;
}

static size_t strings_end(const struct rdata_walk *walk)
{
    size_t at = string_end(walk, walk->at);
    while (at < walk->end)
        at = string_end(walk, at);
    return at;
}

/* Windows rise, and each has 1 to 32 bytes. */
static size_t bitmap_end(const struct rdata_walk *walk)
{
    struct cursor c = cursor_of(walk->message + walk->at, walk->end - walk->at);
    int last = -1;
    while (cursor_left(&c)) {
        int window = cursor_u8(&c);
        uint8_t len = cursor_u8(&c);
        cursor_skip(&c, len);
        if (c.bad || window <= last || len < 1 || len > 32)
            return FIELD_BAD;
        last = window;
    }
    return walk->end;
}

/* Whether a value is of the form its key asks for (RFC 9460 7, 8). */
static bool param_fits(unsigned key, const uint8_t *value, size_t len)
{
    size_t at = 0;
    switch (key) {
    case PARAM_MANDATORY: return len > 0 && len % 2 == 0;
    case PARAM_ALPN:
        while (at < len && value[at] > 0)
            at += 1u + value[at];
        return len > 0 && at == len;
    case PARAM_NO_DEFAULT_ALPN: return len == 0;
    case PARAM_PORT: return len == 2;
    case PARAM_IPV4HINT: return len > 0 && len % 4 == 0;
    case PARAM_IPV6HINT: return len > 0 && len % 16 == 0;
    default: return true;
    }
}

static size_t params_end(const struct rdata_walk *walk)
{
    struct cursor c = cursor_of(walk->message + walk->at, walk->end - walk->at);
    int last = -1;
    while (cursor_left(&c)) {
        int key = cursor_be16(&c);
        size_t len = cursor_be16(&c);
        const uint8_t *value = cursor_take(&c, len);
        if (c.bad || key <= last || !param_fits((unsigned)key, value, len))
            return FIELD_BAD;
        last = key;
    }
    return walk->end;
}

static size_t field_end(struct rdata_walk *walk, enum rdata_code code)
{
    switch (code) {
    case RDATA_IPV4: return walk->at + 4;
    case RDATA_IPV6: return walk->at + 16;
    case RDATA_NAME: break; /* the commonest: see rdata_next() */
    case RDATA_U8: return walk->at + 1;
    case RDATA_U16:
    case RDATA_TYPE: return walk->at + 2;
    case RDATA_U32:
    case RDATA_TIME: return walk->at + 4;
    case RDATA_STRING:
    case RDATA_TAG:
    case RDATA_SALT:
    case RDATA_HASH: return string_end(walk, walk->at);
    case RDATA_STRINGS: return strings_end(walk);
    case RDATA_HEX:
    case RDATA_BASE64: return walk->at < walk->end ? walk->end : FIELD_BAD;
    case RDATA_TEXT: return walk->end;
    case RDATA_BITMAP: return bitmap_end(walk);
    case RDATA_PARAMS: return params_end(walk);
    }
    return FIELD_BAD;
}

/* Steps over the next field; false at the end or where the data stops fitting. */
static inline bool field_skip(struct rdata_walk *walk)
{
    if (!*walk->layout) {
        walk->malformed = walk->at == walk->end ? MALFORMED_NONE : MALFORMED_RDATA;
        return false;
    }
    enum rdata_code code = (enum rdata_code) * walk->layout++;
    size_t end = code == RDATA_NAME ? name_end(walk) : field_end(walk, code);
    if (end > walk->end) {
        walk->malformed = walk->malformed ? walk->malformed : MALFORMED_RDATA;
        return false;
    }
    walk->at = end;
    return true;
}

bool rdata_next(struct rdata_walk *walk, struct rdata_field *ret_field)
{
    size_t at = walk->at;
    if (walk->malformed || !field_skip(walk))
        return false;
    *ret_field = (struct rdata_field){
        .code = (enum rdata_code)walk->layout[-1], .at = at, .len = walk->at - at};
    return true;
}

/* Types without a layout whose data has one length. */
static bool length_fits(uint16_t type, uint16_t len)
{
    enum { LOC = 29, NID = 104, L64 = 106, EUI48 = 108, EUI64 = 109 };
    switch (type) {
    case LOC: return len == 16; /* RFC 1876 2 */
    case NID:
    case L64: return len == 10;  /* RFC 6742 2 */
    case EUI48: return len == 6; /* RFC 7043 */
    case EUI64: return len == 8;
    default: return true;
    }
}

enum malformed rdata_check(const struct dns_message *message, const struct dns_record *record,
                           unsigned *steps)
{
    /* Most records are addresses; they need no walk. */
    if (record->rrclass == DNS_CLASS_IN && record->type == DNS_TYPE_A)
        return record->rdata_len == 4 ? MALFORMED_NONE : MALFORMED_RDATA;
    if (record->type == DNS_TYPE_AAAA)
        return record->rdata_len == 16 ? MALFORMED_NONE : MALFORMED_RDATA;
    if (!length_fits(record->type, record->rdata_len))
        return MALFORMED_RDATA;
    struct rdata_walk walk = rdata_walk(message, record, steps);
    while (field_skip(&walk))
        ;
    return walk.malformed;
}

bool rdata_name(const struct dns_message *message, const struct rdata_field *field,
                struct dns_name *ret)
{
    size_t next;
    unsigned steps = NAME_STEPS_MAX;
    return !name_read(ret, message->data, field->at + field->len, field->at, &next, &steps);
}

/* Text being written; `left` counts down the bytes that may still be shown of long fields. */
struct rdata_text {
    const struct dns_message *message;
    struct buf *buf;
    size_t left;
};

/* How many of `len` bytes to show. */
static size_t text_allow(struct rdata_text *text, size_t len)
{
    size_t allowed = len < text->left ? len : text->left;
    text->left -= allowed;
    return allowed;
}

static void text_cut_mark(struct rdata_text *text, bool cut)
{
    if (cut)
        buf_text(text->buf, "...");
}

static void text_hex(struct rdata_text *text, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    size_t allowed = text_allow(text, len);
    for (size_t i = 0; i < allowed; i++)
        buf_append(text->buf, (char[]){digits[bytes[i] >> 4], digits[bytes[i] & 15]}, 2);
    text_cut_mark(text, allowed < len);
}

/* `bits` bits at a time (5 or 6), most significant first, through an alphabet; returns how many
 * characters it took. */
static size_t text_digits(struct rdata_text *text, const uint8_t *bytes, size_t len, unsigned bits,
                          const char *alphabet)
{
    unsigned held = 0, held_bits = 0;
    size_t count = 0;
    for (size_t i = 0; i < len; i++) {
        held = held << 8 | bytes[i];
        for (held_bits += 8; held_bits >= bits; count++) {
            held_bits -= bits;
            buf_char(text->buf, alphabet[held >> held_bits & ((1u << bits) - 1)]);
        }
        held &= (1u << held_bits) - 1;
    }
    if (!held_bits)
        return count;
    buf_char(text->buf, alphabet[held << (bits - held_bits) & ((1u << bits) - 1)]);
    return count + 1;
}

static void text_base64(struct rdata_text *text, const uint8_t *bytes, size_t len)
{
    size_t allowed = text_allow(text, len);
    size_t count = text_digits(text, bytes, allowed, 6,
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    for (; count % 4; count++)
        buf_char(text->buf, '=');
    text_cut_mark(text, allowed < len);
}

static void text_byte(struct rdata_text *text, uint8_t byte)
{
    if (byte < 0x20 || byte > 0x7e)
        buf_printf(text->buf, "\\%03u", byte);
    else if (byte == '"' || byte == '\\')
        buf_append(text->buf, (char[]){'\\', (char)byte}, 2);
    else
        buf_char(text->buf, (char)byte);
}

static void text_quoted(struct rdata_text *text, const uint8_t *bytes, size_t len)
{
    size_t allowed = text_allow(text, len);
    buf_char(text->buf, '"');
    for (size_t i = 0; i < allowed; i++)
        text_byte(text, bytes[i]);
    buf_char(text->buf, '"');
    text_cut_mark(text, allowed < len);
}

/* A property tag without quotes: what is no letter or digit is escaped, so it stays one word. */
static void text_tag(struct rdata_text *text, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t folded = bytes[i] | 0x20;
        if ((folded >= 'a' && folded <= 'z') || (bytes[i] >= '0' && bytes[i] <= '9'))
            buf_char(text->buf, (char)bytes[i]);
        else
            buf_printf(text->buf, "\\%03u", bytes[i]);
    }
}

static void text_strings(struct rdata_text *text, const uint8_t *bytes, size_t len)
{
    size_t at = 0;
    for (; at < len && text->left; at += 1u + bytes[at]) {
        if (at)
            buf_char(text->buf, ' ');
        text_allow(text, 1);
        text_quoted(text, bytes + at + 1, bytes[at]);
    }
    text_cut_mark(text, at < len);
}

static void text_bitmap(struct rdata_text *text, const uint8_t *bytes, size_t len)
{
    enum { SHOWN_PER_TYPE = 8 };
    char scratch[RRTYPE_TEXT_MAX];
    const char *separator = "";
    struct cursor c = cursor_of(bytes, len);
    while (cursor_left(&c)) {
        unsigned window = cursor_u8(&c);
        unsigned window_bits = cursor_u8(&c) * 8u;
        const uint8_t *bits = cursor_take(&c, window_bits / 8);
        for (unsigned i = 0; i < window_bits; i++) {
            if (!(bits[i / 8] & 0x80 >> i % 8))
                continue;
            if (text_allow(text, SHOWN_PER_TYPE) < SHOWN_PER_TYPE) {
                text_cut_mark(text, true);
                return;
            }
            buf_printf(text->buf, "%s%s", separator,
                       rrtype_name((uint16_t)(window << 8 | i), scratch));
            separator = " ";
        }
    }
}

static void text_address(struct rdata_text *text, const uint8_t *bytes, int family)
{
    /* Not addr_format(): an AAAA record with a mapped IPv4 address is still shown as IPv6. */
    char address[INET6_ADDRSTRLEN];
    buf_text(text->buf, inet_ntop(family, bytes, address, sizeof(address)));
}

static void text_time(struct rdata_text *text, uint32_t seconds)
{
    char digits[32];
    struct tm tm;
    time_t when = seconds;
    gmtime_r(&when, &tm);
    strftime(digits, sizeof(digits), "%Y%m%d%H%M%S", &tm);
    buf_text(text->buf, digits);
}

static bool text_name(struct rdata_text *text, const struct rdata_field *field)
{
    struct dns_name name;
    char presentation[NAME_TEXT_MAX];
    if (!rdata_name(text->message, field, &name))
        return false;
    buf_append(text->buf, presentation, name_to_text(&name, 0, presentation));
    return true;
}

/* RFC 9460 14.3.2, RFC 9461, RFC 9540. */
static void param_key(struct rdata_text *text, unsigned key)
{
    static const char *const names[] = {"mandatory", "alpn",     "no-default-alpn",
                                        "port",      "ipv4hint", "ech",
                                        "ipv6hint",  "dohpath",  "ohttp"};
    if (key < sizeof(names) / sizeof(*names))
        buf_text(text->buf, names[key]);
    else
        buf_printf(text->buf, "key%u", key);
}

static void param_addresses(struct rdata_text *text, const uint8_t *bytes, size_t len, int family)
{
    size_t size = family == AF_INET ? 4 : 16;
    for (size_t at = 0; at < len; at += size) {
        if (at)
            buf_char(text->buf, ',');
        text_address(text, bytes + at, family);
    }
}

static void param_keys(struct rdata_text *text, const uint8_t *bytes, size_t len)
{
    for (size_t at = 0; at < len; at += 2) {
        if (at)
            buf_char(text->buf, ',');
        param_key(text, (unsigned)(bytes[at] << 8 | bytes[at + 1]));
    }
}

/* Protocol ids in one quoted list; a comma or backslash inside an id is escaped twice (RFC 9460
 * 7.1.1 and A.1), everything else as in a string. */
static void param_alpn(struct rdata_text *text, const uint8_t *bytes, size_t len)
{
    struct cursor c = cursor_of(bytes, len);
    buf_char(text->buf, '"');
    while (cursor_left(&c)) {
        for (unsigned left = cursor_u8(&c); left && !c.bad; left--) {
            uint8_t byte = cursor_u8(&c);
            if (byte == ',' || byte == '\\')
                buf_text(text->buf, "\\\\");
            text_byte(text, byte);
        }
        if (cursor_left(&c))
            buf_char(text->buf, ',');
    }
    buf_char(text->buf, '"');
}

/* The value fits its key. Those of keys we do not know are shown as plain strings. */
static void param_value(struct rdata_text *text, unsigned key, const uint8_t *bytes, size_t len)
{
    if (key == PARAM_ALPN)
        param_alpn(text, bytes, len);
    else if (key == PARAM_MANDATORY)
        param_keys(text, bytes, len);
    else if (key == PARAM_PORT)
        buf_printf(text->buf, "%u", bytes[0] << 8 | bytes[1]);
    else if (key == PARAM_IPV4HINT)
        param_addresses(text, bytes, len, AF_INET);
    else if (key == PARAM_IPV6HINT)
        param_addresses(text, bytes, len, AF_INET6);
    else if (key == PARAM_ECH)
        text_base64(text, bytes, len);
    else
        text_quoted(text, bytes, len);
}

static void text_params(struct rdata_text *text, const uint8_t *bytes, size_t len)
{
    enum { PARAM_FIXED_BYTES = 4 };
    struct cursor c = cursor_of(bytes, len);
    while (cursor_left(&c)) {
        unsigned key = cursor_be16(&c);
        size_t value_len = cursor_be16(&c);
        const uint8_t *value = cursor_take(&c, value_len);
        if (text_allow(text, PARAM_FIXED_BYTES) < PARAM_FIXED_BYTES || value_len > text->left) {
            text_cut_mark(text, true);
            return;
        }
        buf_text(text->buf, value == bytes + PARAM_FIXED_BYTES ? "" : " ");
        param_key(text, key);
        if (!value_len)
            continue;
        buf_char(text->buf, '=');
        param_value(text, key, value, value_len);
    }
}

static uint32_t number(const uint8_t *bytes, size_t len)
{
    uint32_t value = 0;
    for (size_t i = 0; i < len; i++)
        value = value << 8 | bytes[i];
    return value;
}

static bool text_field(struct rdata_text *text, const struct rdata_field *field)
{
    const uint8_t *bytes = text->message->data + field->at;
    size_t len = field->len;
    char scratch[RRTYPE_TEXT_MAX];
    switch (field->code) {
    case RDATA_IPV4: text_address(text, bytes, AF_INET); break;
    case RDATA_IPV6: text_address(text, bytes, AF_INET6); break;
    case RDATA_NAME: return text_name(text, field);
    case RDATA_U8:
    case RDATA_U16:
    case RDATA_U32: buf_printf(text->buf, "%u", number(bytes, len)); break;
    case RDATA_TYPE: buf_text(text->buf, rrtype_name((uint16_t)number(bytes, len), scratch)); break;
    case RDATA_TIME: text_time(text, number(bytes, len)); break;
    case RDATA_STRING:
    case RDATA_STRINGS: text_strings(text, bytes, len); break;
    case RDATA_TAG: text_tag(text, bytes + 1, len - 1); break;
    case RDATA_TEXT: text_quoted(text, bytes, len); break;
    case RDATA_SALT:
        buf_text(text->buf, len == 1 ? "-" : "");
        text_hex(text, bytes + 1, len - 1);
        break;
    case RDATA_HASH:
        text_digits(text, bytes + 1, len - 1, 5, "0123456789abcdefghijklmnopqrstuv");
        break;
    case RDATA_HEX: text_hex(text, bytes, len); break;
    case RDATA_BASE64: text_base64(text, bytes, len); break;
    case RDATA_BITMAP: text_bitmap(text, bytes, len); break;
    case RDATA_PARAMS: text_params(text, bytes, len); break;
    }
    return true;
}

/* False when the data does not fit its layout after all; what was written is then of no use. */
static bool text_layout(struct rdata_text *text, const struct dns_record *record)
{
    unsigned steps = MESSAGE_STEPS_MAX;
    struct rdata_walk walk = rdata_walk(text->message, record, &steps);
    struct rdata_field field;
    if (!*walk.layout)
        return false;
    for (bool first = true; rdata_next(&walk, &field); first = false) {
        /* An empty list at the end takes no blank; an empty text is still "". */
        if (!first && (field.len || field.code == RDATA_TEXT))
            buf_char(text->buf, ' ');
        if (!text_field(text, &field))
            return false;
    }
    return !walk.malformed;
}

/* The fixed part of OPT sits in its class and TTL (RFC 6891 6.1.3). */
static bool text_opt(struct rdata_text *text, const struct dns_record *record)
{
    struct cursor c = cursor_of(text->message->data + record->rdata, record->rdata_len);
    buf_printf(text->buf, "version %u udp %u%s", record->ttl >> 16 & 0xff, record->rrclass,
               record->ttl & 0x8000 ? " do" : "");
    while (cursor_left(&c)) {
        unsigned code = cursor_be16(&c);
        size_t len = cursor_be16(&c);
        const uint8_t *option = cursor_take(&c, len);
        if (c.bad)
            return false;
        if (text_allow(text, 4) < 4) {
            text_cut_mark(text, true);
            return true;
        }
        buf_printf(text->buf, " opt%u:", code);
        text_hex(text, option, len);
    }
    return true;
}

void record_to_text(const struct dns_message *message, const struct dns_record *record,
                    struct buf *buf)
{
    struct rdata_text text = {.message = message, .buf = buf, .left = RDATA_SHOWN_MAX};
    size_t begin = buf->len;
    bool opt = record->type == DNS_TYPE_OPT;
    if (opt ? text_opt(&text, record) : text_layout(&text, record))
        return;
    buf->len = begin;
    text.left = RDATA_SHOWN_MAX;
    buf_printf(buf, "\\# %u%s", record->rdata_len, record->rdata_len ? " " : "");
    text_hex(&text, message->data + record->rdata, record->rdata_len);
}
