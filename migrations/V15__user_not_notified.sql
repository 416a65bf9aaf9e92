-- The customer of a redemption could not be told of it: the row of the attempt says so. A trigger, because every way a
-- message can end passes here, also those of another process.
CREATE TRIGGER usage_logs_not_notified AFTER UPDATE OF state ON outbox
WHEN new.usage_log_id IS NOT NULL AND new.state NOT IN ('queued', 'sending', 'sent', 'unknown') BEGIN
    UPDATE discount_usage_logs SET message = 'user_not_notified' WHERE id = new.usage_log_id AND message IS NULL;
END;
-- Sent after all, when it was tried again.
CREATE TRIGGER usage_logs_notified AFTER UPDATE OF state ON outbox
WHEN new.usage_log_id IS NOT NULL AND new.state = 'sent' BEGIN
    UPDATE discount_usage_logs SET message = NULL WHERE id = new.usage_log_id AND message = 'user_not_notified';
END;

-- What failed before this was known.
UPDATE discount_usage_logs SET message = 'user_not_notified'
WHERE message IS NULL AND id IN (SELECT usage_log_id FROM outbox WHERE state = 'failed' AND usage_log_id IS NOT NULL);
