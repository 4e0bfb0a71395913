/* test_rdata.c - record data as text: each type in its own form, the rest as bytes, all of it
 * bounded
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "decode/message.h"
#include "decode/rdata.h"
#include "message_build.h"
#include "prng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(cases) (sizeof(cases) / sizeof(*(cases)))

enum { TEXT_MAX = 1 << 20 };

static struct message_build b;
static struct dns_message message;
static struct arena arena;
static struct buf text;

static int setup(void **state)
{
    (void)state;
    buf_init(&text, TEXT_MAX);
    return !arena_init(&arena, MESSAGE_ARENA_BYTES);
}

static int teardown(void **state)
{
    (void)state;
    buf_done(&text);
    arena_done(&arena);
    return 0;
}

/* The text of record `record` of the message that was built. */
static const char *text_of(unsigned record)
{
    arena_reset(&arena);
    buf_reset(&text);
    message_decode(&message, b.data, b.len, &arena);
    assert_true(record < message.record_count);
    record_to_text(&message, &message.records[record], &text);
    assert_false(text.overflow);
    assert_int_equal(strlen(text.data), text.len);
    return text.data;
}

static const char *text_of_data(uint16_t type, const char *rdata)
{
    build_response(&b, 1, "q.example", type, 0);
    build_record(&b, DNS_SECTION_ANSWER, "q.example", type, 1, rdata);
    return text_of(0);
}

struct text_case {
    uint16_t type;
    const char *rdata; /* as build_record() takes it */
    const char *expected;
};

static void assert_texts(const struct text_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_string_equal(text_of_data(cases[i].type, cases[i].rdata), cases[i].expected);
}

static void each_type_has_its_presentation_form(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        {DNS_TYPE_A, "192.0.2.1", "192.0.2.1"},
        {DNS_TYPE_AAAA, "2001:db8::1", "2001:db8::1"},
        {DNS_TYPE_AAAA, "\\# 00000000000000000000ffffc0000201", "::ffff:192.0.2.1"},
        {DNS_TYPE_NS, "NS.Example", "ns.example"},
        {DNS_TYPE_CNAME, ".", "."},
        {DNS_TYPE_DNAME, "a\\.b.example", "a\\.b.example"},
        {DNS_TYPE_PTR, "host.example", "host.example"},
        {DNS_TYPE_SOA, "ns.example root.example 1 2 3 4 4294967295",
         "ns.example root.example 1 2 3 4 4294967295"},
        {DNS_TYPE_MX, "10 mail.example", "10 mail.example"},
        {DNS_TYPE_SRV, "1 2 65535 srv.example", "1 2 65535 srv.example"},
        {13, "cpu \"my os\"", "\"cpu\" \"my os\""},
        {35, "1 2 u E2U !^.*$!x! n.example", "1 2 \"u\" \"E2U\" \"!^.*$!x!\" n.example"},
        {DNS_TYPE_DS, "12345 8 2 00ffab", "12345 8 2 00ffab"},
        {DNS_TYPE_DNSKEY, "257 3 13 010203", "257 3 13 AQID"},
        {DNS_TYPE_DNSKEY, "257 3 13 01020304", "257 3 13 AQIDBA=="},
        {DNS_TYPE_DNSKEY, "257 3 13 fffefdfcfb", "257 3 13 //79/Ps="},
        {DNS_TYPE_RRSIG, "A 8 2 300 0 4294967295 7 example ff",
         "A 8 2 300 19700101000000 21060207062815 7 example /w=="},
        {DNS_TYPE_NSEC, "b.example 0006400100000003010140", "b.example A MX RRSIG NSEC CAA"},
        {DNS_TYPE_NSEC, "b.example", "b.example"},
        {DNS_TYPE_NSEC3, "1 0 10 aabb 0102030405 000140", "1 0 10 aabb 04106105 A"},
        {DNS_TYPE_NSEC3, "1 0 10 - ff", "1 0 10 - vs"},
        {51, "1 0 5 -", "1 0 5 -"},
        {52, "3 1 1 abcd", "3 1 1 abcd"},
        {257, "0 issue \"ca.example; a=1\"", "0 issue \"ca.example; a=1\""},
        {257, "128 \"is sue\" \"\"", "128 is\\032sue \"\""},
        {256, "10 1 \"https://example/\"", "10 1 \"https://example/\""},
        {99, "\"v=spf1 -all\"", "\"v=spf1 -all\""},
    };
    assert_texts(cases, COUNT(cases));
}

static void service_parameters_are_spelled_out(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        {DNS_TYPE_HTTPS, "0 alias.example", "0 alias.example"},
        {DNS_TYPE_HTTPS, "1 .", "1 ."},
        {DNS_TYPE_HTTPS, "1 . 00010006 0268330268320003000201bb", "1 . alpn=\"h3,h2\" port=443"},
        {DNS_TYPE_HTTPS, "1 . 000000040001000300020000", "1 . mandatory=alpn,port no-default-alpn"},
        {DNS_TYPE_HTTPS, "1 . 00040008c0000201c0000202", "1 . ipv4hint=192.0.2.1,192.0.2.2"},
        {DNS_TYPE_HTTPS, "1 . 0006001020010db8000000000000000000000001",
         "1 . ipv6hint=2001:db8::1"},
        {DNS_TYPE_SVCB, "1 . 00050003010203", "1 . ech=AQID"},
        {DNS_TYPE_SVCB, "1 . 000700102f646e732d71756572797b3f646e737d",
         "1 . dohpath=\"/dns-query{?dns}\""},
        {DNS_TYPE_SVCB, "1 . fffe000322ff41", "1 . key65534=\"\\\"\\255A\""},
        {DNS_TYPE_SVCB, "1 . 0001000403612c62", "1 . alpn=\"a\\\\,b\""},
    };
    assert_texts(cases, COUNT(cases));
}

static enum malformed malformed_of(uint16_t type, const char *rdata)
{
    build_response(&b, 1, "q.example", type, 0);
    build_record(&b, DNS_SECTION_ANSWER, "q.example", type, 1, rdata);
    arena_reset(&arena);
    return message_decode(&message, b.data, b.len, &arena);
}

static void service_parameters_have_the_form_their_key_asks_for(void **state)
{
    (void)state;
    static const struct {
        const char *rdata;
        bool fits;
    } cases[] = {
        {"1 . 00010003026832", true},
        {"1 . 0001000303683200", false}, /* an id runs past the value */
        {"1 . 00010003016832", false},
        {"1 . 00010000", false},
        {"1 . 000100020000", false}, /* an empty id */
        {"1 . 00000001ff", false},
        {"1 . 00020000", true},
        {"1 . 0002000100", false},
        {"1 . 0003000201bb", true},
        {"1 . 0003000101", false},
        {"1 . 00030003000001", false},
        {"1 . 00040004c0000201", true},
        {"1 . 00040003c00002", false},
        {"1 . 00040000", false},
        {"1 . 0006000420010db8", false},
        {"1 . 00050003010203", true},
        {"1 . fffe00017f", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if ((malformed_of(DNS_TYPE_SVCB, cases[i].rdata) == MALFORMED_NONE) != cases[i].fits)
            fail_msg("%s", cases[i].rdata);
    build_response(&b, 1, "q.example", DNS_TYPE_SVCB, 0);
    build_record(&b, DNS_SECTION_ANSWER, "q.example", DNS_TYPE_SVCB, 1, "1 . 0003000101");
    assert_string_equal(text_of(0), "\\# 8 0001000003000101");
}

static void types_of_one_length_have_it(void **state)
{
    (void)state;
    static const struct {
        uint16_t type, bytes;
    } cases[] = {{29, 16}, {104, 10}, {106, 10}, {108, 6}, {109, 8}};
    for (size_t i = 0; i < COUNT(cases); i++)
        for (unsigned bytes = cases[i].bytes - 1u; bytes <= cases[i].bytes + 1u; bytes++) {
            char rdata[64] = "\\# ";
            for (unsigned k = 0; k < bytes; k++)
                strcat(rdata, "00");
            assert_int_equal(malformed_of(cases[i].type, rdata),
                             bytes == cases[i].bytes ? MALFORMED_NONE : MALFORMED_RDATA);
        }
}

static void strings_are_quoted_and_escaped(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        {DNS_TYPE_TXT, "\"v=spf1 -all\"", "\"v=spf1 -all\""},
        {DNS_TYPE_TXT, "one \"two words\" \"\"", "\"one\" \"two words\" \"\""},
        {DNS_TYPE_TXT, "\"q\\\"b\\\\s\"", "\"q\\\"b\\\\s\""},
        {DNS_TYPE_TXT, "\\000\\010\\027\\127\\200\\255", "\"\\000\\010\\027\\127\\200\\255\""},
        {DNS_TYPE_TXT, "<script>;", "\"<script>;\""},
    };
    assert_texts(cases, COUNT(cases));
}

static void unknown_types_are_shown_as_bytes(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        {DNS_TYPE_NULL, "\\# 00ff10", "\\# 3 00ff10"},
        {DNS_TYPE_NULL, "", "\\# 0"},
        {65280, "\\# c0000201", "\\# 4 c0000201"},
        {29, "\\# 00", "\\# 1 00"},
    };
    assert_texts(cases, COUNT(cases));
}

static void data_that_does_not_fit_is_shown_as_bytes(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        {DNS_TYPE_A, "\\# c00002", "\\# 3 c00002"},
        {DNS_TYPE_MX, "\\# 000a", "\\# 2 000a"},
        {DNS_TYPE_TXT, "\\# 0261", "\\# 2 0261"},
        {DNS_TYPE_SOA, "\\# 00000001", "\\# 4 00000001"},
        {DNS_TYPE_HTTPS, "\\# 0001 00 0003 0003 01bb", "\\# 9 0001000003000301bb"},
        {DNS_TYPE_CNAME, "\\# ffff", "\\# 2 ffff"},
        {DNS_TYPE_OPT, "\\# 0008 0007 00", "\\# 5 0008000700"},
    };
    assert_texts(cases, COUNT(cases));
}

static void a_name_that_leads_astray_is_shown_as_bytes(void **state)
{
    (void)state;
    build_message(&b, 0x8000, DNS_FLAG_QR); /* the id reads as a reserved label type */
    build_record(&b, DNS_SECTION_ANSWER, ".", DNS_TYPE_MX, 1, "\\# 000ac000");
    assert_string_equal(text_of(0), "\\# 4 000ac000");
}

static void an_opt_record_is_summed_up(void **state)
{
    (void)state;
    build_query(&b, 1, "q.example", DNS_TYPE_A);
    build_edns_begin(&b, 1232, 0x8000);
    build_option_ecs(&b, "192.0.2.0/24");
    build_option(&b, 10, "\1\2", 2);
    build_record_end(&b);
    assert_string_equal(text_of(0), "version 0 udp 1232 do opt8:00011800c00002 opt10:0102");
}

static void an_address_of_class_chaos_is_shown_as_bytes(void **state)
{
    (void)state;
    build_query(&b, 1, "q.example", DNS_TYPE_A);
    build_record_begin(&b, DNS_SECTION_ANSWER, "q.example", DNS_TYPE_A, DNS_CLASS_CH, 1);
    build_bytes(&b, "\1\2\3\4", 4);
    build_record_end(&b);
    assert_string_equal(text_of(0), "\\# 4 01020304");
}

static void long_data_is_cut_with_a_mark(void **state)
{
    (void)state;
    static const struct {
        uint16_t type;
        uint8_t fill;
    } cases[] = {
        {DNS_TYPE_TXT, 0xff}, {DNS_TYPE_TXT, 0},     {DNS_TYPE_TXT, 1},    {DNS_TYPE_NULL, 0xff},
        {DNS_TYPE_OPT, 0},    {DNS_TYPE_NSEC, 0x20}, {DNS_TYPE_DNSKEY, 7}, {256, 0x80},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        build_response(&b, 1, "q.example", cases[i].type, 0);
        build_record_begin(&b, DNS_SECTION_ADDITIONAL, ".", cases[i].type, DNS_CLASS_IN, 1);
        while (b.len < 60000)
            build_u8(&b, cases[i].fill);
        build_record_end(&b);
        text_of(0);
        assert_true(text.len > 512);
        assert_true(text.len < 8 * RDATA_SHOWN_MAX);
        assert_string_equal(text.data + text.len - 3, "...");
    }
}

static void a_full_type_bitmap_is_cut_with_a_mark(void **state)
{
    (void)state;
    build_response(&b, 1, "q.example", DNS_TYPE_NSEC, 0);
    build_record_begin(&b, DNS_SECTION_ANSWER, ".", DNS_TYPE_NSEC, DNS_CLASS_IN, 1);
    build_name(&b, ".");
    for (unsigned window = 0; window < 256; window++) {
        uint8_t bits[32];
        memset(bits, 0xff, sizeof(bits));
        build_u8(&b, window);
        build_u8(&b, sizeof(bits));
        build_bytes(&b, bits, sizeof(bits));
    }
    build_record_end(&b);
    text_of(0);
    assert_true(text.len < 2 * RDATA_SHOWN_MAX);
    assert_string_equal(text.data + text.len - 3, "...");
}

static void any_data_of_any_type_gives_one_line_of_ascii(void **state)
{
    (void)state;
    struct prng prng = {.state = 4};
    for (unsigned i = 0; i < 60000; i++) {
        uint16_t type = (uint16_t)prng_below(&prng, RRTYPE_LAYOUT_MAX);
        build_response(&b, 1, "q.example", type, 0);
        build_record_begin(&b, DNS_SECTION_ANSWER, ".", type, DNS_CLASS_IN, 1);
        for (unsigned left = prng_below(&prng, 40); left; left--)
            build_u8(&b, prng_below(&prng, prng_below(&prng, 2) ? 256 : 4));
        build_record_end(&b);
        text_of(0);
        for (size_t j = 0; j < text.len; j++)
            assert_in_range(text.data[j], 0x20, 0x7e);
    }
}

static void text_is_appended_and_what_stood_before_stays(void **state)
{
    (void)state;
    text_of_data(DNS_TYPE_A, "192.0.2.1");
    buf_reset(&text);
    buf_text(&text, "before ");
    build_response(&b, 1, "q.example", DNS_TYPE_SOA, 0);
    build_record(&b, DNS_SECTION_ANSWER, "q.example", DNS_TYPE_SOA, 1, "\\# 000001");
    arena_reset(&arena);
    message_decode(&message, b.data, b.len, &arena);
    record_to_text(&message, &message.records[0], &text);
    assert_string_equal(text.data, "before \\# 3 000001");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_has_its_presentation_form),
        cmocka_unit_test(service_parameters_are_spelled_out),
        cmocka_unit_test(service_parameters_have_the_form_their_key_asks_for),
        cmocka_unit_test(types_of_one_length_have_it),
        cmocka_unit_test(strings_are_quoted_and_escaped),
        cmocka_unit_test(unknown_types_are_shown_as_bytes),
        cmocka_unit_test(data_that_does_not_fit_is_shown_as_bytes),
        cmocka_unit_test(a_name_that_leads_astray_is_shown_as_bytes),
        cmocka_unit_test(an_opt_record_is_summed_up),
        cmocka_unit_test(an_address_of_class_chaos_is_shown_as_bytes),
        cmocka_unit_test(long_data_is_cut_with_a_mark),
        cmocka_unit_test(a_full_type_bitmap_is_cut_with_a_mark),
        cmocka_unit_test(any_data_of_any_type_gives_one_line_of_ascii),
        cmocka_unit_test(text_is_appended_and_what_stood_before_stays),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
