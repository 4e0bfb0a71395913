/* signatures.c - from the rules that hold for a transaction to what is told of it
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/signatures.h"

#include "base/buf.h"
#include "base/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MARKS_MAX = 65536,
    RATES_MAX = 65536,
    CONFIDENCE_UNSAID = 70,
    CONFIDENCE_INFORMATIONAL = 55,
};

/* One message's ends, as its rules see them. */
struct ends {
    const struct addr *source;
    const struct addr *destination;
    const struct addr *client;
    const struct addr *server;
};

bool signatures_init(struct signatures *signatures, const struct rule_index *index,
                     struct suffix_cache *suffixes, struct metrics *metrics)
{
    *signatures = (struct signatures){.metrics = metrics};
    return rule_matcher_init(&signatures->matcher, index, suffixes, metrics) &&
           marks_init(&signatures->marks, MARKS_MAX) && rates_init(&signatures->rates, RATES_MAX);
}

void signatures_done(struct signatures *signatures)
{
    rule_matcher_done(&signatures->matcher);
    marks_done(&signatures->marks);
    rates_done(&signatures->rates);
}

static const struct rule *rule_of(const struct signatures *signatures, uint32_t number)
{
    return signatures->matcher.index->set->rules[number];
}

static struct ends ends_of(const struct transaction *transaction, bool response)
{
    const struct addr *client = &transaction->client, *server = &transaction->server;
    return (struct ends){response ? server : client, response ? client : server, client, server};
}

/* What is counted or marked is always a client's own, whoever else is followed: others' traffic may
 * be another shard's. */
static uint64_t key_of(uint64_t what, const struct addr *client, const struct addr *one,
                       const struct addr *other)
{
    uint64_t key = hash_mix(what ^ hash_seed, HASH_FIXED_SEED);
    key = hash_bytes(client->bytes, sizeof(client->bytes), key);
    if (one)
        key = hash_bytes(one->bytes, sizeof(one->bytes), key);
    return other ? hash_bytes(other->bytes, sizeof(other->bytes), key) : key;
}

/* Of one mark that a rule names. */
static uint64_t mark_key(const struct signatures *signatures, const struct rule_bit *bit,
                         unsigned which, const struct ends *ends)
{
    const char *name = signatures->matcher.index->set->bit_names[bit->ids[which]];
    uint64_t what = hash_bytes(name, strlen(name), bit->scope);
    switch ((enum rule_bit_scope)bit->scope) {
    case RULE_BIT_SRC: return key_of(what, ends->client, ends->source, NULL);
    case RULE_BIT_DST: return key_of(what, ends->client, ends->destination, NULL);
    case RULE_BIT_FLOW: break;
    }
    return key_of(what, ends->client, ends->server, NULL);
}

static bool marks_hold(const struct signatures *signatures, const struct rule *rule,
                       const struct ends *ends, int64_t now_ns)
{
    for (unsigned i = 0; i < rule->bit_count; i++) {
        const struct rule_bit *bit = &rule->bits[i];
        bool any = false;
        if (bit->op != RULE_BIT_ISSET && bit->op != RULE_BIT_ISNOTSET)
            continue;
        for (unsigned j = 0; j < bit->id_count; j++)
            any |= marks_test(&signatures->marks, mark_key(signatures, bit, j, ends), now_ns);
        if (any != (bit->op == RULE_BIT_ISSET))
            return false;
    }
    return true;
}

static void marks_change(struct signatures *signatures, const struct rule *rule,
                         const struct ends *ends, int64_t now_ns)
{
    struct marks *marks = &signatures->marks;
    for (unsigned i = 0; i < rule->bit_count; i++) {
        const struct rule_bit *bit = &rule->bits[i];
        for (unsigned j = 0; j < bit->id_count; j++) {
            uint64_t key = mark_key(signatures, bit, j, ends);
            bool toggle = bit->op == RULE_BIT_TOGGLE;
            if (bit->op == RULE_BIT_UNSET || (toggle && marks_test(marks, key, now_ns)))
                marks_clear(marks, key);
            else if (bit->op == RULE_BIT_SET || toggle)
                marks_set(marks, key, bit->expire_s, now_ns);
        }
    }
}

static bool threshold_tells(struct signatures *signatures, const struct rule *rule,
                            const struct ends *ends, int64_t now_ns)
{
    static const uint8_t types[] = {
        [RULE_THRESHOLD_LIMIT] = RATE_LIMIT,
        [RULE_THRESHOLD_EVERY] = RATE_EVERY,
        [RULE_THRESHOLD_BOTH] = RATE_BOTH,
        [RULE_THRESHOLD_FILTER] = RATE_ABOVE,
    };
    const struct rule_threshold *threshold = &rule->threshold;
    if (threshold->type == RULE_THRESHOLD_NONE || signatures->tells_all)
        return true;
    bool source = threshold->track == RULE_TRACK_SRC || threshold->track == RULE_TRACK_PAIR;
    bool destination = threshold->track == RULE_TRACK_DST || threshold->track == RULE_TRACK_PAIR;
    uint64_t key = key_of((uint64_t)rule->gid << 32 | rule->sid, ends->client,
                          source ? ends->source : NULL, destination ? ends->destination : NULL);
    const struct rate rate = {types[threshold->type], threshold->count, threshold->seconds};
    return rates_count(&signatures->rates, key, &rate, now_ns);
}

/* Rules that pass go first, and those that only mark before those that look at marks. */
static unsigned turn_of(const struct rule *rule)
{
    unsigned turn = rule->action == RULE_PASS ? 0 : 3;
    bool marks = false, looks = false;
    for (unsigned i = 0; i < rule->bit_count; i++) {
        bool look = rule->bits[i].op == RULE_BIT_ISSET || rule->bits[i].op == RULE_BIT_ISNOTSET;
        looks |= look;
        marks |= !look;
    }
    return turn + (looks ? marks ? 1 : 2 : 0);
}

/* Puts one message's matches in the order of their turns, else of the rules; they are few. */
static void matches_sort(const struct signatures *signatures, struct rule_match *matches,
                         unsigned count)
{
    for (unsigned i = 1; i < count; i++) {
        struct rule_match match = matches[i];
        unsigned turn = turn_of(rule_of(signatures, match.rule)), at = i;
        for (; at > 0; at--) {
            unsigned other = turn_of(rule_of(signatures, matches[at - 1].rule));
            if (other < turn || (other == turn && matches[at - 1].rule < match.rule))
                break;
            matches[at] = matches[at - 1];
        }
        matches[at] = match;
    }
}

static int severity_of(const struct rule *rule)
{
    return rule->severity < 0 ? SEVERITY_MEDIUM : rule->severity;
}

/* Takes its place before lighter ones; what came first stays before its equals. */
static void measure_add(struct signatures *signatures, const struct rule_match *match)
{
    struct signature_measure *measure = &signatures->measure;
    int severity = severity_of(rule_of(signatures, match->rule));
    unsigned at = measure->count;
    while (at > 0 && severity_of(rule_of(signatures, measure->told[at - 1].rule)) < severity)
        at--;
    if (at == SIGNATURES_TOLD_MAX)
        return;
    measure->count += measure->count < SIGNATURES_TOLD_MAX;
    memmove(&measure->told[at + 1], &measure->told[at],
            (measure->count - 1 - at) * sizeof(*measure->told));
    measure->told[at] = (struct signature_told){match->rule, match->response};
}

static void hit_count(struct signatures *signatures, uint32_t rule, bool told)
{
    if (!signatures->hits)
        return;
    signatures->hits[rule].held += !told;
    signatures->hits[rule].told += told;
}

static void match_tell(struct signatures *signatures, const struct rule_match *match)
{
    hit_count(signatures, match->rule, true);
    measure_add(signatures, match);
}

static void message_judge(struct signatures *signatures, const struct transaction *transaction,
                          bool allowed, struct rule_match *matches, unsigned count)
{
    uint64_t *value = signatures->metrics->value;
    const struct ends ends = ends_of(transaction, matches->response);
    int64_t now_ns = transaction->time_ns;
    matches_sort(signatures, matches, count);
    for (unsigned i = 0; i < count; i++) {
        const struct rule *rule = rule_of(signatures, matches[i].rule);
        if (!marks_hold(signatures, rule, &ends, now_ns))
            continue;
        value[METRIC_RULE_MATCHES]++;
        hit_count(signatures, matches[i].rule, false);
        marks_change(signatures, rule, &ends, now_ns);
        if (rule->action == RULE_PASS) {
            value[METRIC_RULES_PASSED] += count - 1 - i;
            return;
        }
        if (rule->noalert || !threshold_tells(signatures, rule, &ends, now_ns) || allowed)
            value[METRIC_RULES_HELD_BACK]++;
        else
            match_tell(signatures, &matches[i]);
    }
}

/* How sure the rule's maker is. */
static uint8_t confidence_of(const struct rule *rule)
{
    static const struct {
        const char *word;
        uint8_t confidence;
    } words[] = {{"High", 90}, {"Medium", 75}, {"Low", 60}};
    for (unsigned i = 0; i < rule->metadata_count; i++)
        for (unsigned j = 0; j < sizeof(words) / sizeof(*words); j++)
            if (strcmp(rule->metadata[i].key, "confidence") == 0 &&
                strcmp(rule->metadata[i].value, words[j].word) == 0)
                return words[j].confidence;
    return rule->severity == SEVERITY_INFORMATIONAL ? CONFIDENCE_INFORMATIONAL : CONFIDENCE_UNSAID;
}

static const struct signature_measure *measure_give(struct signatures *signatures)
{
    struct signature_measure *measure = &signatures->measure;
    if (measure->count == 0)
        return NULL;
    const struct rule *first = rule_of(signatures, measure->told[0].rule);
    measure->gid = first->gid;
    measure->sid = first->sid;
    measure->severity = first->severity;
    measure->confidence = confidence_of(first);
    return measure;
}

const struct signature_measure *signatures_judge(struct signatures *signatures,
                                                 const struct transaction *transaction,
                                                 const struct enrichment *enrichment)
{
    struct rule_match matches[RULE_MATCHES_MAX];
    unsigned count = rule_match(&signatures->matcher, transaction, matches);
    unsigned queries = 0;
    if (count == 0)
        return NULL;
    while (queries < count && !matches[queries].response)
        queries++;
    signatures->measure.count = 0;
    if (queries > 0)
        message_judge(signatures, transaction, enrichment->allowed, matches, queries);
    if (queries < count)
        message_judge(signatures, transaction, enrichment->allowed, matches + queries,
                      count - queries);
    return measure_give(signatures);
}

const struct signature_measure *signatures_keep(struct signatures *signatures, const bool wanted[])
{
    struct signature_measure *measure = &signatures->measure;
    unsigned kept = 0;
    for (unsigned i = 0; i < measure->count; i++)
        if (wanted[measure->told[i].rule])
            measure->told[kept++] = measure->told[i];
    measure->count = (uint8_t)kept;
    return measure_give(signatures);
}

/* Bytes of a message as text: what does not print as RFC 4343 writes it. */
static void bytes_append(struct buf *buf, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] > 0x20 && bytes[i] < 0x7f && bytes[i] != '\\')
            buf_char(buf, (char)bytes[i]);
        else
            buf_printf(buf, "\\%03u", bytes[i]);
    }
}

static void shown_append(void *arg, enum rule_buffer_kind kind, const uint8_t *text, size_t len)
{
    static const char *const keywords[RULE_BUFFER_COUNT] = {
#define RULE_BUFFER(id, keyword, older, what) [RULE_BUFFER_##id] = keyword,
#include "intel/rule_buffers.def"
#undef RULE_BUFFER
    };
    struct buf *buf = arg;
    buf_printf(buf, "%s%s ", buf->len ? "\n" : "", keywords[kind]);
    if (kind == RULE_BUFFER_PAYLOAD)
        buf_printf(buf, "%zu bytes", len);
    else
        bytes_append(buf, text, len);
}

/* As many whole lines as fit. */
static void lines_copy(const struct buf *lines, char *to, size_t size)
{
    size_t len = lines->len;
    while (len >= size) {
        const char *before = memrchr(lines->data, '\n', len - 1);
        len = before ? (size_t)(before - lines->data) : size - 1;
    }
    if (len > 0)
        memcpy(to, lines->data, len);
    to[len] = 0;
}

static void line_add(struct buf *lines, size_t line_max, const char *a, const char *between,
                     const char *b)
{
    buf_printf(lines, "%s%.*s%s%.*s", lines->len ? "\n" : "", (int)line_max, a, between,
               (int)line_max, b);
}

static void others_describe(const struct signatures *signatures,
                            const struct signature_measure *measure, struct buf *lines)
{
    for (unsigned i = 1; i < measure->count; i++) {
        const struct rule *rule = rule_of(signatures, measure->told[i].rule);
        char number[32];
        snprintf(number, sizeof(number), "%" PRIu32, rule->sid);
        line_add(lines, ALERT_TEXT_MAX / 2, number, " ", rule->msg);
    }
}

/* As much as fits, cut between characters. */
static void rule_text_copy(const struct rule *rule, char *to, size_t size)
{
    size_t len = rule->text_len;
    if (len >= size)
        for (len = size - 1; len > 0 && ((uint8_t)rule->text[len] & 0xc0) == 0x80;)
            len--;
    memcpy(to, rule->text, len);
    to[len] = 0;
}

static void words_as_lines(const char *words, char *to, size_t size)
{
    snprintf(to, size, "%s", words);
    for (; *to; to++)
        *to = *to == ' ' ? '\n' : *to;
}

void signatures_describe(struct signatures *signatures, const struct transaction *transaction,
                         const struct signature_measure *measure, struct alert_signature *ret)
{
    const struct rule *rule = rule_of(signatures, measure->told[0].rule);
    const struct rule_match match = {measure->told[0].rule, measure->told[0].response};
    struct buf lines;
    *ret = (struct alert_signature){.gid = rule->gid, .sid = rule->sid, .rev = rule->rev};
    snprintf(ret->msg, sizeof(ret->msg), "%s", rule->msg);
    snprintf(ret->classtype, sizeof(ret->classtype), "%s", rule->classtype);
    snprintf(ret->place, sizeof(ret->place), "%s:%" PRIu32,
             signatures->matcher.index->set->files[rule->file], rule->line);
    rule_text_copy(rule, ret->text, sizeof(ret->text));
    snprintf(ret->side, sizeof(ret->side), "%s", match.response ? "response" : "query");
    words_as_lines(rule->tactic, ret->tactics, sizeof(ret->tactics));
    words_as_lines(rule->techniques, ret->techniques, sizeof(ret->techniques));
    buf_init(&lines, UINT16_MAX);
    rule_show(&signatures->matcher, transaction, &match, shown_append, &lines);
    lines_copy(&lines, ret->matched, sizeof(ret->matched));
    buf_reset(&lines);
    for (unsigned i = 0; i < rule->reference_count; i++)
        line_add(&lines, ALERT_TEXT_MAX / 2, rule->references[i].key, ",",
                 rule->references[i].value);
    lines_copy(&lines, ret->references, sizeof(ret->references));
    buf_reset(&lines);
    others_describe(signatures, measure, &lines);
    lines_copy(&lines, ret->others, sizeof(ret->others));
    buf_done(&lines);
}
