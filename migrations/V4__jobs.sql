-- What the shop does by itself, and the marks by which it is done once however many clocks and processes ask for it.

-- One row per job. since_ms: when this database first met the job; a daily backup missed before that is not missed.
-- A lease keeps two processes from doing the same work at once; that nothing is done twice is held by the rows below.
CREATE TABLE jobs (
    name       TEXT NOT NULL PRIMARY KEY,
    since_ms   INTEGER NOT NULL,
    slot       TEXT,
    started_ms INTEGER,
    ended_ms   INTEGER,
    result     TEXT CHECK (result IN ('done', 'partly', 'nothing', 'failed')),
    count      INTEGER NOT NULL DEFAULT 0,
    facts      TEXT CHECK (json_valid(facts)),
    error      TEXT,
    failures   INTEGER NOT NULL DEFAULT 0,
    retry_ms   INTEGER,
    lease      TEXT,
    leased_ms  INTEGER
) STRICT, WITHOUT ROWID;

-- «Done for this date»: slot is the shop's day, the Monday of a week, or the hour in UTC. AUTOINCREMENT: the order in
-- which slots were done tells a clock that had jumped ahead from a calendar that has come so far.
CREATE TABLE job_slots (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    job     TEXT NOT NULL,
    slot    TEXT NOT NULL,
    done_ms INTEGER NOT NULL,
    UNIQUE (job, slot)
) STRICT;

-- A birthday is celebrated once a calendar year. day is the day that was celebrated, not the day the code was issued.
CREATE TABLE birthday_gifts (
    user_id     INTEGER NOT NULL REFERENCES users (id),
    year        INTEGER NOT NULL,
    day         TEXT NOT NULL CHECK (length(day) = 10),
    discount_id INTEGER NOT NULL REFERENCES discounts (id),
    PRIMARY KEY (user_id, year)
) STRICT, WITHOUT ROWID;

-- Each reminder of a code once: days is n after the issue, or -n before the end; day is when it was sent.
CREATE TABLE discount_reminders (
    discount_id INTEGER NOT NULL REFERENCES discounts (id),
    days        INTEGER NOT NULL,
    day         TEXT NOT NULL CHECK (length(day) = 10),
    PRIMARY KEY (discount_id, days)
) STRICT, WITHOUT ROWID;
CREATE INDEX discount_reminders_by_day ON discount_reminders (day);

-- Who is asked about next, and what may be forgotten.
CREATE INDEX users_by_check ON users (is_test, subscription_checked_at) WHERE is_subscribed = 1;
CREATE INDEX subscription_checks_by_at ON subscription_checks (checked_at);
