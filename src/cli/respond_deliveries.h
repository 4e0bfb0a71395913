/* respond_deliveries.h - the queue of deliveries, printed and carried out by commands
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/talk.h"

/* Prints the newest deliveries; `query` chooses which, as for talk_list(). */
int respond_deliveries_print(const struct talk *talk, const char *query, uint64_t limit,
                             enum output_format format, struct error *error);

/* Carries out what is due, until nothing is, and says how it went; for where no daemon does it.
 * Returns an exit code. */
int respond_deliveries_send(const char *config_path, const char *store_path);
