/* respond_deliveries.h - the queue of deliveries, printed and carried out by commands
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/respond.h"

/* Prints the newest deliveries of these kinds (bits of enum delivery_kind), of one origin unless
 * that is NULL: a line for each, or an object for programs. */
int respond_deliveries_print(struct store *store, uint32_t kinds, const char *origin,
                             uint64_t limit, enum output_format format, struct error *error);

/* Carries out what is due, until nothing is, and says how it went. */
int respond_deliveries_send(const struct respond *respond, struct error *error);
