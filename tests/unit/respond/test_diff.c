/* test_diff.c - diffs are those of diff -u, and lead from one text to the other
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "prng.h"
#include "respond/diff.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_MAX = 1 << 20 };

static void diff_is(const char *from, const char *to, const char *want)
{
    struct buf buf;
    buf_init(&buf, BYTES_MAX);
    buf_text(&buf, "");
    assert_true(diff_write(from, strlen(from), to, strlen(to), "f", &buf));
    assert_string_equal(buf.data ? buf.data : "", want);
    buf_done(&buf);
}

static void diffs_look_as_people_know_them(void **state)
{
    (void)state;
    diff_is("", "", "");
    diff_is("a\nb\n", "a\nb\n", "");
    diff_is("", "a\n", "--- f\n+++ f\n@@ -0,0 +1,1 @@\n+a\n");
    diff_is("a\n", "", "--- f\n+++ f\n@@ -1,1 +0,0 @@\n-a\n");
    diff_is("1\n2\n3\n4\n5\n", "1\n2\n3\n4\nx\n5\n",
            "--- f\n+++ f\n@@ -2,4 +2,5 @@\n 2\n 3\n 4\n+x\n 5\n");
    diff_is("a", "b",
            "--- f\n+++ f\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+b\n"
            "\\ No newline at end of file\n");
}

static void changes_far_apart_are_shown_apart(void **state)
{
    (void)state;
    diff_is("x\n1\n2\n3\n4\n5\n6\n7\nx\n", "y\n1\n2\n3\n4\n5\n6\n7\ny\n",
            "--- f\n+++ f\n@@ -1,4 +1,4 @@\n-x\n+y\n 1\n 2\n 3\n"
            "@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-x\n+y\n");
    diff_is("x\n1\n2\n3\n4\n5\n6\nx\n", "y\n1\n2\n3\n4\n5\n6\ny\n",
            "--- f\n+++ f\n@@ -1,8 +1,8 @@\n-x\n+y\n 1\n 2\n 3\n 4\n 5\n 6\n-x\n+y\n");
}

/* Puts `patch` to `from`, line by line, as an independent reader would. */
static void apply(const char *from, const char *patch, char *ret_to)
{
    const char *at = from;
    size_t line = 1;
    *ret_to = '\0';
    for (const char *p = patch; *p; p = strchr(p, '\n') + 1) {
        size_t len = (size_t)(strchr(p, '\n') - p) + 1;
        unsigned long begin, count;
        if (sscanf(p, "@@ -%lu,%lu", &begin, &count) == 2) {
            for (begin += count == 0; line < begin; line++) {
                const char *end = strchr(at, '\n') + 1;
                strncat(ret_to, at, (size_t)(end - at));
                at = end;
            }
        } else if (strncmp(p, "--- ", 4) != 0 && strncmp(p, "+++ ", 4) != 0) {
            if (*p != '-')
                strncat(ret_to, p + 1, len - 1);
            if (*p != '+') {
                assert_memory_equal(at, p + 1, len - 1);
                at += len - 1;
                line++;
            }
        }
    }
    strcat(ret_to, at);
}

static void text_draw(struct prng *prng, char *text, unsigned letters)
{
    size_t lines = prng_below(prng, 40);
    for (size_t i = 0; i < lines; i++) {
        *text++ = (char)('a' + prng_below(prng, letters));
        *text++ = '\n';
    }
    *text = '\0';
}

static void a_diff_leads_from_one_text_to_the_other(void **state)
{
    (void)state;
    struct prng prng = {.state = 7};
    for (int i = 0; i < 2000; i++) {
        char from[128], to[128], got[256];
        struct buf buf;
        text_draw(&prng, from, 2 + (unsigned)i % 5);
        text_draw(&prng, to, 2 + (unsigned)i % 5);
        buf_init(&buf, BYTES_MAX);
        buf_text(&buf, "");
        assert_true(diff_write(from, strlen(from), to, strlen(to), "f", &buf));
        apply(from, buf.data ? buf.data : "", got);
        assert_string_equal(got, to);
        buf_done(&buf);
    }
}

static void long_texts_are_shown_replaced(void **state)
{
    (void)state;
    char *from = calloc(1, 1 << 16), *to = calloc(1, 1 << 16);
    for (int i = 0; i < 3000; i++) {
        sprintf(from + strlen(from), "a%d\n", i);
        sprintf(to + strlen(to), "b%d\n", i);
    }
    struct buf buf;
    buf_init(&buf, BYTES_MAX);
    assert_true(diff_write(from, strlen(from), to, strlen(to), "f", &buf));
    assert_non_null(strstr(buf.data, "@@ -1,3000 +1,3000 @@\n-a0\n"));
    buf_done(&buf);
    free(from);
    free(to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(diffs_look_as_people_know_them),
        cmocka_unit_test(changes_far_apart_are_shown_apart),
        cmocka_unit_test(a_diff_leads_from_one_text_to_the_other),
        cmocka_unit_test(long_texts_are_shown_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
