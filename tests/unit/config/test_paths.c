/* test_paths.c - every path that a configuration names is found
 * SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"

#include "cmocka_all.h"

#include <string.h>

struct found {
    char text[2048];
};

static void note(void *arg, const char *path)
{
    struct found *found = arg;
    assert_true(path[0] != '\0');
    strncat(found->text, path, sizeof(found->text) - strlen(found->text) - 1);
    strcat(found->text, "\n");
}

static void paths_in_sections_lists_and_lists_of_sections_are_found(void **state)
{
    (void)state;
    static const char yaml[] = "state_dir: /a/state\n"
                               "store: {path: /a/alerts.db}\n"
                               "rules: {paths: [/a/one.rules, /a/rules.d]}\n"
                               "sources: [{name: s, type: pcap, path: /a/traffic.pcap}]\n";
    struct found found = {""};
    struct config *config;
    struct error error;
    if (config_load_text("t.yaml", yaml, strlen(yaml), &config, &error) < 0)
        fail_msg("%s", error.text);
    config_each_path(config, note, &found);
    static const char *const expected[] = {"/a/state\n", "/a/alerts.db\n", "/a/one.rules\n",
                                           "/a/rules.d\n", "/a/traffic.pcap\n"};
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        assert_non_null(strstr(found.text, expected[i]));
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_in_sections_lists_and_lists_of_sections_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
