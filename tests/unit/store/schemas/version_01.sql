-- version_01.sql - the tables of a store as its first version made them, never to be changed
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
    record TEXT NOT NULL
) STRICT;
CREATE INDEX alert_guid ON alert (guid);
CREATE INDEX alert_start ON alert (start_ns);
CREATE INDEX alert_kept ON alert (kept_ns);
CREATE TABLE alert_event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    time_ns INTEGER NOT NULL,
    alert_id TEXT NOT NULL,
    actor TEXT NOT NULL,
    what TEXT NOT NULL,
    from_value TEXT NOT NULL,
    to_value TEXT NOT NULL,
    reason TEXT NOT NULL,
    comment TEXT NOT NULL
) STRICT;
CREATE INDEX alert_event_alert ON alert_event (alert_id);
CREATE TRIGGER alert_event_stays BEFORE UPDATE ON alert_event BEGIN SELECT RAISE(ABORT, 'no'); END;
CREATE TRIGGER alert_event_kept BEFORE DELETE ON alert_event BEGIN SELECT RAISE(ABORT, 'no'); END;
PRAGMA application_id = 0x646e7376;
PRAGMA user_version = 1;
