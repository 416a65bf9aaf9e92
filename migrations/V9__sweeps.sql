-- What an admin wants done to many rows of a broadcast's ledger: sending some again, taking back or mending what was delivered.
-- The first step is taken where it is asked for, the sender takes the others, 1,000 rows each; done = no row here. after =
-- the last recipient that has been looked at.
CREATE TABLE broadcast_sweeps (
    id           INTEGER PRIMARY KEY,
    broadcast_id INTEGER NOT NULL REFERENCES broadcasts (id),
    kind         TEXT NOT NULL CHECK (kind IN ('retry_failed', 'resend_unknown', 'recall', 'correct')),
    classes      TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(classes)),
    after        INTEGER NOT NULL,
    admin_id     INTEGER NOT NULL REFERENCES admins (id),
    UNIQUE (broadcast_id, kind)
) STRICT;
