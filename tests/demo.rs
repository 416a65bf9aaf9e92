//! `dvorik demo` as the real binary, twice: what people read and what scripts read; and what happens when the shop does
//! something else than the story expects.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use dvorik::demo::{self, Ending, Event, Options, Scenario};
use dvorik::language::Language;
use serde_json::Value;

const BINARY: &str = env!("CARGO_BIN_EXE_dvorik");

/// Runs in a directory of its own, so that no config of this machine is found.
fn dvorik(arguments: &[&str]) -> Output {
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new(BINARY);
    command.args(arguments).current_dir(directory.path()).env_clear().output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_newcomer_watches_the_whole_product_with_one_command() {
    let output = dvorik(&["demo", "--headless", "--scenario", "happy", "--lang", "ru"]);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}\n{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
    for line in
        ["Погашено ✅ ", "Действует до: ", "kill -9", "[Погасить]", "выдано 1, погашено 1, сегодня 1", "Всё сошлось."]
    {
        assert!(told.contains(line), "{line} is missing in\n{told}");
    }
    assert!(!told.contains("demo."), "a catalogue key without words in\n{told}");
    assert!(!told.contains("builtin-customer-token"), "a token in\n{told}");
    assert_eq!(told.matches("✗").count(), 0);
}

#[test]
fn a_script_reads_every_step_and_a_summary() {
    let output = dvorik(&["demo", "--headless", "--json", "--seed", "7", "--lang", "en"]);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}\n{}", text(&output.stderr));
    let lines: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (summary, steps) = lines.split_last().unwrap();
    let names: Vec<&str> = steps.iter().map(|step| step["name"].as_str().unwrap()).collect();
    assert_eq!(names, Scenario::Happy.step_names().collect::<Vec<_>>());
    for (at, step) in steps.iter().enumerate() {
        assert_eq!((&step["type"], &step["n"], &step["ok"]), (&"step".into(), &(at + 1).into(), &true.into()));
        for key in ["who", "does", "sees"] {
            assert!(step[key].as_str().is_some_and(|words| !words.is_empty()), "{key} of {step}");
        }
    }
    assert_eq!(summary["type"], "summary");
    assert_eq!(summary["schema"], "dvorik.demo/1");
    assert_eq!(summary["steps"], steps.len());
    assert_eq!(summary["ok"], true);
    assert!(summary["seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(summary["directory"], Value::Null);
}

/// Behind the story's back the channel is forgotten again: the shop then answers something else, and the demo must say so.
#[tokio::test]
async fn a_shop_that_answers_otherwise_breaks_the_step_that_asked() {
    let directory = tempfile::tempdir().unwrap();
    let saboteur = directory.path().join("dvorik");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *'campaign create'*)\n'{BINARY}' \"$1\" \"$2\" settings set telegram_channel_id '' \
         >/dev/null 2>&1 ;;\nesac\nexec '{BINARY}' \"$@\"\n"
    );
    std::fs::write(&saboteur, script).unwrap();
    std::fs::set_permissions(&saboteur, std::fs::Permissions::from_mode(0o700)).unwrap();
    let options = Options { scenario: Scenario::Happy, seed: 1, language: Language::En, executable: saboteur };
    let (mut steps, mut end) = (Vec::new(), None);
    let ending = demo::play(&options, |event| match event {
        Event::Step(step) => steps.push(step),
        Event::Ended(summary) => end = Some(summary),
        Event::Opened { .. } => {}
    });
    assert_eq!(ending.await.unwrap(), Ending::Broken);
    let broken = steps.pop().unwrap();
    let miss = broken.outcome.unwrap_err();
    assert_eq!(broken.name, "welcome", "{miss:?}");
    assert!(miss.expected.contains("Перейти в канал"), "{miss:?}");
    assert!(steps.iter().all(|step| step.outcome.is_ok()));
    let end = end.unwrap();
    assert_eq!(end.failed, Some("welcome"));
    let kept = end.kept.unwrap();
    assert!(kept.join("dvorik.db").exists(), "the evidence is kept");
    std::fs::remove_dir_all(kept).unwrap();
}

/// No file may grow: the database cannot be made.
#[test]
fn a_broken_step_is_named_with_what_was_expected_and_seen_and_the_exit_code_is_1() {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "ulimit -f 1; exec \"$0\" \"$@\"", BINARY, "demo", "--headless", "--json", "--lang", "en"]);
    let output = shell.env_clear().output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<Value> = text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [step, summary] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!((&step["name"], &step["ok"], &step["expected"]), (&"init".into(), &false.into(), &"exit 0".into()));
    assert_eq!((&summary["failed"], &summary["ok"]), (&"init".into(), &false.into()));
    std::fs::remove_dir_all(summary["directory"].as_str().unwrap()).unwrap();
    let complaint: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(complaint["error"]["exit"], 1);
    assert_eq!(complaint["error"]["details"]["step"], "init");
    assert!(complaint["error"]["message"].as_str().unwrap().contains("“init” did not hold"), "{complaint}");
}

#[test]
fn without_headless_the_command_that_works_is_named() {
    let output = dvorik(&["demo", "--lang", "en"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("dvorik demo --headless --scenario happy"), "{}", text(&output.stderr));
}

#[test]
fn an_unknown_scenario_is_answered_with_those_there_are() {
    let output = dvorik(&["demo", "--headless", "--scenario", "hapy", "--lang", "en"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("happy"), "{}", text(&output.stderr));
}
