/* test_enrich.c - who asked, what lists say of question and answers, and what silences them
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "knowledge.h"
#include "message_build.h"

#include "base/clock.h"
#include "decode/message.h"
#include "enrich/enrich.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* A transaction made of built messages, and what is known. */
struct bench {
    struct knowledge knowledge;
    struct enricher enricher;
    struct arena records[2];
    struct message_build build[2];
    struct dns_message message[2];
    struct transaction transaction;
    struct enrichment enrichment;
};

static struct bench bench;

static void must(int rc, const struct error *error)
{
    if (rc < 0)
        fail_msg("%s", error->text);
}

static void bench_open(const char *yaml)
{
    struct error error = {""};
    memset(&bench, 0, sizeof(bench));
    must(knowledge_open(&bench.knowledge, &error), &error);
    must(knowledge_config(&bench.knowledge, "test.yaml", yaml, &error), &error);
    for (unsigned half = 0; half < 2; half++)
        assert_true(arena_init(&bench.records[half], MESSAGE_ARENA_BYTES));
}

static void feed(enum category category, uint8_t confidence, const char *text)
{
    struct error error = {""};
    const struct feed_config config = {
        .name = "test", .category = category, .confidence = confidence, .format = FEED_PLAIN};
    must(knowledge_feed(&bench.knowledge, &config, text, &error), &error);
}

static void lists_ready(void)
{
    struct error error = {""};
    must(knowledge_build(&bench.knowledge, &error), &error);
    bench.enricher = (struct enricher){
        .intel = bench.knowledge.lists.intel,
        .suffixes = suffix_cache_new(bench.knowledge.lists.suffixes),
        .profiles = bench.knowledge.lists.profiles,
        .config = bench.knowledge.config,
    };
    assert_non_null(bench.enricher.suffixes);
}

static void bench_close(void)
{
    suffix_cache_free(bench.enricher.suffixes);
    for (unsigned half = 0; half < 2; half++)
        arena_done(&bench.records[half]);
    knowledge_close(&bench.knowledge);
}

static struct message_build *query(const char *name)
{
    build_query(&bench.build[0], 1, name, DNS_TYPE_A);
    return &bench.build[0];
}

static struct message_build *response(const char *name)
{
    build_response(&bench.build[1], 1, name, DNS_TYPE_A, 0);
    return &bench.build[1];
}

static void answer(enum dns_type type, const char *rdata)
{
    build_record(&bench.build[1], DNS_SECTION_ANSWER, "www.some-domain.net", (uint16_t)type, 60,
                 rdata);
}

static void authority(enum dns_type type, const char *rdata)
{
    build_record(&bench.build[1], DNS_SECTION_AUTHORITY, "some-domain.net", (uint16_t)type, 60,
                 rdata);
}

static const struct dns_message *half(unsigned which)
{
    struct message_build *build = &bench.build[which];
    if (!build->len)
        return NULL;
    arena_reset(&bench.records[which]);
    message_decode(&bench.message[which], build->data, build->len, &bench.records[which]);
    return &bench.message[which];
}

static struct addr addr(const char *text)
{
    struct addr addr;
    assert_true(addr_parse(text, strlen(text), &addr));
    return addr;
}

/* Enriches what was built; the halves that were not built are absent. */
static const struct enrichment *enriched(const char *client)
{
    const struct dns_message *asked = half(0), *answered = half(1);
    bench.transaction = (struct transaction){
        .client = addr(client),
        .query = asked,
        .response = answered,
        .question = answered ? &answered->question : &asked->question,
        .time_ns = 1769903999 * NS_PER_S,
    };
    memset(&bench.enrichment, 0xa5, sizeof(bench.enrichment));
    enrich(&bench.enricher, &bench.transaction, &bench.enrichment);
    bench.build[0].len = bench.build[1].len = 0;
    return &bench.enrichment;
}

static void assert_addr(const struct addr *got, const char *expected)
{
    char text[ADDR_TEXT_MAX];
    addr_format(got, text);
    assert_string_equal(text, expected);
}

static void the_client_is_to_blame_and_a_known_resolver_is_not(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *client, *subnet;
        const char *entity;
        bool resolver;
    } cases[] = {
        {"", "192.0.2.1", NULL, "192.0.2.1", false},
        {"", "192.0.2.1", "10.1.2.3/32", "192.0.2.1", false}, /* nobody said to trust it */
        {"resolvers: [192.0.2.53]", "192.0.2.53", NULL, "192.0.2.53", true},
        {"resolvers: [192.0.2.53]", "192.0.2.54", NULL, "192.0.2.54", false},
        {"resolvers: [2001:db8::/64]", "2001:db8::9", NULL, "2001:db8::9", true},
        /* A resolver is not a forwarder: what it says of its clients is not believed. */
        {"resolvers: [192.0.2.53]", "192.0.2.53", "10.1.2.3/32", "192.0.2.53", true},
        {"forwarders: [192.0.2.53]", "192.0.2.53", "10.1.2.3/32", "10.1.2.3", false},
        {"forwarders: [192.0.2.53]", "192.0.2.53", "2001:db8::7/128", "2001:db8::7", false},
        /* A network is not a client. */
        {"forwarders: [192.0.2.53]", "192.0.2.53", "10.1.2.0/24", "192.0.2.53", true},
        {"forwarders: [192.0.2.53]", "192.0.2.53", "2001:db8::/56", "192.0.2.53", true},
        {"forwarders: [192.0.2.53]", "192.0.2.53", NULL, "192.0.2.53", true},
        {"forwarders: [192.0.2.53]", "192.0.2.54", "10.1.2.3/32", "192.0.2.54", false},
        {"forwarders: [192.0.2.53]\nresolvers: [192.0.2.53]", "192.0.2.53", "10.1.2.3/32",
         "10.1.2.3", false},
        {"forwarders: [192.0.2.53]", "192.0.2.53", "::ffff:10.1.2.3/128", "10.1.2.3", false},
        /* One resolver that asks another is as little to blame as one that is seen itself. */
        {"forwarders: [192.0.2.53]\nresolvers: [10.1.2.3]", "192.0.2.53", "10.1.2.3/32", "10.1.2.3",
         true},
        {"forwarders: [192.0.2.53]", "192.0.2.53", "192.0.2.53/32", "192.0.2.53", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        bench_open(cases[i].yaml);
        lists_ready();
        struct message_build *b = query("www.some-domain.net");
        if (cases[i].subnet) {
            build_edns_begin(b, 1232, 0);
            build_option_ecs(b, cases[i].subnet);
            build_record_end(b);
        }
        const struct enrichment *got = enriched(cases[i].client);
        assert_addr(&got->entity, cases[i].entity);
        assert_int_equal(got->entity_is_resolver, cases[i].resolver);
        bench_close();
    }
}

static void who_is_not_told_to_have_asked_is_not_to_blame(void **state)
{
    (void)state;
    bench_open("");
    lists_ready();
    query("www.some-domain.net");
    assert_false(enriched("192.0.2.53")->entity_is_resolver);
    bench.transaction.lacks = LACKS_CLIENT;
    enrich(&bench.enricher, &bench.transaction, &bench.enrichment);
    assert_true(bench.enrichment.entity_is_resolver);
    bench_close();
}

static void the_registrable_domain_and_its_suffix_are_known(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int registrable;
        enum suffix_class suffix;
    } cases[] = {
        {"www.good-domain.com", 1, SUFFIX_ICANN},
        {"www.name.example", -1, SUFFIX_SPECIAL_USE},
        {"good-domain.com", 0, SUFFIX_ICANN},
        {"a.b.some-domain.co.uk", 2, SUFFIX_ICANN},
        {"x.tenant.github.io", 1, SUFFIX_PRIVATE},
        {"printer.local", -1, SUFFIX_SPECIAL_USE},
        {"1.2.0.192.in-addr.arpa", -1, SUFFIX_REVERSE},
        {"localhost", -1, SUFFIX_SPECIAL_USE},
        {"dnscat.abcd", -1, SUFFIX_UNDELEGATED},
    };
    bench_open("");
    lists_ready();
    for (size_t i = 0; i < COUNT(cases); i++) {
        query(cases[i].name);
        const struct enrichment *got = enriched("192.0.2.1");
        if (got->registrable != cases[i].registrable || got->suffix_class != cases[i].suffix)
            fail_msg("%s: label %d, class %d", cases[i].name, got->registrable, got->suffix_class);
    }
    bench_close();
}

static void every_place_of_the_answer_is_looked_up(void **state)
{
    (void)state;
    static const struct {
        enum dns_section section;
        enum dns_type type;
        const char *rdata;
        int field;
        unsigned target;
    } cases[] = {
        {DNS_SECTION_ANSWER, DNS_TYPE_A, "203.0.113.7", MATCH_ADDRESS, 0},
        {DNS_SECTION_ANSWER, DNS_TYPE_AAAA, "2001:db8:bad::1", MATCH_ADDRESS, 0},
        {DNS_SECTION_ANSWER, DNS_TYPE_CNAME, "x.bad-domain.org", MATCH_CNAME, 0},
        {DNS_SECTION_ANSWER, DNS_TYPE_DNAME, "bad-domain.org", MATCH_CNAME, 0},
        {DNS_SECTION_ANSWER, DNS_TYPE_NS, "ns1.bad-domain.org", MATCH_NS, 0},
        {DNS_SECTION_AUTHORITY, DNS_TYPE_NS, "ns1.bad-domain.org", MATCH_NS, 0},
        {DNS_SECTION_AUTHORITY, DNS_TYPE_SOA, "ns.bad-domain.org root.some-domain.net 1 2 3 4 5",
         MATCH_SOA, 0},
        {DNS_SECTION_AUTHORITY, DNS_TYPE_SOA, "ns.some-domain.net root.bad-domain.org 1 2 3 4 5",
         MATCH_SOA, 1},
        /* Addresses beside the answer are not what the client connects to. */
        {DNS_SECTION_AUTHORITY, DNS_TYPE_A, "203.0.113.7", -1, 0},
        {DNS_SECTION_ADDITIONAL, DNS_TYPE_A, "203.0.113.7", -1, 0},
        {DNS_SECTION_ANSWER, DNS_TYPE_TXT, "\"bad-domain.org\"", -1, 0},
        {DNS_SECTION_ANSWER, DNS_TYPE_A, "203.0.113.8", -1, 0},
    };
    bench_open("");
    feed(CATEGORY_C2, 80, "bad-domain.org\n203.0.113.7\n2001:db8:bad::/48\n");
    lists_ready();
    for (size_t i = 0; i < COUNT(cases); i++) {
        build_record(response("www.some-domain.net"), cases[i].section, "www.some-domain.net",
                     (uint16_t)cases[i].type, 60, cases[i].rdata);
        const struct enrichment *got = enriched("192.0.2.1");
        assert_int_equal(got->hit_count, cases[i].field >= 0);
        if (cases[i].field < 0)
            continue;
        assert_int_equal(got->hits[0].field, cases[i].field);
        assert_int_equal(got->hits[0].target, cases[i].target);
        assert_int_equal(got->hits[0].record, 0);
        assert_int_equal(got->hits[0].category, CATEGORY_C2);
    }
    bench_close();
}

static void a_name_of_the_answer_is_looked_up_where_the_question_is_unknown(void **state)
{
    (void)state;
    static const struct {
        const char *list, *question, *target;
        unsigned hits;
    } cases[] = {
        {"ns.some-domain.net\n", "www.some-domain.net", "ns.some-domain.net", 1},
        {"ns.some-domain.net\n", "www.some-domain.net", "a.ns.some-domain.net", 1},
        {"=some-domain.net\n", "www.some-domain.net", "some-domain.net", 1},
        {"*.some-domain.net\n", "some-domain.net", "ns.some-domain.net", 1},
        {"other-domain.net\n", "www.some-domain.net", "ns.other-domain.net", 1},
        {"other-domain.net\n", "www.some-domain.net", "ns.some-domain.net", 0},
        /* The question's own hit comes before. */
        {"some-domain.net\n", "www.some-domain.net", "ns.some-domain.net", 2},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        bench_open("");
        feed(CATEGORY_C2, 80, cases[i].list);
        lists_ready();
        response(cases[i].question);
        answer(DNS_TYPE_CNAME, cases[i].target);
        assert_int_equal(enriched("192.0.2.1")->hit_count, cases[i].hits);
        bench_close();
    }
}

static void a_name_that_no_list_may_know_is_looked_up_once(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned hits;
        bool lacks;
    } cases[] = {
        {"www.some-domain.net", 0, true}, {"bad-domain.org", 1, false},
        {"www.bad-domain.org", 1, false}, {"only-below.org", 0, false},
        {"x.only-below.org", 1, false},
    };
    bench_open("");
    feed(CATEGORY_C2, 80, "bad-domain.org\n*.only-below.org\n");
    lists_ready();
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (int time = 0; time < 3; time++) {
            query(cases[i].name);
            const struct enrichment *got = enriched("192.0.2.1");
            assert_int_equal(got->hit_count, cases[i].hits);
            if (time > 0)
                assert_int_equal(!!(got->lacks & NAME_LACKS_ENTRY), cases[i].lacks);
        }
    }
    bench_close();
}

/* The response that was built, read ahead for `ahead_for` and then judged for `client`. */
static const struct enrichment *enriched_ahead(const char *ahead_for, const char *client)
{
    static struct lookups lookups;
    static struct ahead ahead;
    const struct addr to = addr(ahead_for);
    enrich_ahead(&bench.enricher, half(1), &to, &ahead, &lookups);
    bench.enricher.next = &ahead;
    const struct enrichment *got = enriched(client);
    bench.enricher.next = NULL;
    return got;
}

static void what_is_read_ahead_is_what_is_read_at_once(void **state)
{
    (void)state;
    static const char *const names[] = {"www.bad-domain.org", "www.some-domain.net",
                                        "printer.local"};
    bench_open("");
    feed(CATEGORY_C2, 80, "bad-domain.org\n203.0.113.7\n");
    lists_ready();
    for (size_t i = 0; i < COUNT(names); i++) {
        response(names[i]);
        answer(DNS_TYPE_A, "203.0.113.7");
        const struct enrichment at_once = *enriched("192.0.2.1");
        response(names[i]);
        answer(DNS_TYPE_A, "203.0.113.7");
        const struct enrichment *got = enriched_ahead("192.0.2.1", "192.0.2.1");
        assert_true(addr_equal(&got->entity, &at_once.entity));
        assert_int_equal(got->entity_hash, at_once.entity_hash);
        assert_int_equal(got->entity_fixed, at_once.entity_fixed);
        assert_int_equal(got->domain_fixed, at_once.domain_fixed);
        assert_int_equal(!got->domain_fixed, got->registrable < 0);
        assert_int_equal(got->registrable, at_once.registrable);
        assert_int_equal(got->suffix_class, at_once.suffix_class);
        assert_int_equal(got->hit_count, at_once.hit_count);
    }
    bench_close();
}

static void hits_of_the_answer_stand_in_the_order_of_its_records(void **state)
{
    (void)state;
    static const struct {
        enum dns_type type;
        const char *rdata;
        bool listed;
    } records[] = {
        {DNS_TYPE_CNAME, "a.bad-domain.org", true}, {DNS_TYPE_CNAME, "b.some-domain.org", false},
        {DNS_TYPE_CNAME, "c.bad-domain.org", true}, {DNS_TYPE_CNAME, "d.some-domain.org", false},
        {DNS_TYPE_CNAME, "e.bad-domain.org", true}, {DNS_TYPE_A, "203.0.113.7", true},
        {DNS_TYPE_CNAME, "f.bad-domain.org", true},
    };
    bench_open("");
    feed(CATEGORY_C2, 80, "bad-domain.org\n203.0.113.7\n");
    lists_ready();
    response("www.some-domain.net");
    for (size_t i = 0; i < COUNT(records); i++)
        answer(records[i].type, records[i].rdata);
    const struct enrichment *got = enriched("192.0.2.1");
    unsigned hits = 0;
    for (unsigned i = 0; i < COUNT(records); i++)
        if (records[i].listed)
            assert_int_equal(got->hits[hits++].record, i);
    assert_int_equal(got->hit_count, hits);
    bench_close();
}

static void the_questions_hits_stand_first_and_the_most_specific_before(void **state)
{
    (void)state;
    bench_open("");
    feed(CATEGORY_MALWARE, 60, "some-domain.net\n");
    feed(CATEGORY_C2, 70, "www.some-domain.net\n203.0.113.7\n");
    lists_ready();
    response("www.some-domain.net");
    answer(DNS_TYPE_A, "203.0.113.7");
    const struct enrichment *got = enriched("192.0.2.1");
    assert_int_equal(got->hit_count, 3);
    assert_int_equal(got->hits[0].label, 0);
    assert_int_equal(got->hits[0].category, CATEGORY_C2);
    assert_int_equal(got->hits[1].label, 1);
    assert_int_equal(got->hits[1].category, CATEGORY_MALWARE);
    assert_int_equal(got->hits[2].field, MATCH_ADDRESS);
    bench_close();
}

static void allow_beats_block_where_it_is_as_specific(void **state)
{
    (void)state;
    static const struct {
        const char *block, *allow;
        unsigned hits;
    } cases[] = {
        {"some-domain.net\n", "some-domain.net\n", 0},
        {"some-domain.net\n", "www.some-domain.net\n", 0},
        {"www.some-domain.net\n", "some-domain.net\n", 1}, /* somebody meant just this host */
        {"some-domain.net\nwww.some-domain.net\n", "some-domain.net\n", 1},
        {"some-domain.net\n", "=some-domain.net\n", 1}, /* allows the domain alone, not its hosts */
        {"some-domain.net\n", "other-domain.net\n", 1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        bench_open("");
        feed(CATEGORY_C2, 80, cases[i].block);
        feed(CATEGORY_ALLOW, 100, cases[i].allow);
        lists_ready();
        query("www.some-domain.net");
        const struct enrichment *got = enriched("192.0.2.1");
        if (got->hit_count != cases[i].hits)
            fail_msg("%s against %s", cases[i].block, cases[i].allow);
        bench_close();
    }
}

static void an_allowed_question_silences_its_answers(void **state)
{
    (void)state;
    bench_open("");
    feed(CATEGORY_C2, 80, "203.0.113.7\nbad-domain.org\n");
    feed(CATEGORY_ALLOW, 100, "some-domain.net\n");
    lists_ready();
    response("www.some-domain.net");
    answer(DNS_TYPE_CNAME, "bad-domain.org");
    answer(DNS_TYPE_A, "203.0.113.7");
    const struct enrichment *got = enriched("192.0.2.1");
    assert_true(got->allowed);
    assert_int_equal(got->hit_count, 0);
    bench_close();
}

static void an_allowed_answer_silences_itself_alone(void **state)
{
    (void)state;
    bench_open("");
    feed(CATEGORY_C2, 80, "203.0.113.0/24\nbad-domain.org\n");
    feed(CATEGORY_ALLOW, 100, "203.0.113.7\n");
    lists_ready();
    response("www.some-domain.net");
    answer(DNS_TYPE_A, "203.0.113.7");
    answer(DNS_TYPE_A, "203.0.113.8");
    const struct enrichment *got = enriched("192.0.2.1");
    assert_false(got->allowed);
    assert_int_equal(got->hit_count, 1);
    assert_int_equal(got->hits[0].record, 1);
    bench_close();
}

static void a_popular_domain_keeps_only_hits_that_are_sure(void **state)
{
    (void)state;
    bench_open("");
    feed(CATEGORY_C2, 79, "203.0.113.7\n");
    feed(CATEGORY_C2, 80, "203.0.113.8\n");
    feed(CATEGORY_POPULAR, 100, "some-domain.net\nbig-domain.org\n");
    lists_ready();
    for (unsigned popular = 0; popular < 2; popular++) {
        response(popular ? "www.some-domain.net" : "www.good-domain.com");
        answer(DNS_TYPE_A, "203.0.113.7");
        answer(DNS_TYPE_A, "203.0.113.8");
        answer(DNS_TYPE_CNAME, "big-domain.org"); /* an alias there makes nobody popular */
        const struct enrichment *got = enriched("192.0.2.1");
        assert_int_equal(got->popular, popular);
        assert_int_equal(got->hit_count, popular ? 1 : 2);
        assert_int_equal(got->hits[got->hit_count - 1].confidence, 80);
    }
    bench_close();
}

static void more_hits_than_fit_are_cut_at_the_end(void **state)
{
    (void)state;
    bench_open("");
    feed(CATEGORY_C2, 80, "some-domain.net\n203.0.113.0/24\n");
    lists_ready();
    response("www.some-domain.net");
    for (unsigned i = 0; i < 40; i++) {
        answer(DNS_TYPE_A, "203.0.113.7");
        authority(DNS_TYPE_NS, "ns.some-domain.net");
    }
    const struct enrichment *got = enriched("192.0.2.1");
    assert_int_equal(got->hit_count, HITS_MAX);
    assert_int_equal(got->hits[0].field, MATCH_QNAME);
    bench_close();
}

static void damaged_records_are_passed_over(void **state)
{
    (void)state;
    bench_open("");
    feed(CATEGORY_C2, 80, "bad-domain.org\n203.0.113.7\n");
    lists_ready();
    response("www.some-domain.net");
    answer(DNS_TYPE_A, "\\# cb0071");   /* three bytes of an address */
    answer(DNS_TYPE_CNAME, "\\# c0ff"); /* a pointer to nowhere */
    answer(DNS_TYPE_SOA, "\\# 00");
    answer(DNS_TYPE_A, "203.0.113.7");
    const struct enrichment *got = enriched("192.0.2.1");
    assert_int_equal(got->hit_count, 1);
    assert_int_equal(got->hits[0].record, 3);
    bench_close();
}

static void what_nothing_is_known_of_is_set_to_say_so(void **state)
{
    (void)state;
    bench_open("");
    lists_ready();
    response("www.some-domain.net");
    const struct enrichment *got = enriched("192.0.2.1");
    assert_int_equal(got->history, HISTORY_INPUT);
    assert_int_equal(got->profile, PROFILE_NONE);
    assert_false(got->lexical.known);
    assert_null(got->domain);
    assert_null(got->tunnel);
    assert_null(got->burst);
    assert_null(got->anomaly);
    assert_null(got->lookalike);
    assert_null(got->signature);
    bench_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_client_is_to_blame_and_a_known_resolver_is_not),
        cmocka_unit_test(who_is_not_told_to_have_asked_is_not_to_blame),
        cmocka_unit_test(the_registrable_domain_and_its_suffix_are_known),
        cmocka_unit_test(every_place_of_the_answer_is_looked_up),
        cmocka_unit_test(a_name_of_the_answer_is_looked_up_where_the_question_is_unknown),
        cmocka_unit_test(a_name_that_no_list_may_know_is_looked_up_once),
        cmocka_unit_test(what_is_read_ahead_is_what_is_read_at_once),
        cmocka_unit_test(hits_of_the_answer_stand_in_the_order_of_its_records),
        cmocka_unit_test(the_questions_hits_stand_first_and_the_most_specific_before),
        cmocka_unit_test(allow_beats_block_where_it_is_as_specific),
        cmocka_unit_test(an_allowed_question_silences_its_answers),
        cmocka_unit_test(an_allowed_answer_silences_itself_alone),
        cmocka_unit_test(a_popular_domain_keeps_only_hits_that_are_sure),
        cmocka_unit_test(more_hits_than_fit_are_cut_at_the_end),
        cmocka_unit_test(damaged_records_are_passed_over),
        cmocka_unit_test(what_nothing_is_known_of_is_set_to_say_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
