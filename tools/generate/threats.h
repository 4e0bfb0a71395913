/* threats.h - look-ups that give a compromised or forbidden client away, one function for each kind
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each makes one complete look-up. Names are made up or publicly known infrastructure. */
#pragma once

#include "lookup.h"

/* A hidden service's name that leaked into DNS: a valid version-3 onion address (RFC 7686). */
void threat_onion(struct lookup *lookup, struct prng *prng);

/* The same service through a web gateway. */
void threat_gateway(struct lookup *lookup, struct prng *prng);

/* A public mining pool. */
void threat_mining(struct lookup *lookup, struct prng *prng);

/* `name` is answered with the address of a sinkhole. */
void threat_sinkhole(struct lookup *lookup, struct prng *prng, const char *name);

/* One exchange of a tunnel under `zone`: random bytes in base32 or hex up, TXT, NULL or CNAME down.
 */
void threat_tunnel(struct lookup *lookup, struct prng *prng, const char *zone);

/* A generated domain that does not exist. */
void threat_dga(struct lookup *lookup, struct prng *prng);

/* A query no software should send, of kind `kind` below THREAT_MALFORMED_COUNT; nobody answers. */
enum { THREAT_MALFORMED_COUNT = 6 };
void threat_malformed(struct lookup *lookup, struct prng *prng, unsigned kind);
