/* sink.c - opens the sink that a configuration describes
 * SPDX-License-Identifier: Apache-2.0 */
#include "export/sinks.h"

#include <errno.h>

static struct sink *(*const openers[SINK_TYPE_COUNT])(const struct config_export *config,
                                                      struct error *error) = {
#define SINK_TYPE(id, slug, open, key, text) [SINK_TYPE_##id] = open,
#include <dnsvigil/sink_types.def>
#undef SINK_TYPE
};

struct sink *sink_open(const struct config_export *config, struct error *error)
{
    const struct dialect *dialect = &dialects[DIALECT_NATIVE];
    if (config->dialect[0])
        dialect = dialect_find(config->dialect);
    if (!dialect) {
        error_set(error, -EINVAL,
                  "export %s: there is no dialect \"%s\"; `dnsvigil export "
                  "dialects` lists them",
                  config->name, config->dialect);
        return NULL;
    }
    struct sink *sink = openers[config->type](config, error);
    if (!sink)
        return NULL;
    sink->config = config;
    if (config->dialect[0] || !sink->dialect)
        sink->dialect = dialect;
    return sink;
}

void sink_close(struct sink *sink)
{
    if (sink)
        sink->ops->close(sink);
}
