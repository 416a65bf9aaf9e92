//! Plans are a contract: `tests/plans/statements.txt` has every statement that the suite has seen a use-case run, and
//! SQLite's plan for each must not grow with the shop, whatever statistics the database has. A statement that may read a
//! whole table or sort stands in `tests/plans/excused.txt` with the reason.
//!
//! To record the statements of a changed program: `rm -rf target/statements; mkdir -p target/statements`, run the suite with
//! `DVORIK_TEST_STATEMENTS=$PWD/target/statements`, and then `plans:: -- --include-ignored` with `DVORIK_WRITE_DOCS=1` as well.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

const STATEMENTS: &str = "tests/plans/statements.txt";
const EXCUSED: &str = "tests/plans/excused.txt";

/// Tables whose rows a shop's people make, or that a queue fills.
const GROWING: &[&str] = &[
    "users",
    "discounts",
    "redemptions",
    "discount_usage_logs",
    "updates",
    "outbox",
    "user_tags",
    "erased_people",
    "orders",
    "campaign_clicks",
    "subscription_checks",
    "birthday_gifts",
    "discount_reminders",
    "deliveries",
    "audit_log",
    "audit_personal",
    "conversation_states",
    "cards",
    "idempotency_keys",
    "exports",
    "invitation_misses",
];

/// In how many values the rows of a column fall; the columns that are not here have a value of their own in each row.
const DISTINCT: &[(&str, u64)] = &[
    ("is_test", 1),
    ("status", 2),
    ("is_subscribed", 2),
    ("gender", 3),
    ("birthday", 20_000),
    ("birthday_md", 366),
    ("day", 3650),
    ("created_day", 3650),
    ("hour", 24),
    ("state", 3),
    ("bot", 2),
    ("lane", 2),
    ("cashier_id", 20),
    ("campaign_id", 50),
    ("source_kind", 7),
    ("source_id", 1000),
    ("source_normalized", 100),
    ("template_id", 20),
    ("broadcast_id", 1000),
    ("user_id", 1_000_000),
    ("entity", 20),
    ("tag", 100),
    ("days", 3),
    ("year", 10),
];

/// The statistics under which each plan is looked at.
const STATISTICS: &[(&str, Option<u64>)] =
    &[("no statistics", None), ("those of 3,000,000 rows", Some(3_000_000)), ("those of 3 rows", Some(3))];

/// An empty shop with made-up statistics: `rows` in each table.
#[expect(
    clippy::disallowed_methods,
    reason = "a schema to explain statements with, without the pragmas of the product"
)]
fn shop(path: &Path, rows: Option<u64>) -> Connection {
    dvorik::db::migrate(path).unwrap();
    let connection = Connection::open(path).unwrap();
    let Some(rows) = rows else { return connection };
    connection.execute_batch("ANALYZE; DELETE FROM sqlite_stat1").unwrap();
    let indices = "SELECT m.name, i.name FROM sqlite_schema m JOIN pragma_index_list(m.name) i WHERE m.type = 'table'";
    for (table, index) in pairs(&connection, indices) {
        let (mut each, mut stat) = (rows, rows.to_string());
        for (_, column) in
            pairs(&connection, &format!("SELECT seqno, coalesce(name, '') FROM pragma_index_info('{index}')"))
        {
            let known = DISTINCT.iter().find(|(name, _)| *name == column);
            each = known.map_or(1, |(_, distinct)| each.div_ceil(*distinct));
            stat = format!("{stat} {each}");
        }
        connection.execute("INSERT INTO sqlite_stat1 VALUES (?1, ?2, ?3)", (table, index, stat)).unwrap();
    }
    connection.execute_batch("ANALYZE sqlite_schema").unwrap();
    connection
}

fn pairs(connection: &Connection, sql: &str) -> Vec<(String, String)> {
    let mut statement = connection.prepare(sql).unwrap();
    let text = |row: &rusqlite::Row<'_>, at| match row.get_ref(at)? {
        rusqlite::types::ValueRef::Text(text) => Ok(String::from_utf8_lossy(text).into_owned()),
        _ => row.get::<_, i64>(at).map(|number| number.to_string()),
    };
    let rows = statement.query_map([], |row| Ok((text(row, 0)?, text(row, 1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// The table that `alias` stands for in `sql`, if it is one that grows.
fn growing<'t>(sql: &str, alias: &str) -> Option<&'t str> {
    let words: Vec<&str> =
        sql.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
    GROWING.iter().copied().find(|table| {
        (*table == alias && words.contains(table))
            || words.windows(2).any(|pair| pair == [*table, alias])
            || words
                .windows(3)
                .any(|three| three[0] == *table && three[1].eq_ignore_ascii_case("as") && three[2] == alias)
    })
}

/// Statements of a restore and of the drill read two files at once; they run once, on a file that no daemon serves.
const OF_TWO_FILES: &[&str] = &["temp.", "replaced.", "main."];

/// What in the plan of `sql` grows with the shop.
fn complaints(connection: &Connection, sql: &str) -> BTreeSet<String> {
    let mut statement =
        connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap_or_else(|e| panic!("{e}: {sql}"));
    let parameters = statement.parameter_count();
    let nothing = vec![rusqlite::types::Null; parameters];
    let rows = statement.query_map(rusqlite::params_from_iter(nothing), |row| row.get::<_, String>(3)).unwrap();
    let is_limited = sql.contains("LIMIT");
    let grows = |step: &String| {
        let words: Vec<&str> = step.split(' ').collect();
        match words.as_slice() {
            ["SCAN", alias, rest @ ..] => !is_limited && !rest.contains(&"VIRTUAL") && growing(sql, alias).is_some(),
            ["SEARCH", alias, .., only] => {
                let is_realm_alone = *only == "(is_test=?)";
                growing(sql, alias).is_some() && (step.contains("AUTOMATIC") || is_realm_alone && !is_limited)
            }
            ["USE", "TEMP", "B-TREE", ..] => GROWING.iter().any(|table| growing(sql, table).is_some()),
            _ => false,
        }
    };
    rows.map(Result::unwrap).filter(grows).collect()
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The statements of a file, one a line; lines that begin with `#` are reasons.
fn lines(path: &str) -> Vec<String> {
    let text = fs::read_to_string(root(path)).unwrap_or_default();
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

/// Whether `excused` has the statement, or its beginning before an ellipsis.
fn is_excused(excused: &[String], sql: &str) -> bool {
    excused.iter().any(|line| line.strip_suffix('…').map_or(line == sql, |begins| sql.starts_with(begins)))
}

/// Explains each statement under all statistics; the complaints by statement.
fn judged(statements: &[String]) -> BTreeMap<&str, BTreeSet<String>> {
    let dir = tempfile::tempdir().unwrap();
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (at, (name, rows)) in STATISTICS.iter().enumerate() {
        let connection = shop(&dir.path().join(format!("{at}.db")), *rows);
        for sql in statements.iter().filter(|sql| !OF_TWO_FILES.iter().any(|schema| sql.contains(schema))) {
            let said = complaints(&connection, sql).into_iter().map(|said| format!("{said} ({name})"));
            found.entry(sql).or_default().extend(said);
        }
    }
    found.retain(|_, said| !said.is_empty());
    found
}

fn assert_excused(found: &BTreeMap<&str, BTreeSet<String>>, excused: &[String]) {
    let bad: Vec<String> = found
        .iter()
        .filter(|(sql, _)| !is_excused(excused, sql))
        .map(|(sql, said)| format!("{sql}\n    {}", said.iter().cloned().collect::<Vec<_>>().join("\n    ")))
        .collect();
    assert!(
        bad.is_empty(),
        "{} plans grow with the shop; mend each, or write it into {EXCUSED}:\n{}",
        bad.len(),
        bad.join("\n")
    );
}

#[test]
fn no_plan_grows_with_the_shop() {
    let (statements, excused) = (lines(STATEMENTS), lines(EXCUSED));
    assert!(statements.len() > 300, "{STATEMENTS} has {} statements", statements.len());
    let found = judged(&statements);
    assert_excused(&found, &excused);
    let is_idle = |line: &&String| !found.keys().any(|sql| is_excused(std::slice::from_ref(*line), sql));
    let idle: Vec<&String> = excused.iter().filter(is_idle).collect();
    assert!(idle.is_empty(), "{EXCUSED} excuses statements that need no excuse or do not exist: {idle:#?}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "where the run of the whole suite has recorded statements")]
#[ignore = "judges the statements that a run of the whole suite has recorded: .ci/run"]
fn no_recorded_plan_grows_with_the_shop() {
    let directory = std::env::var("DVORIK_TEST_STATEMENTS").expect("the directory with the recorded statements");
    let files = fs::read_dir(directory).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    let begins = ["SELECT", "WITH", "INSERT", "UPDATE", "DELETE"];
    let recorded: BTreeSet<String> = files
        .map(|sql| sql.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|sql| begins.iter().any(|begins| sql.starts_with(begins)))
        .collect();
    assert!(recorded.len() > 300, "{} statements were recorded", recorded.len());
    if std::env::var("DVORIK_WRITE_DOCS").is_ok() {
        let text: String = recorded.iter().map(|sql| format!("{sql}\n")).collect();
        fs::write(root(STATEMENTS), text).unwrap();
    }
    let recorded: Vec<String> = recorded.into_iter().collect();
    assert_excused(&judged(&recorded), &lines(EXCUSED));
}
