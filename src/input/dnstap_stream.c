/* dnstap_stream.c - reads the frames of one sender and counts what they held
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/dnstap_stream.h"

#include <string.h>

/* Servers repeat their name in each frame: it is copied only when it changes. */
static void name_keep(char name[static DNSTAP_NAME_MAX + 1], struct dnstap_bytes bytes)
{
    size_t len = bytes.len < DNSTAP_NAME_MAX ? bytes.len : DNSTAP_NAME_MAX;
    if (len == 0 || (memcmp(name, bytes.data, len) == 0 && name[len] == '\0'))
        return;
    memcpy(name, bytes.data, len);
    name[len] = '\0';
}

/* A payload's messages; returns how many. */
static unsigned payload_take(struct dnstap_stream *stream, const uint8_t *data, size_t len,
                             struct packet packets[static DNSTAP_PACKETS])
{
    uint64_t *value = stream->metrics->value;
    struct dnstap dnstap;
    value[METRIC_DNSTAP_FRAMES]++;
    enum dnstap_verdict verdict = dnstap_decode(data, len, &dnstap);
    if (verdict != DNSTAP_GOOD) {
        value[verdict == DNSTAP_BROKEN ? METRIC_DNSTAP_FRAMES_BROKEN
                                       : METRIC_DNSTAP_FRAMES_OTHER]++;
        return 0;
    }
    name_keep(stream->identity, dnstap.identity);
    name_keep(stream->version, dnstap.version);
    unsigned count = dnstap_packets(&dnstap, stream->last_time_ns, packets);
    if (dnstap.query_time_ns == 0 && dnstap.response_time_ns == 0)
        value[METRIC_DNSTAP_NO_TIME] += count;
    if (packets[0].lacks & LACKS_CLIENT)
        value[METRIC_DNSTAP_NO_CLIENT] += count;
    stream->last_time_ns = packets[count - 1].time_ns;
    return count;
}

enum framestream_step dnstap_stream_next(struct dnstap_stream *stream, const uint8_t *data,
                                         size_t len, struct framestream_piece *ret,
                                         struct packet packets[static DNSTAP_PACKETS],
                                         unsigned *ret_count, struct error *error)
{
    enum framestream_step step = framestream_next(&stream->frames, data, len, ret, error);
    *ret_count = 0;
    if (step == FRAMESTREAM_DATA)
        *ret_count = payload_take(stream, data + FRAMESTREAM_HEADER_BYTES,
                                  ret->len - FRAMESTREAM_HEADER_BYTES, packets);
    return step;
}
