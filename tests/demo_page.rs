//! `dvorik demo` as the page: the tour over the page's own requests and events, what its door refuses, what its clock does,
//! and what is left when it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Instant;

use dvorik::locks::{self, Lock};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{PATIENCE, becomes_true, ends_in_time, forgets_machine};

const BINARY: &str = env!("CARGO_BIN_EXE_dvorik");

/// A demo whose page is open, and a window that reads its events.
pub struct Page {
    process: Child,
    port: u16,
    token: String,
    pub directory: PathBuf,
    /// The kind and the content of each event, as they come.
    pub events: mpsc::Receiver<(String, Value)>,
    pub seen: Vec<(String, Value)>,
    pub tmp: TempDir,
}

/// A command that starts a page in a directory of its own.
fn demo(tmp: &TempDir, arguments: &[&str]) -> Command {
    demo_by(Command::new(BINARY), tmp, arguments)
}

/// The same by a command that runs the program.
fn demo_by(mut command: Command, tmp: &TempDir, arguments: &[&str]) -> Command {
    command.args(["demo", "--no-open", "--json", "--port", "0"]);
    let lang = arguments.contains(&"--lang");
    command.args(arguments).args(if lang { &[][..] } else { &["--lang", "ru"] });
    forgets_machine(&mut command);
    command.current_dir(tmp.path()).env("TMPDIR", tmp.path()).stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

impl Page {
    pub fn opens(arguments: &[&str]) -> Self {
        let tmp = tempfile::tempdir().unwrap();
        let command = demo(&tmp, arguments);
        Self::of(command, tmp)
    }

    /// A second window of the page.
    pub fn window(&self) -> mpsc::Receiver<(String, Value)> {
        window(self.port, &self.token)
    }

    fn of(mut command: Command, tmp: TempDir) -> Self {
        let mut process = command.stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let served: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(served["schema"], "dvorik.demo.page/1");
        let url = served["url"].as_str().unwrap();
        let (host, token) = url.strip_prefix("http://127.0.0.1:").unwrap().split_once('/').unwrap();
        let (port, token) = (host.parse().unwrap(), token.trim_end_matches('/').to_owned());
        let directory = PathBuf::from(served["directory"].as_str().unwrap());
        let events = window(port, &token);
        let mut page = Self { process, port, token, directory, events, seen: Vec::new(), tmp };
        page.sees(|kind, data| kind == "state" && !data["phones"].is_null());
        // The customers' life would send messages between those of a test.
        page.does("life", &json!({ "on": false }));
        page
    }

    /// The address of the page.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/{}/", self.port, self.token)
    }

    /// The status and the body of an answer to a request with these headers.
    pub fn asks(&self, head: &str, body: &str) -> (u16, String) {
        exchange(self.port, &format!("{head}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()))
    }

    pub fn posts(&self, act: &str, body: &Value) -> (u16, Value) {
        let head = format!(
            "POST /{}/{act} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\ncontent-type: application/json\r\n",
            self.token, self.port
        );
        let (status, answer) = self.asks(&head, &body.to_string());
        (status, serde_json::from_str(&answer).unwrap_or(Value::Null))
    }

    pub fn does(&self, act: &str, body: &Value) {
        let (status, answer) = self.posts(act, body);
        assert_eq!(status, 200, "{act}: {answer}");
    }

    /// The first event that fits, of those that have come or of those that come.
    pub fn sees(&mut self, fits: impl Fn(&str, &Value) -> bool) -> Value {
        if let Some((_, data)) = self.seen.iter().find(|(kind, data)| fits(kind, data)) {
            return data.clone();
        }
        loop {
            match self.events.recv_timeout(PATIENCE) {
                Ok((kind, data)) => {
                    let found = fits(&kind, &data).then(|| data.clone());
                    self.seen.push((kind, data));
                    if let Some(data) = found {
                        return data;
                    }
                }
                Err(error) => {
                    let last: Vec<_> = self.seen.iter().rev().take(12).collect();
                    panic!("{error}: nothing fits, last {last:#?}");
                }
            }
        }
    }

    /// The message of the bot on this phone that has these words.
    pub fn hears(&mut self, phone: &str, words: &str) -> Value {
        let fits = |kind: &str, data: &Value| {
            let message = &data["message"];
            matches!(kind, "message" | "edit")
                && data["phone"] == phone
                && message["bot"] == true
                && message["text"].as_str().is_some_and(|text| text.contains(words))
        };
        self.sees(fits)["message"].clone()
    }

    pub fn presses(&self, phone: &str, message: &Value, caption: &str) {
        self.does("press", &press(phone, message, caption));
    }

    pub fn ticks(&mut self, step: &str) {
        self.sees(|kind, data| {
            let steps = data["steps"].as_array().into_iter().flatten();
            kind == "tour" && steps.into_iter().any(|it| it["id"] == step && it["done"] == true)
        });
    }

    /// Everything that the terminal has printed.
    pub fn printed(&self) -> String {
        let of_terminal = self.seen.iter().filter(|(kind, _)| kind == "term");
        of_terminal.filter_map(|(_, data)| data["output"].as_str()).collect()
    }

    pub fn daemon(&self) -> Pid {
        let held = locks::holder(&self.directory.join("dvorik.db"), Lock::Serve).unwrap();
        Pid::from_raw(held.unwrap().unwrap().try_into().unwrap()).unwrap()
    }

    /// The demo ends at a signal, and nothing of it is left: no directory, no daemon.
    pub fn leaves_nothing(self) {
        self.leaves_nothing_after(Signal::TERM);
    }

    /// The signal ends the demo, and no process, port or file of it is left.
    pub fn leaves_nothing_after(mut self, signal: Signal) {
        let daemon = self.daemon();
        kill_process(Pid::from_child(&self.process), signal).unwrap();
        assert_eq!(self.process.wait().unwrap().code(), Some(0));
        assert_eq!(std::fs::read_dir(self.tmp.path()).unwrap().count(), 0);
        assert!(test_kill_process(daemon).is_err(), "the daemon still runs");
        assert!(TcpStream::connect(("127.0.0.1", self.port)).is_err(), "the port is still open");
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Opens a window: the events of the page, read by a thread.
fn window(port: u16, token: &str) -> mpsc::Receiver<(String, Value)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET /{token}/events HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n").unwrap();
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let mut kind = String::new();
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if let Some(name) = line.strip_prefix("event: ") {
                kind = name.to_owned();
            } else if let Some(data) = line.strip_prefix("data: ")
                && tell.send((kind.clone(), serde_json::from_str(data).unwrap())).is_err()
            {
                return;
            }
        }
    });
    told
}

/// A press of the button with these words under the message.
fn press(phone: &str, message: &Value, words: &str) -> Value {
    let rows = message["buttons"].as_array().unwrap();
    let buttons = rows.iter().enumerate().flat_map(|(row, buttons)| {
        buttons.as_array().unwrap().iter().enumerate().map(move |(column, button)| (row, column, &button["text"]))
    });
    let found = buttons.into_iter().find(|(_, _, text)| text.as_str().unwrap().contains(words));
    let (row, column, caption) = found.unwrap_or_else(|| panic!("no {words} in {message}"));
    json!({ "phone": phone, "message_id": message["id"], "row": row, "column": column, "caption": caption })
}

fn exchange(port: u16, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

#[test]
fn the_whole_tour_is_played_on_the_page() {
    let mut page = Page::opens(&[]);
    let state = page.sees(|kind, data| kind == "state" && !data["phones"].is_null());
    assert_eq!(state["calls"], json!([]), "opening the shop asks Telegram about nobody and sends nothing");
    assert_eq!(state["phones"]["customer"]["poster"], "poster");
    page.does("open", &json!({ "phone": "customer", "link": "poster" }));
    page.hears("customer", "Подпишитесь на наш канал");
    page.ticks("come");
    page.does("channel", &json!({ "join": true }));
    page.ticks("join");
    page.does("say", &json!({ "phone": "customer", "text": "Проверить подписку" }));
    let gift = page.hears("customer", "Ваша скидка");
    assert!(gift["photo"].is_string() && gift["entities"].as_array().is_some_and(|parts| !parts.is_empty()), "{gift}");
    page.ticks("code");
    page.does("open", &json!({ "phone": "cashier", "link": "qr" }));
    let card = page.hears("cashier", "10");
    page.presses("cashier", &card, "Погасить");
    page.hears("cashier", "Погашено");
    page.ticks("redeem");
    // In the place of this button the bot has put «Отменить» meanwhile: a late press must not undo the redemption.
    assert_eq!(page.posts("press", &press("cashier", &card, "Погасить")).0, 400);
    page.does("open", &json!({ "phone": "cashier", "link": "qr" }));
    page.ticks("refuse");

    page.does("fault", &json!({ "kind": "kill" }));
    page.does("say", &json!({ "phone": "customer", "text": "/help" }));
    page.hears("customer", "Ваши коды — в «Мои скидки»");
    page.ticks("crash");
    let fault = page.sees(|kind, data| kind == "fault" && !data["report"].is_null());
    // A letter may have been on its way when the daemon was killed.
    assert!(fault["report"]["waited"].as_u64().is_some_and(|waited| waited >= 1), "{fault}");
    assert_eq!(fault["report"]["waited"], fault["report"]["answered"]);

    page.does("fault", &json!({ "kind": "rate" }));
    page.does("run", &json!({ "line": "dvorik broadcast send last", "columns": 80 }));
    page.sees(|kind, data| kind == "term" && data["output"].as_str().is_some_and(|text| text.contains("):")));
    let asked = page.printed();
    let people = asked.rsplit_once('(').unwrap().1.split_once(')').unwrap().0;
    page.does("type", &json!({ "line": people }));
    page.ticks("send");
    page.sees(|kind, data| kind == "term" && data["exit"] == 0);
    assert!(page.printed().contains("Telegram просил паузу: 1 раз"), "{}", page.printed());

    page.does("clock", &json!({ "spin": "day" }));
    assert_eq!(page.posts("clock", &json!({ "spin": "hour" })).0, 409);
    page.ticks("birthday");
    page.sees(|kind, data| kind == "tour" && data["seconds"].is_u64());
    page.sees(|kind, data| kind == "clock" && data["spinning"] == false && data["rate"] == 1);
    page.leaves_nothing();
}

/// The button «Стоп» is Ctrl-C: the bar goes, the broadcast does not.
#[test]
fn a_stopped_bar_leaves_its_broadcast_under_way() {
    let mut page = Page::opens(&[]);
    let prints = |page: &mut Page, words: &'static str| {
        page.sees(move |kind, data| kind == "term" && data["output"].as_str().is_some_and(|text| text.contains(words)));
    };
    page.does("run", &json!({ "line": "broadcast send last", "columns": 80 }));
    assert_eq!(page.posts("run", &json!({ "line": "stats", "columns": 80 })).0, 409);
    prints(&mut page, "):");
    let people = page.printed().rsplit_once('(').unwrap().1.split_once(')').unwrap().0.to_owned();
    page.does("type", &json!({ "line": people }));
    prints(&mut page, "━");
    page.does("stop", &json!({}));
    prints(&mut page, "Отправка идёт дальше");
    page.sees(|kind, data| kind == "term" && data["running"] == false);
    page.seen.clear();
    page.sees(|kind, data| kind == "call" && data["people"] == 1 && data["method"] == "sendMessage");
    // A command without an end is stopped as well.
    page.does("run", &json!({ "line": "audit list --follow", "columns": 80 }));
    page.does("stop", &json!({}));
    page.sees(|kind, data| kind == "term" && data["line"] == "dvorik audit list --follow" && data["running"] == false);
}

#[test]
fn the_door_refuses_what_does_not_come_from_the_page_and_the_shop_stays_as_it_was() {
    let page = Page::opens(&[]);
    let (port, token) = (page.port, page.token.clone());
    let say = r#"{"phone":"customer","text":"/start"}"#;
    let post = |path: &str, headers: &str| {
        format!("POST /{path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\n{headers}")
    };
    let own = format!("{token}/say");
    for (head, body, wanted) in [
        (post(&own, "").replace("127.0.0.1:", "shop.example:"), say.to_owned(), 403),
        (post(&own, "").replace(&format!(":{port}"), ""), say.to_owned(), 403),
        (post(&own, "origin: http://shop.example\r\n"), say.to_owned(), 403),
        (post(&own, "origin: null\r\n"), say.to_owned(), 403),
        (post(&own, "sec-fetch-site: cross-site\r\n"), say.to_owned(), 403),
        (post("say", ""), say.to_owned(), 404),
        (post(&format!("{}x/say", &token[1..]), ""), say.to_owned(), 404),
        (post(&format!("{token}/nothing"), ""), say.to_owned(), 405),
        (post(&own, "").replace("POST", "PUT"), say.to_owned(), 405),
        (post(&own, "").replace("POST", "GET"), String::new(), 405),
        (post(&own, "").replace("application/json", "text/plain"), say.to_owned(), 400),
        (post(&own, ""), format!(r#"{{"phone":"customer","text":"{}"}}"#, "x".repeat(9 * 1024)), 400),
        (post(&own, ""), r#"{"phone":"customer","text":"/start","as":1}"#.to_owned(), 400),
        (post(&own, ""), r#"{"phone":"stranger","text":"/start"}"#.to_owned(), 400),
        (post(&own, ""), r#"{"phone":"customer","text":"  "}"#.to_owned(), 400),
        (
            post(&format!("{token}/press"), ""),
            r#"{"phone":"customer","message_id":1,"row":0,"column":0,"caption":"Да"}"#.to_owned(),
            400,
        ),
        (post(&format!("{token}/pick"), ""), r#"{"phone":"cashier","person":1}"#.to_owned(), 400),
        (post(&format!("{token}/open"), ""), r#"{"phone":"cashier","link":"qr"}"#.to_owned(), 409),
        (post(&format!("{token}/run"), ""), r#"{"line":"serve","columns":80}"#.to_owned(), 403),
        (post(&format!("{token}/restart"), ""), "{}".to_owned(), 409),
    ] {
        let (status, answer) = page.asks(&head, &body);
        assert_eq!(status, wanted, "{head}{body}: {answer}");
        assert!(!answer.contains("builtin-customer-token") && !answer.contains("panicked"), "{answer}");
    }
    let (status, html) = page.asks(&format!("GET /{token}/ HTTP/1.1\r\nhost: localhost:{port}\r\n"), "");
    assert_eq!(status, 200);
    assert!(html.contains("\"lang\":\"ru\"") && !html.contains("__WORDS__"));
    let fresh = window(port, &token);
    let (_, state) = fresh.recv_timeout(PATIENCE).unwrap();
    assert_eq!((&state["phones"]["customer"]["messages"], &state["calls"]), (&json!([]), &json!([])));
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let listens = |line: &&str| line.split_whitespace().nth(1).is_some_and(|at| at.ends_with(&format!(":{port:04X}")));
    let addresses: Vec<&str> = table.lines().filter(listens).filter(|line| line.contains(" 0A ")).collect();
    assert!(addresses.iter().all(|line| line.contains("0100007F:")) && addresses.len() == 1, "{addresses:?}");
    let log = std::fs::read_to_string(page.directory.join("daemon.log")).unwrap();
    assert!(!log.contains(&token), "the page's token is in the daemon's log");
    page.leaves_nothing();
}

/// What surrounds the caller, a configuration, variables and credentials of a real shop, reaches no process of the demo.
#[tokio::test]
async fn nothing_of_the_callers_shop_is_used() {
    let tmp = tempfile::tempdir().unwrap();
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("dvorik")).unwrap();
    for place in ["dvorik/config.toml", "config.toml"] {
        std::fs::write(home.path().join(place), "this = \"is no configuration\"\n").unwrap();
    }
    let log = home.path().join("opened");
    let mut traced = Command::new("strace");
    // The demo is the child of this test, and strace its grandchild.
    traced.args(["-D", "-f", "-q", "-e", "trace=open,openat,openat2", "-o"]).arg(&log).arg(BINARY);
    let mut command = demo_by(traced, &tmp, &["--keep", "shop"]);
    command.env("XDG_CONFIG_HOME", home.path()).env("DVORIK_TIMEZONE", "Europe/Madrid").env("DVORIK_CURRENCY", "USD");
    command.env("DVORIK_BOTS__CUSTOMER__TOKEN", "7:nobodys").env("CREDENTIALS_DIRECTORY", home.path());
    command.env("DVORIK_CONFIG", home.path().join("config.toml")).env("DVORIK_LANG", "no language");
    std::fs::write(tmp.path().join("config.toml"), "this = \"is no configuration\"\n").unwrap();
    let mut page = Page::of(command, tmp);
    page.does("run", &json!({ "line": "status", "columns": 80 }));
    page.sees(|kind, data| kind == "term" && data["exit"] == 0);
    let config = std::fs::read_to_string(page.directory.join("config.toml")).unwrap();
    assert!(
        config.contains("Asia/Vladivostok") && !config.contains("nobodys") && !config.contains("Madrid"),
        "{config}"
    );
    let pid = Pid::from_child(&page.process);
    kill_process(pid, Signal::INT).unwrap();
    assert_eq!(page.process.wait().unwrap().code(), Some(0));
    let pid = pid.as_raw_nonzero().to_string();
    let tells_the_end = |line: &str| line.starts_with(&pid) && line.ends_with("+++ exited with 0 +++");
    let is_told = async || std::fs::read_to_string(&log).is_ok_and(|log| log.lines().any(tells_the_end));
    assert!(becomes_true(PATIENCE, is_told).await);
    let opened = std::fs::read_to_string(&log).unwrap();
    assert!(opened.matches(&*page.directory.to_string_lossy()).count() > 10, "{opened}");
    let theirs = [home.path().display().to_string(), page.tmp.path().join("config.toml").display().to_string()];
    // The demo itself stands in a directory with a configuration, its commands in that of the demo's shop.
    let is_theirs = |line: &&str| {
        let of_the_demo = line.starts_with(&pid) && line.contains("\"config.toml\"");
        of_the_demo || theirs.iter().any(|place| line.contains(place.as_str()))
    };
    let wrong: Vec<&str> = opened.lines().filter(is_theirs).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_kept_shop_can_be_read_and_never_reaches_the_real_telegram() {
    let mut page = Page::opens(&["--keep", "shop", "--at", "2031-05-04 14:05"]);
    let kept = page.directory.clone();
    page.does("run", &json!({ "line": "status", "columns": 100 }));
    page.sees(|kind, data| kind == "term" && data["exit"] == 0);
    assert!(page.printed().contains("04.05.2031 14:0"), "{}", page.printed());
    kill_process(Pid::from_child(&page.process), Signal::INT).unwrap();
    assert_eq!(page.process.wait().unwrap().code(), Some(0));
    let config = kept.join("config.toml");
    let runs = |words: &[&str], lead: &str| {
        let mut command = Command::new(BINARY);
        forgets_machine(&mut command);
        command.arg("--config").arg(&config).args(words).current_dir(page.tmp.path()).stdin(Stdio::null());
        if !lead.is_empty() {
            command.env("DVORIK_TELEGRAM__API_BASE", lead);
        }
        ends_in_time(&mut command)
    };
    let stats = runs(&["stats", "--json"], "");
    let stats: Value = serde_json::from_slice(&stats.stdout).unwrap();
    assert_eq!(stats["to"], "2031-05-04", "{stats}");
    // Rows of the history lie in the past by the machine's clock as well, wherever the shop's clock began.
    let doctor = runs(&["doctor", "--offline", "--json"], "");
    let doctor: Value = serde_json::from_slice(&doctor.stdout).unwrap();
    let clock = doctor["items"].as_array().unwrap().iter().find(|item| item["check"] == "clock");
    assert!(clock.is_none_or(|clock| clock["status"] == "ok"), "{clock:?}");
    let status = runs(&["status", "--json"], "");
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert!(status["demo_clock"]["now"].as_str().unwrap().starts_with("2031-05-04T0"), "{status}");
    assert_eq!(status["demo_clock"]["rate"], 1);
    for command in [
        &["serve", "--migrate"][..],
        &["job", "run", "birthdays"],
        &["broadcast", "send", "last", "--yes"],
        &["webhook", "set", "--yes"],
    ] {
        let refused = runs(command, "https://api.telegram.org");
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(78), "{command:?}: {said}");
    }
    let again = ends_in_time(&mut demo(&page.tmp, &["--keep", "shop"]));
    assert_eq!(again.status.code(), Some(5));
}

#[test]
fn a_taken_port_is_told_and_a_killed_demo_is_cleared_away_by_the_next() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let tmp = tempfile::tempdir().unwrap();
    let mut command = Command::new(BINARY);
    forgets_machine(&mut command);
    command.args(["demo", "--no-open", "--json", "--port", &port]).current_dir(tmp.path()).env("TMPDIR", tmp.path());
    assert_eq!(ends_in_time(command.stdin(Stdio::null())).status.code(), Some(75));

    let mut page = Page::opens(&[]);
    let daemon = page.daemon();
    page.process.kill().unwrap();
    page.process.wait().unwrap();
    let end = Instant::now() + PATIENCE;
    while test_kill_process(daemon).is_ok() {
        assert!(Instant::now() < end, "the daemon of a killed demo still runs");
        std::thread::yield_now();
    }
    assert!(page.directory.exists());
    let tmp = std::mem::replace(&mut page.tmp, tempfile::tempdir().unwrap());
    let next = Page::of(demo(&tmp, &[]), tmp);
    assert!(!page.directory.exists(), "the directory of the killed demo is left");
    next.leaves_nothing();
}
