/* test_ability.c - a detector without its lists is not able, and a program without any says so
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "knowledge.h"

#include "base/clock.h"
#include "base/hash.h"
#include "pipeline/ability.h"
#include "pipeline/canary.h"

#include <stdio.h>
#include <string.h>

enum { NOW_S = 1700000000 };

static struct knowledge knowledge;

static const struct feed_config feed = {.name = "evil",
                                        .category = CATEGORY_MALWARE,
                                        .confidence = 80,
                                        .format = FEED_PLAIN,
                                        .fetched_ns = (NOW_S - 86400) * NS_PER_S};

static void must(int rc, const struct error *error)
{
    if (rc < 0)
        fail_msg("%s", error->text);
}

/* With the canary's list, as always, and another one where `listed`. */
static void know(const char *yaml, bool listed, const char *rules)
{
    struct error error;
    must(knowledge_open(&knowledge, &error), &error);
    must(knowledge_config(&knowledge, "test.yaml", yaml, &error), &error);
    if (rules)
        must(knowledge_rules(&knowledge, "test.rules", rules, &error), &error);
    must(knowledge_feed(&knowledge, &canary_feed, canary_list, &error), &error);
    if (listed)
        must(knowledge_feed(&knowledge, &feed, "evil-domain.net\n", &error), &error);
    must(knowledge_build(&knowledge, &error), &error);
}

static enum ability ability_at(enum detector detector, int64_t now_s)
{
    return ability_of(detector, knowledge.config, &knowledge.lists, now_s * NS_PER_S);
}

static void what_goes_by_lists_alone_needs_one_that_is_in_force(void **state)
{
    (void)state;
    know("", false, NULL);
    assert_int_equal(ability_at(DETECTOR_THREAT_INTEL, NOW_S), ABILITY_UNLISTED);
    assert_int_equal(ability_at(DETECTOR_SIGNATURE, NOW_S), ABILITY_UNLISTED);
    assert_int_equal(ability_at(DETECTOR_PHISHING_DOMAIN, NOW_S), ABILITY_ABLE);
    knowledge_close(&knowledge);
    know("detectors: {phishing_domain: {enabled: no}}\n", true,
         "alert dns any any -> any any (msg:\"x\"; dns.query; content:\"evil\"; sid:1;)\n");
    assert_int_equal(ability_at(DETECTOR_THREAT_INTEL, NOW_S), ABILITY_ABLE);
    assert_int_equal(ability_at(DETECTOR_SIGNATURE, NOW_S), ABILITY_ABLE);
    assert_int_equal(ability_at(DETECTOR_PHISHING_DOMAIN, NOW_S), ABILITY_OFF);
    assert_int_equal(ability_at(DETECTOR_THREAT_INTEL, NOW_S + 3 * 365 * 86400), ABILITY_UNLISTED);
    knowledge_close(&knowledge);
}

/* The configuration with everything off but these two. */
static void off_write(char yaml[static 2048], bool lists_on)
{
    size_t len = (size_t)sprintf(yaml, "detectors:\n");
    for (int i = 0; i < DETECTOR_COUNT; i++)
        if (!lists_on || (i != DETECTOR_THREAT_INTEL && i != DETECTOR_SIGNATURE))
            len += (size_t)sprintf(yaml + len, "  %s: {enabled: no}\n", detector_rows[i].slug);
}

static void nothing_that_could_fire_is_refused_with_what_to_do(void **state)
{
    (void)state;
    static const struct {
        bool lists_on, listed;
        const char *says; /* NULL: it is in order */
    } cases[] = {
        {false, true, "all of them are switched off"},
        {true, false, "name feeds or rules"},
        {true, true, NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char yaml[2048];
        struct error error = {""};
        off_write(yaml, cases[i].lists_on);
        know(yaml, cases[i].listed, NULL);
        int r = abilities_check(knowledge.config, &knowledge.lists, NOW_S * NS_PER_S, &error);
        assert_int_equal(r < 0, cases[i].says != NULL);
        if (cases[i].says && !strstr(error.text, cases[i].says))
            fail_msg("it says: %s", error.text);
        knowledge_close(&knowledge);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goes_by_lists_alone_needs_one_that_is_in_force),
        cmocka_unit_test(nothing_that_could_fire_is_refused_with_what_to_do),
    };
    hash_seed_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
