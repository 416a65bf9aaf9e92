//! Checks a database without changing it: damage, broken references, pending migrations. For `doctor`; also works on
//! databases that [`super::Database::open`] refuses, and reports whatever SQLite finds.

use std::path::Path;

use rusqlite::Connection;

use super::migrate::{Pending, pending};
use super::schema::lost;
use super::{OpenError, connect_alone};

/// The most problems of one kind that are reported: a longer list helps no reader.
const MOST: usize = 20;

/// The result of [`examine`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// The faults that SQLite finds in the file itself, as SQLite describes them; empty = sound.
    pub damage: Vec<String>,
    /// Tables, indices and triggers that the migrations made and that are missing: `table users`.
    pub lost: Vec<String>,
    /// Rows that refer to rows which do not exist: `table row → parent`.
    pub orphans: Vec<String>,
    /// How much was read: with [`Depth::Schema`], `damage` and `orphans` are empty.
    pub depth: Depth,
    /// The state of the database compared with this binary's migrations; `None` when the migrations cannot be read.
    pub pending: Option<Pending>,
}

/// The version of the built-in SQLite, and whether it is new enough for two processes on one file.
#[must_use]
pub fn sqlite() -> (&'static str, bool) {
    (rusqlite::version(), rusqlite::version_number() >= super::OLDEST_SQLITE)
}

/// The largest database, in bytes, whose pages are all read without being asked for: a second or two of CPU.
pub const MOST_READ_UNASKED: u64 = 64 * 1024 * 1024;

/// How much of a database is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The schema and the migrations.
    Schema,
    /// Every page, and every reference: 17 seconds of CPU a gigabyte.
    Pages,
}

/// Checks the database at `path`.
///
/// # Errors
/// [`OpenError`] when the database cannot be opened at all. Damage is part of the result, not an error.
pub fn examine(path: &Path, depth: Depth) -> Result<Examined, OpenError> {
    if !path.exists() {
        return Err(OpenError::Missing(path.to_owned()));
    }
    let connection = connect_alone(path)?;
    let pending = pending(&connection).ok();
    // Where the list of tables cannot be read, that is among the damage.
    let lost = lost(&connection, path).unwrap_or_default();
    if depth == Depth::Schema {
        return Ok(Examined { damage: Vec::new(), lost, orphans: Vec::new(), depth, pending });
    }
    let damage = complaints(&connection, "PRAGMA integrity_check(20)", |row| row.get(0));
    let orphans = complaints(&connection, "PRAGMA foreign_key_check", |row| {
        let (table, row_id, parent): (String, Option<i64>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(format!("{table} {} → {parent}", row_id.map_or_else(|| "?".to_owned(), |id| id.to_string())))
    });
    let damage: Vec<String> = damage.into_iter().filter(|word| word != "ok").collect();
    Ok(Examined { damage, lost, orphans, depth, pending })
}

/// The problems that a pragma lists, a line each; if the pragma fails midway, its error is the last line.
fn complaints(
    connection: &Connection,
    sql: &str,
    read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<String>,
) -> Vec<String> {
    let mut statement = match connection.prepare(sql) {
        Ok(statement) => statement,
        Err(error) => return vec![error.to_string()],
    };
    let rows = match statement.query_map([], read) {
        Ok(rows) => rows,
        Err(error) => return vec![error.to_string()],
    };
    let mut found = Vec::new();
    for row in rows.take(MOST) {
        match row {
            Ok(words) => found.push(words),
            Err(error) => {
                found.push(error.to_string());
                break;
            }
        }
    }
    found
}
