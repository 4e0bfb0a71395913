/* test_retro.c - an indicator that comes after the traffic still raises its alert, once, with the
 * times of the traffic
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/retro.h"

#include "base/clock.h"
#include "cmocka_all.h"
#include "frame_build.h"
#include "knowledge.h"
#include "message_build.h"
#include "pipeline/shard.h"
#include "store/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINKTYPE_RAW = 101, PROTOCOL_UDP = 17, ALERTS_MAX = 16 };

static char folder[64], path[96];
static struct store *store;
static struct knowledge knowledge;
static struct error error;
static struct frame_build frame;
static struct message_build build;

static struct {
    unsigned count;
    struct alert alerts[ALERTS_MAX];
} live, retro;

static void must(int r)
{
    if (r < 0)
        fail_msg("%s", error.text);
}

static int store_make(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    const struct store_config config = {.checkpoint_pages = 1000, .busy_timeout_ms = 1000};
    snprintf(folder, sizeof(folder), "%s/dnsvigil-retro-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/alerts.db", folder);
    return store_open(path, STORE_WRITE, &config, &store, &error);
}

static int store_remove(void **state)
{
    (void)state;
    char command[128];
    store_close(store, &error);
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    return system(command);
}

static const char *rules; /* that are known, too; NULL: none */

/* What is known from now on; the seed lists are not. */
static void know(const char *yaml, enum category category, uint8_t confidence, const char *list)
{
    const struct feed_config feed = {
        .name = "evil", .category = category, .confidence = confidence, .format = FEED_PLAIN};
    const struct feed_config other = {
        .name = "other", .category = CATEGORY_MINING, .confidence = 90, .format = FEED_PLAIN};
    must(knowledge_open(&knowledge, &error));
    must(knowledge_config(&knowledge, "test.yaml", yaml, &error));
    must(knowledge_feed(&knowledge, &other, "pool-of-nobody.net\n", &error));
    if (list)
        must(knowledge_feed(&knowledge, &feed, list, &error));
    if (rules)
        must(knowledge_rules(&knowledge, "own.rules", rules, &error));
    must(knowledge_build(&knowledge, &error));
}

static void live_take(void *arg, const struct alert *alert)
{
    const struct alert *pointer = alert;
    struct store_put_result result;
    (void)arg;
    assert_true(live.count < ALERTS_MAX);
    live.alerts[live.count++] = *alert;
    must(store_put(store, &pointer, 1, &result, &error));
}

static void history_take(void *arg, const struct history_row *const rows[], size_t count)
{
    static const struct history_limits limits = {.days = 30, .rows_max = 1000};
    (void)arg;
    must(history_put(store, rows, count, &limits, &error));
}

static void answered(struct shard *shard, double at_s, uint8_t client, const char *name,
                     const char *address, const char *alias)
{
    build_response(&build, 7, name, DNS_TYPE_A, 0);
    if (alias)
        build_record(&build, DNS_SECTION_ANSWER, name, DNS_TYPE_CNAME, 60, alias);
    build_record(&build, DNS_SECTION_ANSWER, name, DNS_TYPE_A, 60, address);
    frame_put_payload(&frame, build.data, (uint32_t)build.len);
    frame_put_udp(&frame, 53, 4000);
    frame_put_ip4(&frame, 53, client, PROTOCOL_UDP);
    frame.time_ns = (int64_t)(at_s * (double)NS_PER_S);
    struct frame built = frame_built(&frame, LINKTYPE_RAW);
    shard_frames(shard, &built, 1);
}

/* The same traffic each time, judged by what is known. */
static void traffic(void)
{
    struct shard *shard;
    live.count = 0;
    must(shard_new(knowledge.config, &knowledge.lists, live_take, NULL, &shard, &error));
    must(shard_keep_history(shard, history_take, NULL, &error));
    answered(shard, 1000, 1, "www.late-domain.net", "198.51.100.1", NULL);
    answered(shard, 1001, 1, "late-domain.net", "198.51.100.1", NULL);
    answered(shard, 1002, 2, "www.late-domain.net", "198.51.100.1", NULL);
    answered(shard, 1500, 1, "api.late-domain.net", "198.51.100.1", NULL);
    answered(shard, 1600, 3, "shop.good-domain.org", "203.0.113.9", "edge.cdn-domain.com.");
    answered(shard, 1700, 53, "www.late-domain.net", "198.51.100.1", NULL);
    shard_finish(shard);
    shard_free(shard);
}

static int retro_take(void *context, const struct alert *alert, struct error *ret_error)
{
    (void)context, (void)ret_error;
    assert_true(retro.count < ALERTS_MAX);
    retro.alerts[retro.count++] = *alert;
    return 0;
}

static int retro_of(store_alert_fn take, struct retro_result *ret_result)
{
    const struct retro_config config = {
        store, store_writer_direct(store), knowledge.config, &knowledge.lists, take, NULL};
    return retro_run(&config, ret_result, &error);
}

static struct retro_result look_back(void)
{
    struct retro_result result;
    retro.count = 0;
    must(retro_of(retro_take, &result));
    assert_int_equal(result.alerts, retro.count);
    return result;
}

/* Traffic of a time when nothing of it was listed, then the list. */
static struct retro_result learn(const char *yaml, enum category category, uint8_t confidence,
                                 const char *list)
{
    know(yaml, category, confidence, NULL);
    look_back();
    traffic();
    knowledge_close(&knowledge);
    know(yaml, category, confidence, list);
    return look_back();
}

static const struct alert *alert_of(const char *entity)
{
    for (unsigned i = 0; i < retro.count; i++)
        if (strcmp(retro.alerts[i].entity_ip, entity) == 0)
            return &retro.alerts[i];
    fail_msg("no alert about %s", entity);
    return NULL;
}

static void a_domain_listed_later_is_told_with_the_times_of_the_traffic(void **state)
{
    (void)state;
    struct retro_result result =
        learn("resolvers: [192.0.2.53]\n", CATEGORY_C2, 90, "late-domain.net\n");
    assert_int_equal(result.indicators, 1);
    assert_int_equal(retro.count, 2);
    const struct alert *alert = alert_of("192.0.2.1");
    assert_true(alert->retroactive);
    assert_int_equal(alert->detector, DETECTOR_THREAT_INTEL);
    assert_string_equal(alert->domain, "late-domain.net");
    assert_int_equal(alert->start_ns, 1000 * NS_PER_S);
    assert_int_equal(alert->end_ns, 1500 * NS_PER_S);
    assert_int_equal(alert->generated_ns, 1500 * NS_PER_S);
    assert_int_equal(alert->count, 3);
    assert_int_equal(alert->prevalence_clients, 3);
    assert_string_equal(alert->indicator.feed, "evil");
    assert_int_equal(alert->sample_count, 3);
    assert_non_null(strstr(alert->samples[0].answers, "198.51.100.1"));
    knowledge_close(&knowledge);
}

static void it_has_the_id_that_live_traffic_would_have_given(void **state)
{
    (void)state;
    learn("resolvers: [192.0.2.53]\n", CATEGORY_C2, 90, "late-domain.net\n");
    traffic();
    assert_int_equal(live.count, 2);
    for (unsigned i = 0; i < 2; i++)
        assert_string_equal(alert_of(live.alerts[i].entity_ip)->id, live.alerts[i].id);
    knowledge_close(&knowledge);
}

static void asking_again_adds_nothing(void **state)
{
    (void)state;
    learn("", CATEGORY_C2, 90, "late-domain.net\n");
    unsigned first = retro.count;
    assert_true(first > 0);
    assert_int_equal(look_back().rows, 0); /* nothing is new, so nothing is read */
    knowledge_close(&knowledge);
    know("", CATEGORY_C2, 90, NULL);
    assert_int_equal(look_back().rows, 0);
    knowledge_close(&knowledge);
    know("", CATEGORY_C2, 90, "late-domain.net\n"); /* gone for a while, and back */
    struct retro_result again = look_back();
    assert_int_equal(again.indicators, 1);
    assert_true(again.rows > 0);
    assert_int_equal(retro.count, 0);
    knowledge_close(&knowledge);
}

static void what_was_told_live_is_not_told_again(void **state)
{
    (void)state;
    know("", CATEGORY_C2, 90, "late-domain.net\n");
    look_back();
    traffic();
    unsigned told = live.count;
    knowledge_close(&knowledge);
    know("", CATEGORY_C2, 95, "late-domain.net\n"); /* surer than before: new */
    assert_true(told > 0);
    assert_int_equal(look_back().indicators, 1);
    assert_int_equal(retro.count, 0);
    knowledge_close(&knowledge);
}

static void each_kind_of_indicator_goes_to_its_detector(void **state)
{
    (void)state;
    static const struct {
        enum category category;
        const char *list;
        enum detector detector;
        enum reason reason;
    } cases[] = {
        {CATEGORY_MALWARE, "cdn-domain.com\n", DETECTOR_THREAT_INTEL, REASON_THREAT_CNAME},
        {CATEGORY_C2, "203.0.113.0/28\n", DETECTOR_THREAT_INTEL, REASON_THREAT_ADDRESS},
        {CATEGORY_PHISHING, "shop.good-domain.org\n", DETECTOR_PHISHING_DOMAIN,
         REASON_PHISHING_LISTED},
        {CATEGORY_MINING, "=shop.good-domain.org\n", DETECTOR_CURRENCY_MINING,
         REASON_MINING_LISTED},
        {CATEGORY_SINKHOLE, "203.0.113.9\n", DETECTOR_SINKHOLED_DOMAIN, REASON_SINKHOLE_ADDRESS},
        {CATEGORY_GATEWAY, "good-domain.org\n", DETECTOR_DARK_WEB_PROXY, REASON_GATEWAY_HOST},
        {CATEGORY_ANONYMITY, "good-domain.org\n", DETECTOR_DARK_WEB, REASON_ANONYMITY_HOST},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        must(store_make(NULL));
        learn("", cases[i].category, 90, cases[i].list);
        assert_int_equal(retro.count, 1);
        assert_int_equal(retro.alerts[0].detector, cases[i].detector);
        assert_int_equal(retro.alerts[0].reason, cases[i].reason);
        assert_string_equal(retro.alerts[0].entity_ip, "192.0.2.3");
        knowledge_close(&knowledge);
        store_remove(NULL);
    }
}

static void what_keeps_live_traffic_quiet_keeps_the_past_quiet(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        uint8_t confidence;
        const char *list;
    } cases[] = {
        {"detectors: {threat_intel: {confidence: high}}\n", 60, "late-domain.net\n"},
        {"detectors: {threat_intel: {enabled: false}}\n", 90, "late-domain.net\n"},
        {"resolvers: [192.0.2.0/24]\n", 90, "late-domain.net\n"},
        {"", 90, "=never-asked.late-domain.net\n"},
        {"", 90, "*.www.late-domain.net\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        must(store_make(NULL));
        struct retro_result result =
            learn(cases[i].yaml, CATEGORY_C2, cases[i].confidence, cases[i].list);
        assert_int_equal(result.indicators, 1);
        assert_int_equal(retro.count, 0);
        knowledge_close(&knowledge);
        store_remove(NULL);
    }
}

static int refuse(void *context, const struct alert *alert, struct error *ret_error)
{
    (void)context, (void)alert;
    return error_set(ret_error, -5, "the reader went away");
}

static void an_interrupted_look_is_made_again(void **state)
{
    (void)state;
    struct retro_result result;
    know("", CATEGORY_C2, 90, NULL);
    look_back();
    traffic();
    knowledge_close(&knowledge);
    know("", CATEGORY_C2, 90, "late-domain.net\n");
    assert_int_equal(retro_of(refuse, &result), -5);
    assert_true(look_back().rows > 0); /* still new; its alerts are stored already */
    assert_int_equal(retro.count, 0);
    assert_int_equal(look_back().rows, 0);
    knowledge_close(&knowledge);
}

#define RULE(options) "alert dns any any -> any 53 (" options " rev:1;)"

static void a_rule_about_names_that_comes_later_is_told_once_for_each_client(void **state)
{
    (void)state;
    know("resolvers: [192.0.2.53]\n", CATEGORY_C2, 90, NULL);
    look_back();
    traffic();
    knowledge_close(&knowledge);
    rules = RULE("msg:\"late rule\"; dns.query; dotprefix; content:\".late-domain.net\"; nocase; "
                 "endswith; sid:1001001;");
    know("resolvers: [192.0.2.53]\n", CATEGORY_C2, 90, NULL);
    struct retro_result result = look_back();
    assert_int_equal(result.indicators, 1);
    assert_int_equal(retro.count, 2);
    const struct alert *alert = alert_of("192.0.2.1");
    assert_true(alert->retroactive);
    assert_int_equal(alert->detector, DETECTOR_SIGNATURE);
    assert_int_equal(alert->signature.sid, 1001001);
    assert_string_equal(alert->signature.msg, "late rule");
    assert_int_equal(alert->start_ns, 1000 * NS_PER_S);
    assert_int_equal(alert->end_ns, 1500 * NS_PER_S);
    assert_int_equal(alert->count, 3);
    assert_int_equal(look_back().rows, 0);
    knowledge_close(&knowledge);
    rules = NULL;
}

static void a_rule_that_was_told_live_is_not_told_again_in_another_revision(void **state)
{
    (void)state;
    rules = "alert dns any any -> any any (dns.queries.rrname; content:\"late\"; sid:7; rev:1;)";
    know("", CATEGORY_C2, 90, NULL);
    look_back();
    traffic();
    assert_true(live.count > 0);
    knowledge_close(&knowledge);
    rules = "alert dns any any -> any any (dns.queries.rrname; content:\"late\"; sid:7; rev:2;)";
    know("", CATEGORY_C2, 90, NULL);
    assert_int_equal(look_back().indicators, 1);
    assert_int_equal(retro.count, 0);
    knowledge_close(&knowledge);
    rules = NULL;
}

/* What the history cannot know must not be guessed at. */
static void rules_that_need_more_than_a_name_do_not_look_back(void **state)
{
    (void)state;
    static const char *const cases[] = {
        RULE("content:\"late\"; sid:1;"),
        RULE("dns.answers.rrname; content:\"late\"; sid:1;"),
        RULE("dns.query; content:\"late\"; dns.rcode:0; sid:1;"),
        RULE("dns.query; content:\"late\"; dns.opcode:0; sid:1;"),
        RULE("dns.query; content:\"late\"; dns.rrtype:1; sid:1;"),
        RULE("dns.query; content:\"late\"; dsize:<100; sid:1;"),
        RULE("dns.query; content:\"late\"; pkt_data; content:\"late\"; sid:1;"),
        RULE("dns.query; content:\"late\"; flowbits:set,x; sid:1;"),
        RULE("dns.query; content:\"late\"; flowbits:isnotset,x; sid:1;"),
        RULE("dns.query; content:\"late\"; flow:to_client; sid:1;"),
        RULE("dns.query; content:\"late\"; threshold: type both, track by_src, count 1, "
             "seconds 60; sid:1;"),
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        must(store_make(NULL));
        know("", CATEGORY_C2, 90, NULL);
        look_back();
        traffic();
        knowledge_close(&knowledge);
        rules = cases[i];
        know("", CATEGORY_C2, 90, NULL);
        assert_int_equal(look_back().indicators, 0);
        assert_int_equal(retro.count, 0);
        knowledge_close(&knowledge);
        rules = NULL;
        store_remove(NULL);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_make, store_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_domain_listed_later_is_told_with_the_times_of_the_traffic),
        TEST(it_has_the_id_that_live_traffic_would_have_given),
        TEST(asking_again_adds_nothing),
        TEST(what_was_told_live_is_not_told_again),
        cmocka_unit_test(each_kind_of_indicator_goes_to_its_detector),
        cmocka_unit_test(what_keeps_live_traffic_quiet_keeps_the_past_quiet),
        TEST(an_interrupted_look_is_made_again),
        TEST(a_rule_about_names_that_comes_later_is_told_once_for_each_client),
        TEST(a_rule_that_was_told_live_is_not_told_again_in_another_revision),
        cmocka_unit_test(rules_that_need_more_than_a_name_do_not_look_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
