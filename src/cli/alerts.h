/* alerts.h - what `alerts list`, `alerts show` and `alerts set` share
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/options.h"
#include "cli/output.h"
#include "store/store.h"

/* Prints everything known of one alert, for a person to read. */
int alerts_page_print(struct store *store, const struct alert *alert, enum language language,
                      struct error *error);

extern const struct option_table alerts_count_table;

int alerts_count(int argc, char **argv);
