-- The live codes of one customer, and how many there are, are found without reading the used and the expired ones: one
-- customer may hold very many.
CREATE INDEX discounts_live_of_user ON discounts (user_id, template_id, expires_at)
    WHERE redeemed_at IS NULL AND revoked_at IS NULL;
