/* indicators.h - writes a list of made-up domains, some of which the mixed traffic asks for
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

#include <stdint.h>

/* One domain a line, distinct up to NAMES_INDICATOR_MAX. Negative errno with a message. */
int indicators_write(const char *path, uint32_t count, struct error *error);
