//! Requests for access: the first message of a person who is not an active cashier. Every owner gets a notice of the
//! request with buttons to decide. People who want to become admins make the same request.

use rusqlite::named_params;

use super::{Cashier, StaffStatus, find_admin, find_cashier, get_cashier, owners};
use crate::db::{Tx, View};
use crate::error::{Refusal, Result};
use crate::ids::CashierId;
use crate::outbox::{self, Letter};
use crate::realm::Realm;
use crate::telegram::client::{Button, Keyboard};
use crate::texts;
use crate::user::Person;

const REQUEST: &str = "INSERT INTO cashiers (telegram_id, is_test, name, username, status, requested_at)
    VALUES (:telegram_id, :realm, :name, :username, 'requested', :now)";
const ASK_AGAIN: &str =
    "UPDATE cashiers SET status = 'requested', requested_at = :now, name = :name, username = :username
    WHERE id = :id AND status = 'declined'";

/// How long a declined person waits before they may ask again, in seconds.
const ASK_AGAIN_AFTER: i64 = 24 * 3600;

/// What happened to the message of a person who is not an active cashier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessRequest {
    /// The message became a new request; owners are told.
    Sent,
    /// The message became a request, but there is no owner to decide it.
    NoOwner,
    /// The person's earlier request is not decided yet.
    Pending,
    /// The person was declined less than a day ago.
    Declined,
    /// The person is suspended by an owner.
    Suspended,
}

/// A person who is not an active cashier has written to the staff bot. The first message becomes a request, and owners
/// get a notice of it with buttons.
pub fn ask(tx: &Tx<'_>, realm: Realm, person: &Person) -> Result<AccessRequest> {
    let name: String = person.display_name(tx)?.chars().take(128).collect();
    let cashier = match find_cashier(tx, realm, person.id)? {
        None => {
            let params = named_params! {
                ":telegram_id": person.id, ":realm": realm, ":name": name, ":username": person.username, ":now": tx.now(),
            };
            CashierId(tx.insert(REQUEST, params)?)
        }
        Some(known) if known.status == StaffStatus::Declined && may_ask_again(tx, &known) => {
            let params = named_params! {
                ":id": known.id, ":name": name, ":username": person.username, ":now": tx.now(),
            };
            tx.change(ASK_AGAIN, params)?;
            known.id
        }
        Some(known) if known.status == StaffStatus::Declined => return Ok(AccessRequest::Declined),
        Some(known) if known.status == StaffStatus::Suspended => return Ok(AccessRequest::Suspended),
        Some(_) if owners(tx)?.is_empty() => return Ok(AccessRequest::NoOwner),
        Some(_) => return Ok(AccessRequest::Pending),
    };
    let told = tell_of_request(tx, &get_cashier(tx, cashier)?)?;
    Ok(if told == 0 { AccessRequest::NoOwner } else { AccessRequest::Sent })
}

fn may_ask_again(view: &View<'_>, cashier: &Cashier) -> bool {
    cashier.decided_at.is_none_or(|at| view.now() >= at.plus(ASK_AGAIN_AFTER))
}

/// Sends a notice of a request to every active owner. Returns how many owners there are.
fn tell_of_request(tx: &Tx<'_>, cashier: &Cashier) -> Result<usize> {
    let username = cashier.username.as_ref().map(|name| format!("@{name}")).unwrap_or_default();
    let values = [("display_name", cashier.name.as_str()), ("username", username.as_str())];
    let html = texts::render(tx, "staff_request_notice", &values)?;
    let keyboard = Keyboard::Inline(request_buttons(tx, cashier)?);
    let owners = owners(tx)?;
    for owner in &owners {
        outbox::enqueue(
            tx,
            &Letter::automatic(cashier.realm.staff_bot(), owner.telegram_id, html.clone(), keyboard.clone())
                .of_text("staff_request_notice"),
        )?;
    }
    Ok(owners.len())
}

/// The buttons with which an owner decides a request, one a row; their callbacks are `approve_cashier:<id>`,
/// `approve_admin:<id>`, `decline_cashier:<id>`.
pub fn request_buttons(view: &View<'_>, cashier: &Cashier) -> Result<Vec<Vec<Button>>> {
    [
        ("button.approve_cashier", "approve_cashier"),
        ("button.approve_admin", "approve_admin"),
        ("button.decline", "decline_cashier"),
    ]
    .iter()
    .map(|(key, verb)| Ok(vec![Button::callback(texts::caption(view, key)?, format!("{verb}:{}", cashier.id))]))
    .collect()
}

/// The request with this id, if a button may still decide it: notices stay in the chat, and an old button must not
/// reactivate a suspended cashier or make someone an admin again. A declined request can still be approved.
///
/// # Errors
/// `CASHIER_NOT_FOUND`; `CASHIER_ALREADY_EXISTS` (with the present status) when the request is decided already.
pub fn get_open_request(view: &View<'_>, id: CashierId) -> Result<Cashier> {
    let cashier = get_cashier(view, id)?;
    let admin = find_admin(view, cashier.telegram_id)?.map(|admin| admin.status);
    match admin.unwrap_or(cashier.status) {
        StaffStatus::Requested | StaffStatus::Declined => Ok(cashier),
        decided => Err(Refusal::CashierState { status: decided.as_str() })?,
    }
}
