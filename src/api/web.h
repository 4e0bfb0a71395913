/* web.h - what a browser gets that asks for a page instead of the API
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "api/http.h"

/* Whether the path is one of the browser's, not of the API; then the answer is made: a file of the
 * program, or for every other path the page, which finds out itself what to show. Any thread. */
bool web_answer(const struct http_request *request, struct http_answer *answer);
