//! Migrations of the database's schema. They go forward only and are embedded from `migrations/`. A lock file lets one
//! process migrate at a time, because two refinery runs at once disturb each other. Only `init`, `migrate` and
//! `serve --migrate` apply migrations.

use std::collections::HashSet;
use std::fs::File;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{OpenError, connect, connect_alone};
use crate::files::{open_private, with_tail};

/// A view in the place of a table is no half of a database.
const NAMES: &str = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')";
/// The tables and the view of a database that has every migration. A test compares them with what the migrations make.
const TABLES: [&str; 56] = [
    "admins",
    "audit_log",
    "audit_personal",
    "birthday_gifts",
    "broadcast_pace",
    "broadcast_sweeps",
    "broadcasts",
    "campaign_clicks",
    "campaigns",
    "cards",
    "cashiers",
    "conversation_states",
    "day_counts",
    "day_figures",
    "deliveries",
    "discount_reminders",
    "discount_templates",
    "discount_usage_logs",
    "discounts",
    "ended_logins",
    "erased_people",
    "exports",
    "gate_methods",
    "gates",
    "idempotency_keys",
    "intake",
    "invitation_misses",
    "invitations",
    "job_slots",
    "jobs",
    "login_tokens",
    "media",
    "media_files",
    "message_templates",
    "meta",
    "orders",
    "outages",
    "outbox",
    "poll_conflicts",
    "redemptions",
    "row_counts",
    "segments",
    "service_tokens",
    "settings",
    "subscription_checks",
    "told",
    "updates",
    "user_search",
    "user_search_config",
    "user_search_data",
    "user_search_docsize",
    "user_search_idx",
    "user_tags",
    "users",
    "refinery_schema_history",
    "sqlite_sequence",
];

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
    /// The file has a newer migration, which this binary does not know.
    Newer,
}

/// The result of [`migrate`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// Names of the migrations applied now, oldest first.
    pub applied: Vec<String>,
    /// Whether the database file was created by this call.
    pub created: bool,
}

/// The number of the newest migration that this binary knows. `build.rs` reads it from the names of the files: refinery
/// parses them all at each call, which takes longer than the rest of a short command.
pub const NEWEST_KNOWN_MIGRATION: i64 = include!(concat!(env!("OUT_DIR"), "/newest_migration.rs"));

/// Compares the file's applied migrations with the embedded ones. Changes nothing.
///
/// # Errors
/// SQLite's own error.
pub fn pending(connection: &Connection) -> rusqlite::Result<Pending> {
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
    Ok(match NEWEST_KNOWN_MIGRATION - applied {
        0 => Pending::None,
        behind if behind > 0 => Pending::Some(usize::try_from(behind).unwrap_or(usize::MAX)),
        _ => Pending::Newer,
    })
}

/// Whether a database that has every migration lacks one of its tables: only a part of it is left. Every command looks,
/// so the names are compared with a list instead of a [`model`], which takes longer than most commands.
pub(super) fn lacks_a_table(connection: &Connection) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare(NAMES)?;
    let found = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<HashSet<String>>>()?;
    Ok(TABLES.iter().any(|table| !found.contains(*table)))
}

/// Compares the migrations of the database at `path` with the embedded ones; `None` when there is no file, or no table
/// in it. Changes nothing.
///
/// # Errors
/// [`OpenError::Foreign`], [`OpenError::Unusable`].
pub fn pending_at(path: &Path) -> Result<Option<Pending>, OpenError> {
    if !path.exists() {
        return Ok(None);
    }
    let connection = connect_alone(path)?;
    let tables = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0));
    let found = tables.and_then(|tables| if tables == 0 { Ok(None) } else { pending(&connection).map(Some) });
    found.map_err(|e| OpenError::from_sqlite(path, &e))
}

/// Whether there is a database at `path` that this binary can use or migrate; `false` when there is no file, or no
/// table in it. Changes nothing.
///
/// # Errors
/// [`OpenError::Foreign`], [`OpenError::Newer`], [`OpenError::Damaged`], [`OpenError::Unusable`].
pub fn usable_at(path: &Path) -> Result<bool, OpenError> {
    match pending_at(path)? {
        None => Ok(false),
        Some(Pending::Newer) => Err(OpenError::Newer(path.to_owned())),
        Some(Pending::Some(_)) => Ok(true),
        Some(Pending::None) => {
            let lacks = lacks_a_table(&connect_alone(path)?).map_err(|e| OpenError::from_sqlite(path, &e))?;
            if lacks { Err(OpenError::Damaged(path.to_owned())) } else { Ok(true) }
        }
    }
}

/// Creates the database file with mode 0600 if it is missing, and applies the migrations that it lacks, while an
/// exclusive lock file beside it keeps other migrating processes waiting.
///
/// # Errors
/// [`OpenError::Foreign`], [`OpenError::Newer`], [`OpenError::Unusable`]; when a migration fails, the migrations before
/// it stay applied.
pub fn migrate(path: &Path) -> Result<Migrated, OpenError> {
    let _lock = lock_migrations(path)?;
    let created = !path.exists();
    if created {
        open_private(path, path).map_err(|e| OpenError::unusable(path, e))?;
    }
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let sqlite = |e: rusqlite::Error| OpenError::from_sqlite(path, &e);
    let pending = pending(&connection).map_err(sqlite)?;
    match pending {
        Pending::Newer => return Err(OpenError::Newer(path.to_owned())),
        Pending::None if lacks_a_table(&connection).map_err(sqlite)? => {
            return Err(OpenError::Damaged(path.to_owned()));
        }
        Pending::None | Pending::Some(_) => {}
    }
    connection.pragma_update(None, "journal_mode", "wal").map_err(sqlite)?;
    if pending == Pending::None {
        return Ok(Migrated { applied: Vec::new(), created });
    }
    let report = run(&mut connection, None).map_err(|e| unmigrated(path, &e))?;
    let applied = report.applied_migrations().iter().map(ToString::to_string).collect();
    Ok(Migrated { applied, created })
}

/// A migration that finds a table missing which an earlier one made, or made already, was given half a database: the
/// tables do not fit the history of migrations.
fn unmigrated(path: &Path, error: &refinery::Error) -> OpenError {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        let said = error.to_string();
        if ["no such table: ", " already exists"].iter().any(|words| said.contains(words)) {
            return OpenError::Damaged(path.to_owned());
        }
        cause = error.source();
    }
    OpenError::unusable(path, error.to_string())
}

/// An empty database with the schema of the migrations up to `version`.
pub(super) fn model(version: i64) -> Result<Connection, OpenError> {
    let path = Path::new(":memory:");
    let mut connection = Connection::open_in_memory().map_err(|e| OpenError::from_sqlite(path, &e))?;
    // Version 0 is a database without a schema: there is no migration to run.
    if let Some(version) = i32::try_from(version).ok().filter(|version| *version > 0) {
        run(&mut connection, Some(version)).map_err(|e| OpenError::unusable(path, e.to_string()))?;
    }
    Ok(connection)
}

/// Runs the migrations with foreign keys switched off, because a migration may rebuild a table that other tables refer
/// to. The pragma has no effect within a transaction, and refinery runs each migration in one, so it is set here.
fn run(connection: &mut Connection, to: Option<i32>) -> Result<refinery::Report, refinery::Error> {
    let off = |connection: &Connection, off: bool| {
        // If foreign keys stay on, a migration that rebuilds a table fails and is rolled back.
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

/// Waits until no other process migrates `path`, and lets no other process migrate until the returned file is dropped.
///
/// # Errors
/// [`OpenError::Unusable`] when the lock file cannot be made.
pub fn lock_migrations(path: &Path) -> Result<File, OpenError> {
    let unusable = |error: std::io::Error| OpenError::unusable(path, &error);
    let file = open_private(&with_tail(path, ".migrate.lock"), path).map_err(unusable)?;
    file.lock().map_err(unusable)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_migration_is_the_newest_that_refinery_runs() {
        let newest = embedded::migrations::runner().get_migrations().iter().map(refinery::Migration::version).max();
        assert_eq!(newest.map(i64::from), Some(NEWEST_KNOWN_MIGRATION));
    }

    #[test]
    fn the_list_of_tables_is_what_the_migrations_make() {
        let model = model(NEWEST_KNOWN_MIGRATION).unwrap();
        let mut statement = model.prepare(NAMES).unwrap();
        let made: HashSet<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(made, TABLES.map(str::to_owned).into());
    }
}
