//! `dvorik serve`: locks, database, bots, and the loops that work until SIGTERM. A loop that ends by itself ends the
//! daemon: a dead task is never silent.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::backup::{self, BackupError, Made};
use crate::bot::intake::{self, Ended};
use crate::bot::{Desk, commands};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{self, Database, Failure, OpenError, Pending};
use crate::error::Error;
use crate::ids::TelegramId;
use crate::jobs::{deliver::Sender, upkeep};
use crate::locks::{self, Held, Lock, LockError};
use crate::outbox::{self, Lane};
use crate::realm::BotName;
use crate::shop::{self, Mismatch};
use crate::telegram::client::{Bot, BotError, BotSettings};
use crate::telegram::reply::Class;
use crate::{staff, texts};

/// After SIGTERM, work under way gets this long.
const DRAIN: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
const SENDER_WAIT: Duration = Duration::from_millis(200);

/// What the command line may ask of the daemon.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Apply pending migrations first.
    pub migrate: bool,
    /// Talk to no bot.
    pub no_bots: bool,
}

/// Why the daemon does not run (any more).
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Another daemon serves this database.
    #[error(transparent)]
    Locked(#[from] LockError),
    /// The database cannot be used as it is.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The config does not fit the database.
    #[error("{} is {} in the database and {} in the config", .0.key, .0.stored, .0.configured)]
    Mismatch(Mismatch),
    /// No bot has a token.
    #[error("no bot has a token")]
    NoBots,
    /// A bot cannot be made from its settings.
    #[error(transparent)]
    Bot(#[from] BotError),
    /// The storage failed at the start.
    #[error(transparent)]
    Storage(#[from] Error),
    /// A loop died; the cause is in the log.
    #[error("{0} has died")]
    Died(&'static str),
    /// A backup was not made, trusted or restored.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// Nothing is migrated before there is a sound backup.
    #[error("not migrated without a backup: {0}")]
    NotBackedUp(BackupError),
    /// Signals or threads are not to be had.
    #[error(transparent)]
    System(#[from] std::io::Error),
}

/// Opens the database of a config as every command does: fully migrated, zone and currency checked, first owner known.
///
/// # Errors
/// [`ServeError::Open`], [`ServeError::Mismatch`], [`ServeError::Storage`].
pub fn open(config: &Config, clock: Clock) -> Result<Database, ServeError> {
    let database = Database::open(&config.database.path, config.timezone, clock)?;
    let (zone, currency, name) = (config.timezone, config.currency.clone(), config.shop_name.clone());
    let owner = config.owner_telegram_id;
    let settled = database.read(|view| shop::is_settled(view, zone, &currency, &name, owner.map(TelegramId)))?;
    if settled {
        return Ok(database);
    }
    let mismatch = database.write(move |tx| {
        if let Some(owner) = owner {
            staff::ensure_first_owner(tx, TelegramId(owner))?;
        }
        shop::settle(tx, zone, &currency, &name)
    })?;
    mismatch.map_or(Ok(database), |mismatch| Err(ServeError::Mismatch(mismatch)))
}

/// What [`migrate`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// The migrations.
    pub done: db::Migrated,
    /// The backup made before them; `None` when nothing was there or nothing was pending.
    pub backup: Option<Made>,
}

/// Creates or migrates the database of a config and seeds its texts. What is there is backed up first.
///
/// # Errors
/// [`ServeError::NotBackedUp`], [`ServeError::Open`], [`ServeError::Mismatch`], [`ServeError::Storage`].
pub fn migrate(config: &Config, clock: Clock) -> Result<Migrated, ServeError> {
    let backup = match db::standing(&config.database.path)? {
        Some(Pending::Some(_)) => Some(backup::create(config, None, clock.now()).map_err(ServeError::NotBackedUp)?),
        _ => None,
    };
    let done = db::migrate(&config.database.path)?;
    open(config, clock)?.write(texts::seed)?;
    Ok(Migrated { done, backup })
}

/// Serves until SIGTERM or SIGINT. `ready` is called once, when everything has been started.
///
/// # Errors
/// Every [`ServeError`]; after a clean stop there is none.
pub async fn serve(config: &Config, options: Options, ready: impl FnOnce()) -> Result<(), ServeError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let told = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    serve_until(config, options, ready, told).await
}

/// As [`serve`], until `told` to stop by whoever runs this beside other things of one process. No signal is listened to.
///
/// # Errors
/// As [`serve`].
pub async fn serve_until(
    config: &Config,
    options: Options,
    ready: impl FnOnce(),
    told: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let clock = Clock::System;
    let _serving = locks::take(&config.database.path, Lock::Serve)?;
    let database = open_off_the_runtime(config, &clock, options.migrate).await?;
    database.write_async(texts::seed).await?;
    let bots = if options.no_bots { Vec::new() } else { bots(config, &clock)? };

    let (stop, stopping) = watch::channel(false);
    let erasure_key = config.security.jwt_secret.as_ref().map(|key| key.expose_secret().into());
    let mut loops = Loops { set: JoinSet::new(), stopping };
    for (name, bot) in &bots {
        if let Some(state) = database.read(|view| outbox::gate_state(view, *name))? {
            bot.restore_gate(state);
        }
        loops.take_in(&Desk { name: *name, bot: bot.clone(), db: database.clone(), erasure_key: erasure_key.clone() });
    }
    loops.send(&database, bots.clone());
    loops.start("upkeep", upkeep::watch_other_processes(database.clone(), loops.stopping.clone()));
    loops.start("upkeep", upkeep::tidy(database.clone(), loops.stopping.clone()));
    ready();

    let died = tokio::select! {
        () = told => None,
        name = loops.first_death() => Some(name),
    };
    tracing::info!("stopping");
    let _ = stop.send(true);
    let drained = tokio::time::timeout(DRAIN, loops.all_ended()).await;
    upkeep::keep_last_gates(&database, &bots).await;
    match (died, drained) {
        (Some(name), _) => Err(ServeError::Died(name)),
        (None, Ok(None)) => Ok(()),
        (None, Ok(Some(name))) => Err(ServeError::Died(name)),
        (None, Err(_)) => {
            // What was in flight is recovered at the next start; waiting longer would only get the process killed.
            tracing::warn!("not everything ended within {} s", DRAIN.as_secs());
            Ok(())
        }
    }
}

/// Opening may write, and writing from a command's thread blocks it: a thread of the runtime must not.
async fn open_off_the_runtime(config: &Config, clock: &Clock, migrating: bool) -> Result<Database, ServeError> {
    let (config, clock) = (config.clone(), clock.clone());
    let opened = tokio::task::spawn_blocking(move || {
        if migrating {
            let migrated = migrate(&config, clock.clone())?;
            if let Some(made) = migrated.backup {
                tracing::info!(path = %made.path.display(), "backed up before migrating");
            }
        }
        open(&config, clock)
    });
    opened.await.unwrap_or_else(|error| Err(Error::from(Failure::Internal(error.to_string())).into()))
}

fn bots(config: &Config, clock: &Clock) -> Result<Vec<(BotName, Bot)>, ServeError> {
    let mut bots = Vec::new();
    for (word, settings) in config.bots.each() {
        let (Some(name), Some(token)) = (BotName::parse(word), &settings.token) else { continue };
        bots.push((name, make_bot(config, name, token, clock)?));
    }
    if bots.is_empty() { Err(ServeError::NoBots) } else { Ok(bots) }
}

/// A bot as the config describes it. Makes no call.
///
/// # Errors
/// [`BotError`].
pub fn make_bot(config: &Config, name: BotName, token: &SecretString, clock: &Clock) -> Result<Bot, BotError> {
    let settings = BotSettings {
        label: name.as_str().to_owned(),
        token: token.clone(),
        api_base: config.telegram.api_base.clone(),
        proxy: config.telegram.proxy.as_ref().map(|proxy| proxy.expose_secret().to_owned()),
    };
    Bot::new(settings, clock.clone())
}

/// How a loop ended: by itself, or with what killed it.
type LoopEnd = (&'static str, Result<(), Error>);

/// The loops of the daemon.
struct Loops {
    set: JoinSet<LoopEnd>,
    stopping: watch::Receiver<bool>,
}

impl Loops {
    fn start(&mut self, name: &'static str, work: impl Future<Output = crate::error::Result<()>> + Send + 'static) {
        self.set.spawn(async move { (name, work.await) });
    }

    /// Poller and dispatcher of one bot.
    fn take_in(&mut self, desk: &Desk) {
        let (poller, stopping) = (desk.clone(), self.stopping.clone());
        self.start("poller", async move {
            if !introduce(&poller, stopping.clone()).await? {
                return wait_for_stop(stopping).await;
            }
            match intake::poll(poller, stopping.clone()).await? {
                Ended::Stopped => Ok(()),
                // The other bots go on; `doctor` and the log name the one that is off.
                Ended::TokenRefused => wait_for_stop(stopping).await,
            }
        });
        self.start("dispatcher", intake::dispatch(desk.clone(), self.stopping.clone()));
        self.start(
            "gate keeper",
            upkeep::keep_gate(desk.name, desk.bot.clone(), desk.db.clone(), self.stopping.clone()),
        );
    }

    /// All delivery, under the sender's lock. A foreground sender hands over within a second, so this waits for it.
    fn send(&mut self, database: &Database, bots: Vec<(BotName, Bot)>) {
        let (database, mut stopping) = (database.clone(), self.stopping.clone());
        self.start("sender", async move {
            let Some(_sending) = wait_for_sender(&database, &mut stopping).await? else { return Ok(()) };
            let recovered = database.write_async(outbox::recover).await?;
            if recovered > 0 {
                tracing::warn!(recovered, "letters were in flight when the last process ended");
            }
            let mut lanes = JoinSet::new();
            for (name, bot) in bots {
                for lane in [Lane::Reply, Lane::Automatic] {
                    let sender = Sender { name, bot: bot.clone(), lane, db: database.clone() };
                    lanes.spawn(sender.run(stopping.clone()));
                }
            }
            while let Some(ended) = lanes.join_next().await {
                ended.unwrap_or_else(|_| Err(Failure::Internal("a sender panicked".into()).into()))?;
            }
            wait_for_stop(stopping).await
        });
    }

    /// The name of the first loop that ends before it was told to.
    async fn first_death(&mut self) -> &'static str {
        match self.set.join_next().await {
            Some(ended) => name_of_dead(ended).unwrap_or("a loop"),
            None => std::future::pending().await,
        }
    }

    /// Waits for every loop; the name of one that ended badly, if any did.
    async fn all_ended(&mut self) -> Option<&'static str> {
        let mut died = None;
        while let Some(ended) = self.set.join_next().await {
            let bad = !matches!(ended, Ok((_, Ok(()))));
            if let Some(name) = name_of_dead(ended).filter(|_| bad) {
                died = Some(name);
            }
        }
        died
    }
}

fn name_of_dead(ended: Result<LoopEnd, tokio::task::JoinError>) -> Option<&'static str> {
    match ended {
        Ok((name, Ok(()))) => Some(name),
        Ok((name, Err(error))) => {
            tracing::error!(name, %error, "a loop failed");
            Some(name)
        }
        Err(error) => {
            tracing::error!(%error, "a loop panicked");
            Some("a loop")
        }
    }
}

async fn wait_for_stop(mut stopping: watch::Receiver<bool>) -> crate::error::Result<()> {
    // A closed channel means the daemon is gone: stop as well.
    let _ = stopping.wait_for(|stopping| *stopping).await;
    Ok(())
}

async fn wait_for_sender(
    database: &Database,
    stopping: &mut watch::Receiver<bool>,
) -> crate::error::Result<Option<Held>> {
    loop {
        match locks::take(database.path(), Lock::Sender) {
            Ok(held) => return Ok(Some(held)),
            Err(LockError::HeldBy(pid)) => tracing::debug!(pid, "another process is sending; waiting for it"),
            Err(error) => return Err(Failure::Unavailable(error.to_string()).into()),
        }
        tokio::select! {
            () = tokio::time::sleep(SENDER_WAIT) => {}
            _ = stopping.changed() => return Ok(None),
        }
    }
}

/// Learns the bot's username, ends a webhook that would hold its updates back, registers its commands. Tried until
/// Telegram answers; `false` = stop asking (the token is refused, or the daemon stops).
async fn introduce(desk: &Desk, mut stopping: watch::Receiver<bool>) -> crate::error::Result<bool> {
    let menu = desk.db.read(|view| commands(view, desk.name))?;
    let mut pause = Duration::from_secs(1);
    loop {
        let met = tokio::select! {
            met = meet(desk, &menu) => met,
            _ = stopping.changed() => return Ok(false),
        };
        let error = match met {
            Ok(username) => {
                let name = desk.name;
                tracing::info!(bot = %name, username, "on duty");
                desk.db.write_async(move |tx| shop::remember_bot(tx, name, &username)).await?;
                return Ok(true);
            }
            Err(error) => error,
        };
        if error.class == Class::Token {
            tracing::error!(bot = %desk.name, "Telegram refuses this bot's token; the bot is off");
            return Ok(false);
        }
        tracing::warn!(bot = %desk.name, %error, wait_s = pause.as_secs(), "Telegram does not answer yet");
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stopping.changed() => return Ok(false),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn meet(desk: &Desk, menu: &[(&'static str, String)]) -> Result<String, crate::telegram::client::CallError> {
    let menu: Vec<(&str, &str)> = menu.iter().map(|(name, words)| (*name, words.as_str())).collect();
    let me = desk.bot.get_me().await?;
    desk.bot.delete_webhook().await?;
    desk.bot.set_my_commands(&menu).await?;
    Ok(me.username)
}
