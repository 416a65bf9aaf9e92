//! What Litestream reports about its copy of this database, as text of its metrics, and what the daemon saw of it before.
//! A verdict from it says whether Litestream takes in the shop's changes, and not whether its copy can be restored:
//! Litestream 0.5.17 counts no error when it cannot write the copy. Only a drill shows that.

use std::path::Path;

use rusqlite::named_params;
use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::db::{Tx, View};
use crate::error::Result;

const PUT: &str = "INSERT INTO meta (key, value) VALUES ('litestream', :value)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value";
const FIND: &str = "SELECT value FROM meta WHERE key = 'litestream'";

/// How long Litestream may take to take in a change, in milliseconds.
const LONGEST_STANDSTILL_MS: i64 = 60_000;
/// For how long an error of Litestream is told of, in milliseconds.
const ERROR_IS_NEWS_MS: i64 = 3_600_000;

/// What Litestream reports of one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LitestreamReport {
    /// The last transaction that it took in.
    pub txid: u64,
    /// How many errors it has counted since it started.
    pub errors: u64,
    /// Whether it pauses because the disk is full.
    pub is_disk_full: bool,
}

/// Why a text says nothing of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreported {
    /// The text is not that of Litestream's metrics.
    OtherProgram,
    /// Litestream copies other databases only, at these paths.
    OtherDatabases(Vec<String>),
}

/// Reads what Litestream's metrics say of `database`. Two paths that lead to one file are the same.
///
/// # Errors
/// [`Unreported`].
pub fn read(text: &str, database: &Path) -> std::result::Result<LitestreamReport, Unreported> {
    let samples: Vec<Sample> = text.lines().filter_map(Sample::read).collect();
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let ours = real(database);
    let is_ours = |sample: &&Sample| real(Path::new(&sample.database)) == ours;
    let of = |name: &str| samples.iter().filter(is_ours).find(|sample| sample.name == name).map(|sample| sample.value);
    match of("litestream_txid") {
        Some(txid) => Ok(LitestreamReport {
            txid,
            errors: of("litestream_sync_error_count").unwrap_or_default(),
            is_disk_full: of("litestream_disk_full").is_some_and(|full| full > 0),
        }),
        None => {
            let known = samples.iter().filter(|sample| sample.name == "litestream_txid");
            let known: Vec<String> = known.map(|sample| sample.database.clone()).collect();
            Err(if known.is_empty() { Unreported::OtherProgram } else { Unreported::OtherDatabases(known) })
        }
    }
}

/// A line of the metrics: `litestream_txid{db="/var/lib/dvorik/dvorik.db"} 7`.
struct Sample {
    name: String,
    database: String,
    value: u64,
}

impl Sample {
    fn read(line: &str) -> Option<Self> {
        let (head, value) = line.rsplit_once(' ')?;
        let (name, labels) = head.strip_suffix('}')?.split_once('{')?;
        let database = labels.strip_prefix("db=\"").or_else(|| labels.split_once(",db=\"").map(|(_, rest)| rest))?;
        // Numbers are written as floats: 1.2e+07.
        let value: f64 = value.parse().ok().filter(|value: &f64| value.is_finite() && *value >= 0.0)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count below 2^53, checked above"
        )]
        let value = value as u64;
        Some(Self { name: name.to_owned(), database: unquoted(database)?, value })
    }
}

/// The text up to the closing quote; `\\`, `\"` and `\n` stand for a backslash, a quote and a line break.
fn unquoted(text: &str) -> Option<String> {
    let (mut plain, mut letters) = (String::new(), text.chars());
    loop {
        match letters.next()? {
            '"' => return Some(plain),
            '\\' => plain.push(match letters.next()? {
                'n' => '\n',
                other => other,
            }),
            letter => plain.push(letter),
        }
    }
}

/// What the daemon saw last. Storing it changes the database, so Litestream must take in one more transaction after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LitestreamSeen {
    /// The last transaction that Litestream had taken in.
    pub txid: u64,
    /// When the daemon saw this transaction for the first time, in milliseconds.
    pub since_ms: i64,
    /// How many errors Litestream had counted.
    pub errors: u64,
    /// When the daemon last saw this number grow, in milliseconds; `None`: never.
    pub grew_ms: Option<i64>,
}

/// Stores what Litestream reports now.
pub fn note(tx: &Tx<'_>, report: LitestreamReport) -> Result<()> {
    let (now, last) = (tx.now_ms().0, seen(tx)?);
    let stands = last.filter(|last| last.txid == report.txid);
    let grew = last.is_some_and(|last| report.errors > last.errors);
    let seen = LitestreamSeen {
        txid: report.txid,
        since_ms: stands.map_or(now, |last| last.since_ms),
        errors: report.errors,
        grew_ms: if grew { Some(now) } else { last.and_then(|last| last.grew_ms) },
    };
    let value = serde_json::to_string(&seen).unwrap_or_default();
    tx.change(PUT, named_params! { ":value": value })?;
    Ok(())
}

/// What the daemon saw last; `None` when it has not looked yet.
pub fn seen(view: &View<'_>) -> Result<Option<LitestreamSeen>> {
    let stored: Option<String> = view.find(FIND, [], |row| row.get(0))?;
    Ok(stored.and_then(|text| serde_json::from_str(&text).ok()))
}

/// What is to be said of Litestream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LitestreamVerdict {
    /// It pauses because the disk is full.
    DiskFull,
    /// It has counted errors within the last hour; the number is the count since it started.
    Errors(u64),
    /// It has taken in nothing for so many seconds, although the database changed.
    StandsStill(i64),
    /// It answers; the daemon has not looked before, so whether it goes on is not known.
    Unwatched,
    /// It takes in what changes.
    GoesOn,
}

/// Judges a report by what the daemon saw before.
#[must_use]
pub fn judge(report: LitestreamReport, seen: Option<LitestreamSeen>, now: Millis) -> LitestreamVerdict {
    if report.is_disk_full {
        return LitestreamVerdict::DiskFull;
    }
    let Some(seen) = seen else { return LitestreamVerdict::Unwatched };
    let is_news = seen.grew_ms.is_some_and(|at| now.0.saturating_sub(at) < ERROR_IS_NEWS_MS);
    if report.errors > seen.errors || is_news {
        return LitestreamVerdict::Errors(report.errors);
    }
    let stood = now.0.saturating_sub(seen.since_ms);
    match report.txid == seen.txid && stood >= LONGEST_STANDSTILL_MS {
        true => LitestreamVerdict::StandsStill(stood / 1000),
        false => LitestreamVerdict::GoesOn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, Timestamp, Zone};
    use crate::db::{self, Database};
    use crate::error::Error;

    /// As Litestream 0.5.17 writes them.
    fn metrics(path: &str, txid: &str, errors: u64, full: u64) -> String {
        format!(
            "# HELP litestream_disk_full Whether replication is paused because the local disk is full\n\
             # TYPE litestream_disk_full gauge\n\
             litestream_disk_full{{db=\"/other.db\"}} 1\n\
             litestream_disk_full{{db=\"{path}\"}} {full}\n\
             litestream_l0_retention_files_total{{db=\"dvorik.db\",status=\"eligible\"}} 0\n\
             litestream_sync_error_count{{db=\"/other.db\"}} 9\n\
             litestream_sync_error_count{{db=\"{path}\"}} {errors}\n\
             litestream_txid{{db=\"/other.db\"}} 99\n\
             litestream_txid{{db=\"{path}\"}} {txid}\n\
             go_gc_duration_seconds{{quantile=\"0\"}} NaN\n"
        )
    }

    #[test]
    fn the_lines_about_our_database_are_read_and_no_others() {
        let of = |txid, errors, is_disk_full| Ok(LitestreamReport { txid, errors, is_disk_full });
        let ours = Path::new("/no/such/dvorik.db");
        assert_eq!(read(&metrics("/no/such/dvorik.db", "7", 2, 0), ours), of(7, 2, false));
        assert_eq!(read(&metrics("/no/such/dvorik.db", "1.2345678e+07", 0, 1), ours), of(12_345_678, 0, true));
        let others = Unreported::OtherDatabases(vec!["/other.db".into(), "/else.db".into()]);
        assert_eq!(read(&metrics("/else.db", "7", 0, 0), ours), Err(others));
        for text in ["", "hello", "<html>", "litestream_txid", "litestream_txid{db=\"/x.db\" 7", "go_threads 5"] {
            assert_eq!(read(text, ours), Err(Unreported::OtherProgram), "{text}");
        }
        let quoted = Path::new("/a \"b\" \\c.db");
        assert_eq!(read(&metrics("/a \\\"b\\\" \\\\c.db", "7", 0, 0), quoted), of(7, 0, false));
    }

    #[test]
    fn two_paths_to_one_file_are_one_database() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("dvorik.db"), dir.path().join("link.db"));
        std::fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert_eq!(read(&metrics(file.to_str().unwrap(), "7", 0, 0), &link).map(|report| report.txid), Ok(7));
    }

    #[test]
    fn errors_and_a_standstill_are_told_of_by_what_was_seen_before() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("shop.db");
        db::migrate(&path).unwrap();
        let clock = Clock::manual(Timestamp::parse("2026-11-22T09:00:00Z").unwrap());
        let database = Database::open(&path, Zone::UTC, clock.clone()).unwrap();
        let report = |txid, errors| LitestreamReport { txid, errors, is_disk_full: false };
        let note = |report| database.write::<_, Error, _>(move |tx| super::note(tx, report)).unwrap();
        let judge = |report| super::judge(report, database.read(seen).unwrap(), clock.now_ms());

        assert_eq!(judge(report(7, 3)), LitestreamVerdict::Unwatched);
        note(report(7, 3));
        assert_eq!(judge(report(7, 3)), LitestreamVerdict::GoesOn, "it has a minute for the change");
        clock.advance_ms(59_999);
        assert_eq!(judge(report(7, 3)), LitestreamVerdict::GoesOn);
        clock.advance_ms(1);
        assert_eq!(judge(report(7, 3)), LitestreamVerdict::StandsStill(60));
        assert_eq!(judge(report(8, 3)), LitestreamVerdict::GoesOn);
        // LitestreamSeen again where it stood: it has stood since the first time.
        clock.advance_ms(240_000);
        note(report(7, 3));
        assert_eq!(judge(report(7, 3)), LitestreamVerdict::StandsStill(300));
        note(report(9, 3));
        assert_eq!(judge(report(9, 3)), LitestreamVerdict::GoesOn);

        assert_eq!(judge(report(10, 4)), LitestreamVerdict::Errors(4));
        note(report(10, 4));
        clock.advance_ms(3_599_999);
        assert_eq!(judge(report(11, 4)), LitestreamVerdict::Errors(4), "news for an hour");
        clock.advance_ms(1);
        assert_eq!(judge(report(11, 4)), LitestreamVerdict::GoesOn);
        // Litestream was started anew and counts from 0.
        note(report(1, 0));
        assert_eq!(judge(report(2, 0)), LitestreamVerdict::GoesOn);
        let full = LitestreamReport { txid: 2, errors: 0, is_disk_full: true };
        assert_eq!(judge(full), LitestreamVerdict::DiskFull);
    }
}
