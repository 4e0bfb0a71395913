/* detect.c - runs the detectors over one transaction
 * SPDX-License-Identifier: Apache-2.0 */
#include "detect/detect.h"

void detect_settings_default(struct detect_settings *settings)
{
    for (int i = 0; i < DETECTOR_COUNT; i++) {
        settings->enabled[i] = detector_rows[i].detect != NULL;
        settings->floor[i] = confidence_floor[KNOB_MEDIUM];
        settings->severity[i] = detector_rows[i].severity;
    }
}

bool detect_one(enum detector detector, const struct transaction *transaction,
                const struct enrichment *enrichment, struct finding *ret_finding)
{
    struct finding finding = {
        .detector = (uint8_t)detector, .severity = -1, .hit = -1, .label = -1};
    if (!detector_rows[detector].detect ||
        !detector_rows[detector].detect(transaction, enrichment, &finding))
        return false;
    *ret_finding = finding;
    return true;
}

unsigned detect_run(const struct detect_settings *settings, const struct transaction *transaction,
                    const struct enrichment *enrichment, struct finding findings[DETECTOR_COUNT],
                    unsigned *ret_below)
{
    unsigned count = 0;
    *ret_below = 0;
    for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
        struct finding *finding = &findings[count];
        if (!settings->enabled[i] ||
            !detect_one((enum detector)i, transaction, enrichment, finding))
            continue;
        if (finding->confidence < settings->floor[i]) {
            ++*ret_below;
            continue;
        }
        if (finding->severity < 0)
            finding->severity = (int8_t)settings->severity[i];
        count++;
    }
    return count;
}
