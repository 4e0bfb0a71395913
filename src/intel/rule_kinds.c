/* rule_kinds.c - kinds of messages, and which rules may hold for each
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/rule_kinds.h"

#include <dnsvigil/packet.h>

enum {
    FLAGS_KIND = DNS_FLAG_QR | 0x7800, /* with the opcode */
    FLAGS_RCODE = 0x000f,
};

/* What is known of the header of a kind's messages: the bits that are set in `known` have `value`.
 */
struct header {
    uint8_t known[MESSAGE_HEADER_BYTES];
    uint8_t value[MESSAGE_HEADER_BYTES];
};

static const struct kind_row {
    bool tcp;
    bool response;
    bool plain; /* ports, opcode and header are known, of a query also the code */
    struct header header;
} rows[RULE_KIND_COUNT] = {
    [RULE_KIND_BARE_QUERY] = {.plain = true,
                              .header = {{0, 0, 0xf8, 0x0f, 255, 255, 255, 255, 255, 255, 255, 255},
                                         {[5] = 1}}},
    [RULE_KIND_EDNS_QUERY] = {.plain = true,
                              .header = {{0, 0, 0xf8, 0x0f, 255, 255, 255, 255, 255, 255, 255, 255},
                                         {[5] = 1, [11] = 1}}},
    [RULE_KIND_PLAIN_RESPONSE] = {.plain = true,
                                  .response = true,
                                  .header = {{0, 0, 0xf8, 0, 255, 255}, {[2] = 0x80, [5] = 1}}},
    [RULE_KIND_OTHER_RESPONSE] = {.response = true},
    [RULE_KIND_TCP_QUERY] = {.tcp = true},
    [RULE_KIND_TCP_RESPONSE] = {.tcp = true, .response = true},
};

static bool is_plain(const struct transaction *transaction, const struct dns_message *message)
{
    return message && message->malformed == MALFORMED_NONE &&
           message->counts[DNS_SECTION_QUESTION] == 1 &&
           transaction->server_port == RULE_DNS_PORT && transaction->client_port != RULE_DNS_PORT;
}

static enum rule_kind query_kind(const struct transaction *transaction)
{
    const struct dns_message *query = transaction->query;
    if (!is_plain(transaction, query) || query->flags & (FLAGS_KIND | FLAGS_RCODE) ||
        query->counts[DNS_SECTION_ANSWER] || query->counts[DNS_SECTION_AUTHORITY] ||
        query->counts[DNS_SECTION_ADDITIONAL] > 1)
        return RULE_KIND_OTHER_QUERY;
    return query->counts[DNS_SECTION_ADDITIONAL] ? RULE_KIND_EDNS_QUERY : RULE_KIND_BARE_QUERY;
}

enum rule_kind rule_kind_of(const struct transaction *transaction, bool response)
{
    const struct dns_message *message = transaction->response;
    if (transaction->transport == TRANSPORT_TCP)
        return response ? RULE_KIND_TCP_RESPONSE : RULE_KIND_TCP_QUERY;
    if (!response)
        return query_kind(transaction);
    return is_plain(transaction, message) && (message->flags & FLAGS_KIND) == DNS_FLAG_QR
               ? RULE_KIND_PLAIN_RESPONSE
               : RULE_KIND_OTHER_RESPONSE;
}

/* Whether the ports of a side let RULE_DNS_PORT in, or any other. */
static bool ports_admit(const struct rule_side *side, bool dns_port)
{
    bool only_excluded = true, is_in = false;
    for (unsigned i = 0; i < side->port_count; i++) {
        const struct rule_ports *ports = &side->ports[i];
        bool has = ports->first <= RULE_DNS_PORT && RULE_DNS_PORT <= ports->last;
        bool has_others = ports->first != RULE_DNS_PORT || ports->last != RULE_DNS_PORT;
        if (ports->excluded && dns_port && has)
            return false;
        only_excluded &= ports->excluded;
        is_in |= !ports->excluded && (dns_port ? has : has_others);
    }
    return only_excluded || is_in;
}

/* From and to the DNS port, in this order, for a response. */
static bool sides_admit(const struct rule *rule, bool response)
{
    const struct rule_side *from = &rule->source, *to = &rule->destination;
    return (ports_admit(from, response) && ports_admit(to, !response)) ||
           (rule->both_ways && ports_admit(to, response) && ports_admit(from, !response));
}

/* Whether the content may stand `at` bytes from the start of such a message. */
static bool content_may_stand(const struct header *header, const struct rule_content *content,
                              size_t at)
{
    for (size_t i = 0; i < content->len && at + i < MESSAGE_HEADER_BYTES; i++) {
        uint8_t byte = content->bytes[i];
        bool either = content->nocase && byte >= 'a' && byte <= 'z';
        if (!either && (byte ^ header->value[at + i]) & header->known[at + i])
            return false;
    }
    return true;
}

static bool test_may_hold(const struct header *header, const struct rule_check *check)
{
    const struct rule_byte_test *test = &check->byte_test;
    uint64_t known = 0, value = 0, needed = UINT64_MAX;
    if (check->relative || test->base || test->little || test->mask || test->offset < 0 ||
        test->offset + test->bytes > MESSAGE_HEADER_BYTES)
        return true;
    for (unsigned i = 0; i < test->bytes; i++) {
        known = known << 8 | header->known[test->offset + (int)i];
        value = value << 8 | header->value[test->offset + (int)i];
    }
    needed >>= 64 - 8 * test->bytes;
    if (test->number.op == RULE_OP_AND)
        needed &= test->number.a;
    return needed & ~known || rule_number_holds(&test->number, value) != check->negated;
}

/* The first and the last place for a content; none after the first where `last` is before it. */
struct places {
    int64_t first;
    int64_t last;
};

/* With `end` where the content before this one ended, or -1 where that is not known. */
static struct places content_places(const struct rule_check *check, int64_t end)
{
    const struct rule_content *content = &check->content;
    if (!check->relative)
        return (struct places){content->offset,
                               content->has_depth ? content->offset + content->depth - content->len
                                                  : INT64_MAX};
    if (end < 0 || !content->has_within || end + content->distance < 0)
        return (struct places){0, INT64_MAX};
    int64_t first = end + content->distance;
    return (struct places){first, first + content->within - content->len};
}

/* Whether it may stand at one of the places, those behind the header among them. */
static bool content_may_hold(const struct header *header, const struct rule_content *content,
                             struct places places)
{
    if (places.last >= MESSAGE_HEADER_BYTES)
        return true;
    for (int64_t at = places.first; at <= places.last; at++)
        if (content_may_stand(header, content, (size_t)at))
            return true;
    return false;
}

static bool buffer_may_hold(const struct header *header, const struct rule_buffer *buffer)
{
    int64_t end = 0;
    if (buffer->kind != RULE_BUFFER_PAYLOAD || buffer->transform_count > 0)
        return true;
    for (unsigned i = 0; i < buffer->check_count; i++) {
        const struct rule_check *check = &buffer->checks[i];
        if (check->kind == RULE_BYTE_TEST && !test_may_hold(header, check))
            return false;
        if (check->negated || (check->kind != RULE_CONTENT && check->kind != RULE_PCRE))
            continue;
        struct places places = {0, INT64_MAX};
        if (check->kind == RULE_CONTENT)
            places = content_places(check, end);
        if (check->kind == RULE_CONTENT && !content_may_hold(header, &check->content, places))
            return false;
        end = places.first == places.last ? places.first + check->content.len : -1;
    }
    return true;
}

bool rule_kind_admits(enum rule_kind kind, const struct rule *rule)
{
    const struct kind_row *row = &rows[kind];
    if (rule->protocol == (row->tcp ? RULE_PROTOCOL_UDP : RULE_PROTOCOL_TCP) ||
        rule->flow == (row->response ? RULE_FLOW_TO_SERVER : RULE_FLOW_TO_CLIENT))
        return false;
    if (!row->plain)
        return true;
    if (!sides_admit(rule, row->response) || !rule_number_holds(&rule->opcode, 0) ||
        (!row->response && !rule_number_holds(&rule->rcode, 0)))
        return false;
    for (unsigned i = 0; i < rule->buffer_count; i++)
        if (!buffer_may_hold(&row->header, &rule->buffers[i]))
            return false;
    return true;
}
