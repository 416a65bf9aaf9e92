//! `serve` and `migrate`: the daemon and the database file.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::args::{Migrate, Serve};
use super::output::{Change, Next};
use super::page::quoted;
use super::refuse::Wrong;
use super::session::Session;
use crate::clock::Clock;
use crate::config::{Config, Mode};
use crate::daemon::{self, Options, ServeError};
use crate::db::{self, Database, OpenError};
use crate::logging;

/// Threads that answer updates; the writer has its own.
const WORKERS: usize = 2;
/// After the loops have ended, threads that block get this long.
const LAST_THREADS: Duration = Duration::from_millis(500);

/// `serve`: until SIGTERM or SIGINT.
pub(super) fn serve(session: &mut Session<'_>, args: &Serve) -> Result<(), Wrong> {
    let config = commanded(session.config()?, args);
    logging::start(session.verbose.map_or(config.log.level, |asked| asked.max(config.log.level)), config.log.format);
    let options = Options {
        migrate: args.migrate,
        no_bots: args.no_bots,
        no_scheduler: args.no_scheduler,
        until_stdin_ends: args.until_stdin_ends,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build();
    let runtime = runtime.map_err(ServeError::System)?;
    let served = runtime.block_on(daemon::serve(&config, options, |address| ready(&config, args, address)));
    // The last connection is closed here. What still blocks a thread, such as a backup, is left behind: the next start
    // clears up after it.
    runtime.shutdown_timeout(LAST_THREADS);
    Ok(served?)
}

/// The config as the flags change it.
fn commanded(config: &Config, args: &Serve) -> Config {
    let mut config = config.clone();
    config.http.listen = args.listen.unwrap_or(config.http.listen);
    config.telegram.mode = match (args.polling, args.webhook) {
        (true, _) => Mode::Polling,
        (_, true) => Mode::Webhook,
        _ => config.telegram.mode,
    };
    config
}

/// The one line a person or a supervisor waits for.
fn ready(config: &Config, args: &Serve, address: SocketAddr) {
    let bots = config.bots.each().into_iter().filter(|(_, bot)| bot.token.is_some() && !args.no_bots);
    let bots = bots.map(|(name, _)| name).collect::<Vec<_>>().join(",");
    tracing::info!(bots, database = %config.database.path.display(), http = %address, "ready");
    if let Err(error) = sd_notify::notify(&[sd_notify::NotifyState::Ready]) {
        tracing::warn!(%error, "the supervisor could not be told");
    }
}

/// `migrate`, `migrate --status`.
pub(super) fn migrate(session: &mut Session<'_>, args: &Migrate) -> Result<(), Wrong> {
    let config = session.config()?;
    if args.status {
        return status(session);
    }
    let migrated = daemon::migrate(config, Clock::System)?;
    let path = config.database.path.display().to_string();
    let mut change = migrated_change(session, &migrated.done, path);
    if let Some(made) = migrated.backup {
        let file = made.path.display().to_string();
        if let Some(after) = change.after.as_object_mut() {
            after.insert("backup".into(), json!(file));
        }
        change.sentence = format!("{}\n{}", change.sentence, session.text("migrate.backup", &[("path", &file)]));
        let name = made.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        change.next.push(Next { words: "next.back", command: format!("dvorik backup restore {}", quoted(&name)) });
    }
    session.tell_change(change);
    Ok(())
}

fn migrated_change(session: &Session<'_>, migrated: &db::Migrated, path: String) -> Change {
    let key = match (migrated.created, migrated.applied.is_empty()) {
        (true, _) => "migrate.created",
        (false, false) => "migrate.applied",
        (false, true) => "migrate.nothing",
    };
    let names = migrated.applied.join(", ");
    Change {
        schema: "dvorik.migrate/1",
        changed: migrated.created || !migrated.applied.is_empty(),
        before: Json::Null,
        after: json!({ "database": path, "created": migrated.created, "applied": migrated.applied, "backup": null }),
        sentence: session.text(key, &[("path", &path), ("names", &names)]),
        id: path,
        next: vec![Next { words: "next.more", command: "dvorik serve".to_owned() }],
    }
}

fn status(session: &mut Session<'_>) -> Result<(), Wrong> {
    let config = session.config()?;
    let path = config.database.path.display().to_string();
    let pending = match Database::open(&config.database.path, config.timezone, Clock::System) {
        Ok(_) => 0,
        Err(OpenError::Pending { count, .. }) => i64::try_from(count).unwrap_or(i64::MAX),
        Err(error) => return Err(ServeError::Open(error).into()),
    };
    let human = match pending {
        0 => session.text("migrate.up_to_date", &[("path", &path)]),
        _ => session.out.voice().lang.plural("machine.pending", pending, &[("path", &path)]),
    };
    session.out.document(&json!({ "schema": "dvorik.migrate.status/1", "database": path, "pending": pending }), &human);
    Ok(())
}
