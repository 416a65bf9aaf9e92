//! Use-cases that change a code after it was issued: undo a redemption, revoke the code, move its last day.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::card::CardId;
use super::counter::{self, Redeemer};
use super::model::{CodeState, Discount};
use super::rules;
use super::store::{self, Attempt, LogEntry, StoredRedemption};
use crate::actor::Actor;
use crate::audit;
use crate::clock::Timestamp;
use crate::db::{Tx, View};
use crate::error::{Refusal, Result};
use crate::ids::{DiscountId, RedemptionId};
use crate::outbox::{self, Letter};
use crate::staff::{Manager, Owner};
use crate::telegram::client::Keyboard;
use crate::texts;

/// How long a cashier may undo their own redemption, in seconds.
pub(super) const UNDO_SECONDS: i64 = 10 * 60;

/// The result of an undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The redemption that was undone.
    pub id: RedemptionId,
    /// The redeemed code, which works again if it has not expired.
    pub discount: Discount,
    /// When the code had been redeemed.
    pub redeemed_at: Timestamp,
}

/// Undoes the redemption made with a card: the button «Отменить» in the staff bot.
///
/// # Errors
/// `NOT_FOUND` for another cashier's card, for a card without a redemption, and for a redemption that is undone
/// already; `UNDO_WINDOW_PASSED` for a cashier after ten minutes.
pub fn undo_card(tx: &Tx<'_>, by: &Redeemer, card: &CardId) -> Result<Undone> {
    let stored = store::find_card(tx, card)?.filter(|stored| stored.staff == by.staff());
    let id = stored.and_then(|stored| stored.redemption).ok_or(Refusal::NothingToUndo)?;
    undo(tx, by, &store::redemption(tx, id)?, None)
}

/// Undoes a code's newest redemption that has not been undone.
///
/// # Errors
/// `NOT_FOUND` when the code has no such redemption; `UNDO_WINDOW_PASSED` for a cashier after ten minutes, or when
/// another cashier redeemed the code.
pub fn undo_code(tx: &Tx<'_>, by: &Redeemer, discount: DiscountId, reason: Option<&str>) -> Result<Undone> {
    let standing = store::standing(tx, discount)?.ok_or(Refusal::NothingToUndo)?;
    undo(tx, by, &StoredRedemption { standing, discount, undone: false }, reason)
}

fn undo(tx: &Tx<'_>, by: &Redeemer, stored: &StoredRedemption, reason: Option<&str>) -> Result<Undone> {
    if stored.undone {
        Err(Refusal::NothingToUndo)?;
    }
    let in_time = by.is(&stored.standing) && tx.now() < stored.standing.at.plus(UNDO_SECONDS);
    if by.cashier().is_some() && !in_time {
        Err(Refusal::UndoWindowPassed)?;
    }
    let before = store::get(tx, stored.discount)?;
    let who = by.staff();
    if !store::undo(tx, &before, stored.standing.id, &who, reason)? {
        Err(Refusal::NothingToUndo)?;
    }
    let discount = store::get(tx, stored.discount)?;
    let entry = LogEntry {
        status: Attempt::Undone,
        typed: &discount.code_text,
        realm: discount.realm,
        said_at: None,
        discount: Some(&discount),
        cashier: by.cashier(),
        actor: by.actor(),
        redemption: Some(stored.standing.id),
        message: reason,
    };
    let log = store::log(tx, &entry)?;
    let is_active = matches!(rules::state(&discount, tx.now()), CodeState::Active);
    let key = if is_active { "discount_undone_user" } else { "discount_undone_expired_user" };
    counter::tell_customer(tx, key, &discount, log)?;
    if let Redeemer::Actor(actor) = by {
        let after = json!({ "redemption": stored.standing.id, "code": discount.id, "reason": reason });
        record(tx, actor, "undo_redemption", &discount, (Value::Null, after))?;
    }
    Ok(Undone { id: stored.standing.id, discount, redeemed_at: stored.standing.at })
}

/// Whether the customer is told that their code was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tell {
    /// The customer gets a message.
    Customer,
    /// The customer gets no message.
    Nobody,
}

/// Revokes an active code. The audit log gets `reason`, cut to 256 characters. With [`Tell::Customer`], a message to
/// the customer is put into the outbox. Returns the revoked code.
///
/// # Errors
/// `CODE_ALREADY_USED`, `CODE_EXPIRED` or `CODE_REVOKED` when the code is not active.
pub fn revoke(tx: &Tx<'_>, discount: &Discount, reason: Option<&str>, tell: Tell, by: &Manager) -> Result<Discount> {
    only_active(tx, discount)?;
    let reason: Option<String> = reason.map(|reason| reason.trim().chars().take(256).collect());
    if !store::revoke(tx, discount.id, reason.as_deref(), &by.actor().to_string())? {
        Err(Refusal::CodeRevoked)?;
    }
    let after = store::get(tx, discount.id)?;
    let values = (json!({ "status": "active" }), json!({ "status": "revoked", "reason": reason }));
    record(tx, by.actor(), "revoke_discount", &after, values)?;
    if tell == Tell::Customer {
        let prefix = crate::settings::CODE_PREFIX.text(tx)?.unwrap_or_default();
        let html = texts::render(tx, "discount_revoked", &[("discount_code", &after.shown_code(&prefix))])?;
        let bot = after.realm.customer_bot();
        let letter = Letter::automatic(bot, after.customer.telegram_id, html, Keyboard::None);
        outbox::enqueue(tx, &letter.of_text("discount_revoked"))?;
    }
    Ok(after)
}

/// Sets the last day on which an active code works, and records the change in the audit log. Returns the code before
/// and after.
///
/// # Errors
/// Those of [`revoke`]; `CODE_NOT_FOUND`; `VALIDATION_ERROR` for a day in the past or more than 3,650 days ahead.
pub fn extend(tx: &Tx<'_>, id: DiscountId, last_day: NaiveDate, by: &Owner) -> Result<(Discount, Discount)> {
    let before = store::get(tx, id)?;
    only_active(tx, &before)?;
    let today = tx.zone().day(tx.now());
    if last_day < today || (last_day - today).num_days() > 3650 {
        Err(Refusal::Validation { field: "until", value: last_day.to_string(), rule: "rule.until" })?;
    }
    let expires_at = tx.zone().start_of(last_day.succ_opt().unwrap_or(last_day));
    store::set_expiry(tx, id, expires_at)?;
    let after = store::get(tx, id)?;
    let ends = |discount: &Discount| json!({ "expires_at": discount.expires_at.to_string() });
    record(tx, by.actor(), "extend_discount", &after, (ends(&before), ends(&after)))?;
    Ok((before, after))
}

fn only_active(view: &View<'_>, discount: &Discount) -> Result<()> {
    match rules::state(discount, view.now()) {
        CodeState::Active => Ok(()),
        CodeState::Revoked { .. } => Err(Refusal::CodeRevoked)?,
        CodeState::Redeemed { at } => Err(Refusal::CodeAlreadyUsed { at, by_you: false })?,
        CodeState::Expired { .. } => Err(Refusal::CodeExpired { last_day: view.zone().last_day(discount.expires_at) })?,
    }
}

fn record(tx: &Tx<'_>, actor: &Actor, action: &'static str, discount: &Discount, values: (Value, Value)) -> Result<()> {
    let (before, after) = values;
    let entity_id = discount.id.to_string();
    audit::record(tx, &audit::Entry { actor, action, entity: "discount", entity_id, before, after })
}
