//! Invitations: one-time links to the staff bot that make the person who opens one an admin of the real shop.

use rusqlite::named_params;
use serde_json::{Value, json};

use super::admin::{end_request, put_invited};
use super::{Admin, AdminDecision, Owner, Role, StaffStatus, find_admin, find_cashier, owners};
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
const PUT: &str = "INSERT INTO invitations (token_hash, role, created_at, created_by, expires_at)
    VALUES (:hash, :role, :now, :by, :expires)";
const OPEN_ROLE: &str =
    "SELECT role, created_by FROM invitations WHERE token_hash = :hash AND used_at IS NULL AND expires_at > :now";
const USE: &str =
    "UPDATE invitations SET used_at = :now, used_by = :admin WHERE token_hash = :hash AND used_at IS NULL";
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
    /// The link does not work: unknown, used, expired, opened in the test pair, or the person is a suspended admin.
    Refused,
    /// The person has opened too many links that do not work: the bot does not answer.
    Silenced,
}

/// Makes an invitation for one person, valid for 30 minutes. An invitation for an owner ends the open one before it.
/// Audited without the token.
///
/// # Errors
/// `VALIDATION_ERROR` when ten invitations of other roles are open.
pub fn invite(tx: &Tx<'_>, role: Role, by: &Owner) -> Result<Invitation> {
    tx.change(FORGET_ENDED, named_params! { ":now": tx.now() })?;
    if role == Role::Owner {
        tx.change(END_OWNER_LINKS, [])?;
    } else if tx.get(OPEN, named_params! { ":now": tx.now() }, |row| row.get::<_, i64>(0))? >= MOST_OPEN {
        Err(Refusal::Validation { field: "role", value: role.as_str().to_owned(), rule: "rule.ten_invitations" })?;
    }
    let token = secret::random_text(TOKEN_LENGTH);
    let expires_at = tx.now().plus(INVITATION_SECONDS);
    let params = named_params! {
        ":hash": secret::sha256(&token), ":role": role, ":now": tx.now(), ":by": by.actor().to_string(),
        ":expires": expires_at,
    };
    tx.change(PUT, params)?;
    let after = json!({ "role": role.as_str(), "expires_at": expires_at.to_string() });
    let (actor, entity_id, before) = (by.actor(), String::new(), Value::Null);
    audit::record(tx, &audit::Entry { actor, action: "invite_admin", entity: "invitation", entity_id, before, after })?;
    Ok(Invitation { parameter: format!("{INVITATION_PREFIX}{token}"), expires_at })
}

/// Uses up the invitation with this token and makes the person an admin, in one transaction. The role of an existing
/// admin is raised, never lowered. An open request for access of the person ends. The other owners are
/// told of a change.
pub fn accept_invitation(tx: &Tx<'_>, realm: Realm, person: &Person, token: &str) -> Result<Acceptance> {
    if realm.is_test() {
        return Ok(Acceptance::Refused);
    }
    if is_silenced(tx, person.id)? {
        return Ok(Acceptance::Silenced);
    }
    let hash = secret::sha256(token);
    let before = find_admin(tx, person.id)?;
    let is_barred = before.as_ref().is_some_and(|admin| admin.status == StaffStatus::Suspended);
    let open = if is_barred { None } else { open_role(tx, &hash)? };
    let Some((role, invited_by)) = open else {
        tx.change(MISS, named_params! { ":telegram_id": person.id, ":now": tx.now_ms() })?;
        return Ok(Acceptance::Refused);
    };
    let AdminDecision { before, after } = put_invited(tx, before, person, role, &invited_by)?;
    if tx.change(USE, named_params! { ":hash": hash, ":now": tx.now(), ":admin": after.id })? != 1 {
        Err(Failure::Internal("an open invitation could not be used".into()))?;
    }
    if let Some(request) = find_cashier(tx, realm, person.id)? {
        end_request(tx, request.id, &invited_by)?;
    }
    if before.is_none_or(|before| (before.role, before.status) != (after.role, after.status)) {
        tell_owners(tx, realm, &after)?;
    }
    Ok(Acceptance::Paired(after.role))
}

/// Deletes the rows of invalid links that the person opened.
pub(super) fn forget_misses(tx: &Tx<'_>, person: TelegramId) -> Result<()> {
    tx.change(FORGET_PERSON, named_params! { ":telegram_id": person })?;
    Ok(())
}

fn open_role(view: &View<'_>, hash: &str) -> Result<Option<(Role, String)>> {
    let params = named_params! { ":hash": hash, ":now": view.now() };
    Ok(view.find(OPEN_ROLE, params, |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// Deletes the rows of invalid links that are too old to silence their sender. Returns how many rows.
pub fn forget_old_misses(tx: &Tx<'_>) -> Result<usize> {
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

/// Tells every other active owner of the new admin.
fn tell_owners(tx: &Tx<'_>, realm: Realm, new: &Admin) -> Result<()> {
    let key = if new.role == Role::Owner { "owner_joined" } else { "admin_joined" };
    let html = texts::render(tx, key, &[("display_name", &new.name)])?;
    for owner in owners(tx)?.into_iter().filter(|owner| owner.id != new.id) {
        let letter = Letter::automatic(realm.staff_bot(), owner.telegram_id, html.clone(), Keyboard::None);
        outbox::enqueue(tx, &letter.of_text(key))?;
    }
    Ok(())
}
