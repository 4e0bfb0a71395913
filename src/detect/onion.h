/* onion.h - recognises Tor onion service addresses in the labels of a name
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/dns.h>

enum { ONION_CHARS_MIN = 16 }; /* of an address */

enum onion_kind {
    ONION_NONE,
    ONION_V2, /* 16 base32 characters: no checksum, so only plausible (tor rend-spec v2) */
    ONION_V3, /* 56 base32 characters whose version and SHA3-256 checksum are right: certain */
};

/* What label `label` of the name is (tor rend-spec-v3, section 6: encoding onion addresses). */
enum onion_kind onion_label(const struct dns_name *name, unsigned label);

/* The label that is an onion address: the first of version 3, else the first that may be one of
 * version 2 (any word of 16 letters may); its kind goes to `ret_kind`. Returns the label or -1. */
int onion_find(const struct dns_name *name, enum onion_kind *ret_kind);
