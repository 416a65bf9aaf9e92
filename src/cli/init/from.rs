//! `init --from`: makes a shop on a new machine from an encrypted copy. The copy is opened and checked whole before
//! anything is written; the database is put in place as `backup restore` does it, with everything held.

use std::fs;
use std::path::Path;

use secrecy::ExposeSecret;
use serde_json::{Value as Json, json};

use super::{beside, unwritable, write};
use crate::backup::{self, BackupError, Facts, Form, Outlook, Restored};
use crate::cli::age_key;
use crate::cli::output::{ChangeReport, ExitCode, FailureReport, NextCommand, quoted};
use crate::cli::refuse::{self, Wrong};
use crate::cli::session::Session;
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::daemon;
use crate::files::{directory_of, make_private_directory};

/// Makes the configuration `path` and the database that it names from the encrypted copy `copy`. A value that the
/// environment has overrides that of the copy.
///
/// # Errors
/// Exit code 5 when there is a configuration or a database already; those of [`age_key::read`] and of a restore.
pub(super) fn from_copy(
    session: &mut Session<'_>,
    path: &Path,
    (copy, key_file): (&Path, Option<&Path>),
) -> Result<(), Wrong> {
    if path.symlink_metadata().is_ok() {
        return Err(taken(session, "init.exists", path).into());
    }
    let identity = age_key::read(session, key_file)?;
    let opened = backup::decrypt(copy, &identity, &directory_of(path), Clock::System.now());
    let opened = opened.map_err(|error| unopened(session, error))?;
    let draft = beside(path);
    let made = placed(session, &draft, opened.config.expose_secret(), (&opened.database, copy));
    let (config, facts, outlook, restored) = made.inspect_err(|_| drop(fs::remove_file(&draft)))?;
    let named = fs::rename(&draft, path).inspect_err(|_| drop(fs::remove_file(&draft)));
    named.map_err(|error| unwritable(session, path, &error))?;
    drop(opened);
    // As every command does: the key that signs confirmations is made, the erasure key is compared.
    drop(daemon::open(&config, Clock::System)?);
    let change = change(session, (path, copy), (&config, &facts), (&outlook, &restored));
    session.tell_change(change);
    Ok(())
}

/// The refusal of a copy: on a new machine there is no other backup to name.
fn unopened(session: &Session<'_>, error: BackupError) -> Wrong {
    let is_damaged = matches!(error, BackupError::Damaged { .. } | BackupError::Unusable { .. });
    let mut failure = refuse::failure(&error.into(), session.out.voice());
    if is_damaged {
        failure.hint = Some(session.text("init.from_damaged_hint", &[]));
    }
    failure.into()
}

type Placed = (Config, Facts, Outlook, Restored);

/// Writes the configuration to `draft` and puts the database in place.
fn placed(session: &Session<'_>, draft: &Path, text: &str, (backup, copy): (&Path, &Path)) -> Result<Placed, Wrong> {
    let written = |text: &str| write(draft, text).map_err(|error| unwritable(session, draft, &error));
    written(text)?;
    let values = Config::merged(draft, &session.environment).map_err(Wrong::Config)?;
    written(&config::filled(&values))?;
    let config = Config::load(Some(draft), &session.environment).map_err(Wrong::Config)?;
    let database = &config.database.path;
    if database.symlink_metadata().is_ok() {
        return Err(taken(session, "init.database_exists", database).into());
    }
    let directory = directory_of(database);
    make_private_directory(&directory, &directory).map_err(|error| unwritable(session, &directory, &error))?;
    let now = Clock::System.now();
    let mut prepared = backup::prepare(&config, backup, Form::WithSidecar, now).map_err(|error| error.of_copy(copy))?;
    prepared.path = copy.to_owned();
    let (facts, outlook) = (prepared.facts.clone(), prepared.outlook);
    let restored = prepared.finish(now, &session.owner(), false)?;
    Ok((config, facts, outlook, restored))
}

fn taken(session: &Session<'_>, key: &str, path: &Path) -> FailureReport {
    let message = session.text(key, &[("path", &path.display())]);
    FailureReport::new("VALIDATION_ERROR", ExitCode::Conflict, message).with_hint(session.text("init.from_hint", &[]))
}

fn change(
    session: &Session<'_>,
    (path, copy): (&Path, &Path),
    (config, facts): (&Config, &Facts),
    (outlook, restored): (&Outlook, &Restored),
) -> ChangeReport {
    let (shown, database) = (path.display().to_string(), config.database.path.display().to_string());
    let lang = session.out.voice().lang;
    let at = facts.created_at().map(|at| lang.date_time(at, config.timezone)).unwrap_or_default();
    let mut lines = vec![
        session.text("init.done", &[("path", &shown), ("database", &database)]),
        session.text("init.from_done", &[("at", &at), ("zone", &config.timezone.name())]),
    ];
    let codes = if let Outlook::Unknown(_, codes) = outlook { *codes } else { 0 };
    let void = format!("dvorik backup restore {} --void-live", quoted(&copy.display().to_string()));
    if codes > 0 {
        lines.push(lang.plural("init.from_codes", codes, &[("command", &session.pasted(&void))]));
    }
    if restored.held > 0 {
        lines.push(lang.plural("backup.held", i64::try_from(restored.held).unwrap_or(i64::MAX), &[]));
    }
    lines.extend(restored.copies_off.then(|| session.text("backup.copies_off", &[])));
    lines.push(session.text("init.from_stop", &[]));
    ChangeReport {
        schema: "dvorik.init.from/1",
        changed: true,
        before: Json::Null,
        after: json!({
            "config": shown, "database": database, "copy": copy.display().to_string(), "sha256": facts.sha256,
            "created_at": facts.created_at().map(|at| at.to_string()), "migrated": restored.migrated,
            "held": restored.held, "active_codes": codes, "copies_off": restored.copies_off,
        }),
        sentence: lines.join("\n"),
        id: shown,
        next: vec![NextCommand { words: "next.doctor", command: "dvorik doctor".to_owned() }],
    }
}
