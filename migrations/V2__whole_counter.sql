-- Everything around a code: people's own words, admins with roles, orders, one-time tokens, what erasing leaves.

-- A birthday counts from the day after it was saved; the month-day finds whose day it is.
ALTER TABLE users ADD COLUMN birthday_saved_at TEXT CHECK (length(birthday_saved_at) = 20);
ALTER TABLE users ADD COLUMN birthday_md TEXT CHECK (length(birthday_md) = 5);
CREATE INDEX users_by_birthday ON users (is_test, birthday_md) WHERE birthday_md IS NOT NULL;
CREATE INDEX users_by_activity ON users (is_test, last_activity_at);

CREATE TABLE user_tags (
    user_id INTEGER NOT NULL REFERENCES users (id),
    tag     TEXT NOT NULL CHECK (length(tag) BETWEEN 1 AND 32),
    PRIMARY KEY (user_id, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_tags_by_tag ON user_tags (tag, user_id);

-- Who was erased, as a keyed hash of the Telegram id: a subscription gift cannot be farmed by erase-and-return.
CREATE TABLE erased_people (
    hash        TEXT NOT NULL PRIMARY KEY,
    template_id INTEGER REFERENCES discount_templates (id),
    last_gift   TEXT CHECK (length(last_gift) = 20),
    erased_at   TEXT NOT NULL CHECK (length(erased_at) = 20)
) STRICT, WITHOUT ROWID;

-- One per person and bot, for ten minutes.
CREATE TABLE conversation_states (
    bot         TEXT NOT NULL CHECK (bot IN ('customer', 'staff', 'customer_test', 'staff_test')),
    telegram_id INTEGER NOT NULL,
    state       TEXT NOT NULL,
    payload     TEXT CHECK (json_valid(payload)),
    expires_ms  INTEGER NOT NULL,
    PRIMARY KEY (bot, telegram_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
    id         INTEGER PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    is_test    INTEGER NOT NULL CHECK (is_test IN (0, 1)),
    status     TEXT NOT NULL CHECK (status IN ('draft', 'processing', 'created', 'canceled')),
    created_at TEXT NOT NULL CHECK (length(created_at) = 20),
    updated_at TEXT NOT NULL CHECK (length(updated_at) = 20)
) STRICT;
CREATE INDEX orders_by_user ON orders (user_id);

-- Groups are what an admin is told of; the first owner has them all. JSON list of words.
ALTER TABLE admins ADD COLUMN username TEXT;
ALTER TABLE admins ADD COLUMN groups TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(groups));
ALTER TABLE admins ADD COLUMN can_broadcast_from_chat INTEGER NOT NULL DEFAULT 0 CHECK (can_broadcast_from_chat IN (0, 1));
ALTER TABLE admins ADD COLUMN decided_at TEXT CHECK (length(decided_at) = 20);
ALTER TABLE admins ADD COLUMN decided_by TEXT;
UPDATE admins SET groups = '["errors","broadcasts","cashier_logs","orders","settings","reports"]'
 WHERE id = (SELECT min(id) FROM admins WHERE role = 'owner');

-- One-time login tokens: only their hash is kept.
CREATE TABLE login_tokens (
    hash       TEXT NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
    admin_id   INTEGER NOT NULL REFERENCES admins (id),
    expires_ms INTEGER NOT NULL,
    used_ms    INTEGER
) STRICT, WITHOUT ROWID;

-- What of the audit is personal stands apart, so that erasing a person can empty it.
CREATE TABLE audit_personal (
    audit_id INTEGER NOT NULL PRIMARY KEY REFERENCES audit_log (id),
    user_id  INTEGER NOT NULL REFERENCES users (id),
    before   TEXT CHECK (json_valid(before)),
    after    TEXT CHECK (json_valid(after))
) STRICT;
CREATE INDEX audit_personal_by_user ON audit_personal (user_id);
CREATE INDEX audit_by_entity ON audit_log (entity, entity_id);

ALTER TABLE discounts ADD COLUMN revoked_by TEXT;
CREATE INDEX redemptions_by_cashier ON redemptions (cashier_id, day) WHERE undone_at IS NULL;
CREATE INDEX discounts_by_source ON discounts (source_kind, source_id) WHERE source_id IS NOT NULL;
