/* alert_change.h - what a request wants to change about alerts
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "api/api.h"

/* What the keys of the body (ALERT_CHANGE in bodies.def) and If-Match say, in the name of who asks;
 * texts are borrowed from the request. False with an error in the answer. */
bool alert_change_read(const struct api_request *request, struct store_change *ret_change,
                       struct http_answer *answer);

/* To open an alert again takes its disposition back, unless another is named. */
void alert_change_settle(struct store_change *change);

struct alert_changing {
    const struct store_filter *filter;
    const struct store_change *change;
    size_t changed; /* how many did */
};

/* Changes the alerts of the filter, all or none; false with an error in the answer. */
bool alert_change_write(struct api *api, struct alert_changing *changing,
                        struct http_answer *answer);

/* The same for the one with this full id. */
bool alert_change_one(struct api *api, const char *id, const struct store_change *change,
                      struct http_answer *answer);
