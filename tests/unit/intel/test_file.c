/* test_file.c - tests of reading a whole file
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/file.h"

#include "cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];
static char path[128];

static int folder_make(void **state)
{
    (void)state;
    snprintf(dir, sizeof(dir), "/tmp/dnsvigil-file-XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof(path), "%s/list", dir);
    return 0;
}

static int folder_remove(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(dir);
}

static void write_file(const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void a_file_is_read_whole_and_terminated(void **state)
{
    (void)state;
    struct file file;
    struct error error;
    write_file("one\ntwo\n");
    assert_int_equal(file_read(&file, path, 100, &error), 0);
    assert_int_equal(file.len, 8);
    assert_string_equal(file.data, "one\ntwo\n");
    assert_true(file.modified_ns > 0);
    file_done(&file);
}

static void a_file_over_the_limit_is_refused(void **state)
{
    (void)state;
    struct file file;
    struct error error;
    write_file("12345");
    assert_int_equal(file_read(&file, path, 5, &error), 0);
    file_done(&file);
    assert_int_equal(file_read(&file, path, 4, &error), -EFBIG);
    assert_non_null(strstr(error.text, path));
}

static void what_is_no_regular_file_is_refused(void **state)
{
    (void)state;
    struct file file;
    struct error error;
    assert_int_equal(file_read(&file, dir, 100, &error), -EINVAL);
    assert_int_equal(file_read(&file, path, 100, &error), -ENOENT);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(file_read(&file, path, 100, &error), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_read_whole_and_terminated, folder_make,
                                        folder_remove),
        cmocka_unit_test_setup_teardown(a_file_over_the_limit_is_refused, folder_make,
                                        folder_remove),
        cmocka_unit_test_setup_teardown(what_is_no_regular_file_is_refused, folder_make,
                                        folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
