/* pairs.c - for every client and registrable domain: how much information went each way lately
 * SPDX-License-Identifier: Apache-2.0 */
#include "meter/pairs.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/lines.h"
#include "meter/tunnel_tools.h"

#include <dnsvigil/name.h>
#include <dnsvigil/profile.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAMES_DECIDE = 64,
    NAMES_ENOUGH = 24, /* for a slow tunnel: nine of ten directions are right by then */
    NAMES_LATELY = 64,
    PATIENCE_S = 120,
    DECIDE_MAX_S = 3600,
    DOORWAY_CELLS = 1 << 20,
    DOORWAY_BYTES = DOORWAY_CELLS * sizeof(uint16_t),
    POPULARITY_TRUSTED = 13, /* log2 of rank 10,000 */
    POPULARITY_KNOWN = 17,   /* of rank 100,000 */
    BYTE_UNIT = 1 << 7,
    UPLOAD_BYTES = 32, /* in a name: who carries something out fills his names */
    ALL_PAUSES = UINT16_MAX,
    ALL_UNKEPT = UINT16_MAX,
    PAUSES_FEW = ALL_PAUSES / 20,
};

#define SLOW_S          21600.0f
#define FAST_S          600.0f
#define QUIET_MIN_S     60.0f
#define QUIET_INTERVALS 8.0f
#define ADMIT_BYTES     16.0f
#define CROWD_BYTES     100.0f
#define LEAK_BYTES      4.0f /* a word says no more */
#define FAINT_SHARE     0.25 /* of the limits: the tunnel is over */
#define ODD_TYPE_WEIGHT 2.0  /* nothing but tunnels asks for NULL or types of private use */
#define KNOWN_WEIGHT    0.3  /* somewhat popular domains */
#define UP_SHARE        0.70
#define DOWN_SHARE      0.25
#define SHARE_MARGIN    0.10  /* how clear another direction must be */
#define PAUSE_S         0.25f /* between two names: longer than an answer takes */

/* Factors on the configured limits for each setting. */
static const struct {
    double up, down, names;
} settings[KNOB_COUNT] = {
    [KNOB_LOW] = {0.5, 0.6, 0.75},
    [KNOB_MEDIUM] = {1, 1, 1},
    [KNOB_HIGH] = {10 / 3.0, 4, 2.5},
};

/* What every transaction reads and writes comes first, in one line with the table's key; what new
 * names write in the next; the bits of `seen` are the other two. */
struct pair {
    int64_t last_ns;
    int64_t faded_ns; /* up to when the figures have faded */
    int64_t fired_ns; /* 0: no tunnel yet */
    float up_slow, down_slow;
    float fast; /* both ways */
    float up_all, down_all;
    uint32_t queries;
    uint32_t answered;
    uint16_t qtype; /* majority vote, with its lead */
    uint8_t qtype_lead;
    uint8_t tool; /* enum tunnel_tool */

    int64_t first_ns;
    int64_t named_ns; /* latest new name */
    int64_t decide_ns;
    float interval_s;
    uint32_t names;
    uint32_t fired_names;  /* when it became a tunnel */
    uint32_t decide_names; /* at so many names the direction is decided, or decided anew */
    uint32_t suffix[2];    /* of the first name: hashes of its last label and last two */
    uint32_t tool_names;   /* names that bear the tool's weak sign */
    uint16_t name_bytes;   /* in a name, of late, in BYTE_UNITs: the first are a handshake … */
    uint16_t pauses;       /* … and the share of names that came after a pause, of ALL_PAUSES */
    uint16_t unkept;   /* share of names, of late, whose answer nobody may keep, of ALL_UNKEPT */
    uint16_t alphabet; /* enum alphabet */
    uint8_t label_max;
    uint8_t direction : 2; /* enum tunnel_direction */
    uint8_t shared : 2;    /* labels from the right that all names share, at most 2 */
    bool tool_sure : 1;
    bool crowd_noted : 1;
    bool service : 1; /* a tunnel, but not told: many clients use the domain alike */
    struct seen seen;
};
_Static_assert(sizeof(struct pair) + sizeof(uint64_t) <= 256, "with its key four cache lines");
_Static_assert(offsetof(struct pair, first_ns) == 56, "the first line ends there");

const char *const tunnel_encoding_names[ENCODING_COUNT] = {
    [ENCODING_UNKNOWN] = "",      [ENCODING_DECIMAL] = "decimal", [ENCODING_HEX] = "hex",
    [ENCODING_BASE32] = "base32", [ENCODING_BASE36] = "base36",   [ENCODING_BASE64] = "base64",
    [ENCODING_BINARY] = "binary",
};

bool pairs_init(struct pairs *pairs, const struct pairs_config *config)
{
    *pairs = (struct pairs){.config = *config};
    bool have_table = table_init(&pairs->table, config->records_max, sizeof(struct pair));
    pairs->doorway = lines_alloc(DOORWAY_BYTES);
    if (!have_table || !pairs->doorway) {
        pairs_done(pairs);
        return false;
    }
    memset(pairs->doorway, 0, DOORWAY_BYTES);
    return true;
}

void pairs_done(struct pairs *pairs)
{
    table_done(&pairs->table);
    free(pairs->doorway);
    *pairs = (struct pairs){0};
}

/* Where a name under an anonymity network's domain is asked for, its random labels say which
 * service it is, and another detector tells. */
static bool is_anonymity_name(const struct enrichment *enrichment)
{
    for (unsigned i = 0; i < enrichment->hit_count; i++)
        if (enrichment->hits[i].category == CATEGORY_ANONYMITY &&
            enrichment->hits[i].field == MATCH_QNAME)
            return true;
    return false;
}

static bool concerns(const struct transaction *transaction, const struct enrichment *enrichment)
{
    return transaction->question && !enrichment->entity_is_resolver && !enrichment->popular &&
           !enrichment->allowed && !profile_exempts(enrichment, DETECTOR_DATA_EXFILTRATION) &&
           (!enrichment->popularity || enrichment->popularity > POPULARITY_TRUSTED) &&
           !is_anonymity_name(enrichment);
}

static uint64_t key_of(const struct transaction *transaction, const struct enrichment *enrichment)
{
    if (enrichment->registrable >= 0)
        return pairs_key(enrichment->entity_hash,
                         transaction->question->hash[enrichment->registrable]);
    return pairs_key(enrichment->entity_hash, hash_bytes(transaction->server.bytes, 16, hash_seed));
}

/* The cell of a client and a domain, by hashes with the fixed seed, because which pairs share a
 * cell decides who is admitted. */
static uint16_t *doorway_cell(const struct pairs *pairs, uint64_t domain_fixed,
                              uint64_t client_fixed)
{
    return &pairs->doorway[hash_mix(domain_fixed ^ client_fixed, HASH_FIXED_SEED) % DOORWAY_CELLS];
}

void pairs_prefetch_doorway(const struct pairs *pairs, uint64_t domain_fixed, uint64_t client_fixed)
{
    line_prefetch(doorway_cell(pairs, domain_fixed, client_fixed));
}

/* Whether a pair without a record gets one: its second name within some hours, or a name that
 * brings much. The field has a cell for many pairs; who meets another's name gets in early. */
static bool is_admitted(struct pairs *pairs, const struct transaction *transaction,
                        const struct enrichment *enrichment, struct place *place, bool *ret_second)
{
    enum { PRINT_BITS = 12, EPOCH_S = 7200, EPOCHS = 3 };
    const struct dns_name *name = transaction->question;
    uint64_t domain_fixed =
        place->delegated ? enrichment->domain_fixed : name_hash_fixed(name, place->left);
    uint16_t *cell = doorway_cell(pairs, domain_fixed, enrichment->entity_fixed);
    unsigned epoch = (unsigned)(transaction->time_ns / NS_PER_S / EPOCH_S) & 15;
    unsigned print = (unsigned)(place_hash(name, place) >> (64 - PRINT_BITS)) | 1;
    bool recent = *cell && ((epoch - (*cell >> PRINT_BITS)) & 15) <= EPOCHS;
    *ret_second = recent && (*cell & ((1 << PRINT_BITS) - 1)) != (int)print;
    *cell = (uint16_t)(epoch << PRINT_BITS | print);
    if (*ret_second)
        return true;
    if (name->offset[place->left] * 5 / 8 < (int)ADMIT_BYTES)
        return false;
    struct carried_name carried;
    place_weigh(transaction, (enum suffix_class)enrichment->suffix_class, place);
    carried_by_name(&pairs->config.hooks, name, place, NULL, &carried);
    return carried.bytes >= ADMIT_BYTES;
}

static struct pair *pair_take(struct pairs *pairs, uint64_t key,
                              const struct transaction *transaction,
                              const struct enrichment *enrichment, struct place *place)
{
    uint32_t now_s = (uint32_t)(transaction->time_ns / NS_PER_S);
    struct pair *pair = table_renew(&pairs->table, key, now_s);
    bool new, second;
    if (pair || !is_admitted(pairs, transaction, enrichment, place, &second))
        return pair;
    pair = table_touch(&pairs->table, key, now_s, &new);
    pair->first_ns = pair->last_ns = pair->named_ns = transaction->time_ns;
    pair->faded_ns = transaction->time_ns;
    pair->queries = pair->names = second;
    return pair;
}

/* In steps of a second or more: below, a float would not feel it. */
static void pair_fade(struct pair *pair, int64_t now_ns)
{
    float s = (float)((double)(now_ns - pair->faded_ns) / NS_PER_S);
    if (s < 1)
        return;
    float slow = expf(-s / SLOW_S), fast = expf(-s / FAST_S);
    pair->up_slow *= slow;
    pair->down_slow *= slow;
    pair->fast *= fast;
    pair->faded_ns = now_ns;
}

/* Keeps how many labels from the right all names have in common. */
static void shared_update(struct pair *pair, const struct dns_name *name)
{
    uint32_t last = (uint32_t)name->hash[name->labels - 1];
    uint32_t two = name->labels > 1 ? (uint32_t)name->hash[name->labels - 2] : 0;
    if (!pair->suffix[0]) {
        pair->suffix[0] = last;
        pair->suffix[1] = two;
        pair->shared = name->labels > 2 ? 2 : name->labels > 1;
        return;
    }
    if (pair->shared == 2 && pair->suffix[1] != two)
        pair->shared = 1;
    if (pair->suffix[0] != last)
        pair->shared = 0;
}

static void tool_update(struct pair *pair, const struct transaction *transaction, unsigned left)
{
    enum tool_sign sign;
    enum tunnel_tool tool = tunnel_tool_of(transaction->question, left, transaction->qtype, &sign);
    if (sign == TOOL_SIGN_NONE || pair->tool_sure)
        return;
    pair->tool_sure = sign == TOOL_SIGN_SURE;
    if (pair->tool != tool)
        pair->tool_names = 0;
    pair->tool = (uint8_t)tool;
    pair->tool_names++;
}

static void qtype_vote(struct pair *pair, uint16_t qtype)
{
    if (pair->qtype == qtype)
        pair->qtype_lead += pair->qtype_lead < UINT8_MAX;
    else if (pair->qtype_lead > 0)
        pair->qtype_lead--;
    else
        pair->qtype = qtype;
}

/* Moves a mean of the latest names towards the latest of them. */
static uint16_t mean_moved(uint16_t mean, int value, uint32_t names)
{
    return (uint16_t)(mean + (value - mean) / (int)(names < NAMES_LATELY ? names : NAMES_LATELY));
}

static void interval_update(struct pair *pair, int64_t now_ns)
{
    enum { WEIGHT = 8 };
    float s = (float)((double)(now_ns - pair->named_ns) / NS_PER_S);
    if (pair->names > 1 && s >= 0) {
        pair->interval_s += (s - pair->interval_s) / (pair->names < WEIGHT ? pair->names : WEIGHT);
        pair->pauses = mean_moved(pair->pauses, s > PAUSE_S ? ALL_PAUSES : 0, pair->names);
    }
    pair->named_ns = now_ns;
}

/* Returns the bytes the name brought. */
static float name_count(struct pairs *pairs, struct pair *pair,
                        const struct transaction *transaction, const struct place *place)
{
    struct carried_name carried;
    const struct dns_name *name = transaction->question;
    if (!seen_add(&pair->seen, place_hash(name, place)))
        return 0;
    carried_by_name(&pairs->config.hooks, name, place, &pair->seen, &carried);
    if (!carried.counts)
        return 0;
    pair->names++;
    pair->name_bytes = mean_moved(pair->name_bytes, (int)(carried.bytes * BYTE_UNIT), pair->names);
    interval_update(pair, transaction->time_ns);
    shared_update(pair, name);
    tool_update(pair, transaction, place->left);
    pair->alphabet |= carried.alphabet;
    if (carried.label_max > pair->label_max)
        pair->label_max = carried.label_max;
    return carried.bytes;
}

/* A name of a pair that is no tunnel may be one of many clients' (leaks.h). */
static void leak_note(const struct pairs *pairs, const struct pair *pair,
                      const struct transaction *transaction, const struct enrichment *enrichment,
                      const struct place *place, float bytes)
{
    bool known = enrichment->popularity && enrichment->popularity <= POPULARITY_KNOWN;
    if (bytes >= LEAK_BYTES && place->delegated && !known && !pair->fired_ns && !pair->service)
        leaks_note(&pairs->config.counts->leaks, transaction, &enrichment->entity, place);
}

/* Whether what the answer carried was seen. */
static bool answer_is_told(const struct transaction *transaction)
{
    return transaction->response && !(transaction->lacks & LACKS_ANSWERS);
}

/* Whether the answer is not to be kept: its records have no lifetime, as those of a tunnel need
 * none and would fill caches, or it is a failure. A log without lifetimes does not say. */
static bool answer_is_unkept(const struct transaction *transaction)
{
    const struct dns_message *response = transaction->response;
    uint32_t ttl_s = 0;
    if (transaction->rcode != 0)
        return true;
    for (unsigned i = 0; i < response->record_count; i++)
        if (response->records[i].section == DNS_SECTION_ANSWER)
            ttl_s |= response->records[i].ttl;
    return !ttl_s && !(transaction->lacks & LACKS_WIRE);
}

/* Returns whether anything new was carried. */
static bool pair_add(struct pairs *pairs, struct pair *pair, const struct transaction *transaction,
                     const struct enrichment *enrichment, struct place *place)
{
    place_weigh(transaction, (enum suffix_class)enrichment->suffix_class, place);
    pair->queries++;
    pair->answered += answer_is_told(transaction);
    qtype_vote(pair, transaction->qtype);
    uint32_t names = pair->names;
    float up = name_count(pairs, pair, transaction, place);
    if (pair->names > names && answer_is_told(transaction))
        pair->unkept =
            mean_moved(pair->unkept, answer_is_unkept(transaction) ? ALL_UNKEPT : 0, pair->names);
    leak_note(pairs, pair, transaction, enrichment, place, up);
    bool addresses = pair->names >= pairs->config.names_min && pair->names * 2 > pair->queries;
    float down =
        carried_by_answers(&pairs->config.hooks, transaction, place, &pair->seen, addresses);
    pair->up_slow += up;
    pair->up_all += up;
    pair->down_slow += down;
    pair->fast += up + down;
    pair->down_all += down;
    return up + down > 0;
}

static bool asks_odd_types(const struct pair *pair)
{
    enum { PRIVATE_FIRST = 65280, PRIVATE_LAST = 65534 };
    return pair->qtype == DNS_TYPE_NULL ||
           (pair->qtype >= PRIVATE_FIRST && pair->qtype <= PRIVATE_LAST);
}

/* The strictest setting whose limits are passed, or -1. */
static int pair_level(const struct pairs *pairs, const struct pair *pair,
                      const struct enrichment *enrichment)
{
    const struct pairs_config *config = &pairs->config;
    double weight = asks_odd_types(pair) ? ODD_TYPE_WEIGHT : 1;
    if (enrichment->popularity && enrichment->popularity <= POPULARITY_KNOWN)
        weight *= KNOWN_WEIGHT;
    int level = KNOB_COUNT - 1;
    for (; level >= 0; level--) {
        double score = pair->up_slow / (config->up_bytes * settings[level].up) +
                       pair->down_slow / (config->down_bytes * settings[level].down);
        if (score * weight >= 1 && pair->names >= config->names_min * settings[level].names)
            break;
    }
    return level;
}

/* Whether the sensor hardly sees answers, neither this pair's nor, as far as is known, others'. */
static bool is_one_sided(const struct pairs *pairs, const struct pair *pair)
{
    enum { RARE = 10 };
    const struct answer_counts *others = &pairs->config.known->answers;
    return (uint64_t)pair->answered * RARE < pair->queries && others->answered * 2 <= others->asked;
}

/* Which way the data goes, by queries alone: full names prove an upload. Who asks on and on without
 * a pause and says little wants the answers; with pauses, who would know. */
static enum tunnel_direction direction_of_queries(const struct pair *pair)
{
    if (pair->name_bytes >= UPLOAD_BYTES * BYTE_UNIT)
        return TUNNEL_UP;
    return pair->pauses < PAUSES_FEW ? TUNNEL_DOWN : TUNNEL_BOTH;
}

/* Which way the data goes, were `shift` of its bytes to go up instead of down. */
static enum tunnel_direction direction_of(const struct pairs *pairs, const struct pair *pair,
                                          double shift)
{
    double share = pair->up_all / (pair->up_all + pair->down_all) + shift;
    if (is_one_sided(pairs, pair))
        return direction_of_queries(pair);
    return share >= UP_SHARE ? TUNNEL_UP : share <= DOWN_SHARE ? TUNNEL_DOWN : TUNNEL_BOTH;
}

static void pair_decide(const struct pairs *pairs, struct pair *pair, int64_t now_ns)
{
    if (now_ns < pair->decide_ns)
        pair->decide_ns = now_ns;
    pair->direction = (uint8_t)direction_of(pairs, pair, 0);
    pair->decide_names = 2 * pair->names;
}

/* The names have doubled: another direction must be clear now, not by a hair. */
static void pair_decide_again(const struct pairs *pairs, struct pair *pair)
{
    enum tunnel_direction low = direction_of(pairs, pair, -SHARE_MARGIN);
    enum tunnel_direction high = direction_of(pairs, pair, SHARE_MARGIN);
    pair->decide_names = 2 * pair->names;
    if (low == high)
        pair->direction = (uint8_t)low;
}

/* The pair has become a tunnel. */
static void pair_fire(struct pair *pair, int64_t now_ns)
{
    pair->fired_ns = now_ns;
    pair->fired_names = pair->names;
    pair->decide_names = pair->names + NAMES_DECIDE;
}

/* When the direction is decided though too few names came: the tunnel is quiet, or slow. */
static void pair_await(struct pair *pair, int64_t now_ns)
{
    float quiet_s = pair->interval_s * QUIET_INTERVALS;
    int64_t quiet_ns = now_ns + (int64_t)(quiet_s > QUIET_MIN_S ? quiet_s : QUIET_MIN_S) * NS_PER_S;
    int64_t latest_ns = pair->fired_ns + DECIDE_MAX_S * NS_PER_S;
    pair->decide_ns = quiet_ns < latest_ns ? quiet_ns : latest_ns;
}

static bool pair_is_faint(const struct pairs *pairs, const struct pair *pair)
{
    return pair->up_slow / pairs->config.up_bytes + pair->down_slow / pairs->config.down_bytes <
           FAINT_SHARE;
}

/* A tunnel that has faded away; the next one under this domain is a new story. */
static void pair_forget(struct pair *pair)
{
    pair->fired_ns = 0;
    pair->direction = TUNNEL_UNDECIDED;
}

/* Notes who carries information under the domain; whether many do, and for long. */
static bool is_service(struct pairs *pairs, struct pair *pair,
                       const struct transaction *transaction, const struct enrichment *enrichment)
{
    if (enrichment->registrable < 0 || pair->up_slow + pair->down_slow < CROWD_BYTES)
        return false;
    uint64_t domain = transaction->question->hash[enrichment->registrable];
    if (!pair->crowd_noted)
        crowds_note(&pairs->config.counts->crowds, domain, &enrichment->entity,
                    transaction->time_ns);
    pair->crowd_noted = true;
    return crowds_is_service(&pairs->config.known->crowds, domain, transaction->time_ns);
}

static enum tunnel_encoding encoding_of(unsigned alphabet)
{
    enum {
        LETTERS = ALPHABET_A_F | ALPHABET_G_V | ALPHABET_W_Z,
        DIGITS = ALPHABET_01 | ALPHABET_2_5 | ALPHABET_67 | ALPHABET_89,
        MARKS = ALPHABET_DASH | ALPHABET_BASE64,
    };
    unsigned plain = alphabet & (LETTERS | DIGITS);
    if (alphabet & ALPHABET_OTHER)
        return ENCODING_BINARY;
    if (!plain)
        return ENCODING_UNKNOWN;
    if (!(alphabet & (LETTERS | MARKS)))
        return ENCODING_DECIMAL;
    if (!(alphabet & (ALPHABET_G_V | ALPHABET_W_Z | MARKS)))
        return ENCODING_HEX;
    bool base32 = !(plain & (ALPHABET_01 | ALPHABET_89)) ||
                  !(plain & (ALPHABET_67 | ALPHABET_89)) || !(plain & ALPHABET_W_Z);
    if (base32 && !(alphabet & MARKS))
        return ENCODING_BASE32;
    return alphabet & (ALPHABET_MIXED | ALPHABET_BASE64) ? ENCODING_BASE64 : ENCODING_BASE36;
}

static enum tunnel_tool tool_of(const struct pair *pair)
{
    bool enough =
        pair->tool_names * 100ull >= (uint64_t)pair->names * tunnel_tool_share[pair->tool];
    return pair->tool_sure || enough ? pair->tool : TUNNEL_TOOL_NONE;
}

static double pair_rate(const struct pair *pair)
{
    double s = (double)(pair->last_ns - pair->first_ns) / NS_PER_S;
    double span = s < 1 ? 1 : s < FAST_S ? s : FAST_S;
    return pair->fast / span;
}

static void measure_fill(struct pairs *pairs, const struct pair *pair, uint64_t key)
{
    pairs->measure = (struct tunnel_measure){
        .key = key,
        .first_ns = pair->first_ns,
        .last_ns = pair->last_ns,
        .decide_ns = pair->decide_ns,
        .up = pair->up_slow,
        .down = pair->down_slow,
        .bytes_up = pair->up_all,
        .bytes_down = pair->down_all,
        .rate = pair_rate(pair),
        .interval_s = pair->interval_s,
        .up_limit = pairs->config.up_bytes,
        .down_limit = pairs->config.down_bytes,
        .unkept = (double)pair->unkept / ALL_UNKEPT,
        .queries = pair->queries,
        .names = pair->names,
        .names_min = pairs->config.names_min,
        .direction = pair->direction,
        .leaning = (uint8_t)direction_of(pairs, pair, 0),
        .encoding = (uint8_t)encoding_of(pair->alphabet),
        .tool = (uint8_t)tool_of(pair),
        .label_max = pair->label_max,
        .shared_labels = pair->shared,
        .qtype = pair->qtype,
    };
}

/* Whether enough names came to decide: many, or fewer over some time. */
static bool pair_is_ripe(const struct pair *pair, int64_t now_ns)
{
    return pair->names >= pair->decide_names || (pair->names >= pair->fired_names + NAMES_ENOUGH &&
                                                 now_ns - pair->fired_ns >= PATIENCE_S * NS_PER_S);
}

/* Fires, decides and decides again as the figures say. Returns the level, or -1. */
static int pair_judge(struct pairs *pairs, struct pair *pair, const struct transaction *transaction,
                      const struct enrichment *enrichment)
{
    int level = pair_level(pairs, pair, enrichment);
    bool service = is_service(pairs, pair, transaction, enrichment);
    bool tunnel = level >= (int)pairs->config.knob;
    if (!tunnel || service) {
        pairs->services += tunnel && !pair->service;
        pair->service = tunnel;
        if (pair->direction != TUNNEL_UNDECIDED && pair_is_faint(pairs, pair))
            pair_forget(pair);
        return -1;
    }
    if (!pair->fired_ns)
        pair_fire(pair, transaction->time_ns);
    if (pair->direction == TUNNEL_UNDECIDED)
        pair_await(pair, transaction->time_ns);
    if (pair->direction == TUNNEL_UNDECIDED && pair_is_ripe(pair, transaction->time_ns))
        pair_decide(pairs, pair, transaction->time_ns);
    else if (pair->direction != TUNNEL_UNDECIDED && pair->names >= pair->decide_names)
        pair_decide_again(pairs, pair);
    return level;
}

const struct tunnel_measure *pairs_count(struct pairs *pairs, const struct transaction *transaction,
                                         const struct enrichment *enrichment)
{
    struct place place;
    pairs->config.counts->answers.asked++;
    pairs->config.counts->answers.answered += answer_is_told(transaction);
    if (!concerns(transaction, enrichment) ||
        !place_find(transaction, enrichment->registrable,
                    (enum suffix_class)enrichment->suffix_class, &place))
        return NULL;
    uint64_t key = key_of(transaction, enrichment);
    struct pair *pair = pair_take(pairs, key, transaction, enrichment, &place);
    if (!pair)
        return NULL;
    bool undecided = pair->direction == TUNNEL_UNDECIDED;
    if (undecided && pair->fired_ns && transaction->time_ns >= pair->decide_ns)
        pair_decide(pairs, pair, transaction->time_ns);
    pair_fade(pair, transaction->time_ns);
    if (transaction->time_ns > pair->last_ns)
        pair->last_ns = transaction->time_ns;
    if (!pair_add(pairs, pair, transaction, enrichment, &place))
        return NULL;
    int level = pair_judge(pairs, pair, transaction, enrichment);
    if (level < 0)
        return NULL;
    measure_fill(pairs, pair, key);
    pairs->measure.level = (uint8_t)level;
    pairs->measure.fresh = true;
    pairs->measure.decided_now = undecided && pair->direction != TUNNEL_UNDECIDED;
    return &pairs->measure;
}

void pairs_save(const struct pairs *pairs, struct buf *buf)
{
    table_save(&pairs->table, "pair", buf);
    image_put(buf, "doorway", pairs->doorway, DOORWAY_BYTES);
    image_put(buf, "services", &pairs->services, sizeof(pairs->services));
}

bool pairs_load(struct pairs *pairs, struct image *image)
{
    return table_load(&pairs->table, "pair", image) &&
           image_get(image, "doorway", pairs->doorway, DOORWAY_BYTES) &&
           image_get(image, "services", &pairs->services, sizeof(pairs->services));
}
