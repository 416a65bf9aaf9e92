//! `discount`: shows codes. `change` changes one, `many` issues to many, `revoke` revokes.

mod change;
mod many;
mod revoke;

use serde_json::{Value as Json, json};

use super::args::{CodeQr, CodeRef, Discount as Verb, Discounts};
use super::output::{CellValue, Format, List, NextCommand, TableColumn, Tone, facts};
use super::page::quoted;
use super::picture;
use super::refuse::Wrong;
use super::session::Session;
use super::template::{kind, worth};
use super::user::below;
use crate::clock::{Clock, Timestamp};
use crate::db::Tx;
use crate::discount::{self, Attempt, By, Checked, CodeFilter, CodeState, Discount, Logged, rules, template};
use crate::error::Result as ShopResult;
use crate::settings::CODE_PREFIX;
use crate::user;

const SCHEMA: &str = "dvorik.discount/1";

/// A code and its status at the moment it was read.
struct Row {
    discount: Discount,
    state: CodeState,
    last_day: chrono::NaiveDate,
}

/// The columns of a code. A table shows those that fit a screen; a single code, and every machine format, shows all.
const COLUMNS: &[TableColumn<Row>] = &[
    TableColumn::detail("id", "column.id", |row| CellValue::Id(row.discount.id.0)),
    TableColumn::new("code", "column.code", |row| CellValue::Text(row.discount.code.as_str().to_owned())),
    TableColumn::new("status", "column.status", |row| state(row.state)),
    TableColumn::detail("user_id", "column.user_id", |row| CellValue::Id(row.discount.user.0)),
    TableColumn::new("user", "column.name", |row| CellValue::Text(row.discount.holder.display_name.clone())),
    TableColumn::new("template", "column.template", |row| CellValue::Text(row.discount.template_name.clone())),
    TableColumn::detail("title", "column.title", |row| CellValue::Text(row.discount.title.clone())),
    TableColumn::number("value", "column.value", |row| worth(row.discount.value)),
    TableColumn::detail("value_type", "column.value_type", |row| kind(row.discount.value)),
    TableColumn::detail("usage_type", "column.usage_type", |row| {
        CellValue::Text(row.discount.usage.as_str().to_owned())
    }),
    TableColumn::detail("source_kind", "column.source", |row| {
        CellValue::Text(row.discount.source_kind.as_str().to_owned())
    }),
    TableColumn::new("created_at", "column.created_at", |row| CellValue::Timestamp(row.discount.created_at)),
    TableColumn::detail("expires_at", "column.expires_at", |row| CellValue::Timestamp(row.discount.expires_at)),
    TableColumn::new("last_day", "column.last_day", |row| CellValue::Date(row.last_day)),
    TableColumn::new("redeemed_at", "column.redeemed_at", |row| instant(row.discount.redeemed_at)),
    TableColumn::detail("revoked_at", "column.revoked_at", |row| instant(row.discount.revoked_at)),
    TableColumn::detail("is_test", "column.is_test", |row| CellValue::Bool(row.discount.realm.is_test())),
];

pub(super) const ATTEMPTS: &[TableColumn<Logged>] = &[
    TableColumn::new("at", "column.at", |logged| CellValue::Timestamp(logged.at)),
    TableColumn::new("status", "column.status", |logged| outcome(logged.status)),
    TableColumn::new("code_typed", "column.code_typed", |logged| CellValue::Text(logged.typed.clone())),
    TableColumn::new("by", "column.by", |logged| logged.by.clone().map_or(CellValue::Null, CellValue::Text)),
    TableColumn::new("message", "column.note", |logged| match logged.message.as_deref() {
        None => CellValue::Null,
        Some(NOT_NOTIFIED) => {
            CellValue::Word { code: NOT_NOTIFIED, text: "attempt.user_not_notified", tone: Tone::Warn }
        }
        Some(other) => CellValue::Text(other.to_owned()),
    }),
];

/// The note of a redemption whose message to the customer failed.
const NOT_NOTIFIED: &str = "user_not_notified";

pub(super) fn obey(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    match verb {
        Verb::Issue(args) => match &args.user {
            Some(user) => change::issue(session, &args, user),
            None => many::issue(session, &args),
        },
        Verb::List(args) => list(session, &args),
        Verb::Show(args) => show(session, &args),
        Verb::Check(args) => check(session, &args),
        Verb::Redeem(args) => change::redeem(session, &args),
        Verb::Undo(args) => change::undo(session, &args),
        Verb::Revoke(args) => revoke::revoke(session, &args),
        Verb::Extend(args) => change::extend(session, &args),
        Verb::Qr(args) => qr(session, &args),
    }
}

/// `discount list`.
pub(super) fn list(session: &mut Session<'_>, args: &Discounts) -> Result<(), Wrong> {
    let (realm, slice) = (args.world.realm(), args.page.slice());
    let (since, until) = args.span.instants(session.config()?.timezone);
    let (items, total) = session.database()?.read(|view| {
        let user = args.user.as_deref().map(|typed| user::get_by_ref(view, realm, typed)).transpose()?;
        let template = args.template.as_deref().map(|typed| template::get_by_ref(view, typed)).transpose()?;
        let (user, template) = (user.map(|user| user.id), template.map(|template| template.id));
        let filter = CodeFilter {
            user,
            template,
            condition: args.status,
            since,
            until,
            sort: args.sort,
            ..CodeFilter::default()
        };
        discount::list(view, realm, &filter, slice)
    })?;
    let items: Vec<Row> = items.into_iter().map(|discount| row(session, discount)).collect();
    let total = total.unsigned_abs();
    let id = |row: &Row| row.discount.code.as_str().to_owned();
    session.out.list(&List { schema: "dvorik.discount.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// `discount show`: the code and every attempt at it.
fn show(session: &mut Session<'_>, args: &CodeRef) -> Result<(), Wrong> {
    let (found, attempts) = session.database()?.read(|view| {
        let found = discount::get_by_ref(view, args.world.realm(), &args.code)?;
        let attempts = discount::list_attempts(view, found.id)?;
        Ok::<_, crate::error::Error>((found, attempts))
    })?;
    match session.out.format() {
        Format::Json => {
            let mut shown = serde_json::Map::from_iter([("schema".to_owned(), json!(SCHEMA))]);
            if let Json::Object(facts) = facts_of(session, &found) {
                shown.extend(facts);
            }
            shown.insert("attempts".into(), attempts.iter().map(attempt).collect());
            session.out.document(&Json::Object(shown), "");
        }
        Format::Human if !attempts.is_empty() => {
            tell(session, found);
            below(session, ATTEMPTS, &attempts);
        }
        _ => tell(session, found),
    }
    Ok(())
}

pub(super) fn attempt(logged: &Logged) -> Json {
    facts(ATTEMPTS, logged)
}

/// `discount check`: the check is logged like a cashier's.
fn check(session: &mut Session<'_>, args: &CodeRef) -> Result<(), Wrong> {
    let (realm, typed, by) = (args.world.realm(), args.code.clone(), By::Actor(session.owner().actor().clone()));
    let checked = session.database()?.write(move |tx| discount::check(tx, &by, realm, &typed, None))?;
    match checked {
        Checked::Card(card) => tell(session, card.discount),
        Checked::Refused(refusal, _) => return Err(refusal.into()),
    }
    Ok(())
}

/// `discount qr`: a picture of the link that the customer's QR picture holds.
fn qr(session: &mut Session<'_>, args: &CodeQr) -> Result<(), Wrong> {
    let (found, link) = session.database()?.read(|view| {
        let found = discount::get_by_ref(view, args.world.realm(), &args.code)?;
        let link = discount::link(view, found.realm, &found.public_id)?;
        Ok::<_, crate::error::Error>((found, link))
    })?;
    let link = link.ok_or_else(|| picture::no_bot(session))?;
    picture::draw(session, "dvorik.discount.qr/1", found.code.as_str(), &link, args.output.as_deref())
}

/// The next command that may follow for a code.
fn on(words: &'static str, verb: &str, code: &str) -> NextCommand {
    NextCommand { words, command: format!("dvorik discount {verb} {}", quoted(code)) }
}

fn tell(session: &mut Session<'_>, discount: Discount) {
    let row = row(session, discount);
    session.out.one(SCHEMA, COLUMNS, &row, row.discount.code.as_str());
}

fn row(session: &Session<'_>, discount: Discount) -> Row {
    let last_day = session.out.voice().zone.last_day(discount.expires_at);
    Row { state: rules::state(&discount, Clock::System.now()), last_day, discount }
}

/// The keys of `dvorik.discount/1` for a code.
fn facts_of(session: &Session<'_>, discount: &Discount) -> Json {
    facts(COLUMNS, &row(session, discount.clone()))
}

fn prefix(tx: &Tx<'_>) -> ShopResult<String> {
    Ok(CODE_PREFIX.text(tx)?.unwrap_or_default())
}

fn instant(at: Option<Timestamp>) -> CellValue {
    at.map_or(CellValue::Null, CellValue::Timestamp)
}

const fn state(state: CodeState) -> CellValue {
    let (text, tone) = match state {
        CodeState::Active => ("status.code_active", Tone::Good),
        CodeState::Redeemed { .. } => ("status.redeemed", Tone::Faint),
        CodeState::Expired { .. } => ("status.expired", Tone::Warn),
        CodeState::Revoked { .. } => ("status.revoked", Tone::Bad),
    };
    CellValue::Word { code: state.condition().as_str(), text, tone }
}

/// A cell with the result of an attempt.
const fn outcome(attempt: Attempt) -> CellValue {
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
    CellValue::Word { code: attempt.as_str(), text, tone }
}
