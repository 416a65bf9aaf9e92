//! `init`: makes a configuration file and a database. At a terminal it asks (`wizard`) and waits for the owner
//! (`owner`); with `--no-input` it takes everything from flags and the environment (`DVORIK_…`). With `--systemd` the
//! shop becomes a service (`systemd`). The file it writes is the commented example, filled in.

mod found;
mod from;
mod owner;
mod systemd;
mod telegram;
mod wizard;

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value as Json, json};

use systemd::Service;
use wizard::Learnt;

use super::args::Init;
use super::output::{ChangeReport, ExitCode, FailureReport, Format, NextCommand, quoted};
use super::refuse::Wrong;
use super::session::Session;
use super::telegram::why;
use crate::clock::Clock;
use crate::config::{self, Config, Filling};
use crate::daemon::{self, ServeError};
use crate::db;
use crate::files;
use crate::language::Language;
use crate::realm::BotName;
use crate::settings::{SUPPORT_CONTACT, Setting, TELEGRAM_CHANNEL_ID};
use crate::shop::Mismatch;
use crate::telegram::client::CallError;
use crate::telegram::reply::Class;
use crate::{secret, shop, staff};

/// `init`: makes the configuration file and the database, finds the owner, and prints the next steps.
pub(super) fn init(session: &mut Session<'_>, args: &Init) -> Result<(), Wrong> {
    if let Some(copy) = &args.from {
        let named = session.config_flag.clone().or_else(|| session.environment.config_file());
        let path = named.unwrap_or_else(|| PathBuf::from("config.toml"));
        return from::from_copy(session, &path, (copy, args.key_file.as_deref()));
    }
    let service = asked_service(session, args)?;
    if !session.can_ask() && !session.no_input {
        return Err(nobody(session).into());
    }
    let given = wizard::take_flags(session, args)?;
    let service = wizard::greet(session, service)?;
    let place = Place::new(session, service, args)?;
    let present = found::look(session, &place, args.force)?;
    let learnt = wizard::learn(session, given, present)?;
    place.prepare(session)?;
    let (bots, config, migrated) = write_shop(session, &place, &learnt, args)?;
    if place.service.is_some() {
        session.config_flag = args.name.is_some().then(|| place.path.clone());
    }
    let owner = owner::find(session, &config, &bots, args.owner_link)?;
    let is_started = place.start(session, args)?;
    let usernames: serde_json::Map<String, Json> =
        bots.into_iter().map(|(name, username)| (name.to_string(), json!(username))).collect();
    let after = json!({
        "config": place.path.display().to_string(), "database": config.database.path.display().to_string(),
        "created": migrated.created, "applied": migrated.applied, "bots": usernames,
        "lang": config.lang.map(Language::code), "timezone": config.timezone.name(), "currency": config.currency,
        "owner_telegram_id": config.owner_telegram_id, "telegram_channel_id": learnt.channel,
        "support_contact": learnt.contact, "owner_link": owner.link,
        "service": place.service.as_ref().map(Service::unit), "started": is_started,
    });
    if let Some(link) = owner.link.as_ref().filter(|_| session.out.format() != Format::Json) {
        session.out.raw(format!("{link}\n").as_bytes());
    }
    tell(session, &place, (owner.is_known, is_started), after);
    Ok(())
}

/// The service that `--systemd` asks for.
fn asked_service(session: &Session<'_>, args: &Init) -> Result<Option<Service>, Wrong> {
    if !args.systemd {
        return Ok(None);
    }
    if session.config_flag.is_some() {
        let message = session.text("init.service.config_flag", &[]);
        return Err(FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, message).into());
    }
    Service::named(session, args.name.as_deref()).map(Some)
}

/// Where the configuration goes, and the service that the shop becomes.
struct Place {
    path: PathBuf,
    service: Option<Service>,
}

impl Place {
    /// # Errors
    /// Exit code 5 when there is a configuration already, unless `--force` is set.
    fn new(session: &Session<'_>, service: Option<Service>, args: &Init) -> Result<Self, Wrong> {
        let named = || session.config_flag.clone().or_else(|| session.environment.config_file());
        let path = service.as_ref().map(Service::config).or_else(named);
        let path = path.unwrap_or_else(|| PathBuf::from("config.toml"));
        if path.exists() && !args.force { Err(exists(session, &path).into()) } else { Ok(Self { path, service }) }
    }

    /// Sets the config keys that a service needs, and makes its user, directories and unit.
    fn prepare(&self, session: &mut Session<'_>) -> Result<(), Wrong> {
        let Some(service) = &self.service else { return Ok(()) };
        for (key, value) in service.values() {
            if !wizard::is_said(session, key) {
                wizard::set(session, key, &value);
            }
        }
        service.prepare(session)
    }

    /// Starts the service, if there is one and the person wants it. Returns whether it was started.
    fn start(&self, session: &mut Session<'_>, args: &Init) -> Result<bool, Wrong> {
        let Some(service) = &self.service else { return Ok(false) };
        let is_wanted = args.now
            || session.can_ask() && {
                let words = session.text("init.ask.start", &[]);
                session.ask_yes(&words)?
            };
        if is_wanted {
            service.start(session)?;
        }
        Ok(is_wanted)
    }
}

/// Checks the tokens, then writes the configuration and the database. Nothing is left behind if a step fails.
fn write_shop(
    session: &mut Session<'_>,
    place: &Place,
    learnt: &Learnt,
    args: &Init,
) -> Result<(Met, Config, db::Migrated), Wrong> {
    let path = &place.path;
    let (from_environment, values) = Config::of_environment(&session.environment).map_err(Wrong::Config)?;
    let bots = meet(session, &from_environment, learnt.bots.clone())?;
    let draft = beside(path);
    write(&draft, &form(secured(session, path, values), path)).map_err(|error| unwritable(session, path, &error))?;
    let settings = [(&TELEGRAM_CHANNEL_ID, learnt.channel.clone()), (&SUPPORT_CONTACT, learnt.contact.clone())];
    let made = make(session, &draft, (&bots, settings), args.force).inspect_err(|_| drop(fs::remove_file(&draft)))?;
    fs::rename(&draft, path).map_err(|error| unwritable(session, path, &error))?;
    let (config, migrated) = made;
    Ok((bots, config, migrated))
}

fn tell(session: &mut Session<'_>, place: &Place, (has_owner, is_started): (bool, bool), after: Json) {
    let change = change(session, place, (has_owner, is_started), after);
    if session.out.format() != Format::Human {
        // A pipe gets only the path; the next steps are for people.
        for next in &change.next {
            let sentence = format!("{}: {}", session.text(next.words, &[]), session.pasted(&next.command));
            session.out.note(&sentence);
        }
    }
    session.tell_change(change);
}

/// The settings given to `init`, with their values; a setting with `None` keeps its default.
type Said = [(&'static Setting, Option<String>); 2];

/// Creates the database that the new configuration describes; stores the bots' usernames and the settings in it.
fn make(
    session: &mut Session<'_>,
    draft: &Path,
    (bots, settings): (&Met, Said),
    may_replace: bool,
) -> Result<(Config, db::Migrated), Wrong> {
    let config = Config::load(Some(draft), &session.environment).map_err(Wrong::Config)?;
    let migrated = match daemon::migrate(&config, Clock::System) {
        Err(ServeError::Mismatch(found)) => replace(session, &config, &found, may_replace)?,
        migrated => migrated?,
    };
    let migrated = migrated.done;
    let known: Vec<_> = bots.iter().filter_map(|(name, username)| Some((*name, username.clone()?))).collect();
    let owner = session.owner();
    daemon::open(&config, Clock::System)?.write(move |tx| {
        known.iter().try_for_each(|(name, username)| shop::remember_bot(tx, *name, username))?;
        let said = settings.iter().filter_map(|(setting, value)| Some((*setting, value.as_deref()?)));
        said.into_iter().try_for_each(|(setting, value)| staff::change_setting(tx, setting, value, &owner).map(drop))
    })?;
    Ok((config, migrated))
}

/// Recreates the database if the existing one has another zone or currency and has no customer, no code and no admin.
///
/// # Errors
/// Exit code 78, with the values that the config would need, when the database has a customer, a code or an admin. A
/// refusal when the person declines, or while a daemon serves the database.
fn replace(
    session: &mut Session<'_>,
    config: &Config,
    found: &Mismatch,
    may_replace: bool,
) -> Result<daemon::Migrated, Wrong> {
    let (path, lang) = (config.database.path.display().to_string(), session.out.voice().lang);
    let facts: [(&str, &dyn std::fmt::Display); 4] =
        [("path", &path), ("key", &found.key), ("stored", &found.stored), ("configured", &found.configured)];
    let kept = |session: &Session<'_>| {
        let (zone, currency) = daemon::zone_and_currency(config, Clock::System)?;
        Ok::<_, ServeError>(has_people(session, &config.database.path, found, (&zone, &currency), may_replace))
    };
    if !daemon::is_without_people(config, Clock::System)? {
        return Err(kept(session)?);
    }
    if !may_replace && !session.can_ask() {
        let hint = lang.text("config.hint.run", &[("command", &"dvorik init --no-input --force")]);
        let message = lang.text("init.not_replaced", &facts);
        return Err(FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, message).with_hint(hint).into());
    }
    session.confirm(may_replace, &lang.text("init.ask_replace", &facts))?;
    if !daemon::discard_without_people(config, Clock::System)? {
        return Err(kept(session)?);
    }
    Ok(daemon::migrate(config, Clock::System)?)
}

/// The refusal of a database with people whose zone or currency is not the one that was said; with the flags that
/// would agree.
fn has_people(
    session: &Session<'_>,
    path: &Path,
    found: &Mismatch,
    (zone, currency): (&str, &str),
    may_replace: bool,
) -> Wrong {
    let force = if may_replace { " --force" } else { "" };
    let fits = format!("dvorik init{force} --timezone {} --currency {}", quoted(zone), quoted(currency));
    let hint = session.text("config.hint.run", &[("command", &fits)]);
    let facts: [(&str, &dyn std::fmt::Display); 4] =
        [("path", &path.display()), ("key", &found.key), ("stored", &found.stored), ("configured", &found.configured)];
    let message = session.text("init.has_people", &facts);
    FailureReport::new("VALIDATION_ERROR", ExitCode::Config, message).with_hint(hint).into()
}

/// Adds the key that signs logins and the key that recognises erased customers, unless they are given: the keys of the
/// file that is replaced, else new ones.
fn secured(session: &Session<'_>, path: &Path, mut values: Filling) -> Filling {
    let replaced = session.config.as_ref().ok().filter(|config| config.path.as_deref() == Some(path));
    let replaced = replaced.map(|config| &config.security);
    let kept = [
        ("security.jwt_secret", replaced.and_then(|security| security.jwt_secret.as_ref())),
        ("security.erasure_key", replaced.and_then(|security| security.erasure_key())),
    ];
    for (key, kept) in kept {
        if !values.iter().any(|(given, _)| given.starts_with(key)) {
            let kept = kept.map(|secret| secret.expose_secret().into());
            values.push((key, kept.unwrap_or_else(|| secret::random_text(43).into())));
        }
    }
    values
}

fn change(session: &Session<'_>, place: &Place, (has_owner, is_started): (bool, bool), after: Json) -> ChangeReport {
    let shown = place.path.display().to_string();
    let database = after.get("database").and_then(Json::as_str).unwrap_or_default().to_owned();
    let step = |words, command: &str| NextCommand { words, command: command.to_owned() };
    let first = match after.get("telegram_channel_id") {
        Some(Json::String(_)) => step("next.doctor", "dvorik doctor"),
        _ => step("next.channel", "dvorik settings set telegram_channel_id @channel"),
    };
    let run = match &place.service {
        Some(_) if is_started => step("next.look", "dvorik status"),
        Some(service) => step("next.serve", &format!("systemctl enable --now {}", service.unit())),
        None => step("next.serve", "dvorik serve"),
    };
    let invite = (!has_owner).then(|| step("next.owner", "dvorik admin invite --role owner"));
    ChangeReport {
        schema: "dvorik.init/1",
        changed: true,
        before: Json::Null,
        after,
        sentence: session.text("init.done", &[("path", &shown), ("database", &database)]),
        id: shown,
        next: [Some(first), Some(run), invite].into_iter().flatten().collect(),
    }
}

fn nobody(session: &Session<'_>) -> FailureReport {
    let hint = session.text("config.hint.run", &[("command", &"dvorik init --no-input")]);
    FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, session.text("ask.nobody", &[])).with_hint(hint)
}

fn exists(session: &Session<'_>, path: &Path) -> FailureReport {
    let message = session.text("init.exists", &[("path", &path.display())]);
    FailureReport::new("VALIDATION_ERROR", ExitCode::Conflict, message).with_hint(session.text("init.force", &[]))
}

fn unwritable(session: &Session<'_>, path: &Path, error: &std::io::Error) -> FailureReport {
    let failure = session.unusable(path, error, ("SERVICE_UNAVAILABLE", ExitCode::Config));
    failure.with_hint(session.text("init.unwritable_hint", &[]))
}

/// The example configuration filled in with the environment's values. If the file goes to another directory, relative
/// paths become absolute, so that they keep their meaning.
fn form(mut values: Filling, path: &Path) -> String {
    let elsewhere = path.parent().is_some_and(|parent| !parent.as_os_str().is_empty());
    for (key, value) in &mut values {
        let is_path = key.ends_with("_file") || matches!(*key, "database.path" | "backup.dir");
        if let (true, true, Some(Ok(full))) =
            (elsewhere, is_path, value.as_str().filter(|s| !s.is_empty()).map(std::path::absolute))
        {
            *value = full.display().to_string().into();
        }
    }
    config::filled(&values)
}

/// The path at which the configuration is written until it is complete: a failed `init` leaves nothing behind.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

/// Writes the configuration with permissions for its owner only. What lies at `path`, an earlier draft or a link, is
/// removed first and never written to: root may write into the directory of another user.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    // A service reads its configuration as the owner of the directory.
    files::give_open(&file, path, path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The bots with a token and, where Telegram answered, their usernames.
type Met = Vec<(BotName, Option<String>)>;

/// Asks Telegram for the usernames of the bots that `met` lacks, and adds these bots. Fails when Telegram refuses a
/// token; when Telegram does not answer, the username stays unknown.
fn meet(session: &mut Session<'_>, config: &Config, mut met: Met) -> Result<Met, Wrong> {
    for (word, settings) in config.bots.each() {
        let (Some(name), Some(token)) = (BotName::parse(word), &settings.token) else { continue };
        if met.iter().any(|(known, _)| *known == name) {
            continue;
        }
        let username = match get_me(config, name, token)? {
            Ok(username) => Some(username),
            Err(error) if error.class == Class::Token => return Err(refused(session, name).into()),
            Err(error) => {
                let sentence = session.text("init.no_answer", &[("bot", &word), ("why", &why(session, &error))]);
                session.out.note(&sentence);
                None
            }
        };
        met.push((name, username));
    }
    Ok(met)
}

fn refused(session: &Session<'_>, bot: BotName) -> FailureReport {
    let message = session.text("init.token_refused", &[("key", &format!("bots.{bot}.token"))]);
    FailureReport::new("TELEGRAM_FAILED", ExitCode::Config, message).with_hint(session.text("init.token_hint", &[]))
}

fn get_me(config: &Config, name: BotName, token: &SecretString) -> Result<Result<String, CallError>, ServeError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let bot = daemon::make_bot(config, name, token, &Clock::System)?;
    Ok(runtime.block_on(bot.get_me()).map(|me| me.username))
}
