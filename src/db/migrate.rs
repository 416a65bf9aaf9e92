//! Migrations: forward only, embedded from `migrations/`, applied by one process at a time under a lock file (refinery
//! started by two processes at once races). Only init, migrate and `serve --migrate` call this.

use std::fs::File;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{OpenError, connect, connect_alone};
use crate::files::{open_private, with_tail};

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// The state of a database compared with this binary's migrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// Every migration has been applied.
    None,
    /// This many migrations have not been applied.
    Some(usize),
    /// The file has a migration that this binary does not know.
    Newer,
}

/// The result of [`migrate`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// Names of the migrations applied now, oldest first.
    pub applied: Vec<String>,
    /// Whether the database file was created.
    pub created: bool,
}

/// Compares the file's applied migrations with the embedded ones. Changes nothing.
///
/// # Errors
/// SQLite's own error.
pub fn pending(connection: &Connection) -> rusqlite::Result<Pending> {
    let newest = embedded::migrations::runner().get_migrations().iter().map(refinery::Migration::version).max();
    let has_history: i64 = connection.query_row(
        "SELECT count(*) FROM sqlite_schema WHERE name = 'refinery_schema_history'",
        [],
        |row| row.get(0),
    )?;
    let applied: i64 = if has_history == 0 {
        0
    } else {
        connection.query_row("SELECT coalesce(max(version), 0) FROM refinery_schema_history", [], |row| row.get(0))?
    };
    let newest = newest.map_or(0, i64::from);
    Ok(match newest - applied {
        0 => Pending::None,
        behind if behind > 0 => Pending::Some(usize::try_from(behind).unwrap_or(usize::MAX)),
        _ => Pending::Newer,
    })
}

/// The state of the database at `path`; `None` when it holds nothing worth keeping: no file, or no table. Changes
/// nothing.
///
/// # Errors
/// [`OpenError::Foreign`], [`OpenError::Unusable`].
pub fn standing(path: &Path) -> Result<Option<Pending>, OpenError> {
    if !path.exists() {
        return Ok(None);
    }
    let connection = connect_alone(path)?;
    let tables = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0));
    let found = tables.and_then(|tables| if tables == 0 { Ok(None) } else { pending(&connection).map(Some) });
    found.map_err(|e| OpenError::from_sqlite(path, &e))
}

/// Creates the database file if need be (mode 0600) and applies pending migrations, under an exclusive lock file beside
/// it.
///
/// # Errors
/// [`OpenError::Foreign`], [`OpenError::Newer`], [`OpenError::Unusable`]; a failed migration leaves the ones before it.
pub fn migrate(path: &Path) -> Result<Migrated, OpenError> {
    let unusable = |e: &dyn std::fmt::Display| OpenError::unusable(path, e);
    let _lock = lock_migrations(path)?;
    let created = !path.exists();
    if created {
        open_private(path, path).map_err(|e| unusable(&e))?;
    }
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    if pending(&connection).map_err(|e| OpenError::from_sqlite(path, &e))? == Pending::Newer {
        return Err(OpenError::Newer(path.to_owned()));
    }
    connection.pragma_update(None, "journal_mode", "wal").map_err(|e| OpenError::from_sqlite(path, &e))?;
    let report = run(&mut connection, None).map_err(|e| unusable(&e))?;
    let applied = report.applied_migrations().iter().map(ToString::to_string).collect();
    Ok(Migrated { applied, created })
}

/// An empty database with the schema of the migrations up to `version`.
pub(super) fn model(version: i64) -> Result<Connection, OpenError> {
    let path = Path::new(":memory:");
    let mut connection = Connection::open_in_memory().map_err(|e| OpenError::from_sqlite(path, &e))?;
    // Version 0 is no schema at all; the library would run everything.
    if let Some(version) = i32::try_from(version).ok().filter(|version| *version > 0) {
        run(&mut connection, Some(version)).map_err(|e| OpenError::unusable(path, &e))?;
    }
    Ok(connection)
}

/// Migrates without foreign keys, because a migration may rebuild a table that others refer to: they cannot be switched
/// off inside a transaction, and each migration is one.
fn run(connection: &mut Connection, to: Option<i32>) -> Result<refinery::Report, refinery::Error> {
    let off = |connection: &Connection, off: bool| {
        // If the pragma fails, the migration itself would fail and be rolled back.
        let _ = connection.pragma_update(None, "foreign_keys", !off);
    };
    off(connection, true);
    let runner = embedded::migrations::runner();
    let report = match to {
        Some(version) => runner.set_target(refinery::Target::Version(version)).run(connection),
        None => runner.run(connection),
    };
    off(connection, false);
    report
}

/// Waits until no other process migrates `path`, and locks others out until the returned file is dropped.
///
/// # Errors
/// [`OpenError::Unusable`] when the lock file cannot be made.
pub fn lock_migrations(path: &Path) -> Result<File, OpenError> {
    let unusable = |error: std::io::Error| OpenError::unusable(path, &error);
    let file = open_private(&with_tail(path, ".migrate.lock"), path).map_err(unusable)?;
    file.lock().map_err(unusable)?;
    Ok(file)
}
