//! `audit`: who changed what. `--follow` keeps running and prints every new entry as it is written.

use std::thread;
use std::time::Duration;

use super::args::AuditList;
use super::output::{Cell, Column, Format, List, facts, safe_line};
use super::refuse::Wrong;
use super::session::Session;
use crate::audit::{self, AuditFilter, Recorded};
use crate::db::Slice;

/// The time between two looks for new entries under `--follow`.
const LOOK: Duration = Duration::from_millis(300);
/// The most entries printed after one look; a person cannot read more at once.
const MOST: Slice = Slice { limit: 10_000, offset: 0 };

const COLUMNS: &[Column<Recorded>] = &[
    Column::detail("id", "column.id", |entry| Cell::Id(entry.id)),
    Column::new("at", "column.at", |entry| entry.at.into()),
    Column::new("actor", "column.by", |entry| (&entry.actor).into()),
    Column::new("action", "column.action", |entry| (&entry.action).into()),
    Column::new("entity", "column.entity", |entry| (&entry.entity).into()),
    Column::new("entity_id", "column.entity_id", |entry| (&entry.entity_id).into()),
    Column::new("before", "column.before", |entry| json(&entry.before)),
    Column::new("after", "column.after", |entry| json(&entry.after)),
    Column::detail("request_id", "column.request_id", |entry| (&entry.request).into()),
];

/// `audit list`: prints a page of the audit log; `--follow` prints new entries as they come.
pub(super) fn list(session: &mut Session<'_>, args: &AuditList) -> Result<(), Wrong> {
    let (since, until) = args.window.span.instants(session.config()?.timezone, session.now());
    let (actor, entity, action) = (args.actor.clone(), args.entity.clone(), args.action.clone());
    let oldest_first = args.window.sort.is_oldest_first();
    let filter = AuditFilter { actor, entity, action, since, until, oldest_first, ..AuditFilter::default() };
    if args.follow {
        return follow(session, filter);
    }
    let (items, total) = session.database()?.read(|view| audit::list(view, &filter, args.window.page.slice()))?;
    let total = total.unsigned_abs();
    let id = |entry: &Recorded| entry.id.to_string();
    session.out.list(&List { schema: "dvorik.audit.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// Prints new entries until Ctrl-C or until stdout is closed. With `--since`, prints earlier entries first.
fn follow(session: &mut Session<'_>, mut filter: AuditFilter) -> Result<(), Wrong> {
    let database = session.database()?;
    let mut seen = if filter.since.is_some() { 0 } else { database.read(audit::newest_id)? };
    // The entries are read newest first, so that the limit leaves out the oldest; they are printed in the order in
    // which they were written.
    filter.oldest_first = false;
    let mut version = None;
    while !session.out.is_closed() {
        let now = database.data_version().map_err(crate::error::Error::from)?;
        if version.replace(now) != Some(now) {
            filter.after = Some(seen);
            let (mut fresh, _) = database.read(|view| audit::list(view, &filter, MOST))?;
            fresh.reverse();
            for entry in &fresh {
                seen = seen.max(entry.id);
                tell(session, entry);
            }
        }
        thread::sleep(LOOK);
    }
    Ok(())
}

/// Prints one entry as one line: JSON, tab-separated cells, or text for people.
fn tell(session: &mut Session<'_>, entry: &Recorded) {
    let cells = |read: &dyn Fn(&Cell) -> String, gap: &str| {
        COLUMNS.iter().map(|column| read(&(column.value)(entry))).collect::<Vec<_>>().join(gap)
    };
    let line = match session.out.format() {
        Format::Json => {
            let mut json = facts(COLUMNS, entry);
            if let Some(json) = json.as_object_mut() {
                json.insert("type".into(), "item".into());
            }
            return session.out.event(&json);
        }
        Format::Quiet => entry.id.to_string(),
        Format::Human => {
            let voice = session.out.voice();
            cells(&|value| value.human(voice), "  ")
        }
        Format::Tsv | Format::Csv => cells(&|value| safe_line(&value.machine()), "\t"),
    };
    session.out.raw(format!("{line}\n").as_bytes());
}

fn json(value: &serde_json::Value) -> Cell {
    if value.is_null() { Cell::Null } else { Cell::Json(value.clone()) }
}
