/* test_reference.c - the reference names every key with what it may be
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "config/config.h"

#include <string.h>

static void the_reference_names_keys_with_range_unit_and_default(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "transactions.timeout_ms\n",
        "a whole number from 100 to 60000; unit: ms; default: 5000; "
        "takes effect at the next start\n",
        "detectors.<detector>.confidence\n",
        "one of low, medium, high; default: medium\n",
        "feeds[].name\n",
        "text of 1 to 63 bytes without control characters; required\n",
        "list of 1 to 16, each a port number from 1 to 65535; default: 53; "
        "takes effect at the next start\n",
    };
    struct buf text;
    buf_init(&text, 1 << 20);
    config_reference(&text);
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
        if (!strstr(text.data, parts[i]))
            fail_msg("'%s' is not in the reference", parts[i]);
    buf_done(&text);
}

static void the_manual_escapes_what_scdoc_would_take_for_markup(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 1 << 20);
    config_reference_scd(&text);
    assert_non_null(strstr(text.data, "*transactions.timeout\\_ms*\n\t"));
    for (const char *at = text.data; (at = strchr(at, '_')); at++)
        assert_int_equal(at[-1], '\\');
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_names_keys_with_range_unit_and_default),
        cmocka_unit_test(the_manual_escapes_what_scdoc_would_take_for_markup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
