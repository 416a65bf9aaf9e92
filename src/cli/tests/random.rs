//! Random command lines: each is accepted or refused with an error code of `catalogue`, none panics.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;

const LINES: usize = 5_000;
const SEED: u64 = 20_261_122;

/// Commands that would keep running, play the demo, write files or read from the keyboard.
const NOT_THESE: [&str; 8] = ["serve", "demo", "init", "man", "migrate", "--follow", "-f", "--text-file"];

const VALUES: &[&str] = &[
    "",
    "1",
    "-1",
    "0",
    "99999999999999999999",
    "@masha_k",
    "tg:42",
    "АБВ1234",
    "abc1234",
    "birthday",
    "manual_10",
    "15%",
    "-2,7",
    "2026-11-22",
    "31.02.2026",
    "30d",
    "on",
    "none",
    "да",
    "ё\u{301}",
    "\u{202e}x",
    "\u{1b}[2J",
    "a\nb",
    "\0",
    "--",
    "-",
    "-x",
    "=",
    "--json=1",
    "{{first_name}}",
    "<b>",
    "'",
    "\"",
    "%s",
    "welcome",
    "birthday_hour",
    "🎉",
    "-100123",
    "+79141234567",
];

/// Collects the name of every command in the tree, and every flag.
fn words(command: &clap::Command, found: &mut Vec<String>) {
    for inner in command.get_subcommands() {
        found.push(inner.get_name().to_owned());
        found.extend(inner.get_arguments().filter_map(|arg| arg.get_long()).map(|long| format!("--{long}")));
        words(inner, found);
    }
}

fn line(rng: &mut StdRng, tree: &clap::Command, words: &[String]) -> Vec<String> {
    let pick = |rng: &mut StdRng, from: &[String]| from[rng.random_range(0..from.len())].clone();
    let mut line = Vec::new();
    // Half of the lines begin with a real command, so that more than the parser is tested.
    if rng.random_bool(0.5) {
        let mut at = tree;
        while at.has_subcommands() {
            let inner: Vec<_> = at.get_subcommands().collect();
            at = inner[rng.random_range(0..inner.len())];
            line.push(at.get_name().to_owned());
        }
        let values: Vec<_> = at.get_arguments().filter(|arg| arg.is_positional() || arg.is_required_set()).collect();
        for arg in values {
            line.extend(arg.get_long().map(|long| format!("--{long}")));
            line.push(VALUES[rng.random_range(0..VALUES.len())].to_owned());
        }
    }
    for _ in 0..rng.random_range(0..6) {
        let is_word = rng.random_bool(0.5);
        line.push(if is_word { pick(rng, words) } else { VALUES[rng.random_range(0..VALUES.len())].to_owned() });
    }
    line
}

/// Runs `lines` command lines in a new shop; returns how many were accepted.
fn survive(seed: u64, lines: usize) -> usize {
    let (shop, tree, mut names) = (Shop::open(), command(Language::En), Vec::new());
    words(&tree, &mut names);
    let mut rng = StdRng::seed_from_u64(seed);
    let (mut understood, mut tried) = (0, 0);
    while tried < lines {
        let line = line(&mut rng, &tree, &names);
        if line.iter().any(|word| NOT_THESE.contains(&word.as_str())) {
            continue;
        }
        tried += 1;
        let args: Vec<&str> = line.iter().map(String::as_str).collect();
        let (exit, out, err) = shop.hears(&args, Answers::Nobody);
        match exit {
            ExitCode::Ok => understood += 1,
            // Only a check that failed may exit with 1.
            ExitCode::Failure if line.iter().any(|word| matches!(word.as_str(), "doctor" | "verify" | "check")) => {}
            ExitCode::Failure => panic!("{line:?}: {err}"),
            _ => assert!(out.is_empty() || exit == ExitCode::Partial, "{line:?}: {out}"),
        }
        assert!(exit == ExitCode::Ok || !err.is_empty(), "{line:?} fails in silence");
        assert!(!err.contains('\u{1b}') && !out.contains('\u{1b}'), "{line:?} sends an escape to the terminal");
    }
    understood
}

#[test]
fn five_thousand_random_lines_never_panic() {
    let shops = 4;
    let understood: usize = std::thread::scope(|scope| {
        let all: Vec<_> = (0..shops).map(|shop| scope.spawn(move || survive(SEED + shop, LINES / 4))).collect();
        all.into_iter().map(|shop| shop.join().unwrap()).sum()
    });
    assert!(understood > LINES / 50, "only {understood} lines were understood: the test meets nothing but the parser");
}
