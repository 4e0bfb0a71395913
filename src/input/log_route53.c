/* log_route53.c - reads the query log of Amazon's Route 53 Resolver
 * SPDX-License-Identifier: Apache-2.0
 *
 * An object a line, as in S3, or many of them as texts in `logEvents`, as CloudWatch Logs delivers
 * them. Each tells a query and its response. Times to live are not told, nor is the resolver's
 * address: machines reach it at 169.254.169.253. */
#include "input/log_json.h"

#include <dnsvigil/dns.h>

static const uint8_t resolver[4] = {169, 254, 169, 253};

static void answers_read(const json_t *answers, struct log_record *record)
{
    for (size_t i = 0; i < json_array_size(answers); i++) {
        const json_t *from = json_array_get(answers, i);
        struct log_answer *answer = log_record_answer(record);
        if (!answer)
            return;
        answer->data = log_json_text(from, "Rdata");
        if (log_text_type(log_json_text(from, "Type"), &answer->type))
            continue;
        record->answer_count--;
        record->lacks |= LACKS_ANSWERS;
    }
}

static enum log_verdict query_read(struct log_context *context, const json_t *root)
{
    struct log_record *record = &context->record;
    struct log_text rrclass = log_json_text(root, "query_class");
    int64_t time_ns;
    if (!json_object_get(root, "query_name"))
        return LOG_OTHER;
    if (!log_json_time(&context->clock, root, "query_timestamp", &time_ns))
        return LOG_REFUSED_TIME;
    log_record_begin(record, LOG_QUERY | LOG_RESPONSE, time_ns);
    if (!log_json_end(root, "srcaddr", "srcport", &record->client, &record->client_port))
        return LOG_REFUSED_ADDRESS;
    record->server = addr_from_v4(resolver);
    record->transport = log_json_transport(log_json_text(root, "transport"));
    record->qname = log_json_text(root, "query_name");
    if (!log_text_type(log_json_text(root, "query_type"), &record->qtype) ||
        !log_text_rcode(log_json_text(root, "rcode"), &record->rcode) ||
        (rrclass.len && !log_text_class(rrclass, &record->qclass)))
        return LOG_REFUSED_TYPE;
    answers_read(json_object_get(root, "answers"), record);
    return log_give(&context->sink, record);
}

static enum log_verdict text_read(struct log_context *context, struct log_text text, bool wrapped)
{
    enum log_verdict worst = LOG_TAKEN;
    json_t *root = log_json_read(text);
    if (!root)
        return LOG_REFUSED_FORM;
    const json_t *events = json_object_get(root, "logEvents");
    if (!events || wrapped)
        worst = query_read(context, root);
    for (size_t i = 0; !wrapped && i < json_array_size(events); i++) {
        struct log_text message = log_json_text(json_array_get(events, i), "message");
        enum log_verdict verdict = text_read(context, message, true);
        worst = verdict > worst ? verdict : worst;
    }
    json_decref(root);
    return worst;
}

static enum log_verdict route53_read(struct log_context *context, struct log_text line)
{
    return text_read(context, line, false);
}

static unsigned route53_recognise(struct log_text line)
{
    return log_json_has(line, "query_timestamp") && log_json_has(line, "srcaddr") ? LOG_SURE : 0;
}

const struct log_format_ops log_route53_ops = {
    .recognise = route53_recognise,
    .read = route53_read,
};
