/* filter.h - filters of alerts from text: options of the command line and parameters of the API
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "store/store.h"

enum {
#define FILTER(id, name, letter, value, help) FILTER_##id,
#include "store/filters.def"
#undef FILTER
    FILTER_COUNT,
};

struct filter_row {
    const char *name;
    char letter;       /* as an option, 0 for none */
    const char *value; /* what to call it in the help */
    const char *help;
};

extern const struct filter_row filter_rows[FILTER_COUNT];

/* A filter with the texts that are its own. Start from all zeros; do not copy. */
struct filter {
    struct store_filter set; /* for store_list() and others; limit and sort are the caller's */
    uint32_t given;          /* bit (1 << FILTER_…) of what was set */
    char entity[ADDR_TEXT_MAX];
    char ip[ADDR_TEXT_MAX];
    char domain[NAME_TEXT_MAX];
};

/* Sets the filter of that name. Plain texts are borrowed from `value`. -ENOENT: no filter has this
 * name; -EINVAL: it cannot have this value. */
int filter_set(struct filter *filter, const char *name, const char *value, struct error *error);

/* newest, oldest, severity, count, entity or domain; '-' before it the other way round. False for
 * another word. */
bool filter_sort_parse(const char *text, enum store_sort *ret_sort, bool *ret_reverse);
