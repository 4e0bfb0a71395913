/* alert_gallery.h - alerts of all thirteen types and every state, for tests of what is exported
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/alert.h>

enum {
    GALLERY_COUNT = DETECTOR_COUNT + 7, /* one of each type, then special ones */
    GALLERY_NAMES = 64,
};

/* Alert number 0 … GALLERY_COUNT - 1. The first are of each type, with the evidence of that type
 * and the states and dispositions in turn; then: an incident, a sample, a suppressed one, one found
 * afterwards, a machine with IPv6 only and no name, one whose texts attack every format, one that
 * is as large as can be. Times, ids and numbers never change. */
void alert_gallery(struct alert *ret_alert, unsigned number);

/* An alert about hostile name number 0 … GALLERY_NAMES - 1: the same name in domain, question and
 * sample, as presentation format writes what was on the wire. */
void alert_about_name(struct alert *ret_alert, unsigned number);
