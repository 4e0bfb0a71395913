/* test_output.c - alerts as table, JSON Lines and CSV; on a terminal they fit and are coloured
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include "alert/record.h"
#include "alert_build.h"
#include "cli/page.h"
#include "cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct error error;

static void print_alerts(enum output_format format, enum language language, FILE *stream,
                         unsigned count)
{
    struct output *output;
    assert_int_equal(output_open(format, language, stream, &output, &error), 0);
    for (unsigned i = 0; i < count; i++) {
        struct alert alert;
        alert_build(&alert, i);
        if (i == 1)
            strcpy(alert.domain, "\033]0;title\007\xe2\x80\xae.example.test");
        assert_int_equal(output_alert(output, &alert, &error), 0);
    }
    assert_int_equal(output_close(output, &error), 0);
}

/* What goes to a file. */
static char *printed(enum output_format format, enum language language, unsigned count)
{
    FILE *file = tmpfile();
    print_alerts(format, language, file, count);
    long len = ftell(file);
    char *text = calloc(1, (size_t)len + 1);
    rewind(file);
    assert_int_equal(fread(text, 1, (size_t)len, file), len);
    fclose(file);
    return text;
}

/* What goes to a terminal of so many columns; it must be short: nobody reads meanwhile. */
static char *printed_on_terminal(unsigned short columns, enum language language, unsigned count)
{
    char *text = calloc(1, 65536);
    struct winsize size = {.ws_col = columns, .ws_row = 25};
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    FILE *terminal = fdopen(open(ptsname(master), O_RDWR | O_NOCTTY), "r+");
    assert_non_null(terminal);
    ioctl(fileno(terminal), TIOCSWINSZ, &size);
    print_alerts(OUTPUT_AUTO, language, terminal, count);
    fputc(4, terminal); /* marks the end */
    fflush(terminal);
    for (size_t len = 0; !memchr(text, 4, len);)
        len += (size_t)read(master, text + len, 65535 - len);
    *strchr(text, 4) = 0;
    fclose(terminal);
    close(master);
    return text;
}

static unsigned lines_of(const char *text)
{
    unsigned count = 0;
    for (; (text = strchr(text, '\n')); text++)
        count++;
    return count;
}

static void assert_no_control_but(const char *text, const char *allowed)
{
    for (const char *c = text; *c; c++)
        if (((unsigned char)*c < 0x20 || *c == 0x7f) && !strchr(allowed, *c))
            fail_msg("control character %d in %s", *c, text);
    assert_null(strstr(text, "\xe2\x80\xae"));
}

static void a_file_gets_json_lines_unless_told_otherwise(void **state)
{
    (void)state;
    char *text = printed(OUTPUT_AUTO, LANGUAGE_EN, 3);
    assert_int_equal(lines_of(text), 3);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        struct alert alert;
        assert_int_equal(alert_from_json(line, strlen(line), &alert, &error), 0);
    }
    free(text);
}

static void csv_has_one_header(void **state)
{
    (void)state;
    char *text = printed(OUTPUT_CSV, LANGUAGE_EN, 3);
    assert_int_equal(lines_of(text), 4);
    assert_int_equal(strncmp(text, "id,", 3), 0);
    assert_no_control_but(text, "\r\n");
    free(text);
}

static void nothing_to_print_is_no_table(void **state)
{
    (void)state;
    char *text = printed(OUTPUT_TABLE, LANGUAGE_EN, 0);
    assert_string_equal(text, "");
    free(text);
}

static void a_table_in_a_file_is_whole_and_plain(void **state)
{
    (void)state;
    char *text = printed(OUTPUT_TABLE, LANGUAGE_EN, 3);
    assert_int_equal(lines_of(text), 4);
    assert_non_null(strstr(text, "Communication with suspicious domain identified by threat"));
    assert_non_null(strstr(text, "domain2.example.test"));
    assert_non_null(strstr(text, "\\x1b]0;title\\x07\\u202e.example.test"));
    assert_no_control_but(text, "\n");
    free(text);
}

static void a_long_table_comes_in_parts(void **state)
{
    (void)state;
    char *text = printed(OUTPUT_TABLE, LANGUAGE_EN, OUTPUT_TABLE_ROWS_MAX + 1);
    assert_int_equal(lines_of(text), OUTPUT_TABLE_ROWS_MAX + 1 + 2);
    free(text);
}

/* Takes out the colours. */
static void plain(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (*from == '\033')
            from = strchr(from, 'm');
        else if (*from != '\r')
            *to++ = *from;
    }
    *to = 0;
}

static void a_table_fits_its_terminal_in_both_languages(void **state)
{
    (void)state;
    static const unsigned short widths[] = {80, 100, 120, 200};
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
        for (int language = 0; language < LANGUAGE_COUNT; language++) {
            char *text = printed_on_terminal(widths[i], language, 3);
            assert_non_null(strstr(text, "\033[33m"));
            plain(text);
            assert_no_control_but(text, "\n");
            assert_int_equal(lines_of(text), 4);
            for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
                assert_in_range(page_text_width(line), 1, widths[i]);
            free(text);
        }
    }
}

static void what_is_special_of_an_alert_is_marked(void **state)
{
    (void)state;
    struct output *output;
    struct alert alert;
    char text[4096];
    FILE *file = tmpfile();
    alert_build(&alert, 0);
    alert.retroactive = alert.sample = true;
    strcpy(alert.suppressed_by, "printers");
    assert_int_equal(output_open(OUTPUT_TABLE, LANGUAGE_EN, file, &output, &error), 0);
    assert_int_equal(output_alert(output, &alert, &error), 0);
    assert_int_equal(output_close(output, &error), 0);
    rewind(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    assert_non_null(strstr(text, " (retroactive, sample, suppressed)"));
}

static void no_color_is_honoured(void **state)
{
    (void)state;
    setenv("TERM", "xterm", 1);
    setenv("NO_COLOR", "1", 1);
    char *text = printed_on_terminal(80, LANGUAGE_EN, 1);
    assert_null(strchr(text, '\033'));
    free(text);
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    text = printed_on_terminal(80, LANGUAGE_EN, 1);
    assert_null(strchr(text, '\033'));
    free(text);
}

static void a_full_disk_is_told(void **state)
{
    (void)state;
    static const enum output_format formats[] = {OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_CSV};
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        struct output *output;
        struct alert alert;
        FILE *full = fopen("/dev/full", "w");
        alert_build(&alert, 1);
        assert_int_equal(output_open(formats[i], LANGUAGE_EN, full, &output, &error), 0);
        int told = output_alert(output, &alert, &error); /* a long one is written out at once */
        struct error *later = told < 0 ? &(struct error){""} : &error;
        int ended = output_close(output, later);
        assert_int_equal(told < 0 ? told : ended, -ENOSPC);
        assert_non_null(strstr(error.text, "could not be printed"));
        fclose(full);
    }
}

static int locale_set(void **state)
{
    (void)state;
    return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_gets_json_lines_unless_told_otherwise),
        cmocka_unit_test(csv_has_one_header),
        cmocka_unit_test(nothing_to_print_is_no_table),
        cmocka_unit_test(a_table_in_a_file_is_whole_and_plain),
        cmocka_unit_test(a_long_table_comes_in_parts),
        cmocka_unit_test(a_table_fits_its_terminal_in_both_languages),
        cmocka_unit_test(no_color_is_honoured),
        cmocka_unit_test(what_is_special_of_an_alert_is_marked),
        cmocka_unit_test(a_full_disk_is_told),
    };
    return cmocka_run_group_tests(tests, locale_set, NULL);
}
