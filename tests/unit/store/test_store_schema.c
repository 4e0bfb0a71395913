/* test_store_schema.c - full stores of older versions become what they would be had they been new
 * SPDX-License-Identifier: Apache-2.0
 *
 * The tables of schemas/ are as those versions made them. The same alerts go into one of them and
 * into a new store, with the same done to them; afterwards both must hold the same. */
#include "store/audit.h"

#include "alert/record.h"
#include "alert_build.h"
#include "cmocka_all.h"
#include "tally_check.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALERTS = 600 };

static char folder[64], old_path[96], new_path[96];
static struct error error;

static int folder_make(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof(folder), "%s/dnsvigil-schema-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(folder))
        return -1;
    snprintf(old_path, sizeof(old_path), "%s/old.db", folder);
    snprintf(new_path, sizeof(new_path), "%s/new.db", folder);
    return 0;
}

static int folder_remove(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    return system(command);
}

static struct store *open_store(const char *path)
{
    const struct store_config config = {.checkpoint_pages = 1000, .busy_timeout_ms = 1000};
    struct store *store;
    if (store_open(path, STORE_WRITE, &config, &store, &error) < 0)
        fail_msg("%s", error.text);
    return store;
}

static void execute(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sqlite3_errmsg(db), sql);
}

static int64_t number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sqlite3_errmsg(db), sql);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t result = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return result;
}

/* What an engine brings: nobody has looked at it yet. */
static void alert_make(struct alert *alert, unsigned i)
{
    alert_build(alert, i);
    alert->assignee[0] = alert->suppressed_by[0] = alert->incident_id[0] = 0;
    alert->feedback_reason[0] = 0;
    alert->feedback = FEEDBACK_NONE;
    alert->contact = CONTACT_NONE;
    alert->sample = alert->compromised = false;
    alert->severity = (enum severity)(i % SEVERITY_COUNT);
    snprintf(alert->qname, sizeof(alert->qname), "host%u.domain%u.example.test", i % 7, i);
}

/* What analysts of every version could do. */
static const char worked_on[] =
    "UPDATE alert SET status = 'Resolved', disposition = 'test', revision = 2 WHERE seq % 3 = 1;"
    "UPDATE alert SET status = 'InProgress', revision = 3 WHERE seq % 7 = 2;";

/* And those of the sixth. */
static const char worked_on_more[] =
    "UPDATE alert SET assignee = 'ann', feedback = 'not_useful', feedback_reason = 'seen before',"
    " contact = 'asked' WHERE seq % 5 = 0;"
    "UPDATE alert SET compromised = 1 WHERE seq % 11 = 0;"
    "INSERT INTO checklist SELECT id, 'isolate', 'done', 'ann', 'by hand', 1000 + seq FROM alert"
    " WHERE seq % 4 = 0;";

static void tables_make(sqlite3 *db, const char *version)
{
    char path[4096], sql[1 << 14];
    const char *root = getenv("TEST_SOURCE_ROOT");
    snprintf(path, sizeof(path), "%s/tests/unit/store/schemas/%s.sql", root ? root : ".", version);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(sql, 1, sizeof(sql) - 1, file);
    assert_true(len < sizeof(sql) - 1);
    sql[len] = 0;
    fclose(file);
    execute(db, sql);
}

/* The first version keeps a record beside its alert, later ones in a table of its own. */
static void old_alert_put(sqlite3 *db, const struct alert *alert, bool record_beside)
{
    struct buf record;
    struct json json = json_writer(&record);
    buf_init(&record, ALERT_JSON_MAX_BYTES);
    alert_to_json(alert, LANGUAGE_EN, &json);
    char *row = sqlite3_mprintf(
        "INSERT INTO alert (id, revision, detector, severity, status, disposition, start_ns,"
        " end_ns, generated_ns, kept_ns, count, entity_ip, domain, qname%s)"
        " VALUES (%Q, 1, 'threat_intel', %d, 'Active', '', %lld, %lld, %lld, 1, %lld, %Q, %Q, %Q%s",
        record_beside ? ", record" : "", alert->id, alert->severity, (long long)alert->start_ns,
        (long long)alert->end_ns, (long long)alert->generated_ns, (long long)alert->count,
        alert->entity_ip, alert->domain, alert->qname, record_beside ? ", " : ");");
    char *rest = record_beside
                     ? sqlite3_mprintf("%Q)", record.data)
                     : sqlite3_mprintf("INSERT INTO alert_record VALUES (last_insert_rowid(), %Q)",
                                       record.data);
    char *sql = sqlite3_mprintf("%s%s", row, rest);
    execute(db, sql);
    sqlite3_free(row);
    sqlite3_free(rest);
    sqlite3_free(sql);
    buf_done(&record);
}

static void old_store_make(const char *version, bool record_beside, const char *more)
{
    sqlite3 *db;
    struct alert alert;
    assert_int_equal(sqlite3_open(old_path, &db), SQLITE_OK);
    tables_make(db, version);
    execute(db, "BEGIN");
    for (unsigned i = 0; i < ALERTS; i++) {
        alert_make(&alert, i);
        old_alert_put(db, &alert, record_beside);
    }
    execute(db, worked_on);
    execute(db, more);
    execute(db, "COMMIT");
    sqlite3_close(db);
}

static void new_store_make(const char *more)
{
    sqlite3 *db;
    struct store_put_result result;
    struct alert *alerts = calloc(ALERTS, sizeof(*alerts));
    const struct alert *pointers[ALERTS];
    for (unsigned i = 0; i < ALERTS; i++) {
        alert_make(&alerts[i], i);
        pointers[i] = &alerts[i];
    }
    struct store *store = open_store(new_path);
    assert_int_equal(store_put(store, pointers, ALERTS, &result, &error), 0);
    assert_int_equal(store_close(store, &error), 0);
    free(alerts);
    assert_int_equal(sqlite3_open(new_path, &db), SQLITE_OK);
    execute(db, worked_on);
    execute(db, more);
    execute(db, "UPDATE alert SET actions = (SELECT action || ' ' || state || ' ' || time_ns || ' '"
                " || actor FROM checklist WHERE alert_id = id) WHERE id IN"
                " (SELECT alert_id FROM checklist)");
    sqlite3_close(db);
}

/* Rows that one of the stores has and the other has not. */
static void compare(sqlite3 *db, const char *from_old, const char *from_new)
{
    char *sql = sqlite3_mprintf(
        "SELECT (SELECT count(*) FROM (SELECT %s EXCEPT SELECT %s)) + (SELECT count(*) FROM"
        " (SELECT %s EXCEPT SELECT %s))",
        from_old, from_new, from_new, from_old);
    int64_t differences = number(db, sql);
    if (differences)
        fail_msg("%lld rows differ: %s", (long long)differences, from_old);
    sqlite3_free(sql);
}

#define COMPARE(db, columns, table)                                                                \
    compare(db, columns " FROM main." table, columns " FROM fresh." table)

static void stores_compare(void)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(old_path, &db), SQLITE_OK);
    char *attach = sqlite3_mprintf("ATTACH %Q AS fresh", new_path);
    execute(db, attach);
    sqlite3_free(attach);
    assert_int_equal(number(db, "SELECT count(*) FROM alert"), ALERTS);
    COMPARE(db,
            "seq, id, guid, revision, detector, severity, status, disposition, start_ns, end_ns,"
            " generated_ns, count, entity_ip, domain, qname, assignee, suppressed_by, feedback,"
            " feedback_reason, sample, contact, compromised, domain_rev, qname_rev, entity_name,"
            " entity_owner, actions",
            "alert");
    COMPARE(db, "*", "alert_record");
    COMPARE(db, "*", "alert_text");
    COMPARE(db, "*", "alert_key");
    COMPARE(db, "*", "alert_tally");
    COMPARE(db, "*", "checklist");
    COMPARE(db, "type, name, tbl_name", "sqlite_schema");
    compare(db,
            "m.name, c.name, c.type, c.\"notnull\", c.pk FROM main.sqlite_schema AS m,"
            " pragma_table_info(m.name, 'main') AS c",
            "m.name, c.name, c.type, c.\"notnull\", c.pk FROM fresh.sqlite_schema AS m,"
            " pragma_table_info(m.name, 'fresh') AS c");
    assert_int_equal(number(db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
    assert_int_equal(number(db, TALLY_DIFFERENCES_SQL), 0);
    execute(db, "INSERT INTO main.alert_fts (alert_fts) VALUES ('integrity-check')");
    sqlite3_close(db);
}

static int text_append(void *context, const struct store_event *event)
{
    char *text = context;
    snprintf(text + strlen(text), 512 - strlen(text), "%s %s:%s>%s (%s) %s\n", event->actor,
             event->what, event->from, event->to, event->reason, event->comment);
    return 0;
}

static void a_full_store_of_the_first_version_is_brought_up_to_date(void **state)
{
    (void)state;
    struct alert alert, stored;
    struct store_put_result result;
    struct store *store;
    const struct alert *pointer = &alert;
    char text[512] = "", *trail;
    uint64_t broken_seq = 99;
    alert_make(&alert, 6); /* its seq is 7: resolved as a test */
    trail = sqlite3_mprintf("INSERT INTO alert_event VALUES (1, 10, %Q, 'ann', 'status', 'Active',"
                            " 'Resolved', '', 'done');"
                            "INSERT INTO alert_event VALUES (4, 20, %Q, 'bob', 'disposition', '',"
                            " 'test', 'test', '');",
                            alert.id, alert.id);
    old_store_make("version_01", true, trail);
    new_store_make("");
    assert_int_equal(store_open(old_path, STORE_READ, NULL, &store, &error), -EPROTO);
    store = open_store(old_path);
    assert_int_equal(store_get(store, alert.id, &stored, &error), 0);
    assert_int_equal(stored.status, ALERT_STATUS_RESOLVED);
    assert_string_equal(stored.samples[0].qname, alert.samples[0].qname);
    assert_int_equal(store_history(store, alert.id, text_append, text, &error), 0);
    assert_string_equal(text, "ann status:Active>Resolved () done\n"
                              "bob disposition:>test (test) \n");
    assert_int_equal(audit_verify(store, &broken_seq, &error), 0);
    assert_int_equal(broken_seq, 0);
    assert_int_equal(store_put(store, &pointer, 1, &result, &error), 0);
    assert_int_equal(result.unchanged, 1);
    assert_int_equal(store_close(store, &error), 0);
    sqlite3_free(trail);
    stores_compare();
}

static void a_full_store_of_the_sixth_version_is_brought_up_to_date(void **state)
{
    (void)state;
    struct alert alert, stored;
    old_store_make("version_06", false, worked_on_more);
    new_store_make(worked_on_more);
    struct store *store = open_store(old_path);
    alert_make(&alert, 59); /* its seq is 60 */
    assert_int_equal(store_get(store, alert.id, &stored, &error), 0);
    assert_string_equal(stored.assignee, "ann");
    assert_int_equal(stored.feedback, FEEDBACK_NOT_USEFUL);
    assert_int_equal(stored.contact, CONTACT_ASKED);
    assert_int_equal(store_close(store, &error), 0);
    stores_compare();
}

/* What the last version that called the rule of a record "signature" wrote. */
static const char older_words[] =
    "UPDATE alert_record SET record = replace(replace(record, '\"rule\":{', '\"signature\":{'),"
    " '\"place\":', '\"rule\":');"
    "PRAGMA user_version = 14";

static void rules_in_records_are_renamed(void **state)
{
    (void)state;
    static struct alert alert, stored;
    const struct alert *pointer = &alert;
    struct store_put_result result;
    sqlite3 *db;
    alert_make(&alert, 1);
    alert.detector = DETECTOR_SIGNATURE;
    alert.has_signature = true;
    alert.signature = (struct alert_signature){
        .sid = 7, .msg = "\"rule\": \"signature\":{", .place = "a.rules:1", .side = "query"};
    struct store *store = open_store(old_path);
    assert_int_equal(store_put(store, &pointer, 1, &result, &error), 0);
    assert_int_equal(store_close(store, &error), 0);
    assert_int_equal(sqlite3_open(old_path, &db), SQLITE_OK);
    assert_int_equal(number(db, "PRAGMA user_version"), 15);
    execute(db, older_words);
    sqlite3_close(db);
    store = open_store(old_path);
    assert_int_equal(store_get(store, alert.id, &stored, &error), 0);
    assert_true(stored.has_signature);
    assert_string_equal(stored.signature.place, "a.rules:1");
    assert_string_equal(stored.signature.msg, alert.signature.msg);
    assert_int_equal(store_put(store, &pointer, 1, &result, &error), 0);
    assert_int_equal(result.unchanged, 1);
    assert_int_equal(store_close(store, &error), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_full_store_of_the_first_version_is_brought_up_to_date,
                                        folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(a_full_store_of_the_sixth_version_is_brought_up_to_date,
                                        folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(rules_in_records_are_renamed, folder_make, folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
