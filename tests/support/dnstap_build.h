/* dnstap_build.h - writes dnstap payloads and Frame Streams for tests, valid or not
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Bytes under construction; what does not fit fails an assertion. */
struct dnstap_build {
    size_t len;
    uint8_t data[4096];
};

void tap_bytes(struct dnstap_build *build, const void *data, size_t len);
void tap_varint(struct dnstap_build *build, uint64_t value);

/* Protobuf fields. */
void tap_number(struct dnstap_build *build, unsigned field, uint64_t value);
void tap_fixed32(struct dnstap_build *build, unsigned field, uint32_t value);
void tap_field(struct dnstap_build *build, unsigned field, const void *data, size_t len);

/* One message from 192.0.2.7 port 4000 to 192.0.2.53 over UDP, asked at 1700000000.5 and, where
 * there is a response, answered a second later. NULL leaves a half out. */
void tap_message(struct dnstap_build *message, unsigned type, const char *query,
                 const char *response);

/* The payload around a message, from the server "ns1". */
void tap_payload(struct dnstap_build *payload, const struct dnstap_build *message);

/* Frames: control frames of the given type with the content type (NULL: none), and data. */
enum { TAP_ACCEPT = 1, TAP_START, TAP_STOP, TAP_READY, TAP_FINISH };
#define TAP_CONTENT_TYPE "protobuf:dnstap.Dnstap"
void tap_control(struct dnstap_build *stream, uint32_t type, const char *content_type);
void tap_data(struct dnstap_build *stream, const struct dnstap_build *payload);

/* A client's query, ready as payload, whose message is `query`. */
void tap_query_frame(struct dnstap_build *stream, const char *query);
