/* web_none.c - the program was built without its browser's side
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/web_files.h"

const struct web_file web_files[] = {{"", "", "", NULL, 0}};
const size_t web_file_count = 0;
