/* message_build.c - writes DNS messages for tests, scenarios and generated traffic
 * SPDX-License-Identifier: Apache-2.0 */
#include "message_build.h"

#include <dnsvigil/rrtype.h>

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_ECS = 8, POINTER_TARGET_MAX = 0x3fff };

void build_bytes(struct message_build *b, const void *data, size_t len)
{
    assert(len <= sizeof(b->data) - b->len);
    if (len)
        memcpy(b->data + b->len, data, len);
    b->len += len;
}

void build_u8(struct message_build *b, unsigned value)
{
    build_bytes(b, &(uint8_t){(uint8_t)value}, 1);
}

void build_u16(struct message_build *b, unsigned value)
{
    build_u8(b, value >> 8);
    build_u8(b, value);
}

void build_u32(struct message_build *b, uint32_t value)
{
    build_u16(b, value >> 16);
    build_u16(b, value);
}

static void put_u16(struct message_build *b, size_t at, size_t value)
{
    assert(value <= UINT16_MAX);
    b->data[at] = (uint8_t)(value >> 8);
    b->data[at + 1] = (uint8_t)value;
}

static unsigned get_u16(const struct message_build *b, size_t at)
{
    return (unsigned)(b->data[at] << 8 | b->data[at + 1]);
}

/* One byte of presentation text, plain or escaped (\c, \DDD); moves *text on. */
static uint8_t text_byte(const char **text)
{
    const char *at = *text;
    if (*at != '\\') {
        *text = at + 1;
        return (uint8_t)*at;
    }
    assert(at[1]);
    if (!isdigit((unsigned char)at[1])) {
        *text = at + 2;
        return (uint8_t)at[1];
    }
    char digits[4] = {at[1], at[2], at[2] ? at[3] : 0, 0};
    char *end;
    unsigned long value = strtoul(digits, &end, 10);
    assert(end == digits + 3 && value <= UINT8_MAX);
    *text = at + 4;
    return (uint8_t)value;
}

/* Uncompressed wire form, letter case kept. Returns the length with the root. */
static size_t wire_from_text(const char *text, uint8_t wire[static NAME_WIRE_MAX])
{
    size_t len = 0;
    if (strcmp(text, ".") == 0)
        text++;
    while (*text) {
        size_t length_at = len++;
        while (*text && *text != '.') {
            assert(len < NAME_WIRE_MAX - 1);
            wire[len++] = text_byte(&text);
        }
        wire[length_at] = (uint8_t)(len - length_at - 1);
        assert(wire[length_at] >= 1 && wire[length_at] <= 63);
        text += *text == '.';
    }
    wire[len++] = 0;
    return len;
}

/* Whether the name written at `at`, pointers followed, is exactly the uncompressed `wire`. */
static bool written_name_is(const struct message_build *b, size_t at, const uint8_t *wire)
{
    for (;;) {
        while (b->data[at] >= 0xc0)
            at = get_u16(b, at) & POINTER_TARGET_MAX;
        size_t size = b->data[at] + 1u;
        if (wire[0] != b->data[at] || memcmp(b->data + at, wire, size) != 0)
            return false;
        if (size == 1)
            return true;
        at += size;
        wire += size;
    }
}

static unsigned written_suffix(const struct message_build *b, const uint8_t *wire)
{
    for (unsigned i = 0; i < b->suffix_count; i++)
        if (written_name_is(b, b->suffixes[i], wire))
            return b->suffixes[i];
    return 0;
}

void build_name(struct message_build *b, const char *name)
{
    uint8_t wire[NAME_WIRE_MAX];
    wire_from_text(name, wire);
    unsigned remembered = b->suffix_count;
    uint16_t added[NAME_LABELS_MAX];
    unsigned add_count = 0;
    const uint8_t *label = wire;
    unsigned target = 0;
    for (; *label; label += *label + 1) {
        target = b->compress ? written_suffix(b, label) : 0;
        if (target)
            break;
        if (b->len <= POINTER_TARGET_MAX && remembered + add_count < BUILD_SUFFIXES_MAX)
            added[add_count++] = (uint16_t)b->len;
        build_bytes(b, label, *label + 1u);
    }
    if (target)
        build_u16(b, 0xc000 | target);
    else
        build_u8(b, 0);
    memcpy(b->suffixes + remembered, added, add_count * sizeof(*added));
    b->suffix_count += add_count;
}

void build_message(struct message_build *b, uint16_t id, uint16_t flags)
{
    b->len = 0;
    b->compress = true;
    b->rdlength = 0;
    b->suffix_count = 0;
    build_u16(b, id);
    build_u16(b, flags);
    for (unsigned i = 0; i < DNS_SECTION_COUNT; i++)
        build_u16(b, 0);
}

static size_t count_at(enum dns_section section)
{
    return 4 + 2 * (size_t)section;
}

void build_count(struct message_build *b, enum dns_section section, uint16_t count)
{
    put_u16(b, count_at(section), count);
}

void build_question(struct message_build *b, const char *name, uint16_t type, uint16_t rrclass)
{
    build_name(b, name);
    build_u16(b, type);
    build_u16(b, rrclass);
    put_u16(b, count_at(DNS_SECTION_QUESTION), get_u16(b, count_at(DNS_SECTION_QUESTION)) + 1);
}

void build_query(struct message_build *b, uint16_t id, const char *name, uint16_t type)
{
    build_message(b, id, DNS_FLAG_RD);
    build_question(b, name, type, DNS_CLASS_IN);
}

void build_response(struct message_build *b, uint16_t id, const char *name, uint16_t type,
                    unsigned rcode)
{
    assert(rcode <= 15);
    build_message(b, id, (uint16_t)(DNS_FLAG_QR | DNS_FLAG_RD | DNS_FLAG_RA | rcode));
    build_question(b, name, type, DNS_CLASS_IN);
}

void build_record_begin(struct message_build *b, enum dns_section section, const char *owner,
                        uint16_t type, uint16_t rrclass, uint32_t ttl)
{
    assert(!b->rdlength && section != DNS_SECTION_QUESTION);
    build_name(b, owner);
    build_u16(b, type);
    build_u16(b, rrclass);
    build_u32(b, ttl);
    b->rdlength = b->len;
    build_u16(b, 0);
    put_u16(b, count_at(section), get_u16(b, count_at(section)) + 1);
}

void build_record_end(struct message_build *b)
{
    put_u16(b, b->rdlength, b->len - b->rdlength - 2);
    b->rdlength = 0;
}

void build_edns_begin(struct message_build *b, uint16_t udp_size, uint32_t ttl)
{
    build_record_begin(b, DNS_SECTION_ADDITIONAL, ".", DNS_TYPE_OPT, udp_size, ttl);
}

void build_edns(struct message_build *b, uint16_t udp_size, bool dnssec_ok)
{
    build_edns_begin(b, udp_size, dnssec_ok ? 0x8000 : 0);
    build_record_end(b);
}

void build_option(struct message_build *b, uint16_t code, const void *data, size_t len)
{
    build_u16(b, code);
    build_u16(b, (unsigned)len);
    build_bytes(b, data, len);
}

void build_option_ecs(struct message_build *b, const char *subnet)
{
    struct prefix prefix;
    bool ok = prefix_parse(subnet, strlen(subnet), &prefix);
    assert(ok);
    bool v4 = !strchr(subnet, ':'); /* ::ffff:192.0.2.1 is written as it stands */
    unsigned bits = v4 ? prefix.bits - 96u : prefix.bits;
    uint8_t option[4 + 16] = {0, v4 ? 1 : 2, (uint8_t)bits};
    size_t len = (bits + 7) / 8;
    memcpy(option + 4, prefix.addr.bytes + (v4 ? 12 : 0), len);
    build_option(b, OPTION_ECS, option, 4 + len);
}

/* One blank-separated word or quoted string of record text. */
struct token {
    size_t len;
    uint8_t bytes[1024];
    const char *text; /* the word as written, for numbers and names */
    size_t text_len;
};

static bool token_next(const char **text, struct token *ret)
{
    while (isspace((unsigned char)**text))
        ++*text;
    if (!**text)
        return false;
    bool quoted = **text == '"';
    *text += quoted;
    ret->len = 0;
    ret->text = *text;
    while (**text && (quoted ? **text != '"' : !isspace((unsigned char)**text))) {
        assert(ret->len < sizeof(ret->bytes));
        ret->bytes[ret->len++] = text_byte(text);
    }
    ret->text_len = (size_t)(*text - ret->text);
    assert(!quoted || **text == '"');
    *text += quoted;
    return true;
}

static void token_copy(const struct token *token, char *ret, size_t size)
{
    assert(token->text_len < size);
    memcpy(ret, token->text, token->text_len);
    ret[token->text_len] = 0;
}

static void build_number(struct message_build *b, const struct token *token, unsigned bytes)
{
    char text[16], *end;
    token_copy(token, text, sizeof(text));
    unsigned long value = strtoul(text, &end, 10);
    assert(!*end && token->text_len && value >> (8 * bytes) == 0);
    for (unsigned i = bytes; i-- > 0;)
        build_u8(b, (unsigned)(value >> (8 * i)));
}

static void build_hex(struct message_build *b, const struct token *token)
{
    assert(token->text_len % 2 == 0);
    for (size_t i = 0; i < token->text_len; i += 2) {
        char digits[3] = {token->text[i], token->text[i + 1], 0}, *end;
        build_u8(b, (unsigned)strtoul(digits, &end, 16));
        assert(!*end);
    }
}

static void build_address(struct message_build *b, const struct token *token, bool v4)
{
    struct addr addr;
    bool ok = addr_parse(token->text, token->text_len, &addr) && addr_is_v4(&addr) == v4;
    assert(ok);
    build_bytes(b, addr.bytes + (v4 ? 12 : 0), v4 ? 4 : 16);
}

static void build_token_name(struct message_build *b, const struct token *token)
{
    char text[NAME_TEXT_MAX];
    token_copy(token, text, sizeof(text));
    build_name(b, text);
}

static void build_string(struct message_build *b, const struct token *token)
{
    assert(token->len <= UINT8_MAX);
    build_u8(b, (unsigned)token->len);
    build_bytes(b, token->bytes, token->len);
}

static void build_hex_string(struct message_build *b, const struct token *token)
{
    bool none = token->text_len == 1 && token->text[0] == '-';
    build_u8(b, none ? 0 : (unsigned)token->text_len / 2);
    if (!none)
        build_hex(b, token);
}

static void build_type(struct message_build *b, const struct token *token)
{
    char text[RRTYPE_TEXT_MAX];
    token_copy(token, text, sizeof(text));
    int type = rrtype_parse(text);
    assert(type >= 0);
    build_u16(b, (unsigned)type);
}

static void build_field(struct message_build *b, enum rdata_code code, const struct token *token)
{
    switch (code) {
    case RDATA_IPV4:
    case RDATA_IPV6: build_address(b, token, code == RDATA_IPV4); break;
    case RDATA_NAME: build_token_name(b, token); break;
    case RDATA_U8: build_number(b, token, 1); break;
    case RDATA_U16: build_number(b, token, 2); break;
    case RDATA_U32:
    case RDATA_TIME: build_number(b, token, 4); break;
    case RDATA_TYPE: build_type(b, token); break;
    case RDATA_STRING:
    case RDATA_STRINGS:
    case RDATA_TAG: build_string(b, token); break;
    case RDATA_TEXT: build_bytes(b, token->bytes, token->len); break;
    case RDATA_SALT:
    case RDATA_HASH: build_hex_string(b, token); break;
    case RDATA_HEX:
    case RDATA_BASE64:
    case RDATA_BITMAP:
    case RDATA_PARAMS: build_hex(b, token); break;
    }
}

/* The layout's last letter serves all tokens that are left, so strings and hex may have blanks. */
static void build_rdata(struct message_build *b, uint16_t type, const char *text)
{
    const char *layout = rrtype_layout(type);
    bool raw = strncmp(text, "\\#", 2) == 0;
    text += raw ? 2 : 0;
    struct token token;
    while (token_next(&text, &token)) {
        assert(raw || *layout);
        build_field(b, raw ? RDATA_HEX : (enum rdata_code) * layout, &token);
        if (!raw && layout[1])
            layout++;
    }
}

void build_record(struct message_build *b, enum dns_section section, const char *owner,
                  uint16_t type, uint32_t ttl, const char *rdata)
{
    build_record_begin(b, section, owner, type, DNS_CLASS_IN, ttl);
    build_rdata(b, type, rdata);
    build_record_end(b);
}
