//! How a code and an attempt at the counter are shown: the columns, the keys in JSON, the next commands.

use serde_json::Value as Json;

use crate::cli::output::{CellValue, NextCommand, TableColumn, Tone, facts, quoted};
use crate::cli::session::Session;
use crate::cli::template::{kind, worth};
use crate::clock::{Clock, Timestamp};
use crate::db::Tx;
use crate::discount::{Attempt, CodeState, Discount, Logged, rules};
use crate::error::Result as ShopResult;
use crate::settings::CODE_PREFIX;

/// The name of the schema of one code.
pub(super) const SCHEMA: &str = "dvorik.discount/1";

/// A code and its status at the moment it was read.
pub(super) struct Row {
    pub discount: Discount,
    state: CodeState,
    last_day: chrono::NaiveDate,
}

/// The columns of a code. A table has only the columns that fit a screen; a single code and the machine formats have
/// all.
pub(super) const COLUMNS: &[TableColumn<Row>] = &[
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

/// The columns of an attempt at the counter.
pub(in crate::cli) const ATTEMPTS: &[TableColumn<Logged>] = &[
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

/// The keys of an attempt in JSON.
pub(in crate::cli) fn attempt(logged: &Logged) -> Json {
    facts(ATTEMPTS, logged)
}

/// The next command `dvorik discount <verb> <code>`, ready to paste.
pub(super) fn on(words: &'static str, verb: &str, code: &str) -> NextCommand {
    NextCommand { words, command: format!("dvorik discount {verb} {}", quoted(code)) }
}

/// Prints one code.
pub(super) fn tell(session: &mut Session<'_>, discount: Discount) {
    let row = row(session, discount);
    session.out.one(SCHEMA, COLUMNS, &row, row.discount.code.as_str());
}

/// The code with its status now.
pub(super) fn row(session: &Session<'_>, discount: Discount) -> Row {
    let last_day = session.out.voice().zone.last_day(discount.expires_at);
    Row { state: rules::state(&discount, Clock::System.now()), last_day, discount }
}

/// The keys of `dvorik.discount/1` for a code.
pub(super) fn facts_of(session: &Session<'_>, discount: &Discount) -> Json {
    facts(COLUMNS, &row(session, discount.clone()))
}

/// The shop's prefix of the codes that people see.
pub(super) fn prefix(tx: &Tx<'_>) -> ShopResult<String> {
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
    CellValue::Word { code: state.as_str(), text, tone }
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
