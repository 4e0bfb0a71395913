/* suppressions_simulate.c - what a suppression rule would have dismissed
 * SPDX-License-Identifier: Apache-2.0
 *
 * Reading an alert costs far more than finding it. So a condition that the indexes of the store
 * know something of leads: only the alerts that it may hold for are read. Where there is no
 * condition, alerts are counted and only those that are told are read. */
#include "store/suppressions.h"

#include "store/count.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAD_VALUES_MAX = 16 };

/* The leading condition. */
struct lead {
    unsigned at;     /* which condition; condition_count: none does */
    unsigned values; /* so many searches, one for each of its values; 1 where none leads */
    char octets[ADDR_TEXT_MAX]; /* that all addresses of a "cidr" begin with */
};

struct simulating {
    const struct suppression *rule;
    const struct suppression *before; /* with the values that were looked for already; or NULL */
    struct suppression_simulation result;
    struct addr *entities; /* of each alert, grown in powers of two */
    size_t entity_count;
};

static bool entity_note(struct simulating *simulating, const struct alert *alert)
{
    size_t n = simulating->entity_count;
    struct addr addr = {{0}};
    if ((n & (n - 1)) == 0) {
        size_t room = n ? 2 * n : 1;
        void *grown = realloc(simulating->entities, room * sizeof(addr));
        if (!grown)
            return false;
        simulating->entities = grown;
    }
    addr_parse(alert->entity_ip, strlen(alert->entity_ip), &addr);
    simulating->entities[simulating->entity_count++] = addr;
    return true;
}

static int addr_order(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct addr));
}

static uint64_t entities_different(struct simulating *simulating)
{
    uint64_t different = 0;
    const struct addr *all = simulating->entities;
    if (simulating->entity_count == 0)
        return 0;
    qsort(simulating->entities, simulating->entity_count, sizeof(*all), addr_order);
    for (size_t i = 0; i < simulating->entity_count; i++)
        different += i == 0 || !addr_equal(&all[i], &all[i - 1]);
    return different;
}

/* A store_alert_fn. */
static int sample_take(void *context, const struct alert *alert, struct error *error)
{
    struct suppression_simulation *result = context;
    (void)error;
    if (result->sample_count < SUPPRESSION_SAMPLES)
        memcpy(result->samples[result->sample_count++], alert->id, ALERT_ID_MAX);
    return 0;
}

/* A store_alert_fn. */
static int simulate_one(void *context, const struct alert *alert, struct error *error)
{
    struct simulating *simulating = context;
    struct suppression_simulation *result = &simulating->result;
    if (!suppression_matches(simulating->rule, alert) ||
        (simulating->before && suppression_matches(simulating->before, alert)))
        return 0;
    if (!entity_note(simulating, alert))
        return error_set(error, -ENOMEM, "no memory for %zu machines", simulating->entity_count);
    result->alerts++;
    result->dismissed += alert->status == ALERT_STATUS_DISMISSED;
    result->true_positives += alert->disposition == DISPOSITION_TRUE_POSITIVE;
    result->by_type[alert->detector]++;
    return sample_take(result, alert, error);
}

/* So that the alerts of other types need not be read. */
static uint32_t detectors_of(const struct suppression *rule)
{
    uint32_t detectors = 0;
    for (unsigned i = 0; i < DETECTOR_COUNT; i++)
        if (suppression_covers(rule, i))
            detectors |= 1u << i;
    return detectors;
}

/* False where the addresses have none in common, or are not IPv4. */
static bool octets_write(const struct prefix *prefix, char *text, size_t size)
{
    size_t len = 0;
    unsigned count = addr_is_v4(&prefix->addr) && prefix->bits >= 96 ? (prefix->bits - 96u) / 8 : 0;
    for (unsigned i = 0; i < count; i++)
        len += (size_t)snprintf(text + len, size - len, i < 3 ? "%u." : "%u",
                                prefix->addr.bytes[12 + i]);
    return len > 0;
}

/* Whether an index finds what the condition's field is made of: names, addresses and lists do. */
static bool leads(const struct suppression_condition *condition, struct lead *lead)
{
    bool indexed =
        condition->field != SUPPRESSION_FIELD_TAG && condition->field != SUPPRESSION_FIELD_RULE;
    if (!indexed)
        return false;
    if (condition->how == SUPPRESSION_CIDR)
        return octets_write(&condition->prefix, lead->octets, sizeof(lead->octets));
    lead->values = condition->count;
    return condition->count <= LEAD_VALUES_MAX;
}

static struct lead lead_choose(const struct suppression *rule)
{
    struct lead lead = {.at = 0, .values = 1};
    while (lead.at < rule->condition_count && !leads(&rule->conditions[lead.at], &lead)) {
        lead.values = 1;
        lead.at++;
    }
    return lead;
}

/* Leaves all alerts for which the leading condition may hold with this value, and few others. */
static void filter_narrow(const struct suppression *rule, const struct lead *lead, unsigned value,
                          struct store_filter *filter)
{
    if (lead->at == rule->condition_count)
        return;
    const struct suppression_condition *condition = &rule->conditions[lead->at];
    bool name = condition->field == SUPPRESSION_FIELD_DOMAIN;
    if (condition->how == SUPPRESSION_CIDR)
        filter->search = lead->octets;
    else if (name && condition->how != SUPPRESSION_CONTAINS)
        filter->domain = condition->values[value];
    else
        filter->search = condition->values[value];
}

/* An alert for which the condition holds with several values is found with the first. */
static int value_simulate(struct store *store, struct simulating *simulating,
                          const struct lead *lead, unsigned value, struct store_filter filter,
                          struct error *error)
{
    struct suppression before = *simulating->rule; /* borrows the conditions */
    if (value > 0)
        before.conditions[lead->at].count = (uint16_t)value;
    simulating->before = value > 0 ? &before : NULL;
    filter_narrow(simulating->rule, lead, value, &filter);
    return store_list(store, &filter, simulate_one, simulating, error);
}

/* Rules by type alone. */

/* A store_group_fn. */
static int type_count(void *context, const struct store_group *group, struct error *error)
{
    struct suppression_simulation *result = context;
    int detector = detector_parse(group->key);
    (void)error;
    if (detector >= 0)
        result->by_type[detector] = group->count;
    return 0;
}

static int alerts_count(struct store *store, struct store_filter filter, uint64_t *ret_alerts,
                        struct error *error)
{
    struct store_totals totals;
    int r = store_count(store, &filter, &totals, error);
    if (r == 0)
        *ret_alerts = totals.alerts;
    return r;
}

static int types_simulate(struct store *store, struct simulating *simulating,
                          struct store_filter all, struct error *error)
{
    struct store_totals totals;
    struct suppression_simulation *result = &simulating->result;
    struct store_filter dismissed = all, confirmed = all;
    dismissed.statuses = 1u << ALERT_STATUS_DISMISSED;
    confirmed.dispositions = 1u << DISPOSITION_TRUE_POSITIVE;
    int r = store_count(store, &all, &totals, error);
    if (r == 0)
        r = alerts_count(store, dismissed, &result->dismissed, error);
    if (r == 0)
        r = alerts_count(store, confirmed, &result->true_positives, error);
    if (r == 0)
        r = store_groups(store, &all, STORE_AXIS_TYPE, 0, type_count, result, error);
    if (r < 0)
        return r;
    result->alerts = totals.alerts;
    result->entities = totals.entities;
    all.limit = SUPPRESSION_SAMPLES;
    return store_list(store, &all, sample_take, result, error);
}

static int conditions_simulate(struct store *store, struct simulating *simulating,
                               struct store_filter filter, struct error *error)
{
    const struct lead lead = lead_choose(simulating->rule);
    int r = 0;
    for (unsigned i = 0; r == 0 && i < lead.values; i++)
        r = value_simulate(store, simulating, &lead, i, filter, error);
    if (r == 0)
        simulating->result.entities = entities_different(simulating);
    return r;
}

int suppressions_simulate(struct store *store, const struct suppression *rule, int64_t since_ns,
                          int64_t until_ns, struct suppression_simulation *ret_simulation,
                          struct error *error)
{
    struct simulating simulating = {.rule = rule};
    const struct store_filter filter = {
        .statuses = ~0u,
        .detectors = detectors_of(rule),
        .since_ns = since_ns,
        .until_ns = until_ns,
    };
    int r = 0;
    if (filter.detectors) /* 0 means all */
        r = rule->condition_count ? conditions_simulate(store, &simulating, filter, error)
                                  : types_simulate(store, &simulating, filter, error);
    if (r == 0)
        *ret_simulation = simulating.result;
    free(simulating.entities);
    return r;
}

void suppression_simulation_to_json(const struct suppression_simulation *simulation,
                                    struct json *json)
{
    json_object_begin(json);
    json_pair_int(json, "alerts", (int64_t)simulation->alerts);
    json_pair_int(json, "dismissed_already", (int64_t)simulation->dismissed);
    json_pair_int(json, "entities", (int64_t)simulation->entities);
    json_pair_int(json, "true_positives", (int64_t)simulation->true_positives);
    json_key(json, "by_type");
    json_object_begin(json);
    for (unsigned i = 0; i < DETECTOR_COUNT; i++)
        if (simulation->by_type[i])
            json_pair_int(json, detector_rows[i].slug, (int64_t)simulation->by_type[i]);
    json_object_end(json);
    json_key(json, "samples");
    json_array_begin(json);
    for (unsigned i = 0; i < simulation->sample_count; i++)
        json_text(json, simulation->samples[i]);
    json_array_end(json);
    json_object_end(json);
}
