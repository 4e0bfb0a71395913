/* catalogue.c - the detector and reason tables made from detectors.def and reasons.def
 * SPDX-License-Identifier: Apache-2.0 */
#include <dnsvigil/detector.h>

#include <string.h>

#define FUNCTION_AVAILABLE(slug) detect_##slug
#define FUNCTION_PLANNED(slug)   NULL

const struct detector_row detector_rows[DETECTOR_COUNT] = {
#define DETECTOR(id, slug_, type, state, severity_, strict, tactic_, techniques_, wants_,          \
                 title_en, title_ja, description_en, description_ja, looks_en, looks_ja, clear_en, \
                 clear_ja)                                                                         \
    [DETECTOR_##id] = {                                                                            \
        .slug = #slug_,                                                                            \
        .alert_type = type,                                                                        \
        .detect = FUNCTION_##state(slug_),                                                         \
        .title = {title_en, title_ja},                                                             \
        .description = {description_en, description_ja},                                           \
        .looks_for = {looks_en, looks_ja},                                                         \
        .clear = {clear_en, clear_ja},                                                             \
        .severity = severity_,                                                                     \
        .severity_strict = strict,                                                                 \
        .tactic = tactic_,                                                                         \
        .wants = wants_,                                                                           \
        .techniques = techniques_,                                                                 \
    },
#include <dnsvigil/detectors.def>
#undef DETECTOR
};

const struct reason_row reason_rows[REASON_COUNT] = {
#define REASON(id, slug_, detector_, summary_en, summary_ja, benign_en, benign_ja)                 \
    [REASON_##id] = {                                                                              \
        .slug = #slug_,                                                                            \
        .detector = detector_,                                                                     \
        .summary = {summary_en, summary_ja},                                                       \
        .benign_if = {benign_en, benign_ja},                                                       \
    },
#include <dnsvigil/reasons.def>
#undef REASON
};

const char *const history_slugs[HISTORY_COUNT] = {
    [HISTORY_INPUT] = "input", [HISTORY_SHORT] = "", [HISTORY_NETWORK] = "network"};

const uint8_t confidence_floor[KNOB_COUNT] = {
    [KNOB_LOW] = 30,
    [KNOB_MEDIUM] = 50,
    [KNOB_HIGH] = 80,
};

const char *const suffix_class_names[SUFFIX_CLASS_COUNT] = {
    [SUFFIX_NONE] = "none",       [SUFFIX_ICANN] = "icann",
    [SUFFIX_PRIVATE] = "private", [SUFFIX_SPECIAL_USE] = "special_use",
    [SUFFIX_REVERSE] = "reverse", [SUFFIX_UNDELEGATED] = "undelegated",
};

int detector_parse(const char *text)
{
    for (int i = 0; i < DETECTOR_COUNT; i++)
        if (strcmp(text, detector_rows[i].slug) == 0 ||
            strcmp(text, detector_rows[i].alert_type) == 0)
            return i;
    return -1;
}
