/* tunnel.h - what the three detectors of tunnels have in common
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/detector.h>

#include <stddef.h>

/* Fires for a pair that the meter calls a tunnel in this direction (enum tunnel_direction), with
 * the figures that decided. */
bool tunnel_report(const struct transaction *transaction, const struct enrichment *enrichment,
                   unsigned direction, enum reason reason, struct finding *finding);

/* Label `label` of the question in the letter case it had on the wire, where that is known. */
const uint8_t *tunnel_label(const struct transaction *transaction, unsigned label, size_t *ret_len);
