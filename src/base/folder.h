/* folder.h - makes the folders that a file is to lie in
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Makes the folders of the file's path that are missing, for their owner alone. What goes wrong
 * shows when the file is opened. */
void folders_make(const char *path);
