/* test_pattern_set.c - finding many byte strings at once misses none and reports no stranger
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "prng.h"

#include "base/hash.h"
#include "intel/pattern_set.h"

#include <string.h>

enum { PATTERNS = 300, TEXT = 400, PLENTY = 1 << 30 };

static unsigned seen[PATTERNS];

static bool note(void *arg, uint32_t value)
{
    (void)arg;
    seen[value]++;
    return true;
}

static bool note_first(void *arg, uint32_t value)
{
    (void)arg;
    seen[value]++;
    return false;
}

static void set_of(struct pattern_set *set, const char *const *texts, unsigned count)
{
    memset(seen, 0, sizeof(seen));
    pattern_set_init(set);
    for (unsigned i = 0; i < count; i++)
        assert_true(pattern_set_add(set, (const uint8_t *)texts[i], strlen(texts[i]), i));
    assert_true(pattern_set_build(set));
}

static bool search(const struct pattern_set *set, const char *text, unsigned budget)
{
    return pattern_set_search(set, (const uint8_t *)text, strlen(text), &budget, note, NULL);
}

static void patterns_of_every_length_are_found_at_both_ends(void **state)
{
    (void)state;
    static const char *const texts[] = {"z", "qx", "abc", "evil", "-dot-", "pipedrive", "EvilCorp"};
    static const char *const where[] = {"z and so on", "and so qx",   "abc",        "the devil",
                                        "a-dot-b",     "xpipedrivex", "at evilcorp"};
    struct pattern_set set;
    set_of(&set, texts, 7);
    for (unsigned i = 0; i < 7; i++) {
        memset(seen, 0, sizeof(seen));
        assert_true(search(&set, where[i], PLENTY));
        assert_int_equal(seen[i], 1);
    }
    pattern_set_done(&set);
}

static void an_empty_set_and_an_empty_text_find_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {"a"};
    struct pattern_set set;
    set_of(&set, texts, 0);
    assert_true(search(&set, "anything at all", PLENTY));
    pattern_set_done(&set);
    set_of(&set, texts, 1);
    assert_true(search(&set, "", PLENTY));
    assert_int_equal(seen[0], 0);
    pattern_set_done(&set);
}

static void a_search_ends_when_told_and_when_its_budget_is_spent(void **state)
{
    (void)state;
    static const char *const texts[] = {"aaaa", "aaaaa"};
    struct pattern_set set;
    unsigned budget = PLENTY;
    set_of(&set, texts, 2);
    assert_false(pattern_set_search(&set, (const uint8_t *)"aaaaaaaa", 8, &budget, note_first, 0));
    assert_int_equal(seen[0] + seen[1], 1);
    memset(seen, 0, sizeof(seen));
    assert_false(search(&set, "aaaaaaaaaaaaaaaa", 3));
    assert_true(seen[0] + seen[1] <= 3);
    assert_true(search(&set, "bbbbbbbbbbbbbbbb", 0));
    pattern_set_done(&set);
}

static bool stands(const uint8_t *text, size_t len, const uint8_t *pattern, size_t pattern_len)
{
    for (size_t at = 0; at + pattern_len <= len; at++) {
        size_t i = 0;
        while (i < pattern_len && ((text[at + i] ^ pattern[i]) & 0xdf) == 0)
            i++;
        if (i == pattern_len)
            return true;
    }
    return false;
}

/* Few different letters, so that patterns overlap, repeat and contain each other. */
static void bytes_fill(struct prng *prng, uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)("abcABC.\x03"[prng_below(prng, 8)]);
}

static void a_search_agrees_with_a_simple_one_whatever_the_seed(void **state)
{
    (void)state;
    static uint8_t patterns[PATTERNS][16], text[TEXT];
    static uint8_t lens[PATTERNS];
    struct prng prng = {7};
    uint64_t seed = hash_seed;
    for (unsigned round = 0; round < 60; round++) {
        struct pattern_set set;
        unsigned count = 1 + prng_below(&prng, PATTERNS), shortest = 1 + prng_below(&prng, 9);
        unsigned budget = PLENTY;
        hash_seed = prng_next(&prng) | 1;
        memset(seen, 0, sizeof(seen));
        pattern_set_init(&set);
        for (unsigned i = 0; i < count; i++) {
            lens[i] = (uint8_t)(shortest + prng_below(&prng, 16 - shortest + 1));
            bytes_fill(&prng, patterns[i], lens[i]);
            assert_true(pattern_set_add(&set, patterns[i], lens[i], i));
        }
        assert_true(pattern_set_build(&set));
        size_t len = prng_below(&prng, TEXT);
        bytes_fill(&prng, text, len);
        assert_true(pattern_set_search(&set, text, len, &budget, note, NULL));
        for (unsigned i = 0; i < count; i++)
            assert_int_equal(seen[i] > 0, stands(text, len, patterns[i], lens[i]));
        pattern_set_done(&set);
    }
    hash_seed = seed;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_of_every_length_are_found_at_both_ends),
        cmocka_unit_test(an_empty_set_and_an_empty_text_find_nothing),
        cmocka_unit_test(a_search_ends_when_told_and_when_its_budget_is_spent),
        cmocka_unit_test(a_search_agrees_with_a_simple_one_whatever_the_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
