/* test_framestream.c - both kinds of Frame Streams, and what is none
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/framestream.h"

#include "cmocka_all.h"

#include "dnstap_build.h"

#include <string.h>

/* Walks over the whole input; the last step, and what was answered. */
struct walk {
    enum framestream_step last;
    unsigned frames;
    size_t reply_len;
    uint8_t reply[256];
    struct error error;
    struct framestream stream;
};

static struct walk walk(const struct dnstap_build *build)
{
    struct walk walk = {0};
    struct framestream_piece piece;
    for (size_t at = 0; at < build->len; at += piece.len) {
        walk.last =
            framestream_next(&walk.stream, build->data + at, build->len - at, &piece, &walk.error);
        if (walk.last == FRAMESTREAM_BAD || walk.last == FRAMESTREAM_MORE)
            break;
        assert_in_range(piece.len, 1, build->len - at);
        walk.frames += walk.last == FRAMESTREAM_DATA;
        memcpy(walk.reply + walk.reply_len, piece.reply, piece.reply_len);
        walk.reply_len += piece.reply_len;
    }
    return walk;
}

static void a_writer_that_asks_is_answered(void **unused)
{
    (void)unused;
    struct dnstap_build stream = {0}, answers = {0};
    tap_control(&stream, TAP_READY, TAP_CONTENT_TYPE);
    tap_control(&stream, TAP_START, TAP_CONTENT_TYPE);
    tap_query_frame(&stream, "query");
    tap_control(&stream, TAP_STOP, NULL);
    tap_control(&answers, TAP_ACCEPT, TAP_CONTENT_TYPE);
    tap_control(&answers, TAP_FINISH, NULL);
    struct walk found = walk(&stream);
    assert_int_equal(found.last, FRAMESTREAM_CONTROL);
    assert_int_equal(found.frames, 1);
    assert_int_equal(found.reply_len, answers.len);
    assert_memory_equal(found.reply, answers.data, answers.len);
}

static void a_writer_that_does_not_ask_gets_no_answer(void **unused)
{
    (void)unused;
    static const char *const content_types[] = {TAP_CONTENT_TYPE, NULL};
    for (size_t i = 0; i < 2; i++) {
        struct dnstap_build stream = {0};
        tap_control(&stream, TAP_START, content_types[i]);
        tap_query_frame(&stream, "query");
        tap_control(&stream, TAP_STOP, NULL);
        tap_control(&stream, TAP_START, content_types[i]); /* two files put together */
        tap_query_frame(&stream, "query");
        struct walk found = walk(&stream);
        assert_int_equal(found.last, FRAMESTREAM_DATA);
        assert_int_equal(found.frames, 2);
        assert_int_equal(found.reply_len, 0);
        assert_true(found.stream.open);
    }
}

static void what_is_out_of_place_is_refused(void **unused)
{
    (void)unused;
    static const struct {
        uint32_t types[3]; /* control frames; 9 is a data frame */
        const char *content_type;
        const char *says;
    } cases[] = {
        {{9}, NULL, "a data frame in a stream that was not started"},
        {{TAP_READY, 9}, NULL, "a data frame in a stream that was not started"},
        {{TAP_STOP}, NULL, "a STOP frame in a stream that was not started"},
        {{TAP_START, TAP_START}, NULL, "a START frame in a stream that was started"},
        {{TAP_START, TAP_READY}, NULL, "a READY frame in the middle of the stream"},
        {{TAP_READY, TAP_READY}, NULL, "a READY frame in the middle of the stream"},
        {{TAP_START, TAP_STOP, 9}, NULL, "a data frame in a stream that was not started"},
        {{TAP_ACCEPT}, NULL, "a control frame that only a reader sends"},
        {{TAP_FINISH}, NULL, "a control frame that only a reader sends"},
        {{7}, NULL, "a control frame that cannot be read"},
        {{TAP_READY}, "protobuf:other", "something else than protobuf:dnstap.Dnstap"},
        {{TAP_START}, "protobuf:other", "something else than protobuf:dnstap.Dnstap"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dnstap_build stream = {0};
        for (size_t k = 0; k < 3 && cases[i].types[k]; k++) {
            if (cases[i].types[k] == 9)
                tap_query_frame(&stream, "query");
            else
                tap_control(&stream, cases[i].types[k], cases[i].content_type);
        }
        struct walk found = walk(&stream);
        assert_int_equal(found.last, FRAMESTREAM_BAD);
        if (!strstr(found.error.text, cases[i].says))
            fail_msg("case %zu: %s", i, found.error.text);
    }
}

static void impossible_lengths_are_refused_before_their_bytes_come(void **unused)
{
    (void)unused;
    static const struct {
        uint8_t bytes[8];
        size_t len;
    } cases[] = {{{0, 0, 0, 0, 0, 0, 2, 1}, 8},
                 {{0, 0, 0, 0, 0, 0, 0, 3}, 8},
                 {{0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}, 8},
                 {{0, 4, 0, 1}, 4},
                 {{0xff, 0xff, 0xff, 0xff}, 4}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dnstap_build stream = {0};
        tap_control(&stream, TAP_START, NULL);
        tap_bytes(&stream, cases[i].bytes, cases[i].len);
        assert_int_equal(walk(&stream).last, FRAMESTREAM_BAD);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_writer_that_asks_is_answered),
        cmocka_unit_test(a_writer_that_does_not_ask_gets_no_answer),
        cmocka_unit_test(what_is_out_of_place_is_refused),
        cmocka_unit_test(impossible_lengths_are_refused_before_their_bytes_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
