//! Letters that did not arrive: one that has its content is sent again on command; the content is deleted after a while.

use rusqlite::named_params;

use super::LetterId;
use crate::clock::Millis;
use crate::db::{Signal, Tx};
use crate::error::Result;

/// The condition that a letter has content, because only such a letter can be sent again. Part of statements about `o`.
macro_rules! kept {
    () => {
        "o.payload NOT IN ('{\"kind\":\"gone\"}', 'null')"
    };
}
pub(crate) use kept;

const RETRY: &str = concat!(
    "UPDATE outbox AS o SET state = 'queued', not_before_ms = :now, settled_ms = NULL, doubts = 0, doubted_ms = NULL
    WHERE o.id = :id AND o.state IN ('failed', 'unknown') AND ",
    kept!()
);
const FORGET_WORDS: &str = concat!(
    "UPDATE outbox SET payload = '{\"kind\":\"gone\"}' WHERE id IN (SELECT o.id FROM outbox o INDEXED BY outbox_undelivered
        WHERE o.state IN ('failed', 'unknown') AND o.settled_ms < :before AND ",
    kept!(),
    " ORDER BY o.settled_ms LIMIT 1000)"
);

/// Puts a letter that failed, or of which nobody knows, back into the queue. `false`: it has no content, or another
/// state.
pub fn send_again(tx: &Tx<'_>, id: LetterId) -> Result<bool> {
    let is_queued = tx.change(RETRY, named_params! { ":id": id, ":now": tx.now_ms() })? == 1;
    if is_queued {
        tx.signal(Signal::Outbox);
    }
    Ok(is_queued)
}

/// Deletes the content of up to 1,000 letters that failed before `before`. Returns how many.
pub fn forget_words(tx: &Tx<'_>, before: Millis) -> Result<usize> {
    Ok(tx.change(FORGET_WORDS, named_params! { ":before": before })?)
}
