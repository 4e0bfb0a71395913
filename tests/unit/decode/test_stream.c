/* test_stream.c - DNS messages in TCP streams, however the segments come
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "cmocka_all.h"
#include "decode/pieces.h"
#include "decode/stream.h"
#include "prng.h"

#include <stdlib.h>
#include <string.h>

enum { SEEN_MAX = 4096, STREAMS_MAX = 16, STREAM_BYTES = 256 << 10 };

/* What was delivered, in order. */
struct seen {
    uint16_t id;
    uint32_t len;
    bool cut;
    bool unframed;
    bool reassembled;
    const uint8_t *data;
};

struct rig {
    struct streams *streams;
    struct metrics metrics;
    int64_t time_ns;
    uint16_t port; /* of the client: names the stream */
    unsigned count;
    struct seen seen[SEEN_MAX];
};

static int rig_open(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    rig->streams = streams_new(STREAMS_MAX, STREAM_BYTES, &rig->metrics);
    rig->time_ns = 1000 * NS_PER_S;
    rig->port = 40000;
    *state = rig;
    return rig->streams ? 0 : -1;
}

static int rig_close(void **state)
{
    struct rig *rig = *state;
    streams_free(rig->streams);
    free(rig);
    return 0;
}

static void see(void *arg, const struct packet *packet)
{
    struct rig *rig = arg;
    assert_true(rig->count < SEEN_MAX);
    rig->seen[rig->count++] = (struct seen){
        .id = packet->len >= 2 ? load_be16(packet->data) : 0,
        .len = packet->len,
        .cut = packet->cut,
        .unframed = packet->unframed,
        .reassembled = packet->reassembled,
        .data = packet->data,
    };
}

/* `len` bytes of a segment are given, `wire_len` were sent. */
static int send_cut(struct rig *rig, uint32_t seq, const void *data, uint32_t len,
                    uint32_t wire_len, uint8_t flags)
{
    struct packet packet = {.time_ns = rig->time_ns, .src_port = rig->port, .dst_port = 53};
    struct segment segment = {
        .seq = seq, .flags = flags, .payload = {.data = data, .len = len, .wire_len = wire_len}};
    return streams_add(rig->streams, &segment, &packet, see, rig);
}

static int send(struct rig *rig, uint32_t seq, const void *data, uint32_t len)
{
    return send_cut(rig, seq, data, len, len, 0);
}

static int send_flags(struct rig *rig, uint32_t seq, uint8_t flags)
{
    return send_cut(rig, seq, "", 0, 0, flags);
}

/* Writes a length and a query of `len` bytes with this id; returns the bytes written. */
static uint32_t put_message(uint8_t *out, uint16_t id, uint32_t len)
{
    const uint8_t head[] = {(uint8_t)(len >> 8),
                            (uint8_t)len,
                            (uint8_t)(id >> 8),
                            (uint8_t)id,
                            1,
                            0,
                            0,
                            1,
                            0,
                            0,
                            0,
                            0,
                            0,
                            0};
    memset(out, 'x', 2 + len);
    memcpy(out, head, sizeof(head));
    return 2 + len;
}

static uint32_t put_messages(uint8_t *out, unsigned count, uint32_t len)
{
    uint32_t used = 0;
    for (unsigned i = 0; i < count; i++)
        used += put_message(out + used, (uint16_t)(i + 1), len);
    return used;
}

static void assert_ids_in_order(const struct rig *rig, unsigned count)
{
    assert_int_equal(rig->count, count);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(rig->seen[i].id, i + 1);
}

static uint64_t gaps(const struct rig *rig)
{
    return rig->metrics.value[METRIC_TCP_GAPS];
}

static void a_message_in_one_segment_is_read_from_the_frame(void **state)
{
    struct rig *rig = *state;
    uint8_t data[64];
    uint32_t len = put_message(data, 7, 40);
    assert_int_equal(send_flags(rig, 99, TCP_SYN), REJECT_TCP_CONTROL);
    assert_int_equal(send(rig, 100, data, len), VERDICT_DNS);
    assert_int_equal(rig->count, 1);
    assert_ptr_equal(rig->seen[0].data, data + 2);
    assert_int_equal(rig->seen[0].len, 40);
    assert_false(rig->seen[0].reassembled);
    assert_false(rig->seen[0].cut);
}

static void messages_in_one_segment_are_all_read(void **state)
{
    struct rig *rig = *state;
    uint8_t data[1000];
    uint32_t len = put_messages(data, 20, 40);
    send_flags(rig, 99, TCP_SYN);
    assert_int_equal(send(rig, 100, data, len), VERDICT_DNS);
    assert_ids_in_order(rig, 20);
}

static void data_in_the_syn_is_read(void **state)
{
    struct rig *rig = *state;
    uint8_t data[64];
    uint32_t len = put_message(data, 1, 40);
    assert_int_equal(send_cut(rig, 99, data, len, len, TCP_SYN), VERDICT_DNS);
    assert_int_equal(send(rig, 100, data, len), REJECT_TCP_OLD);
    assert_ids_in_order(rig, 1);
}

static void a_split_at_any_byte_changes_nothing(void **state)
{
    struct rig *rig = *state;
    uint8_t data[256];
    uint32_t len = put_messages(data, 3, 40);
    for (uint32_t cut = 1; cut < len; cut++) {
        rig->count = 0;
        rig->port++;
        send_flags(rig, 99, TCP_SYN);
        int first = send(rig, 100, data, cut);
        assert_int_equal(first, cut < 42 ? VERDICT_HELD : VERDICT_DNS);
        assert_int_equal(send(rig, 100 + cut, data + cut, len - cut), VERDICT_DNS);
        assert_ids_in_order(rig, 3);
    }
    assert_int_equal(gaps(rig), 0);
}

static void one_byte_segments_are_put_together(void **state)
{
    struct rig *rig = *state;
    static uint8_t data[3 * 3000];
    uint32_t len = put_messages(data, 3, 2500);
    send_flags(rig, 99, TCP_SYN);
    for (uint32_t i = 0; i < len; i++)
        send(rig, 100 + i, data + i, 1);
    assert_ids_in_order(rig, 3);
    assert_true(rig->seen[0].reassembled);
}

static void the_longest_message_is_read_from_small_segments(void **state)
{
    struct rig *rig = *state;
    static uint8_t data[2 + 65535];
    uint32_t len = put_message(data, 1, 65535);
    send_flags(rig, 99, TCP_SYN);
    for (uint32_t at = 0; at < len; at += 100)
        send(rig, 100 + at, data + at, len - at < 100 ? len - at : 100);
    assert_ids_in_order(rig, 1);
    assert_int_equal(rig->seen[0].len, 65535);
    assert_int_equal(gaps(rig), 0);
}

static void segments_in_any_order_give_the_same_messages(void **state)
{
    struct rig *rig = *state;
    uint8_t data[256];
    uint32_t len = put_messages(data, 4, 40);
    static const uint32_t at[5] = {0, 1, 50, 90, 168};
    assert_int_equal(len, at[4]);
    for (unsigned order = 0; order < 256; order++) {
        unsigned pick[4] = {order & 3, order >> 2 & 3, order >> 4 & 3, order >> 6};
        if ((1u << pick[0] | 1u << pick[1] | 1u << pick[2] | 1u << pick[3]) != 15)
            continue;
        rig->count = 0;
        rig->port++;
        send_flags(rig, 99, TCP_SYN);
        for (int i = 0; i < 4; i++)
            send(rig, 100 + at[pick[i]], data + at[pick[i]], at[pick[i] + 1] - at[pick[i]]);
        assert_ids_in_order(rig, 4);
    }
    assert_int_equal(gaps(rig), 0);
}

static void sequence_numbers_may_wrap(void **state)
{
    struct rig *rig = *state;
    uint8_t data[256];
    put_messages(data, 2, 40);
    send_flags(rig, UINT32_MAX - 10, TCP_SYN);
    assert_int_equal(send(rig, UINT32_MAX - 9 + 30, data + 30, 54), VERDICT_HELD);
    assert_int_equal(send(rig, UINT32_MAX - 9, data, 30), VERDICT_DNS);
    assert_ids_in_order(rig, 2);
}

static void bytes_that_repeat_are_old(void **state)
{
    struct rig *rig = *state;
    uint8_t data[256];
    uint32_t len = put_messages(data, 2, 40);
    send_flags(rig, 99, TCP_SYN);
    send(rig, 100, data, 42);
    assert_int_equal(send(rig, 100, data, 42), REJECT_TCP_OLD);
    assert_int_equal(send(rig, 141, data + 41, 1), REJECT_TCP_OLD);
    assert_int_equal(send(rig, 120, data + 20, len - 20), VERDICT_DNS);
    assert_ids_in_order(rig, 2);
}

static void held_bytes_that_repeat_are_old(void **state)
{
    struct rig *rig = *state;
    uint8_t data[256];
    put_messages(data, 2, 40);
    send_flags(rig, 99, TCP_SYN);
    assert_int_equal(send(rig, 110, data + 10, 20), VERDICT_HELD);
    assert_int_equal(send(rig, 110, data + 10, 20), REJECT_TCP_OLD);
    assert_int_equal(send(rig, 115, data + 15, 5), REJECT_TCP_OLD);
}

static void the_bytes_that_came_first_win(void **state)
{
    struct rig *rig = *state;
    uint8_t data[64], other[64];
    uint32_t len = put_message(data, 1, 40);
    memset(other, '!', sizeof(other));
    send_flags(rig, 99, TCP_SYN);
    send(rig, 120, data + 20, 10);
    send(rig, 110, other + 10, 2);
    memcpy(other, data, 10);
    memcpy(other + 12, data + 12, 8);
    assert_int_equal(send(rig, 100, other, len), VERDICT_DNS);
    assert_ids_in_order(rig, 1);
    assert_memory_equal(rig->seen[0].data + 18, data + 20, 10);
    assert_int_equal(rig->seen[0].data[8], '!');
    assert_int_equal(rig->seen[0].data[28], '!');
}

/* What a server reads then depends on its system, so it is told that there were two stories. */
static void bytes_that_contradict_held_ones_are_counted(void **state)
{
    struct rig *rig = *state;
    uint8_t one[64], other[64];
    uint32_t len = put_message(one, 1, 40);
    put_message(other, 1, 40);
    memset(other + 20, 'y', 8);
    send_flags(rig, 999, TCP_SYN);
    send(rig, 1010, one + 10, len - 10);
    send(rig, 1012, one + 12, 10);
    assert_int_equal(rig->metrics.value[METRIC_TCP_CONFLICTS], 0);
    send(rig, 1000, other, len);
    assert_int_equal(rig->metrics.value[METRIC_TCP_CONFLICTS], 1);
    assert_ids_in_order(rig, 1);
}

static void without_a_syn_a_message_is_recognised(void **state)
{
    struct rig *rig = *state;
    uint8_t data[256];
    put_messages(data, 3, 40);
    assert_int_equal(send(rig, 5000, data, 42), VERDICT_DNS);
    assert_int_equal(send(rig, 5042, data + 42, 2), VERDICT_HELD);
    assert_int_equal(send(rig, 5044, data + 44, 40), VERDICT_DNS);
    assert_ids_in_order(rig, 2);
}

static void without_a_syn_a_lone_length_waits_for_its_message(void **state)
{
    struct rig *rig = *state;
    uint8_t data[64];
    put_message(data, 1, 40);
    assert_int_equal(send(rig, 5000, data, 2), VERDICT_HELD);
    assert_int_equal(send(rig, 5002, data + 2, 40), VERDICT_DNS);
    assert_ids_in_order(rig, 1);
}

static void without_a_syn_the_middle_of_a_message_is_not_one(void **state)
{
    struct rig *rig = *state;
    uint8_t data[256];
    put_messages(data, 2, 40);
    assert_int_equal(send(rig, 5020, data + 20, 22), REJECT_TCP_NOT_DNS);
    assert_int_equal(send(rig, 5042, data + 42, 42), VERDICT_DNS);
    assert_int_equal(rig->count, 1);
    assert_int_equal(rig->seen[0].id, 2);
}

static void a_gap_that_is_filled_in_time_loses_nothing(void **state)
{
    struct rig *rig = *state;
    uint8_t data[256];
    put_messages(data, 3, 40);
    send_flags(rig, 99, TCP_SYN);
    send(rig, 100, data, 42);
    assert_int_equal(send(rig, 184, data + 84, 42), VERDICT_HELD);
    rig->time_ns += 3 * NS_PER_S;
    assert_int_equal(send(rig, 142, data + 42, 42), VERDICT_DNS);
    assert_ids_in_order(rig, 3);
    assert_int_equal(gaps(rig), 0);
}

static void after_two_seconds_a_gap_is_given_up(void **state)
{
    struct rig *rig = *state;
    uint8_t data[256];
    put_messages(data, 5, 40);
    send_flags(rig, 99, TCP_SYN);
    send(rig, 100, data, 50);                                      /* 1, part of 2 */
    assert_int_equal(send(rig, 176, data + 76, 8), VERDICT_HELD);  /* the end of 2 */
    assert_int_equal(send(rig, 184, data + 84, 42), VERDICT_HELD); /* 3 */
    rig->time_ns += 2 * NS_PER_S;
    assert_int_equal(send(rig, 226, data + 126, 42), VERDICT_HELD); /* 4 */
    rig->time_ns += 1;
    assert_int_equal(send(rig, 268, data + 168, 42), VERDICT_DNS); /* 5 */
    assert_int_equal(gaps(rig), 1);
    const uint16_t ids[] = {1, 3, 4, 5};
    assert_int_equal(rig->count, 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(rig->seen[i].id, ids[i]);
}

static void a_gap_with_nothing_like_dns_behind_it_ends_in_a_new_start(void **state)
{
    struct rig *rig = *state;
    uint8_t data[256];
    put_messages(data, 4, 40);
    send_flags(rig, 99, TCP_SYN);
    send(rig, 100, data, 42);
    send(rig, 152, data + 52, 20);
    rig->time_ns += 3 * NS_PER_S;
    assert_int_equal(send(rig, 226, data + 126, 42), VERDICT_DNS);
    assert_int_equal(rig->count, 2);
    assert_int_equal(rig->seen[1].id, 4);
    assert_int_equal(gaps(rig), 1);
}

static void only_the_start_of_a_segment_is_a_place_to_go_on(void **state)
{
    struct rig *rig = *state;
    uint8_t data[PIECE_DATA_BYTES + 42];
    memset(data, 0xff, sizeof(data));
    put_message(data + PIECE_DATA_BYTES, 1, 40); /* where the second piece starts */
    send_flags(rig, 99, TCP_SYN);
    assert_int_equal(send(rig, 200, data, sizeof(data)), VERDICT_HELD);
    rig->time_ns += 3 * NS_PER_S;
    assert_int_equal(send_flags(rig, 2000, 0), REJECT_TCP_CONTROL);
    assert_int_equal(rig->count, 0);
    assert_int_equal(gaps(rig), 1);
}

static void what_is_behind_a_gap_is_read_when_the_connection_ends(void **state)
{
    static const struct {
        uint8_t last_flags, end_flags;
        int end_verdict;
    } cases[] = {{TCP_FIN, 0, VERDICT_DNS}, {0, TCP_RST, VERDICT_DNS}, {0, 0, REJECT_TCP_CONTROL}};
    struct rig *rig = *state;
    uint8_t data[256];
    put_messages(data, 3, 40);
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        rig->count = 0;
        rig->port++;
        send_flags(rig, 99, TCP_SYN);
        send(rig, 100, data, 42);
        assert_int_equal(send_cut(rig, 184, data + 84, 42, 42, cases[i].last_flags), VERDICT_HELD);
        assert_int_equal(send_flags(rig, 227, cases[i].end_flags), cases[i].end_verdict);
        assert_int_equal(rig->count, cases[i].end_verdict == VERDICT_DNS ? 2 : 1);
    }
}

static void a_fin_that_overtakes_data_does_not_lose_it(void **state)
{
    struct rig *rig = *state;
    uint8_t data[64];
    put_message(data, 1, 40);
    send_flags(rig, 99, TCP_SYN);
    assert_int_equal(send(rig, 100, data, 20), VERDICT_HELD);
    assert_int_equal(send_flags(rig, 142, TCP_FIN), REJECT_TCP_CONTROL);
    assert_int_equal(send(rig, 120, data + 20, 22), VERDICT_DNS);
    assert_int_equal(gaps(rig), 0);
}

static void a_stream_that_holds_too_much_goes_on_behind_its_gap(void **state)
{
    struct rig *rig = *state;
    static uint8_t data[400 * 42];
    put_messages(data, 400, 40);
    send_flags(rig, 99, TCP_SYN);
    for (uint32_t i = 1; i < 400; i++)
        send(rig, 100 + 42 * i, data + 42 * i, 42);
    assert_int_equal(gaps(rig), 1);
    assert_int_equal(rig->count, 399);
    assert_int_equal(rig->seen[0].id, 2);
}

static void another_protocol_is_shown_once_and_not_held(void **state)
{
    static const struct {
        const char *first, *next;
    } cases[] = {
        {"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "\x00\x00\x05\xdc\x0a\x14key exchange init"},
        {"GET / HTTP/1.1\r\nHost: example\r\n\r\n", "more of the request than we care for"},
        {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 client hello", "\x17\x03\x03\x01\x01 data"},
    };
    struct rig *rig = *state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        rig->count = 0;
        rig->port++;
        uint32_t first_len = i == 2 ? 24 : (uint32_t)strlen(cases[i].first);
        send_flags(rig, 99, TCP_SYN);
        assert_int_equal(send(rig, 100, cases[i].first, first_len), VERDICT_DNS);
        assert_int_equal(rig->seen[0].len, first_len);
        assert_true(rig->seen[0].unframed);
        assert_memory_equal(rig->seen[0].data, cases[i].first, 2);
        for (uint32_t n = 0; n < 1000; n++)
            assert_int_equal(send(rig, 100 + first_len + 20 * n, cases[i].next, 20),
                             REJECT_TCP_NOT_DNS);
        assert_int_equal(rig->count, 1);
    }
    assert_int_equal(gaps(rig), 0);
}

static void another_protocol_byte_by_byte_is_shown_too(void **state)
{
    struct rig *rig = *state;
    const char *banner = "SSH-2.0-OpenSSH_9.2p1";
    send_flags(rig, 99, TCP_SYN);
    for (uint32_t i = 0; i < 13; i++)
        assert_int_equal(send(rig, 100 + i, banner + i, 1), VERDICT_HELD);
    assert_int_equal(send(rig, 113, banner + 13, 1), VERDICT_DNS);
    assert_int_equal(rig->count, 1);
    assert_int_equal(rig->seen[0].len, 14);
}

static void dns_after_another_protocol_is_recognised_again(void **state)
{
    struct rig *rig = *state;
    uint8_t data[64];
    uint32_t len = put_message(data, 9, 40);
    send_flags(rig, 99, TCP_SYN);
    send(rig, 100, "SSH-2.0-OpenSSH_9.2p1", 21);
    assert_int_equal(send(rig, 121, data, len), VERDICT_DNS);
    assert_int_equal(rig->seen[1].id, 9);
    assert_true(rig->seen[0].unframed);
    assert_false(rig->seen[1].unframed);
}

static void no_more_than_a_message_is_shown_of_another_protocol(void **state)
{
    struct rig *rig = *state;
    static uint8_t data[70000];
    memset(data, 'x', sizeof(data));
    send_flags(rig, 99, TCP_SYN);
    assert_int_equal(send(rig, 100, data, sizeof(data)), VERDICT_DNS);
    assert_int_equal(rig->seen[0].len, 65535);
}

static void a_length_below_the_header_ends_the_dns_in_a_stream(void **state)
{
    struct rig *rig = *state;
    uint8_t data[256];
    uint32_t len = put_messages(data, 1, 40);
    memset(data + len, 0, 100);
    send_flags(rig, 99, TCP_SYN);
    assert_int_equal(send(rig, 100, data, len + 100), VERDICT_DNS);
    assert_int_equal(rig->count, 2);
    assert_int_equal(rig->seen[1].len, 100);
    assert_int_equal(send(rig, 100 + len + 100, data + len, 100), REJECT_TCP_NOT_DNS);
}

static void a_message_that_fills_its_segment_may_lie_about_its_records(void **state)
{
    struct rig *rig = *state;
    uint8_t data[64];
    uint32_t len = put_message(data, 1, 40);
    memset(data + 6, 0xff, 8);
    send_flags(rig, 99, TCP_SYN);
    assert_int_equal(send(rig, 100, data, len), VERDICT_DNS);
    assert_int_equal(rig->seen[0].len, 40);
    assert_ids_in_order(rig, 1);
}

static void a_repeated_syn_changes_nothing(void **state)
{
    struct rig *rig = *state;
    uint8_t data[64];
    uint32_t len = put_message(data, 1, 40);
    send_flags(rig, 99, TCP_SYN);
    send(rig, 100, data, 20);
    send_flags(rig, 99, TCP_SYN);
    assert_int_equal(send(rig, 120, data + 20, len - 20), VERDICT_DNS);
    assert_int_equal(gaps(rig), 0);
}

static void a_syn_with_another_number_is_a_new_connection(void **state)
{
    struct rig *rig = *state;
    uint8_t data[64];
    uint32_t len = put_message(data, 1, 40);
    send_flags(rig, 99, TCP_SYN);
    send(rig, 100, data, 20);
    send_flags(rig, 700, TCP_SYN);
    assert_int_equal(gaps(rig), 1);
    assert_int_equal(send(rig, 701, data, len), VERDICT_DNS);
    assert_ids_in_order(rig, 1);
}

static void a_forged_end_does_not_blind(void **state)
{
    static const uint8_t flags[] = {TCP_FIN, TCP_RST, TCP_RST | TCP_FIN};
    struct rig *rig = *state;
    uint8_t data[256];
    put_messages(data, 2, 40);
    for (unsigned i = 0; i < sizeof(flags); i++) {
        rig->count = 0;
        rig->port++;
        send_flags(rig, 99, TCP_SYN);
        send(rig, 100, data, 42);
        send_flags(rig, 142, flags[i]);
        assert_int_equal(send(rig, 142, data + 42, 42), VERDICT_DNS);
        assert_ids_in_order(rig, 2);
    }
}

static void a_repeated_last_segment_is_not_read_again(void **state)
{
    struct rig *rig = *state;
    uint8_t data[64];
    uint32_t len = put_message(data, 1, 40);
    send_flags(rig, 99, TCP_SYN);
    assert_int_equal(send_cut(rig, 100, data, len, len, TCP_FIN), VERDICT_DNS);
    assert_int_equal(send_cut(rig, 100, data, len, len, TCP_FIN), REJECT_TCP_OLD);
}

static void a_segment_from_far_away_moves_the_stream_only_with_a_message(void **state)
{
    struct rig *rig = *state;
    uint8_t data[256];
    put_messages(data, 3, 40);
    send_flags(rig, 99, TCP_SYN);
    send(rig, 100, data, 50);
    assert_int_equal(send(rig, 1u << 30, "nothing like a message", 22), REJECT_TCP_NOT_DNS);
    assert_int_equal(send(rig, 1u << 30, data, 2), REJECT_TCP_NOT_DNS);
    assert_int_equal(send(rig, 150, data + 50, 34), VERDICT_DNS);
    assert_int_equal(gaps(rig), 0);
    assert_int_equal(send(rig, 1u << 31, data + 84, 42), VERDICT_DNS);
    assert_int_equal(gaps(rig), 1);
    assert_ids_in_order(rig, 3);
}

static void a_cut_segment_gives_a_cut_message_and_the_next_goes_on(void **state)
{
    struct rig *rig = *state;
    uint8_t data[256];
    put_messages(data, 4, 40);
    send_flags(rig, 99, TCP_SYN);
    assert_int_equal(send_cut(rig, 100, data, 30, 42, 0), VERDICT_DNS);
    assert_true(rig->seen[0].cut);
    assert_int_equal(rig->seen[0].len, 28);
    assert_int_equal(send(rig, 142, data + 42, 42), VERDICT_DNS);
    assert_false(rig->seen[1].cut);
    /* Two messages in one segment, of which only the first 20 bytes were captured. */
    assert_int_equal(send_cut(rig, 184, data + 84, 20, 84, 0), VERDICT_DNS);
    assert_int_equal(send(rig, 268, data, 42), VERDICT_DNS);
    assert_int_equal(rig->count, 4);
    assert_int_equal(gaps(rig), 0);
}

static void the_rest_of_a_message_that_was_cut_is_skipped(void **state)
{
    struct rig *rig = *state;
    static uint8_t data[4096];
    uint32_t len = put_message(data, 1, 3000);
    put_message(data + len, 2, 40);
    send_flags(rig, 99, TCP_SYN);
    assert_int_equal(send_cut(rig, 100, data, 100, 1400, 0), VERDICT_DNS);
    assert_int_equal(send_cut(rig, 1500, data + 1400, 100, 1400, 0), REJECT_TCP_OLD);
    assert_int_equal(send(rig, 2900, data + 2800, len + 42 - 2800), VERDICT_DNS);
    assert_ids_in_order(rig, 2);
}

static void a_payload_of_which_nothing_was_captured_is_cut(void **state)
{
    struct rig *rig = *state;
    send_flags(rig, 99, TCP_SYN);
    assert_int_equal(send_cut(rig, 100, "", 0, 42, 0), REJECT_TRANSPORT_CUT);
}

static void more_streams_than_fit_push_out_the_silent_ones(void **state)
{
    struct rig *rig = *state;
    uint8_t data[64];
    put_message(data, 1, 40);
    for (int i = 0; i <= STREAMS_MAX; i++) {
        rig->port = (uint16_t)(1000 + i);
        assert_int_equal(send(rig, 100, data, 20), VERDICT_HELD);
        rig->port = 1000;
        send(rig, 120 + (uint32_t)i, data + 20 + i, 1);
    }
    assert_int_equal(gaps(rig), 1);
    rig->port = 1001;
    assert_int_equal(send(rig, 120, data + 20, 22), REJECT_TCP_NOT_DNS);
    rig->port = 1000;
    assert_int_equal(send(rig, 137, data + 37, 5), VERDICT_DNS);
}

static void a_stream_that_ended_goes_before_one_that_is_open(void **state)
{
    struct rig *rig = *state;
    uint8_t data[64];
    uint32_t len = put_message(data, 1, 40);
    for (int i = 0; i < STREAMS_MAX; i++) {
        rig->port = (uint16_t)(1000 + i);
        send_flags(rig, 99, TCP_SYN);
        send(rig, 100, data, i == 5 ? len : 20);
    }
    rig->port = 1005;
    send_flags(rig, 142, TCP_FIN);
    rig->port = 2000;
    assert_int_equal(send(rig, 100, data, 20), VERDICT_HELD);
    assert_int_equal(gaps(rig), 0);
    rig->port = 1000;
    assert_int_equal(send(rig, 120, data + 20, 22), VERDICT_DNS);
}

static void memory_is_bounded_and_the_silent_give_way(void **state)
{
    struct rig *rig = *state;
    static uint8_t data[2 + 60000];
    put_message(data, 1, 60000);
    for (uint16_t i = 0; i < 8; i++) {
        rig->port = (uint16_t)(1000 + i);
        assert_int_equal(send(rig, 100, data, 59000), VERDICT_HELD);
    }
    assert_int_equal(gaps(rig), 4);
    assert_int_equal(send(rig, 59100, data + 59000, 1002), VERDICT_DNS);
    assert_int_equal(rig->seen[0].len, 60000);
}

static void a_segment_larger_than_all_memory_is_refused(void **state)
{
    struct rig *rig = *state;
    const uint32_t len = 2 * STREAM_BYTES;
    uint8_t *data = calloc(1, len);
    put_message(data, 1, 60000);
    send_flags(rig, 99, TCP_SYN);
    assert_int_equal(send(rig, 101, data, len), REJECT_TCP_FULL);
    assert_int_equal(send(rig, 5000, data, 20), VERDICT_HELD);
    free(data);
}

static void what_is_held_at_the_end_is_counted(void **state)
{
    struct rig *rig = *state;
    uint8_t data[64];
    put_message(data, 1, 40);
    for (uint16_t i = 0; i < 3; i++) {
        rig->port++;
        send_flags(rig, 99, TCP_SYN);
        send(rig, 100, data, i == 0 ? 42 : 20);
    }
    streams_finish(rig->streams);
    assert_int_equal(gaps(rig), 2);
    assert_int_equal(send(rig, 120, data + 20, 22), REJECT_TCP_NOT_DNS);
}

static void time_that_jumps_does_no_harm(void **state)
{
    static const int64_t times[] = {INT64_MIN, INT64_MAX, 0, -1, INT64_MAX, INT64_MIN};
    struct rig *rig = *state;
    uint8_t data[64];
    put_message(data, 1, 40);
    send_flags(rig, 99, TCP_SYN);
    for (unsigned i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        rig->time_ns = times[i];
        send(rig, 110 + i, data + 10 + i, 1);
    }
    assert_int_equal(rig->count, 0);
}

/* Whatever the segmentation, order and repetition: the same messages in the same order. */
static void random_segments_give_all_messages(void **state)
{
    struct rig *rig = *state;
    struct prng prng = {.state = 1};
    static uint8_t data[32 << 10];
    for (int round = 0; round < 300; round++) {
        uint32_t len = 0;
        for (unsigned i = 0; i < 10; i++)
            len += put_message(data + len, (uint16_t)(i + 1), 17 + prng_below(&prng, 700));
        uint32_t at[65] = {0}, order[64];
        for (unsigned i = 1; i < 64; i++)
            at[i] = prng_below(&prng, len);
        at[64] = len;
        for (unsigned i = 0; i < 64; i++)
            order[i] = i;
        for (unsigned i = 63; i > 0; i--) {
            unsigned other = prng_below(&prng, i + 1);
            uint32_t swap = order[i];
            order[i] = order[other];
            order[other] = swap;
        }
        rig->count = 0;
        rig->port++;
        uint32_t base = (uint32_t)prng_next(&prng);
        send_flags(rig, base - 1, TCP_SYN);
        /* Each segment runs from one random cut to the end of some later one, so they overlap; the
         * one from 0 is among them, and the union is everything. */
        for (unsigned i = 0; i < 64; i++) {
            uint32_t from = at[order[i]], upto = len;
            for (unsigned k = 0; k <= 64; k++)
                if (at[k] > from && at[k] < upto)
                    upto = at[k];
            uint32_t more = prng_below(&prng, 40);
            upto = upto + more < len ? upto + more : len;
            send(rig, base + from, data + from, upto - from);
        }
        assert_ids_in_order(rig, 10);
    }
    assert_int_equal(gaps(rig), 0);
}

#define stream_test(name) cmocka_unit_test_setup_teardown(name, rig_open, rig_close)

/* What follows a message is read as a length and a message; when the connection ends before that is
 * whole, its header tells whether it was one. */
static void what_ends_within_a_message_that_is_none_is_shown(void **state)
{
    struct rig *rig = *state;
    static const struct {
        const char *rest;
        uint8_t flags;
        bool shown;
    } cases[] = {
        {"\xff\xff\xa7\x91\x7c\x5e\x91\x01\xff\xee\x80\x02\x9a\x77more", TCP_FIN, true},
        {"\xff\xff\xa7\x91\x7c\x5e\x91\x01\xff\xee\x80\x02\x9a\x77more", TCP_RST, true},
        {"\x01\xff\0\7\1\0\0\1\0\0\0\0\0\0query", TCP_FIN, false},     /* cut off */
        {"\x01\xff\0\7\1\0\0\1\x7f\xff\0\0\0\0query", TCP_FIN, false}, /* broken, but DNS */
        {"\x01\xff\0\7\x38\0\0\1\0\0\0\0\0\0query", TCP_FIN, false},   /* odd, but fits */
        {"\xff\xff\xa7\x91\x7c\x5e\x91\x01\xff\xee\x80\x02\x9a", TCP_FIN, false}, /* no header */
    };
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t data[128];
        uint32_t len = put_message(data, 7, 40), rest = i == 5 ? 13 : 18;
        memcpy(data + len, cases[i].rest, rest);
        rig->count = 0;
        rig->port++;
        send_flags(rig, 99, TCP_SYN);
        assert_int_equal(send(rig, 100, data, len + rest), VERDICT_DNS);
        assert_int_equal(rig->count, 1);
        int verdict = send_flags(rig, 100 + len + rest, cases[i].flags);
        assert_int_equal(verdict, cases[i].shown ? VERDICT_DNS : REJECT_TCP_CONTROL);
        assert_int_equal(rig->count, 1 + cases[i].shown);
        if (cases[i].shown)
            assert_true(rig->seen[1].unframed && rig->seen[1].len == rest);
    }
}

/* A connection request of RDP has the length and header of a longer message that has only begun. */
static void another_protocol_at_the_start_is_shown_though_it_might_become_a_message(void **state)
{
    struct rig *rig = *state;
    static const char rdp[] = "\x03\0\0\x13\x0e\xe0\0\0\0\0\0\1\0\x08\0\3\0\0\0";
    send_flags(rig, 99, TCP_SYN);
    send(rig, 100, rdp, sizeof(rdp) - 1);
    assert_int_equal(rig->count, 1);
    assert_true(rig->seen[0].unframed && rig->seen[0].len == sizeof(rdp) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        stream_test(a_message_in_one_segment_is_read_from_the_frame),
        stream_test(messages_in_one_segment_are_all_read),
        stream_test(data_in_the_syn_is_read),
        stream_test(a_split_at_any_byte_changes_nothing),
        stream_test(one_byte_segments_are_put_together),
        stream_test(the_longest_message_is_read_from_small_segments),
        stream_test(segments_in_any_order_give_the_same_messages),
        stream_test(sequence_numbers_may_wrap),
        stream_test(bytes_that_repeat_are_old),
        stream_test(held_bytes_that_repeat_are_old),
        stream_test(the_bytes_that_came_first_win),
        stream_test(bytes_that_contradict_held_ones_are_counted),
        stream_test(without_a_syn_a_message_is_recognised),
        stream_test(without_a_syn_a_lone_length_waits_for_its_message),
        stream_test(without_a_syn_the_middle_of_a_message_is_not_one),
        stream_test(a_gap_that_is_filled_in_time_loses_nothing),
        stream_test(after_two_seconds_a_gap_is_given_up),
        stream_test(a_gap_with_nothing_like_dns_behind_it_ends_in_a_new_start),
        stream_test(only_the_start_of_a_segment_is_a_place_to_go_on),
        stream_test(what_is_behind_a_gap_is_read_when_the_connection_ends),
        stream_test(a_fin_that_overtakes_data_does_not_lose_it),
        stream_test(a_stream_that_holds_too_much_goes_on_behind_its_gap),
        stream_test(another_protocol_is_shown_once_and_not_held),
        stream_test(what_ends_within_a_message_that_is_none_is_shown),
        stream_test(another_protocol_at_the_start_is_shown_though_it_might_become_a_message),
        stream_test(another_protocol_byte_by_byte_is_shown_too),
        stream_test(dns_after_another_protocol_is_recognised_again),
        stream_test(no_more_than_a_message_is_shown_of_another_protocol),
        stream_test(a_length_below_the_header_ends_the_dns_in_a_stream),
        stream_test(a_message_that_fills_its_segment_may_lie_about_its_records),
        stream_test(a_repeated_syn_changes_nothing),
        stream_test(a_syn_with_another_number_is_a_new_connection),
        stream_test(a_forged_end_does_not_blind),
        stream_test(a_repeated_last_segment_is_not_read_again),
        stream_test(a_segment_from_far_away_moves_the_stream_only_with_a_message),
        stream_test(a_cut_segment_gives_a_cut_message_and_the_next_goes_on),
        stream_test(the_rest_of_a_message_that_was_cut_is_skipped),
        stream_test(a_payload_of_which_nothing_was_captured_is_cut),
        stream_test(more_streams_than_fit_push_out_the_silent_ones),
        stream_test(a_stream_that_ended_goes_before_one_that_is_open),
        stream_test(memory_is_bounded_and_the_silent_give_way),
        stream_test(a_segment_larger_than_all_memory_is_refused),
        stream_test(what_is_held_at_the_end_is_counted),
        stream_test(time_that_jumps_does_no_harm),
        stream_test(random_segments_give_all_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
