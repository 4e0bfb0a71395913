/* collector.c - gathers who asks for which name, and hands it on in batches for the history
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/collector.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/lines.h"

#include <dnsvigil/record.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLOTS = 1 << 16,
    ROWS_MAX = SLOTS / 2,
    BYTES_MAX = 2 << 20,
    ROW_BYTES_MAX = NAME_WIRE_MAX + ANSWERS_BYTES_MAX,
    READS_MAX = 8,    /* responses a row; A, AAAA and HTTPS are often asked for in turn */
    RECORDS_MAX = 32, /* read in one response: reading the names of more would cost too much */
};

static const int64_t stretch_ns = COLLECTOR_STRETCH_S * NS_PER_S;

/* What a repeat changes stands in the first cache line. */
struct collected {
    _Alignas(64) uint64_t key; /* 0: empty */
    uint16_t names;            /* rows below this one, if it is a domain's */
    uint8_t reads;             /* responses whose answers were looked at */
    struct history_row row;
};

bool collector_init(struct collector *collector, collector_fn sink, void *arg,
                    struct metrics *metrics)
{
    *collector = (struct collector){
        .slots = aligned_alloc(_Alignof(struct collected), SLOTS * sizeof(struct collected)),
        .order = calloc(ROWS_MAX, sizeof(*collector->order)),
        .bytes = malloc(BYTES_MAX),
        .sink = sink,
        .arg = arg,
        .metrics = metrics,
    };
    if (!collector->slots || !collector->order || !collector->bytes) {
        collector_done(collector);
        return false;
    }
    memset(collector->slots, 0, SLOTS * sizeof(*collector->slots));
    return true;
}

void collector_done(struct collector *collector)
{
    free(collector->slots);
    free(collector->order);
    free(collector->bytes);
    *collector = (struct collector){0};
}

static struct collected *collected_of(const struct history_row *row)
{
    return (struct collected *)((uintptr_t)row - offsetof(struct collected, row));
}

static uint64_t key_of(const struct addr *client, uint64_t name_hash)
{
    uint64_t halves[2];
    memcpy(halves, client->bytes, sizeof(halves));
    uint64_t key = hash_mix(halves[0] ^ name_hash, halves[1] ^ hash_seed);
    return key ? key : 1;
}

/* The slot of this key, or the empty one where it would be. */
static struct collected *slot_find(const struct collector *collector, uint64_t key)
{
    size_t at = key & (SLOTS - 1);
    while (collector->slots[at].key && collector->slots[at].key != key)
        at = (at + 1) & (SLOTS - 1);
    return &collector->slots[at];
}

void collector_prefetch(const struct collector *collector, const struct addr *client,
                        const struct dns_name *name)
{
    line_prefetch(&collector->slots[key_of(client, name->hash[0]) & (SLOTS - 1)]);
}

/* Where a name that has no registrable domain has its bounds: its top-level domain. */
static unsigned domain_label(const struct dns_name *name, const struct enrichment *enrichment)
{
    return enrichment->registrable >= 0 ? (unsigned)enrichment->registrable : name->labels - 1u;
}

/* A new row for the name from label `label` on. There is room. */
static void slot_fill(struct collector *collector, struct collected *slot, uint64_t key,
                      const struct transaction *transaction, const struct enrichment *enrichment,
                      unsigned label)
{
    const struct dns_name *name = transaction->question;
    uint8_t *bytes = collector->bytes + collector->bytes_used;
    unsigned labels = name->labels - domain_label(name, enrichment);
    size_t key_len = history_key(name, label, bytes);
    collector->bytes_used += key_len;
    collector->order[collector->used++] = &slot->row;
    *slot = (struct collected){
        .key = key,
        .row = {.key = bytes,
                .answers = bytes,
                .key_len = (uint8_t)key_len,
                .domain_labels = enrichment->registrable >= 0 ? (uint8_t)labels : 0,
                .rcode = HISTORY_NO_RCODE,
                .entity = enrichment->entity,
                .resolver = transaction->server},
    };
}

/* The row on which the question is counted when it has none yet: its own, or that of its domain
 * once there are too many. Both are made as needed. */
static struct collected *slot_new(struct collector *collector,
                                  const struct transaction *transaction,
                                  const struct enrichment *enrichment, uint64_t key)
{
    const struct dns_name *name = transaction->question;
    unsigned label = domain_label(name, enrichment);
    uint64_t domain_key = key_of(&enrichment->entity, name->hash[label]);
    struct collected *domain = slot_find(collector, domain_key);
    if (!domain->key)
        slot_fill(collector, domain, domain_key, transaction, enrichment, label);
    if (label == 0)
        return domain;
    if (domain->names == COLLECTOR_NAMES_MAX) {
        domain->row.further++;
        collector->metrics->value[METRIC_HISTORY_FURTHER]++;
        return domain;
    }
    domain->names++;
    struct collected *slot = slot_find(collector, key);
    slot_fill(collector, slot, key, transaction, enrichment, 0);
    return slot;
}

static void answer_take(const struct dns_message *response, const struct dns_record *record,
                        struct answers *answers)
{
    struct addr addr;
    struct dns_name target;
    if (record_addr(response, record, &addr))
        answers_add(answers, &(struct answer){MATCH_ADDRESS, sizeof(addr.bytes), addr.bytes});
    else if (record->type == DNS_TYPE_CNAME && record_target(response, record, 0, &target))
        answers_add(answers, &(struct answer){MATCH_CNAME, target.len, target.wire});
}

/* Adds what the response says to the row. The answers move to a new place when they grow. */
static void response_take(struct collector *collector, struct collected *slot,
                          const struct dns_message *response)
{
    struct history_row *row = &slot->row;
    struct answers answers = {.len = row->answers_len};
    if (slot->reads++ == 0)
        row->rcode = response->rcode;
    if (row->answers_len)
        memcpy(answers.bytes, row->answers, row->answers_len);
    for (unsigned i = 0; i < response->record_count && i < RECORDS_MAX; i++)
        if (response->records[i].section == DNS_SECTION_ANSWER)
            answer_take(response, &response->records[i], &answers);
    if (answers.len == row->answers_len)
        return;
    uint8_t *bytes = collector->bytes + collector->bytes_used;
    memcpy(bytes, answers.bytes, answers.len);
    row->answers = bytes;
    row->answers_len = answers.len;
    collector->bytes_used += answers.len;
}

static bool is_worth_keeping(const struct transaction *transaction,
                             const struct enrichment *enrichment)
{
    return transaction->question->labels > 1 && enrichment->suffix_class != SUFFIX_REVERSE;
}

/* Room for two rows, and the answers of one of them. */
static bool has_room(const struct collector *collector)
{
    return collector->used + 2 <= ROWS_MAX &&
           collector->bytes_used + 2 * ROW_BYTES_MAX <= BYTES_MAX;
}

static void row_count(struct history_row *row, const struct transaction *transaction)
{
    int64_t time_ns = transaction->time_ns;
    if (row->count++ == 0) {
        row->first_ns = row->last_ns = time_ns;
        row->qtype = transaction->qtype;
    }
    if (time_ns < row->first_ns)
        row->first_ns = time_ns;
    if (time_ns > row->last_ns)
        row->last_ns = time_ns;
}

static const struct dns_message *response_readable(const struct transaction *transaction)
{
    const struct dns_message *response = transaction->response;
    return response && !response->foreign && !response->unframed ? response : NULL;
}

void collector_count(struct collector *collector, const struct transaction *transaction,
                     const struct enrichment *enrichment)
{
    if (!is_worth_keeping(transaction, enrichment))
        return;
    uint64_t key = key_of(&enrichment->entity, transaction->question->hash[0]);
    struct collected *slot = slot_find(collector, key);
    const struct dns_message *response = response_readable(transaction);
    bool reads = !slot->key || (response && slot->reads < READS_MAX);
    if (reads && !has_room(collector)) {
        collector_flush(collector);
        slot = slot_find(collector, key);
    }
    if (!slot->key)
        slot = slot_new(collector, transaction, enrichment, key);
    row_count(&slot->row, transaction);
    if (response && slot->reads < READS_MAX)
        response_take(collector, slot, response);
}

/* Puts the rows that count something first; a domain that only bounds its names does not. Returns
 * how many. */
static size_t rows_sort(struct collector *collector)
{
    const struct history_row **order = collector->order;
    size_t count = 0;
    for (size_t i = 0; i < collector->used; i++) {
        const struct history_row *row = order[i];
        if (row->count == 0)
            continue;
        order[i] = order[count];
        order[count++] = row;
    }
    qsort(order, count, sizeof(*order), history_row_order);
    return count;
}

void collector_flush(struct collector *collector)
{
    if (collector->used == 0)
        return;
    size_t count = rows_sort(collector);
    if (count)
        collector->sink(collector->arg, collector->order, count);
    for (size_t i = 0; i < collector->used; i++)
        collected_of(collector->order[i])->key = 0;
    collector->used = 0;
    collector->bytes_used = 0;
}

void collector_time(struct collector *collector, int64_t now_ns)
{
    int64_t stretch = now_ns / stretch_ns;
    if (stretch <= collector->stretch)
        return;
    collector->stretch = stretch;
    collector_flush(collector);
}
