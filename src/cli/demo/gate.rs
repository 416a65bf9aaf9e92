//! Which commands run in the terminal of the demo's page: those that an owner uses every day, without any that reads or
//! writes a file whose path is typed. The page is open to every program of this machine that knows its address.

use std::ffi::OsString;
use std::path::Path;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, ValueHint};

use crate::cli::complete;
use crate::demo::CommandGate;
use crate::demo::split_line;
use crate::language::Language;

/// The nouns whose verbs all run, and the verbs that run of other nouns.
const ADMITTED: [&str; 19] = [
    "status",
    "doctor",
    "help",
    "stats",
    "user",
    "cashier",
    "admin",
    "template",
    "discount",
    "segment",
    "broadcast",
    "campaign",
    "message",
    "settings",
    "audit",
    "job",
    "order",
    "report preview",
    "doctor --offline",
];
/// The exceptions: a login for the API, and a text in an editor.
const REFUSED: [&str; 2] = ["admin login", "message edit"];
/// Flags whose answer is help or a version, whatever else is on the line.
const EXPLAINS: [&str; 3] = ["--help", "-h", "--version"];

/// The gate of the page's terminal.
pub(super) struct Gate;

impl CommandGate for Gate {
    fn admit(&self, line: &str, language: Language) -> Result<Vec<String>, String> {
        let say = |key: &str| language.text(&format!("demo.gate.{key}"), &[]);
        let mut words = split_line(line).ok_or_else(|| say("quote"))?;
        if words.first().is_some_and(|word| word == "dvorik") {
            words.remove(0);
        }
        if words.is_empty() || words.iter().any(|word| word.chars().any(char::is_control)) {
            return Err(say("empty"));
        }
        match verdict(&words, &crate::cli::menu(language)) {
            GateVerdict::Runs => Ok(words),
            GateVerdict::NotHere => Err(say("refused")),
            GateVerdict::NamesAPath => Err(say("path")),
        }
    }

    fn complete(&self, line: &str, config: &Path) -> (usize, Vec<String>) {
        let begin = line.char_indices().rev().find(|(_, c)| c.is_whitespace()).map_or(0, |(at, c)| at + c.len_utf8());
        let (before, last) = line.split_at(begin);
        let mut words: Vec<OsString> = split_line(before).unwrap_or_default().into_iter().map(OsString::from).collect();
        if words.first().is_none_or(|word| word != "dvorik") {
            words.insert(0, "dvorik".into());
        }
        words.push(last.into());
        (before.chars().count(), complete::words(config, words))
    }
}

#[derive(Debug, PartialEq, Eq)]
enum GateVerdict {
    Runs,
    NotHere,
    NamesAPath,
}

/// Whether the command of these words runs in the page. The words are judged twice: as they stand, because a line that
/// the parser refuses is run for its complaint, and as the parser reads them.
fn verdict(words: &[String], menu: &Command) -> GateVerdict {
    let (path, command) = resolved(words, menu);
    let explains = words.iter().any(|word| EXPLAINS.contains(&word.as_str()));
    let is_whole = !command.has_subcommands() || path.first() == Some(&"help") || explains;
    if !is_whole || !(path.is_empty() || is_admitted(&path, words)) {
        return GateVerdict::NotHere;
    }
    let is_path = |word: &String| paths(menu).chain(paths(command)).any(|arg| is_flag(word, arg, command));
    let has_positional = path.first() != Some(&"help") && command.get_positionals().any(takes_path);
    if has_positional || words.iter().any(is_path) {
        return GateVerdict::NamesAPath;
    }
    let line = std::iter::once("dvorik").chain(words.iter().map(String::as_str));
    match menu.clone().try_get_matches_from(line) {
        Ok(matches) if !is_admitted(&parsed_path(&matches), words) => GateVerdict::NotHere,
        Ok(matches) if gives_path(menu, &matches) => GateVerdict::NamesAPath,
        Ok(_) | Err(_) => GateVerdict::Runs,
    }
}

/// The command that the words name, wherever flags stand between them, and its path.
fn resolved<'w, 'm>(words: &'w [String], menu: &'m Command) -> (Vec<&'w str>, &'m Command) {
    let (mut path, mut command) = (Vec::new(), menu);
    for word in words.iter().filter(|word| !word.starts_with('-')) {
        match command.get_subcommands().find(|sub| sub.get_name() == word) {
            Some(sub) => {
                path.push(word.as_str());
                command = sub;
            }
            None if path.is_empty() => return (vec![word.as_str()], menu),
            None => break,
        }
        if path == ["help"] {
            break;
        }
    }
    (path, command)
}

/// The subcommands that the parser has read.
fn parsed_path(matches: &ArgMatches) -> Vec<&str> {
    let mut path = Vec::new();
    let mut at = matches;
    while let Some((name, below)) = at.subcommand() {
        path.push(name);
        at = below;
    }
    path
}

fn is_admitted(path: &[&str], words: &[String]) -> bool {
    let whole = path.join(" ");
    let noun = path.first().copied().unwrap_or_default();
    let is_listed = ADMITTED.contains(&noun) || ADMITTED.contains(&whole.as_str());
    let is_offline = noun != "doctor" || words.iter().any(|word| word == "--offline");
    is_listed && is_offline && !REFUSED.iter().any(|refused| whole == *refused)
}

/// Whether the parser has read a path from the line.
fn gives_path(command: &Command, matches: &ArgMatches) -> bool {
    let is_given = |arg: &&Arg| {
        let id = arg.get_id().as_str();
        matches.try_contains_id(id).is_ok_and(|is_there| is_there)
            && matches.value_source(id) == Some(ValueSource::CommandLine)
    };
    if paths(command).any(|arg| is_given(&arg)) {
        return true;
    }
    let below = matches.subcommand();
    below.is_some_and(|(name, below)| command.find_subcommand(name).is_none_or(|command| gives_path(command, below)))
}

fn takes_path(arg: &Arg) -> bool {
    matches!(
        arg.get_value_hint(),
        ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath | ValueHint::ExecutablePath
    )
}

fn paths(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| takes_path(arg))
}

/// Whether the word is this flag, alone, with a value, in a cluster of short flags, or as a beginning that is no other
/// flag of the command.
fn is_flag(word: &str, arg: &Arg, command: &Command) -> bool {
    if let Some(long) = word.strip_prefix("--") {
        let name = long.split('=').next().unwrap_or_default();
        let is_another = command.get_arguments().any(|other| other.get_long() == Some(name));
        let fits = |known: &str| known == name || (!is_another && known.starts_with(name));
        return !name.is_empty() && arg.get_long().is_some_and(fits);
    }
    word.strip_prefix('-').is_some_and(|cluster| arg.get_short().is_some_and(|short| cluster.contains(short)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(line: &str) -> GateVerdict {
        verdict(&split_line(line).unwrap(), &crate::cli::menu(Language::En))
    }

    #[test]
    fn the_owners_commands_run_and_what_leaves_the_page_does_not() {
        for line in [
            "stats --json",
            "stats funnel",
            "--json stats",
            "broadcast send last",
            "user show @anna",
            "discount issue @anna --template manual_10",
            "doctor --offline",
            "report preview",
            "help broadcast",
            "job run birthdays",
            "settings set welcome_enabled true",
            "broadcast create Fair --text hi --all",
            "user message 1 --text hi",
            "broadcast --json list",
            "help",
            "broadcast --help",
        ] {
            assert_eq!(judged(line), GateVerdict::Runs, "{line}");
        }
        for line in [
            "serve",
            "init",
            "demo",
            "backup create",
            "restore x",
            "token create t",
            "admin login 1",
            "migrate",
            "message edit welcome",
            "doctor",
            "report send",
            "import users a.csv",
            "nonsense",
            "completions bash",
            "man -o x",
        ] {
            assert_ne!(judged(line), GateVerdict::Runs, "{line}");
        }
        for line in [
            "-c /etc/dvorik/config.toml stats",
            "stats -c /etc/x",
            "stats -c/etc/x",
            "stats --config=/etc/x",
            "stats --conf /etc/x",
            "discount qr ABC1234 -o /tmp/x.png",
            "discount qr ABC1234 -qo /tmp/x.png",
            "campaign qr flyer --output=/tmp/x.svg",
            "user message 1 --text-file /etc/passwd",
            "broadcast create --photo /etc/passwd",
            "message import /etc/passwd",
            "message -q export --force -o /tmp/x",
            "campaign --json qr flyer -o /tmp/x.svg",
            "message --json import /etc/passwd",
            "broadcast -q create Y --text-file=/etc/passwd --all",
            "message -q edit welcome",
            "admin --json login 1",
            "--lang en serve",
            "user --lang en list -c /etc/x",
        ] {
            assert_ne!(judged(line), GateVerdict::Runs, "{line}");
        }
    }

    /// Every command of the program: what the list does not name is refused, and no argument that is a path gets through.
    #[test]
    fn the_whole_tree_is_behind_the_gate() {
        let menu = crate::cli::menu(Language::En);
        let (mut admitted, mut refused) = (0, 0);
        let mut walk = vec![(Vec::<String>::new(), &menu)];
        while let Some((path, command)) = walk.pop() {
            for sub in command.get_subcommands() {
                walk.push(([path.clone(), vec![sub.get_name().to_owned()]].concat(), sub));
            }
            if path.is_empty() || command.has_subcommands() {
                continue;
            }
            let line = path.join(" ");
            let listed = ADMITTED.contains(&path[0].as_str()) || ADMITTED.contains(&line.as_str());
            let positional = command.get_positionals().any(takes_path);
            let runs = listed && !REFUSED.contains(&line.as_str()) && path[0] != "doctor" && !positional;
            assert_eq!(judged(&line) == GateVerdict::Runs, runs, "{line}");
            for arg in command.get_arguments().filter(|arg| takes_path(arg)) {
                for flag in arg
                    .get_long()
                    .map(|long| format!("--{long}"))
                    .into_iter()
                    .chain(arg.get_short().map(|short| format!("-{short}")))
                {
                    assert_ne!(judged(&format!("{line} {flag} /tmp/x")), GateVerdict::Runs, "{line} {flag}");
                    assert_ne!(judged(&format!("{line} {flag}=/tmp/x")), GateVerdict::Runs, "{line} {flag}");
                }
            }
            // A flag between the words, each flag and place in its turn.
            let (turn, mut words) = (admitted + refused, path.clone());
            words.insert(turn % (path.len() + 1), ["--json", "-q", "-v"][turn % 3].to_owned());
            assert_eq!(judged(&words.join(" ")) == GateVerdict::Runs, runs, "{words:?}");
            words.extend(["-c", "/tmp/x"].map(str::to_owned));
            assert_ne!(judged(&words.join(" ")), GateVerdict::Runs, "{words:?}");
            if runs { admitted += 1 } else { refused += 1 }
        }
        assert!(admitted > 60 && refused > 15, "{admitted} {refused}");
    }
}
