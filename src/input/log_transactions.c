/* log_transactions.c - reads our own form of a log, into which any other can be converted
 * SPDX-License-Identifier: Apache-2.0
 *
 * An object a line, described by docs/schema/transaction.schema.json: a query, a response, or (the
 * usual case) both in one. Names and data are in presentation format. */
#include "input/log_json.h"

#include <dnsvigil/dns.h>
#include <dnsvigil/rrtype.h>

static const struct {
    const char *name;
    uint16_t flag;
} flag_rows[] = {{"AA", DNS_FLAG_AA}, {"TC", DNS_FLAG_TC}, {"RD", DNS_FLAG_RD},
                 {"RA", DNS_FLAG_RA}, {"AD", DNS_FLAG_AD}, {"CD", DNS_FLAG_CD}};

/* ["RD", "RA"]; what is not told is as usual. */
static uint16_t flags_read(const json_t *list, uint16_t usual)
{
    uint16_t flags = 0;
    if (!json_is_array(list))
        return usual;
    for (size_t i = 0; i < json_array_size(list); i++)
        for (size_t j = 0; j < sizeof(flag_rows) / sizeof(*flag_rows); j++)
            if (log_text_is(log_json_string(json_array_get(list, i)), flag_rows[j].name))
                flags |= flag_rows[j].flag;
    return flags;
}

static bool answers_read(const json_t *answers, struct log_record *record)
{
    for (size_t i = 0; i < json_array_size(answers); i++) {
        const json_t *from = json_array_get(answers, i);
        struct log_answer *answer = log_record_answer(record);
        uint64_t ttl;
        if (!answer)
            return true;
        answer->owner = log_json_text(from, "name");
        answer->data = log_json_text(from, "data");
        answer->ttl = log_json_number(from, "ttl", UINT32_MAX, &ttl) ? (uint32_t)ttl : 0;
        if (!log_text_type(log_json_text(from, "type"), &answer->type))
            return false;
    }
    return true;
}

static enum log_verdict response_read(struct log_context *context, const json_t *root)
{
    struct log_record *record = &context->record;
    struct log_text rcode = log_json_text(root, "rcode");
    if (json_object_get(root, "response_time") &&
        !log_json_time(&context->clock, root, "response_time", &record->response_time_ns))
        return LOG_REFUSED_TIME;
    record->response_flags = flags_read(json_object_get(root, "flags"), record->response_flags);
    if (!rcode.len)
        record->lacks |= LACKS_RCODE;
    if (rcode.len && !log_text_rcode(rcode, &record->rcode))
        return LOG_REFUSED_TYPE;
    if (!json_object_get(root, "answers"))
        record->lacks |= LACKS_ANSWERS;
    return answers_read(json_object_get(root, "answers"), record) ? LOG_TAKEN : LOG_REFUSED_TYPE;
}

static uint8_t halves_of(const json_t *root)
{
    struct log_text kind = log_json_text(root, "kind");
    bool answered = json_object_get(root, "rcode") || json_object_get(root, "answers");
    if (log_text_is(kind, "response"))
        return LOG_RESPONSE;
    return answered && !log_text_is(kind, "query") ? LOG_QUERY | LOG_RESPONSE : LOG_QUERY;
}

static enum log_verdict head_read(struct log_context *context, const json_t *root)
{
    struct log_record *record = &context->record;
    struct log_text qclass = log_json_text(root, "qclass");
    uint64_t number;
    int64_t time_ns;
    if (!log_json_time(&context->clock, root, "time", &time_ns))
        return LOG_REFUSED_TIME;
    log_record_begin(record, halves_of(root), time_ns);
    if (!log_json_end(root, "client", "client_port", &record->client, &record->client_port))
        return LOG_REFUSED_ADDRESS;
    if (json_object_get(root, "server") &&
        !log_text_addr(log_json_text(root, "server"), &record->server))
        return LOG_REFUSED_ADDRESS;
    if (log_json_number(root, "server_port", UINT16_MAX, &number))
        record->server_port = (uint16_t)number;
    record->transport = log_json_transport(log_json_text(root, "transport"));
    record->has_id = log_json_number(root, "id", UINT16_MAX, &number);
    record->id = record->has_id ? (uint16_t)number : 0;
    record->edns = log_json_true(root, "edns");
    record->query_flags = flags_read(json_object_get(root, "query_flags"), record->query_flags);
    record->qname = log_json_text(root, "qname");
    if (!log_text_type(log_json_text(root, "qtype"), &record->qtype) ||
        (qclass.len && !log_text_class(qclass, &record->qclass)))
        return LOG_REFUSED_TYPE;
    return LOG_TAKEN;
}

static enum log_verdict transactions_read(struct log_context *context, struct log_text line)
{
    json_t *root = log_json_read(line);
    if (!root)
        return LOG_REFUSED_FORM;
    enum log_verdict verdict = head_read(context, root);
    if (verdict == LOG_TAKEN && context->record.halves & LOG_RESPONSE)
        verdict = response_read(context, root);
    if (verdict == LOG_TAKEN)
        verdict = log_give(&context->sink, &context->record);
    json_decref(root);
    return verdict;
}

static unsigned transactions_recognise(struct log_text line)
{
    bool whole = log_json_has(line, "\"time\"") && log_json_has(line, "\"client\"") &&
                 log_json_has(line, "\"qname\"") && log_json_has(line, "\"qtype\"");
    return whole ? LOG_SURE : 0;
}

const struct log_format_ops log_transactions_ops = {
    .recognise = transactions_recognise,
    .read = transactions_read,
};
