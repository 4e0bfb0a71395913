/* id.h - the deterministic identity of an alert
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/alert.h>

/* Fills alert->id and alert->correlation_key from type, entity, domain, start and, for a
 * protocol anomaly, which one. The id is
 * `<ticks>_<guid>`: 3155378975999999999 minus the 100 ns ticks from 0001-01-01 UTC to the start, so
 * that newer alerts sort first, and a version 5 UUID (RFC 4122 4.3) over the same facts, so that
 * the same traffic always gives the same id. The correlation key is the same for all alerts of one
 * entity. */
void alert_identify(struct alert *alert);
