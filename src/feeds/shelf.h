/* shelf.h - the folder in which accepted lists are kept, and how a file there is replaced
 * SPDX-License-Identifier: Apache-2.0
 *
 * A file is replaced whole or not at all, also when the power fails: written beside it, synced, and
 * renamed. So readers may map a file at any time and keep it as long as they like. */
#pragma once

#include "base/error.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

/* A whole file, readable. */
struct mapping {
    const void *data;
    size_t len;
    int64_t modified_ns;
};

/* The path of the file that keeps `kind` ("list", "json") of the list called `name`. Any name makes
 * a proper file name: bytes outside [a-z0-9_-] are written %XX. */
void shelf_path(const char *state_dir, const char *name, const char *kind,
                char path[static PATH_MAX]);

/* Replaces the file, making its folder where that is missing. Its modification time becomes
 * `modified_ns`. Negative errno with the reason in `error`, and the old file as it was. */
int shelf_put(const char *path, const void *data, size_t len, int64_t modified_ns,
              struct error *error);

/* Sets the file's modification time. */
int shelf_touch(const char *path, int64_t modified_ns, struct error *error);

/* -ENOENT without such a file; others with the reason. Unmap with shelf_unmap(). */
int shelf_map(const char *path, struct mapping *ret_mapping, struct error *error);
int shelf_map_fd(int fd, const char *path, struct mapping *ret_mapping, struct error *error);
void shelf_unmap(struct mapping *mapping);

/* Keeps other processes from replacing files until shelf_unlock(). -EBUSY when one is at it. */
int shelf_lock(const char *state_dir, int *ret_lock, struct error *error);
void shelf_unlock(int lock);
