-- Saved filters over customers, and the indexes that let each key of a filter be read without touching the wide rows.

-- AUTOINCREMENT: a segment that was deleted leaves its number to nobody; what was sent to it keeps meaning it.
-- name_norm (lower case, ё→е) makes names unique as people read them. filter is the canonical JSON of src/segment.
CREATE TABLE segments (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    name_norm   TEXT NOT NULL UNIQUE,
    filter      TEXT NOT NULL CHECK (json_valid(filter)),
    in_bot_menu INTEGER NOT NULL DEFAULT 0 CHECK (in_bot_menu IN (0, 1)),
    is_preset   INTEGER NOT NULL DEFAULT 0 CHECK (is_preset IN (0, 1)),
    created_at  TEXT NOT NULL CHECK (length(created_at) = 20),
    updated_at  TEXT NOT NULL CHECK (length(updated_at) = 20)
) STRICT;

INSERT INTO segments (name, name_norm, filter, in_bot_menu, is_preset, created_at, updated_at)
SELECT column1, column2, column3, column4, 1, at, at
  FROM (SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now') AS at),
       (VALUES ('Все', 'все', '{"all":true}', 1),
               ('Подписчики', 'подписчики', '{"is_subscribed":true}', 1),
               ('Не подписанные', 'не подписанные', '{"is_subscribed":false}', 1),
               ('Без активных скидок', 'без активных скидок', '{"has_active_discounts":false}', 1),
               ('С активными скидками', 'с активными скидками', '{"has_active_discounts":true}', 1),
               ('Мужчины', 'мужчины', '{"gender":"male"}', 0),
               ('Женщины', 'женщины', '{"gender":"female"}', 0),
               ('18–34', '18–34', '{"age":{"from":18,"to":34}}', 0),
               ('35 и старше', '35 и старше', '{"age":{"from":35}}', 0),
               ('VIP', 'vip', '{"tags":["vip"]}', 1));

-- What most filters ask of a person, in the order they narrow: subscription and age are a range of this index, the rest
-- is compared on it. telegram_id says who was erased. All of it changes seldom; last_activity_at does not and is not here.
CREATE INDEX users_for_segments
    ON users (is_test, status, is_subscribed, birthday, gender, source_normalized, telegram_id);
CREATE INDEX users_muted ON users (is_test) WHERE muted_at IS NOT NULL;

-- Whose code it was: counting redemptions by person must not look up every code.
ALTER TABLE redemptions ADD COLUMN user_id INTEGER REFERENCES users (id);
UPDATE redemptions SET user_id = (SELECT user_id FROM discounts WHERE id = discount_id);

-- The same two indexes with the person behind, so that nobody pays for a third.
DROP INDEX redemptions_by_day;
CREATE INDEX redemptions_by_day ON redemptions (is_test, day, user_id) WHERE undone_at IS NULL;
DROP INDEX discounts_live;
CREATE INDEX discounts_live ON discounts (is_test, expires_at, user_id) WHERE redeemed_at IS NULL AND revoked_at IS NULL;
