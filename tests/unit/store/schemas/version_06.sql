-- version_06.sql - the tables of a store as its sixth version made them, never to be changed
-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE alert (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    guid TEXT NOT NULL GENERATED ALWAYS AS (substr(id, instr(id, '_') + 1)) VIRTUAL,
    revision INTEGER NOT NULL,
    detector TEXT NOT NULL,
    severity INTEGER NOT NULL,
    status TEXT NOT NULL,
    disposition TEXT NOT NULL,
    start_ns INTEGER NOT NULL,
    end_ns INTEGER NOT NULL,
    generated_ns INTEGER NOT NULL,
    kept_ns INTEGER NOT NULL,
    count INTEGER NOT NULL,
    entity_ip TEXT NOT NULL,
    domain TEXT NOT NULL,
    qname TEXT NOT NULL,
    assignee TEXT NOT NULL DEFAULT '',
    suppressed_by TEXT NOT NULL DEFAULT '',
    feedback TEXT NOT NULL DEFAULT '',
    feedback_reason TEXT NOT NULL DEFAULT '',
    incident_id TEXT NOT NULL DEFAULT '',
    sample INTEGER NOT NULL DEFAULT 0,
    contact TEXT NOT NULL DEFAULT '',
    compromised INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX alert_guid ON alert (guid);
CREATE INDEX alert_start ON alert (start_ns);
CREATE INDEX alert_kept ON alert (kept_ns);
CREATE TABLE history (
    name BLOB NOT NULL,
    entity BLOB NOT NULL,
    resolver BLOB NOT NULL,
    domain_labels INTEGER NOT NULL,
    first_ns INTEGER NOT NULL,
    last_ns INTEGER NOT NULL,
    count INTEGER NOT NULL,
    further INTEGER NOT NULL,
    qtype INTEGER NOT NULL,
    rcode INTEGER NOT NULL,
    answers BLOB NOT NULL,
    PRIMARY KEY (name, entity)
) STRICT, WITHOUT ROWID;
CREATE TABLE history_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    rows INTEGER NOT NULL DEFAULT 0,
    newest_ns INTEGER NOT NULL DEFAULT 0,
    expired INTEGER NOT NULL DEFAULT 0,
    evicted INTEGER NOT NULL DEFAULT 0,
    answers_dropped INTEGER NOT NULL DEFAULT 0,
    list_seed INTEGER NOT NULL DEFAULT 0,
    list_sum INTEGER NOT NULL DEFAULT 0,
    list BLOB NOT NULL DEFAULT x''
) STRICT;
CREATE INDEX alert_story ON alert (entity_ip, domain);
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    time_ns INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    from_value TEXT NOT NULL,
    to_value TEXT NOT NULL,
    reason TEXT NOT NULL,
    comment TEXT NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE INDEX audit_object ON audit (object);
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail cannot
    be changed'); END;
CREATE TRIGGER audit_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail cannot
    be changed'); END;
CREATE TABLE alert_record (seq INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT;
CREATE TRIGGER alert_record_goes AFTER DELETE ON alert BEGIN DELETE FROM alert_record WHERE seq =
    OLD.seq; END;
CREATE TABLE alert_change (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    alert_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    time_ns INTEGER NOT NULL
) STRICT;
CREATE TRIGGER alert_made AFTER INSERT ON alert BEGIN INSERT INTO alert_change (alert_id, revision,
    time_ns) VALUES (NEW.id, NEW.revision, CAST((julianday('now') - 2440587.5) * 86400000 AS
    INTEGER) * 1000000); END;
CREATE TRIGGER alert_revised AFTER UPDATE OF revision ON alert WHEN NEW.revision <> OLD.revision
    BEGIN INSERT INTO alert_change (alert_id, revision, time_ns) VALUES (NEW.id, NEW.revision,
    CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000000); END;
CREATE TABLE follower (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    severity INTEGER NOT NULL,
    origin TEXT NOT NULL,
    target TEXT NOT NULL,
    object TEXT NOT NULL,
    revision INTEGER NOT NULL,
    digest TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    made_ns INTEGER NOT NULL,
    due_ns INTEGER NOT NULL,
    result TEXT NOT NULL DEFAULT '',
    UNIQUE (kind, channel, target, object, revision)
) STRICT;
CREATE INDEX delivery_due ON delivery (state, due_ns);
CREATE INDEX delivery_made ON delivery (kind, channel, target, made_ns);
CREATE TABLE delivery_state (dropped INTEGER NOT NULL) STRICT;
CREATE TABLE inquiry (
    id TEXT PRIMARY KEY,
    alert_id TEXT NOT NULL,
    address TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_ns INTEGER NOT NULL,
    expires_ns INTEGER NOT NULL,
    answer TEXT NOT NULL DEFAULT 'asked',
    answered_ns INTEGER NOT NULL DEFAULT 0,
    answered_by TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX inquiry_alert ON inquiry (alert_id);
CREATE TABLE isolation (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    alert_id TEXT NOT NULL,
    target TEXT NOT NULL,
    what TEXT NOT NULL,
    state TEXT NOT NULL,
    hours INTEGER NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    failure TEXT NOT NULL DEFAULT '',
    requested_ns INTEGER NOT NULL,
    applied_ns INTEGER NOT NULL DEFAULT 0,
    expires_ns INTEGER NOT NULL DEFAULT 0,
    ended_ns INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX isolation_open ON isolation (target, what) WHERE state IN ('proposed',
    'applied', 'failed');
CREATE INDEX isolation_alert ON isolation (alert_id);
CREATE TABLE isolation_serial (
    target TEXT PRIMARY KEY,
    serial INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE checklist (
    alert_id TEXT NOT NULL,
    action TEXT NOT NULL,
    state TEXT NOT NULL,
    actor TEXT NOT NULL,
    note TEXT NOT NULL,
    time_ns INTEGER NOT NULL,
    PRIMARY KEY (alert_id, action)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER checklist_gone AFTER DELETE ON alert BEGIN DELETE FROM checklist WHERE alert_id =
    OLD.id; END;
CREATE TABLE user (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    password TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    created_ns INTEGER NOT NULL,
    seen_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE session (
    hash BLOB PRIMARY KEY,
    user TEXT NOT NULL,
    created_ns INTEGER NOT NULL,
    used_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_user ON session (user);
CREATE TABLE token (
    name TEXT PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    role TEXT NOT NULL,
    created_ns INTEGER NOT NULL,
    expires_ns INTEGER NOT NULL,
    used_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO history_state (id) VALUES (1);
INSERT INTO delivery_state VALUES (0);
PRAGMA application_id = 0x646e7376;
PRAGMA user_version = 6;
