/* incidents.c - gathers alerts that belong together and says what they are together
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/incidents.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WORST = -1 };

const struct incident_row incident_rows[INCIDENT_KIND_COUNT] = {
#define INCIDENT(id, slug, scope, severity, en, ja, text_en, text_ja)                              \
    [INCIDENT_##id] = {#slug, INCIDENT_SCOPE_##scope, severity, {en, ja}, {text_en, text_ja}},
#include "alert/incidents.def"
#undef INCIDENT
};

static const char *const scope_names[INCIDENT_SCOPE_COUNT] = {
    [INCIDENT_SCOPE_ENTITY] = "entity",
    [INCIDENT_SCOPE_DOMAIN] = "domain",
    [INCIDENT_SCOPE_MINERS] = "miners",
};

enum {
    TUNNELS = 1 << DETECTOR_DATA_INFILTRATION | 1 << DETECTOR_DATA_EXFILTRATION |
              1 << DETECTOR_DATA_OBFUSCATION,
    /* What malware does once one of its generated domains has answered. */
    FOLLOWERS =
        1 << DETECTOR_THREAT_INTEL | 1 << DETECTOR_SINKHOLED_DOMAIN | 1 << DETECTOR_SIGNATURE,
};

/* The name space of incidents' ids: a random version 4 UUID, drawn once and fixed for good. */
static const uint8_t name_space[UUID_BYTES] = {0x9d, 0x31, 0x5e, 0xb2, 0x7c, 0x04, 0x4e, 0x6f,
                                               0xa8, 0x1b, 0x53, 0xe9, 0x20, 0xd7, 0x8a, 0x46};

/* NULL: no part in this scope. */
static const char *key_of(const struct alert *alert, enum incident_scope scope)
{
    switch (scope) {
    case INCIDENT_SCOPE_ENTITY: return *alert->entity_ip ? alert->entity_ip : NULL;
    case INCIDENT_SCOPE_DOMAIN: return *alert->domain && *alert->entity_ip ? alert->domain : NULL;
    case INCIDENT_SCOPE_MINERS:
        return alert->detector == DETECTOR_CURRENCY_MINING && *alert->entity_ip ? "" : NULL;
    default: return NULL;
    }
}

bool incident_begin(const struct alert *alert, enum incident_scope scope,
                    const struct incident_limits *limits, struct incident *ret_incident)
{
    const char *key = alert->sample ? NULL : key_of(alert, scope);
    uint32_t detector = 1u << alert->detector;
    if (!key)
        return false;
    *ret_incident = (struct incident){
        .scope = (uint8_t)scope,
        .start_ns = alert->start_ns,
        .last_ns = alert->start_ns,
        .end_ns = alert->end_ns,
        .lead_ns = alert->detector == DETECTOR_GENERATED_DOMAINS ? alert->start_ns : INT64_MAX,
        .follow_ns = detector & FOLLOWERS ? alert->start_ns : INT64_MIN,
        .detectors = detector,
        .severity = alert->severity,
        .alerts = 1,
        .entities = 1,
        .revision = 1,
    };
    snprintf(ret_incident->key, sizeof(ret_incident->key), "%s", key);
    if (scope == INCIDENT_SCOPE_ENTITY)
        memcpy(ret_incident->correlation_key, alert->correlation_key,
               sizeof(ret_incident->correlation_key));
    incident_judge(ret_incident, limits);
    return true;
}

int64_t incident_span(const struct incident *incident, const struct incident_limits *limits)
{
    return incident->start_ns / limits->span_ns - (incident->start_ns < 0);
}

bool incident_touches(const struct incident *a, const struct incident *b,
                      const struct incident_limits *limits)
{
    return incident_span(a, limits) == incident_span(b, limits) &&
           a->start_ns - limits->window_ns <= b->last_ns &&
           b->start_ns - limits->window_ns <= a->last_ns;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

void incident_add(struct incident *into, const struct incident *other)
{
    into->start_ns = earlier(into->start_ns, other->start_ns);
    into->last_ns = later(into->last_ns, other->last_ns);
    into->end_ns = later(into->end_ns, other->end_ns);
    into->lead_ns = earlier(into->lead_ns, other->lead_ns);
    into->follow_ns = later(into->follow_ns, other->follow_ns);
    into->detectors |= other->detectors;
    if (other->severity > into->severity)
        into->severity = other->severity;
    if (other->status < into->status)
        into->status = other->status;
    into->alerts += other->alerts;
    into->revision += other->revision;
}

static bool meets(const struct incident *incident, enum incident_kind kind,
                  const struct incident_limits *limits)
{
    switch (kind) {
    case INCIDENT_EXFILTRATION:
        return incident->detectors & TUNNELS && incident->detectors & ~(uint32_t)TUNNELS;
    case INCIDENT_BOTNET: return incident->lead_ns <= incident->follow_ns;
    case INCIDENT_ACTIVITY:
        return (unsigned)__builtin_popcount(incident->detectors) >= limits->types_min;
    case INCIDENT_MINING:
    case INCIDENT_DOMAIN: return incident->entities >= limits->entities_min;
    default: return false;
    }
}

static void identify(struct incident *incident)
{
    char facts[NAME_TEXT_MAX + 64];
    int len = snprintf(facts, sizeof(facts), "%s\n%s\n%" PRId64, scope_names[incident->scope],
                       incident->key, incident->start_ns);
    uuid5(name_space, facts, (size_t)len, incident->id);
}

void incident_judge(struct incident *incident, const struct incident_limits *limits)
{
    incident->kind = INCIDENT_NONE;
    for (unsigned kind = INCIDENT_KIND_COUNT; kind-- > 0;)
        if (incident_rows[kind].scope == incident->scope && meets(incident, kind, limits))
            incident->kind = (uint8_t)kind;
    identify(incident);
}

enum severity incident_severity(const struct incident *incident)
{
    int severity = incident_rows[incident->kind].severity;
    return severity == WORST ? incident->severity : (enum severity)severity;
}

static void time_pair(struct json *json, const char *key, int64_t time_ns)
{
    char text[TIME_TEXT_MAX];
    time_format(time_ns, text);
    json_pair(json, key, text);
}

static void detectors_write(uint32_t detectors, struct json *json)
{
    json_key(json, "detectors");
    json_array_begin(json);
    for (unsigned i = 0; i < DETECTOR_COUNT; i++)
        if (detectors & 1u << i)
            json_text(json, detector_rows[i].slug);
    json_array_end(json);
}

void incident_to_json(const struct incident *incident, enum language language, struct json *json)
{
    const struct incident_row *row = &incident_rows[incident->kind];
    json_object_begin(json);
    json_pair(json, "id", incident->id);
    json_pair_int(json, "revision", incident->revision);
    json_pair(json, "kind", row->slug);
    json_pair(json, "title", row->title[language]);
    json_pair(json, "description", row->description[language]);
    json_pair(json, "severity", severity_names[incident_severity(incident)][LANGUAGE_EN]);
    json_pair(json, "status", alert_status_names[incident->status][LANGUAGE_EN]);
    time_pair(json, "start", incident->start_ns);
    time_pair(json, "end", incident->end_ns);
    if (incident->scope != INCIDENT_SCOPE_MINERS)
        json_pair(json, scope_names[incident->scope], incident->key);
    detectors_write(incident->detectors, json);
    json_pair_int(json, "alerts", (int64_t)incident->alerts);
    json_pair_int(json, "open_alerts", (int64_t)incident->open);
    json_pair_int(json, "entities", (int64_t)incident->entities);
    json_key(json, "is_incident");
    json_bool(json, true);
    json_pair(json, "correlation_key",
              *incident->correlation_key ? incident->correlation_key : incident->id);
    json_object_end(json);
}
