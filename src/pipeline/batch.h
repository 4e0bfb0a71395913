/* batch.h - messages on their way from one thread to another, with their bytes
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/packet.h>

#include <string.h>

enum { BATCH_MESSAGES = 256, BATCH_BYTES = 72 * 1024 }; /* any one message fits */

enum batch_kind {
    BATCH_TRAFFIC,
    BATCH_TIME,  /* no messages: event time has come to time_ns */
    BATCH_EDGE,  /* the same, and an epoch ends */
    BATCH_STILL, /* all stop for a moment */
    BATCH_END,   /* the traffic is over */
    BATCH_QUIT,  /* given up in the middle */
};

struct batch {
    enum batch_kind kind;
    int64_t time_ns;
    unsigned count;
    uint32_t used;
    struct packet packets[BATCH_MESSAGES]; /* their bytes are in `bytes` */
    uint8_t bytes[BATCH_BYTES];
};

static inline void batch_begin(struct batch *batch, enum batch_kind kind, int64_t time_ns)
{
    batch->kind = kind;
    batch->time_ns = time_ns;
    batch->count = 0;
    batch->used = 0;
}

/* Copies a message; false when it finds no room. */
static inline bool batch_add(struct batch *batch, const struct packet *packet)
{
    if (batch->count == BATCH_MESSAGES || packet->len > BATCH_BYTES - batch->used)
        return false;
    struct packet *copy = &batch->packets[batch->count++];
    *copy = *packet;
    copy->reassembled = false;
    copy->data = batch->bytes + batch->used;
    if (packet->len)
        memcpy(batch->bytes + batch->used, packet->data, packet->len);
    batch->used += packet->len;
    return true;
}
