//! `order`: orders of VIP customers, who ask for a call.

use serde_json::json;

use super::args::{OrderCommand as Verb, OrderEdit, Orders};
use super::output::{Cell, ChangeReport, Column, List, NextCommand, Tone};
use super::refuse::Wrong;
use super::session::Session;
use crate::order::{self, Order, OrderFilter, OrderId, Status};

const COLUMNS: &[Column<Order>] = &[
    Column::number("id", "column.id", |order| order.id.into()),
    Column::detail("user_id", "column.user_id", |order| order.user.into()),
    Column::new("user", "column.user", |order| (&order.user_name).into()),
    Column::new("status", "column.status", |order| status(order.status)),
    Column::new("created_at", "column.created_at", |order| order.created_at.into()),
    Column::new("updated_at", "column.updated_at", |order| order.updated_at.into()),
];

pub(super) fn run(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    match verb {
        Verb::List(args) => list(session, &args),
        Verb::Edit(args) => edit(session, &args),
    }
}

/// `order list`: prints a page of the orders.
pub(super) fn list(session: &mut Session<'_>, args: &Orders) -> Result<(), Wrong> {
    let (since, until) = args.window.span.instants(session.config()?.timezone, session.now());
    let filter = OrderFilter { status: args.status, since, until, oldest_first: args.window.sort.is_oldest_first() };
    let (items, total) =
        session.database()?.read(|view| order::list(view, args.realm.realm(), &filter, args.window.page.slice()))?;
    let total = total.unsigned_abs();
    let id = |order: &Order| order.id.to_string();
    session.out.list(&List { schema: "dvorik.order.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// `order edit`: changes the status of an order.
fn edit(session: &mut Session<'_>, args: &OrderEdit) -> Result<(), Wrong> {
    let (id, wanted, owner) = (OrderId(args.order), args.status, session.owner());
    let (before, after) = session.write(false, move |tx| order::set_status(tx, id, wanted, owner.actor()))?;
    let changed = before.status != after.status;
    let said = |order: &Order| status(order.status).human(session.out.voice());
    let words: [(&str, &dyn std::fmt::Display); 4] =
        [("order", &after.id), ("name", &after.user_name), ("before", &said(&before)), ("after", &said(&after))];
    let undo = format!("dvorik order edit {} --status {}", after.id, before.status.as_str());
    let facts = |order: &Order| json!({ "id": order.id, "user_id": order.user, "status": order.status.as_str() });
    session.tell_change(ChangeReport {
        schema: "dvorik.order.edit/1",
        changed,
        before: facts(&before),
        after: facts(&after),
        id: after.id.to_string(),
        sentence: session.text(if changed { "order.edited" } else { "order.same" }, &words),
        next: if changed { vec![NextCommand { words: "next.undo", command: undo }] } else { Vec::new() },
    });
    Ok(())
}

const fn status(status: Status) -> Cell {
    let (text, tone) = match status {
        Status::Draft => ("status.draft", Tone::Warn),
        Status::Processing => ("status.processing", Tone::Plain),
        Status::Created => ("status.created", Tone::Good),
        Status::Canceled => ("status.canceled", Tone::Faint),
    };
    Cell::Word { code: status.as_str(), text, tone }
}
