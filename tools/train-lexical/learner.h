/* learner.h - trains the lexical model: logistic regression over hashed features
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "names.h"

/* Trains on all samples but those of fold `fold` (FOLDS: on all) and fills scale, bias and weights
 * of *ret_model. The same names give the same bytes on one platform. */
void learner_train(const struct names *names, unsigned fold, struct lexical_model *ret_model);
