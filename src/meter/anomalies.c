/* anomalies.c - how much of each anomaly each client has shown a server lately
 * SPDX-License-Identifier: Apache-2.0 */
#include "meter/anomalies.h"

#include "base/clock.h"
#include "base/hash.h"
#include "meter/anomaly_tests.h"

enum {
    FULL = 10000, /* points in a bucket that is worth an alert; the sum 1 */
    STEPS = 10,
    POINTS_MAX = 2 * FULL, /* so that an old flood is soon forgotten */
    /* An answer that was asked for makes up for a twentieth of one that was not, of low weight. */
    ANSWERED_SHARE = 19,
    FAINT_SHARE = 5, /* so many of faint weight are one of low weight */
};

struct bucket {
    int64_t time_ns; /* up to when it has leaked */
    uint32_t points;
    bool answered; /* for UNSOLICITED: this server was seen to answer queries, too; for
                      UNEXPECTED_RESOLVER, kept for the client: it asked a usual one since */
};

void anomalies_settle(struct anomalies *anomalies, const struct config *config)
{
    const struct config_anomalies *limits = &config->anomalies;
    anomalies->config = config;
    anomalies->step_ns = (int64_t)limits->window_s * NS_PER_S / STEPS;
    anomalies->weights[ANOMALY_LOW] = (uint32_t)limits->low_percent * (FULL / 100);
    anomalies->weights[ANOMALY_FAINT] = anomalies->weights[ANOMALY_LOW] / FAINT_SHARE;
    anomalies->weights[ANOMALY_MEDIUM] = (uint32_t)limits->medium_percent * (FULL / 100);
    anomalies->weights[ANOMALY_HIGH] = FULL;
}

bool anomalies_init(struct anomalies *anomalies, const struct config *config,
                    const struct resolvers *resolvers)
{
    *anomalies = (struct anomalies){.resolvers = resolvers};
    anomalies_settle(anomalies, config);
    return table_init(&anomalies->buckets, (size_t)config->anomalies.records_max,
                      sizeof(struct bucket));
}

void anomalies_done(struct anomalies *anomalies)
{
    table_done(&anomalies->buckets);
}

/* No hash that an attacker could not foresee, since all that is to gain is a look-up. Clients of a
 * network differ in the last bytes of their addresses, which are the highest of a word: the product
 * is folded so that all bits of the result depend on them. */
static uint64_t filter_hash(const struct addr *client, const struct addr *server)
{
    uint64_t ends[4];
    memcpy(ends, client->bytes, 16);
    memcpy(ends + 2, server->bytes, 16);
    return hash_mix(ends[0] ^ ends[1] ^ ends[2] << 1 ^ ends[3] << 1, HASH_FIXED_SEED);
}

static void filter_add(struct anomaly_filter *filter, uint64_t hash)
{
    filter->words[(hash >> 32) % ANOMALY_FILTER_WORDS] |= 1ull << (hash >> 58);
}

static bool filter_has(const struct anomaly_filter *filter, uint64_t hash)
{
    return filter->words[(hash >> 32) % ANOMALY_FILTER_WORDS] >> (hash >> 58) & 1;
}

static uint64_t bucket_key(const struct addr *client, const struct addr *server,
                           enum anomaly anomaly)
{
    struct addr ends[2] = {*client, *server};
    return hash_bytes(ends, sizeof(ends), hash_seed ^ (anomaly + 1) * HASH_FIXED_SEED);
}

/* Time that runs backwards leaks nothing. */
static void bucket_leak(const struct anomalies *anomalies, struct bucket *bucket, int64_t now_ns)
{
    int64_t steps = (now_ns - bucket->time_ns) / anomalies->step_ns;
    if (steps <= 0)
        return;
    uint64_t leaked = (uint64_t)steps * (FULL / STEPS);
    bucket->points = leaked < bucket->points ? bucket->points - (uint32_t)leaked : 0;
    bucket->time_ns += steps * anomalies->step_ns;
}

/* What is no DNS has no id: packets that only begin alike were taken for copies of one query. */
static uint32_t events(const struct transaction *transaction, enum anomaly anomaly)
{
    bool copies = transaction->repeats && anomaly == ANOMALY_NOT_DNS_SHORT;
    return copies ? 1u + transaction->repeats : 1;
}

/* Fills one event in, or what looked like one. Responses that nobody asked for count only where the
 * server was seen to answer queries, too: otherwise the capture is one-sided. */
static const struct bucket *bucket_fill(struct anomalies *anomalies,
                                        const struct transaction *transaction, enum anomaly anomaly)
{
    bool new;
    int64_t now = transaction->time_ns;
    uint64_t key = bucket_key(&transaction->client, &transaction->server, anomaly);
    struct bucket *bucket = table_touch(&anomalies->buckets, key, (uint32_t)(now / NS_PER_S), &new);
    if (new)
        bucket->time_ns = now;
    bucket_leak(anomalies, bucket, now);
    bucket->points +=
        anomalies->weights[anomaly_rows[anomaly].weight] * events(transaction, anomaly);
    uint32_t most = anomaly == ANOMALY_UNSOLICITED && !bucket->answered ? FULL - 1 : POINTS_MAX;
    if (bucket->points > most)
        bucket->points = most;
    return bucket;
}

static struct bucket *bucket_find(const struct anomalies *anomalies,
                                  const struct transaction *transaction, enum anomaly anomaly)
{
    return table_find(&anomalies->buckets,
                      bucket_key(&transaction->client, &transaction->server, anomaly));
}

/* What speaks against an anomaly: answers that were asked for, the retry over TCP. */
static void buckets_calm(struct anomalies *anomalies, const struct transaction *transaction)
{
    struct bucket *bucket;
    if (!filter_has(&anomalies->unsettled, filter_hash(&transaction->client, &transaction->server)))
        return;
    if (transaction->query && transaction->response &&
        (bucket = bucket_find(anomalies, transaction, ANOMALY_UNSOLICITED))) {
        uint32_t share = anomalies->weights[ANOMALY_LOW] / ANSWERED_SHARE;
        bucket->points -= share < bucket->points ? share : bucket->points;
        bucket->answered = true;
    }
    if (transaction->transport == TRANSPORT_TCP &&
        (bucket = bucket_find(anomalies, transaction, ANOMALY_TRUNCATED)))
        bucket->points = 0;
}

/* Whether the network resolves names with this server: it was configured, or else learned. */
static bool is_usual_resolver(struct anomalies *anomalies, const struct addr *server)
{
    const struct config_networks *own = &anomalies->config->resolvers;
    for (uint32_t i = 0; i < own->count; i++)
        if (prefix_contains(&own->items[i], server))
            return true;
    return !own->count && resolvers_clients_recent(anomalies->resolvers, &anomalies->recent,
                                                   server) >= RESOLVER_CLIENTS;
}

/* Stands for a server in what is kept for a client alone, and in logs of a server that is not told.
 */
static const struct addr nobody;

/* Notes that a client which has asked an unexpected server asks a usual one. */
static void usual_asked(struct anomalies *anomalies, const struct addr *client)
{
    if (!filter_has(&anomalies->bypassing, filter_hash(client, &nobody)))
        return;
    struct bucket *bucket =
        table_find(&anomalies->buckets, bucket_key(client, &nobody, ANOMALY_UNEXPECTED_RESOLVER));
    if (bucket)
        bucket->answered = true;
}

/* A client that is taken to another network, or gets another resolver, asks that one only. So what
 * it asks an unexpected server counts when it has asked a usual one since the last time. */
static bool takes_turns(struct anomalies *anomalies, const struct addr *client, int64_t time_ns)
{
    bool new;
    struct bucket *bucket =
        table_touch(&anomalies->buckets, bucket_key(client, &nobody, ANOMALY_UNEXPECTED_RESOLVER),
                    (uint32_t)(time_ns / NS_PER_S), &new);
    bool turned = bucket->answered;
    bucket->answered = false;
    filter_add(&anomalies->bypassing, filter_hash(client, &nobody));
    return turned;
}

/* Whether a client that has resolvers asks somebody else to resolve a name. Servers inside, those
 * that the Internet is offered and those that others ask, too, have their reasons. */
static bool bypasses_resolvers(struct anomalies *anomalies, const struct transaction *transaction)
{
    const struct addr *server = &transaction->server;
    const struct dns_message *query = transaction->query;
    bool known = anomalies->resolvers->some || anomalies->config->resolvers.count;
    if (!known || !query || !(query->flags & DNS_FLAG_RD) || !transaction->question ||
        addr_equal(server, &nobody))
        return false;
    if (is_usual_resolver(anomalies, server)) {
        usual_asked(anomalies, &transaction->client);
        return false;
    }
    return anomaly_server_is_outside(server) &&
           !resolvers_are_public(anomalies->resolvers, server) &&
           resolvers_clients(anomalies->resolvers, server) <= 1 &&
           takes_turns(anomalies, &transaction->client, transaction->time_ns);
}

static uint64_t half_judge(const struct transaction *transaction,
                           const struct enrichment *enrichment, bool to_server, bool bypasses)
{
    const struct dns_message *message = to_server ? transaction->query : transaction->response;
    const struct sight sight = {
        .transaction = transaction,
        .enrichment = enrichment,
        .message = message,
        .to_server = to_server,
        .bypasses_resolvers = bypasses,
    };
    return message ? anomalies_of(&sight) : 0;
}

const struct anomaly_measure *anomalies_count(struct anomalies *anomalies,
                                              const struct transaction *transaction,
                                              const struct enrichment *enrichment)
{
    bool bypasses = bypasses_resolvers(anomalies, transaction);
    uint64_t in_query = half_judge(transaction, enrichment, true, bypasses);
    uint64_t in_response = half_judge(transaction, enrichment, false, bypasses);
    uint64_t found = in_query | in_response;
    struct anomaly_measure *measure = NULL;
    buckets_calm(anomalies, transaction);
    if (found & (1ull << ANOMALY_UNSOLICITED | 1ull << ANOMALY_TRUNCATED))
        filter_add(&anomalies->unsettled, filter_hash(&transaction->client, &transaction->server));
    for (uint64_t left = found; left; left &= left - 1) {
        enum anomaly anomaly = (enum anomaly)__builtin_ctzll(left);
        const struct bucket *bucket = bucket_fill(anomalies, transaction, anomaly);
        if (measure && (bucket->points < FULL || measure->sum >= measure->threshold))
            continue;
        measure = &anomalies->measure;
        *measure = (struct anomaly_measure){
            .anomaly = (uint8_t)anomaly,
            .sum = (double)bucket->points / FULL,
            .threshold = 1,
            .weight = (double)anomalies->weights[anomaly_rows[anomaly].weight] / FULL,
            .message = in_query >> anomaly & 1 ? transaction->query : transaction->response,
        };
    }
    return measure;
}

void anomalies_save(const struct anomalies *anomalies, struct buf *buf)
{
    table_save(&anomalies->buckets, "anomaly", buf);
    image_put(buf, "settle", &anomalies->unsettled, sizeof(anomalies->unsettled));
    image_put(buf, "bypass", &anomalies->bypassing, sizeof(anomalies->bypassing));
}

bool anomalies_load(struct anomalies *anomalies, struct image *image)
{
    return table_load(&anomalies->buckets, "anomaly", image) &&
           image_get(image, "settle", &anomalies->unsettled, sizeof(anomalies->unsettled)) &&
           image_get(image, "bypass", &anomalies->bypassing, sizeof(anomalies->bypassing));
}
