/* test_restart.c - keys that a reload leaves alone are known, and named when they were changed
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "config/config.h"

#include <stdio.h>
#include <string.h>

/* A config_change_fn. */
static void note(void *arg, const char *path)
{
    char *text = arg;
    snprintf(text + strlen(text), 256 - strlen(text), "%s ", path);
}

static struct config *config_of(const char *yaml)
{
    struct config *config;
    struct error error;
    if (config_load_text("test.yaml", yaml, strlen(yaml), &config, &error) < 0)
        fail_msg("%s", error.text);
    return config;
}

static void only_changed_keys_that_need_a_restart_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after, *names;
    } cases[] = {
        {"", "", ""},
        {"", "shards: 3\n", "shards "},
        {"", "sensor: new\nalerts: {window_s: 60}\nstore: {retention_days: 3}\n", ""},
        {"", "store: {path: /x/y.db}\ntunnels: {held_max: 7}\n", "tunnels.held_max store.path "},
        {"capture: {ports: [53]}\n", "capture: {ports: [53, 5353]}\n", "capture "},
        {"sources: [{name: a, type: pcap, path: /a}]\n",
         "sources: [{name: a, type: pcap, path: /b}]\n", "sources "},
        {"sources: [{name: a, type: pcap, path: /a}]\n", "sources: []\n", "sources "},
        {"api: {hosts: [a.example]}\n", "api: {hosts: [a.example]}\n", ""},
        {"mail: {from: a@b.example}\n", "mail: {from: c@b.example}\n", ""},
        {"isolation: {hours: 1}\n", "isolation: {hours: 2}\n", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct config *before = config_of(cases[i].before), *after = config_of(cases[i].after);
        char names[256] = "";
        config_restart_changes(before, after, note, names);
        assert_string_equal(names, cases[i].names);
        config_free(before);
        config_free(after);
    }
}

static void a_section_that_needs_a_restart_speaks_for_its_keys(void **state)
{
    (void)state;
    assert_true(config_needs_restart("api"));
    assert_true(config_needs_restart("api.listen"));
    assert_true(config_needs_restart("sources[].name"));
    assert_true(config_needs_restart("store.path"));
    assert_false(config_needs_restart("store"));
    assert_false(config_needs_restart("store.retention_days"));
    assert_false(config_needs_restart("state_directory"));
    assert_false(config_needs_restart("sensor"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_changed_keys_that_need_a_restart_are_named),
        cmocka_unit_test(a_section_that_needs_a_restart_speaks_for_its_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
