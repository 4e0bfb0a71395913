/* currency_mining.h - what the pipeline asks before it knows whether a name speaks of mining
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/dns.h>

/* Whether the labels up to the registrable domain's have letters that names of mining pools are
 * made of. False for most names, and the same each time: keep it (NAME_LACKS_MINING). */
bool currency_mining_may_be(const struct dns_name *name, unsigned registrable);
