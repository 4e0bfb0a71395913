/* shard.c - one worker's whole way from frames to alerts
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/shard.h"

#include "alert/merge.h"
#include "base/arena.h"
#include "base/clock.h"
#include "decode/message.h"
#include "decode/net.h"
#include "decode/pairing.h"
#include "detect/detect.h"
#include "enrich/enrich.h"
#include "meter/domains.h"
#include "pipeline/evidence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    BATCH_PACKETS = 32,
    /* Worst case of one message; a batch ends early when less than that is left. */
    RECORDS_BYTES = 4 * MESSAGE_ARENA_BYTES,
    COPIES_BYTES = 256 * 1024,
};

#define MIB ((size_t)1024 * 1024)

struct slot {
    struct packet packet;
    bool to_server;
    uint64_t pairing_key;
    uint64_t domain_hash; /* 0: no domain record will be needed */
    struct dns_message message;
};

struct shard {
    const struct config *config;
    const struct intel *intel;
    int64_t timeout_ns; /* of a query */
    struct metrics metrics;
    struct net *net;
    struct pairing *pairing;
    struct enricher enricher;
    struct domains domains;
    struct detect_settings detect;
    struct merger *merger;
    shard_alert_fn alert;
    void *arg;
    uint64_t dns_ports[65536 / 64];
    struct arena records; /* record arrays of the batch */
    struct arena copies;  /* reassembled messages of the batch */
    unsigned slot_count;
    struct slot slots[BATCH_PACKETS];
};

static void transaction_judge(void *arg, const struct transaction *transaction);

static void alert_sink(void *arg, struct alert *alert, uint64_t domain_hash)
{
    struct shard *shard = arg;
    struct prevalence prevalence;
    if (domains_look(&shard->domains, domain_hash, &prevalence)) {
        alert->prevalence_clients = prevalence.clients;
        alert->prevalence_first_ns = prevalence.first_ns;
        alert->prevalence_last_ns = prevalence.last_ns;
    }
    shard->alert(shard->arg, alert);
}

static void alert_indicator(void *arg, const struct transaction *transaction,
                            const struct indicator_hit *hit, struct alert_indicator *ret)
{
    const struct shard *shard = arg;
    evidence_indicator(shard->intel, transaction, hit, ret);
}

static void alert_sample(void *arg, const struct transaction *transaction, struct alert_sample *ret)
{
    (void)arg;
    evidence_sample(transaction, ret);
}

static struct net *net_open(const struct config *config, struct metrics *metrics,
                            struct error *error)
{
    struct net_config net = net_config_default;
    net.port_count = config->capture.ports.count;
    memcpy(net.ports, config->capture.ports.items, net.port_count * sizeof(*net.ports));
    net.fragment_bytes_max = config->capture.fragment_memory_mib * MIB;
    net.stream_bytes_max = config->capture.stream_memory_mib * MIB;
    net.streams_max = (unsigned)config->capture.streams_max;
    return net_new(&net, metrics, error);
}

static struct merger *merger_open(struct shard *shard)
{
    const struct config_alerts *alerts = &shard->config->alerts;
    const struct merge_config merge = {
        .window_ns = (int64_t)alerts->window_s * NS_PER_S,
        .reraise_ns = (int64_t)alerts->reraise_s * NS_PER_S,
        .samples_max = (unsigned)alerts->samples_max,
        .open_max = (unsigned)alerts->open_max,
        .sensor = shard->config->sensor,
    };
    const struct merge_hooks hooks = {
        .arg = shard,
        .sink = alert_sink,
        .indicator = alert_indicator,
        .sample = alert_sample,
    };
    return merger_new(&merge, &hooks, &shard->metrics);
}

static struct pairing *pairing_open(struct shard *shard)
{
    const struct pairing_config pairing = {
        .timeout_ns = shard->timeout_ns,
        .log_bytes = shard->config->transactions.memory_mib * MIB,
    };
    return pairing_new(&pairing, &shard->metrics, transaction_judge, shard);
}

int shard_new(const struct config *config, const struct intel *intel,
              const struct suffix_list *suffixes, shard_alert_fn alert, void *arg,
              struct shard **ret_shard, struct error *error)
{
    struct shard *shard = calloc(1, sizeof(*shard));
    if (!shard)
        return error_set(error, -ENOMEM, "no memory for a worker");
    shard->config = config;
    shard->intel = intel;
    shard->timeout_ns = (int64_t)config->transactions.timeout_ms * NS_PER_MS;
    shard->alert = alert;
    shard->arg = arg;
    for (uint32_t i = 0; i < config->capture.ports.count; i++) {
        uint16_t port = config->capture.ports.items[i];
        shard->dns_ports[port / 64] |= 1ull << port % 64;
    }
    detect_settings_from(config, &shard->detect);
    shard->enricher = (struct enricher){
        .intel = intel,
        .config = config,
        .suffixes = suffix_cache_new(suffixes),
        .metrics = &shard->metrics,
    };
    shard->net = net_open(config, &shard->metrics, error);
    shard->pairing = pairing_open(shard);
    shard->merger = merger_open(shard);
    bool have_domains = domains_init(&shard->domains, (size_t)config->domains.records_max);
    if (!shard->enricher.suffixes || !shard->net || !shard->pairing || !shard->merger ||
        !have_domains || !arena_init(&shard->records, RECORDS_BYTES) ||
        !arena_init(&shard->copies, COPIES_BYTES)) {
        shard_free(shard);
        return error_set(error, -ENOMEM,
                         "no memory for a worker: lower the limits in the configuration");
    }
    *ret_shard = shard;
    return 0;
}

void shard_free(struct shard *shard)
{
    if (!shard)
        return;
    suffix_cache_free(shard->enricher.suffixes);
    net_free(shard->net);
    pairing_free(shard->pairing);
    merger_free(shard->merger);
    domains_done(&shard->domains);
    arena_done(&shard->records);
    arena_done(&shard->copies);
    free(shard);
}

const struct metrics *shard_metrics(const struct shard *shard)
{
    return &shard->metrics;
}

static bool is_dns_port(const struct shard *shard, uint16_t port)
{
    return shard->dns_ports[port / 64] >> port % 64 & 1;
}

/* Which way a message went. Ports say it where one side only is a DNS port: a lying QR bit must not
 * swap client and server. */
static bool goes_to_server(const struct shard *shard, const struct packet *packet,
                           const struct dns_message *message)
{
    bool from = is_dns_port(shard, packet->src_port);
    bool to = is_dns_port(shard, packet->dst_port);
    return from != to ? to : !message_is_response(message);
}

/* The meters, then the detectors; called by pairing for each transaction. */
static void transaction_judge(void *arg, const struct transaction *transaction)
{
    struct shard *shard = arg;
    struct enrichment enrichment;
    struct finding findings[DETECTOR_COUNT];
    unsigned below;
    enrich(&shard->enricher, transaction, &enrichment);
    if (enrichment.registrable >= 0)
        domains_count(&shard->domains, transaction->question->hash[enrichment.registrable],
                      &enrichment.entity, transaction->time_ns);
    shard->metrics.value[METRIC_DOMAINS_EVICTED] = shard->domains.table.evicted;
    unsigned count = detect_run(&shard->detect, transaction, &enrichment, findings, &below);
    if (count + below == 0)
        return;
    /* The resolver's own leg of a look-up: its client is seen elsewhere, or nobody is to blame. */
    if (enrichment.entity_is_resolver) {
        below += count;
        count = 0;
    }
    shard->metrics.value[METRIC_FINDINGS] += below;
    shard->metrics.value[METRIC_FINDINGS_SUPPRESSED] += below;
    for (unsigned i = 0; i < count; i++)
        merger_add(shard->merger, transaction, &enrichment, &findings[i]);
}

/* The sets have come by now: asks for the records they point to. */
static void batch_prefetch(const struct shard *shard)
{
    for (unsigned i = 0; i < shard->slot_count; i++) {
        const struct slot *slot = &shard->slots[i];
        if (!slot->to_server)
            pairing_prefetch_query(shard->pairing, slot->pairing_key);
        if (slot->domain_hash)
            domains_prefetch_record(&shard->domains, slot->domain_hash);
    }
}

static void batch_run(struct shard *shard)
{
    batch_prefetch(shard);
    for (unsigned i = 0; i < shard->slot_count; i++) {
        const struct slot *slot = &shard->slots[i];
        pairing_message(shard->pairing, &slot->packet, &slot->message, slot->to_server,
                        slot->pairing_key);
        /* By message, not by batch, and no sooner than the queries that still wait will be judged:
         * so it does not matter where a batch ends. */
        merger_expire(shard->merger, slot->packet.time_ns - shard->timeout_ns);
    }
    shard->slot_count = 0;
    arena_reset(&shard->records);
    arena_reset(&shard->copies);
}

/* Decodes a packet into the next slot and asks for the memory its judgement will need. */
static void slot_fill(struct shard *shard, const struct packet *packet)
{
    struct slot *slot = &shard->slots[shard->slot_count++];
    struct dns_message *message = &slot->message;
    slot->packet = *packet;
    enum malformed malformed = message_decode(message, packet->data, packet->len, &shard->records);
    if (malformed == MALFORMED_NONE)
        shard->metrics.value[METRIC_MESSAGES_OK]++;
    else
        shard->metrics.malformed[malformed]++;
    slot->to_server = goes_to_server(shard, packet, message);
    slot->pairing_key = pairing_prefetch(shard->pairing, packet, slot->to_server, message->id);
    slot->domain_hash = 0;
    if (slot->to_server || !message->has_question)
        return;
    slot->domain_hash = enrich_prefetch(&shard->enricher, &message->question);
    if (slot->domain_hash)
        domains_prefetch(&shard->domains, slot->domain_hash);
}

static void packet_take(void *arg, const struct packet *packet)
{
    struct shard *shard = arg;
    struct packet copy = *packet;
    bool copied = packet->reassembled;
    if (shard->slot_count == BATCH_PACKETS || arena_left(&shard->records) < MESSAGE_ARENA_BYTES ||
        (copied && arena_left(&shard->copies) < packet->len + 8))
        batch_run(shard);
    if (copied) {
        uint8_t *data = arena_take(&shard->copies, packet->len);
        memcpy(data, packet->data, packet->len);
        copy.data = data;
    }
    slot_fill(shard, &copy);
}

void shard_packet(struct shard *shard, const struct packet *packet)
{
    shard->metrics.value[METRIC_MESSAGES_IN]++;
    packet_take(shard, packet);
    batch_run(shard);
}

void shard_frames(struct shard *shard, const struct frame *frames, size_t count)
{
    for (size_t i = 0; i < count; i++)
        net_frame(shard->net, &frames[i], packet_take, shard);
    batch_run(shard);
}

void shard_finish(struct shard *shard)
{
    net_finish(shard->net);
    batch_run(shard);
    pairing_finish(shard->pairing);
    merger_finish(shard->merger);
}
