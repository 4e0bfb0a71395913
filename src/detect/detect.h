/* detect.h - runs the detectors over one transaction
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "config/config.h"

#include <dnsvigil/detector.h>

enum { DETECT_SIGNS = 10 };

/* What the user chose for each detector, ready for the hot path. */
struct detect_settings {
    bool enabled[DETECTOR_COUNT];     /* set by detect_enable() */
    uint16_t woken_by[DETECT_SIGNS];  /* bit n: detector n is asked where this sign is seen */
    uint8_t floor[DETECTOR_COUNT];    /* findings below this confidence are not raised */
    uint8_t severity[DETECTOR_COUNT]; /* enum severity after profile and overrides */
};

/* Works the settings out of the configuration; planned detectors are off. */
void detect_settings_from(const struct config *config, struct detect_settings *ret_settings);

/* Turns one detector on or off. */
void detect_enable(struct detect_settings *settings, enum detector detector, bool enabled);

/* Asks every enabled detector. Fills at most DETECTOR_COUNT findings at or above their floor and
 * returns how many; `ret_below` counts those that fired below it. Every finding has its severity
 * filled in and its confidence against the floor as its last feature, where there is room. Pure;
 * called by the shard's thread. */
unsigned detect_run(const struct detect_settings *settings, const struct transaction *transaction,
                    const struct enrichment *enrichment, struct finding findings[DETECTOR_COUNT],
                    unsigned *ret_below);

/* Asks one detector, whatever its floor. Where it does not fire *ret_finding is undefined. */
bool detect_one(enum detector detector, const struct transaction *transaction,
                const struct enrichment *enrichment, struct finding *ret_finding);
