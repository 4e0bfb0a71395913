/* dnstap_build.c - writes dnstap payloads and Frame Streams for tests, valid or not
 * SPDX-License-Identifier: Apache-2.0 */
#include "dnstap_build.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

void tap_bytes(struct dnstap_build *build, const void *data, size_t len)
{
    assert(build->len + len <= sizeof(build->data));
    memcpy(build->data + build->len, data, len);
    build->len += len;
}

void tap_varint(struct dnstap_build *build, uint64_t value)
{
    uint8_t byte;
    do {
        byte = value & 0x7f;
        value >>= 7;
        byte |= value ? 0x80 : 0;
        tap_bytes(build, &byte, 1);
    } while (value);
}

void tap_number(struct dnstap_build *build, unsigned field, uint64_t value)
{
    tap_varint(build, field << 3);
    tap_varint(build, value);
}

void tap_fixed32(struct dnstap_build *build, unsigned field, uint32_t value)
{
    const uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                             (uint8_t)(value >> 24)};
    tap_varint(build, field << 3 | 5);
    tap_bytes(build, bytes, sizeof(bytes));
}

void tap_field(struct dnstap_build *build, unsigned field, const void *data, size_t len)
{
    tap_varint(build, field << 3 | 2);
    tap_varint(build, len);
    tap_bytes(build, data, len);
}

void tap_message(struct dnstap_build *message, unsigned type, const char *query,
                 const char *response)
{
    tap_number(message, 1, type);
    tap_number(message, 2, 1);
    tap_number(message, 3, 1);
    tap_field(message, 4, "\xc0\x00\x02\x07", 4);
    tap_field(message, 5, "\xc0\x00\x02\x35", 4);
    tap_number(message, 6, 4000);
    tap_number(message, 7, 5353);
    tap_number(message, 8, 1700000000);
    tap_fixed32(message, 9, 500000000);
    if (query)
        tap_field(message, 10, query, strlen(query));
    if (!response)
        return;
    tap_number(message, 12, 1700000001);
    tap_fixed32(message, 13, 500000000);
    tap_field(message, 14, response, strlen(response));
}

void tap_payload(struct dnstap_build *payload, const struct dnstap_build *message)
{
    tap_field(payload, 1, "ns1", 3);
    tap_field(payload, 2, "server 1.0", 10);
    tap_field(payload, 14, message->data, message->len);
    tap_number(payload, 15, 1);
}

static void tap_be32(struct dnstap_build *stream, uint32_t value)
{
    uint32_t big = htonl(value);
    tap_bytes(stream, &big, 4);
}

void tap_control(struct dnstap_build *stream, uint32_t type, const char *content_type)
{
    uint32_t name_bytes = content_type ? (uint32_t)strlen(content_type) : 0;
    tap_be32(stream, 0);
    tap_be32(stream, content_type ? 12 + name_bytes : 4);
    tap_be32(stream, type);
    if (!content_type)
        return;
    tap_be32(stream, 1);
    tap_be32(stream, name_bytes);
    tap_bytes(stream, content_type, name_bytes);
}

void tap_data(struct dnstap_build *stream, const struct dnstap_build *payload)
{
    tap_be32(stream, (uint32_t)payload->len);
    tap_bytes(stream, payload->data, payload->len);
}

void tap_query_frame(struct dnstap_build *stream, const char *query)
{
    struct dnstap_build message = {0}, payload = {0};
    tap_message(&message, 5, query, NULL);
    tap_payload(&payload, &message);
    tap_data(stream, &payload);
}
