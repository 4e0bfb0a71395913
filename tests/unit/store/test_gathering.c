/* test_gathering.c - stored alerts become the same incidents in whatever order and batches they
 * come
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/incidents.h"

#include "alert/id.h"
#include "base/clock.h"
#include "cmocka_all.h"
#include "store/changes.h"
#include "store/suppressions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[64];
static unsigned stores;
static struct error error;

static int folder_make(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof(folder), "%s/dnsvigil-gather-XXXXXX", base ? base : "/tmp");
    return mkdtemp(folder) ? 0 : -1;
}

static int folder_remove(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    return system(command);
}

static struct store *fresh_store(void)
{
    char path[128];
    struct store *store;
    struct store_config config = store_config_default;
    config.ballast_bytes = 4096;
    config.incidents.window_ns = 3600 * NS_PER_S;
    snprintf(path, sizeof(path), "%s/%u.db", folder, stores++);
    if (store_open(path, STORE_WRITE, &config, &store, &error) < 0)
        fail_msg("%s", error.text);
    return store;
}

static void close_store(struct store *store)
{
    assert_int_equal(store_close(store, &error), 0);
}

static struct alert alert_of(enum detector detector, unsigned machine, const char *domain,
                             unsigned minute)
{
    struct alert alert = {
        .detector = (uint8_t)detector,
        .severity = SEVERITY_LOW,
        .revision = 1,
        .count = 1,
        .start_ns = (100000 + minute) * 60 * NS_PER_S,
        .end_ns = (100001 + minute) * 60 * NS_PER_S,
    };
    while (reason_rows[alert.reason].detector != detector)
        alert.reason++;
    snprintf(alert.entity_ip, sizeof(alert.entity_ip), "192.0.2.%u", machine);
    snprintf(alert.domain, sizeof(alert.domain), "%s", domain);
    alert_identify(&alert);
    return alert;
}

static void put(struct store *store, const struct alert *const alerts[], size_t count)
{
    struct store_put_result result;
    if (store_put(store, alerts, count, &result, &error) < 0)
        fail_msg("%s", error.text);
}

static void put_one(struct store *store, const struct alert *alert)
{
    put(store, &alert, 1);
}

/* All incidents and their alerts as text. */

static struct {
    struct store *store;
    struct buf text;
} told;

static int alert_tell(void *context, const struct alert *alert, struct error *err)
{
    (void)err;
    buf_printf(&told.text, "  %s %s\n", alert->id,
               strstr(alert->incident_id, context) ? "knows" : "does not know");
    return 0;
}

static int incident_tell(void *context, const struct incident *incident, struct error *err)
{
    (void)context;
    struct json json = json_writer(&told.text);
    incident_to_json(incident, LANGUAGE_EN, &json);
    buf_char(&told.text, '\n');
    return incidents_alerts(told.store, incident->id, alert_tell, (void *)incident->id, err);
}

static const char *incidents_text(struct store *store)
{
    const struct incident_filter filter = {.statuses = ~0u};
    told.store = store;
    buf_done(&told.text);
    buf_init(&told.text, 1 << 20);
    buf_text(&told.text, "");
    if (incidents_list(store, &filter, incident_tell, NULL, &error) < 0)
        fail_msg("%s", error.text);
    return told.text.data;
}

static int keep_one(void *context, const struct incident *incident, struct error *err)
{
    (void)err;
    *(struct incident *)context = *incident;
    return 0;
}

/* The only incident of a store, or one with an empty id. */
static struct incident the_incident(struct store *store)
{
    struct incident incident = {0};
    const struct incident_filter filter = {.statuses = ~0u};
    if (incidents_list(store, &filter, keep_one, &incident, &error) < 0)
        fail_msg("%s", error.text);
    return incident;
}

enum { STORY = 9 };

/* One machine from generated domains to a tunnel, others mining, one domain on two, and one alone
 * that closes the gap between two gatherings. */
static void story(struct alert alerts[static STORY])
{
    alerts[0] = alert_of(DETECTOR_GENERATED_DOMAINS, 1, "", 0);
    alerts[1] = alert_of(DETECTOR_THREAT_INTEL, 1, "bad.example", 50);
    alerts[2] = alert_of(DETECTOR_DATA_EXFILTRATION, 1, "tunnel.example", 160);
    alerts[3] = alert_of(DETECTOR_DARK_WEB, 1, "onion.example", 105);
    alerts[4] = alert_of(DETECTOR_THREAT_INTEL, 2, "bad.example", 55);
    alerts[5] = alert_of(DETECTOR_CURRENCY_MINING, 3, "pool.example", 10);
    alerts[6] = alert_of(DETECTOR_CURRENCY_MINING, 4, "pool.example", 30);
    alerts[7] = alert_of(DETECTOR_CURRENCY_MINING, 3, "other.example", 500);
    alerts[8] = alert_of(DETECTOR_PHISHING_DOMAIN, 2, "phish.example", 400);
    alerts[1].severity = SEVERITY_MEDIUM;
}

static uint32_t draw(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 16;
}

static void no_order_and_no_batches_change_the_incidents(void **state)
{
    (void)state;
    struct alert alerts[STORY];
    char first[16384] = "";
    uint32_t seed = 1;
    story(alerts);
    for (unsigned round = 0; round < 40; round++) {
        const struct alert *order[STORY];
        struct store *store = fresh_store();
        for (unsigned i = 0; i < STORY; i++)
            order[i] = &alerts[i];
        for (unsigned i = STORY - 1; round > 0 && i > 0; i--) {
            unsigned other = draw(&seed) % (i + 1);
            const struct alert *kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        for (unsigned at = 0; at < STORY;) {
            unsigned batch = 1 + draw(&seed) % (STORY - at);
            put(store, order + at, batch);
            at += batch;
        }
        put(store, order, STORY); /* a replay */
        const char *text = incidents_text(store);
        if (round == 0)
            snprintf(first, sizeof(first), "%s", text);
        if (strcmp(text, first) != 0)
            fail_msg("round %u:\n%s", round, text);
        close_store(store);
    }
    assert_non_null(strstr(first, "\"kind\":\"data_exfiltration\""));
    assert_non_null(strstr(first, "\"kind\":\"shared_domain\""));
    assert_non_null(strstr(first, "\"kind\":\"crypto_mining\""));
    assert_null(strstr(first, "does not know"));
    assert_null(strstr(first, "phish"));
}

static void a_former_id_leads_to_the_incident_it_became_part_of(void **state)
{
    (void)state;
    struct store *store = fresh_store();
    struct alert first = alert_of(DETECTOR_DARK_WEB, 1, "a.example", 100);
    struct alert second = alert_of(DETECTOR_THREAT_INTEL, 1, "b.example", 110);
    struct alert late = alert_of(DETECTOR_GENERATED_DOMAINS, 1, "", 60);
    put_one(store, &first);
    put_one(store, &second);
    struct incident before = the_incident(store), found;
    put_one(store, &late);
    struct incident after = the_incident(store);
    assert_int_equal(before.kind, INCIDENT_ACTIVITY);
    assert_int_equal(after.kind, INCIDENT_BOTNET);
    assert_string_not_equal(before.id, after.id);
    assert_int_equal(incidents_get(store, before.id, &found, &error), 0);
    assert_string_equal(found.id, after.id);
    assert_int_equal(found.revision, 3);
    assert_int_equal(incidents_get(store, "no such", &found, &error), -ENOENT);
    close_store(store);
}

static void what_is_dismissed_or_suppressed_makes_no_incident(void **state)
{
    (void)state;
    struct store *store = fresh_store();
    struct suppression *rule = NULL;
    static const char text[] =
        "{\"name\":\"it\",\"alert_types\":[\"threat_intel\"],\"reason\":\"test\"}";
    struct alert seen = alert_of(DETECTOR_DARK_WEB, 1, "a.example", 0);
    struct alert hidden = alert_of(DETECTOR_THREAT_INTEL, 1, "b.example", 1);
    size_t changed;
    assert_int_equal(suppression_parse(text, strlen(text), &rule, &error), 0);
    assert_int_equal(suppressions_put(store, rule, SUPPRESSIONS_ADD, "cli:me", &error), 0);
    suppression_free(rule);
    put_one(store, &seen);
    put_one(store, &hidden);
    assert_string_equal(the_incident(store).id, "");

    /* Somebody opens it: with its next repeat it joins. */
    const char *id = hidden.id;
    const struct store_filter filter = {.ids = &id, .id_count = 1};
    struct store_change change = STORE_CHANGE_NONE;
    change.status = ALERT_STATUS_ACTIVE;
    change.actor = "cli:me";
    assert_int_equal(store_set(store, &filter, &change, &changed, &error), 0);
    hidden.count++;
    put_one(store, &hidden);
    assert_int_equal(the_incident(store).alerts, 2);
    close_store(store);
}

static void an_incident_grows_with_its_alerts_and_tells_how_many_are_open(void **state)
{
    (void)state;
    struct store *store = fresh_store();
    struct alert a = alert_of(DETECTOR_DARK_WEB, 1, "bad.example", 0);
    struct alert b = alert_of(DETECTOR_DARK_WEB, 2, "bad.example", 5);
    put_one(store, &a);
    put_one(store, &b);
    struct incident before = the_incident(store);
    assert_int_equal(before.kind, INCIDENT_DOMAIN);
    assert_int_equal(before.open, 2);
    a.end_ns += 1000 * NS_PER_S;
    a.severity = SEVERITY_HIGH;
    a.count++;
    put_one(store, &a);
    struct incident after = the_incident(store);
    assert_int_equal(after.end_ns, a.end_ns);
    assert_int_equal(incident_severity(&after), SEVERITY_HIGH);
    assert_int_equal(after.revision, before.revision + 1);
    assert_int_equal(after.alerts, 2);

    size_t changed;
    const struct store_filter all = {0};
    struct store_change change = STORE_CHANGE_NONE;
    change.status = ALERT_STATUS_RESOLVED;
    change.actor = "cli:me";
    assert_int_equal(store_set(store, &all, &change, &changed, &error), 0);
    assert_int_equal(the_incident(store).open, 0);
    close_store(store);
}

/* A change_fn: id and revision of each change as a line. */
static int change_tell(void *context, uint64_t seq, const char *id, uint32_t revision,
                       int64_t time_ns)
{
    (void)seq, (void)time_ns;
    buf_printf(context, "%s %u\n", id, revision);
    return 0;
}

static void an_alert_that_joins_an_incident_later_has_changed(void **state)
{
    (void)state;
    struct store *store = fresh_store();
    struct alert a = alert_of(DETECTOR_DARK_WEB, 1, "bad.example", 10), found;
    struct alert b = alert_of(DETECTOR_DARK_WEB, 2, "bad.example", 15);
    struct alert c = alert_of(DETECTOR_DARK_WEB, 3, "bad.example", 20);
    char wanted[512];
    struct buf told_changes;
    buf_init(&told_changes, sizeof(wanted));
    put_one(store, &a);
    put_one(store, &b);
    put_one(store, &c); /* a and b know the incident already */
    assert_int_equal(changes_read(store, 0, 100, change_tell, &told_changes, &error), 0);
    snprintf(wanted, sizeof(wanted), "%s 1\n%s 1\n%s 2\n%s 1\n", a.id, b.id, a.id, c.id);
    assert_string_equal(told_changes.data, wanted);
    assert_int_equal(store_get(store, a.id, &found, &error), 0);
    assert_int_equal(found.revision, 2);
    assert_string_equal(found.incident_id, the_incident(store).id);
    buf_done(&told_changes);
    close_store(store);
}

static int alerts_count(void *context, const struct alert *alert, struct error *err)
{
    (void)alert, (void)err;
    ++*(unsigned *)context;
    return 0;
}

static void alerts_are_found_by_the_incident_they_belong_to(void **state)
{
    (void)state;
    struct store *store = fresh_store();
    struct alert a = alert_of(DETECTOR_DARK_WEB, 1, "bad.example", 0);
    struct alert b = alert_of(DETECTOR_DARK_WEB, 2, "bad.example", 5);
    struct alert alone = alert_of(DETECTOR_DARK_WEB, 3, "other.example", 5);
    const char *const names[] = {"no such", ""};
    struct store_filter filter = {0};
    unsigned found = 0;
    put_one(store, &a);
    put_one(store, &b);
    put_one(store, &alone);
    struct incident incident = the_incident(store);
    filter.incident = incident.id;
    assert_int_equal(store_list(store, &filter, alerts_count, &found, &error), 0);
    assert_int_equal(found, 2);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        filter.incident = names[i];
        assert_int_equal(store_list(store, &filter, alerts_count, &found, &error), 0);
        assert_int_equal(found, 2);
    }
    close_store(store);
}

static int entries_count(void *context, uint64_t seq, const struct audit_entry *entry,
                         const uint8_t hash[static AUDIT_HASH_BYTES])
{
    (void)seq, (void)entry, (void)hash;
    ++*(unsigned *)context;
    return 0;
}

static void a_resolved_incident_opens_with_the_next_alert_a_dismissed_one_does_not(void **state)
{
    (void)state;
    static const struct {
        enum alert_status set, then;
        unsigned entries;
    } cases[] = {
        {ALERT_STATUS_RESOLVED, ALERT_STATUS_ACTIVE, 2},
        {ALERT_STATUS_DISMISSED, ALERT_STATUS_DISMISSED, 1},
        {ALERT_STATUS_IN_PROGRESS, ALERT_STATUS_IN_PROGRESS, 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct store *store = fresh_store();
        struct alert a = alert_of(DETECTOR_DARK_WEB, 1, "a.example", 0);
        struct alert b = alert_of(DETECTOR_SIGNATURE, 1, "b.example", 5);
        struct alert c = alert_of(DETECTOR_PHISHING_DOMAIN, 1, "c.example", 9);
        const struct incident_change change = {.status = (int)cases[i].set, .actor = "cli:me"};
        unsigned entries = 0;
        bool changed;
        put_one(store, &a);
        put_one(store, &b);
        struct incident incident = the_incident(store);
        assert_int_equal(incidents_set(store, incident.id, &change, &changed, &error), 0);
        assert_true(changed);
        assert_int_equal(incidents_set(store, incident.id, &change, &changed, &error), 0);
        assert_false(changed);
        put_one(store, &c);
        assert_int_equal(the_incident(store).status, cases[i].then);
        assert_int_equal(incidents_history(store, incident.id, entries_count, &entries, &error), 0);
        assert_int_equal(entries, cases[i].entries);
        close_store(store);
    }
}

static void an_incident_goes_with_the_last_of_its_alerts(void **state)
{
    (void)state;
    struct store *store = fresh_store();
    struct alert a = alert_of(DETECTOR_DARK_WEB, 1, "a.example", 0);
    struct alert b = alert_of(DETECTOR_SIGNATURE, 1, "b.example", 5);
    size_t deleted;
    put_one(store, &a);
    put_one(store, &b);
    assert_string_not_equal(the_incident(store).id, "");
    assert_int_equal(store_purge(store, INT64_MAX, &deleted, &error), 0);
    assert_int_equal(deleted, 2);
    assert_string_equal(the_incident(store).id, "");
    close_store(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_order_and_no_batches_change_the_incidents),
        cmocka_unit_test(a_former_id_leads_to_the_incident_it_became_part_of),
        cmocka_unit_test(what_is_dismissed_or_suppressed_makes_no_incident),
        cmocka_unit_test(an_incident_grows_with_its_alerts_and_tells_how_many_are_open),
        cmocka_unit_test(a_resolved_incident_opens_with_the_next_alert_a_dismissed_one_does_not),
        cmocka_unit_test(an_alert_that_joins_an_incident_later_has_changed),
        cmocka_unit_test(alerts_are_found_by_the_incident_they_belong_to),
        cmocka_unit_test(an_incident_goes_with_the_last_of_its_alerts),
    };
    int failed = cmocka_run_group_tests(tests, folder_make, folder_remove);
    buf_done(&told.text);
    return failed;
}
