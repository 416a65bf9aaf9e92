//! `admin`: lists and changes the admins of the shop, decides people's requests for access, and makes one-time login
//! tokens and invitations. The requests come from the staff bot.

use serde_json::{Value as Json, json};

use super::args::{self, Admin as Verb, AdminApprove, AdminRef, CashierRef, Powers, Window};
use super::cashier::status_cell;
use super::invitation;
use super::output::{Cell, ChangeReport, Column, Format, List, NextCommand, Tone, differences, facts, quoted};
use super::refuse::Wrong;
use super::session::Session;
use crate::access;
use crate::export;
use crate::staff::{self, Admin, AdminDecision, AdminEdit, Decision, Group, Role, StaffStatus};

const COLUMNS: &[Column<Admin>] = &[
    Column::number("id", "column.id", |admin| admin.id.into()),
    Column::detail("telegram_id", "column.telegram_id", |admin| admin.telegram_id.0.into()),
    Column::new("name", "column.name", |admin| (&admin.name).into()),
    Column::new("username", "column.username", |admin| (&admin.username).into()),
    Column::new("role", "column.role", |admin| role(admin.role)),
    Column::new("status", "column.status", |admin| status_cell(admin.status)),
    Column::new("notification_groups", "column.groups", |admin| Cell::List(groups(&admin.groups))),
    Column::new("can_broadcast_from_chat", "column.chat_broadcast", |admin| admin.can_broadcast_from_chat.into()),
    Column::detail("created_at", "column.created_at", |admin| admin.created_at.into()),
];

pub(super) fn run(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    match verb {
        Verb::List(args) => list(session, &args),
        Verb::Show(args) => show(session, &args),
        Verb::Approve(args) => approve(session, &args),
        Verb::Decline(args) => decline(session, &args),
        Verb::Edit(args) => edit(session, &args.admin, edited(&args.powers), "dvorik.admin.edit/1"),
        Verb::Disable(args) => set_standing(session, &args, StaffStatus::Suspended),
        Verb::Enable(args) => set_standing(session, &args, StaffStatus::Active),
        Verb::Login(args) => login(session, &args),
        Verb::Invite(args) => invite(session, args.role),
    }
}

/// `admin list`: prints a page of the admins.
pub(super) fn list(session: &mut Session<'_>, args: &Window) -> Result<(), Wrong> {
    let (all, _) = session.database()?.read(|view| staff::list_admins(view, u32::MAX, 0))?;
    let (items, total) = args.of((session.config()?.timezone, session.now()), all, |admin| admin.created_at);
    let id = |admin: &Admin| admin.id.to_string();
    session.out.list(&List { schema: "dvorik.admin.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// `admin show`: prints one admin.
fn show(session: &mut Session<'_>, args: &AdminRef) -> Result<(), Wrong> {
    let found = session.database()?.read(|view| staff::get_admin_by_ref(view, &args.admin))?;
    session.out.one("dvorik.admin/1", COLUMNS, &found, &found.id.to_string());
    Ok(())
}

fn edited(powers: &Powers) -> AdminEdit {
    AdminEdit {
        name: powers.name.clone(),
        role: powers.role,
        status: None,
        groups: powers.notify.clone().map(|args::Groups(groups)| groups),
        can_broadcast_from_chat: powers.chat_broadcast.as_deref().map(|word| word == "on"),
    }
}

/// `admin approve`: a person who has requested access becomes an admin.
fn approve(session: &mut Session<'_>, args: &AdminApprove) -> Result<(), Wrong> {
    let (realm, typed, owner) = (args.who.realm.realm(), args.who.cashier.clone(), session.owner());
    let edit = edited(&args.powers);
    let decision = session.write(false, move |tx| {
        let request = staff::get_cashier_by_ref(tx, realm, &typed)?;
        staff::approve_admin(tx, request.id, &edit, &owner, export::drop_of_admin)
    })?;
    let said = role(decision.after.role).human(session.out.voice());
    let sentence = session.text("admin.approved", &[("name", &decision.after.name), ("role", &said)]);
    let next = on("next.disable", "disable", &decision.after);
    tell(session, &decision, "dvorik.admin.approve/1", sentence, vec![next]);
    Ok(())
}

/// `admin decline`: declines a person's access request.
fn decline(session: &mut Session<'_>, args: &CashierRef) -> Result<(), Wrong> {
    let (realm, typed, owner) = (args.realm.realm(), args.cashier.clone(), session.owner());
    let Decision { before, after } = session.write(false, move |tx| {
        let request = staff::get_cashier_by_ref(tx, realm, &typed)?;
        staff::decline(tx, request.id, &owner)
    })?;
    let changed = before != after;
    let words = if changed { "cashier.declined" } else { "cashier.already_declined" };
    let approve = NextCommand { words: "next.approve", command: format!("dvorik admin approve {}", after.id) };
    session.tell_change(ChangeReport {
        schema: "dvorik.admin.decline/1",
        changed,
        before: json!({ "request": before.id, "status": before.status.as_str() }),
        after: json!({ "request": after.id, "status": after.status.as_str() }),
        id: after.id.to_string(),
        sentence: session.text(words, &[("name", &after.name)]),
        next: vec![approve],
    });
    Ok(())
}

/// `admin disable` takes an admin's access away; `admin enable` gives it back.
fn set_standing(session: &mut Session<'_>, args: &AdminRef, status: StaffStatus) -> Result<(), Wrong> {
    let schema = if status == StaffStatus::Active { "dvorik.admin.enable/1" } else { "dvorik.admin.disable/1" };
    edit(session, &args.admin, AdminEdit { status: Some(status), ..AdminEdit::default() }, schema)
}

fn edit(session: &mut Session<'_>, typed: &str, edit: AdminEdit, schema: &'static str) -> Result<(), Wrong> {
    let (typed, owner) = (typed.to_owned(), session.owner());
    let decision = session.write(false, move |tx| {
        let admin = staff::get_admin_by_ref(tx, &typed)?;
        staff::edit_admin(tx, admin.id, &edit, &owner, export::drop_of_admin)
    })?;
    let AdminDecision { before, after } = &decision;
    let changed = before.as_ref() != Some(after);
    let differences =
        before.as_ref().map(|before| differences(COLUMNS, before, after, session.out.voice())).unwrap_or_default();
    let key = if changed { "admin.edited" } else { "admin.same" };
    let sentence = session.text(key, &[("name", &after.name), ("changes", &differences)]);
    let next = before.as_ref().and_then(|before| undo(before, after)).into_iter().collect();
    tell(session, &decision, schema, sentence, next);
    Ok(())
}

/// The command that restores an admin's previous state.
fn undo(before: &Admin, after: &Admin) -> Option<NextCommand> {
    if before.status != after.status {
        let verb = if after.status == StaffStatus::Active { "disable" } else { "enable" };
        return Some(on("next.undo", verb, after));
    }
    let mut flags = String::new();
    if before.name != after.name {
        flags.push_str(&format!(" --name {}", quoted(&before.name)));
    }
    if before.role != after.role {
        flags.push_str(&format!(" --role {}", before.role.as_str()));
    }
    if before.groups != after.groups {
        flags.push_str(&format!(" --notify {}", quoted(&groups(&before.groups).join(","))));
    }
    if before.can_broadcast_from_chat != after.can_broadcast_from_chat {
        flags.push_str(if before.can_broadcast_from_chat { " --chat-broadcast on" } else { " --chat-broadcast off" });
    }
    let command = format!("dvorik admin edit {}{flags}", after.id);
    (!flags.is_empty()).then_some(NextCommand { words: "next.undo", command })
}

fn tell(
    session: &mut Session<'_>,
    AdminDecision { before, after }: &AdminDecision,
    schema: &'static str,
    sentence: String,
    next: Vec<NextCommand>,
) {
    session.tell_change(ChangeReport {
        schema,
        changed: before.as_ref() != Some(after),
        before: before.as_ref().map_or(Json::Null, |before| facts(COLUMNS, before)),
        after: facts(COLUMNS, after),
        id: after.id.to_string(),
        sentence,
        next,
    });
}

/// `admin login`: makes a one-time login token, which is shown only once.
fn login(session: &mut Session<'_>, args: &AdminRef) -> Result<(), Wrong> {
    let (typed, owner) = (args.admin.clone(), session.owner());
    let (admin, token) = session.write(false, move |tx| {
        let admin = staff::get_admin_by_ref(tx, &typed)?;
        let token = access::issue_login_token(tx, admin.id, owner.actor())?;
        Ok((admin, token))
    })?;
    let json = json!({
        "schema": "dvorik.admin.login/1", "admin_id": admin.id, "token": token,
        "expires_in": access::LOGIN_TOKEN_SECONDS,
    });
    session.out.document(&json, &token);
    if session.out.format() == Format::Human {
        let minutes = access::LOGIN_TOKEN_SECONDS / 60;
        let sentence = session.text("admin.login", &[("name", &admin.name), ("minutes", &minutes)]);
        session.out.note(&sentence);
    }
    Ok(())
}

/// `admin invite`: makes a one-time link; the first person who opens it becomes an admin. The link is shown only once.
///
/// # Errors
/// Exit code 5 while the username of the staff bot is not known.
fn invite(session: &mut Session<'_>, invited: Role) -> Result<(), Wrong> {
    let username = invitation::staff_bot(session)?;
    let owner = session.owner();
    let made = session.write(false, move |tx| staff::invite(tx, invited, &owner))?;
    let link = made.link(&username);
    let json = json!({
        "schema": "dvorik.admin.invite/1", "link": link, "role": invited.as_str(), "expires_at": made.expires_at.to_string(),
    });
    let (role, minutes) = (role(invited).human(session.out.voice()), staff::INVITATION_SECONDS / 60);
    let said = session.text("admin.invited", &[("role", &role), ("minutes", &minutes)]);
    invitation::print(session, &link, &json, &said);
    Ok(())
}

fn on(words: &'static str, verb: &str, admin: &Admin) -> NextCommand {
    NextCommand { words, command: format!("dvorik admin {verb} {}", admin.id) }
}

fn groups(groups: &[Group]) -> Vec<String> {
    groups.iter().map(|group| group.as_str().to_owned()).collect()
}

const fn role(role: Role) -> Cell {
    let text = match role {
        Role::Owner => "role.owner",
        Role::Marketing => "role.marketing",
        Role::Readonly => "role.readonly",
    };
    Cell::Word { code: role.as_str(), text, tone: Tone::Plain }
}
