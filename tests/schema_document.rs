//! The schema after all migrations, as it is kept in `docs/`: the statements, a diagram of who refers to whom, and who
//! owns which table.
//! `DVORIK_WRITE_DOCS=1` writes both anew.

use std::fmt::Write;

use rusqlite::Connection;

use super::api::document::is_kept;
use super::architecture::tables::Owners;

/// The statements of one kind, tables in the order of their migrations.
fn statements(connection: &Connection, kind: &str) -> Vec<String> {
    let sql = "SELECT sql FROM sqlite_schema WHERE type = ?1 AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
        AND name NOT LIKE 'user_search_%' AND name <> 'refinery_schema_history' ORDER BY rowid";
    let mut statement = connection.prepare(sql).unwrap();
    statement.query_map([kind], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Every reference between two tables: from, column, to.
fn references(connection: &Connection) -> Vec<(String, String, String)> {
    let sql = "SELECT m.name, f.\"from\", f.\"table\" FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f
        WHERE m.type = 'table' ORDER BY f.\"table\", m.name, f.\"from\"";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// The nouns and the tables that each of them owns, as a section of the document.
fn owners() -> String {
    let mut section = String::from(
        "## Owners\n\nA table is written by one noun alone, and nouns above it in `src/lib.rs` do not read it. Exceptions and the \
         keys of `meta` stand in `tests/architecture/owners.txt`.\n\n| Noun | Its tables |\n|---|---|\n",
    );
    for tables in Owners::read().tables.chunk_by(|(_, one), (_, other)| one == other) {
        let names: Vec<&str> = tables.iter().map(|(table, _)| table.as_str()).collect();
        writeln!(section, "| `{}` | {} |", tables[0].1, names.join(", ")).unwrap();
    }
    section
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a look at the schema alone, without the pragmas of the product")]
fn the_schema_is_as_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("schema.db");
    dvorik::db::migrate(&path).unwrap();
    let connection = Connection::open(&path).unwrap();

    let mut text = String::from(
        "-- The schema after all migrations. Made by tests/schema_document.rs; the reasons stand in migrations/.\n",
    );
    for kind in ["table", "index", "trigger", "view"] {
        for statement in statements(&connection, kind) {
            write!(text, "\n{statement};\n").unwrap();
        }
    }
    is_kept("schema.sql", &text);

    let mut diagram = String::from(
        "# Tables\n\nWho refers to whom. The columns stand in [schema.sql](schema.sql), the reasons in `migrations/`. Made by \
         `tests/schema_document.rs`.\n\n```mermaid\nerDiagram\n",
    );
    let found = references(&connection);
    assert!(found.len() > 20, "the references were not found");
    for (from, column, to) in found {
        writeln!(diagram, "    {to} ||--o{{ {from} : {column}").unwrap();
    }
    diagram.push_str("```\n\n");
    diagram.push_str(&owners());
    is_kept("schema.md", &diagram);
}
