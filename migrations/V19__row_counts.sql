-- How many rows lists without a filter have. Counting them at each call would read a whole index, for three million
-- codes half a second. Triggers, because every way a row can change passes here, also those of another program.
-- `codes_…` are the three states that do not depend on the present time: revoked, else redeemed, else open. Users that
-- were erased (telegram_id below 0) are not counted.
CREATE TABLE row_counts (
    what    TEXT NOT NULL CHECK (what IN
            ('users', 'codes_open', 'codes_redeemed', 'codes_revoked', 'attempts', 'audit')),
    is_test INTEGER NOT NULL CHECK (is_test IN (0, 1)),
    rows    INTEGER NOT NULL,
    PRIMARY KEY (what, is_test)
) STRICT, WITHOUT ROWID;

INSERT INTO row_counts SELECT w.value, t.value, 0
FROM json_each('["users", "codes_open", "codes_redeemed", "codes_revoked", "attempts", "audit"]') w,
    json_each('[0, 1]') t;
UPDATE row_counts SET rows = coalesce((SELECT n FROM (
    SELECT 'users' what, is_test, count(*) n FROM users WHERE telegram_id > 0 GROUP BY is_test
    UNION ALL SELECT iif(revoked_at IS NOT NULL, 'codes_revoked', iif(redeemed_at IS NOT NULL, 'codes_redeemed',
        'codes_open')), is_test, count(*) FROM discounts GROUP BY 1, 2
    UNION ALL SELECT 'attempts', is_test, count(*) FROM discount_usage_logs GROUP BY is_test
    UNION ALL SELECT 'audit', 0, count(*) FROM audit_log) truth
    WHERE truth.what = row_counts.what AND truth.is_test = row_counts.is_test), 0);

CREATE TRIGGER users_count_insert AFTER INSERT ON users WHEN new.telegram_id > 0 BEGIN
    UPDATE row_counts SET rows = rows + 1 WHERE what = 'users' AND is_test = new.is_test;
END;
CREATE TRIGGER users_count_delete AFTER DELETE ON users WHEN old.telegram_id > 0 BEGIN
    UPDATE row_counts SET rows = rows - 1 WHERE what = 'users' AND is_test = old.is_test;
END;
CREATE TRIGGER users_count_update AFTER UPDATE OF telegram_id, is_test ON users
WHEN (old.telegram_id > 0) <> (new.telegram_id > 0) OR old.is_test <> new.is_test BEGIN
    UPDATE row_counts SET rows = rows - (old.telegram_id > 0) WHERE what = 'users' AND is_test = old.is_test;
    UPDATE row_counts SET rows = rows + (new.telegram_id > 0) WHERE what = 'users' AND is_test = new.is_test;
END;

CREATE TRIGGER discounts_count_insert AFTER INSERT ON discounts BEGIN
    UPDATE row_counts SET rows = rows + 1 WHERE is_test = new.is_test AND what =
        iif(new.revoked_at IS NOT NULL, 'codes_revoked', iif(new.redeemed_at IS NOT NULL, 'codes_redeemed', 'codes_open'));
END;
CREATE TRIGGER discounts_count_delete AFTER DELETE ON discounts BEGIN
    UPDATE row_counts SET rows = rows - 1 WHERE is_test = old.is_test AND what =
        iif(old.revoked_at IS NOT NULL, 'codes_revoked', iif(old.redeemed_at IS NOT NULL, 'codes_redeemed', 'codes_open'));
END;
CREATE TRIGGER discounts_count_update AFTER UPDATE OF redeemed_at, revoked_at, is_test ON discounts
WHEN (old.revoked_at IS NULL) <> (new.revoked_at IS NULL) OR (old.redeemed_at IS NULL) <> (new.redeemed_at IS NULL)
    OR old.is_test <> new.is_test BEGIN
    UPDATE row_counts SET rows = rows - 1 WHERE is_test = old.is_test AND what =
        iif(old.revoked_at IS NOT NULL, 'codes_revoked', iif(old.redeemed_at IS NOT NULL, 'codes_redeemed', 'codes_open'));
    UPDATE row_counts SET rows = rows + 1 WHERE is_test = new.is_test AND what =
        iif(new.revoked_at IS NOT NULL, 'codes_revoked', iif(new.redeemed_at IS NOT NULL, 'codes_redeemed', 'codes_open'));
END;

CREATE TRIGGER usage_logs_count_insert AFTER INSERT ON discount_usage_logs BEGIN
    UPDATE row_counts SET rows = rows + 1 WHERE what = 'attempts' AND is_test = new.is_test;
END;
CREATE TRIGGER usage_logs_count_delete AFTER DELETE ON discount_usage_logs BEGIN
    UPDATE row_counts SET rows = rows - 1 WHERE what = 'attempts' AND is_test = old.is_test;
END;

CREATE TRIGGER audit_count_insert AFTER INSERT ON audit_log BEGIN
    UPDATE row_counts SET rows = rows + 1 WHERE what = 'audit' AND is_test = 0;
END;
CREATE TRIGGER audit_count_delete AFTER DELETE ON audit_log BEGIN
    UPDATE row_counts SET rows = rows - 1 WHERE what = 'audit' AND is_test = 0;
END;
