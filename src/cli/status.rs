//! `status`: one screen about a running shop, from the database alone; Telegram is not called. `--ready` asks the running
//! daemon instead.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::args;
use super::doctor::newest_backup;
use super::heartbeat;
use super::output::{ExitCode, FailureReport};
use super::refuse::Wrong;
use super::session::Session;
use crate::backup::Backup;
use crate::broadcast::{self, Broadcast, Status as Stage};
use crate::clock::Timestamp;
use crate::config::{Config, Mode};
use crate::conflicts::{self, Recent};
use crate::error::Result as ShopResult;
use crate::last_heartbeat::{self, LastHeartbeat};
use crate::locks::{self, Lock};
use crate::queue_stats::{self, QueueStats};
use crate::realm::{BotName, Realm};
use crate::report::{self, Overview, Period};
use crate::schedule::{self, JobStatus};
use crate::undelivered::Counts;
use crate::{daemon, shop};

/// Everything that the screen shows.
struct StatusScreen {
    /// The daemon's process id: the outer `None` if no daemon runs, the inner `None` if its id is unknown.
    daemon: Option<Option<u32>>,
    /// In a demo the shop's time, and how many times faster than the machine's it runs.
    demo: Option<(Timestamp, i64)>,
    mode: &'static str,
    bots: Vec<BotLine>,
    today: Overview,
    backup: Option<Backup>,
    heartbeat: Option<LastHeartbeat>,
    jobs: Vec<JobStatus>,
    broadcasts: Vec<Broadcast>,
}

/// The line of the screen about one bot.
struct BotLine {
    backlog: QueueStats,
    username: Option<String>,
    conflicts: Recent,
}

/// How long the daemon may take to answer `status --ready`.
const PATIENCE: Duration = Duration::from_secs(5);

/// `status`: reads the database and prints the screen.
pub(super) fn status(session: &mut Session<'_>, args: &args::ShopStatus) -> Result<(), Wrong> {
    if args.ready {
        return ready(session);
    }
    let config = session.config()?;
    let database = session.database()?;
    let has_token =
        |name: &&BotName| config.bots.each().iter().any(|(word, bot)| *word == name.as_str() && bot.token.is_some());
    let (bots, today, jobs, broadcasts, heartbeat) = database.read(|view| {
        let bot = |name: &BotName| {
            let (backlog, username) = (queue_stats::of(view, *name)?, shop::bot_username(view, *name)?);
            Ok(BotLine { backlog, username, conflicts: conflicts::recent(view, *name)? })
        };
        let bots = BotName::ALL.iter().filter(has_token).map(bot).collect::<ShopResult<Vec<_>>>()?;
        let day = view.zone().day(view.now());
        let today = report::overview(view, Realm::Real, Period { from: day, to: day })?;
        let (jobs, broadcasts) = (schedule::list(view)?, broadcast::at_work(view, Realm::Real)?);
        Ok::<_, crate::error::Error>((bots, today, jobs, broadcasts, last_heartbeat::last(view)?))
    })?;
    let daemon = locks::holder(&config.database.path, Lock::Serve).map_err(daemon::ServeError::Locked)?;
    let mode = if config.telegram.mode == Mode::Polling { "polling" } else { "webhook" };
    let backup = newest_backup(config);
    // The clock may have been changed since the database was opened.
    database.reload_clock();
    let demo = database.clock().demo_rate().map(|rate| (database.clock().now(), rate));
    let status = StatusScreen { daemon, demo, mode, bots, today, backup, heartbeat, jobs, broadcasts };
    let (json, human) = (document(&status, config), screen(session, &status, config));
    session.out.document(&json, &human);
    Ok(())
}

/// `status --ready`: asks the daemon of this machine whether the shop can do its work, without opening the database. For
/// the health check of a container. A shop that works with a fault (`degraded`) is ready.
///
/// # Errors
/// Exit code 1 when no daemon of a shop answers, or with the names of the failing checks.
fn ready(session: &mut Session<'_>) -> Result<(), Wrong> {
    let http = &session.config()?.http;
    let address = on_this_machine(http.listen);
    let failed = |message| FailureReport::new("SERVICE_UNAVAILABLE", ExitCode::Failure, message);
    let Some(Readiness { failing, degraded }) = readyz(address, http.hosts.first().map(String::as_str)) else {
        let hint = session.text("config.hint.run", &[("command", &"dvorik serve")]);
        let message = session.text("status.unreachable", &[("address", &address)]);
        return Err(failed(message).with_hint(hint).into());
    };
    if !failing.is_empty() {
        let hint = session.text("config.hint.run", &[("command", &"dvorik doctor")]);
        let message = session.text("status.not_ready", &[("checks", &failing.join(", "))]);
        let details = json!({ "failing": failing, "degraded": degraded });
        return Err(failed(message).with_details(details).with_hint(hint).into());
    }
    let json = json!({ "schema": "dvorik.status.ready/1", "ready": true, "degraded": degraded });
    let sentence = session.text("status.ready", &[]);
    session.out.document(&json, &sentence);
    Ok(())
}

/// What `/readyz` says: the names of the checks that fail, and of those that pass with a fault.
#[derive(Deserialize)]
struct Readiness {
    failing: Vec<String>,
    degraded: Vec<String>,
}

/// The address at which a process of this machine reaches the daemon's HTTP door.
fn on_this_machine(listen: SocketAddr) -> SocketAddr {
    let loopback = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(loopback, listen.port())
}

/// The answer of `/readyz`, asked under a name that `http.hosts` accepts; `None` when there is none, or another program
/// answers.
fn readyz(address: SocketAddr, host: Option<&str>) -> Option<Readiness> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    runtime.block_on(async {
        let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().timeout(PATIENCE).build().ok()?;
        let request = client.get(format!("http://{address}/readyz"));
        let request = match host {
            Some(host) => request.header(reqwest::header::HOST, host),
            None => request,
        };
        request.send().await.ok()?.json().await.ok()
    })
}

fn document(status: &StatusScreen, config: &Config) -> Json {
    let bots: Vec<Json> = status.bots.iter().map(bot).collect();
    let last = status.today.last.first().map(
        |last| json!({ "code": last.code, "user": last.user, "cashier": last.cashier, "at": last.at.to_string() }),
    );
    json!({
        "schema": "dvorik.status/1",
        "version": env!("CARGO_PKG_VERSION"),
        "database": config.database.path.display().to_string(),
        "daemon": { "running": status.daemon.is_some(), "pid": status.daemon.flatten() },
        "demo_clock": status.demo.map(|(now, rate)| json!({ "now": now.to_string(), "rate": rate })),
        "mode": status.mode,
        "http": config.http.listen.to_string(),
        "bots": bots,
        "redeemed_today": status.today.redeemed_today,
        "last_redemption": last,
        "jobs": status.jobs.iter().map(job_facts).collect::<Vec<_>>(),
        "broadcasts": status.broadcasts.iter().map(broadcast_facts).collect::<Vec<_>>(),
        "last_backup": status.backup.as_ref().map(|backup| json!({ "name": backup.name, "at": backup.created_at.to_string() })),
        "last_heartbeat": status.heartbeat.map(|last| json!({ "at": last.at.to_string(), "result": last.result, "status": last.status })),
    })
}

fn bot(seen: &BotLine) -> Json {
    let (backlog, username) = (&seen.backlog, &seen.username);
    json!({
        "name": backlog.bot.as_str(), "username": username, "conflicts_last_hour": seen.conflicts.times,
        "updates": { "waiting": backlog.updates, "oldest_s": backlog.oldest_update_ms / 1000, "parked": backlog.parked },
        "outbox": {
            "waiting": backlog.letters, "oldest_s": backlog.oldest_letter_ms / 1000, "doubtful": backlog.doubtful,
            "given_up": backlog.undelivered.given_up, "refused": backlog.undelivered.refused,
        },
    })
}

fn job_facts(job: &JobStatus) -> Json {
    json!({
        "name": job.name.as_str(), "result": job.outcome.map(schedule::Outcome::as_str),
        "last_run_at": job.ended.map(|ended| ended.timestamp().to_string()),
        "next_due_at": job.next.map(|next| next.to_string()), "running": job.is_running, "failures": job.failures,
    })
}

fn broadcast_facts(broadcast: &Broadcast) -> Json {
    let counts = &broadcast.counts;
    json!({
        "id": broadcast.id, "title": broadcast.draft.title, "status": broadcast.status.as_str(),
        "send_at": broadcast.send_at.map(|at| at.to_string()), "total": counts.total(), "settled": counts.settled(),
    })
}

/// The line about a broadcast: `№ 12 «Ярмарка» отправляется 4 871 из 8 412`
fn broadcast_line(session: &Session<'_>, broadcast: &Broadcast) -> String {
    let (voice, counts) = (session.out.voice(), &broadcast.counts);
    let state = session.text(&format!("broadcast.status.{}", broadcast.status.as_str()), &[]);
    let words: [(&str, &dyn std::fmt::Display); 3] =
        [("id", &broadcast.id), ("title", &broadcast.draft.title), ("status", &state)];
    let head = session.text("broadcast.state", &words);
    match (broadcast.status, broadcast.send_at) {
        (Stage::Scheduled, Some(at)) => format!("{head} · {}", voice.lang.date_time(at, voice.zone)),
        _ => {
            let (done, of) = (voice.lang.number(counts.settled()), voice.lang.number(counts.total()));
            format!("{head} · {}", session.text("broadcast.bar.done", &[("n", &done), ("of", &of)]))
        }
    }
}

/// The line about jobs that failed or are late; if there are none, about the job that is due next.
fn jobs(session: &Session<'_>, jobs: &[JobStatus], now: Timestamp) -> Option<String> {
    let voice = session.out.voice();
    let said = |key: &str, job: &JobStatus| session.text(key, &[("job", &job.name)]);
    let troubled: Vec<String> = jobs
        .iter()
        .filter_map(|job| match job.failures {
            0 if job.late_s(now).is_some() => Some(said("screen.job_late", job)),
            0 => None,
            _ => Some(said("screen.job_failed", job)),
        })
        .collect();
    if !troubled.is_empty() {
        return Some(troubled.join(" · "));
    }
    let (next, job) = jobs.iter().filter_map(|job| Some((job.next?, job))).min_by_key(|(next, _)| *next)?;
    let at = voice.lang.date_time(next, voice.zone);
    Some(session.text("screen.job_next", &[("job", &job.name), ("at", &at)]))
}

fn screen(session: &Session<'_>, status: &StatusScreen, config: &Config) -> String {
    let voice = session.out.voice();
    let mut lines = String::new();
    let mut line = |key: &str, text: &str| {
        // Writing into memory does not fail.
        let _written = writeln!(lines, "{:<18} {text}", session.text(key, &[]));
    };
    line("screen.version", env!("CARGO_PKG_VERSION"));
    line("screen.database", &config.database.path.display().to_string());
    line(
        "screen.daemon",
        &match status.daemon {
            Some(pid) => {
                session.text("screen.serves", &[("pid", &pid.map_or_else(|| "?".to_owned(), |pid| pid.to_string()))])
            }
            None => session.text("screen.absent", &[]),
        },
    );
    if let Some((shop, rate)) = &status.demo {
        let at = voice.lang.date_time(*shop, voice.zone);
        line("screen.demo_clock", &session.text("screen.demo_rate", &[("at", &at), ("rate", rate)]));
    }
    for BotLine { backlog, username, conflicts } in &status.bots {
        let name = username.as_ref().map_or_else(|| session.text("screen.unmet", &[]), |name| format!("@{name}"));
        let words: [(&str, &dyn std::fmt::Display); 4] = [
            ("name", &name),
            ("updates", &backlog.updates),
            ("letters", &backlog.letters),
            ("parked", &backlog.parked),
        ];
        let key = if backlog.parked > 0 { "screen.bot_parked" } else { "screen.bot" };
        line(&format!("screen.{}", backlog.bot), &session.text(key, &words));
        if conflicts.times > 0 {
            line("screen.attention", &voice.lang.plural("screen.conflicts", conflicts.times, &[]));
        }
    }
    for BotLine { backlog, .. } in &status.bots {
        let Counts { given_up, refused, .. } = &backlog.undelivered;
        if given_up + refused > 0 {
            let words: [(&str, &dyn std::fmt::Display); 3] =
                [("name", &backlog.bot), ("given_up", given_up), ("refused", refused)];
            line("screen.undelivered", &session.text("screen.undelivered_of", &words));
        }
    }
    line("screen.today", &voice.lang.number(status.today.redeemed_today));
    let at = |at: Timestamp| voice.lang.date_time(at, voice.zone);
    let none = session.text("screen.none", &[]);
    let last = status.today.last.first();
    let last = last.map(|last| format!("{} · {} · {} · {}", last.code, last.user, last.cashier, at(last.at)));
    line("screen.last", last.as_deref().unwrap_or(&none));
    line("screen.jobs", jobs(session, &status.jobs, session.now()).as_deref().unwrap_or(&none));
    for broadcast in &status.broadcasts {
        line("screen.broadcast", &broadcast_line(session, broadcast));
    }
    let backup = status.backup.as_ref().map(|backup| format!("{} · {}", at(backup.created_at), backup.name));
    line("screen.backup", backup.as_deref().unwrap_or(&none));
    if config.heartbeat.get().url.is_some() {
        let told = status.heartbeat.map(|last| heartbeat::told(session, &last));
        line("screen.heartbeat", told.as_deref().unwrap_or(&none));
    }
    lines.trim_end().to_owned()
}
