/* message_build.h - writes DNS messages for tests, scenarios and generated traffic
 * SPDX-License-Identifier: Apache-2.0
 *
 *     static struct message_build b;
 *     build_response(&b, 7, "www.example.com", DNS_TYPE_A, 0);
 *     build_record(&b, DNS_SECTION_ANSWER, "www.example.com", DNS_TYPE_A, 300, "192.0.2.1");
 *     build_edns(&b, 1232, false);
 *     message_decode(&message, b.data, b.len, &arena);
 *
 * Sections must be filled in order; the header's counts follow by themselves. Names are
 * presentation text ("a\.b.example", "." is the root) and keep their letter case. A text that
 * cannot be written (no name, no number, too long) is a mistake in the test and asserts; hostile
 * messages are made of build_bytes(), build_count() and changes to data[]. */
#pragma once

#include <dnsvigil/dns.h>

#include <stddef.h>

enum {
    BUILD_BYTES_MAX = 65535,
    BUILD_SUFFIXES_MAX = 256, /* names remembered for compression */
};

/* 65 KB: keep it static or on the heap. */
struct message_build {
    size_t len;
    bool compress;   /* names are written with pointers to earlier ones; on after build_message() */
    size_t rdlength; /* where the open record's length goes, 0 when none is open */
    unsigned suffix_count;
    uint16_t suffixes[BUILD_SUFFIXES_MAX];
    uint8_t data[BUILD_BYTES_MAX];
};

/* Starts a message: a header with the 16-bit flags word and nothing else. */
void build_message(struct message_build *b, uint16_t id, uint16_t flags);

/* A header (RD; with QR and RA for the response) and one question in class IN. */
void build_query(struct message_build *b, uint16_t id, const char *name, uint16_t type);
void build_response(struct message_build *b, uint16_t id, const char *name, uint16_t type,
                    unsigned rcode);

void build_question(struct message_build *b, const char *name, uint16_t type, uint16_t rrclass);

/* A whole record in class IN. `rdata` is presentation format for every type that rrtype.def lays
 * out
 * ("10 mail.example.", "\"some text\" more"), with the fields shown in base64, base32hex, bitmaps
 * and parameters written in hex; or `\# <hex>` for any type, or "" for no data. */
void build_record(struct message_build *b, enum dns_section section, const char *owner,
                  uint16_t type, uint32_t ttl, const char *rdata);

/* The same in steps: begin, the data with the writers below, end. */
void build_record_begin(struct message_build *b, enum dns_section section, const char *owner,
                        uint16_t type, uint16_t rrclass, uint32_t ttl);
void build_record_end(struct message_build *b);

/* An OPT record (RFC 6891); the second form stays open for build_option() until build_record_end().
 */
void build_edns(struct message_build *b, uint16_t udp_size, bool dnssec_ok);
void build_edns_begin(struct message_build *b, uint16_t udp_size, uint32_t ttl);
void build_option(struct message_build *b, uint16_t code, const void *data, size_t len);
/* A client-subnet option (RFC 7871) for "192.0.2.0/24" or "2001:db8::/56". */
void build_option_ecs(struct message_build *b, const char *subnet);

void build_u8(struct message_build *b, unsigned value);
void build_u16(struct message_build *b, unsigned value);
void build_u32(struct message_build *b, uint32_t value);
void build_bytes(struct message_build *b, const void *data, size_t len);
void build_name(struct message_build *b, const char *name);

/* Overwrites a count of the header: what the message claims, not what it holds. */
void build_count(struct message_build *b, enum dns_section section, uint16_t count);
