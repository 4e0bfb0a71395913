/* test_collector.c - everything asked for is counted once, in bounded memory, whoever asks how much
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/collector.h"

#include "base/arena.h"
#include "base/clock.h"
#include "cmocka_all.h"
#include "decode/message.h"
#include "message_build.h"

#include <dnsvigil/name.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUT_MAX = 200 };

/* What was handed on. */
static struct {
    unsigned batches;
    uint64_t rows, count, further;
    unsigned kept; /* of the first rows */
    char names[OUT_MAX][NAME_TEXT_MAX];
    struct history_row row[OUT_MAX];
    struct answers answers[OUT_MAX];
} out;

static struct metrics metrics;
static struct collector collector;

static void take(void *arg, const struct history_row *const rows[], size_t count)
{
    (void)arg;
    out.batches++;
    out.rows += count;
    for (size_t i = 0; i < count; i++) {
        out.count += rows[i]->count;
        out.further += rows[i]->further;
        if (i > 0)
            assert_true(history_row_order(&rows[i - 1], &rows[i]) < 0);
        if (out.kept == OUT_MAX)
            continue;
        struct dns_name name;
        history_name(rows[i], &name);
        name_to_text(&name, 0, out.names[out.kept]);
        out.answers[out.kept].len = rows[i]->answers_len;
        memcpy(out.answers[out.kept].bytes, rows[i]->answers, rows[i]->answers_len);
        out.row[out.kept++] = *rows[i];
    }
}

static int open_collector(void **state)
{
    (void)state;
    memset(&out, 0, sizeof(out));
    memset(&metrics, 0, sizeof(metrics));
    return collector_init(&collector, take, NULL, &metrics) ? 0 : -1;
}

static int close_collector(void **state)
{
    (void)state;
    collector_done(&collector);
    return 0;
}

/* Client 192.0.2.`client` asks; the registrable domain is the last `domain` labels, 0 for none. */
static void ask(unsigned client, const char *text, unsigned domain, int64_t time_ns,
                const struct dns_message *response)
{
    static struct dns_name name;
    uint8_t v4[4] = {192, 0, 2, (uint8_t)client};
    assert_true(name_from_text(&name, text, strlen(text)));
    const struct transaction transaction = {
        .time_ns = time_ns,
        .question = &name,
        .qtype = DNS_TYPE_A,
        .response = response,
        .rcode = response ? response->rcode : 0,
    };
    struct enrichment enrichment = {.suffix_class = SUFFIX_ICANN};
    enrichment.entity = addr_from_v4(v4);
    enrichment.registrable = (int16_t)(domain ? (int)(name.labels - domain) : -1);
    collector_count(&collector, &transaction, &enrichment);
}

static void repeats_make_one_row(void **state)
{
    (void)state;
    ask(1, "www.a.example", 2, 50, NULL);
    ask(1, "www.a.example", 2, 20, NULL);
    ask(1, "www.a.example", 2, 90, NULL);
    ask(2, "www.a.example", 2, 60, NULL);
    collector_flush(&collector);
    assert_int_equal(out.rows, 2); /* none for a.example itself: nobody asked for that */
    assert_string_equal(out.names[0], "www.a.example");
    assert_int_equal(out.row[0].count, 3);
    assert_int_equal(out.row[0].first_ns, 20);
    assert_int_equal(out.row[0].last_ns, 90);
    assert_int_equal(out.row[0].domain_labels, 2);
    assert_int_equal(out.row[0].rcode, HISTORY_NO_RCODE);
    assert_int_equal(out.row[1].count, 1);
}

static void names_beyond_those_a_client_may_have_count_for_the_domain(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        char name[64];
        snprintf(name, sizeof(name), "n%u.tunnel.example", i);
        ask(1, name, 2, 1000 + i, NULL);
    }
    ask(1, "n5.tunnel.example", 2, 5000, NULL);   /* has its row */
    ask(2, "n999.tunnel.example", 2, 5000, NULL); /* another client */
    collector_flush(&collector);
    assert_int_equal(out.rows, COLLECTOR_NAMES_MAX + 1 + 1);
    assert_int_equal(out.count, 1002);
    assert_int_equal(out.further, 1000 - COLLECTOR_NAMES_MAX);
    assert_int_equal(metrics.value[METRIC_HISTORY_FURTHER], 1000 - COLLECTOR_NAMES_MAX);
    assert_string_equal(out.names[0], "tunnel.example");
    assert_int_equal(out.row[0].first_ns, 1000 + COLLECTOR_NAMES_MAX);
}

static void names_without_a_domain_are_bounded_by_their_last_label(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 200; i++) {
        char name[64];
        snprintf(name, sizeof(name), "n%u.lan", i);
        ask(1, name, 0, 1000 + i, NULL);
    }
    collector_flush(&collector);
    assert_int_equal(out.rows, COLLECTOR_NAMES_MAX + 1);
    assert_int_equal(out.row[0].domain_labels, 0);
}

static void what_is_not_worth_keeping_is_left_out(void **state)
{
    (void)state;
    struct dns_name name;
    struct enrichment enrichment = {.suffix_class = SUFFIX_REVERSE, .registrable = -1};
    const struct transaction transaction = {.time_ns = 1, .question = &name};
    assert_true(name_from_text(&name, "1.2.0.192.in-addr.arpa", 22));
    collector_count(&collector, &transaction, &enrichment);
    ask(1, "printer", 0, 1, NULL);
    ask(1, ".", 0, 1, NULL);
    collector_flush(&collector);
    assert_int_equal(out.batches, 0);
}

static const struct dns_message *response_of(uint16_t type, const char *const *data, unsigned count)
{
    static struct message_build build;
    static struct dns_message message;
    static struct arena arena;
    if (!arena.base)
        assert_true(arena_init(&arena, MESSAGE_ARENA_BYTES));
    arena_reset(&arena);
    build_response(&build, 7, "www.a.example", type, 0);
    for (unsigned i = 0; i < count; i++)
        build_record(&build, DNS_SECTION_ANSWER, "www.a.example", type, 60, data[i]);
    assert_int_equal(message_decode(&message, build.data, (uint32_t)build.len, &arena),
                     MALFORMED_NONE);
    return &message;
}

static void answers_to_several_types_come_together(void **state)
{
    (void)state;
    static const char *const v4[] = {"192.0.2.7", "192.0.2.8"}, *const v6[] = {"2001:db8::7"},
                             *const alias[] = {"cdn.other.example."};
    ask(1, "www.a.example", 2, 1, response_of(DNS_TYPE_A, v4, 2));
    ask(1, "www.a.example", 2, 2, response_of(DNS_TYPE_AAAA, v6, 1));
    ask(1, "www.a.example", 2, 3, response_of(DNS_TYPE_A, v4, 2));
    ask(1, "www.a.example", 2, 4, response_of(DNS_TYPE_CNAME, alias, 1));
    collector_flush(&collector);
    assert_int_equal(out.rows, 1);
    assert_int_equal(out.row[0].rcode, 0);
    struct cursor cursor = cursor_of(out.answers[0].bytes, out.answers[0].len);
    struct answer answer;
    unsigned addresses = 0, aliases = 0;
    while (answers_next(&cursor, &answer)) {
        addresses += answer.field == MATCH_ADDRESS;
        aliases += answer.field == MATCH_CNAME;
    }
    assert_int_equal(addresses, 3);
    assert_int_equal(aliases, 1);
}

static void nothing_is_lost_when_it_is_full(void **state)
{
    (void)state;
    enum { NAMES = 100000 };
    static const char *const v4[] = {"192.0.2.7"};
    const struct dns_message *response = response_of(DNS_TYPE_A, v4, 1);
    for (unsigned i = 0; i < NAMES; i++) {
        char name[64];
        snprintf(name, sizeof(name), "www.domain-number-%u.example", i);
        ask(i % 7, name, 2, 1 + i, response);
    }
    collector_flush(&collector);
    assert_true(out.batches > 2);
    assert_int_equal(out.rows, NAMES);
    assert_int_equal(out.count, NAMES);
}

static void it_hands_on_when_a_stretch_of_time_ends(void **state)
{
    (void)state;
    const int64_t stretch_ns = COLLECTOR_STRETCH_S * NS_PER_S;
    collector_time(&collector, 10 * stretch_ns + 1);
    ask(1, "www.a.example", 2, 10 * stretch_ns + 1, NULL);
    collector_time(&collector, 11 * stretch_ns - 1);
    collector_time(&collector, 3 * stretch_ns); /* time that goes back ends nothing */
    assert_int_equal(out.batches, 0);
    collector_time(&collector, 11 * stretch_ns);
    assert_int_equal(out.batches, 1);
    collector_time(&collector, 12 * stretch_ns);
    assert_int_equal(out.batches, 1);
    ask(1, "www.a.example", 2, 12 * stretch_ns, NULL);
    collector_flush(&collector);
    assert_int_equal(out.row[1].count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_collector, close_collector)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(repeats_make_one_row),
        TEST(names_beyond_those_a_client_may_have_count_for_the_domain),
        TEST(names_without_a_domain_are_bounded_by_their_last_label),
        TEST(what_is_not_worth_keeping_is_left_out),
        TEST(answers_to_several_types_come_together),
        TEST(nothing_is_lost_when_it_is_full),
        TEST(it_hands_on_when_a_stretch_of_time_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
