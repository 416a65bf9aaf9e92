//! `init`: a configuration file and a database, from nothing. Without questions it takes everything from the
//! environment (`DVORIK_…`); the file it writes is the commented example, filled in.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde_json::{Value as Json, json};

use super::args::Init;
use super::output::{Change, ExitCode, Failure, Next};
use super::page::quoted;
use super::refuse::Wrong;
use super::session::Session;
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::daemon::{self, ServeError};
use crate::realm::BotName;
use crate::telegram::client::CallError;
use crate::telegram::reply::Class;

/// `init --no-input`.
pub(super) fn init(session: &mut Session<'_>, args: &Init) -> Result<(), Wrong> {
    if !session.no_input {
        let hint = session.text("config.hint.run", &[("command", &"dvorik init --no-input")]);
        let message = session.text("init.questions_later", &[]);
        return Err(Failure::new("VALIDATION_ERROR", ExitCode::Usage, message).with_hint(hint).into());
    }
    let path = session.config_flag.clone().unwrap_or_else(|| PathBuf::from("config.toml"));
    if path.exists() && !args.force {
        return Err(exists(session, &path).into());
    }
    let (from_environment, values) = Config::of_environment(&session.environment).map_err(Wrong::Config)?;
    let bots = meet(session, &from_environment)?;
    write(&path, &form(values, &path)).map_err(|error| unwritable(session, &path, &error))?;
    let config = Config::load(Some(&path), &session.environment).map_err(Wrong::Config)?;
    let migrated = daemon::migrate(&config, Clock::System)?;
    let after = json!({
        "config": path.display().to_string(), "database": config.database.path.display().to_string(),
        "created": migrated.created, "applied": migrated.applied, "bots": bots,
        "owner_telegram_id": config.owner_telegram_id,
    });
    let change = change(session, &path, &config, after);
    session.out.change(&change);
    Ok(())
}

fn change(session: &Session<'_>, path: &Path, config: &Config, after: Json) -> Change {
    let (shown, database) = (path.display().to_string(), config.database.path.display().to_string());
    let flag = session.config_flag.as_ref().map(|path| format!(" --config {}", quoted(&path.display().to_string())));
    let command = |verb: &str| format!("dvorik{} {verb}", flag.as_deref().unwrap_or_default());
    Change {
        schema: "dvorik.init/1",
        changed: true,
        before: Json::Null,
        after,
        sentence: session.text("init.done", &[("path", &shown), ("database", &database)]),
        id: shown,
        next: vec![
            Next { words: "next.channel", command: command("settings set telegram_channel_id @channel") },
            Next { words: "next.serve", command: command("serve") },
        ],
    }
}

fn exists(session: &Session<'_>, path: &Path) -> Failure {
    let message = session.text("init.exists", &[("path", &path.display())]);
    Failure::new("VALIDATION_ERROR", ExitCode::Conflict, message).with_hint(session.text("init.force", &[]))
}

fn unwritable(session: &Session<'_>, path: &Path, error: &std::io::Error) -> Failure {
    let message = session.text("machine.unusable", &[("path", &path.display()), ("why", error)]);
    Failure::new("SERVICE_UNAVAILABLE", ExitCode::Config, message)
}

/// The example with the environment's values. Paths that were meant from the current directory stay so.
fn form(mut values: Vec<(&'static str, toml::Value)>, path: &Path) -> String {
    let elsewhere = path.parent().is_some_and(|parent| !parent.as_os_str().is_empty());
    for (key, value) in &mut values {
        let is_path = key.ends_with("_file") || matches!(*key, "database.path" | "backup.dir");
        if let (true, true, Some(Ok(full))) =
            (elsewhere, is_path, value.as_str().filter(|s| !s.is_empty()).map(std::path::absolute))
        {
            *value = full.display().to_string().into();
        }
    }
    if !values.iter().any(|(key, _)| *key == "lang") {
        values.push(("lang", "ru".into()));
    }
    config::filled(&values)
}

/// Writes the file for its owner only, in one step: never half a config, never readable meanwhile.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)
}

/// Asks Telegram who the tokens belong to. No answer is a warning, a refusal an error.
fn meet(session: &mut Session<'_>, config: &Config) -> Result<Json, Wrong> {
    let mut known = serde_json::Map::new();
    for (word, settings) in config.bots.each() {
        let (Some(name), Some(token)) = (BotName::parse(word), &settings.token) else { continue };
        match get_me(config, name, token)? {
            Ok(username) => drop(known.insert(word.to_owned(), username.into())),
            Err(error) if error.class == Class::Token => {
                let message = session.text("init.token_refused", &[("key", &format!("bots.{word}.token"))]);
                let failure = Failure::new("TELEGRAM_FAILED", ExitCode::Config, message);
                return Err(failure.with_hint(session.text("init.token_hint", &[])).into());
            }
            Err(error) => {
                let sentence = session.text("init.no_answer", &[("bot", &word), ("why", &error)]);
                session.out.note(&sentence);
                known.insert(word.to_owned(), Json::Null);
            }
        }
    }
    Ok(Json::Object(known))
}

fn get_me(config: &Config, name: BotName, token: &SecretString) -> Result<Result<String, CallError>, ServeError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let bot = daemon::make_bot(config, name, token, &Clock::System)?;
    Ok(runtime.block_on(bot.get_me()).map(|me| me.username))
}
