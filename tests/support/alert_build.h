/* alert_build.h - complete alerts for tests, with every field filled in
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/alert.h>

/* An alert of a machine that met a listed name. Alerts of different `number` differ in id, time,
 * entity and domain; times are whole microseconds and numbers short, so that a record of it reads
 * back equal. */
void alert_build(struct alert *ret_alert, unsigned number);
