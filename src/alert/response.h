/* response.h - the steps of responding to an alert, from response.def
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/terms.h>

enum response_step {
#define RESPONSE_STEP(id, slug, en, ja) RESPONSE_STEP_##id,
#include "alert/response.def"
#undef RESPONSE_STEP
    RESPONSE_STEP_COUNT,
};

enum response_action {
#define RESPONSE_ACTION(id, slug, en, ja) RESPONSE_ACTION_##id,
#include "alert/response.def"
#undef RESPONSE_ACTION
    RESPONSE_ACTION_COUNT,
};

struct response_row {
    const char *slug;
    const char *text[LANGUAGE_COUNT];
};

extern const struct response_row response_steps[RESPONSE_STEP_COUNT];

/* What RESPONSE_STEP_MITIGATE consists of, in order. */
extern const struct response_row response_actions[RESPONSE_ACTION_COUNT];
