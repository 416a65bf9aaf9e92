use std::sync::mpsc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::clock::{Clock, Zone};
use crate::db::{self, Failure};

const SHORT: Duration = Duration::from_millis(300);
/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(30);
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK";
const GONE: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const BROKEN: &str = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

fn beats(dir: &tempfile::TempDir) -> Beats {
    let path = dir.path().join("shop.db");
    db::migrate(&path).unwrap();
    let database = Database::open(&path, Zone::parse("Asia/Vladivostok").unwrap(), Clock::System).unwrap();
    let limits = HeartbeatLimits { alive: (LONG, LONG), patience: LONG, again_after: Duration::ZERO };
    Beats { database, loops: Heartbeat::default(), limits }
}

fn kept(beats: &Beats) -> WatcherReply {
    let last = beats.database.read(last_heartbeat::last).unwrap().expect("a heartbeat was kept");
    (last.result, last.status)
}

/// A listener of this machine, and the address by which it is told.
async fn watcher() -> (TcpListener, SecretString) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/ping/0f4c", listener.local_addr().unwrap());
    (listener, url.into())
}

/// Takes one request after the other, each with the next of these answers. Returns what was requested.
async fn serves(listener: &TcpListener, answers: &[&str]) -> Vec<String> {
    let mut heard = Vec::new();
    for answer in answers {
        let (mut stream, _) = tokio::time::timeout(LONG, listener.accept()).await.expect("a request").unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        heard.push(String::from_utf8(head).unwrap());
    }
    heard
}

/// Whether nobody has connected but those who were served.
fn is_left_alone(listener: TcpListener) -> bool {
    listener.into_std().unwrap().accept().is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_works_requests_the_address_and_keeps_the_result() {
    let dir = tempfile::tempdir().unwrap();
    let (beats, (listener, url)) = (beats(&dir), watcher().await);
    let (result, heard) = tokio::join!(beats.beat(&url), serves(&listener, &[OK]));
    assert_eq!(result.unwrap(), HeartbeatResult::Sent);
    let head = heard.concat().to_lowercase();
    assert!(head.starts_with("get /ping/0f4c http/1.1\r\n"), "{head}");
    assert!(!head.contains("content-length") && !head.contains("transfer-encoding"), "a body: {head}");
    assert_eq!(kept(&beats), (HeartbeatResult::Sent, Some(200)));
    assert!(is_left_alone(listener), "once is enough");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failure_there_is_one_more_try_and_no_third() {
    let dir = tempfile::tempdir().unwrap();
    let (beats, (listener, url)) = (beats(&dir), watcher().await);
    let (result, heard) = tokio::join!(beats.beat(&url), serves(&listener, &[BROKEN, OK]));
    assert_eq!((result.unwrap(), heard.len()), (HeartbeatResult::Sent, 2));
    let (result, heard) = tokio::join!(beats.beat(&url), serves(&listener, &[BROKEN, GONE]));
    assert_eq!((result.unwrap(), heard.len()), (HeartbeatResult::Refused, 2));
    assert_eq!(kept(&beats), (HeartbeatResult::Refused, Some(404)));
    assert!(is_left_alone(listener));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_slot_comes_by_itself_after_good_and_bad_ones() {
    let dir = tempfile::tempdir().unwrap();
    let (beats, (listener, url)) = (beats(&dir), watcher().await);
    let config = HeartbeatConfig { url: Some(url), every_seconds: 1 };
    tokio::select! {
        ended = beats.at_intervals(config) => panic!("{ended:?}"),
        heard = serves(&listener, &[OK, GONE, GONE, OK]) => assert_eq!(heard.len(), 4),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let (beats, (listener, url), (elsewhere, there)) = (beats(&dir), watcher().await, watcher().await);
    let moved = format!(
        "HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        there.expose_secret()
    );
    let answers = [moved.as_str(), &moved];
    let (result, _) = tokio::join!(beats.beat(&url), serves(&listener, &answers));
    assert_eq!(result.unwrap(), HeartbeatResult::Redirected);
    assert!(is_left_alone(elsewhere), "the address was followed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_that_hangs_or_is_not_there_fails_in_time() {
    let dir = tempfile::tempdir().unwrap();
    let (mut beats, (listener, url)) = (beats(&dir), watcher().await);
    beats.limits.patience = SHORT;
    // Connections wait to be taken, and nobody answers.
    assert_eq!(beats.beat(&url).await.unwrap(), HeartbeatResult::TimedOut);
    drop(listener);
    assert_eq!(beats.beat(&url).await.unwrap(), HeartbeatResult::Unreached);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loop_that_hangs_holds_the_heartbeat_back() {
    let dir = tempfile::tempdir().unwrap();
    let (mut beats, (listener, url)) = (beats(&dir), watcher().await);
    beats.limits.alive.0 = Duration::ZERO;
    // The loop is never polled: it looks like a loop that blocks its thread.
    let _hangs = beats.loops.watch("poller", std::future::pending::<()>());
    let is_silent = async || {
        while beats.loops.silent(Duration::ZERO).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, is_silent()).await.unwrap();
    assert_eq!(beats.beat(&url).await.unwrap(), HeartbeatResult::Held);
    assert_eq!(kept(&beats), (HeartbeatResult::Held, None));
    assert!(is_left_alone(listener));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_hangs_holds_the_heartbeat_back() {
    let dir = tempfile::tempdir().unwrap();
    let (mut beats, (listener, url)) = (beats(&dir), watcher().await);
    beats.limits.alive.1 = SHORT;
    let (go_on, waits) = mpsc::channel::<()>();
    let (begun, has_begun) = mpsc::channel();
    let held = beats.database.clone();
    let hang = std::thread::spawn(move || {
        held.write(move |_| {
            begun.send(()).unwrap();
            let _until_told = waits.recv();
            Ok::<_, Failure>(())
        })
    });
    has_begun.recv().unwrap();
    assert_eq!(beats.beat(&url).await.unwrap(), HeartbeatResult::Held);
    go_on.send(()).unwrap();
    hang.join().unwrap().unwrap();
    assert!(is_left_alone(listener));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_takes_no_writes_holds_the_heartbeat_back() {
    let dir = tempfile::tempdir().unwrap();
    let beats = beats(&dir);
    assert!(beats.works().await);
    let hide = |tx: &crate::db::Tx<'_>| tx.change("ALTER TABLE meta RENAME TO hidden", []).map(drop);
    beats.database.write_async::<_, Failure, _>(hide).await.unwrap();
    assert!(
        supervisor::is_alive(&beats.database, &beats.loops, beats.limits.alive).await,
        "no loop and no writer hangs"
    );
    assert!(!beats.works().await);
}
