-- Codes that ran out unused are counted for a period from this index alone: no code ends before the day it was issued, so
-- the period's first day bounds the search. The same index one column longer: each further one is paid for by every
-- redemption.
DROP INDEX discounts_live;
CREATE INDEX discounts_live ON discounts (is_test, expires_at, user_id, created_day)
    WHERE redeemed_at IS NULL AND revoked_at IS NULL;
