/* log_tell.c - says in text what a log format makes of lines
 * SPDX-License-Identifier: Apache-2.0 */
#include "log_tell.h"

#include "base/clock.h"
#include "decode/message.h"
#include "decode/rdata.h"

#include <assert.h>
#include <dnsvigil/name.h>
#include <dnsvigil/record.h>
#include <stdlib.h>

enum { ARENA_BYTES = 1 << 20, TEXT_MAX = 1 << 20 };

static const int64_t end_of_2026_ns = 1798761599 * NS_PER_S;

struct teller {
    const struct log_format *format;
    struct log_context context;
    struct arena bytes;
    struct arena records;
    struct buf text;
};

static void tell_end(struct buf *text, const struct addr *addr, uint16_t port)
{
    char shown[ADDR_TEXT_MAX];
    addr_format(addr, shown);
    buf_printf(text, "%s#%u", shown, port);
}

static void tell_flags(struct buf *text, const struct dns_message *message)
{
    static const struct {
        uint16_t flag;
        const char *name;
    } rows[] = {{DNS_FLAG_AA, "aa"}, {DNS_FLAG_TC, "tc"}, {DNS_FLAG_RD, "rd"},
                {DNS_FLAG_RA, "ra"}, {DNS_FLAG_AD, "ad"}, {DNS_FLAG_CD, "cd"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (message->flags & rows[i].flag)
            buf_printf(text, " %s", rows[i].name);
    if (message->edns.present)
        buf_text(text, message->edns.dnssec_ok ? " edns do" : " edns");
}

static void tell_answers(struct buf *text, const struct dns_message *message)
{
    char shown[NAME_TEXT_MAX], scratch[RRTYPE_TEXT_MAX];
    for (unsigned i = 0; i < message->record_count; i++) {
        const struct dns_record *record = &message->records[i];
        struct dns_name owner;
        if (record->type == DNS_TYPE_OPT)
            continue;
        assert(record_owner(message, record, &owner));
        name_to_text(&owner, 0, shown);
        buf_printf(text, " | %s %u %s ", shown, record->ttl, rrtype_name(record->type, scratch));
        record_to_text(message, record, text);
    }
}

static void tell_lacks(struct buf *text, unsigned lacks)
{
    static const char *const names[] = {"wire", "response", "rcode", "answers", "client"};
    const char *before = " lacks ";
    for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (!(lacks & 1u << i))
            continue;
        buf_text(text, before);
        buf_text(text, names[i]);
        before = ",";
    }
}

static void tell_packet(struct teller *teller, const struct packet *packet)
{
    struct buf *text = &teller->text;
    struct dns_message message;
    char shown[NAME_TEXT_MAX], scratch[RRTYPE_TEXT_MAX], type[RRTYPE_TEXT_MAX];
    arena_reset(&teller->records);
    enum malformed malformed =
        message_decode(&message, packet->data, packet->len, &teller->records);
    assert(malformed == MALFORMED_NONE && packet->lacks & LACKS_WIRE);
    time_format(packet->time_ns, shown);
    buf_printf(text, "%s %s ", shown, packet->transport == TRANSPORT_TCP ? "tcp" : "udp");
    tell_end(text, &packet->src, packet->src_port);
    buf_text(text, " > ");
    tell_end(text, &packet->dst, packet->dst_port);
    buf_printf(text, " id %u ", message.id);
    if (message_is_response(&message))
        buf_printf(text, "response %s", rcode_name(message.rcode, scratch));
    else
        buf_text(text, "query");
    if (message.has_question) {
        name_to_text(&message.question, 0, shown);
        buf_printf(text, " %s %s %s", shown, rrclass_name(message.qclass, scratch),
                   rrtype_name(message.qtype, type));
    }
    tell_flags(text, &message);
    tell_answers(text, &message);
    tell_lacks(text, packet->lacks & ~(teller->format->lacks | LACKS_WIRE));
    buf_char(text, '\n');
}

/* A log_sink's function. */
static enum log_verdict tell_record(void *arg, const struct log_record *record)
{
    struct teller *teller = arg;
    struct packet packets[2];
    unsigned count;
    uint16_t id = record->has_id ? record->id : log_next_id(&teller->context);
    arena_reset(&teller->bytes);
    enum log_verdict verdict = log_rebuild(record, id, &teller->bytes, packets, &count);
    for (unsigned i = 0; verdict == LOG_TAKEN && i < count; i++)
        tell_packet(teller, &packets[i]);
    return verdict;
}

static void teller_read(struct teller *teller, const char *lines)
{
    struct log_text rest = log_text_from(lines);
    while (rest.len) {
        struct log_text line = log_line_take(&rest);
        enum log_verdict verdict = teller->format->ops->read(&teller->context, line);
        if (verdict != LOG_TAKEN)
            buf_printf(&teller->text, "! %s\n", log_verdict_slugs[verdict]);
    }
    if (teller->format->ops->flush)
        teller->format->ops->flush(&teller->context);
    if (teller->format->ops->done)
        teller->format->ops->done(&teller->context);
}

const char *log_tell(const char *slug, const char *lines)
{
    static struct teller teller;
    free(teller.text.data);
    teller = (struct teller){.format = log_format_find(slug)};
    assert(teller.format);
    teller.context.clock =
        (struct log_clock){.zone.kind = LOG_ZONE_FIXED, .written_ns = end_of_2026_ns};
    teller.context.sink = (struct log_sink){tell_record, &teller};
    teller.context.state = calloc(1, teller.format->ops->state_bytes + 1);
    buf_init(&teller.text, TEXT_MAX);
    buf_text(&teller.text, "");
    assert(teller.context.state && arena_init(&teller.bytes, ARENA_BYTES) &&
           arena_init(&teller.records, MESSAGE_ARENA_BYTES));
    teller_read(&teller, lines);
    free(teller.context.state);
    arena_done(&teller.bytes);
    arena_done(&teller.records);
    assert(!teller.text.overflow);
    return teller.text.data;
}
