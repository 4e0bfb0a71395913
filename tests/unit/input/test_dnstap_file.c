/* test_dnstap_file.c - dnstap files, whole, cut, damaged and put together
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/dnstap_file.h"

#include "cmocka_all.h"

#include "dnstap_build.h"
#include "input/dnstap.h"
#include "input/framestream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FRAMES = 3 };

static struct dnstap_build stream;
static size_t frame_end[FRAMES];
static size_t start_end;
static struct error error;

static int make_stream(void **unused)
{
    (void)unused;
    stream.len = 0;
    tap_control(&stream, TAP_START, TAP_CONTENT_TYPE);
    start_end = stream.len;
    for (size_t i = 0; i < FRAMES; i++) {
        tap_query_frame(&stream, "query");
        frame_end[i] = stream.len;
    }
    tap_control(&stream, TAP_STOP, NULL);
    return 0;
}

/* The first `len` bytes as a file, opened; the caller closes it. */
static struct source *open_bytes(size_t len)
{
    struct byte_window window;
    int fd = memfd_create("dnstap", MFD_CLOEXEC);
    assert_int_equal(pwrite(fd, stream.data, len, 0), len);
    assert_true(byte_window_init(&window, fd));
    assert_int_equal(byte_window_fill(&window, 4), 0);
    assert_true(framestream_recognise(byte_window_at(&window)));
    return dnstap_file_new("file", &window, len);
}

/* Reads all; returns what the last call did. */
static int read_all(struct source *source, size_t max, unsigned *ret_messages)
{
    struct packet packets[8];
    int r;
    *ret_messages = 0;
    while ((r = source->ops->read_messages(source, packets, max, &error)) > 0) {
        assert_in_range(r, 1, max);
        for (int i = 0; i < r; i++)
            assert_memory_equal(packets[i].data, "query", 5);
        *ret_messages += (unsigned)r;
    }
    return r;
}

static void a_file_gives_its_messages(void **unused)
{
    (void)unused;
    for (size_t max = DNSTAP_PACKETS; max <= 8; max += 3) {
        unsigned messages;
        uint64_t done, total;
        struct source *source = open_bytes(stream.len);
        assert_non_null(source);
        assert_null(source->ops->read);
        assert_int_equal(read_all(source, max, &messages), 0);
        assert_int_equal(messages, FRAMES);
        source->ops->position(source, &done, &total);
        assert_int_equal(done, stream.len);
        assert_int_equal(total, stream.len);
        assert_int_equal(source->ops->metrics(source)->value[METRIC_DNSTAP_FRAMES], FRAMES);
        source->ops->close(source);
    }
}

static void a_file_cut_at_any_byte_gives_its_complete_messages_and_says_so(void **unused)
{
    (void)unused;
    for (size_t len = 4; len < stream.len; len++) {
        unsigned messages, complete = 0;
        while (complete < FRAMES && frame_end[complete] <= len)
            complete++;
        bool at_edge = len == start_end || (complete && len == frame_end[complete - 1]);
        struct source *source = open_bytes(len);
        assert_non_null(source);
        assert_int_equal(read_all(source, 8, &messages), -EBADMSG);
        assert_int_equal(messages, complete);
        assert_non_null(strstr(error.text, at_edge ? "STOP frame" : "cut inside a frame"));
        assert_int_equal(read_all(source, 8, &messages), -EBADMSG);
        source->ops->close(source);
    }
}

static void damage_is_told_with_its_offset_after_what_came_before(void **unused)
{
    (void)unused;
    unsigned messages;
    char expected[64];
    memcpy(stream.data + frame_end[1], "\xff\xff\xff\xff", 4);
    struct source *source = open_bytes(stream.len);
    assert_int_equal(read_all(source, 8, &messages), -EBADMSG);
    assert_int_equal(messages, 2);
    snprintf(expected, sizeof(expected), ": byte %zu: frame length 4294967295", frame_end[1]);
    assert_non_null(strstr(error.text, expected));
    source->ops->close(source);
}

static void a_payload_that_cannot_be_read_is_counted_and_passed_over(void **unused)
{
    (void)unused;
    unsigned messages;
    stream.data[frame_end[0] + 4] = 0x0b; /* a group */
    struct source *source = open_bytes(stream.len);
    assert_int_equal(read_all(source, 8, &messages), 0);
    assert_int_equal(messages, FRAMES - 1);
    assert_int_equal(source->ops->metrics(source)->value[METRIC_DNSTAP_FRAMES_BROKEN], 1);
    source->ops->close(source);
}

static void a_stream_of_something_else_is_refused(void **unused)
{
    (void)unused;
    unsigned messages;
    stream.len = 0;
    tap_control(&stream, TAP_START, "text:lines");
    struct source *source = open_bytes(stream.len);
    assert_int_equal(read_all(source, 8, &messages), -EBADMSG);
    assert_non_null(strstr(error.text, "something else than protobuf:dnstap.Dnstap"));
    source->ops->close(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_file_gives_its_messages, make_stream),
        cmocka_unit_test_setup(a_file_cut_at_any_byte_gives_its_complete_messages_and_says_so,
                               make_stream),
        cmocka_unit_test_setup(damage_is_told_with_its_offset_after_what_came_before, make_stream),
        cmocka_unit_test_setup(a_payload_that_cannot_be_read_is_counted_and_passed_over,
                               make_stream),
        cmocka_unit_test_setup(a_stream_of_something_else_is_refused, make_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
