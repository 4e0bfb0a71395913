/* bursts.c - for every client: the registrable domains that it lately asked for in vain
 * SPDX-License-Identifier: Apache-2.0 */
#include "meter/bursts.h"

#include "base/clock.h"
#include "base/hash.h"
#include "meter/burst_model.h"
#include "meter/domains.h"

#include <assert.h>
#include <dnsvigil/name.h>
#include <dnsvigil/profile.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
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

/* Room for some entries of one client, or for the names that its open window has reached. */
enum { BLOCK_ENTRIES = 4, BLOCKS = BURST_NAMES_MAX / BLOCK_ENTRIES };
union block {
    struct entry entries[BLOCK_ENTRIES];
    char reached[BURST_REACHED_MAX][BURST_TEXT_MAX];
    uint32_t next; /* of those that are free */
};

/* Entries stay in their slots; which are in use and in which order they came is told by `order`. */
struct client {
    uint32_t open_until_s; /* 0: no window is open */
    uint32_t day;          /* of the two counts */
    uint64_t found_hash;   /* the latest of these, so that A and AAAA count once */
    uint32_t failed;       /* distinct domains today, and half of the days before */
    uint32_t found;        /* new unpopular domains that do exist, alike */
    uint32_t added;
    float expected; /* of the open window */
    struct make make;
    uint8_t window; /* entries of the open window: the latest */
    uint8_t count;
    uint8_t reached_count;
    uint8_t order[BURST_NAMES_MAX];  /* slots, that of the oldest entry first */
    uint8_t prints[BURST_NAMES_MAX]; /* a byte of each entry's hash, in the same order */
    uint8_t tlds[BURST_NAMES_MAX];   /* what tld_print() says of each, alike */
    uint32_t reached;                /* block; 0: none */
    uint32_t blocks[BLOCKS];         /* of the slots; 0: none */
};
static_assert(offsetof(struct client, make) <= 40, "what comes first is one line with its head");

/* A client on its own can always have all the blocks it needs. */
static uint32_t blocks_needed(uint32_t records_max)
{
    return records_max > BLOCKS + 1 ? records_max : BLOCKS + 1;
}

static union block *block_at(const struct bursts *bursts, uint32_t number)
{
    return (union block *)bursts->blocks + number - 1;
}

static void block_free(struct bursts *bursts, uint32_t *number)
{
    if (!*number)
        return;
    block_at(bursts, *number)->next = bursts->block_spare;
    bursts->block_spare = *number;
    *number = 0;
}

/* Gives back whatever a client's names take. */
static void client_empty(struct bursts *bursts, struct client *client)
{
    if (bursts->looks_of == client)
        bursts->looks_of = NULL;
    client->count = client->window = client->reached_count = 0;
    block_free(bursts, &client->reached);
    for (unsigned i = 0; i < BLOCKS; i++)
        block_free(bursts, &client->blocks[i]);
}

static void client_drop(void *arg, void *record)
{
    client_empty(arg, record);
}

/* A block for this client; where there is none left, other clients give theirs. */
static uint32_t block_take(struct bursts *bursts, const struct client *client)
{
    if (!bursts->block_spare && bursts->blocks_used < bursts->blocks_max)
        return ++bursts->blocks_used;
    while (!bursts->block_spare) {
        bool displaced = roster_displace(&bursts->clients, client);
        assert(displaced);
    }
    uint32_t number = bursts->block_spare;
    bursts->block_spare = block_at(bursts, number)->next;
    return number;
}

bool bursts_init(struct bursts *bursts, const struct bursts_config *config)
{
    *bursts = (struct bursts){
        .config = *config,
        .blocks_max = blocks_needed(config->records_max),
        .blocks = calloc(blocks_needed(config->records_max), sizeof(union block)),
    };
    if (!bursts->blocks ||
        !roster_init(&bursts->clients, config->records_max, sizeof(struct client))) {
        bursts_done(bursts);
        return false;
    }
    roster_on_drop(&bursts->clients, client_drop, bursts);
    return true;
}

/* A client's entry, by its place in the order in which they came. */
static struct entry *entry_at(const struct bursts *bursts, const struct client *client,
                              unsigned place)
{
    unsigned slot = client->order[place];
    return &block_at(bursts, client->blocks[slot / BLOCK_ENTRIES])->entries[slot % BLOCK_ENTRIES];
}

static char *reached_at(const struct bursts *bursts, const struct client *client, unsigned i)
{
    return block_at(bursts, client->reached)->reached[i];
}

void bursts_done(struct bursts *bursts)
{
    free(bursts->blocks);
    roster_done(&bursts->clients);
    *bursts = (struct bursts){0};
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

/* Describes the question's domain, as far as it takes no text. Returns the label at which it
 * begins; -1 when it is none that could be generated. */
static int entry_begin(const struct bursts *bursts, const struct transaction *transaction,
                       const struct enrichment *enrichment, struct entry *ret)
{
    const struct dns_name *name = transaction->question;
    int label = domain_label(name, enrichment);
    if (label < 0 || !is_unknown(enrichment))
        return -1;
    struct lexical lexical = enrichment->lexical;
    if (!lexical.known)
        bursts->config.score(name, (unsigned)label, &lexical);
    ret->time_s = (uint32_t)(transaction->time_ns / NS_PER_S);
    ret->score = lexical.score;
    ret->label_len = name->wire[name->offset[label]];
    return lexical.known ? label : -1;
}

/* The whole description. */
static bool entry_make(const struct bursts *bursts, const struct transaction *transaction,
                       const struct enrichment *enrichment, struct entry *ret)
{
    const struct dns_name *name = transaction->question;
    int label = entry_begin(bursts, transaction, enrichment, ret);
    if (label < 0 || !text_write(name, (unsigned)label, ret))
        return false;
    unsigned at = name->offset[label];
    ret->hash = (uint32_t)hash_bytes(name->wire + at, name->len - at, HASH_FIXED_SEED);
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
static void client_close(struct bursts *bursts, struct client *client, uint32_t now_s)
{
    if (!client->open_until_s || now_s <= client->open_until_s)
        return;
    client->open_until_s = 0;
    client_empty(bursts, client);
}

/* Takes an entry out; its slot goes behind the order's end, where entry_add() finds it. */
static void entry_remove(struct client *client, unsigned place)
{
    uint8_t slot = client->order[place];
    unsigned after = --client->count - place;
    memmove(&client->order[place], &client->order[place + 1], after);
    memmove(&client->prints[place], &client->prints[place + 1], after);
    memmove(&client->tlds[place], &client->tlds[place + 1], after);
    client->order[client->count] = slot;
    if (client->window > client->count)
        client->window = client->count;
}

static uint8_t print_of(const struct entry *entry)
{
    return (uint8_t)(entry->hash >> 24);
}

/* Tells most top-level domains apart. */
static uint8_t tld_print(const struct entry *entry)
{
    const char *tld = entry->text + entry->tld_at;
    return (uint8_t)((entry->text_len - entry->tld_at) * 32 + tld[0]);
}

/* The place of the entry with this domain, or that of none, client->count. */
static unsigned entry_find(const struct bursts *bursts, const struct client *client,
                           const struct entry *entry)
{
    unsigned at = 0;
    while (at < client->count && (client->prints[at] != print_of(entry) ||
                                  entry_at(bursts, client, at)->hash != entry->hash))
        at++;
    return at;
}

/* Whether the client's entries have this domain; one from before the fast window is taken out to be
 * added anew. */
static bool entry_known(const struct bursts *bursts, struct client *client,
                        const struct entry *entry)
{
    uint32_t fast_s = (uint32_t)(bursts->config.fast_ns / NS_PER_S);
    unsigned at = entry_find(bursts, client, entry);
    if (at == client->count)
        return false;
    if (entry->time_s <= entry_at(bursts, client, at)->time_s + fast_s)
        return true;
    entry_remove(client, at);
    return false;
}

static void entry_add(struct bursts *bursts, struct client *client, const struct entry *entry)
{
    if (client->count == 0)
        for (unsigned i = 0; i < BURST_NAMES_MAX; i++)
            client->order[i] = (uint8_t)i;
    if (client->count == BURST_NAMES_MAX)
        entry_remove(client, 0);
    uint32_t *block = &client->blocks[client->order[client->count] / BLOCK_ENTRIES];
    if (!*block)
        *block = block_take(bursts, client);
    client->prints[client->count] = print_of(entry);
    client->tlds[client->count] = tld_print(entry);
    *entry_at(bursts, client, client->count++) = *entry;
    client->added++;
}

/* How many of the latest entries came within `window_s` before `now_s`. */
static unsigned entries_since(const struct bursts *bursts, const struct client *client,
                              uint32_t now_s, uint32_t window_s)
{
    unsigned count = 0;
    while (count < client->count &&
           now_s <= entry_at(bursts, client, client->count - 1u - count)->time_s + window_s)
        count++;
    return count;
}

/* The latest of a client's entries, the oldest of these first. */
struct latest {
    unsigned count;
    const struct entry *entries[BURST_NAMES_MAX];
};

static struct latest entries_latest(const struct bursts *bursts, const struct client *client,
                                    unsigned count)
{
    struct latest latest;
    latest.count = count;
    for (unsigned i = 0; i < count; i++)
        latest.entries[i] = entry_at(bursts, client, client->count - count + i);
    return latest;
}

static void labels_fill(const struct latest *latest, struct burst_label *ret)
{
    for (unsigned i = 0; i < latest->count; i++) {
        const struct entry *entry = latest->entries[i];
        ret[i] = (struct burst_label){
            .label = (const uint8_t *)entry->text,
            .tld = (const uint8_t *)entry->text + entry->tld_at,
            .len = entry->label_len,
            .tld_len = (uint8_t)(entry->text_len - entry->tld_at),
            .score = entry->score,
        };
    }
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

/* Judges the latest entries, as many as the model is for. What cannot be worth `report` is left. */
static void window_judge(const struct bursts *bursts, const struct client *client,
                         const struct burst_model *model, double report, struct verdict *verdict)
{
    struct burst_label labels[BURST_NAMES_MAX];
    float features[BURST_FEATURE_COUNT];
    struct latest latest = entries_latest(bursts, client, model->names);
    double tried = windows_tried(client);
    labels_fill(&latest, labels);
    if (!burst_model_measure(model, labels, report / tried, features))
        return;
    double expected = burst_model_share(model, burst_model_score(model, features)) * tried;
    if (expected < verdict->expected)
        *verdict = (struct verdict){expected, model->names};
}

/* Judges the windows of both speeds; those whose verdict would be above `report` need none. */
static struct verdict client_judge(const struct bursts *bursts, const struct client *client,
                                   uint32_t now_s, double report)
{
    struct verdict verdict = {.expected = INFINITY};
    uint32_t fast_s = (uint32_t)(bursts->config.fast_ns / NS_PER_S);
    uint32_t slow_s = (uint32_t)(bursts->config.slow_ns / NS_PER_S);
    if (client->count > ALWAYS_NAMES && client->added % SELDOM_NAMES != 0)
        return verdict;
    const struct burst_model *fast = burst_model_for(entries_since(bursts, client, now_s, fast_s));
    const struct burst_model *slow = burst_model_for(entries_since(bursts, client, now_s, slow_s));
    if (fast)
        window_judge(bursts, client, fast, report, &verdict);
    if (slow && slow != fast)
        window_judge(bursts, client, slow, report, &verdict);
    return verdict;
}

static bool same_tld(const struct entry *a, const struct entry *b)
{
    return strcmp(a->text + a->tld_at, b->text + b->tld_at) == 0;
}

static bool tld_known(const struct latest *latest, unsigned count, const struct entry *entry)
{
    unsigned at = 0;
    while (at < count && !same_tld(latest->entries[at], entry))
        at++;
    return at < count;
}

/* The score that nine in ten entries reach. */
static float score_low(const struct latest *latest)
{
    float low = INFINITY;
    for (unsigned i = 0; i < latest->count; i++) {
        unsigned below = 0;
        for (unsigned j = 0; j < latest->count; j++)
            below += latest->entries[j]->score < latest->entries[i]->score;
        if (below >= latest->count / 10 && latest->entries[i]->score < low)
            low = latest->entries[i]->score;
    }
    return low;
}

static struct make make_of(const struct latest *latest)
{
    unsigned len_min = UINT8_MAX, len_max = 0, tlds = 0;
    for (unsigned i = 0; i < latest->count; i++) {
        unsigned len = latest->entries[i]->label_len;
        len_min = len < len_min ? len : len_min;
        len_max = len > len_max ? len : len_max;
        tlds += !tld_known(latest, i, latest->entries[i]);
    }
    unsigned room = 1 + (len_max - len_min) / 2;
    return (struct make){
        .len_min = (uint8_t)(len_min > room ? len_min - room : 1),
        .len_max = (uint8_t)(len_max + room),
        .score_min = score_low(latest) - SCORE_ROOM,
        .any_tld = tlds * 3 > latest->count,
    };
}

/* Whether a label so long and with this score may come from where the open window's come. */
static bool label_fits(const struct make *make, const struct entry *entry)
{
    return entry->label_len >= make->len_min && entry->label_len <= make->len_max &&
           entry->score >= make->score_min;
}

static bool tld_fits(const struct bursts *bursts, const struct client *client,
                     const struct entry *entry)
{
    unsigned at = client->count - client->window;
    while (at < client->count &&
           (client->tlds[at] != tld_print(entry) || !same_tld(entry_at(bursts, client, at), entry)))
        at++;
    return client->make.any_tld || at < client->count;
}

static void client_open(struct bursts *bursts, struct client *client, int64_t now_ns)
{
    int64_t until_ns = now_ns + bursts->config.open_ns;
    client->open_until_s = (uint32_t)(until_ns / NS_PER_S);
    if (until_ns > bursts->open_until_ns)
        bursts->open_until_ns = until_ns;
}

static void measure_texts(const struct bursts *bursts, const struct client *client,
                          struct burst_measure *measure)
{
    unsigned count = measure->names < BURST_SAMPLES_MAX ? measure->names : BURST_SAMPLES_MAX;
    struct latest latest = entries_latest(bursts, client, count);
    measure->sample_count = count;
    for (unsigned i = 0; i < count; i++) {
        measure->samples[i] = latest.entries[i]->text;
        measure->scores[i] = (double)latest.entries[i]->score;
    }
    measure->reached_count = client->reached_count;
    for (unsigned i = 0; i < client->reached_count; i++)
        measure->reached[i] = reached_at(bursts, client, i);
}

/* How the latest `names` entries look. What was asked last is remembered: while a window is open,
 * names that exist ask again and again. */
static const struct burst_looks *looks_of(struct bursts *bursts, const struct client *client,
                                          unsigned names)
{
    struct burst_label labels[BURST_NAMES_MAX];
    const uint32_t state[3] = {client->added, client->count, names};
    if (bursts->looks_of == client && memcmp(bursts->looks_state, state, sizeof(state)) == 0)
        return &bursts->looks;
    struct latest latest = entries_latest(bursts, client, names);
    labels_fill(&latest, labels);
    burst_looks(labels, names, &bursts->looks);
    bursts->looks_of = client;
    memcpy(bursts->looks_state, state, sizeof(state));
    return &bursts->looks;
}

static const struct burst_measure *measure_fill(struct bursts *bursts, const struct client *client,
                                                unsigned names, double expected)
{
    const struct burst_looks *looks = looks_of(bursts, client, names);
    const struct entry *first = entry_at(bursts, client, client->count - names);
    const struct entry *last = entry_at(bursts, client, client->count - 1u);
    bursts->measure = (struct burst_measure){
        .expected = expected,
        .expected_limit = bursts->config.expected_limit,
        .names = names,
        .window_s = (double)last->time_s - first->time_s,
        .failed_share = (double)names / (names + client->reached_count),
        .mean_score = looks->mean_score,
        .length_stddev = looks->length_stddev,
        .tlds = looks->tlds,
        .of_words = looks->of_words,
    };
    measure_texts(bursts, client, &bursts->measure);
    return &bursts->measure;
}

/* One more name of the open window. The more there are, the better it is known what they share. */
static void window_grow(const struct bursts *bursts, struct client *client,
                        const struct verdict *verdict)
{
    if (client->window < client->count)
        client->window++;
    if (verdict->expected < client->expected)
        client->expected = (float)verdict->expected;
    if (!verdict->names)
        return;
    bool any_tld = client->make.any_tld;
    struct latest window = entries_latest(bursts, client, client->window);
    client->make = make_of(&window);
    client->make.any_tld |= any_tld; /* of sixty-four names many must share one */
}

static const struct burst_measure *failure_count(struct bursts *bursts, struct client *client,
                                                 const struct entry *entry, int64_t now_ns)
{
    if (entry_known(bursts, client, entry))
        return NULL;
    bool fits =
        client->open_until_s && label_fits(&client->make, entry) && tld_fits(bursts, client, entry);
    if (client->open_until_s && !fits)
        return NULL;
    client->failed++;
    entry_add(bursts, client, entry);
    const double report = fits ? INFINITY : bursts->config.expected_report;
    struct verdict verdict = client_judge(bursts, client, entry->time_s, report);
    if (fits) {
        window_grow(bursts, client, &verdict);
    } else {
        if (verdict.expected > bursts->config.expected_report)
            return NULL;
        if (verdict.expected > bursts->config.expected_limit)
            return measure_fill(bursts, client, verdict.names, verdict.expected);
        struct latest window = entries_latest(bursts, client, verdict.names);
        client->window = (uint8_t)verdict.names;
        client->expected = (float)verdict.expected;
        client->make = make_of(&window);
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
    struct client *client = roster_touch(&bursts->clients, enrichment->entity_hash, &new);
    if (new)
        client->day = entry.time_s / DAY_S;
    client_age(client, entry.time_s);
    client_close(bursts, client, entry.time_s);
    return failure_count(bursts, client, &entry, transaction->time_ns);
}

/* A name of an open window's make that exists: what the malware was looking for. */
static const struct burst_measure *reached(struct bursts *bursts, struct client *client,
                                           const struct entry *entry, int64_t now_ns)
{
    if (!tld_fits(bursts, client, entry))
        return NULL;
    unsigned at = 0;
    while (at < client->reached_count && strcmp(reached_at(bursts, client, at), entry->text) != 0)
        at++;
    if (at == BURST_REACHED_MAX)
        return NULL;
    if (!client->reached)
        client->reached = block_take(bursts, client);
    if (at == client->reached_count)
        memcpy(reached_at(bursts, client, client->reached_count++), entry->text, BURST_TEXT_MAX);
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
    struct client *client = roster_find(&bursts->clients, enrichment->entity_hash);
    if (!client)
        return NULL;
    uint32_t now_s = (uint32_t)(transaction->time_ns / NS_PER_S);
    client_age(client, now_s);
    if (first && client->found_hash != transaction->question->hash[enrichment->registrable]) {
        client->found_hash = transaction->question->hash[enrichment->registrable];
        client->found++;
    }
    bool open = client->open_until_s && now_s <= client->open_until_s;
    if (!open || !transaction->response->counts[DNS_SECTION_ANSWER])
        return NULL;
    int label = entry_begin(bursts, transaction, enrichment, &entry);
    if (label < 0 || !label_fits(&client->make, &entry) ||
        !text_write(transaction->question, (unsigned)label, &entry))
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
    const uint32_t blocks[] = {bursts->blocks_used, bursts->block_spare};
    roster_save(&bursts->clients, "burst", buf);
    image_put(buf, "blocks", blocks, sizeof(blocks));
    image_put(buf, "names", bursts->blocks, bursts->blocks_used * sizeof(union block));
    image_put(buf, "open", &bursts->open_until_ns, sizeof(bursts->open_until_ns));
}

bool bursts_load(struct bursts *bursts, struct image *image)
{
    uint32_t blocks[2];
    if (!roster_load(&bursts->clients, "burst", image) ||
        !image_get(image, "blocks", blocks, sizeof(blocks)) || blocks[0] > bursts->blocks_max)
        return false;
    bursts->blocks_used = blocks[0];
    bursts->block_spare = blocks[1];
    return image_get(image, "names", bursts->blocks, blocks[0] * sizeof(union block)) &&
           image_get(image, "open", &bursts->open_until_ns, sizeof(bursts->open_until_ns));
}
