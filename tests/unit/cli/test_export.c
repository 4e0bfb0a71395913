/* test_export.c - `dnsvigil alerts export` from its command line to the file it writes
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "export/dialect.h"
#include "store/store.h"

#include "alert_gallery.h"
#include "capture_text.h"
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[64], store_path[96], config_path[96], file_path[96];
static struct error error;

static int store_make(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    struct store *store;
    struct store_put_result result;
    snprintf(folder, sizeof(folder), "%s/dnsvigil-export-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(folder))
        return -1;
    snprintf(store_path, sizeof(store_path), "%s/alerts.db", folder);
    snprintf(config_path, sizeof(config_path), "%s/config.yaml", folder);
    snprintf(file_path, sizeof(file_path), "%s/out", folder);
    FILE *config = fopen(config_path, "w");
    fprintf(config, "store:\n  path: %s\n  ballast_mib: 0\n", store_path);
    fclose(config);
    assert_int_equal(store_open(store_path, STORE_WRITE, NULL, &store, &error), 0);
    for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
        struct alert alert;
        const struct alert *pointer = &alert;
        alert_gallery(&alert, i);
        alert.status = ALERT_STATUS_ACTIVE;
        assert_int_equal(store_put(store, &pointer, 1, &result, &error), 0);
    }
    return store_close(store, &error);
}

static int store_remove(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    return system(command);
}

static char *printed;

static int run(const char *line)
{
    char words[256], *argv[24] = {NULL};
    int argc = 0;
    snprintf(words, sizeof(words), "alerts export %s -c %s", line, config_path);
    for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    free(printed);
    capture_start();
    int code = command_alerts(argc, argv);
    printed = capture_end();
    return code;
}

static unsigned lines(const char *text)
{
    unsigned count = 0;
    for (; *text; text++)
        count += *text == '\n';
    return count;
}

static void every_dialect_has_a_line_for_each_alert(void **state)
{
    (void)state;
    for (unsigned i = 0; i < DIALECT_COUNT; i++) {
        char line[64];
        snprintf(line, sizeof(line), "--dialect %s --lang ja", dialects[i].slug);
        assert_int_equal(run(line), CLI_EXIT_OK);
        assert_int_equal(lines(printed), DETECTOR_COUNT + (dialects[i].head ? 1 : 0));
    }
}

static void filters_choose_what_is_exported(void **state)
{
    (void)state;
    assert_int_equal(run("--dialect cef --type dark_web"), CLI_EXIT_OK);
    assert_int_equal(lines(printed), 1);
    assert_non_null(strstr(printed, "|AzureDNS_DarkWeb|"));
    assert_int_equal(run("--entity 203.0.113.99"), CLI_EXIT_OK);
    assert_string_equal(printed, "");
}

static void a_file_is_written_once_and_never_over_another(void **state)
{
    (void)state;
    char line[160], text[64];
    snprintf(line, sizeof(line), "--dialect csv -o %s", file_path);
    assert_int_equal(run(line), CLI_EXIT_OK);
    assert_string_equal(printed, "");
    assert_int_equal(run(line), CLI_EXIT_FAILED);
    FILE *file = fopen(file_path, "r");
    assert_non_null(fgets(text, sizeof(text), file));
    fclose(file);
    assert_int_equal(strncmp(text, "id,revision,", 12), 0);
}

static void alerts_that_fit_no_limit_are_told(void **state)
{
    (void)state;
    assert_int_equal(run("--dialect ecs --max-bytes 100"), CLI_EXIT_FAILED);
    assert_string_equal(printed, "");
}

static void what_is_not_understood_is_a_usage_error(void **state)
{
    (void)state;
    static const char *const cases[] = {"--dialect klingon", "file", "--lang xx", "--max-bytes -1"};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(run(cases[i]), CLI_EXIT_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_dialect_has_a_line_for_each_alert),
        cmocka_unit_test(filters_choose_what_is_exported),
        cmocka_unit_test(a_file_is_written_once_and_never_over_another),
        cmocka_unit_test(alerts_that_fit_no_limit_are_told),
        cmocka_unit_test(what_is_not_understood_is_a_usage_error),
    };
    return cmocka_run_group_tests(tests, store_make, store_remove);
}
