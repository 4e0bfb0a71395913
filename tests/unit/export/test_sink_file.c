/* test_sink_file.c - what a file has taken is in it once and whole, whatever happens to file and
 * disk
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "alert_gallery.h"
#include "base/clock.h"
#include "export/sinks.h"

#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { TEXT_MAX = 3 * 1024 * 1024 };

static struct bench {
    char folder[64];
    char path[96];
    struct config_export config;
    struct sink *sink;
    char text[TEXT_MAX];
} bench;

static void sink_make(void)
{
    struct error error;
    bench.sink = sink_open(&bench.config, &error);
    assert_non_null(bench.sink);
}

static int bench_open(void **state)
{
    (void)state;
    snprintf(bench.folder, sizeof(bench.folder), "/tmp/test_sink_file_XXXXXX");
    assert_non_null(mkdtemp(bench.folder));
    snprintf(bench.path, sizeof(bench.path), "%s/alerts", bench.folder);
    bench.config = (struct config_export){
        .name = (char *)"file",
        .type = SINK_TYPE_FILE,
        .dialect = (char *)"native",
        .path = bench.path,
        .rotate_mib = 1,
        .rotate_hours = 24,
        .keep_files = 3,
        .compress = true,
    };
    sink_make();
    return 0;
}

static int bench_close(void **state)
{
    (void)state;
    char command[96];
    sink_close(bench.sink);
    snprintf(command, sizeof(command), "rm -r %s", bench.folder);
    return system(command);
}

static void reopen(const char *dialect)
{
    sink_close(bench.sink);
    bench.config.dialect = (char *)dialect;
    sink_make();
}

static struct sink_answer send_one(const char *bytes)
{
    struct sink_record record = {.id = "1", .revision = 1, .bytes = bytes, .len = strlen(bytes)};
    struct sink_answer answer = {SINK_AGAIN, ""};
    unsigned wait_s = 0;
    bench.sink->ops->send(bench.sink, &record, 1, &answer, &wait_s);
    return answer;
}

static void take(const char *bytes)
{
    struct sink_answer answer = send_one(bytes);
    if (answer.verdict != SINK_TAKEN)
        fail_msg("%s", answer.reason);
}

/* Reads plain and compressed files alike. */
static const char *content(const char *path)
{
    gzFile file = gzopen(path, "rb");
    assert_non_null(file);
    int len = gzread(file, bench.text, TEXT_MAX - 1);
    assert_true(len >= 0);
    bench.text[len] = 0;
    assert_int_equal(gzclose(file), Z_OK);
    return bench.text;
}

static void put(const char *text)
{
    FILE *file = fopen(bench.path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* The paths of old files, in their order; free with globfree(). */
static size_t old_files(glob_t *found)
{
    char pattern[128];
    snprintf(pattern, sizeof(pattern), "%s.*", bench.path);
    return glob(pattern, 0, NULL, found) == 0 ? found->gl_pathc : 0;
}

static char *large_record(char letter)
{
    static char record[1024 * 1024 + 1];
    memset(record, letter, sizeof(record) - 1);
    return record;
}

static void records_stand_in_lines_behind_what_was_there(void **state)
{
    (void)state;
    take("one");
    take("two");
    reopen("native");
    take("three");
    assert_string_equal(content(bench.path), "one\ntwo\nthree\n");
    struct stat status;
    assert_int_equal(stat(bench.path, &status), 0);
    assert_int_equal(status.st_mode & 07, 0);
}

static void a_full_file_is_compressed_and_a_new_one_begun(void **state)
{
    (void)state;
    glob_t found;
    char name[128];
    take(large_record('a'));
    take("next");
    assert_string_equal(content(bench.path), "next\n");
    assert_int_equal(old_files(&found), 1);
    snprintf(name, sizeof(name), "%s", found.gl_pathv[0]);
    assert_string_equal(name + strlen(name) - 3, ".gz");
    assert_int_equal(strlen(content(name)), 1024 * 1024 + 1);
    globfree(&found);
}

static void within_one_second_no_old_file_takes_the_place_of_another(void **state)
{
    (void)state;
    glob_t found;
    bench.config.keep_files = 0;
    for (unsigned i = 0; i < 5; i++)
        take(large_record((char)('a' + i)));
    take("next");
    assert_int_equal(old_files(&found), 5);
    bool seen[5] = {false};
    for (unsigned i = 0; i < 5; i++)
        seen[content(found.gl_pathv[i])[0] - 'a'] = true;
    for (unsigned i = 0; i < 5; i++)
        assert_true(seen[i]);
    globfree(&found);
}

static void only_so_many_old_files_are_kept_and_nothing_else_removed(void **state)
{
    (void)state;
    glob_t found;
    char other[128];
    snprintf(other, sizeof(other), "%s.1T2Z", bench.path);
    assert_int_equal(close(open(other, O_WRONLY | O_CREAT, 0600)), 0);
    for (unsigned i = 0; i < 6; i++)
        take(large_record('a'));
    take("next");
    assert_int_equal(old_files(&found), 3 + 1);
    assert_int_equal(access(other, F_OK), 0);
    globfree(&found);
}

static void an_old_file_is_closed_without_a_record(void **state)
{
    (void)state;
    glob_t found;
    take("one");
    bench.sink->ops->tick(bench.sink, clock_now_ns() + 23 * 3600 * NS_PER_S);
    assert_int_equal(access(bench.path, F_OK), 0);
    bench.sink->ops->tick(bench.sink, clock_now_ns() + 25 * 3600 * NS_PER_S);
    assert_int_not_equal(access(bench.path, F_OK), 0);
    assert_int_equal(old_files(&found), 1);
    assert_string_equal(content(found.gl_pathv[0]), "one\n");
    globfree(&found);
}

static void every_file_of_cells_has_their_names_first(void **state)
{
    (void)state;
    struct buf head;
    buf_init(&head, 4096);
    dialects[DIALECT_CSV].head(&head);
    reopen("csv");
    take(large_record('a'));
    take("1,2");
    assert_memory_equal(content(bench.path), head.data, head.len);
    assert_string_equal(bench.text + head.len, "1,2\r\n");
    buf_done(&head);
}

static void a_line_that_a_crash_left_half_is_taken_back(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
    } cases[] = {
        {"one\ntwo\nthr", "one\ntwo\nnext\n"},
        {"one\ntwo\n", "one\ntwo\nnext\n"},
        {"one\n\"half a ce", "one\nnext\n"},
        {"no line at all", "no line at all\nnext\n"},
    };
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        put(cases[i].before);
        reopen("native");
        take("next");
        assert_string_equal(content(bench.path), cases[i].after);
    }
}

static void what_has_no_lines_is_not_ours_and_only_ended(void **state)
{
    (void)state;
    char *record = large_record('x');
    put("one\n");
    FILE *file = fopen(bench.path, "a");
    for (unsigned i = 0; i < 2; i++)
        fputs(record, file);
    fclose(file);
    bench.config.rotate_mib = 0;
    reopen("native");
    take("next");
    assert_int_equal(strlen(content(bench.path)), 4 + 2 * 1024 * 1024 + 1 + 5);
}

/* The disk is as full as a limit on the length of files makes it. */
static void a_full_disk_is_told_and_leaves_no_half_records(void **state)
{
    (void)state;
    struct rlimit before, tight = {100, RLIM_INFINITY};
    take("one");
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    struct sink_answer answer = send_one(large_record('a'));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(answer.verdict, SINK_AGAIN);
    assert_non_null(strstr(answer.reason, bench.path));
    assert_string_equal(content(bench.path), "one\n");
    take("two");
    assert_string_equal(content(bench.path), "one\ntwo\n");
}

static void a_file_that_somebody_moves_or_empties_is_begun_anew(void **state)
{
    (void)state;
    char moved[128];
    snprintf(moved, sizeof(moved), "%s.1", bench.path);
    take("one");
    assert_int_equal(rename(bench.path, moved), 0);
    take("two");
    assert_string_equal(content(moved), "one\n");
    assert_string_equal(content(bench.path), "two\n");
    assert_int_equal(unlink(bench.path), 0);
    take("three");
    assert_string_equal(content(bench.path), "three\n");
    assert_int_equal(truncate(bench.path, 0), 0);
    take("four");
    assert_string_equal(content(bench.path), "four\n");
}

static void what_cannot_be_written_to_is_told_by_name(void **state)
{
    (void)state;
    char absent[128];
    snprintf(absent, sizeof(absent), "%s/absent/alerts", bench.folder);
    bench.config.path = absent;
    struct sink_answer answer = send_one("one");
    assert_int_equal(answer.verdict, SINK_AGAIN);
    assert_non_null(strstr(answer.reason, "absent/alerts: No such file"));
    snprintf(absent, sizeof(absent), "%s/pipe", bench.folder);
    assert_int_equal(mkfifo(absent, 0600), 0);
    answer = send_one("one");
    assert_int_equal(answer.verdict, SINK_AGAIN);
    assert_non_null(strstr(answer.reason, "is not a plain file"));
    bench.config.path = bench.folder;
    assert_int_equal(send_one("one").verdict, SINK_AGAIN);
    bench.config.path = bench.path;
    take("one");
}

static void two_writers_of_a_file_take_turns(void **state)
{
    (void)state;
    struct sink *first = bench.sink, *second;
    take("one");
    sink_make();
    second = bench.sink;
    take("two");
    bench.sink = first;
    take("three");
    bench.sink = second;
    take("four");
    sink_close(first);
    assert_string_equal(content(bench.path), "one\ntwo\nthree\nfour\n");
}

static void a_file_that_another_program_holds_is_waited_for(void **state)
{
    (void)state;
    int fd = open(bench.path, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    struct sink_answer answer = send_one("one");
    close(fd);
    assert_int_equal(answer.verdict, SINK_AGAIN);
    assert_non_null(strstr(answer.reason, "another export or program"));
    take("one");
    assert_string_equal(content(bench.path), "one\n");
}

static void no_record_of_any_dialect_has_a_line_end_inside(void **state)
{
    (void)state;
    const struct dialect_context context = {.language = LANGUAGE_JA};
    static struct alert alert;
    struct buf record;
    buf_init(&record, EXPORT_RECORD_MAX_BYTES);
    for (unsigned d = 0; d < DIALECT_COUNT; d++)
        for (unsigned i = 0; i < GALLERY_COUNT + GALLERY_NAMES; i++) {
            if (i < GALLERY_COUNT)
                alert_gallery(&alert, i);
            else
                alert_about_name(&alert, i - GALLERY_COUNT);
            buf_reset(&record);
            if (dialect_write(&dialects[d], &context, &alert, &record) == 0)
                assert_null(memchr(record.data, '\n', record.len));
        }
    buf_done(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define STORY(name) cmocka_unit_test_setup_teardown(name, bench_open, bench_close)
        STORY(records_stand_in_lines_behind_what_was_there),
        STORY(a_full_file_is_compressed_and_a_new_one_begun),
        STORY(within_one_second_no_old_file_takes_the_place_of_another),
        STORY(only_so_many_old_files_are_kept_and_nothing_else_removed),
        STORY(an_old_file_is_closed_without_a_record),
        STORY(every_file_of_cells_has_their_names_first),
        STORY(a_line_that_a_crash_left_half_is_taken_back),
        STORY(what_has_no_lines_is_not_ours_and_only_ended),
        STORY(a_full_disk_is_told_and_leaves_no_half_records),
        STORY(a_file_that_somebody_moves_or_empties_is_begun_anew),
        STORY(what_cannot_be_written_to_is_told_by_name),
        STORY(two_writers_of_a_file_take_turns),
        STORY(a_file_that_another_program_holds_is_waited_for),
        STORY(no_record_of_any_dialect_has_a_line_end_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
