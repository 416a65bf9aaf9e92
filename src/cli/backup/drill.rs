//! `backup drill`: restores a copy beside the backups and says whether it is whole and how far it is behind. Litestream's
//! copy is restored by Litestream itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::super::args::BackupDrill;
use super::super::output::{ExitCode, FailureReport, Format};
use super::super::refuse::Wrong;
use super::super::session::Session;
use crate::backup::{self, BackupError, Comparison, Drill, Drilled, Form, Missing};
use crate::cause;
use crate::clock::{Clock, Timestamp};

/// How far a copy may be behind, in seconds: a nightly backup, and Litestream's.
const MOST_BEHIND: u32 = 24 * 60 * 60;
const MOST_BEHIND_OF_LITESTREAM: u32 = 60;
/// The longest part of Litestream's own words that is shown, in characters.
const LONGEST_WORDS: usize = 300;

/// `backup drill`; exit code 1 when the copy is damaged or too far behind.
pub(super) fn drill(session: &mut Session<'_>, args: &BackupDrill) -> Result<(), Wrong> {
    // A shop that cannot be used is told of before anything is restored.
    drop(session.database()?);
    let config = session.config()?;
    let begin = || Drill::begin(config, Clock::System.now());
    let (source, form, drilled) = match (&args.litestream, &args.file) {
        (Some(yml), _) => (yml.clone(), Form::Bare, by_litestream(session, begin()?, yml)?),
        (None, Some(file)) => (file.clone(), Form::Bare, begin()?.of_file(file, Form::Bare)?),
        (None, None) => {
            let path = backup::get_by_ref(&config.backup.dir, &args.backup)?;
            let drilled = begin()?.of_file(&path, Form::WithSidecar)?;
            (path, Form::WithSidecar, drilled)
        }
    };
    let usual = if args.litestream.is_some() { MOST_BEHIND_OF_LITESTREAM } else { MOST_BEHIND };
    let most = i64::from(args.max_behind.unwrap_or(usual));
    match drilled {
        Drilled::Sound(found) => tell(session, &source, &found, most),
        Drilled::Unsound(problems) => {
            if session.out.format() == Format::Json {
                session.out.document(&unsound(&source), "");
            }
            Err(BackupError::Damaged { path: source, form, problems }.into())
        }
    }
}

/// Prints what the drill found; a failure when the copy is more than `most` seconds behind.
fn tell(session: &mut Session<'_>, source: &Path, found: &Comparison, most: i64) -> Result<(), Wrong> {
    let is_late = found.behind_seconds > most;
    let sentence = sentence(session, found);
    session.out.document(&document(source, found), &sentence);
    if !is_late {
        return Ok(());
    }
    let lang = session.out.voice().lang;
    let shown = |seconds: i64| lang.duration(seconds.unsigned_abs());
    let words: [(&str, &dyn std::fmt::Display); 2] = [("behind", &shown(found.behind_seconds)), ("most", &shown(most))];
    let failure = FailureReport::new("VALIDATION_ERROR", ExitCode::Failure, session.text("backup.drill.late", &words));
    let details = json!({ "behind_seconds": found.behind_seconds, "max_behind": most });
    Err(failure.with_hint(session.text("backup.drill.late_hint", &[])).with_details(details).into())
}

fn sentence(session: &Session<'_>, found: &Comparison) -> String {
    let lang = session.out.voice().lang;
    let behind = match found.behind_seconds {
        0 => session.text("backup.drill.level", &[]),
        seconds => session.text("backup.drill.behind", &[("time", &lang.duration(seconds.unsigned_abs()))]),
    };
    let head = session.text("backup.drill.sound", &[("schema", &found.migration), ("behind", &behind)]);
    let missing = counts_of(&found.missing).into_iter().filter(|(_, count)| *count > 0);
    let named =
        missing.map(|(table, count)| session.text(&format!("backup.drill.{table}"), &[("n", &lang.number(count))]));
    let named = named.collect::<Vec<_>>().join(", ");
    if named.is_empty() {
        head
    } else {
        format!("{head}\n{}", session.text("backup.drill.missing", &[("what", &named)]))
    }
}

/// The tables and the counts, what hurts most first.
const fn counts_of(missing: &Missing) -> [(&'static str, i64); 5] {
    [
        ("redemptions", missing.redemptions),
        ("users", missing.users),
        ("discounts", missing.discounts),
        ("deliveries", missing.deliveries),
        ("audit_log", missing.audit_log),
    ]
}

fn document(source: &Path, found: &Comparison) -> Json {
    let Missing { users, discounts, redemptions, deliveries, audit_log } = found.missing;
    let at = |newest: Option<Timestamp>| newest.map(|at| at.to_string());
    json!({
        "schema": "dvorik.backup.drill/1",
        "source": source.display().to_string(),
        "sound": true,
        "behind_seconds": found.behind_seconds,
        "missing": {
            "users": users, "discounts": discounts, "redemptions": redemptions, "deliveries": deliveries,
            "audit_log": audit_log,
        },
        "newest": { "live": at(found.newest_live), "copy": at(found.newest_copy) },
    })
}

/// The document about a damaged copy, of which nothing else is known.
fn unsound(source: &Path) -> Json {
    json!({
        "schema": "dvorik.backup.drill/1",
        "source": source.display().to_string(),
        "sound": false, "behind_seconds": null, "missing": null, "newest": null,
    })
}

/// A database that Litestream's configuration names.
#[derive(Deserialize)]
struct Named {
    path: PathBuf,
}

/// Has Litestream restore the newest copy, with its own full check, and compares it.
fn by_litestream(session: &Session<'_>, drill: Drill<'_>, yml: &Path) -> Result<Drilled, Wrong> {
    let ours = &session.config()?.database.path;
    let listed = run(session, yml, |command| command.args(["databases", "-json", "-config"]).arg(yml))?;
    let named: Vec<Named> = serde_json::from_slice(&listed.stdout).unwrap_or_default();
    let real = |path: &Path| path.canonicalize().ok();
    let Some(database) = named.iter().find(|named| real(&named.path).is_some_and(|path| Some(path) == real(ours)))
    else {
        return Err(not_named(session, yml, &named, ours).into());
    };
    run(session, yml, |command| {
        let command = command.args(["restore", "-integrity-check", "full", "-config"]).arg(yml);
        command.arg("-o").arg(drill.target()).arg(&database.path)
    })?;
    Ok(drill.of_target(yml)?)
}

fn not_named(session: &Session<'_>, yml: &Path, named: &[Named], ours: &Path) -> FailureReport {
    let known: Vec<String> = named.iter().map(|named| named.path.display().to_string()).collect();
    let words: [(&str, &dyn std::fmt::Display); 3] =
        [("file", &yml.display()), ("path", &ours.display()), ("known", &known.join(", "))];
    let failure =
        FailureReport::new("VALIDATION_ERROR", ExitCode::Config, session.text("backup.drill.not_named", &words));
    failure.with_hint(session.text("backup.drill.not_named_hint", &words)).with_details(json!({ "known": known }))
}

/// Runs Litestream to its end.
///
/// # Errors
/// Exit code 78 when there is no such program, 1 when it fails, with its own last words.
fn run(
    session: &Session<'_>,
    yml: &Path,
    with: impl FnOnce(&mut Command) -> &mut Command,
) -> Result<Output, FailureReport> {
    let program = session.environment.litestream();
    let mut command = Command::new(&program);
    let ended = with(&mut command).stdin(Stdio::null()).output();
    let words: [(&str, &dyn std::fmt::Display); 2] = [("program", &program.display()), ("file", &yml.display())];
    match ended {
        Ok(output) if output.status.success() => Ok(output),
        Ok(output) => {
            let said = last_words(&output);
            let message = session.text("backup.drill.litestream_failed", &[words[0], words[1], ("why", &said)]);
            Err(FailureReport::new("VALIDATION_ERROR", ExitCode::Failure, message)
                .with_hint(session.text("backup.drill.litestream_failed_hint", &words)))
        }
        Err(error) => {
            let message = session.text(
                "backup.drill.no_litestream",
                &[words[0], ("why", &cause::said(&error, session.out.voice().lang))],
            );
            Err(FailureReport::new("VALIDATION_ERROR", ExitCode::Config, message)
                .with_hint(session.text("backup.drill.no_litestream_hint", &[])))
        }
    }
}

/// The last line that Litestream wrote, not longer than a sentence.
fn last_words(output: &Output) -> String {
    let said = [&output.stderr, &output.stdout].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let line = said.iter().find_map(|text| text.lines().rev().find(|line| !line.trim().is_empty()));
    let line = line.map_or_else(|| output.status.to_string(), |line| line.trim().to_owned());
    line.chars().take(LONGEST_WORDS).collect()
}
