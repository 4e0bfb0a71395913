/* test_rule_match.c - which signature rules hold for which messages
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "rule_bench.h"

#include <stdio.h>
#include <string.h>

static struct rule_bench bench;

#define DNS "alert dns any any -> any any ("

/* One rule, with sid 1, against names asked for. */
struct name_case {
    const char *rule;
    const char *match[4];
    const char *miss[6];
};

static void expect_name(const char *rule, const char *name, bool match)
{
    rule_bench_query(&bench, name, DNS_TYPE_A);
    if (rule_bench_matches(&bench, 1, false) != match)
        fail_msg("%s %s %s", rule, match ? "misses" : "matches", name);
}

static void cases_check(const struct name_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char rule[1024];
        snprintf(rule, sizeof(rule), DNS "%s sid:1;)\n", cases[i].rule);
        rule_bench_open(&bench, rule);
        for (unsigned j = 0; j < 4 && cases[i].match[j]; j++)
            expect_name(rule, cases[i].match[j], true);
        for (unsigned j = 0; j < 6 && cases[i].miss[j]; j++)
            expect_name(rule, cases[i].miss[j], false);
        rule_bench_close(&bench);
    }
}

#define CASES_CHECK(cases) cases_check(cases, sizeof(cases) / sizeof(*(cases)))

static void names_are_found_whole_by_their_end_and_by_a_part(void **state)
{
    (void)state;
    static const struct name_case cases[] = {
        {"dns.query; bsize:8; content:\"evil.com\"; nocase;",
         {"evil.com", "EVIL.com"},
         {"www.evil.com", "vil.com", "evil.com.x", "evil.org"}},
        {"dns.query; content:\"evil.com\"; depth:8; endswith;",
         {"evil.com"},
         {"xevil.com", "www.evil.com", "Evil.com"}},
        {"dns.query; dotprefix; content:\".evil.com\"; nocase; endswith;",
         {"evil.com", "www.Evil.com", "a.b.c.d.e.evil.com"},
         {"notevil.com", "evil.com.org", "com"}},
        {"dns.query; content:\"evil.com\"; endswith;",
         {"evil.com", "notevil.com", "www.evil.com", "www.notevil.com"},
         {"evil.com.net", "vil.com", "evilxcom", "eviL.com"}},
        {"dns.query; content:\"il.com\"; endswith;", {"evil.com", "il.com"}, {"l.com", "ill.com"}},
        {"dns.query; content:\".evil.com\"; endswith;",
         {"www.evil.com"},
         {"evil.com", "notevil.com", "www.notevil.com"}},
        {"dns.query; content:\".top\"; nocase; endswith;",
         {"a.top", "b.a.TOP"},
         {"top", "atop", "a.top.com"}},
        {"dns.query; content:\"top\"; endswith;", {"top", "a.top", "laptop", "x.stop"}, {"topx"}},
        {"dns.query; content:\"evil.com\"; nocase; isdataat:!1,relative;",
         {"www.evil.com", "notevil.com"},
         {"evil.com.net", "evil.com2"}},
        {"dns.query; content:\"evil\"; nocase;",
         {"evil.com", "a.devilish.org", "x.y.EVIL"},
         {"ev.il", "e.v.i.l", "live"}},
        {"dns.query; content:\"ip\"; content:\".bablo.com\"; distance:1; nocase;",
         {"ip4.bablo.com", "tip.a.bablo.com"},
         {"ip.bablo.com", "bablo.com"}},
        {"dns.query; content:\"rs-\"; startswith;", {"rs-ny.desk.com"}, {"xrs-ny.desk.com"}},
        {"dns.query; content:!\"www.\"; content:\".app.com\"; endswith;",
         {"x.app.com"},
         {"www.app.com", "app.com"}},
        {"dns.query; content:\"google\"; content:!\".google.com\"; endswith;",
         {"google.net", "google.com", "www.google.com.evil"},
         {"www.google.com"}},
        {"dns.query; bsize:>12; content:\"a\";", {"a23456789.com", "abcdefghi.abcd"}, {"a.com"}},
        {"dns.query; to_lowercase; content:\"evil.com\"; endswith;",
         {"www.EVIL.com"},
         {"evil.net"}},
        {"dns.query; domain; content:\"evil.co.uk\"; bsize:10;",
         {"evil.co.uk", "a.b.evil.co.uk"},
         {"xevil.co.uk", "co.uk", "evil.co.uk.com"}},
        {"dns.query; tld; content:\"co.uk\"; bsize:5;",
         {"evil.co.uk", "co.uk"},
         {"a.uk", "co.uk.com"}},
    };
    CASES_CHECK(cases);
}

static void a_chain_goes_back_for_another_place(void **state)
{
    (void)state;
    static const struct name_case cases[] = {
        {"dns.query; content:\"ab\"; content:\"cd\"; distance:0; within:2;",
         {"ab.abcd.com", "abxabcd"},
         {"ab.cd.com", "abxcd", "cdab"}},
        {"dns.query; content:\"a\"; content:\"b\"; within:1; content:\"c\"; within:1;",
         {"aababc.com"},
         {"ab.ac.bc"}},
        {"dns.query; content:\"x\"; content:\"a\"; distance:-3; within:2;",
         {"abx.com", "aax.com", "zzax.com"},
         {"x.a", "bxx.com"}},
        {"dns.query; content:\"a\"; content:!\"b\"; within:1;", {"abac", "a"}, {"ab", "abab"}},
        {"dns.query; content:\"evil\"; pcre:\"/^[0-9]{2}\\.com$/R\";",
         {"evil12.com", "evil.evil34.com"},
         {"evil1.com", "evil123.com"}},
        {"dns.query; content:\"n\"; pcre:\"/[0-9]+/R\"; content:\".com\"; within:4;",
         {"n12.com", "n1x2.com"},
         {"n1x.com"}},
        {"dns.query; pcre:\"/^[a-z]+\\.evil\\.com$/i\"; content:\"evil\";",
         {"A.evil.com"},
         {"a1.evil.com"}},
        {"dns.query; content:\".com\"; endswith; pcre:!\"/^good/\";", {"bad.com"}, {"good1.com"}},
        {"dns.query; content:\"e\"; pcre:\"/l/AR\"; content:\"x\"; within:1;", {"elx"}, {"elylx"}},
        {"dns.query; pcre:\"/e./A\"; content:\"x\"; within:1;", {"ebx"}, {"eaexx", "yebx"}},
    };
    CASES_CHECK(cases);
}

static void dots_inside_labels_are_dots_to_a_rule(void **state)
{
    (void)state;
    static const struct name_case cases[] = {
        {"dns.query; dotprefix; content:\".evil.com\"; endswith;",
         {"evil\\.com", "www.evil\\.com", "a\\.\\.evil.com", "www\\.evil.com"},
         {"notevil\\.com"}},
        {"dns.query; content:\"evil.com\"; endswith;",
         {"evil\\.com", "notevil\\.com"},
         {"evil\\046"}},
        {"dns.query; content:\"|00|evil\";", {"a\\000evil.com"}, {"a\\001evil.com"}},
    };
    CASES_CHECK(cases);
}

static void a_rule_holds_for_the_side_it_is_about(void **state)
{
    (void)state;
    rule_bench_open(
        &bench, DNS
        "dns.query; content:\"evil\"; sid:1;)\n" DNS
        "dns.queries.rrname; content:\"evil\"; sid:2;)\n" DNS
        "flow:to_client; dns.queries.rrname; content:\"evil\"; sid:3;)\n" DNS
        "dns.answers.rrname; content:\"alias\"; sid:4;)\n" DNS
        "dns.response.rrname; content:\"sink\"; nocase; endswith; sid:5;)\n" DNS
        "dns.rcode:3; sid:6;)\n" DNS "dns.rrtype:16; sid:7;)\n" DNS "dns.opcode:!0; sid:8;)\n"
        "alert tcp any any -> any 53 (content:\"|07|example\"; sid:9;)\n"
        "alert udp any 53 -> any any (content:\"|07|example\"; sid:10;)\n"
        "alert dns 198.51.100.0/24 any -> any any (dns.queries.rrname; content:\"e\"; sid:11;)\n"
        "alert dns ![192.0.2.0/24] any <> any any (dns.queries.rrname; content:\"e\"; sid:12;)\n");
    static const struct {
        uint32_t sid;
        bool query;
        bool response;
    } cases[] = {
        {1, true, false},  {2, true, true},   {3, false, true},  {4, false, true},
        {5, false, true},  {6, false, true},  {7, false, true},  {8, false, false},
        {9, false, false}, {10, false, true}, {11, false, true}, {12, true, true},
    };
    rule_bench_query(&bench, "evil.example.com", DNS_TYPE_A);
    build_response(&bench.response_bytes, 7, "evil.example.com", DNS_TYPE_A, 3);
    build_record(&bench.response_bytes, DNS_SECTION_ANSWER, "evil.example.com", DNS_TYPE_CNAME, 60,
                 "the.SINK.");
    build_record(&bench.response_bytes, DNS_SECTION_ANSWER, "alias.example.com", DNS_TYPE_TXT, 60,
                 "\"x\"");
    rule_bench_response(&bench);
    for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        if (rule_bench_matches(&bench, cases[i].sid, false) != cases[i].query)
            fail_msg("sid %u is wrong about the query", cases[i].sid);
        if (rule_bench_matches(&bench, cases[i].sid, true) != cases[i].response)
            fail_msg("sid %u is wrong about the response", cases[i].sid);
    }
    rule_bench_close(&bench);
}

static void payload_rules_see_the_bytes_of_the_message(void **state)
{
    (void)state;
    rule_bench_open(
        &bench,
        "alert udp any any -> any 53 (content:\"|01 00 00 01|\"; offset:2; depth:4; "
        "content:\"|04|evil\"; nocase; sid:1;)\n"
        "alert tcp any any -> any 53 (content:\"|00 1a|\"; depth:2; content:\"|04|evil\"; "
        "distance:0; sid:2;)\n" DNS
        "content:\"|04|EVIL|03|com|00|\"; nocase; dsize:26; sid:3;)\n" DNS
        "content:\"|04|evil\"; byte_test:1,&,1,2; byte_test:2,=,1,4; isdataat:25; sid:4;)\n" DNS
        "content:\"|04|evil\"; isdataat:26; sid:5;)\n" DNS
        "content:\"|04|evil\"; byte_test:2,>,1,4; sid:6;)\n");
    rule_bench_query(&bench, "evil.com", DNS_TYPE_A);
    assert_int_equal(bench.query.len, 26);
    static const bool udp[] = {true, false, true, true, false, false};
    for (uint32_t sid = 1; sid <= 6; sid++)
        assert_int_equal(rule_bench_matches(&bench, sid, false), udp[sid - 1]);
    bench.transaction.transport = TRANSPORT_TCP;
    assert_true(rule_bench_matches(&bench, 2, false));
    assert_false(rule_bench_matches(&bench, 1, false));
    rule_bench_close(&bench);
}

/* Nine rules about one of nine labels below "zone", which is what they share. */
static void rules_that_share_bytes_hold_for_messages_with_these_and_their_own(void **state)
{
    (void)state;
    char rules[4096], name[32];
    size_t len = 0;
    for (unsigned i = 1; i <= 9; i++)
        len += (size_t)snprintf(rules + len, sizeof(rules) - len,
                                DNS "content:\"data%u__--\"; content:\"|04|zone|00|\"; sid:%u;)\n",
                                i, i);
    rule_bench_open(&bench, rules);
    assert_int_equal(bench.index->guards.count, 1);
    for (uint32_t sid = 1; sid <= 9; sid++) {
        snprintf(name, sizeof(name), "data%u__--.zone", sid);
        rule_bench_query(&bench, name, DNS_TYPE_A);
        for (uint32_t other = 1; other <= 9; other++)
            assert_int_equal(rule_bench_matches(&bench, other, false), other == sid);
        snprintf(name, sizeof(name), "data%u__--.zones", sid);
        rule_bench_query(&bench, name, DNS_TYPE_A);
        assert_false(rule_bench_matches(&bench, sid, false));
    }
    rule_bench_close(&bench);
}

static void payload_rules_hold_by_their_ports_whichever_way_a_message_goes(void **state)
{
    (void)state;
    rule_bench_open(&bench,
                    "alert udp any any -> any 53 (content:\"sought\"; sid:1;)\n"
                    "alert udp any 53 -> any any (content:\"sought\"; sid:2;)\n"
                    "alert dns any any -> any !53 (content:\"sought\"; sid:3;)\n"
                    "alert dns any any -> any 1024: (content:\"sought\"; sid:4;)\n"
                    "alert udp any any <> any 53 (content:\"sought\"; sid:5;)\n"
                    "alert dns any any -> any [50:60,!53] (content:\"sought\"; sid:6;)\n"
                    "alert dns any any -> any any (content:\"sought\"; sid:7;)\n"
                    "alert tcp any any -> any 53 (content:\"sought\"; sid:8;)\n"
                    "alert dns any any -> any any (content:\"sought\"; isdataat:600; sid:9;)\n"
                    "alert dns any any -> any any (dsize:>600; content:\"sought\"; sid:10;)\n");
    static const struct {
        uint32_t sid;
        bool query, small, large; /* the response with few and with many records */
    } cases[] = {
        {1, true, false, false},  {2, false, true, true},   {3, false, true, true},
        {4, false, true, true},   {5, true, true, true},    {6, false, false, false},
        {7, true, true, true},    {8, false, false, false}, {9, false, false, true},
        {10, false, false, true},
    };
    for (int large = 0; large < 2; large++) {
        rule_bench_query(&bench, "sought.example.com", DNS_TYPE_A);
        build_response(&bench.response_bytes, 7, "sought.example.com", DNS_TYPE_A, 0);
        for (int i = 0; i < (large ? 60 : 1); i++)
            build_record(&bench.response_bytes, DNS_SECTION_ANSWER, "sought.example.com",
                         DNS_TYPE_A, 60, "192.0.2.7");
        rule_bench_response(&bench);
        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
            bool expected = large ? cases[i].large : cases[i].small;
            if (rule_bench_matches(&bench, cases[i].sid, false) != cases[i].query ||
                rule_bench_matches(&bench, cases[i].sid, true) != expected)
                fail_msg("rule %u, large %d", cases[i].sid, large);
        }
    }
    rule_bench_close(&bench);
}

static void every_question_of_a_query_is_looked_at(void **state)
{
    (void)state;
    rule_bench_open(&bench,
                    DNS "dns.query; dotprefix; content:\".evil.com\"; endswith; sid:1;)\n" DNS
                        "dns.rrtype:28; sid:2;)\n");
    rule_bench_query(&bench, "good.com", DNS_TYPE_A);
    assert_false(rule_bench_matches(&bench, 1, false));
    assert_false(rule_bench_matches(&bench, 2, false));
    build_question(&bench.query_bytes, "www.evil.com", DNS_TYPE_AAAA, 1);
    rule_bench_redecode(&bench);
    assert_true(rule_bench_matches(&bench, 1, false));
    assert_true(rule_bench_matches(&bench, 2, false));
    rule_bench_close(&bench);
}

static void a_name_without_a_message_is_judged_as_a_query(void **state)
{
    (void)state;
    rule_bench_open(&bench, DNS "dns.query; content:\"evil.com\"; endswith; sid:1;)\n" DNS
                                "content:\"evil\"; sid:2;)\n" DNS "dns.rrtype:1; sid:3;)\n");
    rule_bench_query(&bench, "evil.com", DNS_TYPE_A);
    bench.transaction.query = NULL;
    assert_true(rule_bench_matches(&bench, 1, false));
    assert_false(rule_bench_matches(&bench, 2, false));
    assert_true(rule_bench_matches(&bench, 3, false));
    rule_bench_close(&bench);
}

static void what_one_message_may_cost_is_bounded_and_counted(void **state)
{
    (void)state;
    rule_bench_open(&bench,
                    DNS "content:\"a\"; content:\"a\"; distance:0; content:\"a\"; distance:0; "
                        "content:\"a\"; distance:0; content:\"a\"; distance:0; "
                        "content:\"b\"; distance:0; sid:1;)\n" DNS
                        "dns.query; content:\"a\"; pcre:\"/(a+)+$/\"; sid:2;)\n");
    rule_bench_query(&bench, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.com",
                     DNS_TYPE_A);
    build_count(&bench.query_bytes, DNS_SECTION_ADDITIONAL, 1);
    uint8_t bytes[4000];
    memset(bytes, 'a', sizeof(bytes));
    build_bytes(&bench.query_bytes, bytes, sizeof(bytes));
    rule_bench_redecode(&bench);
    assert_false(rule_bench_matches(&bench, 1, false));
    assert_false(rule_bench_matches(&bench, 2, false));
    assert_true(bench.metrics.value[METRIC_RULES_CUT] > 0);
    assert_true(bench.metrics.value[METRIC_RULE_PCRE_LIMITS] > 0);
    rule_bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_whole_by_their_end_and_by_a_part),
        cmocka_unit_test(a_chain_goes_back_for_another_place),
        cmocka_unit_test(dots_inside_labels_are_dots_to_a_rule),
        cmocka_unit_test(a_rule_holds_for_the_side_it_is_about),
        cmocka_unit_test(payload_rules_see_the_bytes_of_the_message),
        cmocka_unit_test(rules_that_share_bytes_hold_for_messages_with_these_and_their_own),
        cmocka_unit_test(payload_rules_hold_by_their_ports_whichever_way_a_message_goes),
        cmocka_unit_test(every_question_of_a_query_is_looked_at),
        cmocka_unit_test(a_name_without_a_message_is_judged_as_a_query),
        cmocka_unit_test(what_one_message_may_cost_is_bounded_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
