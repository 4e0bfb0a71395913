/* rules.h - the parts of `dnsvigil rules`
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/options.h"

extern const struct option_table rules_test_table;

int rules_test(int argc, char **argv);
