/* test_password.c - a password fits its own hash and no other; secrets are random
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "store/password.h"

#include <errno.h>
#include <string.h>

static void a_password_fits_its_hash_only(void **context)
{
    (void)context;
    char hash[PASSWORD_HASH_MAX];
    struct error error;
    assert_int_equal(password_hash("correct horse battery", hash, &error), 0);
    assert_non_null(strstr(hash, "$argon2id$"));
    assert_true(password_fits("correct horse battery", hash));
    assert_false(password_fits("correct horse batterx", hash));
    assert_false(password_fits("", ""));
    assert_false(password_fits("correct horse battery", ""));
}

static void short_ones_and_the_name_are_refused(void **context)
{
    (void)context;
    struct error error;
    assert_int_equal(password_check("short", "alice", &error), -EINVAL);
    assert_int_equal(password_check("administrator1", "Administrator1", &error), -EINVAL);
    assert_int_equal(password_check("long enough 1", "alice", &error), 0);
}

static void no_two_secrets_are_alike(void **context)
{
    (void)context;
    char one[SECRET_TEXT_MAX], two[SECRET_TEXT_MAX];
    secret_make("dvt_", one);
    secret_make("dvt_", two);
    assert_int_equal(strlen(one), 4 + 43);
    assert_false(secret_equal(one, two));
    assert_true(secret_equal(one, one));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_password_fits_its_hash_only),
        cmocka_unit_test(short_ones_and_the_name_are_refused),
        cmocka_unit_test(no_two_secrets_are_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
