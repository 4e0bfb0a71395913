/* test_pattern_few.c - a few byte strings are found wherever they stand, however they are sought
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "prng.h"

#include "intel/pattern_few.h"

#include <string.h>

enum { PATTERNS = 24, LEN_MAX = 20, TEXT = 300 };

static unsigned seen[PATTERNS];

static bool note(void *arg, uint32_t value)
{
    (void)arg;
    seen[value]++;
    return true;
}

static bool stands(const uint8_t *text, size_t len, const struct pattern *pattern)
{
    for (size_t at = 0; at + pattern->len <= len; at++) {
        size_t i = 0;
        while (i < pattern->len && ((text[at + i] ^ pattern->bytes[i]) & 0xdf) == 0)
            i++;
        if (i == pattern->len)
            return true;
    }
    return false;
}

/* What messages are made of: zeros and ones, lengths, pointers, letters, and a few rare bytes. */
static void bytes_fill(struct prng *prng, uint8_t *bytes, size_t len)
{
    static const uint8_t common[] = {0, 0, 0, 1, 1, 3, 0xc0, 0x0c, 'a', 'A', 'b', '{', 0xf9, 0x80};
    for (size_t i = 0; i < len; i++)
        bytes[i] = common[prng_below(prng, sizeof(common))];
}

static void patterns_make(struct prng *prng, uint8_t bytes[][LEN_MAX], struct pattern *patterns,
                          unsigned count, unsigned shortest)
{
    for (unsigned i = 0; i < count; i++) {
        patterns[i] = (struct pattern){
            .bytes = bytes[i],
            .len = (uint8_t)(shortest + prng_below(prng, LEN_MAX - shortest + 1)),
            .value = i,
        };
        bytes_fill(prng, bytes[i], patterns[i].len);
    }
}

/* Fills a text of any length, half of them with a pattern in it, and compares what is found. */
static void text_check(struct prng *prng, const struct pattern_few *few,
                       const struct pattern *patterns, unsigned count)
{
    uint8_t text[TEXT];
    unsigned budget = 1 << 30;
    size_t len = prng_below(prng, TEXT);
    const struct pattern *one = &patterns[prng_below(prng, count)];
    bytes_fill(prng, text, len);
    if (one->len <= len && prng_below(prng, 2))
        memcpy(text + prng_below(prng, (uint32_t)(len - one->len + 1)), one->bytes, one->len);
    const struct pattern_look look = {patterns, text, len, &budget, note, NULL};
    memset(seen, 0, sizeof(seen));
    assert_true(pattern_few_search(few, &look));
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(seen[i] > 0, stands(text, len, &patterns[i]));
}

static void a_search_agrees_with_a_simple_one(void **state)
{
    (void)state;
    static uint8_t bytes[PATTERNS][LEN_MAX];
    struct pattern patterns[PATTERNS];
    struct prng prng = {11};
    unsigned strides = 0;
    for (unsigned round = 0; round < 400; round++) {
        uint32_t numbers[PATTERNS];
        unsigned count = 1 + prng_below(&prng, PATTERNS), shortest = 1 + prng_below(&prng, 12);
        struct pattern_members members = {numbers, count};
        struct pattern_few few;
        bool fits;
        for (unsigned i = 0; i < count; i++)
            numbers[i] = i;
        patterns_make(&prng, bytes, patterns, count, shortest);
        assert_true(pattern_few_build(&few, patterns, &members, &fits));
        if (fits)
            strides |= 1u << few.stride;
        for (unsigned i = 0; fits && i < 20; i++)
            text_check(&prng, &few, patterns, count);
        pattern_few_done(&few);
    }
    assert_true(__builtin_popcount(strides) > 4);
}

static void too_many_short_patterns_do_not_fit(void **state)
{
    (void)state;
    static const struct pattern letters[] = {
        {(const uint8_t *)"a", 1, 0}, {(const uint8_t *)"b", 1, 1}, {(const uint8_t *)"c", 1, 2},
        {(const uint8_t *)"d", 1, 3}, {(const uint8_t *)"e", 1, 4},
    };
    uint32_t numbers[] = {0, 1, 2, 3, 4};
    struct pattern_members members = {numbers, 5};
    struct pattern_few few;
    bool fits;
    assert_true(pattern_few_build(&few, letters, &members, &fits));
    assert_false(fits);
    assert_int_equal(pattern_few_bytes(&few), 0);
    pattern_few_done(&few);
    members.count = 4;
    assert_true(pattern_few_build(&few, letters, &members, &fits));
    assert_true(fits);
    pattern_few_done(&few);
}

static void no_pattern_is_found_without_a_budget(void **state)
{
    (void)state;
    static const struct pattern one = {(const uint8_t *)"evilness", 8, 0};
    const uint8_t *text = (const uint8_t *)"that is evilness itself";
    uint32_t number = 0;
    struct pattern_members members = {&number, 1};
    struct pattern_few few;
    unsigned budget = 0;
    bool fits;
    assert_true(pattern_few_build(&few, &one, &members, &fits) && fits);
    struct pattern_look look = {&one, text, 23, &budget, note, NULL};
    assert_false(pattern_few_search(&few, &look));
    budget = 100;
    memset(seen, 0, sizeof(seen));
    assert_true(pattern_few_search(&few, &look));
    assert_true(seen[0] > 0 && budget < 100);
    pattern_few_done(&few);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_agrees_with_a_simple_one),
        cmocka_unit_test(too_many_short_patterns_do_not_fit),
        cmocka_unit_test(no_pattern_is_found_without_a_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
