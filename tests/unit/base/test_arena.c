/* test_arena.c - memory handed out from a block, never beyond it
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/arena.h"

#include <string.h>

static void pieces_are_aligned_and_do_not_overlap(void **state)
{
    (void)state;
    struct arena arena;
    assert_true(arena_init(&arena, 512));
    uint8_t *end = arena.base;
    for (size_t size = 1; size < 20; size++) {
        uint8_t *piece = arena_take(&arena, size);
        assert_non_null(piece);
        assert_int_equal((uintptr_t)piece % 8, 0);
        assert_true(piece >= end);
        memset(piece, 0xff, size);
        end = piece + size;
    }
    arena_done(&arena);
}

static void a_full_arena_gives_nothing_more(void **state)
{
    (void)state;
    static const size_t absurd[] = {65, SIZE_MAX, SIZE_MAX - 6, SIZE_MAX - 7, SIZE_MAX / 2};
    struct arena arena;
    assert_true(arena_init(&arena, 64));
    for (size_t i = 0; i < sizeof(absurd) / sizeof(*absurd); i++)
        assert_null(arena_take(&arena, absurd[i]));
    assert_non_null(arena_take(&arena, 57));
    assert_int_equal(arena_left(&arena), 0);
    assert_null(arena_take(&arena, 1));
    assert_non_null(arena_take(&arena, 0));
    arena_done(&arena);
}

static void a_reset_gives_everything_back(void **state)
{
    (void)state;
    struct arena arena;
    assert_true(arena_init(&arena, 64));
    void *first = arena_take(&arena, 40);
    assert_null(arena_take(&arena, 32));
    arena_reset(&arena);
    assert_ptr_equal(arena_take(&arena, 64), first);
    arena_give_back(&arena, 48);
    assert_int_equal(arena_left(&arena), 48);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_aligned_and_do_not_overlap),
        cmocka_unit_test(a_full_arena_gives_nothing_more),
        cmocka_unit_test(a_reset_gives_everything_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
