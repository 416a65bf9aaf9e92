//! The demo's page in numbers: `cargo bench --bench demo [-- WORD…]` runs the figures whose name contains one of the words.
//! The demo is the release binary; this process is its only window. `-- hour` lets the shop's clock run sixty times faster
//! for an hour of real time and prints how much memory each process has after ten minutes and at the end.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench is read by a person and stops where it cannot go on"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use figure::{Figure, RUNS};
use serde_json::Value;

mod figure;

const PRESSES: usize = 50;
const BETWEEN: Duration = Duration::from_secs(1);

/// A demo, and its stream of events.
struct Demo {
    process: Child,
    port: u16,
    token: String,
    events: BufReader<TcpStream>,
}

impl Demo {
    /// Starts the program and waits for the state of the open shop.
    fn opens() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dvorik"));
        command.args(["demo", "--no-open", "--json", "--port", "0", "--lang", "ru"]);
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let served: Value = serde_json::from_str(&line).unwrap();
        let url = served["url"].as_str().unwrap().strip_prefix("http://127.0.0.1:").unwrap().to_owned();
        let (port, token) = url.split_once('/').unwrap();
        let (port, token) = (port.parse().unwrap(), token.trim_end_matches('/').to_owned());
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        write!(stream, "GET /{token}/events HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n").unwrap();
        let mut demo = Self { process, port, token, events: BufReader::new(stream) };
        demo.waits(|kind, data| kind == "state" && !data["phones"].is_null());
        demo
    }

    fn waits(&mut self, fits: impl Fn(&str, &Value) -> bool) {
        let (mut kind, mut line) = (String::new(), String::new());
        loop {
            line.clear();
            assert!(self.events.read_line(&mut line).unwrap() > 0, "the page is closed");
            if let Some(name) = line.strip_prefix("event: ") {
                kind = name.trim().to_owned();
            } else if let Some(data) = line.strip_prefix("data: ")
                && fits(&kind, &serde_json::from_str(data).unwrap())
            {
                return;
            }
        }
    }

    fn posts(&self, act: &str, body: &str) {
        let (port, token) = (self.port, &self.token);
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let head = "content-type: application/json\r\nconnection: close\r\n";
        let length = body.len();
        let request = format!(
            "POST /{token}/{act} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n{head}content-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{act}: {answer}");
    }

    /// The milliseconds from a message of the customer to the bubble of the bot's answer.
    fn answers(&mut self, act: &str, body: &str) -> f64 {
        let begun = Instant::now();
        self.posts(act, body);
        self.waits(|kind, data| kind == "message" && data["phone"] == "customer" && data["message"]["bot"] == true);
        begun.elapsed().as_secs_f64() * 1000.0
    }

    /// The resident memory in MB of the demo and of its daemon.
    fn memory(&self) -> Vec<f64> {
        let parent = self.process.id();
        let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
        let pids = std::iter::once(parent).chain(children.split_whitespace().map(|pid| pid.parse().unwrap()));
        let resident = |pid: u32| {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
            Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
        };
        pids.filter_map(resident).collect()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.process);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.process.wait();
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    figure::head();
    if wanted("page") {
        page();
    }
    if words.iter().any(|word| word == "hour") {
        hour();
    }
}

fn page() {
    let mut ready = Figure::new("demo: start to the open shop on the page", "s", "< 3");
    let mut first = Figure::new("demo: the first press to its answer", "ms", "< 1000");
    let mut tail = Figure::new("demo: message to bubble, one a second, p95 of 50", "ms", "< 150");
    for _ in 0..RUNS {
        let begun = Instant::now();
        let mut demo = Demo::opens();
        ready.runs.push(begun.elapsed().as_secs_f64());
        first.runs.push(demo.answers("open", r#"{"phone":"customer","link":"poster"}"#));
        let mut took: Vec<f64> = Vec::new();
        for _ in 0..PRESSES {
            std::thread::sleep(BETWEEN);
            took.push(demo.answers("say", r#"{"phone":"customer","text":"/help"}"#));
        }
        took.sort_by(f64::total_cmp);
        tail.runs.push(took[PRESSES * 95 / 100]);
    }
    for figure in [ready, first, tail] {
        figure.print();
    }
}

/// An hour of sixty-fold time with the customers' life: two months and a half of the shop.
fn hour() {
    let mut demo = Demo::opens();
    demo.posts("clock", r#"{"rate":60}"#);
    let begun = Instant::now();
    let mut early = Vec::new();
    while begun.elapsed() < Duration::from_secs(3600) {
        demo.waits(|_, _| true);
        if early.is_empty() && begun.elapsed() > Duration::from_secs(600) {
            early = demo.memory();
        }
    }
    println!(
        "demo: resident MB of the page's process and the daemon after 10 min {early:.1?}, after 60 min {:.1?}",
        demo.memory()
    );
}
