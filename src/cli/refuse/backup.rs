//! The failure reports of backup and restore.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::{locked, open, storage, unusable};
use crate::backup::{BackupError, BackupProblem, Form};
use crate::cli::output::{ExitCode, FailureReport, Voice};
use crate::db::OpenError;
use crate::language::closest;
use crate::locks::LockError;

/// The message and exit code of a backup error: 1 for a failed check, 2 for a wrong argument, 75 while another process
/// works on the backups or the database.
pub(super) fn failure(error: &BackupError, voice: &Voice) -> FailureReport {
    let say = |key: &str, args: &[(&str, &dyn std::fmt::Display)]| voice.lang.text(key, args);
    let about = |key: &str, path: &Path| say(key, &[("path", &path.display())]);
    let run = |command: &str| say("config.hint.run", &[("command", &command)]);
    let failed = |message: String| FailureReport::new("INTERNAL_ERROR", ExitCode::Failure, message);
    let refused = |exit: ExitCode, message: String| FailureReport::new("VALIDATION_ERROR", exit, message);
    match error {
        BackupError::NotFound { typed, known } => not_found(typed, known, voice),
        BackupError::Exists(path) => refused(ExitCode::Conflict, about("backup.exists", path)),
        BackupError::NotRegular(path)
        | BackupError::Foreign(path)
        | BackupError::Newer(path)
        | BackupError::Unverified(path)
        | BackupError::NotEncrypted(path)
        | BackupError::WrongKey(path)
        | BackupError::Empty(path)
        | BackupError::HasLog(path) => {
            let (exit, key, hint) = of_file(error);
            refused(exit, about(key, path)).with_hint(say(hint, &[]))
        }
        BackupError::Changing(path) => {
            FailureReport::new("SERVICE_UNAVAILABLE", ExitCode::Retry, about("backup.changing", path))
                .with_hint(say("backup.changing_hint", &[]))
        }
        BackupError::Damaged { path, form, problems } => damaged(path, *form, problems, voice),
        BackupError::Unsound(problems) => {
            let why = problems.first().map_or("", String::as_str);
            let failure = failed(say("backup.database_damaged", &[("why", &why)])).with_hint(run("dvorik backup list"));
            failure.with_details(json!({ "problems": problems }))
        }
        BackupError::NoRoom { path, bytes } => {
            let megabytes = voice.lang.number(i64::try_from(bytes.div_ceil(1 << 20)).unwrap_or(i64::MAX));
            failed(say("backup.no_room", &[("path", &path.display()), ("megabytes", &megabytes)]))
                .with_hint(run("dvorik backup prune -n"))
        }
        BackupError::Full(path) => failed(about("backup.full", path)),
        BackupError::Unusable { path, reason } => unusable(path, reason, ("INTERNAL_ERROR", ExitCode::Failure), voice),
        BackupError::Open(error @ OpenError::Unusable { .. }) => {
            FailureReport { exit: ExitCode::Failure, ..open(error, voice) }
        }
        BackupError::Open(error) => open(error, voice),
        BackupError::Locked(LockError::HeldBy(pid)) => {
            let shown = pid.map_or_else(|| "?".to_owned(), |pid| pid.to_string());
            let message = say("backup.locked", &[("pid", &shown)]);
            FailureReport::new("SERVICE_UNAVAILABLE", ExitCode::Retry, message).with_details(json!({ "pid": pid }))
        }
        BackupError::Locked(error) => locked(error, voice),
        BackupError::InUse => FailureReport::new("SERVICE_UNAVAILABLE", ExitCode::Retry, say("backup.in_use", &[])),
        BackupError::Mismatch(found) => {
            let words: [(&str, &dyn std::fmt::Display); 3] =
                [("key", &found.key), ("stored", &found.stored), ("configured", &found.configured)];
            refused(ExitCode::Config, say("backup.mismatch", &words)).with_hint(say("backup.mismatch_hint", &words))
        }
        BackupError::Storage(error) => storage(error, voice),
    }
}

/// Exit code, sentence and next step about a file that cannot be restored, whatever is in its rows.
const fn of_file(error: &BackupError) -> (ExitCode, &'static str, &'static str) {
    match error {
        BackupError::NotRegular(_) => (ExitCode::Usage, "backup.not_regular", "backup.not_regular_hint"),
        BackupError::Foreign(_) => (ExitCode::Failure, "backup.foreign", "backup.foreign_hint"),
        BackupError::Newer(_) => (ExitCode::Failure, "backup.newer", "backup.newer_hint"),
        BackupError::Unverified(_) => (ExitCode::Failure, "backup.unverified", "backup.unverified_hint"),
        BackupError::NotEncrypted(_) => (ExitCode::Usage, "backup.not_encrypted", "backup.not_encrypted_hint"),
        BackupError::WrongKey(_) => (ExitCode::Failure, "backup.wrong_key", "backup.wrong_key_hint"),
        BackupError::Empty(_) => (ExitCode::Failure, "backup.empty", "backup.bare_hint"),
        _ => (ExitCode::Failure, "backup.has_log", "backup.has_log_hint"),
    }
}

fn not_found(typed: &str, known: &[String], voice: &Voice) -> FailureReport {
    let key = if typed == "last" { "backup.none" } else { "backup.not_found" };
    let mut message = voice.lang.text(key, &[("name", &typed)]);
    if let Some(near) = closest(typed, known.iter().map(String::as_str)) {
        message = format!("{message} {}", voice.lang.text("suggest.maybe", &[("word", &near)]));
    }
    let list = if known.is_empty() { "dvorik backup" } else { "dvorik backup list" };
    let failure = FailureReport::new("NOT_FOUND", ExitCode::NotFound, message).with_details(json!({ "known": known }));
    failure.with_hint(voice.lang.text("config.hint.run", &[("command", &list)]))
}

fn damaged(path: &Path, form: Form, problems: &[BackupProblem], voice: &Voice) -> FailureReport {
    let line = |problem: &BackupProblem| {
        voice.lang.text(&format!("backup.problem.{}", problem.check), &[("what", &problem.what)])
    };
    let head = voice.lang.text("backup.damaged", &[("path", &path.display())]);
    let lines: Vec<String> = std::iter::once(head).chain(problems.iter().take(5).map(line)).collect();
    let details: Vec<Json> =
        problems.iter().map(|problem| json!({ "check": problem.check, "what": problem.what })).collect();
    let hint = match form {
        Form::WithSidecar => voice.lang.text("config.hint.run", &[("command", &"dvorik backup list")]),
        Form::Bare => voice.lang.text("backup.bare_hint", &[]),
    };
    let failure = FailureReport::new("VALIDATION_ERROR", ExitCode::Failure, lines.join("\n")).with_hint(hint);
    failure.with_details(json!({ "path": path.display().to_string(), "problems": details }))
}
