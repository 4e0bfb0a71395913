/* dnstap.h - what a DNS server tells of one message in the protobuf schema of dnstap.info
 * SPDX-License-Identifier: Apache-2.0
 *
 * Reads one payload of a Frame Streams data frame (framestream.h): a protobuf `Dnstap` with its
 * `Message` inside. Nothing is copied or allocated, everything points into the payload; one pass,
 * whatever its bytes are. Fields, types and protocols that are not known are passed over, so newer
 * senders are understood as far as they say known things. */
#pragma once

#include <dnsvigil/packet.h>

#include <stddef.h>
#include <stdint.h>

#define DNSTAP_CONTENT_TYPE "protobuf:dnstap.Dnstap"

/* Who tells of which leg of a look-up: for each a query (odd) and a response (even). */
enum dnstap_type {
    DNSTAP_AUTH_QUERY = 1, /* an authoritative server, of who asks it */
    DNSTAP_AUTH_RESPONSE,
    DNSTAP_RESOLVER_QUERY, /* a resolver, of what it asks others for its clients */
    DNSTAP_RESOLVER_RESPONSE,
    DNSTAP_CLIENT_QUERY, /* a resolver, of who asks it */
    DNSTAP_CLIENT_RESPONSE,
    DNSTAP_FORWARDER_QUERY, /* a forwarder, of what it asks others for its clients */
    DNSTAP_FORWARDER_RESPONSE,
    DNSTAP_STUB_QUERY, /* a machine's own stub resolver */
    DNSTAP_STUB_RESPONSE,
    DNSTAP_TOOL_QUERY, /* dig and the like */
    DNSTAP_TOOL_RESPONSE,
    DNSTAP_UPDATE_QUERY, /* a primary server, of dynamic updates */
    DNSTAP_UPDATE_RESPONSE,
    DNSTAP_TYPES, /* the first number that is not known */
};

enum dnstap_protocol {
    DNSTAP_UDP = 1,
    DNSTAP_TCP,
    DNSTAP_DOT,
    DNSTAP_DOH,
    DNSTAP_DNSCRYPT_UDP,
    DNSTAP_DNSCRYPT_TCP,
    DNSTAP_DOQ,
};

/* Bytes of the payload; `data` is NULL where the field is missing. */
struct dnstap_bytes {
    const uint8_t *data;
    uint32_t len;
};

struct dnstap {
    uint32_t type;                /* enum dnstap_type, or one that is not known; 0: missing */
    uint32_t protocol;            /* enum dnstap_protocol, the same */
    struct dnstap_bytes identity; /* of the server, as configured there */
    struct dnstap_bytes version;  /* of its software */
    struct dnstap_bytes query_address;
    struct dnstap_bytes response_address;
    struct dnstap_bytes query_message; /* in wire format */
    struct dnstap_bytes response_message;
    uint16_t query_port; /* 0: missing */
    uint16_t response_port;
    int64_t query_time_ns; /* 0: missing */
    int64_t response_time_ns;
};

enum dnstap_verdict {
    DNSTAP_GOOD,
    DNSTAP_BROKEN, /* not protobuf, cut, or a message longer than DNS allows */
    DNSTAP_OTHER,  /* well-formed, but it tells of no DNS message */
};

enum { DNSTAP_PACKETS = 2 }; /* at most so many come out of one payload */

/* Reads a payload of at most 2^32 - 1 bytes. *ret is only complete with DNSTAP_GOOD. */
enum dnstap_verdict dnstap_decode(const uint8_t *data, size_t len, struct dnstap *ret);

/* Makes packets of it: the query, the response, or the query and then the response where both are
 * told at once. Returns how many; their bytes are those of the payload. A message without any time
 * happened at `missing_time_ns`.
 *
 * Who asked is `query_address`. Where that is missing or unspecified, and for the legs a resolver
 * or forwarder asks for others, the packets have LACKS_CLIENT. The server's port is always 53:
 * which end is the server is told, and that it offers DNS on 853 or 443 is no finding. What
 * travelled over anything but datagrams counts as TCP. */
unsigned dnstap_packets(const struct dnstap *dnstap, int64_t missing_time_ns,
                        struct packet packets[static DNSTAP_PACKETS]);
