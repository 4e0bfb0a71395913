/* test_lines.c - memory on whole cache lines and large pages
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/lines.h"

#include "cmocka_all.h"

#include <stdint.h>
#include <stdlib.h>

static void memory_starts_on_a_line_and_large_memory_on_a_large_page(void **state)
{
    static const struct {
        size_t bytes;
        size_t start;
    } cases[] = {
        {1, LINE_BYTES},
        {LARGE_PAGE_BYTES - 1, LINE_BYTES},
        {LARGE_PAGE_BYTES, LARGE_PAGE_BYTES},
        {LARGE_PAGE_BYTES + 1, LARGE_PAGE_BYTES},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint8_t *memory = lines_alloc(cases[i].bytes);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % cases[i].start, 0);
        memory[0] = memory[cases[i].bytes - 1] = 1;
        free(memory);
    }
}

static void zeroed_memory_is_zero_where_other_has_been(void **state)
{
    enum { BYTES = 1000 };
    (void)state;
    uint8_t *used = lines_alloc(BYTES);
    assert_non_null(used);
    for (size_t i = 0; i < BYTES; i++)
        used[i] = 0xff;
    free(used);
    uint8_t *memory = lines_alloc_zeroed(BYTES);
    assert_non_null(memory);
    for (size_t i = 0; i < BYTES; i++)
        assert_int_equal(memory[i], 0);
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_starts_on_a_line_and_large_memory_on_a_large_page),
        cmocka_unit_test(zeroed_memory_is_zero_where_other_has_been),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
