/* retro.c - asks the history about indicators that are new, and raises alerts about the past
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/retro.h"

#include "alert/id.h"
#include "alert/merge.h"
#include "base/hash.h"
#include "detect/detect.h"
#include "enrich/enrich.h"
#include "intel/fingerprint.h"
#include "pipeline/evidence.h"
#include "pipeline/retro_rules.h"
#include "store/history.h"

#include <dnsvigil/name.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PUT_BATCH = 64 };

/* The detectors that answer for list entries and for rules. */
static const enum detector asked[] = {
    DETECTOR_DARK_WEB,        DETECTOR_DARK_WEB_PROXY, DETECTOR_SINKHOLED_DOMAIN,
    DETECTOR_PHISHING_DOMAIN, DETECTOR_THREAT_INTEL,   DETECTOR_CURRENCY_MINING,
    DETECTOR_SIGNATURE,
};

/* A row of the history as the transaction it was. */
struct past {
    const struct history_row *row;
    struct transaction transaction;
    struct dns_name name;
    struct dns_message response;
    struct dns_record records[HISTORY_ADDRESSES_MAX + HISTORY_ALIASES_MAX];
    uint8_t data[MESSAGE_HEADER_BYTES + ANSWERS_BYTES_MAX];
};

struct retro {
    const struct retro_config *config;
    const struct lists *lists;
    struct enricher enricher;
    struct detect_settings detect;
    struct merger *merger;      /* of what is about one domain */
    struct merger *rule_merger; /* of what rules say, whatever the domains */
    struct retro_rules rules;
    struct metrics metrics;
    struct history_known now;  /* the indicators and rules that are loaded, sorted */
    struct history_known then; /* those the history has been asked for, sorted */
    struct retro_result result;
    int failure; /* first negative errno of what the merger's sink does */
    struct error *error;
    uint8_t domain[NAME_WIRE_MAX]; /* the rows that are read now are below it */
    size_t domain_len;
    struct past past;
    unsigned pending_count;
    struct alert pending[PUT_BATCH];
};

/* How many indicators are in `now` and not in `then`; both are sorted. */
static size_t fresh_count(const struct history_known *now, const struct history_known *then)
{
    size_t fresh = 0, at = 0;
    for (size_t i = 0; i < now->count; i++) {
        while (at < then->count && then->fingerprints[at] < now->fingerprints[i])
            at++;
        fresh += at == then->count || then->fingerprints[at] != now->fingerprints[i];
    }
    return fresh;
}

static bool is_fresh(const struct retro *retro, const struct indicator_hit *hit)
{
    return hit->ref != INDICATOR_SELF &&
           !history_known_has(&retro->then,
                              intel_fingerprint(retro->lists->intel, hit, retro->now.seed));
}

static bool has_fresh_hit(const struct retro *retro, const struct enrichment *enrichment)
{
    for (unsigned i = 0; i < enrichment->hit_count; i++)
        if (is_fresh(retro, &enrichment->hits[i]))
            return true;
    return false;
}

/* Writes the answers as records of a response. */
static void response_build(struct past *past, const struct history_row *row)
{
    struct cursor cursor = cursor_of(row->answers, row->answers_len);
    struct dns_message *response = &past->response;
    struct answer answer;
    unsigned at = MESSAGE_HEADER_BYTES, count = 0;
    while (count < sizeof(past->records) / sizeof(*past->records) &&
           answers_next(&cursor, &answer)) {
        uint16_t type = DNS_TYPE_CNAME;
        const struct addr *addr = (const struct addr *)answer.data;
        unsigned skip = 0;
        if (answer.field == MATCH_ADDRESS) {
            type = addr_is_v4(addr) ? DNS_TYPE_A : DNS_TYPE_AAAA;
            skip = type == DNS_TYPE_A ? ANSWER_ADDRESS_BYTES - 4 : 0;
        }
        unsigned len = answer.len - skip;
        memcpy(past->data + at, answer.data + skip, len);
        past->records[count++] = (struct dns_record){
            .rdata = (uint16_t)at,
            .rdata_len = (uint16_t)len,
            .type = type,
            .rrclass = 1,
            .section = DNS_SECTION_ANSWER,
        };
        at += len;
    }
    response->data = past->data;
    response->len = at;
    response->flags = DNS_FLAG_QR;
    response->rcode = row->rcode;
    response->records = past->records;
    response->record_count = (uint16_t)count;
}

static void past_build(struct past *past, const struct history_row *row)
{
    bool answered = row->rcode != HISTORY_NO_RCODE;
    past->row = row;
    history_name(row, &past->name);
    if (answered)
        response_build(past, row);
    past->transaction = (struct transaction){
        .time_ns = row->first_ns,
        .client = row->entity,
        .server = row->resolver,
        .qtype = row->qtype,
        .qclass = 1,
        .rcode = answered ? row->rcode : 0,
        .question = &past->name,
        .response = answered ? &past->response : NULL,
    };
}

/* A store_write_fn. The inventory is the writing thread's. */
static int pending_put(void *arg, struct store *store, struct error *error)
{
    struct retro *retro = arg;
    const struct alert *alerts[PUT_BATCH];
    struct store_put_result stored;
    for (unsigned i = 0; i < retro->pending_count; i++) {
        inventory_describe(retro->lists->inventory, &retro->pending[i]);
        alerts[i] = &retro->pending[i];
    }
    return store_put(store, alerts, retro->pending_count, &stored, error);
}

/* A store_write_fn. */
static int now_know(void *arg, struct store *store, struct error *error)
{
    const struct retro *retro = arg;
    return history_know(store, &retro->now, error);
}

static int written(struct retro *retro, store_write_fn fn, struct error *error)
{
    const struct store_writer *writer = &retro->config->writer;
    return writer->write(writer->arg, fn, retro, error);
}

static int pending_flush(struct retro *retro, struct error *error)
{
    const struct retro_config *config = retro->config;
    int r = retro->pending_count ? written(retro, pending_put, error) : 0;
    for (unsigned i = 0; r == 0 && config->alert && i < retro->pending_count; i++)
        r = config->alert(config->arg, &retro->pending[i], error);
    if (r == 0)
        retro->result.alerts += retro->pending_count;
    retro->pending_count = 0;
    return r;
}

/* How many clients asked for the domain, and when, counts over the history. */
static int prevalence_add(struct retro *retro, struct alert *alert, struct error *error)
{
    struct dns_name name;
    struct history_use use;
    if (!name_from_text(&name, alert->domain, strlen(alert->domain)))
        return 0;
    int r = history_use(retro->config->store, &name, &use, error);
    if (r < 0)
        return r;
    alert->prevalence_clients = use.clients;
    alert->prevalence_first_ns = use.first_ns;
    alert->prevalence_last_ns = use.last_ns;
    return 0;
}

static int alert_take(struct retro *retro, struct alert *alert, struct error *error)
{
    bool overlaps;
    int r = store_overlaps(retro->config->store, alert, &overlaps, error);
    if (r < 0 || overlaps)
        return r;
    alert->retroactive = true;
    alert->generated_ns = alert->end_ns;
    alert_identify(alert); /* the row that opened it need not have been the first */
    r = prevalence_add(retro, alert, error);
    if (r < 0)
        return r;
    retro->pending[retro->pending_count++] = *alert;
    return retro->pending_count == PUT_BATCH ? pending_flush(retro, error) : 0;
}

/* The merger's hooks. */

static void hook_sink(void *arg, struct alert *alert, uint64_t domain_hash)
{
    struct retro *retro = arg;
    (void)domain_hash;
    if (retro->failure == 0)
        retro->failure = alert_take(retro, alert, retro->error);
}

static void hook_indicator(void *arg, const struct transaction *transaction,
                           const struct indicator_hit *hit, struct alert_indicator *ret)
{
    const struct retro *retro = arg;
    evidence_indicator(retro->lists->intel, transaction, hit, ret);
}

/* How often the row was asked for what the finding is about: names below that have no row of their
 * own are counted on it, but not known. */
static uint64_t times_asked(const struct history_row *row, const struct enrichment *enrichment,
                            const struct finding *finding)
{
    const struct indicator_hit *hit = finding->hit >= 0 ? &enrichment->hits[finding->hit] : NULL;
    bool alone = !hit || (hit->field == MATCH_QNAME && hit->scope == SCOPE_EXACT);
    return alone ? row->count - row->further : row->count;
}

/* A row stands for many transactions: the merger has counted one of them, at the first time. */
static void hook_detail(void *arg, const struct transaction *transaction,
                        const struct enrichment *enrichment, const struct finding *finding,
                        struct alert *alert)
{
    struct retro *retro = arg;
    const struct history_row *row = retro->past.row;
    alert->count += times_asked(row, enrichment, finding) - 1;
    if (row->first_ns < alert->start_ns)
        alert->start_ns = row->first_ns;
    if (row->last_ns > alert->end_ns)
        alert->end_ns = row->last_ns;
    if (finding->detector != DETECTOR_SIGNATURE || alert->has_signature)
        return;
    alert->has_signature = true;
    signatures_describe(&retro->rules.signatures, transaction, enrichment->signature,
                        &alert->signature);
}

static void hook_sample(void *arg, const struct transaction *transaction, struct alert_sample *ret)
{
    (void)arg;
    evidence_sample(transaction, ret);
}

/* Rows below one domain come one after the other: when the next domain begins, the alerts about
 * this one are complete. Without a registrable domain the two last labels count. */
static void domain_enter(struct retro *retro, const struct history_row *row)
{
    const struct dns_name *name = &retro->past.name;
    unsigned labels = row->domain_labels ? row->domain_labels : 2;
    unsigned from = name->offset[name->labels > labels ? name->labels - labels : 0];
    size_t len = name->len - from;
    if (len == retro->domain_len && memcmp(retro->domain, name->wire + from, len) == 0)
        return;
    memcpy(retro->domain, name->wire + from, len);
    retro->domain_len = len;
    merger_finish(retro->merger);
}

static void row_detect(struct retro *retro, const struct enrichment *enrichment)
{
    const struct past *past = &retro->past;
    struct finding findings[DETECTOR_COUNT];
    unsigned below;
    unsigned count = detect_run(&retro->detect, &past->transaction, enrichment, findings, &below);
    for (unsigned i = 0; i < count; i++) {
        bool rule = findings[i].detector == DETECTOR_SIGNATURE;
        if ((rule || findings[i].hit >= 0) && times_asked(past->row, enrichment, &findings[i]) > 0)
            merger_add(rule ? retro->rule_merger : retro->merger, &past->transaction, enrichment,
                       &findings[i]);
    }
}

static int row_judge(void *context, const struct history_row *row, struct error *error)
{
    struct retro *retro = context;
    const struct transaction *transaction = &retro->past.transaction;
    struct enrichment enrichment;
    (void)error; /* the sink has it, too */
    past_build(&retro->past, row);
    domain_enter(retro, row);
    retro->result.rows++;
    enrich(&retro->enricher, transaction, &enrichment);
    if (retro->failure || enrichment.entity_is_resolver)
        return retro->failure;
    enrichment.signature = retro_rules_judge(&retro->rules, transaction, &enrichment);
    if (!has_fresh_hit(retro, &enrichment))
        enrichment.hit_count = 0; /* the lists had their say when they were new */
    if (enrichment.signature || enrichment.hit_count)
        row_detect(retro, &enrichment);
    return 0;
}

static void settings_of(const struct config *config, struct detect_settings *ret)
{
    struct detect_settings all;
    detect_settings_from(config, &all);
    *ret = all;
    memset(ret->enabled, 0, sizeof(ret->enabled));
    for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
        ret->enabled[asked[i]] = all.enabled[asked[i]];
}

static int judge_open(struct retro *retro, struct error *error)
{
    const struct config *config = retro->config->config;
    const struct merge_config merge = {
        .window_ns = INT64_MAX,
        .reraise_ns = INT64_MAX,
        .samples_max = (unsigned)config->alerts.samples_max,
        .open_max = (unsigned)config->alerts.open_max,
        .sensor = config->sensor,
    };
    const struct merge_hooks hooks = {
        .arg = retro,
        .sink = hook_sink,
        .indicator = hook_indicator,
        .detail = hook_detail,
        .sample = hook_sample,
    };
    retro->enricher = (struct enricher){.intel = retro->lists->intel,
                                        .profiles = retro->lists->profiles,
                                        .config = config,
                                        .suffixes = suffix_cache_new(retro->lists->suffixes),
                                        .metrics = &retro->metrics};
    retro->merger = merger_new(&merge, &hooks, &retro->metrics);
    retro->rule_merger = merger_new(&merge, &hooks, &retro->metrics);
    settings_of(config, &retro->detect);
    return retro->enricher.suffixes && retro->merger && retro->rule_merger &&
                   retro_rules_init(&retro->rules, retro->lists->rule_index, &retro->then,
                                    retro->enricher.suffixes, &retro->metrics)
               ? 0
               : error_set(error, -ENOMEM, "no memory to look through the history");
}

static int history_judge(struct retro *retro, struct error *error)
{
    int r = judge_open(retro, error);
    if (r == 0)
        r = history_each(retro->config->store, row_judge, retro, error);
    if (r == 0) {
        merger_finish(retro->merger);
        merger_finish(retro->rule_merger);
        r = retro->failure;
    }
    return r == 0 ? pending_flush(retro, error) : r;
}

/* Fingerprints what is loaded. The seed is drawn when the first set is kept, so that nobody can
 * make a name that is taken for a known one. */
static int now_take(struct retro *retro, struct error *error)
{
    const struct intel *intel = retro->lists->intel;
    const struct rule_set *rules = retro->lists->rules;
    struct history_known *now = &retro->now;
    size_t room = intel_count(intel) + retro_rules_count(rules) + 1;
    now->seed = retro->then.seed ? retro->then.seed : hash_mix(hash_seed, HASH_FIXED_SEED) | 1;
    now->fingerprints = calloc(room, sizeof(*now->fingerprints));
    if (!now->fingerprints)
        return error_set(error, -ENOMEM, "no memory to compare the lists with those before");
    now->count = intel_fingerprints(intel, now->seed, now->fingerprints);
    now->count += retro_rules_fingerprints(rules, now->seed, now->fingerprints + now->count);
    now->sum = now->count;
    for (size_t i = 0; i < now->count; i++)
        now->sum += now->fingerprints[i];
    return 0;
}

/* Compares what is loaded with what was known, looks what is new up, and remembers. */
static int lists_compare(struct retro *retro, struct error *error)
{
    struct store *store = retro->config->store;
    struct history_status status;
    uint64_t seed = retro->now.seed;
    history_known_sort(&retro->now);
    int r = history_known(store, true, &retro->then, error);
    if (r < 0)
        return r;
    retro->then.seed = seed;
    retro->result.indicators = fresh_count(&retro->now, &retro->then);
    r = history_status(store, &status, error);
    if (r == 0 && retro->result.indicators && status.rows)
        r = history_judge(retro, error);
    return r == 0 ? written(retro, now_know, error) : r;
}

static void retro_free(struct retro *retro)
{
    retro_rules_done(&retro->rules);
    free(retro->now.fingerprints);
    free(retro->then.fingerprints);
    suffix_cache_free(retro->enricher.suffixes);
    merger_free(retro->merger);
    merger_free(retro->rule_merger);
    free(retro);
}

int retro_run(const struct retro_config *config, struct retro_result *ret_result,
              struct error *error)
{
    struct retro *retro = calloc(1, sizeof(*retro));
    if (!retro)
        return error_set(error, -ENOMEM, "no memory to look through the history");
    retro->config = config;
    retro->lists = config->lists;
    retro->error = error;
    int r = history_known(config->store, false, &retro->then, error);
    if (r == 0)
        r = now_take(retro, error);
    bool same = retro->then.seed && retro->then.sum == retro->now.sum;
    if (r == 0 && !same)
        r = lists_compare(retro, error);
    if (r == 0)
        *ret_result = retro->result;
    retro_free(retro);
    return r;
}
