/* talk.c - how look-ups travel
 * SPDX-License-Identifier: Apache-2.0 */
#include "talk.h"

#include "base/clock.h"

#include <assert.h>

enum { STREAM_BYTES_MAX = 4 * WIRE_PAYLOAD_MAX };

/* Most answers come from a cache near by, some from far away: 0.2 to 60 ms. */
static int64_t answer_delay_ns(struct prng *prng)
{
    unsigned far = prng_below(prng, 4) == 0;
    return 200 * NS_PER_US + prng_below(prng, far ? 60000 : 2000) * NS_PER_US;
}

static void add_udp(struct timeline *timeline, const struct flow *flow, bool from_client,
                    int64_t time_ns, const struct message_build *message)
{
    uint8_t frame[WIRE_FRAME_MAX];
    size_t len = wire_udp(flow, from_client, message->data, message->len, frame);
    timeline_add(timeline, time_ns, frame, len);
}

void talk_udp(struct timeline *timeline, struct prng *prng, const struct flow *flow,
              int64_t time_ns, const struct lookup *lookup, enum fate fate)
{
    int64_t answer_ns = time_ns + answer_delay_ns(prng);
    add_udp(timeline, flow, true, time_ns, &lookup->query);
    if (fate == FATE_LOST)
        return;
    if (fate == FATE_REPEATED) {
        add_udp(timeline, flow, true, time_ns + NS_PER_S, &lookup->query);
        answer_ns += NS_PER_S;
    }
    if (fate == FATE_LATE)
        answer_ns += 12 * NS_PER_S + prng_below(prng, 8000) * NS_PER_MS;
    add_udp(timeline, flow, false, answer_ns, &lookup->response);
}

/* One TCP connection while it is thought up. */
struct connection {
    struct timeline *timeline;
    const struct flow *flow;
    int64_t time_ns;
    uint32_t seq[2]; /* what each side sends next; [1] is the client's */
};

static void segment(struct connection *connection, bool from_client, uint8_t flags,
                    const void *payload, size_t len)
{
    uint8_t frame[WIRE_FRAME_MAX];
    struct tcp_header tcp = {
        .seq = connection->seq[from_client],
        .ack = flags & TCP_ACK ? connection->seq[!from_client] : 0,
        .flags = flags,
    };
    size_t frame_len = wire_tcp(connection->flow, from_client, &tcp, payload, len, frame);
    timeline_add(connection->timeline, connection->time_ns, frame, frame_len);
    connection->seq[from_client] += (uint32_t)len + !!(flags & (TCP_SYN | TCP_FIN));
    connection->time_ns += 150 * NS_PER_US;
}

static void say(struct connection *connection, bool from_client, const uint8_t *data, size_t len,
                size_t first_len)
{
    for (size_t piece = first_len; len; data += piece, len -= piece, piece = WIRE_PAYLOAD_MAX) {
        if (piece > len)
            piece = len;
        segment(connection, from_client, TCP_PSH | TCP_ACK, data, piece);
    }
    segment(connection, !from_client, TCP_ACK, NULL, 0);
}

static void connect_tcp(struct connection *connection)
{
    segment(connection, true, TCP_SYN, NULL, 0);
    segment(connection, false, TCP_SYN | TCP_ACK, NULL, 0);
    segment(connection, true, TCP_ACK, NULL, 0);
}

static void close_tcp(struct connection *connection)
{
    segment(connection, true, TCP_FIN | TCP_ACK, NULL, 0);
    segment(connection, false, TCP_FIN | TCP_ACK, NULL, 0);
    segment(connection, true, TCP_ACK, NULL, 0);
}

/* Appends a message with its two-byte length; returns the new length of the stream. */
static size_t stream_put(uint8_t stream[static STREAM_BYTES_MAX], size_t len,
                         const struct message_build *message)
{
    assert(message->len + 2 <= STREAM_BYTES_MAX - len);
    stream[len] = (uint8_t)(message->len >> 8);
    stream[len + 1] = (uint8_t)message->len;
    memcpy(stream + len + 2, message->data, message->len);
    return len + 2 + message->len;
}

void talk_tcp(struct timeline *timeline, struct prng *prng, const struct flow *flow,
              int64_t time_ns, const struct lookup *lookups, unsigned count)
{
    assert(count >= 1 && count <= TALK_LOOKUPS_MAX);
    uint8_t queries[STREAM_BYTES_MAX], responses[STREAM_BYTES_MAX];
    size_t queries_len = 0, responses_len = 0;
    for (unsigned i = 0; i < count; i++) {
        queries_len = stream_put(queries, queries_len, &lookups[i].query);
        responses_len = stream_put(responses, responses_len, &lookups[count - 1 - i].response);
    }
    struct connection connection = {
        .timeline = timeline,
        .flow = flow,
        .time_ns = time_ns,
    };
    connection.seq[0] = (uint32_t)prng_next(prng);
    connection.seq[1] = (uint32_t)prng_next(prng);
    static const size_t first_lens[] = {WIRE_PAYLOAD_MAX, WIRE_PAYLOAD_MAX, 1, 2, 17, 60};
    size_t first_len = first_lens[prng_below(prng, sizeof(first_lens) / sizeof(first_lens[0]))];
    connect_tcp(&connection);
    say(&connection, true, queries, queries_len, first_len);
    connection.time_ns += answer_delay_ns(prng);
    say(&connection, false, responses, responses_len, first_len);
    close_tcp(&connection);
}
