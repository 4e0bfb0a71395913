/* hostname.h - reads a host name as people write it: any case, final dot, international letters
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/dns.h>

enum {
    HOSTNAME_LABELS_MAX = 63, /* deeper names are refused: no list has them */
    HOSTNAME_UTF8_MAX = 1020, /* bytes of a name before conversion */
};

enum hostname_verdict {
    HOSTNAME_OK,
    HOSTNAME_BAD, /* not a name of letters, digits, hyphens and underscores, or under a number */
    HOSTNAME_BAD_IDN, /* not valid under IDNA 2008 (RFC 5891) or not UTF-8 */
};

/* Reads text[0..len). Letters outside ASCII are converted to their A-labels with UTS #46
 * non-transitional mapping; the name then consists of [a-z0-9-_] labels. May allocate. */
enum hostname_verdict hostname_read(const char *text, size_t len, struct dns_name *ret_name);
