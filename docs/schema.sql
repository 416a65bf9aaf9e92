-- The schema after all migrations. Made by tests/schema_document.rs; the reasons stand in migrations/.

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    key        TEXT NOT NULL PRIMARY KEY,
    value      TEXT NOT NULL CHECK (json_valid(value)),
    updated_at TEXT NOT NULL CHECK (length(updated_at) = 20),
    updated_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE message_templates (
    key        TEXT NOT NULL PRIMARY KEY,
    body       TEXT NOT NULL,
    is_custom  INTEGER NOT NULL DEFAULT 0 CHECK (is_custom IN (0, 1)),
    updated_at TEXT NOT NULL CHECK (length(updated_at) = 20)
, previous TEXT) STRICT, WITHOUT ROWID;

CREATE TABLE admins (
    id          INTEGER PRIMARY KEY,
    telegram_id INTEGER NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    role        TEXT NOT NULL CHECK (role IN ('owner', 'marketing', 'readonly')),
    status      TEXT NOT NULL CHECK (status IN ('requested', 'active', 'suspended', 'declined')),
    created_at  TEXT NOT NULL CHECK (length(created_at) = 20)
, username TEXT, groups TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(groups)), can_broadcast_from_chat INTEGER NOT NULL DEFAULT 0 CHECK (can_broadcast_from_chat IN (0, 1)), decided_at TEXT CHECK (length(decided_at) = 20), decided_by TEXT, opened_at TEXT CHECK (length(opened_at) = 20)) STRICT;

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
    last_activity_at        TEXT NOT NULL CHECK (length(last_activity_at) = 20), birthday_saved_at TEXT CHECK (length(birthday_saved_at) = 20), birthday_md TEXT CHECK (length(birthday_md) = 5), subscription_asked_at TEXT CHECK (length(subscription_asked_at) = 20),
    UNIQUE (is_test, telegram_id)
) STRICT;

CREATE TABLE campaign_clicks (
    id          INTEGER PRIMARY KEY,
    campaign_id INTEGER NOT NULL REFERENCES campaigns (id),
    user_id     INTEGER NOT NULL REFERENCES users (id),
    at          TEXT NOT NULL CHECK (length(at) = 20),
    day         TEXT NOT NULL CHECK (length(day) = 10),
    is_new      INTEGER NOT NULL CHECK (is_new IN (0, 1))
) STRICT;

CREATE TABLE subscription_checks (
    id         INTEGER PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    checked_at TEXT NOT NULL CHECK (length(checked_at) = 20),
    result     TEXT NOT NULL CHECK (result IN ('subscribed', 'not_subscribed', 'unavailable', 'not_configured'))
) STRICT;

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
, revoked_by TEXT) STRICT;

CREATE TABLE cards (
    id            TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    staff         TEXT NOT NULL,
    discount_id   INTEGER NOT NULL REFERENCES discounts (id),
    as_of         TEXT NOT NULL CHECK (length(as_of) = 20),
    expires_ms    INTEGER NOT NULL,
    redemption_id INTEGER REFERENCES redemptions (id)
) STRICT, WITHOUT ROWID;

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
    broadcast_id INTEGER, user_id INTEGER REFERENCES users (id),
    CHECK ((cashier_id IS NULL) <> (actor IS NULL))
) STRICT;

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

CREATE TABLE intake (
    bot         TEXT NOT NULL PRIMARY KEY,
    next_offset INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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
, doubts INTEGER NOT NULL DEFAULT 0, doubted_ms INTEGER, edits INTEGER, text_key TEXT) STRICT;

CREATE TABLE gates (
    bot                  TEXT NOT NULL PRIMARY KEY,
    closed_all_until_ms  INTEGER NOT NULL,
    closed_bulk_until_ms INTEGER NOT NULL,
    rate_x100            INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE user_tags (
    user_id INTEGER NOT NULL REFERENCES users (id),
    tag     TEXT NOT NULL CHECK (length(tag) BETWEEN 1 AND 32),
    PRIMARY KEY (user_id, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE erased_people (
    hash        TEXT NOT NULL PRIMARY KEY,
    template_id INTEGER REFERENCES discount_templates (id),
    last_gift   TEXT CHECK (length(last_gift) = 20),
    erased_at   TEXT NOT NULL CHECK (length(erased_at) = 20)
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
    id         INTEGER PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    is_test    INTEGER NOT NULL CHECK (is_test IN (0, 1)),
    status     TEXT NOT NULL CHECK (status IN ('draft', 'processing', 'created', 'canceled')),
    created_at TEXT NOT NULL CHECK (length(created_at) = 20),
    updated_at TEXT NOT NULL CHECK (length(updated_at) = 20)
) STRICT;

CREATE TABLE login_tokens (
    hash       TEXT NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
    admin_id   INTEGER NOT NULL REFERENCES admins (id),
    expires_ms INTEGER NOT NULL,
    used_ms    INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE segments (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    name_norm   TEXT NOT NULL UNIQUE,
    filter      TEXT NOT NULL CHECK (json_valid(filter)),
    in_bot_menu INTEGER NOT NULL DEFAULT 0 CHECK (in_bot_menu IN (0, 1)),
    is_preset   INTEGER NOT NULL DEFAULT 0 CHECK (is_preset IN (0, 1)),
    created_at  TEXT NOT NULL CHECK (length(created_at) = 20),
    updated_at  TEXT NOT NULL CHECK (length(updated_at) = 20)
) STRICT;

CREATE TABLE job_slots (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    job     TEXT NOT NULL,
    slot    TEXT NOT NULL,
    done_ms INTEGER NOT NULL,
    UNIQUE (job, slot)
) STRICT;

CREATE TABLE birthday_gifts (
    user_id     INTEGER NOT NULL REFERENCES users (id),
    year        INTEGER NOT NULL,
    day         TEXT NOT NULL CHECK (length(day) = 10),
    discount_id INTEGER NOT NULL REFERENCES discounts (id),
    PRIMARY KEY (user_id, year)
) STRICT, WITHOUT ROWID;

CREATE TABLE discount_reminders (
    discount_id INTEGER NOT NULL REFERENCES discounts (id),
    days        INTEGER NOT NULL,
    day         TEXT NOT NULL CHECK (length(day) = 10),
    PRIMARY KEY (discount_id, days)
) STRICT, WITHOUT ROWID;

CREATE TABLE media (
    sha256     TEXT NOT NULL PRIMARY KEY CHECK (length(sha256) = 64),
    name       TEXT NOT NULL,
    bytes      INTEGER NOT NULL CHECK (bytes > 0),
    created_at TEXT NOT NULL CHECK (length(created_at) = 20)
) STRICT, WITHOUT ROWID;

CREATE TABLE media_files (
    sha256  TEXT NOT NULL REFERENCES media (sha256),
    kind    TEXT NOT NULL CHECK (kind IN ('photo', 'video', 'document')),
    bot     TEXT NOT NULL CHECK (bot IN ('customer', 'staff', 'customer_test', 'staff_test')),
    file_id TEXT NOT NULL,
    PRIMARY KEY (sha256, kind, bot)
) STRICT, WITHOUT ROWID;

CREATE TABLE broadcasts (
    id              INTEGER PRIMARY KEY,
    title           TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 128),
    body            TEXT NOT NULL,
    media_type      TEXT NOT NULL CHECK (media_type IN ('none', 'photo', 'video', 'document')),
    media_file_id   TEXT,
    media_sha256    TEXT REFERENCES media (sha256),
    buttons         TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(buttons)),
    template_id     INTEGER REFERENCES discount_templates (id),
    segment_id      INTEGER REFERENCES segments (id),
    filters         TEXT CHECK (filters IS NULL OR json_valid(filters)),
    target_user_ids TEXT CHECK (target_user_ids IS NULL OR json_valid(target_user_ids)),
    is_test         INTEGER NOT NULL CHECK (is_test IN (0, 1)),
    origin          TEXT NOT NULL CHECK (origin IN ('admin', 'chat', 'job')),
    status          TEXT NOT NULL DEFAULT 'draft'
                    CHECK (status IN ('draft', 'scheduled', 'sending', 'paused', 'sent', 'error', 'canceled')),
    pause_reason    TEXT CHECK (pause_reason IN ('admin', 'late', 'stop_rule', 'flood')),
    note            TEXT,
    send_at         TEXT CHECK (length(send_at) = 20),
    created_at      TEXT NOT NULL CHECK (length(created_at) = 20),
    created_by      TEXT NOT NULL,
    confirmed_hash  TEXT CHECK (length(confirmed_hash) = 64),
    confirmed_count INTEGER CHECK (confirmed_count >= 0),
    confirmed_by    TEXT,
    started_at      TEXT CHECK (length(started_at) = 20),
    finished_at     TEXT CHECK (length(finished_at) = 20),
    frozen          INTEGER NOT NULL DEFAULT 0 CHECK (frozen IN (0, 1)),
    entered_for     TEXT CHECK (length(entered_for) = 64),
    last_ms         INTEGER,
    queued          INTEGER NOT NULL DEFAULT 0 CHECK (queued >= 0),
    sending         INTEGER NOT NULL DEFAULT 0 CHECK (sending >= 0),
    sent            INTEGER NOT NULL DEFAULT 0 CHECK (sent >= 0),
    failed          INTEGER NOT NULL DEFAULT 0 CHECK (failed >= 0),
    unknown         INTEGER NOT NULL DEFAULT 0 CHECK (unknown >= 0),
    skipped         INTEGER NOT NULL DEFAULT 0 CHECK (skipped >= 0),
    blocked         INTEGER NOT NULL DEFAULT 0 CHECK (blocked BETWEEN 0 AND failed),
    pauses          INTEGER NOT NULL DEFAULT 0,
    pause_ms        INTEGER NOT NULL DEFAULT 0,
    pause_until_ms  INTEGER NOT NULL DEFAULT 0,
    CHECK ((status = 'paused') = (pause_reason IS NOT NULL)),
    CHECK ((media_type = 'none') = (media_file_id IS NULL AND media_sha256 IS NULL)),
    CHECK ((segment_id IS NOT NULL) + (filters IS NOT NULL) + (target_user_ids IS NOT NULL) = 1)
) STRICT;

CREATE TABLE deliveries (
    broadcast_id INTEGER NOT NULL REFERENCES broadcasts (id),
    user_id      INTEGER NOT NULL REFERENCES users (id),
    state        TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'unknown', 'skipped')),
    class        TEXT,
    attempt      INTEGER NOT NULL DEFAULT 0,
    discount_id  INTEGER REFERENCES discounts (id),
    message_id   INTEGER,
    error_code   INTEGER,
    error        TEXT,
    settled_ms   INTEGER,
    wish         TEXT CHECK (wish IN ('recall', 'correct')),
    recalled_ms  INTEGER,
    corrected_ms INTEGER, wish_doubts INTEGER NOT NULL DEFAULT 0, wish_doubted_ms INTEGER, wish_from_ms INTEGER,
    PRIMARY KEY (broadcast_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE broadcast_pace (
    bot    TEXT NOT NULL CHECK (bot IN ('customer', 'staff', 'customer_test', 'staff_test')),
    second INTEGER NOT NULL,
    calls  INTEGER NOT NULL,
    PRIMARY KEY (bot, second)
) STRICT, WITHOUT ROWID;

CREATE TABLE ended_logins (
    jti        TEXT NOT NULL PRIMARY KEY CHECK (length(jti) BETWEEN 16 AND 64),
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE service_tokens (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 48),
    hash       TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
    scopes     TEXT NOT NULL CHECK (json_valid(scopes)),
    created_at TEXT NOT NULL CHECK (length(created_at) = 20),
    created_by TEXT NOT NULL,
    expires_at TEXT CHECK (length(expires_at) = 20),
    revoked_at TEXT CHECK (length(revoked_at) = 20)
) STRICT;

CREATE TABLE idempotency_keys (
    actor      TEXT NOT NULL,
    route      TEXT NOT NULL,
    key        TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 128),
    body       TEXT NOT NULL CHECK (length(body) = 64),
    status     INTEGER NOT NULL CHECK (status BETWEEN 200 AND 499),
    answer     TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (actor, route, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE exports (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE CHECK (length(id) = 22),
    actor      TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('users', 'discounts', 'usage')),
    is_test    INTEGER NOT NULL CHECK (is_test IN (0, 1)),
    is_excel   INTEGER NOT NULL CHECK (is_excel IN (0, 1)),
    plan       TEXT NOT NULL CHECK (json_valid(plan)),
    people     BLOB,
    said       TEXT NOT NULL CHECK (json_valid(said)),
    chat_id    INTEGER,
    state      TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed')),
    round      INTEGER NOT NULL DEFAULT 1,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE broadcast_sweeps (
    id           INTEGER PRIMARY KEY,
    broadcast_id INTEGER NOT NULL REFERENCES broadcasts (id),
    kind         TEXT NOT NULL CHECK (kind IN ('retry_failed', 'resend_unknown', 'recall', 'correct')),
    classes      TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(classes)),
    after        INTEGER NOT NULL,
    admin_id     INTEGER NOT NULL REFERENCES admins (id),
    UNIQUE (broadcast_id, kind)
) STRICT;

CREATE VIRTUAL TABLE user_search USING fts5 (name_norm, phone, content = 'users', content_rowid = 'id', tokenize = 'trigram case_sensitive 1');

CREATE TABLE outages (
    bot      TEXT NOT NULL PRIMARY KEY,
    since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE told (
    what   TEXT NOT NULL,
    bot    TEXT NOT NULL,
    about  TEXT NOT NULL,
    reason TEXT NOT NULL,
    at_ms  INTEGER NOT NULL,
    untold INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (what, bot, about)
) STRICT, WITHOUT ROWID;

CREATE TABLE gate_methods (
    bot             TEXT NOT NULL CHECK (bot IN ('customer', 'staff', 'customer_test', 'staff_test')),
    method          TEXT NOT NULL,
    closed_until_ms INTEGER NOT NULL,
    PRIMARY KEY (bot, method)
) STRICT, WITHOUT ROWID;

CREATE TABLE poll_conflicts (
    bot    TEXT NOT NULL CHECK (bot IN ('customer', 'staff', 'customer_test', 'staff_test')),
    minute INTEGER NOT NULL,
    times  INTEGER NOT NULL CHECK (times > 0),
    PRIMARY KEY (bot, minute)
) STRICT, WITHOUT ROWID;

CREATE TABLE "discount_templates" (
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

CREATE TABLE "audit_log" (
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

CREATE TABLE "audit_personal" (
    audit_id INTEGER NOT NULL PRIMARY KEY REFERENCES audit_log (id),
    user_id  INTEGER NOT NULL REFERENCES users (id),
    before   TEXT CHECK (before IS NULL OR json_valid(before)),
    after    TEXT CHECK (after IS NULL OR json_valid(after))
) STRICT;

CREATE TABLE "conversation_states" (
    bot         TEXT NOT NULL CHECK (bot IN ('customer', 'staff', 'customer_test', 'staff_test')),
    telegram_id INTEGER NOT NULL,
    state       TEXT NOT NULL,
    payload     TEXT CHECK (payload IS NULL OR json_valid(payload)),
    expires_ms  INTEGER NOT NULL,
    PRIMARY KEY (bot, telegram_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE "jobs" (
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

CREATE TABLE invitation_misses (
    telegram_id INTEGER NOT NULL,
    at_ms       INTEGER NOT NULL
) STRICT;

CREATE TABLE "invitations" (
    token_hash      TEXT NOT NULL PRIMARY KEY CHECK (length(token_hash) = 64),
    role            TEXT NOT NULL CHECK (role IN ('owner', 'marketing', 'readonly', 'cashier')),
    name            TEXT,
    created_at      TEXT NOT NULL CHECK (length(created_at) = 20),
    created_by      TEXT NOT NULL,
    expires_at      TEXT NOT NULL CHECK (length(expires_at) = 20),
    used_at         TEXT CHECK (length(used_at) = 20),
    used_by         INTEGER REFERENCES admins (id),
    used_by_cashier INTEGER REFERENCES cashiers (id),
    CHECK ((used_at IS NULL) = (used_by IS NULL AND used_by_cashier IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE row_counts (
    what    TEXT NOT NULL CHECK (what IN
            ('users', 'codes_open', 'codes_redeemed', 'codes_revoked', 'attempts', 'audit')),
    is_test INTEGER NOT NULL CHECK (is_test IN (0, 1)),
    rows    INTEGER NOT NULL,
    PRIMARY KEY (what, is_test)
) STRICT, WITHOUT ROWID;

CREATE TABLE day_counts (
    what    TEXT NOT NULL CHECK (what IN ('registered', 'subscribed', 'blocked', 'clicks', 'issued', 'issued_campaign',
            'redeemed', 'redeemed_hour', 'redeemed_campaign')),
    is_test INTEGER NOT NULL CHECK (is_test IN (0, 1)),
    key     INTEGER NOT NULL,
    day     TEXT NOT NULL CHECK (length(day) = 10),
    rows    INTEGER NOT NULL,
    PRIMARY KEY (what, is_test, key, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX users_by_created ON users (is_test, created_at);

CREATE INDEX users_subscribed ON users (is_test) WHERE is_subscribed = 1;

CREATE INDEX users_by_username ON users (username COLLATE NOCASE) WHERE username IS NOT NULL;

CREATE INDEX users_by_phone ON users (phone) WHERE phone IS NOT NULL;

CREATE INDEX users_by_campaign ON users (campaign_id) WHERE campaign_id IS NOT NULL;

CREATE INDEX users_bot_blocked ON users (is_test) WHERE bot_blocked_at IS NOT NULL;

CREATE INDEX campaign_clicks_by_campaign ON campaign_clicks (campaign_id, user_id);

CREATE INDEX subscription_checks_by_user ON subscription_checks (user_id, id);

CREATE INDEX discounts_by_user ON discounts (user_id, template_id, created_at);

CREATE INDEX discounts_by_day ON discounts (is_test, created_day);

CREATE INDEX cards_by_expiry ON cards (expires_ms);

CREATE UNIQUE INDEX redemptions_once ON redemptions (discount_id) WHERE is_single = 1 AND undone_at IS NULL;

CREATE INDEX redemptions_of_shared ON redemptions (discount_id, id) WHERE is_single = 0;

CREATE INDEX usage_logs_by_discount ON discount_usage_logs (discount_id) WHERE discount_id IS NOT NULL;

CREATE INDEX usage_logs_not_found ON discount_usage_logs (cashier_id, said_at) WHERE status = 'not_found';

CREATE INDEX updates_queued ON updates (bot, id) WHERE state = 'queued';

CREATE INDEX updates_by_received ON updates (received_ms);

CREATE UNIQUE INDEX outbox_once ON outbox (dedupe_key) WHERE dedupe_key IS NOT NULL;

CREATE INDEX outbox_due ON outbox (bot, lane, id) WHERE state = 'queued';

CREATE INDEX outbox_by_chat ON outbox (bot, lane, chat_id, id) WHERE state IN ('queued', 'sending');

CREATE INDEX outbox_in_flight ON outbox (id) WHERE state = 'sending';

CREATE INDEX outbox_by_usage_log ON outbox (usage_log_id) WHERE usage_log_id IS NOT NULL;

CREATE INDEX outbox_by_settled ON outbox (settled_ms) WHERE settled_ms IS NOT NULL;

CREATE INDEX users_by_birthday ON users (is_test, birthday_md) WHERE birthday_md IS NOT NULL;

CREATE INDEX users_by_activity ON users (is_test, last_activity_at);

CREATE INDEX user_tags_by_tag ON user_tags (tag, user_id);

CREATE INDEX orders_by_user ON orders (user_id);

CREATE INDEX redemptions_by_cashier ON redemptions (cashier_id, day) WHERE undone_at IS NULL;

CREATE INDEX discounts_by_source ON discounts (source_kind, source_id) WHERE source_id IS NOT NULL;

CREATE INDEX users_for_segments
    ON users (is_test, status, is_subscribed, birthday, gender, source_normalized, telegram_id);

CREATE INDEX users_muted ON users (is_test) WHERE muted_at IS NOT NULL;

CREATE INDEX redemptions_by_day ON redemptions (is_test, day, user_id) WHERE undone_at IS NULL;

CREATE INDEX discount_reminders_by_day ON discount_reminders (day);

CREATE INDEX subscription_checks_by_at ON subscription_checks (checked_at);

CREATE INDEX broadcasts_by_last ON broadcasts (is_test, last_ms) WHERE last_ms IS NOT NULL;

CREATE INDEX broadcasts_by_status ON broadcasts (is_test, status);

CREATE INDEX broadcasts_by_segment ON broadcasts (segment_id) WHERE segment_id IS NOT NULL;

CREATE INDEX deliveries_queued ON deliveries (broadcast_id, user_id) WHERE state = 'queued';

CREATE INDEX deliveries_in_flight ON deliveries (broadcast_id, user_id) WHERE state = 'sending';

CREATE INDEX deliveries_failed ON deliveries (broadcast_id, user_id) WHERE state = 'failed';

CREATE INDEX deliveries_unknown ON deliveries (broadcast_id, user_id) WHERE state = 'unknown';

CREATE INDEX deliveries_wished ON deliveries (broadcast_id, user_id) WHERE wish IS NOT NULL;

CREATE INDEX redemptions_by_broadcast ON redemptions (broadcast_id, day) WHERE broadcast_id IS NOT NULL AND undone_at IS NULL;

CREATE INDEX discounts_live ON discounts (is_test, expires_at, user_id, created_day)
    WHERE redeemed_at IS NULL AND revoked_at IS NULL;

CREATE INDEX ended_logins_by_expiry ON ended_logins (expires_ms);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_ms);

CREATE INDEX exports_waiting ON exports (seq) WHERE state = 'waiting';

CREATE INDEX exports_by_age ON exports (created_ms);

CREATE INDEX users_by_name ON users (is_test, name_norm);

CREATE INDEX users_by_source
    ON users (is_test, source_normalized, status, is_subscribed, birthday, gender, telegram_id);

CREATE INDEX outbox_edits ON outbox (bot, chat_id, edits, id) WHERE edits IS NOT NULL;

CREATE INDEX outbox_undelivered ON outbox (settled_ms) WHERE state IN ('failed', 'unknown');

CREATE INDEX users_by_ask ON users (is_test, subscription_asked_at) WHERE is_subscribed = 1;

CREATE INDEX audit_by_at ON audit_log (at);

CREATE INDEX audit_by_entity ON audit_log (entity, entity_id);

CREATE INDEX audit_personal_by_user ON audit_personal (user_id);

CREATE INDEX invitation_misses_by_person ON invitation_misses (telegram_id, at_ms);

CREATE INDEX discounts_of_user ON discounts (user_id);

CREATE INDEX discounts_revoked ON discounts (is_test) WHERE revoked_at IS NOT NULL;

CREATE INDEX redemptions_undone ON redemptions (discount_id) WHERE undone_at IS NOT NULL;

CREATE INDEX outbox_of_chat ON outbox (chat_id);

CREATE INDEX updates_parked ON updates (bot, id) WHERE state = 'parked';

CREATE INDEX discounts_live_of_user ON discounts (user_id, template_id, expires_at)
    WHERE redeemed_at IS NULL AND revoked_at IS NULL;

CREATE TRIGGER usage_logs_not_notified AFTER UPDATE OF state ON outbox
WHEN new.usage_log_id IS NOT NULL AND new.state NOT IN ('queued', 'sending', 'sent', 'unknown') BEGIN
    UPDATE discount_usage_logs SET message = 'user_not_notified' WHERE id = new.usage_log_id AND message IS NULL;
END;

CREATE TRIGGER usage_logs_notified AFTER UPDATE OF state ON outbox
WHEN new.usage_log_id IS NOT NULL AND new.state = 'sent' BEGIN
    UPDATE discount_usage_logs SET message = NULL WHERE id = new.usage_log_id AND message = 'user_not_notified';
END;

CREATE TRIGGER users_count_insert AFTER INSERT ON users WHEN new.telegram_id > 0 BEGIN
    UPDATE row_counts SET rows = rows + 1 WHERE what = 'users' AND is_test = new.is_test;
END;

CREATE TRIGGER users_count_delete AFTER DELETE ON users WHEN old.telegram_id > 0 BEGIN
    UPDATE row_counts SET rows = rows - 1 WHERE what = 'users' AND is_test = old.is_test;
END;

CREATE TRIGGER users_count_update AFTER UPDATE OF telegram_id, is_test ON users
WHEN (old.telegram_id > 0) <> (new.telegram_id > 0) OR old.is_test <> new.is_test BEGIN
    UPDATE row_counts SET rows = rows - (old.telegram_id > 0) WHERE what = 'users' AND is_test = old.is_test;
    UPDATE row_counts SET rows = rows + (new.telegram_id > 0) WHERE what = 'users' AND is_test = new.is_test;
END;

CREATE TRIGGER discounts_count_insert AFTER INSERT ON discounts BEGIN
    UPDATE row_counts SET rows = rows + 1 WHERE is_test = new.is_test AND what =
        iif(new.revoked_at IS NOT NULL, 'codes_revoked', iif(new.redeemed_at IS NOT NULL, 'codes_redeemed', 'codes_open'));
END;

CREATE TRIGGER discounts_count_delete AFTER DELETE ON discounts BEGIN
    UPDATE row_counts SET rows = rows - 1 WHERE is_test = old.is_test AND what =
        iif(old.revoked_at IS NOT NULL, 'codes_revoked', iif(old.redeemed_at IS NOT NULL, 'codes_redeemed', 'codes_open'));
END;

CREATE TRIGGER discounts_count_update AFTER UPDATE OF redeemed_at, revoked_at, is_test ON discounts
WHEN (old.revoked_at IS NULL) <> (new.revoked_at IS NULL) OR (old.redeemed_at IS NULL) <> (new.redeemed_at IS NULL)
    OR old.is_test <> new.is_test BEGIN
    UPDATE row_counts SET rows = rows - 1 WHERE is_test = old.is_test AND what =
        iif(old.revoked_at IS NOT NULL, 'codes_revoked', iif(old.redeemed_at IS NOT NULL, 'codes_redeemed', 'codes_open'));
    UPDATE row_counts SET rows = rows + 1 WHERE is_test = new.is_test AND what =
        iif(new.revoked_at IS NOT NULL, 'codes_revoked', iif(new.redeemed_at IS NOT NULL, 'codes_redeemed', 'codes_open'));
END;

CREATE TRIGGER usage_logs_count_insert AFTER INSERT ON discount_usage_logs BEGIN
    UPDATE row_counts SET rows = rows + 1 WHERE what = 'attempts' AND is_test = new.is_test;
END;

CREATE TRIGGER usage_logs_count_delete AFTER DELETE ON discount_usage_logs BEGIN
    UPDATE row_counts SET rows = rows - 1 WHERE what = 'attempts' AND is_test = old.is_test;
END;

CREATE TRIGGER audit_count_insert AFTER INSERT ON audit_log BEGIN
    UPDATE row_counts SET rows = rows + 1 WHERE what = 'audit' AND is_test = 0;
END;

CREATE TRIGGER audit_count_delete AFTER DELETE ON audit_log BEGIN
    UPDATE row_counts SET rows = rows - 1 WHERE what = 'audit' AND is_test = 0;
END;

CREATE TRIGGER users_search_insert AFTER INSERT ON users
WHEN NOT EXISTS (SELECT 1 FROM meta WHERE key = 'search_aside') BEGIN
    INSERT INTO user_search (rowid, name_norm, phone) VALUES (new.id, new.name_norm, new.phone);
END;

CREATE TRIGGER users_search_update AFTER UPDATE OF name_norm, phone ON users
WHEN old.name_norm IS NOT new.name_norm OR old.phone IS NOT new.phone BEGIN
    SELECT RAISE(ABORT, 'the search index is incomplete') FROM meta WHERE key = 'search_aside';
    INSERT INTO user_search (user_search, rowid, name_norm, phone) VALUES ('delete', old.id, old.name_norm, old.phone);
    INSERT INTO user_search (rowid, name_norm, phone) VALUES (new.id, new.name_norm, new.phone);
END;

CREATE TRIGGER users_search_delete AFTER DELETE ON users BEGIN
    SELECT RAISE(ABORT, 'the search index is incomplete') FROM meta WHERE key = 'search_aside';
    INSERT INTO user_search (user_search, rowid, name_norm, phone) VALUES ('delete', old.id, old.name_norm, old.phone);
END;

CREATE TRIGGER users_day_insert AFTER INSERT ON users BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        VALUES ('registered', new.is_test, coalesce(new.campaign_id, 0), new.created_day, 1)
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'subscribed', new.is_test, 0, new.created_day, 1 WHERE new.is_subscribed = 1
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'blocked', new.is_test, 0, new.created_day, 1 WHERE new.bot_blocked_at IS NOT NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;

CREATE TRIGGER users_day_delete AFTER DELETE ON users BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        VALUES ('registered', old.is_test, coalesce(old.campaign_id, 0), old.created_day, -1)
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'subscribed', old.is_test, 0, old.created_day, -1 WHERE old.is_subscribed = 1
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'blocked', old.is_test, 0, old.created_day, -1 WHERE old.bot_blocked_at IS NOT NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued_campaign', is_test, old.campaign_id, created_day, -count(*) FROM discounts
            WHERE user_id = old.id AND old.campaign_id IS NOT NULL
                AND created_day < (SELECT value FROM meta WHERE key = 'figures.open_from') GROUP BY is_test, created_day
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_campaign', r.is_test, old.campaign_id, r.day, -count(*)
            FROM discounts d JOIN redemptions r ON r.discount_id = d.id AND r.undone_at IS NULL AND r.is_single IN (0, 1)
            WHERE d.user_id = old.id AND old.campaign_id IS NOT NULL
                AND r.day < (SELECT value FROM meta WHERE key = 'figures.open_from') GROUP BY r.is_test, r.day
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'clicks', old.is_test, campaign_id, day, -count(*) FROM campaign_clicks
            WHERE campaign_id IN (SELECT id FROM campaigns) AND user_id = old.id GROUP BY campaign_id, day
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;

CREATE TRIGGER users_day_update AFTER UPDATE OF is_subscribed, bot_blocked_at, campaign_id, created_day, is_test ON users
WHEN old.is_subscribed <> new.is_subscribed OR (old.bot_blocked_at IS NULL) <> (new.bot_blocked_at IS NULL)
    OR old.campaign_id IS NOT new.campaign_id OR old.created_day <> new.created_day OR old.is_test <> new.is_test BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        VALUES ('registered', old.is_test, coalesce(old.campaign_id, 0), old.created_day, -1)
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'subscribed', old.is_test, 0, old.created_day, -1 WHERE old.is_subscribed = 1
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'blocked', old.is_test, 0, old.created_day, -1 WHERE old.bot_blocked_at IS NOT NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        VALUES ('registered', new.is_test, coalesce(new.campaign_id, 0), new.created_day, 1)
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'subscribed', new.is_test, 0, new.created_day, 1 WHERE new.is_subscribed = 1
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'blocked', new.is_test, 0, new.created_day, 1 WHERE new.bot_blocked_at IS NOT NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;

CREATE TRIGGER users_day_campaign AFTER UPDATE OF campaign_id ON users
WHEN old.campaign_id IS NOT new.campaign_id BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued_campaign', is_test, old.campaign_id, created_day, -count(*) FROM discounts
            WHERE user_id = old.id AND old.campaign_id IS NOT NULL
                AND created_day < (SELECT value FROM meta WHERE key = 'figures.open_from') GROUP BY is_test, created_day
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_campaign', r.is_test, old.campaign_id, r.day, -count(*)
            FROM discounts d JOIN redemptions r ON r.discount_id = d.id AND r.undone_at IS NULL AND r.is_single IN (0, 1)
            WHERE d.user_id = old.id AND old.campaign_id IS NOT NULL
                AND r.day < (SELECT value FROM meta WHERE key = 'figures.open_from') GROUP BY r.is_test, r.day
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued_campaign', is_test, new.campaign_id, created_day, count(*) FROM discounts
            WHERE user_id = new.id AND new.campaign_id IS NOT NULL
                AND created_day < (SELECT value FROM meta WHERE key = 'figures.open_from') GROUP BY is_test, created_day
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_campaign', r.is_test, new.campaign_id, r.day, count(*)
            FROM discounts d JOIN redemptions r ON r.discount_id = d.id AND r.undone_at IS NULL AND r.is_single IN (0, 1)
            WHERE d.user_id = new.id AND new.campaign_id IS NOT NULL
                AND r.day < (SELECT value FROM meta WHERE key = 'figures.open_from') GROUP BY r.is_test, r.day
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;

CREATE TRIGGER clicks_day_insert AFTER INSERT ON campaign_clicks BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'clicks', is_test, new.campaign_id, new.day, 1 FROM users WHERE id = new.user_id
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;

CREATE TRIGGER clicks_day_delete AFTER DELETE ON campaign_clicks BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'clicks', is_test, old.campaign_id, old.day, -1 FROM users WHERE id = old.user_id
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;

CREATE TRIGGER clicks_day_realm AFTER UPDATE OF is_test ON users
WHEN old.is_test <> new.is_test BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'clicks', old.is_test, campaign_id, day, -count(*) FROM campaign_clicks
            WHERE campaign_id IN (SELECT id FROM campaigns) AND user_id = old.id GROUP BY campaign_id, day
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'clicks', new.is_test, campaign_id, day, count(*) FROM campaign_clicks
            WHERE campaign_id IN (SELECT id FROM campaigns) AND user_id = new.id GROUP BY campaign_id, day
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;

CREATE TRIGGER discounts_day_insert AFTER INSERT ON discounts
WHEN new.created_day < (SELECT value FROM meta WHERE key = 'figures.open_from') BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued', new.is_test, new.template_id, new.created_day, 1 WHERE true
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued_campaign', new.is_test, campaign_id, new.created_day, 1 FROM users
            WHERE id = new.user_id AND campaign_id IS NOT NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;

CREATE TRIGGER discounts_day_delete AFTER DELETE ON discounts
WHEN old.created_day < (SELECT value FROM meta WHERE key = 'figures.open_from') BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued', old.is_test, old.template_id, old.created_day, -1 WHERE true
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued_campaign', old.is_test, campaign_id, old.created_day, -1 FROM users
            WHERE id = old.user_id AND campaign_id IS NOT NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;

CREATE TRIGGER discounts_day_update AFTER UPDATE OF is_test, created_day ON discounts
WHEN old.is_test <> new.is_test OR old.created_day <> new.created_day BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued', old.is_test, old.template_id, old.created_day, -1 WHERE true
                AND old.created_day < (SELECT value FROM meta WHERE key = 'figures.open_from')
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued_campaign', old.is_test, campaign_id, old.created_day, -1 FROM users
            WHERE id = old.user_id AND campaign_id IS NOT NULL
                AND old.created_day < (SELECT value FROM meta WHERE key = 'figures.open_from')
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued', new.is_test, new.template_id, new.created_day, 1 WHERE true
                AND new.created_day < (SELECT value FROM meta WHERE key = 'figures.open_from')
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued_campaign', new.is_test, campaign_id, new.created_day, 1 FROM users
            WHERE id = new.user_id AND campaign_id IS NOT NULL
                AND new.created_day < (SELECT value FROM meta WHERE key = 'figures.open_from')
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;

CREATE TRIGGER redemptions_day_insert AFTER INSERT ON redemptions
WHEN new.day < (SELECT value FROM meta WHERE key = 'figures.open_from') BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_hour', new.is_test, new.hour, new.day, 1 WHERE new.undone_at IS NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed', new.is_test, template_id, new.day, 1 FROM discounts
            WHERE id = new.discount_id AND new.undone_at IS NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_campaign', new.is_test, u.campaign_id, new.day, 1
            FROM discounts d JOIN users u ON u.id = d.user_id WHERE d.id = new.discount_id AND u.campaign_id IS NOT NULL
                AND new.undone_at IS NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;

CREATE TRIGGER redemptions_day_delete AFTER DELETE ON redemptions
WHEN old.day < (SELECT value FROM meta WHERE key = 'figures.open_from') BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_hour', old.is_test, old.hour, old.day, -1 WHERE old.undone_at IS NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed', old.is_test, template_id, old.day, -1 FROM discounts
            WHERE id = old.discount_id AND old.undone_at IS NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_campaign', old.is_test, u.campaign_id, old.day, -1
            FROM discounts d JOIN users u ON u.id = d.user_id WHERE d.id = old.discount_id AND u.campaign_id IS NOT NULL
                AND old.undone_at IS NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;

CREATE TRIGGER redemptions_day_update AFTER UPDATE OF undone_at, day, hour, is_test ON redemptions
WHEN (old.undone_at IS NULL) <> (new.undone_at IS NULL) OR old.day <> new.day OR old.hour <> new.hour
    OR old.is_test <> new.is_test BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_hour', old.is_test, old.hour, old.day, -1 WHERE old.undone_at IS NULL
                AND old.day < (SELECT value FROM meta WHERE key = 'figures.open_from')
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed', old.is_test, template_id, old.day, -1 FROM discounts
            WHERE id = old.discount_id AND old.undone_at IS NULL
                AND old.day < (SELECT value FROM meta WHERE key = 'figures.open_from')
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_campaign', old.is_test, u.campaign_id, old.day, -1
            FROM discounts d JOIN users u ON u.id = d.user_id WHERE d.id = old.discount_id AND u.campaign_id IS NOT NULL
                AND old.undone_at IS NULL
                AND old.day < (SELECT value FROM meta WHERE key = 'figures.open_from')
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_hour', new.is_test, new.hour, new.day, 1 WHERE new.undone_at IS NULL
                AND new.day < (SELECT value FROM meta WHERE key = 'figures.open_from')
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed', new.is_test, template_id, new.day, 1 FROM discounts
            WHERE id = new.discount_id AND new.undone_at IS NULL
                AND new.day < (SELECT value FROM meta WHERE key = 'figures.open_from')
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_campaign', new.is_test, u.campaign_id, new.day, 1
            FROM discounts d JOIN users u ON u.id = d.user_id WHERE d.id = new.discount_id AND u.campaign_id IS NOT NULL
                AND new.undone_at IS NULL
                AND new.day < (SELECT value FROM meta WHERE key = 'figures.open_from')
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;

CREATE VIEW day_figures AS
    SELECT what, is_test, key, day, rows FROM day_counts
    UNION ALL SELECT 'issued', is_test, template_id, created_day, 1 FROM discounts
        WHERE created_day >= (SELECT value FROM meta WHERE key = 'figures.open_from')
    UNION ALL SELECT 'issued_campaign', d.is_test, u.campaign_id, d.created_day, 1
        FROM discounts d CROSS JOIN users u ON u.id = d.user_id
        WHERE d.created_day >= (SELECT value FROM meta WHERE key = 'figures.open_from') AND u.campaign_id IS NOT NULL
    UNION ALL SELECT 'redeemed', r.is_test, d.template_id, r.day, 1
        FROM redemptions r CROSS JOIN discounts d ON d.id = r.discount_id
        WHERE r.day >= (SELECT value FROM meta WHERE key = 'figures.open_from') AND r.undone_at IS NULL
    UNION ALL SELECT 'redeemed_hour', is_test, hour, day, 1 FROM redemptions
        WHERE day >= (SELECT value FROM meta WHERE key = 'figures.open_from') AND undone_at IS NULL
    UNION ALL SELECT 'redeemed_campaign', r.is_test, u.campaign_id, r.day, 1
        FROM redemptions r CROSS JOIN discounts d ON d.id = r.discount_id CROSS JOIN users u ON u.id = d.user_id
        WHERE r.day >= (SELECT value FROM meta WHERE key = 'figures.open_from') AND r.undone_at IS NULL
            AND u.campaign_id IS NOT NULL;
