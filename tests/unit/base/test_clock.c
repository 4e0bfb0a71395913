/* test_clock.c - event time to text and back, and text that is no time
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/clock.h"

#include <errno.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void times_are_written_in_utc_with_microseconds(void **state)
{
    (void)state;
    static const struct {
        int64_t time_ns;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000000Z"},
        {1, "1970-01-01T00:00:00.000000Z"},
        {999999999, "1970-01-01T00:00:00.999999Z"},
        {-1, "1969-12-31T23:59:59.999999Z"},
        {-NS_PER_S, "1969-12-31T23:59:59.000000Z"},
        {-1500 * NS_PER_MS, "1969-12-31T23:59:58.500000Z"},
        {951782400 * NS_PER_S, "2000-02-29T00:00:00.000000Z"},
        {1709164800 * NS_PER_S, "2024-02-29T00:00:00.000000Z"},
        {1769903999123456789, "2026-01-31T23:59:59.123456Z"},
        {INT64_MAX, "2262-04-11T23:47:16.854775Z"},
        {INT64_MIN, "1677-09-21T00:12:43.145224Z"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[TIME_TEXT_MAX];
        size_t len = time_format(cases[i].time_ns, text);
        assert_int_equal(len, strlen(cases[i].text));
        assert_string_equal(text, cases[i].text);
    }
}

static void times_survive_a_round_trip_to_the_microsecond(void **state)
{
    (void)state;
    static const int64_t cases[] = {
        0,
        -NS_PER_US,
        NS_PER_US,
        -123456 * NS_PER_US,
        951782399 * NS_PER_S + 999999 * NS_PER_US,
        4107542400 * NS_PER_S,
        9223372035 * NS_PER_S,
        -9223372036 * NS_PER_S,
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[TIME_TEXT_MAX];
        int64_t again;
        time_format(cases[i], text);
        assert_int_equal(time_parse(text, &again), 0);
        assert_int_equal(again, cases[i]);
    }
}

static void fractions_of_no_to_nine_digits_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t fraction_ns;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00.Z", 0},
        {"1970-01-01T00:00:00.5Z", 500000000},
        {"1970-01-01T00:00:00.000001Z", 1000},
        {"1970-01-01T00:00:00.123456789Z", 123456789},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t time_ns;
        assert_int_equal(time_parse(cases[i].text, &time_ns), 0);
        assert_int_equal(time_ns, cases[i].fraction_ns);
    }
}

static void text_that_is_no_time_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "now",
        "2026",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00+01:00",
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00.1234567890Z",
        "2026-01-01T00:00:00,5Z",
        "2026-02-29T00:00:00Z",
        "2024-02-30T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:60Z",
        " 2026-01-01T00:00:00Z",
        "2026- 1-01T00:00:00Z",
        "2026-1-1T00:00:00Z",
        "2026-01-01T00:00:00ZZ",
        "2026-01-01T00:00:00Z ",
        "-026-01-01T00:00:00Z",
        /* Real dates that nanoseconds in 64 bits cannot hold. */
        "2262-04-12T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "1677-09-20T00:00:00Z",
        "0001-01-01T00:00:00Z",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t time_ns = 77;
        if (time_parse(cases[i], &time_ns) != -EINVAL)
            fail_msg("accepted '%s'", cases[i]);
        assert_int_equal(time_ns, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_written_in_utc_with_microseconds),
        cmocka_unit_test(times_survive_a_round_trip_to_the_microsecond),
        cmocka_unit_test(fractions_of_no_to_nine_digits_are_read),
        cmocka_unit_test(text_that_is_no_time_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
