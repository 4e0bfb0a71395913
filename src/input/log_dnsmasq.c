/* log_dnsmasq.c - reads what dnsmasq and Pi-hole log of queries and their answers
 * SPDX-License-Identifier: Apache-2.0
 *
 *     Nov 22 03:29:03 dnsmasq[172]: 3 192.0.2.1/4994 query[A] web.example from 192.0.2.1
 *     Nov 22 03:29:03 dnsmasq[172]: 3 192.0.2.1/4994 forwarded web.example to 192.0.2.53#53
 *     Nov 22 03:29:03 dnsmasq[172]: 3 192.0.2.1/4994 reply web.example is <CNAME>
 *     Nov 22 03:29:03 dnsmasq[172]: 3 192.0.2.1/4994 reply www.example is 192.0.2.80
 *
 * Number and client stand there with log-queries=extra alone, and join the lines then. Without them
 * an answer goes to the last who asked for its name and type. The lines of one answer follow each
 * other, so it ends where a line is about something else. Names and texts stand there as they are,
 * with spaces and all. */
#include "input/log.h"
#include "input/log_join.h"

#include <dnsvigil/dns.h>

enum { TEXTS_BYTES = 16 * 1024 }; /* of names and data of one answer */

/* Where an answer can come from, as its line says. */
static const char *const origins[] = {
    "reply ",        "cached ",         "cached-stale ",        "config ",
    "DHCP ",         "special domain ", "gravity blocked ",     "exactly denied ",
    "regex denied ", "denied ",         "exactly blacklisted ", "regex blacklisted ",
    "blacklisted ",
};

/* Data that is not shown but named. */
static const struct {
    const char *shown;
    uint16_t qtype; /* the answer is to a question of this type; 0: of any */
    uint8_t rcode;
} results[] = {
    {"NODATA-IPv4", DNS_TYPE_A, 0},
    {"NODATA-IPv6", DNS_TYPE_AAAA, 0},
    {"NODATA", 0, 0},
    {"NXDOMAIN", 0, 3},
    {"SERVFAIL", 0, 2},
    {"REFUSED", 0, 5},
    {"not implemented", 0, 4},
};

/* The answer whose lines are coming in. Texts lie in texts[]. */
struct answering {
    bool open;
    uint64_t key; /* of number and client, 0 where the log tells none */
    uint64_t name_key;
    int64_t time_ns;
    uint16_t qtype; /* 0: not clear yet */
    uint16_t rcode;
    bool more;       /* records were named but not shown */
    bool alias_open; /* the last record is a CNAME whose target comes in the next line */
    unsigned count;
    struct log_answer answers[LOG_ANSWERS_MAX];
    size_t texts_len;
    char texts[TEXTS_BYTES];
};

struct dnsmasq {
    struct log_join join;
    struct answering answering;
};

/* What the lines have in common: with log-queries=extra number and client, else nothing. */
struct line_head {
    uint64_t key; /* 0 without them */
    uint16_t port;
};

static bool text_keep(struct answering *answering, struct log_text text, struct log_text *ret_kept)
{
    if (text.len > sizeof(answering->texts) - answering->texts_len)
        return false;
    char *to = answering->texts + answering->texts_len;
    memcpy(to, text.at, text.len);
    answering->texts_len += text.len;
    *ret_kept = log_text_of(to, text.len);
    return true;
}

static void answers_give(const struct answering *answering, struct log_record *record)
{
    record->qname = answering->answers[0].owner;
    for (unsigned i = 0; i < answering->count; i++)
        if (answering->answers[i].data.len)
            *log_record_answer(record) = answering->answers[i];
}

/* Hands on the answer that came in, if there is one and its query is known. */
static void answer_close(struct log_context *context)
{
    struct dnsmasq *dnsmasq = context->state;
    struct answering *answering = &dnsmasq->answering;
    struct log_record *record = &context->record;
    struct log_asked asked;
    if (!answering->open || answering->count == 0)
        return;
    answering->open = false;
    uint64_t key = answering->key ? answering->key : answering->name_key;
    if (!log_join_take(&dnsmasq->join, key, answering->key ? 0 : answering->qtype,
                       answering->time_ns, &asked))
        return;
    log_record_begin(record, LOG_RESPONSE, answering->time_ns);
    record->client = asked.client;
    record->client_port = asked.client_port;
    record->has_id = true;
    record->id = asked.id;
    record->qtype = asked.qtype;
    record->rcode = answering->rcode;
    record->lacks = answering->more || answering->alias_open ? LACKS_ANSWERS : 0;
    if (asked.name_key == answering->name_key)
        answers_give(answering, record);
    else /* an error or what an address is called: the line is not about the name asked for */
        record->lacks = LACKS_ANSWERS;
    log_give(&context->sink, record);
}

/* The line's record, to fill in; NULL where there is no room for it. */
static struct log_answer *answer_add(struct answering *answering, struct log_text name)
{
    struct log_text kept;
    if (answering->count == LOG_ANSWERS_MAX || !text_keep(answering, name, &kept)) {
        answering->more = true;
        return NULL;
    }
    struct log_answer *answer = &answering->answers[answering->count++];
    *answer = (struct log_answer){.owner = kept};
    if (answering->alias_open)
        answer[-1].data = kept;
    answering->alias_open = false;
    return answer;
}

/* Whether a line about this name goes on with the answer: it is of the same query or, where that is
 * not told, about the same name or the target of the CNAME before. */
static bool answer_goes_on(const struct answering *answering, uint64_t key, struct log_text name)
{
    if (!answering->open || answering->count == 0 || answering->key != key)
        return false;
    const struct log_text *last = &answering->answers[answering->count - 1].owner;
    return key || answering->alias_open ||
           (last->len == name.len && memcmp(last->at, name.at, name.len) == 0);
}

/* What a line says behind "is ". */
static void data_take(struct answering *answering, struct log_answer *answer, struct log_text data)
{
    struct addr addr;
    for (size_t i = 0; i < sizeof(results) / sizeof(*results); i++) {
        if (!log_text_begins(data, results[i].shown))
            continue;
        answering->qtype = results[i].qtype;
        answering->rcode = results[i].rcode;
        return;
    }
    if (log_text_is(data, "<CNAME>")) {
        answer->type = DNS_TYPE_CNAME;
        answering->alias_open = true;
    } else if (log_text_begins(data, "<")) {
        data.len -= log_text_ends(data, ">");
        log_text_type(log_text_of(data.at + 1, data.len - 1), &answering->qtype);
        answering->more = true;
    } else if (log_text_addr(data, &addr)) {
        answer->type = answering->qtype = log_answer_type(0, data);
        answering->more |= !text_keep(answering, data, &answer->data);
    } else {
        answer->type = answering->qtype = DNS_TYPE_TXT;
        answering->more |= !text_keep(answering, data, &answer->data);
    }
}

/* "NAME is DATA" */
static enum log_verdict answer_read(struct log_context *context, const struct line_head *head,
                                    int64_t time_ns, struct log_text line)
{
    struct answering *answering = &((struct dnsmasq *)context->state)->answering;
    struct log_text name = log_text_until(&line, " is ");
    if (name.len == 0 || line.len == 0)
        return LOG_REFUSED_CUT;
    if (!answer_goes_on(answering, head->key, name)) {
        answer_close(context);
        *answering = (struct answering){
            .open = true, .key = head->key, .name_key = log_join_key(name), .time_ns = time_ns};
    }
    struct log_answer *answer = answer_add(answering, name);
    if (answer)
        data_take(answering, answer, line);
    return LOG_TAKEN;
}

/* "A] NAME from 192.0.2.1" or, of an unknown type, "type=65280] ..." */
static enum log_verdict query_read(struct log_context *context, const struct line_head *head,
                                   int64_t time_ns, struct log_text line)
{
    struct log_record *record = &context->record;
    struct dnsmasq *dnsmasq = context->state;
    uint64_t number;
    log_record_begin(record, LOG_QUERY, time_ns);
    struct log_text type = log_text_until(&line, "] ");
    const char *from = line.len ? memrchr(line.at, ' ', line.len) : NULL;
    if (!from)
        return LOG_REFUSED_CUT;
    struct log_text client = log_text_of(from + 1, (size_t)(line.at + line.len - from - 1));
    record->qname = log_text_of(line.at, (size_t)(from - line.at));
    if (!log_text_ends(record->qname, " from"))
        return LOG_REFUSED_CUT;
    record->qname.len -= strlen(" from");
    if (log_text_skip(&type, "type=") && log_text_number(type, UINT16_MAX, &number))
        record->qtype = (uint16_t)number;
    else if (!log_text_type(type, &record->qtype))
        return LOG_REFUSED_TYPE;
    if (!log_text_addr(client, &record->client))
        return LOG_REFUSED_ADDRESS;
    record->client_port = head->port;
    record->has_id = true;
    record->id = log_next_id(context);
    record->lacks = head->key ? 0 : LACKS_RESPONSE; /* an answer is not always told by name */
    uint64_t name_key = log_join_key(record->qname);
    struct log_asked asked = {
        .key = head->key ? head->key : name_key,
        .name_key = name_key,
        .time_ns = time_ns,
        .client = record->client,
        .client_port = record->client_port,
        .id = record->id,
        .qtype = record->qtype,
    };
    log_join_add(&dnsmasq->join, &asked);
    return log_give(&context->sink, record);
}

/* Moves behind "HOST dnsmasq[172]: "; hosts and processes are named by those who run them. */
static bool program_skip(struct log_text *line)
{
    log_text_until(line, "dnsmasq");
    struct log_text process = log_text_until(line, ": ");
    return line->len && (process.len == 0 || log_text_begins(process, "["));
}

/* "3 192.0.2.1/4994 ", where it stands there. */
static struct line_head head_read(struct log_text *line)
{
    struct line_head head = {0};
    struct log_text rest = *line;
    struct addr client;
    uint64_t number;
    if (!log_text_number(log_text_word(&rest), UINT32_MAX, &number) ||
        !log_text_addr_port(log_text_word(&rest), '/', &client, &head.port))
        return head;
    head.key = log_join_key(log_text_of(line->at, (size_t)(rest.at - line->at)));
    *line = rest;
    return head;
}

/* Moves behind what says where an answer comes from; a hosts file is named by its path. */
static bool origin_skip(struct log_text *line)
{
    if (log_text_begins(*line, "/")) {
        log_text_until(line, " ");
        return line->len > 0;
    }
    for (size_t i = 0; i < sizeof(origins) / sizeof(*origins); i++)
        if (log_text_skip(line, origins[i]))
            return true;
    return false;
}

static enum log_verdict dnsmasq_read(struct log_context *context, struct log_text line)
{
    int64_t time_ns;
    if (!log_time_read(&context->clock, &line, &time_ns))
        return LOG_REFUSED_TIME;
    if (!program_skip(&line))
        return LOG_OTHER;
    struct line_head head = head_read(&line);
    if (origin_skip(&line))
        return answer_read(context, &head, time_ns, line);
    answer_close(context);
    return log_text_skip(&line, "query[") ? query_read(context, &head, time_ns, line) : LOG_OTHER;
}

static unsigned dnsmasq_recognise(struct log_text line)
{
    struct log_clock clock = {0};
    int64_t time_ns;
    if (!log_time_read(&clock, &line, &time_ns) || !program_skip(&line))
        return 0;
    head_read(&line);
    return log_text_begins(line, "query[") ? LOG_SURE : 1;
}

const struct log_format_ops log_dnsmasq_ops = {
    .state_bytes = sizeof(struct dnsmasq),
    .recognise = dnsmasq_recognise,
    .read = dnsmasq_read,
    .flush = answer_close,
};
