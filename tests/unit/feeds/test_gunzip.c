/* test_gunzip.c - gzip comes out whole and bounded, or not at all
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "feeds/gunzip.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

/* One member with `count` times the byte 'a'. */
static size_t pack(uint8_t *packed, size_t max, size_t count)
{
    z_stream stream = {.next_out = packed, .avail_out = (unsigned)max};
    unsigned char a[4096];
    memset(a, 'a', sizeof(a));
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    while (count > 0) {
        stream.next_in = a;
        stream.avail_in = (unsigned)(count < sizeof(a) ? count : sizeof(a));
        count -= stream.avail_in;
        assert_int_equal(deflate(&stream, Z_NO_FLUSH), Z_OK);
    }
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t len = max - stream.avail_out;
    deflateEnd(&stream);
    return len;
}

static int unpack(const uint8_t *packed, size_t len, size_t max, size_t *ret_len,
                  struct error *error)
{
    struct buf buf;
    buf_init(&buf, max);
    int r = gunzip(packed, len, &buf, error);
    *ret_len = buf.len;
    assert_true(buf.len <= max);
    buf_done(&buf);
    return r;
}

static void members_come_out_one_after_the_other(void **state)
{
    (void)state;
    uint8_t packed[8192];
    struct error error;
    size_t out;
    size_t len = pack(packed, sizeof(packed), 100000);
    len += pack(packed + len, sizeof(packed) - len, 23);
    assert_true(gunzip_is_packed(packed, len));
    assert_int_equal(unpack(packed, len, 1 << 20, &out, &error), 0);
    assert_int_equal(out, 100023);
}

static void a_bomb_is_stopped_at_the_limit(void **state)
{
    (void)state;
    static uint8_t packed[1 << 17];
    struct error error;
    size_t out;
    size_t len = pack(packed, sizeof(packed), 64 << 20);
    assert_int_equal(unpack(packed, len, 1 << 20, &out, &error), -EFBIG);
    assert_non_null(strstr(error.text, "more than 1 MiB"));
}

static void what_is_cut_or_damaged_is_refused(void **state)
{
    (void)state;
    uint8_t packed[8192];
    struct error error;
    size_t out;
    size_t len = pack(packed, sizeof(packed), 1000);
    for (size_t cut = 2; cut < len; cut++)
        assert_int_equal(unpack(packed, cut, 1 << 20, &out, &error), -EINVAL);
    packed[len / 2] ^= 0xff;
    assert_int_equal(unpack(packed, len, 1 << 20, &out, &error), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_come_out_one_after_the_other),
        cmocka_unit_test(a_bomb_is_stopped_at_the_limit),
        cmocka_unit_test(what_is_cut_or_damaged_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
