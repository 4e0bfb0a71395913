/* judge.h - whether a list that was read may take the place of the last good one
 * SPDX-License-Identifier: Apache-2.0
 *
 * Feeds get hijacked, emptied and replaced by error pages. What is refused here leaves the last
 * good list in force. Pure functions. */
#pragma once

#include "base/error.h"
#include "intel/format.h"

/* -EINVAL when the list is wrong in itself: it has fewer names than lines that are none, or it
 * would flag popular domains by the dozen. */
int judge_report(const struct feed_report *report, struct error *error);

/* -ERANGE when it has less than half or more than ten times the entries of the last good one, which
 * may be right but takes somebody to say so. */
int judge_size(uint32_t before, uint32_t after, struct error *error);
