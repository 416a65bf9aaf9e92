//! How a code and an attempt at the counter are shown: the columns, the keys in JSON, the next commands.

use serde_json::Value as Json;

use crate::cli::output::{Cell, Column, NextCommand, Tone, facts, quoted};
use crate::cli::session::Session;
use crate::cli::template::{kind, worth};
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
pub(super) const COLUMNS: &[Column<Row>] = &[
    Column::detail("id", "column.id", |row| row.discount.id.into()),
    Column::new("code", "column.code", |row| (&row.discount.code_text).into()),
    Column::new("status", "column.status", |row| state(row.state)),
    Column::detail("user_id", "column.user_id", |row| row.discount.user.into()),
    Column::new("user", "column.name", |row| (&row.discount.customer.display_name).into()),
    Column::new("template", "column.template", |row| (&row.discount.template_name).into()),
    Column::detail("title", "column.title", |row| (&row.discount.title).into()),
    Column::number("value", "column.value", |row| worth(row.discount.value)),
    Column::detail("value_type", "column.value_type", |row| kind(row.discount.value)),
    Column::detail("usage_type", "column.usage_type", |row| row.discount.usage.as_str().into()),
    Column::detail("source_kind", "column.source", |row| row.discount.source_kind.as_str().into()),
    Column::new("created_at", "column.created_at", |row| row.discount.created_at.into()),
    Column::detail("expires_at", "column.expires_at", |row| row.discount.expires_at.into()),
    Column::new("last_day", "column.last_day", |row| row.last_day.into()),
    Column::new("redeemed_at", "column.redeemed_at", |row| row.discount.redeemed_at.into()),
    Column::detail("revoked_at", "column.revoked_at", |row| row.discount.revoked_at.into()),
    Column::detail("is_test", "column.is_test", |row| row.discount.realm.is_test().into()),
];

/// The columns of an attempt at the counter.
pub(in crate::cli) const ATTEMPTS: &[Column<Logged>] = &[
    Column::new("at", "column.at", |logged| logged.at.into()),
    Column::new("status", "column.status", |logged| outcome(logged.status)),
    Column::new("code_typed", "column.code_typed", |logged| (&logged.typed).into()),
    Column::new("by", "column.by", |logged| (&logged.by).into()),
    Column::new("message", "column.note", |logged| match logged.message.as_deref() {
        None => Cell::Null,
        Some(NOT_NOTIFIED) => Cell::Word { code: NOT_NOTIFIED, text: "attempt.user_not_notified", tone: Tone::Warn },
        Some(other) => Cell::Text(other.to_owned()),
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
    session.out.one(SCHEMA, COLUMNS, &row, &row.discount.code_text);
}

/// The code with its status now.
pub(super) fn row(session: &Session<'_>, discount: Discount) -> Row {
    let last_day = session.out.voice().zone.last_day(discount.expires_at);
    Row { state: rules::state(&discount, session.now()), last_day, discount }
}

/// The keys of `dvorik.discount/1` for a code.
pub(super) fn facts_of(session: &Session<'_>, discount: &Discount) -> Json {
    facts(COLUMNS, &row(session, discount.clone()))
}

/// The shop's prefix of the codes that people see.
pub(super) fn prefix(tx: &Tx<'_>) -> ShopResult<String> {
    Ok(CODE_PREFIX.text(tx)?.unwrap_or_default())
}

const fn state(state: CodeState) -> Cell {
    let (text, tone) = match state {
        CodeState::Active => ("status.code_active", Tone::Good),
        CodeState::Redeemed { .. } => ("status.redeemed", Tone::Faint),
        CodeState::Expired { .. } => ("status.expired", Tone::Warn),
        CodeState::Revoked { .. } => ("status.revoked", Tone::Bad),
    };
    Cell::Word { code: state.condition().as_str(), text, tone }
}

/// A cell with the result of an attempt.
const fn outcome(attempt: Attempt) -> Cell {
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
    Cell::Word { code: attempt.as_str(), text, tone }
}
