-- A method that neither sends nor edits a message, closed by a 429 of its own, by its Bot API name. One row per bot and method.
CREATE TABLE gate_methods (
    bot             TEXT NOT NULL CHECK (bot IN ('customer', 'staff', 'customer_test', 'staff_test')),
    method          TEXT NOT NULL,
    closed_until_ms INTEGER NOT NULL,
    PRIMARY KEY (bot, method)
) STRICT, WITHOUT ROWID;

-- How often getUpdates was answered 409 in each minute since the epoch: another program uses the bot's token.
CREATE TABLE poll_conflicts (
    bot    TEXT NOT NULL CHECK (bot IN ('customer', 'staff', 'customer_test', 'staff_test')),
    minute INTEGER NOT NULL,
    times  INTEGER NOT NULL CHECK (times > 0),
    PRIMARY KEY (bot, minute)
) STRICT, WITHOUT ROWID;

-- When Telegram was last asked about a subscriber, whatever it answered: a person it never answers about goes to the end
-- of the nightly queue like everybody else.
ALTER TABLE users ADD COLUMN subscription_asked_at TEXT CHECK (length(subscription_asked_at) = 20);
UPDATE users SET subscription_asked_at = subscription_checked_at WHERE subscription_checked_at IS NOT NULL;
DROP INDEX users_by_check;
CREATE INDEX users_by_ask ON users (is_test, subscription_asked_at) WHERE is_subscribed = 1;
