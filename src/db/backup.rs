//! Copies a database into a second file, and replaces a database by another file. Copies are made by VACUUM INTO, which
//! reads one snapshot and blocks no writer. A live database is replaced by a rename, while no other process has it
//! open. This module knows files and SQL, not where backups are kept or which columns are secret.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::schema::{self, has_table, migration};
use super::still::{not_utf8, open_still, uri};
use super::{
    APPLICATION_ID, Failure, OpenError, Pending, StorageError, Tx, View, connect, connect_alone, has_foreign_log,
    pending,
};
use crate::clock::{Now, Zone};
use crate::files::{sync_directory_of, with_tail};

const TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
/// The most problems of one kind that are reported: a longer list helps no reader.
const MOST_PROBLEMS: usize = 20;
/// How long a replacement of the database waits for other commands to finish.
const PATIENCE: Duration = Duration::from_secs(3);
/// The name endings of files that SQLite keeps beside a database.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The number of rows in each table, by the table's name.
pub type RowCounts = BTreeMap<String, i64>;

/// A statement that removes secrets from a copy, if the copy has the table.
#[derive(Debug, Clone, Copy)]
pub struct Scrub {
    /// The table that the statement changes.
    pub table: &'static str,
    /// The SQL statement.
    pub sql: &'static str,
}

/// A finished copy of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// The number of rows that each table of the copy must have, after scrubbing. The caller compares them with the copy.
    pub counts: RowCounts,
    /// Whether `counts` are those of the source, less the rows that were scrubbed; else they were counted in the copy,
    /// because a writer changed the source while it was copied.
    pub compared: bool,
    /// The newest migration in the copy, 0 = none.
    pub migration: i64,
}

/// Why no copy was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CopyError {
    /// The source database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Reading the source or writing the copy failed.
    #[error(transparent)]
    Storage(#[from] Failure),
    /// The source is damaged or incomplete, or the copy differs from it.
    #[error("{}", .0.join("; "))]
    Unsound(Vec<String>),
}

impl From<rusqlite::Error> for CopyError {
    fn from(error: rusqlite::Error) -> Self {
        match Failure::from(error) {
            Failure::Damaged(why) | Failure::Incomplete(why) => Self::Unsound(vec![why]),
            failure => Self::Storage(failure),
        }
    }
}

/// Copies one snapshot of the database `source` into `target`, which must not exist or be empty, and runs `scrubs` on
/// the copy. The source may be in use and have an older schema; its writers do not wait. The copy is not synced to
/// disk.
///
/// # Errors
/// Every [`CopyError`]; the caller then removes `target`, which may be incomplete.
pub fn copy(source: &Path, target: &Path, scrubs: &[Scrub]) -> Result<Copied, CopyError> {
    if !source.exists() {
        return Err(OpenError::Missing(source.to_owned()).into());
    }
    let connection = connect_alone(source)?;
    // A copy of half a database would be called sound by the numbers of rows. A lost index loses no data; doctor tells it.
    let lost = schema::lost(&connection, source)?.into_iter().filter(|name| name.starts_with("table "));
    let lost: Vec<String> = lost.map(|name| format!("{name} is missing")).collect();
    if !lost.is_empty() {
        return Err(CopyError::Unsound(lost));
    }
    copy_from(&connection, target, scrubs)
}

fn copy_from(source: &Connection, target: &Path, scrubs: &[Scrub]) -> Result<Copied, CopyError> {
    let version = || source.pragma_query_value(None, "data_version", |row| row.get::<_, i64>(0));
    let (before, expected) = (version()?, counts(source)?);
    source.execute("VACUUM INTO ?1", [path_text(target)?])?;
    let compared = version()? == before;
    let copy = connect(target, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    let deleted = scrub(&copy, scrubs)?;
    let counts = if compared { without(expected, deleted) } else { counts(&copy)? };
    Ok(Copied { counts, compared, migration: migration(&copy)? })
}

/// The numbers of rows after `deleted` rows were deleted.
fn without(mut counts: RowCounts, deleted: Vec<(&'static str, i64)>) -> RowCounts {
    for (table, rows) in deleted {
        counts.entry(table.to_owned()).and_modify(|count| *count -= rows);
    }
    counts
}

/// Runs `scrubs`; returns how many rows each has deleted from its table.
fn scrub(copy: &Connection, scrubs: &[Scrub]) -> rusqlite::Result<Vec<(&'static str, i64)>> {
    // With these pragmas no journal file lies beside the copy, and no secret is left in a freed page.
    copy.pragma_update(None, "journal_mode", "memory")?;
    copy.pragma_update(None, "secure_delete", true)?;
    let mut deleted = Vec::new();
    for scrub in scrubs {
        if has_table(copy, scrub.table)? {
            let changed = copy.execute(scrub.sql, [])?;
            let rows = if scrub.sql.starts_with("DELETE") { i64::try_from(changed).unwrap_or(i64::MAX) } else { 0 };
            deleted.push((scrub.table, rows));
        }
    }
    Ok(deleted)
}

/// What a check found in a backup file: its contents and its faults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Examined {
    /// Damaged pages and indices, as SQLite's integrity check describes them.
    pub integrity: Vec<String>,
    /// References to rows that do not exist, a line each: `table → parent table`.
    pub foreign_keys: Vec<String>,
    /// The number of rows in each table, as far as the rows could be counted.
    pub counts: RowCounts,
    /// Tables, indices, triggers and views that differ from those that this binary's migrations make up to `migration`.
    pub schema: Vec<String>,
    /// The newest migration in the file, 0 = none.
    pub migration: i64,
    /// Whether a newer dvorik has migrated the file: its schema is unknown here.
    pub is_newer: bool,
}

/// Checks every page of a database file that no process writes to. A journal or log beside the file is ignored, because
/// an attacker could have put it there and SQLite would apply it.
///
/// # Errors
/// [`OpenError::Foreign`], [`OpenError::Unusable`]. Damage is part of the result, not an error.
pub fn examine(path: &Path) -> Result<Examined, OpenError> {
    let connection = open_still(path).map_err(|error| renamed(error, path))?;
    let ours = |error: rusqlite::Error| OpenError::from_sqlite(path, &error);
    connection.pragma_update(None, "cell_size_check", true).map_err(ours)?;
    let mut seen = Examined::default();
    match pending(&connection) {
        Ok(found) => seen.is_newer = found == Pending::Newer,
        Err(error) => seen.integrity.push(error.to_string()),
    }
    seen.integrity.extend(complaints(&connection, "PRAGMA integrity_check(20)", |row| row.get(0)));
    seen.integrity.retain(|line| line != "ok");
    let orphan = |row: &rusqlite::Row<'_>| Ok(format!("{} → {}", row.get::<_, String>(0)?, row.get::<_, String>(2)?));
    seen.foreign_keys = complaints(&connection, "PRAGMA foreign_key_check", orphan);
    match counts(&connection).and_then(|counts| Ok((counts, migration(&connection)?))) {
        Ok((counts, migration)) => (seen.counts, seen.migration) = (counts, migration),
        Err(error) => seen.integrity.push(error.to_string()),
    }
    if !seen.is_newer {
        match schema::differences(path) {
            Ok(names) => seen.schema = names,
            Err(error) => seen.integrity.push(error.to_string()),
        }
    }
    Ok(seen)
}

/// The tables whose row counts differ, a line each with the expected and the found count: `users: 12, 11`.
#[must_use]
pub fn differences(expected: &RowCounts, found: &RowCounts) -> Vec<String> {
    let shown = |count: Option<&i64>| count.map_or_else(|| "—".to_owned(), ToString::to_string);
    let tables: std::collections::BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    let differ = tables.into_iter().filter(|table| expected.get(*table) != found.get(*table));
    differ.map(|table| format!("{table}: {}, {}", shown(expected.get(table)), shown(found.get(table)))).collect()
}

/// Runs `change` in one transaction on a database that no other process uses. Afterwards the database is a single file,
/// synced to disk: its log is folded in and removed.
///
/// # Errors
/// The error of `change` (nothing is kept), or a [`Failure`].
pub fn amend<T, E: StorageError>(
    path: &Path,
    (now, zone): (Now, Zone),
    change: impl FnOnce(&Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    amend_beside(path, None, (now, zone), change)
}

/// Does what [`amend`] does, with the database file `replaced` attached under that name, for reading. No process may
/// write to that file meanwhile.
///
/// # Errors
/// The errors of [`amend`].
pub fn amend_beside<T, E: StorageError>(
    path: &Path,
    replaced: Option<&Path>,
    (now, zone): (Now, Zone),
    change: impl FnOnce(&Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|e| Failure::from(&e))?;
    if let Some(replaced) = replaced {
        let uri = uri(replaced).ok_or_else(not_utf8)?;
        connection.execute("ATTACH ?1 AS replaced", [uri]).map_err(Failure::from)?;
    }
    connection.execute_batch("BEGIN IMMEDIATE").map_err(Failure::from)?;
    let result = change(&Tx::new(View::new(&connection, now, zone)))?;
    connection.execute_batch("COMMIT").map_err(Failure::from)?;
    // SQLite folds the log in and removes it when the last connection closes.
    connection.close().map_err(|(_, error)| Failure::from(error))?;
    if with_tail(path, "-wal").exists() {
        return Err(Failure::Unavailable("the log could not be folded in".into()).into());
    }
    fs::File::open(path).and_then(|file| file.sync_all()).map_err(|e| Failure::Unavailable(e.into()))?;
    Ok(result)
}

/// A live database that only this process has open. Other processes wait for it, and fail when they have waited too
/// long.
pub struct Alone {
    connection: Connection,
    path: PathBuf,
}

/// The state of a live database when it is opened to be replaced.
pub enum Present {
    /// There is no database at the path.
    Missing,
    /// The database is open in this process only.
    Alone(Alone),
    /// The file cannot be read as a database; the text is SQLite's error.
    Damaged(String),
}

/// Why a live database cannot be replaced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AloneError {
    /// Another process has the database open.
    #[error("the database is in use")]
    InUse,
    /// The file belongs to another program, or cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// Opens a live database for this process alone, without changing a byte of it.
///
/// # Errors
/// [`AloneError::InUse`] while another process has the database open; [`OpenError::Foreign`] for another program's
/// database; [`OpenError::Unusable`].
pub fn alone(path: &Path) -> Result<Present, AloneError> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Present::Missing),
        Err(error) => return Err(OpenError::unusable(path, &error).into()),
        Ok(found) if !found.is_file() => return Err(OpenError::not_regular(path).into()),
        Ok(_) => {}
    }
    // The log was written for another database file: if SQLite read this file, it would replay the log over it.
    if has_foreign_log(path) {
        return Ok(Present::Damaged(OpenError::ForeignLog(path.to_owned()).to_string()));
    }
    match take(path) {
        Ok((connection, id, tables)) if id == APPLICATION_ID || tables == 0 => {
            Ok(Present::Alone(Alone { connection, path: path.to_owned() }))
        }
        Ok(_) => Err(OpenError::Foreign(path.to_owned()).into()),
        Err(error) if is_damage(&error) => Ok(Present::Damaged(error.to_string())),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Err(AloneError::InUse),
        Err(error) => Err(OpenError::unusable(path, &error).into()),
    }
}

#[expect(clippy::disallowed_methods, reason = "asks for the lock before anything is read, which `connect` cannot")]
fn take(path: &Path) -> rusqlite::Result<(Connection, i64, i64)> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    // If the database cannot be taken, the file must stay as it was, so closing the connection must not fold the log
    // in.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // In this mode, set before the file is first read, no other connection can read or write until this connection is
    // closed.
    connection.pragma_update(None, "locking_mode", "exclusive")?;
    connection.execute_batch("BEGIN EXCLUSIVE; COMMIT")?;
    let tables = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let id = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    Ok((connection, id, tables))
}

impl Alone {
    /// Copies this database; see [`super::backup::copy`].
    ///
    /// # Errors
    /// The errors of [`super::backup::copy`].
    pub fn copy(&self, target: &Path, scrubs: &[Scrub]) -> Result<Copied, CopyError> {
        copy_from(&self.connection, target, scrubs)
    }

    /// Replaces this database by the file `staged` in one rename. `staged` is a single, synced file in the same file
    /// system.
    ///
    /// # Errors
    /// A [`Failure`]; the database is then unchanged.
    pub fn replace_with(self, staged: &Path) -> Result<(), Failure> {
        // Another process may have opened the old file and wait for it; in WAL mode it would then use the log of the
        // new file. Without WAL mode SQLite notices that the old file was moved, and refuses to write.
        let mode: String = self.connection.query_row("PRAGMA journal_mode = delete", [], |row| row.get(0))?;
        if mode != "delete" {
            return Err(Failure::Busy);
        }
        put_in_place(staged, &self.path)
    }
}

/// Renames the file `staged` to `path`, where there is no usable database. The journal and the log of the old database
/// are removed, because they do not belong to the new file.
///
/// # Errors
/// A [`Failure`].
pub fn put_in_place(staged: &Path, path: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Unavailable(error.into());
    for tail in COMPANIONS {
        match fs::remove_file(with_tail(path, tail)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    fs::rename(staged, path).map_err(failed)?;
    sync_directory_of(path).map_err(failed)
}

/// Whether SQLite's error means that the file is damaged, or no database at all.
fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// The same error with `path` in place of the URI that SQLite was given.
fn renamed(error: OpenError, path: &Path) -> OpenError {
    match error {
        OpenError::Foreign(_) => OpenError::Foreign(path.to_owned()),
        OpenError::Unusable { reason, .. } => OpenError::unusable(path, reason),
        other => other,
    }
}

fn path_text(path: &Path) -> Result<&str, Failure> {
    path.to_str().ok_or_else(|| Failure::Unavailable(format!("{}: the path is not UTF-8", path.display()).into()))
}

/// The problems that a pragma lists, a line each. If the pragma fails, its error is the only line.
fn complaints(
    connection: &Connection,
    sql: &str,
    read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<String>,
) -> Vec<String> {
    let listed = connection.prepare(sql).and_then(|mut statement| {
        let rows = statement.query_map([], read)?;
        rows.take(MOST_PROBLEMS).collect::<rusqlite::Result<Vec<_>>>()
    });
    listed.unwrap_or_else(|error| vec![error.to_string()])
}

fn counts(connection: &Connection) -> rusqlite::Result<RowCounts> {
    let mut tables = connection.prepare(TABLES)?;
    let names = tables.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    let count = |name: String| {
        // A table's name cannot be a bound parameter. With its quotes doubled it may be any text.
        let sql = format!("SELECT count(*) FROM \"{}\"", name.replace('"', "\"\""));
        Ok((name, connection.query_row(&sql, [], |row| row.get(0))?))
    };
    names.into_iter().map(count).collect()
}
