//! The rules of the command line hold for every verb: the whole command tree is walked.

use std::collections::BTreeSet;
use std::process::Command as Process;

use clap::Command;
use dvorik::cli::command;
use dvorik::language::Language;

use super::shop::{Shop, in_two_years, words};

/// The tree as it is parsed, with its words.
fn tree() -> Command {
    command(Language::En)
}

/// Every verb that can be typed and stands in menus, with its path.
fn verbs(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help" && !inner.is_hide_set()) {
        let path = if path.is_empty() { inner.get_name().to_owned() } else { format!("{path} {}", inner.get_name()) };
        let has_verbs = inner.get_subcommands().any(|below| below.get_name() != "help");
        if has_verbs {
            verbs(inner, &path, found);
        }
        if !has_verbs || path == "backup" {
            found.push((path, inner.clone()));
        }
    }
}

fn all() -> Vec<(String, Command)> {
    let mut found = Vec::new();
    verbs(&tree(), "", &mut found);
    assert!(found.len() > 100, "{} verbs", found.len());
    found
}

fn has(command: &Command, id: &str) -> bool {
    command.get_arguments().any(|arg| arg.get_id().as_str() == id)
}

/// Verbs that change nothing.
const READERS: &[&str] = &[
    "admin list",
    "admin show",
    "audit list",
    "backup drill",
    "backup list",
    "backup verify",
    "bot list",
    "broadcast estimate",
    "broadcast list",
    "broadcast report",
    "broadcast show",
    "broadcast status",
    "campaign link",
    "campaign list",
    "campaign qr",
    "campaign show",
    "campaign stats",
    "cashier list",
    "cashier show",
    "completions",
    "demo",
    "discount list",
    "discount qr",
    "discount show",
    "job crontab",
    "job list",
    "man",
    "message check",
    "message list",
    "message preview",
    "message show",
    "order list",
    "outbox list",
    "report preview",
    "segment keys",
    "segment list",
    "segment preview",
    "segment show",
    "settings get",
    "settings list",
    "stats",
    "status",
    "template list",
    "template show",
    "token list",
    "user list",
    "user show",
    "webhook info",
];

/// Verbs that change something and lack `-n` or `-y`, each with the reason.
const OTHERS: &[(&str, &str)] = &[
    ("admin invite", "makes a secret that exists only when it is kept"),
    ("admin login", "makes a secret that exists only when it is kept"),
    ("backup", "writes a new file and changes nothing"),
    ("backup create", "writes a new file and changes nothing"),
    ("backup key", "makes a secret that exists only when it is kept"),
    ("backup restore", "asks for the shop's name; `backup verify` is its rehearsal"),
    ("bot sync", "tells Telegram what the config says, and is the same when repeated"),
    ("cashier invite", "makes a secret that exists only when it is kept"),
    ("discount check", "is logged as an attempt, and changes no code"),
    ("doctor", "changes nothing without --fix, which says what it does"),
    ("export discounts", "writes a file, and an entry of the audit log that must not be missing"),
    ("export usage", "writes a file, and an entry of the audit log that must not be missing"),
    ("export users", "writes a file, and an entry of the audit log that must not be missing"),
    ("init", "is a conversation that writes at its end"),
    ("job run", "is what the daemon does by itself every day"),
    ("message export", "prints what is stored, or writes a new file"),
    ("migrate", "--status is its rehearsal; it makes a backup first"),
    ("outbox retry", "sends again what was to be sent"),
    ("report send", "`report preview` is its rehearsal"),
    ("serve", "is the daemon"),
    ("token create", "makes a secret that exists only when it is kept"),
    ("user export", "writes a file, and an entry of the audit log that must not be missing"),
    ("webhook delete", "tells Telegram what the config says, and is the same when repeated"),
    ("webhook set", "has -y; tells Telegram what the config says"),
];

#[test]
fn every_verb_that_writes_has_a_rehearsal_and_no_question_or_a_reason() {
    let mut wrong = Vec::new();
    for (path, verb) in all() {
        let is_reader = READERS.contains(&path.as_str());
        let is_other = OTHERS.iter().any(|(other, why)| *other == path && !why.is_empty());
        let is_careful = has(&verb, "dry_run") && has(&verb, "yes");
        if !(is_reader || is_other || is_careful) || is_reader && is_careful {
            wrong.push(format!("{path}: reader {is_reader}, other {is_other}, -n and -y {is_careful}"));
        }
        let shorts: BTreeSet<char> = verb.get_arguments().filter_map(clap::Arg::get_short).collect();
        assert!(!is_careful || shorts.is_superset(&['n', 'y'].into()), "{path}");
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Lists whose rows have no time of their own.
const TIMELESS: &[&str] = &["bot list", "job list", "message list", "settings list", "template list"];

#[test]
fn every_list_with_a_time_is_cut_and_ordered_by_it() {
    for (path, verb) in all().into_iter().filter(|(path, _)| path.ends_with(" list") && path != "outbox list") {
        let is_timed = ["since", "until", "sort"].map(|id| has(&verb, id));
        assert_eq!(is_timed, [!TIMELESS.contains(&path.as_str()); 3], "{path}: --since --until --sort");
        assert!(has(&verb, "limit") && has(&verb, "page"), "{path}");
    }
}

#[test]
fn every_verb_has_words_an_example_of_its_own_and_its_exit_codes() {
    for language in Language::ALL {
        let mut found = Vec::new();
        verbs(&command(language), "", &mut found);
        for (path, mut verb) in found {
            assert!(verb.get_about().is_some_and(|about| !about.to_string().is_empty()), "{path} has no words");
            let help = verb.render_help().to_string();
            assert!(help.contains(&format!("dvorik {path}")), "{path}: no example in\n{help}");
            let codes = help.split_whitespace().collect::<Vec<_>>().join(" ");
            let (_, codes) = codes.rsplit_once(": 0 ").unwrap_or_else(|| panic!("{path}: no exit codes in\n{help}"));
            assert!(codes.contains("· 2 ") && codes.contains("· 78 "), "{path}: {codes}");
        }
    }
}

/// The example of a verb must be one: its own arguments take it.
#[test]
fn every_example_can_be_parsed() {
    for (path, mut verb) in all() {
        let help = verb.render_help().to_string();
        let (_, below) = help.rsplit_once("Example").unwrap();
        for line in below.lines().filter_map(|line| line.trim().strip_prefix("dvorik ")) {
            let parsed = Process::new("sh").args(["-c", &format!("printf '%s\\n' {line}")]).output().unwrap();
            let parsed = String::from_utf8(parsed.stdout).unwrap();
            let line = std::iter::once("dvorik").chain(parsed.lines());
            let taken = tree().try_get_matches_from(line);
            assert!(taken.is_ok(), "{path}: {}", taken.unwrap_err());
        }
    }
}

#[test]
fn plurals_have_the_words_of_the_list_they_mean_and_stand_in_no_menu() {
    let tree = tree();
    let plurals: Vec<&Command> = tree.get_subcommands().filter(|inner| inner.is_hide_set()).collect();
    assert!(plurals.len() > 10);
    for plural in plurals {
        let name = plural.get_name();
        let singular = tree.find_subcommand(name.strip_suffix('s').unwrap()).unwrap();
        let list = singular.find_subcommand("list").unwrap();
        let said = |command: &Command| command.get_about().map(ToString::to_string);
        assert_eq!(said(plural), said(list), "{name}");
        let arguments = |command: &Command| {
            let words =
                command.get_arguments().map(|arg| (arg.get_id().to_string(), arg.get_help().map(ToString::to_string)));
            words.collect::<BTreeSet<_>>()
        };
        assert_eq!(arguments(plural), arguments(list), "{name}");
    }
    let shop = Shop::open();
    for shell in ["bash", "zsh", "fish"] {
        let script = shop.runs(&["completions", shell]).out;
        assert!(!script.contains("Which rows") && !script.contains("dvorik,admins"), "{shell}");
    }
}

#[test]
fn a_rehearsal_of_any_verb_changes_nothing() {
    let shop = Shop::open();
    let code = shop.code("manual_10");
    assert_eq!(shop.runs(&["campaign", "create", "Листовка", "--key", "leaflet"]).code, 0);
    shop.orders();
    let state = || {
        [
            "SELECT count(*) FROM audit_log",
            "SELECT count(*) FROM outbox",
            "SELECT count(*) FROM redemptions",
            "SELECT count(*) FROM campaigns",
            "SELECT count(*) FROM discount_templates",
            "SELECT count(*) FROM discounts WHERE redeemed_at IS NULL AND revoked_at IS NULL",
        ]
        .map(|sql| shop.counts(sql))
    };
    let before = state();
    let until = in_two_years();
    for line in [
        &format!("discount redeem {code} -n")[..],
        &format!("discount revoke {code} -n"),
        &format!("discount extend {code} --until {until} -n"),
        "user block 1 -n",
        "user tag 1 vip -n",
        "user edit 1 --gender female -n",
        "cashier approve 1 -n",
        "template create spring --title Spring --value 15% -n",
        "template disable manual_10 -n",
        "campaign edit leaflet --name Other -n",
        "campaign create Other --key other -n -y",
        "settings set birthday_hour 7 -n",
        "message edit welcome --text Hi -n",
        "message language en -n",
        "order edit 1 --status processing -n",
    ] {
        let ran = shop.runs(&[words(line), vec!["--json"]].concat());
        assert_eq!(ran.code, 0, "{line}: {}", ran.err);
        let json = ran.json();
        assert_eq!((&json["changed"], &json["dry_run"]), (&false.into(), &true.into()), "{line}");
    }
    assert_eq!(state(), before);
}

#[test]
fn lists_are_cut_and_ordered_by_their_time() {
    let shop = Shop::open();
    for key in ["first", "second"] {
        assert_eq!(shop.runs(&["campaign", "create", key, "--key", key]).code, 0);
        assert_eq!(shop.runs(&["token", "create", key, "--scope", "redeem", "--expires", "90d"]).code, 0);
    }
    shop.orders();
    for noun in ["campaign", "token", "cashier", "segment", "order", "audit", "admin", "discount", "broadcast", "user"]
    {
        let total = |more: &str| {
            let ran = shop.runs(&[words(&format!("{noun} list {more}")), vec!["--json"]].concat());
            assert_eq!(ran.code, 0, "{noun} list {more}: {}", ran.err);
            ran.json()["total"].as_i64().unwrap()
        };
        assert_eq!(total("--until 2000-01-01"), 0, "{noun}");
        assert_eq!(total("--since 2000-01-01 --sort created_at"), total("--sort -created_at"), "{noun}");
        let ids = |sort: &str| shop.runs(&[words(&format!("{noun} list --sort {sort}")), vec!["-q"]].concat()).out;
        if noun != "token" && noun != "campaign" && noun != "segment" {
            let mut oldest: Vec<String> = ids("created_at").lines().map(str::to_owned).collect();
            oldest.reverse();
            assert_eq!(oldest, ids("-created_at").lines().collect::<Vec<_>>(), "{noun}");
        }
    }
    assert_eq!(shop.runs(&["order", "list", "--sort", "name"]).code, 2);
    let expiring = shop.runs(&["token", "list", "--json"]).json();
    assert!(expiring["items"][0]["expires_at"].is_string());
}

#[test]
fn what_a_view_cannot_do_is_refused_and_a_text_needs_a_terminal() {
    let shop = Shop::open();
    for view in ["funnel", "cashiers", "heatmap"] {
        let refused = shop.runs(&["stats", view, "--by", "week"]);
        assert_eq!(refused.code, 2, "{view}");
        assert!(refused.err.contains("--by"), "{}", refused.err);
    }
    assert_eq!(shop.runs(&["stats", "cashiers", "--by", "source"]).code, 2);
    let refused = shop.runs(&["message", "edit", "welcome"]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("--text-file"), "{}", refused.err);
}

/// The value as it was typed, the rule in words, the option; a quote within quotes is another one.
#[test]
fn a_refusal_repeats_the_value_as_it_was_typed_and_names_the_option() {
    let shop = Shop::open();
    let said = |line: &[&str]| shop.runs(line).err;
    let worth = said(&["template", "create", "big", "--title", "Big", "--value", "101%", "--lang", "en"]);
    assert!(worth.contains("101%") && worth.contains("0.01 % to 100 %") && !worth.contains("10100"), "{worth}");
    let scenario = said(&["demo", "--headless", "--scenario", "nope", "--lang", "en"]);
    assert!(scenario.contains("--scenario") && scenario.contains("\"nope\" is not a possible value"), "{scenario}");
    let nested = said(&["discount", "show", "«ЧГИ»", "--lang", "ru"]);
    assert!(!nested.contains("««") && !nested.contains("»»"), "{nested}");
}
