/* test_suppressions.c - rules dismiss new alerts as they are stored, and nothing else
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/suppressions.h"

#include "alert_build.h"
#include "base/clock.h"
#include "cmocka_all.h"
#include "store/audit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[64];
static struct error error;

static int folder_make(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof(folder), "%s/dnsvigil-suppress-XXXXXX", base ? base : "/tmp");
    return mkdtemp(folder) ? 0 : -1;
}

static int folder_remove(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    return system(command);
}

static struct store *store_of(const char *name)
{
    char path[128];
    struct store *store;
    struct store_config config = store_config_default;
    config.ballast_bytes = 4096;
    snprintf(path, sizeof(path), "%s/%s.db", folder, name);
    if (store_open(path, STORE_WRITE, &config, &store, &error) < 0)
        fail_msg("%s", error.text);
    return store;
}

static void close_store(struct store *store)
{
    assert_int_equal(store_close(store, &error), 0);
}

static void rule_put(struct store *store, const char *text, enum suppressions_put how, int expected)
{
    struct suppression *rule = NULL;
    if (suppression_parse(text, strlen(text), &rule, &error) < 0)
        fail_msg("%s", error.text);
    assert_int_equal(suppressions_put(store, rule, how, "cli:me", &error), expected);
    suppression_free(rule);
}

/* Alerts 1 and 3 are of 192.0.2.1, the others of 192.0.2.0; detectors go round. */
static void alert_make(struct alert *alert, unsigned number)
{
    alert_build(alert, number);
    alert->sample = false;
    alert->status = ALERT_STATUS_ACTIVE;
    alert->disposition = DISPOSITION_NONE;
    *alert->suppressed_by = 0;
    alert->detector = (uint8_t)(number % 3);
    snprintf(alert->entity_ip, sizeof(alert->entity_ip), "192.0.2.%u", number % 2);
    snprintf(alert->domain, sizeof(alert->domain), "d%u.example", number % 5);
}

static void put_at(struct store *store, const struct alert *alert, int64_t now_ns)
{
    struct store_put_result result;
    if (store_put_at(store, &alert, 1, now_ns, &result, &error) < 0)
        fail_msg("%s", error.text);
}

static struct alert get(struct store *store, const char *id)
{
    struct alert alert;
    if (store_get(store, id, &alert, &error) < 0)
        fail_msg("%s", error.text);
    return alert;
}

static int entry_copy(void *context, const struct suppression_entry *entry, struct error *err)
{
    (void)err;
    *(struct suppression_entry *)context = *entry;
    return 0;
}

static struct suppression_entry entry_of(struct store *store, const char *name)
{
    struct suppression_entry entry = {0};
    if (suppressions_get(store, name, entry_copy, &entry, &error) < 0)
        fail_msg("%s", error.text);
    return entry;
}

static const char rule_a[] = "{\"name\":\"a-rule\",\"alert_types\":[\"*\"],\"reason\":\"expected\","
                             "\"comment\":\"why\",\"conditions\":"
                             "[{\"field\":\"ip\",\"in\":[\"192.0.2.1\"]}]}";

static int count_rule(void *context, uint64_t seq, const struct audit_entry *entry,
                      const uint8_t hash[static AUDIT_HASH_BYTES])
{
    (void)seq, (void)hash;
    *(unsigned *)context += strcmp(entry->actor, "rule:a-rule") == 0;
    return 0;
}

static void a_new_alert_that_matches_is_stored_as_dismissed(void **state)
{
    (void)state;
    struct store *store = store_of("new");
    struct alert alert, other;
    unsigned entries = 0;
    rule_put(store, rule_a, SUPPRESSIONS_ADD, 0);
    alert_make(&alert, 1);
    alert_make(&other, 2);
    put_at(store, &alert, 1000);
    put_at(store, &other, 1000);
    struct alert stored = get(store, alert.id);
    assert_int_equal(stored.status, ALERT_STATUS_DISMISSED);
    assert_int_equal(stored.disposition, DISPOSITION_EXPECTED);
    assert_string_equal(stored.suppressed_by, "a-rule");
    assert_int_equal(stored.revision, 1);
    assert_int_equal(get(store, other.id).status, ALERT_STATUS_ACTIVE);
    struct suppression_entry entry = entry_of(store, "A-RULE");
    assert_int_equal(entry.hits, 1);
    assert_int_equal(entry.last_hit_ns, 1000);
    const struct audit_filter all = {0};
    assert_int_equal(audit_list(store, &all, count_rule, &entries, &error), 0);
    assert_int_equal(entries, 1);
    close_store(store);
}

static void one_that_was_opened_again_is_not_dismissed_by_its_repeats(void **state)
{
    (void)state;
    struct store *store = store_of("again");
    struct alert alert;
    size_t changed;
    alert_make(&alert, 1);
    rule_put(store, rule_a, SUPPRESSIONS_ADD, 0);
    put_at(store, &alert, 1000);
    const char *id = alert.id;
    const struct store_filter filter = {.ids = &id, .id_count = 1};
    struct store_change change = STORE_CHANGE_NONE;
    change.status = ALERT_STATUS_ACTIVE;
    change.actor = "cli:me";
    assert_int_equal(store_set(store, &filter, &change, &changed, &error), 0);
    alert.count++;
    put_at(store, &alert, 2000);
    assert_int_equal(get(store, id).status, ALERT_STATUS_ACTIVE);
    assert_int_equal(get(store, id).count, alert.count);
    assert_int_equal(entry_of(store, "a-rule").hits, 1);
    close_store(store);
}

static void the_clock_at_storing_decides_whether_a_rule_has_expired(void **state)
{
    (void)state;
    struct store *store = store_of("clock");
    struct alert before, after;
    rule_put(store,
             "{\"name\":\"short\",\"alert_types\":[\"*\"],\"reason\":\"test\",\"conditions\":"
             "[{\"field\":\"ip\",\"cidr\":\"192.0.2.0/24\"}],\"expires\":\"2000-01-01T00:00:00Z\"}",
             SUPPRESSIONS_ADD, 0);
    alert_make(&before, 1);
    alert_make(&after, 2);
    put_at(store, &before, 946684799 * NS_PER_S);
    put_at(store, &after, 946684800 * NS_PER_S);
    assert_int_equal(get(store, before.id).status, ALERT_STATUS_DISMISSED);
    assert_int_equal(get(store, after.id).status, ALERT_STATUS_ACTIVE);
    close_store(store);
}

static void the_first_rule_by_name_has_the_alert(void **state)
{
    (void)state;
    struct store *store = store_of("first");
    struct alert alert;
    rule_put(store,
             "{\"name\":\"Zz\",\"alert_types\":[\"*\"],\"reason\":\"test\",\"conditions\":"
             "[{\"field\":\"ip\",\"in\":[\"192.0.2.1\"]}]}",
             SUPPRESSIONS_ADD, 0);
    rule_put(store, rule_a, SUPPRESSIONS_ADD, 0);
    alert_make(&alert, 1);
    put_at(store, &alert, 1000);
    assert_string_equal(get(store, alert.id).suppressed_by, "a-rule");
    assert_int_equal(entry_of(store, "Zz").hits, 0);
    close_store(store);
}

static void a_rule_that_is_off_or_gone_dismisses_nothing_and_opens_nothing(void **state)
{
    (void)state;
    struct store *store = store_of("off");
    struct alert alert[3];
    for (unsigned i = 0; i < 3; i++)
        alert_make(&alert[i], 2 * i + 1);
    rule_put(store, rule_a, SUPPRESSIONS_ADD, 0);
    put_at(store, &alert[0], 1000);
    assert_int_equal(suppressions_enable(store, "a-rule", false, "cli:me", &error), 0);
    put_at(store, &alert[1], 1000);
    assert_int_equal(suppressions_enable(store, "a-rule", true, "cli:me", &error), 0);
    assert_int_equal(suppressions_remove(store, "a-rule", "cli:me", &error), 0);
    put_at(store, &alert[2], 1000);
    assert_int_equal(get(store, alert[0].id).status, ALERT_STATUS_DISMISSED);
    assert_string_equal(get(store, alert[0].id).suppressed_by, "a-rule");
    assert_int_equal(get(store, alert[1].id).status, ALERT_STATUS_ACTIVE);
    assert_int_equal(get(store, alert[2].id).status, ALERT_STATUS_ACTIVE);
    assert_int_equal(suppressions_remove(store, "a-rule", "cli:me", &error), -ENOENT);
    assert_int_equal(suppressions_enable(store, "a-rule", true, "cli:me", &error), -ENOENT);
    close_store(store);
}

static void a_name_is_taken_in_either_case_and_a_replaced_rule_keeps_its_hits(void **state)
{
    (void)state;
    struct store *store = store_of("name");
    struct alert alert;
    static const char changed[] =
        "{\"name\":\"A-Rule\",\"alert_types\":[\"dark_web\"],\"reason\":\"benign\"}";
    rule_put(store, rule_a, SUPPRESSIONS_ADD, 0);
    alert_make(&alert, 1);
    put_at(store, &alert, 1000);
    rule_put(store, changed, SUPPRESSIONS_ADD, -EEXIST);
    rule_put(store, changed, SUPPRESSIONS_REPLACE, 0);
    assert_int_equal(entry_of(store, "a-rule").hits, 1);
    close_store(store);
}

/* Ids of what is dismissed. */
struct set {
    char ids[64][ALERT_ID_MAX];
    size_t count;
};

static int set_add(void *context, const struct alert *alert, struct error *err)
{
    (void)err;
    struct set *set = context;
    memcpy(set->ids[set->count++], alert->id, ALERT_ID_MAX);
    return 0;
}

static void a_simulation_equals_what_the_rule_then_does(void **state)
{
    (void)state;
    enum { ALERTS = 40 };
    static const char *const rules[] = {
        "\"alert_types\":[\"*\"],\"conditions\":[{\"field\":\"ip\",\"in\":[\"192.0.2.1\"]}]",
        "\"alert_types\":[\"Dark_Web\"]",
        "\"alert_types\":[\"dark_web\",\"AzureDNS_ProtocolAnomaly\"],\"conditions\":"
        "[{\"field\":\"domain\",\"suffix\":\"d3.example\"}]",
        "\"alert_types\":[\"AzureDNS_NotYet\"]",
        "\"alert_types\":[\"*\"],\"conditions\":[{\"field\":\"domain\",\"contains\":\"2.ex\"},"
        "{\"field\":\"ip\",\"cidr\":\"192.0.2.0/31\"}]",
        "\"alert_types\":[\"*\"],\"conditions\":[{\"field\":\"tag\",\"in\":[\"none such\"]}]",
    };
    static struct alert alerts[ALERTS];
    struct store *past = store_of("past");
    for (unsigned i = 0; i < ALERTS; i++) {
        alert_make(&alerts[i], i);
        if (i % 7 == 0)
            alerts[i].disposition = DISPOSITION_TRUE_POSITIVE;
        put_at(past, &alerts[i], 1000);
    }
    for (size_t k = 0; k < sizeof(rules) / sizeof(rules[0]); k++) {
        char text[512], name[16];
        struct suppression *rule = NULL;
        struct suppression_simulation simulation;
        static struct set did;
        did.count = 0;
        snprintf(name, sizeof(name), "then%zu", k);
        snprintf(text, sizeof(text), "{\"name\":\"it\",\"reason\":\"test\",%s}", rules[k]);
        assert_int_equal(suppression_parse(text, strlen(text), &rule, &error), 0);
        assert_int_equal(suppressions_simulate(past, rule, 0, 0, &simulation, &error), 0);
        struct store *then = store_of(name);
        assert_int_equal(suppressions_put(then, rule, SUPPRESSIONS_ADD, "cli:me", &error), 0);
        unsigned true_positives = 0, entities = 0;
        for (unsigned i = 0; i < ALERTS; i++)
            put_at(then, &alerts[i], 1000);
        const struct store_filter dismissed = {.statuses = 1u << ALERT_STATUS_DISMISSED};
        assert_int_equal(store_list(then, &dismissed, set_add, &did, &error), 0);
        size_t shown = did.count < SUPPRESSION_SAMPLES ? did.count : SUPPRESSION_SAMPLES;
        assert_int_equal(simulation.sample_count, shown);
        for (size_t i = 0; i < shown; i++)
            assert_string_equal(simulation.samples[i], did.ids[i]);
        for (unsigned i = 0; i < ALERTS; i++) {
            bool hidden = suppression_matches(rule, &alerts[i]);
            true_positives += hidden && i % 7 == 0;
            entities |= hidden ? 1u << i % 2 : 0;
        }
        assert_int_equal(simulation.alerts, did.count);
        assert_int_equal(simulation.true_positives, true_positives);
        assert_int_equal(simulation.entities, __builtin_popcount(entities));
        assert_int_equal(entry_of(then, "it").hits, did.count);
        close_store(then);
        suppression_free(rule);
    }
    close_store(past);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_alert_that_matches_is_stored_as_dismissed),
        cmocka_unit_test(one_that_was_opened_again_is_not_dismissed_by_its_repeats),
        cmocka_unit_test(the_clock_at_storing_decides_whether_a_rule_has_expired),
        cmocka_unit_test(the_first_rule_by_name_has_the_alert),
        cmocka_unit_test(a_rule_that_is_off_or_gone_dismisses_nothing_and_opens_nothing),
        cmocka_unit_test(a_name_is_taken_in_either_case_and_a_replaced_rule_keeps_its_hits),
        cmocka_unit_test(a_simulation_equals_what_the_rule_then_does),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
