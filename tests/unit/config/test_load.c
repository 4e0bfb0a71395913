/* test_load.c - defaults, files, and where relative paths count from
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "config/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct config *load_good(const char *text)
{
    struct config *config = NULL;
    struct error error = {""};
    int rc = config_load_text("t.yaml", text, strlen(text), &config, &error);
    if (rc != 0)
        print_error("%s\n", error.text);
    assert_int_equal(rc, 0);
    return config;
}

static void an_empty_file_gives_the_defaults(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "---\n", "# only a comment\n", "capture:\n",
                                        "feeds:\n"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct config *config = load_good(texts[i]);
        assert_int_equal(config->capture.ports.count, 1);
        assert_int_equal(config->capture.ports.items[0], 53);
        assert_int_equal(config->transactions.timeout_ms, 5000);
        assert_int_equal(config->alerts.samples_max, 5);
        assert_true(config->intel.seeds);
        assert_int_equal(config->severity_profile, CONFIG_PROFILE_REFERENCE);
        for (int d = 0; d < DETECTOR_COUNT; d++) {
            assert_true(config->detectors.of[d].enabled);
            assert_int_equal(config->detectors.of[d].confidence, KNOB_MEDIUM);
            assert_int_equal(config->detectors.of[d].severity, CONFIG_SEVERITY_PROFILE);
        }
        assert_int_equal(config->feeds.count, 0);
        assert_int_equal(config->resolvers.count, 0);
        config_free(config);
    }
}

static void empty_places_are_worked_out(void **state)
{
    (void)state;
    struct config *config = load_good("sensor: ''\n");
    assert_true(config->sensor[0] != '\0');
    assert_non_null(strstr(config->store.path, "dnsvigil/alerts.db"));
    assert_int_equal(config->store.path[0], '/');
    assert_int_equal(config->intel.seed_dir[0], '/');
    config_free(config);
}

static void paths_count_from_the_folder_of_the_file(void **state)
{
    (void)state;
    char folder[] = "/tmp/test_config_XXXXXX";
    assert_non_null(mkdtemp(folder));
    char path[64];
    char expected[64];
    snprintf(path, sizeof(path), "%s/c.yaml", folder);
    snprintf(expected, sizeof(expected), "%s/lists/a.txt", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("feeds: [{name: a, path: lists/a.txt, category: c2}]\n", file);
    fclose(file);
    struct config *config = NULL;
    struct error error;
    assert_int_equal(config_load(path, &config, &error), 0);
    assert_string_equal(config->feeds.items[0].path, expected);
    config_free(config);
    unlink(path);
    rmdir(folder);
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct error error;
    assert_int_equal(config_load("/nonexistent/c.yaml", &config, &error), -ENOENT);
    assert_string_equal(error.text, "/nonexistent/c.yaml: No such file or directory");
    assert_int_equal(config_load("/", &config, &error), -EISDIR);
    assert_null(config);
}

static void a_file_that_is_too_large_is_refused(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct error error;
    assert_int_equal(config_load("/dev/zero", &config, &error), -EFBIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_gives_the_defaults),
        cmocka_unit_test(empty_places_are_worked_out),
        cmocka_unit_test(paths_count_from_the_folder_of_the_file),
        cmocka_unit_test(a_file_that_cannot_be_read_is_named),
        cmocka_unit_test(a_file_that_is_too_large_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
