-- A handled update keeps its number, by which a repetition is known, and nothing of the person who sent it.
UPDATE updates SET raw = '{}', lane = 0 WHERE state = 'done';

-- The day of a birthday gift is the person's birthday; an erased person gets no further gift.
DELETE FROM birthday_gifts WHERE user_id IN (SELECT id FROM users WHERE telegram_id = -id - 1000000000000);

-- Erasures are numbered. `erasure.log` is the number up to which the log file has been emptied, `erasure.file` the number
-- up to which the database file has been rewritten: until then their bytes may still hold what the tables do not. Rows
-- deleted before this migration were not overwritten, so a shop with people begins with one number to catch up on.
INSERT INTO meta (key, value) SELECT 'erasure.count', '1' WHERE EXISTS (SELECT 1 FROM users);
