/* log_bind.c - reads the query log of BIND 9
 * SPDX-License-Identifier: Apache-2.0
 *
 *     TIME [queries: ][info: ]client @0x7f01 192.0.2.1#4242 (NAME): [view V: ]query: NAME IN A
 *         +SE(0)TDCK (198.51.100.53) [ECS 192.0.2.0/24/0]
 *
 * with whatever the channel prints before `client`, or syslog. BIND escapes names as in zone files,
 * so spaces part the words whatever was asked for. Each line is a query; nothing is said of what
 * became of it. */
#include "input/log.h"

#include <dnsvigil/dns.h>

/* Moves behind `client `, which nothing that a client chooses stands before. */
static bool client_find(struct log_text *line)
{
    if (log_text_skip(line, "client "))
        return true;
    log_text_until(line, " client ");
    return line->len > 0;
}

/* "@0x7f01 192.0.2.1#4242/key NAME (question): " */
static bool client_read(struct log_text *line, struct log_record *record)
{
    struct log_text word = log_text_word(line);
    if (log_text_begins(word, "@0x"))
        word = log_text_word(line);
    bool is_signed = log_text_ends(word, "/key");
    struct log_text ends = log_text_until(&word, "/");
    if (!log_text_addr_port(ends, '#', &record->client, &record->client_port))
        return false;
    if (is_signed)
        log_text_word(line);
    struct log_text name = log_text_word(line);
    return log_text_begins(name, "(") && log_text_ends(name, "):");
}

static void flags_read(struct log_text flags, struct log_record *record)
{
    record->query_flags = log_text_begins(flags, "+") ? DNS_FLAG_RD : 0;
    for (size_t i = 0; i < flags.len; i++)
        switch (flags.at[i]) {
        case 'E': record->edns = true; break;
        case 'T': record->transport = TRANSPORT_TCP; break;
        case 'D': record->dnssec_ok = true; break;
        case 'C': record->query_flags |= DNS_FLAG_CD; break;
        }
}

/* "NAME IN A +E(0) (198.51.100.53)" */
static enum log_verdict question_read(struct log_text line, struct log_record *record)
{
    record->qname = log_text_word(&line);
    struct log_text rrclass = log_text_word(&line);
    struct log_text type = log_text_word(&line);
    struct log_text flags = log_text_word(&line);
    struct log_text server = log_text_word(&line);
    if (!log_text_skip(&server, "(") || !log_text_ends(server, ")"))
        return LOG_REFUSED_CUT;
    server.len--;
    if (!log_text_class(rrclass, &record->qclass) || !log_text_type(type, &record->qtype))
        return LOG_REFUSED_TYPE;
    if (!log_text_addr(server, &record->server))
        return LOG_REFUSED_ADDRESS;
    flags_read(flags, record);
    return LOG_TAKEN;
}

static enum log_verdict bind_read(struct log_context *context, struct log_text line)
{
    struct log_record *record = &context->record;
    int64_t time_ns;
    if (!log_time_read(&context->clock, &line, &time_ns))
        return LOG_REFUSED_TIME;
    log_record_begin(record, LOG_QUERY, time_ns);
    if (!client_find(&line))
        return LOG_OTHER;
    if (!client_read(&line, record))
        return LOG_REFUSED_ADDRESS;
    if (log_text_skip(&line, "view "))
        log_text_until(&line, ": ");
    if (!log_text_skip(&line, "query: "))
        return LOG_OTHER;
    enum log_verdict verdict = question_read(line, record);
    return verdict == LOG_TAKEN ? log_give(&context->sink, record) : verdict;
}

static unsigned bind_recognise(struct log_text line)
{
    struct log_clock clock = {0};
    struct log_record ends;
    int64_t time_ns;
    bool timed = log_time_read(&clock, &line, &time_ns);
    if (!client_find(&line) || !client_read(&line, &ends))
        return 0;
    log_text_until(&line, "query: ");
    return line.len == 0 ? 0 : timed ? LOG_SURE : LOG_SURE / 2;
}

const struct log_format_ops log_bind_ops = {
    .recognise = bind_recognise,
    .read = bind_read,
};
