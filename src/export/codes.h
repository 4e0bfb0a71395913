/* codes.h - how other systems number severities, states and tactics: the rows of codes.def
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/detector.h>

struct severity_code {
    uint8_t cef, leef, syslog, ocsf, ecs, guardduty;
    const char *cim;
    uint8_t otel;
};

struct status_code {
    uint8_t ocsf;
    const char *ocsf_text;
    bool closed;
};

struct verdict_code {
    uint8_t ocsf;
    const char *ocsf_text;
    const char *asim;
};

struct tactic_code {
    const char *id;
    const char *intent;
    const char *phase;
};

/* OCSF analytic types. */
enum analytic {
    ANALYTIC_RULE = 1,
    ANALYTIC_BEHAVIORAL = 2,
    ANALYTIC_STATISTICAL = 3,
    ANALYTIC_EXACT = 9,
};

struct nature {
    uint8_t analytic; /* enum analytic */
    const char *analytic_text;
    const char *asim_method;
    const char *asim_sub_type;
    const char *ecs_action;
    const char *guardduty_purpose;
    const char *guardduty_family;
    const char *guardduty_equivalent; /* "" for none */
};

extern const struct severity_code severity_codes[SEVERITY_COUNT];
extern const struct status_code status_codes[ALERT_STATUS_COUNT];
extern const struct verdict_code verdict_codes[DISPOSITION_COUNT];
extern const struct tactic_code tactic_codes[TACTIC_COUNT];
extern const struct nature natures[DETECTOR_COUNT];

/* One ATT&CK technique, cut out of a list of ids separated by spaces. */
struct technique {
    char id[16];
    char parent[16];         /* of a sub-technique; the id itself of others */
    const char *name;        /* "" where it is not known */
    const char *parent_name; /* likewise */
    bool sub;
};

/* Reads the next id of the list and moves on; false at its end. */
bool technique_next(const char **ids, struct technique *ret_technique);
