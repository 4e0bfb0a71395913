/* stream.c - finds DNS messages in TCP streams: two bytes of length, then the message
 * SPDX-License-Identifier: Apache-2.0 */
#include "decode/stream.h"

#include "base/clock.h"
#include "decode/foreign.h"
#include "decode/pieces.h"
#include "decode/slots.h"

#include <dnsvigil/dns.h>

#include <stdlib.h>
#include <string.h>

enum {
    PREFIX_BYTES = 2,
    START_BYTES = PREFIX_BYTES + MESSAGE_HEADER_BYTES, /* what a guess needs to see */
    MESSAGE_BYTES_MAX = 65535,
    QUESTION_BYTES_MIN = 5, /* root name, type, class */
    RECORD_BYTES_MIN = 11,  /* root name, type, class, TTL, length */
    OPCODE_MAX = 6,         /* DSO, RFC 8490 */
    WINDOW_BYTES = 1 << 20, /* sequence numbers further off are not of this place in the stream */
};

static const int64_t GAP_AGE_MAX_NS = 2 * NS_PER_S;

/* How sure we are that a message starts at `next`. */
enum trust {
    TRUST_GUESS,  /* a segment started there */
    TRUST_START,  /* the stream starts there: a SYN said so */
    TRUST_FRAMED, /* a message ended there */
};

struct stream_key {
    struct addr src;
    struct addr dst;
    uint16_t src_port;
    uint16_t dst_port;
};

struct stream {
    struct slot slot;
    struct stream_key key;
    struct piece_list held;
    uint32_t first; /* the first sequence number known of it */
    uint32_t next;  /* where the message under way starts: all before it is done with */
    uint32_t ready; /* up to here bytes are held without a gap */
    uint8_t trust;  /* enum trust */
    bool ending;    /* a FIN was seen, ahead of a gap */
    int64_t gap_ns; /* event time of the last progress; valid while there is a gap */
};

struct streams {
    struct slots slots; /* oldest by last use */
    struct piece_pool pool;
    struct metrics *metrics;
    uint8_t message[PREFIX_BYTES + MESSAGE_BYTES_MAX];
};

/* One call of streams_add(). */
struct reading {
    struct streams *streams;
    struct stream *stream;
    struct packet *packet;
    stream_packet_fn deliver;
    void *arg;
    bool in_frame; /* the payload is in the frame */
    bool delivered;
};

struct streams *streams_new(unsigned streams_max, size_t bytes_max, struct metrics *metrics)
{
    struct streams *streams = calloc(1, sizeof(*streams));
    if (!streams)
        return NULL;
    streams->metrics = metrics;
    if (piece_pool_init(&streams->pool, bytes_max) &&
        slots_init(&streams->slots, streams_max, sizeof(struct stream), sizeof(struct stream_key)))
        return streams;
    streams_free(streams);
    return NULL;
}

void streams_free(struct streams *streams)
{
    if (!streams)
        return;
    slots_done(&streams->slots);
    piece_pool_done(&streams->pool);
    free(streams);
}

/* Gives back what a stream holds, which is a loss when it is anything. */
static void stream_drop_held(struct streams *streams, struct stream *stream)
{
    if (stream->held.bytes > 0)
        streams->metrics->value[METRIC_TCP_GAPS]++;
    pieces_clear(&streams->pool, &stream->held);
    stream->ready = stream->next;
    stream->ending = false;
}

static void stream_forget(struct streams *streams, struct stream *stream)
{
    stream_drop_held(streams, stream);
    slots_remove(&streams->slots, stream);
}

/* Sets where a stream that holds nothing goes on. */
static void stream_place(struct stream *stream, uint32_t seq, enum trust trust)
{
    stream->first = seq;
    stream->next = seq;
    stream->ready = seq;
    stream->trust = (uint8_t)trust;
    stream->ending = false;
}

static struct stream *stream_add(struct streams *streams, const struct stream_key *key)
{
    struct stream *stream;
    while (!(stream = slots_add(&streams->slots, key)))
        stream_forget(streams, slots_oldest(&streams->slots));
    return stream;
}

static bool stream_has_gap(const struct stream *stream)
{
    return stream->held.bytes > stream->ready - stream->next;
}

static void packet_deliver(struct reading *reading, const uint8_t *data, uint32_t len,
                           bool reassembled)
{
    reading->packet->data = data;
    reading->packet->len = len;
    reading->packet->reassembled = reassembled;
    reading->deliver(reading->arg, reading->packet);
    reading->delivered = true;
}

static void message_deliver(struct reading *reading, const uint8_t *data, uint32_t len, bool cut,
                            bool reassembled)
{
    reading->packet->cut = cut;
    reading->packet->unframed = false;
    packet_deliver(reading, data, len, reassembled);
}

enum judgement {
    START_UNSEEN,  /* too little to say */
    START_PARTIAL, /* of a message that is not all there */
    START_WHOLE,
    START_FOREIGN, /* not of a DNS message */
};

/* Whether the records a header promises could fit into a message of `len` bytes. */
static bool header_fits(const uint8_t *header, uint32_t len)
{
    uint32_t records =
        (uint32_t)load_be16(header + 6) + load_be16(header + 8) + load_be16(header + 10);
    uint32_t need = MESSAGE_HEADER_BYTES + QUESTION_BYTES_MIN * (uint32_t)load_be16(header + 4) +
                    RECORD_BYTES_MIN * records;
    return need <= len;
}

/* What a guess must look like beyond that. */
static bool header_usual(const uint8_t *header)
{
    uint16_t flags = load_be16(header + 2);
    return load_be16(header + 4) <= 1 && (flags >> 11 & 0xf) <= OPCODE_MAX && !(flags & DNS_FLAG_Z);
}

/* Judges the front of a message of which `available` bytes are there and `seen` can be looked at.
 * Some protocols open with what could be the length and header of a message that is not all there.
 */
static enum judgement start_judge(enum trust trust, const uint8_t *data, uint32_t seen,
                                  uint32_t available)
{
    if (seen < PREFIX_BYTES)
        return START_UNSEEN;
    uint32_t len = load_be16(data);
    if (len < MESSAGE_HEADER_BYTES)
        return START_FOREIGN;
    if (trust != TRUST_FRAMED) {
        if (seen < START_BYTES)
            return START_UNSEEN;
        bool framed = trust == TRUST_START && PREFIX_BYTES + len == available;
        bool usual = trust == TRUST_START || header_usual(data + PREFIX_BYTES);
        bool other = trust == TRUST_START && foreign_recognise(data, seen) != FOREIGN_NONE;
        if (!framed && (other || !usual || !header_fits(data + PREFIX_BYTES, len)))
            return START_FOREIGN;
    }
    return PREFIX_BYTES + len <= available ? START_WHOLE : START_PARTIAL;
}

/* A stream known to be at its start or between messages that goes on with no DNS: shows it once. */
static void foreign_deliver(struct reading *reading, const uint8_t *data, uint32_t len,
                            bool reassembled)
{
    if (reading->stream->trust == TRUST_GUESS)
        return;
    if (len > MESSAGE_BYTES_MAX)
        len = MESSAGE_BYTES_MAX;
    reading->packet->cut = false;
    reading->packet->unframed = true;
    packet_deliver(reading, data, len, reassembled);
}

static void stream_advance(struct streams *streams, struct stream *stream, uint32_t len)
{
    stream->next += len;
    stream->trust = TRUST_FRAMED;
    pieces_drop(&streams->pool, &stream->held, stream->next);
}

/* Delivers the messages that are whole at the front of what is held. */
static enum judgement stream_read_held(struct reading *reading)
{
    struct streams *streams = reading->streams;
    struct stream *stream = reading->stream;
    for (;;) {
        uint32_t available = stream->ready - stream->next;
        uint32_t seen = pieces_copy(&streams->pool, &stream->held, streams->message,
                                    available < START_BYTES ? available : START_BYTES);
        enum judgement start = start_judge(stream->trust, streams->message, seen, available);
        if (start == START_UNSEEN || start == START_PARTIAL)
            return start;
        uint32_t want =
            start == START_WHOLE ? PREFIX_BYTES + load_be16(streams->message) : MESSAGE_BYTES_MAX;
        uint32_t len = pieces_copy(&streams->pool, &stream->held, streams->message,
                                   available < want ? available : want);
        if (start == START_FOREIGN) {
            foreign_deliver(reading, streams->message, len, true);
            return start;
        }
        message_deliver(reading, streams->message + PREFIX_BYTES, len - PREFIX_BYTES, false, true);
        stream_advance(streams, stream, len);
    }
}

/* Delivers the messages at the front of a segment that continues a stream which holds nothing,
 * straight from the frame. Takes them off `payload`. */
static enum judgement stream_read_direct(struct reading *reading, struct view *payload)
{
    struct stream *stream = reading->stream;
    for (;;) {
        enum judgement start =
            start_judge(stream->trust, payload->data, payload->len, payload->len);
        if (start == START_FOREIGN)
            foreign_deliver(reading, payload->data, payload->len, !reading->in_frame);
        if (start != START_WHOLE)
            return start;
        uint32_t len = load_be16(payload->data);
        view_take(payload, PREFIX_BYTES);
        message_deliver(reading, view_take(payload, len), len, false, !reading->in_frame);
        stream_advance(reading->streams, stream, PREFIX_BYTES + len);
        stream->ready = stream->next;
    }
}

/* The capture kept only the front of this segment, and with it of the message that starts here:
 * delivers that, and goes on where the message ends. Behind the end of the segment's last message
 * the next one's place is a guess. */
static void stream_read_cut(struct reading *reading, const struct view *payload)
{
    struct stream *stream = reading->stream;
    uint32_t len = PREFIX_BYTES + load_be16(payload->data);
    message_deliver(reading, payload->data + PREFIX_BYTES, payload->len - PREFIX_BYTES, true,
                    !reading->in_frame);
    bool ends_here = len < payload->wire_len;
    stream->next += ends_here ? payload->wire_len : len;
    stream->trust = ends_here ? TRUST_GUESS : TRUST_FRAMED;
    stream->ready = stream->next;
}

/* Forgets a stream that turned out to be no DNS, or not where we thought. */
static int stream_foreign(struct reading *reading)
{
    pieces_clear(&reading->streams->pool, &reading->stream->held);
    slots_remove(&reading->streams->slots, reading->stream);
    reading->stream = NULL;
    return REJECT_TCP_NOT_DNS;
}

/* Gives up the bytes of a gap and goes on at the next held segment that starts a message; without
 * one the stream is forgotten. */
static void stream_resync(struct reading *reading)
{
    struct piece_pool *pool = &reading->streams->pool;
    struct stream *stream = reading->stream;
    reading->streams->metrics->value[METRIC_TCP_GAPS]++;
    pieces_drop(pool, &stream->held, stream->ready);
    stream->gap_ns = reading->packet->time_ns;
    const struct piece *piece;
    while ((piece = pieces_first(pool, &stream->held))) {
        bool starts = piece->starts;
        stream->next = piece->at;
        stream->ready = pieces_contiguous(pool, &stream->held, stream->next);
        stream->trust = TRUST_GUESS;
        if (starts && stream_read_held(reading) != START_FOREIGN)
            return;
        pieces_shift(pool, &stream->held);
    }
    stream_foreign(reading);
}

/* Gives up streams that were silent longest until `len` bytes have room. */
static bool streams_make_room(struct reading *reading, uint32_t len)
{
    struct streams *streams = reading->streams;
    while (streams->pool.left < pieces_needed(len)) {
        struct stream *oldest = slots_oldest(&streams->slots);
        if (oldest == reading->stream)
            return false;
        stream_forget(streams, oldest);
    }
    return true;
}

/* Keeps a segment for later ones, or to complete the message that earlier ones began. */
static int segment_hold(struct reading *reading, uint32_t seq, const struct view *payload)
{
    struct piece_pool *pool = &reading->streams->pool;
    struct stream *stream = reading->stream;
    bool had_gap = stream_has_gap(stream);
    bool continues = (int32_t)(seq - stream->ready) <= 0;
    uint32_t held_before = stream->held.bytes;
    reading->streams->metrics->value[METRIC_TCP_CONFLICTS] +=
        pieces_contradict(pool, &stream->held, seq, payload->data, payload->len);
    /* Bytes beyond a gap are not joined, so that each segment's start stays a place to go on. */
    bool stored =
        streams_make_room(reading, payload->len) &&
        pieces_add(pool, &stream->held, seq, payload->data, payload->len, continues && !had_gap);
    if (stored && stream->held.bytes == held_before)
        return REJECT_TCP_OLD;
    if (continues)
        stream->ready = pieces_contiguous(pool, &stream->held, stream->next);
    if (continues || !had_gap)
        stream->gap_ns = reading->packet->time_ns;
    if (continues && stream_read_held(reading) == START_FOREIGN)
        return stream_foreign(reading);
    if (stored)
        return VERDICT_HELD;
    stream_resync(reading);
    return REJECT_TCP_FULL;
}

/* Reads a segment that starts exactly where a stream holding nothing goes on: the common case. */
static int segment_read(struct reading *reading, struct view *payload)
{
    enum judgement start = stream_read_direct(reading, payload);
    if (start == START_FOREIGN)
        return stream_foreign(reading);
    if (payload->wire_len == 0)
        return VERDICT_DNS;
    if (start == START_PARTIAL && payload->len < payload->wire_len && payload->len >= START_BYTES) {
        stream_read_cut(reading, payload);
        return VERDICT_DNS;
    }
    return segment_hold(reading, reading->stream->next, payload);
}

/* Sees to it that the stream has a place near `seq`. One that has none is only begun, and one that
 * is elsewhere only moved, by a segment that could start a message. */
static int segment_place(struct reading *reading, const struct stream_key *key, uint32_t seq,
                         const struct view *payload)
{
    struct stream *stream = reading->stream;
    if (stream && seq - stream->next + WINDOW_BYTES <= 2u * WINDOW_BYTES)
        return VERDICT_NEXT;
    enum judgement start = start_judge(TRUST_GUESS, payload->data, payload->len, payload->wire_len);
    if (start == START_FOREIGN || (stream && start == START_UNSEEN))
        return REJECT_TCP_NOT_DNS;
    if (stream) {
        reading->streams->metrics->value[METRIC_TCP_GAPS]++;
        pieces_clear(&reading->streams->pool, &stream->held);
    } else {
        reading->stream = stream_add(reading->streams, key);
    }
    stream_place(reading->stream, seq, TRUST_GUESS);
    return VERDICT_NEXT;
}

static int segment_take(struct reading *reading, const struct stream_key *key, uint32_t seq,
                        struct view payload)
{
    if (payload.len == 0)
        return REJECT_TRANSPORT_CUT;
    int verdict = segment_place(reading, key, seq, &payload);
    if (verdict != VERDICT_NEXT)
        return verdict;
    struct stream *stream = reading->stream;
    int32_t ahead = (int32_t)(seq - stream->next);
    if (ahead < 0) {
        uint32_t old = (uint32_t)-ahead;
        if (old >= payload.wire_len)
            return REJECT_TCP_OLD;
        if (!view_take(&payload, old))
            return REJECT_TRANSPORT_CUT;
        seq = stream->next;
    }
    slots_make_newest(&reading->streams->slots, stream);
    if (stream->held.bytes == 0 && ahead <= 0)
        return segment_read(reading, &payload);
    return segment_hold(reading, seq, &payload);
}

/* A SYN says where a stream starts, unless it only repeats what we know. */
static void stream_open(struct reading *reading, const struct stream_key *key, uint32_t seq)
{
    struct stream *stream = reading->stream;
    if (stream && stream->first == seq)
        return;
    if (stream)
        stream_drop_held(reading->streams, stream);
    else
        stream = reading->stream = stream_add(reading->streams, key);
    stream_place(stream, seq, TRUST_START);
}

/* The connection ends within a message. One that has begun like no message was something else. */
static void stream_show_rest(struct reading *reading)
{
    struct streams *streams = reading->streams;
    struct stream *stream = reading->stream;
    uint32_t len = stream->ready - stream->next;
    if (stream->trust != TRUST_FRAMED || len < START_BYTES)
        return;
    const uint8_t *header = streams->message + PREFIX_BYTES;
    len = pieces_copy(&streams->pool, &stream->held, streams->message,
                      len < MESSAGE_BYTES_MAX ? len : MESSAGE_BYTES_MAX);
    if (!header_usual(header) && !header_fits(header, load_be16(streams->message)))
        foreign_deliver(reading, streams->message, len, true);
}

/* After FIN or RST, with `end` behind the last byte. A FIN ahead of a gap waits for what fills it.
 */
static void stream_end(struct reading *reading, uint32_t end, bool reset)
{
    struct stream *stream = reading->stream;
    if (!reset && end != stream->ready) {
        stream->ending = true;
        return;
    }
    stream_show_rest(reading);
    stream_drop_held(reading->streams, stream);
    slots_make_oldest(&reading->streams->slots, stream);
}

/* Whether the gap of a stream must be given up: it is old, or the connection has ended, or there is
 * no room to wait any longer, and this segment does not fill it. */
static bool gap_due(const struct reading *reading, const struct segment *segment, uint32_t seq)
{
    const struct stream *stream = reading->stream;
    if (!stream || !stream_has_gap(stream))
        return false;
    uint32_t len = segment->payload.len;
    if (len > 0 && (int32_t)(seq - stream->ready) <= 0)
        return false;
    return stream->ending || segment->flags & TCP_RST ||
           stream->held.count + pieces_needed(len) > PIECES_PER_LIST_MAX ||
           elapsed_ns(reading->packet->time_ns, stream->gap_ns) > GAP_AGE_MAX_NS;
}

int streams_add(struct streams *streams, const struct segment *segment, struct packet *packet,
                stream_packet_fn deliver, void *arg)
{
    const struct stream_key key = {.src = packet->src,
                                   .dst = packet->dst,
                                   .src_port = packet->src_port,
                                   .dst_port = packet->dst_port};
    struct reading reading = {
        .streams = streams,
        .stream = slots_find(&streams->slots, &key),
        .packet = packet,
        .deliver = deliver,
        .arg = arg,
        .in_frame = !packet->reassembled,
    };
    bool syn = segment->flags & TCP_SYN;
    uint32_t seq = segment->seq + syn;
    if (syn)
        stream_open(&reading, &key, seq);
    while (gap_due(&reading, segment, seq))
        stream_resync(&reading);
    int verdict = REJECT_TCP_CONTROL;
    if (segment->payload.wire_len > 0)
        verdict = segment_take(&reading, &key, seq, segment->payload);
    if (reading.stream && segment->flags & (TCP_FIN | TCP_RST))
        stream_end(&reading, seq + segment->payload.wire_len, segment->flags & TCP_RST);
    return reading.delivered ? VERDICT_DNS : verdict;
}

void streams_finish(struct streams *streams)
{
    struct stream *oldest;
    while ((oldest = slots_oldest(&streams->slots)))
        stream_forget(streams, oldest);
}
