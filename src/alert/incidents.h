/* incidents.h - alerts that belong together: by machine, by domain, or by what they do
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each alert is gathered under its machine, its domain and, where it is about mining, with all
 * miners. One gathering goes on while alerts come with no more than `window_ns` between the starts
 * of one and the next, and ends at multiples of `span_ns`, so that what never stops is told in
 * parts. When it meets the conditions of a kind (incidents.def) it is an incident:
 *
 *     data_exfiltration    a tunnel and any other type, on one machine
 *     botnet               generated domains, then threat intelligence, a sinkhole or a signature
 *     suspicious_activity  `types_min` types on one machine
 *     crypto_mining        mining on `entities_min` machines
 *     shared_domain        one domain on `entities_min` machines
 *
 * A gathering is a sum over its alerts that does not depend on their order, and its id is made from
 * the first start: the same alerts give the same incidents, however they arrive. Pure; any thread.
 */
#pragma once

#include "base/json.h"
#include "base/uuid5.h"

#include <dnsvigil/alert.h>

enum incident_kind {
#define INCIDENT(id, ...) INCIDENT_##id,
#include "alert/incidents.def"
#undef INCIDENT
    INCIDENT_KIND_COUNT,
    INCIDENT_NONE = INCIDENT_KIND_COUNT, /* gathered, but no incident yet */
};

enum incident_scope {
    INCIDENT_SCOPE_ENTITY, /* key: the machine's address */
    INCIDENT_SCOPE_DOMAIN, /* key: the domain */
    INCIDENT_SCOPE_MINERS, /* key: "" */
    INCIDENT_SCOPE_COUNT,
};

struct incident_row {
    const char *slug;
    uint8_t scope;
    int8_t severity; /* enum severity, or -1 for that of its gravest alert */
    const char *title[LANGUAGE_COUNT];
    const char *description[LANGUAGE_COUNT];
};
extern const struct incident_row incident_rows[INCIDENT_KIND_COUNT];

struct incident_limits {
    int64_t window_ns;
    int64_t span_ns;
    unsigned types_min;
    unsigned entities_min;
};

struct incident {
    char id[UUID_TEXT_MAX];
    uint8_t scope; /* enum incident_scope */
    uint8_t kind;  /* enum incident_kind */
    char key[NAME_TEXT_MAX];
    char correlation_key[40]; /* of the alerts of one machine; else "" */
    int64_t start_ns;         /* first start of an alert */
    int64_t last_ns;          /* last start */
    int64_t end_ns;           /* last end */
    int64_t lead_ns;          /* first start of generated domains, INT64_MAX: none */
    int64_t follow_ns;        /* last start of what follows them in a botnet, INT64_MIN: none */
    uint32_t detectors;       /* bit (1 << enum detector) */
    uint8_t severity;         /* of the gravest alert */
    uint64_t alerts;
    uint64_t entities; /* different machines */
    uint32_t revision; /* rises with each alert that joins or grows, and with each change */
    uint8_t status;    /* enum alert_status: what people say of it */
    uint64_t open;     /* alerts that are Active or InProgress; set where it is read from a store */
};

/* The gathering that this alert alone makes; false where it has no part in that scope (no machine,
 * no domain, not mining) or in any (a sample). */
bool incident_begin(const struct alert *alert, enum incident_scope scope,
                    const struct incident_limits *limits, struct incident *ret_incident);

/* Whether two gatherings of one scope and key are one. */
bool incident_touches(const struct incident *a, const struct incident *b,
                      const struct incident_limits *limits);

/* Adds `other` to `into`, in any order with the same result. Machines they share are not known
 * here: the caller sets `entities`. Of two statuses the more open one stays. */
void incident_add(struct incident *into, const struct incident *other);

/* Sets kind and id from the rest. */
void incident_judge(struct incident *incident, const struct incident_limits *limits);

/* The span of time it lies in, by number. */
int64_t incident_span(const struct incident *incident, const struct incident_limits *limits);

/* Of an incident (not INCIDENT_NONE). */
enum severity incident_severity(const struct incident *incident);

/* Appends one object, as docs/incidents.md describes it. */
void incident_to_json(const struct incident *incident, enum language language, struct json *json);
