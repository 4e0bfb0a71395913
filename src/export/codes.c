/* codes.c - how other systems number severities, states and tactics: the rows of codes.def
 * SPDX-License-Identifier: Apache-2.0 */
#include "export/codes.h"

#include <stdio.h>
#include <string.h>

const struct severity_code severity_codes[SEVERITY_COUNT] = {
#define SEVERITY_CODE(id, ...) [SEVERITY_##id] = {__VA_ARGS__},
#include "export/codes.def"
#undef SEVERITY_CODE
};

const struct status_code status_codes[ALERT_STATUS_COUNT] = {
#define STATUS_CODE(id, ...) [ALERT_STATUS_##id] = {__VA_ARGS__},
#include "export/codes.def"
#undef STATUS_CODE
};

const struct verdict_code verdict_codes[DISPOSITION_COUNT] = {
#define VERDICT_CODE(id, ...) [DISPOSITION_##id] = {__VA_ARGS__},
#include "export/codes.def"
#undef VERDICT_CODE
};

const struct tactic_code tactic_codes[TACTIC_COUNT] = {
#define TACTIC_CODE(id, ...) [TACTIC_##id] = {__VA_ARGS__},
#include "export/codes.def"
#undef TACTIC_CODE
};

#define ANALYTIC_TEXT_RULE        "Rule"
#define ANALYTIC_TEXT_BEHAVIORAL  "Behavioral"
#define ANALYTIC_TEXT_STATISTICAL "Statistical"
#define ANALYTIC_TEXT_EXACT       "Exact Match"

const struct nature natures[DETECTOR_COUNT] = {
#define NATURE(id, analytic, ...)                                                                  \
    [DETECTOR_##id] = {ANALYTIC_##analytic, ANALYTIC_TEXT_##analytic, __VA_ARGS__},
#include "export/codes.def"
#undef NATURE
};

static const char *technique_name(const char *id)
{
    static const struct {
        const char *id, *name;
    } techniques[] = {
#define TECHNIQUE(id, name) {id, name},
#include "export/codes.def"
#undef TECHNIQUE
    };
    for (size_t i = 0; i < sizeof(techniques) / sizeof(techniques[0]); i++)
        if (strcmp(techniques[i].id, id) == 0)
            return techniques[i].name;
    return "";
}

bool technique_next(const char **ids, struct technique *ret_technique)
{
    const char *id = *ids;
    if (!*id)
        return false;
    size_t len = strcspn(id, " ");
    *ids = id + len + (id[len] == ' ');
    struct technique technique = {0};
    snprintf(technique.id, sizeof(technique.id), "%.*s", (int)len, id);
    snprintf(technique.parent, sizeof(technique.parent), "%.*s", (int)strcspn(technique.id, "."),
             technique.id);
    technique.sub = strchr(technique.id, '.') != NULL;
    technique.name = technique_name(technique.id);
    technique.parent_name = technique_name(technique.parent);
    *ret_technique = technique;
    return true;
}
