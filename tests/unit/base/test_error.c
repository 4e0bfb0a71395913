/* test_error.c - messages keep their text, their code and their length
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/error.h"

#include <errno.h>
#include <string.h>

static void setting_a_message_returns_its_code(void **state)
{
    (void)state;
    struct error error;
    assert_int_equal(error_set(&error, -EINVAL, "line %d: %s", 7, "bad"), -EINVAL);
    assert_string_equal(error.text, "line 7: bad");
}

static void context_goes_in_front(void **state)
{
    (void)state;
    struct error error;
    error_set(&error, -EIO, "disk full");
    error_prefix(&error, "%s: ", "alerts.db");
    error_prefix(&error, "store: ");
    assert_string_equal(error.text, "store: alerts.db: disk full");
}

static void a_long_message_is_cut_at_its_end(void **state)
{
    (void)state;
    struct error error;
    char text[3000];
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = 0;
    error_set(&error, -EIO, "%s", text);
    assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
    error_prefix(&error, "front: ");
    assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
    assert_memory_equal(error.text, "front: xxx", 10);
    error_prefix(&error, "%s", text);
    assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setting_a_message_returns_its_code),
        cmocka_unit_test(context_goes_in_front),
        cmocka_unit_test(a_long_message_is_cut_at_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
