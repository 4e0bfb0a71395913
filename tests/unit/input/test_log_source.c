/* test_log_source.c - tests of logs that are read to their end and of logs that are followed
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "input/log_source.h"
#include "input/open.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE(port)                                                                                 \
    "2026-11-22T03:28:57.432Z client @0x7f 127.0.0.1#" #port " (a.example): query: a.example IN "  \
    "A + (127.0.0.1)\n"

enum { PACKETS = 8, PORTS_TEXT = 256 };

static char folder[PATH_MAX];

static int setup(void **state)
{
    const char *base = getenv("TMPDIR");
    (void)state;
    snprintf(folder, sizeof(folder), "%s/log_source.XXXXXX", base ? base : "/tmp");
    return mkdtemp(folder) ? 0 : -1;
}

static int entry_remove(const char *path, const struct stat *info, int kind, struct FTW *ftw)
{
    (void)info, (void)kind, (void)ftw;
    return remove(path);
}

static int teardown(void **state)
{
    (void)state;
    return nftw(folder, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *at(const char *name)
{
    static char paths[4][PATH_MAX];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, PATH_MAX, "%.4000s/%s", folder, name);
    return path;
}

static void add(const char *name, const char *text)
{
    FILE *stream = fopen(at(name), "a");
    assert_non_null(stream);
    assert_int_equal(fputs(text, stream) < 0, 0);
    assert_int_equal(fclose(stream), 0);
}

static struct source *follow(const char *pattern, bool from_start)
{
    struct error error;
    struct source *source = log_source_follow(
        &(struct log_source_config){
            .path = at(pattern),
            .zone.kind = LOG_ZONE_FIXED,
            .from_start = from_start,
            .positions = at("kept/positions"),
        },
        &error);
    if (!source)
        fail_msg("%s", error.text);
    return source;
}

/* The client ports of all messages until nothing comes any more. */
static const char *ports(struct source *source)
{
    static char text[PORTS_TEXT];
    struct packet packets[PACKETS];
    struct error error;
    int count;
    text[0] = '\0';
    while ((count = source->ops->read_messages(source, packets, PACKETS, &error)) > 0)
        for (int i = 0; i < count; i++)
            snprintf(text + strlen(text), sizeof(text) - strlen(text), "%u ", packets[i].src_port);
    assert_true(count == 0 || count == -EAGAIN);
    return text;
}

static void a_file_is_known_by_its_content_and_read_to_its_end(void **state)
{
    (void)state;
    struct error error;
    add("whole", LINE(1) "notice\n" LINE(2));
    FILE *stream = fopen(at("whole"), "a");
    fputs("2026-11-22T03:28:57.432Z client @0x7f 127.0.0.1#3 (a): query: a IN A + (::1)", stream);
    fclose(stream);
    struct source *source = input_open(at("whole"), &error);
    assert_non_null(source);
    assert_string_equal(ports(source), "1 2 3 ");
    const struct metrics *metrics = source->ops->metrics(source);
    assert_int_equal(metrics->value[METRIC_LOG_LINES], 4);
    assert_int_equal(metrics->value[METRIC_LOG_REFUSED_TIME], 1);
    source->ops->close(source);
}

static void text_that_is_no_log_is_refused_with_advice(void **state)
{
    (void)state;
    struct error error;
    add("letter", "Dear Sir or Madam,\nI am writing to you about your client.\n");
    assert_null(input_open(at("letter"), &error));
    assert_non_null(strstr(error.text, "dnsvigil sources"));
}

static void a_line_too_long_is_passed_over_with_its_rest(void **state)
{
    (void)state;
    struct error error;
    FILE *stream = fopen(at("long"), "w");
    fputs(LINE(1), stream);
    for (int i = 0; i < 3 * LOG_LINE_MAX; i++)
        fputc('x', stream);
    fputs(LINE(666) LINE(2), stream);
    fclose(stream);
    struct source *source = input_open(at("long"), &error);
    assert_string_equal(ports(source), "1 2 ");
    assert_int_equal(source->ops->metrics(source)->value[METRIC_LOG_REFUSED_LONG], 1);
    source->ops->close(source);
}

static void a_log_is_followed_from_its_end_and_lines_wait_until_they_are_whole(void **state)
{
    (void)state;
    add("tail.log", LINE(1));
    struct source *source = follow("tail.log", false);
    assert_string_equal(ports(source), "");
    add("tail.log", LINE(2) "2026-11-22T03:28:57.432Z client @0x7f 127.0.0.1#3 (a.exa");
    assert_string_equal(ports(source), "2 ");
    add("tail.log", "mple): query: a.example IN A + (127.0.0.1)\n");
    assert_string_equal(ports(source), "3 ");
    source->ops->close(source);
}

static void a_renamed_log_is_read_to_its_end_and_its_successor_from_the_beginning(void **state)
{
    (void)state;
    add("turn.log", LINE(1));
    struct source *source = follow("turn.log", true);
    assert_string_equal(ports(source), "1 ");
    assert_int_equal(rename(at("turn.log"), at("turn.log.1")), 0);
    add("turn.log.1", LINE(2)); /* by a server that has not noticed yet */
    add("turn.log", LINE(3));
    assert_string_equal(ports(source), "2 3 ");
    source->ops->close(source);
}

static void a_log_that_was_cut_to_nothing_is_read_from_its_beginning(void **state)
{
    (void)state;
    add("cut.log", LINE(1) LINE(2));
    struct source *source = follow("cut.log", true);
    assert_string_equal(ports(source), "1 2 ");
    assert_int_equal(truncate(at("cut.log"), 0), 0);
    add("cut.log", LINE(3));
    assert_string_equal(ports(source), "3 ");
    assert_int_equal(source->ops->metrics(source)->value[METRIC_LOG_TRUNCATED], 1);
    source->ops->close(source);
}

static void a_restart_neither_loses_nor_repeats_lines(void **state)
{
    (void)state;
    unlink(at("kept/positions"));
    add("again.log", LINE(1));
    struct source *source = follow("again.log", true);
    assert_string_equal(ports(source), "1 ");
    source->ops->close(source);
    add("again.log", LINE(2));
    assert_int_equal(rename(at("again.log"), at("again.log.1")), 0);
    add("again.log", LINE(3));
    source = follow("again.log", false);
    assert_string_equal(ports(source), "2 3 ");
    source->ops->close(source);
}

static void what_was_not_taken_yet_is_read_again_after_a_restart(void **state)
{
    (void)state;
    struct packet packets[PACKETS];
    struct error error;
    unlink(at("kept/positions"));
    add("early.log", LINE(1) LINE(2));
    struct source *source = follow("early.log", true);
    assert_int_equal(source->ops->read_messages(source, packets, 1, &error), 1);
    source->ops->close(source);
    source = follow("early.log", false);
    assert_string_equal(ports(source), "1 2 ");
    source->ops->close(source);
}

static void all_files_of_a_pattern_are_read_but_compressed_ones(void **state)
{
    (void)state;
    unlink(at("kept/positions"));
    add("many-a.log", LINE(1));
    add("many-b.log", LINE(2));
    add("many-c.log.gz", LINE(3));
    struct source *source = follow("many-*", true);
    assert_string_equal(ports(source), "1 2 ");
    add("many-d.log", LINE(4));
    assert_string_equal(ports(source), "4 ");
    source->ops->close(source);
}

static void a_stopped_source_ends_at_once(void **state)
{
    (void)state;
    struct packet packets[PACKETS];
    struct error error;
    unlink(at("kept/positions"));
    struct source *source = follow("not-there.log", false);
    assert_int_equal(source->ops->read_messages(source, packets, PACKETS, &error), -EAGAIN);
    source->ops->stop(source);
    assert_int_equal(source->ops->read_messages(source, packets, PACKETS, &error), 0);
    source->ops->close(source);
}

static void damaged_positions_are_refused(void **state)
{
    (void)state;
    struct error error;
    add("bad-positions", "something else\n");
    assert_null(log_source_follow(
        &(struct log_source_config){.path = at("x"), .positions = at("bad-positions")}, &error));
    assert_non_null(strstr(error.text, "delete it"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_known_by_its_content_and_read_to_its_end),
        cmocka_unit_test(text_that_is_no_log_is_refused_with_advice),
        cmocka_unit_test(a_line_too_long_is_passed_over_with_its_rest),
        cmocka_unit_test(a_log_is_followed_from_its_end_and_lines_wait_until_they_are_whole),
        cmocka_unit_test(a_renamed_log_is_read_to_its_end_and_its_successor_from_the_beginning),
        cmocka_unit_test(a_log_that_was_cut_to_nothing_is_read_from_its_beginning),
        cmocka_unit_test(a_restart_neither_loses_nor_repeats_lines),
        cmocka_unit_test(what_was_not_taken_yet_is_read_again_after_a_restart),
        cmocka_unit_test(all_files_of_a_pattern_are_read_but_compressed_ones),
        cmocka_unit_test(a_stopped_source_ends_at_once),
        cmocka_unit_test(damaged_positions_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
