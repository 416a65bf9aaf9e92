//! What cashiers do at the shop's counter: they check a code and redeem it, once. Every attempt is logged as a row. So
//! a refusal is returned as a value: an `Err` would roll back the transaction, and the row with it. The checks run in
//! this order (product.md §5): cashier → code → customer → revoked → redeemed → expired.

use super::card::CardId;
use super::code::{self, DiscountCode};
use super::model::{CodeState, Discount, StandingRedemption, Usage};
use super::rules;
use super::store::{self, Attempt, LogEntry};
use crate::actor::Actor;
use crate::clock::Timestamp;
use crate::db::{Tx, View};
use crate::error::{Error, Refusal, Result};
use crate::ids::{CashierId, RedemptionId, UsageLogId};
use crate::outbox::{self, Letter};
use crate::realm::Realm;
use crate::settings;
use crate::shop;
use crate::staff;
use crate::telegram::client::Keyboard;
use crate::texts;

/// How long a card's button works, in milliseconds. A press within this time is judged as of the card's `as_of` (when
/// the cashier wrote the message), so a code that expires between the check and the press can still be redeemed.
const CARD_MS: i64 = 10 * 60 * 1000;
/// `/redeem` of the same code by the same cashier within this many seconds counts as the same redemption.
const REPEAT_SECONDS: i64 = 60;
/// This many unknown codes within `GUESS_SECONDS` lock a cashier out for `GUESS_SECONDS`.
const GUESSES: usize = 5;
const GUESS_SECONDS: i64 = 10 * 60;
/// Admins are told after this many refused checks in a row by one cashier.
const FAILED_CHECKS: usize = 5;
/// How many unknown codes lock out a script that names no cashier. The limit is higher than `GUESSES`, because a till
/// serves many customers, each of whom may mistype.
const GUESSES_OF_SCRIPT: usize = 60;
/// The greatest age of a message, in seconds; an older message is treated as this old.
const OLDEST_MESSAGE: i64 = 24 * 3600;

/// The person or script that checks or redeems a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redeemer {
    /// A cashier. They can use only their own cards, and are locked out for guessing codes.
    Cashier(CashierId),
    /// An owner in the staff bot, a script, or a shell.
    Actor(Actor),
}

impl Redeemer {
    pub(super) const fn cashier(&self) -> Option<CashierId> {
        match self {
            Self::Cashier(id) => Some(*id),
            Self::Actor(_) => None,
        }
    }

    pub(super) fn actor(&self) -> Option<String> {
        match self {
            Self::Cashier(_) => None,
            Self::Actor(actor) => Some(actor.to_string()),
        }
    }

    /// The cashier or actor in the stored form of an [`Actor`], such as `cashier:3`: the column `cards.staff` says with
    /// it to whom a card belongs, `redemptions.undone_by` who undid a redemption.
    pub(super) fn staff(&self) -> String {
        match self {
            Self::Cashier(id) => Actor::Cashier(*id).to_string(),
            Self::Actor(actor) => actor.to_string(),
        }
    }

    pub(super) fn is(&self, standing: &StandingRedemption) -> bool {
        self.cashier() == standing.cashier && self.actor() == standing.actor
    }
}

/// A code that may be redeemed, and the card that redeems it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedemptionCard {
    /// The card's id, which goes into the button.
    pub id: CardId,
    /// The code that the card redeems.
    pub discount: Discount,
}

/// The result of checking a code; always logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// The code may be redeemed with this card.
    Card(Box<RedemptionCard>),
    /// The code may not be redeemed, for this reason; without a discount when no code was found or looked up.
    Refused(Refusal, Option<Box<Discount>>),
}

/// A redemption that has not been undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedeemedCode {
    /// The redemption's row.
    pub id: RedemptionId,
    /// The code that was redeemed.
    pub discount: Discount,
    /// When the code was redeemed.
    pub at: Timestamp,
}

/// The result of redeeming; always logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redemption {
    /// The code is redeemed now; a message to the customer is in the outbox.
    Done(RedeemedCode),
    /// The same redemption had been made before; nothing changed.
    Repeated(RedeemedCode),
    /// The code was not redeemed, for this reason; without a discount when no code was found or looked up.
    Refused(Refusal, Option<Box<Discount>>),
}

/// One attempt at the shop's counter: who makes it, in which realm, with which entered text.
struct CounterAttempt<'a> {
    by: &'a Redeemer,
    realm: Realm,
    typed: &'a str,
    /// When the cashier's message was written, clamped to the last 24 h.
    said_at: Timestamp,
}

/// Checks a code and makes the card that redeems it. `said_at` is when the cashier's message was written: a code sent
/// while the daemon was down is checked as of that time (clamped to the last 24 h). A refusal is returned as a value,
/// not as an error.
pub fn check(tx: &Tx<'_>, by: &Redeemer, realm: Realm, typed: &str, said_at: Option<Timestamp>) -> Result<Checked> {
    let as_of = as_of(tx, said_at);
    let attempt = CounterAttempt { by, realm, typed, said_at: as_of };
    let discount = match attempt.judge(tx, as_of)? {
        Ok(discount) => discount,
        Err((refusal, discount)) => return Ok(Checked::Refused(refusal, discount)),
    };
    let id = CardId::random();
    store::insert_card(tx, &id, &by.staff(), discount.id, (as_of, tx.now_ms().plus(CARD_MS)))?;
    attempt.log(tx, Attempt::Checked, Some(&discount), None, None)?;
    Ok(Checked::Card(Box::new(RedemptionCard { id, discount })))
}

/// Redeems an entered code at once. When the same cashier redeems a single code again within a minute, the earlier
/// redemption is returned. `amount` is the sum of the till's receipt, in kopecks. A refusal is returned as a value, not
/// as an error.
pub fn redeem_code(tx: &Tx<'_>, by: &Redeemer, realm: Realm, typed: &str, amount: Option<i64>) -> Result<Redemption> {
    let attempt = CounterAttempt { by, realm, typed, said_at: tx.now() };
    match attempt.judge_quietly(tx, tx.now())? {
        Ok(discount) => attempt.take(tx, discount, tx.now(), amount),
        Err((refusal, discount)) => {
            if let (Refusal::CodeAlreadyUsed { .. }, Some(discount)) = (&refusal, &discount)
                && let Some(done) = attempt.just_done(tx, discount)?
            {
                attempt.log(tx, Attempt::Repeated, Some(discount), Some(done.id), None)?;
                return Ok(Redemption::Repeated(done));
            }
            attempt.log_refusal(tx, &refusal, discount.as_deref())?;
            Ok(Redemption::Refused(refusal, discount))
        }
    }
}

/// The earlier redemption and its card, when the same cashier redeems the same entered code again within a minute.
/// `None` when the request is not such a repetition; then nothing is logged.
pub fn repeat_code(
    tx: &Tx<'_>,
    by: &Redeemer,
    realm: Realm,
    typed: &str,
) -> Result<Option<(RedeemedCode, Option<CardId>)>> {
    let attempt = CounterAttempt { by, realm, typed, said_at: tx.now() };
    let Err((Refusal::CodeAlreadyUsed { .. }, Some(discount))) = attempt.judge_quietly(tx, tx.now())? else {
        return Ok(None);
    };
    let Some(done) = attempt.just_done(tx, &discount)? else { return Ok(None) };
    attempt.log(tx, Attempt::Repeated, Some(&discount), Some(done.id), None)?;
    let card = store::card_of(tx, done.id)?;
    Ok(Some((done, card)))
}

/// Redeems a code with a card. The card is the idempotency key: a second press returns the redemption of the first.
/// Another cashier's card, or an unknown one, is refused and logged as an unknown code. `None` when the card is too old
/// and the code must be checked again. A refusal is returned as a value, not as an error.
pub fn redeem_card(tx: &Tx<'_>, by: &Redeemer, realm: Realm, card: &CardId) -> Result<Option<Redemption>> {
    let attempt = CounterAttempt { by, realm, typed: card.as_str(), said_at: tx.now() };
    let stored = store::find_card(tx, card)?.filter(|stored| stored.staff == by.staff());
    let Some(stored) = stored else {
        let refusal = attempt.who(tx)?.err().unwrap_or(Refusal::CodeNotFound);
        attempt.log_refusal(tx, &refusal, None)?;
        return Ok(Some(Redemption::Refused(refusal, None)));
    };
    let discount = store::get(tx, stored.discount)?;
    let typed = discount.code_text.clone();
    let attempt = CounterAttempt { typed: &typed, ..attempt };
    if let Err(refusal) = attempt.who(tx)? {
        attempt.log_refusal(tx, &refusal, Some(&discount))?;
        return Ok(Some(Redemption::Refused(refusal, Some(Box::new(discount)))));
    }
    let earlier = stored.redemption.map(|id| store::redemption(tx, id)).transpose()?;
    if let Some(earlier) = earlier.as_ref().filter(|earlier| !earlier.undone) {
        let done = RedeemedCode { id: earlier.standing.id, at: earlier.standing.at, discount };
        attempt.log(tx, Attempt::Repeated, Some(&done.discount), Some(done.id), None)?;
        return Ok(Some(Redemption::Repeated(done)));
    }
    // A card redeems once: after an undo, the code needs a new card.
    if earlier.is_some() || tx.now_ms() >= stored.expires {
        attempt.log(tx, Attempt::Checked, Some(&discount), None, Some("an old card was pressed"))?;
        return Ok(None);
    }
    let redemption = match attempt.judge(tx, stored.as_of)? {
        Ok(discount) => attempt.take(tx, discount, stored.as_of, None)?,
        Err((refusal, discount)) => Redemption::Refused(refusal, discount),
    };
    if let Redemption::Done(done) = &redemption {
        store::spend_card(tx, card, done.id)?;
    }
    Ok(Some(redemption))
}

/// The code, when it may be redeemed; otherwise the refusal, with the code if it is known.
type Verdict = std::result::Result<Discount, (Refusal, Option<Box<Discount>>)>;

impl CounterAttempt<'_> {
    /// Checks the entered code and logs a refusal.
    fn judge(&self, tx: &Tx<'_>, as_of: Timestamp) -> Result<Verdict> {
        let verdict = self.judge_quietly(tx, as_of)?;
        if let Err((refusal, discount)) = &verdict {
            self.log_refusal(tx, refusal, discount.as_deref())?;
        }
        Ok(verdict)
    }

    fn judge_quietly(&self, tx: &Tx<'_>, as_of: Timestamp) -> Result<Verdict> {
        if let Err(refusal) = self.who(tx)? {
            return Ok(Err((refusal, None)));
        }
        let Some(discount) = find_typed(tx, self.realm, self.typed)? else {
            return Ok(Err((Refusal::CodeNotFound, None)));
        };
        Ok(match self.obstacle(tx, &discount, as_of)? {
            Some(refusal) => Err((refusal, Some(Box::new(discount)))),
            None => Ok(discount),
        })
    }

    /// Whether the cashier or actor may try any code now; the refusal if they may not.
    fn who(&self, tx: &Tx<'_>) -> Result<std::result::Result<(), Refusal>> {
        if let Redeemer::Cashier(id) = self.by {
            let cashier = staff::get_cashier(tx, *id)?;
            if cashier.status != staff::StaffStatus::Active || cashier.realm != self.realm {
                return Ok(Err(Refusal::CashierNotActive));
            }
        }
        Ok(match locked_until(tx, self.by)? {
            Some(until) => Err(Refusal::CashierLocked { until }),
            None => Ok(()),
        })
    }

    fn obstacle(&self, tx: &Tx<'_>, discount: &Discount, as_of: Timestamp) -> Result<Option<Refusal>> {
        if discount.customer.status == crate::user::UserStatus::Blocked {
            return Ok(Some(Refusal::CustomerBlocked));
        }
        Ok(match rules::state(discount, as_of) {
            CodeState::Active => None,
            CodeState::Revoked { .. } => Some(Refusal::CodeRevoked),
            CodeState::Expired { .. } => {
                Some(Refusal::CodeExpired { last_day: tx.zone().last_day(discount.expires_at) })
            }
            CodeState::Redeemed { at } => {
                let by_you = store::standing(tx, discount.id)?.is_some_and(|standing| self.by.is(&standing));
                Some(Refusal::CodeAlreadyUsed { at, by_you })
            }
        })
    }

    fn take(&self, tx: &Tx<'_>, discount: Discount, as_of: Timestamp, amount: Option<i64>) -> Result<Redemption> {
        let actor = self.by.actor();
        let taken = store::redeem(tx, &discount, as_of, (self.by.cashier(), actor.as_deref()), amount)?;
        // The code was checked in this transaction: a failure here is a bug, and a bug must not grant a discount.
        let lost = || Error::Storage(crate::db::Failure::Internal("a judged code was not there to take".into()));
        let id = taken.ok_or_else(lost)?;
        let log = self.log(tx, Attempt::Success, Some(&discount), Some(id), None)?;
        tell_customer(tx, "discount_used_user", &discount, log)?;
        Ok(Redemption::Done(RedeemedCode { id, at: tx.now(), discount }))
    }

    /// The redemption of a single code that this cashier made less than a minute ago; `None` when there is none.
    fn just_done(&self, tx: &Tx<'_>, discount: &Discount) -> Result<Option<RedeemedCode>> {
        if self.by.cashier().is_none() || discount.usage != Usage::Single {
            return Ok(None);
        }
        let mine = store::standing(tx, discount.id)?
            .filter(|standing| self.by.is(standing) && tx.now() < standing.at.plus(REPEAT_SECONDS));
        Ok(mine.map(|standing| RedeemedCode { id: standing.id, at: standing.at, discount: discount.clone() }))
    }

    fn log_refusal(&self, tx: &Tx<'_>, refusal: &Refusal, discount: Option<&Discount>) -> Result<()> {
        let status = match refusal {
            Refusal::CodeAlreadyUsed { .. } => Attempt::AlreadyUsed,
            Refusal::CodeExpired { .. } => Attempt::Expired,
            Refusal::CodeRevoked => Attempt::Revoked,
            Refusal::CashierNotActive => Attempt::CashierNotActive,
            Refusal::CustomerBlocked => Attempt::CustomerBlocked,
            Refusal::CashierLocked { .. } => Attempt::LockedOut,
            _ => Attempt::NotFound,
        };
        self.log(tx, status, discount, None, None)?;
        match self.by {
            Redeemer::Cashier(id) if status.is_failed_check() && store::failed_in_a_row(tx, *id)? == FAILED_CHECKS => {
                self.tell_of_failed_checks(tx, *id)?;
            }
            _ => {}
        }
        if status == Attempt::NotFound {
            self.tell_of_lockout(tx)?;
        }
        Ok(())
    }

    /// Tells admins of a series of failed checks, once for each series. A successful check ends a series.
    fn tell_of_failed_checks(&self, tx: &Tx<'_>, cashier: CashierId) -> Result<()> {
        // Five unknown codes in a row are reported as a lockout instead.
        if locked_until(tx, self.by)?.is_some() {
            return Ok(());
        }
        let name = staff::get_cashier(tx, cashier)?.name;
        let values = [("display_name", &*name)];
        staff::tell_admins(tx, self.realm, staff::Group::CashierLogs, "notice_failed_checks", &values, None)
    }

    fn log(
        &self,
        tx: &Tx<'_>,
        status: Attempt,
        discount: Option<&Discount>,
        redemption: Option<RedemptionId>,
        message: Option<&str>,
    ) -> Result<UsageLogId> {
        let (typed, realm) = (self.typed, self.realm);
        let (cashier, actor) = (self.by.cashier(), self.by.actor());
        let said_at = Some(self.said_at);
        store::log(tx, &LogEntry { status, typed, realm, said_at, discount, cashier, actor, redemption, message })
    }

    /// Tells admins if the unknown code just logged locks the cashier out.
    fn tell_of_lockout(&self, tx: &Tx<'_>) -> Result<()> {
        let Some(until) = locked_until(tx, self.by)? else { return Ok(()) };
        let (name, key) = match self.by {
            Redeemer::Cashier(id) => (staff::get_cashier(tx, *id)?.name, format!("{id}:{until}")),
            Redeemer::Actor(actor) => (actor.to_string(), format!("{actor}:{until}")),
        };
        staff::tell_admins(
            tx,
            self.realm,
            staff::Group::CashierLogs,
            "notice_lockout",
            &[("display_name", &name)],
            Some(&key),
        )
    }
}

/// Until when the caller is locked out for guessing; `None` when the caller is not locked out. Admins and people at a
/// shell are never locked out: they can list all codes and need not guess. A script that may only redeem cannot list
/// codes.
fn locked_until(view: &View<'_>, by: &Redeemer) -> Result<Option<Timestamp>> {
    let (misses, most) = match by {
        Redeemer::Cashier(id) => (store::last_misses(view, *id)?, GUESSES),
        Redeemer::Actor(actor @ Actor::Token(_)) => {
            let since = view.now().plus(-2 * GUESS_SECONDS);
            (store::last_misses_of_actor(view, actor, since)?, GUESSES_OF_SCRIPT)
        }
        Redeemer::Actor(_) => return Ok(None),
    };
    let (Some(last), Some(first)) = (misses.first(), misses.get(most - 1)) else { return Ok(None) };
    let until = last.plus(GUESS_SECONDS);
    Ok((last.plus(-GUESS_SECONDS) < *first && view.now() < until).then_some(until))
}

/// Finds the code that a person entered, in upper or lower case, with spaces, dashes and look-alikes. A lookup is not
/// an attempt: nothing is logged.
///
/// # Errors
/// `CODE_NOT_FOUND`.
pub fn get_by_ref(view: &View<'_>, realm: Realm, typed: &str) -> Result<Discount> {
    Ok(find_typed(view, realm, typed)?.ok_or(Refusal::CodeNotFound)?)
}

/// The code that an entered text means: first as entered; in the wrong keyboard layout only when exactly one live code
/// matches.
fn find_typed(view: &View<'_>, realm: Realm, typed: &str) -> Result<Option<Discount>> {
    let prefix = settings::CODE_PREFIX.text(view)?.unwrap_or_default();
    let reading = code::read(typed, &prefix);
    let find = |code: &DiscountCode| store::find_by_code(view, realm, code);
    if let Some(found) = reading.plain.as_ref().map(find).transpose()?.flatten() {
        return Ok(Some(found));
    }
    let fitting = reading.layout.iter().map(find).collect::<Result<Vec<_>>>()?;
    let mut live = fitting.into_iter().flatten().filter(|found| rules::state(found, view.now()) == CodeState::Active);
    Ok(live.next().filter(|_| live.next().is_none()))
}

/// `said_at` (when a message was written), clamped to the last 24 h; now, when it is not known.
fn as_of(view: &View<'_>, said_at: Option<Timestamp>) -> Timestamp {
    let now = view.now();
    said_at.map_or(now, |at| at.clamp(now.plus(-OLDEST_MESSAGE), now))
}

/// Tells the customer, through the customer bot, what happened to their code at the shop's counter.
pub(super) fn tell_customer(tx: &Tx<'_>, key: &str, discount: &Discount, log: UsageLogId) -> Result<()> {
    let prefix = settings::CODE_PREFIX.text(tx)?.unwrap_or_default();
    let values = [
        ("discount_code", &*discount.shown_code(&prefix)),
        ("discount_expires_at", &*shop::date(tx, tx.zone().last_day(discount.expires_at))?),
        ("display_name", &*discount.customer.display_name),
        ("first_name", &*discount.customer.first_name),
    ];
    let html = texts::render(tx, key, &values)?;
    let bot = discount.realm.customer_bot();
    let mut letter = Letter::automatic(bot, discount.customer.telegram_id, html, Keyboard::None).of_text(key);
    letter.usage_log = Some(log);
    outbox::enqueue(tx, &letter)
}
