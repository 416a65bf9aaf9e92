-- Messages of which nobody knows whether Telegram took them are tried again with growing pauses (src/retry.rs).
-- doubts = tries of which nobody knows what they did; doubted_ms = when the first of them ended, moved on by the time
-- during which Telegram answered no probe, so that only the rest counts against the limits.
ALTER TABLE outbox ADD COLUMN doubts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN doubted_ms INTEGER;
-- The message an edit changes: a newer edit replaces an older one that waits.
ALTER TABLE outbox ADD COLUMN edits INTEGER;
-- Which of the shop's texts the words are, for whoever has to mend a text that Telegram refuses.
ALTER TABLE outbox ADD COLUMN text_key TEXT;
UPDATE outbox SET edits = json_extract(payload, '$.message_id') WHERE kind = 'edit' AND state IN ('queued', 'sending');
CREATE INDEX outbox_edits ON outbox (bot, chat_id, edits, id) WHERE edits IS NOT NULL;
-- What was given up or refused and still has its words: it can be sent again.
CREATE INDEX outbox_undelivered ON outbox (settled_ms) WHERE state IN ('failed', 'unknown');

-- Since when a bot's probes have not been answered; no row while Telegram answers.
CREATE TABLE outages (
    bot      TEXT NOT NULL PRIMARY KEY,
    since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- When admins were last told of something (what = the notice's text, about = the key of the text it is about), and how
-- often it has happened since: they are told once an hour.
CREATE TABLE told (
    what   TEXT NOT NULL,
    bot    TEXT NOT NULL,
    about  TEXT NOT NULL,
    reason TEXT NOT NULL,
    at_ms  INTEGER NOT NULL,
    untold INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (what, bot, about)
) STRICT, WITHOUT ROWID;

-- The same for what is wished of delivered messages of broadcasts; wish_from_ms = not before this.
ALTER TABLE deliveries ADD COLUMN wish_doubts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN wish_doubted_ms INTEGER;
ALTER TABLE deliveries ADD COLUMN wish_from_ms INTEGER;
