/* message.c - reads a DNS message and the names and addresses inside it
 * SPDX-License-Identifier: Apache-2.0 */
#include "decode/message.h"

#include "base/bytes16.h"
#include "base/cursor.h"
#include "decode/foreign.h"
#include "decode/rdata.h"

#include <dnsvigil/name.h>
#include <dnsvigil/rrtype.h>

#include <assert.h>
#include <string.h>

enum {
    LABEL_MAX = 63,
    POINTER_BITS = 0xc0,
    QUESTION_FIXED_BYTES = 4,
    RECORD_FIXED_BYTES = 10,
    OPCODE_UPDATE = 5,
    OPTION_ECS = 8,
    OPTION_COOKIE = 10,
    ECS_FIXED_BYTES = 4,
};

/* The walk over one message; `at` is the start of what is being read. */
struct walk {
    struct dns_message *message;
    size_t len;
    size_t at;
    unsigned steps;
};

static inline uint16_t be16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Turns a name to lower case and notes which case it met. Length bytes are below 'A' and pass
 * unchanged, so it goes over whole pieces of labels and of the zeros behind them. */
static void name_fold(struct dns_name *name)
{
    static_assert((int)BYTES16 <= NAME_PAD, "zeros follow the name");
    bytes16 upper = {0}, lower = {0};
    for (unsigned at = 0; at < name->len; at += BYTES16) {
        bytes16 c = bytes16_load(name->wire + at);
        bytes16 is_upper = bytes16_within(c, 'A', 'Z');
        upper |= is_upper;
        lower |= bytes16_within(c, 'a', 'z');
        bytes16_store(name->wire + at, c | (is_upper & 0x20));
    }
    name->uppercase = bytes16_any(upper);
    name->mixed_case = name->uppercase && bytes16_any(lower);
}

/* Copies `n` bytes of which `room` can be read, to where there is room for whole pieces, and tells
 * whether there may be upper case among them; what stands behind them may seem so too. Where the
 * last piece would read too far, it is the last sixteen bytes. */
static inline bool run_copy(uint8_t *to, const uint8_t *from, size_t n, size_t room)
{
    bytes16 upper = {0};
    if (room < BYTES16) {
        memcpy(to, from, n);
        return true;
    }
    for (size_t at = 0; at < n; at += BYTES16) {
        size_t piece = at <= room - BYTES16 ? at : n - BYTES16;
        bytes16 c = bytes16_load(from + piece);
        upper |= bytes16_within(c, 'A', 'Z');
        bytes16_store(to + piece, c);
    }
    return bytes16_any(upper);
}

/* Makes a name whole of which the labels are in place, and where they begin. */
static inline void name_finish(struct dns_name *name, unsigned labels, size_t root, bool upper)
{
    name->len = (uint8_t)(root + 1);
    name->labels = (uint8_t)labels;
    name->offset[labels] = (uint8_t)root;
    name->uppercase = name->mixed_case = false;
    memset(name->wire + root, 0, 1 + NAME_PAD);
    if (upper)
        name_fold(name);
}

/* Where the pointer at message[at] leads, which must be before `limit`. */
static inline enum malformed pointer_read(const uint8_t *message, size_t len, size_t at,
                                          size_t limit, size_t *ret_target)
{
    if ((message[at] & POINTER_BITS) != POINTER_BITS)
        return MALFORMED_LABEL_TYPE;
    if (len - at < 2)
        return MALFORMED_NAME_CUT;
    *ret_target = be16(message + at) & ~(POINTER_BITS << 8);
    return *ret_target < limit ? MALFORMED_NONE : MALFORMED_POINTER;
}

/* A name on its way out of a message. A run is the labels between two pointers: it is walked label
 * by label, then copied whole. `place` counts in the name that is written, and the byte for it
 * stands at message[base + place]; `base` may wrap, the sum does not. */
struct name_walk {
    struct dns_name *name;
    const uint8_t *message;
    size_t len;
    size_t base;
    size_t place;
    unsigned labels;
    unsigned steps; /* that may still be taken */
};

/* Walks on to the end of a run: NONE at the root or a pointer. */
static inline enum malformed name_run(struct name_walk *walk)
{
    const size_t left = walk->len - walk->base;
    const size_t end = left < NAME_WIRE_MAX ? left : NAME_WIRE_MAX;
    for (;;) {
        if (walk->place >= end)
            return walk->place >= NAME_WIRE_MAX ? MALFORMED_NAME_LENGTH : MALFORMED_NAME_CUT;
        uint8_t length = walk->message[walk->base + walk->place];
        if (length == 0)
            return MALFORMED_NONE;
        if (walk->steps == 0)
            return MALFORMED_BUDGET;
        walk->steps--;
        if (length > LABEL_MAX)
            return MALFORMED_NONE;
        walk->name->offset[walk->labels++] = (uint8_t)walk->place;
        walk->place += 1u + length;
    }
}

/* Copies the run that began at `begin` in the name, as run_copy() does. */
static inline bool run_take(const struct name_walk *walk, size_t begin)
{
    size_t at = walk->base + begin;
    return run_copy(walk->name->wire + begin, walk->message + at, walk->place - begin,
                    walk->len - at);
}

/* Goes on from the pointer that ended the first run. */
static enum malformed name_follow(struct name_walk walk, size_t *ret_next, unsigned *steps)
{
    struct dns_name *name = walk.name;
    const size_t pointer = walk.base + walk.place;
    size_t run = 0, limit = pointer, at = pointer;
    bool upper = false;
    for (unsigned pointers = 0; walk.message[at]; pointers++) {
        if (pointers == NAME_POINTERS_MAX)
            return MALFORMED_BUDGET;
        size_t target;
        enum malformed reason = pointer_read(walk.message, walk.len, at, limit, &target);
        if (reason)
            return reason;
        upper |= run_take(&walk, run);
        walk.base = target - walk.place;
        limit = target;
        run = walk.place;
        reason = name_run(&walk);
        if (reason)
            return reason;
        at = walk.base + walk.place;
    }
    upper |= run_take(&walk, run);
    name_finish(name, walk.labels, walk.place, upper);
    *steps = walk.steps;
    *ret_next = pointer + 2;
    return MALFORMED_NONE;
}

static inline enum malformed name_take(struct dns_name *ret, const uint8_t *message, size_t len,
                                       size_t offset, size_t *ret_next, unsigned *steps)
{
    struct name_walk walk = {
        .name = ret, .message = message, .len = len, .base = offset, .steps = *steps};
    enum malformed reason = name_run(&walk);
    if (reason)
        return reason;
    size_t end = offset + walk.place;
    if (message[end])
        return name_follow(walk, ret_next, steps);
    name_finish(ret, walk.labels, walk.place, run_take(&walk, 0));
    *steps = walk.steps;
    *ret_next = end + 1;
    return MALFORMED_NONE;
}

enum malformed name_read(struct dns_name *ret, const uint8_t *message, size_t len, size_t offset,
                         size_t *ret_next, unsigned *steps)
{
    enum malformed reason = name_take(ret, message, len, offset, ret_next, steps);
    if (!reason)
        name_hash(ret);
    return reason;
}

enum malformed name_skip(const uint8_t *message, size_t len, size_t offset, size_t *ret_next,
                         unsigned *steps)
{
    size_t at = offset;
    unsigned left = *steps;
    uint8_t length;
    while (at < len && (length = message[at])) {
        if (left == 0)
            return MALFORMED_BUDGET;
        left--;
        if (length > LABEL_MAX) {
            size_t target;
            *steps = left;
            *ret_next = at + 2;
            return pointer_read(message, len, at, at, &target);
        }
        at += 1u + length;
        if (at - offset >= NAME_WIRE_MAX)
            return MALFORMED_NAME_LENGTH;
    }
    *steps = left;
    *ret_next = at + 1;
    return at < len ? MALFORMED_NONE : MALFORMED_NAME_CUT;
}

/* Sets every field but the question, whose 1.4 KB are written by name_take() or not at all; one by
 * one, because that is a handful of stores where clearing the block around it is a slow string
 * instruction. */
static void message_init(struct dns_message *message, const uint8_t *data, size_t len)
{
    message->data = data;
    message->len = (uint32_t)len;
    message->id = message->flags = message->rcode = 0;
    message->opcode = 0;
    memset(message->counts, 0, sizeof(message->counts));
    message->has_question = false;
    message->qtype = message->qclass = 0;
    message->records = NULL;
    message->record_count = 0;
    message->edns = (struct dns_edns){0};
    message->malformed = MALFORMED_NONE;
    message->malformed_at = 0;
    message->foreign = FOREIGN_NONE;
    message->cut = message->unframed = false;
    message->trailing = 0;
}

static enum malformed header_read(struct walk *walk)
{
    struct dns_message *message = walk->message;
    const uint8_t *data = message->data;
    if (walk->len < MESSAGE_HEADER_BYTES)
        return MALFORMED_HEADER;
    message->id = be16(data);
    message->flags = be16(data + 2);
    message->opcode = message->flags >> 11 & 15;
    message->rcode = message->flags & 15;
    for (unsigned i = 0; i < DNS_SECTION_COUNT; i++)
        message->counts[i] = be16(data + 4 + 2 * i);
    walk->at = MESSAGE_HEADER_BYTES;
    return MALFORMED_NONE;
}

static enum malformed question_read(struct walk *walk, bool first)
{
    struct dns_message *message = walk->message;
    const uint8_t *data = message->data;
    if (walk->at >= walk->len)
        return MALFORMED_QUESTION_CUT;
    size_t fixed;
    enum malformed reason =
        first ? name_take(&message->question, data, walk->len, walk->at, &fixed, &walk->steps)
              : name_skip(data, walk->len, walk->at, &fixed, &walk->steps);
    if (reason)
        return reason;
    if (walk->len - fixed < QUESTION_FIXED_BYTES)
        return MALFORMED_QUESTION_CUT;
    if (first) {
        message->has_question = true;
        message->qtype = be16(data + fixed);
        message->qclass = be16(data + fixed + 2);
    }
    walk->at = fixed + QUESTION_FIXED_BYTES;
    return MALFORMED_NONE;
}

static enum malformed questions_read(struct walk *walk)
{
    enum malformed reason = MALFORMED_NONE;
    for (unsigned i = 0; i < walk->message->counts[DNS_SECTION_QUESTION] && !reason; i++)
        reason = question_read(walk, i == 0);
    return reason;
}

/* The first damage is the one to tell of, unless a later one ends the walk. */
static void damage_note(struct dns_message *message, enum malformed reason, size_t at)
{
    if (message->malformed)
        return;
    message->malformed = (uint8_t)reason;
    message->malformed_at = (uint16_t)at;
}

/* RFC 7871 6: as many address bytes as the prefix needs, no bit set below it. An unknown family is
 * not ours to judge. */
static bool ecs_read(struct dns_edns *edns, const uint8_t *option, size_t len)
{
    enum { FAMILY_V4 = 1, FAMILY_V6 = 2 };
    if (len < ECS_FIXED_BYTES)
        return false;
    unsigned family = be16(option);
    if (family != FAMILY_V4 && family != FAMILY_V6)
        return true;
    unsigned bits = option[2];
    if (bits > (family == FAMILY_V4 ? 32 : 128) || len - ECS_FIXED_BYTES != (bits + 7) / 8)
        return false;
    uint8_t bytes[16] = {0};
    memcpy(bytes, option + ECS_FIXED_BYTES, len - ECS_FIXED_BYTES);
    struct addr addr = family == FAMILY_V4 ? addr_from_v4(bytes) : addr_from_v6(bytes);
    struct addr masked = addr_mask(&addr, family == FAMILY_V4 ? 96 + bits : bits);
    if (!addr_equal(&addr, &masked))
        return false;
    edns->ecs_present = true;
    edns->ecs_source_bits = (uint8_t)bits;
    edns->ecs = addr;
    return true;
}

/* RFC 7873 4: a client's eight bytes, alone or with eight to thirty-two of the server. */
static bool cookie_fits(size_t len)
{
    return len == 8 || (len >= 16 && len <= 40);
}

/* Takes the first client subnet; false when an option is bad. */
static bool options_read(struct dns_edns *edns, struct cursor options)
{
    bool good = true;
    while (cursor_left(&options)) {
        uint16_t code = cursor_be16(&options);
        size_t len = cursor_be16(&options);
        const uint8_t *option = cursor_take(&options, len);
        if (options.bad)
            return false;
        if (code == OPTION_ECS && !edns->ecs_present)
            good &= ecs_read(edns, option, len);
        if (code == OPTION_COOKIE)
            good &= cookie_fits(len);
    }
    return good;
}

static void edns_read(struct dns_message *message, const struct dns_record *record)
{
    struct dns_edns *edns = &message->edns;
    bool at_root = message->data[record->owner] == 0;
    if (edns->opt_count < UINT8_MAX)
        edns->opt_count++;
    if (record->section != DNS_SECTION_ADDITIONAL || !at_root || edns->present) {
        damage_note(message, MALFORMED_OPT, record->owner);
        return;
    }
    edns->present = true;
    edns->udp_size = record->rrclass;
    edns->version = (uint8_t)(record->ttl >> 16);
    edns->flags = (uint16_t)record->ttl;
    edns->dnssec_ok = edns->flags & 0x8000;
    edns->options = record->rdata;
    edns->options_len = record->rdata_len;
    message->rcode |= (uint16_t)(record->ttl >> 24 << 4);
    if (!options_read(edns, cursor_of(message->data + record->rdata, record->rdata_len)))
        damage_note(message, MALFORMED_RDATA, record->rdata);
}

static enum malformed record_check(struct walk *walk, const struct dns_record *record)
{
    struct dns_message *message = walk->message;
    if (record->type == DNS_TYPE_OPT) {
        edns_read(message, record);
        return MALFORMED_NONE;
    }
    if (record->rdata_len == 0 && message->opcode == OPCODE_UPDATE)
        return MALFORMED_NONE;
    enum malformed reason = rdata_check(message, record, &walk->steps);
    if (reason != MALFORMED_RDATA)
        return reason;
    damage_note(message, reason, record->rdata);
    return MALFORMED_NONE;
}

/* Where the owner name of the record at walk->at ends. Nearly all are a pointer or the root. */
static inline enum malformed owner_skip(struct walk *walk, const uint8_t *data, size_t len,
                                        size_t *ret_next)
{
    size_t at = walk->at;
    if (len - at >= RECORD_FIXED_BYTES && data[at] == 0) {
        *ret_next = at + 1;
        return MALFORMED_NONE;
    }
    if (len - at >= RECORD_FIXED_BYTES && data[at] >= POINTER_BITS && walk->steps > 0) {
        size_t target = be16(data + at) & ~(POINTER_BITS << 8);
        walk->steps--;
        *ret_next = at + 2;
        return target < at ? MALFORMED_NONE : MALFORMED_POINTER;
    }
    return at < len ? name_skip(data, len, at, ret_next, &walk->steps) : MALFORMED_RECORD_CUT;
}

/* Writes *ret when the whole record is there. */
static inline enum malformed record_read(struct walk *walk, const uint8_t *data, size_t len,
                                         enum dns_section section, struct dns_record *ret)
{
    size_t owner = walk->at, fixed;
    enum malformed reason = owner_skip(walk, data, len, &fixed);
    if (reason)
        return reason;
    if (len - fixed < RECORD_FIXED_BYTES)
        return MALFORMED_RECORD_CUT;
    size_t rdata = fixed + RECORD_FIXED_BYTES;
    size_t rdata_len = be16(data + fixed + 8);
    walk->at = rdata;
    if (rdata_len > len - rdata)
        return MALFORMED_RDATA_CUT;
    ret->owner = (uint16_t)owner;
    ret->rdata = (uint16_t)rdata;
    ret->rdata_len = (uint16_t)rdata_len;
    ret->type = be16(data + fixed);
    ret->rrclass = be16(data + fixed + 2);
    ret->ttl = be32(data + fixed + 4);
    ret->section = (uint8_t)section;
    reason = record_check(walk, ret);
    if (!reason)
        walk->at = rdata + rdata_len;
    return reason;
}

/* One loop over all sections, because most have no record or one. */
static enum malformed sections_read(struct walk *walk, struct dns_record *records)
{
    struct dns_message *message = walk->message;
    const uint8_t *data = message->data;
    const size_t len = walk->len;
    const unsigned authority = message->counts[DNS_SECTION_ANSWER]; /* where it begins */
    const unsigned additional = authority + message->counts[DNS_SECTION_AUTHORITY];
    const unsigned end = additional + message->counts[DNS_SECTION_ADDITIONAL];
    for (unsigned i = 0; i < end; i++) {
        if (i == MESSAGE_RECORDS_MAX)
            return MALFORMED_BUDGET;
        unsigned section = DNS_SECTION_ANSWER + (i >= authority) + (i >= additional);
        enum malformed reason = record_read(walk, data, len, section, records + i);
        if (reason)
            return reason;
        message->record_count++;
    }
    return MALFORMED_NONE;
}

static enum malformed records_read(struct walk *walk, struct arena *arena)
{
    struct dns_message *message = walk->message;
    struct dns_record *records = arena_take(arena, MESSAGE_ARENA_BYTES);
    assert(records);
    message->records = records;
    enum malformed reason = sections_read(walk, records);
    arena_give_back(arena, (MESSAGE_RECORDS_MAX - message->record_count) * sizeof(*records));
    return reason;
}

enum malformed message_read(struct dns_message *ret, const uint8_t *data, size_t len,
                            struct arena *records)
{
    struct walk walk = {
        .message = ret,
        .len = len < UINT16_MAX ? len : UINT16_MAX,
        .steps = MESSAGE_STEPS_MAX,
    };
    message_init(ret, data, len);
    enum malformed reason = header_read(&walk);
    if (!reason)
        reason = questions_read(&walk);
    if (!reason)
        reason = records_read(&walk, records);
    if (reason) {
        ret->malformed = (uint8_t)reason;
        ret->malformed_at = (uint16_t)walk.at;
        ret->foreign = (uint8_t)foreign_recognise(data, len);
    } else {
        ret->trailing = (uint32_t)(len - walk.at);
    }
    ret->steps = (uint16_t)(MESSAGE_STEPS_MAX - walk.steps);
    return ret->malformed;
}

enum malformed message_decode(struct dns_message *ret, const uint8_t *data, size_t len,
                              struct arena *records)
{
    enum malformed reason = message_read(ret, data, len, records);
    if (ret->has_question)
        name_hash(&ret->question);
    return reason;
}

bool record_owner(const struct dns_message *message, const struct dns_record *record,
                  struct dns_name *ret)
{
    size_t next;
    unsigned steps = NAME_STEPS_MAX;
    return !name_read(ret, message->data, message->len, record->owner, &next, &steps);
}

bool record_target(const struct dns_message *message, const struct dns_record *record,
                   unsigned which, struct dns_name *ret)
{
    unsigned steps = MESSAGE_STEPS_MAX, name_steps = NAME_STEPS_MAX;
    struct rdata_walk walk = rdata_walk(message, record, &steps);
    struct rdata_field field;
    /* Mostly the data begins with the names. */
    for (size_t next; *walk.layout == RDATA_NAME; walk.layout++, which--, walk.at = next) {
        if (which == 0)
            return !name_read(ret, message->data, walk.end, walk.at, &next, &name_steps);
        if (name_skip(message->data, walk.end, walk.at, &next, &steps))
            return false;
    }
    while (rdata_next(&walk, &field))
        if (field.code == RDATA_NAME && which-- == 0)
            return rdata_name(message, &field, ret);
    return false;
}

bool record_addr(const struct dns_message *message, const struct dns_record *record,
                 struct addr *ret)
{
    const uint8_t *rdata = message->data + record->rdata;
    if (record->type == DNS_TYPE_A && record->rdata_len == 4 && record->rrclass != DNS_CLASS_CH) {
        *ret = addr_from_v4(rdata);
        return true;
    }
    if (record->type == DNS_TYPE_AAAA && record->rdata_len == 16) {
        *ret = addr_from_v6(rdata);
        return true;
    }
    return false;
}
