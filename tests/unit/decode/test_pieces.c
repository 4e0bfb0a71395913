/* test_pieces.c - byte ranges held in a pool of fixed pieces
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "decode/pieces.h"
#include "prng.h"

#include <string.h>

struct rig {
    struct piece_pool pool;
    struct piece_list list;
};

static int rig_open(void **state)
{
    static struct rig rig;
    rig = (struct rig){0};
    *state = &rig;
    return piece_pool_init(&rig.pool, 300 * sizeof(struct piece)) ? 0 : -1;
}

static int rig_close(void **state)
{
    struct rig *rig = *state;
    piece_pool_done(&rig->pool);
    return 0;
}

static bool add(struct rig *rig, uint32_t at, const char *text)
{
    return pieces_add(&rig->pool, &rig->list, at, (const uint8_t *)text, (uint32_t)strlen(text),
                      false);
}

static void assert_front(const struct rig *rig, const char *text)
{
    char out[64] = {0};
    uint32_t len = pieces_copy(&rig->pool, &rig->list, (uint8_t *)out, sizeof(out) - 1);
    assert_int_equal(len, strlen(text));
    assert_string_equal(out, text);
}

static void ranges_come_back_in_order(void **state)
{
    struct rig *rig = *state;
    assert_true(add(rig, 16, "ghi"));
    assert_true(add(rig, 10, "abc"));
    assert_front(rig, "abc");
    assert_int_equal(pieces_contiguous(&rig->pool, &rig->list, 10), 13);
    assert_true(add(rig, 13, "def"));
    assert_front(rig, "abcdefghi");
    assert_int_equal(pieces_contiguous(&rig->pool, &rig->list, 10), 19);
    assert_int_equal(pieces_contiguous(&rig->pool, &rig->list, 9), 9);
    assert_int_equal(pieces_end(&rig->pool, &rig->list), 19);
}

static void bytes_that_came_first_stay(void **state)
{
    struct rig *rig = *state;
    add(rig, 12, "CD");
    add(rig, 16, "GH");
    assert_true(add(rig, 10, "abcdefghij"));
    assert_front(rig, "abCDefGHij");
    assert_int_equal(rig->list.bytes, 10);
    assert_true(add(rig, 8, "??????????????"));
    assert_front(rig, "??abCDefGHij??");
}

static void a_range_that_is_held_adds_nothing(void **state)
{
    struct rig *rig = *state;
    add(rig, 10, "abc");
    add(rig, 13, "def");
    assert_true(add(rig, 11, "????"));
    assert_int_equal(rig->list.count, 2);
    assert_front(rig, "abcdef");
}

static void positions_may_wrap(void **state)
{
    struct rig *rig = *state;
    add(rig, 1, "def");
    add(rig, UINT32_MAX - 1, "abc");
    assert_front(rig, "abcdef");
    pieces_drop(&rig->pool, &rig->list, 0);
    assert_front(rig, "cdef");
}

static void joined_bytes_share_a_piece(void **state)
{
    struct rig *rig = *state;
    for (uint32_t i = 0; i < 2 * PIECE_DATA_BYTES; i++)
        assert_true(pieces_add(&rig->pool, &rig->list, i, (const uint8_t *)"x", 1, true));
    assert_int_equal(rig->list.count, 2);
    assert_int_equal(rig->list.bytes, 2 * PIECE_DATA_BYTES);
}

static void only_the_front_of_an_addition_is_a_start(void **state)
{
    struct rig *rig = *state;
    static uint8_t data[3 * PIECE_DATA_BYTES];
    pieces_add(&rig->pool, &rig->list, 100, data, sizeof(data), false);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pieces_first(&rig->pool, &rig->list)->starts, i == 0);
        pieces_shift(&rig->pool, &rig->list);
    }
    assert_null(pieces_first(&rig->pool, &rig->list));
}

static void dropping_part_of_a_piece_keeps_the_rest(void **state)
{
    struct rig *rig = *state;
    add(rig, 10, "abcdef");
    add(rig, 16, "ghi");
    pieces_drop(&rig->pool, &rig->list, 12);
    assert_front(rig, "cdefghi");
    assert_false(pieces_first(&rig->pool, &rig->list)->starts);
    pieces_drop(&rig->pool, &rig->list, 16);
    assert_front(rig, "ghi");
    pieces_drop(&rig->pool, &rig->list, 100);
    assert_int_equal(rig->list.bytes, 0);
    assert_int_equal(rig->pool.left, 300);
}

static void ranges_are_compared_with_what_is_held(void **state)
{
    static const struct {
        uint32_t at;
        const char *text;
        enum pieces_match match;
    } cases[] = {
        {10, "abcdef", PIECES_SAME},     {11, "bcde", PIECES_SAME},
        {16, "xy", PIECES_APART},        {8, "xy", PIECES_APART},
        {9, "xabcdef", PIECES_DIFFER},   {15, "fg", PIECES_DIFFER},
        {10, "abcdeX", PIECES_DIFFER},   {20, "uv", PIECES_SAME},
        {14, "efghijuv", PIECES_DIFFER},
    };
    struct rig *rig = *state;
    add(rig, 10, "abc");
    add(rig, 13, "def");
    add(rig, 20, "uv");
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(pieces_match(&rig->pool, &rig->list, cases[i].at,
                                      (const uint8_t *)cases[i].text,
                                      (uint32_t)strlen(cases[i].text)),
                         cases[i].match);
}

static void a_list_has_a_limit(void **state)
{
    struct rig *rig = *state;
    for (uint32_t i = 0; i < PIECES_PER_LIST_MAX; i++)
        assert_true(add(rig, 2 * i, "x"));
    assert_false(add(rig, 2 * PIECES_PER_LIST_MAX, "x"));
    assert_int_equal(rig->list.bytes, PIECES_PER_LIST_MAX);
    pieces_clear(&rig->pool, &rig->list);
    assert_int_equal(rig->pool.left, 300);
}

static void a_pool_has_a_limit_that_lists_share(void **state)
{
    struct rig *rig = *state;
    struct piece_list other = {0};
    static uint8_t data[PIECES_PER_LIST_MAX * PIECE_DATA_BYTES];
    assert_true(pieces_add(&rig->pool, &rig->list, 0, data, sizeof(data), false));
    assert_false(pieces_add(&rig->pool, &other, 0, data, sizeof(data), false));
    assert_int_equal(other.bytes, (300 - PIECES_PER_LIST_MAX) * PIECE_DATA_BYTES);
    assert_int_equal(rig->pool.left, 0);
    pieces_clear(&rig->pool, &other);
    pieces_clear(&rig->pool, &rig->list);
    assert_int_equal(rig->pool.left, 300);
}

/* Against an array of bytes that remembers who wrote first. */
static void random_ranges_match_a_plain_array(void **state)
{
    struct rig *rig = *state;
    struct prng prng = {.state = 7};
    for (int round = 0; round < 500; round++) {
        uint8_t model[2000] = {0}, out[2000], data[300];
        uint32_t base = (uint32_t)prng_next(&prng), bytes = 0;
        for (int i = 0; i < 60; i++) {
            uint32_t from = prng_below(&prng, 1700), len = 1 + prng_below(&prng, 300);
            memset(data, i + 1, len);
            if (!pieces_add(&rig->pool, &rig->list, base + from, data, len, round & 1))
                break;
            for (uint32_t k = from; k < from + len; k++) {
                bytes += model[k] == 0;
                model[k] = model[k] ? model[k] : (uint8_t)(i + 1);
            }
        }
        assert_int_equal(rig->list.bytes, bytes);
        uint32_t first = 0;
        while (!model[first])
            first++;
        uint32_t run = (uint32_t)strnlen((char *)model + first, sizeof(model) - first);
        assert_int_equal(pieces_contiguous(&rig->pool, &rig->list, base + first),
                         base + first + run);
        assert_int_equal(pieces_copy(&rig->pool, &rig->list, out, sizeof(out)), run);
        assert_memory_equal(out, model + first, run);
        pieces_clear(&rig->pool, &rig->list);
        assert_int_equal(rig->pool.left, 300);
    }
}

#define pieces_test(name) cmocka_unit_test_setup_teardown(name, rig_open, rig_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        pieces_test(ranges_come_back_in_order),
        pieces_test(bytes_that_came_first_stay),
        pieces_test(a_range_that_is_held_adds_nothing),
        pieces_test(positions_may_wrap),
        pieces_test(joined_bytes_share_a_piece),
        pieces_test(only_the_front_of_an_addition_is_a_start),
        pieces_test(dropping_part_of_a_piece_keeps_the_rest),
        pieces_test(ranges_are_compared_with_what_is_held),
        pieces_test(a_list_has_a_limit),
        pieces_test(a_pool_has_a_limit_that_lists_share),
        pieces_test(random_ranges_match_a_plain_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
