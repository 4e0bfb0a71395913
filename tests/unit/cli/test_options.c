/* test_options.c - a table of options parses, refuses and explains
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cmocka_all.h"

#include <dnsvigil/terms.h>

#include <stdio.h>
#include <string.h>

struct settings {
    bool flag;
    const char *text;
    uint64_t count;
    enum language language;
    enum output_format format;
    int64_t time_ns;
};

static const struct option_row rows[] = {
    {"flag", 'f', NULL, "a flag", option_flag, offsetof(struct settings, flag)},
    {"text", 't', "TEXT", "a text", option_text, offsetof(struct settings, text)},
    {"count", 0, "NUMBER", "a number", option_count, offsetof(struct settings, count)},
    {"since", 0, "TIME", "a time", option_time, offsetof(struct settings, time_ns)},
    OPTION_FORMAT(struct settings, format),
    OPTION_LANGUAGE(struct settings, language),
};

static const struct option_table table = {.command = "try",
                                          .arguments = "[OPTION]...",
                                          .summary = "Tries.",
                                          .rows = rows,
                                          .count = sizeof(rows) / sizeof(rows[0])};

/* Parses a command line of words separated by spaces. True when it may go on. */
static bool parse(const char *line, struct settings *settings, int *ret_operands, int *ret_exit)
{
    static char copy[256];
    char name[] = "try", *argv[16] = {name};
    int argc = 1, first = 0;
    snprintf(copy, sizeof(copy), "%s", line);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    *settings = (struct settings){0};
    bool go_on = options_parse(&table, argc, argv, settings, &first, ret_exit);
    *ret_operands = argc - first;
    return go_on;
}

static void options_fill_their_fields_wherever_they_stand(void **state)
{
    (void)state;
    struct settings settings;
    int operands, leave;
    assert_true(parse("one -f --text=x two --count 7 -o csv --lang ja -- -three", &settings,
                      &operands, &leave));
    assert_true(settings.flag);
    assert_string_equal(settings.text, "x");
    assert_int_equal(settings.count, 7);
    assert_int_equal(settings.format, OUTPUT_CSV);
    assert_int_equal(settings.language, LANGUAGE_JA);
    assert_int_equal(operands, 3);
    assert_true(parse("", &settings, &operands, &leave));
    assert_int_equal(operands, 0);
}

static void what_is_not_understood_is_a_usage_error(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "--flg",        "-x",
        "--text",       "--count x",
        "--count -1",   "--count 1x",
        "--flag=yes",   "--lang fr",
        "--output xml", "--count 99999999999999999999",
        "--since x",    "--since 7",
        "--since 7y",   "--since 2026-13-01",
        "-t",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct settings settings;
        int operands, leave = -1;
        if (parse(lines[i], &settings, &operands, &leave))
            fail_msg("%s was taken", lines[i]);
        assert_int_equal(leave, CLI_EXIT_USAGE);
    }
}

static void help_is_no_error(void **state)
{
    (void)state;
    struct settings settings;
    int operands, leave = -1;
    assert_false(parse("--help", &settings, &operands, &leave));
    assert_int_equal(leave, CLI_EXIT_OK);
    assert_false(parse("-h", &settings, &operands, &leave));
    assert_int_equal(leave, CLI_EXIT_OK);
}

static void times_are_dates_instants_or_ages(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t time_ns;
    } fixed[] = {
        {"1970-01-02", 86400 * NS_PER_S},
        {"1970-01-01T00:00:01Z", NS_PER_S},
        {"1970-01-01T00:00:01.5Z", 1500 * NS_PER_MS},
    };
    static const struct {
        const char *text;
        int64_t age_s;
    } ages[] = {{"90s", 90}, {"15m", 900}, {"36h", 129600}, {"7d", 604800}, {"2w", 1209600}};
    int64_t time_ns;
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        assert_true(option_time(fixed[i].text, &time_ns));
        assert_int_equal(time_ns, fixed[i].time_ns);
    }
    for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
        int64_t before_ns = clock_now_ns();
        assert_true(option_time(ages[i].text, &time_ns));
        int64_t now_ns = time_ns + ages[i].age_s * NS_PER_S;
        assert_in_range(now_ns, before_ns, clock_now_ns());
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_fill_their_fields_wherever_they_stand),
        cmocka_unit_test(what_is_not_understood_is_a_usage_error),
        cmocka_unit_test(help_is_no_error),
        cmocka_unit_test(times_are_dates_instants_or_ages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
