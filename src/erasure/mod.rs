//! Exporting and erasing everything about a person. Erasing removes every personal field and the Telegram id from all
//! tables, keeps anonymous figures correct, and leaves a keyed hash (`user::erased_hash`), so that no person gets a
//! second subscription gift by erasing and returning. Each noun empties its own tables (`forget_person`,
//! `hide_person`); this module calls these functions in the right order. `traces` finds the person in other people's
//! texts, `remains` clears the database's files, `key` guards the key of the hashes, `export` collects everything known
//! of a person.
//!
//! Erasing an active cashier or admin is refused until their access is revoked; then their row of `cashiers` or
//! `admins` keeps its id and its figures, and loses its name.

mod export;
pub mod key;
pub mod remains;
mod traces;

pub use export::export_person;

use rusqlite::named_params;
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::clock::Timestamp;
use crate::db::{Tx, View};
use crate::discount::template;
use crate::error::{Refusal, Result};
use crate::ids::{TemplateId, UserId};
use crate::realm::Realm;
use crate::staff::{self, StaffStatus};
use crate::user::{self, ErasedPerson, User};
use crate::{
    access, audit, broadcast, conversation, discount, export as exports, idempotency, inbox, outbox, undelivered,
};
use traces::Traces;

/// The JSON paths at which an update holds text that a person entered.
const TYPED: [&str; 2] = ["/message/text", "/message/caption"];

const LAST_GIFT: &str = "SELECT template_id, created_at FROM discounts
    WHERE user_id = :id AND source_kind = 'subscription' AND revoked_at IS NULL ORDER BY created_at DESC LIMIT 1";
const CAN_ERASE: &str = "SELECT 1 FROM sqlite_schema WHERE name = 'erased_people'";
const ERASED_ROWS: &str = "SELECT id, created_at FROM users
    WHERE is_test IN (0, 1) AND telegram_id < 0 AND telegram_id = -id - 1000000000000";
// Whether this database has the customer, not erased yet. The time of creation is compared as well, because another
// customer may have the id.
const STILL_SOMEBODY: &str = "SELECT 1 FROM users WHERE id = :id AND created_at = :created_at AND telegram_id > 0";

/// The people erased from a database, to be erased again from a restored backup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erasures {
    rows: Vec<(UserId, Timestamp)>,
    remembered: Vec<ErasedPerson>,
}

/// Everyone erased so far; empty for a database of an old version that could not erase.
pub fn erasures(view: &View<'_>) -> Result<Erasures> {
    if view.find(CAN_ERASE, [], |_| Ok(()))?.is_none() {
        return Ok(Erasures::default());
    }
    let rows = view.list(ERASED_ROWS, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(Erasures { rows, remembered: user::erased_people(view)? })
}

/// Erases the people of `erasures` whom a restored database still has. Returns how many.
pub fn erase_again(tx: &Tx<'_>, erasures: &Erasures, by: &Actor) -> Result<usize> {
    for person in &erasures.remembered {
        // The gift's template may be younger than the backup; then the gift is remembered without a template.
        let template = person.template.map(|id| template::find(tx, id)).transpose()?.flatten();
        user::remember_again(tx, &ErasedPerson { template: template.map(|found| found.id), ..person.clone() })?;
    }
    let mut erased = 0;
    for (id, created_at) in &erasures.rows {
        if tx.find(STILL_SOMEBODY, named_params! { ":id": id, ":created_at": created_at }, |_| Ok(()))?.is_some() {
            forget(tx, &user::get(tx, *id)?, by)?;
            erased += 1;
        }
    }
    Ok(erased)
}

/// The result of erasing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// The row of the customer; it is empty now.
    pub id: UserId,
    /// How many live codes of the customer were revoked.
    pub codes: usize,
}

/// Erases a person. `hash` is the keyed hash of their Telegram id and realm; the caller holds the key.
///
/// # Errors
/// `USER_NOT_FOUND`; `CASHIER_ALREADY_EXISTS` while they are an active cashier or admin.
pub fn erase(tx: &Tx<'_>, id: UserId, hash: &str, by: &Actor) -> Result<Erased> {
    let user = user::get(tx, id)?;
    not_on_duty(tx, &user)?;
    let gift: Option<(TemplateId, Timestamp)> =
        tx.find(LAST_GIFT, &[(":id", &id)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    user::remember_erased(tx, hash, gift)?;
    let codes = forget(tx, &user, by)?;
    audit::record(
        tx,
        &audit::Entry {
            actor: by,
            action: "erase_user",
            entity: "user",
            entity_id: id.to_string(),
            before: Value::Null,
            after: json!({ "codes_revoked": codes }),
        },
    )?;
    Ok(Erased { id, codes })
}

fn not_on_duty(view: &View<'_>, user: &User) -> Result<()> {
    let is_test = user.realm.is_test();
    let cashier = staff::find_cashier(view, user.realm, user.telegram_id)?;
    if let Some(cashier) = cashier.filter(|cashier| cashier.status == StaffStatus::Active) {
        let realm_flag = if is_test { " --test" } else { "" };
        Err(Refusal::UserIsStaff { command: format!("dvorik cashier suspend {}{realm_flag}", cashier.id) })?;
    }
    let admin = if is_test { None } else { staff::find_admin(view, user.telegram_id)? };
    if let Some(admin) = admin.filter(|admin| admin.status == StaffStatus::Active) {
        Err(Refusal::UserIsStaff { command: format!("dvorik admin disable {}", admin.id) })?;
    }
    Ok(())
}

/// Removes the person from every table. Returns how many live codes were revoked.
fn forget(tx: &Tx<'_>, user: &User, by: &Actor) -> Result<usize> {
    let (realm, person) = (user.realm, user.telegram_id);
    // The names are collected first, before the customer's row and the staff rows lose them.
    let traces = Traces::of(user, &staff::names_of(tx, realm, person)?);
    for bot in [realm.customer_bot(), realm.staff_bot()] {
        conversation::end(tx, bot, person)?;
        inbox::forget_person(tx, bot, person)?;
        outbox::forget_person(tx, bot, person)?;
    }
    // Called before `staff::forget_person`, which deletes the Telegram id by which an admin's login tokens are found.
    access::forget_person(tx, realm, person)?;
    staff::forget_person(tx, realm, person)?;
    audit::forget_person(tx, user.id)?;
    undelivered::forget_reasons(tx)?;
    broadcast::forget_person(tx, user.id)?;
    let revoked = discount::forget_person(tx, user.id, by)?;
    hide(tx, realm, &traces)?;
    // Called after `outbox::forget_person`: an export whose letter to the person's chat has failed by now is deleted,
    // not sent again.
    exports::forget_person(tx, realm)?;
    user::forget_person(tx, user, |text| traces.are_in(text))?;
    remains::note_erasure(tx)?;
    Ok(revoked)
}

/// Hides the person in texts of other people: letters and updates of the staff bot, text that cashiers entered at the
/// shop's counter, idempotency keys and answers of the API.
fn hide(tx: &Tx<'_>, realm: Realm, traces: &Traces) -> Result<()> {
    let bot = realm.staff_bot();
    outbox::hide_person(tx, bot, |payload| traces.hidden_in_json(payload, &[]))?;
    inbox::hide_person(tx, bot, |raw| traces.hidden_in_json(raw, &TYPED))?;
    discount::hide_person(tx, realm, |typed| traces.are_in(typed))?;
    idempotency::forget_person(tx, |key, answer| traces.are_in(key) || traces.hidden(answer).is_some())
}
