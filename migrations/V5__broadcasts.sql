-- The shop's voice: what is said, to whom, and what became of every single message.

-- A local file, copied to `media/<sha256>` beside the database; the sender uploads it once for each bot.
CREATE TABLE media (
    sha256     TEXT NOT NULL PRIMARY KEY CHECK (length(sha256) = 64),
    name       TEXT NOT NULL,
    bytes      INTEGER NOT NULL CHECK (bytes > 0),
    created_at TEXT NOT NULL CHECK (length(created_at) = 20)
) STRICT, WITHOUT ROWID;

-- Telegram's own name of an uploaded file; it works for one bot and one kind of message.
CREATE TABLE media_files (
    sha256  TEXT NOT NULL REFERENCES media (sha256),
    kind    TEXT NOT NULL CHECK (kind IN ('photo', 'video', 'document')),
    bot     TEXT NOT NULL CHECK (bot IN ('customer', 'staff', 'customer_test', 'staff_test')),
    file_id TEXT NOT NULL,
    PRIMARY KEY (sha256, kind, bot)
) STRICT, WITHOUT ROWID;

-- Counters repeat the ledger and change in the transaction that changes it: their sum is the audience, always.
-- blocked = those of failed who blocked the bot or left Telegram; pauses = what Telegram asked for on the way.
-- frozen: 0 = the audience is not (wholly) in the ledger yet; entered_for = the confirmation it is entered under. note says why a broadcast is held or has failed.
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
-- Every redemption asks which broadcasts of the last days may have brought it: without a look into the wide rows.
CREATE INDEX broadcasts_by_last ON broadcasts (is_test, last_ms) WHERE last_ms IS NOT NULL;
CREATE INDEX broadcasts_by_status ON broadcasts (is_test, status);
CREATE INDEX broadcasts_by_segment ON broadcasts (segment_id) WHERE segment_id IS NOT NULL;

-- One row per recipient. 'sending' is committed before the call. class = Telegram's class of a failure, or why a row was
-- skipped. wish = what an admin wants done to a delivered message: both are harmless when done twice, so they need no
-- state of their own.
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
    corrected_ms INTEGER,
    PRIMARY KEY (broadcast_id, user_id)
) STRICT, WITHOUT ROWID;
-- What waits, what is under way, what went wrong: each found without reading a settled million. The planner would take the
-- primary key of a table without row ids instead, so statements name their index.
CREATE INDEX deliveries_queued ON deliveries (broadcast_id, user_id) WHERE state = 'queued';
CREATE INDEX deliveries_in_flight ON deliveries (broadcast_id, user_id) WHERE state = 'sending';
CREATE INDEX deliveries_failed ON deliveries (broadcast_id, user_id) WHERE state = 'failed';
CREATE INDEX deliveries_unknown ON deliveries (broadcast_id, user_id) WHERE state = 'unknown';
CREATE INDEX deliveries_wished ON deliveries (broadcast_id, user_id) WHERE wish IS NOT NULL;

-- Calls of the broadcast lane per second, for the limits per minute and hour: they hold over restarts and processes.
CREATE TABLE broadcast_pace (
    bot    TEXT NOT NULL CHECK (bot IN ('customer', 'staff', 'customer_test', 'staff_test')),
    second INTEGER NOT NULL,
    calls  INTEGER NOT NULL,
    PRIMARY KEY (bot, second)
) STRICT, WITHOUT ROWID;

CREATE INDEX redemptions_by_broadcast ON redemptions (broadcast_id, day) WHERE broadcast_id IS NOT NULL AND undone_at IS NULL;
