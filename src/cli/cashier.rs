//! `cashier`: who works at the counter.

use serde_json::json;

use super::args::{Approve, RealmPage};
use super::output::{Change, Column, List, Next, Tone, Value};
use super::refuse::Wrong;
use super::session::Session;
use crate::staff::{self, Cashier, Decision, Standing};

const COLUMNS: &[Column<Cashier>] = &[
    Column::number("id", "column.id", |cashier| Value::Int(cashier.id.0)),
    Column::detail("telegram_id", "column.telegram_id", |cashier| Value::Int(cashier.telegram_id.0)),
    Column::new("name", "column.name", |cashier| Value::Text(cashier.name.clone())),
    Column::new("username", "column.username", |cashier| {
        cashier.username.as_ref().map_or(Value::Null, |name| Value::Text(name.clone()))
    }),
    Column::new("status", "column.status", |cashier| standing(cashier.status)),
    Column::new("requested_at", "column.requested_at", |cashier| Value::Timestamp(cashier.requested_at)),
    Column::new("decided_at", "column.decided_at", |cashier| cashier.decided_at.map_or(Value::Null, Value::Timestamp)),
    Column::detail("is_test", "column.is_test", |cashier| Value::Bool(cashier.realm.is_test())),
];

/// `cashier list`.
pub(super) fn list(session: &mut Session<'_>, args: &RealmPage) -> Result<(), Wrong> {
    let (items, total) = session
        .database()?
        .read(|view| staff::list_cashiers(view, args.world.realm(), args.page.limit, args.page.offset()))?;
    let total = total.unsigned_abs();
    let id = |cashier: &Cashier| cashier.id.to_string();
    session.out.list(&List { schema: "dvorik.cashier.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// `cashier approve`.
pub(super) fn approve(session: &mut Session<'_>, args: &Approve) -> Result<(), Wrong> {
    let (realm, typed, name, owner) = (args.world.realm(), args.cashier.clone(), args.name.clone(), session.owner());
    let decision = session.database()?.write(move |tx| {
        let cashier = staff::get_cashier_by_ref(tx, realm, &typed)?;
        staff::approve(tx, cashier.id, name.as_deref(), &owner)
    })?;
    let change = approved(session, &decision);
    session.tell_change(change);
    Ok(())
}

fn approved(session: &Session<'_>, Decision { before, after }: &Decision) -> Change {
    let changed = before != after;
    let key = if changed { "cashier.approved" } else { "cashier.already_active" };
    let facts =
        |cashier: &Cashier| json!({ "id": cashier.id, "name": cashier.name, "status": cashier.status.as_str() });
    Change {
        schema: "dvorik.cashier.approve/1",
        changed,
        before: facts(before),
        after: facts(after),
        id: after.id.to_string(),
        sentence: session.text(key, &[("name", &after.name)]),
        next: vec![Next { words: "next.more", command: "dvorik cashier list".to_owned() }],
    }
}

const fn standing(standing: Standing) -> Value {
    let (text, tone) = match standing {
        Standing::Requested => ("status.requested", Tone::Warn),
        Standing::Active => ("status.active", Tone::Good),
        Standing::Suspended => ("status.suspended", Tone::Bad),
        Standing::Declined => ("status.declined", Tone::Faint),
    };
    Value::Word { code: standing.as_str(), text, tone }
}
