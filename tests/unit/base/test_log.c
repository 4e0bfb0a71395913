/* test_log.c - a line on stderr cannot drive the terminal it is shown on
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What log_line() prints for `text`. */
static void logged(enum log_level level, const char *text, char *ret, size_t size)
{
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO);
    assert_non_null(file);
    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    log_line(level, "%s", text);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    ret[fread(ret, 1, size - 1, file)] = 0;
    fclose(file);
}

static void control_bytes_are_shown_not_sent(void **state)
{
    (void)state;
    static const struct {
        const char *text, *line;
    } cases[] = {
        {"plain", "dnsvigil: warning: plain\n"},
        {"a\nb", "dnsvigil: warning: a\\x0ab\n"},
        {"\x1b[2J", "dnsvigil: warning: \\x1b[2J\n"},
        {"\xc2\x9b"
         "2J",
         "dnsvigil: warning: \\x9b2J\n"},
        {"\x9b", "dnsvigil: warning: \xef\xbf\xbd\n"},
        {"\x7f", "dnsvigil: warning: \\x7f\n"},
        {"日本", "dnsvigil: warning: 日本\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char line[200];
        logged(LOG_LEVEL_WARNING, cases[i].text, line, sizeof(line));
        assert_string_equal(line, cases[i].line);
    }
}

static void lines_above_the_level_are_not_printed(void **state)
{
    (void)state;
    char line[200];
    logged(LOG_LEVEL_DEBUG, "detail", line, sizeof(line));
    assert_string_equal(line, "");
    log_level = LOG_LEVEL_DEBUG;
    logged(LOG_LEVEL_DEBUG, "detail", line, sizeof(line));
    assert_string_equal(line, "dnsvigil: debug: detail\n");
    log_level = LOG_LEVEL_INFO;
}

static void a_long_line_of_control_bytes_stays_one_line(void **state)
{
    (void)state;
    char text[5000], line[10000];
    memset(text, '\n', sizeof(text));
    text[sizeof(text) - 1] = 0;
    logged(LOG_LEVEL_ERROR, text, line, sizeof(line));
    assert_non_null(strstr(line, "\\x0a\\x0a"));
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_bytes_are_shown_not_sent),
        cmocka_unit_test(lines_above_the_level_are_not_printed),
        cmocka_unit_test(a_long_line_of_control_bytes_stays_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
