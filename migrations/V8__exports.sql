-- Exports of more rows than are waited for. The row outlives a restart; the file lies beside the database under a name made
-- of id and round, 0600. Both go after a day. No backup has either.

-- plan: which rows, as ids and words. people: who was found when it was asked for, a bit each; NULL = everybody. said: the filter as the audit log has it. round: counted up when the file must be made anew, because
-- somebody in it was erased; a file of an earlier round is nobody's.
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
CREATE INDEX exports_waiting ON exports (seq) WHERE state = 'waiting';
CREATE INDEX exports_by_age ON exports (created_ms);
