-- The admin API: logins that were ended, tokens of scripts, and answers kept so that a POST takes effect once.

-- A login lives 24 hours by itself; one ended before that stands here until it would have ended anyway.
CREATE TABLE ended_logins (
    jti        TEXT NOT NULL PRIMARY KEY CHECK (length(jti) BETWEEN 16 AND 64),
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX ended_logins_by_expiry ON ended_logins (expires_ms);

-- A token is shown once; only its hash is kept. Its name stays taken for ever: the audit log knows it by that.
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

-- Written in the transaction of the effect. route is the method and the path; body is a hash of what was asked.
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
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_ms);
