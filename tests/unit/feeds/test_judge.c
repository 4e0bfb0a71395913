/* test_judge.c - which lists may take the place of the last good one
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "feeds/judge.h"

#include <errno.h>
#include <string.h>

static void sizes_that_jump_are_refused(void **state)
{
    (void)state;
    static const struct {
        uint32_t before, after;
        int code;
    } cases[] = {
        {0, 1, 0},
        {0, 5000000, 0},
        {100, 100, 0},
        {100, 50, 0},
        {100, 49, -ERANGE},
        {101, 50, -ERANGE},
        {100, 1000, 0},
        {100, 1001, -ERANGE},
        {1, 10, 0},
        {1, 11, -ERANGE},
        {5000000, 1, -ERANGE},
        {UINT32_MAX, UINT32_MAX, 0},
        {2, 1, 0},
        {3000000000u, 3000000000u, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct error error = {""};
        assert_int_equal(judge_size(cases[i].before, cases[i].after, &error), cases[i].code);
        assert_true(!cases[i].code == !strstr(error.text, "--force"));
    }
}

static void lists_that_are_wrong_in_themselves_are_refused(void **state)
{
    (void)state;
    static const struct {
        uint32_t added, nameless, popular;
        int code;
    } cases[] = {
        {10, 0, 0, 0},          {10, 10, 0, 0},    {10, 11, 0, -EINVAL},    {100, 10, 10, 0},
        {100, 11, 11, -EINVAL}, {2000, 11, 11, 0}, {2000, 21, 21, -EINVAL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct error error = {""};
        struct feed_report report = {.added = cases[i].added, .refused = cases[i].nameless};
        report.refused_by[REFUSAL_NOT_A_NAME] = cases[i].nameless;
        report.refused_by[REFUSAL_POPULAR] = cases[i].popular;
        assert_int_equal(judge_report(&report, &error), cases[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_that_jump_are_refused),
        cmocka_unit_test(lists_that_are_wrong_in_themselves_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
