//! Whether a file has exactly the schema that this binary's migrations make: a foreign trigger in a restored file would
//! run with every write of the shop.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;

use super::still::open_still;
use super::{OpenError, migrate};

const HAS_TABLE: &str = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1";
const MIGRATION: &str = "SELECT coalesce(max(version), 0) FROM refinery_schema_history";
const OBJECTS: &str = "SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema ORDER BY 1";
/// Schema objects that are ignored: tables that SQLite and Litestream add to a live database, and the migration
/// history, which refinery creates.
const ALLOWED: [&str; 6] = [
    "table sqlite_stat1",
    "table sqlite_stat4",
    "table sqlite_sequence",
    "table _litestream_seq",
    "table _litestream_lock",
    "table refinery_schema_history",
];

/// What the migrations up to the database's version made and the database no longer has, tables first: `table users`,
/// `index users_by_phone`. Empty when a newer dvorik has migrated the database.
///
/// # Errors
/// SQLite's own error about this database; [`OpenError`] when the migrations cannot be run in memory.
pub(super) fn lost(connection: &Connection, path: &Path) -> Result<Vec<String>, OpenError> {
    let ours = |error: rusqlite::Error| OpenError::from_sqlite(path, &error);
    let version = migration(connection).map_err(ours)?;
    if version > migrate::NEWEST_KNOWN_MIGRATION {
        return Ok(Vec::new());
    }
    let expected = objects(&migrate::model(version)?).map_err(ours)?;
    let found = objects(connection).map_err(ours)?;
    let mut lost: Vec<String> = expected.into_keys().filter(|name| !found.contains_key(name)).collect();
    lost.sort_by_key(|name| !name.starts_with("table "));
    Ok(lost)
}

/// Tables, indices, triggers and views of the file at `path` that differ from those that the migrations up to its
/// version make: added, altered and missing ones, such as `trigger spy` or `index users_by_phone`.
///
/// # Errors
/// [`OpenError`], also when the schema cannot be read.
pub(super) fn differences(path: &Path) -> Result<Vec<String>, OpenError> {
    let ours = |error: rusqlite::Error| OpenError::from_sqlite(path, &error);
    let file = open_still(path)?;
    let version = migration(&file).map_err(ours)?;
    let expected = objects(&migrate::model(version)?).map_err(ours)?;
    let found = objects(&file).map_err(ours)?;
    let names: std::collections::BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    let differ = |name: &&String| !ALLOWED.contains(&name.as_str()) && expected.get(*name) != found.get(*name);
    Ok(names.into_iter().filter(differ).cloned().collect())
}

/// Whether the database has a table of this name.
pub(super) fn has_table(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    Ok(connection.query_row(HAS_TABLE, [name], |row| row.get::<_, i64>(0))? > 0)
}

/// The newest migration in the file, 0 = none.
pub(super) fn migration(connection: &Connection) -> rusqlite::Result<i64> {
    let has_history = has_table(connection, "refinery_schema_history")?;
    if has_history { connection.query_row(MIGRATION, [], |row| row.get(0)) } else { Ok(0) }
}

/// Every schema object and its SQL, with spacing normalised.
fn objects(connection: &Connection) -> rusqlite::Result<BTreeMap<String, String>> {
    let mut statement = connection.prepare(OBJECTS)?;
    let rows = statement.query_map([], |row| {
        let sql: String = row.get(1)?;
        Ok((row.get(0)?, sql.split_whitespace().collect::<Vec<_>>().join(" ")))
    })?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_tables_first() {
        let model = migrate::model(migrate::NEWEST_KNOWN_MIGRATION).unwrap();
        let path = Path::new("shop.db");
        assert_eq!(lost(&model, path), Ok(Vec::new()));
        assert!(!migrate::lacks_a_table(&model).unwrap());
        model.execute_batch("PRAGMA foreign_keys = off; DROP TABLE cards; CREATE TABLE notes (text TEXT)").unwrap();
        assert!(migrate::lacks_a_table(&model).unwrap());
        assert_eq!(lost(&model, path).unwrap().first().map(String::as_str), Some("table cards"));
        model.execute_batch("DELETE FROM refinery_schema_history").unwrap();
        assert_eq!(
            lost(&model, path),
            Ok(Vec::new()),
            "without its history it is a database before its first migration"
        );
    }
}
