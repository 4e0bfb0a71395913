/* config.h - the configuration: read from YAML, checked, and from then on never changed
 * SPDX-License-Identifier: Apache-2.0
 *
 * `struct config` mirrors the file: `capture: {ports: …}` is config->capture.ports. Its members
 * come from schema.def, where ranges, units and meanings stand. Words are enum values: a detector's
 * confidence is enum confidence_knob, its severity enum severity or CONFIG_SEVERITY_PROFILE, a
 * feed's category enum category and its format enum feed_format, an isolation target's type enum
 * artefact. Once loaded, a config may be read
 * by any number of threads. */
#pragma once

#include "base/addr.h"
#include "base/buf.h"
#include "base/error.h"

#include <dnsvigil/artefact.h>
#include <dnsvigil/detector.h>
#include <dnsvigil/feed_format.h>

#define CONFIG_DEFAULT_PATH "/etc/dnsvigil/dnsvigil.yaml"

enum {
    CONFIG_SEVERITY_PROFILE = -1,    /* no override: as severity_profile says */
    CONFIG_FILE_BYTES_MAX = 1 << 20, /* a larger file is refused */
    CONFIG_NAME_MAX = 255,           /* bytes of an item in a list of names */
    CONFIG_PATH_MAX = 4095,          /* the same of paths */
    CONFIG_ARGUMENT_MAX = 1023,      /* and of arguments */
};

/* The feed of this name is the public suffix list, and none of indicators. */
#define CONFIG_FEED_SUFFIXES "public-suffix-list"

enum config_profile { CONFIG_PROFILE_REFERENCE, CONFIG_PROFILE_STRICT };

enum source_type {
#define SOURCE_TYPE(id, ...) SOURCE_TYPE_##id,
#include <dnsvigil/source_types.def>
#undef SOURCE_TYPE
    SOURCE_TYPE_COUNT,
};

enum sink_type {
#define SINK_TYPE(id, ...) SINK_TYPE_##id,
#include <dnsvigil/sink_types.def>
#undef SINK_TYPE
    SINK_TYPE_COUNT,
};

/* How syslog travels (RFC 5426, RFC 6587, RFC 5425), and how a message's end is told on a
 * connection. */
enum config_transport { CONFIG_TRANSPORT_UDP, CONFIG_TRANSPORT_TCP, CONFIG_TRANSPORT_TLS };
enum config_framing { CONFIG_FRAMING_OCTETS, CONFIG_FRAMING_NEWLINE };

/* How an export logs in at its broker (RFC 4616, RFC 7628). */
enum config_sasl { CONFIG_SASL_NONE, CONFIG_SASL_PLAIN, CONFIG_SASL_OAUTH };

struct config_ports {
    uint16_t *items;
    uint32_t count;
};

struct config_networks {
    struct prefix *items;
    uint32_t count;
};

struct config_name {
    char text[CONFIG_NAME_MAX + 1];
};

struct config_names {
    struct config_name *items;
    uint32_t count;
};

struct config_path {
    char text[CONFIG_PATH_MAX + 1];
};

struct config_paths {
    struct config_path *items;
    uint32_t count;
};

/* The words of a command line: the program, then its arguments. */
struct config_argument {
    char text[CONFIG_ARGUMENT_MAX + 1];
};

struct config_arguments {
    struct config_argument *items;
    uint32_t count;
};

struct config_numbers {
    uint32_t *items;
    uint32_t count;
};

/* Any value that a key can have, one member for each type. */
union config_value {
#define CONFIG_TYPE(id, ctype, name) ctype id;
#include "config/types.def"
#undef CONFIG_TYPE
};

/* The structs. A detector's settings are config->detectors.of[DETECTOR_…], a list is {items,
 * count}. */
#define SECTION_BEGIN(section)                   struct section {
#define KEY(section, key, type, ...)             __typeof__(((union config_value *)0)->type) key;
#define CHILD(section, key, child, text)         struct child key;
#define CHILDREN(section, key, child, max, text) struct child##_list key;
#define SECTION_END(section)                                                                       \
    }                                                                                              \
    ;
#define SECTION_END_CHECKED(section, check) SECTION_END(section)
#define LIST_OF(child)                                                                             \
    struct child##_list {                                                                          \
        struct child *items;                                                                       \
        uint32_t count;                                                                            \
    };
#define ONE_PER_DETECTOR(section, child)                                                           \
    struct section {                                                                               \
        struct child of[DETECTOR_COUNT];                                                           \
    };
#include "config/schema.def"
#undef SECTION_BEGIN
#undef KEY
#undef CHILD
#undef CHILDREN
#undef SECTION_END
#undef SECTION_END_CHECKED
#undef LIST_OF
#undef ONE_PER_DETECTOR

/* Loads the configuration from `path`; NULL means CONFIG_DEFAULT_PATH where it exists and the
 * built-in defaults otherwise. Relative paths in the file count from the file's folder. On failure
 * returns a negative errno (-EINVAL for a bad file) and the message reads
 * `FILE:LINE:COLUMN: key: what is wrong and what is allowed`. Free with config_free(). */
int config_load(const char *path, struct config **ret_config, struct error *error);

/* The same from text in memory; `name` is what messages call it, and its folder is the one relative
 * paths count from. */
int config_load_text(const char *name, const char *text, size_t len, struct config **ret_config,
                     struct error *error);

/* Whoever reads on while another configuration may take its place has a reference of its own: the
 * last one to let go frees it. For configurations that were loaded; any thread; NULL may be let go.
 */
const struct config *config_ref(const struct config *config);
void config_unref(const struct config *config);

/* Lets go of what loading gave. */
void config_free(struct config *config);

/* The feeds that the program knows of: data/feeds/feeds.yaml, from which it was built, as a
 * configuration. None of them is in force; a feed of the configuration that has the name of one
 * starts from what stands there. */
int config_catalogue(struct config **ret_config, struct error *error);

/* What config_load(path) reads: the name of a file, or "built-in defaults". */
const char *config_source(const char *path);

/* Calls `take` with each file and folder that the configuration names. */
typedef void (*config_path_fn)(void *arg, const char *path);
void config_each_path(const struct config *config, config_path_fn take, void *arg);

/* Whether the key of this path ("store.path", "sources[].name") takes effect only at the next start
 * of `dnsvigil run`, and not at a reload. */
bool config_needs_restart(const char *path);

/* Calls `take` with the path of each such key, or section of keys, in which the two differ. */
typedef void (*config_change_fn)(void *arg, const char *path);
void config_restart_changes(const struct config *before, const struct config *after,
                            config_change_fn take, void *arg);

/* Appends the effective configuration as YAML: every key with its value. Loading it again gives an
 * equal configuration. */
void config_dump(const struct config *config, struct buf *buf);

/* Appends the reference of all keys: type, range, unit, default, meaning; as plain text for a
 * terminal, or as the body of a manual page in scdoc's language. */
void config_reference(struct buf *buf);
void config_reference_scd(struct buf *buf);
