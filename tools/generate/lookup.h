/* lookup.h - one DNS look-up while it is thought up: the query and the response to it
 * SPDX-License-Identifier: Apache-2.0
 *
 *     lookup_begin(&lookup, prng, "www.debian.org", DNS_TYPE_A, DNS_RCODE_NOERROR);
 *     lookup_addresses(&lookup, "www.debian.org", DNS_TYPE_A, 2);
 *     lookup_end(&lookup);
 *
 * What a name answers follows from the name alone, so it answers the same each time. */
#pragma once

#include "message_build.h"
#include "prng.h"

enum dns_rcode { DNS_RCODE_NOERROR = 0, DNS_RCODE_SERVFAIL = 2, DNS_RCODE_NXDOMAIN = 3 };

struct lookup {
    bool
        edns; /* both sides speak EDNS; set by lookup_begin(), may be changed before lookup_end() */
    struct message_build query;
    struct message_build response;
};

/* Starts both messages. */
void lookup_begin(struct lookup *lookup, struct prng *prng, const char *name, uint16_t type,
                  enum dns_rcode rcode);

/* Answer records of type A or AAAA, with addresses of the documentation ranges. */
void lookup_addresses(struct lookup *lookup, const char *owner, uint16_t type, unsigned count);

/* An answer record in presentation format. */
void lookup_answer(struct lookup *lookup, const char *owner, uint16_t type, uint32_t ttl,
                   const char *rdata);

/* The SOA of `zone` in the authority section, as negative answers carry it (RFC 2308). */
void lookup_soa(struct lookup *lookup, const char *zone);

void lookup_end(struct lookup *lookup);
