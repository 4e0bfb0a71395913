/* test_merge.c - repeats of one story update its alert, and nothing is lost or doubled
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "alert/merge.h"
#include "base/clock.h"
#include "base/hash.h"

#include <dnsvigil/name.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW_S = 100, RERAISE_S = 1000, OUT_MAX = 4096 };

/* A merger with what it handed over. */
struct bench {
    struct merge_config config;
    struct metrics metrics;
    struct merger *merger;
    unsigned count;
    struct alert *out[OUT_MAX];
};

static void take_alert(void *arg, struct alert *alert, uint64_t domain_hash)
{
    struct bench *bench = arg;
    assert_true(bench->count < OUT_MAX);
    assert_int_not_equal(domain_hash, 0);
    bench->out[bench->count] = malloc(sizeof(*alert));
    *bench->out[bench->count++] = *alert;
}

static void take_indicator(void *arg, const struct transaction *transaction,
                           const struct indicator_hit *hit, struct alert_indicator *ret)
{
    (void)arg;
    (void)transaction;
    *ret = (struct alert_indicator){.confidence = hit->confidence};
    snprintf(ret->entry, sizeof(ret->entry), "entry %u", hit->ref);
}

static void take_sample(void *arg, const struct transaction *transaction, struct alert_sample *ret)
{
    (void)arg;
    *ret = (struct alert_sample){.time_ns = transaction->time_ns, .qtype = transaction->qtype};
    if (transaction->question)
        name_to_text(transaction->question, 0, ret->qname);
}

static void take_detail(void *arg, const struct transaction *transaction,
                        const struct enrichment *enrichment, const struct finding *finding,
                        struct alert *alert)
{
    (void)arg, (void)transaction, (void)enrichment, (void)finding;
    alert->has_anomaly = true;
    alert->anomaly.bytes++; /* how often it was called */
}

static struct bench *bench_new(unsigned open_max, unsigned samples_max)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    const struct merge_hooks hooks = {bench, take_alert, take_indicator, take_detail, take_sample};
    bench->config = (struct merge_config){
        .window_ns = WINDOW_S * NS_PER_S,
        .reraise_ns = RERAISE_S * NS_PER_S,
        .samples_max = samples_max,
        .open_max = open_max,
        .sensor = "test",
    };
    bench->merger = merger_new(&bench->config, &hooks, &bench->metrics);
    assert_non_null(bench->merger);
    return bench;
}

/* Ends the input; every finding must be accounted for. */
static void bench_finish(struct bench *bench)
{
    const uint64_t *value = bench->metrics.value;
    merger_finish(bench->merger);
    assert_int_equal(value[METRIC_FINDINGS],
                     value[METRIC_FINDINGS_NEW] + value[METRIC_FINDINGS_MERGED]);
    assert_int_equal(value[METRIC_FINDINGS_NEW], value[METRIC_ALERTS]);
    assert_int_equal(bench->count, value[METRIC_ALERTS]);
}

static void bench_free(struct bench *bench)
{
    merger_free(bench->merger);
    for (unsigned i = 0; i < bench->count; i++)
        free(bench->out[i]);
    free(bench);
}

/* One finding, about the last two labels of the name. */
struct raise {
    const char *client;
    const char *name;
    double at_s;
    uint8_t confidence;
    uint8_t severity;
    uint32_t ref; /* of the hit, 0 for none */
    uint16_t qtype;
    enum detector detector;
    uint64_t story;
};

static void add(struct bench *bench, struct raise raise)
{
    struct dns_name name = {0};
    if (raise.name)
        assert_true(name_from_text(&name, raise.name, strlen(raise.name)));
    struct transaction transaction = {
        .time_ns = (int64_t)(raise.at_s * (double)NS_PER_S),
        .server = {.bytes = {[10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = 53}},
        .question = raise.name ? &name : NULL,
        .qtype = raise.qtype ? raise.qtype : DNS_TYPE_A,
    };
    struct enrichment enrichment = {
        .registrable = name.labels >= 2 ? (int16_t)(name.labels - 2) : -1,
        .hit_count = 1,
        .hits = {{.ref = raise.ref, .confidence = raise.confidence}},
    };
    assert_true(addr_parse(raise.client, strlen(raise.client), &enrichment.entity));
    struct finding finding = {
        .detector = raise.detector ? (uint8_t)raise.detector : DETECTOR_THREAT_INTEL,
        .reason = REASON_THREAT_NAME,
        .confidence = raise.confidence,
        .severity = (int8_t)raise.severity,
        .hit = raise.ref ? 0 : -1,
        .label = -1,
        .story = raise.story,
        .feature_count = 1,
        .features = {{"confidence", raise.confidence, 50, "%"}},
    };
    merger_add(bench->merger, &transaction, &enrichment, &finding);
}

static struct raise raise_at(double at_s)
{
    return (struct raise){.client = "192.0.2.1",
                          .name = "evil.net",
                          .at_s = at_s,
                          .confidence = 75,
                          .severity = SEVERITY_MEDIUM};
}

static void repeats_inside_the_window_update_one_alert(void **state)
{
    (void)state;
    struct bench *bench = bench_new(16, 5);
    for (unsigned i = 0; i < 5; i++)
        add(bench, raise_at(10 + i * WINDOW_S)); /* each exactly a window after the last */
    bench_finish(bench);
    assert_int_equal(bench->count, 1);
    assert_int_equal(bench->out[0]->count, 5);
    assert_int_equal(bench->out[0]->start_ns, 10 * NS_PER_S);
    assert_int_equal(bench->out[0]->end_ns, (10 + 4 * WINDOW_S) * NS_PER_S);
    assert_string_equal(bench->out[0]->domain, "evil.net");
    assert_string_equal(bench->out[0]->entity_ip, "192.0.2.1");
    assert_string_equal(bench->out[0]->sensor, "test");
    bench_free(bench);
}

static void a_repeat_after_the_window_is_a_new_alert(void **state)
{
    (void)state;
    struct bench *bench = bench_new(16, 5);
    add(bench, raise_at(10));
    add(bench, raise_at(10 + WINDOW_S + 0.001));
    bench_finish(bench);
    assert_int_equal(bench->count, 2);
    assert_string_not_equal(bench->out[0]->id, bench->out[1]->id);
    bench_free(bench);
}

static void a_story_that_goes_on_is_raised_anew(void **state)
{
    (void)state;
    struct bench *bench = bench_new(16, 5);
    for (unsigned i = 0; i <= 2 * RERAISE_S / 50 + 1; i++)
        add(bench, raise_at(i * 50));
    bench_finish(bench);
    assert_int_equal(bench->count, 2);
    assert_int_equal(bench->out[0]->end_ns, RERAISE_S * NS_PER_S);
    assert_int_equal(bench->out[1]->start_ns, (RERAISE_S + 50) * NS_PER_S);
    bench_free(bench);
}

static void other_clients_domains_and_detectors_are_other_stories(void **state)
{
    (void)state;
    struct bench *bench = bench_new(16, 5);
    struct raise client = raise_at(2), domain = raise_at(3), detector = raise_at(4),
                 host = raise_at(5);
    client.client = "192.0.2.2";
    domain.name = "other.net";
    detector.detector = DETECTOR_PHISHING_DOMAIN;
    host.name = "www.evil.net"; /* the first story again */
    add(bench, raise_at(1));
    add(bench, client);
    add(bench, domain);
    add(bench, detector);
    add(bench, host);
    bench_finish(bench);
    assert_int_equal(bench->count, 4);
    assert_int_equal(bench->out[0]->count, 2);
    assert_int_equal(bench->out[0]->sample_count, 2);
    assert_string_equal(bench->out[0]->qname, "evil.net");
    bench_free(bench);
}

static void a_finding_may_tell_its_own_story(void **state)
{
    (void)state;
    struct bench *bench = bench_new(16, 5);
    struct raise one = raise_at(1), other = raise_at(2), apart = raise_at(3);
    one.story = other.story = 7;
    other.name = "other.net"; /* the same story under another domain */
    apart.story = 8;          /* another under the first */
    add(bench, one);
    add(bench, other);
    add(bench, apart);
    bench_finish(bench);
    assert_int_equal(bench->count, 2);
    assert_int_equal(bench->out[0]->count, 2);
    assert_string_equal(bench->out[0]->domain, "evil.net");
    assert_int_equal(bench->out[1]->count, 1);
    bench_free(bench);
}

static void without_a_question_an_alert_is_about_the_server(void **state)
{
    (void)state;
    struct bench *bench = bench_new(16, 5);
    struct raise raise = raise_at(1);
    raise.name = NULL;
    add(bench, raise);
    add(bench, raise);
    bench_finish(bench);
    assert_int_equal(bench->count, 1);
    assert_string_equal(bench->out[0]->domain, "192.0.2.53");
    assert_string_equal(bench->out[0]->qname, "");
    assert_int_equal(bench->out[0]->sample_count, 1);
    bench_free(bench);
}

static void every_finding_brings_its_detail(void **state)
{
    (void)state;
    struct bench *bench = bench_new(16, 5);
    for (unsigned i = 0; i < 3; i++)
        add(bench, raise_at(i));
    bench_finish(bench);
    assert_int_equal(bench->out[0]->anomaly.bytes, 3);
    bench_free(bench);
}

static void samples_are_of_different_questions_and_bounded(void **state)
{
    (void)state;
    struct bench *bench = bench_new(16, 3);
    static const char *const names[] = {"a.evil.net", "a.evil.net", "A.EVIL.NET",
                                        "b.evil.net", "c.evil.net", "d.evil.net"};
    struct raise other_type = raise_at(0.5);
    other_type.name = "a.evil.net";
    other_type.qtype = DNS_TYPE_AAAA;
    for (size_t i = 0; i < 6; i++) {
        struct raise raise = raise_at((double)i);
        raise.name = names[i];
        add(bench, raise);
        if (i == 0)
            add(bench, other_type);
    }
    bench_finish(bench);
    const struct alert *alert = bench->out[0];
    assert_int_equal(bench->count, 1);
    assert_int_equal(alert->count, 7);
    assert_int_equal(alert->sample_count, 3);
    assert_string_equal(alert->samples[0].qname, "a.evil.net");
    assert_int_equal(alert->samples[0].qtype, DNS_TYPE_A);
    assert_int_equal(alert->samples[1].qtype, DNS_TYPE_AAAA);
    assert_string_equal(alert->samples[2].qname, "b.evil.net");
    bench_free(bench);
}

static void a_stronger_finding_replaces_the_evidence_and_a_weaker_does_not(void **state)
{
    (void)state;
    static const struct {
        uint8_t confidence, severity;
        uint32_t ref;
        const char *entry; /* of the alert afterwards */
        uint8_t confidence_after;
    } cases[] = {
        {60, SEVERITY_LOW, 1, "entry 1", 60},  {50, SEVERITY_LOW, 2, "entry 1", 60},
        {60, SEVERITY_LOW, 3, "entry 1", 60},  {61, SEVERITY_LOW, 4, "entry 4", 61},
        {55, SEVERITY_HIGH, 5, "entry 5", 55}, {99, SEVERITY_MEDIUM, 6, "entry 5", 55},
    };
    for (size_t steps = 1; steps <= 6; steps++) {
        struct bench *bench = bench_new(16, 5);
        for (size_t i = 0; i < steps; i++) {
            struct raise raise = raise_at((double)i);
            raise.confidence = cases[i].confidence;
            raise.severity = cases[i].severity;
            raise.ref = cases[i].ref;
            add(bench, raise);
        }
        bench_finish(bench);
        const struct alert *alert = bench->out[0];
        assert_true(alert->has_indicator);
        assert_string_equal(alert->indicator.entry, cases[steps - 1].entry);
        assert_int_equal(alert->confidence, cases[steps - 1].confidence_after);
        assert_true(alert->features[0].value == cases[steps - 1].confidence_after);
        bench_free(bench);
    }
}

static void a_stronger_finding_without_an_indicator_leaves_none_behind(void **state)
{
    (void)state;
    struct bench *bench = bench_new(16, 5);
    struct raise listed = raise_at(1), pattern = raise_at(2);
    listed.ref = 9;
    pattern.confidence = 90;
    add(bench, listed);
    add(bench, pattern);
    bench_finish(bench);
    assert_false(bench->out[0]->has_indicator);
    bench_free(bench);
}

static void a_full_merger_closes_the_quietest_alert_early(void **state)
{
    (void)state;
    struct bench *bench = bench_new(3, 5);
    static const char *const names[] = {"a.net", "b.net", "c.net", "a.net", "d.net", "b.net"};
    for (size_t i = 0; i < 6; i++) {
        struct raise raise = raise_at((double)i);
        raise.name = names[i];
        add(bench, raise);
    }
    /* d pushed out b, which was touched longest ago; then b, new, pushed out c. */
    assert_int_equal(bench->count, 2);
    assert_string_equal(bench->out[0]->domain, "b.net");
    assert_string_equal(bench->out[1]->domain, "c.net");
    assert_int_equal(bench->metrics.value[METRIC_ALERTS_CLOSED_EARLY], 2);
    bench_finish(bench);
    assert_int_equal(bench->count, 5);
    bench_free(bench);
}

static void expiry_hands_over_what_is_quiet_and_keeps_the_rest(void **state)
{
    (void)state;
    struct bench *bench = bench_new(16, 5);
    struct raise other = raise_at(50);
    other.name = "other.net";
    add(bench, raise_at(0));
    add(bench, other);
    merger_expire(bench->merger, WINDOW_S * NS_PER_S);
    assert_int_equal(bench->count, 0);
    merger_expire(bench->merger, WINDOW_S * NS_PER_S + 1);
    assert_int_equal(bench->count, 1);
    assert_string_equal(bench->out[0]->domain, "evil.net");
    bench_finish(bench);
    assert_int_equal(bench->count, 2);
    bench_free(bench);
}

static void at_the_end_alerts_come_in_the_order_they_began(void **state)
{
    (void)state;
    struct bench *bench = bench_new(64, 5);
    for (unsigned i = 0; i < 20; i++) {
        char name[32];
        struct raise raise = raise_at((i * 7) % 20 / 2); /* two begin at each time */
        snprintf(name, sizeof(name), "n%u.net", i);
        raise.name = name;
        add(bench, raise);
    }
    bench_finish(bench);
    assert_int_equal(bench->count, 20);
    for (unsigned i = 1; i < 20; i++) {
        const struct alert *a = bench->out[i - 1], *b = bench->out[i];
        assert_true(a->start_ns < b->start_ns ||
                    (a->start_ns == b->start_ns && strcmp(a->id, b->id) < 0));
    }
    bench_free(bench);
}

/* Random findings over few clients and names, with all the ways an alert can end. */
static struct bench *replay(void)
{
    struct bench *bench = bench_new(24, 5);
    uint64_t random = 88172645463325252ull;
    for (unsigned i = 0; i < 3000; i++) {
        char name[32], address[32];
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        struct raise raise = raise_at((double)i * 7 - (double)(random % 5));
        snprintf(name, sizeof(name), "x.n%u.net", (unsigned)(random >> 8) % 9);
        snprintf(address, sizeof(address), "192.0.2.%u", (unsigned)(random >> 16) % 5);
        raise.name = name;
        raise.client = address;
        raise.confidence = (uint8_t)(50 + (random >> 24) % 50);
        add(bench, raise);
        if (i % 50 == 0)
            merger_expire(bench->merger, (int64_t)i * 7 * NS_PER_S);
    }
    bench_finish(bench);
    return bench;
}

static void a_replay_gives_the_same_alerts_whatever_the_seed(void **state)
{
    (void)state;
    uint64_t seed = hash_seed;
    struct bench *first = replay();
    hash_seed = 0x7777777777777777ull;
    struct bench *second = replay();
    hash_seed = seed;
    assert_true(first->metrics.value[METRIC_ALERTS_CLOSED_EARLY] > 0);
    assert_int_equal(first->count, second->count);
    for (unsigned i = 0; i < first->count; i++)
        assert_memory_equal(first->out[i], second->out[i], sizeof(struct alert));
    bench_free(first);
    bench_free(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeats_inside_the_window_update_one_alert),
        cmocka_unit_test(a_repeat_after_the_window_is_a_new_alert),
        cmocka_unit_test(a_story_that_goes_on_is_raised_anew),
        cmocka_unit_test(other_clients_domains_and_detectors_are_other_stories),
        cmocka_unit_test(a_finding_may_tell_its_own_story),
        cmocka_unit_test(without_a_question_an_alert_is_about_the_server),
        cmocka_unit_test(every_finding_brings_its_detail),
        cmocka_unit_test(samples_are_of_different_questions_and_bounded),
        cmocka_unit_test(a_stronger_finding_replaces_the_evidence_and_a_weaker_does_not),
        cmocka_unit_test(a_stronger_finding_without_an_indicator_leaves_none_behind),
        cmocka_unit_test(a_full_merger_closes_the_quietest_alert_early),
        cmocka_unit_test(expiry_hands_over_what_is_quiet_and_keeps_the_rest),
        cmocka_unit_test(at_the_end_alerts_come_in_the_order_they_began),
        cmocka_unit_test(a_replay_gives_the_same_alerts_whatever_the_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
