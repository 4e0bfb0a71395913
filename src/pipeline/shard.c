/* shard.c - one worker's whole way from frames to alerts
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/shard.h"

#include "alert/merge.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/lines.h"
#include "decode/message.h"
#include "decode/net.h"
#include "decode/pairing.h"
#include "detect/currency_mining.h"
#include "detect/detect.h"
#include "detect/random_domain.h"
#include "enrich/enrich.h"
#include "enrich/information.h"
#include "enrich/lexical.h"
#include "enrich/lookalike.h"
#include "intel/popularity.h"
#include "meter/allowance.h"
#include "meter/anomalies.h"
#include "meter/bursts.h"
#include "meter/epoch.h"
#include "meter/pairs.h"
#include "pipeline/canary.h"
#include "pipeline/common.h"
#include "pipeline/evidence.h"
#include "pipeline/held.h"
#include "pipeline/signatures.h"

#include <assert.h>
#include <dnsvigil/name.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    BATCH_PACKETS = 32,
    /* Worst case of one message; a batch ends early when less than that is left. */
    RECORDS_BYTES = 4 * MESSAGE_ARENA_BYTES,
    COPIES_BYTES = 256 * 1024,
    ALLOWANCE_ENTITIES_MAX = 65536,
};

#define MIB           ((size_t)1024 * 1024)
#define SHOW_PAUSE_NS (60 * NS_PER_S)

struct slot {
    struct packet packet;
    bool to_server;
    bool looked_up; /* `ahead` will be known before judgement, and asked for what that will read */
    struct ahead ahead;
    uint64_t pairing_key;
    uint64_t domain_hash; /* 0: no domain record will be needed */
    uint64_t pair_key;
    struct dns_message message;
};

struct shard {
    const struct config *config;
    const struct intel *intel;
    int64_t timeout_ns; /* of a query */
    struct metrics metrics;
    struct dns_ports ports;
    struct net *net; /* of the only shard: others get messages */
    struct pairing *pairing;
    struct enricher enricher;
    const struct brands *brands;
    unsigned parts;        /* shards that share the limits of the configuration */
    struct common *common; /* read only while it runs */
    struct common *own;    /* the same when it is the only shard, else NULL */
    struct epochs epochs;  /* of the only shard */
    struct counts counts;
    bool watched; /* a network's traffic, and not a file */
    struct allowance allowance;
    struct anomalies anomalies;
    struct bursts bursts;
    struct pairs pairs;
    struct held held;
    bool has_rules;
    struct signatures signatures;
    struct detect_settings detect;
    struct detect_settings detect_tunnels; /* the same with the detectors of tunnels alone */
    struct detect_settings detect_bounced; /* the same with that of anomalies alone */
    struct merger *merger;
    struct collector collector; /* without slots: nobody keeps a history */
    shard_alert_fn alert;
    void *arg;
    shard_transaction_fn tell; /* NULL: nobody is told of transactions */
    void *tell_arg;
    struct arena records; /* record arrays of the batch */
    struct arena copies;  /* reassembled messages of the batch */
    struct arena lookups; /* what is to be looked up of its responses */
    unsigned slot_count;
    struct slot slots[BATCH_PACKETS];
};

static void transaction_judge(void *arg, const struct transaction *transaction);

static void prevalence_add(const struct shard *shard, struct alert *alert, uint64_t domain_hash)
{
    struct prevalence prevalence;
    if (domains_look(&shard->common->knowledge.domains, domain_hash, &prevalence)) {
        alert->prevalence_clients = prevalence.clients;
        alert->prevalence_first_ns = prevalence.first_ns;
        alert->prevalence_last_ns = prevalence.last_ns;
    }
}

static void alert_sink(void *arg, struct alert *alert, uint64_t domain_hash)
{
    struct shard *shard = arg;
    prevalence_add(shard, alert, domain_hash);
    shard->alert(shard->arg, alert);
}

static void alert_indicator(void *arg, const struct transaction *transaction,
                            const struct indicator_hit *hit, struct alert_indicator *ret)
{
    const struct shard *shard = arg;
    evidence_indicator(shard->intel, transaction, hit, ret);
}

static void alert_detail(void *arg, const struct transaction *transaction,
                         const struct enrichment *enrichment, const struct finding *finding,
                         struct alert *alert)
{
    struct shard *shard = arg;
    evidence_detail(transaction, enrichment, finding, alert);
    if (finding->detector != DETECTOR_SIGNATURE || alert->has_signature)
        return;
    alert->has_signature = true;
    signatures_describe(&shard->signatures, transaction, enrichment->signature, &alert->signature);
}

static void alert_sample(void *arg, const struct transaction *transaction, struct alert_sample *ret)
{
    (void)arg;
    evidence_sample(transaction, ret);
}

static bool is_undelegated(void *arg, const struct dns_name *name)
{
    const struct shard *shard = arg;
    return suffix_lookup(shard->enricher.suffixes, name).suffix_class == SUFFIX_UNDELEGATED;
}

/* Its part of a limit that holds for all shards together. */
static uint32_t share_of(const struct shard *shard, uint32_t limit)
{
    return (limit + shard->parts - 1) / shard->parts;
}

static bool is_tunnel_detector(enum detector detector)
{
    return detector == DETECTOR_DATA_INFILTRATION || detector == DETECTOR_DATA_EXFILTRATION ||
           detector == DETECTOR_DATA_OBFUSCATION;
}

static void detect_settle(struct shard *shard)
{
    detect_settings_from(shard->config, &shard->detect);
    shard->detect_bounced = shard->detect;
    for (int i = 0; i < DETECTOR_COUNT; i++)
        if (i != DETECTOR_PROTOCOL_ANOMALY)
            detect_enable(&shard->detect_bounced, (enum detector)i, false);
}

/* The meter must see what the most eager of its detectors wants to. */
static struct pairs_config tunnels_settle(struct shard *shard)
{
    const struct config_tunnels *tunnels = &shard->config->tunnels;
    struct pairs_config pairs = {
        .records_max = share_of(shard, tunnels->records_max),
        .up_bytes = (double)tunnels->up_bytes,
        .down_bytes = (double)tunnels->down_bytes,
        .names_min = (unsigned)tunnels->names_min,
        .knob = KNOB_HIGH,
        .hooks = {shard, information_of_label, is_undelegated},
        .known = &shard->common->knowledge,
        .counts = &shard->counts,
    };
    shard->detect_tunnels = shard->detect;
    for (int i = 0; i < DETECTOR_COUNT; i++) {
        enum confidence_knob knob = (enum confidence_knob)shard->config->detectors.of[i].confidence;
        bool enabled = shard->detect.enabled[i] && is_tunnel_detector((enum detector)i);
        detect_enable(&shard->detect_tunnels, (enum detector)i, enabled);
        if (enabled && knob < pairs.knob)
            pairs.knob = knob;
    }
    return pairs;
}

static bool tunnels_open(struct shard *shard)
{
    const struct pairs_config pairs = tunnels_settle(shard);
    return pairs_init(&shard->pairs, &pairs) &&
           held_init(&shard->held, share_of(shard, shard->config->tunnels.held_max));
}

/* Without rules, or with the detector off, nothing is kept and nothing is asked. */
static bool wants_rules(const struct config *config, const struct lists *lists)
{
    return lists->rule_index && config->detectors.of[DETECTOR_SIGNATURE].enabled;
}

static bool signatures_open(struct shard *shard, const struct lists *lists)
{
    shard->has_rules = wants_rules(shard->config, lists);
    return !shard->has_rules || signatures_init(&shard->signatures, lists->rule_index,
                                                shard->enricher.suffixes, &shard->metrics);
}

static struct bursts_config bursts_settle(const struct shard *shard)
{
    const double lenient = 10; /* as the detector's confidence low is */
    const struct config_bursts *limits = &shard->config->bursts;
    return (struct bursts_config){
        .records_max = share_of(shard, limits->records_max),
        .fast_ns = (int64_t)limits->fast_s * NS_PER_S,
        .slow_ns = (int64_t)limits->slow_s * NS_PER_S,
        .open_ns = (int64_t)limits->open_s * NS_PER_S,
        .expected_limit = (double)limits->false_ppm / 1e6,
        .expected_report = (double)limits->false_ppm / 1e6 * lenient,
        .score = lexical_score_domain,
    };
}

static bool bursts_open(struct shard *shard)
{
    const struct bursts_config bursts = bursts_settle(shard);
    return bursts_init(&shard->bursts, &bursts);
}

struct net *shard_net_new(const struct config *config, struct metrics *metrics, struct error *error)
{
    struct net_config net = net_config_default;
    net.port_count = config->capture.ports.count;
    memcpy(net.ports, config->capture.ports.items, net.port_count * sizeof(*net.ports));
    net.fragment_bytes_max = config->capture.fragment_memory_mib * MIB;
    net.stream_bytes_max = config->capture.stream_memory_mib * MIB;
    net.streams_max = (unsigned)config->capture.streams_max;
    return net_new(&net, metrics, error);
}

static struct merge_config merge_settle(const struct shard *shard)
{
    const struct config_alerts *alerts = &shard->config->alerts;
    return (struct merge_config){
        .window_ns = (int64_t)alerts->window_s * NS_PER_S,
        .reraise_ns = (int64_t)alerts->reraise_s * NS_PER_S,
        .samples_max = (unsigned)alerts->samples_max,
        .open_max = share_of(shard, alerts->open_max),
        .sensor = shard->config->sensor,
    };
}

static struct merger *merger_open(struct shard *shard)
{
    const struct merge_config merge = merge_settle(shard);
    const struct merge_hooks hooks = {
        .arg = shard,
        .sink = alert_sink,
        .indicator = alert_indicator,
        .detail = alert_detail,
        .sample = alert_sample,
    };
    return merger_new(&merge, &hooks, &shard->metrics);
}

static struct pairing *pairing_open(struct shard *shard)
{
    const struct pairing_config pairing = {
        .timeout_ns = shard->timeout_ns,
        .log_bytes = shard->config->transactions.memory_mib * MIB / shard->parts,
    };
    return pairing_new(&pairing, &shard->metrics, transaction_judge, shard);
}

static bool meters_open(struct shard *shard, const struct lists *lists)
{
    const struct resolvers *resolvers = &shard->common->knowledge.resolvers;
    bool opened = anomalies_init(&shard->anomalies, shard->config, resolvers);
    opened &= counts_init(&shard->counts, &shard->common->config);
    opened &= tunnels_open(shard);
    opened &= bursts_open(shard);
    opened &= signatures_open(shard, lists);
    opened &= allowance_init(&shard->allowance, share_of(shard, ALLOWANCE_ENTITIES_MAX));
    return opened;
}

int shard_new_among(const struct config *config, const struct lists *lists, struct common *common,
                    unsigned parts, shard_alert_fn alert, void *arg, struct shard **ret_shard,
                    struct error *error)
{
    struct shard *shard = lines_alloc_zeroed(sizeof(*shard));
    if (!shard)
        return error_set(error, -ENOMEM, "no memory for a worker");
    shard->config = config;
    shard->common = common;
    shard->parts = parts;
    shard->intel = lists->intel;
    shard->brands = lists->brands;
    shard->timeout_ns = (int64_t)config->transactions.timeout_ms * NS_PER_MS;
    shard->epochs = epochs_of((int64_t)config->epochs.length_s * NS_PER_S, shard->timeout_ns);
    shard->alert = alert;
    shard->arg = arg;
    detect_settle(shard);
    dns_ports_set(&shard->ports, config->capture.ports.items, config->capture.ports.count);
    shard->enricher = (struct enricher){.intel = lists->intel,
                                        .profiles = lists->profiles,
                                        .config = config,
                                        .suffixes = suffix_cache_new(lists->suffixes),
                                        .metrics = &shard->metrics};
    shard->pairing = pairing_open(shard);
    shard->merger = merger_open(shard);
    if (!meters_open(shard, lists) || !shard->enricher.suffixes || !shard->pairing ||
        !shard->merger || !arena_init(&shard->records, RECORDS_BYTES) ||
        !arena_init(&shard->copies, COPIES_BYTES) ||
        !arena_init(&shard->lookups, BATCH_PACKETS * sizeof(struct lookups))) {
        shard_free(shard);
        return error_set(error, -ENOMEM,
                         "no memory for a worker: lower the limits in the configuration");
    }
    *ret_shard = shard;
    return 0;
}

int shard_new(const struct config *config, const struct lists *lists, shard_alert_fn alert,
              void *arg, struct shard **ret_shard, struct error *error)
{
    struct common *common = common_new(config, lists, 1);
    struct shard *shard;
    if (!common)
        return error_set(error, -ENOMEM, "no memory for what is known of domains");
    int r = shard_new_among(config, lists, common, 1, alert, arg, &shard, error);
    if (r < 0) {
        common_free(common);
        return r;
    }
    shard->own = common;
    shard->net = shard_net_new(config, &shard->metrics, error);
    if (!shard->net) {
        shard_free(shard);
        return -ENOMEM;
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
    counts_done(&shard->counts);
    allowance_done(&shard->allowance);
    pairs_done(&shard->pairs);
    bursts_done(&shard->bursts);
    held_done(&shard->held);
    signatures_done(&shard->signatures);
    anomalies_done(&shard->anomalies);
    collector_done(&shard->collector);
    arena_done(&shard->records);
    arena_done(&shard->copies);
    arena_done(&shard->lookups);
    common_free(shard->own);
    free(shard);
}

void shard_count_rules(struct shard *shard, struct rule_hits *hits)
{
    shard->signatures.hits = hits;
}

void shard_watch(struct shard *shard, int64_t since_ns)
{
    shard->watched = true;
    shard->common->knowledge.since_ns = since_ns;
}

int shard_keep_history(struct shard *shard, collector_fn sink, void *arg, struct error *error)
{
    if (collector_init(&shard->collector, sink, arg, &shard->metrics))
        return 0;
    return error_set(error, -ENOMEM, "no memory to keep a history; history.days: 0 needs none");
}

void shard_tell(struct shard *shard, shard_transaction_fn tell, void *arg)
{
    shard->tell = tell;
    shard->tell_arg = arg;
}

void shard_save(const struct shard *shard, struct buf *buf)
{
    assert(shard->slot_count == 0);
    if (shard->own)
        common_save(shard->own, buf);
    allowance_save(&shard->allowance, buf);
    anomalies_save(&shard->anomalies, buf);
    bursts_save(&shard->bursts, buf);
    pairs_save(&shard->pairs, buf);
    held_save(&shard->held, buf);
    merger_save(shard->merger, buf);
}

bool shard_load(struct shard *shard, struct image *image)
{
    return (!shard->own || common_load(shard->own, image)) &&
           allowance_load(&shard->allowance, image) && anomalies_load(&shard->anomalies, image) &&
           bursts_load(&shard->bursts, image) && pairs_load(&shard->pairs, image) &&
           held_load(&shard->held, image) && merger_load(shard->merger, image);
}

/* Of random-looking domains an entity has so many a day to itself; the others are one story. */
static void random_domain_ration(struct shard *shard, const struct transaction *transaction,
                                 const struct enrichment *enrichment, struct finding *finding)
{
    finding->more = allowance_take(&shard->allowance, enrichment->entity_hash,
                                   enrichment->domain_fixed, transaction->time_ns);
    if (finding->more) {
        finding->reason = REASON_RANDOM_MORE;
        finding->story = allowance_day(transaction->time_ns);
    }
}

/* Asks the detectors and merges what they find. */
static void transaction_detect(struct shard *shard, const struct detect_settings *settings,
                               const struct transaction *transaction,
                               const struct enrichment *enrichment)
{
    struct finding findings[DETECTOR_COUNT];
    unsigned below;
    unsigned count = detect_run(settings, transaction, enrichment, findings, &below);
    if (count + below == 0)
        return;
    /* The resolver's own leg of a look-up: its client is seen elsewhere, or nobody is to blame. */
    if (enrichment->entity_is_resolver) {
        below += count;
        count = 0;
    }
    for (unsigned i = 0; i < count; i++) {
        if (findings[i].detector == DETECTOR_RANDOM_DOMAIN)
            random_domain_ration(shard, transaction, enrichment, &findings[i]);
        merger_add(shard->merger, transaction, enrichment, &findings[i]);
    }
    shard->metrics.value[METRIC_FINDINGS] += below;
    shard->metrics.value[METRIC_FINDINGS_SUPPRESSED] += below;
}

/* A transaction that waited until its tunnel's direction was decided. The meters have counted it.
 */
static void held_judge(void *arg, const struct transaction *transaction, const struct addr *entity,
                       const struct tunnel_measure *tunnel)
{
    struct shard *shard = arg;
    struct enrichment enrichment;
    enrich(&shard->enricher, transaction, &enrichment);
    enrich_entity(&enrichment, entity);
    enrichment.judged_ns = tunnel->decide_ns;
    enrichment.tunnel = tunnel;
    transaction_detect(shard, &shard->detect_tunnels, transaction, &enrichment);
}

static void tunnel_follow(struct shard *shard, const struct transaction *transaction,
                          const struct enrichment *enrichment)
{
    const struct tunnel_measure *tunnel = enrichment->tunnel;
    if (tunnel->direction == TUNNEL_UNDECIDED)
        held_keep(&shard->held, transaction, &enrichment->entity, tunnel, held_judge, shard);
    else if (tunnel->decided_now)
        held_release(&shard->held, tunnel, held_judge, shard);
}

/* How much of the past is known at this time. */
static enum history history_at(const struct shard *shard, int64_t now_ns)
{
    const int64_t day_ns = 86400 * NS_PER_S;
    if (!shard->watched)
        return HISTORY_INPUT;
    bool begun = shard->common->knowledge.since_ns != INT64_MAX;
    return begun && now_ns - shard->common->knowledge.since_ns >=
                        (int64_t)shard->config->novelty.warm_up_days * day_ns
               ? HISTORY_NETWORK
               : HISTORY_SHORT;
}

/* Counts the transaction for its registrable domain and adds what is known of that. */
static void domain_measure(struct shard *shard, const struct transaction *transaction,
                           struct enrichment *enrichment)
{
    unsigned registrable = (unsigned)enrichment->registrable;
    struct domain *domain =
        domains_count(&shard->counts.domains, &shard->common->knowledge.domains,
                      transaction->question->hash[registrable],
                      tally_client_hashed(enrichment->entity_fixed), transaction->time_ns);
    enrichment->domain = domain;
    if (domain_traits_give(domain, enrichment))
        return;
    enrich_domain(transaction->question, registrable, enrichment);
    domain_traits_keep(domain, enrichment);
}

/* The client on the wire, as tallies know it: nearly always the entity. */
static uint32_t asker_tally(const struct transaction *transaction,
                            const struct enrichment *enrichment)
{
    return addr_equal(&transaction->client, &enrichment->entity)
               ? tally_client_hashed(enrichment->entity_fixed)
               : tally_client(&transaction->client);
}

/* A name that cannot speak of mining is looked through once. */
static void mining_look(struct shard *shard, const struct dns_name *question,
                        struct enrichment *enrichment)
{
    if (enrichment->registrable < 0 || (enrichment->lacks & NAME_LACKS_MINING) ||
        currency_mining_may_be(question, (unsigned)enrichment->registrable))
        return;
    enrichment->lacks |= NAME_LACKS_MINING;
    known_add(&shard->enricher.known, question, NAME_LACKS_MINING);
}

/* The meters, then the detectors; called by pairing for each transaction. */
static void transaction_judge(void *arg, const struct transaction *transaction)
{
    struct shard *shard = arg;
    struct enrichment enrichment;
    struct lookalike lookalike;
    if (shard->tell)
        shard->tell(shard->tell_arg, transaction);
    enrich(&shard->enricher, transaction, &enrichment);
    if (enrichment.registrable >= 0)
        domain_measure(shard, transaction, &enrichment);
    enrichment.history = (uint8_t)history_at(shard, transaction->time_ns);
    const bool *on = shard->detect.enabled; /* a meter nobody reads is not kept */
    if (on[DETECTOR_PHISHING_DOMAIN])
        enrichment.lookalike = lookalike_look(&shard->enricher.known, shard->brands,
                                              transaction->question, &enrichment, &lookalike);
    if (on[DETECTOR_CURRENCY_MINING])
        mining_look(shard, transaction->question, &enrichment);
    if (on[DETECTOR_GENERATED_DOMAINS])
        enrichment.burst = bursts_count(&shard->bursts, transaction, &enrichment);
    if (on[DETECTOR_RANDOM_DOMAIN] && random_domain_is_stranger(transaction, &enrichment))
        enrichment.strangers =
            allowance_meet(&shard->allowance, enrichment.entity_hash, enrichment.domain_fixed,
                           random_domain_looks_ordinary(&enrichment), transaction->time_ns);
    if (on[DETECTOR_PROTOCOL_ANOMALY]) {
        resolvers_count(&shard->counts.resolvers, transaction,
                        asker_tally(transaction, &enrichment));
        enrichment.anomaly = anomalies_count(&shard->anomalies, transaction, &enrichment);
    }
    if (on[DETECTOR_DATA_EXFILTRATION] || on[DETECTOR_DATA_INFILTRATION] ||
        on[DETECTOR_DATA_OBFUSCATION])
        enrichment.tunnel = pairs_count(&shard->pairs, transaction, &enrichment);
    if (shard->has_rules)
        enrichment.signature = signatures_judge(&shard->signatures, transaction, &enrichment);
    if (enrichment.tunnel)
        tunnel_follow(shard, transaction, &enrichment);
    uint64_t before = shard->metrics.value[METRIC_FINDINGS_NEW];
    transaction_detect(shard, &shard->detect, transaction, &enrichment);
    if (canary_is_client(&enrichment.entity))
        shard->metrics.value[METRIC_CANARY_ALERTS] +=
            shard->metrics.value[METRIC_FINDINGS_NEW] - before;
    else if (shard->collector.slots && transaction->question)
        collector_count(&shard->collector, transaction, &enrichment);
}

/* The sets have come by now: asks for the records they point to. */
static void batch_prefetch(const struct shard *shard)
{
    for (unsigned i = 0; i < shard->slot_count; i++) {
        const struct slot *slot = &shard->slots[i];
        if (!slot->to_server)
            pairing_prefetch_query(shard->pairing, slot->pairing_key);
        if (slot->domain_hash) {
            if (!domains_prefetch_record(&shard->counts.domains, &shard->common->knowledge.domains,
                                         slot->domain_hash))
                popularity_prefetch(&slot->message.question,
                                    (unsigned)slot->ahead.facts.registrable);
            pairs_prefetch_record(&shard->pairs, slot->pair_key);
            bursts_prefetch_client(&shard->bursts, slot->ahead.client_hash);
            allowance_prefetch_record(&shard->allowance, slot->ahead.client_hash);
        }
    }
}

void shard_edge(struct shard *shard, int64_t edge_ns)
{
    /* A transaction is judged when its response has come or can come no more, so what waits for a
     * time waits as much longer. */
    int64_t judged_ns = edge_ns - shard->timeout_ns;
    pairing_expire(shard->pairing, edge_ns);
    held_expire(&shard->held, judged_ns - NS_PER_S, held_judge, shard);
    merger_expire(shard->merger, judged_ns);
    if (shard->collector.slots)
        collector_time(&shard->collector, judged_ns);
}

/* Where leaks are told: each to the shard that has their client. */
struct merging {
    struct shard *const *shards;
    unsigned count;
};

static void leak_tell(void *arg, const struct transaction *transaction, const struct addr *entity,
                      const struct tunnel_measure *measure)
{
    const struct merging *merging = arg;
    held_judge(merging->shards[shard_of(entity, merging->count)], transaction, entity, measure);
}

void shards_merge(struct shard *const shards[], unsigned count, int64_t edge_ns)
{
    struct counts *counts[SHARDS_MAX];
    struct merging merging = {shards, count};
    assert(count <= SHARDS_MAX);
    for (unsigned i = 0; i < count; i++)
        counts[i] = &shards[i]->counts;
    knowledge_merge(&shards[0]->common->knowledge, counts, count, edge_ns, leak_tell, &merging);
}

/* Seldom called, and kept apart from what is asked for every message. */
static __attribute__((noinline)) void edge_pass(struct shard *shard, int64_t edge_ns)
{
    shard_edge(shard, edge_ns);
    shards_merge(&shard, 1, edge_ns);
}

/* Edges of epochs up to a message: what is due before one is judged before it. */
static void epochs_pass(struct shard *shard, int64_t now_ns)
{
    int64_t edge_ns;
    while (epochs_due(&shard->epochs, now_ns, &edge_ns))
        edge_pass(shard, edge_ns);
}

/* There is room for the lookups of a whole batch. */
static void slot_read_ahead(struct shard *shard, struct slot *slot)
{
    struct lookups *lookups = arena_take(&shard->lookups, sizeof(*lookups));
    enrich_ahead(&shard->enricher, &slot->message, &slot->packet.dst, &slot->ahead, lookups);
    arena_give_back(&shard->lookups, (LOOKUP_WORDS_MAX - lookups->used) * sizeof(*lookups->words));
}

/* Asks for the memory the judgement of a slot's question will need, once what is kept about the
 * name has come. */
static void slot_look_up(struct shard *shard, struct slot *slot)
{
    const struct dns_name *question = &slot->message.question;
    const struct ahead *ahead = &slot->ahead;
    if (!slot->looked_up)
        return;
    slot_read_ahead(shard, slot);
    if (ahead->facts.registrable < 0)
        return;
    slot->domain_hash = question->hash[ahead->facts.registrable];
    domains_prefetch(&shard->counts.domains, &shard->common->knowledge.domains, slot->domain_hash);
    slot->pair_key = pairs_key(ahead->client_hash, slot->domain_hash);
    pairs_prefetch(&shard->pairs, slot->pair_key);
    pairs_prefetch_doorway(&shard->pairs, ahead->domain_fixed, ahead->client_fixed);
    bursts_prefetch(&shard->bursts, ahead->client_hash);
    allowance_prefetch(&shard->allowance, ahead->client_hash);
    if (shard->collector.slots)
        collector_prefetch(&shard->collector, &slot->packet.dst, question);
}

static void batch_run(struct shard *shard)
{
    if (shard->slot_count)
        slot_look_up(shard, &shard->slots[shard->slot_count - 1]);
    batch_prefetch(shard);
    for (unsigned i = 0; i < shard->slot_count; i++) {
        const struct slot *slot = &shard->slots[i];
        if (shard->own)
            epochs_pass(shard, slot->packet.time_ns);
        shard->enricher.next = &slot->ahead;
        pairing_message(shard->pairing, &slot->packet, &slot->message, slot->to_server,
                        slot->pairing_key);
    }
    shard->slot_count = 0;
    arena_reset(&shard->records);
    arena_reset(&shard->copies);
    arena_reset(&shard->lookups);
}

/* Decodes a packet, whose bytes stand at `data`, into the next slot and asks for what is kept about
 * its name. */
static void slot_fill(struct shard *shard, const struct packet *packet, const uint8_t *data)
{
    struct slot *slot = &shard->slots[shard->slot_count++];
    struct dns_message *message = &slot->message;
    enum malformed malformed = message_read(message, data, packet->len, &shard->records);
    /* Copied after that, for the layers below have only just written it. */
    slot->packet = *packet;
    slot->packet.data = data;
    if (malformed == MALFORMED_NONE)
        shard->metrics.value[METRIC_MESSAGES_OK]++;
    else
        shard->metrics.malformed[malformed]++;
    message->cut = packet->cut;
    message->unframed = packet->unframed;
    slot->to_server = packet_goes_to_server(&shard->ports, packet);
    slot->pairing_key = pairing_prefetch(shard->pairing, packet, slot->to_server, message->id);
    slot->domain_hash = 0;
    slot->ahead.question = NULL;
    slot->looked_up = !slot->to_server && message->has_question;
    if (!slot->looked_up)
        return;
    name_hash(&message->question); /* a query's is judged by its response's, or read again */
    enrich_prefetch(&shard->enricher, &message->question);
}

/* A response that came back. It was judged when it came, if it was seen; all that is new is that
 * nobody waited for it, so it is no message and no meter counts it but that of anomalies. Whoever
 * asked was only impatient: he asks several resolvers at once, or this one was too slow for him. */
static void bounced_take(struct shard *shard, const struct packet *packet)
{
    struct dns_message *message = &shard->slots[0].message; /* free between batches */
    struct enrichment enrichment;
    batch_run(shard);
    if (shard->own)
        epochs_pass(shard, packet->time_ns);
    if (!shard->detect.enabled[DETECTOR_PROTOCOL_ANOMALY])
        return;
    message_decode(message, packet->data, packet->len, &shard->records);
    message->cut = packet->cut;
    message->unframed = false;
    if (pairing_was_asked(shard->pairing, packet, message)) {
        arena_reset(&shard->records);
        return;
    }
    const struct transaction transaction =
        transaction_of_response(packet, message, UNASKED_BOUNCED);
    shard->enricher.next = NULL;
    enrich(&shard->enricher, &transaction, &enrichment);
    enrichment.anomaly = anomalies_count(&shard->anomalies, &transaction, &enrichment);
    transaction_detect(shard, &shard->detect_bounced, &transaction, &enrichment);
    arena_reset(&shard->records);
}

static void packet_take(void *arg, const struct packet *packet)
{
    struct shard *shard = arg;
    if (packet->bounced) {
        bounced_take(shard, packet);
        return;
    }
    const uint8_t *data = packet->data;
    bool copied = packet->reassembled;
    if (shard->slot_count == BATCH_PACKETS || arena_left(&shard->records) < MESSAGE_ARENA_BYTES ||
        (copied && arena_left(&shard->copies) < packet->len + 8))
        batch_run(shard);
    if (copied) {
        data = memcpy(arena_take(&shard->copies, packet->len), packet->data, packet->len);
    }
    slot_fill(shard, packet, data);
    if (shard->slot_count > 1)
        slot_look_up(shard, &shard->slots[shard->slot_count - 2]);
}

void shard_packet(struct shard *shard, const struct packet *packet)
{
    shard->metrics.value[METRIC_MESSAGES_IN]++;
    packet_take(shard, packet);
    batch_run(shard);
}

void shard_packets(struct shard *shard, const struct packet *packets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        packet_take(shard, &packets[i]);
    batch_run(shard);
}

void shard_frames(struct shard *shard, const struct frame *frames, size_t count)
{
    for (size_t i = 0; i < count; i++)
        net_frame(shard->net, &frames[i], packet_take, shard);
    batch_run(shard);
}

/* What a shard changes over to. */
struct shard_reload {
    const struct config *config;
    const struct lists *lists;
    struct suffix_cache *suffixes;
    bool has_rules;
    struct signatures signatures;
};

struct shard_reload *shard_reload_prepare(struct shard *shard, const struct config *config,
                                          const struct lists *lists)
{
    struct shard_reload *reload = calloc(1, sizeof(*reload));
    if (!reload)
        return NULL;
    reload->config = config;
    reload->lists = lists;
    reload->suffixes = suffix_cache_new(lists->suffixes);
    reload->has_rules = wants_rules(config, lists);
    if (reload->suffixes &&
        (!reload->has_rules || signatures_init(&reload->signatures, lists->rule_index,
                                               reload->suffixes, &shard->metrics)))
        return reload;
    shard_reload_free(reload);
    return NULL;
}

void shard_reload_free(struct shard_reload *reload)
{
    if (!reload)
        return;
    suffix_cache_free(reload->suffixes);
    signatures_done(&reload->signatures);
    free(reload);
}

/* The old ones change places with those that were prepared, and are freed with them. */
static void readers_swap(struct shard *shard, struct shard_reload *reload)
{
    struct suffix_cache *suffixes = shard->enricher.suffixes;
    struct signatures signatures = shard->signatures;
    shard->enricher.suffixes = reload->suffixes;
    shard->signatures = reload->signatures;
    shard->has_rules = reload->has_rules;
    reload->suffixes = suffixes;
    reload->signatures = signatures;
}

void shard_reload(struct shard *shard, struct shard_reload *reload)
{
    assert(shard->slot_count == 0); /* a batch is judged by one snapshot */
    /* What the new lists are then held against is whole. */
    if (shard->collector.slots)
        collector_flush(&shard->collector);
    readers_swap(shard, reload);
    shard->config = shard->enricher.config = reload->config;
    shard->intel = shard->enricher.intel = reload->lists->intel;
    shard->enricher.profiles = reload->lists->profiles;
    shard->brands = reload->lists->brands;
    shard->enricher.known = (struct known_names){0};
    shard->ports = (struct dns_ports){0};
    dns_ports_set(&shard->ports, shard->config->capture.ports.items,
                  shard->config->capture.ports.count);
    detect_settle(shard);
    anomalies_settle(&shard->anomalies, shard->config);
    shard->pairs.config = tunnels_settle(shard);
    shard->bursts.config = bursts_settle(shard);
    const struct merge_config merge = merge_settle(shard);
    merger_settle(shard->merger, &merge);
}

/* Whoever takes the alerts that shard_show_new() and shard_show_changed() show. */
struct show {
    const struct shard *shard;
    shard_alert_fn take;
    void *arg;
};

static void show_one(void *arg, struct alert *alert, uint64_t domain_hash)
{
    const struct show *show = arg;
    prevalence_add(show->shard, alert, domain_hash);
    show->take(show->arg, alert);
}

void shard_show_new(struct shard *shard, shard_alert_fn take, void *arg)
{
    struct show show = {shard, take, arg};
    merger_show_new(shard->merger, show_one, &show);
}

void shard_show_changed(struct shard *shard, int64_t now_ns, shard_alert_fn take, void *arg)
{
    struct show show = {shard, take, arg};
    merger_show_changed(shard->merger, now_ns, SHOW_PAUSE_NS, show_one, &show);
}

/* What the meters gave up or kept to themselves. */
static void meters_report(struct shard *shard)
{
    uint64_t *value = shard->metrics.value;
    value[METRIC_COUNTS_LOST] = counts_lost(&shard->counts);
    value[METRIC_PAIRS_EVICTED] = shard->pairs.table.evicted;
    value[METRIC_TUNNELS_EARLY] = shard->held.early;
    value[METRIC_TUNNELS_SERVICE] = shard->pairs.services;
    value[METRIC_DOMAINS_EVICTED] = 0;
    if (shard->own)
        common_report(shard->own, &shard->metrics);
}

const struct metrics *shard_metrics(struct shard *shard)
{
    meters_report(shard);
    return &shard->metrics;
}

void shard_end(struct shard *shard)
{
    batch_run(shard);
    pairing_finish(shard->pairing);
    held_expire(&shard->held, INT64_MAX, held_judge, shard);
}

void shard_close(struct shard *shard)
{
    merger_finish(shard->merger);
    if (shard->collector.slots)
        collector_flush(&shard->collector);
}

void shard_finish(struct shard *shard)
{
    net_finish(shard->net);
    shard_end(shard);
    shards_merge(&shard, 1, shard->epochs.next_ns);
    shard_close(shard);
}
