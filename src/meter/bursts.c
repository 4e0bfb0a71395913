/* bursts.c - for every client: the registrable domains that it lately asked for in vain
 * SPDX-License-Identifier: Apache-2.0 */
#include "meter/bursts.h"

#include "base/clock.h"
#include "base/hash.h"
#include "meter/burst_model.h"
#include "meter/domains.h"

#include <dnsvigil/name.h>
#include <dnsvigil/profile.h>
#include <math.h>
#include <string.h>

enum {
    RCODE_NOERROR = 0,
    RCODE_NXDOMAIN = 3,
    ALWAYS_NAMES = 16, /* windows up to this size are judged with every name … */
    SELDOM_NAMES = 4,  /* … larger ones with every fourth */
    DAY_S = 24 * 60 * 60,
    FOUND_WEIGHT = 4, /* so many domains found give chance as much room as one that was not */
};

static const float SCORE_ROOM = 1; /* log-odds */

/* One registrable domain. */
struct entry {
    uint32_t time_s;
    uint32_t hash; /* fixed seed */
    float score;
    uint8_t label_len;
    uint8_t tld_at; /* where the last label begins in text */
    uint8_t text_len;
    char text[BURST_TEXT_MAX]; /* presentation format without escapes; NUL-terminated */
};

/* What the names of an open window have in common, with some room for those still to come. */
struct make {
    uint8_t len_min, len_max;
    float score_min;
    bool any_tld; /* there are many */
};

struct client {
    uint32_t open_until_s; /* 0: no window is open */
    uint32_t day;          /* of the two counts */
    uint32_t failed;       /* distinct domains today, and half of the days before */
    uint32_t found;        /* new unpopular domains that do exist, alike */
    uint64_t found_hash;   /* the latest of these, so that A and AAAA count once */
    uint32_t added;
    float expected; /* of the open window */
    struct make make;
    uint16_t window; /* entries of the open window: the latest */
    uint8_t count;
    uint8_t reached_count;
    char reached[BURST_REACHED_MAX][BURST_TEXT_MAX];
    struct entry entries[BURST_NAMES_MAX]; /* oldest first */
};
static_assert(offsetof(struct client, reached) + sizeof(uint64_t) <= 64, "what comes first is one cache line");

bool bursts_init(struct bursts *bursts, const struct bursts_config *config)
{
    *bursts = (struct bursts){.config = *config};
    if (!table_init(&bursts->table, config->records_max, sizeof(struct client)))
        return false;
    table_clear_only(&bursts->table, offsetof(struct client, reached));
    return true;
}

void bursts_done(struct bursts *bursts)
{
    table_done(&bursts->table);
}

/* Top-level domains of other roots than the public one (Namecoin, EmerDNS): names exist there, and
 * nobody but their owner can take them away, which malware likes. */
static bool is_other_root(const struct dns_name *name)
{
    static const char *const tlds[] = {"bazar", "bit", "coin", "emc", "lib"};
    size_t len;
    const uint8_t *tld = name_label(name, name->labels - 1u, &len);
    for (size_t i = 0; i < sizeof(tlds) / sizeof(*tlds); i++)
        if (strlen(tlds[i]) == len && memcmp(tlds[i], tld, len) == 0)
            return true;
    return false;
}

/* The label at which the name's domain begins, or -1. */
static int domain_label(const struct dns_name *name, const struct enrichment *enrichment)
{
    if (enrichment->registrable >= 0)
        return enrichment->registrable;
    bool other =
        enrichment->suffix_class == SUFFIX_UNDELEGATED && name->labels >= 2 && is_other_root(name);
    return other ? name->labels - 2 : -1;
}

/* Whether whoever uses the domain chose its label: below many providers' suffixes the provider
 * draws it. */
static bool is_chosen(const struct enrichment *enrichment)
{
    return enrichment->suffix_class != SUFFIX_PRIVATE ||
           (profile_is_open(enrichment) && !profile_exempts(enrichment, DETECTOR_RANDOM_DOMAIN));
}

/* Whether nothing is known of the question that would explain it. */
static bool is_unknown(const struct enrichment *enrichment)
{
    return is_chosen(enrichment) && !enrichment->popularity && !enrichment->popular &&
           !enrichment->allowed && !profile_exempts(enrichment, DETECTOR_GENERATED_DOMAINS);
}

static bool is_host_byte(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* The name from `label` on as text. False when it has bytes that no generator would choose. */
static bool text_write(const struct dns_name *name, unsigned label, struct entry *ret)
{
    size_t used = 0;
    for (unsigned i = label; i < name->labels; i++) {
        size_t len;
        const uint8_t *at = name_label(name, i, &len);
        if (used && used + 1 < BURST_TEXT_MAX)
            ret->text[used++] = '.';
        if (i == name->labels - 1u)
            ret->tld_at = (uint8_t)used;
        for (size_t c = 0; c < len; c++) {
            if (!is_host_byte(at[c]))
                return false;
            if (used + 1 < BURST_TEXT_MAX)
                ret->text[used++] = (char)at[c];
        }
    }
    ret->text[used] = 0;
    ret->text_len = (uint8_t)used;
    return true;
}

/* Describes the question's domain. False when it is none that could be generated. */
static bool entry_make(const struct bursts *bursts, const struct transaction *transaction,
                       const struct enrichment *enrichment, struct entry *ret)
{
    const struct dns_name *name = transaction->question;
    int label = domain_label(name, enrichment);
    if (label < 0 || !is_unknown(enrichment))
        return false;
    struct lexical lexical = enrichment->lexical;
    if (!lexical.known)
        bursts->config.score(name, (unsigned)label, &lexical);
    if (!lexical.known || !text_write(name, (unsigned)label, ret))
        return false;
    unsigned at = name->offset[label];
    ret->time_s = (uint32_t)(transaction->time_ns / NS_PER_S);
    ret->hash = (uint32_t)hash_bytes(name->wire + at, name->len - at, HASH_FIXED_SEED);
    ret->score = lexical.score;
    ret->label_len = name->wire[at];
    return true;
}

/* Yesterday counts half. */
static void client_age(struct client *client, uint32_t now_s)
{
    uint32_t day = now_s / DAY_S;
    if (day <= client->day)
        return;
    unsigned days = day - client->day < 31 ? day - client->day : 31;
    client->failed >>= days;
    client->found >>= days;
    client->day = day;
}

/* Forgets what was told when no more of it came. */
static void client_close(struct client *client, uint32_t now_s)
{
    if (!client->open_until_s || now_s <= client->open_until_s)
        return;
    client->open_until_s = 0;
    client->count = client->reached_count = 0;
    client->window = 0;
}

/* Whether the client's entries have this domain; one from before the fast window is taken out to be
 * added anew. */
static bool entry_known(struct client *client, const struct entry *entry, uint32_t fast_s)
{
    unsigned at = 0;
    while (at < client->count && client->entries[at].hash != entry->hash)
        at++;
    if (at == client->count)
        return false;
    if (entry->time_s <= client->entries[at].time_s + fast_s)
        return true;
    client->count--;
    memmove(&client->entries[at], &client->entries[at + 1],
            (client->count - at) * sizeof(*client->entries));
    return false;
}

static void entry_add(struct client *client, const struct entry *entry)
{
    if (client->count == BURST_NAMES_MAX) {
        client->count--;
        memmove(client->entries, client->entries + 1, client->count * sizeof(*client->entries));
    }
    client->entries[client->count++] = *entry;
    client->added++;
}

/* How many of the latest entries came within `window_s` before `now_s`. */
static unsigned entries_since(const struct client *client, uint32_t now_s, uint32_t window_s)
{
    unsigned count = 0;
    while (count < client->count &&
           now_s <= client->entries[client->count - 1 - count].time_s + window_s)
        count++;
    return count;
}

static void labels_fill(const struct entry *entries, unsigned count, struct burst_label *ret)
{
    for (unsigned i = 0; i < count; i++) {
        const struct entry *entry = &entries[i];
        ret[i] = (struct burst_label){
            .label = (const uint8_t *)entry->text,
            .tld = (const uint8_t *)entry->text + entry->tld_at,
            .len = entry->label_len,
            .tld_len = (uint8_t)(entry->text_len - entry->tld_at),
            .score = entry->score,
        };
    }
}

static const struct entry *entries_latest(const struct client *client, unsigned count)
{
    return client->entries + client->count - count;
}

/* Chance has one window for every 64 names that a client asks for. */
static double windows_tried(const struct client *client)
{
    double names = client->failed + (double)client->found / FOUND_WEIGHT;
    return fmax(1, names / BURST_NAMES_MAX);
}

struct verdict {
    double expected;
    unsigned names;
};

/* Judges the latest `names` entries, or as many of them as there is a model for. */
static void window_judge(const struct client *client, unsigned names, struct verdict *verdict)
{
    struct burst_label labels[BURST_NAMES_MAX];
    float features[BURST_FEATURE_COUNT];
    const struct burst_model *model = burst_model_for(names);
    if (!model || model->names == verdict->names)
        return;
    labels_fill(entries_latest(client, model->names), model->names, labels);
    burst_features(labels, model->names, features);
    float score = burst_model_score(model, features);
    double expected = burst_model_share(model, score) * windows_tried(client);
    if (expected < verdict->expected)
        *verdict = (struct verdict){expected, model->names};
}

static struct verdict client_judge(const struct bursts *bursts, const struct client *client,
                                   uint32_t now_s)
{
    struct verdict verdict = {.expected = INFINITY};
    uint32_t fast_s = (uint32_t)(bursts->config.fast_ns / NS_PER_S);
    uint32_t slow_s = (uint32_t)(bursts->config.slow_ns / NS_PER_S);
    if (client->count > ALWAYS_NAMES && client->added % SELDOM_NAMES != 0)
        return verdict;
    window_judge(client, entries_since(client, now_s, fast_s), &verdict);
    window_judge(client, entries_since(client, now_s, slow_s), &verdict);
    return verdict;
}

static bool tld_known(const struct entry *entries, unsigned count, const struct entry *entry)
{
    unsigned at = 0;
    while (at < count &&
           strcmp(entries[at].text + entries[at].tld_at, entry->text + entry->tld_at) != 0)
        at++;
    return at < count;
}

/* The score that nine in ten entries reach. */
static float score_low(const struct entry *entries, unsigned count)
{
    float low = INFINITY;
    for (unsigned i = 0; i < count; i++) {
        unsigned below = 0;
        for (unsigned j = 0; j < count; j++)
            below += entries[j].score < entries[i].score;
        if (below >= count / 10 && entries[i].score < low)
            low = entries[i].score;
    }
    return low;
}

static struct make make_of(const struct entry *entries, unsigned count)
{
    unsigned len_min = UINT8_MAX, len_max = 0, tlds = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned len = entries[i].label_len;
        len_min = len < len_min ? len : len_min;
        len_max = len > len_max ? len : len_max;
        tlds += !tld_known(entries, i, &entries[i]);
    }
    unsigned room = 1 + (len_max - len_min) / 2;
    return (struct make){
        .len_min = (uint8_t)(len_min > room ? len_min - room : 1),
        .len_max = (uint8_t)(len_max + room),
        .score_min = score_low(entries, count) - SCORE_ROOM,
        .any_tld = tlds * 3 > count,
    };
}

/* Whether a domain may come from where the open window's come. */
static bool entry_fits(const struct client *client, const struct entry *entry)
{
    const struct make *make = &client->make;
    if (entry->label_len < make->len_min || entry->label_len > make->len_max ||
        entry->score < make->score_min)
        return false;
    return make->any_tld ||
           tld_known(entries_latest(client, client->window), client->window, entry);
}

static void client_open(struct bursts *bursts, struct client *client, int64_t now_ns)
{
    int64_t until_ns = now_ns + bursts->config.open_ns;
    client->open_until_s = (uint32_t)(until_ns / NS_PER_S);
    if (until_ns > bursts->open_until_ns)
        bursts->open_until_ns = until_ns;
}

static void measure_texts(const struct client *client, struct burst_measure *measure)
{
    unsigned count = measure->names < BURST_SAMPLES_MAX ? measure->names : BURST_SAMPLES_MAX;
    const struct entry *entries = entries_latest(client, count);
    measure->sample_count = count;
    for (unsigned i = 0; i < count; i++) {
        measure->samples[i] = entries[i].text;
        measure->scores[i] = (double)entries[i].score;
    }
    measure->reached_count = client->reached_count;
    for (unsigned i = 0; i < client->reached_count; i++)
        measure->reached[i] = client->reached[i];
}

/* Joined words share their parts and do not look random one by one. */
static bool is_of_words(const float features[BURST_FEATURE_COUNT])
{
    return features[BURST_FEATURE_SCORE_MEDIAN] < 0 && features[BURST_FEATURE_SHARING] > 0;
}

static const struct burst_measure *measure_fill(struct bursts *bursts, const struct client *client,
                                                unsigned names, double expected)
{
    struct burst_label labels[BURST_NAMES_MAX];
    float features[BURST_FEATURE_COUNT];
    const struct entry *entries = entries_latest(client, names);
    labels_fill(entries, names, labels);
    burst_features(labels, names, features);
    bursts->measure = (struct burst_measure){
        .expected = expected,
        .expected_limit = bursts->config.expected_limit,
        .names = names,
        .window_s = (double)entries[names - 1].time_s - entries[0].time_s,
        .failed_share = (double)names / (names + client->reached_count),
        .mean_score = (double)features[BURST_FEATURE_SCORE_MEAN],
        .length_stddev = expm1((double)features[BURST_FEATURE_LENGTH_SPREAD]),
        .tlds = (unsigned)lrintf(features[BURST_FEATURE_TLDS] * (float)names),
        .of_words = is_of_words(features),
    };
    measure_texts(client, &bursts->measure);
    return &bursts->measure;
}

/* One more name of the open window. The more there are, the better it is known what they share. */
static void window_grow(struct client *client, const struct verdict *verdict)
{
    if (client->window < client->count)
        client->window++;
    if (verdict->expected < client->expected)
        client->expected = (float)verdict->expected;
    if (!verdict->names)
        return;
    bool any_tld = client->make.any_tld;
    client->make = make_of(entries_latest(client, client->window), client->window);
    client->make.any_tld |= any_tld; /* of sixty-four names many must share one */
}

static const struct burst_measure *failure_count(struct bursts *bursts, struct client *client,
                                                 const struct entry *entry, int64_t now_ns)
{
    if (entry_known(client, entry, (uint32_t)(bursts->config.fast_ns / NS_PER_S)))
        return NULL;
    bool fits = client->open_until_s && entry_fits(client, entry);
    if (client->open_until_s && !fits)
        return NULL;
    client->failed++;
    entry_add(client, entry);
    struct verdict verdict = client_judge(bursts, client, entry->time_s);
    if (fits) {
        window_grow(client, &verdict);
    } else {
        if (verdict.expected > bursts->config.expected_report)
            return NULL;
        if (verdict.expected > bursts->config.expected_limit)
            return measure_fill(bursts, client, verdict.names, verdict.expected);
        client->window = (uint16_t)verdict.names;
        client->expected = (float)verdict.expected;
        client->make = make_of(entries_latest(client, verdict.names), verdict.names);
    }
    client_open(bursts, client, now_ns);
    return measure_fill(bursts, client, client->window, (double)client->expected);
}

static const struct burst_measure *failed(struct bursts *bursts,
                                          const struct transaction *transaction,
                                          const struct enrichment *enrichment)
{
    struct entry entry;
    bool new;
    if (!entry_make(bursts, transaction, enrichment, &entry))
        return NULL;
    struct client *client =
        table_touch(&bursts->table, enrichment->entity_hash, entry.time_s, &new);
    if (new)
        client->day = entry.time_s / DAY_S;
    client_age(client, entry.time_s);
    client_close(client, entry.time_s);
    return failure_count(bursts, client, &entry, transaction->time_ns);
}

/* A name of an open window's make that exists: what the malware was looking for. */
static const struct burst_measure *reached(struct bursts *bursts, struct client *client,
                                           const struct entry *entry, int64_t now_ns)
{
    if (!entry_fits(client, entry))
        return NULL;
    unsigned at = 0;
    while (at < client->reached_count && strcmp(client->reached[at], entry->text) != 0)
        at++;
    if (at == BURST_REACHED_MAX)
        return NULL;
    if (at == client->reached_count)
        memcpy(client->reached[client->reached_count++], entry->text, BURST_TEXT_MAX);
    client_open(bursts, client, now_ns);
    measure_fill(bursts, client, client->window, (double)client->expected);
    bursts->measure.reached_now = true;
    return &bursts->measure;
}

static const struct burst_measure *found(struct bursts *bursts,
                                         const struct transaction *transaction,
                                         const struct enrichment *enrichment)
{
    bool first = enrichment->domain && !enrichment->domain->known.clients;
    struct entry entry;
    if ((!first && transaction->time_ns > bursts->open_until_ns) || !is_unknown(enrichment))
        return NULL;
    struct client *client = table_find(&bursts->table, enrichment->entity_hash);
    if (!client)
        return NULL;
    uint32_t now_s = (uint32_t)(transaction->time_ns / NS_PER_S);
    client_age(client, now_s);
    if (first && client->found_hash != transaction->question->hash[enrichment->registrable]) {
        client->found_hash = transaction->question->hash[enrichment->registrable];
        client->found++;
    }
    bool open = client->open_until_s && now_s <= client->open_until_s;
    if (!open || !transaction->response->counts[DNS_SECTION_ANSWER] ||
        !entry_make(bursts, transaction, enrichment, &entry))
        return NULL;
    return reached(bursts, client, &entry, transaction->time_ns);
}

const struct burst_measure *bursts_count(struct bursts *bursts,
                                         const struct transaction *transaction,
                                         const struct enrichment *enrichment)
{
    const struct dns_message *response = transaction->response;
    if (!response || !transaction->question || response->malformed ||
        transaction->lacks & LACKS_RCODE || enrichment->entity_is_resolver)
        return NULL;
    if (transaction->rcode == RCODE_NXDOMAIN)
        return failed(bursts, transaction, enrichment);
    if (transaction->rcode == RCODE_NOERROR)
        return found(bursts, transaction, enrichment);
    return NULL;
}

void bursts_save(const struct bursts *bursts, struct buf *buf)
{
    table_save(&bursts->table, "burst", buf);
    image_put(buf, "open", &bursts->open_until_ns, sizeof(bursts->open_until_ns));
}

bool bursts_load(struct bursts *bursts, struct image *image)
{
    return table_load(&bursts->table, "burst", image) &&
           image_get(image, "open", &bursts->open_until_ns, sizeof(bursts->open_until_ns));
}
