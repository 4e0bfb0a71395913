/* rule_match.c - which signature rules hold for the messages of a transaction, their bits aside
 * SPDX-License-Identifier: Apache-2.0 */
#include "enrich/rule_match.h"

#include <dnsvigil/packet.h>
#include <dnsvigil/record.h>
#include <stdlib.h>
#include <string.h>

enum {
    COMPARES_MAX = 4096, /* of patterns with a transaction's texts */
    QUESTION_FIXED_BYTES = 4,
    LENGTH_BYTES = 2, /* before a message of TCP */
    STREAM_BYTES = LENGTH_BYTES + UINT16_MAX,
};

bool rule_matcher_init(struct rule_matcher *matcher, const struct rule_index *index,
                       struct suffix_cache *suffixes, struct metrics *metrics)
{
    *matcher = (struct rule_matcher){
        .index = index,
        .metrics = metrics,
        .stream = malloc(STREAM_BYTES),
        .stamps = calloc(index->set->count + 1u, sizeof(*matcher->stamps)),
    };
    return rule_checker_init(&matcher->checker, suffixes) && matcher->stream && matcher->stamps;
}

void rule_matcher_done(struct rule_matcher *matcher)
{
    rule_checker_done(&matcher->checker);
    free(matcher->stream);
    free(matcher->stamps);
    *matcher = (struct rule_matcher){0};
}

/* A new transaction has no candidates yet. Stamps are told apart until their number wraps. */
static void candidates_forget(struct rule_matcher *matcher)
{
    matcher->count = 0;
    if (++matcher->stamp == 0) {
        memset(matcher->stamps, 0, matcher->index->set->count * sizeof(*matcher->stamps));
        matcher->stamp = 1;
    }
}

static void candidate_add(void *arg, uint32_t rule)
{
    struct rule_matcher *matcher = arg;
    if (matcher->stamps[rule] == matcher->stamp)
        return;
    matcher->stamps[rule] = matcher->stamp;
    if (matcher->count < RULE_CANDIDATES_MAX)
        matcher->candidates[matcher->count++] = rule;
    else
        matcher->checker.spent = true;
}

static bool candidate_found(void *arg, uint32_t rule)
{
    candidate_add(arg, rule);
    return true;
}

/* What names may cost together. */
struct hunt {
    struct rule_matcher *matcher;
    unsigned compares;
};

static void text_hunt(struct hunt *hunt, const struct pattern_set *patterns, const uint8_t *text,
                      size_t len)
{
    if (!pattern_set_search(patterns, text, len, &hunt->compares, candidate_found, hunt->matcher))
        hunt->matcher->checker.spent = true;
}

/* What was found in one message: candidates, and guards, a bit for each. */
struct finds {
    struct rule_matcher *matcher;
    uint64_t guards;
};

static bool rule_or_guard_found(void *arg, uint32_t value)
{
    struct finds *finds = arg;
    uint32_t rules = finds->matcher->index->set->count;
    if (value < rules)
        candidate_add(finds->matcher, value);
    else
        finds->guards |= 1ull << (value - rules);
    return true;
}

static uint64_t guards_hunt(struct hunt *hunt, const struct pattern_set *patterns,
                            const struct rule_message *message)
{
    struct finds finds = {.matcher = hunt->matcher};
    if (patterns->count > 0 && !pattern_set_search(patterns, message->payload, message->payload_len,
                                                   &hunt->compares, rule_or_guard_found, &finds))
        hunt->matcher->checker.spent = true;
    return finds.guards;
}

/* Rules read a name as text, in which a dot inside a label ends one like any other. Length bytes
 * may be dots as well, so this may be asked for nothing. */
static void dotted_hunt(struct hunt *hunt, const struct rule_names *names,
                        const struct dns_name *name)
{
    const struct rule_message message = {.question = name};
    uint8_t text[RULE_TEXT_MAX];
    struct dns_name as_text;
    name_of_text(&as_text, text, rule_name_text(&message, 0, text));
    rule_endings_search(&names->endings, &as_text, candidate_add, hunt->matcher);
}

static void endings_hunt(struct hunt *hunt, const struct rule_names *names,
                         const struct dns_name *name)
{
    rule_endings_search(&names->endings, name, candidate_add, hunt->matcher);
    if (memchr(name->wire, '.', name->len))
        dotted_hunt(hunt, names, name);
}

static void name_hunt(struct hunt *hunt, const struct rule_names *names,
                      const struct dns_name *name)
{
    endings_hunt(hunt, names, name);
    text_hunt(hunt, &names->parts, name->wire, name->len);
}

/* The names at these places of a message. */
static void places_hunt(struct hunt *hunt, const struct rule_names *names,
                        const struct rule_message *message, enum rule_buffer_kind kind)
{
    struct rule_places places;
    struct dns_name name;
    rule_places(message, kind, &places);
    hunt->matcher->checker.spent |= places.cut;
    for (unsigned i = 0; i < places.count; i++) {
        const struct dns_record at = {.owner = places.at[i]};
        if (record_owner(message->message, &at, &name))
            name_hunt(hunt, names, &name);
    }
}

/* Whether the name stands in a plain query as it is, so that the search through the query's bytes
 * finds the parts of the name, too. A pointer takes another number of bytes than what it stands
 * for.
 */
static bool question_is_searched(const struct rule_index *index, const struct rule_message *message)
{
    const struct dns_message *query = message->message;
    if (!index->payload[message->kind].has_parts || !message->question)
        return false;
    uint32_t end = query->record_count ? query->records[0].owner : query->len - query->trailing;
    return end == MESSAGE_HEADER_BYTES + message->question->len + (uint32_t)QUESTION_FIXED_BYTES;
}

static void questions_hunt(struct hunt *hunt, const struct transaction *transaction,
                           const struct rule_message *messages, unsigned count)
{
    const struct rule_names *names = &hunt->matcher->index->questions;
    if (!names->any || !transaction->question)
        return;
    if (question_is_searched(hunt->matcher->index, &messages[0]))
        endings_hunt(hunt, names, transaction->question);
    else
        name_hunt(hunt, names, transaction->question);
    for (unsigned i = 0; i < count; i++)
        if (messages[i].message && messages[i].message->counts[DNS_SECTION_QUESTION] > 1)
            places_hunt(hunt, names, &messages[i], RULE_BUFFER_QUESTION);
}

static void records_hunt(struct hunt *hunt, const struct rule_message *messages, unsigned count)
{
    const struct rule_names *names = &hunt->matcher->index->records;
    if (!names->any)
        return;
    for (unsigned i = 0; i < count; i++) {
        if (!messages[i].message || !messages[i].message->record_count)
            continue;
        places_hunt(hunt, names, &messages[i], RULE_BUFFER_ANSWER);
        places_hunt(hunt, names, &messages[i], RULE_BUFFER_AUTHORITY);
        places_hunt(hunt, names, &messages[i], RULE_BUFFER_ADDITIONAL);
        if (messages[i].response)
            places_hunt(hunt, names, &messages[i], RULE_BUFFER_RESPONSE);
    }
}

static int rule_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void message_describe(const struct transaction *transaction, bool response,
                             struct rule_message *ret)
{
    const struct dns_message *message = response ? transaction->response : transaction->query;
    bool question = message ? message->has_question : transaction->question != NULL;
    *ret = (struct rule_message){
        .message = message,
        .question = question ? transaction->question : NULL,
        .payload = message ? message->data : NULL,
        .payload_len = message ? message->len : 0,
        .qtype = message ? message->qtype : transaction->qtype,
        .kind = (uint8_t)rule_kind_of(transaction, response),
        .response = response,
        .tcp = transaction->transport == TRANSPORT_TCP,
        .source = response ? &transaction->server : &transaction->client,
        .destination = response ? &transaction->client : &transaction->server,
        .source_port = response ? transaction->server_port : transaction->client_port,
        .destination_port = response ? transaction->client_port : transaction->server_port,
    };
}

/* The messages there are; without any, a query that is known by its question. */
static unsigned messages_describe(const struct transaction *transaction,
                                  struct rule_message messages[2])
{
    unsigned count = 0;
    if (transaction->query || !transaction->response)
        message_describe(transaction, false, &messages[count++]);
    if (transaction->response)
        message_describe(transaction, true, &messages[count++]);
    return count;
}

/* Puts the length before a message that came by TCP, as rules see it there. Bytes that are no
 * message had none. */
static void stream_prepare(struct rule_matcher *matcher, struct rule_message *message)
{
    if (!message->tcp || !message->payload || message->payload_len > UINT16_MAX ||
        message->message->unframed)
        return;
    matcher->stream[0] = (uint8_t)(message->payload_len >> 8);
    matcher->stream[1] = (uint8_t)message->payload_len;
    memcpy(matcher->stream + LENGTH_BYTES, message->payload, message->payload_len);
    message->payload = matcher->stream;
    message->payload_len += LENGTH_BYTES;
}

static void payload_hunt(struct hunt *hunt, const struct rule_message *message)
{
    const struct rule_index *index = hunt->matcher->index;
    const struct rule_payload *payload = &index->payload[message->kind];
    struct rule_message framed;
    if (payload->any.count + payload->of_long.count == 0 || !message->payload)
        return;
    if (message->tcp) {
        framed = *message;
        stream_prepare(hunt->matcher, &framed);
        message = &framed;
    }
    uint64_t guards = guards_hunt(hunt, &payload->any, message);
    if (message->payload_len > RULE_LONG_BYTES)
        guards |= guards_hunt(hunt, &payload->of_long, message);
    for (; guards; guards &= guards - 1)
        text_hunt(hunt, &index->guards.guards[__builtin_ctzll(guards)].behind, message->payload,
                  message->payload_len);
}

/* Both messages of a transaction share the one place for streams: their payloads are hunted, and
 * later tried, one after the other. */
static void candidates_find(struct rule_matcher *matcher, const struct transaction *transaction,
                            struct rule_message *messages, unsigned count)
{
    struct hunt hunt = {matcher, COMPARES_MAX};
    candidates_forget(matcher);
    questions_hunt(&hunt, transaction, messages, count);
    records_hunt(&hunt, messages, count);
    for (unsigned i = 0; i < count; i++)
        payload_hunt(&hunt, &messages[i]);
}

static unsigned message_try(struct rule_matcher *matcher, struct rule_message *message,
                            const uint32_t *rules, unsigned rule_count, unsigned count,
                            struct rule_match matches[RULE_MATCHES_MAX])
{
    for (unsigned i = 0; i < rule_count; i++) {
        const struct rule *rule = matcher->index->set->rules[rules[i]];
        if (!rule_holds(&matcher->checker, rule, message, NULL, NULL))
            continue;
        if (count == RULE_MATCHES_MAX) {
            matcher->checker.spent = true;
            break;
        }
        matches[count++] = (struct rule_match){rules[i], message->response};
    }
    return count;
}

static void accounts_settle(struct rule_matcher *matcher)
{
    matcher->metrics->value[METRIC_RULES_CUT] += matcher->checker.spent;
    matcher->metrics->value[METRIC_RULE_PCRE_LIMITS] = matcher->checker.pcre_limits;
}

static unsigned candidates_try(struct rule_matcher *matcher, struct rule_message *messages,
                               unsigned sides, struct rule_match matches[RULE_MATCHES_MAX])
{
    const struct rule_index *index = matcher->index;
    unsigned count = 0;
    rule_checker_refill(&matcher->checker);
    qsort(matcher->candidates, matcher->count, sizeof(*matcher->candidates), rule_order);
    for (unsigned i = 0; i < sides; i++) {
        stream_prepare(matcher, &messages[i]);
        count =
            message_try(matcher, &messages[i], matcher->candidates, matcher->count, count, matches);
        const struct rule_payload *payload = &index->payload[messages[i].kind];
        count = message_try(matcher, &messages[i], payload->unbound, payload->unbound_count, count,
                            matches);
    }
    return count;
}

unsigned rule_match(struct rule_matcher *matcher, const struct transaction *transaction,
                    struct rule_match matches[RULE_MATCHES_MAX])
{
    struct rule_message messages[2];
    const struct rule_index *index = matcher->index;
    unsigned count = 0, unbound = 0, sides = messages_describe(transaction, messages);
    matcher->checker.spent = false;
    candidates_find(matcher, transaction, messages, sides);
    for (unsigned i = 0; i < sides; i++)
        unbound += index->payload[messages[i].kind].unbound_count;
    if (matcher->count + unbound > 0)
        count = candidates_try(matcher, messages, sides, matches);
    accounts_settle(matcher);
    return count;
}

void rule_show(struct rule_matcher *matcher, const struct transaction *transaction,
               const struct rule_match *match, rule_shown_fn shown, void *arg)
{
    struct rule_message message;
    message_describe(transaction, match->response, &message);
    stream_prepare(matcher, &message);
    rule_checker_refill(&matcher->checker);
    rule_holds(&matcher->checker, matcher->index->set->rules[match->rule], &message, shown, arg);
}
