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
    RECORD_BYTES_MIN = 1 + RECORD_FIXED_BYTES,
    OPCODE_UPDATE = 5,
    OPTION_ECS = 8,
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
    return (uint32_t)be16(at) << 16 | be16(at + 2);
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

/* A run is the labels between two pointers: it is walked label by label, then copied whole. */
enum malformed name_read(struct dns_name *ret, const uint8_t *message, size_t len, size_t offset,
                         size_t *ret_next, unsigned *steps)
{
    size_t at = offset, run = offset, next = 0;
    size_t written = 0; /* bytes of earlier runs */
    unsigned labels = 0, pointers = 0, left = *steps;
    while (at < len && message[at]) {
        if (left-- == 0)
            return MALFORMED_BUDGET;
        size_t length = message[at];
        if (length <= LABEL_MAX) {
            size_t begin = written + (at - run);
            at += 1 + length;
            if (begin + 1 + length >= NAME_WIRE_MAX)
                return MALFORMED_NAME_LENGTH;
            ret->offset[labels++] = (uint8_t)begin;
            continue;
        }
        if (pointers++ == NAME_POINTERS_MAX)
            return MALFORMED_BUDGET;
        size_t target;
        enum malformed reason = pointer_read(message, len, at, next ? run : at, &target);
        if (reason)
            return reason;
        memcpy(ret->wire + written, message + run, at - run);
        written += at - run;
        next = next ? next : at + 2;
        at = run = target;
    }
    if (at >= len)
        return MALFORMED_NAME_CUT;
    memcpy(ret->wire + written, message + run, at + 1 - run);
    ret->len = (uint8_t)(written + at + 1 - run);
    ret->labels = (uint8_t)labels;
    ret->offset[labels] = (uint8_t)(ret->len - 1);
    memset(ret->wire + ret->len, 0, NAME_PAD);
    name_fold(ret);
    name_hash(ret);
    *steps = left;
    *ret_next = next ? next : at + 1;
    return MALFORMED_NONE;
}

enum malformed name_skip(const uint8_t *message, size_t len, size_t offset, size_t *ret_next,
                         unsigned *steps)
{
    size_t at = offset;
    unsigned left = *steps;
    for (; at < len && message[at]; at += 1u + message[at]) {
        if (left == 0)
            return MALFORMED_BUDGET;
        left--;
        if (message[at] > LABEL_MAX) {
            size_t target;
            *steps = left;
            *ret_next = at + 2;
            return pointer_read(message, len, at, at, &target);
        }
        if (at + 1 + message[at] - offset >= NAME_WIRE_MAX)
            return MALFORMED_NAME_LENGTH;
    }
    *steps = left;
    *ret_next = at + 1;
    return at < len ? MALFORMED_NONE : MALFORMED_NAME_CUT;
}

/* Sets every field but the question, whose 1.4 KB are written by name_read() or not at all; one by
 * one, because that is a handful of stores where clearing the block around it costs a third of the
 * decoding. */
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
        first ? name_read(&message->question, data, walk->len, walk->at, &fixed, &walk->steps)
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

/* Takes the first client subnet; false when there is a bad one. */
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

/* Writes *ret when the whole record is there. */
static enum malformed record_read(struct walk *walk, enum dns_section section,
                                  struct dns_record *ret)
{
    const uint8_t *data = walk->message->data;
    size_t owner = walk->at;
    if (owner >= walk->len)
        return MALFORMED_RECORD_CUT;
    size_t fixed;
    enum malformed reason = name_skip(data, walk->len, owner, &fixed, &walk->steps);
    if (reason)
        return reason;
    if (walk->len - fixed < RECORD_FIXED_BYTES)
        return MALFORMED_RECORD_CUT;
    walk->at = fixed + RECORD_FIXED_BYTES;
    size_t rdata_len = be16(data + fixed + 8);
    if (rdata_len > walk->len - walk->at)
        return MALFORMED_RDATA_CUT;
    *ret = (struct dns_record){
        .owner = (uint16_t)owner,
        .rdata = (uint16_t)walk->at,
        .rdata_len = (uint16_t)rdata_len,
        .type = be16(data + fixed),
        .rrclass = be16(data + fixed + 2),
        .section = (uint8_t)section,
        .ttl = be32(data + fixed + 4),
    };
    reason = record_check(walk, ret);
    if (!reason)
        walk->at += rdata_len;
    return reason;
}

/* records[] has room for every record that the bytes can hold, so record_read() may write to its
 * next element. */
static enum malformed section_read(struct walk *walk, enum dns_section section,
                                   struct dns_record *records)
{
    struct dns_message *message = walk->message;
    for (unsigned left = message->counts[section]; left; left--) {
        if (message->record_count == MESSAGE_RECORDS_MAX)
            return MALFORMED_BUDGET;
        enum malformed reason = record_read(walk, section, records + message->record_count);
        if (reason)
            return reason;
        message->record_count++;
    }
    return MALFORMED_NONE;
}

/* How many records there can be: what the header claims, what the bytes allow, what we walk. */
static size_t records_room(const struct walk *walk)
{
    const uint16_t *counts = walk->message->counts;
    size_t room = (size_t)counts[DNS_SECTION_ANSWER] + counts[DNS_SECTION_AUTHORITY] +
                  counts[DNS_SECTION_ADDITIONAL];
    size_t fit = (walk->len - walk->at) / RECORD_BYTES_MIN;
    room = room < fit ? room : fit;
    return room < MESSAGE_RECORDS_MAX ? room : MESSAGE_RECORDS_MAX;
}

static enum malformed records_read(struct walk *walk, struct arena *arena)
{
    struct dns_message *message = walk->message;
    size_t room = records_room(walk);
    struct dns_record *records = arena_take(arena, room * sizeof(*records));
    assert(records);
    message->records = records;
    enum malformed reason = MALFORMED_NONE;
    for (unsigned section = DNS_SECTION_ANSWER; section < DNS_SECTION_COUNT && !reason; section++)
        reason = section_read(walk, section, records);
    arena_give_back(arena, (room - message->record_count) * sizeof(*records));
    return reason;
}

enum malformed message_decode(struct dns_message *ret, const uint8_t *data, size_t len,
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
    unsigned steps = MESSAGE_STEPS_MAX;
    struct rdata_walk walk = rdata_walk(message, record, &steps);
    struct rdata_field field;
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
