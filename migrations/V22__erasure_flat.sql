-- What an erasure looks for is found by an index, however long the history is: the letters to a chat, and the updates that
-- are parked.
CREATE INDEX outbox_of_chat ON outbox (chat_id);
CREATE INDEX updates_parked ON updates (bot, id) WHERE state = 'parked';
