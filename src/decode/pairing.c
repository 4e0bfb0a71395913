/* pairing.c - joins queries with their responses into transactions
 * SPDX-License-Identifier: Apache-2.0 */
#include "decode/pairing.h"

#include "base/hash.h"
#include "base/lines.h"
#include "decode/message.h"

#include <dnsvigil/name.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
    LOG_BYTES_MIN = 256 * 1024, /* so much is used at first */
    WAYS = 8,
    ENTRY_BYTES_TYPICAL = 256, /* sizes the index for the log */
};

enum query_state { QUERY_OPEN, QUERY_ANSWERED, QUERY_EXPIRED, QUERY_GAP };

enum { HEAD_BYTES = offsetof(struct dns_message, question) };

/* A query in the log, followed by its decoded records and its bytes; or the unused rest before the
 * wrap, of which only size and state are there. */
struct open_query {
    uint32_t size; /* of this entry with all that follows, a multiple of 8 */
    uint8_t state; /* enum query_state */
    uint8_t transport;
    uint8_t lacks;
    bool has_question;
    int64_t time_ns;
    struct addr client;
    struct addr server;
    uint16_t client_port;
    uint16_t server_port;
    uint16_t id;
    uint16_t qtype;
    uint16_t qclass;
    uint16_t repeats;
    uint32_t ticket; /* its place in the line of those that wait */
    uint64_t key;
    uint64_t question_digest;
    uint64_t response_hash;   /* of the response's bytes, once one came, be it late; 0 before */
    uint8_t head[HEAD_BYTES]; /* the decoded message up to its question */
    struct dns_record records[];
};

/* The index: sets of 8 ways of (tag, position). Positions are absolute log offsets cut to 32 bits;
 * the log is smaller than that, so they are unambiguous while the entry lives. */
struct index_set {
    _Alignas(64) uint16_t tag[WAYS];
    uint32_t at[WAYS];
};

/* One of the line of those that wait for their response, in the order they came. The line is apart
 * from the log, so that time passes over queries that were answered long ago without reading what
 * has left the cache. */
struct waiting {
    int64_t time_ns;
    uint64_t position; /* in the log, or SERVED */
};

#define SERVED UINT64_MAX

struct pairing {
    struct pairing_config config;
    struct metrics *metrics;
    transaction_fn deliver;
    void *arg;
    uint8_t *log;
    uint64_t log_bytes;
    uint64_t log_mask; /* of the part in use, which grows as traffic needs it: less stays cached */
    uint64_t head;     /* where the next entry goes */
    uint64_t tail;     /* the oldest entry still known */
    struct waiting *line;
    uint32_t line_mask;
    uint32_t line_head;  /* tickets that were given out */
    uint32_t line_first; /* those before it were served */
    int64_t oldest_ns;   /* of the first in the line, or of one served since */
    struct index_set *sets;
    uint64_t set_mask;        /* of the part in use: it grows with the log */
    struct dns_message query; /* the query half of what is being delivered */
};

static uint64_t power_of_two(uint64_t least)
{
    uint64_t value = 1;
    while (value < least)
        value *= 2;
    return value;
}

/* Sets of the index for a log of that size, a power of two: a quarter of the ways is in use then,
 * so that a set is hardly ever full. */
static uint64_t sets_for(uint64_t log_bytes)
{
    return log_bytes / ENTRY_BYTES_TYPICAL / WAYS * 4;
}

struct pairing *pairing_new(const struct pairing_config *config, struct metrics *metrics,
                            transaction_fn deliver, void *arg)
{
    struct pairing *pairing = calloc(1, sizeof(*pairing));
    if (!pairing)
        return NULL;
    uint64_t log_bytes =
        power_of_two(config->log_bytes > LOG_BYTES_MIN ? config->log_bytes : LOG_BYTES_MIN);
    pairing->config = *config;
    pairing->metrics = metrics;
    pairing->deliver = deliver;
    pairing->arg = arg;
    pairing->log = lines_alloc(log_bytes);
    pairing->log_bytes = log_bytes;
    pairing->log_mask = LOG_BYTES_MIN - 1;
    pairing->sets = lines_alloc_zeroed(sets_for(log_bytes) * sizeof(*pairing->sets));
    pairing->set_mask = sets_for(LOG_BYTES_MIN) - 1;
    uint64_t tickets = power_of_two(log_bytes / sizeof(struct open_query));
    pairing->line = lines_alloc(tickets * sizeof(*pairing->line));
    pairing->line_mask = (uint32_t)tickets - 1;
    if (!pairing->log || !pairing->sets || !pairing->line) {
        pairing_free(pairing);
        return NULL;
    }
    return pairing;
}

void pairing_free(struct pairing *pairing)
{
    if (!pairing)
        return;
    free(pairing->log);
    free(pairing->sets);
    free(pairing->line);
    free(pairing);
}

static uint64_t key_of(const struct addr *client, const struct addr *server, uint16_t client_port,
                       uint16_t server_port, uint16_t id)
{
    uint64_t words[5];
    memcpy(words, client->bytes, 16);
    memcpy(words + 2, server->bytes, 16);
    words[4] = (uint64_t)client_port << 32 | (uint64_t)server_port << 16 | id;
    uint64_t hash = hash_seed;
    for (unsigned i = 0; i < 4; i += 2)
        hash = hash_mix(hash ^ words[i], HASH_FIXED_SEED ^ words[i + 1]);
    return hash_mix(hash ^ words[4], HASH_FIXED_SEED);
}

static uint64_t packet_key(const struct packet *packet, bool to_server, uint16_t id)
{
    return to_server ? key_of(&packet->src, &packet->dst, packet->src_port, packet->dst_port, id)
                     : key_of(&packet->dst, &packet->src, packet->dst_port, packet->src_port, id);
}

static struct index_set *set_of(const struct pairing *pairing, uint64_t key)
{
    return &pairing->sets[key & pairing->set_mask];
}

/* Never 0, which marks an empty way. */
static uint16_t tag_of(uint64_t key)
{
    return (uint16_t)(key >> 48) | 1;
}

static const uint8_t *query_bytes(const struct open_query *query, unsigned record_count)
{
    return (const uint8_t *)(query->records + record_count);
}

static struct open_query *query_at(const struct pairing *pairing, uint64_t position)
{
    return (struct open_query *)(pairing->log + (position & pairing->log_mask));
}

/* The absolute position whose low 32 bits are `at`; false when that entry is gone. */
static bool position_of(const struct pairing *pairing, uint32_t at, uint64_t *ret_position)
{
    uint64_t position = pairing->head - (uint32_t)((uint32_t)pairing->head - at);
    if (position < pairing->tail || position >= pairing->head)
        return false;
    *ret_position = position;
    return true;
}

uint64_t pairing_prefetch(const struct pairing *pairing, const struct packet *packet,
                          bool to_server, uint16_t id)
{
    uint64_t key = packet_key(packet, to_server, id);
    line_prefetch(set_of(pairing, key));
    return key;
}

/* The ways that may hold the key, as bits: all tags are compared at once, because which one it is
 * cannot be foretold. */
static unsigned ways_of(const struct index_set *set, uint64_t key)
{
    typedef uint16_t tags __attribute__((vector_size(WAYS * sizeof(uint16_t))));
    const tags bits = {1, 2, 4, 8, 16, 32, 64, 128};
    tags all;
    uint64_t halves[2];
    memcpy(&all, set->tag, sizeof(all));
    all = (tags)(all == tag_of(key)) & bits;
    memcpy(halves, &all, sizeof(halves));
    return (unsigned)((halves[0] + halves[1]) * 0x0001000100010001 >> 48); /* the sum of all */
}

void pairing_prefetch_query(const struct pairing *pairing, uint64_t key)
{
    const struct index_set *set = set_of(pairing, key);
    for (unsigned ways = ways_of(set, key); ways; ways &= ways - 1) {
        uint64_t position;
        if (!position_of(pairing, set->at[__builtin_ctz(ways)], &position))
            continue;
        const uint8_t *entry = pairing->log + (position & pairing->log_mask);
        for (unsigned line = 0; line < sizeof(struct open_query); line += 64)
            line_prefetch(entry + line);
    }
}

/* Time may also have jumped back (a clock set, captures joined): an entry far in the future is as
 * stale as one in the past. */
static bool is_stale(int64_t now_ns, int64_t time_ns, int64_t limit_ns)
{
    return (uint64_t)now_ns - (uint64_t)time_ns + (uint64_t)limit_ns > 2 * (uint64_t)limit_ns;
}

static bool same_question(const struct open_query *query, bool to_server,
                          const struct dns_message *message)
{
    if (message->has_question && query->has_question)
        return query->question_digest == name_digest(&message->question) &&
               query->qtype == message->qtype && query->qclass == message->qclass;
    /* Servers may leave the question out of an error response. */
    return !message->has_question && (!to_server || !query->has_question);
}

/* The query this message belongs to, whatever its state; NULL for none. Where one set of ports and
 * id was used for several questions, the youngest open one wins. `ret_other` tells whether an open
 * query of theirs asks something else. */
static struct open_query *query_find(const struct pairing *pairing, uint64_t key,
                                     const struct packet *packet, bool to_server,
                                     const struct dns_message *message, bool *ret_other)
{
    const struct index_set *set = set_of(pairing, key);
    const struct addr *client = to_server ? &packet->src : &packet->dst;
    const struct addr *server = to_server ? &packet->dst : &packet->src;
    struct open_query *best = NULL;
    uint64_t best_position = 0;
    *ret_other = false;
    for (unsigned ways = ways_of(set, key); ways; ways &= ways - 1) {
        uint64_t position;
        if (!position_of(pairing, set->at[__builtin_ctz(ways)], &position))
            continue;
        struct open_query *query = query_at(pairing, position);
        if (query->key != key || query->id != message->id || !addr_equal(&query->client, client) ||
            !addr_equal(&query->server, server) ||
            is_stale(packet->time_ns, query->time_ns, 2 * pairing->config.timeout_ns))
            continue;
        bool open = query->state == QUERY_OPEN;
        if (!same_question(query, to_server, message)) {
            *ret_other |= open;
            continue;
        }
        bool best_open = best && best->state == QUERY_OPEN;
        if (!best || open > best_open || (open == best_open && position > best_position)) {
            best = query;
            best_position = position;
        }
    }
    return best;
}

static void index_add(struct pairing *pairing, uint64_t key, uint64_t position)
{
    struct index_set *set = set_of(pairing, key);
    unsigned victim = 0;
    uint64_t oldest = UINT64_MAX;
    for (unsigned way = 0; way < WAYS; way++) {
        uint64_t known;
        if (!set->tag[way] || !position_of(pairing, set->at[way], &known)) {
            victim = way;
            break;
        }
        if (known < oldest) {
            oldest = known;
            victim = way;
        }
    }
    set->tag[victim] = tag_of(key);
    set->at[victim] = (uint32_t)position;
}

static void transaction_of_query(const struct open_query *query, struct transaction *transaction)
{
    *transaction = (struct transaction){
        .time_ns = query->time_ns,
        .client = query->client,
        .server = query->server,
        .client_port = query->client_port,
        .server_port = query->server_port,
        .transport = query->transport,
        .lacks = query->lacks,
        .repeats = query->repeats,
        .qtype = query->qtype,
        .qclass = query->qclass,
        /* Every field is named: what is left out would be cleared by a slow string instruction. */
        .response_time_ns = 0,
        .late = false,
        .rcode = 0,
        .question = NULL,
        .query = NULL,
        .response = NULL,
    };
}

static void transaction_deliver(struct pairing *pairing, const struct transaction *transaction)
{
    enum metric kind = !transaction->response ? METRIC_TRANSACTIONS_QUERY_ONLY
                       : transaction->query   ? METRIC_TRANSACTIONS_PAIRED
                                              : METRIC_TRANSACTIONS_RESPONSE_ONLY;
    pairing->metrics->value[METRIC_TRANSACTIONS]++;
    pairing->metrics->value[kind]++;
    pairing->deliver(pairing->arg, transaction);
}

/* Puts the query half together again, but for its question. */
static void query_restore(struct pairing *pairing, const struct open_query *query)
{
    struct dns_message *message = &pairing->query;
    memcpy(message, query->head, HEAD_BYTES);
    message->records = query->records;
    message->data = query_bytes(query, message->record_count);
}

/* The question of a query that was put together again; NULL when it has none. */
static const struct dns_name *query_question(struct pairing *pairing)
{
    struct dns_message *message = &pairing->query;
    unsigned steps = MESSAGE_STEPS_MAX;
    size_t next;
    if (!message->has_question)
        return NULL;
    name_read(&message->question, message->data, message->len, MESSAGE_HEADER_BYTES, &next, &steps);
    return &message->question;
}

static void query_give_up(struct pairing *pairing, struct open_query *query)
{
    struct transaction transaction;
    query->state = QUERY_EXPIRED;
    query_restore(pairing, query);
    transaction_of_query(query, &transaction);
    transaction.query = &pairing->query;
    transaction.question = query_question(pairing);
    transaction_deliver(pairing, &transaction);
}

/* The next in the line is served. */
static void line_step(struct pairing *pairing)
{
    struct waiting *first = &pairing->line[pairing->line_first++ & pairing->line_mask];
    if (first->position != SERVED)
        query_give_up(pairing, query_at(pairing, first->position));
}

void pairing_expire(struct pairing *pairing, int64_t now_ns)
{
    int64_t timeout_ns = pairing->config.timeout_ns;
    if (!is_stale(now_ns, pairing->oldest_ns, timeout_ns))
        return;
    while (pairing->line_first != pairing->line_head) {
        const struct waiting *first = &pairing->line[pairing->line_first & pairing->line_mask];
        if (first->position == SERVED) {
            pairing->line_first++;
            continue;
        }
        pairing->oldest_ns = first->time_ns;
        if (!is_stale(now_ns, first->time_ns, timeout_ns))
            return;
        line_step(pairing);
    }
}

/* Twice as much of the index comes into use, too. */
static void index_grow(struct pairing *pairing)
{
    memset(pairing->sets, 0, (pairing->set_mask + 1) * sizeof(*pairing->sets));
    pairing->set_mask = sets_for(pairing->log_mask + 1) - 1;
    for (uint64_t at = pairing->tail; at < pairing->head; at += query_at(pairing, at)->size) {
        const struct open_query *query = query_at(pairing, at);
        if (query->state != QUERY_GAP)
            index_add(pairing, query->key, at);
    }
}

/* Twice as much of the log comes into use. Entries whose place changes are those in odd rounds of
 * the old part, and they are one piece. */
static void log_grow(struct pairing *pairing)
{
    uint64_t old_bytes = pairing->log_mask + 1;
    uint64_t from = pairing->tail, to = pairing->head;
    if (!(from & old_bytes))
        from = (from | pairing->log_mask) + 1;
    if (!(to & old_bytes))
        to &= ~pairing->log_mask;
    if (from < to) {
        uint8_t *old = pairing->log + (from & pairing->log_mask);
        memcpy(old + old_bytes, old, to - from);
    }
    pairing->log_mask += old_bytes;
    index_grow(pairing);
}

/* The bytes from the head on to take `size` in one piece. */
static uint64_t log_need(const struct pairing *pairing, uint32_t size)
{
    uint64_t to_wrap = pairing->log_mask + 1 - (pairing->head & pairing->log_mask);
    return size + (to_wrap < size ? to_wrap : 0);
}

static bool log_is_full(const struct pairing *pairing, uint32_t size)
{
    return pairing->head + log_need(pairing, size) - pairing->tail > pairing->log_mask + 1;
}

/* The oldest entry, which may be the unused rest before the wrap, is known no longer. */
static void log_drop_oldest(struct pairing *pairing)
{
    const struct open_query *query = query_at(pairing, pairing->tail);
    pairing->tail += query->size;
    if (query->state == QUERY_GAP)
        return;
    pairing->metrics->value[METRIC_QUERIES_EVICTED] += query->state == QUERY_OPEN;
    while ((int32_t)(query->ticket - pairing->line_first) >= 0)
        line_step(pairing);
}

static bool log_oldest_is_stale(const struct pairing *pairing, int64_t now_ns)
{
    const struct open_query *query = query_at(pairing, pairing->tail);
    return query->state == QUERY_GAP ||
           (query->state != QUERY_OPEN &&
            is_stale(now_ns, query->time_ns, 2 * pairing->config.timeout_ns));
}

/* Room for `size` bytes at the head in one piece: that of entries of which nobody wants to know any
 * more, else new room, else that of the oldest. */
static struct open_query *log_reserve(struct pairing *pairing, uint32_t size, int64_t now_ns)
{
    while (log_is_full(pairing, size)) {
        if (pairing->log_mask + 1 < pairing->log_bytes && !log_oldest_is_stale(pairing, now_ns))
            log_grow(pairing);
        else
            log_drop_oldest(pairing);
    }
    uint64_t gap = log_need(pairing, size) - size;
    if (gap) {
        struct open_query *rest = query_at(pairing, pairing->head);
        rest->size = (uint32_t)gap;
        rest->state = QUERY_GAP;
        pairing->head += gap;
    }
    return query_at(pairing, pairing->head);
}

/* Asks for what the next query will overwrite, and for the head of the entry behind that, which is
 * looked at when the log is full: all has left the cache since the log's last round. */
static void log_prefetch_head(const struct pairing *pairing)
{
    for (unsigned at = 0; at < ENTRY_BYTES_TYPICAL + LINE_BYTES; at += LINE_BYTES)
        line_prefetch(query_at(pairing, pairing->head + at));
}

/* A ticket for the query at the head. There are as many places in the line as the log has room for
 * queries. */
static uint32_t line_join(struct pairing *pairing, int64_t time_ns)
{
    if (pairing->line_first == pairing->line_head)
        pairing->oldest_ns = time_ns;
    pairing->line[pairing->line_head & pairing->line_mask] =
        (struct waiting){time_ns, pairing->head};
    return pairing->line_head++;
}

static void query_add(struct pairing *pairing, const struct packet *packet,
                      const struct dns_message *message, uint64_t key)
{
    size_t records_bytes = message->record_count * sizeof(*message->records);
    uint32_t size =
        (uint32_t)((sizeof(struct open_query) + records_bytes + message->len + 7) & ~(size_t)7);
    struct open_query *query = log_reserve(pairing, size, packet->time_ns);
    query->size = size;
    query->time_ns = packet->time_ns;
    query->client = packet->src;
    query->server = packet->dst;
    query->client_port = packet->src_port;
    query->server_port = packet->dst_port;
    query->id = message->id;
    query->qtype = message->qtype;
    query->qclass = message->qclass;
    query->transport = packet->transport;
    query->lacks = packet->lacks;
    query->has_question = message->has_question;
    query->key = key;
    query->question_digest = message->has_question ? name_digest(&message->question) : 0;
    query->repeats = 0;
    query->ticket = line_join(pairing, packet->time_ns);
    query->state = QUERY_OPEN;
    query->response_hash = 0;
    memcpy(query->head, message, HEAD_BYTES);
    if (records_bytes)
        memcpy(query->records, message->records, records_bytes);
    memcpy(query->records + message->record_count, message->data, message->len);
    index_add(pairing, key, pairing->head);
    pairing->head += size;
    log_prefetch_head(pairing);
}

static void query_take(struct pairing *pairing, const struct packet *packet,
                       const struct dns_message *message, uint64_t key)
{
    bool other;
    struct open_query *known = query_find(pairing, key, packet, true, message, &other);
    pairing->metrics->value[METRIC_QUERIES]++;
    if (known && known->state == QUERY_OPEN) {
        known->repeats += known->repeats < UINT16_MAX;
        pairing->metrics->value[METRIC_QUERIES_REPEATED]++;
        return;
    }
    query_add(pairing, packet, message, key);
}

/* A response to an open query. */
static void answer_deliver(struct pairing *pairing, struct open_query *query,
                           const struct packet *packet, const struct dns_message *message)
{
    struct transaction transaction;
    query->state = QUERY_ANSWERED;
    pairing->line[query->ticket & pairing->line_mask].position = SERVED;
    query_restore(pairing, query);
    transaction_of_query(query, &transaction);
    transaction.response_time_ns = packet->time_ns;
    transaction.lacks = (query->lacks & ~LACKS_RESPONSE) | packet->lacks;
    transaction.rcode = message->rcode;
    transaction.query = &pairing->query;
    transaction.response = message;
    transaction.question = message->has_question ? &message->question : query_question(pairing);
    transaction_deliver(pairing, &transaction);
}

struct transaction transaction_of_response(const struct packet *packet,
                                           const struct dns_message *message, enum unasked unasked)
{
    return (struct transaction){
        .time_ns = packet->time_ns,
        .response_time_ns = packet->time_ns,
        .client = packet->dst,
        .server = packet->src,
        .client_port = packet->dst_port,
        .server_port = packet->src_port,
        .transport = packet->transport,
        .lacks = packet->lacks,
        .unasked = (uint8_t)unasked,
        .qtype = message->qtype,
        .qclass = message->qclass,
        .rcode = message->rcode,
        .question = message->has_question ? &message->question : NULL,
        .response = message,
    };
}

/* A response without an open query: unsolicited, late, or a second answer that says something else.
 */
static void response_deliver(struct pairing *pairing, const struct packet *packet,
                             const struct dns_message *message, bool late, enum unasked unasked)
{
    struct transaction transaction = transaction_of_response(packet, message, unasked);
    transaction.late = late;
    pairing->metrics->value[METRIC_RESPONSES_LATE] += late;
    transaction_deliver(pairing, &transaction);
}

static void response_take(struct pairing *pairing, const struct packet *packet,
                          const struct dns_message *message, uint64_t key)
{
    bool other;
    struct open_query *query = query_find(pairing, key, packet, false, message, &other);
    pairing->metrics->value[METRIC_RESPONSES]++;
    if (!query) {
        response_deliver(pairing, packet, message, false,
                         other ? UNASKED_OTHER_QUESTION : UNASKED_NO_QUERY);
        return;
    }
    uint64_t hash = hash_bytes(message->data, message->len, hash_seed);
    if (query->response_hash == hash) {
        pairing->metrics->value[METRIC_RESPONSES_DUPLICATE]++;
        return;
    }
    if (query->state == QUERY_OPEN) {
        query->response_hash = hash;
        answer_deliver(pairing, query, packet, message);
    } else if (query->state == QUERY_EXPIRED) {
        query->response_hash = hash;
        response_deliver(pairing, packet, message, true, UNASKED_NOT);
    } else {
        response_deliver(pairing, packet, message, false,
                         query->repeats ? UNASKED_NOT : UNASKED_SECOND_ANSWER);
    }
}

bool pairing_was_asked(const struct pairing *pairing, const struct packet *packet,
                       const struct dns_message *message)
{
    bool other;
    uint64_t key = packet_key(packet, false, message->id);
    return query_find(pairing, key, packet, false, message, &other) || other;
}

void pairing_message(struct pairing *pairing, const struct packet *packet,
                     const struct dns_message *message, bool to_server, uint64_t key)
{
    pairing_expire(pairing, packet->time_ns);
    if (to_server)
        query_take(pairing, packet, message, key);
    else
        response_take(pairing, packet, message, key);
}

void pairing_finish(struct pairing *pairing)
{
    while (pairing->line_first != pairing->line_head)
        line_step(pairing);
    pairing->tail = pairing->head;
}
