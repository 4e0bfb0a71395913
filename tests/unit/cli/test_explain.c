/* test_explain.c - `dnsvigil explain` judges names without traffic and says what it knows of them
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "cli/cli.h"

#include <dnsvigil/detector.h>
#include <jansson.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAMES_MANY = 3000 };

static char folder[] = "/tmp/test_explain_XXXXXX";

static const char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    write_file("list", "bad-example.net\nb\u00fccher-example.net\n");
    write_file("c.yaml", "intel: {seeds: no}\nfeeds: [{name: mine, path: list, category: c2}]\n"
                         "detectors: {dark_web: {enabled: no}}\n");
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"c.yaml", "list", "in", "out"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        unlink(path_of(names[i]));
    return rmdir(folder);
}

/* Explains what `lines` holds, one name a line; returns the open output. */
static FILE *explain_these(unsigned count, const char *const *names, int want_code)
{
    char config[128];
    snprintf(config, sizeof(config), "%s", path_of("c.yaml"));
    char *argv[16] = {(char *)"explain", (char *)"-c", config, (char *)"-o", (char *)"json"};
    for (unsigned i = 0; i < count; i++)
        argv[5 + i] = (char *)names[i];
    int terminal = dup(STDOUT_FILENO);
    assert_true(terminal >= 0 && freopen(path_of("out"), "w", stdout));
    int code = command_explain(5 + (int)count, argv);
    fflush(stdout);
    dup2(terminal, STDOUT_FILENO);
    close(terminal);
    assert_int_equal(code, want_code);
    FILE *out = fopen(path_of("out"), "r");
    assert_non_null(out);
    return out;
}

static FILE *explain(const char *lines, int want_code)
{
    static const char *const input[] = {"-"};
    write_file("in", lines);
    assert_non_null(freopen(path_of("in"), "r", stdin));
    return explain_these(1, input, want_code);
}

/* The next line as JSON. */
static json_t *next(FILE *out)
{
    static char line[16384];
    if (!fgets(line, sizeof(line), out))
        return NULL;
    json_t *object = json_loads(line, 0, NULL);
    assert_non_null(object);
    return object;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* What `detector` says; also that every detector says something. */
static const char *verdict_of(const json_t *object, enum detector detector)
{
    const json_t *all = json_object_get(object, "detectors");
    assert_int_equal(json_array_size(all), DETECTOR_COUNT);
    const json_t *one = json_array_get(all, (size_t)detector);
    assert_string_equal(text_of(one, "slug"), detector_rows[detector].slug);
    assert_true(*text_of(one, "why"));
    return text_of(one, "verdict");
}

static void a_widely_used_domain_is_known_as_one(void **state)
{
    (void)state;
    FILE *out = explain("WWW.Google.com.\n", CLI_EXIT_OK);
    json_t *object = next(out);
    assert_string_equal(text_of(object, "name"), "www.google.com");
    assert_string_equal(text_of(object, "registrable_domain"), "google.com");
    assert_string_equal(text_of(object, "suffix_class"), "icann");
    assert_true(json_integer_value(json_object_get(object, "popularity")) > 0);
    assert_true(json_real_value(json_object_get(object, "benign_share")) > 0.1);
    assert_true(json_is_number(json_object_get(object, "lexical_score")));
    assert_string_equal(verdict_of(object, DETECTOR_RANDOM_DOMAIN), "clear");
    assert_string_equal(verdict_of(object, DETECTOR_DARK_WEB), "off");
    json_decref(object);
    assert_null(next(out));
    fclose(out);
}

static void a_random_name_and_a_listed_one_would_be_raised(void **state)
{
    (void)state;
    FILE *out = explain("qxzvkwjh7xkq.net\nwww.bad-example.net\n", CLI_EXIT_OK);
    json_t *object = next(out);
    assert_null(json_object_get(object, "popularity"));
    assert_true(json_real_value(json_object_get(object, "benign_share")) < 1e-3);
    assert_string_equal(verdict_of(object, DETECTOR_RANDOM_DOMAIN), "alert");
    json_decref(object);
    object = next(out);
    const json_t *indicator = json_array_get(json_object_get(object, "indicators"), 0);
    assert_string_equal(text_of(indicator, "feed"), "mine");
    assert_string_equal(verdict_of(object, DETECTOR_THREAT_INTEL), "alert");
    json_decref(object);
    fclose(out);
}

/* The first spells a listed name; the second, a brand's with a Cyrillic letter. */
static void international_letters_are_read_as_a_browser_reads_them(void **state)
{
    (void)state;
    static const char *const names[] = {"www.b\u00fccher-example.net", "p\u0430ypal.com",
                                        "\u2028.net"};
    FILE *out = explain_these(3, names, CLI_EXIT_OK);
    json_t *object = next(out);
    assert_string_equal(text_of(object, "name"), "www.xn--bcher-example-wob.net");
    assert_string_equal(verdict_of(object, DETECTOR_THREAT_INTEL), "alert");
    json_decref(object);
    object = next(out);
    assert_string_equal(text_of(object, "name"), "xn--pypal-4ve.com");
    assert_string_equal(text_of(json_object_get(object, "lookalike"), "brand"), "paypal");
    json_decref(object);
    object = next(out); /* no letter of any name: bytes, as they may be in a message */
    assert_string_equal(text_of(object, "name"), "\\226\\128\\168.net");
    json_decref(object);
    fclose(out);
}

/* Tunnels write any byte, and what they write may be letters by chance. */
static void bytes_of_a_list_stand_for_themselves(void **state)
{
    (void)state;
    FILE *out = explain("p\u0430ypal.com\n", CLI_EXIT_OK);
    json_t *object = next(out);
    assert_string_equal(text_of(object, "name"), "p\\208\\176ypal.com");
    json_decref(object);
    fclose(out);
}

static void names_without_a_registrable_domain_have_no_traits(void **state)
{
    (void)state;
    FILE *out = explain("com\nhost\nxn--bcher-kva.de\n", CLI_EXIT_OK);
    for (int i = 0; i < 3; i++) {
        json_t *object = next(out);
        assert_null(json_object_get(object, "lexical_score"));
        assert_true((json_object_get(object, "registrable_domain") != NULL) == (i == 2));
        json_decref(object);
    }
    fclose(out);
}

static void what_is_no_name_is_refused_and_the_rest_goes_on(void **state)
{
    (void)state;
    static char lines[8192];
    memset(lines, 'a', 5000);
    strcpy(lines + 5000, "\n\n  \na..b\none.example.org \r\n\\007\\\"x.example.org\n");
    FILE *out = explain(lines, CLI_EXIT_FAILED);
    json_t *object = next(out);
    assert_string_equal(text_of(object, "name"), "one.example.org");
    json_decref(object);
    object = next(out);
    assert_string_equal(text_of(object, "name"), "\\007\\\"x.example.org");
    json_decref(object);
    assert_null(next(out));
    fclose(out);
}

/* More than is kept back before it is written. */
static void many_names_come_out_whole_and_in_order(void **state)
{
    (void)state;
    static char lines[NAMES_MANY * 32];
    char *at = lines;
    for (int i = 0; i < NAMES_MANY; i++)
        at += sprintf(at, "host%d.example.org\n", i);
    FILE *out = explain(lines, CLI_EXIT_OK);
    for (int i = 0; i < NAMES_MANY; i++) {
        char name[32];
        json_t *object = next(out);
        snprintf(name, sizeof(name), "host%d.example.org", i);
        assert_string_equal(text_of(object, "name"), name);
        json_decref(object);
    }
    assert_null(next(out));
    fclose(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_widely_used_domain_is_known_as_one),
        cmocka_unit_test(a_random_name_and_a_listed_one_would_be_raised),
        cmocka_unit_test(international_letters_are_read_as_a_browser_reads_them),
        cmocka_unit_test(bytes_of_a_list_stand_for_themselves),
        cmocka_unit_test(names_without_a_registrable_domain_have_no_traits),
        cmocka_unit_test(what_is_no_name_is_refused_and_the_rest_goes_on),
        cmocka_unit_test(many_names_come_out_whole_and_in_order),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
