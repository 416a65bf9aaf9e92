//! Exports: customers, codes and attempts at the counter as rows of cells. Rows are read in short reads by ascending
//! id, so that a slow client holds no snapshot of the database. Each kind of export declares its columns once
//! (`people`, `codes`, `usage`). `shape` writes a row as CSV or JSON, `task` stores exports that take too long for a
//! client to wait, `file` makes their files. The door records every export in the audit log with [`record`] before the
//! first row leaves.

mod codes;
mod file;
mod people;
mod shape;
mod task;
mod usage;

use std::fmt::Display;

use serde_json::{Value, json};

pub use file::{Made, Opened, make, open, path, sweep};
pub use shape::Shape;
pub use task::{
    EXPORTS_LEFT_OUT, KEPT_MS, Ordered, Task, current, drop_of_admin, finish, forget_old, forget_person, get_done,
    give_up, kept_files, next_waiting, order, postpone, waits,
};
pub use usage::Filter as UsageFilter;

use crate::actor::Actor;
use crate::audit;
use crate::cell::{Cell, Column};
use crate::db::{Tx, View};
use crate::discount;
use crate::error::Result;
use crate::ids::words;
use crate::realm::Realm;
use crate::user;

/// How many ids one read covers.
const WINDOW: i64 = 1000;
/// An export with more rows than this becomes a file made by the daemon.
pub const MOST_AT_ONCE: i64 = 10_000;
/// The longest file, in bytes, that Telegram accepts from a bot.
pub const MOST_FOR_TELEGRAM: u64 = 50 * 1000 * 1000;

words!(
    /// The kind of rows that are exported.
    ExportKind {
        /// Customers.
        Users = "users",
        /// Codes.
        Discounts = "discounts",
        /// Attempts at the counter.
        Usage = "usage",
    }
);

impl ExportKind {
    /// The keys of the export's columns, in order; never renamed.
    #[must_use]
    pub fn keys(self) -> Vec<&'static str> {
        match self {
            Self::Users => people::COLUMNS.iter().map(|column| column.key).collect(),
            Self::Discounts => codes::COLUMNS.iter().map(|column| column.key).collect(),
            Self::Usage => usage::COLUMNS.iter().map(|column| column.key).collect(),
        }
    }
}

fn cells<R>(columns: &[Column<R>], rows: &[R]) -> Vec<Vec<Cell>> {
    rows.iter().map(|row| columns.iter().map(|column| (column.value)(row)).collect()).collect()
}

/// Which rows to export. Rows are exported in the order of their ids, whatever order the filter asks for.
#[derive(Debug, Clone)]
pub enum Pick {
    /// The customers that matched when the export was requested.
    Users(user::Matches),
    /// The codes that match this filter.
    Discounts(discount::CodeFilter),
    /// The attempts at the counter that match this filter.
    Usage(UsageFilter),
}

/// A requested export.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The realm whose rows are exported.
    pub realm: Realm,
    /// The rows to export.
    pub pick: Pick,
    /// The filter as the caller gave it, for the audit log: it holds no personal data.
    pub said: Value,
}

impl Plan {
    /// The kind of rows that are exported.
    #[must_use]
    pub const fn kind(&self) -> ExportKind {
        match self.pick {
            Pick::Users(_) => ExportKind::Users,
            Pick::Discounts(_) => ExportKind::Discounts,
            Pick::Usage(_) => ExportKind::Usage,
        }
    }

    /// The name of the export's file: `users-2026-11-22.csv`.
    #[must_use]
    pub fn file_name(&self, day: &impl Display, shape: Shape) -> String {
        format!("{}-{day}.{}", self.kind().as_str(), shape.extension())
    }
}

/// The rows of an export that have not been read yet. Which rows are exported is decided when this value is made; their
/// content is read later.
#[derive(Debug, Clone)]
pub struct Rows {
    /// The export whose rows these are.
    pub plan: Plan,
    /// How many rows matched at the beginning.
    pub total: i64,
    after: i64,
    last: i64,
}

impl Rows {
    /// The rows of `plan` as of now.
    pub fn of(view: &View<'_>, plan: Plan) -> Result<Self> {
        let (total, (first, last)) = match &plan.pick {
            Pick::Users(user::Matches::Everybody(_)) => {
                (user::find(view, plan.realm, &user::CustomerFilter::default())?.total(), people::ends(view)?)
            }
            Pick::Users(found) => (found.total(), people::ends(view)?),
            Pick::Discounts(filter) => (discount::count(view, plan.realm, filter)?, codes::ends(view)?),
            Pick::Usage(filter) => (usage::count(view, plan.realm, filter)?, usage::ends(view)?),
        };
        Ok(Self { plan, total, after: first - 1, last: if total == 0 { first - 1 } else { last } })
    }

    /// Whether all rows have been read.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.after >= self.last
    }

    /// Reads the rows with the next thousand ids: at most a thousand rows, perhaps none.
    pub fn next(&mut self, view: &View<'_>) -> Result<Vec<Vec<Cell>>> {
        let window = (self.after, self.after.saturating_add(WINDOW).min(self.last));
        let rows = match &self.plan.pick {
            Pick::Users(found) => cells(people::COLUMNS, &people::between(view, self.plan.realm, found, window)?),
            Pick::Discounts(filter) => cells(codes::COLUMNS, &codes::between(view, self.plan.realm, filter, window)?),
            Pick::Usage(filter) => cells(usage::COLUMNS, &usage::between(view, self.plan.realm, filter, window)?),
        };
        self.after = window.1;
        Ok(rows)
    }
}

/// Records in the audit log that rows leave the shop: who exports them, which rows, how many.
pub fn record(tx: &Tx<'_>, rows: &Rows, by: &Actor) -> Result<()> {
    record_as(tx, rows, by, Value::Null)
}

fn record_as(tx: &Tx<'_>, rows: &Rows, by: &Actor, more: Value) -> Result<()> {
    let Rows { plan, total, .. } = rows;
    let mut after = json!({ "rows": total, "filter": plan.said, "is_test": plan.realm.is_test() });
    if let (Some(after), Value::Object(more)) = (after.as_object_mut(), more) {
        after.extend(more);
    }
    let (entity_id, before) = (plan.kind().as_str().to_owned(), Value::Null);
    audit::record(tx, &audit::Entry { actor: by, action: "export", entity: "export", entity_id, before, after })
}
