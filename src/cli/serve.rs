//! `serve`: runs the daemon, and reads its configuration again on SIGHUP.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::args::Serve;
use super::refuse::Wrong;
use super::session::Session;
use crate::clock::Clock;
use crate::config::{Config, Environment, LogLevel, Mode};
use crate::daemon::{self, Options, ServeError, supervisor};
use crate::error::Error;
use crate::language::Language;
use crate::realm::BotName;
use crate::staff::{self, Role};
use crate::{logging, qr, shop};

/// The number of threads of the runtime, which answer updates; the database's writer has a thread of its own.
const WORKERS: usize = 2;
/// The bot to which an invitation leads.
const STAFF_BOT: BotName = BotName::Staff;
/// How long blocked threads may continue after the loops have ended.
const LAST_THREADS: Duration = Duration::from_millis(500);

/// `serve`: runs the daemon until SIGTERM or SIGINT, at a terminal until SIGHUP.
pub(super) fn serve(session: &mut Session<'_>, args: &Serve) -> Result<(), Wrong> {
    let config = commanded(session.config()?, args);
    let reload = Reload {
        flag: session.config_flag.clone(),
        environment: session.environment.clone(),
        verbose: session.verbose,
        lang: session.out.voice().lang,
        commanded: commanded_keys(args),
        running: config.clone(),
    };
    logging::start(reload.level(&config), config.log.format);
    let options = Options {
        migrate: args.migrate,
        no_bots: args.no_bots,
        no_scheduler: args.no_scheduler,
        until_stdin_ends: args.until_stdin_ends,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build();
    let runtime = runtime.map_err(ServeError::System)?;
    let begun = |address| {
        ready(&config, args, address);
        offer_ownership(session, &config);
    };
    let served = runtime.block_on(daemon::serve(&config, options, begun, || reload.run()));
    // The last connection is closed here. A thread that is still blocked, such as a backup, is abandoned: the next
    // start cleans up after it.
    runtime.shutdown_timeout(LAST_THREADS);
    Ok(served?)
}

/// The config with the values of the flags.
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

/// The keys of the config whose values come from flags and not from the file.
fn commanded_keys(args: &Serve) -> Vec<&'static str> {
    let listen = args.listen.map(|_| "http.listen");
    let mode = (args.polling || args.webhook).then_some("telegram.mode");
    listen.into_iter().chain(mode).collect()
}

/// Reloads the configuration of a running daemon.
struct Reload {
    flag: Option<PathBuf>,
    environment: Environment,
    verbose: Option<LogLevel>,
    lang: Language,
    commanded: Vec<&'static str>,
    running: Config,
}

impl Reload {
    fn level(&self, config: &Config) -> LogLevel {
        self.verbose.map_or(config.log.level, |asked| asked.max(config.log.level))
    }

    /// Reads the configuration again; a faulty configuration changes nothing.
    fn run(&self) {
        supervisor::reloading();
        match Config::load(self.flag.as_deref(), &self.environment) {
            Ok(new) => {
                logging::set_level(self.level(&new));
                let waiting = self.running.take_over(&new);
                let waiting: Vec<&str> = waiting.into_iter().filter(|key| !self.commanded.contains(key)).collect();
                tracing::info!(
                    level = self.level(&new).name(),
                    keep_daily = new.backup.keep_daily.get(),
                    keep_weekly = new.backup.keep_weekly.get(),
                    "the configuration was read again"
                );
                if !waiting.is_empty() {
                    tracing::warn!("{}", self.lang.text("machine.needs_restart", &[("keys", &waiting.join(", "))]));
                }
            }
            Err(faults) => {
                for fault in &faults.errors {
                    tracing::error!("{}", fault.say(self.lang));
                }
                tracing::error!("{}", self.lang.text("machine.not_reloaded", &[]));
            }
        }
        supervisor::ready();
    }
}

/// If the shop has no owner: shows the link of a new invitation at a terminal. A log gets the command that makes one,
/// and never a link.
fn offer_ownership(session: &mut Session<'_>, config: &Config) {
    let by = session.can_ask().then(|| session.owner());
    // The database blocks its caller, which a thread of the runtime must not do.
    let invite = move || {
        let database = daemon::open(config, Clock::System).ok()?;
        let (has_owner, username) = database
            .read(|view| Ok::<_, Error>((staff::has_owner(view)?, shop::bot_username(view, STAFF_BOT)?)))
            .ok()?;
        if has_owner {
            return None;
        }
        let invited = by.zip(username).map(|(by, username)| {
            let made = database.write(move |tx| staff::invite(tx, Role::Owner, &by));
            made.map(|made| made.link(&username))
        });
        Some(invited.and_then(Result::ok))
    };
    match std::thread::scope(|scope| scope.spawn(invite).join()) {
        Ok(Some(Some(link))) => {
            let blocks = qr::blocks(&link).unwrap_or_default();
            let said = session.text("machine.no_owner_link", &[("link", &link)]);
            session.out.prompt(&format!("{blocks}{said}\n"));
        }
        Ok(Some(None)) => tracing::warn!("the shop has no owner: run `dvorik admin invite --role owner`"),
        Ok(None) | Err(_) => {}
    }
}

/// Logs the line `ready`, for which a person waits, and tells systemd that the daemon is ready.
fn ready(config: &Config, args: &Serve, address: SocketAddr) {
    let bots = config.bots.each().into_iter().filter(|(_, bot)| bot.token.is_some() && !args.no_bots);
    let bots = bots.map(|(name, _)| name).collect::<Vec<_>>().join(",");
    tracing::info!(bots, database = %config.database.path.display(), http = %address, "ready");
    supervisor::ready();
}
