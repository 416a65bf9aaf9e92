//! The command line as a person at a terminal reads it. `tests/cli/` tests the real binary: its pipes, exit codes and
//! files.

mod ladder;
mod random;
mod segments;
mod wizard;

use std::ffi::OsString;

use clap::CommandFactory;

use super::args::Args;
use super::keyboard::Answers;
use super::output::{ExitCode, Output, Terminal};
use super::{command, localize, run_on};
use crate::campaign;
use crate::clock::Clock;
use crate::config::{Config, Environment};
use crate::ids::TelegramId;
use crate::language::Language;
use crate::realm::Realm;
use crate::user::Person;
use crate::{daemon, db};

#[test]
fn every_command_and_argument_has_words_in_both_languages() {
    assert_eq!(localize::missing_keys(&Args::command()), Vec::<String>::new());
}

#[test]
fn the_command_tree_is_well_formed() {
    for lang in Language::ALL {
        command(lang).debug_assert();
    }
}

/// A shop with one customer, and a terminal of 100 columns without colour.
struct Shop {
    environment: Environment,
    _directory: tempfile::TempDir,
}

impl Shop {
    fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("dvorik.db");
        let pairs = [("DVORIK_LANG", "ru"), ("DVORIK_DATABASE__PATH", path.to_str().unwrap())];
        let environment = Environment::from_pairs(pairs).in_directory(directory.path());
        let config = Config::load(None, &environment).unwrap();
        daemon::migrate(&config, Clock::System).unwrap();
        let masha = Person {
            id: TelegramId(42),
            username: Some("masha_k".into()),
            first_name: Some("Маша".into()),
            last_name: Some("К.".into()),
        };
        let arrive = move |tx: &db::Tx<'_>| campaign::arrive(tx, Realm::Real, &masha, None).map(drop);
        daemon::open(&config, Clock::System).unwrap().write(arrive).unwrap();
        Self { environment, _directory: directory }
    }

    fn says(&self, line: &str) -> (ExitCode, String, String) {
        let args: Vec<&str> = line.split_whitespace().collect();
        self.hears(&args, Answers::Nobody)
    }

    /// Runs a command line with a person who gives these answers.
    fn answered(&self, line: &str, answers: &[&str]) -> (ExitCode, String, String) {
        let args: Vec<&str> = line.split_whitespace().collect();
        self.hears(&args, Answers::Given(answers.iter().map(|answer| (*answer).to_owned()).collect()))
    }

    fn hears(&self, args: &[&str], whose: Answers) -> (ExitCode, String, String) {
        let terminal = Terminal { out: true, err: true, color: false, width: 100 };
        let mut kept = None;
        let args: Vec<OsString> = args.iter().map(Into::into).collect();
        let code = run_on(&args, self.environment.clone(), whose, |flags, voice| {
            let (output, captured) = Output::captured(flags, terminal, voice);
            kept = Some(captured);
            output
        });
        let captured = kept.unwrap();
        (code, captured.out().replace('\u{a0}', " "), captured.err().replace('\u{a0}', " "))
    }
}

#[test]
fn issuing_reads_like_the_transcript() {
    let shop = Shop::open();
    let (code, out, err) = shop.says("discount issue @masha_k --template birthday");
    assert_eq!((code, err.as_str()), (ExitCode::Ok, ""));
    let lines: Vec<&str> = out.lines().collect();
    let facts: Vec<&str> = lines[0].split(" · ").collect();
    let shown = facts[0].strip_prefix("✓ ").unwrap();
    assert_eq!(shown.chars().count(), 7, "{out}");
    assert_eq!(facts[1..3], ["15 %", "Маша К."]);
    assert!(facts[3].starts_with("до ") && facts[3].len() == "до ".len() + 10, "{out}");
    assert_eq!(facts[4..], ["сообщение поставлено в очередь"]);
    assert_eq!(lines[1..], [format!("  Отозвать: dvorik discount revoke {shown}")]);

    let (code, out, _) = shop.says("discount issue @masha_k --template birthday");
    assert_eq!(code, ExitCode::Ok);
    assert!(out.starts_with(&format!("· {shown} · ")) && out.contains("уже была выдана"), "{out}");
}

#[test]
fn a_misspelt_template_reads_like_the_transcript() {
    let (code, out, err) = Shop::open().says("discount issue @masha_k --template birthdy");
    assert_eq!((code, out.as_str()), (ExitCode::NotFound, ""));
    assert!(err.starts_with("✗ Нет шаблона «birthdy». Возможно, «birthday»?  "), "{err}");
    assert!(err.ends_with("[код 3]\n"), "{err}");
}

#[test]
fn the_command_that_was_printed_takes_the_code_back() {
    let shop = Shop::open();
    let (_, out, _) = shop.says("discount issue @masha_k --template manual_10 --no-notify");
    assert!(out.contains("без сообщения клиенту"), "{out}");
    let revoke = out.lines().nth(1).unwrap().split_once(": dvorik ").unwrap().1.to_owned();
    let (code, out, _) = shop.says(&revoke);
    assert!(code == ExitCode::Ok && out.starts_with("✓ Скидка отозвана: "), "{out}");
    let (code, _, err) = shop.says(&revoke);
    assert!(code == ExitCode::Conflict && err.contains("Скидка отозвана."), "{err}");
}

#[test]
fn every_list_fits_a_terminal() {
    let shop = Shop::open();
    shop.says("discount issue 1 --template manual_10");
    shop.says("broadcast create Ярмарка --text Скидки --all");
    for line in [
        "broadcast report",
        "broadcast report --state queued",
        "stats broadcasts",
        "user list",
        "user show 1",
        "template list",
        "settings list",
        "stats",
        "stats --by day",
        "stats templates",
        "campaign list",
        "segment list",
        "segment show VIP",
        "segment keys",
        "segment preview --all",
        "cashier list",
        "admin list",
        "discount list",
        "message list",
        "message check",
        "audit list",
        "order list",
    ] {
        let (code, out, err) = shop.says(line);
        assert_eq!(code, ExitCode::Ok, "{line}: {err}");
        assert!(out.lines().all(|line| line.chars().count() <= 100), "{line}:\n{out}");
    }
}

#[test]
fn help_without_a_command_is_a_complaint() {
    let (code, out, err) = Shop::open().says("discount");
    assert_eq!((code, out.as_str()), (ExitCode::Usage, ""));
    assert!(err.contains("Использование: dvorik discount"), "{err}");
}
