/* uri.h - takes the target of a request apart: path segments, query parameters; and cookies
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "api/api.h"

/* Undoes %XX, and '+' where `plus`, for text[0..len). False when an escape is broken, the result is
 * no UTF-8, has control characters or does not fit. */
bool uri_decode(const char *text, size_t len, bool plus, char *ret_text, size_t size);

/* Whether the path fits a pattern, in which {x} stands for one whole segment. Such segments go,
 * decoded, to the captures. Below /subscriptions upper and lower case are the same, as in Azure. */
bool uri_match(const char *pattern, const char *path,
               char captures[API_CAPTURES_MAX][API_CAPTURE_MAX]);

/* Takes the next `name=value` off *query into `out`, the value behind the name's NUL. Returns how
 * many bytes that took, 0 at the end, -EBADMSG when it cannot be read. */
int uri_parameter_next(const char **query, char *out, size_t size);

/* Copies the value of the cookie; false when it is not there or too long. */
bool cookie_find(const char *header, const char *name, char *ret_value, size_t size);
