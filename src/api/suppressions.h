/* suppressions.h - what the routes about suppression rules share
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "api/api.h"
#include "store/suppressions.h"

struct suppression_keeping {
    const struct suppression *rule;
    enum suppressions_put how;
    const char *actor;
};

/* Keeps the rule; false with an error in the answer. */
bool suppression_keep(struct api *api, struct suppression_keeping *keeping,
                      struct http_answer *answer);
