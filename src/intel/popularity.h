/* popularity.h - how widely used a registrable domain is, by a sketch that comes with the program
 * SPDX-License-Identifier: Apache-2.0
 *
 * tools/make-popularity.py makes the sketch from domains that independent lists agree on and keeps
 * of each a 59-bit cryptographic hash and the logarithm of its rank, no name. A domain that is on
 * no list is taken for a popular one with a chance of 2^-56; finding one such name takes as many
 * tries. Read-only; any thread. */
#pragma once

#include <dnsvigil/dns.h>

/* n where the registrable domain that begins at label `registrable` ranks among the first 2^n; 0
 * when it is not known. One cache line, rarely two; some 0.15 us: keep the result. */
uint8_t popularity_look(const struct dns_name *name, unsigned registrable);

/* Starts loading what popularity_look() reads first, and for most domains alone. */
void popularity_prefetch(const struct dns_name *name, unsigned registrable);
