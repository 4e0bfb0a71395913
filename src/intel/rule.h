/* rule.h - one signature rule as read: what it looks for, where, how often, and what it is called
 * SPDX-License-Identifier: Apache-2.0
 *
 * The language is the DNS part of Suricata's rules (docs/rules.md). The reader (rule_set.h) makes
 * these structs and the matcher runs them; a rule that could not be run exactly as written is never
 * made. All memory is the rule set's: strings end with NUL, arrays never change, and everything
 * here may be read by all threads at once.
 *
 * How a rule matches one message (a query or a response by itself):
 * 1. protocol: RULE_PROTOCOL_DNS holds for every DNS message, UDP and TCP for one that came so;
 * 2. source and destination hold for the message's own ends (a response comes from the server), in
 *    either order with `both_ways`;
 * 3. flow, opcode, rcode, rrtype and dsize hold;
 * 4. the bits that are asked for are set, and those that must not be are not;
 * 5. every buffer holds: for at least one instance of it all checks hold, in order. A buffer
 * without any instance (answers, in a query) does not hold;
 * 6. then bits are changed, whatever the threshold says; and then the threshold decides whether the
 *    match is told. A PASS rule that matches means that no rule is told for this message. */
#pragma once

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RULE_BYTES_MAX = 16384, /* text of one rule, its continued lines joined */
    RULE_CONTENT_MAX = 255, /* bytes of one content */
    RULE_BUFFERS_MAX = 8,
    RULE_CHECKS_MAX = 64, /* in all buffers of a rule together */
    RULE_TRANSFORMS_MAX = 4,
    RULE_BITS_MAX = 8,           /* flowbits and xbits keywords of one rule */
    RULE_BIT_NAMES_MAX = 1024,   /* names of bits in one rule set */
    RULE_NETS_MAX = 256,         /* address blocks, or port ranges, of one side of a rule */
    RULE_PAIRS_MAX = 64,         /* references, or metadata, of one rule */
    RULE_OFFSET_MAX = 65535,     /* of offset, depth, distance, within: no DNS message is longer */
    RULE_PCRE_STEPS_MAX = 10000, /* match limit of one pcre on one buffer (pcre2api, match limit) */
    RULE_PCRE_DEPTH_MAX = 500,   /* the same for its depth */
};

enum rule_action {
    RULE_ALERT,
    RULE_DROP,   /* told like an alert: we watch and do not stand in the way */
    RULE_REJECT, /* likewise */
    RULE_PASS,
};

enum rule_protocol { RULE_PROTOCOL_DNS, RULE_PROTOCOL_UDP, RULE_PROTOCOL_TCP };

/* Which messages, or-ed. Both ways at once never come. "established" is taken as given: DNS over
 * TCP is established when a message arrives, and a client and a server of UDP are taken to know
 * each other. */
enum rule_flow {
    RULE_FLOW_TO_SERVER = 1 << 0, /* queries (QR is 0) */
    RULE_FLOW_TO_CLIENT = 1 << 1, /* responses */
};

/* A comparison; RULE_OP_ANY (0) holds for everything. BETWEEN and OUTSIDE leave their ends out and
 * in, as in the language: 7<>15 holds for 8 … 14, !7<>15 for the rest. */
enum rule_op {
    RULE_OP_ANY,
    RULE_OP_EQUAL,
    RULE_OP_DIFFERENT,
    RULE_OP_LESS,
    RULE_OP_AT_MOST,
    RULE_OP_GREATER,
    RULE_OP_AT_LEAST,
    RULE_OP_BETWEEN,
    RULE_OP_OUTSIDE,
    RULE_OP_AND, /* byte_test &: value & a is not 0 */
    RULE_OP_XOR, /* byte_test ^: value ^ a is not 0 */
};

struct rule_number {
    uint8_t op; /* enum rule_op */
    uint64_t a;
    uint64_t b; /* the upper end of BETWEEN and OUTSIDE */
};

static inline bool rule_number_holds(const struct rule_number *number, uint64_t value)
{
    switch ((enum rule_op)number->op) {
    case RULE_OP_ANY: return true;
    case RULE_OP_EQUAL: return value == number->a;
    case RULE_OP_DIFFERENT: return value != number->a;
    case RULE_OP_LESS: return value < number->a;
    case RULE_OP_AT_MOST: return value <= number->a;
    case RULE_OP_GREATER: return value > number->a;
    case RULE_OP_AT_LEAST: return value >= number->a;
    case RULE_OP_BETWEEN: return value > number->a && value < number->b;
    case RULE_OP_OUTSIDE: return value <= number->a || value >= number->b;
    case RULE_OP_AND: return (value & number->a) != 0;
    case RULE_OP_XOR: return (value ^ number->a) != 0;
    }
    return false;
}

/* One block or range of a side. An address (port) is in when no `excluded` entry covers it and,
 * where there are others, one of those does. No entry at all is "any". */
struct rule_net {
    struct prefix block;
    bool excluded;
};

struct rule_ports {
    uint16_t first;
    uint16_t last;
    bool excluded;
};

struct rule_side {
    const struct rule_net *nets;
    const struct rule_ports *ports;
    uint16_t net_count;
    uint16_t port_count;
};

enum rule_buffer_kind {
#define RULE_BUFFER(id, keyword, older, what) RULE_BUFFER_##id,
#include "intel/rule_buffers.def"
#undef RULE_BUFFER
    RULE_BUFFER_COUNT,
};

enum rule_transform {
#define RULE_TRANSFORM(id, keyword, what) RULE_TRANSFORM_##id,
#include "intel/rule_transforms.def"
#undef RULE_TRANSFORM
    RULE_TRANSFORM_COUNT,
};

enum rule_check_kind {
    RULE_CONTENT,
    RULE_PCRE,
    RULE_ISDATAAT,
    RULE_BSIZE,
    RULE_BYTE_TEST,
};

/* Bytes to find. Let `end` be where the last content or pcre of this buffer matched up to, 0 at
 * first.
 *
 * Where it may stand: from `from` to `to`, both ends of the match inside, where
 *   absolute (not `relative`): from = offset, to = offset + depth, or the end without depth;
 *   relative: from = end + distance, not below 0, to = end + distance + within, or the end without
 *   within.
 * `starts`: at the first byte of the buffer (offset 0 and depth = len). `ends`: up to its last
 * byte.
 *
 * A match moves `end` behind the bytes found. When a later relative check fails, the next place
 * where these bytes stand is tried (rule_check.tried_again). Negated, it holds when the bytes stand
 * nowhere in the window, with `ends` when they do not stand at the end of it; `end` stays. */
struct rule_content {
    const uint8_t *bytes; /* lower case where `nocase` */
    uint8_t len;          /* never 0 */
    bool nocase;          /* ASCII letters only */
    bool starts;
    bool ends;
    bool has_depth;
    bool has_within;
    uint16_t offset;
    uint16_t depth; /* at least len */
    int32_t distance;
    uint16_t within; /* at least len */
};

struct pcre2_real_code_8;

/* A regular expression, compiled without JIT. The subject is the buffer, or for a relative one what
 * is left of it from `end` on, so that ^ stands for `end`. A match moves `end` behind itself; like
 * a content it is tried again one byte after its start when a later relative check fails. Running
 * into a limit is no match, negated or not, and counted. */
struct rule_pcre {
    const struct pcre2_real_code_8 *code;
    const char *text; /* as in the rule, for people */
    bool anchored;    /* flag A: where the subject begins or nowhere, so never tried again */
};

/* Relative: holds when end + at is at most the buffer's size. Absolute: when `at` is less than it.
 */
struct rule_isdataat {
    uint16_t at;
};

/* A number in the buffer: at `offset`, from `end` on where relative. Does not hold when the bytes
 * are not all there. `mask`, if not 0, is and-ed, and the result shifted right by the mask's
 * trailing zero bits. base 0: 1 to 8 bytes, big endian unless `little`; 8, 10, 16: text of that
 * base, up to 23 bytes, read as strtoull() does and not holding where it starts with no digit. */
struct rule_byte_test {
    uint8_t bytes;
    uint8_t base;
    bool little;
    int32_t offset;
    uint64_t mask;
    struct rule_number number; /* negated: the check's `negated` */
};

struct rule_check {
    uint8_t kind;     /* enum rule_check_kind */
    bool negated;     /* never for BSIZE: its operator says it */
    bool relative;    /* to `end`; never for BSIZE */
    bool tried_again; /* a content or pcre, and a relative check comes before the next absolute one
                       */
    union {
        struct rule_content content;
        struct rule_pcre pcre;
        struct rule_isdataat isdataat;
        struct rule_number bsize; /* of the buffer, after its transforms */
        struct rule_byte_test byte_test;
    };
};

/* One look into a buffer. Of a buffer with several instances (names), each is tried by itself.
 * PAYLOAD is the message's bytes; for TCP with the two bytes of its length before them, as they
 * stand in the stream. */
struct rule_buffer {
    uint8_t kind; /* enum rule_buffer_kind */
    uint8_t transform_count;
    uint8_t transforms[RULE_TRANSFORMS_MAX]; /* enum rule_transform, in order */
    uint8_t check_count;                     /* at least 1 */
    const struct rule_check *checks;
};

enum rule_bit_op {
    RULE_BIT_ISSET,    /* one of them */
    RULE_BIT_ISNOTSET, /* none of them */
    RULE_BIT_SET,      /* all of them, as for the next two */
    RULE_BIT_UNSET,
    RULE_BIT_TOGGLE,
};

/* Whose bit. A flowbit belongs to client and server: a flow of DNS is often one question long, and
 * what rules tie together are questions and answers of the same two. */
enum rule_bit_scope {
    RULE_BIT_FLOW, /* flowbits; xbits track ip_pair */
    RULE_BIT_SRC,  /* xbits track ip_src */
    RULE_BIT_DST,  /* xbits track ip_dst */
};

enum { RULE_BIT_ALTERNATIVES_MAX = 4 };

struct rule_bit {
    uint8_t op;    /* enum rule_bit_op */
    uint8_t scope; /* enum rule_bit_scope */
    uint8_t id_count;
    uint16_t ids[RULE_BIT_ALTERNATIVES_MAX]; /* below rule_set.bit_count; flowbits and xbits of the
                                                same name are different bits */
    uint32_t expire_s; /* SET of an xbit: how long; 0: as long as remembered */
};

enum rule_threshold_type {
    RULE_THRESHOLD_NONE,
    RULE_THRESHOLD_LIMIT,  /* told for the first `count` matches in `seconds` */
    RULE_THRESHOLD_EVERY,  /* type threshold: told at every `count`th within `seconds`, then anew */
    RULE_THRESHOLD_BOTH,   /* told once in `seconds`, at the `count`th */
    RULE_THRESHOLD_FILTER, /* detection_filter: told for each after the `count`th in `seconds` */
};

enum rule_track { RULE_TRACK_SRC, RULE_TRACK_DST, RULE_TRACK_PAIR, RULE_TRACK_RULE };

struct rule_threshold {
    uint8_t type;  /* enum rule_threshold_type */
    uint8_t track; /* enum rule_track: ends of the message that matched */
    uint32_t count;
    uint32_t seconds;
};

enum rule_target { RULE_TARGET_NONE, RULE_TARGET_SRC, RULE_TARGET_DST };

struct rule_pair {
    const char *key;
    const char *value; /* "" where there is none */
};

/* How the rule can be found without trying it: by the strongest thing that must hold. `fast_buffer`
 * and `fast_check` name the content it rests on. */
enum rule_shape {
    RULE_SHAPE_EXACT,  /* a name buffer equals the content */
    RULE_SHAPE_DOMAIN, /* a name is the domain or below it: content ".domain" with dotprefix, at the
                          end */
    RULE_SHAPE_SUFFIX, /* a name ends with the content, at a dot or not */
    RULE_SHAPE_CONTENT, /* a buffer has the content somewhere */
    RULE_SHAPE_UNBOUND, /* nothing to look for: tried with all messages of its kinds */
    RULE_SHAPE_COUNT,
};

struct rule {
    uint32_t sid;
    uint32_t gid;
    uint32_t rev;
    uint8_t action;   /* enum rule_action */
    uint8_t protocol; /* enum rule_protocol */
    uint8_t flow;     /* enum rule_flow; 0: both */
    bool both_ways;
    bool noalert; /* changes bits, tells nothing */
    uint8_t target;
    struct rule_side source;
    struct rule_side destination;

    struct rule_number opcode; /* of the header */
    struct rule_number rcode;  /* of the header alone, 0-15; of a query too */
    struct rule_number
        rrtype; /* holds when one question of a query, or one answer, has such a type */
    struct rule_number dsize; /* bytes of the payload, see PAYLOAD */
    struct rule_threshold threshold;

    uint8_t buffer_count;
    uint8_t bit_count;
    uint8_t shape;      /* enum rule_shape */
    int8_t fast_buffer; /* index into buffers; -1 where UNBOUND */
    int8_t fast_check;  /* index into its checks: a content that is not negated */
    const struct rule_buffer *buffers;
    const struct rule_bit *bits;

    const char *text; /* as it is written, lines joined; does not end with NUL */
    uint16_t text_len;
    const char *msg;        /* never NULL */
    const char *classtype;  /* "" without */
    const char *tactic;     /* ATT&CK ids as metadata has them, e.g. TA0011; "" without */
    const char *techniques; /* several are separated by spaces */
    const struct rule_pair *references; /* cve,2020-1350 and so on */
    const struct rule_pair *metadata;
    uint16_t reference_count;
    uint16_t metadata_count;
    uint8_t priority; /* 1 (high) to 255; 0 without */
    uint8_t category; /* enum category: what its class stands for */
    int8_t
        severity; /* enum severity by signature_severity, else by priority; -1: neither is there */

    uint16_t file; /* index into rule_set.files */
    uint32_t line; /* where the rule begins, from 1 */
};

/* All rules that are in use. Lifetime: snapshot. */
struct rule_set {
    const struct rule *const *rules; /* rising by gid, then sid; no two with the same */
    uint32_t count;
    const char *const *files;
    uint16_t file_count;
    const char *const *bit_names;
    uint16_t bit_count;
    struct rule_memory *memory; /* the reader's */
};

/* The rule with this sid (of the lowest gid), or NULL. */
const struct rule *rule_find(const struct rule_set *set, uint32_t sid);

extern const char *const rule_shape_names[RULE_SHAPE_COUNT];
