//! `dvorik serve`: takes the locks, opens the database, makes the bots and the HTTP door, and runs the loops until
//! SIGTERM. `loops` watches the loops; `telegram` and `webhooks` bring each bot its updates.

mod alarms;
mod exports;
mod hangup;
mod heartbeat;
mod loops;
mod api_requests;
mod outside_http;
mod pairing;
mod present;
mod replace;
mod replica;
mod stop;
pub mod supervisor;
mod telegram;
pub mod webhooks;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::api::{self, Door, Hook, Served};
use crate::backup::{self, BackupError, Made};
use crate::bot::Desk;
use crate::clock::Clock;
use crate::config::{Config, Mode};
use crate::db::{self, Database, Failure, OpenError, Pending};
use crate::erasure::key;
use crate::erasure::remains::{self, ClearingPace};
use crate::error::Error;
use crate::heartbeat::Heartbeat;
use crate::ids::TelegramId;
use crate::jobs::{JobContext, channel, scheduler, upkeep};
use crate::language::Language;
use crate::locks::{self, Lock, LockError};
use crate::realm::{BotName, Realm};
use crate::sender::gate_state;
use crate::shop::{self, Mismatch};
use crate::staff::Group;
use crate::telegram::client::{Bot, BotError, BotSettings};
use crate::{bot_language, metrics, staff, texts};
use hangup::{Hangup, SignalAction};
use heartbeat::{Beats, HeartbeatLimits};
use loops::Loops;
pub use pairing::wait_for_owner;
pub use replace::{PresentShop, discard_without_people, is_without_people, present_shop, zone_and_currency};
pub use replica::{MetricsUnread, metrics_at};
pub use telegram::register;
use webhooks::WantedWebhook;

/// How long the last write of the rate limiters' state may take: the write must not delay the end of the daemon.
const LAST_WRITE: Duration = Duration::from_millis(200);

/// The options of the daemon.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Apply pending migrations first.
    pub migrate: bool,
    /// Run without bots.
    pub no_bots: bool,
    /// End when the parent process has ended, which closes this process's standard input.
    pub until_stdin_ends: bool,
    /// Do not run jobs, because cron or another process runs them.
    pub no_scheduler: bool,
}

/// Why the daemon did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Another daemon serves this database.
    #[error(transparent)]
    Locked(#[from] LockError),
    /// The database cannot be opened in its present state.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The shop's time zone or currency in the config differs from the one in the database.
    #[error("{} is {} in the database and {} in the config", .0.key, .0.stored, .0.configured)]
    Mismatch(Mismatch),
    /// No bot has a token.
    #[error("no bot has a token")]
    NoBots,
    /// The database is that of a demo, and the config leads to the real Telegram.
    #[error("the people of this database are invented, and the Bot API server is not on this machine")]
    Invented,
    /// A bot cannot be made from the config.
    #[error(transparent)]
    Bot(#[from] BotError),
    /// The storage failed at the start.
    #[error(transparent)]
    Storage(#[from] Error),
    /// A backup could not be made, verified or restored.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The backup before a migration failed, so nothing was migrated.
    #[error("not migrated without a backup: {0}")]
    NotBackedUp(BackupError),
    /// A bot has no webhook secret, or the config has no base address for webhooks. Without a secret anyone could send
    /// updates in Telegram's name.
    #[error("{0} is not set; webhooks need it")]
    WebhookGap(String),
    /// The HTTP door cannot be opened.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address at which the door should listen.
        address: SocketAddr,
        /// The operating system's error.
        error: std::io::Error,
    },
    /// The database file was renamed, removed or replaced while the daemon worked on it.
    #[error("{} was moved or replaced", .0.display())]
    Moved(std::path::PathBuf),
    /// A loop died; the cause is in the log.
    #[error("{0} has died")]
    Died(String),
    /// The operating system refused a signal handler or a thread.
    #[error(transparent)]
    System(#[from] std::io::Error),
}

/// Opens the database of a config as every command does. The database must be fully migrated and have the config's zone
/// and currency. If there is no owner yet, the config's owner becomes the first one. A new shop's bots speak the config's
/// language.
///
/// # Errors
/// [`ServeError::Open`], [`ServeError::Mismatch`], [`ServeError::Storage`].
pub fn open(config: &Config, clock: Clock) -> Result<Database, ServeError> {
    if backup::has_sidecar(&config.database.path) {
        return open_backup(config, clock);
    }
    let database = Database::open(&config.database.path, config.timezone, clock)?;
    let (zone, currency, name) = (config.timezone, config.currency.clone(), config.shop_name.clone());
    // `init` writes `lang`; a config without it belongs to a shop that was made before there was a choice.
    let (owner, language) = (config.owner_telegram_id, config.lang.unwrap_or(Language::Ru));
    let key = config.security.erasure_key().map(|key| key.expose_secret().to_owned());
    let settled = database.read(|view| {
        Ok::<_, Error>(
            shop::is_settled(view, zone, &currency, &name)?
                && shop::has_language(view)?
                && (owner.is_none() || staff::has_owner(view)?)
                && key::fit(view, key.as_deref())? != key::Fit::New,
        )
    })?;
    if settled {
        return Ok(database);
    }
    let mismatch = database.write(move |tx| {
        let mismatch = shop::adopt_config(tx, zone, &currency, &name)?;
        if let (None, Some(owner)) = (&mismatch, owner) {
            staff::ensure_first_owner(tx, TelegramId(owner))?;
        }
        if mismatch.is_none() {
            bot_language::choose(tx, language)?;
            key::keep(tx, key.as_deref())?;
        }
        Ok::<_, Error>(mismatch)
    })?;
    mismatch.map_or(Ok(database), |mismatch| Err(ServeError::Mismatch(mismatch)))
}

/// Opens the database of a config as it is: a backup to be read only.
///
/// # Errors
/// Every [`OpenError`].
pub fn look_into(config: &Config, clock: Clock) -> Result<Database, OpenError> {
    let is_backup = backup::has_sidecar(&config.database.path);
    let open = if is_backup { Database::open_kept } else { Database::open };
    open(&config.database.path, config.timezone, clock)
}

/// Opens a backup to be read: what every other database is given when it is opened first would change the file, and its
/// checksum file would call it damaged.
fn open_backup(config: &Config, clock: Clock) -> Result<Database, ServeError> {
    let database = look_into(config, clock)?;
    let mismatch = database.read(|view| shop::mismatch(view, config.timezone, &config.currency))?;
    mismatch.map_or(Ok(database), |mismatch| Err(ServeError::Mismatch(mismatch)))
}

/// What [`migrate`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// The migrations that ran.
    pub done: db::Migrated,
    /// The backup made before the migrations; `None` when there was no database or no pending migration.
    pub backup: Option<Made>,
}

/// Creates or migrates the database of a config and seeds its texts. An existing database is backed up first.
///
/// # Errors
/// [`ServeError::NotBackedUp`], [`ServeError::Open`], [`ServeError::Mismatch`], [`ServeError::Storage`].
pub fn migrate(config: &Config, clock: Clock) -> Result<Migrated, ServeError> {
    if backup::has_sidecar(&config.database.path) {
        return Err(Error::from(Failure::Kept).into());
    }
    let backup = match db::pending_at(&config.database.path)? {
        Some(Pending::Some(_)) => Some(backup::create(config, None, clock.now()).map_err(ServeError::NotBackedUp)?),
        _ => None,
    };
    let done = db::migrate(&config.database.path)?;
    let database = open(config, clock)?;
    database.write(texts::seed)?;
    // Free pages may still hold deleted data. If they cannot be cleared now, the daemon or the job `cleanup` clears
    // them later.
    match remains::clear(&database, ClearingPace::Whole) {
        Ok(cleared) => tracing::debug!(?cleared, "looked for what erasures have left"),
        Err(error) => tracing::warn!(%error, "what erasures left in the files could not be cleared yet"),
    }
    Ok(Migrated { done, backup })
}

/// Serves until SIGTERM or SIGINT, and at a terminal until SIGHUP; elsewhere SIGHUP calls `reload`. `ready` is called
/// once, when everything has started, with the address of the HTTP door.
///
/// # Errors
/// Every [`ServeError`]; none after a clean stop.
pub async fn serve(
    config: &Config,
    options: Options,
    ready: impl FnOnce(SocketAddr),
    reload: impl Fn(),
) -> Result<(), ServeError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = Hangup::decided()?;
    let told = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = hung_up(&mut hangup, reload) => tracing::info!("the terminal is gone"),
            () = stdin_ends(), if options.until_stdin_ends => {}
        }
    };
    serve_until(config, options, ready, told).await
}

/// Returns at a SIGHUP that means the end; each other SIGHUP calls `reload`.
async fn hung_up(hangup: &mut Hangup, reload: impl Fn()) {
    while hangup.heard().await == SignalAction::Reload {
        reload();
    }
}

/// Returns when standard input ends. A thread of its own reads standard input: the runtime, when it is dropped, would
/// wait for a read in one of the runtime's threads.
async fn stdin_ends() {
    let (ended, is_over) = tokio::sync::oneshot::channel::<()>();
    let watch = move || {
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        drop(ended);
    };
    if std::thread::Builder::new().name("stdin".into()).spawn(watch).is_err() {
        return std::future::pending().await;
    }
    let _ = is_over.await;
}

/// Serves like [`serve`], but until `told` is ready and without signal handlers, for a process that does other work
/// too.
///
/// # Errors
/// The errors of [`serve`].
pub async fn serve_until(
    config: &Config,
    options: Options,
    ready: impl FnOnce(SocketAddr),
    told: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let clock = Clock::System;
    metrics::installed();
    let _serving = locks::take(&config.database.path, Lock::Serve)?;
    let database = open_off_the_runtime(config, &clock, options.migrate).await?;
    database.write_async(texts::seed).await?;
    let bots = if options.no_bots { Vec::new() } else { bots(config, &clock)? };
    let wanted = bots.iter().map(|(name, _)| wanted(config, *name)).collect::<Result<Vec<_>, _>>()?;
    let listen = |error| ServeError::Listen { address: config.http.listen, error };
    let listener = api::bind(config.http.listen).await.map_err(listen)?;
    let address = listener.local_addr()?;

    let mut loops = Loops::new(Heartbeat::default());
    let hooks = hooks(&bots, &wanted);
    let desks = desks(config, &database, &bots);
    start(&mut loops, &database, desks.into_iter().zip(wanted))?;
    loops.send(&database, bots.clone());
    loops.start("exporter", exports::run(database.clone(), config.lang.unwrap_or(Language::En), loops.stopping()));
    if let Some((_, bot)) = bots.iter().find(|(name, _)| *name == BotName::Customer) {
        loops.start("channel", channel::keep_link(database.clone(), bot.clone(), loops.stopping()));
    }
    let context = JobContext { config: Arc::new(config.clone()), db: database.clone(), bots: bots.clone() };
    loops.start("alarms", alarms::watch(database.clone(), bots.clone(), loops.stopping()));
    if !options.no_scheduler {
        loops.start("scheduler", scheduler::run(context.clone(), loops.stopping()));
    }
    let (dispatch, given) = api::dispatch::queue();
    loops.start("orders", api_requests::run(context, given, loops.stopping()));
    let (db, heartbeat) = (database.clone(), loops.heartbeat());
    loops.listen(listener, Door::new(config, Served { db, heartbeat, bots: bots.clone(), hooks, dispatch }));
    told_of_key(config, &database).await?;
    ready(address);
    // The supervisor and the watcher hear of nothing before the supervisor has heard that the daemon is ready.
    look_outside(&mut loops, config, &database, bots.iter().map(|(name, _)| *name).collect());

    let died = loops.run(told).await;
    if !database.is_in_place() {
        return Err(ServeError::Moved(config.database.path.clone()));
    }
    let _late = tokio::time::timeout(LAST_WRITE, gate_state::keep_last_gates(&database, &bots)).await;
    if died.is_none() {
        upkeep::fold_last(database).await;
    }
    died.map_or(Ok(()), |name| Err(ServeError::Died(name)))
}

/// Starts the loops that look outside: they tell the supervisor of this machine and a watcher elsewhere that the daemon
/// works, and ask Litestream how its copy is.
fn look_outside(loops: &mut Loops, config: &Config, database: &Database, names: Vec<BotName>) {
    let signs = supervisor::report(database.clone(), loops.heartbeat(), names, loops.stopping());
    loops.start("supervisor", signs);
    let beats = Beats { database: database.clone(), loops: loops.heartbeat(), limits: HeartbeatLimits::USUAL };
    loops.start("heartbeat", heartbeat::send(beats, config.heartbeat.clone(), loops.stopping()));
    let address = config.offsite.litestream_metrics.clone();
    loops.start("replica", replica::watch(database.clone(), address, loops.stopping()));
}

/// Tells the admins when the erasure key does not match the stored hashes: the shop works, but would not recognise
/// erased customers who come back.
async fn told_of_key(config: &Config, database: &Database) -> Result<(), Error> {
    let key = config.security.erasure_key().map(|key| key.expose_secret().to_owned());
    database
        .write_async(move |tx| {
            if key::fit(tx, key.as_deref())?.is_sound() {
                return Ok(());
            }
            tracing::error!("security.erasure_key does not fit the database: see `dvorik doctor`");
            staff::tell_admins(tx, Realm::Real, Group::Errors, "notice_erasure_key", &[], Some(&tx.today()))
        })
        .await
}

fn desks(config: &Config, db: &Database, bots: &[(BotName, Bot)]) -> Vec<Desk> {
    let key: Option<Arc<str>> = config.security.erasure_key().map(|key| key.expose_secret().into());
    let desk =
        |(name, bot): &(BotName, Bot)| Desk { name: *name, bot: bot.clone(), db: db.clone(), erasure_key: key.clone() };
    bots.iter().map(desk).collect()
}

/// Starts the loops that take updates in and maintain the database.
fn start(
    loops: &mut Loops,
    database: &Database,
    desks: impl Iterator<Item = (Desk, Option<WantedWebhook>)>,
) -> Result<(), Error> {
    for (desk, wanted) in desks {
        gate_state::take_up_gate(database, desk.name, &desk.bot)?;
        loops.start_bot(&desk, wanted);
    }
    loops.start("reading", end_reading(database.clone(), loops.stopping()));
    let watching = db::watch_other_processes(database.clone(), loops.stopping());
    loops.start("watcher", async { Ok(watching.await?) });
    loops.start("meter", drain_histograms(loops.stopping()));
    loops.start("tidier", upkeep::tidy(database.clone(), loops.stopping()));
    loops.start("eraser", upkeep::clear_remains(database.clone(), loops.stopping()));
    Ok(())
}

/// When the daemon stops, interrupts long reads: the requests that wait for them would delay the end.
async fn end_reading(database: Database, mut stopping: watch::Receiver<bool>) -> Result<(), Error> {
    // A closed channel means that the daemon has ended: stop as well.
    let _ = stopping.wait_for(|stopping| *stopping).await;
    database.end_reading();
    Ok(())
}

/// Drains the samples that histograms gather, so that memory stays small, until told to stop.
async fn drain_histograms(mut stopping: watch::Receiver<bool>) -> Result<(), Error> {
    while !*stopping.borrow() {
        tokio::select! {
            () = tokio::time::sleep(metrics::FOLD_EVERY) => metrics::installed().run_upkeep(),
            _ = stopping.changed() => {}
        }
    }
    Ok(())
}

fn hooks(bots: &[(BotName, Bot)], wanted: &[Option<WantedWebhook>]) -> Vec<Hook> {
    let hook = |((name, _), wanted): (&(BotName, Bot), &Option<WantedWebhook>)| {
        Some(Hook { bot: *name, secret: wanted.as_ref()?.secret.clone() })
    };
    bots.iter().zip(wanted).filter_map(hook).collect()
}

/// The webhook that the config wants for this bot; `None` when it polls.
fn wanted(config: &Config, bot: BotName) -> Result<Option<WantedWebhook>, ServeError> {
    if config.telegram.mode == Mode::Polling {
        return Ok(None);
    }
    let gap = || config.webhook_gaps().into_iter().next().map_or_else(String::new, |(key, _)| key);
    WantedWebhook::of(config, bot).map(Some).ok_or_else(|| ServeError::WebhookGap(gap()))
}

/// Opens the database outside the runtime's threads: opening may write, and such a write blocks its thread.
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

/// The bots that have a token, at least one. Makes no call to Telegram.
///
/// # Errors
/// [`ServeError::NoBots`], [`ServeError::Bot`]; [`ServeError::Invented`] for a demo's database whose messages would go to
/// the real Telegram, where the invented ids may be those of real accounts.
pub fn bots(config: &Config, clock: &Clock) -> Result<Vec<(BotName, Bot)>, ServeError> {
    if !config.telegram.is_on_this_machine() && db::is_demo_file(&config.database.path) {
        return Err(ServeError::Invented);
    }
    let mut bots = Vec::new();
    for (word, settings) in config.bots.each() {
        let (Some(name), Some(token)) = (BotName::parse(word), &settings.token) else { continue };
        bots.push((name, make_bot(config, name, token, clock)?));
    }
    if bots.is_empty() { Err(ServeError::NoBots) } else { Ok(bots) }
}

/// A bot as the config describes it. Makes no call to Telegram.
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
