/* folder.h - the folders that a file is to lie in: made, and written for good
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

/* Makes the folders of the file's path that are missing, for their owner alone. What goes wrong
 * shows when the file is opened. */
void folders_make(const char *path);

/* Makes a rename of this path last over a loss of power. False with errno when it may not. */
bool folder_sync(const char *path);
