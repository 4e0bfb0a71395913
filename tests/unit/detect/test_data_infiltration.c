/* test_data_infiltration.c - data that comes in through answers
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "tunnel_judge.h"

static void only_a_download_is_one(void **state)
{
    (void)state;
    tunnel_expect_direction(DETECTOR_DATA_INFILTRATION, TUNNEL_DOWN, REASON_TUNNEL_DOWNLOAD);
}

static void a_name_alone_is_none(void **state)
{
    (void)state;
    static const char *const names[] = {
        "www.host.example", "mzuxezltn5wwkidpnzss4ltcnrqwczlu.mzuxezltn5wwkidpnzss4.host.example"};
    judge_silent(DETECTOR_DATA_INFILTRATION, names, sizeof(names) / sizeof(*names));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_download_is_one),
        cmocka_unit_test(a_name_alone_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
