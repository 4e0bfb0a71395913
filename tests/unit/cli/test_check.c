/* test_check.c - `dnsvigil check` passes what is sound and refuses what could never find anything
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "cli/cli.h"

#include <dnsvigil/detector.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/test_check_XXXXXX";

static void write_file(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {
        "c.yaml",         "list",       "empty",       "out",
        "not-a-store",    "some.rules", "misp/a.json", "misp/manifest.json",
        "misp/hashes.csv"};
    char path[128];
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    snprintf(path, sizeof(path), "%s/misp", folder);
    rmdir(path);
    return rmdir(folder);
}

/* Runs the command on this configuration; what it printed goes to `out`. */
static int check(const char *yaml, const char *option, char out[static 4096])
{
    char path[128];
    char *argv[] = {(char *)"check", (char *)"--config", path, (char *)option, NULL};
    write_file("c.yaml", yaml);
    snprintf(path, sizeof(path), "%s/out", folder);
    int terminal = dup(STDOUT_FILENO);
    assert_true(terminal >= 0 && freopen(path, "w", stdout));
    snprintf(path, sizeof(path), "%s/c.yaml", folder);
    int code = command_check(option ? 4 : 3, argv);
    fflush(stdout);
    dup2(terminal, STDOUT_FILENO);
    close(terminal);
    snprintf(path, sizeof(path), "%s/out", folder);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    out[fread(out, 1, 4095, file)] = '\0';
    fclose(file);
    return code;
}

#define LIST         "intel: {seeds: no}\nfeeds: [{name: mine, path: list, category: c2}]\n"
#define EXPORT(keys) "exports: [{name: out, type: file, path: /nowhere/out, " keys "}]\n"
#define RULE(rule)   EXPORT("rule_sets: [{rules: [{" rule "}]}]")
#define NOWHERE      "store: {path: nowhere.db}\n"

static void a_configuration_is_sound_only_if_something_can_fire(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        int code;
        const char *says;
    } cases[] = {
        {LIST NOWHERE, CLI_EXIT_OK, "mine: 1 entries"},
        {LIST NOWHERE, CLI_EXIT_OK, "line 2: "}, /* the list's refused line */
        {LIST NOWHERE, CLI_EXIT_OK, "nowhere.db: not there yet"},
        {LIST NOWHERE "rules: {own: no, paths: [some.rules]}\n", CLI_EXIT_OK,
         "1 in use, 1 refused"},
        {"alerts: {window_s: 0}\n", CLI_EXIT_CONFIG, ""},
        {"intel: {seeds: no}\n" NOWHERE, CLI_EXIT_CONFIG, "nothing could ever be found"},
        {"intel: {seeds: no}\nfeeds: [{name: e, path: empty, category: c2}]\n" NOWHERE,
         CLI_EXIT_CONFIG, "refused: "},
        {LIST "store: {path: not-a-store}\n", CLI_EXIT_FAILED, "cannot be used: "},
    };
    write_file("list", "dnsvigil-check.com\ncom\n");
    write_file("some.rules",
               "alert dns any any -> any any (msg:\"a\"; dns.query; content:\"a.example\"; "
               "sid:1001001; rev:1;)\nalert dns any any -> any any (nonsense:1; sid:2;)\n");
    write_file("empty", "# nothing\n");
    write_file("not-a-store", "this is text, and long enough to be taken for a header otherwise\n");
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char out[4096];
        assert_int_equal(check(cases[i].yaml, NULL, out), cases[i].code);
        if (!strstr(out, cases[i].says))
            fail_msg("'%s' is not in\n%s", cases[i].says, out);
    }
}

static void a_copy_of_a_misp_feed_is_a_list(void **state)
{
    (void)state;
    char path[128], out[4096];
    snprintf(path, sizeof(path), "%s/misp", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    write_file("misp/a.json", "{\"Event\":{\"Attribute\":[{\"type\":\"domain\",\"to_ids\":true,"
                              "\"value\":\"dnsvigil-check.com\"}]}}");
    write_file("misp/manifest.json", "{\"5c1e\":{\"info\":\"x\"}}");
    write_file("misp/hashes.csv", "0cc175b9c0f1b6a831c399e269772661,5c1e\n");
    assert_int_equal(check("intel: {seeds: no}\n"
                           "feeds: [{name: m, path: misp, category: c2}]\n" NOWHERE,
                           NULL, out),
                     CLI_EXIT_OK);
    assert_non_null(strstr(out, "m: 1 entries"));
}

static void an_export_that_could_not_be_started_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        int code;
        const char *says;
    } cases[] = {
        {EXPORT("dialect: ocsf"), CLI_EXIT_OK, "out: type file"},
        {EXPORT("dialect: bogus"), CLI_EXIT_CONFIG, "no dialect \"bogus\""},
        {EXPORT("dialect: bogus, enabled: no"), CLI_EXIT_OK, "nowhere.db"},
        {EXPORT("types: [bogus]"), CLI_EXIT_CONFIG, ""},
        {EXPORT("severity_min: profile"), CLI_EXIT_CONFIG, ""},
        {RULE("property: severity, operator: Is, value: Low"), CLI_EXIT_CONFIG, "\"Is\""},
        {RULE("property: severty, operator: Equals, value: Low"), CLI_EXIT_CONFIG, "severty"},
        {"exports: [{name: hec, type: splunk, url: 'https://splunk.example', index: main}]\n",
         CLI_EXIT_OK, "hec: type splunk"},
        {"exports: [{name: hub, type: kafka, address: a.example, topic: t, event_hubs: yes,"
         " sasl: plain, password_file: /nowhere/password}]\n",
         CLI_EXIT_CONFIG, "/nowhere/password"},
    };
    write_file("list", "dnsvigil-check.com\n");
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char yaml[1024], out[4096];
        snprintf(yaml, sizeof(yaml), LIST NOWHERE "%s", cases[i].yaml);
        assert_int_equal(check(yaml, NULL, out), cases[i].code);
        if (!strstr(out, cases[i].says))
            fail_msg("'%s' is not in\n%s", cases[i].says, out);
    }
}

static void a_configuration_without_any_detector_is_refused(void **state)
{
    (void)state;
    char yaml[2048] = LIST NOWHERE "detectors:\n";
    char out[4096];
    for (int i = 0; i < DETECTOR_COUNT; i++) {
        size_t used = strlen(yaml);
        snprintf(yaml + used, sizeof(yaml) - used, "  %s: {enabled: no}\n", detector_rows[i].slug);
    }
    write_file("list", "dnsvigil-check.com\n");
    assert_int_equal(check(yaml, NULL, out), CLI_EXIT_CONFIG);
    assert_non_null(strstr(out, "all available ones are switched off"));
}

static void the_dump_is_yaml_and_nothing_else(void **state)
{
    (void)state;
    char out[4096];
    assert_int_equal(check("sensor: here\n", "--dump-config", out), CLI_EXIT_OK);
    static const char begin[] = "sensor: \"here\"\nstate_dir: \"";
    assert_memory_equal(out, begin, strlen(begin));
}

static void operands_are_not_understood(void **state)
{
    (void)state;
    char out[4096];
    assert_int_equal(check("", "surplus", out), CLI_EXIT_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_configuration_is_sound_only_if_something_can_fire),
        cmocka_unit_test(a_copy_of_a_misp_feed_is_a_list),
        cmocka_unit_test(an_export_that_could_not_be_started_is_refused),
        cmocka_unit_test(a_configuration_without_any_detector_is_refused),
        cmocka_unit_test(the_dump_is_yaml_and_nothing_else),
        cmocka_unit_test(operands_are_not_understood),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
