/* test_exchange.c - new lists come into force under load without a look-up going wrong
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "intel/builder.h"
#include "intel/exchange.h"

#include <dnsvigil/name.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { READERS = 3, SWAPS = 400, NAMES = 16 };

static struct suffix_list *suffixes;

/* A snapshot in which every name is listed, by the line that tells the generation. */
static struct intel *snapshot(unsigned generation)
{
    char text[NAMES * 64];
    size_t len = 0;
    const struct feed_config config = {
        .name = "a", .path = "a", .category = CATEGORY_C2, .format = FEED_PLAIN};
    struct intel_builder *builder = intel_builder_new(suffixes);
    struct feed_report report;
    struct error error;
    for (unsigned i = 0; i < NAMES; i++)
        len += (size_t)sprintf(text + len, "n%u.example.net # %u\n", i, generation);
    assert_non_null(builder);
    assert_int_equal(intel_builder_add_text(builder, &config, text, len, &report, &error), 0);
    struct intel *intel = intel_build(builder, &error);
    intel_builder_free(builder);
    return intel;
}

struct reader {
    struct exchange *exchange;
    atomic_bool *stop;
    uint64_t looked, missed, torn, swaps;
};

/* The generation that the name's line tells, or -1 when it is not found. */
static long generation_of(const struct intel *intel, const struct dns_name *name)
{
    struct indicator_hit hit;
    struct intel_entry entry;
    unsigned generation, number;
    if (intel_match_name(intel, name, 0, &hit, 1) != 1)
        return -1;
    intel_entry(intel, &hit, &entry);
    bool read = sscanf(entry.entry, "n%u.example.net # %u", &number, &generation) == 2;
    return read ? (int)generation : -1;
}

/* As a shard does: one snapshot for a batch, the next one for the next. */
static void *reader_run(void *arg)
{
    struct reader *reader = arg;
    struct exchange_hold hold = {0};
    struct dns_name names[NAMES];
    for (unsigned i = 0; i < NAMES; i++) {
        char text[32];
        name_from_text(&names[i], text, (size_t)sprintf(text, "n%u.example.net", i));
    }
    while (!atomic_load(reader->stop)) {
        reader->swaps += exchange_pick(reader->exchange, &hold);
        long first = generation_of(hold.intel, &names[0]);
        for (unsigned i = 0; i < NAMES; i++) {
            long generation = generation_of(hold.intel, &names[i]);
            reader->missed += generation < 0;
            reader->torn += generation != first;
            reader->looked++;
        }
    }
    exchange_leave(&hold);
    return NULL;
}

static void a_swap_under_load_misses_nothing(void **state)
{
    (void)state;
    struct exchange exchange;
    atomic_bool stop = false;
    struct reader readers[READERS] = {0};
    pthread_t threads[READERS];
    exchange_init(&exchange, snapshot(0));
    for (unsigned i = 0; i < READERS; i++) {
        readers[i] = (struct reader){.exchange = &exchange, .stop = &stop};
        assert_int_equal(pthread_create(&threads[i], NULL, reader_run, &readers[i]), 0);
    }
    for (unsigned generation = 1; generation <= SWAPS; generation++)
        exchange_publish(&exchange, snapshot(generation));
    atomic_store(&stop, true);
    for (unsigned i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(readers[i].missed, 0);
        assert_int_equal(readers[i].torn, 0);
    }
    exchange_done(&exchange);
}

static void the_newest_is_picked_once(void **state)
{
    (void)state;
    struct exchange exchange;
    struct exchange_hold hold = {0};
    struct dns_name name;
    assert_true(name_from_text(&name, "n1.example.net", 14));
    exchange_init(&exchange, snapshot(1));
    assert_true(exchange_pick(&exchange, &hold));
    assert_false(exchange_pick(&exchange, &hold));
    exchange_publish(&exchange, snapshot(2));
    exchange_publish(&exchange, snapshot(3));
    assert_int_equal(generation_of(hold.intel, &name), 1);
    assert_true(exchange_pick(&exchange, &hold));
    assert_int_equal(generation_of(hold.intel, &name), 3);
    assert_false(exchange_pick(&exchange, &hold));
    exchange_done(&exchange);
    assert_int_equal(generation_of(hold.intel, &name), 3);
    exchange_leave(&hold);
}

static int start(void **state)
{
    (void)state;
    struct error warning;
    suffixes = suffix_list_new(NULL, &warning);
    return suffixes ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    suffix_list_free(suffixes);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_swap_under_load_misses_nothing),
        cmocka_unit_test(the_newest_is_picked_once),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
