/* test_include.c - a configuration may be spread over files, and mistakes are found in the right
 * one
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "config/config.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static struct config *config;
static struct error error;

static int start(void **context)
{
    (void)context;
    char path[96];
    snprintf(folder, sizeof(folder), "/tmp/dnsvigil-include-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/conf.d", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    config = NULL;
    error.text[0] = 0;
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

static int finish(void **context)
{
    (void)context;
    config_free(config);
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return 0;
}

static void put(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int load(void)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/main.yaml", folder);
    return config_load(path, &config, &error);
}

static void good(void)
{
    if (load() != 0)
        fail_msg("%s", error.text);
}

static void bad(int code, const char *reason)
{
    assert_int_equal(load(), code);
    if (!strstr(error.text, reason))
        fail_msg("\"%s\" does not say \"%s\"", error.text, reason);
}

static void later_files_replace_values_and_add_to_named_lists(void **context)
{
    (void)context;
    put("main.yaml", "include: [conf.d]\nsensor: main\ncapture: {streams_max: 100}\n"
                     "feeds: [{name: a, path: a.txt, category: c2}]\nresolvers: [192.0.2.1]\n");
    put("conf.d/20-b.yaml", "sensor: second\nresolvers: [192.0.2.2, 192.0.2.3]\n");
    put("conf.d/10-a.yaml", "sensor: first\ncapture: {stream_memory_mib: 5}\n"
                            "feeds: [{name: b, path: b.txt, category: c2}]\n");
    put("conf.d/notes.txt", "not: [yaml\n");
    put("conf.d/.hidden.yaml", "not: [yaml\n");
    good();
    assert_string_equal(config->sensor, "second");
    assert_int_equal(config->capture.streams_max, 100);
    assert_int_equal(config->capture.stream_memory_mib, 5);
    assert_int_equal(config->resolvers.count, 2);
    assert_int_equal(config->feeds.count, 2);
    assert_string_equal(config->feeds.items[1].name, "b");
    assert_non_null(strstr(config->feeds.items[1].path, "/conf.d/b.txt")); /* beside its file */
    assert_int_equal(config->include.count, 1);
}

static void mistakes_are_told_with_their_file_and_place(void **context)
{
    (void)context;
    put("main.yaml", "include: [conf.d/one.yaml]\n");
    put("conf.d/one.yaml", "sensor: a\ncapture:\n  streams_max: none\n");
    bad(-EINVAL, "/conf.d/one.yaml:3:16: capture.streams_max: 'none' is not");
    put("main.yaml", "include: [conf.d/none.yaml]\n");
    bad(-ENOENT, "main.yaml: include: ");
    put("main.yaml", "include: [conf.d/one.yaml]\nfeeds: [{name: a, path: a, category: c2}]\n");
    put("conf.d/one.yaml", "feeds: [{name: b, path: b, category: c2},\n"
                           "        {name: a, path: b, category: c2}]\n");
    bad(-EINVAL, "/conf.d/one.yaml:2:9: feeds[1]: the name 'a' is taken by feeds[0]");
}

static void circles_and_depths_are_refused(void **context)
{
    (void)context;
    put("main.yaml", "include: [conf.d/one.yaml]\n");
    put("conf.d/one.yaml", "include: [../main.yaml]\n");
    bad(-ELOOP, "a circle");
    put("conf.d/one.yaml", "include: [one.yaml]\n");
    bad(-ELOOP, "a circle");
    for (int i = 0; i < 10; i++) {
        char name[32], text[64];
        snprintf(name, sizeof(name), "conf.d/%d.yaml", i);
        snprintf(text, sizeof(text), "include: [%d.yaml]\n", i + 1);
        put(name, text);
    }
    put("main.yaml", "include: [conf.d/0.yaml]\n");
    bad(-ELOOP, "more than 8 files deep");
}

static void the_dump_needs_no_other_file(void **context)
{
    (void)context;
    struct buf first, second;
    buf_init(&first, 1 << 20);
    buf_init(&second, 1 << 20);
    put("main.yaml", "include: [conf.d]\n");
    put("conf.d/a.yaml", "feeds: [{name: b, path: b.txt, category: c2}]\n");
    good();
    config_dump(config, &first);
    config_free(config);
    put("main.yaml", first.data);
    good();
    config_dump(config, &second);
    assert_string_equal(first.data, second.data);
    buf_done(&first);
    buf_done(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(later_files_replace_values_and_add_to_named_lists, start,
                                        finish),
        cmocka_unit_test_setup_teardown(mistakes_are_told_with_their_file_and_place, start, finish),
        cmocka_unit_test_setup_teardown(circles_and_depths_are_refused, start, finish),
        cmocka_unit_test_setup_teardown(the_dump_needs_no_other_file, start, finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
