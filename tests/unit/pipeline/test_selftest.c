/* test_selftest.c - every detector fires on its clear case, and what keeps one from it is told
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "knowledge.h"

#include "base/hash.h"
#include "pipeline/canary.h"
#include "pipeline/selftest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct knowledge knowledge;
static struct selftest_result result;

static void must(int rc, const struct error *error)
{
    if (rc < 0)
        fail_msg("%s", error->text);
}

static void run(const char *yaml, bool own_rules)
{
    const struct feed_config feed = {
        .name = "evil", .category = CATEGORY_C2, .confidence = 80, .format = FEED_PLAIN};
    struct error error;
    char seeds[4096];
    snprintf(seeds, sizeof(seeds), "%s/data/intel", getenv("TEST_SOURCE_ROOT"));
    must(knowledge_open(&knowledge, &error), &error);
    must(knowledge_config(&knowledge, "test.yaml", yaml, &error), &error);
    must(knowledge_seeds(&knowledge, seeds, &error), &error);
    if (own_rules)
        must(knowledge_own_rules(&knowledge, seeds, &error), &error);
    must(knowledge_feed(&knowledge, &feed, "evil-domain.net\n", &error), &error);
    must(knowledge_feed(&knowledge, &canary_feed, canary_list, &error), &error);
    must(knowledge_build(&knowledge, &error), &error);
    must(selftest_run(knowledge.config, &knowledge.lists, &result, &error), &error);
    knowledge_close(&knowledge);
}

static void expect(enum detector detector, enum selftest_state state, uint64_t blind)
{
    if (result.states[detector] != state || result.blind[detector] != blind)
        fail_msg("%s: %s, blind to %llx", detector_rows[detector].slug,
                 selftest_slugs[result.states[detector]],
                 (unsigned long long)result.blind[detector]);
}

static void every_detector_fires_on_its_clear_case(void **state)
{
    (void)state;
    run("shards: 2\n", true);
    for (int i = 0; i < DETECTOR_COUNT; i++)
        expect((enum detector)i, SELFTEST_FIRES, 0);
    assert_true(result.canary_sent && result.canary_came);
    assert_true(selftest_passed(&result));
}

static void what_sources_do_not_tell_starves_who_wants_it(void **state)
{
    (void)state;
    run("sources:\n"
        "  - {name: off, type: pcap, path: /a, enabled: no}\n"
        "  - {name: log, type: log, path: /b, format: bind}\n",
        true);
    expect(DETECTOR_DARK_WEB, SELFTEST_FIRES, 0);
    expect(DETECTOR_DATA_EXFILTRATION, SELFTEST_FIRES, 0);
    expect(DETECTOR_GENERATED_DOMAINS, SELFTEST_STARVED, 0);
    expect(DETECTOR_SINKHOLED_DOMAIN, SELFTEST_STARVED, 0);
    run("sources:\n"
        "  - {name: log, type: log, path: /b, format: bind}\n"
        "  - {name: wire, type: live, interface: lo}\n",
        true);
    expect(DETECTOR_DARK_WEB, SELFTEST_FIRES, 0);
    expect(DETECTOR_GENERATED_DOMAINS, SELFTEST_FIRES, 1);
}

static void what_is_off_unlisted_or_unproven_is_told_apart(void **state)
{
    (void)state;
    run("detectors: {dark_web: {enabled: no}, threat_intel: {enabled: no}}\n", false);
    expect(DETECTOR_DARK_WEB, SELFTEST_OFF, 0);
    expect(DETECTOR_SIGNATURE, SELFTEST_UNLISTED, 0);
    assert_false(result.canary_sent);
    assert_true(selftest_passed(&result));
}

static void it_fails_when_nothing_fires_or_the_canary_is_lost(void **state)
{
    (void)state;
    struct selftest_result none = {0};
    for (int i = 0; i < DETECTOR_COUNT; i++)
        none.states[i] = SELFTEST_STARVED;
    assert_false(selftest_passed(&none));
    none.states[3] = SELFTEST_FIRES;
    assert_true(selftest_passed(&none));
    none.canary_sent = true;
    assert_false(selftest_passed(&none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_detector_fires_on_its_clear_case),
        cmocka_unit_test(what_sources_do_not_tell_starves_who_wants_it),
        cmocka_unit_test(what_is_off_unlisted_or_unproven_is_told_apart),
        cmocka_unit_test(it_fails_when_nothing_fires_or_the_canary_is_lost),
    };
    hash_seed_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
