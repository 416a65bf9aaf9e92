//! Invitations: one-time links to the staff bot that make the person who opens one an admin or a cashier of the real
//! shop.

use rusqlite::named_params;
use serde_json::{Value, json};

use super::admin::{end_request, put_invited};
use super::cashier::put_invited_cashier;
use super::{AdminDecision, Owner, Role, StaffStatus, checked_name, find_admin, find_cashier, owners};
use crate::audit;
use crate::clock::{Millis, Timestamp};
use crate::db::backup::Scrub;
use crate::db::{Failure, Tx, View};
use crate::error::{Refusal, Result};
use crate::ids::TelegramId;
use crate::outbox::{self, Letter};
use crate::realm::Realm;
use crate::secret;
use crate::telegram::client::Keyboard;
use crate::texts;
use crate::user::Person;

/// The start parameter of an invitation's link begins with this.
pub const INVITATION_PREFIX: &str = "a_";
/// An invitation is valid for this long, in seconds.
pub const INVITATION_SECONDS: i64 = 30 * 60;
/// So many invitations of other roles than owner may be open at a time.
const MOST_OPEN: i64 = 10;
/// The characters of a token: 22 of `[A-Za-z0-9_-]`, 132 random bits.
const TOKEN_LENGTH: usize = 22;
/// So many links that do not work, within [`MISSES_MS`], silence the staff bot towards the person for [`MISSES_MS`].
const MISSES: u32 = 5;
const MISSES_MS: i64 = 10 * 60 * 1000;

/// Backups leave out invitations, even their hashes: a restored shop has no link that works.
pub const INVITATIONS_LEFT_OUT: Scrub = Scrub { table: "invitations", sql: "DELETE FROM invitations" };

/// Backups leave out the rows of invalid links: they hold Telegram ids.
pub const MISSES_LEFT_OUT: Scrub = Scrub { table: "invitation_misses", sql: "DELETE FROM invitation_misses" };

const END_OWNER_LINKS: &str = "DELETE FROM invitations WHERE role = 'owner' AND used_at IS NULL";
const FORGET_ENDED: &str = "DELETE FROM invitations WHERE expires_at < :now";
const OPEN: &str = "SELECT count(*) FROM invitations WHERE role <> 'owner' AND used_at IS NULL AND expires_at >= :now";
const PUT: &str = "INSERT INTO invitations (token_hash, role, name, created_at, created_by, expires_at)
    VALUES (:hash, :role, :name, :now, :by, :expires)";
const OPEN_INVITATION: &str =
    "SELECT role, name, created_by FROM invitations WHERE token_hash = :hash AND used_at IS NULL AND expires_at > :now";
const USE: &str = "UPDATE invitations SET used_at = :now, name = NULL, used_by = :admin, used_by_cashier = :cashier
    WHERE token_hash = :hash AND used_at IS NULL";
/// The word in the column `role` of an invitation for a cashier; the others are those of [`Role`].
const CASHIER: &str = "cashier";
const MISS: &str = "INSERT INTO invitation_misses (telegram_id, at_ms) VALUES (:telegram_id, :now)";
const FORGET_MISSES: &str = "DELETE FROM invitation_misses WHERE at_ms < :before";
const LAST_MISSES: &str =
    "SELECT at_ms FROM invitation_misses WHERE telegram_id = :telegram_id ORDER BY at_ms DESC LIMIT :most";
const FORGET_PERSON: &str = "DELETE FROM invitation_misses WHERE telegram_id = :telegram_id";

/// An invitation that was just made. The token is shown once and stored nowhere.
#[derive(Debug)]
pub struct Invitation {
    /// The start parameter of the link: `a_` and 22 characters.
    pub parameter: String,
    /// When the link stops working.
    pub expires_at: Timestamp,
}

impl Invitation {
    /// The link to the staff bot that has this username.
    #[must_use]
    pub fn link(&self, bot_username: &str) -> String {
        format!("https://t.me/{bot_username}?start={}", self.parameter)
    }
}

/// What opening an invitation's link led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acceptance {
    /// The person is an admin now, with this role.
    Paired(Role),
    /// The person is an active cashier now.
    CashierPaired,
    /// The link does not work: unknown, used, expired, opened in the test pair, the person is a suspended admin, or the
    /// link is for a cashier and the person is a suspended cashier.
    Refused,
    /// The person has opened too many links that do not work: the bot does not answer.
    Silenced,
}

/// Makes an invitation for one admin, valid for 30 minutes. An invitation for an owner ends the open one before it.
/// Audited without the token.
///
/// # Errors
/// `VALIDATION_ERROR` when ten invitations of other roles and for cashiers are open.
pub fn invite(tx: &Tx<'_>, role: Role, by: &Owner) -> Result<Invitation> {
    if role == Role::Owner {
        tx.change(END_OWNER_LINKS, [])?;
    } else {
        check_room(tx)?;
    }
    put(tx, role.as_str(), None, by, "invite_admin")
}

/// Makes an invitation for one cashier, valid for 30 minutes. `name` is the cashier's name at the counter; without it
/// the name is the one from Telegram. Audited without the token.
///
/// # Errors
/// `VALIDATION_ERROR` for an empty or long name, and when ten invitations of other roles and for cashiers are open.
pub fn invite_cashier(tx: &Tx<'_>, name: Option<&str>, by: &Owner) -> Result<Invitation> {
    let name = name.map(checked_name).transpose()?;
    check_room(tx)?;
    put(tx, CASHIER, name.as_deref(), by, "invite_cashier")
}

fn check_room(view: &View<'_>) -> Result<()> {
    if view.get(OPEN, named_params! { ":now": view.now() }, |row| row.get::<_, i64>(0))? < MOST_OPEN {
        return Ok(());
    }
    Err(Refusal::Validation { field: "role", value: MOST_OPEN.to_string(), rule: "rule.ten_invitations" })?
}

fn put(tx: &Tx<'_>, role: &str, name: Option<&str>, by: &Owner, action: &'static str) -> Result<Invitation> {
    tx.change(FORGET_ENDED, named_params! { ":now": tx.now() })?;
    let token = secret::random_text(TOKEN_LENGTH);
    let expires_at = tx.now().plus(INVITATION_SECONDS);
    let params = named_params! {
        ":hash": secret::sha256(&token), ":role": role, ":name": name, ":now": tx.now(),
        ":by": by.actor().to_string(), ":expires": expires_at,
    };
    tx.change(PUT, params)?;
    let after = json!({ "role": role, "expires_at": expires_at.to_string() });
    let (actor, entity_id, before) = (by.actor(), String::new(), Value::Null);
    audit::record(tx, &audit::Entry { actor, action, entity: "invitation", entity_id, before, after })?;
    Ok(Invitation { parameter: format!("{INVITATION_PREFIX}{token}"), expires_at })
}

/// An invitation that may still be used.
struct OpenInvitation {
    /// The role of the admin to be; `None`: a cashier.
    role: Option<Role>,
    name: Option<String>,
    created_by: String,
}

/// Uses up the invitation with this token and makes the person an admin or a cashier, in one transaction. The role of an
/// existing admin is raised, never lowered. An open request for access of the person ends. The other owners are told of
/// a change.
pub fn accept_invitation(tx: &Tx<'_>, realm: Realm, person: &Person, token: &str) -> Result<Acceptance> {
    if realm.is_test() {
        return Ok(Acceptance::Refused);
    }
    if is_silenced(tx, person.id)? {
        return Ok(Acceptance::Silenced);
    }
    let hash = secret::sha256(token);
    match find_open(tx, &hash)? {
        Some(open) if !is_barred(tx, realm, person, &open)? => match open.role {
            Some(role) => accept_as_admin(tx, realm, person, (&hash, role, &open.created_by)),
            None => accept_as_cashier(tx, realm, person, &hash, &open),
        },
        _ => {
            tx.change(MISS, named_params! { ":telegram_id": person.id, ":now": tx.now_ms() })?;
            Ok(Acceptance::Refused)
        }
    }
}

/// Whether an owner has suspended the person: an invitation does not undo that.
fn is_barred(view: &View<'_>, realm: Realm, person: &Person, open: &OpenInvitation) -> Result<bool> {
    let is_suspended_admin = find_admin(view, person.id)?.is_some_and(|admin| admin.status == StaffStatus::Suspended);
    let is_suspended_cashier = open.role.is_none()
        && find_cashier(view, realm, person.id)?.is_some_and(|cashier| cashier.status == StaffStatus::Suspended);
    Ok(is_suspended_admin || is_suspended_cashier)
}

fn accept_as_admin(
    tx: &Tx<'_>,
    realm: Realm,
    person: &Person,
    (hash, role, invited_by): (&str, Role, &str),
) -> Result<Acceptance> {
    let before = find_admin(tx, person.id)?;
    let AdminDecision { before, after } = put_invited(tx, before, person, role, invited_by)?;
    use_up(tx, named_params! { ":hash": hash, ":now": tx.now(), ":admin": after.id, ":cashier": None::<i64> })?;
    if let Some(request) = find_cashier(tx, realm, person.id)? {
        end_request(tx, request.id, invited_by)?;
    }
    if before.is_none_or(|before| (before.role, before.status) != (after.role, after.status)) {
        let key = if after.role == Role::Owner { "owner_joined" } else { "admin_joined" };
        tell_owners(tx, realm, key, person, &after.name)?;
    }
    Ok(Acceptance::Paired(after.role))
}

fn accept_as_cashier(
    tx: &Tx<'_>,
    realm: Realm,
    person: &Person,
    hash: &str,
    open: &OpenInvitation,
) -> Result<Acceptance> {
    let decision = put_invited_cashier(tx, realm, person, open.name.as_deref(), &open.created_by)?;
    let after = &decision.after;
    use_up(tx, named_params! { ":hash": hash, ":now": tx.now(), ":admin": None::<i64>, ":cashier": after.id })?;
    if decision.before.is_none_or(|before| before.status != after.status) {
        tell_owners(tx, realm, "cashier_joined", person, &after.name)?;
    }
    Ok(Acceptance::CashierPaired)
}

fn use_up(tx: &Tx<'_>, params: &[(&str, &dyn rusqlite::ToSql)]) -> Result<()> {
    if tx.change(USE, params)? == 1 {
        return Ok(());
    }
    Err(Failure::Internal("an open invitation could not be used".into()))?
}

/// Deletes the rows of invalid links that the person opened.
pub(super) fn forget_misses(tx: &Tx<'_>, person: TelegramId) -> Result<()> {
    tx.change(FORGET_PERSON, named_params! { ":telegram_id": person })?;
    Ok(())
}

fn find_open(view: &View<'_>, hash: &str) -> Result<Option<OpenInvitation>> {
    let params = named_params! { ":hash": hash, ":now": view.now() };
    let read = |row: &rusqlite::Row<'_>| {
        let role: String = row.get(0)?;
        Ok(OpenInvitation { role: Role::parse(&role), name: row.get(1)?, created_by: row.get(2)? })
    };
    Ok(view.find(OPEN_INVITATION, params, read)?)
}

/// Deletes invitations that are over, with the names in them, and the rows of invalid links that are too old to silence
/// their sender.
pub fn forget_old_invitations(tx: &Tx<'_>) -> Result<()> {
    tx.change(FORGET_ENDED, named_params! { ":now": tx.now() })?;
    forget_old_misses(tx).map(drop)
}

/// Deletes the rows of invalid links that are too old to silence their sender. Returns how many rows.
fn forget_old_misses(tx: &Tx<'_>) -> Result<usize> {
    Ok(tx.change(FORGET_MISSES, named_params! { ":before": tx.now_ms().plus(-2 * MISSES_MS) })?)
}

/// Whether the last five links of the person that did not work were opened within ten minutes, the last of them less
/// than ten minutes ago.
fn is_silenced(tx: &Tx<'_>, person: TelegramId) -> Result<bool> {
    let now = tx.now_ms();
    forget_old_misses(tx)?;
    let params = named_params! { ":telegram_id": person, ":most": MISSES };
    let last: Vec<Millis> = tx.list(LAST_MISSES, params, |row| row.get(0))?;
    let (Some(newest), Some(oldest)) = (last.first(), last.last()) else { return Ok(false) };
    let is_full = last.len() == MISSES as usize;
    Ok(is_full && newest.0 - oldest.0 < MISSES_MS && now.0 - newest.0 < MISSES_MS)
}

/// Tells every other active owner of the new admin or cashier.
fn tell_owners(tx: &Tx<'_>, realm: Realm, key: &str, new: &Person, name: &str) -> Result<()> {
    let html = texts::render(tx, key, &[("display_name", name)])?;
    for owner in owners(tx)?.into_iter().filter(|owner| owner.telegram_id != new.id) {
        let letter = Letter::automatic(realm.staff_bot(), owner.telegram_id, html.clone(), Keyboard::None);
        outbox::enqueue(tx, &letter.of_text(key))?;
    }
    Ok(())
}
