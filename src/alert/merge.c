/* merge.c - turns findings into alerts: repeats of one story update its alert
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/merge.h"

#include "alert/id.h"
#include "base/hash.h"

#include <dnsvigil/name.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct open_alert {
    struct open_alert *chain;         /* next in the same bucket, or in the free list */
    struct open_alert *older, *newer; /* by last change */
    uint64_t key;
    uint64_t domain_hash;
    int64_t touched_ns; /* when it last changed; the window counts from here */
    int64_t shown_ns;   /* when it was shown last */
    bool shown;         /* while open */
    bool changed;       /* since then */
    uint64_t sample_hash[ALERT_SAMPLES_MAX];
    struct alert alert;
};

struct merger {
    struct merge_config config;
    struct merge_hooks hooks;
    struct metrics *metrics;
    struct open_alert **buckets;
    uint64_t bucket_mask;
    struct open_alert *pool;    /* [open_max]: the kernel gives its pages as alerts open */
    struct open_alert *unused;  /* free list through `chain` */
    struct open_alert **sorted; /* [open_max], for merger_finish() */
    unsigned open_count;
    unsigned new_count; /* of these, not shown yet */
    struct open_alert *oldest, *newest;
};

struct merger *merger_new(const struct merge_config *config, const struct merge_hooks *hooks,
                          struct metrics *metrics)
{
    struct merger *merger = calloc(1, sizeof(*merger));
    if (!merger)
        return NULL;
    uint64_t buckets = 1;
    while (buckets < config->open_max)
        buckets *= 2;
    *merger = (struct merger){
        .config = *config,
        .hooks = *hooks,
        .metrics = metrics,
        .buckets = calloc(buckets, sizeof(*merger->buckets)),
        .bucket_mask = buckets - 1,
        .pool = calloc(config->open_max, sizeof(*merger->pool)),
        .sorted = calloc(config->open_max, sizeof(*merger->sorted)),
    };
    if (!merger->buckets || !merger->pool || !merger->sorted) {
        merger_free(merger);
        return NULL;
    }
    return merger;
}

void merger_free(struct merger *merger)
{
    if (!merger)
        return;
    free(merger->buckets);
    free(merger->pool);
    free(merger->sorted);
    free(merger);
}

void merger_settle(struct merger *merger, const struct merge_config *config)
{
    unsigned open_max = merger->config.open_max;
    merger->config = *config;
    merger->config.open_max = open_max;
}

static void order_remove(struct merger *merger, struct open_alert *open)
{
    *(open->older ? &open->older->newer : &merger->oldest) = open->newer;
    *(open->newer ? &open->newer->older : &merger->newest) = open->older;
}

static void order_append(struct merger *merger, struct open_alert *open)
{
    open->older = merger->newest;
    open->newer = NULL;
    *(merger->newest ? &merger->newest->newer : &merger->oldest) = open;
    merger->newest = open;
}

static struct open_alert **bucket_link(struct merger *merger, uint64_t key)
{
    struct open_alert **link = &merger->buckets[key & merger->bucket_mask];
    while (*link && (*link)->key != key)
        link = &(*link)->chain;
    return link;
}

/* A zeroed slot: one used before, else the next untouched one of the pool (all slots before the
 * open ones have been used, so their number tells where that is). */
static struct open_alert *slot_take(struct merger *merger)
{
    struct open_alert *slot = merger->unused;
    if (!slot)
        return &merger->pool[merger->open_count];
    merger->unused = slot->chain;
    memset(slot, 0, sizeof(*slot));
    return slot;
}

/* Takes the alert out of the merger, hands it to the sink and forgets it. */
static void alert_close(struct merger *merger, struct open_alert *open)
{
    struct open_alert **link = bucket_link(merger, open->key);
    *link = open->chain;
    order_remove(merger, open);
    merger->open_count--;
    merger->new_count -= !open->shown;
    merger->metrics->value[METRIC_ALERTS]++;
    merger->hooks.sink(merger->hooks.arg, &open->alert, open->domain_hash);
    open->chain = merger->unused;
    merger->unused = open;
}

/* The label from which on the question is what the alert is about: the finding's choice, else the
 * registrable domain, else the whole name. */
static unsigned subject_label(const struct enrichment *enrichment, const struct finding *finding)
{
    if (finding->label >= 0)
        return (unsigned)finding->label;
    return enrichment->registrable >= 0 ? (unsigned)enrichment->registrable : 0;
}

static uint64_t domain_hash_of(const struct transaction *transaction,
                               const struct enrichment *enrichment, const struct finding *finding)
{
    if (!transaction->question)
        return hash_seed;
    return transaction->question->hash[subject_label(enrichment, finding)];
}

static void feature_copy(const struct feature *from, struct alert_feature *to)
{
    snprintf(to->name, sizeof(to->name), "%s", from->name);
    snprintf(to->unit, sizeof(to->unit), "%s", from->unit);
    to->value = from->value;
    to->threshold = from->threshold;
}

/* The finding decides reason, severity, confidence and numbers; a stronger one replaces a weaker.
 */
static void evidence_take(struct merger *merger, struct alert *alert,
                          const struct transaction *transaction,
                          const struct enrichment *enrichment, const struct finding *finding)
{
    alert->reason = finding->reason;
    alert->severity = (uint8_t)finding->severity;
    alert->confidence = finding->confidence;
    alert->feature_count = finding->feature_count;
    for (unsigned i = 0; i < finding->feature_count; i++)
        feature_copy(&finding->features[i], &alert->features[i]);
    alert->has_indicator = finding->hit >= 0;
    if (alert->has_indicator)
        merger->hooks.indicator(merger->hooks.arg, transaction, &enrichment->hits[finding->hit],
                                &alert->indicator);
}

/* Keeps the transaction as a sample unless the same question is there or there is no room. */
static void sample_take(struct merger *merger, struct open_alert *open,
                        const struct transaction *transaction)
{
    struct alert *alert = &open->alert;
    uint64_t hash = transaction->question ? transaction->question->hash[0] : 0;
    hash = hash_mix(hash ^ transaction->qtype, HASH_FIXED_SEED);
    for (unsigned i = 0; i < alert->sample_count; i++)
        if (open->sample_hash[i] == hash)
            return;
    if (alert->sample_count >= merger->config.samples_max)
        return;
    open->sample_hash[alert->sample_count] = hash;
    merger->hooks.sample(merger->hooks.arg, transaction, &alert->samples[alert->sample_count++]);
}

static void alert_fill(struct merger *merger, struct open_alert *open,
                       const struct transaction *transaction, const struct enrichment *enrichment,
                       const struct finding *finding)
{
    struct alert *alert = &open->alert;
    alert->detector = finding->detector;
    alert->revision = 1;
    alert->start_ns = alert->end_ns = transaction->time_ns;
    alert->generated_ns = open->touched_ns;
    alert->count = 1;
    snprintf(alert->sensor, sizeof(alert->sensor), "%s", merger->config.sensor);
    addr_format(&enrichment->entity, alert->entity_ip);
    addr_format(&transaction->server, alert->resolver_ip);
    if (transaction->question) {
        name_to_text(transaction->question, 0, alert->qname);
        name_to_text(transaction->question, subject_label(enrichment, finding), alert->domain);
    } else {
        snprintf(alert->domain, sizeof(alert->domain), "%s", alert->resolver_ip);
    }
    evidence_take(merger, alert, transaction, enrichment, finding);
    merger->hooks.detail(merger->hooks.arg, transaction, enrichment, finding, alert);
    alert_identify(alert);
    sample_take(merger, open, transaction);
}

static int64_t judged_at(const struct transaction *transaction, const struct enrichment *enrichment)
{
    return enrichment->judged_ns > transaction->time_ns ? enrichment->judged_ns
                                                        : transaction->time_ns;
}

static void alert_open(struct merger *merger, uint64_t key, const struct transaction *transaction,
                       const struct enrichment *enrichment, const struct finding *finding)
{
    if (merger->open_count >= merger->config.open_max) {
        merger->metrics->value[METRIC_ALERTS_CLOSED_EARLY]++;
        alert_close(merger, merger->oldest);
    }
    struct open_alert *open = slot_take(merger);
    open->key = key;
    open->domain_hash = domain_hash_of(transaction, enrichment, finding);
    open->touched_ns = judged_at(transaction, enrichment);
    alert_fill(merger, open, transaction, enrichment, finding);
    *bucket_link(merger, key) = open;
    order_append(merger, open);
    merger->open_count++;
    merger->new_count++;
    merger->metrics->value[METRIC_FINDINGS_NEW]++;
}

static void alert_update(struct merger *merger, struct open_alert *open,
                         const struct transaction *transaction, const struct enrichment *enrichment,
                         const struct finding *finding)
{
    struct alert *alert = &open->alert;
    alert->count++;
    open->changed = true;
    int64_t judged_ns = judged_at(transaction, enrichment);
    if (judged_ns > open->touched_ns)
        open->touched_ns = alert->generated_ns = judged_ns;
    if (transaction->time_ns > alert->end_ns)
        alert->end_ns = transaction->time_ns;
    if (finding->severity > alert->severity ||
        (finding->severity == alert->severity && finding->confidence > alert->confidence))
        evidence_take(merger, alert, transaction, enrichment, finding);
    merger->hooks.detail(merger->hooks.arg, transaction, enrichment, finding, alert);
    sample_take(merger, open, transaction);
    order_remove(merger, open);
    order_append(merger, open);
    merger->metrics->value[METRIC_FINDINGS_MERGED]++;
}

void merger_add(struct merger *merger, const struct transaction *transaction,
                const struct enrichment *enrichment, const struct finding *finding)
{
    uint64_t key =
        finding->story ? finding->story : domain_hash_of(transaction, enrichment, finding);
    key = hash_mix(key ^ finding->detector, hash_bytes(enrichment->entity.bytes, 16, hash_seed));
    struct open_alert *open = *bucket_link(merger, key);
    int64_t now = transaction->time_ns;
    merger->metrics->value[METRIC_FINDINGS]++;
    if (open && (now - open->touched_ns > merger->config.window_ns ||
                 now - open->alert.start_ns > merger->config.reraise_ns)) {
        alert_close(merger, open);
        open = NULL;
    }
    if (open)
        alert_update(merger, open, transaction, enrichment, finding);
    else
        alert_open(merger, key, transaction, enrichment, finding);
}

void merger_expire(struct merger *merger, int64_t now_ns)
{
    while (merger->oldest && now_ns - merger->oldest->touched_ns > merger->config.window_ns)
        alert_close(merger, merger->oldest);
}

static void alert_show(struct open_alert *open, merge_alert_fn show, void *arg)
{
    open->shown = true;
    open->changed = false;
    open->shown_ns = open->touched_ns;
    show(arg, &open->alert, open->domain_hash);
}

/* New ones have changed lately, so they are not far back. */
void merger_show_new(struct merger *merger, merge_alert_fn show, void *arg)
{
    struct open_alert *open = merger->newest;
    for (; merger->new_count > 0; open = open->older) {
        if (open->shown)
            continue;
        alert_show(open, show, arg);
        merger->new_count--;
    }
}

void merger_show_changed(struct merger *merger, int64_t now_ns, int64_t pause_ns,
                         merge_alert_fn show, void *arg)
{
    for (struct open_alert *open = merger->oldest; open; open = open->newer)
        if (open->shown && open->changed && now_ns - open->shown_ns >= pause_ns)
            alert_show(open, show, arg);
}

static int alert_older(const void *a, const void *b)
{
    const struct alert *x = &(*(struct open_alert *const *)a)->alert;
    const struct alert *y = &(*(struct open_alert *const *)b)->alert;
    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    return strcmp(x->id, y->id);
}

void merger_finish(struct merger *merger)
{
    unsigned count = 0;
    for (struct open_alert *open = merger->oldest; open; open = open->newer)
        merger->sorted[count++] = open;
    qsort(merger->sorted, count, sizeof(*merger->sorted), alert_older);
    for (unsigned i = 0; i < count; i++)
        alert_close(merger, merger->sorted[i]);
}

/* All but the links, which mean nothing to another process. */
static char *saved_part(struct open_alert *open)
{
    return (char *)open + offsetof(struct open_alert, key);
}

enum { SAVED_BYTES = sizeof(struct open_alert) - offsetof(struct open_alert, key) };

void merger_save(const struct merger *merger, struct buf *buf)
{
    image_put(buf, "open", &merger->open_count, sizeof(merger->open_count));
    for (struct open_alert *open = merger->oldest; open; open = open->newer)
        image_put(buf, "alert", saved_part(open), SAVED_BYTES);
}

static bool alert_fits(const struct alert *alert)
{
    return alert->detector < DETECTOR_COUNT && alert->reason < REASON_COUNT &&
           alert->severity < SEVERITY_COUNT && alert->sample_count <= ALERT_SAMPLES_MAX &&
           alert->feature_count <= FEATURES_MAX;
}

bool merger_load(struct merger *merger, struct image *image)
{
    unsigned count;
    if (!image_get(image, "open", &count, sizeof(count)) || count > merger->config.open_max)
        return false;
    for (unsigned i = 0; i < count; i++) {
        struct open_alert *open = slot_take(merger);
        if (!image_get(image, "alert", saved_part(open), SAVED_BYTES) || !alert_fits(&open->alert))
            return false;
        *bucket_link(merger, open->key) = open;
        order_append(merger, open);
        merger->open_count++;
        merger->metrics->value[METRIC_ALERTS_RESUMED]++;
        merger->new_count += !open->shown;
    }
    return true;
}
