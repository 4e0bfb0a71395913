/* alerts.h - what the routes about alerts share: filters out of a query, alerts as items
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "api/api.h"
#include "store/filter.h"

/* As `lang` says, or else Accept-Language. */
enum language api_language(const struct api_request *request);

/* The filters, order and limit that the query tells; texts are borrowed from the request. False
 * with an error in the answer when it cannot be had. */
bool api_filter(const struct api_request *request, struct filter *ret_filter,
                struct http_answer *answer);

/* The alert of this id, to be freed; NULL with an error in the answer. */
struct alert *api_alert(struct api *api, const char *id, struct http_answer *answer);

/* The alert as the whole answer, with its revision as ETag. */
void api_alert_answer(const struct alert *alert, enum language language,
                      struct http_answer *answer);

/* A page of alerts as the whole answer, behind `cursor` of the query. The one with the id `but`,
 * which may be NULL, is left out. */
void api_alert_list(struct api *api, const struct api_request *request,
                    const struct store_filter *filter, const char *but, struct http_answer *answer);

/* Stores a sample of each of these detectors (bits of 1 << enum detector), as if it had just been
 * raised, and answers with their ids; false with an error in the answer. */
bool api_samples(struct api *api, uint32_t detectors, struct http_answer *answer);
