/* test_message.c - DNS messages: what is read, what is refused and where, what it may cost
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "decode/message.h"
#include "message_build.h"

#include <dnsvigil/name.h>
#include <dnsvigil/rrtype.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(cases) (sizeof(cases) / sizeof(*(cases)))

static struct message_build b;
static struct dns_message message;
static struct arena arena;

static int arena_setup(void **state)
{
    (void)state;
    return !arena_init(&arena, MESSAGE_ARENA_BYTES);
}

static int arena_teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* Decodes a copy that ends where the heap block ends, so that a sanitizer sees every read past it.
 * The copy lives until the next call. */
static enum malformed decode(const void *data, size_t len)
{
    static uint8_t *copy;
    free(copy);
    copy = malloc(len ? len : 1);
    memcpy(copy, data, len);
    arena_reset(&arena);
    memset(&message, 0xaa, sizeof(message));
    return message_decode(&message, copy, len, &arena);
}

static enum malformed decode_built(void)
{
    return decode(b.data, b.len);
}

static void assert_name(const struct dns_name *name, const char *expected)
{
    char text[NAME_TEXT_MAX];
    name_to_text(name, 0, text);
    assert_string_equal(text, expected);
}

static void assert_owner(unsigned record, const char *expected)
{
    struct dns_name name;
    assert_true(record_owner(&message, &message.records[record], &name));
    assert_name(&name, expected);
}

static void assert_target(unsigned record, unsigned which, const char *expected)
{
    struct dns_name name;
    bool found = record_target(&message, &message.records[record], which, &name);
    assert_int_equal(found, expected != NULL);
    if (expected)
        assert_name(&name, expected);
}

static void assert_address(unsigned record, const char *expected)
{
    struct addr addr;
    char text[ADDR_TEXT_MAX];
    bool found = record_addr(&message, &message.records[record], &addr);
    assert_int_equal(found, expected != NULL);
    if (!expected)
        return;
    addr_format(&addr, text);
    assert_string_equal(text, expected);
}

static void a_query_is_read(void **state)
{
    (void)state;
    build_query(&b, 0xbeef, "www.example.com", DNS_TYPE_AAAA);
    assert_int_equal(decode_built(), MALFORMED_NONE);
    assert_int_equal(message.id, 0xbeef);
    assert_false(message_is_response(&message));
    assert_true(message.has_question);
    assert_name(&message.question, "www.example.com");
    assert_int_equal(message.question.labels, 3);
    assert_int_equal(message.qtype, DNS_TYPE_AAAA);
    assert_int_equal(message.qclass, DNS_CLASS_IN);
    assert_int_equal(message.record_count, 0);
    assert_int_equal(message.trailing, 0);
    assert_false(message.edns.present);
    assert_int_equal(message.steps, 3);
}

static void a_question_has_the_hashes_of_its_name(void **state)
{
    (void)state;
    struct dns_name name;
    const char *text = "wWw.a-label-over-eight-bytes.Example.com";
    build_query(&b, 1, text, DNS_TYPE_A);
    decode_built();
    assert_true(name_from_text(&name, text, strlen(text)));
    assert_true(name_equal(&name, &message.question));
    assert_memory_equal(name.hash, message.question.hash, 5 * sizeof(uint64_t));
    assert_memory_equal(name.offset, message.question.offset, 5);
}

static void letter_case_on_the_wire_is_remembered(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool uppercase, mixed_case;
    } cases[] = {
        {"example.com", false, false},
        {"EXAMPLE.COM", true, false},
        {"eXaMpLe.cOm", true, true},
        {"A", true, false},
        {"aB", true, true},
        {"1-2_3.4", false, false},
        {"aaaaaaaaaaaaZ", true, true},
        {"AAAAAAAAA.b", true, true},
        {"@[`{.\\128\\225", false, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        build_query(&b, 1, cases[i].name, DNS_TYPE_A);
        assert_int_equal(decode_built(), MALFORMED_NONE);
        assert_int_equal(message.question.uppercase, cases[i].uppercase);
        assert_int_equal(message.question.mixed_case, cases[i].mixed_case);
    }
}

/* Names are gone over in whole pieces, so what stands behind one is looked at with it. */
static void capitals_behind_a_name_are_not_its_own(void **state)
{
    (void)state;
    enum { TYPE_CAPITALS = 'A' << 8 | 'B' };
    char text[64];
    for (size_t len = 1; len <= 40; len++) {
        memset(text, 'x', len);
        text[len] = 0;
        build_query(&b, 1, text, TYPE_CAPITALS);
        build_bytes(&b, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 26);
        assert_int_equal(decode_built(), MALFORMED_NONE);
        assert_false(message.question.uppercase);
        assert_name(&message.question, text);
        for (size_t i = 0; i < NAME_PAD; i++)
            assert_int_equal(message.question.wire[message.question.len + i], 0);
    }
}

static void a_question_can_be_hashed_later(void **state)
{
    (void)state;
    build_query(&b, 1, "wWw.a-label-over-eight-bytes.Example.com", DNS_TYPE_A);
    decode_built();
    struct dns_message later;
    arena_reset(&arena);
    assert_int_equal(message_read(&later, b.data, b.len, &arena), MALFORMED_NONE);
    name_hash(&later.question);
    assert_memory_equal(later.question.hash, message.question.hash, 5 * sizeof(uint64_t));
}

static void only_ascii_letters_are_lowered(void **state)
{
    (void)state;
    uint8_t label[1 + 255];
    for (unsigned first = 0; first < 256; first += 32) {
        label[0] = 32;
        for (unsigned i = 0; i < 32; i++)
            label[1 + i] = (uint8_t)(first + i);
        build_message(&b, 1, 0);
        build_count(&b, DNS_SECTION_QUESTION, 1);
        build_bytes(&b, label, 33);
        build_bytes(&b, "\0\0\1\0\1", 5);
        assert_int_equal(decode_built(), MALFORMED_NONE);
        for (unsigned i = 0; i < 32; i++) {
            unsigned byte = first + i;
            unsigned expected = byte >= 'A' && byte <= 'Z' ? byte + 32 : byte;
            assert_int_equal(message.question.wire[1 + i], expected);
        }
    }
}

static void a_compressed_response_is_read(void **state)
{
    (void)state;
    build_response(&b, 7, "www.Example.com", DNS_TYPE_A, 0);
    build_record(&b, DNS_SECTION_ANSWER, "www.Example.com", DNS_TYPE_CNAME, 60, "cdn.Example.net");
    build_record(&b, DNS_SECTION_ANSWER, "cdn.Example.net", DNS_TYPE_A, 61, "192.0.2.1");
    build_record(&b, DNS_SECTION_ANSWER, "cdn.Example.net", DNS_TYPE_AAAA, 62, "2001:db8::1");
    build_record(&b, DNS_SECTION_AUTHORITY, "Example.net", DNS_TYPE_SOA, 63,
                 "ns.Example.net root.Example.net 1 2 3 4 5");
    build_record(&b, DNS_SECTION_ADDITIONAL, "mx.Example.net", DNS_TYPE_MX, 4294967295u,
                 "10 mail.Example.com");
    assert_int_equal(decode_built(), MALFORMED_NONE);
    assert_true(message_is_response(&message));
    assert_int_equal(message.record_count, 5);
    assert_owner(0, "www.example.com");
    assert_target(0, 0, "cdn.example.net");
    assert_target(0, 1, NULL);
    assert_owner(1, "cdn.example.net");
    assert_address(1, "192.0.2.1");
    assert_address(2, "2001:db8::1");
    assert_address(3, NULL);
    assert_target(3, 0, "ns.example.net");
    assert_target(3, 1, "root.example.net");
    assert_target(4, 0, "mail.example.com");
    assert_int_equal(message.records[3].section, DNS_SECTION_AUTHORITY);
    assert_int_equal(message.records[4].section, DNS_SECTION_ADDITIONAL);
    assert_int_equal(message.records[1].ttl, 61);
    assert_int_equal(message.records[4].ttl, 4294967295u);
}

static void targets_are_found_in_every_type_that_has_names(void **state)
{
    (void)state;
    static const struct {
        uint16_t type;
        const char *rdata, *first, *second;
    } cases[] = {
        {DNS_TYPE_NS, "ns.example", "ns.example", NULL},
        {DNS_TYPE_PTR, "host.example", "host.example", NULL},
        {DNS_TYPE_DNAME, "d.example", "d.example", NULL},
        {DNS_TYPE_SRV, "1 2 3 srv.example", "srv.example", NULL},
        {DNS_TYPE_HTTPS, "0 alias.example", "alias.example", NULL},
        {DNS_TYPE_SVCB, "1 . 000300020035", ".", NULL},
        {17, "a.example b.example", "a.example", "b.example"},
        {35, "1 2 \"u\" \"E2U\" \"!^.*$!x!\" n.example", "n.example", NULL},
        {DNS_TYPE_TXT, "\"ns.example\"", NULL, NULL},
        {DNS_TYPE_A, "192.0.2.1", NULL, NULL},
        {65280, "\\# 00", NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        build_response(&b, 1, "q.example", cases[i].type, 0);
        build_record(&b, DNS_SECTION_ANSWER, "q.example", cases[i].type, 1, cases[i].rdata);
        assert_int_equal(decode_built(), MALFORMED_NONE);
        assert_target(0, 0, cases[i].first);
        assert_target(0, 1, cases[i].second);
        assert_target(0, 2, NULL);
    }
}

static void a_root_question_is_a_question(void **state)
{
    (void)state;
    build_query(&b, 1, ".", DNS_TYPE_NS);
    assert_int_equal(decode_built(), MALFORMED_NONE);
    assert_true(message.has_question);
    assert_int_equal(message.question.labels, 0);
    assert_int_equal(message.question.len, 1);
}

static void a_message_may_have_no_question(void **state)
{
    (void)state;
    build_message(&b, 1, DNS_FLAG_QR);
    assert_int_equal(decode_built(), MALFORMED_NONE);
    assert_false(message.has_question);
    assert_int_equal(message.record_count, 0);
}

static void of_several_questions_the_first_is_kept(void **state)
{
    (void)state;
    build_query(&b, 1, "first.example", DNS_TYPE_A);
    build_question(&b, "second.example", DNS_TYPE_TXT, DNS_CLASS_CH);
    build_record(&b, DNS_SECTION_ANSWER, "first.example", DNS_TYPE_A, 1, "192.0.2.9");
    assert_int_equal(decode_built(), MALFORMED_NONE);
    assert_name(&message.question, "first.example");
    assert_int_equal(message.qtype, DNS_TYPE_A);
    assert_int_equal(message.counts[DNS_SECTION_QUESTION], 2);
    assert_address(0, "192.0.2.9");
}

static void flags_and_opcode_are_read(void **state)
{
    (void)state;
    build_message(&b, 1, DNS_FLAG_QR | 4 << 11 | DNS_FLAG_TC | 5);
    decode_built();
    assert_int_equal(message.opcode, 4);
    assert_int_equal(message.rcode, 5);
    assert_true(message.flags & DNS_FLAG_TC);
    assert_false(message.flags & DNS_FLAG_AA);
}

static void less_than_a_header_is_malformed(void **state)
{
    (void)state;
    build_message(&b, 1, 0);
    for (size_t len = 0; len < MESSAGE_HEADER_BYTES; len++) {
        assert_int_equal(decode(b.data, len), MALFORMED_HEADER);
        assert_int_equal(message.record_count, 0);
        assert_false(message.has_question);
        assert_int_equal(message.len, len);
    }
}

/* A name as the question of a message; offsets in pointers count from the header, so the name
 * starts at 12. */
static void bad_names_are_malformed(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t len;
        enum malformed expected;
    } cases[] = {
        {"\300\014", 2, MALFORMED_POINTER},         /* to itself */
        {"\300\015\0", 3, MALFORMED_POINTER},       /* forward */
        {"\1a\300\014", 4, MALFORMED_POINTER},      /* a loop over its own label */
        {"\1a\300\016", 4, MALFORMED_POINTER},      /* to itself behind a label */
        {"\377\377", 2, MALFORMED_POINTER},         /* far past the end */
        {"\101a\0", 3, MALFORMED_LABEL_TYPE},       /* type 01 */
        {"\200a\0", 3, MALFORMED_LABEL_TYPE},       /* type 10 */
        {"\1a\277\0", 4, MALFORMED_LABEL_TYPE},     /* behind a good label */
        {"\1", 1, MALFORMED_NAME_CUT},              /* label without its byte */
        {"\1a", 2, MALFORMED_NAME_CUT},             /* no root */
        {"\77abc", 4, MALFORMED_NAME_CUT},          /* label past the end */
        {"\300", 1, MALFORMED_NAME_CUT},            /* half a pointer */
        {"", 0, MALFORMED_QUESTION_CUT},            /* nothing at all */
        {"\1a\0\0\1\0", 6, MALFORMED_QUESTION_CUT}, /* half a class */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        build_message(&b, 1, 0);
        build_count(&b, DNS_SECTION_QUESTION, 1);
        build_bytes(&b, cases[i].name, cases[i].len);
        assert_int_equal(decode_built(), cases[i].expected);
        assert_int_equal(message.malformed, cases[i].expected);
        assert_int_equal(message.malformed_at, MESSAGE_HEADER_BYTES);
        assert_false(message.has_question);
    }
}

static void an_owner_is_checked_up_to_its_first_pointer(void **state)
{
    (void)state;
    static const struct {
        const char *owner;
        size_t len;
        enum malformed expected;
    } cases[] = {
        {"\300\014", 2, MALFORMED_NONE},       {"\1a\300\014", 4, MALFORMED_NONE},
        {"\300\023", 2, MALFORMED_POINTER}, /* the owner stands at 19 */
        {"\1a\300\026", 4, MALFORMED_POINTER}, {"\101", 1, MALFORMED_LABEL_TYPE},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        build_query(&b, 1, "q", DNS_TYPE_A);
        build_count(&b, DNS_SECTION_ANSWER, 1);
        assert_int_equal(b.len, 19);
        build_bytes(&b, cases[i].owner, cases[i].len);
        build_bytes(&b, "\0\1\0\1\0\0\0\0\0\4\1\2\3\4", 14);
        assert_int_equal(decode_built(), cases[i].expected);
        assert_int_equal(message.record_count, cases[i].expected == MALFORMED_NONE);
        assert_true(message.has_question);
    }
}

/* Names in one buffer, read at `offset`. */
static enum malformed read_at(const void *data, size_t len, size_t offset, struct dns_name *ret,
                              size_t *ret_next)
{
    unsigned steps = NAME_STEPS_MAX;
    uint8_t *copy = malloc(len);
    memcpy(copy, data, len);
    enum malformed reason = name_read(ret, copy, len, offset, ret_next, &steps);
    free(copy);
    return reason;
}

static void pointers_are_followed_strictly_backwards(void **state)
{
    (void)state;
    /*                      0       4     8       12        16 */
    static const char wire[] = "\3com\0\1a\300\0\1b\300\5\300\11\1c\300\17";
    static const struct {
        size_t offset;
        const char *expected; /* NULL: a pointer that does not lead backwards */
        size_t next;
    } cases[] = {
        {0, "com", 5}, {5, "a.com", 9}, {9, "b.a.com", 13}, {13, "b.a.com", 15}, {15, NULL, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct dns_name name;
        size_t next;
        enum malformed reason = read_at(wire, sizeof(wire) - 1, cases[i].offset, &name, &next);
        assert_int_equal(reason, cases[i].expected ? MALFORMED_NONE : MALFORMED_POINTER);
        if (reason)
            continue;
        assert_name(&name, cases[i].expected);
        assert_int_equal(next, cases[i].next);
    }
}

static void a_pointer_back_over_its_own_name_is_malformed(void **state)
{
    (void)state;
    /* 3 leads to 0, whose label swallows the pointer and reads on to one that leads to 2. */
    static const char wire[] = "\4ab\300\0\300\2";
    struct dns_name name;
    size_t next;
    assert_int_equal(read_at(wire, sizeof(wire) - 1, 3, &name, &next), MALFORMED_POINTER);
}

static void a_name_is_at_most_255_bytes_however_it_is_put_together(void **state)
{
    (void)state;
    for (unsigned tail = 60; tail <= 62; tail++) {
        /* Three labels of 63 at 0, one of `tail` behind them that points back to 0. */
        uint8_t wire[300] = {0};
        for (unsigned i = 0; i < 3; i++)
            wire[64 * i] = 63;
        size_t at = 3 * 64 + 1;
        wire[at] = (uint8_t)tail;
        wire[at + 1 + tail] = 0xc0;
        struct dns_name name;
        size_t next;
        enum malformed reason = read_at(wire, at + 1 + tail + 2, at, &name, &next);
        assert_int_equal(reason, tail <= 61 ? MALFORMED_NONE : MALFORMED_NAME_LENGTH);
        if (!reason)
            assert_int_equal(name.len, 3 * 64 + 1 + tail + 1);
    }
}

static void an_owner_over_255_bytes_ends_the_walk(void **state)
{
    (void)state;
    build_query(&b, 1, "q", DNS_TYPE_A);
    build_count(&b, DNS_SECTION_ANSWER, 1);
    uint8_t label[64] = {63};
    for (unsigned i = 0; i < 4; i++)
        build_bytes(&b, label, sizeof(label));
    build_bytes(&b, "\0\0\1\0\1\0\0\0\0\0\4\1\2\3\4", 15);
    assert_int_equal(decode_built(), MALFORMED_NAME_LENGTH);
}

static void a_chain_of_pointers_ends_with_the_budget(void **state)
{
    (void)state;
    enum { POINTERS = 8000 };
    static uint8_t wire[2 + 2 * POINTERS];
    for (unsigned i = 1; i <= POINTERS; i++) {
        size_t target = i == 1 ? 0 : 2 * (i - 1);
        wire[2 * i] = (uint8_t)(0xc0 | target >> 8);
        wire[2 * i + 1] = (uint8_t)target;
    }
    struct dns_name name;
    size_t next;
    unsigned steps = NAME_POINTERS_MAX;
    assert_int_equal(name_read(&name, wire, sizeof(wire), 2 * NAME_POINTERS_MAX, &next, &steps),
                     MALFORMED_NONE);
    assert_int_equal(steps, 0);
    steps = NAME_POINTERS_MAX - 1;
    assert_int_equal(name_read(&name, wire, sizeof(wire), 2 * NAME_POINTERS_MAX, &next, &steps),
                     MALFORMED_BUDGET);
    steps = NAME_STEPS_MAX;
    assert_int_equal(name_read(&name, wire, sizeof(wire), 2 * NAME_POINTERS_MAX + 2, &next, &steps),
                     MALFORMED_BUDGET);
}

static void a_name_behind_a_bad_pointer_is_bad_when_read(void **state)
{
    (void)state;
    build_message(&b, 1, DNS_FLAG_QR);
    b.data[0] = 0x80; /* the id: a reserved label type for whoever points there */
    build_count(&b, DNS_SECTION_ANSWER, 1);
    build_bytes(&b, "\300\0\0\5\0\1\0\0\0\0\0\2\300\0", 14);
    assert_int_equal(decode_built(), MALFORMED_NONE);
    struct dns_name name;
    assert_false(record_owner(&message, &message.records[0], &name));
    assert_false(record_target(&message, &message.records[0], 0, &name));
}

static void build_all_sorts(void)
{
    build_response(&b, 1, "www.example.com", DNS_TYPE_A, 0);
    build_record(&b, DNS_SECTION_ANSWER, "www.example.com", DNS_TYPE_CNAME, 1, "a.example.com");
    build_record(&b, DNS_SECTION_ANSWER, "a.example.com", DNS_TYPE_A, 1, "192.0.2.1");
    build_record(&b, DNS_SECTION_ANSWER, "a.example.com", DNS_TYPE_AAAA, 1, "2001:db8::1");
    build_record(&b, DNS_SECTION_ANSWER, "a.example.com", DNS_TYPE_TXT, 1, "\"one\" \"two\" \"\"");
    build_record(&b, DNS_SECTION_AUTHORITY, "example.com", DNS_TYPE_SOA, 1,
                 "ns.example.com root.example.com 1 2 3 4 5");
    build_record(&b, DNS_SECTION_AUTHORITY, "example.com", DNS_TYPE_HTTPS, 1,
                 "1 . 000100030268320003000201bb");
    build_edns_begin(&b, 1232, 0x8000);
    build_option_ecs(&b, "2001:db8::/56");
    build_record_end(&b);
}

static bool reason_is_cut(enum malformed reason)
{
    return reason == MALFORMED_HEADER || reason == MALFORMED_NAME_CUT ||
           reason == MALFORMED_QUESTION_CUT || reason == MALFORMED_RECORD_CUT ||
           reason == MALFORMED_RDATA_CUT;
}

static void a_message_cut_anywhere_says_so_and_keeps_what_came_before(void **state)
{
    (void)state;
    build_all_sorts();
    assert_int_equal(decode_built(), MALFORMED_NONE);
    assert_int_equal(message.record_count, 7);
    unsigned kept = 0;
    for (size_t len = 0; len < b.len; len++) {
        assert_true(reason_is_cut(decode(b.data, len)));
        assert_true(message.malformed_at <= len);
        assert_true(message.record_count >= kept);
        kept = message.record_count;
    }
    assert_int_equal(kept, 6);
}

static void fewer_records_than_claimed_is_malformed(void **state)
{
    (void)state;
    for (unsigned section = DNS_SECTION_ANSWER; section < DNS_SECTION_COUNT; section++) {
        build_all_sorts();
        build_count(&b, section, 65535);
        assert_int_not_equal(decode_built(), MALFORMED_NONE);
        assert_int_equal(message.malformed, MALFORMED_RECORD_CUT);
        assert_int_equal(message.malformed_at, b.len);
        assert_int_equal(message.record_count, 7);
    }
}

static void bytes_after_the_last_record_are_counted(void **state)
{
    (void)state;
    build_all_sorts();
    build_bytes(&b, "junk!", 5);
    assert_int_equal(decode_built(), MALFORMED_NONE);
    assert_int_equal(message.trailing, 5);
    build_count(&b, DNS_SECTION_ADDITIONAL, 0);
    decode_built();
    assert_true(message.trailing > 5);
}

static void more_than_64k_is_trailing(void **state)
{
    (void)state;
    static uint8_t large[70000];
    build_query(&b, 1, "q.example", DNS_TYPE_A);
    memcpy(large, b.data, b.len);
    assert_int_equal(decode(large, sizeof(large)), MALFORMED_NONE);
    assert_int_equal(message.trailing, sizeof(large) - b.len);
    large[5] = 2; /* a second question: the zeros read as the root with type 0 */
    large[7] = 255;
    assert_int_equal(decode(large, sizeof(large)), MALFORMED_NONE);
    assert_int_equal(message.record_count, 255);
    large[4] = 255; /* more questions than fit in front of the limit */
    assert_int_equal(decode(large, sizeof(large)), MALFORMED_QUESTION_CUT);
    assert_in_range(message.malformed_at, UINT16_MAX - 5, UINT16_MAX);
}

#define ZERO_BYTES_32 "0000000000000000000000000000000000000000000000000000000000000000"

/* Record data in hex; `fits` says whether it fits the type. */
static void data_that_does_not_fit_its_type_is_malformed(void **state)
{
    (void)state;
    static const struct {
        uint16_t type;
        bool fits;
        const char *hex;
    } cases[] = {
        {DNS_TYPE_A, true, "c0000201"},
        {DNS_TYPE_A, false, "c00002"},
        {DNS_TYPE_A, false, "c000020100"},
        {DNS_TYPE_A, false, ""},
        {DNS_TYPE_AAAA, true, "20010db8000000000000000000000001"},
        {DNS_TYPE_AAAA, false, "c0000201"},
        {DNS_TYPE_CNAME, true, "01610162 00"},
        {DNS_TYPE_CNAME, true, "c00c"},
        {DNS_TYPE_CNAME, true, "0161c00c"},
        {DNS_TYPE_CNAME, false, ""},
        {DNS_TYPE_CNAME, false, "01610162"},
        {DNS_TYPE_CNAME, false, "016100 00"},
        {DNS_TYPE_CNAME, false, "c0"},
        {DNS_TYPE_CNAME, false, "ffff"},
        {DNS_TYPE_CNAME, false, "4161 00"},
        {DNS_TYPE_NS, false, "c00c00"},
        {DNS_TYPE_SOA, true, "0000 00000001 00000002 00000003 00000004 00000005"},
        {DNS_TYPE_SOA, false, "0000 00000001 00000002 00000003 00000004 000000"},
        {DNS_TYPE_SOA, false, "00"},
        {DNS_TYPE_MX, true, "000a c00c"},
        {DNS_TYPE_MX, false, "000a"},
        {DNS_TYPE_MX, false, "00"},
        {DNS_TYPE_TXT, true, "00"},
        {DNS_TYPE_TXT, true, "0161 00 026263"},
        {DNS_TYPE_TXT, false, ""},
        {DNS_TYPE_TXT, false, "0261"},
        {DNS_TYPE_TXT, false, "0161 01"},
        {DNS_TYPE_SRV, true, "0001 0002 0003 00"},
        {DNS_TYPE_SRV, false, "0001 0002 0003"},
        {13, true, "0161 00"},
        {13, false, "0161"},
        {13, false, "0161 00 00"},
        {35, true, "0001 0002 00 00 00 00"},
        {35, false, "0001 0002 00 00 00"},
        {DNS_TYPE_DS, true, "1234 08 02 ab"},
        {DNS_TYPE_DS, false, "1234 08 02"},
        {DNS_TYPE_DNSKEY, true, "0101 03 0d 00"},
        {DNS_TYPE_DNSKEY, false, "0101 03"},
        {DNS_TYPE_RRSIG, true, "0001 08 02 00000001 00000002 00000003 0004 00 ab"},
        {DNS_TYPE_RRSIG, false, "0001 08 02 00000001 00000002 00000003 0004 00"},
        {DNS_TYPE_NSEC, true, "00 0001 40"},
        {DNS_TYPE_NSEC, true, "00"},
        {DNS_TYPE_NSEC, false, "00 0000"},
        {DNS_TYPE_NSEC, false, "00 0002 40"},
        {DNS_TYPE_NSEC, false, "00 0101 40 0001 40"},
        {DNS_TYPE_NSEC, false, "00 0001 40 0001 40"},
        {DNS_TYPE_NSEC, false, "00 00"},
        {DNS_TYPE_NSEC, false, "00 0021 " ZERO_BYTES_32 "01"},
        {DNS_TYPE_NSEC3, true, "01 00 000a 00 01ff 0001 40"},
        {DNS_TYPE_NSEC3, true, "01 00 000a 02abcd 01ff"},
        {DNS_TYPE_NSEC3, false, "01 00 000a 05abcd"},
        {DNS_TYPE_HTTPS, true, "0000 c00c"},
        {DNS_TYPE_HTTPS, true, "0001 00 0001 0003 026832 0003 0002 01bb"},
        {DNS_TYPE_HTTPS, false, "0001 00 0003 0002 01bb 0001 0003 026832"},
        {DNS_TYPE_HTTPS, false, "0001 00 0003 0002 01bb 0003 0002 01bb"},
        {DNS_TYPE_HTTPS, false, "0001 00 0003 0003 01bb"},
        {DNS_TYPE_HTTPS, false, "0001 00 0003"},
        {DNS_TYPE_HTTPS, false, "0001"},
        {257, true, "00 056973737565 63612e6578"},
        {257, true, "00 056973737565"},
        {257, false, "00 05697373"},
        {256, true, "0001 0001 68"},
        {256, false, "0001 00"},
        {DNS_TYPE_NULL, true, ""},
        {DNS_TYPE_NULL, true, "0102"},
        {42, true, ""},
        {65280, true, "ffffff"},
        {65280, true, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char rdata[200];
        snprintf(rdata, sizeof(rdata), "\\# %s", cases[i].hex);
        build_response(&b, 1, "q.example", DNS_TYPE_A, 0);
        build_record(&b, DNS_SECTION_ANSWER, "q.example", cases[i].type, 1, rdata);
        build_record(&b, DNS_SECTION_ANSWER, "q.example", DNS_TYPE_A, 1, "192.0.2.77");
        enum malformed reason = decode_built();
        if (reason != (cases[i].fits ? MALFORMED_NONE : MALFORMED_RDATA))
            fail_msg("type %u, data %s: %d", cases[i].type, cases[i].hex, reason);
        assert_int_equal(message.record_count, 2); /* the walk went on */
        assert_address(1, "192.0.2.77");
        if (reason)
            assert_int_equal(message.malformed_at, message.records[0].rdata);
    }
}

static void damage_that_ends_the_walk_outweighs_bad_data(void **state)
{
    (void)state;
    build_response(&b, 1, "q.example", DNS_TYPE_A, 0);
    build_record(&b, DNS_SECTION_ANSWER, "q.example", DNS_TYPE_A, 1, "\\# 01");
    build_record(&b, DNS_SECTION_ANSWER, "q.example", DNS_TYPE_A, 1, "\\# 0102");
    size_t end = b.len;
    decode_built();
    assert_int_equal(message.malformed_at, message.records[0].rdata); /* the first of the two */
    build_count(&b, DNS_SECTION_ANSWER, 3);
    assert_int_equal(decode_built(), MALFORMED_RECORD_CUT);
    assert_int_equal(message.malformed_at, end);
}

static void bad_data_gives_no_address_and_no_target(void **state)
{
    (void)state;
    build_response(&b, 1, "q.example", DNS_TYPE_A, 0);
    build_record(&b, DNS_SECTION_ANSWER, "q.example", DNS_TYPE_A, 1, "\\# 010203");
    build_record(&b, DNS_SECTION_ANSWER, "q.example", DNS_TYPE_AAAA, 1, "\\# 01020304");
    build_record(&b, DNS_SECTION_ANSWER, "q.example", DNS_TYPE_CNAME, 1, "\\# 0161");
    build_record_begin(&b, DNS_SECTION_ANSWER, "q.example", DNS_TYPE_A, DNS_CLASS_CH, 1);
    build_bytes(&b, "\0\1\2\3", 4);
    build_record_end(&b);
    /* A name that would be whole if it could run on into the next record. */
    build_record(&b, DNS_SECTION_ANSWER, ".", DNS_TYPE_NS, 1, "\\# 03");
    build_record(&b, DNS_SECTION_ANSWER, ".", DNS_TYPE_A, 1, "192.0.2.1");
    assert_int_equal(decode_built(), MALFORMED_RDATA);
    assert_int_equal(message.record_count, 6);
    for (unsigned i = 0; i < 5; i++) {
        assert_address(i, NULL);
        assert_target(i, 0, NULL);
    }
}

static void updates_may_have_records_without_data(void **state)
{
    (void)state;
    enum { NOTIFY = 4, UPDATE = 5 };
    build_message(&b, 1, UPDATE << 11);
    build_question(&b, "example.com", DNS_TYPE_SOA, DNS_CLASS_IN);
    build_record_begin(&b, DNS_SECTION_ANSWER, "a.example.com", DNS_TYPE_A, DNS_CLASS_ANY, 0);
    build_record_end(&b);
    build_record_begin(&b, DNS_SECTION_AUTHORITY, "b.example.com", DNS_TYPE_MX, DNS_CLASS_NONE, 0);
    build_record_end(&b);
    build_record(&b, DNS_SECTION_AUTHORITY, "c.example.com", DNS_TYPE_A, 1, "192.0.2.1");
    assert_int_equal(decode_built(), MALFORMED_NONE);
    assert_int_equal(message.opcode, UPDATE);
    assert_int_equal(message.record_count, 3);
    b.data[2] = NOTIFY << 3;
    assert_int_equal(decode_built(), MALFORMED_RDATA);
}

static void edns_is_read(void **state)
{
    (void)state;
    build_response(&b, 1, "q.example", DNS_TYPE_A, 7);
    build_edns_begin(&b, 1232, 0x01028000);
    build_option(&b, 10, "12345678", 8);
    build_record_end(&b);
    assert_int_equal(decode_built(), MALFORMED_NONE);
    assert_true(message.edns.present);
    assert_int_equal(message.edns.udp_size, 1232);
    assert_int_equal(message.edns.version, 2);
    assert_true(message.edns.dnssec_ok);
    assert_int_equal(message.edns.options_len, 12);
    assert_memory_equal(message.data + message.edns.options, "\0\12\0\10", 4);
    assert_false(message.edns.ecs_present);
    assert_int_equal(message.rcode, 0x17); /* 1 from OPT above 7 from the header */
}

static void an_opt_record_out_of_place_is_malformed(void **state)
{
    (void)state;
    build_query(&b, 1, "q.example", DNS_TYPE_A);
    build_edns(&b, 1232, true);
    build_edns(&b, 4096, false);
    assert_int_equal(decode_built(), MALFORMED_OPT);
    assert_int_equal(message.edns.opt_count, 2);
    assert_int_equal(message.edns.udp_size, 1232); /* the first one counts */
    assert_int_equal(message.malformed_at, message.records[1].owner);

    build_query(&b, 1, "q.example", DNS_TYPE_A);
    build_record_begin(&b, DNS_SECTION_ANSWER, ".", DNS_TYPE_OPT, 1232, 0);
    build_record_end(&b);
    assert_int_equal(decode_built(), MALFORMED_OPT);
    assert_false(message.edns.present);
    assert_int_equal(message.edns.opt_count, 1);

    build_query(&b, 1, "q.example", DNS_TYPE_A);
    build_record_begin(&b, DNS_SECTION_ADDITIONAL, "q.example", DNS_TYPE_OPT, 1232, 0);
    build_record_end(&b);
    assert_int_equal(decode_built(), MALFORMED_OPT);
    assert_false(message.edns.present);
}

static void a_cookie_has_a_length_that_cookies_have(void **state)
{
    (void)state;
    static const struct {
        unsigned len;
        bool good;
    } cases[] = {{0, false},  {7, false}, {8, true},  {9, false},
                 {15, false}, {16, true}, {40, true}, {41, false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char rdata[200];
        int used = snprintf(rdata, sizeof(rdata), "\\# 000a %04x ", cases[i].len);
        memset(rdata + used, '1', 2 * (size_t)cases[i].len);
        rdata[used + 2 * cases[i].len] = 0;
        build_query(&b, 1, "q.example", DNS_TYPE_A);
        build_record(&b, DNS_SECTION_ADDITIONAL, ".", DNS_TYPE_OPT, 0, rdata);
        assert_int_equal(decode_built(), cases[i].good ? MALFORMED_NONE : MALFORMED_RDATA);
    }
}

/* Option lists of an OPT record in hex. */
static void a_client_subnet_is_taken_only_when_it_is_exact(void **state)
{
    (void)state;
    static const struct {
        const char *options;
        const char *ecs; /* NULL: none taken */
        unsigned bits;
        enum malformed expected;
    } cases[] = {
        {"0008 0007 0001 18 00 c00002", "192.0.2.0", 24, MALFORMED_NONE},
        {"0008 0008 0001 20 00 c0000201", "192.0.2.1", 32, MALFORMED_NONE},
        {"0008 0004 0001 00 00", "0.0.0.0", 0, MALFORMED_NONE},
        {"0008 0004 0002 00 00", "::", 0, MALFORMED_NONE},
        {"0008 0006 0001 0c 00 c010", "192.16.0.0", 12, MALFORMED_NONE},
        {"0008 000b 0002 38 00 20010db8000001", "2001:db8:0:100::", 56, MALFORMED_NONE},
        {"000a 0008 0102030405060708 0008 0007 0001 18 00 c00002", "192.0.2.0", 24, MALFORMED_NONE},
        {"0008 0007 0001 18 00 c00002 0008 0007 0001 18 00 c00003", "192.0.2.0", 24,
         MALFORMED_NONE},                                              /* the first counts */
        {"0008 0006 0001 18 00 c000", NULL, 0, MALFORMED_RDATA},       /* too short */
        {"0008 0008 0001 18 00 c0000200", NULL, 0, MALFORMED_RDATA},   /* too long */
        {"0008 0006 0001 0c 00 c011", NULL, 0, MALFORMED_RDATA},       /* bits below */
        {"0008 0009 0001 21 00 c000020100", NULL, 0, MALFORMED_RDATA}, /* 33 bits */
        {"0008 0015 0002 81 00 20010db8 00000000 00000000 00000000 00", NULL, 0,
         MALFORMED_RDATA},                                       /* 129 bits */
        {"0008 0003 0001 18", NULL, 0, MALFORMED_RDATA},         /* no fixed part */
        {"0008 0000", NULL, 0, MALFORMED_RDATA},                 /* empty */
        {"0008 0005 0003 08 00 c0", NULL, 0, MALFORMED_NONE},    /* a family unknown */
        {"0008 0007 0001 18 00 c000", NULL, 0, MALFORMED_RDATA}, /* option past the end */
        {"0008 00", NULL, 0, MALFORMED_RDATA},                   /* half a header */
        {"0008 0007 0001 18 00 c00002 000a", "192.0.2.0", 24, MALFORMED_RDATA},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char rdata[200], text[ADDR_TEXT_MAX];
        snprintf(rdata, sizeof(rdata), "\\# %s", cases[i].options);
        build_query(&b, 1, "q.example", DNS_TYPE_A);
        build_record(&b, DNS_SECTION_ADDITIONAL, ".", DNS_TYPE_OPT, 0, rdata);
        if (decode_built() != cases[i].expected)
            fail_msg("%s: %u", cases[i].options, message.malformed);
        assert_true(message.edns.present);
        assert_int_equal(message.edns.ecs_present, cases[i].ecs != NULL);
        if (!cases[i].ecs)
            continue;
        addr_format(&message.edns.ecs, text);
        assert_string_equal(text, cases[i].ecs);
        assert_int_equal(message.edns.ecs_source_bits, cases[i].bits);
    }
}

static void records_past_the_budget_are_not_walked(void **state)
{
    (void)state;
    build_message(&b, 1, DNS_FLAG_QR);
    for (unsigned i = 0; i < MESSAGE_RECORDS_MAX; i++)
        build_record(&b, DNS_SECTION_ANSWER, ".", DNS_TYPE_A, 1, "192.0.2.1");
    assert_int_equal(decode_built(), MALFORMED_NONE);
    assert_int_equal(message.record_count, MESSAGE_RECORDS_MAX);
    size_t end = b.len;
    build_record(&b, DNS_SECTION_ADDITIONAL, ".", DNS_TYPE_A, 1, "192.0.2.1");
    assert_int_equal(decode_built(), MALFORMED_BUDGET);
    assert_int_equal(message.record_count, MESSAGE_RECORDS_MAX);
    assert_int_equal(message.malformed_at, end);
}

/* 127 labels are the most one name can have. */
static const char *deepest_name(void)
{
    static char text[2 * NAME_LABELS_MAX];
    for (unsigned i = 0; i < NAME_LABELS_MAX; i++)
        memcpy(text + 2 * i, "x.", 2);
    text[sizeof(text) - 1] = 0;
    return text;
}

static void labels_past_the_budget_are_not_walked(void **state)
{
    (void)state;
    static const uint16_t types[] = {DNS_TYPE_A, DNS_TYPE_CNAME};
    for (size_t i = 0; i < COUNT(types); i++) {
        build_message(&b, 1, DNS_FLAG_QR);
        b.compress = false;
        bool in_data = types[i] == DNS_TYPE_CNAME;
        for (unsigned records = 0; records < 40; records++)
            build_record(&b, DNS_SECTION_ANSWER, in_data ? "." : deepest_name(), types[i], 1,
                         in_data ? deepest_name() : "192.0.2.1");
        assert_int_equal(decode_built(), MALFORMED_BUDGET);
        assert_int_equal(message.record_count, MESSAGE_STEPS_MAX / NAME_LABELS_MAX);
    }
}

static void the_arena_gives_what_the_records_need(void **state)
{
    (void)state;
    build_all_sorts();
    decode_built();
    assert_int_equal(arena.used, 7 * sizeof(struct dns_record));
    build_count(&b, DNS_SECTION_ANSWER, 60000);
    decode_built();
    assert_int_equal(arena.used, 7 * sizeof(struct dns_record));
    build_message(&b, 1, 0);
    build_count(&b, DNS_SECTION_ANSWER, 60000);
    decode_built();
    assert_int_equal(arena.used, 0);
}

/* The corpus files worst_* are the most expensive messages we know how to make. */
static void the_worst_messages_stay_within_their_budgets(void **state)
{
    (void)state;
    const char *root = getenv("TEST_SOURCE_ROOT");
    char path[4096];
    snprintf(path, sizeof(path), "%s/fuzz/corpus/message", root ? root : ".");
    DIR *dir = opendir(path);
    assert_non_null(dir);
    unsigned seen = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (strncmp(entry->d_name, "worst_", 6) != 0)
            continue;
        snprintf(path, sizeof(path), "%s/fuzz/corpus/message/%s", root ? root : ".", entry->d_name);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        b.len = fread(b.data, 1, sizeof(b.data), file);
        fclose(file);
        decode_built();
        assert_true(message.steps <= MESSAGE_STEPS_MAX);
        assert_true(message.record_count <= MESSAGE_RECORDS_MAX);
        seen++;
    }
    closedir(dir);
    assert_true(seen >= 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_is_read),
        cmocka_unit_test(a_question_has_the_hashes_of_its_name),
        cmocka_unit_test(letter_case_on_the_wire_is_remembered),
        cmocka_unit_test(capitals_behind_a_name_are_not_its_own),
        cmocka_unit_test(a_question_can_be_hashed_later),
        cmocka_unit_test(only_ascii_letters_are_lowered),
        cmocka_unit_test(a_compressed_response_is_read),
        cmocka_unit_test(targets_are_found_in_every_type_that_has_names),
        cmocka_unit_test(a_root_question_is_a_question),
        cmocka_unit_test(a_message_may_have_no_question),
        cmocka_unit_test(of_several_questions_the_first_is_kept),
        cmocka_unit_test(flags_and_opcode_are_read),
        cmocka_unit_test(less_than_a_header_is_malformed),
        cmocka_unit_test(bad_names_are_malformed),
        cmocka_unit_test(an_owner_is_checked_up_to_its_first_pointer),
        cmocka_unit_test(pointers_are_followed_strictly_backwards),
        cmocka_unit_test(a_pointer_back_over_its_own_name_is_malformed),
        cmocka_unit_test(a_name_is_at_most_255_bytes_however_it_is_put_together),
        cmocka_unit_test(an_owner_over_255_bytes_ends_the_walk),
        cmocka_unit_test(a_chain_of_pointers_ends_with_the_budget),
        cmocka_unit_test(a_name_behind_a_bad_pointer_is_bad_when_read),
        cmocka_unit_test(a_message_cut_anywhere_says_so_and_keeps_what_came_before),
        cmocka_unit_test(fewer_records_than_claimed_is_malformed),
        cmocka_unit_test(bytes_after_the_last_record_are_counted),
        cmocka_unit_test(more_than_64k_is_trailing),
        cmocka_unit_test(data_that_does_not_fit_its_type_is_malformed),
        cmocka_unit_test(damage_that_ends_the_walk_outweighs_bad_data),
        cmocka_unit_test(bad_data_gives_no_address_and_no_target),
        cmocka_unit_test(updates_may_have_records_without_data),
        cmocka_unit_test(edns_is_read),
        cmocka_unit_test(an_opt_record_out_of_place_is_malformed),
        cmocka_unit_test(a_client_subnet_is_taken_only_when_it_is_exact),
        cmocka_unit_test(a_cookie_has_a_length_that_cookies_have),
        cmocka_unit_test(records_past_the_budget_are_not_walked),
        cmocka_unit_test(labels_past_the_budget_are_not_walked),
        cmocka_unit_test(the_arena_gives_what_the_records_need),
        cmocka_unit_test(the_worst_messages_stay_within_their_budgets),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
