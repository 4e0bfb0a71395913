/* headers.h - the header lines of an HTTP request: our own, conditions, and those from a secret
 * file
 *
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "feeds/fetch.h"

#include <curl/curl.h>

enum { HEADER_LINES_MAX = 32, HEADERS_FILE_MAX = 16384 };

struct headers {
    struct curl_slist *all;  /* with the lines of the file */
    struct curl_slist *open; /* without them: for hosts that the request does not name */
};

/* Reads the request's file, where it has one. Negative errno with the reason in `error`: -EPERM
 * when others than its owner may read the file, -EINVAL for a line that is no header. */
int headers_init(struct headers *headers, const struct fetch_request *request, struct error *error);
void headers_done(struct headers *headers);
