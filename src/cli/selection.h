/* selection.h - which stored alerts a command is about: the options that choose them
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/options.h"
#include "store/filter.h"

#include <jansson.h>

/* Must stay where it was when the options were read. */
struct selection {
    struct filter filter;
    const char *texts[FILTER_COUNT]; /* as they were typed; NULL: not given */
    bool all;
};

/* Each reads the option of a filter into a struct selection. */
#define FILTER(id, name, letter, value, help) bool selection_##id(const char *text, void *field);
#include "store/filters.def"
#undef FILTER

/* TYPE[,...] for commands that choose no alerts: bits of enum detector. */
bool selection_detectors(const char *text, void *field);

/* Row of an option that is a filter, for tables that include store/filters.def. */
#define SELECTION_ROW(type, field, id, name, letter, value, help)                                  \
    {                                                                                              \
        name, letter, value, help, selection_##id, offsetof(type, field)                           \
    }

/* Borrows the selection's texts. */
struct store_filter selection_filter(const struct selection *selection);

/* The filters by name as the API takes them; the caller's. */
json_t *selection_json(const struct selection *selection);

bool selection_is_empty(const struct selection *selection);

/* Opens the store at `path`, or the one that this configuration names. Returns an exit code. */
int selection_store(const char *config_path, const char *path, enum store_mode mode,
                    struct store **ret_store);

/* Closes it; `r` and `error` are what happened before. Returns an exit code. */
int selection_store_leave(struct store *store, int r, struct error *error);
