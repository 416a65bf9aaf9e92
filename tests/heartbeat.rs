//! The heartbeat to an outside watcher: the real daemon, and a listener that hears it. The address is a secret.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, channel};

use rustix::process::{Pid, Signal};
use serde_json::json;
use tokio::process::Child;

use crate::harness::{PATIENCE, World, becomes_true, free_address, plain_http};

/// Stands in the address; nothing that the program writes may hold it.
const CANARY: &str = "canary-0f4c2d";

/// Hears every request and gives each the same answer.
struct Watcher {
    address: SocketAddr,
    heard: Receiver<String>,
}

impl Watcher {
    fn answering(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, (tell, heard)) = (listener.local_addr().unwrap(), channel());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut head = [0; 1024];
                let length = stream.read(&mut head).unwrap();
                let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                let _gone = stream.write_all(answer.as_bytes());
                if tell.send(String::from_utf8_lossy(&head[..length]).into_owned()).is_err() {
                    return;
                }
            }
        });
        Self { address, heard }
    }

    fn url(&self) -> String {
        format!("http://{}/{CANARY}", self.address)
    }

    /// The next request.
    fn hears(&self) -> String {
        tokio::task::block_in_place(|| self.heard.recv_timeout(PATIENCE)).expect("a heartbeat")
    }
}

/// A shop whose heartbeat goes to this address, at the most talkative level of its log.
async fn shop(url: &str) -> World {
    let mut w = World::closed().await;
    let sections = format!("[heartbeat]\nurl = \"{url}\"\n[log]\nlevel = \"trace\"\n[http]\n");
    w.reconfigures(&[("[http]\n", &sections)]);
    w
}

fn started(w: &World) -> Child {
    let log = std::fs::File::options().create(true).append(true).open(w.file("serve.log")).unwrap();
    w.command().arg("-vv").stderr(log).spawn().unwrap()
}

fn signal(process: &Child, signal: Signal) {
    let id = i32::try_from(process.id().expect("it runs")).unwrap();
    rustix::process::kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
}

async fn stops(w: &World, mut process: Child) {
    signal(&process, Signal::TERM);
    let ended = tokio::time::timeout(PATIENCE, process.wait()).await.expect("an end within patience");
    assert_eq!(ended.unwrap().code(), Some(0), "{}", w.log());
}

/// Waits until `status` shows this result of the last heartbeat.
async fn shows(w: &World, result: &str) -> serde_json::Value {
    let last = async || w.ran(&["status", "--json"]).json()["last_heartbeat"].clone();
    assert!(becomes_true(PATIENCE, async || last().await["result"] == result).await, "{}", last().await);
    last().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_serving_daemon_is_heard_and_its_address_is_written_nowhere() {
    let watcher = Watcher::answering("200 OK");
    let w = shop(&watcher.url()).await;
    assert_eq!(w.ran(&["status", "--json"]).json()["last_heartbeat"], json!(null));
    let process = started(&w);
    assert!(watcher.hears().starts_with(&format!("GET /{CANARY} HTTP/1.1\r\n")));
    let last = shows(&w, "sent").await;
    assert_eq!((&last["status"], last["at"].as_str().map(str::len)), (&json!(200), Some(20)));
    let human = w.ran(&["status"]).out;
    assert!(human.lines().any(|line| line.starts_with("Сигнал наружу") && line.contains("доставлен")), "{human}");
    let doctor = w.ran(&["doctor", "-vv", "--offline", "--json"]);
    let checked = doctor.json()["items"].as_array().unwrap().iter().find(|item| item["check"] == "heartbeat").cloned();
    assert_eq!(checked.unwrap()["finding"], "sound");

    let pid = process.id().unwrap();
    let seen_by_ps = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap();
    assert_eq!(w.ran(&["backup", "-vv", "-o", "copy.db"]).code, 0);
    signal(&process, Signal::HUP);
    w.waits_for_log("was read again").await;
    stops(&w, process).await;
    let raw = |name: &str| String::from_utf8_lossy(&std::fs::read(w.file(name)).unwrap()).into_owned();
    let said = [seen_by_ps, human, doctor.out, doctor.err, w.log(), raw("copy.db"), raw("copy.json"), raw("dvorik.db")];
    assert!(w.log().contains("DEBUG") && w.log().contains("the watcher has the heartbeat"), "{}", w.log());
    for text in said {
        assert!(!text.contains(CANARY) && !text.contains(&watcher.address.to_string()), "the address is in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_takes_another_address_at_once() {
    let (first, second) = (Watcher::answering("200 OK"), Watcher::answering("200 OK"));
    let mut w = shop(&first.url()).await;
    let process = started(&w);
    first.hears();
    std::fs::write(w.file("address"), second.url()).unwrap();
    w.reconfigures(&[(&format!("url = \"{}\"", first.url()), "url_file = \"address\"\nevery_seconds = 60")]);
    signal(&process, Signal::HUP);
    second.hears();
    assert!(!w.log().contains("нужен перезапуск"), "{}", w.log());
    // The same address again is no change: the next slot is as far away as before.
    signal(&process, Signal::HUP);
    w.waits_for_log_times("was read again", 2).await;
    stops(&w, process).await;
    assert_eq!((first.heard.try_iter().count(), second.heard.try_iter().count()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_that_refuses_is_told_of() {
    let watcher = Watcher::answering("404 Not Found");
    let mut w = shop(&watcher.url()).await;
    w.serves().await;
    watcher.hears();
    assert_eq!(shows(&w, "refused").await["status"], 404);
    assert!(w.ran(&["status"]).out.contains("404"));
    let told = plain_http().get(format!("{}/metrics", w.http())).send().await.unwrap().text().await.unwrap();
    assert!(told.contains("dvorik_heartbeat_total{result=\"refused\"} "), "{told}");
    let finding = |ran: &crate::harness::Ran| {
        let items = ran.json()["items"].as_array().unwrap().clone();
        let item = items.into_iter().find(|item| item["check"] == "heartbeat").unwrap();
        (item["status"].clone(), item["finding"].clone(), item["detail"].to_string())
    };
    let (status, word, detail) = finding(&w.ran(&["doctor", "--offline", "--json"]));
    assert_eq!((&status, &word), (&json!("warn"), &json!("failed")));
    assert!(detail.contains("404"), "{detail}");
    w.stops().await;

    let nobody = free_address();
    w.reconfigures(&[(&watcher.url(), &format!("http://{nobody}/{CANARY}"))]);
    let ran = w.ran(&["doctor", "--json"]);
    let (status, word, _) = finding(&ran);
    assert_eq!((ran.code, &status, &word), (1, &json!("fail"), &json!("unreachable")));
    assert!(!ran.out.contains(CANARY) && !ran.out.contains(&nobody.to_string()), "{}", ran.out);
}
