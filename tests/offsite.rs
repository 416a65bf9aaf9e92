//! What `doctor` says of Litestream, by its metrics and by what the daemon saw before.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use rustix::process::{Pid, Signal};
use serde_json::Value;

use crate::harness::{PATIENCE, Ran, World, free_address};

/// Answers every request with the text that it holds now, as Litestream's metrics.
struct Metrics {
    address: SocketAddr,
    text: Arc<Mutex<String>>,
}

impl Metrics {
    fn serving() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, text) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(String::new())));
        let told = Arc::clone(&text);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut head = [0; 1024];
                let length = stream.read(&mut head).unwrap();
                let body = match head[..length].starts_with(b"GET /metrics ") {
                    true => told.lock().unwrap().clone(),
                    false => String::new(),
                };
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                let _gone = stream.write_all((answer + &body).as_bytes());
            }
        });
        Self { address, text }
    }

    fn say(&self, path: &str, (txid, errors, full): (u64, u64, u64)) {
        let text = format!(
            "# TYPE litestream_txid gauge\nlitestream_disk_full{{db=\"{path}\"}} {full}\n\
             litestream_sync_error_count{{db=\"{path}\"}} {errors}\nlitestream_txid{{db=\"{path}\"}} {txid}\n"
        );
        *self.text.lock().unwrap() = text;
    }
}

/// Status, finding, detail and next command of the line about Litestream.
fn found(ran: &Ran) -> [String; 4] {
    let items = ran.json()["items"].as_array().unwrap().clone();
    let item = items.into_iter().find(|item| item["check"] == "litestream").unwrap_or(Value::Null);
    ["status", "finding", "detail", "next"].map(|key| item[key].as_str().unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_begins_the_watch_and_doctor_tells_of_errors_and_a_standstill() {
    let (metrics, mut w) = (Metrics::serving(), World::closed().await);
    let path = w.config().database.path.display().to_string();
    let log = std::fs::File::create(w.file("serve.log")).unwrap();
    let mut process = w.command().stderr(log).spawn().unwrap();
    let pid = Pid::from_raw(i32::try_from(process.id().unwrap()).unwrap()).unwrap();
    w.waits_for_log(" ready ").await;
    let doctor = |w: &World| w.ran(&["doctor", "--offline", "--json"]);
    assert_eq!(found(&doctor(&w)), [""; 4], "nothing is configured");

    metrics.say(&path, (7, 0, 0));
    let section = format!("[offsite]\nlitestream_metrics = \"http://{}\"\n[http]\n", metrics.address);
    w.reconfigures(&[("[http]\n", &section)]);
    let [status, finding, detail, _] = found(&doctor(&w));
    assert_eq!((&*status, &*finding), ("ok", "unwatched"));
    assert!(detail.contains("backup drill --litestream"), "more is promised than is seen: {detail}");

    rustix::process::kill_process(pid, Signal::HUP).unwrap();
    w.waits_for_count("SELECT count(*) FROM meta WHERE key = 'litestream'", 1).await;
    assert!(!w.log().contains("нужен перезапуск"), "{}", w.log());
    let [status, finding, detail, _] = found(&doctor(&w));
    assert_eq!((&*status, &*finding), ("ok", "sound"));
    assert!(detail.contains("txid 7") && detail.contains("backup drill --litestream"), "{detail}");

    // The daemon has written since it saw 7: a minute later Litestream should be further.
    w.change(
        "UPDATE meta SET value = json_set(value, '$.since_ms', json_extract(value, '$.since_ms') - 61000)
        WHERE key = 'litestream'",
    );
    let ran = doctor(&w);
    let [status, finding, detail, next] = found(&ran);
    assert_eq!((ran.code, &*status, &*finding), (0, "warn", "stands"));
    let seconds: u64 = detail.split_whitespace().find_map(|word| word.parse().ok()).unwrap();
    assert!((61..61 + PATIENCE.as_secs() * 6).contains(&seconds) && next.contains("dvorik-litestream"), "{detail}");
    metrics.say(&path, (8, 0, 0));
    assert_eq!(found(&doctor(&w))[1], "sound");
    metrics.say(&path, (9, 1, 0));
    assert_eq!(found(&doctor(&w))[..2], ["warn", "errors"]);

    rustix::process::kill_process(pid, Signal::TERM).unwrap();
    assert!(process.wait().await.unwrap().success(), "{}", w.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_nobody_makes_fails() {
    let (metrics, mut w) = (Metrics::serving(), World::closed().await);
    let path = w.config().database.path.display().to_string();
    let section = format!("[offsite]\nlitestream_metrics = \"http://{}\"\n[http]\n", metrics.address);
    w.reconfigures(&[("[http]\n", &section)]);
    let doctor = |w: &World| {
        let ran = w.ran(&["doctor", "--offline", "--json"]);
        (ran.code, found(&ran))
    };
    metrics.say(&path, (7, 0, 1));
    let (code, [status, finding, ..]) = doctor(&w);
    assert_eq!((code, &*status, &*finding), (1, "fail", "disk_full"));
    metrics.say("/var/lib/dvorik/other.db", (7, 0, 0));
    let (code, [_, finding, detail, _]) = doctor(&w);
    assert_eq!((code, &*finding), (1, "unnamed"));
    assert!(detail.contains("/var/lib/dvorik/other.db") && detail.contains(&path), "{detail}");
    *metrics.text.lock().unwrap() = "<html>It works!</html>".into();
    assert_eq!((doctor(&w).0, &*doctor(&w).1[1]), (1, "other"));

    let nobody = free_address();
    w.reconfigures(&[(&metrics.address.to_string(), &nobody.to_string())]);
    let (code, [_, finding, detail, next]) = doctor(&w);
    assert_eq!((code, &*finding, &*next), (1, "silent", "systemctl status dvorik-litestream"));
    assert!(detail.contains(&nobody.to_string()) && detail.contains("соединение отклонено"), "{detail}");
}
