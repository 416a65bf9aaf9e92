-- How many rows of a kind each day of the shop has: figures of a period are sums of these rows, so they cost the same
-- however many codes the shop has issued. Triggers, because every way a row can change passes here, also those of another
-- program. `key` is the template of issued and redeemed codes, the campaign of clicks, registrations (0: none) and
-- `…_campaign` (that of the customer's first source), the hour of `redeemed_hour`, and 0 elsewhere. `subscribed` and
-- `blocked` are counted on the day of registration. Undone redemptions are not counted. The template and the customer of a
-- code never change.
--
-- Codes and redemptions of the days from `figures.open_from` on are not counted here: a redemption must cost no more
-- for these figures. `day_figures` counts them when it is read, and the nightly job closes the days before today
-- (`row_counts::close_days`).
CREATE TABLE day_counts (
    what    TEXT NOT NULL CHECK (what IN ('registered', 'subscribed', 'blocked', 'clicks', 'issued', 'issued_campaign',
            'redeemed', 'redeemed_hour', 'redeemed_campaign')),
    is_test INTEGER NOT NULL CHECK (is_test IN (0, 1)),
    key     INTEGER NOT NULL,
    day     TEXT NOT NULL CHECK (length(day) = 10),
    rows    INTEGER NOT NULL,
    PRIMARY KEY (what, is_test, key, day)
) STRICT, WITHOUT ROWID;

INSERT INTO meta (key, value) SELECT 'figures.open_from', coalesce(max(day), '0000-00-00')
    FROM (SELECT max(created_day) day FROM discounts UNION ALL SELECT max(day) FROM redemptions);

CREATE VIEW day_figures AS
    SELECT what, is_test, key, day, rows FROM day_counts
    UNION ALL SELECT 'issued', is_test, template_id, created_day, 1 FROM discounts
        WHERE created_day >= (SELECT value FROM meta WHERE key = 'figures.open_from')
    UNION ALL SELECT 'issued_campaign', d.is_test, u.campaign_id, d.created_day, 1
        FROM discounts d CROSS JOIN users u ON u.id = d.user_id
        WHERE d.created_day >= (SELECT value FROM meta WHERE key = 'figures.open_from') AND u.campaign_id IS NOT NULL
    UNION ALL SELECT 'redeemed', r.is_test, d.template_id, r.day, 1
        FROM redemptions r CROSS JOIN discounts d ON d.id = r.discount_id
        WHERE r.day >= (SELECT value FROM meta WHERE key = 'figures.open_from') AND r.undone_at IS NULL
    UNION ALL SELECT 'redeemed_hour', is_test, hour, day, 1 FROM redemptions
        WHERE day >= (SELECT value FROM meta WHERE key = 'figures.open_from') AND undone_at IS NULL
    UNION ALL SELECT 'redeemed_campaign', r.is_test, u.campaign_id, r.day, 1
        FROM redemptions r CROSS JOIN discounts d ON d.id = r.discount_id CROSS JOIN users u ON u.id = d.user_id
        WHERE r.day >= (SELECT value FROM meta WHERE key = 'figures.open_from') AND r.undone_at IS NULL
            AND u.campaign_id IS NOT NULL;

INSERT INTO day_counts (what, is_test, key, day, rows)
    SELECT 'registered', is_test, coalesce(campaign_id, 0), created_day, count(*) FROM users GROUP BY 2, 3, 4
    UNION ALL SELECT 'subscribed', is_test, 0, created_day, count(*) FROM users WHERE is_subscribed = 1 GROUP BY 2, 4
    UNION ALL SELECT 'blocked', is_test, 0, created_day, count(*) FROM users WHERE bot_blocked_at IS NOT NULL GROUP BY 2, 4
    UNION ALL SELECT 'clicks', u.is_test, k.campaign_id, k.day, count(*)
        FROM campaign_clicks k JOIN users u ON u.id = k.user_id GROUP BY 2, 3, 4
    UNION ALL SELECT 'issued', is_test, template_id, created_day, count(*) FROM discounts
        WHERE created_day < (SELECT value FROM meta WHERE key = 'figures.open_from') GROUP BY 2, 3, 4
    UNION ALL SELECT 'issued_campaign', d.is_test, u.campaign_id, d.created_day, count(*)
        FROM discounts d JOIN users u ON u.id = d.user_id
        WHERE d.created_day < (SELECT value FROM meta WHERE key = 'figures.open_from') AND u.campaign_id IS NOT NULL
        GROUP BY 2, 3, 4
    UNION ALL SELECT 'redeemed', r.is_test, d.template_id, r.day, count(*)
        FROM redemptions r JOIN discounts d ON d.id = r.discount_id
        WHERE r.day < (SELECT value FROM meta WHERE key = 'figures.open_from') AND r.undone_at IS NULL GROUP BY 2, 3, 4
    UNION ALL SELECT 'redeemed_hour', is_test, hour, day, count(*) FROM redemptions
        WHERE day < (SELECT value FROM meta WHERE key = 'figures.open_from') AND undone_at IS NULL GROUP BY 2, 3, 4
    UNION ALL SELECT 'redeemed_campaign', r.is_test, u.campaign_id, r.day, count(*)
        FROM redemptions r JOIN discounts d ON d.id = r.discount_id JOIN users u ON u.id = d.user_id
        WHERE r.day < (SELECT value FROM meta WHERE key = 'figures.open_from') AND r.undone_at IS NULL
            AND u.campaign_id IS NOT NULL GROUP BY 2, 3, 4;

CREATE TRIGGER users_day_insert AFTER INSERT ON users BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        VALUES ('registered', new.is_test, coalesce(new.campaign_id, 0), new.created_day, 1)
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'subscribed', new.is_test, 0, new.created_day, 1 WHERE new.is_subscribed = 1
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'blocked', new.is_test, 0, new.created_day, 1 WHERE new.bot_blocked_at IS NOT NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;
CREATE TRIGGER users_day_delete AFTER DELETE ON users BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        VALUES ('registered', old.is_test, coalesce(old.campaign_id, 0), old.created_day, -1)
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'subscribed', old.is_test, 0, old.created_day, -1 WHERE old.is_subscribed = 1
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'blocked', old.is_test, 0, old.created_day, -1 WHERE old.bot_blocked_at IS NOT NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued_campaign', is_test, old.campaign_id, created_day, -count(*) FROM discounts
            WHERE user_id = old.id AND old.campaign_id IS NOT NULL
                AND created_day < (SELECT value FROM meta WHERE key = 'figures.open_from') GROUP BY is_test, created_day
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_campaign', r.is_test, old.campaign_id, r.day, -count(*)
            FROM discounts d JOIN redemptions r ON r.discount_id = d.id AND r.undone_at IS NULL AND r.is_single IN (0, 1)
            WHERE d.user_id = old.id AND old.campaign_id IS NOT NULL
                AND r.day < (SELECT value FROM meta WHERE key = 'figures.open_from') GROUP BY r.is_test, r.day
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'clicks', old.is_test, campaign_id, day, -count(*) FROM campaign_clicks
            WHERE campaign_id IN (SELECT id FROM campaigns) AND user_id = old.id GROUP BY campaign_id, day
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;
CREATE TRIGGER users_day_update AFTER UPDATE OF is_subscribed, bot_blocked_at, campaign_id, created_day, is_test ON users
WHEN old.is_subscribed <> new.is_subscribed OR (old.bot_blocked_at IS NULL) <> (new.bot_blocked_at IS NULL)
    OR old.campaign_id IS NOT new.campaign_id OR old.created_day <> new.created_day OR old.is_test <> new.is_test BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        VALUES ('registered', old.is_test, coalesce(old.campaign_id, 0), old.created_day, -1)
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'subscribed', old.is_test, 0, old.created_day, -1 WHERE old.is_subscribed = 1
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'blocked', old.is_test, 0, old.created_day, -1 WHERE old.bot_blocked_at IS NOT NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        VALUES ('registered', new.is_test, coalesce(new.campaign_id, 0), new.created_day, 1)
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'subscribed', new.is_test, 0, new.created_day, 1 WHERE new.is_subscribed = 1
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'blocked', new.is_test, 0, new.created_day, 1 WHERE new.bot_blocked_at IS NOT NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;
CREATE TRIGGER users_day_campaign AFTER UPDATE OF campaign_id ON users
WHEN old.campaign_id IS NOT new.campaign_id BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued_campaign', is_test, old.campaign_id, created_day, -count(*) FROM discounts
            WHERE user_id = old.id AND old.campaign_id IS NOT NULL
                AND created_day < (SELECT value FROM meta WHERE key = 'figures.open_from') GROUP BY is_test, created_day
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_campaign', r.is_test, old.campaign_id, r.day, -count(*)
            FROM discounts d JOIN redemptions r ON r.discount_id = d.id AND r.undone_at IS NULL AND r.is_single IN (0, 1)
            WHERE d.user_id = old.id AND old.campaign_id IS NOT NULL
                AND r.day < (SELECT value FROM meta WHERE key = 'figures.open_from') GROUP BY r.is_test, r.day
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued_campaign', is_test, new.campaign_id, created_day, count(*) FROM discounts
            WHERE user_id = new.id AND new.campaign_id IS NOT NULL
                AND created_day < (SELECT value FROM meta WHERE key = 'figures.open_from') GROUP BY is_test, created_day
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_campaign', r.is_test, new.campaign_id, r.day, count(*)
            FROM discounts d JOIN redemptions r ON r.discount_id = d.id AND r.undone_at IS NULL AND r.is_single IN (0, 1)
            WHERE d.user_id = new.id AND new.campaign_id IS NOT NULL
                AND r.day < (SELECT value FROM meta WHERE key = 'figures.open_from') GROUP BY r.is_test, r.day
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;

CREATE TRIGGER clicks_day_insert AFTER INSERT ON campaign_clicks BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'clicks', is_test, new.campaign_id, new.day, 1 FROM users WHERE id = new.user_id
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;
CREATE TRIGGER clicks_day_delete AFTER DELETE ON campaign_clicks BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'clicks', is_test, old.campaign_id, old.day, -1 FROM users WHERE id = old.user_id
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;
CREATE TRIGGER clicks_day_realm AFTER UPDATE OF is_test ON users
WHEN old.is_test <> new.is_test BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'clicks', old.is_test, campaign_id, day, -count(*) FROM campaign_clicks
            WHERE campaign_id IN (SELECT id FROM campaigns) AND user_id = old.id GROUP BY campaign_id, day
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'clicks', new.is_test, campaign_id, day, count(*) FROM campaign_clicks
            WHERE campaign_id IN (SELECT id FROM campaigns) AND user_id = new.id GROUP BY campaign_id, day
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;

CREATE TRIGGER discounts_day_insert AFTER INSERT ON discounts
WHEN new.created_day < (SELECT value FROM meta WHERE key = 'figures.open_from') BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued', new.is_test, new.template_id, new.created_day, 1 WHERE true
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued_campaign', new.is_test, campaign_id, new.created_day, 1 FROM users
            WHERE id = new.user_id AND campaign_id IS NOT NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;
CREATE TRIGGER discounts_day_delete AFTER DELETE ON discounts
WHEN old.created_day < (SELECT value FROM meta WHERE key = 'figures.open_from') BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued', old.is_test, old.template_id, old.created_day, -1 WHERE true
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued_campaign', old.is_test, campaign_id, old.created_day, -1 FROM users
            WHERE id = old.user_id AND campaign_id IS NOT NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;
CREATE TRIGGER discounts_day_update AFTER UPDATE OF is_test, created_day ON discounts
WHEN old.is_test <> new.is_test OR old.created_day <> new.created_day BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued', old.is_test, old.template_id, old.created_day, -1 WHERE true
                AND old.created_day < (SELECT value FROM meta WHERE key = 'figures.open_from')
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued_campaign', old.is_test, campaign_id, old.created_day, -1 FROM users
            WHERE id = old.user_id AND campaign_id IS NOT NULL
                AND old.created_day < (SELECT value FROM meta WHERE key = 'figures.open_from')
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued', new.is_test, new.template_id, new.created_day, 1 WHERE true
                AND new.created_day < (SELECT value FROM meta WHERE key = 'figures.open_from')
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'issued_campaign', new.is_test, campaign_id, new.created_day, 1 FROM users
            WHERE id = new.user_id AND campaign_id IS NOT NULL
                AND new.created_day < (SELECT value FROM meta WHERE key = 'figures.open_from')
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;

CREATE TRIGGER redemptions_day_insert AFTER INSERT ON redemptions
WHEN new.day < (SELECT value FROM meta WHERE key = 'figures.open_from') BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_hour', new.is_test, new.hour, new.day, 1 WHERE new.undone_at IS NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed', new.is_test, template_id, new.day, 1 FROM discounts
            WHERE id = new.discount_id AND new.undone_at IS NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_campaign', new.is_test, u.campaign_id, new.day, 1
            FROM discounts d JOIN users u ON u.id = d.user_id WHERE d.id = new.discount_id AND u.campaign_id IS NOT NULL
                AND new.undone_at IS NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;
CREATE TRIGGER redemptions_day_delete AFTER DELETE ON redemptions
WHEN old.day < (SELECT value FROM meta WHERE key = 'figures.open_from') BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_hour', old.is_test, old.hour, old.day, -1 WHERE old.undone_at IS NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed', old.is_test, template_id, old.day, -1 FROM discounts
            WHERE id = old.discount_id AND old.undone_at IS NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_campaign', old.is_test, u.campaign_id, old.day, -1
            FROM discounts d JOIN users u ON u.id = d.user_id WHERE d.id = old.discount_id AND u.campaign_id IS NOT NULL
                AND old.undone_at IS NULL
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;
CREATE TRIGGER redemptions_day_update AFTER UPDATE OF undone_at, day, hour, is_test ON redemptions
WHEN (old.undone_at IS NULL) <> (new.undone_at IS NULL) OR old.day <> new.day OR old.hour <> new.hour
    OR old.is_test <> new.is_test BEGIN
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_hour', old.is_test, old.hour, old.day, -1 WHERE old.undone_at IS NULL
                AND old.day < (SELECT value FROM meta WHERE key = 'figures.open_from')
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed', old.is_test, template_id, old.day, -1 FROM discounts
            WHERE id = old.discount_id AND old.undone_at IS NULL
                AND old.day < (SELECT value FROM meta WHERE key = 'figures.open_from')
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_campaign', old.is_test, u.campaign_id, old.day, -1
            FROM discounts d JOIN users u ON u.id = d.user_id WHERE d.id = old.discount_id AND u.campaign_id IS NOT NULL
                AND old.undone_at IS NULL
                AND old.day < (SELECT value FROM meta WHERE key = 'figures.open_from')
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_hour', new.is_test, new.hour, new.day, 1 WHERE new.undone_at IS NULL
                AND new.day < (SELECT value FROM meta WHERE key = 'figures.open_from')
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed', new.is_test, template_id, new.day, 1 FROM discounts
            WHERE id = new.discount_id AND new.undone_at IS NULL
                AND new.day < (SELECT value FROM meta WHERE key = 'figures.open_from')
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
    INSERT INTO day_counts (what, is_test, key, day, rows)
        SELECT 'redeemed_campaign', new.is_test, u.campaign_id, new.day, 1
            FROM discounts d JOIN users u ON u.id = d.user_id WHERE d.id = new.discount_id AND u.campaign_id IS NOT NULL
                AND new.undone_at IS NULL
                AND new.day < (SELECT value FROM meta WHERE key = 'figures.open_from')
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;
