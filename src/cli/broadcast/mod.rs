//! `broadcast`: content, audience and progress of broadcasts.
//!
//! - `compose` makes and edits drafts.
//! - `send` shows the estimate, asks for the confirmation, and starts or schedules.
//! - `change` pauses, cancels, recalls and corrects.
//! - `follow` watches a broadcast, and delivers it where no daemon does.
//! - `report` prints how many people a broadcast reached and how many codes they redeemed.
//! - `view` has the columns and facts that the other files print.

mod change;
mod compose;
mod follow;
mod report;
mod send;
pub(super) mod view;

use super::args::{Broadcast as Verb, BroadcastRef, Broadcasts};
use super::output::List;
use super::refuse::Wrong;
use super::session::Session;
use crate::broadcast::{self, Broadcast, BroadcastFilter};
use crate::realm::Realm;
use view::COLUMNS;

pub(super) fn run(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    match verb {
        Verb::List(args) => list(session, &args),
        Verb::Show(args) => show(session, &args),
        Verb::Create(args) => compose::create(session, &args),
        Verb::Edit(args) => compose::edit(session, &args),
        Verb::Estimate(args) => send::estimate(session, &args),
        Verb::Test(args) => change::test(session, &args),
        Verb::Send(args) => send::send(session, &args),
        Verb::Schedule(args) => send::schedule(session, &args),
        Verb::Resume(args) => send::resume(session, &args),
        Verb::Unschedule(args) => change::unschedule(session, &args),
        Verb::Pause(args) => change::pause(session, &args),
        Verb::Cancel(args) => change::cancel(session, &args),
        Verb::Status(args) => follow::status(session, &args),
        Verb::Report(args) => report::report(session, &args),
        Verb::RetryFailed(args) => change::retry_failed(session, &args),
        Verb::ResendUnknown(args) => change::resend_unknown(session, &args),
        Verb::Recall(args) => change::recall(session, &args),
        Verb::Correct(args) => change::correct(session, &args),
    }
}

/// `broadcast list`: prints a page of the broadcasts.
pub(super) fn list(session: &mut Session<'_>, args: &Broadcasts) -> Result<(), Wrong> {
    let (since, until) = args.window.span.instants(session.config()?.timezone, session.now());
    let sort = if args.window.sort.is_oldest_first() {
        broadcast::BroadcastSort::Oldest
    } else {
        broadcast::BroadcastSort::Newest
    };
    let wanted = BroadcastFilter { status: args.status, origin: args.origin, since, until, sort: Some(sort) };
    let (items, total) = session
        .database()?
        .read(|view| broadcast::list(view, args.realm.realm(), &wanted, args.window.page.slice()))?;
    let id = |b: &Broadcast| b.id.to_string();
    let total = total.unsigned_abs();
    session.out.list(&List { schema: "dvorik.broadcast.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

fn show(session: &mut Session<'_>, args: &BroadcastRef) -> Result<(), Wrong> {
    let found = find(session, args.realm.realm(), &args.broadcast)?;
    session.out.one("dvorik.broadcast/1", COLUMNS, &found, &found.id.to_string());
    Ok(())
}

fn find(session: &Session<'_>, realm: Realm, typed: &str) -> Result<Broadcast, Wrong> {
    Ok(session.database()?.read(|view| broadcast::get_by_ref(view, realm, typed))?)
}
