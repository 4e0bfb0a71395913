/* test_shelf.c - kept files are replaced whole, whatever their list is called
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/clock.h"
#include "feeds/shelf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/dnsvigil-test-XXXXXX";

static void any_name_makes_a_file_name(void **state)
{
    (void)state;
    static const struct {
        const char *name, *path;
    } cases[] = {
        {"urlhaus", "/s/feeds/urlhaus.list"},
        {"house list", "/s/feeds/house%20list.list"},
        {"../../etc/passwd", "/s/feeds/%2E%2E%2F%2E%2E%2Fetc%2Fpasswd.list"},
        {"A\xc3\xa4", "/s/feeds/%41%C3%A4.list"},
        {".", "/s/feeds/%2E.list"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char path[PATH_MAX];
        shelf_path("/s", cases[i].name, "list", path);
        assert_string_equal(path, cases[i].path);
    }
}

static void a_file_is_replaced_while_it_is_mapped(void **state)
{
    (void)state;
    char path[PATH_MAX];
    struct mapping first, second;
    struct error error;
    shelf_path(folder, "a", "list", path);
    assert_int_equal(shelf_map(path, &first, &error), -ENOENT);
    assert_int_equal(shelf_put(path, "one", 3, 5 * NS_PER_S, &error), 0);
    assert_int_equal(shelf_map(path, &first, &error), 0);
    assert_int_equal(first.modified_ns, 5 * NS_PER_S);
    assert_int_equal(shelf_put(path, "second", 6, 7 * NS_PER_S, &error), 0);
    assert_int_equal(shelf_map(path, &second, &error), 0);
    assert_memory_equal(first.data, "one", 3);
    assert_int_equal(second.len, 6);
    assert_memory_equal(second.data, "second", 6);
    shelf_unmap(&first);
    shelf_unmap(&second);
    assert_int_equal(shelf_touch(path, 9 * NS_PER_S, &error), 0);
    assert_int_equal(shelf_map(path, &first, &error), 0);
    assert_int_equal(first.modified_ns, 9 * NS_PER_S);
    shelf_unmap(&first);
}

static void a_file_that_cannot_be_written_leaves_the_old_one(void **state)
{
    (void)state;
    char path[PATH_MAX], beside[PATH_MAX + 8];
    struct mapping mapping;
    struct error error;
    shelf_path(folder, "b", "list", path);
    assert_int_equal(shelf_put(path, "one", 3, 0, &error), 0);
    snprintf(beside, sizeof(beside), "%s.new", path);
    assert_int_equal(mkdir(beside, 0700), 0);
    assert_true(shelf_put(path, "two", 3, 0, &error) < 0);
    assert_int_equal(shelf_map(path, &mapping, &error), 0);
    assert_memory_equal(mapping.data, "one", 3);
    shelf_unmap(&mapping);
    rmdir(beside);
}

static void one_process_updates_at_a_time(void **state)
{
    (void)state;
    struct error error;
    int lock, other;
    assert_int_equal(shelf_lock(folder, &lock, &error), 0);
    assert_int_equal(shelf_lock(folder, &other, &error), -EBUSY);
    shelf_unlock(lock);
    assert_int_equal(shelf_lock(folder, &other, &error), 0);
    shelf_unlock(other);
}

static int start(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    char command[PATH_MAX];
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_name_makes_a_file_name),
        cmocka_unit_test(a_file_is_replaced_while_it_is_mapped),
        cmocka_unit_test(a_file_that_cannot_be_written_leaves_the_old_one),
        cmocka_unit_test(one_process_updates_at_a_time),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
