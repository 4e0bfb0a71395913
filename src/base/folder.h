/* folder.h - the folders that a file is to lie in: made, and written for good
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Makes the folders of the file's path that are missing, for their owner alone. What goes wrong
 * shows when the file is opened. */
void folders_make(const char *path);

/* The same, and the last one, if it was missing, is given to who will write there; -1: to nobody
 * else. Returns 0 or a negative errno. */
int folders_give(const char *path, uid_t uid, gid_t gid);

/* Makes a rename of this path last over a loss of power. False with errno when it may not. */
bool folder_sync(const char *path);
