/* schema.c - the tables of the store, and the steps that bring an older database up to date
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/handle.h"

#include <errno.h>

enum { APPLICATION_ID = 0x646e7376 }; /* "dnsv", in the file's header */

/* The four rows of alert_tally that an alert counts in: `head` begins each statement, `row` is
 * where the alert is, `tail` ends it. */
#define TALLY_ROWS(head, row, tail)                                                                \
    TALLY_ROW(head, "'day', CAST(" row ".start_ns / 86400000000000 AS TEXT)", row, tail)           \
    TALLY_ROW(head, "'entity', " row ".entity_ip", row, tail)                                      \
    TALLY_ROW(head, "'domain', " row ".domain", row, tail)                                         \
    TALLY_ROW(head, "'owner', " row ".entity_owner", row, tail)
#define TALLY_ROW(head, key, row, tail)                                                            \
    head " SELECT " key ", " row ".detector, " row ".status, " row ".severity, " tail

#define TALLY_ADD                                                                                  \
    TALLY_ROWS("INSERT INTO alert_tally", "NEW",                                                   \
               "1 WHERE true ON CONFLICT (axis, key, detector, status, severity)"                  \
               " DO UPDATE SET count = count + 1;")
#define TALLY_TAKE                                                                                 \
    TALLY_ROWS("INSERT INTO alert_tally", "OLD",                                                   \
               "0 WHERE true ON CONFLICT (axis, key, detector, status, severity)"                  \
               " DO UPDATE SET count = count - 1;")                                                \
    TALLY_GONE("day", "CAST(OLD.start_ns / 86400000000000 AS TEXT)")                               \
    TALLY_GONE("entity", "OLD.entity_ip")                                                          \
    TALLY_GONE("domain", "OLD.domain")                                                             \
    TALLY_GONE("owner", "OLD.entity_owner")
#define TALLY_GONE(axis, key)                                                                      \
    "DELETE FROM alert_tally WHERE axis = '" axis "' AND key = " key                               \
    " AND detector = OLD.detector AND status = OLD.status AND severity = OLD.severity"             \
    " AND count <= 0;"

/* The same since alert_tally has a column for each state. */
#define STATE_TALLIES(each, row)                                                                   \
    each("hour", row ".start_ns / 3600000000000", row ".detector", row)                            \
        each("entity", row ".entity_ip", "''", row) each("domain", row ".domain", "''", row)       \
            each("owner", row ".entity_owner", "''", row)
#define STATE_COUNTS(row, sum)                                                                     \
    sum "(" row ".status = 'Active'), " sum "(" row ".status = 'InProgress'), " sum "(" row        \
        ".status = 'Resolved'), " sum "(" row ".status = 'Dismissed')"
#define STATE_TALLY_AT(axis, key, detector, row)                                                   \
    " WHERE axis = '" axis "' AND key = " key " AND detector = " detector " AND severity = " row   \
    ".severity"

#define TALLY_FILL_ONE(axis, key, detector, row)                                                   \
    "INSERT INTO alert_tally SELECT '" axis "', " key ", " detector                                \
    ", severity, " STATE_COUNTS(row, "sum") " FROM alert GROUP BY 2, 3, 4;"
#define TALLY_ADD_ONE(axis, key, detector, row)                                                    \
    "INSERT INTO alert_tally VALUES ('" axis "', " key ", " detector ", " row                      \
    ".severity, " STATE_COUNTS(row,                                                                \
                               "") ") ON CONFLICT (axis, key, detector, severity) DO UPDATE SET"   \
                                   " active = active + excluded.active, in_progress = "            \
                                   "in_progress + excluded.in_progress,"                           \
                                   " resolved = resolved + excluded.resolved, dismissed = "        \
                                   "dismissed + excluded.dismissed;"
#define TALLY_TAKE_ONE(axis, key, detector, row)                                                   \
    "UPDATE alert_tally SET active = active - (OLD.status = 'Active'),"                            \
    " in_progress = in_progress - (OLD.status = 'InProgress'),"                                    \
    " resolved = resolved - (OLD.status = 'Resolved'),"                                            \
    " dismissed = dismissed - (OLD.status = 'Dismissed')" STATE_TALLY_AT(                          \
        axis, key, detector, row) ";"                                                              \
                                  "DELETE FROM alert_tally" STATE_TALLY_AT(                        \
                                      axis, key, detector,                                         \
                                      row) " AND active + in_progress + resolved + dismissed = 0;"
#define TALLY_CHANGE_ONE(axis, key, detector, row)                                                 \
    "UPDATE alert_tally SET active = active - (OLD.status = 'Active') + (NEW.status = 'Active'),"  \
    " in_progress = in_progress - (OLD.status = 'InProgress') + (NEW.status = 'InProgress'),"      \
    " resolved = resolved - (OLD.status = 'Resolved') + (NEW.status = 'Resolved'),"                \
    " dismissed = dismissed - (OLD.status = 'Dismissed') + (NEW.status = "                         \
    "'Dismissed')" STATE_TALLY_AT(axis, key, detector, row) ";"

#define STATE_TALLY_FILL   STATE_TALLIES(TALLY_FILL_ONE, "alert")
#define STATE_TALLY_ADD    STATE_TALLIES(TALLY_ADD_ONE, "NEW")
#define STATE_TALLY_TAKE   STATE_TALLIES(TALLY_TAKE_ONE, "OLD")
#define STATE_TALLY_CHANGE STATE_TALLIES(TALLY_CHANGE_ONE, "NEW")
#define STATE_TALLY_MOVES                                                                          \
    "OLD.severity <> NEW.severity OR OLD.start_ns <> NEW.start_ns OR OLD.domain <> NEW.domain"     \
    " OR OLD.entity_owner <> NEW.entity_owner"

/* migrations[v] turns version v into v + 1, in one transaction. Never change one that was released:
 * add another. */
static const char *const migrations[] = {
    /* record is the native record as the engine made it. What analysts change lives in columns, and
     * wins over the record: revision, status, disposition. */
    "CREATE TABLE alert ("
    "  seq INTEGER PRIMARY KEY AUTOINCREMENT," /* order of arrival, never used twice: for cursors */
    "  id TEXT NOT NULL UNIQUE,"
    "  guid TEXT NOT NULL GENERATED ALWAYS AS (substr(id, instr(id, '_') + 1)) VIRTUAL,"
    "  revision INTEGER NOT NULL,"
    "  detector TEXT NOT NULL,"
    "  severity INTEGER NOT NULL,"
    "  status TEXT NOT NULL,"
    "  disposition TEXT NOT NULL,"
    "  start_ns INTEGER NOT NULL,"
    "  end_ns INTEGER NOT NULL,"
    "  generated_ns INTEGER NOT NULL,"
    "  kept_ns INTEGER NOT NULL," /* by the clock, when the engine last brought it: for retention */
    "  count INTEGER NOT NULL,"
    "  entity_ip TEXT NOT NULL,"
    "  domain TEXT NOT NULL,"
    "  qname TEXT NOT NULL,"
    "  record TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX alert_guid ON alert (guid);"
    "CREATE INDEX alert_start ON alert (start_ns);"
    "CREATE INDEX alert_kept ON alert (kept_ns);"
    "CREATE TABLE alert_event ("
    "  seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  time_ns INTEGER NOT NULL,"
    "  alert_id TEXT NOT NULL," /* no foreign key: the trail outlives the alert */
    "  actor TEXT NOT NULL,"
    "  what TEXT NOT NULL,"
    "  from_value TEXT NOT NULL,"
    "  to_value TEXT NOT NULL,"
    "  reason TEXT NOT NULL,"
    "  comment TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX alert_event_alert ON alert_event (alert_id);"
    "CREATE TRIGGER alert_event_stays BEFORE UPDATE ON alert_event BEGIN"
    "  SELECT RAISE(ABORT, 'the audit trail cannot be changed'); END;"
    "CREATE TRIGGER alert_event_kept BEFORE DELETE ON alert_event BEGIN"
    "  SELECT RAISE(ABORT, 'the audit trail cannot be changed'); END;",
    /* The history (history.c). `list` is the set of indicators it was last asked for. */
    "CREATE TABLE history ("
    "  name BLOB NOT NULL," /* labels in reverse, so that a domain is a range */
    "  entity BLOB NOT NULL,"
    "  resolver BLOB NOT NULL,"
    "  domain_labels INTEGER NOT NULL,"
    "  first_ns INTEGER NOT NULL,"
    "  last_ns INTEGER NOT NULL,"
    "  count INTEGER NOT NULL,"
    "  further INTEGER NOT NULL,"
    "  qtype INTEGER NOT NULL,"
    "  rcode INTEGER NOT NULL,"
    "  answers BLOB NOT NULL,"
    "  PRIMARY KEY (name, entity)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE history_state ("
    "  id INTEGER PRIMARY KEY CHECK (id = 1),"
    "  rows INTEGER NOT NULL DEFAULT 0,"
    "  newest_ns INTEGER NOT NULL DEFAULT 0,"
    "  expired INTEGER NOT NULL DEFAULT 0,"
    "  evicted INTEGER NOT NULL DEFAULT 0,"
    "  answers_dropped INTEGER NOT NULL DEFAULT 0,"
    "  list_seed INTEGER NOT NULL DEFAULT 0,"
    "  list_sum INTEGER NOT NULL DEFAULT 0,"
    "  list BLOB NOT NULL DEFAULT x''"
    ") STRICT;"
    "INSERT INTO history_state (id) VALUES (1);"
    "CREATE INDEX alert_story ON alert (entity_ip, domain);",
    /* One trail of everything that people and rules do (audit.c); what was written of alerts before
     * goes first. The rows of an alert are long: those that listings look through stay short. */
    "CREATE TABLE audit ("
    "  seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  time_ns INTEGER NOT NULL,"
    "  actor TEXT NOT NULL,"
    "  action TEXT NOT NULL,"
    "  object TEXT NOT NULL," /* no foreign key: the trail outlives what it is about */
    "  from_value TEXT NOT NULL,"
    "  to_value TEXT NOT NULL,"
    "  reason TEXT NOT NULL,"
    "  comment TEXT NOT NULL,"
    "  hash BLOB NOT NULL"
    ") STRICT;"
    "WITH RECURSIVE chain (seq, hash) AS ("
    "  SELECT 0, zeroblob(32) UNION ALL"
    "  SELECT e.seq, audit_hash(chain.hash, e.time_ns, e.actor, e.what, 'alert/' || e.alert_id,"
    "                           e.from_value, e.to_value, e.reason, e.comment)"
    "  FROM chain JOIN alert_event AS e"
    "   ON e.seq = (SELECT min(seq) FROM alert_event WHERE seq > chain.seq)"
    ") INSERT INTO audit (time_ns, actor, action, object, from_value, to_value, reason, comment,"
    "                     hash)"
    " SELECT e.time_ns, e.actor, e.what, 'alert/' || e.alert_id, e.from_value, e.to_value,"
    "  e.reason, e.comment, chain.hash FROM chain JOIN alert_event AS e USING (seq) ORDER BY seq;"
    "DROP TABLE alert_event;"
    "CREATE INDEX audit_object ON audit (object);"
    "CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN"
    "  SELECT RAISE(ABORT, 'the audit trail cannot be changed'); END;"
    "CREATE TRIGGER audit_kept BEFORE DELETE ON audit BEGIN"
    "  SELECT RAISE(ABORT, 'the audit trail cannot be changed'); END;"
    "CREATE TABLE alert_record (seq INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT;"
    "INSERT INTO alert_record SELECT seq, record FROM alert;"
    "ALTER TABLE alert DROP COLUMN record;"
    "CREATE TRIGGER alert_record_goes AFTER DELETE ON alert BEGIN"
    "  DELETE FROM alert_record WHERE seq = OLD.seq; END;"
    "ALTER TABLE alert ADD COLUMN assignee TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE alert ADD COLUMN suppressed_by TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE alert ADD COLUMN feedback TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE alert ADD COLUMN feedback_reason TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE alert ADD COLUMN incident_id TEXT NOT NULL DEFAULT '';" /* one a line */
    "ALTER TABLE alert ADD COLUMN sample INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE alert ADD COLUMN contact TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE alert ADD COLUMN compromised INTEGER NOT NULL DEFAULT 0;"
    /* What followers read (changes.c), written by whatever makes or revises an alert. */
    "CREATE TABLE alert_change ("
    "  seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  alert_id TEXT NOT NULL,"
    "  revision INTEGER NOT NULL,"
    "  time_ns INTEGER NOT NULL"
    ") STRICT;"
    "CREATE TRIGGER alert_made AFTER INSERT ON alert BEGIN"
    "  INSERT INTO alert_change (alert_id, revision, time_ns) VALUES (NEW.id, NEW.revision,"
    "   CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000000); END;"
    "CREATE TRIGGER alert_revised AFTER UPDATE OF revision ON alert"
    " WHEN NEW.revision <> OLD.revision BEGIN"
    "  INSERT INTO alert_change (alert_id, revision, time_ns) VALUES (NEW.id, NEW.revision,"
    "   CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000000); END;"
    "CREATE TABLE follower (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
    /* The queue of deliveries (deliveries.c) and what owners were asked (contacts.c). */
    "CREATE TABLE delivery ("
    "  seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  kind TEXT NOT NULL,"
    "  channel TEXT NOT NULL,"
    "  state TEXT NOT NULL,"
    "  severity INTEGER NOT NULL,"
    "  origin TEXT NOT NULL,"
    "  target TEXT NOT NULL,"
    "  object TEXT NOT NULL,"
    "  revision INTEGER NOT NULL,"
    "  digest TEXT NOT NULL DEFAULT ''," /* the object of the digest that tells it */
    "  attempts INTEGER NOT NULL DEFAULT 0,"
    "  made_ns INTEGER NOT NULL,"
    "  due_ns INTEGER NOT NULL,"
    "  result TEXT NOT NULL DEFAULT '',"
    "  UNIQUE (kind, channel, target, object, revision)"
    ") STRICT;"
    "CREATE INDEX delivery_due ON delivery (state, due_ns);"
    "CREATE INDEX delivery_made ON delivery (kind, channel, target, made_ns);"
    "CREATE TABLE delivery_state (dropped INTEGER NOT NULL) STRICT;"
    "INSERT INTO delivery_state VALUES (0);"
    "CREATE TABLE inquiry ("
    "  id TEXT PRIMARY KEY,"
    "  alert_id TEXT NOT NULL,"
    "  address TEXT NOT NULL,"
    "  asked_by TEXT NOT NULL,"
    "  asked_ns INTEGER NOT NULL,"
    "  expires_ns INTEGER NOT NULL,"
    "  answer TEXT NOT NULL DEFAULT 'asked',"
    "  answered_ns INTEGER NOT NULL DEFAULT 0,"
    "  answered_by TEXT NOT NULL DEFAULT ''"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX inquiry_alert ON inquiry (alert_id);",
    /* Responding: isolation and its files' serials, and the checklist of each alert. What is open
     * (proposed, applied, failed) is so once for each target. */
    "CREATE TABLE isolation ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  alert_id TEXT NOT NULL,"
    "  target TEXT NOT NULL,"
    "  what TEXT NOT NULL,"
    "  state TEXT NOT NULL,"
    "  hours INTEGER NOT NULL,"
    "  actor TEXT NOT NULL,"
    "  reason TEXT NOT NULL,"
    "  failure TEXT NOT NULL DEFAULT '',"
    "  requested_ns INTEGER NOT NULL,"
    "  applied_ns INTEGER NOT NULL DEFAULT 0,"
    "  expires_ns INTEGER NOT NULL DEFAULT 0,"
    "  ended_ns INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "CREATE UNIQUE INDEX isolation_open ON isolation (target, what)"
    " WHERE state IN ('proposed', 'applied', 'failed');"
    "CREATE INDEX isolation_alert ON isolation (alert_id);"
    "CREATE TABLE isolation_serial (target TEXT PRIMARY KEY, serial INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE checklist ("
    "  alert_id TEXT NOT NULL,"
    "  action TEXT NOT NULL,"
    "  state TEXT NOT NULL,"
    "  actor TEXT NOT NULL,"
    "  note TEXT NOT NULL,"
    "  time_ns INTEGER NOT NULL,"
    "  PRIMARY KEY (alert_id, action)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER checklist_gone AFTER DELETE ON alert BEGIN"
    "  DELETE FROM checklist WHERE alert_id = OLD.id; END;",
    /* Who may use the program (users.c), who is logged in, and what programs ask with. */
    "CREATE TABLE user ("
    "  name TEXT PRIMARY KEY,"
    "  role TEXT NOT NULL,"
    "  password TEXT NOT NULL," /* argon2id, in libsodium's text form */
    "  enabled INTEGER NOT NULL,"
    "  created_ns INTEGER NOT NULL,"
    "  seen_ns INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE session ("
    "  hash BLOB PRIMARY KEY," /* SHA-256 of the secret */
    "  user TEXT NOT NULL,"
    "  created_ns INTEGER NOT NULL,"
    "  used_ns INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX session_user ON session (user);"
    "CREATE TABLE token ("
    "  name TEXT PRIMARY KEY,"
    "  hash BLOB NOT NULL UNIQUE,"
    "  owner TEXT NOT NULL,"
    "  role TEXT NOT NULL,"
    "  created_ns INTEGER NOT NULL,"
    "  expires_ns INTEGER NOT NULL,"
    "  used_ns INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;",
    /* Lists, searches and counts among very many alerts (query.c, search.c, count.c). A tally holds
     * how many alerts there are for each combination, and no row that has come down to none. */
    "ALTER TABLE alert ADD COLUMN domain_rev TEXT NOT NULL DEFAULT '';" /* last byte first */
    "ALTER TABLE alert ADD COLUMN qname_rev TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE alert ADD COLUMN entity_name TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE alert ADD COLUMN entity_owner TEXT NOT NULL DEFAULT '';"
    "UPDATE alert SET domain_rev = name_reverse(domain), qname_rev = name_reverse(qname),"
    " (entity_name, entity_owner) = (SELECT coalesce(json_extract(record, '$.entity.name'), ''),"
    "   coalesce(json_extract(record, '$.entity.owner'), '')"
    "  FROM alert_record WHERE alert_record.seq = alert.seq);"
    "CREATE INDEX alert_end ON alert (end_ns);"
    "CREATE INDEX alert_severity ON alert (severity, start_ns);"
    "CREATE INDEX alert_count ON alert (count, start_ns);"
    "CREATE INDEX alert_entity ON alert (entity_ip, start_ns);"
    "CREATE INDEX alert_domain ON alert (domain, start_ns);"
    "CREATE INDEX alert_domain_rev ON alert (domain_rev);"
    "CREATE INDEX alert_qname_rev ON alert (qname_rev);"
    "CREATE INDEX alert_facet ON alert (detector, status, severity);"
    "CREATE INDEX alert_owner ON alert (entity_owner) WHERE entity_owner <> '';"
    "CREATE INDEX alert_assignee ON alert (assignee) WHERE assignee <> '';"
    "CREATE INDEX alert_suppressed ON alert (suppressed_by) WHERE suppressed_by <> '';"
    "CREATE INDEX alert_incident ON alert (incident_id) WHERE incident_id <> '';"
    "CREATE INDEX alert_disposition ON alert (disposition, detector, feedback, sample)"
    " WHERE disposition <> '';"
    "CREATE INDEX alert_feedback ON alert (feedback, detector, disposition, sample) WHERE feedback "
    "<> '';"
    "CREATE INDEX alert_contact ON alert (contact) WHERE contact <> '';"
    "CREATE INDEX alert_sample ON alert (sample) WHERE sample <> 0;"
    "CREATE INDEX alert_compromised ON alert (compromised) WHERE compromised <> 0;"
    "CREATE TABLE alert_key (key TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (key, seq))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE alert_text ("
    "  seq INTEGER PRIMARY KEY,"
    "  text TEXT NOT NULL,"
    "  keys TEXT NOT NULL" /* a JSON list: what of alert_key is its own */
    ") STRICT;"
    /* Kept in step by put.c and change.c: SQLite does not let triggers write it. */
    "CREATE VIRTUAL TABLE alert_fts USING fts5 (text, content = 'alert_text',"
    " content_rowid = 'seq', tokenize = 'trigram', detail = 'none', columnsize = 0);"
    "CREATE TRIGGER alert_text_comes AFTER INSERT ON alert_text BEGIN"
    "  INSERT OR IGNORE INTO alert_key SELECT value, NEW.seq FROM json_each(NEW.keys); END;"
    "CREATE TRIGGER alert_keys_change AFTER UPDATE OF keys ON alert_text"
    " WHEN NEW.keys <> OLD.keys BEGIN"
    "  DELETE FROM alert_key WHERE seq = OLD.seq AND key IN"
    "   (SELECT value FROM json_each(OLD.keys));"
    "  INSERT OR IGNORE INTO alert_key SELECT value, NEW.seq FROM json_each(NEW.keys); END;"
    "CREATE TRIGGER alert_text_goes AFTER DELETE ON alert_text BEGIN"
    "  DELETE FROM alert_key WHERE seq = OLD.seq AND key IN"
    "   (SELECT value FROM json_each(OLD.keys)); END;"
    "CREATE TRIGGER alert_goes AFTER DELETE ON alert BEGIN"
    "  DELETE FROM alert_text WHERE seq = OLD.seq; END;"
    "INSERT INTO alert_text SELECT seq, search_text(record), search_keys(record)"
    " FROM alert_record;"
    "INSERT INTO alert_fts (rowid, text) SELECT seq, text FROM alert_text;"
    "CREATE TABLE alert_tally ("
    "  axis TEXT NOT NULL," /* day since 1970, entity, domain, owner */
    "  key TEXT NOT NULL,"
    "  detector TEXT NOT NULL,"
    "  status TEXT NOT NULL,"
    "  severity INTEGER NOT NULL,"
    "  count INTEGER NOT NULL,"
    "  PRIMARY KEY (axis, key, detector, status, severity)"
    ") STRICT, WITHOUT ROWID;" TALLY_ROWS(
        "INSERT INTO alert_tally", "alert",
        "count(*) FROM alert GROUP BY 1, 2, 3, 4, 5;") "CREATE TRIGGER tally_comes AFTER INSERT ON "
                                                       "alert BEGIN " TALLY_ADD " END;"
                                                       "CREATE TRIGGER tally_goes AFTER DELETE ON "
                                                       "alert BEGIN " TALLY_TAKE " END;"
                                                       "CREATE TRIGGER tally_changes AFTER UPDATE "
                                                       "ON alert"
                                                       " WHEN OLD.status <> NEW.status OR "
                                                       "OLD.severity <> NEW.severity OR OLD.domain "
                                                       "<> NEW.domain"
                                                       "  OR OLD.start_ns <> NEW.start_ns OR "
                                                       "OLD.entity_owner <> NEW.entity_owner"
                                                       " BEGIN " TALLY_TAKE TALLY_ADD " END;",
    /* The exports (exports.c). A change is counted once: taken, skipped or dead. */
    "CREATE TABLE export ("
    "  name TEXT PRIMARY KEY,"
    "  begun_seq INTEGER NOT NULL,"
    "  taken INTEGER NOT NULL DEFAULT 0,"
    "  skipped INTEGER NOT NULL DEFAULT 0,"
    "  dead INTEGER NOT NULL DEFAULT 0,"
    "  job_taken INTEGER NOT NULL DEFAULT 0,"
    "  taken_ns INTEGER NOT NULL DEFAULT 0,"
    "  failed_ns INTEGER NOT NULL DEFAULT 0,"
    "  failure TEXT NOT NULL DEFAULT ''"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE export_dead ("
    "  number INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  export TEXT NOT NULL,"
    "  alert_id TEXT NOT NULL,"
    "  revision INTEGER NOT NULL,"
    "  time_ns INTEGER NOT NULL,"
    "  reason TEXT NOT NULL,"
    "  UNIQUE (export, alert_id)"
    ") STRICT;"
    "CREATE TABLE export_job ("
    "  export TEXT NOT NULL,"
    "  kind TEXT NOT NULL,"
    "  since_ns INTEGER NOT NULL,"
    "  position INTEGER NOT NULL,"
    "  until INTEGER NOT NULL,"
    "  requested_ns INTEGER NOT NULL,"
    "  done INTEGER NOT NULL,"
    "  PRIMARY KEY (export, kind)"
    ") STRICT, WITHOUT ROWID;",
    /* Rules that dismiss alerts (suppressions.c). */
    "CREATE TABLE suppression ("
    "  name TEXT PRIMARY KEY COLLATE NOCASE,"
    "  rule TEXT NOT NULL," /* as alert/suppression.h writes it */
    "  created_ns INTEGER NOT NULL,"
    "  modified_ns INTEGER NOT NULL,"
    "  hits INTEGER NOT NULL DEFAULT 0,"
    "  last_hit_ns INTEGER NOT NULL DEFAULT 0"
    ") STRICT, WITHOUT ROWID;",
    /* What gathers (gather.c); it is an incident once it has a kind. */
    "CREATE TABLE incident ("
    "  seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  id TEXT NOT NULL UNIQUE,"
    "  scope TEXT NOT NULL,"
    "  key TEXT NOT NULL,"
    "  correlation_key TEXT NOT NULL,"
    "  start_ns INTEGER NOT NULL,"
    "  last_ns INTEGER NOT NULL,"
    "  end_ns INTEGER NOT NULL,"
    "  lead_ns INTEGER NOT NULL,"
    "  follow_ns INTEGER NOT NULL,"
    "  detectors TEXT NOT NULL,"
    "  severity INTEGER NOT NULL,"
    "  alerts INTEGER NOT NULL,"
    "  entities INTEGER NOT NULL,"
    "  kind TEXT NOT NULL,"
    "  revision INTEGER NOT NULL,"
    "  status TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX incident_gathers ON incident (scope, key, start_ns);"
    "CREATE INDEX incident_shown ON incident (start_ns DESC, id) WHERE kind <> '';"
    "CREATE TABLE incident_alert ("
    "  incident INTEGER NOT NULL,"
    "  entity_ip TEXT NOT NULL,"
    "  alert INTEGER NOT NULL,"
    "  PRIMARY KEY (incident, entity_ip, alert)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX incident_of_alert ON incident_alert (alert);"
    "CREATE TABLE incident_alias ("
    "  id TEXT NOT NULL UNIQUE,"
    "  incident INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX incident_alias_of ON incident_alias (incident);"
    "CREATE TRIGGER incident_alert_goes AFTER DELETE ON alert BEGIN"
    "  DELETE FROM incident_alert WHERE alert = OLD.seq; END;"
    "CREATE TRIGGER incident_goes AFTER DELETE ON incident_alert"
    " WHEN NOT EXISTS (SELECT 1 FROM incident_alert WHERE incident = OLD.incident) BEGIN"
    "  DELETE FROM incident_alias WHERE incident = OLD.incident;"
    "  DELETE FROM incident WHERE seq = OLD.incident; END;",
    /* Alerts go with their changes, and exports are told of those they have not sent. */
    "CREATE INDEX alert_change_alert ON alert_change (alert_id);"
    "ALTER TABLE export ADD COLUMN expired INTEGER NOT NULL DEFAULT 0;",
    /* What checklists say of an alert, beside it (checklist.c). */
    "ALTER TABLE alert ADD COLUMN actions TEXT NOT NULL DEFAULT '';"
    "UPDATE alert SET actions = (SELECT group_concat(action || ' ' || state || ' ' || time_ns"
    " || ' ' || actor, char(10)) FROM checklist WHERE alert_id = alert.id)"
    " WHERE id IN (SELECT alert_id FROM checklist);",
    /* Tallies with fewer and shorter rows: one for each severity, with a column for each state;
     * only those of hours tell types apart. One index has all that is counted of a span of time.
     * alert_entity serves what alert_story did. */
    "DROP TRIGGER tally_comes;"
    "DROP TRIGGER tally_goes;"
    "DROP TRIGGER tally_changes;"
    "DROP TABLE alert_tally;"
    "DROP INDEX alert_story;"
    "DROP INDEX alert_end;"
    "CREATE INDEX alert_span ON alert"
    " (end_ns, start_ns, detector, status, severity, entity_ip, domain);"
    "CREATE INDEX alert_long ON alert (end_ns - start_ns)"
    " WHERE end_ns - start_ns > 86400000000000;"
    "CREATE TABLE alert_tally ("
    "  axis TEXT NOT NULL," /* hour since 1970, entity, domain, owner */
    "  key ANY NOT NULL,"
    "  detector TEXT NOT NULL," /* '' where types are counted together */
    "  severity INTEGER NOT NULL,"
    "  active INTEGER NOT NULL,"
    "  in_progress INTEGER NOT NULL,"
    "  resolved INTEGER NOT NULL,"
    "  dismissed INTEGER NOT NULL,"
    "  PRIMARY KEY (axis, key, detector, severity)"
    ") STRICT, WITHOUT ROWID;" STATE_TALLY_FILL
    "CREATE TRIGGER tally_comes AFTER INSERT ON alert BEGIN " STATE_TALLY_ADD " END;"
    "CREATE TRIGGER tally_goes AFTER DELETE ON alert BEGIN " STATE_TALLY_TAKE " END;"
    "CREATE TRIGGER tally_moves AFTER UPDATE OF severity, start_ns, domain, entity_owner ON alert"
    " WHEN " STATE_TALLY_MOVES " BEGIN " STATE_TALLY_TAKE STATE_TALLY_ADD " END;"
    "CREATE TRIGGER tally_changes AFTER UPDATE OF status ON alert"
    " WHEN OLD.status <> NEW.status AND NOT (" STATE_TALLY_MOVES ")"
    " BEGIN " STATE_TALLY_CHANGE " END;",
    "ALTER TABLE user ADD COLUMN language TEXT NOT NULL DEFAULT '';",
    /* Records call the rule that matched "rule". Quotes inside texts are escaped and so are no
       keys. */
    "UPDATE alert_record SET record = replace(replace(record, '\"rule\":', '\"place\":'),"
    " '\"signature\":{', '\"rule\":{') WHERE instr(record, '\"signature\":{');",
};

enum { VERSION = sizeof(migrations) / sizeof(migrations[0]) };

static int number_query(struct store *store, const char *sql, int64_t *ret_number,
                        struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_prepare(store, sql, &statement, error);
    if (r < 0)
        return r;
    int rc = sqlite3_step(statement);
    if (rc != SQLITE_ROW)
        return store_failure(store, rc, "reading its header", error);
    *ret_number = sqlite3_column_int64(statement, 0);
    return 0;
}

static int migrate_one(struct store *store, int64_t version, struct error *error)
{
    char stamp[128];
    sqlite3_snprintf(sizeof(stamp), stamp, "PRAGMA application_id=%d; PRAGMA user_version=%d",
                     APPLICATION_ID, (int)version + 1);
    int r = store_begin(store, error);
    if (r < 0)
        return r;
    r = store_execute(store, migrations[version], "updating its tables", error);
    if (r == 0)
        r = store_execute(store, stamp, "updating its version", error);
    return store_end(store, r, error);
}

/* Version 0 may only be a database without any table: a file that was just made. */
static int identity_check(struct store *store, int64_t version, struct error *error)
{
    int64_t id = 0, tables = 0;
    int r = number_query(store, "PRAGMA application_id", &id, error);
    if (r == 0)
        r = number_query(store, "SELECT count(*) FROM sqlite_schema", &tables, error);
    if (r < 0)
        return r;
    if (id != APPLICATION_ID && !(id == 0 && version == 0 && tables == 0))
        return error_set(error, -EPROTO,
                         "%s: a database of some other program, not an alert store; give another "
                         "path",
                         store->path);
    if (version > VERSION)
        return error_set(error, -EPROTO,
                         "%s: written by a newer dnsvigil (version %lld of the tables, this one "
                         "knows %d); use that one, or another path",
                         store->path, (long long)version, VERSION);
    return 0;
}

int schema_check(struct store *store, struct error *error)
{
    int64_t version = 0;
    int r = number_query(store, "PRAGMA user_version", &version, error);
    if (r == 0)
        r = identity_check(store, version, error);
    if (r == 0 && store->mode == STORE_READ && version < VERSION)
        return error_set(error, -EPROTO,
                         "%s: empty or of an older version; open it once for writing, as `dnsvigil "
                         "run`, `serve` and `analyze --store` do",
                         store->path);
    if (r == 0 && store->mode == STORE_WRITE)
        r = store_execute(store, "PRAGMA journal_mode=WAL", "switching to write-ahead logging",
                          error);
    for (; r == 0 && version < VERSION; version++)
        r = migrate_one(store, version, error);
    return r;
}
