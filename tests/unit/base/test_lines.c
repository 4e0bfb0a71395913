/* test_lines.c - tests of memory for large tables
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/lines.h"

#include "cmocka_all.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void memory_of_any_size_starts_on_a_line_and_can_be_used_to_its_end(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 63, 64, 4097, 1 << 20, (2 << 20) + 1, 5 << 20};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        uint8_t *memory = lines_alloc(sizes[i]);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % LINE_BYTES, 0);
        memset(memory, 0xa5, sizes[i]);
        assert_int_equal(memory[sizes[i] - 1], 0xa5);
        free(memory);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_of_any_size_starts_on_a_line_and_can_be_used_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
