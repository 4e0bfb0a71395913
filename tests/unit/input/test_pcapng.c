/* test_pcapng.c - the block-structured capture format, block by block
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "capture_bytes.h"
#include "input/pcapng.h"

#include <stdlib.h>

static struct capture_bytes bytes;
static struct pcapng_state state;
static struct error error;

static int reset(void **unused)
{
    (void)unused;
    memset(&bytes, 0, sizeof(bytes));
    memset(&state, 0, sizeof(state));
    memset(&error, 0, sizeof(error));
    return 0;
}

/* Reads `bytes` to the end or to damage, each piece from a heap block of exactly what is in view,
 * so that a sanitizer sees any read past it. Returns how the last piece ended. */
static enum piece read_all(struct frame frames[static CAPTURE_FRAMES_MAX], size_t *ret_count)
{
    size_t at = 0;
    *ret_count = 0;
    for (;;) {
        uint64_t len;
        size_t have = at < bytes.len ? bytes.len - at : 0;
        uint8_t *exact = malloc(have ? have : 1);
        assert_non_null(exact);
        memcpy(exact, bytes.data + at, have);
        struct frame *frame = &frames[*ret_count];
        enum piece piece = pcapng_format.next(&state, exact, have, &len, frame, &error);
        if (piece == PIECE_FRAME)
            frame->data = bytes.data + at + (frame->data - exact);
        free(exact);
        if (piece == PIECE_MORE || piece == PIECE_BAD)
            return piece;
        *ret_count += piece == PIECE_FRAME;
        at += len;
    }
}

static void assert_damage(const char *reason)
{
    struct frame frames[CAPTURE_FRAMES_MAX];
    size_t count;
    assert_int_equal(read_all(frames, &count), PIECE_BAD);
    assert_string_equal(error.text, reason);
}

static void every_kind_of_block_is_read_or_skipped(void **unused)
{
    (void)unused;
    static const struct {
        int64_t time_ns;
        uint32_t caplen, wirelen;
        uint16_t linktype;
        uint8_t fill;
    } expected[] = {
        {1700000000000000000, 61, 61, 1, 0xa1},   {1700000000100000000, 60, 1500, 1, 0xa2},
        {1700000000100000000, 64, 1500, 1, 0xa3}, {1700000001000000000, 33, 33, 101, 0xa4},
        {1700000001200000000, 0, 0, 101, 0},      {1700000001200000000, 47, 47, 101, 0xa6},
        {1700000001300000000, 1, 1, 101, 0xa7},
    };
    struct frame frames[CAPTURE_FRAMES_MAX];
    size_t count;
    put_every_block(&bytes);
    assert_true(pcapng_format.recognise(bytes.data));
    assert_int_equal(read_all(frames, &count), PIECE_MORE);
    assert_int_equal(count, sizeof(expected) / sizeof(expected[0]));
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(frames[i].time_ns, expected[i].time_ns);
        assert_int_equal(frames[i].caplen, expected[i].caplen);
        assert_int_equal(frames[i].wirelen, expected[i].wirelen);
        assert_int_equal(frames[i].linktype, expected[i].linktype);
        for (uint32_t k = 0; k < frames[i].caplen; k++)
            assert_int_equal(frames[i].data[k], expected[i].fill);
    }
}

static void time_resolutions_and_offsets_come_to_nanoseconds(void **unused)
{
    static const struct {
        uint8_t tsresol;
        int64_t offset_s;
        uint64_t stamp;
        int64_t time_ns;
    } cases[] = {
        {0, 0, 1700000000, 1700000000000000000},
        {3, 0, 1700000000123, 1700000000123000000},
        {6, 0, 1700000000123456, 1700000000123456000},
        {9, 0, 1700000000123456789, 1700000000123456789},
        {12, 0, 1700000123456789, 1700000123456},
        {28, 0, UINT64_MAX, 1},
        {29, 0, UINT64_MAX, 0},
        {127, 5, UINT64_MAX, 5000000000},
        {0x80 | 10, 0, 1024 + 512, 1500000000},
        {0x80 | 32, 0, 3ull << 31, 1500000000},
        {0x80 | 63, 0, 1ull << 62, 500000000},
        {0x80 | 127, 0, UINT64_MAX, 0},
        {6, 1700000000, 5, 1700000000000005000},
        {6, -1, 3000000, 2000000000},
        {6, -10, 3000000, 0},
        {6, INT64_MIN, UINT64_MAX, 0},
        {0, INT64_MAX, UINT64_MAX, CAPTURE_TIME_MAX_NS},
        {0, 0, UINT64_MAX, CAPTURE_TIME_MAX_NS},
        {0x80, 0, UINT64_MAX, CAPTURE_TIME_MAX_NS},
    };
    for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
        struct frame frames[CAPTURE_FRAMES_MAX];
        size_t count;
        reset(unused);
        bytes.big_endian = i % 2;
        put_section(&bytes);
        put_timed_interface(&bytes, cases[i / 2].tsresol, cases[i / 2].offset_s);
        put_enhanced(&bytes, 0, cases[i / 2].stamp, 1, 1, 0);
        assert_int_equal(read_all(frames, &count), PIECE_MORE);
        assert_int_equal(count, 1);
        assert_int_equal(frames[0].time_ns, cases[i / 2].time_ns);
    }
}

static void a_new_section_forgets_the_interfaces_of_the_last(void **unused)
{
    (void)unused;
    put_section(&bytes);
    put_interface(&bytes, 1, 0);
    put_section(&bytes);
    put_enhanced(&bytes, 0, 0, 1, 1, 0);
    assert_damage("a packet of an interface that was not described");
}

static void a_simple_packet_needs_an_interface(void **unused)
{
    (void)unused;
    put_section(&bytes);
    put_simple(&bytes, 4, 4, 0);
    assert_damage("a packet of an interface that was not described");
}

static void options_after_the_end_mark_are_not_read(void **unused)
{
    (void)unused;
    struct frame frames[CAPTURE_FRAMES_MAX];
    size_t count;
    put_section(&bytes);
    size_t start = block_begin(&bytes, 1);
    put64(&bytes, 1);
    put32(&bytes, 0);
    put_option(&bytes, 9, "\x00", 1);
    put32(&bytes, 0xffffffff);
    block_end(&bytes, start, false);
    put_enhanced(&bytes, 0, 1000000, 1, 1, 0);
    assert_int_equal(read_all(frames, &count), PIECE_MORE);
    assert_int_equal(frames[0].time_ns, 1000000000);
}

static void an_option_past_its_block_is_damage(void **unused)
{
    (void)unused;
    put_section(&bytes);
    size_t start = block_begin(&bytes, 1);
    put64(&bytes, 1);
    put16(&bytes, 9);
    put16(&bytes, 1);
    block_end(&bytes, start, false);
    assert_damage("an option of an interface runs past its block");
}

static void a_packet_longer_than_its_block_is_damage(void **unused)
{
    (void)unused;
    put_section(&bytes);
    put_interface(&bytes, 1, 0);
    put_enhanced(&bytes, 0, 0, 8, 8, 0);
    bytes.data[bytes.len - 4 - 8 - 8] = 9;
    assert_damage("packet length 9 is impossible in a block with room for 8");
}

static void a_simple_packet_longer_than_its_block_is_damage(void **unused)
{
    (void)unused;
    put_section(&bytes);
    put_interface(&bytes, 1, 0);
    put_simple(&bytes, UINT32_MAX, 8, 0);
    assert_damage("packet length 4294967295 is impossible in a block with room for 8");
}

static void block_lengths_that_cannot_be_are_damage(void **unused)
{
    static const struct {
        uint32_t length;
        const char *reason;
    } cases[] = {
        {0, "block length 0 is impossible (at least 12, a multiple of 4)"},
        {8, "block length 8 is impossible (at least 12, a multiple of 4)"},
        {33, "block length 33 is impossible (at least 12, a multiple of 4)"},
        {UINT32_MAX, "block length 4294967295 is impossible (at least 12, a multiple of 4)"},
        {0x80000000, "block length 2147483648 is impossible for its type (at most 524288)"},
        {12, "a block whose two lengths differ"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        reset(unused);
        put_section(&bytes);
        put_interface(&bytes, 1, 0);
        size_t start = bytes.len;
        put_enhanced(&bytes, 0, 0, 8, 8, 0);
        uint32_t length = htole32(cases[i].length);
        memcpy(bytes.data + start + 4, &length, 4);
        assert_damage(cases[i].reason);
    }
}

static void a_block_too_short_for_its_type_is_damage(void **unused)
{
    static const uint32_t types[] = {1, 2, 3, 6};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        reset(unused);
        put_section(&bytes);
        block_end(&bytes, block_begin(&bytes, types[i]), false);
        assert_damage("a block too short for its type");
    }
}

static void an_unknown_block_larger_than_memory_is_passed_over(void **unused)
{
    (void)unused;
    struct frame frame;
    uint64_t len;
    put_section(&bytes);
    size_t start = bytes.len;
    put32(&bytes, 0x0bad);
    put32(&bytes, 0xfffffffc);
    put32(&bytes, 0);
    assert_int_equal(pcapng_format.next(&state, bytes.data, start, &len, &frame, &error),
                     PIECE_SKIP);
    assert_int_equal(
        pcapng_format.next(&state, bytes.data + start, bytes.len - start, &len, &frame, &error),
        PIECE_SKIP);
    assert_int_equal(len, 0xfffffffc);
}

static void more_interfaces_than_there_is_room_for_are_damage(void **unused)
{
    (void)unused;
    uint64_t len;
    struct frame frame;
    put_section(&bytes);
    size_t start = bytes.len;
    put_interface(&bytes, 1, 0);
    assert_int_equal(pcapng_format.next(&state, bytes.data, start, &len, &frame, &error),
                     PIECE_SKIP);
    const uint8_t *block = bytes.data + start;
    for (int i = 0; i < PCAPNG_INTERFACES_MAX; i++)
        assert_int_equal(pcapng_format.next(&state, block, bytes.len - start, &len, &frame, &error),
                         PIECE_SKIP);
    assert_int_equal(pcapng_format.next(&state, block, bytes.len - start, &len, &frame, &error),
                     PIECE_BAD);
    assert_string_equal(error.text, "more than 4096 interfaces in one section");
}

static void a_section_must_say_its_byte_order_and_version(void **unused)
{
    put_section(&bytes);
    bytes.data[8] ^= 1;
    assert_damage("a section without byte-order magic");
    reset(unused);
    put_section(&bytes);
    bytes.data[12] = 2;
    assert_damage("pcapng version 2: only 1 is known");
    reset(unused);
    put_interface(&bytes, 1, 0);
    assert_damage("a block before the first section header");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_kind_of_block_is_read_or_skipped, reset),
        cmocka_unit_test_setup(time_resolutions_and_offsets_come_to_nanoseconds, reset),
        cmocka_unit_test_setup(a_new_section_forgets_the_interfaces_of_the_last, reset),
        cmocka_unit_test_setup(a_simple_packet_needs_an_interface, reset),
        cmocka_unit_test_setup(options_after_the_end_mark_are_not_read, reset),
        cmocka_unit_test_setup(an_option_past_its_block_is_damage, reset),
        cmocka_unit_test_setup(a_packet_longer_than_its_block_is_damage, reset),
        cmocka_unit_test_setup(a_simple_packet_longer_than_its_block_is_damage, reset),
        cmocka_unit_test_setup(block_lengths_that_cannot_be_are_damage, reset),
        cmocka_unit_test_setup(a_block_too_short_for_its_type_is_damage, reset),
        cmocka_unit_test_setup(an_unknown_block_larger_than_memory_is_passed_over, reset),
        cmocka_unit_test_setup(more_interfaces_than_there_is_room_for_are_damage, reset),
        cmocka_unit_test_setup(a_section_must_say_its_byte_order_and_version, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
