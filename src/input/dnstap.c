/* dnstap.c - the protobuf of dnstap without a protobuf library: fields are found, not built
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/dnstap.h"

#include "base/clock.h"
#include "base/cursor.h"
#include "input/capture_format.h"

#include <endian.h>

enum { SERVER_PORT = 53, DNSTAP_KIND_MESSAGE = 1 };

enum wire_type { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

/* A field's number and wire type in one, as both say what it is. */
#define FIELD(number, wire_type) ((uint64_t)(number) << 3 | (wire_type))

enum {
    DNSTAP_IDENTITY = FIELD(1, WIRE_BYTES),
    DNSTAP_VERSION = FIELD(2, WIRE_BYTES),
    DNSTAP_MESSAGE = FIELD(14, WIRE_BYTES),
    DNSTAP_KIND = FIELD(15, WIRE_VARINT),
};

enum {
    MESSAGE_TYPE = FIELD(1, WIRE_VARINT),
    MESSAGE_PROTOCOL = FIELD(3, WIRE_VARINT),
    MESSAGE_QUERY_ADDRESS = FIELD(4, WIRE_BYTES),
    MESSAGE_RESPONSE_ADDRESS = FIELD(5, WIRE_BYTES),
    MESSAGE_QUERY_PORT = FIELD(6, WIRE_VARINT),
    MESSAGE_RESPONSE_PORT = FIELD(7, WIRE_VARINT),
    MESSAGE_QUERY_SECONDS = FIELD(8, WIRE_VARINT),
    MESSAGE_QUERY_NANOSECONDS = FIELD(9, WIRE_32),
    MESSAGE_QUERY = FIELD(10, WIRE_BYTES),
    MESSAGE_RESPONSE_SECONDS = FIELD(12, WIRE_VARINT),
    MESSAGE_RESPONSE_NANOSECONDS = FIELD(13, WIRE_32),
    MESSAGE_RESPONSE = FIELD(14, WIRE_BYTES),
};

struct field {
    uint64_t tag;              /* FIELD(number, wire type) */
    uint64_t number;           /* the value, of the wire types that are numbers */
    struct dnstap_bytes bytes; /* the value of the one that is bytes */
};

/* Times as they stand in the message, seconds and fraction apart. */
struct times {
    uint64_t query_s;
    uint64_t response_s;
    uint32_t query_ns;
    uint32_t response_ns;
};

static uint64_t varint(struct cursor *c)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        uint8_t byte = cursor_u8(c);
        value |= shift < 64 ? (uint64_t)(byte & 0x7f) << shift : 0;
        if (byte < 0x80)
            return value;
    }
    c->bad = true; /* longer than any number */
    return 0;
}

static uint64_t little_endian(struct cursor *c, unsigned bytes)
{
    uint64_t value = 0;
    const uint8_t *at = cursor_take(c, bytes);
    if (at)
        memcpy(&value, at, bytes);
    return le64toh(value);
}

static struct dnstap_bytes bytes_take(struct cursor *c)
{
    uint64_t len = varint(c);
    if (len > cursor_left(c)) {
        c->bad = true;
        return (struct dnstap_bytes){0};
    }
    return (struct dnstap_bytes){cursor_take(c, len), (uint32_t)len};
}

/* The next field; false at the end and where it is broken (`c->bad`). */
static bool field_next(struct cursor *c, struct field *ret)
{
    if (cursor_left(c) == 0 || c->bad)
        return false;
    *ret = (struct field){.tag = varint(c)};
    switch (ret->tag & 7) {
    case WIRE_VARINT: ret->number = varint(c); break;
    case WIRE_64: ret->number = little_endian(c, 8); break;
    case WIRE_BYTES: ret->bytes = bytes_take(c); break;
    case WIRE_32: ret->number = little_endian(c, 4); break;
    default: c->bad = true; /* groups, which protobuf gave up, and what never was */
    }
    c->bad = c->bad || ret->tag >> 3 == 0;
    return !c->bad;
}

static uint16_t port_of(uint64_t number)
{
    return number <= UINT16_MAX ? (uint16_t)number : 0;
}

static void message_field(const struct field *field, struct dnstap *ret, struct times *times)
{
    switch (field->tag) {
    case MESSAGE_TYPE: ret->type = (uint32_t)field->number; break;
    case MESSAGE_PROTOCOL: ret->protocol = (uint32_t)field->number; break;
    case MESSAGE_QUERY_ADDRESS: ret->query_address = field->bytes; break;
    case MESSAGE_RESPONSE_ADDRESS: ret->response_address = field->bytes; break;
    case MESSAGE_QUERY_PORT: ret->query_port = port_of(field->number); break;
    case MESSAGE_RESPONSE_PORT: ret->response_port = port_of(field->number); break;
    case MESSAGE_QUERY_SECONDS: times->query_s = field->number; break;
    case MESSAGE_QUERY_NANOSECONDS: times->query_ns = (uint32_t)field->number; break;
    case MESSAGE_QUERY: ret->query_message = field->bytes; break;
    case MESSAGE_RESPONSE_SECONDS: times->response_s = field->number; break;
    case MESSAGE_RESPONSE_NANOSECONDS: times->response_ns = (uint32_t)field->number; break;
    case MESSAGE_RESPONSE: ret->response_message = field->bytes; break;
    }
}

static bool message_read(struct dnstap_bytes bytes, struct dnstap *ret, struct times *times)
{
    struct cursor c = cursor_of(bytes.data, bytes.len);
    struct field field;
    while (field_next(&c, &field))
        message_field(&field, ret, times);
    return !c.bad;
}

static int64_t time_of(uint64_t seconds, uint32_t nanoseconds)
{
    uint64_t limit_s = (uint64_t)(CAPTURE_TIME_MAX_NS / NS_PER_S) - 5; /* a fraction may be 4.2 s */
    uint64_t s = seconds < limit_s ? seconds : limit_s;
    return (int64_t)s * NS_PER_S + nanoseconds;
}

enum dnstap_verdict dnstap_decode(const uint8_t *data, size_t len, struct dnstap *ret)
{
    struct cursor c = cursor_of(data, len);
    struct times times = {0};
    struct field field;
    uint64_t kind = 0;
    bool bad = false;
    *ret = (struct dnstap){0};
    while (!bad && field_next(&c, &field)) {
        switch (field.tag) {
        case DNSTAP_IDENTITY: ret->identity = field.bytes; break;
        case DNSTAP_VERSION: ret->version = field.bytes; break;
        case DNSTAP_MESSAGE: bad = !message_read(field.bytes, ret, &times); break;
        case DNSTAP_KIND: kind = field.number; break;
        }
    }
    ret->query_time_ns = time_of(times.query_s, times.query_ns);
    ret->response_time_ns = time_of(times.response_s, times.response_ns);
    if (bad || c.bad)
        return DNSTAP_BROKEN;
    if (ret->query_message.len > UINT16_MAX || ret->response_message.len > UINT16_MAX)
        return DNSTAP_BROKEN;
    bool tells = ret->query_message.len || ret->response_message.len;
    return kind == DNSTAP_KIND_MESSAGE && tells ? DNSTAP_GOOD : DNSTAP_OTHER;
}

/* By its length: senders have been seen to get the family wrong. */
static struct addr addr_of(struct dnstap_bytes bytes)
{
    if (bytes.len == 4)
        return addr_from_v4(bytes.data);
    if (bytes.len == 16)
        return addr_from_v6(bytes.data);
    return (struct addr){0};
}

static bool is_unspecified(const struct addr *addr)
{
    static const struct addr v6 = {0};
    static const struct addr v4 = {.bytes = {[10] = 0xff, [11] = 0xff}};
    return addr_equal(addr, &v6) || addr_equal(addr, &v4);
}

/* Whether who asks in this leg of a look-up asks for itself. */
static bool is_clients_leg(uint32_t type)
{
    switch (type) {
    case DNSTAP_RESOLVER_QUERY:
    case DNSTAP_RESOLVER_RESPONSE:
    case DNSTAP_FORWARDER_QUERY:
    case DNSTAP_FORWARDER_RESPONSE: return false;
    default: return type < DNSTAP_TYPES;
    }
}

static enum transport transport_of(uint32_t protocol)
{
    bool datagrams = protocol <= DNSTAP_UDP || protocol == DNSTAP_DNSCRYPT_UDP;
    return datagrams ? TRANSPORT_UDP : TRANSPORT_TCP;
}

static int64_t first_time(int64_t best_ns, int64_t next_ns, int64_t last_ns)
{
    return best_ns ? best_ns : next_ns ? next_ns : last_ns;
}

unsigned dnstap_packets(const struct dnstap *dnstap, int64_t missing_time_ns,
                        struct packet packets[static DNSTAP_PACKETS])
{
    struct addr client = addr_of(dnstap->query_address);
    struct addr server = addr_of(dnstap->response_address);
    bool lacks_client = is_unspecified(&client) || !is_clients_leg(dnstap->type);
    uint8_t lacks = lacks_client ? LACKS_CLIENT : 0;
    uint8_t transport = (uint8_t)transport_of(dnstap->protocol);
    int64_t query_ns = dnstap->query_time_ns, response_ns = dnstap->response_time_ns;
    unsigned count = 0;
    if (dnstap->query_message.len)
        packets[count++] = (struct packet){
            .time_ns = first_time(query_ns, response_ns, missing_time_ns),
            .src = client,
            .dst = server,
            .src_port = dnstap->query_port,
            .dst_port = SERVER_PORT,
            .transport = transport,
            .lacks = lacks,
            .len = dnstap->query_message.len,
            .data = dnstap->query_message.data,
        };
    if (dnstap->response_message.len)
        packets[count++] = (struct packet){
            .time_ns = first_time(response_ns, query_ns, missing_time_ns),
            .src = server,
            .dst = client,
            .src_port = SERVER_PORT,
            .dst_port = dnstap->query_port,
            .transport = transport,
            .lacks = lacks,
            .len = dnstap->response_message.len,
            .data = dnstap->response_message.data,
        };
    return count;
}
