//! Cashiers: the people at the shop's counter, and how an owner decides about them. A row of `cashiers` is a request
//! for access (`request`) until an owner has decided; the owner may also make the person an admin (`admin`).

use rusqlite::named_params;
use serde_json::json;

use super::{Owner, StaffStatus, checked_name};
use crate::actor::Actor;
use crate::audit;
use crate::clock::Timestamp;
use crate::db::{Conditions, Failure, Slice, Tx, View, columns};
use crate::error::{Refusal, Result};
use crate::ids::{CashierId, TelegramId};
use crate::outbox::{self, Letter};
use crate::realm::Realm;
use crate::telegram::client::Keyboard;
use crate::texts;
use crate::user::Person;

columns! {
    select_cashier: Cashier from "cashiers" {
        id, telegram_id, realm = is_test, name, username, status, requested_at, decided_at,
    }
}

const CASHIER_BY_ID: &str = select_cashier!("WHERE id = :id");
const CASHIER_BY_TELEGRAM: &str = select_cashier!("WHERE is_test = :realm AND telegram_id = :telegram_id");
const ROWS: &str = select_cashier!();
const TABLE: &str = "FROM cashiers";
const CASHIER_BY_NAME: &str =
    select_cashier!("WHERE is_test = :realm AND (name = :name OR username = :name COLLATE NOCASE) LIMIT 2");
const DECIDE: &str = "UPDATE cashiers SET status = :status, name = :name, decided_at = :now, decided_by = :by
    WHERE id = :id AND status = :was";
const PUT_INVITED: &str =
    "INSERT INTO cashiers (telegram_id, is_test, name, username, status, requested_at, decided_at, decided_by)
    VALUES (:telegram_id, :realm, :name, :username, 'active', :now, :now, :by)
    ON CONFLICT (is_test, telegram_id) DO UPDATE SET name = excluded.name, username = excluded.username,
        status = excluded.status, decided_at = excluded.decided_at, decided_by = excluded.decided_by";
const RENAME: &str = "UPDATE cashiers SET name = :name WHERE id = :id";

/// A person who works, or asked to work, at the shop's counter.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the columns, described in the migration")]
pub struct Cashier {
    pub id: CashierId,
    pub telegram_id: TelegramId,
    pub realm: Realm,
    pub name: String,
    pub username: Option<String>,
    pub status: StaffStatus,
    pub requested_at: Timestamp,
    pub decided_at: Option<Timestamp>,
}

/// The cashier with this Telegram id, whatever their status.
pub fn find_cashier(view: &View<'_>, realm: Realm, telegram_id: TelegramId) -> Result<Option<Cashier>> {
    let params = named_params! { ":realm": realm, ":telegram_id": telegram_id };
    Ok(view.find(CASHIER_BY_TELEGRAM, params, Cashier::from_row)?)
}

/// The cashier with this row id.
///
/// # Errors
/// `CASHIER_NOT_FOUND`.
pub fn get_cashier(view: &View<'_>, id: CashierId) -> Result<Cashier> {
    let found = view.find(CASHIER_BY_ID, &[(":id", &id)], Cashier::from_row)?;
    Ok(found.ok_or_else(|| Refusal::CashierNotFound(id.to_string()))?)
}

/// Finds a cashier by what an owner enters: `3`, `tg:123`, `@name`, or the exact name.
///
/// # Errors
/// `CASHIER_NOT_FOUND`; `VALIDATION_ERROR` when two cashiers match.
pub fn get_cashier_by_ref(view: &View<'_>, realm: Realm, typed: &str) -> Result<Cashier> {
    let typed = typed.trim();
    let not_found = || Refusal::CashierNotFound(typed.chars().take(64).collect());
    if let Some(id) = typed.strip_prefix("tg:").and_then(|id| id.parse().ok()) {
        return Ok(find_cashier(view, realm, TelegramId(id))?.ok_or_else(not_found)?);
    }
    if let Ok(id) = typed.parse() {
        let found = view.find(CASHIER_BY_ID, &[(":id", &CashierId(id))], Cashier::from_row)?;
        return Ok(found.filter(|cashier| cashier.realm == realm).ok_or_else(not_found)?);
    }
    let name = typed.strip_prefix('@').unwrap_or(typed);
    let found = view.list(CASHIER_BY_NAME, named_params! { ":realm": realm, ":name": name }, Cashier::from_row)?;
    match <[Cashier; 1]>::try_from(found) {
        Ok([cashier]) => Ok(cashier),
        Err(several) if several.len() > 1 => {
            Err(Refusal::Validation { field: "cashier", value: name.to_owned(), rule: "rule.ambiguous_cashier" })?
        }
        Err(_) => Err(not_found())?,
    }
}

/// Which people a list of cashiers shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CashierScope {
    /// Present and former cashiers.
    Staff,
    /// Also people who only asked for access.
    Requests,
}

/// Cashiers of a realm, newest first, and the number of all that match; only those with `status`, if it is given.
pub fn list_cashiers(
    view: &View<'_>,
    realm: Realm,
    (shown, status): (CashierScope, Option<StaffStatus>),
    slice: Slice,
) -> Result<(Vec<Cashier>, i64)> {
    let fitting =
        Conditions::new("is_test = :realm", ":realm", &realm).and("status = :status", ":status", status.as_ref());
    let fitting =
        if shown == CashierScope::Staff { fitting.fixed("status IN ('active', 'suspended')") } else { fitting };
    Ok(fitting.page(view, (ROWS, TABLE, "ORDER BY id DESC"), slice, Cashier::from_row)?)
}

/// Undecided requests of a realm, oldest first, and the number of all of them.
pub fn list_requests(view: &View<'_>, realm: Realm, slice: Slice) -> Result<(Vec<Cashier>, i64)> {
    let open = Conditions::new("is_test = :realm", ":realm", &realm).fixed("status = 'requested'");
    Ok(open.page(view, (ROWS, TABLE, "ORDER BY id"), slice, Cashier::from_row)?)
}

/// An owner approves a cashier, under `name` if given; the person is told. Approving an active cashier again changes
/// nothing. Audited.
///
/// # Errors
/// `CASHIER_NOT_FOUND`; `VALIDATION_ERROR` for an empty or long name.
pub fn approve(tx: &Tx<'_>, id: CashierId, name: Option<&str>, by: &Owner) -> Result<Decision> {
    decide(tx, id, StaffStatus::Active, name, by)
}

/// An owner declines a request; the person is told and may ask again after a day. Audited.
///
/// # Errors
/// `CASHIER_NOT_FOUND`; `CASHIER_ALREADY_EXISTS` (with the present status) when the request is not open.
pub fn decline(tx: &Tx<'_>, id: CashierId, by: &Owner) -> Result<Decision> {
    decide(tx, id, StaffStatus::Declined, None, by)
}

/// An owner suspends an active cashier, who is told. Audited.
///
/// # Errors
/// `CASHIER_NOT_FOUND`; `CASHIER_ALREADY_EXISTS` (with the present status) when the cashier is not active.
pub fn suspend(tx: &Tx<'_>, id: CashierId, by: &Owner) -> Result<Decision> {
    decide(tx, id, StaffStatus::Suspended, None, by)
}

/// An owner renames a cashier. Audited; the cashier is not told.
///
/// # Errors
/// `CASHIER_NOT_FOUND`; `VALIDATION_ERROR` for an empty or long name.
pub fn rename(tx: &Tx<'_>, id: CashierId, name: &str, by: &Owner) -> Result<Decision> {
    let status = get_cashier(tx, id)?.status;
    decide(tx, id, status, Some(name), by)
}

/// A cashier before and after an owner's decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The cashier before the decision.
    pub before: Cashier,
    /// The cashier after the decision.
    pub after: Cashier,
}

/// A cashier before and after opening an invitation.
pub(super) struct InvitedCashier {
    /// `None`: the person was not known as a cashier and had not asked for access.
    pub before: Option<Cashier>,
    pub after: Cashier,
}

/// Makes a person who opened an invitation an active cashier, under `name` if given. An active cashier keeps their name
/// unless another one is given. `invited_by` is the actor who made the invitation. Audited as the person's own act.
pub(super) fn put_invited_cashier(
    tx: &Tx<'_>,
    realm: Realm,
    person: &Person,
    name: Option<&str>,
    invited_by: &str,
) -> Result<InvitedCashier> {
    let before = find_cashier(tx, realm, person.id)?;
    let kept = before.as_ref().filter(|known| known.status == StaffStatus::Active).map(|known| known.name.clone());
    let name: String = match name.map(str::to_owned).or(kept) {
        Some(name) => name,
        None => person.display_name(tx)?.chars().take(128).collect(),
    };
    let params = named_params! {
        ":telegram_id": person.id, ":realm": realm, ":name": name, ":username": person.username, ":now": tx.now(),
        ":by": invited_by,
    };
    tx.change(PUT_INVITED, params)?;
    let not_made = || Failure::Internal("an invited cashier has no row".into());
    let after = find_cashier(tx, realm, person.id)?.ok_or_else(not_made)?;
    let (action, entity) = ("accept_invitation", "cashier");
    let facts = |cashier: &Cashier| json!({ "status": cashier.status.as_str(), "name": cashier.name });
    audit::record(
        tx,
        &audit::Entry {
            actor: &Actor::Cashier(after.id),
            action,
            entity,
            entity_id: after.id.to_string(),
            before: before.as_ref().map_or(serde_json::Value::Null, facts),
            after: facts(&after),
        },
    )?;
    Ok(InvitedCashier { before, after })
}

fn decide(tx: &Tx<'_>, id: CashierId, to: StaffStatus, name: Option<&str>, by: &Owner) -> Result<Decision> {
    let before = get_cashier(tx, id)?;
    let name = name.map(checked_name).transpose()?.unwrap_or_else(|| before.name.clone());
    if before.status == to && before.name == name {
        return Ok(Decision { after: before.clone(), before });
    }
    if !may_become(before.status, to) {
        Err(Refusal::CashierState { status: before.status.as_str() })?;
    }
    let decided = named_params! {
        ":id": id, ":status": to, ":was": before.status, ":name": name, ":now": tx.now(), ":by": by.actor().to_string(),
    };
    // A new name is not a decision: the date of the last decision stays.
    let is_decision = before.status != to;
    if is_decision {
        tx.change(DECIDE, decided)?
    } else {
        tx.change(RENAME, named_params! { ":id": id, ":name": name })?
    };
    let decision = Decision { after: get_cashier(tx, id)?, before };
    record_decision(tx, &decision, by)?;
    Ok(decision)
}

/// Whether a cashier's status may change: requested → active ⇄ suspended, requested → declined; approving is possible
/// from every status.
const fn may_become(from: StaffStatus, to: StaffStatus) -> bool {
    match to {
        StaffStatus::Active => true,
        StaffStatus::Declined => matches!(from, StaffStatus::Requested | StaffStatus::Declined),
        StaffStatus::Suspended => matches!(from, StaffStatus::Active | StaffStatus::Suspended),
        StaffStatus::Requested => matches!(from, StaffStatus::Requested),
    }
}

fn record_decision(tx: &Tx<'_>, decision: &Decision, by: &Owner) -> Result<()> {
    let Decision { before, after } = decision;
    let (action, text) = match after.status {
        _ if before.status == after.status => ("rename_cashier", None),
        StaffStatus::Active => ("approve_cashier", Some("cashier_approved")),
        StaffStatus::Suspended => ("suspend_cashier", Some("cashier_suspended")),
        StaffStatus::Declined | StaffStatus::Requested => ("decline_cashier", Some("staff_declined")),
    };
    let facts = |cashier: &Cashier| json!({ "status": cashier.status.as_str(), "name": cashier.name });
    audit::record(
        tx,
        &audit::Entry {
            actor: by.actor(),
            action,
            entity: "cashier",
            entity_id: after.id.to_string(),
            before: facts(before),
            after: facts(after),
        },
    )?;
    let Some(key) = text else { return Ok(()) };
    let html = texts::render(tx, key, &[])?;
    let letter = Letter::automatic(after.realm.staff_bot(), after.telegram_id, html, Keyboard::None);
    outbox::enqueue(tx, &letter.of_text(key))
}
