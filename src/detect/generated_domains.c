/* generated_domains.c - a client asks in vain for many domains that one algorithm seems to have
 * made
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * The meter keeps each client's failures and says how likely chance would make them look so. All of
 * one client's are one story, whichever domain comes next. When one of them exists after all, the
 * malware may have found who gives it orders. */
#include <dnsvigil/burst.h>
#include <dnsvigil/detector.h>

enum { STORY = 1, CONFIDENCE_REACHED = 9 /* more */, NAMES_MIN = 4 };

/* How much less than allowed chance would make, and how sure that makes us. */
static const struct {
    double of_limit;
    uint8_t confidence;
} steps[] = {{1e-4, 90}, {1e-2, 80}, {1, 60}, {10, 35}};

enum { STEPS = sizeof(steps) / sizeof(*steps) };

DETECTOR_FUNCTION(GENERATED_DOMAINS, generated_domains)
{
    (void)transaction;
    const struct burst_measure *burst = enrichment->burst;
    if (!burst)
        return false;
    unsigned step = 0;
    while (step < STEPS && burst->expected > steps[step].of_limit * burst->expected_limit)
        step++;
    if (step == STEPS)
        return false;
    finding->confidence = steps[step].confidence;
    finding->reason = burst->of_words ? REASON_GENERATED_WORDS : REASON_GENERATED_LETTERS;
    if (burst->reached_now) {
        finding->reason = REASON_GENERATED_REACHED;
        finding->confidence += CONFIDENCE_REACHED;
    }
    finding->story = STORY;
    finding->feature_count = 2;
    finding->features[0] =
        (struct feature){"chance_windows", burst->expected, burst->expected_limit, ""};
    finding->features[1] = (struct feature){"failed_domains", burst->names, NAMES_MIN, ""};
    return true;
}
