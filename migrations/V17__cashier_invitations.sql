-- Invitations also make cashiers, whose name at the counter the owner may choose beforehand. Open links stay valid.
CREATE TABLE invitations_new (
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
INSERT INTO invitations_new (token_hash, role, created_at, created_by, expires_at, used_at, used_by)
    SELECT token_hash, role, created_at, created_by, expires_at, used_at, used_by FROM invitations;
DROP TABLE invitations;
ALTER TABLE invitations_new RENAME TO invitations;
