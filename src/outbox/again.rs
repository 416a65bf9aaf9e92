//! Sends undelivered letters again, on an admin's command. A letter can be sent again until its content is deleted.

use rusqlite::named_params;

use super::{Lane, LetterId, lane, signal};
use crate::clock::Millis;
use crate::db::Tx;
use crate::error::Result;
use crate::realm::BotName;

/// The SQL condition that a letter still has its content and so can be sent again. For statements in which `o` is
/// `outbox`.
macro_rules! kept {
    () => {
        "o.payload NOT IN ('{\"kind\":\"gone\"}', 'null')"
    };
}
pub(crate) use kept;

const RETRY: &str = concat!(
    "UPDATE outbox AS o SET state = 'queued', not_before_ms = :now, settled_ms = NULL, doubts = 0, doubted_ms = NULL
    WHERE o.id = :id AND o.state IN ('failed', 'unknown') AND ",
    kept!(),
    " RETURNING bot, lane"
);
const FORGET_WORDS: &str = concat!(
    "UPDATE outbox SET payload = '{\"kind\":\"gone\"}' WHERE id IN (SELECT o.id FROM outbox o INDEXED BY outbox_undelivered
        WHERE o.state IN ('failed', 'unknown') AND o.settled_ms < :before AND ",
    kept!(),
    " ORDER BY o.settled_ms LIMIT 1000)"
);

/// Puts a letter in the state `failed` or `unknown` back into the queue. Returns `false`, and changes nothing, when the
/// letter has no content or another state.
pub fn send_again(tx: &Tx<'_>, id: LetterId) -> Result<bool> {
    let params = named_params! { ":id": id, ":now": tx.now_ms() };
    let queued: Option<(BotName, Lane)> = tx.find(RETRY, params, |row| Ok((row.get(0)?, lane(row.get(1)?)?)))?;
    if let Some((bot, lane)) = queued {
        tx.signal(signal(bot, lane));
    }
    Ok(queued.is_some())
}

/// Deletes the content of up to 1,000 letters that were settled as `failed` or `unknown` before `before`. Returns how
/// many.
pub fn forget_words(tx: &Tx<'_>, before: Millis) -> Result<usize> {
    Ok(tx.change(FORGET_WORDS, named_params! { ":before": before })?)
}
