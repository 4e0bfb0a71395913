/* status.h - what is remembered of a feed between updates, as a small JSON file beside its list
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "base/json.h"
#include "feeds/fetch.h"
#include "intel/format.h"

enum {
    STATUS_URL_MAX = 2048,
    STATUS_ERROR_MAX = 1024,
    STATUS_BYTES_MAX = 65536,
    STATUS_REFUSALS_MAX = 512
};

/* Times are nanoseconds since 1970 UTC, 0 for never. */
struct feed_status {
    char url[STATUS_URL_MAX]; /* where the last good list came from */
    char etag[FETCH_TAG_MAX];
    char modified[FETCH_TAG_MAX];
    int64_t tried_ns;   /* last attempt */
    int64_t fetched_ns; /* last time the list was known to be the newest */
    int64_t changed_ns; /* last time it was replaced */
    int64_t asked_ns;   /* last time somebody asked for a newer one; not kept in the file */
    uint32_t entries;   /* of the last good list, and of the update that brought it: */
    uint32_t added, removed, lines, duplicates, skipped, refused;
    char format[32];
    char sandbox[32];                   /* what its reader was kept in */
    char refusals[STATUS_REFUSALS_MAX]; /* the first lines it refused, and why */
    char error[STATUS_ERROR_MAX];       /* why the last attempt failed; "" when it did not */
};

/* Without a file, or from one that makes no sense, all is empty. */
void status_load(const char *state_dir, const char *name, struct feed_status *ret_status);

int status_save(const char *state_dir, const char *name, const struct feed_status *status,
                struct error *error);

/* Notes that somebody asks for a newer list now: it is due at once. */
int status_ask(const char *state_dir, const char *name, struct error *error);

/* Writes the members of the status into an open object: those for everybody to see. */
void status_write(const struct feed_status *status, struct json *json);
