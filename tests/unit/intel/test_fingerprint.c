/* test_fingerprint.c - equal indicators have equal fingerprints, whatever list they stand in
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/fingerprint.h"

#include "cmocka_all.h"
#include "knowledge.h"

#include <dnsvigil/name.h>
#include <string.h>

enum { SEED = 7, SET_MAX = 64 };

struct set {
    size_t count;
    uint64_t of[SET_MAX];
};

static struct knowledge knowledge;

static void know(const char *feed_name, enum category category, uint8_t confidence,
                 const char *list)
{
    struct error error = {""};
    const struct feed_config feed = {
        .name = feed_name, .category = category, .confidence = confidence, .format = FEED_PLAIN};
    if (knowledge_open(&knowledge, &error) < 0 ||
        knowledge_feed(&knowledge, &feed, list, &error) < 0 ||
        knowledge_build(&knowledge, &error) < 0)
        fail_msg("%s", error.text);
}

static struct set set_of(const char *feed_name, enum category category, uint8_t confidence,
                         const char *list)
{
    struct set set;
    know(feed_name, category, confidence, list);
    assert_true(intel_count(knowledge.lists.intel) <= SET_MAX);
    set.count = intel_fingerprints(knowledge.lists.intel, SEED, set.of);
    knowledge_close(&knowledge);
    return set;
}

static bool has(const struct set *set, uint64_t fingerprint)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->of[i] == fingerprint)
            return true;
    return false;
}

static void the_feed_and_the_order_do_not_matter(void **state)
{
    (void)state;
    struct set a = set_of("one", CATEGORY_C2, 80, "a.net\n=b.net\n*.c.net\n192.0.2.0/24\n");
    struct set b = set_of("two", CATEGORY_C2, 80, "192.0.2.0/24\n*.c.net\na.net\n=b.net\n");
    assert_int_equal(a.count, 4);
    assert_int_equal(b.count, 4);
    for (size_t i = 0; i < a.count; i++)
        assert_true(has(&b, a.of[i]));
}

static void what_decides_about_an_alert_matters(void **state)
{
    (void)state;
    static const struct {
        enum category category;
        uint8_t confidence;
        const char *list;
    } others[] = {
        {CATEGORY_MALWARE, 80, "a.net\n"}, {CATEGORY_C2, 81, "a.net\n"},
        {CATEGORY_C2, 80, "=a.net\n"},     {CATEGORY_C2, 80, "*.a.net\n"},
        {CATEGORY_C2, 80, "b.net\n"},
    };
    struct set one = set_of("one", CATEGORY_C2, 80, "a.net\n");
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        struct set other = set_of("one", others[i].category, others[i].confidence, others[i].list);
        assert_int_equal(other.count, 1);
        assert_false(has(&one, other.of[0]));
    }
}

static void allow_entries_have_none(void **state)
{
    (void)state;
    assert_int_equal(set_of("mine", CATEGORY_ALLOW, 80, "a.net\n192.0.2.1\n").count, 0);
}

static void a_hit_has_the_fingerprint_of_its_entry(void **state)
{
    (void)state;
    struct set set;
    struct dns_name name;
    struct addr addr;
    struct indicator_hit hit;
    know("one", CATEGORY_C2, 80, "a.net\nb.net\n198.51.100.0/24\n");
    const struct intel *intel = knowledge.lists.intel;
    set.count = intel_fingerprints(intel, SEED, set.of);
    assert_true(name_from_text(&name, "www.b.net", 9));
    assert_int_equal(intel_match_name(intel, &name, 0, &hit, 1), 1);
    assert_true(has(&set, intel_fingerprint(intel, &hit, SEED)));
    assert_false(has(&set, intel_fingerprint(intel, &hit, SEED + 1)));
    assert_true(addr_parse("198.51.100.7", 12, &addr));
    assert_int_equal(intel_match_addr(intel, &addr, 0, &hit, 1), 1);
    assert_true(has(&set, intel_fingerprint(intel, &hit, SEED)));
    knowledge_close(&knowledge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_feed_and_the_order_do_not_matter),
        cmocka_unit_test(what_decides_about_an_alert_matters),
        cmocka_unit_test(allow_entries_have_none),
        cmocka_unit_test(a_hit_has_the_fingerprint_of_its_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
