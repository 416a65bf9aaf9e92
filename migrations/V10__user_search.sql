-- Finding customers by a part of their name or phone among a million: an index of every three letters over the two
-- columns. The text itself stays in users; the triggers keep the index true whoever writes, also by hand.
CREATE VIRTUAL TABLE user_search USING fts5 (name_norm, phone, content = 'users', content_rowid = 'id', tokenize = 'trigram case_sensitive 1');
-- An erased name is gone from the index at once, not when its pages happen to be merged.
INSERT INTO user_search (user_search, rank) VALUES ('secure-delete', 1);
INSERT INTO user_search (user_search) VALUES ('rebuild');

CREATE TRIGGER users_search_insert AFTER INSERT ON users BEGIN
    INSERT INTO user_search (rowid, name_norm, phone) VALUES (new.id, new.name_norm, new.phone);
END;
-- Every message refreshes a name that is seldom another one.
CREATE TRIGGER users_search_update AFTER UPDATE OF name_norm, phone ON users
WHEN old.name_norm IS NOT new.name_norm OR old.phone IS NOT new.phone BEGIN
    INSERT INTO user_search (user_search, rowid, name_norm, phone) VALUES ('delete', old.id, old.name_norm, old.phone);
    INSERT INTO user_search (rowid, name_norm, phone) VALUES (new.id, new.name_norm, new.phone);
END;
CREATE TRIGGER users_search_delete AFTER DELETE ON users BEGIN
    INSERT INTO user_search (user_search, rowid, name_norm, phone) VALUES ('delete', old.id, old.name_norm, old.phone);
END;

-- One or two letters are no three: they are looked for in the names alone, in the order lists are sorted by.
CREATE INDEX users_by_name ON users (is_test, name_norm);

-- A source is often a hundredth of the people: the same columns as users_for_segments, by source first.
CREATE INDEX users_by_source
    ON users (is_test, source_normalized, status, is_subscribed, birthday, gender, telegram_id);
