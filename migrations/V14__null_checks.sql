-- SQLite before 3.42 says that json_valid(NULL) is 0, newer ones that it is NULL. The owner's own sqlite3 then calls a
-- healthy database damaged («CHECK constraint failed in audit_log»). Here each such CHECK asks for NULL itself: every table is built
-- anew as https://www.sqlite.org/lang_altertable.html#otheralter says. Foreign keys are off while migrations run; the guard
-- at the end rolls everything back if a row were lost or an orphan made.
CREATE TEMP TABLE null_checks_guard (
    what TEXT NOT NULL,
    ok   INTEGER NOT NULL CHECK (ok = 1)
);

CREATE TABLE new_discount_templates (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    title         TEXT NOT NULL,
    value         INTEGER NOT NULL CHECK (value > 0),
    value_type    TEXT NOT NULL CHECK (value_type IN ('percent', 'fixed')),
    duration_days INTEGER NOT NULL DEFAULT 7 CHECK (duration_days BETWEEN 1 AND 3650),
    event         TEXT NOT NULL
                  CHECK (event IN ('subscription', 'birthday', 'manual', 'campaign', 'reminder', 'winback')),
    usage_type    TEXT NOT NULL DEFAULT 'single' CHECK (usage_type IN ('single', 'shared')),
    recurrence    TEXT CHECK (recurrence IS NULL OR json_valid(recurrence)),
    reminders     TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(reminders)),
    message_key   TEXT,
    is_active     INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at    TEXT NOT NULL CHECK (length(created_at) = 20),
    CHECK (value_type <> 'percent' OR value <= 10000)
) STRICT;
INSERT INTO new_discount_templates (id, name, title, value, value_type, duration_days, event, usage_type, recurrence, reminders,
        message_key, is_active, created_at)
    SELECT id, name, title, value, value_type, duration_days, event, usage_type, recurrence, reminders,
        message_key, is_active, created_at FROM discount_templates;
INSERT INTO null_checks_guard
    SELECT 'discount_templates', (SELECT count(*) FROM discount_templates) = (SELECT count(*) FROM new_discount_templates);
DROP TABLE discount_templates;
ALTER TABLE new_discount_templates RENAME TO discount_templates;

CREATE TABLE new_audit_log (
    id         INTEGER PRIMARY KEY,
    at         TEXT NOT NULL CHECK (length(at) = 20),
    actor      TEXT NOT NULL,
    action     TEXT NOT NULL,
    entity     TEXT NOT NULL,
    entity_id  TEXT,
    before     TEXT CHECK (before IS NULL OR json_valid(before)),
    after      TEXT CHECK (after IS NULL OR json_valid(after)),
    request_id TEXT
) STRICT;
INSERT INTO new_audit_log (id, at, actor, action, entity, entity_id, before, after, request_id)
    SELECT id, at, actor, action, entity, entity_id, before, after, request_id FROM audit_log;
INSERT INTO null_checks_guard
    SELECT 'audit_log', (SELECT count(*) FROM audit_log) = (SELECT count(*) FROM new_audit_log);
DROP TABLE audit_log;
ALTER TABLE new_audit_log RENAME TO audit_log;
CREATE INDEX audit_by_at ON audit_log (at);
CREATE INDEX audit_by_entity ON audit_log (entity, entity_id);

CREATE TABLE new_audit_personal (
    audit_id INTEGER NOT NULL PRIMARY KEY REFERENCES audit_log (id),
    user_id  INTEGER NOT NULL REFERENCES users (id),
    before   TEXT CHECK (before IS NULL OR json_valid(before)),
    after    TEXT CHECK (after IS NULL OR json_valid(after))
) STRICT;
INSERT INTO new_audit_personal (audit_id, user_id, before, after)
    SELECT audit_id, user_id, before, after FROM audit_personal;
INSERT INTO null_checks_guard
    SELECT 'audit_personal', (SELECT count(*) FROM audit_personal) = (SELECT count(*) FROM new_audit_personal);
DROP TABLE audit_personal;
ALTER TABLE new_audit_personal RENAME TO audit_personal;
CREATE INDEX audit_personal_by_user ON audit_personal (user_id);

CREATE TABLE new_conversation_states (
    bot         TEXT NOT NULL CHECK (bot IN ('customer', 'staff', 'customer_test', 'staff_test')),
    telegram_id INTEGER NOT NULL,
    state       TEXT NOT NULL,
    payload     TEXT CHECK (payload IS NULL OR json_valid(payload)),
    expires_ms  INTEGER NOT NULL,
    PRIMARY KEY (bot, telegram_id)
) STRICT, WITHOUT ROWID;
INSERT INTO new_conversation_states (bot, telegram_id, state, payload, expires_ms)
    SELECT bot, telegram_id, state, payload, expires_ms FROM conversation_states;
INSERT INTO null_checks_guard
    SELECT 'conversation_states', (SELECT count(*) FROM conversation_states) = (SELECT count(*) FROM new_conversation_states);
DROP TABLE conversation_states;
ALTER TABLE new_conversation_states RENAME TO conversation_states;

CREATE TABLE new_jobs (
    name       TEXT NOT NULL PRIMARY KEY,
    since_ms   INTEGER NOT NULL,
    slot       TEXT,
    started_ms INTEGER,
    ended_ms   INTEGER,
    result     TEXT CHECK (result IN ('done', 'partly', 'nothing', 'failed')),
    count      INTEGER NOT NULL DEFAULT 0,
    facts      TEXT CHECK (facts IS NULL OR json_valid(facts)),
    error      TEXT,
    failures   INTEGER NOT NULL DEFAULT 0,
    retry_ms   INTEGER,
    lease      TEXT,
    leased_ms  INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO new_jobs (name, since_ms, slot, started_ms, ended_ms, result, count, facts, error, failures, retry_ms, lease, leased_ms)
    SELECT name, since_ms, slot, started_ms, ended_ms, result, count, facts, error, failures, retry_ms, lease, leased_ms FROM jobs;
INSERT INTO null_checks_guard SELECT 'jobs', (SELECT count(*) FROM jobs) = (SELECT count(*) FROM new_jobs);
DROP TABLE jobs;
ALTER TABLE new_jobs RENAME TO jobs;

INSERT INTO null_checks_guard SELECT 'foreign keys', (SELECT count(*) FROM pragma_foreign_key_check) = 0;
DROP TABLE null_checks_guard;
