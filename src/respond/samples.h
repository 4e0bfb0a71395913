/* samples.h - alerts made up to try every way that real ones take, clearly marked as such
 * SPDX-License-Identifier: Apache-2.0
 *
 * Machines have documentation addresses (RFC 5737), names are reserved ones (RFC 2606), so that no
 * sample is ever taken for what happened. */
#pragma once

#include <dnsvigil/alert.h>

/* Makes the sample of this detector, that happened before `now_ns`. Two of different seconds are
 * different alerts. */
void sample_build(enum detector detector, const char *sensor, int64_t now_ns,
                  struct alert *ret_alert);
