/* leaks.c - domains under which many clients together carry out what no single one of them shows
 * SPDX-License-Identifier: Apache-2.0 */
#include "meter/leaks.h"

#include "base/clock.h"
#include "base/hash.h"

#include <assert.h>
#include <dnsvigil/name.h>
#include <dnsvigil/rrtype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FADE_S     86400.0
#define DAY_NS     (86400 * NS_PER_S)
#define OVER_SHARE 0.25 /* of the limit: the leak is over, the next one is a new story */

/* Factors on the configured limit for each setting. */
static const double settings[KNOB_COUNT] = {
    [KNOB_LOW] = 0.5, [KNOB_MEDIUM] = 1, [KNOB_HIGH] = 10 / 3.0};

struct leak {
    double owed;        /* of the sum, at most so much is another domain's */
    struct tally names; /* that brought something, with their clients */
    struct seen seen;
    struct addr entity; /* whom it is told of; valid once told */
    bool told;
    bool grew; /* in this epoch */
    struct leak_note last;
};

bool leaks_init(struct leaks *leaks, const struct leaks_config *config, uint32_t notes_max)
{
    *leaks = (struct leaks){
        .config = *config,
        .keys = calloc(LEAKS_MAX, sizeof(*leaks->keys)),
        .sums = calloc(LEAKS_MAX, sizeof(*leaks->sums)),
        .leaks = calloc(LEAKS_MAX, sizeof(*leaks->leaks)),
        .order = calloc(notes_max, sizeof(const struct leak_note *)),
        .order_max = notes_max,
    };
    if (leaks->keys && leaks->sums && leaks->leaks && leaks->order)
        return true;
    leaks_done(leaks);
    return false;
}

void leaks_done(struct leaks *leaks)
{
    free(leaks->keys);
    free(leaks->sums);
    free(leaks->leaks);
    free(leaks->order);
    *leaks = (struct leaks){0};
}

bool leak_notes_init(struct leak_notes *notes, uint32_t notes_max)
{
    *notes = (struct leak_notes){
        .items = calloc(notes_max, sizeof(*notes->items)),
        .max = notes_max,
    };
    return notes->items != NULL;
}

void leak_notes_done(struct leak_notes *notes)
{
    free(notes->items);
    *notes = (struct leak_notes){0};
}

void leaks_note(struct leak_notes *notes, const struct transaction *transaction,
                const struct addr *client, const struct place *place)
{
    const struct dns_name *name = transaction->question;
    unsigned at = name->offset[place->left];
    if (notes->count == notes->max) {
        notes->lost++;
        return;
    }
    struct leak_note *note = &notes->items[notes->count++];
    note->key = hash_bytes(name->wire + at, name->len - at, HASH_FIXED_SEED);
    note->domain_hash = name->hash[place->left];
    note->time_ns = transaction->time_ns;
    note->client = *client;
    note->server = transaction->server;
    note->qtype = transaction->qtype;
    note->server_port = transaction->server_port;
    note->transport = transaction->transport;
    note->place = *place;
    note->name_len = name->len;
    memcpy(note->name, name->wire, name->len);
}

/* An order that says nothing of which shard a note is from; equal notes are the same note. */
static int note_compare(const void *a, const void *b)
{
    const struct leak_note *x = *(const struct leak_note *const *)a;
    const struct leak_note *y = *(const struct leak_note *const *)b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->time_ns != y->time_ns)
        return x->time_ns < y->time_ns ? -1 : 1;
    int client = memcmp(&x->client, &y->client, sizeof(x->client));
    if (client != 0)
        return client;
    if (x->name_len != y->name_len)
        return x->name_len - y->name_len;
    int name = memcmp(x->name, y->name, x->name_len);
    return name != 0 ? name : x->qtype - y->qtype;
}

static unsigned smallest(const struct leaks *leaks)
{
    unsigned least = 0;
    for (unsigned i = 1; i < leaks->count; i++)
        if (leaks->sums[i] < leaks->sums[least])
            least = i;
    return least;
}

/* The domain's place, a free one, or that of the smallest sum, which is passed on. */
static unsigned leak_find(struct leaks *leaks, uint64_t key)
{
    unsigned i = 0;
    while (i < leaks->count && leaks->keys[i] != key)
        i++;
    if (i < leaks->count)
        return i;
    if (i < LEAKS_MAX)
        leaks->count++;
    else
        i = smallest(leaks);
    leaks->leaks[i] = (struct leak){.owed = leaks->sums[i]};
    leaks->keys[i] = key;
    return i;
}

static void note_name(const struct leak_note *note, struct dns_name *name)
{
    name->len = note->name_len;
    name->mixed_case = name->uppercase = false;
    memcpy(name->wire, note->name, note->name_len);
    name_index(name);
}

static void note_add(struct leaks *leaks, const struct leak_note *note)
{
    struct dns_name name;
    struct carried_name carried;
    unsigned at = leak_find(leaks, note->key);
    struct leak *leak = &leaks->leaks[at];
    note_name(note, &name);
    if (!seen_add(&leak->seen, place_hash(&name, &note->place)))
        return;
    carried_by_name(&leaks->config.hooks, &name, &note->place, &leak->seen, &carried);
    if (carried.bytes <= 0)
        return;
    leaks->sums[at] += carried.bytes;
    tally_add(&leak->names, tally_client(&note->client), note->time_ns);
    leak->last = *note;
    leak->grew = true;
}

static void leaks_fade(struct leaks *leaks, int64_t now_ns)
{
    double s = (double)(now_ns - leaks->faded_ns) / NS_PER_S;
    double factor = s > 0 ? exp(-s / FADE_S) : 1;
    for (unsigned i = 0; i < leaks->count; i++) {
        leaks->sums[i] *= factor;
        leaks->leaks[i].owed *= factor;
    }
    leaks->faded_ns = now_ns;
}

/* The strictest setting whose limit is passed, or -1. */
static int leak_level(const struct leaks *leaks, unsigned at)
{
    const struct leak *leak = &leaks->leaks[at];
    double sure = leaks->sums[at] - leak->owed;
    int level = tally_clients(&leak->names) < leaks->config.clients_min ? -1 : KNOB_COUNT - 1;
    while (level >= 0 && sure < leaks->config.bytes * settings[level])
        level--;
    return level;
}

/* Whether clients have used the domain for so long that it is a service. */
static bool is_service(const struct leak *leak, const struct domains *domains,
                       const struct crowds *crowds)
{
    struct prevalence known;
    uint64_t hash = leak->last.domain_hash;
    if (crowds_is_service(crowds, hash, leak->last.time_ns))
        return true;
    return domains_look(domains, hash, &known) && known.clients >= CROWD_CLIENTS &&
           leak->last.time_ns - known.first_ns >= CROWD_DAYS * DAY_NS;
}

static void leak_tell(struct leaks *leaks, unsigned at, int level, int64_t edge_ns, leak_fn tell,
                      void *arg)
{
    struct leak *leak = &leaks->leaks[at];
    const struct leak_note *note = &leak->last;
    struct dns_name name;
    if (!leak->told)
        leak->entity = note->client;
    leak->told = true;
    note_name(note, &name);
    const struct transaction transaction = {
        .time_ns = note->time_ns,
        .client = note->client,
        .server = note->server,
        .server_port = note->server_port,
        .transport = note->transport,
        .qtype = note->qtype,
        .qclass = DNS_CLASS_IN,
        .question = &name,
    };
    const struct tunnel_measure measure = {
        .key = leaks->keys[at],
        .first_ns = leak->names.first_ns,
        .last_ns = leak->names.last_ns,
        .decide_ns = edge_ns,
        .up = leaks->sums[at] - leak->owed,
        .bytes_up = leaks->sums[at] - leak->owed,
        .up_limit = leaks->config.bytes,
        .queries = leak->names.queries,
        .names = leak->names.queries,
        .clients = (uint32_t)tally_clients(&leak->names),
        .clients_min = leaks->config.clients_min,
        .level = (uint8_t)level,
        .direction = TUNNEL_UP,
        .fresh = true,
        .qtype = note->qtype,
    };
    tell(arg, &transaction, &leak->entity, &measure);
}

static void leak_judge(struct leaks *leaks, unsigned at, int64_t edge_ns,
                       const struct domains *domains, const struct crowds *crowds, leak_fn tell,
                       void *arg)
{
    struct leak *leak = &leaks->leaks[at];
    int level = leak_level(leaks, at);
    leak->grew = false;
    if (leaks->sums[at] < leaks->config.bytes * OVER_SHARE)
        leak->told = false;
    if (level < 0)
        return;
    if (is_service(leak, domains, crowds))
        leaks->services++;
    else
        leak_tell(leaks, at, level, edge_ns, tell, arg);
}

void leaks_merge(struct leaks *leaks, struct leak_notes *const notes[], unsigned count,
                 int64_t edge_ns, const struct domains *domains, const struct crowds *crowds,
                 leak_fn tell, void *arg)
{
    size_t all = 0;
    for (unsigned i = 0; i < count; i++)
        for (uint32_t k = 0; k < notes[i]->count; k++) {
            assert(all < leaks->order_max);
            leaks->order[all++] = &notes[i]->items[k];
        }
    if (all == 0)
        return;
    qsort(leaks->order, all, sizeof(*leaks->order), note_compare);
    leaks_fade(leaks, edge_ns);
    for (size_t i = 0; i < all; i++)
        note_add(leaks, leaks->order[i]);
    for (unsigned i = 0; i < leaks->count; i++)
        if (leaks->leaks[i].grew)
            leak_judge(leaks, i, edge_ns, domains, crowds, tell, arg);
    for (unsigned i = 0; i < count; i++)
        notes[i]->count = 0;
}

void leaks_save(const struct leaks *leaks, struct buf *buf)
{
    image_put(buf, "leaks", &leaks->count, sizeof(leaks->count));
    image_put(buf, "faded", &leaks->faded_ns, sizeof(leaks->faded_ns));
    image_put(buf, "services", &leaks->services, sizeof(leaks->services));
    image_put(buf, "keys", leaks->keys, leaks->count * sizeof(*leaks->keys));
    image_put(buf, "sums", leaks->sums, leaks->count * sizeof(*leaks->sums));
    image_put(buf, "leak", leaks->leaks, leaks->count * sizeof(*leaks->leaks));
}

bool leaks_load(struct leaks *leaks, struct image *image)
{
    unsigned count;
    if (!image_get(image, "leaks", &count, sizeof(count)) || count > LEAKS_MAX)
        return false;
    leaks->count = count;
    return image_get(image, "faded", &leaks->faded_ns, sizeof(leaks->faded_ns)) &&
           image_get(image, "services", &leaks->services, sizeof(leaks->services)) &&
           image_get(image, "keys", leaks->keys, count * sizeof(*leaks->keys)) &&
           image_get(image, "sums", leaks->sums, count * sizeof(*leaks->sums)) &&
           image_get(image, "leak", leaks->leaks, count * sizeof(*leaks->leaks));
}
