/* sources.h - opens what the configuration names as sources
 * SPDX-License-Identifier: Apache-2.0
 *
 * A kind of source is a row in source_types.def and a function here. */
#pragma once

#include "config/config.h"

#include <dnsvigil/source.h>

/* Opens one source, as its type says. The caller closes it through its ops; `config` may go before.
 * NULL with a message that names the source and says what to do next. */
struct source *source_open(const struct config_source *config, struct error *error);

/* What no message of this source tells (enum packet_lacks); of a log whose format is found out only
 * by its lines, what no log does. */
uint8_t source_lacks(const struct config_source *config);

/* The function of each type. They may leave it to source_open() to name the source. */
#define SOURCE_TYPE(id, slug, open, key, text)                                                     \
    struct source *open(const struct config_source *config, struct error *error);
#include <dnsvigil/source_types.def>
#undef SOURCE_TYPE
