/* canary.c - a question that must raise an alert, to see whether alerts would come
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/canary.h"

#include "pipeline/shard.h"

#include <assert.h>
#include <string.h>
#include <sys/random.h>

enum { HEADER_BYTES = 12, FLAG_RESPONSE = 0x80, FLAG_RECURSION = 0x01, SERVER_END = 0x53 };

const struct feed_config canary_feed = {
    .name = "canary",
    .path = "the built-in canary",
    .category = CATEGORY_C2,
    .confidence = 100,
    .format = FEED_PLAIN,
};
const char canary_list[] = "dnsvigil-canary.example.net\n";

static const uint8_t question[] = "\17dnsvigil-canary\7example\3net\0\0\1\0\1"; /* A IN */

static const uint8_t discard_prefix[8] = {0x01}; /* 100::/64 */

bool canary_is_client(const struct addr *client)
{
    return memcmp(client->bytes, discard_prefix, sizeof(discard_prefix)) == 0;
}

bool canary_is(const struct alert *alert)
{
    struct addr client;
    return addr_parse(alert->entity_ip, strlen(alert->entity_ip), &client) &&
           canary_is_client(&client);
}

void canary_init(struct canary *canary, unsigned shards)
{
    assert(shards <= CANARY_SHARDS_MAX);
    *canary = (struct canary){.shards = shards};
    pthread_mutex_init(&canary->lock, NULL);
    while (getrandom(&canary->nonce, sizeof(canary->nonce), 0) != sizeof(canary->nonce))
        ;
}

void canary_done(struct canary *canary)
{
    pthread_mutex_destroy(&canary->lock);
}

bool canary_start(struct canary *canary, int64_t now_ns)
{
    pthread_mutex_lock(&canary->lock);
    bool free = canary->missing == 0;
    if (free) {
        canary->missing = canary->shards;
        canary->sent_ns = now_ns;
    }
    pthread_mutex_unlock(&canary->lock);
    return free;
}

/* The next client that belongs to this shard. */
static struct addr client_next(struct canary *canary, unsigned number)
{
    uint8_t bytes[16];
    struct addr client;
    memcpy(bytes, discard_prefix, sizeof(discard_prefix));
    do {
        uint64_t rest = hash_bytes(&canary->serial, sizeof(canary->serial), canary->nonce);
        memcpy(bytes + sizeof(discard_prefix), &rest, sizeof(rest));
        client = addr_from_v6(bytes);
        canary->serial++;
    } while (shard_of(&client, canary->shards) != number);
    return client;
}

/* Writes a message and its id; returns its length. */
static uint32_t message_write(uint8_t *bytes, uint16_t id, uint8_t flags)
{
    const uint8_t header[HEADER_BYTES] = {id >> 8, id & 0xff, flags | FLAG_RECURSION, 0, 0, 1};
    memcpy(bytes, header, sizeof(header));
    memcpy(bytes + sizeof(header), question, sizeof(question) - 1);
    return sizeof(header) + sizeof(question) - 1;
}

void canary_fly(struct canary *canary, unsigned number, uint16_t port, int64_t time_ns,
                struct canary_flight *ret_flight)
{
    uint8_t server[16] = {0x01, [15] = SERVER_END};
    pthread_mutex_lock(&canary->lock);
    const struct addr client = canary->awaited[number] = client_next(canary, number);
    const uint16_t id = (uint16_t)canary->serial;
    pthread_mutex_unlock(&canary->lock);
    struct packet *query = &ret_flight->packets[0], *response = &ret_flight->packets[1];
    *query = (struct packet){
        .time_ns = time_ns,
        .src = client,
        .dst = addr_from_v6(server),
        .src_port = id | 0x8000,
        .dst_port = port,
        .len = message_write(ret_flight->bytes, id, 0),
        .data = ret_flight->bytes,
    };
    *response = *query;
    response->src = query->dst;
    response->dst = query->src;
    response->src_port = query->dst_port;
    response->dst_port = query->src_port;
    response->data = ret_flight->bytes + query->len;
    response->len = message_write(ret_flight->bytes + query->len, id, FLAG_RESPONSE);
}

/* The place of the alert's client among those under way, or -1; with the lock held. */
static int awaited_find(const struct canary *canary, const struct alert *alert)
{
    struct addr client;
    if (!addr_parse(alert->entity_ip, strlen(alert->entity_ip), &client))
        return -1;
    for (unsigned i = 0; i < canary->shards; i++)
        if (addr_equal(&canary->awaited[i], &client))
            return (int)i;
    return -1;
}

bool canary_is_awaited(struct canary *canary, const struct alert *alert)
{
    pthread_mutex_lock(&canary->lock);
    bool awaited = awaited_find(canary, alert) >= 0;
    pthread_mutex_unlock(&canary->lock);
    return awaited;
}

void canary_came(struct canary *canary, const struct alert *alert, int64_t now_ns)
{
    pthread_mutex_lock(&canary->lock);
    int at = awaited_find(canary, alert);
    if (at >= 0) {
        canary->awaited[at] = (struct addr){{0}};
        canary->missing--;
    }
    if (at >= 0 && canary->missing == 0) {
        canary->came_ns = now_ns;
        canary->travelled_ns = now_ns - canary->sent_ns;
        canary->sent_ns = 0;
    }
    pthread_mutex_unlock(&canary->lock);
}

void canary_look(struct canary *canary, int64_t *ret_sent_ns, int64_t *ret_came_ns,
                 int64_t *ret_travelled_ns)
{
    pthread_mutex_lock(&canary->lock);
    *ret_sent_ns = canary->sent_ns;
    *ret_came_ns = canary->came_ns;
    *ret_travelled_ns = canary->travelled_ns;
    pthread_mutex_unlock(&canary->lock);
}
