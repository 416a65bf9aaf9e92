//! Admins and the notices they get. An owner makes a person who asked for access an admin and gives them a role. The
//! last active owner can be neither demoted nor disabled.

use rusqlite::named_params;
use serde_json::{Value, json};

use super::{Cashier, Owner, Role, StaffStatus, get_cashier};
use crate::actor::Actor;
use crate::audit;
use crate::clock::Timestamp;
use crate::db::{Failure, Tx, View, columns};
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
const ANY_OWNER: &str = "SELECT 1 FROM admins WHERE role = 'owner' LIMIT 1";
const LEARN: &str = "UPDATE admins SET username = :username, opened_at = coalesce(opened_at, :now),
        name = CASE WHEN name = :nameless THEN coalesce(:name, name) ELSE name END
    WHERE telegram_id = :telegram_id AND (username IS NOT :username OR name = :nameless OR opened_at IS NULL)";
const OPENED: &str = "SELECT name FROM admins WHERE role = 'owner' AND status = 'active' AND opened_at IS NOT NULL
    ORDER BY id LIMIT 1";
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

/// The first owner's name until they write to the staff bot.
const NAMELESS: &str = "owner";

words!(
    /// A group of notifications.
    Group as GroupWord {
        /// Something does not work, e.g. the bot cannot read the channel's members, a backup failed, or a letter was
        /// given up.
        Errors = "errors",
        /// A broadcast finished, failed, or stopped by itself.
        Broadcasts = "broadcasts",
        /// A series of a cashier's checks failed, or a cashier or a script was locked out for unknown codes.
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

/// The fields of an admin to change; a field that is `None` stays.
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
    /// Whether the admin may broadcast from their chat with the customer bot.
    pub can_broadcast_from_chat: Option<bool>,
}

/// An admin before and after a change of their rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminDecision {
    /// The admin before the decision; `None` for a new admin.
    pub before: Option<Admin>,
    /// The admin after the decision.
    pub after: Admin,
}

/// Makes the person with the config's `owner_telegram_id` the first owner, if no admin has the role `owner`. Returns
/// whether the person became the owner.
pub fn ensure_first_owner(tx: &Tx<'_>, telegram_id: TelegramId) -> Result<bool> {
    let params = named_params! {
        ":telegram_id": telegram_id, ":name": NAMELESS, ":groups": groups_json(Group::ALL), ":now": tx.now(),
    };
    Ok(tx.change(FIRST_OWNER, params)? == 1)
}

/// Whether any admin has the role `owner`, active or not. Then [`ensure_first_owner`] has nothing to write.
pub fn has_owner(view: &View<'_>) -> Result<bool> {
    Ok(view.find(ANY_OWNER, [], |_| Ok(()))?.is_some())
}

/// Stores that an admin has opened the staff bot, their username as Telegram reports it, and their name while they have
/// none: the config names the first owner by id only. Changes nothing for people who are not admins.
pub fn learn_names(tx: &Tx<'_>, person: &Person) -> Result<()> {
    let is_named = person.first_name.is_some() || person.username.is_some();
    let name = is_named.then(|| person.display_name(tx)).transpose()?;
    let name: Option<String> = name.map(|name| name.chars().take(64).collect());
    let params = named_params! {
        ":telegram_id": person.id, ":username": person.username, ":name": name, ":nameless": NAMELESS, ":now": tx.now(),
    };
    tx.change(LEARN, params)?;
    Ok(())
}

/// The name of an active owner who has opened the staff bot, so that it can send them notices.
pub fn owner_in_reach(view: &View<'_>) -> Result<Option<String>> {
    Ok(view.find(OPENED, [], |row| row.get(0))?)
}

/// Active owners, by ascending row id.
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
/// one, is changed by [`edit_admin`] only: an old request must not change their role. `drop_exports` is called as
/// [`edit_admin`] calls it.
///
/// # Errors
/// `CASHIER_NOT_FOUND` for an unknown request; `CASHIER_ALREADY_EXISTS` with the status of an existing admin;
/// `VALIDATION_ERROR` for an empty or long name.
pub fn approve_admin(
    tx: &Tx<'_>,
    request: CashierId,
    edit: &AdminEdit,
    by: &Owner,
    drop_exports: impl FnOnce(&Tx<'_>, AdminId) -> Result<()>,
) -> Result<AdminDecision> {
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
    end_request(tx, request, &actor)?;
    let not_made = || Failure::Internal("an approved admin has no row".into());
    let after = find_admin(tx, person.telegram_id)?.ok_or_else(not_made)?;
    if !may_export(&after) {
        drop_exports(tx, after.id)?;
    }
    record(tx, "approve_admin", before.as_ref(), &after, by)?;
    tell(tx, &person, "admin_approved")?;
    Ok(AdminDecision { before, after })
}

/// Makes a person who opened an invitation an admin, or raises the role of an active admin; a role is never lowered. Who
/// becomes an owner by it gets every group of notices. `invited_by` is the actor who made the invitation. Audited as the
/// person's own act.
pub(super) fn put_invited(
    tx: &Tx<'_>,
    before: Option<Admin>,
    person: &Person,
    role: Role,
    invited_by: &str,
) -> Result<AdminDecision> {
    let active = before.as_ref().filter(|admin| admin.status == StaffStatus::Active);
    let was_owner = active.is_some_and(|admin| admin.role == Role::Owner);
    let role = active.map_or(role, |admin| admin.role.or_higher(role));
    let kept = active.map_or(&[][..], |admin| &admin.groups);
    let groups = if role == Role::Owner && !was_owner { Group::ALL } else { kept };
    let name: String = person.display_name(tx)?.chars().take(64).collect();
    tx.change(
        MAKE,
        named_params! {
            ":telegram_id": person.id, ":name": name, ":is_named": active.is_none(), ":username": person.username,
            ":role": role, ":groups": groups_json(groups),
            ":chat": active.is_some_and(|admin| admin.can_broadcast_from_chat), ":now": tx.now(), ":by": invited_by,
        },
    )?;
    learn_names(tx, person)?;
    let not_made = || Failure::Internal("an invited admin has no row".into());
    let after = find_admin(tx, person.id)?.ok_or_else(not_made)?;
    let actor = Actor::Admin(after.id);
    record_as(tx, &actor, "accept_invitation", before.as_ref(), &after)?;
    Ok(AdminDecision { before, after })
}

/// Ends an open request for access whose person has become an admin otherwise.
pub(super) fn end_request(tx: &Tx<'_>, request: CashierId, by: &str) -> Result<()> {
    tx.change(REQUEST_DONE, named_params! { ":id": request, ":now": tx.now(), ":by": by })?;
    Ok(())
}

/// Changes an admin, audited. Writes nothing when nothing changes. An admin who may no longer export customers loses
/// the exports that they have ordered, by `drop_exports`. Callers pass `export::drop_of_admin`; `export` is a later
/// module, which this module may not use.
///
/// # Errors
/// `ADMIN_NOT_FOUND`; `LAST_OWNER` when no active owner would be left; `VALIDATION_ERROR` for an empty or long name.
pub fn edit_admin(
    tx: &Tx<'_>,
    id: AdminId,
    edit: &AdminEdit,
    by: &Owner,
    drop_exports: impl FnOnce(&Tx<'_>, AdminId) -> Result<()>,
) -> Result<AdminDecision> {
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
    if !may_export(&after) {
        drop_exports(tx, after.id)?;
    }
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

/// Refuses with `LAST_OWNER` if `leaving` is the only active owner.
fn keep_an_owner(view: &View<'_>, leaving: &Admin) -> Result<()> {
    let is_owner = leaving.role == Role::Owner && leaving.status == StaffStatus::Active;
    if is_owner && view.get(OTHER_OWNERS, &[(":id", &leaving.id)], |row| row.get::<_, i64>(0))? == 0 {
        Err(Refusal::LastOwner)?;
    }
    Ok(())
}

/// Whether the admin may export customers.
fn may_export(admin: &Admin) -> bool {
    matches!(admin.role, Role::Owner | Role::Marketing) && admin.status == StaffStatus::Active
}

fn record(tx: &Tx<'_>, action: &'static str, before: Option<&Admin>, after: &Admin, by: &Owner) -> Result<()> {
    record_as(tx, by.actor(), action, before, after)
}

fn record_as(tx: &Tx<'_>, actor: &Actor, action: &'static str, before: Option<&Admin>, after: &Admin) -> Result<()> {
    audit::record(
        tx,
        &audit::Entry {
            actor,
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

/// Sends the text `key`, filled with `values`, to every active admin of `group` through the staff bot of `realm`. An
/// admin gets a text at most once for each `dedupe_key`; `None` = every time.
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
    /// A key that prevents duplicates: an admin does not get a second notice of this text with the same key.
    pub dedupe_key: Option<&'a str>,
}

/// Sends a notice to every active admin of `group` as [`tell_admins`] does, but through `bot`: for when the staff bot
/// cannot send.
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

/// Sends rendered HTML to every active admin of `group`, without a dedupe key. Returns to how many admins.
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

/// Reads the stored groups; a word that this version of the program does not know is left out.
fn known(stored: Option<String>) -> rusqlite::Result<Vec<Group>> {
    Ok(crate::db::from_json::<Vec<String>>(stored)?.iter().filter_map(|word| Group::parse(word)).collect())
}
