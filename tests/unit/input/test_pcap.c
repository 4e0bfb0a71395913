/* test_pcap.c - the classic capture format, piece by piece
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "capture_bytes.h"
#include "input/pcap.h"

#include <stdlib.h>

static struct capture_bytes bytes;
static struct pcap_state state;
static struct frame frame;
static struct error error;

static int reset(void **unused)
{
    (void)unused;
    memset(&bytes, 0, sizeof(bytes));
    memset(&state, 0, sizeof(state));
    memset(&error, 0, sizeof(error));
    return 0;
}

/* Looks at bytes[from..from+len) in a heap block of exactly that size: a sanitizer sees any read
 * past it. The frame's data is moved to where it stands in `bytes`. */
static enum piece next(size_t from, size_t len, uint64_t *ret_len)
{
    uint8_t *exact = malloc(len ? len : 1);
    assert_non_null(exact);
    memcpy(exact, bytes.data + from, len);
    enum piece piece = pcap_format.next(&state, exact, len, ret_len, &frame, &error);
    if (piece == PIECE_FRAME)
        frame.data = bytes.data + from + (frame.data - exact);
    free(exact);
    return piece;
}

static void read_header(void)
{
    uint64_t len;
    assert_int_equal(next(0, bytes.len, &len), PIECE_SKIP);
    assert_int_equal(len, 24);
}

static void each_variant_gives_time_lengths_and_bytes(void **unused)
{
    static const struct {
        uint32_t magic;
        uint32_t fraction;
        size_t extra;
    } cases[] = {
        {0xa1b2c3d4, 123456, 0},
        {0xa1b23c4d, 123456000, 0},
        {0xa1b2cd34, 123456, 8},
    };
    for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
        reset(unused);
        bytes.big_endian = i % 2;
        put_pcap_header(&bytes, cases[i / 2].magic, 101);
        put_pcap_record(&bytes, 1700000000, cases[i / 2].fraction, 70, 90, 0xab,
                        cases[i / 2].extra);
        assert_true(pcap_format.recognise(bytes.data));
        read_header();
        uint64_t len;
        assert_int_equal(next(24, bytes.len - 24, &len), PIECE_FRAME);
        assert_int_equal(24 + len, bytes.len);
        assert_int_equal(frame.time_ns, 1700000000123456000);
        assert_int_equal(frame.caplen, 70);
        assert_int_equal(frame.wirelen, 90);
        assert_int_equal(frame.linktype, 101);
        assert_ptr_equal(frame.data, bytes.data + bytes.len - 70);
    }
}

static void the_latest_time_a_record_can_say_is_read_without_overflow(void **unused)
{
    (void)unused;
    put_pcap_header(&bytes, 0xa1b2c3d4, 1);
    put_pcap_record(&bytes, UINT32_MAX, UINT32_MAX, 1, 1, 0, 0);
    read_header();
    uint64_t len;
    assert_int_equal(next(24, bytes.len - 24, &len), PIECE_FRAME);
    assert_int_equal(frame.time_ns, 4294967295ll * 1000000000 + 4294967295ll * 1000);
    assert_true(frame.time_ns <= CAPTURE_TIME_MAX_NS);
}

static void the_check_sequence_bits_do_not_touch_the_link_type(void **unused)
{
    (void)unused;
    put_pcap_header(&bytes, 0xa1b2c3d4, 0x24000000 | 1);
    put_pcap_record(&bytes, 1, 1, 1, 1, 0, 0);
    read_header();
    uint64_t len;
    assert_int_equal(next(24, bytes.len - 24, &len), PIECE_FRAME);
    assert_int_equal(frame.linktype, 1);
}

static void on_the_wire_was_at_least_what_was_captured(void **unused)
{
    (void)unused;
    put_pcap_header(&bytes, 0xa1b2c3d4, 1);
    put_pcap_record(&bytes, 1, 1, 60, 10, 0, 0);
    read_header();
    uint64_t len;
    assert_int_equal(next(24, bytes.len - 24, &len), PIECE_FRAME);
    assert_int_equal(frame.wirelen, 60);
}

static void whatever_is_missing_is_asked_for(void **unused)
{
    (void)unused;
    uint64_t len;
    put_pcap_header(&bytes, 0xa1b2c3d4, 1);
    put_pcap_record(&bytes, 1, 1, 60, 60, 0, 0);
    for (size_t have = 0; have < 24; have++) {
        assert_int_equal(next(0, have, &len), PIECE_MORE);
        assert_int_equal(len, 24);
    }
    read_header();
    for (size_t have = 0; have < 16 + 60; have++) {
        assert_int_equal(next(24, have, &len), PIECE_MORE);
        assert_int_equal(len, have < 16 ? 16 : 16 + 60);
    }
    assert_int_equal(next(24, 16 + 60, &len), PIECE_FRAME);
}

static void the_longest_frame_is_read_and_one_byte_more_is_damage(void **unused)
{
    (void)unused;
    uint64_t len;
    put_pcap_header(&bytes, 0xa1b2c3d4, 1);
    put_pcap_record(&bytes, 1, 1, CAPTURE_FRAME_MAX, CAPTURE_FRAME_MAX, 0, 0);
    size_t second = bytes.len;
    put_pcap_record(&bytes, 1, 1, CAPTURE_FRAME_MAX + 1, CAPTURE_FRAME_MAX + 1, 0, 0);
    read_header();
    assert_int_equal(next(24, second - 24, &len), PIECE_FRAME);
    assert_int_equal(next(second, bytes.len - second, &len), PIECE_BAD);
    assert_string_equal(error.text, "record length 262145 is impossible (at most 262144)");
}

static void a_version_that_does_not_exist_is_damage(void **unused)
{
    (void)unused;
    uint64_t len;
    put_pcap_header(&bytes, 0xa1b2c3d4, 1);
    bytes.data[4] = 3;
    assert_int_equal(next(0, bytes.len, &len), PIECE_BAD);
    assert_string_equal(error.text, "pcap version 3.4: only 2.x is known");
}

static void other_magic_is_not_pcap(void **unused)
{
    (void)unused;
    uint64_t len;
    put_pcap_header(&bytes, 0xa1b2c3d5, 1);
    assert_false(pcap_format.recognise(bytes.data));
    assert_int_equal(next(0, bytes.len, &len), PIECE_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_variant_gives_time_lengths_and_bytes, reset),
        cmocka_unit_test_setup(the_latest_time_a_record_can_say_is_read_without_overflow, reset),
        cmocka_unit_test_setup(the_check_sequence_bits_do_not_touch_the_link_type, reset),
        cmocka_unit_test_setup(on_the_wire_was_at_least_what_was_captured, reset),
        cmocka_unit_test_setup(whatever_is_missing_is_asked_for, reset),
        cmocka_unit_test_setup(the_longest_frame_is_read_and_one_byte_more_is_damage, reset),
        cmocka_unit_test_setup(a_version_that_does_not_exist_is_damage, reset),
        cmocka_unit_test_setup(other_magic_is_not_pcap, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
