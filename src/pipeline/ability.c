/* ability.c - which detectors can fire under a configuration and its lists, and why others cannot
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/ability.h"

#include "pipeline/canary.h"

#include <errno.h>

/* The canary's own entry finds nobody else. */
static bool has_threats(const struct lists *lists, int64_t now_ns)
{
    static const enum category threats[] = {CATEGORY_C2, CATEGORY_MALWARE, CATEGORY_SUSPICIOUS};
    for (size_t i = 0; i < sizeof(threats) / sizeof(*threats); i++)
        if (intel_lists(lists->intel, threats[i], canary_feed.name, now_ns))
            return true;
    return false;
}

enum ability ability_of(enum detector detector, const struct config *config,
                        const struct lists *lists, int64_t now_ns)
{
    if (!detector_rows[detector].detect || !config->detectors.of[detector].enabled)
        return ABILITY_OFF;
    if (detector == DETECTOR_THREAT_INTEL && !has_threats(lists, now_ns))
        return ABILITY_UNLISTED;
    if (detector == DETECTOR_SIGNATURE && !lists->rules)
        return ABILITY_UNLISTED;
    return ABILITY_ABLE;
}

int abilities_check(const struct config *config, const struct lists *lists, int64_t now_ns,
                    struct error *error)
{
    unsigned unlisted = 0;
    for (int i = 0; i < DETECTOR_COUNT; i++) {
        enum ability ability = ability_of((enum detector)i, config, lists, now_ns);
        if (ability == ABILITY_ABLE)
            return 0;
        unlisted += ability == ABILITY_UNLISTED;
    }
    if (unlisted)
        return error_set(error, -EINVAL,
                         "no detector could ever fire: those that are on go by lists or rules, "
                         "and none is in force; name feeds or rules, or switch other detectors on");
    return error_set(error, -EINVAL,
                     "no detector could ever fire: all of them are switched off; remove "
                     "`enabled: false` from some under `detectors`");
}
