//! Checks of the machine: file permissions, disk, database, backups, the daemon, work that is stuck. Only SQLite opens
//! the database file: if this process closed the file in another way, the kernel would drop SQLite's locks on it.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{Findings, Level};
use crate::api;
use crate::backup::{self, Backup, BackupKind};
use crate::cli::output::quoted;
use crate::cli::spinner::spinner;
use crate::clock::Clock;
use crate::config::{Config, ConfigError, ConfigErrors, KeyPlace, Network};
use crate::conflicts;
use crate::daemon::{self, ServeError};
use crate::db::examine::{self, Depth, Examined, MOST_READ_UNASKED};
use crate::db::{self, Database, OpenError, Pending};
use crate::error::Result;
use crate::files::{directory_of, free_bytes, with_tail};
use crate::locks::{self, Lock};
use crate::queue_stats::{self, QueueStats};
use crate::realm::BotName;
use crate::schedule;
use crate::staff;
use crate::texts;

/// The permission bits of the group and of other users.
const OTHERS: u32 = 0o077;
const LITTLE: u64 = 512 * 1024 * 1024;
const TOO_LITTLE: u64 = 32 * 1024 * 1024;
/// The age at which the newest backup is too old; backups are made daily.
const OLD_BACKUP_S: i64 = 48 * 3600;
/// The most names of missing tables that one line shows.
const MOST_NAMES: usize = 3;
const LATE_UPDATE_MS: i64 = 60_000;
const LATE_LETTER_MS: i64 = 600_000;
/// How far a stored time may be in the future: the clocks of one machine jump back a little when they are corrected.
const JUMP_MS: i64 = 5_000;

/// Whether this fault of the configuration is that other users can read its file.
pub(super) fn is_open_to_others(fault: &ConfigError) -> bool {
    fault.reason.key == "config.reason.open_to_others"
}

/// Removes the permissions of other users from a configuration that is refused because of them. Returns whether it did.
pub(super) fn close_secrets(faults: &ConfigErrors) -> bool {
    let mut open = faults.errors.iter().filter(|fault| is_open_to_others(fault));
    open.any(|fault| matches!(&fault.place, KeyPlace::Whole(path) if close(path).is_ok()))
}

fn close(path: &Path) -> std::io::Result<()> {
    let mode = path.metadata()?.permissions().mode();
    fs::set_permissions(path, Permissions::from_mode(mode & !OTHERS))
}

/// Checks that files with personal data or secrets are closed to all users but their owner.
pub(super) fn rights(report: &mut Findings<'_, '_>, config: &Config, fix: bool) {
    let before = report.found.len();
    for path in private_files(config) {
        let Ok(found) = path.metadata() else { continue };
        let mode = found.permissions().mode();
        if mode & OTHERS == 0 {
            continue;
        }
        let shown = format!("{:03o}", mode & 0o777);
        match fix.then(|| close(&path)) {
            Some(Ok(())) => report.add(Level::Ok, ("rights", "closed"), &[("path", &path.display())]),
            Some(Err(error)) => {
                report.add(
                    Level::Fail,
                    ("rights", "cannot_close"),
                    &[("path", &path.display()), ("why", &report.said(&error))],
                );
            }
            None => {
                report.add(Level::Fail, ("rights", "open"), &[("path", &path.display()), ("mode", &shown)]);
                report.next("dvorik doctor --fix");
            }
        }
    }
    if report.found.len() == before {
        report.add(Level::Ok, ("rights", "sound"), &[]);
    }
}

fn private_files(config: &Config) -> Vec<PathBuf> {
    let database = &config.database.path;
    let mut files: Vec<PathBuf> = config.path.iter().cloned().collect();
    files.push(database.clone());
    files.extend(["-wal", "-shm"].map(|tail| with_tail(database, tail)));
    files.extend(backup::list(&config.backup.dir).unwrap_or_default().into_iter().map(|backup| backup.path));
    files
}

/// Checks the free space on the disk of the database.
pub(super) fn space(report: &mut Findings<'_, '_>, config: &Config) {
    let place = directory_of(&config.database.path);
    match free_bytes(&place) {
        Ok(free) => {
            let (level, finding) = match free {
                free if free < TOO_LITTLE => (Level::Fail, "full"),
                free if free < LITTLE => (Level::Warn, "tight"),
                _ => (Level::Ok, "sound"),
            };
            report.add(level, ("disk", finding), &[("megabytes", &(free / 1024 / 1024))]);
            if level != Level::Ok {
                report.next(format!("df -h {}", quoted(&place.display().to_string())));
            }
        }
        Err(error) => {
            report.add(Level::Fail, ("disk", "unknown"), &[("path", &place.display()), ("why", &report.said(&error))])
        }
    }
}

/// Checks SQLite, the file and its migrations; every page of the file when it is small or `is_deep`. Returns the open
/// database; `None` when one of the checks failed.
pub(super) fn database(report: &mut Findings<'_, '_>, config: &Config, is_deep: bool) -> Option<Database> {
    let (version, is_sound) = examine::sqlite();
    let (level, finding) = if is_sound { (Level::Ok, "sound") } else { (Level::Fail, "old") };
    report.add(level, ("sqlite", finding), &[("version", &version)]);
    let path = &config.database.path;
    let bytes = path.metadata().map_or(0, |found| found.len());
    let depth = if is_deep || bytes <= MOST_READ_UNASKED { Depth::Pages } else { Depth::Schema };
    let spinner = (depth == Depth::Pages).then(|| spinner(report.session, "doctor.reading", bytes));
    let examined = examine::examine(path, depth);
    drop(spinner);
    match examined {
        Ok(examined) => {
            soundness(report, config, &examined, bytes);
            migrations(report, &examined);
        }
        Err(error) => unopened(report, config, &error),
    }
    if report
        .found
        .iter()
        .any(|found| matches!(found.check, "sqlite" | "database" | "migrations") && found.level == Level::Fail)
    {
        return None;
    }
    match daemon::open(config, Clock::System) {
        Ok(database) => Some(database),
        Err(error) => {
            report.add(Level::Fail, ("database", "unusable"), &[("why", &report.why(error))]);
            None
        }
    }
}

/// Tells that the shop is a demo: its people are invented, and only a Bot API server of this machine may hear of them.
pub(super) fn demo(report: &mut Findings<'_, '_>, config: &Config, database: &Database) {
    if database.read(db::is_demo).is_ok_and(|is_demo| is_demo) {
        let level = if config.telegram.is_on_this_machine() { Level::Ok } else { Level::Fail };
        report.add(level, ("demo", "invented"), &[]);
    }
}

fn soundness(report: &mut Findings<'_, '_>, config: &Config, examined: &Examined, bytes: u64) {
    for (finding, complaints) in [("damaged", &examined.damage), ("orphans", &examined.orphans)] {
        if let Some(first) = complaints.first() {
            let count = complaints.len();
            report.add(Level::Fail, ("database", finding), &[("first", first), ("count", &count)]);
            report.next(restore(config));
        }
    }
    if !examined.lost.is_empty() {
        let names: Vec<&str> = examined.lost.iter().take(MOST_NAMES).map(String::as_str).collect();
        let (names, count) = (names.join(", "), examined.lost.len());
        report.add(Level::Fail, ("database", "incomplete"), &[("names", &names), ("count", &count)]);
        report.next(restore(config));
    }
    if examined.damage.is_empty() && examined.lost.is_empty() && examined.orphans.is_empty() {
        let path = config.database.path.display();
        if examined.depth == Depth::Schema {
            let size = report.session.out.voice().lang.size(bytes);
            report.add(Level::Ok, ("database", "unread"), &[("path", &path), ("size", &size)]);
            report.next("dvorik doctor --deep");
        } else {
            report.add(Level::Ok, ("database", "sound"), &[("path", &path)]);
        }
    }
}

fn unopened(report: &mut Findings<'_, '_>, config: &Config, error: &OpenError) {
    let path = config.database.path.display();
    match error {
        OpenError::Missing(_) => {
            report.add(Level::Fail, ("database", "missing"), &[("path", &path)]);
            report.next("dvorik migrate");
        }
        OpenError::Foreign(_) => {
            report.add(Level::Fail, ("database", "foreign"), &[("path", &path)]);
            report.next(restore(config));
        }
        OpenError::ForeignLog(_) => {
            report.add(Level::Fail, ("database", "foreign_log"), &[("path", &path)]);
            report.next(format!("mv {path}-wal {path}-wal.old"));
        }
        error => {
            let why = match error {
                OpenError::Unusable { reason, .. } => reason.say(report.session.out.voice().lang),
                error => report.why(ServeError::Open(error.clone())),
            };
            report.add(Level::Fail, ("database", "unreadable"), &[("path", &path), ("why", &why)]);
            report.next(restore(config));
        }
    }
}

/// The command that restores the newest backup over a damaged database; without a backup, the command that lists them.
fn restore(config: &Config) -> String {
    if newest_backup(config).is_some() { "dvorik backup restore last" } else { "dvorik backup list" }.to_owned()
}

fn migrations(report: &mut Findings<'_, '_>, examined: &Examined) {
    match examined.pending {
        Some(Pending::None) => report.add(Level::Ok, ("migrations", "sound"), &[]),
        Some(Pending::Some(count)) => {
            report.add(Level::Fail, ("migrations", "pending"), &[("count", &count)]);
            report.next("dvorik migrate");
        }
        Some(Pending::Newer) => report.add(Level::Fail, ("migrations", "newer"), &[]),
        None => report.add(Level::Fail, ("migrations", "unknown"), &[]),
    }
}

/// Checks how old the newest backup is.
pub(super) fn backups(report: &mut Findings<'_, '_>, config: &Config) {
    let now = report.session.now();
    let age = newest_backup(config).map(|newest| now.0.saturating_sub(newest.created_at.0).max(0));
    let lang = report.session.out.voice().lang;
    match age {
        Some(age) => {
            let (level, finding) = if age > OLD_BACKUP_S { (Level::Warn, "old") } else { (Level::Ok, "sound") };
            report.add(level, ("backup", finding), &[("age", &lang.duration(age.unsigned_abs()))]);
            if level == Level::Warn {
                report.next("dvorik backup");
            }
        }
        None => {
            report.add(Level::Warn, ("backup", "none"), &[("path", &config.backup.dir.display())]);
            report.next("dvorik backup");
        }
    }
}

/// The newest ordinary backup, judged by the file name alone; the copy that a restore makes of the old database is not
/// one.
pub(in crate::cli) fn newest_backup(config: &Config) -> Option<Backup> {
    let mut all = backup::list(&config.backup.dir).unwrap_or_default().into_iter();
    all.find(|backup| backup.kind == BackupKind::Ordinary)
}

/// Checks whether a daemon runs.
pub(super) fn daemon(report: &mut Findings<'_, '_>, config: &Config) {
    match locks::holder(&config.database.path, Lock::Serve) {
        Ok(Some(pid)) => {
            let pid = pid.map_or_else(|| "?".to_owned(), |pid| pid.to_string());
            report.add(Level::Ok, ("daemon", "serves"), &[("pid", &pid)]);
        }
        Ok(None) => {
            report.add(Level::Warn, ("daemon", "absent"), &[]);
            report.next("dvorik serve");
        }
        Err(error) => {
            report.add(Level::Fail, ("daemon", "unknown"), &[("why", &report.why(ServeError::Locked(error)))])
        }
    }
}

/// Checks who can reach the HTTP API, which proxies it trusts, and, while no daemon serves the database, whether one
/// could listen.
pub(super) fn http(report: &mut Findings<'_, '_>, config: &Config) {
    let (before, listen) = (report.found.len(), config.http.listen);
    let is_served = !matches!(locks::holder(&config.database.path, Lock::Serve), Ok(None));
    let tried = if is_served || listen.port() == 0 { Ok(()) } else { api::could_listen(listen) };
    if let Err(error) = tried {
        let finding = if error.kind() == ErrorKind::AddrInUse { "taken" } else { "cannot_listen" };
        report.add(Level::Fail, ("http", finding), &[("address", &listen), ("why", &report.said(&error))]);
        report.next(if finding == "taken" { "ss -ltnp" } else { "ip address" });
    }
    if listen.ip().is_unspecified() {
        report.add(Level::Warn, ("http", "open"), &[("address", &listen), ("port", &listen.port())]);
    }
    if config.http.trusted_proxies.iter().any(Network::is_everybody) {
        report.add(Level::Warn, ("http", "trusts_everybody"), &[]);
    }
    if report.found.len() == before {
        report.add(Level::Ok, ("http", "sound"), &[("address", &listen)]);
    }
}

/// Checks for updates and letters that wait too long, and for parked updates.
pub(super) fn work(report: &mut Findings<'_, '_>, config: &Config, database: &Database) {
    let has_token =
        |name: &&BotName| config.bots.each().iter().any(|(word, bot)| *word == name.as_str() && bot.token.is_some());
    let measured = database.read(|view| {
        BotName::ALL
            .iter()
            .filter(has_token)
            .map(|name| queue_stats::of(view, *name))
            .collect::<Result<Vec<QueueStats>>>()
    });
    let backlogs = match measured {
        Ok(backlogs) => backlogs,
        Err(error) => return report.add(Level::Fail, ("work", "unknown"), &[("why", &report.why(error))]),
    };
    let before = report.found.len();
    let lang = report.session.out.voice().lang;
    let age = |ms: i64| lang.duration(u64::try_from(ms / 1000).unwrap_or_default());
    for backlog in &backlogs {
        let bot = &backlog.bot;
        if backlog.parked > 0 {
            report.add(Level::Warn, ("work", "parked"), &[("bot", bot), ("count", &backlog.parked)]);
        }
        if backlog.oldest_update_ms > LATE_UPDATE_MS {
            let words: [(&str, &dyn std::fmt::Display); 3] =
                [("bot", bot), ("count", &backlog.updates), ("age", &age(backlog.oldest_update_ms))];
            report.add(Level::Warn, ("work", "late_updates"), &words);
            report.next("dvorik status");
        }
        if backlog.oldest_letter_ms > LATE_LETTER_MS {
            let words: [(&str, &dyn std::fmt::Display); 3] =
                [("bot", bot), ("count", &backlog.letters), ("age", &age(backlog.oldest_letter_ms))];
            report.add(Level::Warn, ("work", "late_letters"), &words);
            report.next("dvorik status");
        }
    }
    for backlog in &backlogs {
        undelivered(report, backlog);
    }
    if report.found.len() == before {
        report.add(Level::Ok, ("work", "sound"), &[]);
    }
}

/// Checks for another program that takes the updates of a bot.
pub(super) fn conflicts(report: &mut Findings<'_, '_>, config: &Config, database: &Database) {
    for (word, _) in config.bots.each().iter().filter(|(_, bot)| bot.token.is_some()) {
        let Some(bot) = BotName::parse(word) else { continue };
        let Ok(recent) = database.read(|view| conflicts::recent(view, bot)) else { continue };
        if recent.times > 0 {
            let level = if recent.goes_on { Level::Fail } else { Level::Warn };
            report.add(level, ("work", "conflicts"), &[("bot", &bot), ("count", &recent.times)]);
            report.next("dvorik webhook info");
        }
    }
}

/// Checks for messages that did not arrive and are not tried again by themselves.
fn undelivered(report: &mut Findings<'_, '_>, backlog: &QueueStats) {
    let (bot, found) = (&backlog.bot, &backlog.undelivered);
    if found.given_up > 0 {
        report.add(Level::Fail, ("work", "given_up"), &[("bot", bot), ("count", &found.given_up)]);
        report.next("dvorik outbox retry --state unknown");
    }
    if let Some((text_key, reason)) = &found.last_refused {
        let words: [(&str, &dyn std::fmt::Display); 4] =
            [("bot", bot), ("count", &found.refused), ("text_key", text_key), ("reason", reason)];
        report.add(Level::Fail, ("work", "refused"), &words);
        report.next("dvorik outbox list --state failed");
    }
}

/// Checks for jobs that fail, or that no process runs.
pub(super) fn jobs(report: &mut Findings<'_, '_>, database: &Database) {
    let jobs = match database.read(schedule::list) {
        Ok(jobs) => jobs,
        Err(error) => return report.add(Level::Warn, ("jobs", "unknown"), &[("why", &report.why(error))]),
    };
    let (before, now) = (report.found.len(), database.clock().now());
    let lang = report.session.out.voice().lang;
    for job in &jobs {
        if job.failures > 0 {
            let why = job.error.as_deref().unwrap_or_default();
            let words: [(&str, &dyn std::fmt::Display); 3] =
                [("job", &job.name), ("count", &job.failures), ("why", &why)];
            report.add(Level::Warn, ("jobs", "failed"), &words);
            report.next(format!("dvorik job run {}", job.name));
        } else if let Some(late) = job.late_s(now) {
            let age = lang.duration(late.unsigned_abs());
            report.add(Level::Warn, ("jobs", "late"), &[("job", &job.name), ("age", &age)]);
            report.next(format!("dvorik job run {}", job.name));
        }
    }
    if report.found.len() == before {
        report.add(Level::Ok, ("jobs", "sound"), &[]);
    }
}

/// Checks for rows with a time in the future: the clock was set back. Limits and expiry dates are wrong until the clock
/// catches up.
pub(super) fn stored_times(report: &mut Findings<'_, '_>, database: &Database) {
    let lead = database.read(queue_stats::newest).map(|newest| newest.0 - database.clock().now_ms().0);
    if let Ok(lead) = lead
        && lead > JUMP_MS
    {
        let lang = report.session.out.voice().lang;
        let shown = lang.duration(u64::try_from(lead / 1000).unwrap_or_default());
        report.add(Level::Fail, ("clock", "set_back"), &[("lead", &shown)]);
        report.next("timedatectl");
    }
}

/// Checks that the shop has an active owner, and that an owner has opened the staff bot: it sends them the notices.
pub(super) fn owner(report: &mut Findings<'_, '_>, database: &Database) {
    let looked = database.read(|view| Result::Ok((staff::owner_in_reach(view)?, staff::owners(view)?.is_empty())));
    let (level, finding) = match looked {
        Ok((Some(name), _)) => return report.add(Level::Ok, ("owner", "known"), &[("name", &name)]),
        Ok((None, false)) => (Level::Warn, ("owner", "silent")),
        Ok((None, true)) => (Level::Fail, ("owner", "none")),
        Err(_) => return,
    };
    report.add(level, finding, &[]);
    report.next("dvorik admin invite --role owner");
}

/// Checks for texts that Telegram would refuse, or that have a gap because a setting is missing.
pub(super) fn texts(report: &mut Findings<'_, '_>, database: &Database) {
    let looked = database.read(|view| {
        let mut gaps: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut refused = Vec::new();
        for text in texts::list(view)? {
            if texts::check_body(text.key, &text.body).is_err() {
                refused.push(text.key);
            }
            for name in texts::gaps(view, &text.body)? {
                gaps.entry(name).or_default().push(text.key);
            }
        }
        Result::Ok((refused, gaps))
    });
    let Ok((refused, gaps)) = looked else { return };
    if !refused.is_empty() {
        report.add(Level::Fail, ("texts", "refused"), &[("keys", &refused.join(", "))]);
        report.next("dvorik message check");
    }
    for (name, keys) in &gaps {
        report.add(Level::Warn, ("texts", "gap"), &[("name", name), ("keys", &keys.join(", "))]);
        report.next(match *name {
            "channel_link" => "dvorik settings set channel_url https://t.me/…".to_owned(),
            name => format!("dvorik settings set {name} @shop"),
        });
    }
    if refused.is_empty() && gaps.is_empty() {
        report.add(Level::Ok, ("texts", "sound"), &[]);
    }
}
