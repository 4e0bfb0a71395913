/* fit.h - fits a window model: logistic regression over broken lines
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "windows.h"

/* Fits knots, weights and bias of *ret_model to the windows but those of fold `leave` (FOLDS: to
 * all). Families weigh the same and together as much as the benign windows. The same windows give
 * the same model on one platform. */
void fit(const struct window *windows, size_t count, unsigned leave, struct burst_model *ret_model);

/* Fills score_at[] of *model from benign windows but those of fold `leave`. */
void fit_calibrate(const struct window *windows, size_t count, unsigned leave,
                   struct burst_model *model);
