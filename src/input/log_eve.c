/* log_eve.c - reads the DNS events of Suricata's EVE log, versions 1 to 3
 * SPDX-License-Identifier: Apache-2.0
 *
 * A line is a query or a response. Version 3 lists the questions in `queries`, version 2 has one as
 * `rrname` and `rrtype`; both list records in `answers`, or by type in `grouped`, or in both.
 * Version 1 tells each record of a response in a line of its own: lines that follow each other are
 * put together. */
#include "input/log_json.h"
#include "input/log_told.h"

#include <dnsvigil/dns.h>
#include <stdlib.h>

struct eve {
    unsigned held_count; /* lines of version 1 that belong to one response */
    json_t *held[LOG_ANSWERS_MAX];
    struct log_told told;
};

/* The bits of the header, where `flags` tells them; else the single ones. */
static uint16_t flags_read(const json_t *dns, uint16_t usual)
{
    static const struct {
        const char *key;
        uint16_t flag;
    } rows[] = {{"aa", DNS_FLAG_AA}, {"tc", DNS_FLAG_TC}, {"rd", DNS_FLAG_RD}, {"ra", DNS_FLAG_RA}};
    const uint16_t known =
        DNS_FLAG_AA | DNS_FLAG_TC | DNS_FLAG_RD | DNS_FLAG_RA | DNS_FLAG_AD | DNS_FLAG_CD;
    struct log_text text = log_json_text(dns, "flags");
    uint16_t flags = 0;
    if (text.len)
        return (uint16_t)strtoul(text.at, NULL, 16) & known;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (log_json_true(dns, rows[i].key))
            flags |= rows[i].flag;
    return flags ? flags : usual;
}

/* Records whose data is an object: the parts in wire order. */
static struct log_text parts_read(struct log_told *told, uint16_t type, const json_t *object)
{
    uint64_t n[3] = {0};
    struct log_text name;
    if (type == DNS_TYPE_SRV) {
        name = log_told_name(told, log_json_text(object, "name"));
        log_json_number(object, "priority", UINT16_MAX, &n[0]);
        log_json_number(object, "weight", UINT16_MAX, &n[1]);
        log_json_number(object, "port", UINT16_MAX, &n[2]);
        return log_told_print(told, "%u %u %u %.*s", (unsigned)n[0], (unsigned)n[1], (unsigned)n[2],
                              (int)name.len, name.at);
    }
    return log_told_data(told, type, log_json_text(object, "mname"));
}

static void answer_add(struct log_told *told, struct log_record *record, struct log_text type,
                       const json_t *data, struct log_text owner, uint64_t ttl)
{
    struct log_answer *answer = log_record_answer(record);
    if (!answer)
        return;
    if (!log_text_type(type, &answer->type)) {
        record->answer_count--;
        record->lacks |= LACKS_ANSWERS;
        return;
    }
    answer->owner = log_told_name(told, owner);
    answer->ttl = (uint32_t)ttl;
    answer->data = json_is_object(data) ? parts_read(told, answer->type, data)
                                        : log_told_data(told, answer->type, log_json_string(data));
}

/* {"rrname":…, "rrtype":…, "ttl":…, "rdata":…}, or "srv" or "soa" for rdata */
static void detailed_read(struct log_told *told, struct log_record *record, const json_t *object)
{
    uint64_t ttl = 0;
    const json_t *data = json_object_get(object, "rdata");
    if (!data)
        data = json_object_get(object, "srv");
    if (!data)
        data = json_object_get(object, "soa");
    log_json_number(object, "ttl", UINT32_MAX, &ttl);
    answer_add(told, record, log_json_text(object, "rrtype"), data, log_json_text(object, "rrname"),
               ttl);
}

/* {"A": ["192.0.2.1"], …}: without owners and times to live; aliases come first */
static void grouped_read(struct log_told *told, struct log_record *record, const json_t *grouped)
{
    for (int aliases = 1; aliases >= 0; aliases--) {
        void *at = json_object_iter((json_t *)grouped);
        for (; at; at = json_object_iter_next((json_t *)grouped, at)) {
            struct log_text type = log_text_from(json_object_iter_key(at));
            const json_t *list = json_object_iter_value(at);
            if (log_text_is(type, "CNAME") != aliases)
                continue;
            for (size_t i = 0; i < json_array_size(list); i++)
                answer_add(told, record, type, json_array_get(list, i), log_text_of("", 0), 0);
        }
    }
}

static bool question_read(struct log_told *told, const json_t *dns, struct log_record *record)
{
    const json_t *queries = json_object_get(dns, "queries");
    const json_t *from = queries ? json_array_get(queries, 0) : dns;
    struct log_text name = log_json_text(from, "rrname");
    /* The root is written as nothing. */
    record->qname = name.len || !json_object_get(from, "rrname") ? log_told_name(told, name)
                                                                 : log_text_from(".");
    return log_text_type(log_json_text(from, "rrtype"), &record->qtype);
}

/* Events are told as the flow went, or (older ones) as the packet went. */
static bool ends_read(const json_t *root, bool response, struct log_record *record)
{
    struct addr src, dst;
    uint16_t src_port, dst_port;
    if (!log_json_end(root, "src_ip", "src_port", &src, &src_port) ||
        !log_json_end(root, "dest_ip", "dest_port", &dst, &dst_port))
        return false;
    bool turned = response && src_port == LOG_SERVER_PORT && dst_port != LOG_SERVER_PORT;
    record->client = turned ? dst : src;
    record->server = turned ? src : dst;
    record->client_port = turned ? dst_port : src_port;
    record->server_port = turned ? src_port : dst_port;
    record->transport = log_json_transport(log_json_text(root, "proto"));
    return true;
}

static enum log_verdict head_read(struct log_context *context, const json_t *root, bool response)
{
    struct eve *eve = context->state;
    struct log_record *record = &context->record;
    const json_t *dns = json_object_get(root, "dns");
    uint64_t id;
    int64_t time_ns;
    if (!log_json_time(&context->clock, root, "timestamp", &time_ns))
        return LOG_REFUSED_TIME;
    eve->told.used = 0;
    log_record_begin(record, response ? LOG_RESPONSE : LOG_QUERY, time_ns);
    if (!ends_read(root, response, record))
        return LOG_REFUSED_ADDRESS;
    record->has_id = log_json_number(dns, "id", UINT16_MAX, &id);
    record->id = record->has_id ? (uint16_t)id : 0;
    if (!question_read(&eve->told, dns, record))
        return LOG_REFUSED_TYPE;
    return LOG_TAKEN;
}

static enum log_verdict response_read(struct log_context *context, const json_t *root)
{
    struct eve *eve = context->state;
    struct log_record *record = &context->record;
    const json_t *dns = json_object_get(root, "dns");
    enum log_verdict verdict = head_read(context, root, true);
    if (verdict != LOG_TAKEN)
        return verdict;
    record->response_flags = flags_read(dns, record->response_flags);
    struct log_text rcode = log_json_text(dns, "rcode");
    if (!rcode.len)
        record->lacks |= LACKS_RCODE;
    else if (!log_text_rcode(rcode, &record->rcode))
        return LOG_REFUSED_TYPE;
    const json_t *answers = json_object_get(dns, "answers");
    for (size_t i = 0; i < json_array_size(answers); i++)
        detailed_read(&eve->told, record, json_array_get(answers, i));
    if (!answers)
        grouped_read(&eve->told, record, json_object_get(dns, "grouped"));
    return LOG_TAKEN;
}

/* Gives the response that the held lines of version 1 tell together. */
static enum log_verdict held_give(struct log_context *context)
{
    struct eve *eve = context->state;
    unsigned count = eve->held_count;
    if (count == 0)
        return LOG_TAKEN;
    enum log_verdict verdict = response_read(context, eve->held[0]);
    for (unsigned i = 0; verdict == LOG_TAKEN && i < count; i++)
        if (json_object_get(json_object_get(eve->held[i], "dns"), "rdata"))
            detailed_read(&eve->told, &context->record, json_object_get(eve->held[i], "dns"));
    if (verdict == LOG_TAKEN)
        verdict = log_give(&context->sink, &context->record);
    for (unsigned i = 0; i < count; i++)
        json_decref(eve->held[i]);
    eve->held_count = 0;
    return verdict;
}

/* Whether the two lines tell of one response. */
static bool same_response(const json_t *a, const json_t *b)
{
    static const char *const keys[] = {"src_ip", "src_port", "dest_ip", "dest_port", "flow_id"};
    const json_t *x = json_object_get(a, "dns"), *y = json_object_get(b, "dns");
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        const json_t *one = json_object_get(a, keys[i]), *other = json_object_get(b, keys[i]);
        if (one && !json_equal(one, other))
            return false;
    }
    return json_equal(json_object_get(x, "id"), json_object_get(y, "id"));
}

static bool is_version_1(const json_t *dns)
{
    return !json_object_get(dns, "version") && !json_object_get(dns, "answers") &&
           !json_object_get(dns, "grouped");
}

static enum log_verdict event_read(struct log_context *context, json_t *root)
{
    struct eve *eve = context->state;
    const json_t *dns = json_object_get(root, "dns");
    struct log_text type = log_json_text(dns, "type");
    bool query = log_text_is(type, "query") || log_text_is(type, "request");
    bool response = log_text_is(type, "answer") || log_text_is(type, "response");
    if (!log_text_is(log_json_text(root, "event_type"), "dns") || !(query || response))
        return LOG_OTHER;
    bool part = response && is_version_1(dns);
    if (eve->held_count &&
        (!part || eve->held_count == LOG_ANSWERS_MAX || !same_response(eve->held[0], root)))
        held_give(context);
    if (part) {
        eve->held[eve->held_count++] = json_incref(root);
        return LOG_TAKEN;
    }
    enum log_verdict verdict =
        query ? head_read(context, root, false) : response_read(context, root);
    if (verdict != LOG_TAKEN)
        return verdict;
    if (query)
        context->record.query_flags = flags_read(dns, context->record.query_flags);
    return log_give(&context->sink, &context->record);
}

static enum log_verdict eve_read(struct log_context *context, struct log_text line)
{
    json_t *root = log_json_read(line);
    if (!root)
        return LOG_REFUSED_FORM;
    enum log_verdict verdict = event_read(context, root);
    json_decref(root);
    return verdict;
}

static void eve_flush(struct log_context *context)
{
    held_give(context);
}

static void eve_done(struct log_context *context)
{
    struct eve *eve = context->state;
    while (eve->held_count)
        json_decref(eve->held[--eve->held_count]);
}

static unsigned eve_recognise(struct log_text line)
{
    return log_json_has(line, "\"event_type\"") ? LOG_SURE : 0;
}

const struct log_format_ops log_eve_ops = {
    .state_bytes = sizeof(struct eve),
    .recognise = eve_recognise,
    .read = eve_read,
    .flush = eve_flush,
    .done = eve_done,
};
