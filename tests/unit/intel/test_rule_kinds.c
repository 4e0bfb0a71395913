/* test_rule_kinds.c - rules are out for a kind of messages only where a header or port forbids it
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/rule_kinds.h"

#include "intel/rule_set.h"

#include "cmocka_all.h"

#include <dnsvigil/packet.h>
#include <stdio.h>
#include <string.h>

enum { BARE = 1, EDNS = 2, PLAIN_RESPONSE = 4, QUERIES = 3, ALL = 7 };

/* Which of the first three kinds admit the rule, a bit for each. */
static unsigned kinds_of(const char *rule)
{
    static const struct rule_options options;
    struct error error;
    struct rule_set *set;
    unsigned kinds = 0;
    struct rule_builder *builder = rule_builder_new(&options, NULL, NULL);
    assert_non_null(builder);
    assert_int_equal(rule_builder_add_text(builder, "a.rules", rule, strlen(rule), &error), 0);
    assert_int_equal(rule_builder_finish(builder, &set, &error), 0);
    rule_builder_free(builder);
    if (set->count != 1)
        fail_msg("not one rule: %s", rule);
    for (enum rule_kind kind = 0; kind <= RULE_KIND_PLAIN_RESPONSE; kind++)
        kinds |= (unsigned)rule_kind_admits(kind, set->rules[0]) << kind;
    rule_set_free(set);
    return kinds;
}

static void a_rule_is_out_where_its_bytes_contradict_the_header(void **state)
{
    static const struct {
        const char *checks;
        unsigned kinds;
    } cases[] = {
        {"content:\"|01 00 00 01|\"; offset:2; depth:4;", QUERIES},
        {"content:\"|01 00 00 02|\"; offset:2; depth:4;", 0},
        {"content:\"|00 01 00 00 00 00 00 00|\"; offset:4; depth:8;", BARE | PLAIN_RESPONSE},
        {"content:\"|00 01 00 00 00 00 00 01|\"; offset:4; depth:8;", EDNS | PLAIN_RESPONSE},
        {"content:\"|81 80|\"; offset:2; depth:2;", PLAIN_RESPONSE},
        {"content:\"|01 05|\"; offset:2; depth:2;", 0},
        {"content:\"|28|\"; offset:2; depth:1;", 0},
        {"content:\"|28|\"; offset:2; depth:2;", PLAIN_RESPONSE},
        {"content:\"|28|\"; offset:2; depth:20;", ALL},
        {"content:\"|28|\"; offset:2;", ALL},
        {"content:\"|07|version\"; offset:12;", ALL},
        {"content:!\"|00 02|\"; offset:4; depth:2;", ALL},
        {"content:\"|01|\"; offset:2; depth:1; content:\"|00 01 00 00|\"; distance:1; within:4;",
         ALL & ~PLAIN_RESPONSE},
        {"content:\"|01|\"; offset:2; depth:1; content:\"|00 02|\"; distance:1; within:2;", 0},
        {"content:\"|01|\"; offset:2; depth:2; content:\"|00 02|\"; distance:1; within:2;", ALL},
        {"content:\"|01|\"; content:\"|00 02|\"; distance:1; within:2;", ALL},
        {"byte_test:1,&,128,2; content:\"abc\";", PLAIN_RESPONSE},
        {"byte_test:1,!&,128,2; content:\"abc\";", QUERIES},
        {"byte_test:1,&,1,2; content:\"abc\";", ALL},
        {"byte_test:2,>,0,6; content:\"abc\";", PLAIN_RESPONSE},
        {"byte_test:2,>,0,10; content:\"abc\";", EDNS | PLAIN_RESPONSE},
        {"byte_test:2,>,1,4; content:\"abc\";", 0},
        {"byte_test:2,>,1,11; content:\"abc\";", ALL},
        {"dns.opcode:0; content:\"abc\";", ALL},
        {"dns.opcode:2; content:\"abc\";", 0},
        {"dns.rcode:3; content:\"abc\";", PLAIN_RESPONSE},
        {"flow:to_server; content:\"abc\";", QUERIES},
        {"dns.query; content:\"|00 02|\"; offset:4; depth:2;", ALL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char rule[256];
        snprintf(rule, sizeof(rule), "alert dns any any -> any any (%s sid:1;)\n", cases[i].checks);
        if (kinds_of(rule) != cases[i].kinds)
            fail_msg("%s: %u", cases[i].checks, kinds_of(rule));
    }
}

static void a_rule_is_out_where_its_ports_are_others(void **state)
{
    (void)state;
    assert_int_equal(kinds_of("alert udp any any -> any 53 (content:\"abc\"; sid:1;)"), QUERIES);
    assert_int_equal(kinds_of("alert udp any 53 -> any any (content:\"abc\"; sid:1;)"),
                     PLAIN_RESPONSE);
    assert_int_equal(kinds_of("alert udp any any <> any 53 (content:\"abc\"; sid:1;)"), ALL);
    assert_int_equal(kinds_of("alert udp any 53 -> any 53 (content:\"abc\"; sid:1;)"), 0);
    assert_int_equal(kinds_of("alert tcp any any -> any 53 (content:\"abc\"; sid:1;)"), 0);
}

static void a_message_is_plain_by_its_ports_and_header(void **state)
{
    struct dns_message query = {.counts = {1}},
                       response = {.flags = 0x8183, .counts = {1, 2, 3, 4}};
    struct transaction transaction = {.client_port = 40000,
                                      .server_port = 53,
                                      .transport = TRANSPORT_UDP,
                                      .query = &query,
                                      .response = &response};
    (void)state;
    assert_int_equal(rule_kind_of(&transaction, false), RULE_KIND_BARE_QUERY);
    assert_int_equal(rule_kind_of(&transaction, true), RULE_KIND_PLAIN_RESPONSE);
    query.counts[DNS_SECTION_ADDITIONAL] = 1;
    assert_int_equal(rule_kind_of(&transaction, false), RULE_KIND_EDNS_QUERY);
    query.counts[DNS_SECTION_ANSWER] = 1;
    assert_int_equal(rule_kind_of(&transaction, false), RULE_KIND_OTHER_QUERY);
    query.counts[DNS_SECTION_ANSWER] = 0;
    query.flags = 0x2800; /* an update */
    assert_int_equal(rule_kind_of(&transaction, false), RULE_KIND_OTHER_QUERY);
    response.malformed = MALFORMED_HEADER;
    assert_int_equal(rule_kind_of(&transaction, true), RULE_KIND_OTHER_RESPONSE);
    query.flags = 0;
    transaction.client_port = 53;
    assert_int_equal(rule_kind_of(&transaction, false), RULE_KIND_OTHER_QUERY);
    transaction.query = NULL;
    assert_int_equal(rule_kind_of(&transaction, false), RULE_KIND_OTHER_QUERY);
    transaction.transport = TRANSPORT_TCP;
    assert_int_equal(rule_kind_of(&transaction, true), RULE_KIND_TCP_RESPONSE);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_is_out_where_its_bytes_contradict_the_header),
        cmocka_unit_test(a_rule_is_out_where_its_ports_are_others),
        cmocka_unit_test(a_message_is_plain_by_its_ports_and_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
