//! Whether a file has exactly the schema that this binary's migrations make: a foreign trigger in a restored file would
//! run with every write of the shop.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;

use super::backup::{migration, open_still};
use super::{OpenError, migrate};

const OBJECTS: &str = "SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema ORDER BY 1";
/// Schema objects that are ignored: what SQLite's ANALYZE and Litestream add to a live database, and the migration
/// history, which the library writes.
const ALLOWED: [&str; 6] = [
    "table sqlite_stat1",
    "table sqlite_stat4",
    "table sqlite_sequence",
    "table _litestream_seq",
    "table _litestream_lock",
    "table refinery_schema_history",
];

/// Tables, indices, triggers and views of the file at `path` that differ from those of its own migration: foreign ones,
/// altered ones, missing ones. `trigger spy`, `index users_by_phone`, …
///
/// # Errors
/// [`OpenError`]; an unreadable schema is one.
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

/// Every schema object and its SQL, with spacing normalised.
fn objects(connection: &Connection) -> rusqlite::Result<BTreeMap<String, String>> {
    let mut statement = connection.prepare(OBJECTS)?;
    let rows = statement.query_map([], |row| {
        let sql: String = row.get(1)?;
        Ok((row.get(0)?, sql.split_whitespace().collect::<Vec<_>>().join(" ")))
    })?;
    rows.collect()
}
