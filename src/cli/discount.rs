//! `discount`: issue a code, look at it, redeem it.

use serde_json::{Value as Json, json};

use super::args::{CodeRef, Issue, Redeem, Revoke};
use super::output::{Change, Column, Format, List, Next, Tone, Value};
use super::page::quoted;
use super::refuse::Wrong;
use super::session::Session;
use super::template::{kind, worth};
use crate::clock::{Clock, Timestamp};
use crate::db::Tx;
use crate::discount::{
    self, Attempt, By, Checked, Discount, Done, Issued, Logged, Order, Redemption, SourceKind, State, rules, template,
};
use crate::error::Result as ShopResult;
use crate::settings::CODE_PREFIX;
use crate::{staff, user};

const SCHEMA: &str = "dvorik.discount/1";

/// A code and its state at the moment it was read.
struct Row {
    discount: Discount,
    state: State,
    last_day: chrono::NaiveDate,
}

const COLUMNS: &[Column<Row>] = &[
    Column::number("id", "column.id", |row| Value::Int(row.discount.id.0)),
    Column::new("code", "column.code", |row| Value::Text(row.discount.code.as_str().to_owned())),
    Column::new("status", "column.status", |row| state(row.state)),
    Column::number("user_id", "column.user_id", |row| Value::Int(row.discount.user.0)),
    Column::new("user", "column.name", |row| Value::Text(row.discount.holder.display_name.clone())),
    Column::new("template", "column.template", |row| Value::Text(row.discount.template_name.clone())),
    Column::new("title", "column.title", |row| Value::Text(row.discount.title.clone())),
    Column::number("value", "column.value", |row| worth(row.discount.value)),
    Column::new("value_type", "column.value_type", |row| kind(row.discount.value)),
    Column::new("usage_type", "column.usage_type", |row| Value::Text(row.discount.usage.as_str().to_owned())),
    Column::new("source_kind", "column.source", |row| Value::Text(row.discount.source_kind.as_str().to_owned())),
    Column::new("created_at", "column.created_at", |row| Value::Timestamp(row.discount.created_at)),
    Column::new("expires_at", "column.expires_at", |row| Value::Timestamp(row.discount.expires_at)),
    Column::new("last_day", "column.last_day", |row| Value::Date(row.last_day)),
    Column::new("redeemed_at", "column.redeemed_at", |row| instant(row.discount.redeemed_at)),
    Column::new("revoked_at", "column.revoked_at", |row| instant(row.discount.revoked_at)),
    Column::new("is_test", "column.is_test", |row| Value::Bool(row.discount.realm.is_test())),
];

const ATTEMPTS: &[Column<Logged>] = &[
    Column::new("at", "column.at", |logged| Value::Timestamp(logged.at)),
    Column::new("status", "column.status", |logged| outcome(logged.status)),
    Column::new("code_typed", "column.code_typed", |logged| Value::Text(logged.typed.clone())),
    Column::new("by", "column.by", |logged| logged.by.clone().map_or(Value::Null, Value::Text)),
];

/// `discount issue`.
pub(super) fn issue(session: &mut Session<'_>, args: &Issue) -> Result<(), Wrong> {
    let (realm, user, template) = (args.world.realm(), args.user.clone(), args.template.clone());
    let (notify, owner) = (!args.no_notify, session.owner());
    let (issued, prefix) = session.database()?.write(move |tx| {
        let user = user::get_by_ref(tx, realm, &user)?;
        let template = template::get_by_ref(tx, &template)?;
        let order = Order { user: &user, template: &template, source: (SourceKind::Manual, None), by: owner.actor() };
        let issued = discount::issue(tx, &order)?;
        if let (true, Issued::New(code)) = (notify, &issued) {
            discount::announce(tx, code, &template)?;
        }
        Ok::<_, crate::error::Error>((issued, prefix(tx)?))
    })?;
    let change = issued_change(session, &issued, &prefix, notify);
    session.tell_change(change);
    Ok(())
}

fn issued_change(session: &Session<'_>, issued: &Issued, prefix: &str, notify: bool) -> Change {
    let discount = issued.discount();
    let changed = matches!(issued, Issued::New(_));
    let fate = match (changed, notify) {
        (false, _) => "discount.had_it",
        (true, true) => "discount.queued",
        (true, false) => "discount.not_told",
    };
    let (voice, code) = (session.out.voice(), discount.code.shown(prefix));
    let facts = [
        code.clone(),
        discount.value.shown(&voice.currency),
        discount.holder.display_name.clone(),
        session.text("discount.until", &[("date", &voice.lang.date(voice.zone.last_day(discount.expires_at)))]),
        session.text(fate, &[]),
    ];
    Change {
        schema: "dvorik.discount.issue/1",
        changed,
        before: Json::Null,
        after: facts_of(session, discount),
        id: discount.code.as_str().to_owned(),
        sentence: facts.join(" · "),
        next: vec![on("next.revoke", "revoke", &code)],
    }
}

/// `discount show`: the code and every attempt at it.
pub(super) fn show(session: &mut Session<'_>, args: &CodeRef) -> Result<(), Wrong> {
    let (found, attempts) = session.database()?.read(|view| {
        let found = discount::get_by_ref(view, args.world.realm(), &args.code)?;
        let attempts = discount::list_attempts(view, found.id)?;
        Ok::<_, crate::error::Error>((found, attempts))
    })?;
    match session.out.format() {
        Format::Json => {
            let mut facts = facts_of(session, &found);
            if let Some(facts) = facts.as_object_mut() {
                facts.insert("schema".into(), json!(SCHEMA));
                facts.insert("attempts".into(), attempts.iter().map(attempt).collect());
            }
            session.out.document(&facts, "");
        }
        Format::Human if !attempts.is_empty() => {
            tell(session, found);
            session.out.raw(b"\n");
            let (total, id) = (attempts.len() as u64, |logged: &Logged| logged.at.to_string());
            session.out.list(&List { schema: "", columns: ATTEMPTS, items: &attempts, total, id });
        }
        _ => tell(session, found),
    }
    Ok(())
}

fn attempt(logged: &Logged) -> Json {
    let Logged { at, status, typed, by } = logged;
    json!({ "at": at.to_string(), "status": status.as_str(), "code_typed": typed, "by": by })
}

/// `discount check`: logged like a cashier's.
pub(super) fn check(session: &mut Session<'_>, args: &CodeRef) -> Result<(), Wrong> {
    let (realm, typed, by) = (args.world.realm(), args.code.clone(), By::Actor(session.owner().actor().clone()));
    let checked = session.database()?.write(move |tx| discount::check(tx, &by, realm, &typed, None))?;
    match checked {
        Checked::Card(card) => tell(session, card.discount),
        Checked::Refused(refusal, _) => return Err(refusal.into()),
    }
    Ok(())
}

/// `discount redeem`.
pub(super) fn redeem(session: &mut Session<'_>, args: &Redeem) -> Result<(), Wrong> {
    let (realm, typed, amount) = (args.world.realm(), args.code.clone(), args.amount);
    let (cashier, owner) = (args.cashier.clone(), session.owner());
    let (redemption, prefix) = session.database()?.write(move |tx| {
        let by = match cashier {
            Some(cashier) => By::Cashier(staff::get_cashier_by_ref(tx, realm, &cashier)?.id),
            None => By::Actor(owner.actor().clone()),
        };
        Ok::<_, crate::error::Error>((discount::redeem_code(tx, &by, realm, &typed, amount)?, prefix(tx)?))
    })?;
    let change = match redemption {
        Redemption::Done(done) => redeemed(session, &done, &prefix, true),
        Redemption::Repeated(done) => redeemed(session, &done, &prefix, false),
        Redemption::Refused(refusal, _) => return Err(refusal.into()),
    };
    session.tell_change(change);
    Ok(())
}

fn redeemed(session: &Session<'_>, done: &Done, prefix: &str, changed: bool) -> Change {
    let (voice, discount) = (session.out.voice(), &done.discount);
    let key = if changed { "discount.redeemed" } else { "discount.redeemed_before" };
    let code = discount.code.shown(prefix);
    let words: [(&str, &dyn std::fmt::Display); 4] = [
        ("code", &code),
        ("value", &discount.value.shown(&voice.currency)),
        ("name", &discount.holder.display_name),
        ("at", &voice.lang.date_time(done.at, voice.zone)),
    ];
    let mut after = facts_of(session, discount);
    if let Some(after) = after.as_object_mut() {
        after.insert("redemption_id".into(), json!(done.id));
        after.insert("redeemed_at".into(), json!(done.at.to_string()));
        after.insert("status".into(), json!("redeemed"));
    }
    Change {
        schema: "dvorik.discount.redeem/1",
        changed,
        before: Json::Null,
        after,
        id: discount.code.as_str().to_owned(),
        sentence: session.text(key, &words),
        next: vec![on("next.look", "show", &code)],
    }
}

/// `discount revoke`.
pub(super) fn revoke(session: &mut Session<'_>, args: &Revoke) -> Result<(), Wrong> {
    let (realm, typed, reason, owner) = (args.world.realm(), args.code.clone(), args.reason.clone(), session.owner());
    let (revoked, prefix) = session.database()?.write(move |tx| {
        let discount = discount::get_by_ref(tx, realm, &typed)?;
        let revoked = discount::revoke(tx, &discount, reason.as_deref(), discount::Tell::Nobody, &owner)?;
        Ok::<_, crate::error::Error>((revoked, prefix(tx)?))
    })?;
    let code = revoked.code.shown(&prefix);
    let words: [(&str, &dyn std::fmt::Display); 2] = [("code", &code), ("name", &revoked.holder.display_name)];
    let change = Change {
        schema: "dvorik.discount.revoke/1",
        changed: true,
        before: json!({ "status": "active" }),
        after: facts_of(session, &revoked),
        id: revoked.code.as_str().to_owned(),
        sentence: session.text("discount.revoked", &words),
        next: vec![on("next.look", "show", &code)],
    };
    session.tell_change(change);
    Ok(())
}

/// What may be done next with a code.
fn on(words: &'static str, verb: &str, code: &str) -> Next {
    Next { words, command: format!("dvorik discount {verb} {}", quoted(code)) }
}

fn tell(session: &mut Session<'_>, discount: Discount) {
    let row = row(session, discount);
    session.out.one(SCHEMA, COLUMNS, &row, row.discount.code.as_str());
}

fn row(session: &Session<'_>, discount: Discount) -> Row {
    let last_day = session.out.voice().zone.last_day(discount.expires_at);
    Row { state: rules::state(&discount, Clock::System.now()), last_day, discount }
}

/// The keys of `dvorik.discount/1`.
fn facts_of(session: &Session<'_>, discount: &Discount) -> Json {
    let row = row(session, discount.clone());
    COLUMNS
        .iter()
        .map(|column| (column.key.to_owned(), (column.value)(&row).json()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn prefix(tx: &Tx<'_>) -> ShopResult<String> {
    Ok(CODE_PREFIX.text(tx)?.unwrap_or_default())
}

fn instant(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, Value::Timestamp)
}

const fn state(state: State) -> Value {
    let (text, tone) = match state {
        State::Active => ("status.code_active", Tone::Good),
        State::Redeemed { .. } => ("status.redeemed", Tone::Faint),
        State::Expired { .. } => ("status.expired", Tone::Warn),
        State::Revoked { .. } => ("status.revoked", Tone::Bad),
    };
    Value::Word { code: state.as_str(), text, tone }
}

/// What became of an attempt.
const fn outcome(attempt: Attempt) -> Value {
    let (text, tone) = match attempt {
        Attempt::Checked => ("attempt.checked", Tone::Plain),
        Attempt::Success => ("attempt.success", Tone::Good),
        Attempt::AlreadyUsed => ("attempt.already_used", Tone::Warn),
        Attempt::NotFound => ("attempt.not_found", Tone::Warn),
        Attempt::Expired => ("attempt.expired", Tone::Warn),
        Attempt::Revoked => ("attempt.revoked", Tone::Warn),
        Attempt::CashierNotActive => ("attempt.cashier_not_active", Tone::Bad),
        Attempt::CustomerBlocked => ("attempt.customer_blocked", Tone::Bad),
        Attempt::LockedOut => ("attempt.locked_out", Tone::Bad),
        Attempt::Repeated => ("attempt.repeated", Tone::Faint),
        Attempt::Undone => ("attempt.undone", Tone::Warn),
    };
    Value::Word { code: attempt.as_str(), text, tone }
}
