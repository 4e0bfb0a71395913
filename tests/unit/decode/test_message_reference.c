/* test_message_reference.c - our reading of names and messages against the C library's resolver
 * SPDX-License-Identifier: Apache-2.0
 *
 * Messages are generated from a fixed seed, whole and mutated, and read by both. The two may differ
 * only in this:
 *   1. The C library follows pointers in any direction until it has read as many bytes as the
 *      message has; we follow them strictly backwards.
 *   2. Backward pointers into the middle of labels can make it read more bytes than the message
 * has; it gives up there, we read on to 255.
 *   3. Skipping names, it looks neither where pointers lead nor at the 255 bytes of a name.
 *   4. It refuses a message with bytes after the last record; we count them.
 *   5. Our budgets of records and steps end the walk. */
#include "cmocka_all.h"
#include "decode/message.h"
#include "message_build.h"
#include "prng.h"

#include <arpa/nameser.h>
#include <dnsvigil/name.h>
#include <dnsvigil/rrtype.h>

#include <stdlib.h>
#include <string.h>

enum { MESSAGES = 60000 };

static struct message_build b;
static struct dns_message message;
static struct arena arena;

/* How often both sides agreed on something worth agreeing on. */
static struct {
    unsigned names, bad_names, messages, bad_messages, records;
} agreed;

static int setup(void **state)
{
    (void)state;
    memset(&agreed, 0, sizeof(agreed));
    return !arena_init(&arena, MESSAGE_ARENA_BYTES);
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static const char *random_name(struct prng *prng)
{
    static const char *const names[] = {".",
                                        "com",
                                        "Example.com",
                                        "www.example.com",
                                        "a.b.c.d.e.f.example.com",
                                        "x\\.y\\\\z.\\000\\255.net",
                                        "mail.example.NET",
                                        "1.0.0.127.in-addr.arpa",
                                        "a-label-of-more-than-a-few-characters.example.net"};
    return names[prng_below(prng, sizeof(names) / sizeof(*names))];
}

static void random_record(struct prng *prng, enum dns_section section)
{
    static const uint16_t types[] = {DNS_TYPE_A,   DNS_TYPE_CNAME, DNS_TYPE_NS, DNS_TYPE_SOA,
                                     DNS_TYPE_TXT, DNS_TYPE_OPT,   DNS_TYPE_MX, DNS_TYPE_AAAA,
                                     DNS_TYPE_SRV, 65280};
    uint16_t type = types[prng_below(prng, sizeof(types) / sizeof(*types))];
    build_record_begin(&b, section, random_name(prng), type,
                       prng_below(prng, 8) ? DNS_CLASS_IN : (uint16_t)prng_next(prng),
                       (uint32_t)prng_next(prng));
    if (prng_below(prng, 2))
        build_name(&b, random_name(prng));
    for (unsigned left = prng_below(prng, 24); left; left--)
        build_u8(&b, (unsigned)prng_next(prng));
    build_record_end(&b);
}

static void random_message(struct prng *prng)
{
    build_message(&b, (uint16_t)prng_next(prng), (uint16_t)prng_next(prng));
    b.compress = prng_below(prng, 4);
    for (unsigned left = prng_below(prng, 3); left; left--)
        build_question(&b, random_name(prng), (uint16_t)prng_next(prng), DNS_CLASS_IN);
    for (unsigned section = DNS_SECTION_ANSWER; section < DNS_SECTION_COUNT; section++)
        for (unsigned left = prng_below(prng, 4); left; left--)
            random_record(prng, section);
}

/* Turns some bytes over, into values that mean something in names more often than not. */
static void mutate(struct prng *prng)
{
    static const uint8_t telling[] = {0, 1, 2, 0x3f, 0x40, 0x80, 0xc0, 0xc1, 12, 13, 0xff};
    for (unsigned left = prng_below(prng, 6); left; left--) {
        size_t at = prng_below(prng, (unsigned)b.len);
        b.data[at] = prng_below(prng, 3) ? telling[prng_below(prng, sizeof(telling))]
                                         : (uint8_t)prng_next(prng);
    }
    if (prng_below(prng, 8) == 0)
        b.len = prng_below(prng, (unsigned)b.len);
    if (prng_below(prng, 16) == 0)
        build_u8(&b, 0);
}

/* What stands in the way of the two agreeing on the name at `offset`, found by a walk of its own.
 */
struct name_trouble {
    bool forward;  /* difference 1: a pointer does not lead strictly backwards */
    bool too_much; /* difference 2: as many bytes are read as the message has */
};

static struct name_trouble name_trouble(size_t offset)
{
    struct name_trouble trouble = {0};
    size_t read = 0, limit = b.len;
    for (size_t at = offset; at + 1 < b.len && b.data[at];) {
        bool pointer = b.data[at] >= 0xc0;
        read += pointer ? 2 : b.data[at] + 1u;
        if (read >= b.len) {
            trouble.too_much = true;
            return trouble;
        }
        if (!pointer) {
            at += b.data[at] + 1u;
            continue;
        }
        size_t target = (b.data[at] & 0x3fu) << 8 | b.data[at + 1];
        trouble.forward |= target >= limit || target >= at;
        at = limit = target;
    }
    return trouble;
}

static void lower(uint8_t *wire, size_t len)
{
    for (size_t i = 0; i < len; i++)
        wire[i] = wire[i] >= 'A' && wire[i] <= 'Z' ? wire[i] + 32 : wire[i];
}

static void compare_name(size_t offset)
{
    uint8_t theirs[NS_MAXCDNAME];
    char their_text[NS_MAXDNAME], text[NAME_TEXT_MAX];
    struct dns_name ours;
    size_t next;
    unsigned steps = NAME_STEPS_MAX;
    int used = ns_name_unpack(b.data, b.data + b.len, b.data + offset, theirs, sizeof(theirs));
    enum malformed reason = name_read(&ours, b.data, b.len, offset, &next, &steps);
    if (reason == MALFORMED_POINTER) {
        assert_true(name_trouble(offset).forward);
        return;
    }
    if (used < 0 && !reason) {
        assert_true(name_trouble(offset).too_much);
        return;
    }
    assert_int_equal(used < 0, reason != MALFORMED_NONE);
    if (used < 0) {
        agreed.bad_names++;
        return;
    }
    assert_int_equal(next, offset + (size_t)used);
    lower(theirs, ours.len);
    assert_memory_equal(ours.wire, theirs, ours.len);
    assert_true(ns_name_ntop(theirs, their_text, sizeof(their_text)) >= 0);
    name_to_text(&ours, 0, text);
    assert_string_equal(text, their_text);
    agreed.names++;
}

static void compare_record(ns_msg *theirs, unsigned index)
{
    const struct dns_record *record = &message.records[index];
    unsigned section_index = index;
    for (unsigned i = DNS_SECTION_ANSWER; i < record->section; i++)
        section_index -= message.counts[i];
    struct dns_name owner;
    ns_rr rr;
    if (ns_parserr(theirs, (ns_sect)record->section, (int)section_index, &rr) < 0) {
        assert_true(!record_owner(&message, record, &owner) ||
                    name_trouble(record->owner).too_much);
        return;
    }
    assert_int_equal(ns_rr_type(rr), record->type);
    assert_int_equal(ns_rr_class(rr), record->rrclass);
    assert_int_equal(ns_rr_ttl(rr), record->ttl);
    assert_int_equal(ns_rr_rdlen(rr), record->rdata_len);
    assert_ptr_equal(ns_rr_rdata(rr), message.data + record->rdata);
    agreed.records++;
}

static bool walk_ended(enum malformed reason)
{
    return reason != MALFORMED_NONE && reason != MALFORMED_RDATA && reason != MALFORMED_OPT;
}

static void compare_message(void)
{
    ns_msg theirs;
    arena_reset(&arena);
    bool refused = ns_initparse(b.data, (int)b.len, &theirs) < 0;
    enum malformed reason = message_decode(&message, b.data, b.len, &arena);
    bool ours_only = reason == MALFORMED_POINTER || reason == MALFORMED_NAME_LENGTH ||
                     reason == MALFORMED_BUDGET;
    if (ours_only)
        return;
    /* Difference 3: our first question is read, theirs is skipped. */
    if (walk_ended(reason) && !refused && message.malformed_at == MESSAGE_HEADER_BYTES) {
        uint8_t name[NS_MAXCDNAME];
        assert_true(ns_name_unpack(b.data, b.data + b.len, b.data + MESSAGE_HEADER_BYTES, name,
                                   sizeof(name)) < 0);
        return;
    }
    assert_int_equal(refused, walk_ended(reason) || message.trailing > 0);
    if (refused) {
        agreed.bad_messages++;
        return;
    }
    assert_int_equal(ns_msg_id(theirs), message.id);
    assert_int_equal(ns_msg_getflag(theirs, ns_f_opcode), message.opcode);
    for (unsigned i = 0; i < DNS_SECTION_COUNT; i++)
        assert_int_equal(ns_msg_count(theirs, i), message.counts[i]);
    for (unsigned i = 0; i < message.record_count; i++)
        compare_record(&theirs, i);
    agreed.messages++;
}

static void names_read_as_the_c_library_reads_them(void **state)
{
    (void)state;
    struct prng prng = {.state = 5};
    for (unsigned i = 0; i < MESSAGES / 10; i++) {
        random_message(&prng);
        if (i % 4)
            mutate(&prng);
        for (size_t offset = MESSAGE_HEADER_BYTES; offset < b.len; offset++)
            compare_name(offset);
    }
    assert_true(agreed.names > MESSAGES && agreed.bad_names > MESSAGES);
}

static void messages_read_as_the_c_library_reads_them(void **state)
{
    (void)state;
    struct prng prng = {.state = 6};
    for (unsigned i = 0; i < MESSAGES; i++) {
        random_message(&prng);
        if (i % 4)
            mutate(&prng);
        compare_message();
    }
    assert_true(agreed.messages > MESSAGES / 4 && agreed.bad_messages > MESSAGES / 8);
    assert_true(agreed.records > MESSAGES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_read_as_the_c_library_reads_them, setup, teardown),
        cmocka_unit_test_setup_teardown(messages_read_as_the_c_library_reads_them, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
