/* put.c - alerts into the store: once each, however often they are replayed
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/gather.h"
#include "store/search.h"

#include "alert/record.h"
#include "alert/suppression.h"
#include "base/clock.h"

#include <errno.h>

/* The condition makes the same content a no-op; RETURNING then gives no row. */
static const char put_sql[] =
    "INSERT INTO alert (id, revision, detector, severity, status, disposition, start_ns, end_ns,"
    "                   generated_ns, kept_ns, count, entity_ip, domain, qname, domain_rev,"
    "                   qname_rev, entity_name, entity_owner, assignee,"
    "                   suppressed_by, feedback, feedback_reason, incident_id, sample, contact,"
    "                   compromised)"
    " VALUES (:id, 1, :detector, :severity, :status, :disposition, :start_ns, :end_ns,"
    "         :generated_ns, :kept_ns, :count, :entity_ip, :domain, :qname, :domain_rev,"
    "         :qname_rev, :entity_name, :entity_owner, :assignee, :suppressed_by, :feedback, "
    ":feedback_reason, :incident_id, :sample,"
    "         :contact, :compromised)"
    " ON CONFLICT (id) DO UPDATE SET"
    "  revision = revision + 1, severity = excluded.severity, start_ns = excluded.start_ns,"
    "  end_ns = excluded.end_ns, generated_ns = excluded.generated_ns, kept_ns = excluded.kept_ns,"
    "  count = excluded.count,"
    "  domain = excluded.domain, qname = excluded.qname, domain_rev = excluded.domain_rev,"
    "  qname_rev = excluded.qname_rev, entity_name = excluded.entity_name,"
    "  entity_owner = excluded.entity_owner"
    " WHERE excluded.count > count OR excluded.end_ns > end_ns"
    "  OR (excluded.count = count AND excluded.end_ns = end_ns AND"
    "      :record <> (SELECT record FROM alert_record WHERE alert_record.seq = alert.seq))"
    " RETURNING revision, seq";

static const char put_record_sql[] = "INSERT OR REPLACE INTO alert_record VALUES (:seq, :record)";

/* In this order: the old text leaves its index, where there is one, the new one enters, if they
 * differ. */
static const char *const put_text_sql[PUT_TEXT_STEPS] = {
    "INSERT INTO alert_fts (alert_fts, rowid, text)"
    " SELECT 'delete', seq, text FROM alert_text WHERE seq = :seq AND text <> :text",
    "INSERT INTO alert_fts (rowid, text) SELECT :seq, :text"
    " WHERE NOT EXISTS (SELECT 1 FROM alert_text WHERE seq = :seq AND text = :text)",
    "INSERT INTO alert_text (seq, text, keys) VALUES (:seq, :text, :keys)"
    " ON CONFLICT (seq) DO UPDATE SET text = excluded.text, keys = excluded.keys"
    " WHERE text <> excluded.text OR keys <> excluded.keys",
};

/* What the alert is when it comes first; people and rules change it from then on. */
static void put_bind_life(sqlite3_stmt *put, const struct alert *alert)
{
    bind_text(put, ":status", alert_status_names[alert->status][LANGUAGE_EN]);
    bind_text(put, ":disposition", disposition_names[alert->disposition][LANGUAGE_EN]);
    bind_text(put, ":assignee", alert->assignee);
    bind_text(put, ":suppressed_by", alert->suppressed_by);
    bind_text(put, ":feedback", feedback_names[alert->feedback][LANGUAGE_EN]);
    bind_text(put, ":feedback_reason", alert->feedback_reason);
    bind_text(put, ":incident_id", alert->incident_id);
    bind_int(put, ":sample", alert->sample);
    bind_text(put, ":contact", contact_names[alert->contact][LANGUAGE_EN]);
    bind_int(put, ":compromised", alert->compromised);
}

static void bind_reverse(sqlite3_stmt *put, const char *name, const char *text)
{
    struct buf buf;
    buf_init(&buf, NAME_TEXT_MAX);
    search_reverse(text, &buf);
    bind_text(put, name, buf.data);
    buf_done(&buf);
}

/* Over what put_bind_life() bound. */
static void put_bind_dismissal(sqlite3_stmt *put, const struct suppression *rule)
{
    bind_text(put, ":status", alert_status_names[ALERT_STATUS_DISMISSED][LANGUAGE_EN]);
    bind_text(put, ":disposition", disposition_names[rule->reason][LANGUAGE_EN]);
    bind_text(put, ":suppressed_by", rule->name);
}

static void put_bind(sqlite3_stmt *put, const struct alert *alert, const char *record,
                     int64_t now_ns)
{
    bind_text(put, ":id", alert->id);
    bind_text(put, ":detector", detector_rows[alert->detector].slug);
    bind_int(put, ":severity", alert->severity);
    bind_int(put, ":start_ns", alert->start_ns);
    bind_int(put, ":end_ns", alert->end_ns);
    bind_int(put, ":kept_ns", now_ns);
    bind_int(put, ":generated_ns", alert->generated_ns);
    bind_int(put, ":count", (int64_t)alert->count);
    bind_text(put, ":entity_ip", alert->entity_ip);
    bind_text(put, ":domain", alert->domain);
    bind_text(put, ":qname", alert->qname);
    bind_text(put, ":entity_name", alert->entity_name);
    bind_text(put, ":entity_owner", alert->entity_owner);
    bind_reverse(put, ":domain_rev", alert->domain);
    bind_reverse(put, ":qname_rev", alert->qname);
    bind_text(put, ":record", record);
    put_bind_life(put, alert);
}

/* Runs `put`: the alert's row, if it is new or has changed. *ret_seq is 0 for no change. */
static int put_row(struct store *store, int64_t *ret_seq, uint32_t *ret_revision,
                   struct error *error)
{
    int rc = sqlite3_step(store->put);
    int64_t seq = 0;
    if (rc == SQLITE_ROW) {
        *ret_revision = (uint32_t)sqlite3_column_int64(store->put, 0);
        seq = sqlite3_column_int64(store->put, 1);
        rc = sqlite3_step(store->put);
    }
    int r = rc == SQLITE_DONE ? 0 : store_failure(store, rc, "storing an alert", error);
    sqlite3_reset(store->put);
    if (r == 0)
        *ret_seq = seq;
    return r;
}

static int put_record(struct store *store, int64_t seq, const char *record, struct error *error)
{
    bind_int(store->put_record, ":seq", seq);
    bind_text(store->put_record, ":record", record);
    int rc = sqlite3_step(store->put_record);
    int r = rc == SQLITE_DONE ? 0 : store_failure(store, rc, "storing an alert", error);
    sqlite3_reset(store->put_record);
    return r;
}

static int put_text_step(struct store *store, sqlite3_stmt *step, int64_t seq, const char *text,
                         const char *keys, struct error *error)
{
    bind_int(step, ":seq", seq);
    bind_text(step, ":text", text);
    bind_text(step, ":keys", keys);
    int rc = sqlite3_step(step);
    int r = rc == SQLITE_DONE ? 0 : store_failure(store, rc, "storing an alert", error);
    sqlite3_reset(step);
    return r;
}

static int put_text(struct store *store, int64_t seq, const struct alert *alert, bool is_new,
                    struct error *error)
{
    int r = 0;
    struct buf text, keys;
    buf_init(&text, SEARCH_TEXT_MAX_BYTES);
    buf_init(&keys, SEARCH_KEYS_MAX_BYTES);
    search_text(alert, &text);
    search_keys(alert, &keys);
    for (unsigned i = is_new; r == 0 && i < PUT_TEXT_STEPS; i++)
        r = put_text_step(store, store->put_text[i], seq, text.data, keys.data, error);
    buf_done(&text);
    buf_done(&keys);
    return r;
}

/* Runs `put`, and what follows when the alert is new or has changed. */
static int put_run(struct store *store, const struct alert *alert, const char *record,
                   const struct suppression *rule, int64_t now_ns, struct store_put_result *result,
                   struct error *error)
{
    int64_t seq = 0;
    uint32_t revision = 0;
    int r = put_row(store, &seq, &revision, error);
    if (r < 0)
        return r;
    if (seq == 0) {
        result->unchanged++;
        return 0;
    }
    if (revision == 1)
        result->inserted++;
    else
        result->updated++;
    r = put_record(store, seq, record, error);
    if (r == 0)
        r = put_text(store, seq, alert, revision == 1, error);
    if (r == 0 && revision == 1 && rule)
        r = suppressions_hit(store, rule, alert->id, now_ns, error);
    return r == 0 ? gather(store, alert, seq, revision == 1, error) : r;
}

static int put_one(struct store *store, const struct alert *alert, int64_t now_ns,
                   struct buf *record, struct store_put_result *result, struct error *error)
{
    const struct suppression *rule;
    struct json json = json_writer(record);
    buf_reset(record);
    alert_to_json(alert, LANGUAGE_EN, &json);
    if (record->overflow)
        return error_set(error, -ENOMEM, "%s: no memory for the record of an alert", store->path);
    int r = suppressions_match(store, alert, now_ns, &rule, error);
    if (r < 0)
        return r;
    put_bind(store->put, alert, record->data, now_ns);
    if (rule)
        put_bind_dismissal(store->put, rule);
    return put_run(store, alert, record->data, rule, now_ns, result, error);
}

static int put_all(struct store *store, const struct alert *const alerts[], size_t n,
                   int64_t now_ns, struct store_put_result *result, struct error *error)
{
    struct buf record;
    buf_init(&record, ALERT_JSON_MAX_BYTES);
    int r = store_begin(store, error);
    if (r == 0) {
        for (size_t i = 0; r == 0 && i < n; i++)
            r = put_one(store, alerts[i], now_ns, &record, result, error);
        r = store_end(store, r, error);
    }
    buf_done(&record);
    return r;
}

int store_put_at(struct store *store, const struct alert *const alerts[], size_t n, int64_t now_ns,
                 struct store_put_result *ret_result, struct error *error)
{
    struct store_put_result result = {0};
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0 && !store->put)
        r = store_prepare(store, put_sql, &store->put, error);
    if (r == 0 && !store->put_record)
        r = store_prepare(store, put_record_sql, &store->put_record, error);
    for (unsigned i = 0; r == 0 && i < PUT_TEXT_STEPS; i++)
        if (!store->put_text[i])
            r = store_prepare(store, put_text_sql[i], &store->put_text[i], error);
    if (r == 0 && n > 0)
        r = put_all(store, alerts, n, now_ns, &result, error);
    if (r == 0)
        *ret_result = result;
    return r;
}

int store_put(struct store *store, const struct alert *const alerts[], size_t n,
              struct store_put_result *ret_result, struct error *error)
{
    return store_put_at(store, alerts, n, clock_now_ns(), ret_result, error);
}
