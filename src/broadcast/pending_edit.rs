//! Recalls and corrections of delivered messages that wait (pending edits). A second recall or correction of the same
//! message is harmless, so no state is needed but a mark in the recipient's row (`wish`). After a doubtful call the row
//! waits as `crate::retry` decides. `sender::amendments` calls Telegram.

use rusqlite::named_params;

use super::ledger::Claimed;
use super::model::Media;
use super::{content, store};
use crate::clock::Millis;
use crate::db::{Tx, View};
use crate::discount;
use crate::error::Result;
use crate::ids::DiscountId;
use crate::outbox;
use crate::realm::Realm;
use crate::retry::{self, MessageKind, Next, Past, Tried};
use crate::telegram::client::Content;
use crate::telegram::reply::{Class, is_already_done};
use crate::user;

/// A delivered message to be recalled or corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingEdit {
    /// The recipient whose message is edited.
    pub claimed: Claimed,
    /// The call that recalls or corrects the message.
    pub content: Content,
    /// What is to be done: `recall` or `correct`, as in the row.
    kind: String,
    /// The broadcast's text from which the correction was made; `None` for a recall.
    body: Option<String>,
    /// How many calls were doubtful so far, and when the first of them ended.
    doubts: i64,
    doubted: Option<Millis>,
}

const PENDING: &str = "SELECT d.broadcast_id, d.user_id, d.wish, d.message_id, d.discount_id, u.telegram_id,
        d.wish_doubts, d.wish_doubted_ms
    FROM deliveries d INDEXED BY deliveries_wished JOIN users u ON u.id = d.user_id
    WHERE d.wish IS NOT NULL AND (d.wish_from_ms IS NULL OR d.wish_from_ms <= :now) AND d.broadcast_id IN (SELECT id FROM broadcasts WHERE is_test = :realm) AND u.telegram_id > 0
    ORDER BY d.broadcast_id, d.user_id LIMIT :most";
const NEXT_PENDING: &str = "SELECT min(wish_from_ms) FROM deliveries INDEXED BY deliveries_wished
    WHERE wish IS NOT NULL AND broadcast_id IN (SELECT id FROM broadcasts WHERE is_test = :realm)";
const WAIT: &str = "UPDATE deliveries SET wish_doubts = wish_doubts + :doubts, wish_from_ms = :at,
        wish_doubted_ms = iif(:doubts, coalesce(wish_doubted_ms, :now), wish_doubted_ms)
    WHERE broadcast_id = :id AND user_id = :user AND wish = :wish";
const MOVE_ON: &str = "UPDATE deliveries INDEXED BY deliveries_wished
    SET wish_doubted_ms = wish_doubted_ms + max(0, :until - max(:since, wish_doubted_ms))
    WHERE wish IS NOT NULL AND wish_doubted_ms IS NOT NULL
      AND broadcast_id IN (SELECT id FROM broadcasts WHERE is_test = :realm)";
const EDIT_DONE: &str =
    "UPDATE deliveries SET wish = NULL, wish_doubts = 0, wish_doubted_ms = NULL, wish_from_ms = NULL,
        recalled_ms = CASE WHEN wish = 'recall' AND :done THEN :now ELSE recalled_ms END,
        corrected_ms = CASE WHEN wish = 'correct' AND :done THEN :now ELSE corrected_ms END,
        error = coalesce(:error, error) WHERE broadcast_id = :id AND user_id = :user AND wish = :wish";

/// Recalls and corrections of delivered messages that may be sent now, at most `most`.
pub fn pending_edits(view: &View<'_>, realm: Realm, most: i64) -> Result<Vec<PendingEdit>> {
    let params = named_params! { ":realm": realm, ":most": most, ":now": view.now_ms() };
    let rows = view.list(PENDING, params, |row| {
        let claimed = Claimed { broadcast: row.get(0)?, user: row.get(1)?, chat: row.get(5)?, attempt: 1 };
        let message: (i64, Option<DiscountId>) = (row.get(3)?, row.get(4)?);
        let past: (i64, Option<Millis>) = (row.get(6)?, row.get(7)?);
        Ok((claimed, row.get::<_, String>(2)?, message, past))
    })?;
    let mut found = Vec::with_capacity(rows.len());
    for (claimed, kind, (message_id, code), (doubts, doubted)) in rows {
        let (content, body) = if kind == "recall" {
            (Content::Delete { message_id }, None)
        } else {
            let (content, body) = corrected(view, &claimed, message_id, code)?;
            (content, Some(body))
        };
        found.push(PendingEdit { claimed, content, kind, body, doubts, doubted });
    }
    Ok(found)
}

/// When the next pending edit that waits after a doubtful call is due; `None` = no pending edit waits for a time.
pub fn next_pending_edit(view: &View<'_>, realm: Realm) -> Result<Option<Millis>> {
    Ok(view.get(NEXT_PENDING, named_params! { ":realm": realm }, |row| row.get(0))?)
}

/// Called when Telegram answers again after an outage that began at `since`: the outage does not count towards the age
/// after which pending edits are given up.
pub fn delay_pending_edits(tx: &Tx<'_>, realm: Realm, since: Millis) -> Result<()> {
    tx.change(MOVE_ON, named_params! { ":realm": realm, ":since": since, ":until": tx.now_ms() })?;
    Ok(())
}

/// The call that corrects a message, and the broadcast's text from which the correction was made.
fn corrected(
    view: &View<'_>,
    claimed: &Claimed,
    message_id: i64,
    code: Option<DiscountId>,
) -> Result<(Content, String)> {
    let broadcast = store::get(view, claimed.broadcast)?;
    let reader = user::get(view, claimed.user)?;
    let code = code.map(|id| discount::get(view, id)).transpose()?;
    let first = reader.salutation();
    let facts = code.as_ref().map(|code| discount::facts(view, code)).transpose()?;
    let own = [("first_name", first.as_str()), ("display_name", reader.display_name.as_str())];
    let values: Vec<crate::texts::Placeholder<'_>> = match &facts {
        Some(facts) => facts.iter().map(|(name, value)| (*name, value.as_str())).collect(),
        None => own.to_vec(),
    };
    let html = crate::texts::fill(view, &broadcast.draft.message.body, &values)?;
    let keyboard = content::keyboard(view, &broadcast.draft.message)?;
    let message = broadcast.draft.message;
    let content = if message.media == Media::None {
        Content::EditText { message_id, html, keyboard }
    } else {
        Content::EditCaption { message_id, caption_html: html, keyboard }
    };
    Ok((content, message.body))
}

/// Stores the result of a pending edit: done, refused, to be tried again, or given up. If the broadcast's text was
/// corrected again during the call, the row stays pending, because the newer text must still be sent.
pub fn settle_edit(tx: &Tx<'_>, edit: &PendingEdit, class: Class, words: &str) -> Result<()> {
    let bot = store::get(tx, edit.claimed.broadcast)?.draft.realm.customer_bot();
    let doubted_for_ms = outbox::doubted_for_ms(tx, bot, edit.doubted)?;
    let past = Past { attempts: edit.doubts + 1, doubts: edit.doubts, doubted_for_ms };
    match retry::next(class, MessageKind::Amendment, past) {
        Next::Again { after_ms, tried } => wait(tx, edit, after_ms, tried),
        Next::Done if is_outdated(tx, edit)? => wait(tx, edit, 0, Tried::Not),
        Next::Done => done(tx, edit, None),
        Next::Refused if is_already_done(words) => done(tx, edit, None),
        Next::Refused | Next::GiveUp => done(tx, edit, Some(words)),
    }
}

fn is_outdated(view: &View<'_>, edit: &PendingEdit) -> Result<bool> {
    let Some(body) = &edit.body else { return Ok(false) };
    Ok(store::get(view, edit.claimed.broadcast)?.draft.message.body != *body)
}

fn wait(tx: &Tx<'_>, edit: &PendingEdit, after_ms: i64, tried: Tried) -> Result<()> {
    let (claimed, now) = (&edit.claimed, tx.now_ms());
    tx.change(
        WAIT,
        named_params! {
            ":id": claimed.broadcast, ":user": claimed.user, ":wish": edit.kind, ":now": now,
            ":at": now.plus(after_ms), ":doubts": tried == Tried::Doubtful,
        },
    )?;
    Ok(())
}

/// Removes the mark of a pending edit from the row. `error` says why the edit was not done and is not tried again;
/// `None` = it was done.
fn done(tx: &Tx<'_>, edit: &PendingEdit, error: Option<&str>) -> Result<()> {
    let claimed = &edit.claimed;
    tx.change(
        EDIT_DONE,
        named_params! {
            ":id": claimed.broadcast, ":user": claimed.user, ":wish": edit.kind, ":done": error.is_none(),
            ":error": error, ":now": tx.shop_ms(),
        },
    )?;
    Ok(())
}
