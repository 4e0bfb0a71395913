/* test_secret.c - secrets are kept for their owner alone, and signatures are the standard's
 * SPDX-License-Identifier: Apache-2.0 */
#include "outside/secret.h"

#include "cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64], path[96];
static struct error error;

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/secret-XXXXXX");
    bool made = mkdtemp(folder);
    snprintf(path, sizeof(path), "%s/new/key", folder);
    return made ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

static void write_file(const char *text)
{
    snprintf(path, sizeof(path), "%s/file", folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    chmod(path, 0600);
}

static void a_secret_is_made_once_for_its_owner(void **state)
{
    (void)state;
    struct secret first, second;
    struct stat info;
    assert_int_equal(secret_read_or_make(path, &first, &error), 0);
    assert_int_equal(secret_read_or_make(path, &second, &error), 0);
    assert_int_equal(first.len, 64);
    assert_string_equal(first.text, second.text);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void a_secret_that_others_may_read_is_refused(void **state)
{
    (void)state;
    struct secret secret;
    write_file("secret\n");
    assert_int_equal(secret_read(path, &secret, &error), 0);
    assert_string_equal(secret.text, "secret");
    chmod(path, 0640);
    assert_int_equal(secret_read(path, &secret, &error), -EPERM);
    assert_null(strstr(error.text, "secret\n"));
}

static void what_is_no_secret_is_refused(void **state)
{
    (void)state;
    struct secret secret;
    char text[SECRET_MAX + 2];
    write_file("\n");
    assert_int_equal(secret_read(path, &secret, &error), -EINVAL);
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = 0;
    write_file(text);
    assert_int_equal(secret_read(path, &secret, &error), -EINVAL);
    assert_int_equal(secret_read("/nonexistent/file", &secret, &error), -ENOENT);
}

/* RFC 4231, test case 2. */
static void signatures_are_hmac_sha256(void **state)
{
    (void)state;
    const struct secret secret = {.text = "Jefe", .len = 4};
    char hex[SECRET_MAC_HEX + 1];
    secret_sign_hex(&secret, "what do ya want for nothing?", 28, hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_secret_is_made_once_for_its_owner),
        TEST(a_secret_that_others_may_read_is_refused),
        TEST(what_is_no_secret_is_refused),
        cmocka_unit_test(signatures_are_hmac_sha256),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
