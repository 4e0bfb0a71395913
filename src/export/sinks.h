/* sinks.h - opens the sink that a configuration describes, one function for
 * each kind
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * A kind of sink is a row in sink_types.def and a function here. Each returns
 * NULL with a message when its keys cannot work together; `dialect` is the
 * configured one, or NULL where the kind may choose. */
#pragma once

#include "export/sink.h"

#define SINK_TYPE(id, slug, open, key, text)                                                       \
    struct sink *open(const struct config_export *config, struct error *error);
#include <dnsvigil/sink_types.def>
#undef SINK_TYPE
