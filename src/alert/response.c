/* response.c - the steps of responding to an alert, from response.def
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/response.h"

const struct response_row response_steps[RESPONSE_STEP_COUNT] = {
#define RESPONSE_STEP(id, slug, en, ja) [RESPONSE_STEP_##id] = {slug, {en, ja}},
#include "alert/response.def"
#undef RESPONSE_STEP
};

const struct response_row response_actions[RESPONSE_ACTION_COUNT] = {
#define RESPONSE_ACTION(id, slug, en, ja) [RESPONSE_ACTION_##id] = {slug, {en, ja}},
#include "alert/response.def"
#undef RESPONSE_ACTION
};
