//! `cashier`: who works at the counter.

use serde_json::json;

use super::args::{Cashier as Verb, CashierEdit, CashierInvite, CashierNamed, CashierRef, Cashiers};
use super::invitation;
use super::output::{Cell, ChangeReport, Column, List, NextCommand, Tone, quoted};
use super::refuse::Wrong;
use super::session::Session;
use crate::db::Slice;
use crate::staff::{self, Cashier, CashierScope, Decision, StaffStatus};

const COLUMNS: &[Column<Cashier>] = &[
    Column::number("id", "column.id", |cashier| cashier.id.into()),
    Column::detail("telegram_id", "column.telegram_id", |cashier| cashier.telegram_id.0.into()),
    Column::new("name", "column.name", |cashier| (&cashier.name).into()),
    Column::new("username", "column.username", |cashier| (&cashier.username).into()),
    Column::new("status", "column.status", |cashier| status_cell(cashier.status)),
    Column::new("requested_at", "column.requested_at", |cashier| cashier.requested_at.into()),
    Column::new("decided_at", "column.decided_at", |cashier| cashier.decided_at.into()),
    Column::detail("is_test", "column.is_test", |cashier| cashier.realm.is_test().into()),
];

pub(super) fn run(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    match verb {
        Verb::List(args) => list(session, &args),
        Verb::Show(args) => show(session, &args),
        Verb::Approve(CashierNamed { who, name }) => decide(session, &who, &CashierDecision::Approve(name)),
        Verb::Activate(who) => decide(session, &who, &CashierDecision::Approve(None)),
        Verb::Decline(who) => decide(session, &who, &CashierDecision::Decline),
        Verb::Suspend(who) => decide(session, &who, &CashierDecision::Suspend),
        Verb::Edit(CashierEdit { who, name }) => decide(session, &who, &CashierDecision::Rename(name)),
        Verb::Invite(CashierInvite { name }) => invite(session, name),
    }
}

/// `cashier list`: prints a page of the cashiers and of the people who have asked for access.
pub(super) fn list(session: &mut Session<'_>, args: &Cashiers) -> Result<(), Wrong> {
    let (all, _) = session.database()?.read(|view| {
        staff::list_cashiers(view, args.realm.realm(), (CashierScope::Requests, args.status), Slice::ALL)
    })?;
    let (items, total) =
        args.window.of((session.config()?.timezone, session.now()), all, |cashier| cashier.requested_at);
    let id = |cashier: &Cashier| cashier.id.to_string();
    session.out.list(&List { schema: "dvorik.cashier.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// `cashier show`: prints one cashier.
fn show(session: &mut Session<'_>, args: &CashierRef) -> Result<(), Wrong> {
    let found = session.database()?.read(|view| staff::get_cashier_by_ref(view, args.realm.realm(), &args.cashier))?;
    session.out.one("dvorik.cashier/1", COLUMNS, &found, &found.id.to_string());
    Ok(())
}

/// `cashier invite`: makes a one-time link; the first person who opens it becomes a cashier. The link is shown only
/// once.
///
/// # Errors
/// Exit code 5 while the username of the staff bot is not known.
fn invite(session: &mut Session<'_>, name: Option<String>) -> Result<(), Wrong> {
    let username = invitation::staff_bot(session)?;
    let owner = session.owner();
    let made = session.write(false, move |tx| staff::invite_cashier(tx, name.as_deref(), &owner))?;
    let link = made.link(&username);
    let json = json!({
        "schema": "dvorik.cashier.invite/1", "link": link, "expires_at": made.expires_at.to_string(),
    });
    let said = session.text("cashier.invited", &[("minutes", &(staff::INVITATION_SECONDS / 60))]);
    invitation::print(session, &link, &json, &said);
    Ok(())
}

/// What an owner decides about a cashier.
#[derive(Clone)]
enum CashierDecision {
    Approve(Option<String>),
    Decline,
    Suspend,
    Rename(String),
}

impl CashierDecision {
    const fn schema(&self) -> &'static str {
        match self {
            Self::Approve(_) => "dvorik.cashier.approve/1",
            Self::Decline => "dvorik.cashier.decline/1",
            Self::Suspend => "dvorik.cashier.suspend/1",
            Self::Rename(_) => "dvorik.cashier.edit/1",
        }
    }

    /// The sentence about the decision; another sentence when nothing changed.
    const fn words(&self, changed: bool) -> &'static str {
        match (self, changed) {
            (Self::Approve(_), true) => "cashier.approved",
            (Self::Approve(_), false) => "cashier.already_active",
            (Self::Decline, true) => "cashier.declined",
            (Self::Decline, false) => "cashier.already_declined",
            (Self::Suspend, true) => "cashier.suspended",
            (Self::Suspend, false) => "cashier.already_suspended",
            (Self::Rename(_), true) => "cashier.renamed",
            (Self::Rename(_), false) => "cashier.same_name",
        }
    }

    fn next(&self, Decision { before, after }: &Decision) -> NextCommand {
        let on = |words, verb: &str, more: &str| {
            let realm_flag = if after.realm.is_test() { " --test-data" } else { "" };
            NextCommand { words, command: format!("dvorik cashier {verb} {}{more}{realm_flag}", after.id) }
        };
        match self {
            Self::Approve(_) => on("next.suspend", "suspend", ""),
            Self::Decline => on("next.approve", "approve", ""),
            Self::Suspend => on("next.undo", "activate", ""),
            Self::Rename(_) => on("next.undo", "edit", &format!(" --name {}", quoted(&before.name))),
        }
    }
}

fn decide(session: &mut Session<'_>, who: &CashierRef, intent: &CashierDecision) -> Result<(), Wrong> {
    let (realm, typed, owner, asked) = (who.realm.realm(), who.cashier.clone(), session.owner(), intent.clone());
    let decision = session.write(false, move |tx| {
        let cashier = staff::get_cashier_by_ref(tx, realm, &typed)?;
        match &asked {
            CashierDecision::Approve(name) => staff::approve(tx, cashier.id, name.as_deref(), &owner),
            CashierDecision::Decline => staff::decline(tx, cashier.id, &owner),
            CashierDecision::Suspend => staff::suspend(tx, cashier.id, &owner),
            CashierDecision::Rename(name) => staff::rename(tx, cashier.id, name, &owner),
        }
    })?;
    let change = change(session, intent, &decision);
    session.tell_change(change);
    Ok(())
}

fn change(session: &Session<'_>, intent: &CashierDecision, decision: &Decision) -> ChangeReport {
    let Decision { before, after } = decision;
    let changed = before != after;
    let facts =
        |cashier: &Cashier| json!({ "id": cashier.id, "name": cashier.name, "status": cashier.status.as_str() });
    ChangeReport {
        schema: intent.schema(),
        changed,
        before: facts(before),
        after: facts(after),
        id: after.id.to_string(),
        sentence: session.text(intent.words(changed), &[("name", &after.name), ("before", &before.name)]),
        next: vec![intent.next(decision)],
    }
}

/// A cell with the status of a cashier or an admin.
pub(super) const fn status_cell(status: StaffStatus) -> Cell {
    let (text, tone) = match status {
        StaffStatus::Requested => ("status.requested", Tone::Warn),
        StaffStatus::Active => ("status.active", Tone::Good),
        StaffStatus::Suspended => ("status.suspended", Tone::Bad),
        StaffStatus::Declined => ("status.declined", Tone::Faint),
    };
    Cell::Word { code: status.as_str(), text, tone }
}
