//! Turns every error into a sentence, a hint and an exit code. Only here do the kinds of refusal map to exit codes; the
//! sentences are in the language catalogue under `refusal.<CODE>`.

mod backup;

use std::fmt::Display;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use super::output::{ExitCode, FailureReport, Voice, quoted};
use crate::backup::BackupError;
use crate::cause::{self, Cause};
use crate::config::ConfigErrors;
use crate::daemon::ServeError;
use crate::db::{self, OpenError};
use crate::error::{Error, Refusal, RefusalKind};
use crate::files::directory_of;
use crate::language::closest;
use crate::locks::LockError;

/// Why a command failed.
#[derive(Debug)]
pub(super) enum Wrong {
    /// The shop refused, or the storage failed.
    Shop(Error),
    /// The database or the daemon cannot be used.
    Machine(ServeError),
    /// The configuration is wrong.
    Config(ConfigErrors),
    /// The command has built the report itself.
    Said(FailureReport),
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        Self::Shop(error)
    }
}

impl From<Refusal> for Wrong {
    fn from(refusal: Refusal) -> Self {
        Self::Shop(refusal.into())
    }
}

impl From<ServeError> for Wrong {
    fn from(error: ServeError) -> Self {
        Self::Machine(error)
    }
}

impl From<BackupError> for Wrong {
    fn from(error: BackupError) -> Self {
        Self::Machine(error.into())
    }
}

impl From<FailureReport> for Wrong {
    fn from(failure: FailureReport) -> Self {
        Self::Said(failure)
    }
}

/// The failure report of an error for stderr, with the exit code.
pub(super) fn failure(wrong: &Wrong, voice: &Voice) -> FailureReport {
    match wrong {
        Wrong::Shop(Error::Refused(refusal)) => declined(refusal, voice),
        Wrong::Shop(Error::Storage(failure)) => storage(failure, voice),
        Wrong::Machine(error) => machine(error, voice),
        Wrong::Config(faults) => FailureReport::of_config(faults, voice.lang),
        Wrong::Said(failure) => failure.clone(),
    }
}

/// The exit code of a kind of refusal.
const fn exit(kind: RefusalKind) -> ExitCode {
    match kind {
        RefusalKind::Invalid => ExitCode::Usage,
        RefusalKind::NotFound => ExitCode::NotFound,
        RefusalKind::Forbidden => ExitCode::Rights,
        RefusalKind::Conflict => ExitCode::Conflict,
        RefusalKind::Unavailable => ExitCode::Retry,
        RefusalKind::Internal => ExitCode::Failure,
    }
}

fn declined(refusal: &Refusal, voice: &Voice) -> FailureReport {
    let facts = Facts::of(refusal, voice);
    let words: Vec<(&str, &dyn Display)> = facts.words.iter().map(|(name, text)| (*name, text as _)).collect();
    let say = |prefix: &str| {
        let key = format!("{prefix}.{}", facts.variant.unwrap_or(refusal.code()));
        voice.lang.knows(&key).then(|| voice.lang.text(&key, &words))
    };
    let mut message = say("refusal").unwrap_or_else(|| refusal.code().to_owned());
    if let Some(near) = &facts.near {
        message = format!("{message} {}", voice.lang.text("suggest.maybe", &[("word", near)]));
    }
    let failure = FailureReport::new(refusal.code(), exit(refusal.kind()), message).with_details(facts.details);
    match say("refusal_hint").filter(|_| facts.near.is_none()) {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}

/// The values of the placeholders in the sentence about a refusal, and the details for scripts.
#[derive(Default)]
struct Facts {
    /// The variant of the error code's sentence; `None`: the code's usual sentence.
    variant: Option<&'static str>,
    words: Vec<(&'static str, String)>,
    near: Option<String>,
    details: Json,
}

/// The text ` — what`, or nothing if `what` is empty.
fn dashed(what: &str) -> String {
    if what.is_empty() { String::new() } else { format!(" — {what}") }
}

impl Facts {
    fn of(refusal: &Refusal, voice: &Voice) -> Self {
        let named = |name, text: &str| Self { words: vec![(name, text.to_owned())], ..Self::default() };
        match refusal {
            Refusal::Validation { field, value, rule } => Self {
                words: vec![("value", value.clone()), ("rule", voice.lang.text(rule, &[]))],
                details: json!({ "field": field }),
                ..Self::default()
            },
            Refusal::UserNotFound(typed) => named("user", typed),
            Refusal::UserIsStaff { command } => Self { variant: Some("USER_IS_STAFF"), ..named("command", command) },
            Refusal::CashierNotFound(typed) => named("cashier", typed),
            Refusal::CampaignNotFound(typed) => named("campaign", typed),
            Refusal::CampaignKeyTaken(key) => named("key", key),
            Refusal::TemplateInactive(name) => named("template", name),
            Refusal::CashierState { status } => named("status", &voice.lang.text(&format!("status.{status}"), &[])),
            Refusal::TemplateNotFound { name, known } => {
                Self { near: near(name, known), details: json!({ "known": known }), ..named("template", name) }
            }
            Refusal::SettingNotFound { key, known } => {
                Self { near: near(key, known), details: json!({ "known": known }), ..named("key", key) }
            }
            Refusal::SettingInvalidValue { key, rule, range } => Self {
                words: vec![("key", (*key).to_owned()), ("rule", voice.lang.text(rule, &[("range", range)]))],
                details: json!({ "key": key, "rule": rule, "range": range }),
                ..Self::default()
            },
            Refusal::TemplateNameTaken(name) => named("template", name),
            Refusal::AdminNotFound(typed) => named("admin", typed),
            Refusal::AdminUnreached(name) => Self { variant: Some("ADMIN_UNREACHED"), ..named("admin", name) },
            Refusal::OrderNotFound(typed) => Self { variant: Some("ORDER_NOT_FOUND"), ..named("order", typed) },
            Refusal::ServiceTokenNotFound(name) => Self { variant: Some("TOKEN_NOT_FOUND"), ..named("token", name) },
            Refusal::Barred(_) => Self { variant: Some("BARRED"), ..Self::default() },
            Refusal::NothingToUndo => Self { variant: Some("NOTHING_TO_UNDO"), ..Self::default() },
            _ => Self::of_segment(refusal, voice),
        }
    }

    fn of_segment(refusal: &Refusal, voice: &Voice) -> Self {
        match refusal {
            Refusal::SegmentNotFound { name, known } => Self {
                words: vec![("segment", name.clone())],
                near: near(name, known),
                details: json!({ "known": known }),
                ..Self::default()
            },
            Refusal::SegmentInvalid { path, rule, range, known } => Self {
                words: vec![("path", path.clone()), ("rule", voice.lang.text(rule, &[("range", range)]))],
                near: near(path.rsplit('.').next().unwrap_or(path), known),
                details: json!({ "path": path, "rule": rule, "known": known }),
                ..Self::default()
            },
            Refusal::SegmentInUse { name, uses } => Self {
                words: vec![("segment", name.clone()), ("uses", uses.join(", "))],
                details: json!({ "uses": uses }),
                ..Self::default()
            },
            Refusal::SegmentNameTaken(name) => Self { words: vec![("segment", name.clone())], ..Self::default() },
            _ => Self::of_text(refusal, voice),
        }
    }

    fn of_text(refusal: &Refusal, voice: &Voice) -> Self {
        match refusal {
            Refusal::TextNotFound { key, known } => Self {
                words: vec![("key", key.clone())],
                near: near(key, known),
                details: json!({ "known": known }),
                ..Self::default()
            },
            Refusal::TextPlaceholderUnknown { name, allowed } => Self {
                words: vec![("name", name.clone()), ("allowed", braced(allowed))],
                near: near(name, allowed).map(|near| format!("{{{{{near}}}}}")),
                details: json!({ "placeholder": name, "allowed": allowed }),
                ..Self::default()
            },
            Refusal::TextHtmlInvalid { reason, what } => Self {
                words: vec![("reason", voice.lang.text(reason, &[])), ("what", dashed(what))],
                details: json!({ "reason": reason, "what": what }),
                ..Self::default()
            },
            _ => Self::of_broadcast(refusal, voice),
        }
    }

    fn of_broadcast(refusal: &Refusal, voice: &Voice) -> Self {
        let said = |reason: &str| voice.lang.text(reason, &[]);
        let status = |word: &str| said(&format!("broadcast.status.{word}"));
        match refusal {
            Refusal::BroadcastNotFound(typed) => Self { words: vec![("broadcast", typed.clone())], ..Self::default() },
            Refusal::BroadcastInvalidTransition { verb, status: word } => Self {
                words: vec![("verb", said(&format!("broadcast.verb.{verb}"))), ("status", status(word))],
                details: json!({ "verb": verb, "status": word }),
                ..Self::default()
            },
            Refusal::BroadcastNotEditable { status: word } => {
                Self { words: vec![("status", status(word))], details: json!({ "status": word }), ..Self::default() }
            }
            Refusal::BroadcastConfirmationStale { count } => Self {
                words: vec![("count", voice.lang.number(*count))],
                details: json!({ "recipients": count }),
                ..Self::default()
            },
            Refusal::BroadcastTextInvalid { field, reason, what } => Self {
                words: vec![("field", (*field).to_owned()), ("reason", said(reason)), ("what", dashed(what))],
                details: json!({ "field": field, "reason": reason, "what": what }),
                ..Self::default()
            },
            Refusal::BroadcastMediaInvalid { reason, what } => Self {
                words: vec![("reason", said(reason)), ("what", dashed(what))],
                details: json!({ "reason": reason, "what": what }),
                ..Self::default()
            },
            Refusal::BroadcastTooLarge { field, most } => Self {
                words: vec![("field", (*field).to_owned()), ("most", most.to_string())],
                details: json!({ "field": field, "most": most }),
                ..Self::default()
            },
            _ => Self::of_counter(refusal, voice),
        }
    }

    fn of_counter(refusal: &Refusal, voice: &Voice) -> Self {
        let at = |at| voice.lang.date_time(at, voice.zone);
        match refusal {
            Refusal::CodeAlreadyUsed { at: when, .. } => Self {
                words: vec![("at", at(*when)), ("zone", voice.zone.name().to_owned())],
                details: json!({ "redeemed_at": when.to_string() }),
                ..Self::default()
            },
            Refusal::CodeExpired { last_day } => Self {
                words: vec![("date", voice.lang.date(*last_day))],
                details: json!({ "last_day": last_day.to_string() }),
                ..Self::default()
            },
            Refusal::CashierLocked { until } => Self {
                words: vec![("until", at(*until))],
                details: json!({ "until": until.to_string() }),
                ..Self::default()
            },
            Refusal::RecurrenceNotReached { next: Some(next) } => Self {
                words: vec![("date", voice.lang.date(voice.zone.day(*next)))],
                details: json!({ "next_date": next.to_string() }),
                ..Self::default()
            },
            Refusal::RecurrenceNotReached { next: None } => {
                Self { variant: Some("ONLY_ONCE"), details: json!({ "next_date": null }), ..Self::default() }
            }
            _ => Self::default(),
        }
    }
}

fn braced(names: &[String]) -> String {
    names.iter().map(|name| format!("{{{{{name}}}}}")).collect::<Vec<_>>().join(", ")
}

fn near<T: AsRef<str>>(typed: &str, known: &[T]) -> Option<String> {
    closest(typed, known.iter().map(AsRef::as_ref)).map(str::to_owned)
}

fn storage(failure: &db::Failure, voice: &Voice) -> FailureReport {
    let (code, exit, key) = match failure {
        db::Failure::Busy => ("SERVICE_UNAVAILABLE", ExitCode::Retry, "machine.busy"),
        db::Failure::Full => ("SERVICE_UNAVAILABLE", ExitCode::Retry, "machine.full"),
        db::Failure::Crowded => ("SERVICE_UNAVAILABLE", ExitCode::Retry, "machine.crowded"),
        db::Failure::Late { .. } => ("SERVICE_UNAVAILABLE", ExitCode::Retry, "machine.late"),
        db::Failure::Unavailable(cause) => {
            let message = voice.lang.text("machine.unavailable", &[("why", &cause.say(voice.lang))]);
            return FailureReport::new("SERVICE_UNAVAILABLE", ExitCode::Retry, message);
        }
        db::Failure::Stopped | db::Failure::Ending => ("SERVICE_UNAVAILABLE", ExitCode::Retry, "machine.unavailable"),
        db::Failure::Kept => {
            return FailureReport::new("VALIDATION_ERROR", ExitCode::Config, voice.lang.text("machine.kept", &[]))
                .with_hint(voice.lang.text("machine.kept_hint", &[]));
        }
        db::Failure::Moved => ("SERVICE_UNAVAILABLE", ExitCode::Failure, "machine.moved"),
        db::Failure::Damaged(why) | db::Failure::Incomplete(why) => {
            return FailureReport::new(
                "SERVICE_UNAVAILABLE",
                ExitCode::Config,
                voice.lang.text("machine.damaged_found", &[("why", why)]),
            )
            .with_hint(voice.lang.text("machine.damaged_hint", &[]));
        }
        db::Failure::Internal(_) => ("INTERNAL_ERROR", ExitCode::Failure, "machine.internal"),
    };
    FailureReport::new(code, exit, voice.lang.text(key, &[("why", failure)]))
}

fn machine(error: &ServeError, voice: &Voice) -> FailureReport {
    let say = |key: &str, args: &[(&str, &dyn Display)]| voice.lang.text(key, args);
    let run = |command: &str| say("config.hint.run", &[("command", &command)]);
    let config = |message: String| FailureReport::new("VALIDATION_ERROR", ExitCode::Config, message);
    match error {
        ServeError::Locked(error) => locked(error, voice),
        ServeError::Open(error) => open(error, voice),
        ServeError::Mismatch(found) => config(say(
            "machine.mismatch",
            &[("key", &found.key), ("stored", &found.stored), ("configured", &found.configured)],
        ))
        .with_details(json!({ "key": found.key, "stored": found.stored, "configured": found.configured })),
        ServeError::Backup(error) => backup::failure(error, voice),
        ServeError::NotBackedUp(error) => {
            let why = backup::failure(error, voice);
            let message = say("backup.not_migrated", &[("why", &why.message)]);
            FailureReport { message, exit: ExitCode::Failure, ..why }
        }
        ServeError::Invented => config(say("machine.invented", &[])).with_hint(run("dvorik init")),
        ServeError::NoBots => config(say("machine.no_bots", &[])).with_hint(run("dvorik serve --no-bots")),
        ServeError::WebhookGap(key) => {
            config(say("machine.webhook_gap", &[("key", key)])).with_hint(run("dvorik serve --polling"))
        }
        ServeError::Listen { address, error } => unheard(*address, error, voice),
        ServeError::Bot(error) => config(say("machine.bot", &[("why", error)])),
        ServeError::Storage(Error::Storage(failure)) => storage(failure, voice),
        ServeError::Storage(Error::Refused(refusal)) => declined(refusal, voice),
        ServeError::Moved(path) => {
            let message = say("machine.moved_from", &[("path", &path.display())]);
            let hint = say("machine.moved_hint", &[("path", &path.display())]);
            FailureReport::new("SERVICE_UNAVAILABLE", ExitCode::Failure, message).with_hint(hint)
        }
        ServeError::Died(name) => {
            FailureReport::new("INTERNAL_ERROR", ExitCode::Failure, say("machine.died", &[("name", name)]))
        }
        ServeError::System(error) => FailureReport::new(
            "INTERNAL_ERROR",
            ExitCode::Failure,
            say("machine.system", &[("why", &cause::said(error, voice.lang))]),
        ),
    }
}

fn locked(error: &LockError, voice: &Voice) -> FailureReport {
    match error {
        LockError::HeldBy(pid) => {
            let shown = pid.map_or_else(|| "?".to_owned(), |pid| pid.to_string());
            let message = voice.lang.text("machine.locked", &[("pid", &shown)]);
            let hint = voice.lang.text("machine.locked_hint", &[("pid", &shown)]);
            let failure = FailureReport::new("SERVICE_UNAVAILABLE", ExitCode::Retry, message).with_hint(hint);
            failure.with_details(json!({ "pid": pid }))
        }
        LockError::Unusable { path, error } => {
            unusable(path, &error.into(), ("SERVICE_UNAVAILABLE", ExitCode::Config), voice)
        }
    }
}

/// The failure report when the HTTP API cannot listen at an address. A port in use may become free (exit code 75); an
/// address that is not this machine's is a mistake (exit code 78).
fn unheard(address: SocketAddr, error: &std::io::Error, voice: &Voice) -> FailureReport {
    let (key, exit) = match error.kind() {
        ErrorKind::AddrInUse => ("machine.port_taken", ExitCode::Retry),
        _ => ("machine.cannot_listen", ExitCode::Config),
    };
    let message = voice.lang.text(key, &[("address", &address), ("why", &cause::said(error, voice.lang))]);
    let hint = voice.lang.text("machine.listen_elsewhere", &[]);
    let details = json!({ "address": address.to_string() });
    FailureReport::new("SERVICE_UNAVAILABLE", exit, message).with_hint(hint).with_details(details)
}

/// The path itself, or the nearest directory above it that can be listed.
fn first_there(path: &Path) -> PathBuf {
    let there = path.ancestors().find(|path| path.symlink_metadata().is_ok());
    there.map_or_else(|| PathBuf::from("."), Path::to_owned)
}

/// The failure report of a file or directory that the system refuses, with the command that shows why.
pub(super) fn unusable(
    path: &Path,
    cause: &Cause,
    (code, exit): (&'static str, ExitCode),
    voice: &Voice,
) -> FailureReport {
    let message = voice.lang.text("machine.unusable", &[("path", &path.display()), ("why", &cause.say(voice.lang))]);
    let (key, place) = match cause.is_want_of_space() {
        true => ("machine.check_space", directory_of(path)),
        false => ("machine.check_path", first_there(path)),
    };
    let shown = quoted(&place.display().to_string());
    FailureReport::new(code, exit, message).with_hint(voice.lang.text(key, &[("path", &shown)]))
}

fn open(error: &OpenError, voice: &Voice) -> FailureReport {
    let say = |key: &str, args: &[(&str, &dyn Display)]| voice.lang.text(key, args);
    let run = |command: &str| say("config.hint.run", &[("command", &command)]);
    let config = |message: String| FailureReport::new("SERVICE_UNAVAILABLE", ExitCode::Config, message);
    match error {
        OpenError::Missing(path) => {
            config(say("machine.missing", &[("path", &path.display())])).with_hint(run("dvorik migrate"))
        }
        OpenError::Foreign(path) => {
            config(say("machine.foreign", &[("path", &path.display())])).with_hint(say("machine.foreign_hint", &[]))
        }
        OpenError::Pending { path, count } => {
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            let message = voice.lang.plural("machine.pending", count, &[("path", &path.display())]);
            config(message).with_hint(run("dvorik migrate")).with_details(json!({ "pending": count }))
        }
        OpenError::ForeignLog(path) => config(say("machine.foreign_log", &[("path", &path.display())]))
            .with_hint(say("machine.foreign_log_hint", &[("path", &path.display())])),
        OpenError::Newer(path) => config(say("machine.newer", &[("path", &path.display())])),
        OpenError::Damaged(path) => {
            config(say("machine.damaged", &[("path", &path.display())])).with_hint(say("machine.damaged_hint", &[]))
        }
        OpenError::Unusable { path, reason } => {
            unusable(path, reason, ("SERVICE_UNAVAILABLE", ExitCode::Config), voice)
        }
    }
}

#[cfg(test)]
mod tests;
