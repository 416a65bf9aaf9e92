//! The demo's page under bad input: each is refused with a sentence, or leaves the page as it was.

use std::process::{Command, Stdio};

use rustix::process::{Signal, kill_process};
use serde_json::{Value, json};

use crate::demo_page::Page;
use crate::harness::{ends_in_time, forgets_machine};

const BINARY: &str = env!("CARGO_BIN_EXE_dvorik");

#[test]
fn every_signal_ends_a_demo_without_a_trace() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        Page::opens(&[]).leaves_nothing_after(signal);
    }
}

#[test]
fn words_that_are_too_long_or_strange_are_told_of_or_shown_as_they_are() {
    let mut page = Page::opens(&[]);
    let says = |text: &str| json!({ "phone": "customer", "text": text });
    for text in ["🎂".repeat(4096), "ж".repeat(4096), "x".repeat(4097)] {
        let (status, answer) = page.posts("say", &says(&text));
        assert_eq!((status, &answer["error"]["code"]), (400, &"VALIDATION_ERROR".into()));
        let told = answer["error"]["message"].as_str().unwrap();
        assert!(told.contains("длинн"), "{told}");
    }
    page.does("say", &says(&"🎂".repeat(1000)));
    page.sees(|kind, data| kind == "taken" && data["phone"] == "customer");
    let (status, answer) = page.posts("run", &json!({ "line": "stats \"half", "columns": 80 }));
    assert_eq!((status, &answer["error"]["message"]), (403, &"Кавычка не закрыта".into()));
    let state = page.window().recv_timeout(crate::harness::PATIENCE).unwrap().1;
    let people = state["people"].as_array().unwrap();
    let person = people.iter().find(|person| person["name"] == "Катя <3").unwrap();
    page.does("pick", &json!({ "phone": "customer", "person": person["id"] }));
    page.sees(|kind, data| kind == "phone" && data["person"]["name"] == "Катя <3");
    page.does("say", &says("/start"));
    let hello = page.hears("customer", "Катя <3");
    assert!(!hello["text"].as_str().unwrap().contains("&lt;"), "{hello}");
}

/// A daemon that ends by itself stays down until the person starts it again; its last lines are told.
#[test]
fn a_daemon_that_ends_is_told_of_and_can_be_started_again() {
    let mut page = Page::opens(&[]);
    assert_eq!(page.posts("restart", &json!({})).0, 409);
    kill_process(page.daemon(), Signal::KILL).unwrap();
    let dead = page.sees(|kind, data| kind == "daemon" && data["state"] == "dead");
    assert!(!dead["log"].as_array().unwrap().is_empty(), "{dead}");
    assert_eq!(page.posts("fault", &json!({ "kind": "kill" })).0, 409);
    page.does("restart", &json!({}));
    page.sees(|kind, data| kind == "daemon" && data["state"] == "up");
    page.does("open", &json!({ "phone": "customer", "link": "poster" }));
    page.hears("customer", "Подпишитесь на наш канал");
}

/// A directory that cannot be made, and a disk that takes nothing.
#[test]
fn a_directory_that_cannot_hold_the_shop_is_told_with_the_reason() {
    let tmp = tempfile::tempdir().unwrap();
    let ends = |mut command: Command| {
        forgets_machine(&mut command);
        command.current_dir(tmp.path()).env("TMPDIR", tmp.path()).stdin(Stdio::null());
        let ended = ends_in_time(&mut command);
        let told: Value = serde_json::from_slice(&ended.stderr).unwrap_or_else(|error| panic!("{error}: {ended:?}"));
        assert_eq!(ended.status.code(), Some(1), "{told}");
        told["error"]["message"].as_str().unwrap().to_owned()
    };
    let words = ["demo", "--no-open", "--json", "--lang", "ru", "--keep"];
    let mut nowhere = Command::new(BINARY);
    nowhere.args(words).arg("/proc/shop");
    let told = ends(nowhere);
    assert!(told.starts_with("Демонстрация не началась: ") && !told.contains("os error"), "{told}");
    let mut full = Command::new("/bin/sh");
    full.args(["-c", "ulimit -f 1; exec \"$0\" \"$@\"", BINARY]).args(words).arg("shop");
    let told = ends(full);
    assert!(told.starts_with("Демонстрация прервалась"), "{told}");
}
