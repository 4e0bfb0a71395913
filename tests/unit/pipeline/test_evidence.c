/* test_evidence.c - what matched is shown as text, whole answers or none
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "knowledge.h"
#include "message_build.h"

#include "base/clock.h"
#include "decode/message.h"
#include "pipeline/evidence.h"

#include <dnsvigil/name.h>
#include <dnsvigil/tunnel.h>

#include <string.h>

static struct knowledge knowledge;
static struct arena records;
static struct message_build build;
static struct dns_message message;
static struct transaction transaction;

static int lists_open(void **state)
{
    (void)state;
    struct error error = {""};
    const struct feed_config feed = {
        .name = "our list", .category = CATEGORY_SINKHOLE, .confidence = 81, .format = FEED_PLAIN};
    bool ok = arena_init(&records, MESSAGE_ARENA_BYTES) &&
              knowledge_open(&knowledge, &error) == 0 &&
              knowledge_feed(&knowledge, &feed,
                             "# seen in May\nsinkhole-domain.net  # an operator\n"
                             "203.0.113.0/24\n",
                             &error) == 0 &&
              knowledge_build(&knowledge, &error) == 0;
    if (!ok)
        print_error("%s\n", error.text);
    return !ok;
}

static int lists_close(void **state)
{
    (void)state;
    knowledge_close(&knowledge);
    arena_done(&records);
    return 0;
}

static void decode(void)
{
    arena_reset(&records);
    message_decode(&message, build.data, build.len, &records);
    transaction = (struct transaction){
        .time_ns = 7,
        .qtype = message.qtype,
        .rcode = message.rcode,
        .question = message.has_question ? &message.question : NULL,
        .response = &message,
    };
}

/* The hit of the list on `name` or address, as the enrich room would have placed it. */
static struct indicator_hit hit_of(const char *text, enum match_field field, unsigned target)
{
    struct indicator_hit hit;
    struct dns_name name;
    struct addr addr;
    unsigned count = 0;
    if (addr_parse(text, strlen(text), &addr))
        count = intel_match_addr(knowledge.lists.intel, &addr, 0, &hit, 1);
    else if (name_from_text(&name, text, strlen(text)))
        count = intel_match_name(knowledge.lists.intel, &name, 0, &hit, 1);
    assert_int_equal(count, 1);
    hit.field = (uint8_t)field;
    hit.target = (uint8_t)target;
    return hit;
}

static void an_indicator_shows_its_list_its_line_and_what_it_matched(void **state)
{
    (void)state;
    static const struct {
        enum dns_type type;
        const char *rdata;
        const char *listed;
        enum match_field field;
        unsigned target;
        const char *matched, *entry;
    } cases[] = {
        {DNS_TYPE_A, "203.0.113.9", "203.0.113.9", MATCH_ADDRESS, 0, "203.0.113.9",
         "203.0.113.0/24"},
        {DNS_TYPE_CNAME, "a.sinkhole-domain.net", "a.sinkhole-domain.net", MATCH_CNAME, 0,
         "a.sinkhole-domain.net", "sinkhole-domain.net  # an operator"},
        {DNS_TYPE_NS, "ns.sinkhole-domain.net", "ns.sinkhole-domain.net", MATCH_NS, 0,
         "ns.sinkhole-domain.net", "sinkhole-domain.net  # an operator"},
        {DNS_TYPE_SOA, "a.sinkhole-domain.net x.good-domain.net 1 2 3 4 5", "a.sinkhole-domain.net",
         MATCH_SOA, 0, "a.sinkhole-domain.net", "sinkhole-domain.net  # an operator"},
        {DNS_TYPE_SOA, "ns.good-domain.net x.sinkhole-domain.net 1 2 3 4 5",
         "x.sinkhole-domain.net", MATCH_SOA, 1, "x.sinkhole-domain.net",
         "sinkhole-domain.net  # an operator"},
        {DNS_TYPE_A, "192.0.2.1", "www.sinkhole-domain.net", MATCH_QNAME, 0,
         "www.sinkhole-domain.net", "sinkhole-domain.net  # an operator"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        build_response(&build, 1, "www.sinkhole-domain.net", DNS_TYPE_A, 0);
        build_record(&build, DNS_SECTION_ANSWER, "www.sinkhole-domain.net", (uint16_t)cases[i].type,
                     60, cases[i].rdata);
        decode();
        struct indicator_hit hit = hit_of(cases[i].listed, cases[i].field, cases[i].target);
        struct alert_indicator shown;
        memset(&shown, 0xa5, sizeof(shown));
        evidence_indicator(knowledge.lists.intel, &transaction, &hit, &shown);
        assert_string_equal(shown.feed, "our list");
        assert_string_equal(shown.entry, cases[i].entry);
        assert_string_equal(shown.category, "sinkhole");
        assert_string_equal(shown.matched, cases[i].matched);
        assert_int_equal(shown.confidence, 81);
        assert_int_equal(shown.field, cases[i].field);
    }
}

static void a_sample_has_the_question_the_code_and_the_answers(void **state)
{
    (void)state;
    struct alert_sample sample;
    build_response(&build, 1, "WWW.some-domain.net", DNS_TYPE_A, 0);
    build_record(&build, DNS_SECTION_ANSWER, "www.some-domain.net", DNS_TYPE_CNAME, 60,
                 "x.other-domain.net");
    build_record(&build, DNS_SECTION_ANSWER, "x.other-domain.net", DNS_TYPE_A, 60, "192.0.2.1");
    build_record(&build, DNS_SECTION_AUTHORITY, "other-domain.net", DNS_TYPE_NS, 60,
                 "ns.other-domain.net");
    decode();
    memset(&sample, 0xa5, sizeof(sample));
    evidence_sample(&transaction, &sample);
    assert_string_equal(sample.qname, "www.some-domain.net");
    assert_string_equal(sample.answers, "CNAME x.other-domain.net\nA 192.0.2.1");
    assert_int_equal(sample.rcode, 0);
    assert_int_equal(sample.time_ns, 7);
    assert_int_equal(sample.qtype, DNS_TYPE_A);
}

static void without_a_response_there_is_no_code(void **state)
{
    (void)state;
    struct alert_sample sample;
    build_query(&build, 1, "www.some-domain.net", DNS_TYPE_TXT);
    decode();
    transaction.response = NULL;
    transaction.query = &message;
    evidence_sample(&transaction, &sample);
    assert_int_equal(sample.rcode, -1);
    assert_string_equal(sample.answers, "");
    transaction.question = NULL;
    evidence_sample(&transaction, &sample);
    assert_string_equal(sample.qname, "");
    build.len = MESSAGE_HEADER_BYTES - 1;
    decode(); /* as little as ICMP may send back */
    evidence_sample(&transaction, &sample);
    assert_int_equal(sample.rcode, -1);
}

static void answers_are_cut_between_two_never_inside_one(void **state)
{
    (void)state;
    struct alert_sample sample;
    build_response(&build, 1, "www.some-domain.net", DNS_TYPE_A, 0);
    for (unsigned i = 0; i < 200; i++)
        build_record(&build, DNS_SECTION_ANSWER, "www.some-domain.net", DNS_TYPE_A, 60,
                     "192.0.2.100");
    decode();
    evidence_sample(&transaction, &sample);
    size_t len = strlen(sample.answers), line = strlen("A 192.0.2.100\n");
    assert_true(len < ALERT_ANSWERS_MAX);
    assert_true(len + 1 + line > ALERT_ANSWERS_MAX);
    assert_int_equal((len + 1) % line, 0);
}

static void what_an_answer_says_cannot_break_the_lines(void **state)
{
    (void)state;
    struct alert_sample sample;
    build_response(&build, 1, "www.some-domain.net", DNS_TYPE_TXT, 0);
    build_record(&build, DNS_SECTION_ANSWER, "www.some-domain.net", DNS_TYPE_TXT, 60,
                 "\"one\\010A 192.0.2.66\\027[2J\\255\"");
    decode();
    evidence_sample(&transaction, &sample);
    for (const char *c = sample.answers; *c; c++)
        assert_true(*c >= 0x20 && *c < 0x7f);
}

/* What a long tunnel tells: few points, evenly far apart, from its beginning to its latest byte. */
static void a_tunnel_keeps_its_bytes_over_time_in_few_points(void **state)
{
    (void)state;
    enum { TIMES = 5000 };
    struct tunnel_measure tunnel = {.names = 9};
    struct enrichment enrichment = {.tunnel = &tunnel, .registrable = 0};
    const struct finding finding = {.detector = DETECTOR_DATA_EXFILTRATION,
                                    .reason = REASON_TUNNEL_UPLOAD};
    static struct alert alert;
    build_query(&build, 1, "a.example.net", DNS_TYPE_TXT);
    decode();
    for (int i = 1; i <= TIMES; i++) {
        transaction.time_ns = i * NS_PER_S;
        tunnel.bytes_up = 10 * i;
        tunnel.bytes_down = i;
        evidence_detail(&transaction, &enrichment, &finding, &alert);
    }
    const struct alert_point *points = alert.tunnel.points;
    unsigned count = alert.tunnel.point_count;
    assert_in_range(count, ALERT_POINTS_MAX / 2, ALERT_POINTS_MAX);
    assert_int_equal(points[0].time_ns, NS_PER_S);
    assert_int_equal(points[count - 1].time_ns, TIMES * NS_PER_S);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(points[i].bytes_up, 10 * (points[i].time_ns / NS_PER_S));
    for (unsigned i = 1; i < count; i++)
        assert_in_range(points[i].time_ns - points[i - 1].time_ns, 1,
                        TIMES * NS_PER_S / (ALERT_POINTS_MAX / 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_indicator_shows_its_list_its_line_and_what_it_matched),
        cmocka_unit_test(a_sample_has_the_question_the_code_and_the_answers),
        cmocka_unit_test(without_a_response_there_is_no_code),
        cmocka_unit_test(answers_are_cut_between_two_never_inside_one),
        cmocka_unit_test(what_an_answer_says_cannot_break_the_lines),
        cmocka_unit_test(a_tunnel_keeps_its_bytes_over_time_in_few_points),
    };
    return cmocka_run_group_tests(tests, lists_open, lists_close);
}
