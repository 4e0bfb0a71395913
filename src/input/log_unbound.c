/* log_unbound.c - reads what Unbound logs of queries, replies and local actions
 * SPDX-License-Identifier: Apache-2.0
 *
 *     TIME unbound[1:0] query: 192.0.2.1 NAME. A IN                          (log-queries)
 *     TIME unbound[1:0] reply: 192.0.2.1 NAME. A IN NXDOMAIN 0.000534 0 85   (log-replies)
 *     TIME unbound[1:0] info: ZONE. always_nxdomain 192.0.2.1@4242 NAME. A IN  (log-local-actions)
 *
 * with `info:` for `query:` and `reply:` where log-tag-queryreply is off. A reply is joined with
 * the query told before it, if one was. A local action is told in between and adds nothing to them.
 * Bytes of a name that are not printable stand there as '?'. */
#include "input/log.h"
#include "input/log_join.h"

enum { PREFIX_WORDS_MAX = 6 }; /* before the tag: host, program, syslog's and Unbound's ids */

/* Moves behind the tag of a line that may be about a query. */
static bool tag_find(struct log_text *line)
{
    bool ours = false;
    for (int i = 0; i < PREFIX_WORDS_MAX && line->len; i++) {
        struct log_text word = log_text_word(line);
        if (log_text_is(word, "query:") || log_text_is(word, "reply:") ||
            log_text_is(word, "info:"))
            return ours;
        ours |= log_text_begins(word, "unbound");
    }
    return false;
}

/* "192.0.2.1 NAME. A IN" or, of a local action, "ZONE. ACTION 192.0.2.1@4242 NAME. A IN". */
static bool asked_read(struct log_text *line, struct log_record *record)
{
    struct log_text action = *line;
    struct log_text client = log_text_word(line);
    if (log_text_addr(client, &record->client)) {
        record->qname = log_text_word(line);
    } else {
        log_text_word(&action);
        log_text_word(&action);
        if (!log_text_addr_port(log_text_word(&action), '@', &record->client, &record->client_port))
            return false;
        *line = action;
        record->qname = log_text_word(line);
    }
    struct log_text type = log_text_word(line);
    return log_text_type(type, &record->qtype) &&
           log_text_class(log_text_word(line), &record->qclass);
}

static enum log_verdict query_give(struct log_context *context, uint64_t key)
{
    struct log_record *record = &context->record;
    record->halves = LOG_QUERY;
    record->lacks = LACKS_RESPONSE; /* whether replies are logged is not known */
    record->has_id = true;
    record->id = log_next_id(context);
    struct log_asked asked = {
        .key = key, .time_ns = record->time_ns, .id = record->id, .qtype = record->qtype};
    log_join_add(context->state, &asked);
    return log_give(&context->sink, record);
}

static enum log_verdict reply_give(struct log_context *context, uint64_t key)
{
    struct log_record *record = &context->record;
    struct log_asked asked;
    record->halves = LOG_QUERY | LOG_RESPONSE;
    if (log_join_take(context->state, key, record->qtype, record->time_ns, &asked)) {
        record->halves = LOG_RESPONSE;
        record->has_id = true;
        record->id = asked.id;
    }
    return log_give(&context->sink, record);
}

static enum log_verdict unbound_read(struct log_context *context, struct log_text line)
{
    struct log_record *record = &context->record;
    int64_t time_ns;
    if (!log_time_read(&context->clock, &line, &time_ns))
        return LOG_REFUSED_TIME;
    log_record_begin(record, 0, time_ns);
    if (!tag_find(&line))
        return LOG_OTHER;
    struct log_text common = line;
    if (!asked_read(&line, record) || record->client_port)
        return LOG_OTHER;
    common.len = (size_t)(record->qname.at + record->qname.len - common.at);
    uint64_t key = log_join_key(common);
    struct log_text rcode = log_text_word(&line);
    if (rcode.len == 0)
        return query_give(context, key);
    return log_text_rcode(rcode, &record->rcode) ? reply_give(context, key) : LOG_REFUSED_TYPE;
}

static unsigned unbound_recognise(struct log_text line)
{
    struct log_clock clock = {0};
    struct log_record asked;
    int64_t time_ns;
    if (!log_time_read(&clock, &line, &time_ns) || !tag_find(&line))
        return 0;
    return asked_read(&line, &asked) ? LOG_SURE : 1;
}

const struct log_format_ops log_unbound_ops = {
    .state_bytes = sizeof(struct log_join),
    .recognise = unbound_recognise,
    .read = unbound_read,
};
