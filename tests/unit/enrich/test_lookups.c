/* test_lookups.c - tests of what is kept of a response for its judgement
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "knowledge.h"
#include "message_build.h"

#include "decode/message.h"
#include "enrich/lookups.h"

#include <dnsvigil/indicator.h>
#include <dnsvigil/name.h>

#include <string.h>

static struct knowledge knowledge;
static struct message_build build;
static struct arena records;
static struct dns_message message;
static struct lookups lookups;

static int all_open(void **state)
{
    (void)state;
    struct error error;
    const struct feed_config config = {
        .name = "test", .category = CATEGORY_MALWARE, .confidence = 90, .format = FEED_PLAIN};
    bool opened =
        knowledge_open(&knowledge, &error) == 0 &&
        knowledge_feed(&knowledge, &config, "a.bad.net\nbad.net\n192.0.2.1\n", &error) == 0 &&
        knowledge_build(&knowledge, &error) == 0;
    return opened && arena_init(&records, MESSAGE_ARENA_BYTES) ? 0 : -1;
}

static int all_close(void **state)
{
    (void)state;
    arena_done(&records);
    knowledge_close(&knowledge);
    return 0;
}

static void response_begin(void)
{
    build_response(&build, 1, "www.some-domain.net", DNS_TYPE_A, 0);
}

static void answer(enum dns_type type, const char *rdata)
{
    build_record(&build, DNS_SECTION_ANSWER, "www.some-domain.net", (uint16_t)type, 60, rdata);
}

static void response_read(void)
{
    arena_reset(&records);
    message_decode(&message, build.data, build.len, &records);
    lookups_read(knowledge.lists.intel, &message.question, &message, &lookups);
}

static unsigned lookup_count(void)
{
    unsigned count = 0;
    for (const struct lookup *at = lookups_first(&lookups); at < lookups_end(&lookups);
         at = lookup_next(at))
        count++;
    return count;
}

static void labels_shared_with_the_question_have_no_key(void **state)
{
    (void)state;
    response_begin();
    answer(DNS_TYPE_CNAME, "edge.some-domain.net");
    answer(DNS_TYPE_CNAME, "x.other-domain.net");
    response_read();
    assert_int_equal(lookup_count(), 2);
    const struct lookup *own = lookups_first(&lookups), *other = lookup_next(own);
    assert_int_equal(own->key_count, 1);
    assert_int_equal(other->key_count, 2); /* net is shared */
    assert_int_equal(other->record, 1);
    assert_int_equal(other->field, MATCH_CNAME);
}

static void a_listed_name_has_a_key_that_may_be_known(void **state)
{
    (void)state;
    response_begin();
    answer(DNS_TYPE_CNAME, "a.bad.net");
    response_read();
    const struct lookup *found = lookups_first(&lookups);
    assert_true(intel_may_know(knowledge.lists.intel, found->keys, found->key_count));
    assert_false(found->sinkhole);
}

static void only_addresses_near_listed_ones_are_kept(void **state)
{
    (void)state;
    response_begin();
    answer(DNS_TYPE_A, "198.51.100.1");
    answer(DNS_TYPE_A, "192.0.2.1");
    answer(DNS_TYPE_AAAA, "2001:db8::1");
    response_read();
    assert_int_equal(lookup_count(), 1);
    assert_int_equal(lookups_first(&lookups)->record, 1);
    assert_int_equal(lookups_first(&lookups)->field, MATCH_ADDRESS);
}

static void a_name_that_says_sinkhole_is_marked(void **state)
{
    (void)state;
    response_begin();
    build_record(&build, DNS_SECTION_AUTHORITY, "some-domain.net", DNS_TYPE_SOA, 60,
                 "ns.my-sinkhole.net host.quiet.net 1 2 3 4 5");
    response_read();
    assert_int_equal(lookup_count(), 2);
    assert_true(lookups_first(&lookups)->sinkhole);
    assert_false(lookup_next(lookups_first(&lookups))->sinkhole);
    assert_int_equal(lookup_next(lookups_first(&lookups))->which, 1);
}

static void names_beyond_the_budget_are_counted(void **state)
{
    (void)state;
    char text[2 * NAME_LABELS_MAX] = "";
    for (int i = 0; i < NAME_LABELS_MAX - 1; i++)
        strcat(text, "a.");
    strcat(text, "a");
    response_begin();
    for (int i = 0; i < 100; i++)
        answer(DNS_TYPE_CNAME, text);
    response_read();
    assert_int_equal(lookup_count(), 4); /* of 131 each */
    assert_int_equal(lookups.unread, 96);
    assert_true(lookups.used <= LOOKUP_WORDS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_shared_with_the_question_have_no_key),
        cmocka_unit_test(a_listed_name_has_a_key_that_may_be_known),
        cmocka_unit_test(only_addresses_near_listed_ones_are_kept),
        cmocka_unit_test(a_name_that_says_sinkhole_is_marked),
        cmocka_unit_test(names_beyond_the_budget_are_counted),
    };
    return cmocka_run_group_tests(tests, all_open, all_close);
}
