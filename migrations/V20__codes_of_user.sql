-- A customer's codes, newest first, are read in the order of the index: one customer may hold very many.
CREATE INDEX discounts_of_user ON discounts (user_id);
-- Few codes are revoked. Without this index a list of them, newest first, would pass over all others.
CREATE INDEX discounts_revoked ON discounts (is_test) WHERE revoked_at IS NOT NULL;
-- The reason of an undone redemption is emptied when its customer is erased; the other indices hold standing ones.
CREATE INDEX redemptions_undone ON redemptions (discount_id) WHERE undone_at IS NOT NULL;
