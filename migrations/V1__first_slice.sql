-- The tables of the counter loop. Shop facts are 20-character UTC text, machinery is *_ms INTEGER, money is kopecks,
-- discount values are hundredths. Constraints repeat the types of the code: a bad row is a bug stopped here.

PRAGMA application_id = 1146507851;  -- 'DVRK': a foreign file is recognised before it is written to

-- Facts about this database itself: zone and currency it was made with, bots seen, shop name.
CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Only values that differ from the default have a row; the typed list with ranges is in src/settings.rs.
CREATE TABLE settings (
    key        TEXT NOT NULL PRIMARY KEY,
    value      TEXT NOT NULL CHECK (json_valid(value)),
    updated_at TEXT NOT NULL CHECK (length(updated_at) = 20),
    updated_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Every sentence a bot says. Seeds, titles and allowed variables are in src/texts; a row the shop changed is never reseeded.
CREATE TABLE message_templates (
    key        TEXT NOT NULL PRIMARY KEY,
    body       TEXT NOT NULL,
    is_custom  INTEGER NOT NULL DEFAULT 0 CHECK (is_custom IN (0, 1)),
    updated_at TEXT NOT NULL CHECK (length(updated_at) = 20)
) STRICT, WITHOUT ROWID;

-- Admins belong to both worlds: the owner also approves cashiers of the test pair.
CREATE TABLE admins (
    id          INTEGER PRIMARY KEY,
    telegram_id INTEGER NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    role        TEXT NOT NULL CHECK (role IN ('owner', 'marketing', 'readonly')),
    status      TEXT NOT NULL CHECK (status IN ('requested', 'active', 'suspended', 'declined')),
    created_at  TEXT NOT NULL CHECK (length(created_at) = 20)
) STRICT;

-- A person who asked to work at the counter. decided_at dates the last approve/decline/suspend.
CREATE TABLE cashiers (
    id           INTEGER PRIMARY KEY,
    telegram_id  INTEGER NOT NULL,
    is_test      INTEGER NOT NULL CHECK (is_test IN (0, 1)),
    name         TEXT NOT NULL,
    username     TEXT,
    status       TEXT NOT NULL CHECK (status IN ('requested', 'active', 'suspended', 'declined')),
    requested_at TEXT NOT NULL CHECK (length(requested_at) = 20),
    decided_at   TEXT CHECK (length(decided_at) = 20),
    decided_by   TEXT,
    UNIQUE (is_test, telegram_id)
) STRICT;

CREATE TABLE campaigns (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL,
    source_key  TEXT NOT NULL UNIQUE
                CHECK (length(source_key) BETWEEN 1 AND 48 AND source_key NOT GLOB '*[^a-z0-9-]*'),
    template_id INTEGER REFERENCES discount_templates (id),
    created_at  TEXT NOT NULL CHECK (length(created_at) = 20)
) STRICT;

-- One row per person and realm, for ever. name_norm (lower case, ё→е) is what search compares.
CREATE TABLE users (
    id                      INTEGER PRIMARY KEY,
    telegram_id             INTEGER NOT NULL,
    is_test                 INTEGER NOT NULL CHECK (is_test IN (0, 1)),
    username                TEXT,
    first_name              TEXT,
    last_name               TEXT,
    name_norm               TEXT NOT NULL,
    phone                   TEXT,
    gender                  TEXT NOT NULL DEFAULT 'unknown' CHECK (gender IN ('male', 'female', 'unknown')),
    birthday                TEXT CHECK (length(birthday) = 10),
    status                  TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'blocked')),
    is_subscribed           INTEGER NOT NULL DEFAULT 0 CHECK (is_subscribed IN (0, 1)),
    subscription_checked_at TEXT CHECK (length(subscription_checked_at) = 20),
    bot_blocked_at          TEXT CHECK (length(bot_blocked_at) = 20),
    muted_at                TEXT CHECK (length(muted_at) = 20),
    source                  TEXT NOT NULL,
    source_normalized       TEXT NOT NULL,
    campaign_id             INTEGER REFERENCES campaigns (id),
    created_at              TEXT NOT NULL CHECK (length(created_at) = 20),
    created_day             TEXT NOT NULL CHECK (length(created_day) = 10),
    last_activity_at        TEXT NOT NULL CHECK (length(last_activity_at) = 20),
    UNIQUE (is_test, telegram_id)
) STRICT;
CREATE INDEX users_by_created ON users (is_test, created_at);
CREATE INDEX users_subscribed ON users (is_test) WHERE is_subscribed = 1;
CREATE INDEX users_by_username ON users (username COLLATE NOCASE) WHERE username IS NOT NULL;
CREATE INDEX users_by_phone ON users (phone) WHERE phone IS NOT NULL;
CREATE INDEX users_by_campaign ON users (campaign_id) WHERE campaign_id IS NOT NULL;
CREATE INDEX users_bot_blocked ON users (is_test) WHERE bot_blocked_at IS NOT NULL;

-- Every /start that named a campaign, also by people already known.
CREATE TABLE campaign_clicks (
    id          INTEGER PRIMARY KEY,
    campaign_id INTEGER NOT NULL REFERENCES campaigns (id),
    user_id     INTEGER NOT NULL REFERENCES users (id),
    at          TEXT NOT NULL CHECK (length(at) = 20),
    day         TEXT NOT NULL CHECK (length(day) = 10),
    is_new      INTEGER NOT NULL CHECK (is_new IN (0, 1))
) STRICT;
CREATE INDEX campaign_clicks_by_campaign ON campaign_clicks (campaign_id, user_id);

CREATE TABLE subscription_checks (
    id         INTEGER PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    checked_at TEXT NOT NULL CHECK (length(checked_at) = 20),
    result     TEXT NOT NULL CHECK (result IN ('subscribed', 'not_subscribed', 'unavailable', 'not_configured'))
) STRICT;
CREATE INDEX subscription_checks_by_user ON subscription_checks (user_id, id);

CREATE TABLE discount_templates (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    title         TEXT NOT NULL,
    value         INTEGER NOT NULL CHECK (value > 0),
    value_type    TEXT NOT NULL CHECK (value_type IN ('percent', 'fixed')),
    duration_days INTEGER NOT NULL DEFAULT 7 CHECK (duration_days BETWEEN 1 AND 3650),
    event         TEXT NOT NULL
                  CHECK (event IN ('subscription', 'birthday', 'manual', 'campaign', 'reminder', 'winback')),
    usage_type    TEXT NOT NULL DEFAULT 'single' CHECK (usage_type IN ('single', 'shared')),
    recurrence    TEXT CHECK (json_valid(recurrence)),
    reminders     TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(reminders)),
    message_key   TEXT,
    is_active     INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at    TEXT NOT NULL CHECK (length(created_at) = 20),
    CHECK (value_type <> 'percent' OR value <= 10000)
) STRICT;

-- A code in a customer's hand: the value is copied here at issue. redeemed_at is a cache of redemptions for single codes.
CREATE TABLE discounts (
    id            INTEGER PRIMARY KEY,
    public_id     TEXT NOT NULL UNIQUE CHECK (length(public_id) >= 16),
    code          TEXT NOT NULL UNIQUE CHECK (length(code) = 7),
    user_id       INTEGER NOT NULL REFERENCES users (id),
    template_id   INTEGER NOT NULL REFERENCES discount_templates (id),
    is_test       INTEGER NOT NULL CHECK (is_test IN (0, 1)),
    value         INTEGER NOT NULL CHECK (value > 0),
    value_type    TEXT NOT NULL CHECK (value_type IN ('percent', 'fixed')),
    usage_type    TEXT NOT NULL CHECK (usage_type IN ('single', 'shared')),
    source_kind   TEXT NOT NULL CHECK (source_kind IN
                  ('subscription', 'birthday', 'manual', 'campaign', 'broadcast', 'referral', 'winback')),
    source_id     INTEGER,
    created_at    TEXT NOT NULL CHECK (length(created_at) = 20),
    created_day   TEXT NOT NULL CHECK (length(created_day) = 10),
    created_by    TEXT NOT NULL,
    expires_at    TEXT NOT NULL CHECK (length(expires_at) = 20),
    redeemed_at   TEXT CHECK (length(redeemed_at) = 20),
    revoked_at    TEXT CHECK (length(revoked_at) = 20),
    revoke_reason TEXT
) STRICT;
CREATE INDEX discounts_by_user ON discounts (user_id, template_id, created_at);
CREATE INDEX discounts_live ON discounts (is_test, expires_at) WHERE redeemed_at IS NULL AND revoked_at IS NULL;
CREATE INDEX discounts_by_day ON discounts (is_test, created_day);

-- The card a cashier was shown: the idempotency key of a redemption, bound to who saw it. as_of decides expiry.
CREATE TABLE cards (
    id            TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    staff         TEXT NOT NULL,
    discount_id   INTEGER NOT NULL REFERENCES discounts (id),
    as_of         TEXT NOT NULL CHECK (length(as_of) = 20),
    expires_ms    INTEGER NOT NULL,
    redemption_id INTEGER REFERENCES redemptions (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX cards_by_expiry ON cards (expires_ms);

-- The one truth about what happened at the counter, kept for ever.
CREATE TABLE redemptions (
    id           INTEGER PRIMARY KEY,
    discount_id  INTEGER NOT NULL REFERENCES discounts (id),
    is_single    INTEGER NOT NULL CHECK (is_single IN (0, 1)),
    is_test      INTEGER NOT NULL CHECK (is_test IN (0, 1)),
    cashier_id   INTEGER REFERENCES cashiers (id),
    actor        TEXT,
    at           TEXT NOT NULL CHECK (length(at) = 20),
    day          TEXT NOT NULL CHECK (length(day) = 10),
    hour         INTEGER NOT NULL CHECK (hour BETWEEN 0 AND 23),
    amount       INTEGER CHECK (amount >= 0),
    undone_at    TEXT CHECK (length(undone_at) = 20),
    undone_by    TEXT,
    undo_reason  TEXT,
    broadcast_id INTEGER,
    CHECK ((cashier_id IS NULL) <> (actor IS NULL))
) STRICT;
-- A single code has at most one redemption that stands: the last guard, whatever the code above it does.
CREATE UNIQUE INDEX redemptions_once ON redemptions (discount_id) WHERE is_single = 1 AND undone_at IS NULL;
-- Single codes are found through redemptions_once; every index here is paid for by each redemption.
CREATE INDEX redemptions_of_shared ON redemptions (discount_id, id) WHERE is_single = 0;
CREATE INDEX redemptions_by_day ON redemptions (is_test, day) WHERE undone_at IS NULL;

-- Every attempt at the counter, successful or not.
CREATE TABLE discount_usage_logs (
    id            INTEGER PRIMARY KEY,
    at            TEXT NOT NULL CHECK (length(at) = 20),
    said_at       TEXT NOT NULL CHECK (length(said_at) = 20),
    day           TEXT NOT NULL CHECK (length(day) = 10),
    is_test       INTEGER NOT NULL CHECK (is_test IN (0, 1)),
    status        TEXT NOT NULL CHECK (status IN ('checked', 'success', 'already_used', 'not_found', 'expired', 'revoked',
                  'cashier_not_active', 'customer_blocked', 'locked_out', 'repeated', 'undone')),
    code_typed    TEXT NOT NULL,
    discount_id   INTEGER REFERENCES discounts (id),
    user_id       INTEGER REFERENCES users (id),
    cashier_id    INTEGER REFERENCES cashiers (id),
    actor         TEXT,
    redemption_id INTEGER REFERENCES redemptions (id),
    store_id      INTEGER,
    message       TEXT CHECK (length(message) <= 512)
) STRICT;
CREATE INDEX usage_logs_by_discount ON discount_usage_logs (discount_id) WHERE discount_id IS NOT NULL;
-- Guessing is counted on this index by when the codes were typed: what waited for a daemon is no burst.
CREATE INDEX usage_logs_not_found ON discount_usage_logs (cashier_id, said_at) WHERE status = 'not_found';

-- Raw updates, committed before Telegram is told they were received. lane keeps one chat strictly serial.
-- AUTOINCREMENT: a reader that has seen row n never misses a later one because rows went and their ids came again.
CREATE TABLE updates (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    bot         TEXT NOT NULL CHECK (bot IN ('customer', 'staff', 'customer_test', 'staff_test')),
    update_id   INTEGER NOT NULL,
    lane        INTEGER NOT NULL,
    raw         TEXT NOT NULL,
    state       TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'done', 'parked')),
    attempts    INTEGER NOT NULL DEFAULT 0,
    received_ms INTEGER NOT NULL,
    done_ms     INTEGER,
    error       TEXT,
    UNIQUE (bot, update_id)
) STRICT;
CREATE INDEX updates_queued ON updates (bot, id) WHERE state = 'queued';
CREATE INDEX updates_by_received ON updates (received_ms);

CREATE TABLE intake (
    bot         TEXT NOT NULL PRIMARY KEY,
    next_offset INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What Telegram must be told, written in the transaction that decided it. 'sending' is committed before the call.
CREATE TABLE outbox (
    id            INTEGER PRIMARY KEY,
    bot           TEXT NOT NULL CHECK (bot IN ('customer', 'staff', 'customer_test', 'staff_test')),
    chat_id       INTEGER NOT NULL,
    lane          INTEGER NOT NULL CHECK (lane IN (0, 1)),
    kind          TEXT NOT NULL,
    payload       TEXT NOT NULL CHECK (json_valid(payload)),
    dedupe_key    TEXT,
    not_before_ms INTEGER NOT NULL,
    state         TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'unknown')),
    attempt       INTEGER NOT NULL DEFAULT 0,
    message_id    INTEGER,
    class         TEXT,
    error         TEXT,
    usage_log_id  INTEGER REFERENCES discount_usage_logs (id),
    created_ms    INTEGER NOT NULL,
    settled_ms    INTEGER
) STRICT;
CREATE UNIQUE INDEX outbox_once ON outbox (dedupe_key) WHERE dedupe_key IS NOT NULL;
CREATE INDEX outbox_due ON outbox (bot, lane, id) WHERE state = 'queued';
-- The oldest unsettled row of a chat and lane is its head: only heads are claimed, so each lane is read in order.
CREATE INDEX outbox_by_chat ON outbox (bot, lane, chat_id, id) WHERE state IN ('queued', 'sending');
CREATE INDEX outbox_in_flight ON outbox (id) WHERE state = 'sending';
CREATE INDEX outbox_by_usage_log ON outbox (usage_log_id) WHERE usage_log_id IS NOT NULL;
CREATE INDEX outbox_by_settled ON outbox (settled_ms) WHERE settled_ms IS NOT NULL;

-- One gate per bot: what Telegram asked for outlives a restart.
CREATE TABLE gates (
    bot                  TEXT NOT NULL PRIMARY KEY,
    closed_all_until_ms  INTEGER NOT NULL,
    closed_bulk_until_ms INTEGER NOT NULL,
    rate_x100            INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_log (
    id         INTEGER PRIMARY KEY,
    at         TEXT NOT NULL CHECK (length(at) = 20),
    actor      TEXT NOT NULL,
    action     TEXT NOT NULL,
    entity     TEXT NOT NULL,
    entity_id  TEXT,
    before     TEXT CHECK (json_valid(before)),
    after      TEXT CHECK (json_valid(after)),
    request_id TEXT
) STRICT;
CREATE INDEX audit_by_at ON audit_log (at);

INSERT INTO discount_templates (name, title, value, value_type, duration_days, event, recurrence, reminders, message_key, created_at)
VALUES ('subscription', 'Скидка за подписку', 1000, 'percent', 7, 'subscription', '{"type":"days","value":30}',
        '[{"before_expiry":2}]', 'subscription_success', strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
       ('birthday', 'Подарок на день рождения', 1500, 'percent', 7, 'birthday', '{"type":"yearly"}',
        '[{"before_expiry":2}]', 'birthday_congrats', strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
       ('manual_10', 'Скидка 10 %', 1000, 'percent', 7, 'manual', NULL,
        '[{"before_expiry":2}]', 'discount_issued', strftime('%Y-%m-%dT%H:%M:%SZ', 'now'));
