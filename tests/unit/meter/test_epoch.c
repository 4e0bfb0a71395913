/* test_epoch.c - what is known of other clients does not depend on how they are spread over shards
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/clock.h"
#include "base/hash.h"
#include "meter/epoch.h"
#include "prng.h"
#include "tunnel_ask.h"

#include <stdio.h>

enum { SHARDS_MAX = 7, EPOCHS = 12, TRANSACTIONS = 400, CLIENTS = 60, DOMAINS = 40 };

static const struct knowledge_config config = {
    .domains_max = 1024,
    .epoch_domains_max = 256,
    .shards = SHARDS_MAX,
    .leaks = {.bytes = 500, .clients_min = 4, .hooks = {NULL, information_of_label, NULL}},
};

static struct ask ask;

/* All that was told, in its order. */
static void tell(void *arg, const struct transaction *transaction, const struct addr *entity,
                 const struct tunnel_measure *measure)
{
    uint64_t *digest = arg;
    const struct dns_name *name = transaction->question;
    *digest = hash_bytes(name->wire, name->len, *digest);
    *digest = hash_bytes(entity, sizeof(*entity), *digest);
    *digest = hash_bytes(&measure->up, sizeof(measure->up), *digest + measure->clients);
}

static void count(struct counts *counts, const struct knowledge *knowledge, struct prng *prng,
                  uint32_t who, int64_t time_ns)
{
    char name[96];
    struct place place;
    struct addr client = addr_from_v4((uint8_t[]){10, 0, 0, (uint8_t)who});
    snprintf(name, sizeof(name), "%08x%08x%08x.d%u.com", prng_below(prng, UINT32_MAX),
             prng_below(prng, UINT32_MAX), prng_below(prng, UINT32_MAX), prng_below(prng, DOMAINS));
    ask_begin(&ask, name, DNS_TYPE_A, 0);
    ask_finish(&ask, time_ns);
    ask.transaction.client = client;
    ask.transaction.server.bytes[15] = (uint8_t)prng_below(prng, 5);
    ask.message.flags |= DNS_FLAG_RA;
    ask.transaction.query = &ask.message;
    uint64_t hash = ask.message.question.hash[1];
    domains_count(&counts->domains, &knowledge->domains, hash, tally_client(&client), time_ns);
    crowds_note(&counts->crowds, hash, &client, time_ns);
    resolvers_count(&counts->resolvers, &ask.transaction, tally_client(&client));
    assert_true(place_find(&ask.transaction, 1, SUFFIX_ICANN, &place));
    leaks_note(&counts->leaks, &ask.transaction, &client, &place);
}

/* Plays the same traffic over so many shards. Returns a digest of what was told; what is known in
 * the end goes to `knowledge`. */
static uint64_t play(unsigned shards, struct knowledge *knowledge)
{
    struct counts counts[SHARDS_MAX], *all[SHARDS_MAX];
    struct prng prng = {.state = 11};
    uint64_t digest = 0;
    assert_true(knowledge_init(knowledge, &config));
    for (unsigned i = 0; i < shards; i++) {
        all[i] = &counts[i];
        assert_true(counts_init(all[i], &config));
    }
    for (int64_t epoch = 0; epoch < EPOCHS; epoch++) {
        for (unsigned i = 0; i < TRANSACTIONS; i++) {
            uint32_t who = prng_below(&prng, CLIENTS);
            count(all[who % shards], knowledge, &prng, who,
                  epoch * 86400 * NS_PER_S + prng_below(&prng, 1000));
        }
        knowledge_merge(knowledge, all, shards, (epoch + 1) * 86400 * NS_PER_S, tell, &digest);
    }
    for (unsigned i = 0; i < shards; i++) {
        assert_int_equal(counts_lost(all[i]), 0);
        counts_done(all[i]);
    }
    return digest;
}

static void assert_same_tables(const struct table *a, const struct table *b)
{
    size_t ways = (a->set_mask + 1) * TABLE_WAYS;
    assert_int_equal(a->set_mask, b->set_mask);
    assert_memory_equal(a->sets, b->sets, (a->set_mask + 1) * sizeof(*a->sets));
    assert_memory_equal(a->entries, b->entries, ways * a->entry_bytes);
}

static void one_two_or_seven_shards_come_to_know_the_same(void **state)
{
    (void)state;
    static const unsigned shards[] = {2, 7};
    struct knowledge whole, parts;
    uint64_t digest = play(1, &whole);
    assert_int_not_equal(digest, 0); /* something leaked */
    for (size_t i = 0; i < sizeof(shards) / sizeof(*shards); i++) {
        assert_int_equal(play(shards[i], &parts), digest);
        assert_same_tables(&whole.domains.table, &parts.domains.table);
        assert_same_tables(&whole.crowds.table, &parts.crowds.table);
        assert_same_tables(&whole.resolvers.table, &parts.resolvers.table);
        assert_int_equal(whole.leaks.count, parts.leaks.count);
        assert_memory_equal(whole.leaks.sums, parts.leaks.sums,
                            whole.leaks.count * sizeof(*whole.leaks.sums));
        knowledge_done(&parts);
    }
    knowledge_done(&whole);
}

/* Whether there is an edge before this time; and which. */
static int64_t due(struct epochs *epochs, int64_t now_s)
{
    int64_t edge_ns;
    return epochs_due(epochs, now_s * NS_PER_S, &edge_ns) ? edge_ns / NS_PER_S : -1;
}

static void edges_lie_at_multiples_of_the_length(void **state)
{
    (void)state;
    struct epochs epochs = epochs_of(5 * NS_PER_S, 5 * NS_PER_S);
    assert_int_equal(due(&epochs, 1003), -1);
    assert_int_equal(due(&epochs, 1004), -1);
    assert_int_equal(due(&epochs, 1005), 1005);
    assert_int_equal(due(&epochs, 1005), -1);
    assert_int_equal(due(&epochs, 1016), 1010);
    assert_int_equal(due(&epochs, 1016), 1015);
    assert_int_equal(due(&epochs, 1016), -1);
    assert_int_equal(due(&epochs, 1012), -1); /* a little late */
}

static void edges_of_a_long_silence_are_left_out(void **state)
{
    (void)state;
    struct epochs epochs = epochs_of(5 * NS_PER_S, 5 * NS_PER_S);
    due(&epochs, 1003);
    assert_int_equal(due(&epochs, 900002), 1005); /* what waited becomes due */
    assert_int_equal(due(&epochs, 900002), 1010);
    assert_int_equal(due(&epochs, 900002), 900000);
    assert_int_equal(due(&epochs, 900002), -1);
    assert_int_equal(due(&epochs, 900005), 900005);
}

static void time_that_jumps_far_back_does_not_end_the_epochs(void **state)
{
    (void)state;
    struct epochs epochs = epochs_of(5 * NS_PER_S, 5 * NS_PER_S);
    due(&epochs, 900000);
    assert_int_equal(due(&epochs, 1003), 1000);
    assert_int_equal(due(&epochs, 1003), -1);
    assert_int_equal(due(&epochs, 1006), 1005);
    assert_int_equal(due(&epochs, 1006), -1);
}

static void times_before_1970_have_edges_too(void **state)
{
    (void)state;
    struct epochs epochs = epochs_of(5 * NS_PER_S, 5 * NS_PER_S);
    assert_int_equal(due(&epochs, -13), -1);
    int64_t edge_ns;
    assert_true(epochs_due(&epochs, -9 * NS_PER_S, &edge_ns));
    assert_int_equal(edge_ns, -10 * NS_PER_S);
}

static int done(void **state)
{
    (void)state;
    ask_done(&ask);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_two_or_seven_shards_come_to_know_the_same),
        cmocka_unit_test(edges_lie_at_multiples_of_the_length),
        cmocka_unit_test(edges_of_a_long_silence_are_left_out),
        cmocka_unit_test(time_that_jumps_far_back_does_not_end_the_epochs),
        cmocka_unit_test(times_before_1970_have_edges_too),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
