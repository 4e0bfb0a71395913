/* sources.c - opens what the configuration names as sources
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/sources.h"

#include "input/capture.h"
#include "input/live.h"
#include "input/log_source.h"
#include "input/open.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static struct source *(*const openers[SOURCE_TYPE_COUNT])(const struct config_source *config,
                                                          struct error *error) = {
#define SOURCE_TYPE(id, slug, open, key, text) [SOURCE_TYPE_##id] = open,
#include <dnsvigil/source_types.def>
#undef SOURCE_TYPE
};

struct source *source_open_pcap(const struct config_source *config, struct error *error)
{
    struct stat info;
    bool pipe = stat(config->path, &info) == 0 && S_ISFIFO(info.st_mode);
    return pipe ? capture_open_pipe(config->path, error) : input_open(config->path, error);
}

struct source *source_open_log(const struct config_source *config, struct error *error)
{
    struct log_source_config log = {
        .path = config->path,
        .from_start = config->from_start,
        .positions = config->positions[0] ? config->positions : NULL,
    };
    if (strcmp(config->format, "auto") != 0 && !(log.format = log_format_find(config->format))) {
        error_set(error, -EINVAL, "format %s: no such log; `dnsvigil sources` lists them",
                  config->format);
        return NULL;
    }
    if (!log_zone_parse(config->zone, &log.zone)) {
        error_set(error, -EINVAL, "zone %s: write local, UTC or +HH:MM", config->zone);
        return NULL;
    }
    return log_source_follow(&log, error);
}

struct source *source_open_live(const struct config_source *config, struct error *error)
{
    return live_open(&(struct live_config){.interface = config->interface,
                                           .filter = config->filter,
                                           .ports = &config->ports,
                                           .promiscuous = config->promiscuous,
                                           .snaplen_bytes = config->snaplen_bytes,
                                           .buffer_bytes = config->buffer_mib << 20,
                                           .fanout_group = (uint16_t)config->fanout_group},
                     error);
}

uint8_t source_lacks(const struct config_source *config)
{
    if (config->type != SOURCE_TYPE_LOG)
        return 0;
    const struct log_format *format = log_format_find(config->format);
    return LACKS_WIRE | (format ? format->lacks : 0);
}

struct source *source_open(const struct config_source *config, struct error *error)
{
    struct source *source = openers[config->type](config, error);
    if (!source)
        error_prefix(error, "source %s: ", config->name);
    return source;
}
