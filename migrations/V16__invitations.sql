-- One-time links that make the person who opens one an admin. A link is shown once; only the hash of its token is kept.
CREATE TABLE invitations (
    token_hash TEXT NOT NULL PRIMARY KEY CHECK (length(token_hash) = 64),
    role       TEXT NOT NULL CHECK (role IN ('owner', 'marketing', 'readonly')),
    created_at TEXT NOT NULL CHECK (length(created_at) = 20),
    created_by TEXT NOT NULL,
    expires_at TEXT NOT NULL CHECK (length(expires_at) = 20),
    used_at    TEXT CHECK (length(used_at) = 20),
    used_by    INTEGER REFERENCES admins (id),
    CHECK ((used_at IS NULL) = (used_by IS NULL))
) STRICT, WITHOUT ROWID;

-- Links that did not work, by the person who opened them: after five in ten minutes the staff bot stops answering them.
CREATE TABLE invitation_misses (
    telegram_id INTEGER NOT NULL,
    at_ms       INTEGER NOT NULL
) STRICT;
CREATE INDEX invitation_misses_by_person ON invitation_misses (telegram_id, at_ms);

-- When the admin wrote to the staff bot first: before that it cannot write to them. Whoever has a name has written.
ALTER TABLE admins ADD COLUMN opened_at TEXT CHECK (length(opened_at) = 20);
UPDATE admins SET opened_at = created_at WHERE name <> 'owner';
