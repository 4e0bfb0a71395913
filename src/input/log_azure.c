/* log_azure.c - reads DNS logs of Azure: of the DNS security policy, and rows of DnsEvents and ASIM
 * SPDX-License-Identifier: Apache-2.0
 *
 * The same facts come under four sets of keys: as records of a diagnostic setting (in
 * `properties`), as rows of the table DNSQueryLogs, as rows of DnsEvents (Windows servers), and as
 * rows of the normalised schema ASIM Dns. Any of them stands alone on a line or with others in
 * `records`. */
#include "input/log_json.h"
#include "input/log_told.h"

#include <dnsvigil/dns.h>
#include <stdlib.h>

/* Where a shape has what; NULL where it does not tell. */
struct azure_shape {
    const char *time, *client, *client_port, *server, *server_port, *transport, *id;
    const char *qname, *qtype, *qclass, *rcode, *answers;
};

/* Told apart by the key of the name. */
static const struct azure_shape shapes[] = {
    {"time", "srcipaddr", "srcport", "dstipaddr", "dstport", "transport", NULL, "query_name",
     "query_type", "query_class", "response_code", "answer"},
    {"TimeGenerated", "SourceIpAddress", "SourcePort", "DestinationIpAddress", "DestinationPort",
     "Transport", NULL, "QueryName", "QueryType", "QueryClass", "ResponseCode", "Answer"},
    {"TimeGenerated", "SrcIpAddr", "SrcPortNumber", "DstIpAddr", "DstPortNumber", "NetworkProtocol",
     "TransactionIdHex", "DnsQuery", "DnsQueryTypeName", "DnsQueryClassName", "DnsResponseCodeName",
     "DnsResponseName"},
    {"TimeGenerated", "ClientIP", NULL, NULL, NULL, NULL, NULL, "Name", "QueryType", NULL,
     "ResultCode", "IPAddresses"},
};

/* A type, class or response code by its name or its number. */
static bool code_read(const json_t *from, const char *key,
                      bool (*by_name)(struct log_text text, uint16_t *ret), uint16_t *ret)
{
    uint64_t number;
    if (key && log_json_number(from, key, UINT16_MAX, &number)) {
        *ret = (uint16_t)number;
        return true;
    }
    return key && by_name(log_json_text(from, key), ret);
}

/* {"Type":"A", "TTL":60, "RData":"192.0.2.1"} */
static void answer_read(const json_t *from, struct log_record *record)
{
    uint64_t ttl;
    struct log_answer *answer = log_record_answer(record);
    if (!answer)
        return;
    answer->data = log_json_text(from, "RData");
    answer->ttl = log_json_number(from, "TTL", UINT32_MAX, &ttl) ? (uint32_t)ttl : 0;
    if (code_read(from, "Type", log_text_type, &answer->type))
        return;
    record->answer_count--;
    record->lacks |= LACKS_ANSWERS;
}

/* "192.0.2.1,192.0.2.2" or "a.example, 192.0.2.1" */
static void plain_answers_read(struct log_text text, struct log_record *record)
{
    while (text.len) {
        struct log_text one = log_text_until(&text, ",");
        struct log_text word = log_text_word(&one);
        struct log_answer *answer = word.len ? log_record_answer(record) : NULL;
        if (answer)
            answer->data = word;
    }
}

/* A list, the JSON text of one, or words. */
static json_t *answers_read(const json_t *answers, struct log_record *record)
{
    struct log_text text = log_json_string(answers);
    json_t *parsed =
        log_text_begins(text, "[") ? json_loadb(text.at, text.len, JSON_ALLOW_NUL, NULL) : NULL;
    const json_t *list = parsed ? parsed : answers;
    for (size_t i = 0; i < json_array_size(list); i++)
        answer_read(json_array_get(list, i), record);
    if (!parsed)
        plain_answers_read(text, record);
    return parsed;
}

static bool ends_read(const struct azure_shape *shape, const json_t *from,
                      struct log_record *record)
{
    struct addr server;
    uint16_t port;
    if (!log_json_end(from, shape->client, shape->client_port, &record->client,
                      &record->client_port))
        return false;
    if (shape->server && log_json_end(from, shape->server, shape->server_port, &server, &port))
        record->server = server;
    if (shape->transport)
        record->transport = log_json_transport(log_json_text(from, shape->transport));
    return true;
}

static void id_read(const struct azure_shape *shape, const json_t *from, struct log_record *record)
{
    struct log_text id = log_json_text(from, shape->id ? shape->id : "");
    char *end;
    unsigned long value = id.len ? strtoul(id.at, &end, 16) : 0;
    record->has_id = id.len && *end == '\0' && value <= UINT16_MAX;
    record->id = record->has_id ? (uint16_t)value : 0;
}

static enum log_verdict facts_read(struct log_context *context, const struct azure_shape *shape,
                                   const json_t *from, const json_t *root)
{
    struct log_record *record = &context->record;
    int64_t time_ns;
    if (!log_json_time(&context->clock, root, shape->time, &time_ns) &&
        !log_json_time(&context->clock, root, "EventStartTime", &time_ns))
        return LOG_REFUSED_TIME;
    log_record_begin(record, LOG_QUERY | LOG_RESPONSE, time_ns);
    if (!ends_read(shape, from, record))
        return LOG_REFUSED_ADDRESS;
    id_read(shape, from, record);
    record->qname = log_json_text(from, shape->qname);
    if (!code_read(from, shape->qtype, log_text_type, &record->qtype))
        return LOG_REFUSED_TYPE;
    code_read(from, shape->qclass, log_text_class, &record->qclass);
    if (!code_read(from, shape->rcode, log_text_rcode, &record->rcode) &&
        !code_read(from, "EventResultDetails", log_text_rcode, &record->rcode))
        record->halves = LOG_QUERY;
    if (log_text_is(log_json_text(from, "EventSubType"), "request"))
        record->halves = LOG_QUERY;
    json_t *parsed = answers_read(json_object_get(from, shape->answers), record);
    enum log_verdict verdict = log_give(&context->sink, record);
    json_decref(parsed);
    return verdict;
}

static enum log_verdict record_read(struct log_context *context, const json_t *root)
{
    const json_t *properties = json_object_get(root, "properties");
    const json_t *from = json_is_object(properties) ? properties : root;
    for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
        if (json_is_string(json_object_get(from, shapes[i].qname)) &&
            json_object_get(from, shapes[i].client))
            return facts_read(context, &shapes[i], from, root);
    return LOG_OTHER;
}

static enum log_verdict azure_read(struct log_context *context, struct log_text line)
{
    json_t *root = log_json_read(line);
    if (!root)
        return LOG_REFUSED_FORM;
    const json_t *records = json_object_get(root, "records");
    enum log_verdict worst = records ? LOG_TAKEN : record_read(context, root);
    for (size_t i = 0; i < json_array_size(records); i++) {
        enum log_verdict verdict = record_read(context, json_array_get(records, i));
        worst = verdict > worst ? verdict : worst;
    }
    json_decref(root);
    return worst;
}

static unsigned azure_recognise(struct log_text line)
{
    bool table = log_json_has(line, "\"TimeGenerated\"") || log_json_has(line, "\"DnsQuery\"");
    bool diagnostic = log_json_has(line, "\"query_name\"") && log_json_has(line, "\"srcipaddr\"");
    return table || diagnostic ? LOG_SURE : 0;
}

const struct log_format_ops log_azure_ops = {
    .recognise = azure_recognise,
    .read = azure_read,
};
