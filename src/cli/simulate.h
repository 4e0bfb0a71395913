/* simulate.h - `dnsvigil alerts simulate`
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/options.h"

int alerts_simulate(int argc, char **argv);
extern const struct option_table simulate_table;
