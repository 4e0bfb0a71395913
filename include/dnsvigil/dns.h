/* dns.h - a DNS name and a decoded DNS message (RFC 1035, RFC 6891)
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/addr.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    NAME_WIRE_MAX = 255,
    NAME_LABELS_MAX = 127,
    NAME_PAD = 32,        /* zero bytes behind a name, so that it may be read in larger pieces */
    NAME_TEXT_MAX = 1020, /* every byte escaped as \DDD, dots, final NUL */
    MESSAGE_HEADER_BYTES = 12,
    MESSAGE_RECORDS_MAX = 512, /* records walked in one message; more is MALFORMED_BUDGET */
    MESSAGE_STEPS_MAX = 4096,  /* labels and pointers followed in one message */
};

/* A name in canonical form: uncompressed wire format, ASCII letters lower-cased (RFC 4034 6.2),
 * with the hash of each suffix. hash[i] covers the labels i, i+1, … to the root and offset[i] is
 * where label i's length byte stands; hash[labels] is the root's. One hash serves the indicator
 * index, the popularity list and the registrable-domain cache. */
struct dns_name {
    uint8_t len;     /* of wire[], with the final root byte */
    uint8_t labels;  /* without the root */
    bool mixed_case; /* upper and lower case both stood on the wire */
    bool uppercase;  /* some upper case stood on the wire */
    uint8_t wire[NAME_WIRE_MAX + 1 + NAME_PAD];
    uint8_t offset[NAME_LABELS_MAX + 1];
    uint64_t hash[NAME_LABELS_MAX + 1];
};

enum dns_type {
    DNS_TYPE_A = 1,
    DNS_TYPE_NS = 2,
    DNS_TYPE_CNAME = 5,
    DNS_TYPE_SOA = 6,
    DNS_TYPE_NULL = 10,
    DNS_TYPE_PTR = 12,
    DNS_TYPE_MX = 15,
    DNS_TYPE_TXT = 16,
    DNS_TYPE_AAAA = 28,
    DNS_TYPE_SRV = 33,
    DNS_TYPE_DNAME = 39,
    DNS_TYPE_OPT = 41,
    DNS_TYPE_DS = 43,
    DNS_TYPE_RRSIG = 46,
    DNS_TYPE_NSEC = 47,
    DNS_TYPE_DNSKEY = 48,
    DNS_TYPE_NSEC3 = 50,
    DNS_TYPE_SVCB = 64,
    DNS_TYPE_HTTPS = 65,
    DNS_TYPE_ANY = 255,
};

enum dns_section {
    DNS_SECTION_QUESTION,
    DNS_SECTION_ANSWER,
    DNS_SECTION_AUTHORITY,
    DNS_SECTION_ADDITIONAL,
    DNS_SECTION_COUNT,
};

enum dns_flag {
    DNS_FLAG_QR = 0x8000,
    DNS_FLAG_AA = 0x0400,
    DNS_FLAG_TC = 0x0200,
    DNS_FLAG_RD = 0x0100,
    DNS_FLAG_RA = 0x0080,
    DNS_FLAG_Z = 0x0040,
    DNS_FLAG_AD = 0x0020,
    DNS_FLAG_CD = 0x0010,
};

/* What is wrong with a message. MALFORMED_NONE is 0. */
enum malformed {
    MALFORMED_NONE,
#define MALFORMED(id, slug, text) MALFORMED_##id,
#include <dnsvigil/malformed.def>
#undef MALFORMED
    MALFORMED_COUNT,
};

/* A protocol other than DNS that gave itself away. FOREIGN_NONE is 0. */
enum foreign {
    FOREIGN_NONE,
#define FOREIGN(id, slug, text) FOREIGN_##id,
#include <dnsvigil/foreign.def>
#undef FOREIGN
    FOREIGN_COUNT,
};
extern const char *const foreign_names[FOREIGN_COUNT];

/* One resource record after the question section; offsets count from the start of the message. */
struct dns_record {
    uint16_t owner;
    uint16_t rdata;
    uint16_t rdata_len;
    uint16_t type;
    uint16_t rrclass;
    uint8_t section; /* enum dns_section */
    uint32_t ttl;
};

/* What the OPT record says (RFC 6891, RFC 7871). */
struct dns_edns {
    bool present;
    bool dnssec_ok;
    uint8_t version;
    uint16_t flags;    /* the whole word, DO and all */
    uint8_t opt_count; /* OPT records seen; more than one is an error */
    uint16_t udp_size;
    uint16_t options; /* offset of the option list */
    uint16_t options_len;
    bool ecs_present;
    uint8_t ecs_source_bits; /* on the family's own scale: 0-32 or 0-128 */
    struct addr ecs;
};

/* A decoded message. `data` and `records` are borrowed (frame or batch memory). Everything up to
 * the point of damage is filled in; `malformed` and `malformed_at` say what and where it was. */
struct dns_message {
    const uint8_t *data;
    uint32_t len;
    uint16_t id;
    uint16_t flags; /* the whole 16-bit word: QR, opcode, bits, RCODE */
    uint8_t opcode;
    uint16_t rcode; /* extended by OPT where there is one (RFC 6891 6.1.3) */
    uint16_t counts[DNS_SECTION_COUNT];
    bool has_question; /* qtype, qclass and question are valid (the first question) */
    uint16_t qtype;
    uint16_t qclass;
    const struct dns_record *records;
    uint16_t record_count;
    struct dns_edns edns;
    uint8_t malformed; /* enum malformed */
    uint16_t malformed_at;
    uint8_t foreign;          /* enum foreign: what a malformed message is instead of DNS */
    bool cut;                 /* the capture kept only the front: its lengths say nothing */
    bool unframed;            /* from a TCP stream where no DNS message starts */
    uint16_t steps;           /* labels and pointers walked, of MESSAGE_STEPS_MAX */
    uint32_t trailing;        /* bytes after the last record */
    struct dns_name question; /* last: large, and copied by its used part only */
};

static inline bool message_is_response(const struct dns_message *message)
{
    return message->flags & DNS_FLAG_QR;
}
