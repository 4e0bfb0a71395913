/* test_shard.c - frames become alerts the same way however they arrive, and every one is accounted
 * for
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "frame_build.h"
#include "knowledge.h"
#include "message_build.h"

#include "base/clock.h"
#include "base/hash.h"
#include "pipeline/shard.h"

#include <dnsvigil/name.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINKTYPE_RAW = 101,
    ALERTS_MAX = 1024,
    FRAMES_MAX = 1500,
    PROTOCOL_UDP = 17,
    PROTOCOL_ICMP = 1
};

/* What a run handed over. */
struct run {
    struct metrics metrics;
    unsigned count;
    struct alert alerts[ALERTS_MAX];
};

/* Traffic that owns its bytes. */
static struct {
    unsigned count;
    struct frame frames[FRAMES_MAX];
    uint8_t *bytes[FRAMES_MAX];
} traffic;

static struct knowledge knowledge;
static struct message_build build;
static struct frame_build frame;
static bool watched; /* traffic is a network's, not a file's */

static void take(void *arg, const struct alert *alert)
{
    struct run *run = arg;
    assert_true(run->count < ALERTS_MAX);
    run->alerts[run->count++] = *alert;
}

static void must(int rc, const struct error *error)
{
    if (rc < 0)
        fail_msg("%s", error->text);
}

static void feed(uint8_t confidence, const char *text)
{
    struct error error = {""};
    const struct feed_config feed = {
        .name = "evil", .category = CATEGORY_C2, .confidence = confidence, .format = FEED_PLAIN};
    must(knowledge_feed(&knowledge, &feed, text, &error), &error);
}

static void knowledge_of(const char *yaml)
{
    struct error error = {""};
    must(knowledge_open(&knowledge, &error), &error);
    must(knowledge_config(&knowledge, "test.yaml", yaml, &error), &error);
    feed(80, "evil-domain.net\nbad-domain.org\n203.0.113.7\n");
    feed(60, "unsure-domain.net\n");
    must(knowledge_build(&knowledge, &error), &error);
}

/* Keeps the frame that was built, as captured at this time. */
static void frame_keep(double at_s)
{
    assert_true(traffic.count < FRAMES_MAX);
    frame.time_ns = (int64_t)(at_s * (double)NS_PER_S);
    struct frame built = frame_built(&frame, LINKTYPE_RAW);
    uint8_t *copy = malloc(built.caplen);
    memcpy(copy, built.data, built.caplen);
    built.data = copy;
    traffic.bytes[traffic.count] = copy;
    traffic.frames[traffic.count++] = built;
}

/* Puts build.data into a frame between client 192.0.2.`client` and the server 192.0.2.53. */
static void capture(double at_s, uint8_t client, bool to_server, uint16_t server_port)
{
    uint16_t client_port = (uint16_t)(4000 + client);
    frame_put_payload(&frame, build.data, (uint32_t)build.len);
    if (to_server)
        frame_put_udp(&frame, client_port, server_port);
    else
        frame_put_udp(&frame, server_port, client_port);
    frame_put_ip4(&frame, to_server ? client : 53, to_server ? 53 : client, PROTOCOL_UDP);
    frame_keep(at_s);
}

static void ask(double at_s, uint8_t client, const char *name)
{
    build_query(&build, 7, name, DNS_TYPE_A);
    capture(at_s, client, true, 53);
}

static void answer(double at_s, uint8_t client, const char *name, const char *address)
{
    build_response(&build, 7, name, DNS_TYPE_A, 0);
    build_record(&build, DNS_SECTION_ANSWER, name, DNS_TYPE_A, 60, address);
    capture(at_s, client, false, 53);
}

/* The client has no port open for an answer, and sends its first bytes back. */
static void send_back(double at_s, uint8_t client, const char *name, uint32_t bytes)
{
    build_response(&build, 7, name, DNS_TYPE_A, 0);
    build_record(&build, DNS_SECTION_ANSWER, name, DNS_TYPE_A, 60, "203.0.113.7");
    frame_put_payload(&frame, build.data, bytes < build.len ? bytes : (uint32_t)build.len);
    frame_put_udp(&frame, 53, 4000);
    frame_put_ip4(&frame, 53, client, PROTOCOL_UDP);
    frame_put_icmp(&frame, 3, 3);
    frame_put_ip4(&frame, client, 53, PROTOCOL_ICMP);
    frame_keep(at_s);
}

static void traffic_clear(void)
{
    for (unsigned i = 0; i < traffic.count; i++)
        free(traffic.bytes[i]);
    traffic.count = 0;
}

/* Runs the traffic through a new shard in batches of `batch` frames; the counters must add up. */
static struct run *run_in_batches(unsigned batch)
{
    struct error error = {""};
    struct shard *shard;
    struct run *run = calloc(1, sizeof(*run));
    must(shard_new(knowledge.config, &knowledge.lists, take, run, &shard, &error), &error);
    if (watched)
        shard_watch(shard, INT64_MAX);
    for (unsigned i = 0; i < traffic.count; i += batch) {
        unsigned left = traffic.count - i;
        shard_frames(shard, traffic.frames + i, left < batch ? left : batch);
    }
    shard_finish(shard);
    run->metrics = *shard_metrics(shard);
    if (!metrics_balance(&run->metrics, &error))
        fail_msg("%s", error.text);
    assert_int_equal(run->metrics.value[METRIC_ALERTS], run->count);
    shard_free(shard);
    return run;
}

static void assert_same(const struct run *a, const struct run *b)
{
    assert_int_equal(a->count, b->count);
    for (unsigned i = 0; i < a->count; i++)
        assert_memory_equal(&a->alerts[i], &b->alerts[i], sizeof(struct alert));
    assert_memory_equal(&a->metrics, &b->metrics, sizeof(a->metrics));
}

static void queries_and_answers_become_one_alert_per_client_and_domain(void **state)
{
    (void)state;
    knowledge_of("");
    ask(1, 1, "www.evil-domain.net");
    answer(1.1, 1, "www.evil-domain.net", "198.51.100.1");
    ask(2, 1, "evil-domain.net"); /* never answered */
    ask(3, 2, "www.good-domain.net");
    answer(3.1, 2, "www.good-domain.net", "203.0.113.7");
    ask(4, 3, "www.good-domain.net");
    answer(4.1, 3, "www.good-domain.net", "198.51.100.1");
    struct run *run = run_in_batches(100);
    assert_int_equal(run->count, 2);
    assert_string_equal(run->alerts[0].entity_ip, "192.0.2.1");
    assert_string_equal(run->alerts[0].resolver_ip, "192.0.2.53");
    assert_string_equal(run->alerts[0].domain, "evil-domain.net");
    assert_int_equal(run->alerts[0].count, 2);
    assert_int_equal(run->alerts[0].prevalence_clients, 1);
    assert_string_equal(run->alerts[1].domain, "good-domain.net");
    assert_int_equal(run->alerts[1].reason, REASON_THREAT_ADDRESS);
    assert_int_equal(run->alerts[1].prevalence_clients, 2);
    free(run);
    traffic_clear();
    knowledge_close(&knowledge);
}

/* Random clients, names, lost answers and pauses longer than the window. */
static void traffic_random(void)
{
    uint64_t random = 88172645463325252ull;
    double now_s = 1e6;
    while (traffic.count < FRAMES_MAX - 2) {
        static const char *const names[] = {"a.evil-domain.net", "evil-domain.net",
                                            "x.bad-domain.org", "www.good-domain.net"};
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        unsigned dice = (unsigned)(random >> 16);
        uint8_t client = (uint8_t)(1 + dice % 5);
        const char *name = names[dice >> 4 & 3];
        now_s += dice % 23 == 0 ? 9.0 + (dice >> 9) % 4 : 0.3;
        ask(now_s, client, name);
        if (dice >> 6 & 1)
            answer(now_s + 0.02, client, name, dice >> 7 & 1 ? "203.0.113.7" : "198.51.100.1");
    }
}

/* What a listed domain's answer would say is not said again by one that comes back. */
static void responses_that_come_back_are_no_messages(void **state)
{
    (void)state;
    static const unsigned batches[] = {1, 7, FRAMES_MAX};
    enum { SENT = 40, ENOUGH = 10 };
    knowledge_of("anomalies: {low_percent: 50}\n");
    for (unsigned i = 0; i < SENT; i++) {
        ask(i + 0.1, 2, "www.good-domain.net");
        send_back(i + 0.2, 1, "www.evil-domain.net", i);
    }
    for (size_t i = 0; i < sizeof(batches) / sizeof(*batches); i++) {
        struct run *run = run_in_batches(batches[i]);
        assert_int_equal(run->metrics.rejected[REJECT_BOUNCED], SENT);
        assert_int_equal(run->metrics.value[METRIC_MESSAGES_IN], SENT);
        assert_int_equal(run->metrics.value[METRIC_RESPONSES], 0);
        assert_int_equal(run->count, 1);
        assert_string_equal(run->alerts[0].entity_ip, "192.0.2.1");
        assert_int_equal(run->alerts[0].reason, REASON_ANOMALY_BOUNCED);
        assert_int_equal(run->alerts[0].count, SENT - ENOUGH + 1);
        free(run);
    }
    traffic_clear();
    knowledge_close(&knowledge);
}

static void without_the_detector_of_anomalies_they_are_only_counted(void **state)
{
    (void)state;
    knowledge_of("anomalies: {low_percent: 50}\n"
                 "detectors: {protocol_anomaly: {enabled: false}}\n");
    for (unsigned i = 0; i < 40; i++)
        send_back(i, 1, "www.evil-domain.net", 100);
    struct run *run = run_in_batches(100);
    assert_int_equal(run->count, 0);
    assert_int_equal(run->metrics.rejected[REJECT_BOUNCED], 40);
    free(run);
    traffic_clear();
    knowledge_close(&knowledge);
}

static void it_does_not_matter_where_batches_end(void **state)
{
    (void)state;
    static const unsigned batches[] = {1, 2, 7, 31, 32, 33, 256};
    knowledge_of("alerts: {window_s: 10, reraise_s: 60, open_max: 16}\n");
    traffic_random();
    struct run *whole = run_in_batches(FRAMES_MAX);
    assert_true(whole->count > 50);
    for (size_t i = 0; i < sizeof(batches) / sizeof(*batches); i++) {
        struct run *run = run_in_batches(batches[i]);
        assert_same(run, whole);
        free(run);
    }
    free(whole);
    traffic_clear();
    knowledge_close(&knowledge);
}

/* The last repeat was asked inside the window, but is judged after it, when its answer failed to
 * come; meanwhile other traffic has gone on. */
static void a_query_that_waits_is_judged_at_its_own_time(void **state)
{
    (void)state;
    knowledge_of("alerts: {window_s: 10}\n");
    ask(100, 1, "evil-domain.net");
    answer(100, 1, "evil-domain.net", "198.51.100.1");
    ask(109, 1, "evil-domain.net");
    for (unsigned i = 0; i < 100; i++)
        ask(110 + i * 0.1, 2, "www.good-domain.net");
    struct run *whole = run_in_batches(FRAMES_MAX), *single = run_in_batches(1);
    assert_same(single, whole);
    assert_int_equal(whole->count, 1);
    assert_int_equal(whole->alerts[0].count, 2);
    free(whole);
    free(single);
    traffic_clear();
    knowledge_close(&knowledge);
}

static void the_seed_of_the_hashes_shows_nowhere(void **state)
{
    (void)state;
    uint64_t seed = hash_seed;
    struct run *runs[2];
    for (unsigned i = 0; i < 2; i++) {
        hash_seed = 0x1234567890abcdefull * (i + 1) | 1;
        knowledge_of("alerts: {window_s: 10}\n");
        traffic_random();
        runs[i] = run_in_batches(64);
        traffic_clear();
        knowledge_close(&knowledge);
    }
    hash_seed = seed;
    assert_same(runs[0], runs[1]);
    free(runs[0]);
    free(runs[1]);
}

/* The traffic through one shard up to frame `cut`, and on through another that has its image: as
 * when the process is started anew in between. */
static struct run *run_with_restart(unsigned cut)
{
    struct error error = {""};
    struct shard *first, *second;
    struct buf buf;
    struct run *run = calloc(1, sizeof(*run)), *cut_off = calloc(1, sizeof(*run));
    buf_init(&buf, 1u << 30);
    must(shard_new(knowledge.config, &knowledge.lists, take, cut_off, &first, &error), &error);
    shard_frames(first, traffic.frames, cut);
    shard_save(first, &buf);
    shard_free(first);
    assert_int_equal(cut_off->count, 0);
    struct image image = {buf.data, buf.len};
    must(shard_new(knowledge.config, &knowledge.lists, take, run, &second, &error), &error);
    assert_true(shard_load(second, &image));
    assert_int_equal(image.left, 0);
    shard_frames(second, traffic.frames + cut, traffic.count - cut);
    shard_finish(second);
    shard_free(second);
    buf_done(&buf);
    free(cut_off);
    return run;
}

/* A client that carries something out, one that asks for generated domains, one that a list knows:
 * all alerts are those of a run without a restart, wherever that is. */
static void a_restart_in_the_middle_of_a_story_does_not_change_it(void **state)
{
    (void)state;
    uint64_t random = 88172645463325252ull;
    knowledge_of("");
    for (unsigned i = 0; i < 120; i++) {
        char name[128], label[41] = "", drawn[13] = "";
        for (unsigned at = 0; at < 40; at++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            label[at] = "abcdefghijklmnopqrstuvwxyz234567"[random >> 20 & 31];
        }
        memcpy(drawn, label, 12);
        snprintf(name, sizeof(name), "%s.carrier-domain.net", label);
        ask(1e6 + i, 1, name);
        answer(1e6 + i + 0.1, 1, name, "198.51.100.1");
        snprintf(name, sizeof(name), "%s.com", drawn);
        ask(1e6 + i + 0.2, 2, name);
        build_response(&build, 7, name, DNS_TYPE_A, 3);
        capture(1e6 + i + 0.3, 2, false, 53);
        ask(1e6 + i + 0.4, 3, "evil-domain.net");
        answer(1e6 + i + 0.5, 3, "evil-domain.net", "198.51.100.1");
    }
    struct run *whole = run_in_batches(64);
    assert_true(whole->count >= 3);
    for (unsigned cut = 6; cut < traffic.count; cut += 66) {
        struct run *run = run_with_restart(cut);
        assert_int_equal(run->count, whole->count);
        for (unsigned i = 0; i < run->count; i++) {
            assert_string_equal(run->alerts[i].id, whole->alerts[i].id);
            assert_int_equal(run->alerts[i].count, whole->alerts[i].count);
            assert_int_equal(run->alerts[i].end_ns, whole->alerts[i].end_ns);
        }
        free(run);
    }
    free(whole);
    traffic_clear();
    knowledge_close(&knowledge);
}

static void an_image_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct error error = {""};
    struct shard *shard;
    struct buf buf;
    knowledge_of("");
    ask(1, 1, "evil-domain.net");
    buf_init(&buf, 1u << 30);
    must(shard_new(knowledge.config, &knowledge.lists, take, NULL, &shard, &error), &error);
    shard_save(shard, &buf);
    shard_free(shard);
    const size_t lengths[] = {0, buf.len / 2, buf.len - 1};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        struct image image = {buf.data, lengths[i]};
        must(shard_new(knowledge.config, &knowledge.lists, take, NULL, &shard, &error), &error);
        assert_false(shard_load(shard, &image));
        shard_free(shard);
    }
    buf_done(&buf);
    traffic_clear();
    knowledge_close(&knowledge);
}

static void ports_say_who_is_the_client_even_when_the_message_lies(void **state)
{
    (void)state;
    knowledge_of("");
    build_response(&build, 7, "evil-domain.net", DNS_TYPE_A, 0); /* QR set, but sent to port 53 */
    capture(1, 1, true, 53);
    build_query(&build, 8, "bad-domain.org", DNS_TYPE_A); /* QR clear, but sent from port 53 */
    capture(2, 2, false, 53);
    struct run *run = run_in_batches(2);
    assert_int_equal(run->count, 2);
    assert_string_equal(run->alerts[0].entity_ip, "192.0.2.1");
    assert_string_equal(run->alerts[1].entity_ip, "192.0.2.2");
    assert_int_equal(run->metrics.value[METRIC_QUERIES], 1);
    assert_int_equal(run->metrics.value[METRIC_RESPONSES], 1);
    free(run);
    traffic_clear();
    knowledge_close(&knowledge);
}

static void findings_about_a_resolver_and_below_the_knob_are_counted(void **state)
{
    (void)state;
    static const char *const configs[] = {"resolvers: [192.0.2.1]\n",
                                          "detectors: {threat_intel: {confidence: high}}\n"};
    for (size_t i = 0; i < 2; i++) {
        knowledge_of(configs[i]);
        ask(1, 1, i == 0 ? "evil-domain.net" : "www.unsure-domain.net");
        struct run *run = run_in_batches(2);
        assert_int_equal(run->count, 0);
        assert_int_equal(run->metrics.value[METRIC_FINDINGS], 1);
        assert_int_equal(run->metrics.value[METRIC_FINDINGS_SUPPRESSED], 1);
        free(run);
        traffic_clear();
        knowledge_close(&knowledge);
    }
}

static void other_ports_are_read_when_the_configuration_names_them(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        unsigned alerts;
    } cases[] = {{"", 0}, {"capture: {ports: [53, 5353]}\n", 1}};
    for (size_t i = 0; i < 2; i++) {
        knowledge_of(cases[i].yaml);
        build_query(&build, 7, "evil-domain.net", DNS_TYPE_A);
        capture(1, 1, true, 5353);
        struct run *run = run_in_batches(1);
        assert_int_equal(run->count, cases[i].alerts);
        free(run);
        traffic_clear();
        knowledge_close(&knowledge);
    }
}

/* Every frame of a good conversation, cut at every length and with every byte spoiled in turn. */
static void spoiled_frames_are_all_accounted_for(void **state)
{
    (void)state;
    knowledge_of("");
    ask(1, 1, "evil-domain.net");
    answer(1, 1, "evil-domain.net", "203.0.113.7");
    struct frame good[2] = {traffic.frames[0], traffic.frames[1]};
    for (unsigned i = 0; i < 2; i++) {
        for (uint32_t at = 0; at < good[i].caplen; at++) {
            struct frame *cut = &traffic.frames[traffic.count];
            *cut = good[i];
            cut->caplen = at;
            traffic.bytes[traffic.count++] = NULL;
            struct frame *spoiled = &traffic.frames[traffic.count];
            uint8_t *copy = malloc(good[i].caplen);
            memcpy(copy, good[i].data, good[i].caplen);
            copy[at] ^= (uint8_t)(0x81 + at);
            *spoiled = good[i];
            spoiled->data = copy;
            traffic.bytes[traffic.count++] = copy;
        }
    }
    struct run *run = run_in_batches(40);
    assert_int_equal(run->metrics.value[METRIC_FRAMES_IN], traffic.count);
    assert_true(run->count >= 1);
    free(run);
    traffic_clear();
    knowledge_close(&knowledge);
}

static void in_a_network_nothing_is_new_before_it_was_watched_for_a_week(void **state)
{
    (void)state;
    static const char *const names[] = {"www.qxzvkwjh7xkq.net", "www.wxkqzvjh4qzk.net"};
    static const double times[] = {100, 8 * 86400.0};
    knowledge_of("");
    for (unsigned i = 0; i < 2; i++) {
        ask(times[i], 10, names[i]);
        answer(times[i] + 0.01, 10, names[i], "203.0.113.99");
    }
    for (int network = 0; network < 2; network++) {
        watched = network;
        struct run *run = run_in_batches(1);
        assert_int_equal(run->count, network ? 1 : 2);
        assert_string_equal(run->alerts[run->count - 1].qname, names[1]);
        for (unsigned i = 0; i < run->count; i++)
            assert_string_equal(run->alerts[i].prevalence_new_in, network ? "network" : "input");
        free(run);
    }
    watched = false;
    traffic_clear();
    knowledge_close(&knowledge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_a_network_nothing_is_new_before_it_was_watched_for_a_week),
        cmocka_unit_test(queries_and_answers_become_one_alert_per_client_and_domain),
        cmocka_unit_test(responses_that_come_back_are_no_messages),
        cmocka_unit_test(without_the_detector_of_anomalies_they_are_only_counted),
        cmocka_unit_test(it_does_not_matter_where_batches_end),
        cmocka_unit_test(a_query_that_waits_is_judged_at_its_own_time),
        cmocka_unit_test(the_seed_of_the_hashes_shows_nowhere),
        cmocka_unit_test(a_restart_in_the_middle_of_a_story_does_not_change_it),
        cmocka_unit_test(an_image_that_does_not_fit_is_refused),
        cmocka_unit_test(ports_say_who_is_the_client_even_when_the_message_lies),
        cmocka_unit_test(findings_about_a_resolver_and_below_the_knob_are_counted),
        cmocka_unit_test(other_ports_are_read_when_the_configuration_names_them),
        cmocka_unit_test(spoiled_frames_are_all_accounted_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
