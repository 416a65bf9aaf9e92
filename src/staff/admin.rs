//! Admins: an owner makes people with a request admins and gives them a role; the notices that admins get; their
//! one-time login token. The last active owner can be neither demoted nor disabled.

use rusqlite::named_params;
use serde_json::{Value, json};

use super::{Cashier, Owner, Role, StaffStatus, get_cashier};
use crate::actor::Actor;
use crate::audit;
use crate::clock::Timestamp;
use crate::db::backup::Scrub;
use crate::db::{Failure, Signal, Tx, View, columns};
use crate::error::{Refusal, Result};
use crate::ids::{AdminId, CashierId, TelegramId, words};
use crate::outbox::{self, Letter};
use crate::realm::{BotName, Realm};
use crate::telegram::client::Keyboard;
use crate::texts;
use crate::user::Person;

columns! {
    select: Admin from "admins" {
        id, telegram_id, name, username, role, status, groups = known(groups), can_broadcast_from_chat, created_at,
    }
}

const BY_ID: &str = select!("WHERE id = :id");
const BY_TELEGRAM: &str = select!("WHERE telegram_id = :telegram_id");
const BY_NAME: &str = select!("WHERE name = :name OR username = :name COLLATE NOCASE LIMIT 2");
const OWNERS: &str = select!("WHERE role = 'owner' AND status = 'active' ORDER BY id");
const ACTIVE: &str = select!("WHERE status = 'active' ORDER BY id");
const LIST: &str = select!("ORDER BY id LIMIT :limit OFFSET :offset");
const COUNT: &str = "SELECT count(*) FROM admins";
const FIRST_OWNER: &str = "INSERT INTO admins (telegram_id, name, role, status, groups, created_at)
    SELECT :telegram_id, :name, 'owner', 'active', :groups, :now
     WHERE NOT EXISTS (SELECT 1 FROM admins WHERE role = 'owner')
    ON CONFLICT (telegram_id) DO UPDATE SET role = 'owner', status = 'active', groups = excluded.groups";
const LEARN: &str = "UPDATE admins SET username = :username,
        name = CASE WHEN name = :nameless THEN coalesce(:name, name) ELSE name END
    WHERE telegram_id = :telegram_id AND (username IS NOT :username OR name = :nameless)";
const MAKE: &str = "INSERT INTO admins (telegram_id, name, username, role, status, groups, can_broadcast_from_chat, created_at,
        decided_at, decided_by)
    VALUES (:telegram_id, :name, :username, :role, 'active', :groups, :chat, :now, :now, :by)
    ON CONFLICT (telegram_id) DO UPDATE SET name = CASE WHEN :is_named THEN excluded.name ELSE name END,
        role = excluded.role, status = 'active', groups = excluded.groups,
        can_broadcast_from_chat = excluded.can_broadcast_from_chat, decided_at = excluded.decided_at, decided_by = excluded.decided_by";
const SET: &str = "UPDATE admins SET name = :name, role = :role, status = :status, groups = :groups,
        can_broadcast_from_chat = :chat, decided_at = :now, decided_by = :by WHERE id = :id";
const REQUEST_DONE: &str = "UPDATE cashiers SET status = 'declined', decided_at = :now, decided_by = :by
    WHERE id = :id AND status = 'requested'";
const OTHER_OWNERS: &str = "SELECT count(*) FROM admins WHERE role = 'owner' AND status = 'active' AND id <> :id";
// Deletes exports that wait to be sent to the admin's chat, when the admin may no longer export customers.
const DROP_EXPORTS: &str = "DELETE FROM exports WHERE actor = :actor";
const PUT_TOKEN: &str = "INSERT INTO login_tokens (hash, admin_id, expires_ms) VALUES (:hash, :admin, :expires)";
const FORGET_TOKENS: &str = "DELETE FROM login_tokens WHERE expires_ms < :before";

/// The first owner's name until they write to the staff bot.
const NAMELESS: &str = "owner";
/// The lifetime of a login token, in seconds.
pub const LOGIN_TOKEN_SECONDS: i64 = 10 * 60;

/// How long old login tokens are kept, in milliseconds, so that a late or second use gets its own refusal.
const LOGIN_TOKENS_KEPT_MS: i64 = 24 * 3600 * 1000;

/// Backups leave out login tokens, even their hashes.
pub const LOGIN_TOKENS_LEFT_OUT: Scrub = Scrub { table: "login_tokens", sql: "DELETE FROM login_tokens" };

words!(
    /// A group of notifications.
    Group as GroupWord {
        /// The bot cannot read the channel's members; a backup failed.
        Errors = "errors",
        /// A broadcast finished or failed.
        Broadcasts = "broadcasts",
        /// A cashier guesses codes.
        CashierLogs = "cashier_logs",
        /// A VIP customer wants to order.
        Orders = "orders",
        /// A setting was changed.
        Settings = "settings",
        /// The weekly report.
        Reports = "reports",
    }
);

/// A person who manages the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the columns, described in the migration")]
pub struct Admin {
    pub id: AdminId,
    pub telegram_id: TelegramId,
    pub name: String,
    pub username: Option<String>,
    pub role: Role,
    pub status: StaffStatus,
    pub groups: Vec<Group>,
    pub can_broadcast_from_chat: bool,
    pub created_at: Timestamp,
}

impl Admin {
    fn facts(&self) -> Value {
        json!({
            "name": self.name, "role": self.role.as_str(), "status": self.status.as_str(),
            "notification_groups": self.groups.iter().map(|group| group.as_str()).collect::<Vec<_>>(),
            "can_broadcast_from_chat": self.can_broadcast_from_chat,
        })
    }
}

/// The fields of an admin to change; `None` leaves a field.
#[derive(Debug, Clone, Default)]
pub struct AdminEdit {
    /// The admin's name.
    pub name: Option<String>,
    /// The admin's role.
    pub role: Option<Role>,
    /// The admin's status: `Active` or `Suspended`.
    pub status: Option<StaffStatus>,
    /// The groups of notices that the admin gets.
    pub groups: Option<Vec<Group>>,
    /// Whether the admin may broadcast from the customer bot's chat.
    pub can_broadcast_from_chat: Option<bool>,
}

/// An admin before (`None`: a new one) and after an owner's decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminDecision {
    /// The admin before the decision; `None` for a new one.
    pub before: Option<Admin>,
    /// The admin after the decision.
    pub after: Admin,
}

/// Makes the person with the config's `owner_telegram_id` the first owner, if there is no owner. Returns whether it
/// did.
pub fn ensure_first_owner(tx: &Tx<'_>, telegram_id: TelegramId) -> Result<bool> {
    let params = named_params! {
        ":telegram_id": telegram_id, ":name": NAMELESS, ":groups": groups_json(Group::ALL), ":now": tx.now(),
    };
    Ok(tx.change(FIRST_OWNER, params)? == 1)
}

/// Stores an admin's username as Telegram reports it, and the admin's name while they have none: the config names the
/// first owner by id only. Changes nothing for people who are not admins.
pub fn learn_names(tx: &Tx<'_>, person: &Person) -> Result<()> {
    let is_named = person.first_name.is_some() || person.username.is_some();
    let name: Option<String> = is_named.then(|| person.display_name().chars().take(64).collect());
    let params = named_params! {
        ":telegram_id": person.id, ":username": person.username, ":name": name, ":nameless": NAMELESS,
    };
    tx.change(LEARN, params)?;
    Ok(())
}

/// Active owners, the first one first.
pub fn owners(view: &View<'_>) -> Result<Vec<Admin>> {
    Ok(view.list(OWNERS, [], Admin::from_row)?)
}

/// The admin with this Telegram id, whatever their status.
pub fn find_admin(view: &View<'_>, telegram_id: TelegramId) -> Result<Option<Admin>> {
    Ok(view.find(BY_TELEGRAM, &[(":telegram_id", &telegram_id)], Admin::from_row)?)
}

/// The admin with this row id, if there is one.
pub fn find_admin_by_id(view: &View<'_>, id: AdminId) -> Result<Option<Admin>> {
    Ok(view.find(BY_ID, &[(":id", &id)], Admin::from_row)?)
}

/// The admin with this row id.
///
/// # Errors
/// `ADMIN_NOT_FOUND`.
pub fn get_admin(view: &View<'_>, id: AdminId) -> Result<Admin> {
    let found = find_admin_by_id(view, id)?;
    Ok(found.ok_or_else(|| Refusal::AdminNotFound(id.to_string()))?)
}

/// Finds an admin by what an owner enters: `3`, `tg:123`, `@name`, or the exact name.
///
/// # Errors
/// `ADMIN_NOT_FOUND`; `VALIDATION_ERROR` when two admins match.
pub fn get_admin_by_ref(view: &View<'_>, typed: &str) -> Result<Admin> {
    let typed = typed.trim();
    let not_found = || Refusal::AdminNotFound(typed.chars().take(64).collect());
    if let Some(id) = typed.strip_prefix("tg:").and_then(|id| id.parse().ok()) {
        return Ok(find_admin(view, TelegramId(id))?.ok_or_else(not_found)?);
    }
    if let Ok(id) = typed.parse() {
        return get_admin(view, AdminId(id));
    }
    let name = typed.strip_prefix('@').unwrap_or(typed);
    let found = view.list(BY_NAME, named_params! { ":name": name }, Admin::from_row)?;
    match <[Admin; 1]>::try_from(found) {
        Ok([admin]) => Ok(admin),
        Err(several) if several.len() > 1 => {
            Err(Refusal::Validation { field: "admin", value: name.to_owned(), rule: "rule.ambiguous_admin" })?
        }
        Err(_) => Err(not_found())?,
    }
}

/// Admins, oldest first, and the number of all admins.
pub fn list_admins(view: &View<'_>, limit: u32, offset: u64) -> Result<(Vec<Admin>, i64)> {
    let offset = i64::try_from(offset).unwrap_or(i64::MAX);
    let items = view.list(LIST, named_params! { ":limit": limit, ":offset": offset }, Admin::from_row)?;
    Ok((items, view.get(COUNT, [], |row| row.get(0))?))
}

/// An owner makes an applicant or a cashier an admin; the person is told. Audited. An existing admin, also a disabled
/// one, is changed by [`edit_admin`] only: an old request must not change their role.
///
/// # Errors
/// `CASHIER_NOT_FOUND` for an unknown request; `CASHIER_ALREADY_EXISTS` with the status of an existing admin;
/// `VALIDATION_ERROR` for an empty or long name.
pub fn approve_admin(tx: &Tx<'_>, request: CashierId, edit: &AdminEdit, by: &Owner) -> Result<AdminDecision> {
    let person = get_cashier(tx, request)?;
    let before = find_admin(tx, person.telegram_id)?;
    let role = edit.role.unwrap_or(Role::Readonly);
    if let Some(admin) = before.as_ref().filter(|admin| admin.status != StaffStatus::Declined) {
        Err(Refusal::CashierState { status: admin.status.as_str() })?;
    }
    let name = edit.name.as_deref().map(super::checked_name).transpose()?;
    let actor = by.actor().to_string();
    tx.change(
        MAKE,
        named_params! {
            ":telegram_id": person.telegram_id, ":name": name.as_ref().unwrap_or(&person.name), ":is_named": name.is_some(),
            ":username": person.username, ":role": role, ":groups": groups_json(edit.groups.as_deref().unwrap_or(&[])),
            ":chat": edit.can_broadcast_from_chat.unwrap_or(false), ":now": tx.now(), ":by": actor,
        },
    )?;
    tx.change(REQUEST_DONE, named_params! { ":id": request, ":now": tx.now(), ":by": actor })?;
    let not_made = || Failure::Internal("an approved admin has no row".into());
    let after = find_admin(tx, person.telegram_id)?.ok_or_else(not_made)?;
    drop_exports(tx, &after)?;
    record(tx, "approve_admin", before.as_ref(), &after, by)?;
    tell(tx, &person, "admin_approved")?;
    Ok(AdminDecision { before, after })
}

/// Changes an admin, audited. Writes nothing when nothing changes.
///
/// # Errors
/// `ADMIN_NOT_FOUND`; `LAST_OWNER` when no active owner would be left; `VALIDATION_ERROR` for an empty or long name.
pub fn edit_admin(tx: &Tx<'_>, id: AdminId, edit: &AdminEdit, by: &Owner) -> Result<AdminDecision> {
    let before = get_admin(tx, id)?;
    let after = merged(&before, edit)?;
    if before == after {
        return Ok(AdminDecision { before: Some(before), after });
    }
    if after.role != Role::Owner || after.status != StaffStatus::Active {
        keep_an_owner(tx, &before)?;
    }
    tx.change(
        SET,
        named_params! {
            ":id": id, ":name": after.name, ":role": after.role, ":status": after.status,
            ":groups": groups_json(&after.groups), ":chat": after.can_broadcast_from_chat, ":now": tx.now(),
            ":by": by.actor().to_string(),
        },
    )?;
    drop_exports(tx, &after)?;
    record(tx, "update_admin", Some(&before), &after, by)?;
    Ok(AdminDecision { before: Some(before), after })
}

fn merged(before: &Admin, edit: &AdminEdit) -> Result<Admin> {
    let mut after = before.clone();
    if let Some(name) = edit.name.as_deref().map(str::trim) {
        after.name = super::checked_name(name)?;
    }
    after.role = edit.role.unwrap_or(after.role);
    after.status = edit.status.unwrap_or(after.status);
    after.can_broadcast_from_chat = edit.can_broadcast_from_chat.unwrap_or(after.can_broadcast_from_chat);
    if let Some(groups) = &edit.groups {
        after.groups.clone_from(groups);
    }
    Ok(after)
}

/// Refuses if `leaving` is the only active owner.
fn keep_an_owner(view: &View<'_>, leaving: &Admin) -> Result<()> {
    let is_owner = leaving.role == Role::Owner && leaving.status == StaffStatus::Active;
    if is_owner && view.get(OTHER_OWNERS, &[(":id", &leaving.id)], |row| row.get::<_, i64>(0))? == 0 {
        Err(Refusal::LastOwner)?;
    }
    Ok(())
}

/// Deletes the exports of an admin who is disabled or readonly; their files are deleted later.
fn drop_exports(tx: &Tx<'_>, admin: &Admin) -> Result<()> {
    let may_have = matches!(admin.role, Role::Owner | Role::Marketing);
    if !may_have || admin.status != StaffStatus::Active {
        tx.change(DROP_EXPORTS, named_params! { ":actor": Actor::Admin(admin.id).to_string() })?;
        tx.signal(Signal::Exports);
    }
    Ok(())
}

fn record(tx: &Tx<'_>, action: &'static str, before: Option<&Admin>, after: &Admin, by: &Owner) -> Result<()> {
    audit::record(
        tx,
        &audit::Entry {
            actor: by.actor(),
            action,
            entity: "admin",
            entity_id: after.id.to_string(),
            before: before.map_or(Value::Null, Admin::facts),
            after: after.facts(),
        },
    )
}

fn tell(tx: &Tx<'_>, person: &Cashier, key: &str) -> Result<()> {
    let html = texts::render(tx, key, &[])?;
    let letter = Letter::automatic(person.realm.staff_bot(), person.telegram_id, html, Keyboard::None);
    outbox::enqueue(tx, &letter.of_text(key))
}

/// Makes a one-time login token for an active admin: valid for 10 minutes and for one use; only its hash is stored. The
/// caller shows the returned token once and does not store it.
///
/// # Errors
/// `ADMIN_NOT_FOUND`, `ADMIN_NOT_ACTIVE`.
pub fn issue_login_token(tx: &Tx<'_>, id: AdminId, by: &crate::actor::Actor) -> Result<String> {
    let admin = get_admin(tx, id)?;
    if admin.status != StaffStatus::Active {
        Err(Refusal::AdminNotActive)?;
    }
    tx.change(FORGET_TOKENS, named_params! { ":before": tx.now_ms().plus(-LOGIN_TOKENS_KEPT_MS) })?;
    let token = crate::secret::random_token();
    let (hash, expires) = (crate::secret::sha256(&token), tx.now_ms().plus(LOGIN_TOKEN_SECONDS * 1000));
    tx.change(PUT_TOKEN, named_params! { ":hash": hash, ":admin": id, ":expires": expires })?;
    audit::record(
        tx,
        &audit::Entry {
            actor: by,
            action: "issue_login_token",
            entity: "admin",
            entity_id: id.to_string(),
            before: Value::Null,
            after: Value::Null,
        },
    )?;
    Ok(token)
}

/// Tells the admins of `group` of an event, once per `dedupe_key`, through the staff bot of `realm`.
pub fn tell_admins(
    tx: &Tx<'_>,
    realm: Realm,
    group: Group,
    key: &str,
    values: &[texts::Placeholder<'_>],
    dedupe_key: Option<&str>,
) -> Result<()> {
    tell_admins_through(tx, realm.staff_bot(), group, &Notice { key, values, dedupe_key })
}

/// A notice to admins.
#[derive(Debug, Clone, Copy)]
pub struct Notice<'a> {
    /// The key of the notice's text.
    pub key: &'a str,
    /// The values of the text's placeholders.
    pub values: &'a [texts::Placeholder<'a>],
    /// A key that prevents duplicates: a second notice with the same key is not sent.
    pub dedupe_key: Option<&'a str>,
}

/// Tells the admins of `group` as [`tell_admins`] does, but through another bot: for when the staff bot cannot send.
pub fn tell_admins_through(tx: &Tx<'_>, bot: BotName, group: Group, notice: &Notice<'_>) -> Result<()> {
    let html = texts::render(tx, notice.key, notice.values)?;
    for admin in tx.list(ACTIVE, [], Admin::from_row)?.into_iter().filter(|admin| admin.groups.contains(&group)) {
        let letter = Letter::automatic(bot, admin.telegram_id, html.clone(), Keyboard::None);
        let mut letter = letter.of_text(notice.key);
        letter.dedupe_key = notice.dedupe_key.map(|dedupe| format!("{bot}:{}:{dedupe}:{}", notice.key, admin.id));
        outbox::enqueue(tx, &letter)?;
    }
    Ok(())
}

/// Sends rendered HTML to the admins of `group`, without a dedupe key. Returns to how many admins.
pub fn tell_html(tx: &Tx<'_>, realm: Realm, group: Group, html: &str) -> Result<usize> {
    let told: Vec<Admin> =
        tx.list(ACTIVE, [], Admin::from_row)?.into_iter().filter(|admin| admin.groups.contains(&group)).collect();
    for admin in &told {
        let letter = Letter::automatic(realm.staff_bot(), admin.telegram_id, html.to_owned(), Keyboard::None);
        outbox::enqueue(tx, &letter)?;
    }
    Ok(told.len())
}

fn groups_json(groups: &[Group]) -> String {
    json!(groups.iter().map(|group| group.as_str()).collect::<Vec<_>>()).to_string()
}

/// The groups that this version knows.
fn known(stored: Option<String>) -> rusqlite::Result<Vec<Group>> {
    Ok(crate::db::from_json::<Vec<String>>(stored)?.iter().filter_map(|word| Group::parse(word)).collect())
}
