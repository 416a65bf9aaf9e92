//! The SQL of codes, redemptions and attempts.

use rusqlite::named_params;

use super::card::CardId;
use super::code::{DiscountCode, spelled};
use super::model::{CodeCustomer, Discount, SourceKind, StandingRedemption, Usage};
use super::template::{Template, worth};
use crate::actor::Actor;
use crate::attribution;
use crate::clock::{Millis, Timestamp};
use crate::db::{Tx, View, columns};
use crate::error::{Error, Refusal, Result};
use crate::ids::{CashierId, DiscountId, RedemptionId, TelegramId, TemplateId, UsageLogId, UserId, words};
use crate::realm::Realm;
use crate::shop::language_code;
use crate::texts::nameless;
use crate::user;

columns! {
    select: Discount as d
        from "discounts d JOIN users u ON u.id = d.user_id JOIN discount_templates t ON t.id = d.template_id" {
        id, public_id, code, code_text = spelled("d.code", (language_code!())), user = user_id, template = template_id, template_name = "t.name", title = "t.title",
        realm = is_test, value = worth(value, value_type), usage = usage_type, source_kind, created_at, expires_at,
        redeemed_at, revoked_at,
        customer = code_customer("u.telegram_id", "u.status", "u.first_name", "u.last_name", "u.username", (nameless!())),
    }
}

const BY_ID: &str = select!("WHERE d.id = :id");
const BY_CODE: &str = select!("WHERE d.code = :code AND d.is_test = :realm");
const BY_PUBLIC_ID: &str = select!("WHERE d.public_id = :public_id AND d.is_test = :realm");
// Few rows are sorted here, and only by their keys in the index: a customer may hold very many codes.
const LIVE_OF_USER: &str = select!(
    "WHERE d.id IN (SELECT id FROM discounts INDEXED BY discounts_live_of_user
        WHERE user_id = :user AND revoked_at IS NULL AND redeemed_at IS NULL AND expires_at > :now
        ORDER BY expires_at, id LIMIT :limit)
     ORDER BY d.expires_at, d.id"
);
const NEWEST_LIVE_OF_USER: &str = select!(
    "WHERE d.id IN (SELECT id FROM discounts INDEXED BY discounts_live_of_user
        WHERE user_id = :user AND revoked_at IS NULL AND redeemed_at IS NULL AND expires_at > :now
        ORDER BY id DESC LIMIT :limit)
     ORDER BY d.expires_at, d.id"
);
const LIVE_BY_PUBLIC_ID: &str = select!(
    "WHERE d.public_id = :public_id AND d.user_id = :user AND d.revoked_at IS NULL AND d.redeemed_at IS NULL
     AND d.expires_at > :now"
);
const COUNT_LIVE_OF_USER: &str = "SELECT count(*) FROM discounts INDEXED BY discounts_live_of_user
    WHERE user_id = :user AND revoked_at IS NULL AND redeemed_at IS NULL AND expires_at > :now";
const COUNT_OF_USER: &str = "SELECT count(*) FROM discounts INDEXED BY discounts_of_user WHERE user_id = :user";
const LAST_OF_TEMPLATE: &str = select!(
    "WHERE d.user_id = :user AND d.template_id = :template AND d.revoked_at IS NULL
     ORDER BY d.created_at DESC, d.id DESC LIMIT 1"
);
const LIVE_OF_TEMPLATE: &str = select!(
    "WHERE d.user_id = :user AND d.template_id = :template AND d.revoked_at IS NULL AND d.redeemed_at IS NULL
     AND d.expires_at > :now ORDER BY d.expires_at DESC, d.id DESC LIMIT 1"
);
const FROM_SOURCE: &str = "SELECT 1 FROM discounts
    WHERE user_id = :user AND +source_kind = :kind AND +source_id = :id AND revoked_at IS NULL LIMIT 1";
const INSERT: &str =
    "INSERT INTO discounts (public_id, code, user_id, template_id, is_test, value, value_type, usage_type,
        source_kind, source_id, created_at, created_day, created_by, expires_at)
    VALUES (:public_id, :code, :user, :template, :realm, :value, :value_type, :usage, :source_kind, :source_id,
        :now, :day, :by, :expires_at)
    ON CONFLICT (code) DO NOTHING";
const MARK_REDEEMED: &str = "UPDATE discounts SET redeemed_at = :now
    WHERE id = :id AND redeemed_at IS NULL AND revoked_at IS NULL AND expires_at > :as_of";
const STILL_LIVE: &str = "SELECT 1 FROM discounts WHERE id = :id AND revoked_at IS NULL AND expires_at > :as_of";
const REDEEM: &str =
    "INSERT INTO redemptions (discount_id, user_id, is_single, is_test, cashier_id, actor, at, day, hour, amount,
        broadcast_id)
    VALUES (:discount, :user, :single, :realm, :cashier, :actor, :now, :day, :hour, :amount, :broadcast)";
columns! { select_standing: StandingRedemption from "redemptions" { id, at, cashier = cashier_id, actor } }
// The statement searches single codes in its first half and shared codes in its second, so that each half uses its own
// partial index.
const STANDING: &str = concat!(
    select_standing!("WHERE discount_id = :discount AND is_single = 1 AND undone_at IS NULL UNION ALL "),
    select_standing!("WHERE discount_id = :discount AND is_single = 0 AND undone_at IS NULL ORDER BY id DESC LIMIT 1")
);
columns! {
    select_redemption: StoredRedemption from "redemptions" {
        standing: StandingRedemption { id, at, cashier = cashier_id, actor }, discount = discount_id,
        undone = "undone_at IS NOT NULL",
    }
}
const REDEMPTION: &str = select_redemption!("WHERE id = :id");
const UNDO: &str = "UPDATE redemptions SET undone_at = :now, undone_by = :by, undo_reason = :reason
    WHERE id = :id AND undone_at IS NULL";
const GIVE_BACK: &str = "UPDATE discounts SET redeemed_at = NULL WHERE id = :id AND redeemed_at IS NOT NULL";
const REVOKE: &str = "UPDATE discounts SET revoked_at = :now, revoke_reason = :reason, revoked_by = :by
    WHERE id = :id AND revoked_at IS NULL AND redeemed_at IS NULL AND expires_at > :now";
const VOID: &str = "UPDATE discounts SET revoked_at = :now, revoke_reason = 'restore', revoked_by = :by
    WHERE redeemed_at IS NULL AND revoked_at IS NULL AND expires_at > :now";
const SET_EXPIRY: &str = "UPDATE discounts SET expires_at = :at WHERE id = :id";
pub(super) const ROWS: &str = select!();
const LOG: &str =
    "INSERT INTO discount_usage_logs (at, said_at, day, is_test, status, code_typed, discount_id, user_id, cashier_id,
        actor, redemption_id, message)
    VALUES (:now, :said_at, :day, :realm, :status, :typed, :discount, :user, :cashier, :actor, :redemption, :message)";
columns! {
    select_attempts: Logged as l from "discount_usage_logs l LEFT JOIN cashiers c ON c.id = l.cashier_id" {
        at, status, typed = code_typed, by = "coalesce(c.name, l.actor)", message,
    }
}
const ATTEMPTS: &str = select_attempts!("WHERE l.discount_id = :discount ORDER BY l.id LIMIT 100");
// The attempts are found through the customer's codes: attempts have no index by customer.
pub(super) const ATTEMPTS_OF_USER: &str = select_attempts!(
    "WHERE l.discount_id IN (SELECT id FROM discounts WHERE user_id = :user) ORDER BY l.id DESC LIMIT 10"
);
const LAST_MISSES: &str = "SELECT said_at FROM discount_usage_logs
    WHERE cashier_id = :cashier AND status = 'not_found' ORDER BY said_at DESC LIMIT 5";
// Finds the rows through the index by cashier, which also holds the rows without a cashier, ordered by time.
const LAST_MISSES_OF_ACTOR: &str = "SELECT said_at FROM discount_usage_logs
    WHERE cashier_id IS NULL AND actor = :actor AND status = 'not_found' AND said_at > :since
    ORDER BY said_at DESC LIMIT 60";
// Searches only the shop's last 1,000 attempts: there is no index by cashier and id, because every redemption would
// have to update it.
const LAST_OUTCOMES: &str = "SELECT status FROM discount_usage_logs
    WHERE id > (SELECT max(id) FROM discount_usage_logs) - 1000 AND cashier_id = :cashier ORDER BY id DESC LIMIT 6";
// Searches only cards that expired at most a minute ago: the redemption is less than a minute old, and its card had not
// expired then.
const CARD_OF: &str = "SELECT id FROM cards WHERE expires_ms > :since AND redemption_id = :redemption LIMIT 1";
const INSERT_CARD: &str = "INSERT INTO cards (id, staff, discount_id, as_of, expires_ms)
    VALUES (:id, :staff, :discount, :as_of, :expires)";
columns! {
    select_card: StoredCard from "cards" {
        staff, discount = discount_id, as_of, expires = expires_ms, redemption = redemption_id,
    }
}
const FIND_CARD: &str = select_card!("WHERE id = :id");
const FORGET_CARDS: &str = "DELETE FROM cards WHERE id IN
    (SELECT id FROM cards WHERE expires_ms < :before ORDER BY expires_ms LIMIT 1000)";
// Attempts that belong to a redemption are kept with the redemption. An attempt that a letter still refers to is kept
// until the letter is deleted.
const FORGET_ATTEMPTS: &str = "DELETE FROM discount_usage_logs
    WHERE id > :after AND id <= :to AND at < :before AND redemption_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.usage_log_id = discount_usage_logs.id)";
const ATTEMPTS_FROM: &str =
    "SELECT max(id), min(at) FROM (SELECT id, at FROM discount_usage_logs WHERE id > :after ORDER BY id LIMIT 1000)";
const SPEND_CARD: &str = "UPDATE cards SET redemption_id = :redemption WHERE id = :id AND redemption_id IS NULL";

/// How long a card's row is kept after the card expired, in milliseconds: a press within two days returns the card's
/// redemption; later the card is unknown.
const CARDS_KEPT_MS: i64 = 48 * 3600 * 1000;

words!(
    /// The result of a redemption attempt.
    Attempt as UsageStatus {
        /// The code may be redeemed, and its card was shown.
        Checked = "checked",
        /// The code was redeemed.
        Success = "success",
        /// The code had been redeemed before.
        AlreadyUsed = "already_used",
        /// No code of this realm has the entered text.
        NotFound = "not_found",
        /// The code has expired.
        Expired = "expired",
        /// The shop revoked the code.
        Revoked = "revoked",
        /// The person is not an active cashier.
        CashierNotActive = "cashier_not_active",
        /// The customer is blocked by the shop.
        CustomerBlocked = "customer_blocked",
        /// The cashier or script was locked out for guessing.
        LockedOut = "locked_out",
        /// The same redemption was requested again.
        Repeated = "repeated",
        /// A redemption was undone.
        Undone = "undone",
    }
);

impl Attempt {
    /// Whether the attempt was the check of a code that cannot be redeemed.
    pub(super) const fn is_failed_check(self) -> bool {
        matches!(self, Self::AlreadyUsed | Self::NotFound | Self::Expired | Self::Revoked | Self::CustomerBlocked)
    }
}

/// An attempt at the shop's counter, as logged.
pub(super) struct LogEntry<'a> {
    pub status: Attempt,
    pub typed: &'a str,
    pub realm: Realm,
    /// When the cashier wrote the message with the code; `None` = now.
    pub said_at: Option<Timestamp>,
    pub discount: Option<&'a Discount>,
    pub cashier: Option<CashierId>,
    pub actor: Option<String>,
    pub redemption: Option<RedemptionId>,
    pub message: Option<&'a str>,
}

/// An attempt at the shop's counter, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// When the attempt was made.
    pub at: Timestamp,
    /// The attempt's result.
    pub status: Attempt,
    /// The code as entered, at most 64 characters.
    pub typed: String,
    /// The name of the cashier, or the actor.
    pub by: Option<String>,
    /// A note on the attempt: `user_not_notified` when the customer could not be told, that an old card was pressed, or
    /// the reason of an undo.
    pub message: Option<String>,
}

/// The row of a card.
pub(super) struct StoredCard {
    pub staff: String,
    pub discount: DiscountId,
    pub as_of: Timestamp,
    pub expires: Millis,
    pub redemption: Option<RedemptionId>,
}

/// The code of this realm with exactly this text.
///
/// # Errors
/// `CODE_NOT_FOUND`.
pub fn get_by_code(view: &View<'_>, realm: Realm, code: &DiscountCode) -> Result<Discount> {
    Ok(find_by_code(view, realm, code)?.ok_or(Refusal::CodeNotFound)?)
}

pub(super) fn find_by_code(view: &View<'_>, realm: Realm, code: &DiscountCode) -> Result<Option<Discount>> {
    Ok(view.find(BY_CODE, named_params! { ":code": code, ":realm": realm }, Discount::from_row)?)
}

/// The code of this realm with the public id that its QR picture holds.
///
/// # Errors
/// `CODE_NOT_FOUND`.
pub fn get_by_public_id(view: &View<'_>, realm: Realm, public_id: &str) -> Result<Discount> {
    let found =
        view.find(BY_PUBLIC_ID, named_params! { ":public_id": public_id, ":realm": realm }, Discount::from_row)?;
    Ok(found.ok_or(Refusal::CodeNotFound)?)
}

/// The code with this row id.
///
/// # Errors
/// `CODE_NOT_FOUND`.
pub fn get(view: &View<'_>, id: DiscountId) -> Result<Discount> {
    Ok(view.find(BY_ID, &[(":id", &id)], Discount::from_row)?.ok_or(Refusal::CodeNotFound)?)
}

/// The first `limit` of a customer's codes that may be redeemed now, first to expire first.
pub fn list_live(view: &View<'_>, user: UserId, limit: u32) -> Result<Vec<Discount>> {
    live(view, LIVE_OF_USER, user, limit)
}

/// The newest `limit` of a customer's codes that may be redeemed now; among these, first to expire first.
pub fn list_newest_live(view: &View<'_>, user: UserId, limit: u32) -> Result<Vec<Discount>> {
    live(view, NEWEST_LIVE_OF_USER, user, limit)
}

fn live(view: &View<'_>, statement: &'static str, user: UserId, limit: u32) -> Result<Vec<Discount>> {
    let params = named_params! { ":user": user, ":now": view.now(), ":limit": limit };
    Ok(view.list(statement, params, Discount::from_row)?)
}

/// The code with this public id, if it is this customer's and may be redeemed now.
pub fn find_live(view: &View<'_>, user: UserId, public_id: &str) -> Result<Option<Discount>> {
    let params = named_params! { ":public_id": public_id, ":user": user, ":now": view.now() };
    Ok(view.find(LIVE_BY_PUBLIC_ID, params, Discount::from_row)?)
}

/// The number of a customer's codes that may be redeemed now.
pub fn count_live_of_user(view: &View<'_>, user: UserId) -> Result<i64> {
    Ok(view.get(COUNT_LIVE_OF_USER, named_params! { ":user": user, ":now": view.now() }, |row| row.get(0))?)
}

/// The number of a customer's codes in any state.
pub fn count_of_user(view: &View<'_>, user: UserId) -> Result<i64> {
    Ok(view.get(COUNT_OF_USER, &[(":user", &user)], |row| row.get(0))?)
}

pub(super) fn last_of_template(view: &View<'_>, user: UserId, template: TemplateId) -> Result<Option<Discount>> {
    Ok(view.find(LAST_OF_TEMPLATE, named_params! { ":user": user, ":template": template }, Discount::from_row)?)
}

pub(super) fn live_of_template(view: &View<'_>, user: UserId, template: TemplateId) -> Result<Option<Discount>> {
    let params = named_params! { ":user": user, ":template": template, ":now": view.now() };
    Ok(view.find(LIVE_OF_TEMPLATE, params, Discount::from_row)?)
}

pub(super) fn exists_from_source(view: &View<'_>, user: UserId, kind: SourceKind, id: i64) -> Result<bool> {
    Ok(view.find(FROM_SOURCE, named_params! { ":user": user, ":kind": kind, ":id": id }, |_| Ok(()))?.is_some())
}

/// The values of a code to be written.
pub(super) struct NewDiscount<'a> {
    pub public_id: &'a str,
    pub code: &'a DiscountCode,
    pub user: &'a user::User,
    pub template: &'a Template,
    pub source: (SourceKind, Option<i64>),
    pub by: &'a str,
}

/// Writes a code; `None` when its text is taken already.
pub(super) fn insert(tx: &Tx<'_>, new: &NewDiscount<'_>) -> Result<Option<Discount>> {
    let expires_at = tx.zone().end_of_validity(tx.now(), new.template.duration_days);
    let written = tx.change(
        INSERT,
        named_params! {
            ":public_id": new.public_id, ":code": new.code, ":user": new.user.id, ":template": new.template.id,
            ":realm": new.user.realm, ":value": new.template.value.hundredths(),
            ":value_type": new.template.value.kind(), ":usage": new.template.usage, ":source_kind": new.source.0,
            ":source_id": new.source.1, ":now": tx.now(), ":day": tx.today(), ":by": new.by, ":expires_at": expires_at,
        },
    )?;
    if written == 0 { Ok(None) } else { find_by_code(tx, new.user.realm, new.code) }
}

/// Redeems a code: marks a single code as redeemed, or checks that a shared code is still live, and inserts the
/// redemption. `None` when the code cannot be redeemed. The caller has checked the code in the same transaction, so
/// `None` means a bug.
pub(super) fn redeem(
    tx: &Tx<'_>,
    discount: &Discount,
    as_of: Timestamp,
    by: (Option<CashierId>, Option<&str>),
    amount: Option<i64>,
) -> Result<Option<RedemptionId>> {
    let single = discount.usage == Usage::Single;
    let taken = if single {
        let params = named_params! { ":id": discount.id, ":now": tx.now(), ":as_of": as_of };
        tx.change(MARK_REDEEMED, params)? == 1
    } else {
        tx.find(STILL_LIVE, named_params! { ":id": discount.id, ":as_of": as_of }, |_| Ok(()))?.is_some()
    };
    if !taken {
        return Ok(None);
    }
    let broadcast = attribution::last_touch(tx, discount.realm, discount.id, discount.user)?;
    let id = tx.insert(
        REDEEM,
        named_params! {
            ":discount": discount.id, ":user": discount.user, ":broadcast": broadcast, ":single": single, ":realm": discount.realm, ":cashier": by.0, ":actor": by.1,
            ":now": tx.now(), ":day": tx.today(), ":hour": tx.zone().hour(tx.now()), ":amount": amount,
        },
    )?;
    Ok(Some(RedemptionId(id)))
}

pub(super) fn standing(view: &View<'_>, discount: DiscountId) -> Result<Option<StandingRedemption>> {
    Ok(view.find(STANDING, &[(":discount", &discount)], StandingRedemption::from_row)?)
}

/// A redemption, and whether it has been undone.
pub(super) struct StoredRedemption {
    pub standing: StandingRedemption,
    pub discount: DiscountId,
    pub undone: bool,
}

pub(super) fn redemption(view: &View<'_>, id: RedemptionId) -> Result<StoredRedemption> {
    Ok(view.get(REDEMPTION, &[(":id", &id)], StoredRedemption::from_row)?)
}

/// Undoes a redemption, so that a single code may be redeemed again; `false` when the redemption is undone already.
pub(super) fn undo(
    tx: &Tx<'_>,
    discount: &Discount,
    redemption: RedemptionId,
    by: &str,
    reason: Option<&str>,
) -> Result<bool> {
    let params = named_params! { ":id": redemption, ":now": tx.now(), ":by": by, ":reason": reason };
    if tx.change(UNDO, params)? == 0 {
        return Ok(false);
    }
    if discount.usage == Usage::Single {
        tx.change(GIVE_BACK, named_params! { ":id": discount.id })?;
    }
    Ok(true)
}

/// Revokes an active code; `false` when the code is not active.
pub(super) fn revoke(tx: &Tx<'_>, id: DiscountId, reason: Option<&str>, by: &str) -> Result<bool> {
    let params = named_params! { ":id": id, ":now": tx.now(), ":reason": reason, ":by": by };
    Ok(tx.change(REVOKE, params)? == 1)
}

/// Revokes every code that may be redeemed now, after a restore. Returns how many.
pub fn void_live(tx: &Tx<'_>, by: &Actor) -> Result<usize> {
    Ok(tx.change(VOID, named_params! { ":now": tx.now(), ":by": by.to_string() })?)
}

pub(super) fn set_expiry(tx: &Tx<'_>, id: DiscountId, at: Timestamp) -> Result<()> {
    tx.change(SET_EXPIRY, named_params! { ":id": id, ":at": at })?;
    Ok(())
}

/// Logs an attempt. Stores at most 64 characters of the entered code and 512 of the message; a message that was cut
/// ends with a mark.
pub(super) fn log(tx: &Tx<'_>, entry: &LogEntry<'_>) -> Result<UsageLogId> {
    let typed: String = entry.typed.chars().take(64).collect();
    let id = tx.insert(
        LOG,
        named_params! {
            ":now": tx.now(), ":said_at": entry.said_at.unwrap_or(tx.now()), ":day": tx.today(),
            ":realm": entry.realm, ":status": entry.status, ":typed": typed,
            ":discount": entry.discount.map(|d| d.id), ":user": entry.discount.map(|d| d.user),
            ":cashier": entry.cashier, ":actor": entry.actor, ":redemption": entry.redemption,
            ":message": entry.message.map(shortened),
        },
    )?;
    Ok(UsageLogId(id))
}

fn shortened(message: &str) -> String {
    const MARK: &str = "... (truncated)";
    if message.chars().count() <= 512 {
        return message.to_owned();
    }
    message.chars().take(512 - MARK.len()).chain(MARK.chars()).collect()
}

/// The attempts at a code, oldest first (at most 100).
pub fn list_attempts(view: &View<'_>, discount: DiscountId) -> Result<Vec<Logged>> {
    Ok(view.list(ATTEMPTS, &[(":discount", &discount)], Logged::from_row)?)
}

/// How many of a cashier's last attempts in a row were refused checks, counted back from the newest; at most six.
pub(super) fn failed_in_a_row(view: &View<'_>, cashier: CashierId) -> Result<usize> {
    let last: Vec<Attempt> = view.list(LAST_OUTCOMES, &[(":cashier", &cashier)], |row| row.get(0))?;
    Ok(last.into_iter().take_while(|status| status.is_failed_check()).count())
}

/// The card of a redemption made within the last minute.
pub(super) fn card_of(view: &View<'_>, redemption: RedemptionId) -> Result<Option<CardId>> {
    let params = named_params! { ":redemption": redemption, ":since": view.now_ms().plus(-60_000) };
    let found: Option<String> = view.find(CARD_OF, params, |row| row.get(0))?;
    Ok(found.as_deref().and_then(CardId::parse))
}

/// When the cashier's last five attempts with an unknown code were made, newest first.
pub(super) fn last_misses(view: &View<'_>, cashier: CashierId) -> Result<Vec<Timestamp>> {
    Ok(view.list(LAST_MISSES, &[(":cashier", &cashier)], |row| row.get(0))?)
}

/// When the actor's last sixty attempts with an unknown code and without a cashier were made, newest first; none before
/// `since`.
pub(super) fn last_misses_of_actor(view: &View<'_>, actor: &Actor, since: Timestamp) -> Result<Vec<Timestamp>> {
    let params = named_params! { ":actor": actor.to_string(), ":since": since };
    Ok(view.list(LAST_MISSES_OF_ACTOR, params, |row| row.get(0))?)
}

pub(super) fn insert_card(
    tx: &Tx<'_>,
    id: &CardId,
    staff: &str,
    discount: DiscountId,
    (as_of, expires): (Timestamp, Millis),
) -> Result<()> {
    tx.change(
        INSERT_CARD,
        named_params! {
            ":id": id, ":staff": staff, ":discount": discount, ":as_of": as_of, ":expires": expires,
        },
    )?;
    Ok(())
}

pub(super) fn find_card(view: &View<'_>, id: &CardId) -> Result<Option<StoredCard>> {
    Ok(view.find(FIND_CARD, named_params! { ":id": id }, StoredCard::from_row)?)
}

/// Deletes up to 1,000 cards that expired more than two days ago. Returns how many.
pub fn forget_cards(tx: &Tx<'_>) -> Result<usize> {
    Ok(tx.change(FORGET_CARDS, named_params! { ":before": tx.now_ms().plus(-CARDS_KEPT_MS) })?)
}

/// Deletes those of the next 1,000 attempts after row `after` that are older than the setting `log_retention_days`;
/// attempts that belong to a redemption are kept. Returns how many were deleted, and the row to continue after; `None`
/// when all further attempts are too recent.
pub fn forget_attempts(tx: &Tx<'_>, after: i64) -> Result<(usize, Option<i64>)> {
    let before = tx.now().plus(-crate::settings::LOG_RETENTION_DAYS.int(tx)? * 86_400);
    let page: (Option<i64>, Option<Timestamp>) =
        tx.get(ATTEMPTS_FROM, &[(":after", &after)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (Some(to), Some(oldest)) = page else { return Ok((0, None)) };
    if oldest >= before {
        return Ok((0, None));
    }
    let gone = tx.change(FORGET_ATTEMPTS, named_params! { ":after": after, ":to": to, ":before": before })?;
    Ok((gone, Some(to)))
}

pub(super) fn spend_card(tx: &Tx<'_>, id: &CardId, redemption: RedemptionId) -> Result<()> {
    match tx.change(SPEND_CARD, named_params! { ":id": id, ":redemption": redemption })? {
        1 => Ok(()),
        _ => Err(Error::Storage(crate::db::Failure::Internal("a card was spent twice".into()))),
    }
}

fn code_customer(
    telegram_id: TelegramId,
    status: user::UserStatus,
    first_name: Option<String>,
    last_name: Option<String>,
    username: Option<String>,
    nameless: Option<String>,
) -> rusqlite::Result<CodeCustomer> {
    let person = user::Person { id: telegram_id, username, first_name, last_name };
    let (name, first_name) = (person.name(), person.salutation());
    let display_name = name.or(nameless).unwrap_or_default();
    Ok(CodeCustomer { display_name, first_name, telegram_id, status })
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn a_long_message_is_cut_to_512_characters_and_says_so() {
        assert_eq!(shortened(&"я".repeat(512)), "я".repeat(512));
        let cut = shortened(&"я".repeat(513));
        assert_eq!(cut.chars().count(), 512);
        assert!(cut.ends_with("я... (truncated)"));
    }
}
