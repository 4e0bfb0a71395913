/* log_message.c - makes DNS messages of what a log tells of them (RFC 1035 4)
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/log.h"

#include <dnsvigil/name.h>
#include <dnsvigil/rrtype.h>
#include <string.h>

enum {
    RECORD_FIXED_BYTES = 10, /* type, class, TTL and length of a record */
    RDATA_MAX = 4096,        /* of one record: what is longer is left out */
    UDP_SIZE = 1232,         /* what a rebuilt OPT record offers */
    OPT_DNSSEC_OK = 0x8000,
};

/* Writes forward; what does not fit any more sets `full` and is left out. */
struct writer {
    uint8_t *data;
    size_t len;
    size_t max;
    bool full;
};

static void put(struct writer *writer, const void *data, size_t len)
{
    if (len > writer->max - writer->len) {
        writer->full = true;
        return;
    }
    memcpy(writer->data + writer->len, data, len);
    writer->len += len;
}

static void put_u16(struct writer *writer, uint16_t value)
{
    put(writer, (uint8_t[]){(uint8_t)(value >> 8), (uint8_t)value}, 2);
}

static void put_u32(struct writer *writer, uint32_t value)
{
    put_u16(writer, (uint16_t)(value >> 16));
    put_u16(writer, (uint16_t)value);
}

static bool put_name(struct writer *writer, struct log_text text)
{
    struct dns_name name;
    if (!name_from_text(&name, text.at, text.len))
        return false;
    put(writer, name.wire, name.len);
    return true;
}

/* The header, with no records yet, and the question; a response may go without (RFC 5452 9.1 has
 * servers that leave it out), where its query is known by id. */
static bool put_question(struct writer *writer, const struct log_record *record, uint16_t id,
                         uint16_t flags)
{
    put_u16(writer, id);
    put_u16(writer, flags);
    put_u16(writer, record->qname.len > 0);
    for (int section = DNS_SECTION_ANSWER; section < DNS_SECTION_COUNT; section++)
        put_u16(writer, 0);
    if (record->qname.len == 0)
        return flags & DNS_FLAG_QR;
    if (!put_name(writer, record->qname))
        return false;
    put_u16(writer, record->qtype);
    put_u16(writer, record->qclass);
    return true;
}

static void count_set(struct writer *writer, enum dns_section section, unsigned count)
{
    size_t at = 4 + 2 * (size_t)section;
    writer->data[at] = (uint8_t)(count >> 8);
    writer->data[at + 1] = (uint8_t)count;
}

static void put_opt(struct writer *writer, const struct log_record *record, uint16_t rcode)
{
    put(writer, "", 1);
    put_u16(writer, DNS_TYPE_OPT);
    put_u16(writer, UDP_SIZE);
    put_u32(writer, (uint32_t)(rcode >> 4) << 24 | (record->dnssec_ok ? OPT_DNSSEC_OK : 0));
    put_u16(writer, 0);
    count_set(writer, DNS_SECTION_ADDITIONAL, 1);
}

/* Writes an answer, or nothing and returns false. */
static bool put_answer(struct writer *writer, const struct log_answer *answer,
                       struct log_text owner, uint16_t type, uint16_t rrclass)
{
    uint8_t rdata[RDATA_MAX];
    size_t len;
    struct writer before = *writer;
    if (!log_rdata_write(type, answer->data, rdata, sizeof(rdata), &len) ||
        !put_name(writer, owner)) {
        *writer = before;
        return false;
    }
    put_u16(writer, type);
    put_u16(writer, rrclass);
    put_u32(writer, answer->ttl);
    put_u16(writer, (uint16_t)len);
    put(writer, rdata, len);
    if (!writer->full)
        return true;
    *writer = before;
    return false;
}

/* Returns how many of the answers were written. */
static unsigned put_answers(struct writer *writer, const struct log_record *record)
{
    struct log_text follows = record->qname; /* whose records come now, where that is not said */
    unsigned count = 0;
    for (unsigned i = 0; i < record->answer_count; i++) {
        const struct log_answer *answer = &record->answers[i];
        struct log_text owner = answer->owner.len ? answer->owner : follows;
        uint16_t type = answer->type ? answer->type : log_answer_type(record->qtype, answer->data);
        count += put_answer(writer, answer, owner, type, record->qclass);
        if (type == DNS_TYPE_CNAME)
            follows = answer->data;
    }
    count_set(writer, DNS_SECTION_ANSWER, count);
    return count;
}

/* Gives the message back what it did not use of its room. */
static void packet_seal(struct packet *packet, const struct writer *writer, struct arena *arena)
{
    size_t rounded = (writer->len + 7) & ~(size_t)7;
    packet->data = writer->data;
    packet->len = (uint32_t)writer->len;
    arena_give_back(arena, writer->max - rounded);
}

/* Room for the largest message, or for as much as there is. */
static bool writer_open(struct writer *writer, struct arena *arena)
{
    size_t max = (LOG_MESSAGE_MAX & ~7);
    if (max > arena_left(arena))
        max = arena_left(arena) & ~(size_t)7;
    *writer = (struct writer){.data = arena_take(arena, max), .max = max};
    return max >= MESSAGE_HEADER_BYTES;
}

static struct packet packet_of(const struct log_record *record)
{
    return (struct packet){
        .time_ns = record->time_ns,
        .src = record->client,
        .dst = record->server,
        .src_port = record->client_port,
        .dst_port = record->server_port,
        .transport = record->transport,
        .lacks = record->lacks | LACKS_WIRE,
    };
}

static enum log_verdict query_build(const struct log_record *record, uint16_t id,
                                    struct arena *arena, struct packet *ret_packet)
{
    struct packet packet = packet_of(record);
    struct writer writer;
    uint16_t flags = record->query_flags & (uint16_t)~DNS_FLAG_QR;
    if (!writer_open(&writer, arena))
        return LOG_REFUSED_MANY;
    bool named = put_question(&writer, record, id, flags);
    if (named && !writer.full && record->edns)
        put_opt(&writer, record, 0);
    packet_seal(&packet, &writer, arena);
    *ret_packet = packet;
    return !named ? LOG_REFUSED_NAME : writer.full ? LOG_REFUSED_MANY : LOG_TAKEN;
}

static enum log_verdict response_build(const struct log_record *record, uint16_t id,
                                       struct arena *arena, struct packet *ret_packet)
{
    struct packet packet = packet_of(record);
    struct writer writer;
    uint16_t flags = record->response_flags | DNS_FLAG_QR | (record->rcode & 0xf);
    if (!writer_open(&writer, arena))
        return LOG_REFUSED_MANY;
    bool named = put_question(&writer, record, id, flags);
    if (named && !writer.full) {
        if (put_answers(&writer, record) < record->answer_count)
            packet.lacks |= LACKS_ANSWERS;
        if (record->edns || record->rcode > 0xf)
            put_opt(&writer, record, record->rcode);
    }
    packet.src = record->server;
    packet.dst = record->client;
    packet.src_port = record->server_port;
    packet.dst_port = record->client_port;
    if (record->response_time_ns)
        packet.time_ns = record->response_time_ns;
    packet_seal(&packet, &writer, arena);
    *ret_packet = packet;
    return !named ? LOG_REFUSED_NAME : writer.full ? LOG_REFUSED_MANY : LOG_TAKEN;
}

enum log_verdict log_rebuild(const struct log_record *record, uint16_t id, struct arena *arena,
                             struct packet ret_packets[static 2], unsigned *ret_count)
{
    enum log_verdict verdict = LOG_TAKEN;
    unsigned count = 0;
    if (record->halves & LOG_QUERY)
        verdict = query_build(record, id, arena, &ret_packets[count++]);
    if (verdict == LOG_TAKEN && record->halves & LOG_RESPONSE)
        verdict = response_build(record, id, arena, &ret_packets[count++]);
    *ret_count = count;
    return verdict;
}

uint16_t log_answer_type(uint16_t qtype, struct log_text data)
{
    struct addr addr;
    if (log_text_addr(data, &addr))
        return memchr(data.at, ':', data.len) ? DNS_TYPE_AAAA : DNS_TYPE_A;
    bool is_name = strcmp(rrtype_layout(qtype), (char[]){RDATA_NAME, '\0'}) == 0;
    return is_name ? qtype : DNS_TYPE_CNAME;
}
