# shellcheck shell=bash
shop_in_telegram
export DVORIK_BOTS__CUSTOMER__TOKEN=110000001:put-the-token-here DVORIK_BOTS__STAFF__TOKEN=110000002:and-the-other-here
export DVORIK_LOG__FORMAT=json DVORIK_LOG__LEVEL=debug
dvorik init --no-input --channel @your_channel
serve
stop() { kill %% && wait %%; }

export REQUEST
REQUEST=$(curl -sS "$LISTEN/api/v1/users" | jq -er .request_id)
block 'cat serve.log' >found
jq -e 'select(.fields.message == "answered") | .fields.status == 401' found

# An update that was handled, as if it had failed five times.
is_started() { [ "$(dvorik user list --json | jq .total)" = 1 ]; }
telegram '{"do": "starts", "bot": "shop_bot", "person": 501}'
becomes_true is_started
stop
sqlite3 dvorik.db "UPDATE updates SET id = 4711, state = 'parked', attempts = 5, error = 'a fault', done_ms = NULL"
block sqlite3 >found
grep -q '^4711|customer|5|a fault$' found
block 'dvorik backup'
state_is() { [ "$(sqlite3 -readonly dvorik.db 'SELECT state FROM updates WHERE id = 4711')" = "$1" ]; }
state_is queued
serve
becomes_true state_is 'done'

# Two letters that wait, as if Telegram had refused one, and as if nobody knew whether the other one arrived.
stop
dvorik discount issue @masha_k --template manual_10
dvorik discount issue @masha_k --template manual_10
sqlite3 dvorik.db "UPDATE outbox SET id = id + 14, state = 'failed', class = 'bad_request' WHERE id = 3;
    UPDATE outbox SET state = 'unknown', class = 'timeout' WHERE id = 2"
block 'dvorik outbox list'
[ "$(sqlite3 dvorik.db "SELECT count(*) FROM outbox WHERE state = 'queued'")" = 2 ]
