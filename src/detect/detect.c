/* detect.c - runs the detectors over one transaction
 * SPDX-License-Identifier: Apache-2.0 */
#include "detect/detect.h"

void detect_settings_from(const struct config *config, struct detect_settings *ret_settings)
{
    bool strict = config->severity_profile == CONFIG_PROFILE_STRICT;
    for (int i = 0; i < DETECTOR_COUNT; i++) {
        const struct config_detector *chosen = &config->detectors.of[i];
        const struct detector_row *row = &detector_rows[i];
        ret_settings->enabled[i] = chosen->enabled && row->detect;
        ret_settings->floor[i] = confidence_floor[chosen->confidence];
        ret_settings->severity[i] = strict ? row->severity_strict : row->severity;
        if (chosen->severity != CONFIG_SEVERITY_PROFILE)
            ret_settings->severity[i] = (uint8_t)chosen->severity;
    }
}

bool detect_one(enum detector detector, const struct transaction *transaction,
                const struct enrichment *enrichment, struct finding *ret_finding)
{
    /* Field by field: zeroing the features, too, would cost more than most detectors do. */
    ret_finding->detector = (uint8_t)detector;
    ret_finding->severity = -1;
    ret_finding->hit = -1;
    ret_finding->label = -1;
    ret_finding->story = 0;
    ret_finding->more = 0;
    ret_finding->feature_count = 0;
    return detector_rows[detector].detect &&
           detector_rows[detector].detect(transaction, enrichment, ret_finding);
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
        if (finding->feature_count < FEATURES_MAX)
            finding->features[finding->feature_count++] =
                (struct feature){"confidence", finding->confidence, settings->floor[i], "%"};
        count++;
    }
    return count;
}
