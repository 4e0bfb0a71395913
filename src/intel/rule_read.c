/* rule_read.c - takes a rule apart into header and keywords and hands each to its function
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/rule_draft.h"

#include <assert.h>
#include <ctype.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DNS_PORT 53

enum { OPTIONS_MAX = 256, TEXT_BYTES_MAX = 2 * RULE_BYTES_MAX };

const char *const rule_refusal_slugs[RULE_REFUSAL_COUNT] = {
    [RULE_REFUSAL_NONE] = "none",
#define RULE_REFUSAL(id, slug, text) [RULE_REFUSAL_##id] = slug,
#include "intel/rule_refusals.def"
#undef RULE_REFUSAL
};

const char *const rule_refusal_texts[RULE_REFUSAL_COUNT] = {
    [RULE_REFUSAL_NONE] = "",
#define RULE_REFUSAL(id, slug, text) [RULE_REFUSAL_##id] = text,
#include "intel/rule_refusals.def"
#undef RULE_REFUSAL
};

enum takes { TAKES_VALUE, TAKES_NONE, TAKES_MAYBE };
enum times { TIMES_ONCE, TIMES_MANY };

static const struct keyword {
    const char *name;
    rule_keyword_fn read;
    uint8_t takes;
    uint8_t times;
} keywords[] = {
#define RULE_KEYWORD(name, function, takes, times)                                                 \
    {name, rule_keyword_##function, TAKES_##takes, TIMES_##times},
#include "intel/rule_keywords.def"
#undef RULE_KEYWORD
};

enum { KEYWORD_COUNT = sizeof(keywords) / sizeof(*keywords) };
_Static_assert(KEYWORD_COUNT <= 64, "rule_draft.seen has a bit for each keyword");

static const struct {
    const char *keyword;
    const char *older;
} buffers[RULE_BUFFER_COUNT] = {
#define RULE_BUFFER(id, keyword, older, what) [RULE_BUFFER_##id] = {keyword, older},
#include "intel/rule_buffers.def"
#undef RULE_BUFFER
};

static const char *const transforms[RULE_TRANSFORM_COUNT] = {
#define RULE_TRANSFORM(id, keyword, what) [RULE_TRANSFORM_##id] = keyword,
#include "intel/rule_transforms.def"
#undef RULE_TRANSFORM
};

static const struct {
    const char *name;
    uint8_t action;
} actions[] = {
    {"alert", RULE_ALERT},      {"drop", RULE_DROP},        {"reject", RULE_REJECT},
    {"rejectsrc", RULE_REJECT}, {"rejectdst", RULE_REJECT}, {"rejectboth", RULE_REJECT},
    {"pass", RULE_PASS},
};

static const char *const protocols[] = {
    [RULE_PROTOCOL_DNS] = "dns",
    [RULE_PROTOCOL_UDP] = "udp",
    [RULE_PROTOCOL_TCP] = "tcp",
};

/* Protocols whose rules are none of our business; a word that is neither here nor above is a
 * mistake that must be told. */
static const char *const foreign_protocols[] = {
    "bittorrent-dht",
    "dcerpc",
    "dhcp",
    "dnp3",
    "doh2",
    "enip",
    "ftp",
    "ftp-data",
    "http",
    "http1",
    "http2",
    "icmp",
    "icmpv4",
    "icmpv6",
    "ike",
    "imap",
    "ip",
    "ip4",
    "ip6",
    "ipv4",
    "ipv6",
    "krb5",
    "ldap",
    "llmnr",
    "mdns",
    "modbus",
    "mqtt",
    "nfs",
    "ntp",
    "pgsql",
    "pkthdr",
    "pop3",
    "quic",
    "rdp",
    "rfb",
    "sctp",
    "sip",
    "smb",
    "smtp",
    "snmp",
    "ssh",
    "ssl",
    "tcp-pkt",
    "tcp-stream",
    "telnet",
    "tftp",
    "tls",
    "websocket",
};

/* The words before the parenthesis, and what stands in it. */
struct parts {
    struct slice action;
    struct slice protocol;
    struct slice address[2];
    struct slice port[2];
    struct slice direction;
    struct slice options;
};

struct option {
    struct slice keyword;
    struct slice value;
    bool has_value;
};

static int action_parse(struct slice word)
{
    for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
        if (slice_equal(word, actions[i].name))
            return actions[i].action;
    return -1;
}

static int protocol_parse(struct slice word)
{
    for (int i = 0; i < (int)(sizeof(protocols) / sizeof(*protocols)); i++)
        if (slice_equal(word, protocols[i]))
            return i;
    return -1;
}

static bool protocol_is_foreign(struct slice word)
{
    for (size_t i = 0; i < sizeof(foreign_protocols) / sizeof(*foreign_protocols); i++)
        if (slice_equal(word, foreign_protocols[i]))
            return true;
    return false;
}

/* Takes the next word off; a list in brackets is one word, blanks and all. */
static struct slice field_take(struct slice *text)
{
    size_t len = 0;
    for (int depth = 0; len < text->len; len++) {
        char c = text->at[len];
        depth += (c == '[') - (c == ']');
        if (depth <= 0 && (isspace((unsigned char)c) || c == '('))
            break;
    }
    struct slice field = {text->at, len};
    *text = slice_trim((struct slice){text->at + len, text->len - len});
    return field;
}

static bool parts_split(struct slice text, struct parts *parts)
{
    parts->address[0] = field_take(&text);
    parts->port[0] = field_take(&text);
    parts->direction = field_take(&text);
    parts->address[1] = field_take(&text);
    parts->port[1] = field_take(&text);
    if (text.len < 2 || text.at[0] != '(' || text.at[text.len - 1] != ')')
        return false;
    parts->options = slice_trim((struct slice){text.at + 1, text.len - 2});
    return slice_equal(parts->direction, "->") || slice_equal(parts->direction, "<>");
}

/* Takes the next `keyword;` or `keyword:value;` off. False at the end, and where the last one has
 * no semicolon: then *text is not empty. */
static bool option_next(struct slice *text, struct option *ret)
{
    size_t len = 0;
    while (len < text->len && (text->at[len] != ';' || (len > 0 && text->at[len - 1] == '\\')))
        len++;
    if (len == text->len)
        return false;
    struct slice value = {text->at, len};
    *text = slice_trim((struct slice){text->at + len + 1, text->len - len - 1});
    struct slice keyword = slice_cut(&value, ':');
    ret->has_value = keyword.len < len;
    ret->keyword = slice_trim(keyword);
    ret->value = slice_trim(value);
    return true;
}

static bool keyword_is_dns(struct slice keyword)
{
    return slice_begins(keyword, "dns.") || slice_equal(keyword, "dns_query");
}

/* Whether the port of DNS is among those named; "any" names none. */
static bool names_dns_port(const struct rule_side *side)
{
    bool named = false;
    for (unsigned i = 0; i < side->port_count; i++) {
        const struct rule_ports *ports = side->ports + i;
        if (ports->first > DNS_PORT || ports->last < DNS_PORT)
            continue;
        if (ports->excluded)
            return false;
        named = named || ports->first > 0 || ports->last < UINT16_MAX;
    }
    return named;
}

/* The sid, so that a rule that is refused before it comes to it can be named; 0 without. */
static uint32_t sid_peek(struct slice options)
{
    uint64_t sid;
    for (struct option option; option_next(&options, &option);)
        if (slice_equal(option.keyword, "sid") && rule_uint_read(option.value, UINT32_MAX, &sid))
            return (uint32_t)sid;
    return 0;
}

static bool is_about_dns(const struct rule *rule, struct slice options)
{
    if (rule->protocol == RULE_PROTOCOL_DNS || names_dns_port(&rule->source) ||
        names_dns_port(&rule->destination))
        return true;
    for (struct option option; option_next(&options, &option);)
        if (keyword_is_dns(option.keyword))
            return true;
    return false;
}

static int find_buffer(struct slice keyword)
{
    for (int i = 0; i < RULE_BUFFER_COUNT; i++)
        if (slice_equal(keyword, buffers[i].keyword) ||
            (buffers[i].older[0] && slice_equal(keyword, buffers[i].older)))
            return i;
    return -1;
}

/* The buffer that a transform is put on: the one just named, or once more that one when something
 * was looked for in it as it is. NULL where there is none or no room. */
static struct rule_buffer *buffer_to_transform(struct rule_draft *draft)
{
    struct rule_buffer *buffer = draft->buffer < 0 ? NULL : draft->buffers + draft->buffer;
    if (!buffer || buffer->kind == RULE_BUFFER_PAYLOAD)
        return NULL;
    if (buffer->check_count == 0)
        return buffer->transform_count < RULE_TRANSFORMS_MAX ? buffer : NULL;
    if (buffer->transform_count > 0 ||
        rule_buffer_begin(draft, (enum rule_buffer_kind)buffer->kind) != RULE_REFUSAL_NONE)
        return NULL;
    return draft->buffers + draft->buffer;
}

static enum rule_refusal transform_add(struct rule_draft *draft, struct slice keyword)
{
    int transform = 0;
    while (transform < RULE_TRANSFORM_COUNT && !slice_equal(keyword, transforms[transform]))
        transform++;
    if (transform == RULE_TRANSFORM_COUNT)
        return RULE_REFUSAL_UNKNOWN;
    struct rule_buffer *buffer = buffer_to_transform(draft);
    if (!buffer)
        return RULE_REFUSAL_TRANSFORM;
    buffer->transforms[buffer->transform_count++] = (uint8_t)transform;
    return RULE_REFUSAL_NONE;
}

/* A keyword that is no row of rule_keywords.def. */
static enum rule_refusal buffer_or_transform(struct rule_draft *draft, const struct option *option)
{
    int kind = find_buffer(option->keyword);
    if (option->has_value)
        return kind < 0 ? RULE_REFUSAL_UNKNOWN : RULE_REFUSAL_NO_PLACE;
    return kind < 0 ? transform_add(draft, option->keyword)
                    : rule_buffer_begin(draft, (enum rule_buffer_kind)kind);
}

static enum rule_refusal option_read(struct rule_reader *reader, const struct option *option)
{
    struct rule_draft *draft = &reader->draft;
    snprintf(draft->keyword, sizeof(draft->keyword), "%.*s", (int)option->keyword.len,
             option->keyword.at);
    size_t i = 0;
    while (i < KEYWORD_COUNT && !slice_equal(option->keyword, keywords[i].name))
        i++;
    if (i == KEYWORD_COUNT)
        return buffer_or_transform(draft, option);
    if (keywords[i].takes == TAKES_VALUE && option->value.len == 0)
        return RULE_REFUSAL_NO_VALUE;
    if (keywords[i].takes == TAKES_NONE && option->has_value)
        return RULE_REFUSAL_NO_PLACE;
    if (keywords[i].times == TIMES_ONCE && draft->seen & 1ull << i)
        return RULE_REFUSAL_REPEATED;
    draft->seen |= 1ull << i;
    return keywords[i].read(reader, option->value);
}

static enum rule_refusal options_read(struct rule_reader *reader, struct slice text)
{
    struct option option;
    for (unsigned count = 0; option_next(&text, &option); count++) {
        if (count == OPTIONS_MAX)
            return RULE_REFUSAL_OPTIONS;
        enum rule_refusal refusal = option_read(reader, &option);
        if (refusal != RULE_REFUSAL_NONE)
            return refusal;
    }
    reader->draft.keyword[0] = '\0';
    if (text.len > 0)
        return RULE_REFUSAL_FORM;
    return rule_draft_finish(&reader->draft);
}

static enum rule_refusal sides_read(struct rule_reader *reader, const struct parts *parts)
{
    enum rule_refusal refusal = RULE_REFUSAL_NONE;
    for (unsigned side = 0; side < 2 && refusal == RULE_REFUSAL_NONE; side++)
        refusal = rule_ports_read(reader, parts->port[side], side);
    for (unsigned side = 0; side < 2 && refusal == RULE_REFUSAL_NONE; side++)
        refusal = rule_nets_read(reader, parts->address[side], side);
    reader->draft.rule.both_ways = slice_equal(parts->direction, "<>");
    return refusal;
}

/* Expressions that nobody has taken over go with the draft they were made for. */
static void draft_reset(struct rule_draft *draft)
{
    for (unsigned i = 0; i < draft->check_count; i++)
        if (draft->checks[i].kind == RULE_PCRE)
            pcre2_code_free((pcre2_code *)draft->checks[i].pcre.code);
    arena_reset(&draft->text);
    draft->rule = (struct rule){.gid = 1,
                                .severity = -1,
                                .msg = "",
                                .classtype = "",
                                .tactic = "",
                                .techniques = "",
                                .buffers = draft->buffers,
                                .bits = draft->bits,
                                .references = draft->references,
                                .metadata = draft->metadata};
    for (unsigned side = 0; side < 2; side++) {
        struct rule_side *end = side ? &draft->rule.destination : &draft->rule.source;
        *end = (struct rule_side){.nets = draft->nets[side], .ports = draft->ports[side]};
    }
    draft->check_count = 0;
    draft->buffer = -1;
    draft->fast = -1;
    draft->seen = 0;
    draft->keyword[0] = '\0';
}

struct rule_reader *rule_reader_new(const struct rule_variable *variables, size_t count)
{
    struct rule_reader *reader = calloc(1, sizeof(*reader));
    if (!reader)
        return NULL;
    reader->variables = variables;
    reader->variable_count = count;
    reader->bit_names = calloc(RULE_BIT_NAMES_MAX, sizeof(*reader->bit_names));
    if (!arena_init(&reader->draft.text, TEXT_BYTES_MAX) || !reader->bit_names) {
        rule_reader_free(reader);
        return NULL;
    }
    return reader;
}

void rule_reader_free(struct rule_reader *reader)
{
    if (!reader)
        return;
    draft_reset(&reader->draft);
    arena_done(&reader->draft.text);
    free(reader->bit_names);
    free(reader);
}

/* Action and protocol, which tell whose rule it is. */
static enum rule_verdict begin_read(struct rule *rule, struct slice *text, struct parts *parts)
{
    parts->action = slice_word(text);
    parts->protocol = slice_word(text);
    int action = action_parse(parts->action);
    int protocol = protocol_parse(parts->protocol);
    if (action < 0 || protocol < 0)
        return action >= 0 && protocol_is_foreign(parts->protocol) ? RULE_FOREIGN : RULE_REFUSED;
    rule->action = (uint8_t)action;
    rule->protocol = (uint8_t)protocol;
    return RULE_READ;
}

enum rule_verdict rule_read(struct rule_reader *reader, struct slice text,
                            enum rule_refusal *ret_refusal)
{
    struct parts parts;
    draft_reset(&reader->draft);
    *ret_refusal = text.len > RULE_BYTES_MAX         ? RULE_REFUSAL_LONG_RULE
                   : memchr(text.at, '\0', text.len) ? RULE_REFUSAL_NUL
                                                     : RULE_REFUSAL_NONE;
    if (*ret_refusal != RULE_REFUSAL_NONE)
        return RULE_REFUSED;
    *ret_refusal = RULE_REFUSAL_FORM;
    text = slice_trim(text);
    reader->draft.rule.text = text.at;
    reader->draft.rule.text_len = (uint16_t)text.len;
    enum rule_verdict verdict = begin_read(&reader->draft.rule, &text, &parts);
    if (verdict != RULE_READ)
        return verdict;
    if (!parts_split(text, &parts))
        return RULE_REFUSED;
    reader->draft.rule.sid = sid_peek(parts.options);
    *ret_refusal = sides_read(reader, &parts);
    if (*ret_refusal == RULE_REFUSAL_NONE && !is_about_dns(&reader->draft.rule, parts.options))
        return RULE_FOREIGN;
    if (*ret_refusal == RULE_REFUSAL_NONE)
        *ret_refusal = options_read(reader, parts.options);
    return *ret_refusal == RULE_REFUSAL_NONE ? RULE_READ : RULE_REFUSED;
}

bool rule_looks_like_one(struct slice text)
{
    text = slice_trim(text);
    struct slice action = slice_word(&text);
    struct slice protocol = slice_word(&text);
    return action_parse(action) >= 0 &&
           (protocol_parse(protocol) >= 0 || protocol_is_foreign(protocol));
}
