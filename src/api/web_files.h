/* web_files.h - the browser's side, as the build has packed it into the program
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

struct web_file {
    const char *path;            /* such as /assets/app-2F5K.js; of the page itself / */
    const char *type;            /* of its content */
    const char *etag;            /* with its quotes */
    const unsigned char *packed; /* gzip */
    size_t packed_len;
};

extern const struct web_file web_files[];
extern const size_t web_file_count; /* 0 where the program was built without it */
