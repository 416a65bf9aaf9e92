//! Checks of what leaves this machine: the heartbeat to the outside watcher, and the copy that Litestream makes. The
//! watcher is not sent a request: it would take one for a heartbeat of the daemon.

use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use super::{Findings, Level};
use crate::cli::heartbeat::told;
use crate::cli::telegram::wait;
use crate::clock::Clock;
use crate::config::Config;
use crate::daemon::{self, MetricsUnread};
use crate::db::Database;
use crate::last_heartbeat::{self, HeartbeatResult, LastHeartbeat};
use crate::litestream::{self, LitestreamReport, LitestreamVerdict, Unreported};
use crate::locks::{self, Lock};

/// How long the watcher's server may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// A heartbeat is late when two have been left out; a try and its repetition take at most a minute.
const SLACK_S: i64 = 60;

/// Checks whether the outside watcher can be reached, and what became of the last heartbeat.
pub(super) fn heartbeat(report: &mut Findings<'_, '_>, config: &Config, database: Option<&Database>, is_offline: bool) {
    let wanted = config.heartbeat.get();
    let Some(url) = &wanted.url else { return };
    if let (false, Err(error)) = (is_offline, reach(url)) {
        let why = report.said(&error);
        return report.add(Level::Fail, ("heartbeat", "unreachable"), &[("why", &why)]);
    }
    let Some(last) = database.map(|database| database.read(last_heartbeat::last)) else { return };
    match last {
        Err(error) => report.add(Level::Fail, ("heartbeat", "unknown"), &[("why", &report.why(error))]),
        Ok(None) => report.add(Level::Warn, ("heartbeat", "none"), &[]),
        Ok(Some(last)) => judge(report, config, &last, i64::from(wanted.every_seconds)),
    }
}

/// Checks whether Litestream takes in what changes. Whether its copy can be restored is not seen here.
pub(super) fn litestream(report: &mut Findings<'_, '_>, config: &Config, database: Option<&Database>) {
    let Some(address) = config.offsite.litestream_metrics.get() else { return };
    let found = match wait(daemon::metrics_at(&address)) {
        Ok(Ok(text)) => litestream::read(&text, &config.database.path),
        Ok(Err(MetricsUnread::Silent(cause))) => {
            let why = cause.say(report.session.out.voice().lang);
            return silent(report, &address, &why);
        }
        Ok(Err(error)) => return silent(report, &address, &error),
        Err(error) => {
            let why = report.why(error);
            return silent(report, &address, &why);
        }
    };
    let of_litestream = match found {
        Ok(of_litestream) => of_litestream,
        Err(Unreported::OtherProgram) => {
            return report.add(Level::Fail, ("litestream", "other"), &[("address", &address)]);
        }
        Err(Unreported::OtherDatabases(known)) => {
            let words: [(&str, &dyn std::fmt::Display); 2] =
                [("path", &config.database.path.display()), ("known", &known.join(", "))];
            return report.add(Level::Fail, ("litestream", "unnamed"), &words);
        }
    };
    let seen = database.and_then(|database| database.read(litestream::seen).ok()).flatten();
    let verdict = litestream::judge(of_litestream, seen, Clock::System.now_ms());
    copying(report, of_litestream, verdict);
}

fn silent(report: &mut Findings<'_, '_>, address: &str, why: &dyn std::fmt::Display) {
    report.add(Level::Fail, ("litestream", "silent"), &[("address", &address), ("why", why)]);
    report.next("systemctl status dvorik-litestream");
}

fn copying(report: &mut Findings<'_, '_>, of_litestream: LitestreamReport, verdict: LitestreamVerdict) {
    let txid = of_litestream.txid;
    match verdict {
        LitestreamVerdict::DiskFull => report.add(Level::Fail, ("litestream", "disk_full"), &[]),
        LitestreamVerdict::Errors(count) => {
            report.add(Level::Warn, ("litestream", "errors"), &[("count", &count)]);
            report.next("journalctl -u dvorik-litestream -n 50");
        }
        LitestreamVerdict::StandsStill(seconds) => {
            report.add(Level::Warn, ("litestream", "stands"), &[("seconds", &seconds), ("txid", &txid)]);
            report.next("systemctl restart dvorik-litestream");
        }
        LitestreamVerdict::Unwatched => report.add(Level::Ok, ("litestream", "unwatched"), &[("txid", &txid)]),
        LitestreamVerdict::GoesOn => report.add(Level::Ok, ("litestream", "sound"), &[("txid", &txid)]),
    }
}

fn judge(report: &mut Findings<'_, '_>, config: &Config, last: &LastHeartbeat, every_s: i64) {
    let lang = report.session.out.voice().lang;
    let is_served = matches!(locks::holder(&config.database.path, Lock::Serve), Ok(Some(_)));
    let age = report.session.now().0.saturating_sub(last.at.0).max(0);
    let what = told(report.session, last);
    if last.result != HeartbeatResult::Sent {
        report.add(Level::Warn, ("heartbeat", "failed"), &[("what", &what)]);
    } else if is_served && age > 2 * every_s + SLACK_S {
        let shown = |seconds: i64| lang.duration(seconds.unsigned_abs());
        report.add(Level::Warn, ("heartbeat", "late"), &[("age", &shown(age)), ("every", &shown(every_s))]);
    } else {
        report.add(Level::Ok, ("heartbeat", "sound"), &[("what", &what)]);
    }
}

/// Connects to the address and sends nothing. The error does not name the address, which is a secret.
fn reach(url: &SecretString) -> std::io::Result<()> {
    let unreadable = || std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
    let url = Url::parse(url.expose_secret()).map_err(|_| unreadable())?;
    let host = url.host_str().ok_or_else(unreadable)?.trim_matches(['[', ']']);
    let mut last = unreadable();
    for address in (host, url.port_or_known_default().unwrap_or(443)).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(_) => return Ok(()),
            Err(error) => last = error,
        }
    }
    Err(last)
}
