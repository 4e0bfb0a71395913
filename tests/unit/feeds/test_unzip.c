/* test_unzip.c - a zip archive of one file comes out whole and bounded, or not at all
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "feeds/unzip.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARCHIVE_MAX = 1 << 17 };

static uint8_t archive[ARCHIVE_MAX];

/* Has Python's own writer make an archive: `code` gets it as `z`. */
static size_t archive_make(const char *code)
{
    static char command[1024];
    snprintf(command, sizeof(command),
             "python3 -c 'import sys, io, zipfile\n"
             "out = io.BytesIO()\n"
             "z = zipfile.ZipFile(out, \"w\", zipfile.ZIP_DEFLATED)\n"
             "%s\n"
             "z.close()\n"
             "sys.stdout.buffer.write(out.getvalue())'",
             code);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t len = fread(archive, 1, sizeof(archive), pipe);
    assert_int_equal(pclose(pipe), 0);
    assert_true(unzip_is_packed(archive, len));
    return len;
}

static int unpack(size_t len, size_t max, struct buf *buf, struct error *error)
{
    buf_init(buf, max);
    /* An exact-size block, so that a sanitizer sees a read one byte past the archive. */
    uint8_t *exact = malloc(len ? len : 1);
    memcpy(exact, archive, len);
    int r = unzip(exact, len, buf, error);
    free(exact);
    return r;
}

static void assert_refused(size_t len, int code, const char *reason)
{
    struct error error = {""};
    struct buf buf;
    assert_int_equal(unpack(len, 1 << 20, &buf, &error), code);
    assert_true(buf.len <= 1 << 20);
    if (!strstr(error.text, reason))
        fail_msg("says: %s", error.text);
    buf_done(&buf);
}

static void the_one_file_comes_out(void **state)
{
    (void)state;
    static const char *const codes[] = {
        "z.writestr(\"top.csv\", \"1,a.example\\n\" * 1000)",
        "z.comment = b\"made today\"; z.writestr(\"top.csv\", \"1,a.example\\n\" * 1000)",
        /* Sizes stand behind the data, as where the writer could not go back. */
        "out.seekable = lambda: False\nz = zipfile.ZipFile(out, \"w\", zipfile.ZIP_DEFLATED)\n"
        "z.writestr(\"top.csv\", \"1,a.example\\n\" * 1000)",
    };
    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
        struct error error;
        struct buf buf;
        size_t len = archive_make(codes[i]);
        assert_int_equal(unpack(len, 1 << 20, &buf, &error), 0);
        assert_int_equal(buf.len, 12000);
        assert_memory_equal(buf.data, "1,a.example\n1,a", 15);
        buf_done(&buf);
    }
}

static void a_bomb_is_stopped_at_the_limit(void **state)
{
    (void)state;
    assert_refused(archive_make("z.writestr(\"a\", \"a\" * (16 << 20))"), -EFBIG,
                   "more than 1 MiB");
}

static void what_is_cut_or_damaged_is_refused(void **state)
{
    (void)state;
    struct error error;
    struct buf buf;
    size_t len = archive_make("z.writestr(\"top.csv\", \"\".join(map(str, range(300))))");
    for (size_t cut = 4; cut < len; cut++)
        assert_refused(cut, -EINVAL, "damaged");
    for (size_t at = 4; at < len; at++) {
        archive[at] ^= 0xff; /* some of these bytes mean nothing to us */
        int r = unpack(len, 1 << 20, &buf, &error);
        assert_true(r == 0 || r == -EINVAL);
        buf_done(&buf);
        archive[at] ^= 0xff;
    }
    archive[60] ^= 1;
    assert_refused(len, -EINVAL, "damaged");
}

static void other_archives_are_refused(void **state)
{
    (void)state;
    static const uint8_t end_alone[26] = {'P', 'K', 3, 4, 'P', 'K', 5, 6, [14] = 1, [20] = 4};
    memcpy(archive, end_alone, sizeof(end_alone));
    assert_refused(sizeof(end_alone), -EINVAL, "damaged");
    assert_refused(archive_make("z.writestr(\"a\", \"x\"); z.writestr(\"b\", \"y\")"), -EINVAL,
                   "several files");
    assert_refused(archive_make("z.writestr(\"a\", \"x\", zipfile.ZIP_BZIP2)"), -EINVAL,
                   "unusual way");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_one_file_comes_out),
        cmocka_unit_test(a_bomb_is_stopped_at_the_limit),
        cmocka_unit_test(what_is_cut_or_damaged_is_refused),
        cmocka_unit_test(other_archives_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
