/* export.h - `dnsvigil alerts export`: stored alerts in the words of other systems, into a file
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/options.h"

extern const struct option_table export_table;

int alerts_export(int argc, char **argv);
