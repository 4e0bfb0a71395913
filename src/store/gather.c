/* gather.c - each alert that is stored joins the alerts it belongs with
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/gather.h"
#include "store/audit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define INCIDENTS_OF_ALERT                                                                         \
    "(SELECT group_concat(id, char(10)) FROM"                                                      \
    " (SELECT i.id FROM incident_alert AS m JOIN incident AS i ON i.seq = m.incident"              \
    "   WHERE m.alert = alert.seq AND i.kind <> '' ORDER BY i.id))"

/* They run for each alert: prepared once. */
static const char *const sql[GATHER_STATEMENTS] = {
    [GATHER_OUT] = "SELECT status = 'Dismissed' OR EXISTS"
                   " (SELECT 1 FROM incident_alert WHERE alert = :alert)"
                   " FROM alert WHERE seq = :alert",
    [GATHER_GROW] = "UPDATE incident SET end_ns = max(end_ns, :end_ns),"
                    "  severity = max(severity, :severity), revision = revision + 1"
                    " WHERE seq IN (SELECT incident FROM incident_alert WHERE alert = :alert)"
                    "  AND (end_ns < :end_ns OR severity < :severity)",
    [GATHER_NEAR] = "SELECT " INCIDENT_COLUMNS " FROM incident"
                    " WHERE scope = :scope AND key = :key AND start_ns <= :until_ns"
                    " ORDER BY start_ns DESC LIMIT 2",
    [GATHER_KEEP] = "INSERT OR REPLACE INTO incident (" INCIDENT_COLUMNS ")"
                    " VALUES (:seq, :id, :scope, :key, :correlation_key, :start_ns, :last_ns,"
                    "  :end_ns, :lead_ns, :follow_ns, :detectors, :severity, :alerts, :entities,"
                    "  :kind, :revision, :status)",
    [GATHER_MORE] = "UPDATE incident SET last_ns = :last_ns, end_ns = :end_ns, lead_ns = :lead_ns,"
                    "  follow_ns = :follow_ns, detectors = :detectors, severity = :severity,"
                    "  alerts = :alerts, entities = :entities, revision = :revision,"
                    "  status = :status WHERE seq = :seq",
    [GATHER_KNOWS] = "SELECT EXISTS (SELECT 1 FROM incident_alert WHERE incident = :seq"
                     " AND entity_ip = :entity_ip)",
    [GATHER_COUNT] = "SELECT count(DISTINCT entity_ip) FROM incident_alert WHERE incident = :seq",
    [GATHER_JOIN] = "INSERT INTO incident_alert VALUES (:seq, :entity_ip, :alert)",
    [GATHER_MOVE] = "UPDATE incident_alert SET incident = :seq WHERE incident = :from",
    [GATHER_DROP] = "DELETE FROM incident WHERE seq = :from",
    [GATHER_ALIAS] = "INSERT OR REPLACE INTO incident_alias (id, incident) VALUES (:id, :seq)",
    [GATHER_FOLLOW] = "UPDATE incident_alias SET incident = :seq WHERE incident = :from",
    [GATHER_NAME] = "UPDATE alert SET incident_id = " INCIDENTS_OF_ALERT " WHERE seq = :alert",
    [GATHER_NAME_ALL] = "UPDATE alert SET incident_id = " INCIDENTS_OF_ALERT ","
                        "  revision = revision + (seq <> :alert) WHERE seq IN"
                        " (SELECT alert FROM incident_alert WHERE incident = :seq)"
                        " AND incident_id <> " INCIDENTS_OF_ALERT,
};

/* A gathering and its row; seq 0: it has none yet. */
struct group {
    int64_t seq;
    struct incident incident;
};

static int prepared(struct store *store, enum gather_statement which, sqlite3_stmt **ret_statement,
                    struct error *error)
{
    sqlite3_stmt **statement = &store->gather[which];
    int r = *statement ? 0 : store_prepare(store, sql[which], statement, error);
    if (r < 0)
        return r;
    sqlite3_clear_bindings(*statement);
    *ret_statement = *statement;
    return 0;
}

/* Runs a statement that gives at most one number, which is 0 where it gives none. */
static int run(struct store *store, sqlite3_stmt *statement, int64_t *ret_number,
               struct error *error)
{
    int64_t number = 0;
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) {
        number = sqlite3_column_int64(statement, 0);
        rc = sqlite3_step(statement);
    }
    int r = rc == SQLITE_DONE ? 0 : store_failure(store, rc, "gathering alerts", error);
    sqlite3_reset(statement);
    if (r == 0 && ret_number)
        *ret_number = number;
    return r;
}

/* What the short statements bind; 0 and NULL stay NULL. */
struct values {
    int64_t seq, from, alert;
    const char *id, *entity_ip;
};

static int run_with(struct store *store, enum gather_statement which, struct values values,
                    int64_t *ret_number, struct error *error)
{
    sqlite3_stmt *statement;
    int r = prepared(store, which, &statement, error);
    if (r < 0)
        return r;
    if (values.seq)
        bind_int(statement, ":seq", values.seq);
    if (values.from)
        bind_int(statement, ":from", values.from);
    if (values.alert)
        bind_int(statement, ":alert", values.alert);
    bind_text(statement, ":id", values.id);
    bind_text(statement, ":entity_ip", values.entity_ip);
    return run(store, statement, ret_number, error);
}

/* Rows. */

static int word_find(const char *word, const char *const *words, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return (int)i;
    return -1;
}

static const char *const scope_words[INCIDENT_SCOPE_COUNT] = {
    [INCIDENT_SCOPE_ENTITY] = "entity",
    [INCIDENT_SCOPE_DOMAIN] = "domain",
    [INCIDENT_SCOPE_MINERS] = "miners",
};

static enum incident_kind kind_find(const char *slug)
{
    unsigned kind = 0;
    while (kind < INCIDENT_KIND_COUNT && strcmp(incident_rows[kind].slug, slug) != 0)
        kind++;
    return kind;
}

/* Detectors are kept by their slugs, a space behind each: their numbers may change. */
enum { DETECTORS_TEXT_MAX = 32 * DETECTOR_COUNT };

static void detectors_text(uint32_t detectors, char text[static DETECTORS_TEXT_MAX])
{
    size_t len = 0;
    *text = 0;
    for (unsigned i = 0; i < DETECTOR_COUNT; i++)
        if (detectors & 1u << i)
            len += (size_t)snprintf(text + len, DETECTORS_TEXT_MAX - len, "%s ",
                                    detector_rows[i].slug);
}

static uint32_t detectors_read(const char *text)
{
    char slug[32];
    uint32_t detectors = 0;
    int len;
    for (; sscanf(text, "%31s%n", slug, &len) == 1; text += len) {
        int detector = detector_parse(slug);
        if (detector >= 0)
            detectors |= 1u << detector;
    }
    return detectors;
}

int incident_row_read(struct store *store, sqlite3_stmt *row, struct incident *ret_incident,
                      struct error *error)
{
    int status = alert_status_parse(column_text(row, 16));
    int scope = word_find(column_text(row, 2), scope_words, INCIDENT_SCOPE_COUNT);
    if (status < 0 || scope < 0)
        return error_set(error, -EBADMSG, "%s: incident %s has an unknown status or scope",
                         store->path, column_text(row, 1));
    *ret_incident = (struct incident){
        .scope = (uint8_t)scope,
        .start_ns = sqlite3_column_int64(row, 5),
        .last_ns = sqlite3_column_int64(row, 6),
        .end_ns = sqlite3_column_int64(row, 7),
        .lead_ns = sqlite3_column_int64(row, 8),
        .follow_ns = sqlite3_column_int64(row, 9),
        .detectors = detectors_read(column_text(row, 10)),
        .severity = (uint8_t)sqlite3_column_int(row, 11),
        .alerts = (uint64_t)sqlite3_column_int64(row, 12),
        .entities = (uint64_t)sqlite3_column_int64(row, 13),
        .kind = (uint8_t)kind_find(column_text(row, 14)),
        .revision = (uint32_t)sqlite3_column_int64(row, 15),
        .status = (uint8_t)status,
    };
    snprintf(ret_incident->id, sizeof(ret_incident->id), "%s", column_text(row, 1));
    snprintf(ret_incident->key, sizeof(ret_incident->key), "%s", column_text(row, 3));
    snprintf(ret_incident->correlation_key, sizeof(ret_incident->correlation_key), "%s",
             column_text(row, 4));
    return 0;
}

static void row_bind(sqlite3_stmt *row, const struct group *group)
{
    const struct incident *incident = &group->incident;
    char detectors[DETECTORS_TEXT_MAX];
    bool named = incident->kind != INCIDENT_NONE;
    detectors_text(incident->detectors, detectors);
    if (group->seq)
        bind_int(row, ":seq", group->seq);
    bind_text(row, ":id", incident->id);
    bind_text(row, ":scope", scope_words[incident->scope]);
    bind_text(row, ":key", incident->key);
    bind_text(row, ":correlation_key", incident->correlation_key);
    bind_int(row, ":start_ns", incident->start_ns);
    bind_int(row, ":last_ns", incident->last_ns);
    bind_int(row, ":end_ns", incident->end_ns);
    bind_int(row, ":lead_ns", incident->lead_ns);
    bind_int(row, ":follow_ns", incident->follow_ns);
    bind_text(row, ":detectors", detectors);
    bind_int(row, ":severity", incident->severity);
    bind_int(row, ":alerts", (int64_t)incident->alerts);
    bind_int(row, ":entities", (int64_t)incident->entities);
    bind_text(row, ":kind", named ? incident_rows[incident->kind].slug : "");
    bind_int(row, ":revision", incident->revision);
    bind_text(row, ":status", alert_status_names[incident->status][LANGUAGE_EN]);
}

/* Whether what indexes know of it is still as it was. */
static bool same_place(const struct incident *incident, const struct incident *before)
{
    return incident->start_ns == before->start_ns && incident->kind == before->kind &&
           strcmp(incident->id, before->id) == 0 &&
           strcmp(incident->correlation_key, before->correlation_key) == 0;
}

/* `before` is what its row has, if there is one: most alerts only add to that. */
static int group_keep(struct store *store, struct group *group, const struct incident *before,
                      struct error *error)
{
    sqlite3_stmt *row;
    bool more = group->seq && same_place(&group->incident, before);
    int r = prepared(store, more ? GATHER_MORE : GATHER_KEEP, &row, error);
    if (r < 0)
        return r;
    row_bind(row, group);
    r = run(store, row, NULL, error);
    if (r == 0 && !group->seq)
        group->seq = sqlite3_last_insert_rowid(store->db);
    return r;
}

/* The gatherings that the alert alone, as one, is part of: at most two, as those of one key are
 * further apart from each other than the window. */
static int near_find(struct store *store, const struct incident *one, struct group near[static 2],
                     unsigned *ret_count, struct error *error)
{
    const struct incident_limits *limits = &store->config.incidents;
    sqlite3_stmt *rows;
    unsigned count = 0;
    int rc = SQLITE_DONE, r = prepared(store, GATHER_NEAR, &rows, error);
    if (r < 0)
        return r;
    bind_text(rows, ":scope", scope_words[one->scope]);
    bind_text(rows, ":key", one->key);
    bind_int(rows, ":until_ns", one->start_ns + limits->window_ns);
    while (r == 0 && (rc = sqlite3_step(rows)) == SQLITE_ROW) {
        struct group group = {.seq = sqlite3_column_int64(rows, 0)};
        r = incident_row_read(store, rows, &group.incident, error);
        if (r == 0 && incident_touches(&group.incident, one, limits))
            near[count++] = group;
    }
    if (r == 0 && rc != SQLITE_DONE)
        r = store_failure(store, rc, "gathering alerts", error);
    sqlite3_reset(rows);
    *ret_count = count;
    return r;
}

/* Joining. */

static int audit(struct store *store, const char *id, const char *action, const char *from,
                 const char *to, struct error *error)
{
    char object[sizeof("incident/") + UUID_TEXT_MAX];
    snprintf(object, sizeof(object), "incident/%s", id);
    const struct audit_entry entry = {
        .actor = "dnsvigil", .action = action, .object = object, .from = from, .to = to};
    return audit_add(store, &entry, error);
}

/* Takes all of another gathering over. */
static int absorb(struct store *store, struct group *into, const struct group *other,
                  struct error *error)
{
    const struct values move = {.seq = into->seq, .from = other->seq};
    const struct values alias = {.seq = into->seq, .id = other->incident.id};
    int64_t entities = 0;
    int r = run_with(store, GATHER_MOVE, move, NULL, error);
    if (r == 0)
        r = run_with(store, GATHER_FOLLOW, move, NULL, error);
    if (r == 0)
        r = run_with(store, GATHER_DROP, move, NULL, error);
    if (r == 0 && other->incident.kind != INCIDENT_NONE)
        r = run_with(store, GATHER_ALIAS, alias, NULL, error);
    if (r == 0)
        r = run_with(store, GATHER_COUNT, move, &entities, error);
    if (r < 0)
        return r;
    incident_add(&into->incident, &other->incident);
    into->incident.entities = (uint64_t)entities;
    return 0;
}

/* What was solved and goes on is not solved. */
static int reopen(struct store *store, struct group *group, struct error *error)
{
    if (group->incident.status != ALERT_STATUS_RESOLVED)
        return 0;
    group->incident.status = ALERT_STATUS_ACTIVE;
    return audit(store, group->incident.id, "status",
                 alert_status_names[ALERT_STATUS_RESOLVED][LANGUAGE_EN],
                 alert_status_names[ALERT_STATUS_ACTIVE][LANGUAGE_EN], error);
}

static int add_one(struct store *store, struct group *group, struct incident *one,
                   const char *entity_ip, struct error *error)
{
    const struct values who = {.seq = group->seq, .entity_ip = entity_ip};
    int64_t known;
    int r = run_with(store, GATHER_KNOWS, who, &known, error);
    if (r == 0)
        r = reopen(store, group, error);
    if (r < 0)
        return r;
    one->status = group->incident.status;
    incident_add(&group->incident, one);
    group->incident.entities += !known;
    return 0;
}

/* Alerts tell their incidents: all of its alerts when it has become one or has another id, else the
 * one that is new. For those that were there before it is a change, which followers hear of; the
 * new one has just changed anyway. */
static int names_tell(struct store *store, const struct group *group, const struct incident *before,
                      bool merged, int64_t alert, struct error *error)
{
    bool all = merged || before->kind == INCIDENT_NONE || strcmp(before->id, group->incident.id);
    const struct values values = {.seq = group->seq, .alert = alert};
    if (group->incident.kind == INCIDENT_NONE)
        return 0;
    return run_with(store, all ? GATHER_NAME_ALL : GATHER_NAME, values, NULL, error);
}

static int renamed(struct store *store, const struct group *group, const struct incident *before,
                   struct error *error)
{
    const struct values alias = {.seq = group->seq, .id = before->id};
    if (before->kind == INCIDENT_NONE || strcmp(before->id, group->incident.id) == 0)
        return 0;
    int r = audit(store, group->incident.id, "id", before->id, group->incident.id, error);
    return r == 0 ? run_with(store, GATHER_ALIAS, alias, NULL, error) : r;
}

static int join(struct store *store, const struct alert *alert, int64_t seq,
                enum incident_scope scope, struct error *error)
{
    const struct incident_limits *limits = &store->config.incidents;
    struct incident one;
    struct group near[2] = {0}, *into;
    unsigned count = 0;
    if (!incident_begin(alert, scope, limits, &one))
        return 0;
    int r = near_find(store, &one, near, &count, error);
    into = &near[count == 2]; /* the earlier one, whose id stays */
    const struct incident before = count ? into->incident : one;
    if (count == 0)
        into->incident = one;
    if (r == 0 && count == 2)
        r = absorb(store, into, &near[0], error);
    if (r == 0 && count > 0)
        r = add_one(store, into, &one, alert->entity_ip, error);
    if (r < 0)
        return r;
    incident_judge(&into->incident, limits);
    r = group_keep(store, into, &before, error);
    const struct values member = {.seq = into->seq, .entity_ip = alert->entity_ip, .alert = seq};
    if (r == 0)
        r = run_with(store, GATHER_JOIN, member, NULL, error);
    if (r == 0)
        r = renamed(store, into, &before, error);
    return r == 0 ? names_tell(store, into, &before, count == 2, seq, error) : r;
}

/* What an alert that has grown adds to its incidents. */
static int grow(struct store *store, const struct alert *alert, int64_t seq, struct error *error)
{
    sqlite3_stmt *statement;
    int r = prepared(store, GATHER_GROW, &statement, error);
    if (r < 0)
        return r;
    bind_int(statement, ":alert", seq);
    bind_int(statement, ":end_ns", alert->end_ns);
    bind_int(statement, ":severity", alert->severity);
    return run(store, statement, NULL, error);
}

int gather(struct store *store, const struct alert *alert, int64_t seq, bool is_new,
           struct error *error)
{
    const struct values which = {.alert = seq};
    int64_t out = 0;
    int r = run_with(store, GATHER_OUT, which, &out, error);
    if (r < 0 || (out && is_new))
        return r;
    if (out) /* dismissed ones are in none, and nothing grows */
        return grow(store, alert, seq, error);
    for (unsigned scope = 0; r == 0 && scope < INCIDENT_SCOPE_COUNT; scope++)
        r = join(store, alert, seq, scope, error);
    return r;
}
