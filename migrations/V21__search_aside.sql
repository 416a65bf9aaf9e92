-- Importing many customers: row by row the index of names and phones costs four times what one statement for all of them
-- costs. While meta.search_aside exists, new customers are not entered into the index; the import enters them itself, and
-- deletes that row, before its transaction ends. Until then no indexed value may change: the old one would be taken out of
-- an index that does not have it yet.
DROP TRIGGER users_search_insert;
DROP TRIGGER users_search_update;
DROP TRIGGER users_search_delete;

CREATE TRIGGER users_search_insert AFTER INSERT ON users
WHEN NOT EXISTS (SELECT 1 FROM meta WHERE key = 'search_aside') BEGIN
    INSERT INTO user_search (rowid, name_norm, phone) VALUES (new.id, new.name_norm, new.phone);
END;
-- Every message refreshes a name that is seldom another one.
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
