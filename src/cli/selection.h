/* selection.h - which stored alerts a command is about: the options of `alerts list`, `set`,
 * `export` SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/options.h"
#include "store/store.h"

struct selection {
    uint32_t statuses;
    bool all;
    uint8_t severity_min;
    uint32_t detectors;
    char entity[ADDR_TEXT_MAX];
    char domain[NAME_TEXT_MAX];
    const char *search;
    int64_t since_ns;
    int64_t until_ns;
};

/* --status and --from-status read into this: bits of enum alert_status. */
bool selection_statuses(const char *text, void *field);
bool selection_detectors(const char *text, void *field);
bool selection_severity(const char *text, void *field);
bool selection_entity(const char *text, void *field);
bool selection_domain(const char *text, void *field);

/* Borrows the selection's texts. */
struct store_filter selection_filter(const struct selection *selection);

bool selection_is_empty(const struct selection *selection);

/* Opens the store at `path`, or the one that this configuration names. Returns an exit code. */
int selection_store(const char *config_path, const char *path, enum store_mode mode,
                    struct store **ret_store);

/* Closes it; `r` and `error` are what happened before. Returns an exit code. */
int selection_store_leave(struct store *store, int r, struct error *error);

/* The rows of the options that choose alerts; `field` is the struct selection. */
/* clang-format off */
#define SELECTION_ROW(type, name, letter, argument, help, read, member)                            \
    {                                                                                              \
        name, letter, argument, help, read, offsetof(type, member)                                 \
    }
#define SELECTION_ROWS(type, field)                                                                \
    SELECTION_ROW(type, "severity", 0, "LEVEL", "of at least this severity: informational, low, medium or high", \
        selection_severity, field.severity_min),                                                   \
    SELECTION_ROW(type, "type", 't', "TYPE[,...]",                                                 \
        "of these types: slugs or ids; `dnsvigil describe detectors` lists them",                  \
        selection_detectors, field.detectors),                                                     \
    SELECTION_ROW(type, "entity", 'e', "ADDRESS", "about the machine with this address", selection_entity, \
        field.entity),                                                                             \
    SELECTION_ROW(type, "domain", 'd', "NAME", "about this name or one below it", selection_domain, field.domain), \
    SELECTION_ROW(type, "search", 'S', "TEXT", "with this text in id, machine, name, indicator or a sample", \
        option_text, field.search),                                                                \
    SELECTION_ROW(type, "since", 0, "TIME",                                                        \
        "active since then: a date, a time as in 2026-01-31T23:59:59Z, or an age: 90s, 15m, 36h, " \
        "7d, 2w", option_time, field.since_ns),                                                    \
    SELECTION_ROW(type, "until", 0, "TIME", "begun before then", option_time, field.until_ns)
/* clang-format on */
