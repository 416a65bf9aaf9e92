-- What an erasure looks for is found by an index, however long the history is: the letters to a chat, the updates that
-- are parked, and what cashiers typed that has not the form of a code (three letters, four digits): only such text can
-- name a person.
CREATE INDEX outbox_of_chat ON outbox (chat_id);
CREATE INDEX updates_parked ON updates (bot, id) WHERE state = 'parked';
CREATE INDEX usage_logs_mistyped ON discount_usage_logs (is_test)
    WHERE status = 'not_found' AND code_typed NOT GLOB '[^0-9][^0-9][^0-9][0-9][0-9][0-9][0-9]';
