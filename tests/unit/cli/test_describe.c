/* test_describe.c - `dnsvigil describe` shows the tables as they are, and promises nothing planned
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "capture_text.h"
#include "cmocka_all.h"

#include <dnsvigil/detector.h>

#include <jansson.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static int code;

static char *describe(char *word, char *option, char *value)
{
    char name[] = "describe", *argv[] = {name, word, option, value, NULL};
    int argc = 1;
    while (argv[argc])
        argc++;
    capture_start();
    code = command_describe(argc, argv);
    return capture_end();
}

static char option_o[] = "-o", json[] = "json", lang[] = "--lang", ja[] = "ja";

static void a_planned_detector_is_not_yet_available(void **state)
{
    (void)state;
    char topic[] = "detectors";
    char *text = describe(topic, option_o, json), *rest = text;
    for (int i = 0; i < DETECTOR_COUNT; i++) {
        char *line = strsep(&rest, "\n");
        json_t *row = json_loads(line, 0, NULL);
        assert_string_equal(json_string_value(json_object_get(row, "slug")), detector_rows[i].slug);
        assert_string_equal(json_string_value(json_object_get(row, "state")),
                            detector_rows[i].detect ? "available" : "not yet available");
        json_decref(row);
    }
    free(text);
}

static void every_topic_prints_rows_in_both_forms(void **state)
{
    (void)state;
    char topics[][16] = {"detectors",  "reasons", "categories", "counters",
                         "exit-codes", "terms",   "config"};
    for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
        char *text = describe(topics[i], NULL, NULL);
        assert_int_equal(code, CLI_EXIT_OK);
        assert_true(strlen(text) > 100);
        free(text);
        text = describe(topics[i], option_o, json);
        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
            json_t *row = json_loads(line, 0, NULL);
            assert_true(json_is_object(row));
            json_decref(row);
        }
        free(text);
    }
}

static void one_detector_comes_with_its_reasons(void **state)
{
    (void)state;
    char slug[] = "dark_web", type[] = "AzureDNS_DarkWeb";
    char *text = describe(slug, NULL, NULL), *again = describe(type, NULL, NULL);
    assert_string_equal(text, again);
    assert_non_null(strstr(text, "T1090.003"));
    assert_non_null(strstr(text, "onion_address"));
    assert_null(strstr(text, "gateway_host"));
    free(text);
    free(again);
    text = describe(slug, lang, ja);
    assert_non_null(strstr(text, "匿名ネットワーク アクティビティ"));
    free(text);
}

static void an_unknown_topic_is_a_usage_error(void **state)
{
    (void)state;
    char word[] = "detectrs";
    free(describe(word, NULL, NULL));
    assert_int_equal(code, CLI_EXIT_USAGE);
}

static int locale_set(void **state)
{
    (void)state;
    return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_planned_detector_is_not_yet_available),
        cmocka_unit_test(every_topic_prints_rows_in_both_forms),
        cmocka_unit_test(one_detector_comes_with_its_reasons),
        cmocka_unit_test(an_unknown_topic_is_a_usage_error),
    };
    return cmocka_run_group_tests(tests, locale_set, NULL);
}
