/* canary.h - a question that must raise an alert, to see whether alerts would come
 * SPDX-License-Identifier: Apache-2.0
 *
 * A miner's canary takes the way of all traffic: a query and its response for a name that only our
 * own built-in list has go into the ring of each shard, are decoded, paired, looked up and judged,
 * and come out as an alert, which is known by its client, written to no table, and answered by a
 * transaction of the store instead. Name and clients exist nowhere: the name is below example.net
 * (RFC 2606), the clients are in the discard prefix 100::/64 (RFC 6666), a new one each time. The
 * history leaves it out. */
#pragma once

#include "base/addr.h"
#include "intel/builder.h"

#include <dnsvigil/alert.h>
#include <dnsvigil/packet.h>

#include <pthread.h>

enum { CANARY_ENTRIES = 1, CANARY_SHARDS_MAX = 16, CANARY_BYTES_MAX = 128, CANARY_MESSAGES = 2 };

/* The built-in list. */
extern const struct feed_config canary_feed;
extern const char canary_list[];

/* Whether the client is a canary's. */
bool canary_is_client(const struct addr *client);
bool canary_is(const struct alert *alert);

struct canary {
    pthread_mutex_t lock;
    unsigned shards;
    uint32_t serial;
    uint64_t nonce;                         /* of this process: nobody else can send one */
    struct addr awaited[CANARY_SHARDS_MAX]; /* the clients of those under way */
    unsigned missing;                       /* of these, not back yet */
    int64_t sent_ns, came_ns, travelled_ns; /* by the clock */
};

void canary_init(struct canary *canary, unsigned shards);
void canary_done(struct canary *canary);

/* The messages for one shard. */
struct canary_flight {
    struct packet packets[CANARY_MESSAGES]; /* query and response, their bytes below */
    uint8_t bytes[CANARY_BYTES_MAX];
};

/* Begins another round, unless the last one is still under way; false then. */
bool canary_start(struct canary *canary, int64_t now_ns);

/* The messages of this round for shard `number`, to a server's `port`, at the event time `time_ns`.
 */
void canary_fly(struct canary *canary, unsigned number, uint16_t port, int64_t time_ns,
                struct canary_flight *ret_flight);

/* Whether the alert is of this round, and that it has come at `now_ns` of the clock. */
bool canary_is_awaited(struct canary *canary, const struct alert *alert);
void canary_came(struct canary *canary, const struct alert *alert, int64_t now_ns);

/* When the round under way was begun (0: none is), when the last whole one was back, and how long
 * that took. Any thread. */
void canary_look(struct canary *canary, int64_t *ret_sent_ns, int64_t *ret_came_ns,
                 int64_t *ret_travelled_ns);
