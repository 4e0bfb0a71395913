/* names.h - makes up domain names: any number of them, each one always the same
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

enum { NAME_BYTES_MAX = 256 };

enum {
    NAMES_BENIGN_MAX = 1 << 24,    /* then they repeat */
    NAMES_INDICATOR_MAX = 1 << 30, /* then they repeat */
};

/* The registrable domain of benign site `index`: words and syllables under a real public suffix. */
void name_site(uint32_t index, char text[static NAME_BYTES_MAX]);

/* A host of that site: www, api, cdn and the like, or the bare domain. */
void name_host(uint32_t index, char text[static NAME_BYTES_MAX]);

/* Entry `index` of the indicator list: five syllables, which no benign site has. */
void name_indicator(uint32_t index, char text[static NAME_BYTES_MAX]);
