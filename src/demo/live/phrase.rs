//! The meaning of a typed line: a button's number, a command word of the demo after a colon, or a message to the bot.
//! Pure.

use crate::demo::report::Role;
use crate::demo::stage::Spin;
use crate::language::Language;

/// The meaning of a typed line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Phrase {
    /// An empty line: show the buttons again.
    Nothing,
    /// A message to the bot of the current chat.
    Says(String),
    /// The button with this number.
    Presses(usize),
    /// Switches to another role.
    Becomes(Role),
    /// Switches to the shell: lines are commands from now on.
    OpensShell,
    /// Runs one `dvorik` command with these arguments.
    Runs(Vec<String>),
    /// The customer joins the channel, or leaves it.
    Channel,
    /// The customer blocks the bot, or unblocks it.
    Blocks,
    /// The cashier scans the customer's QR picture.
    Scans,
    /// Changes the shop's clock by this word, or shows it.
    Clock(Option<ClockWord>),
    /// A word after `:clock` that the demo does not know.
    UnknownClock,
    /// Telegram asks for a pause at the next message.
    RefusesNext,
    /// Telegram goes out of reach for a while, or comes back.
    Network,
    /// The daemon is killed, and started again after a moment.
    Kills,
    /// Shows the steps of the tour.
    Tour,
    /// Shows what may be typed.
    Help,
    /// Ends the demo.
    Quits,
    /// A word after a colon that the demo does not know.
    Unknown(String),
    /// A command whose quotation mark is never closed.
    Unclosed,
}

/// What happens to the shop's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClockWord {
    /// It runs so many times faster.
    Rate(i64),
    /// It runs on by an hour or a day at once.
    Spin(Spin),
}

/// The command words after a colon, each list under `demo.live.word.…` in the language catalogues; both languages are
/// understood.
const WORDS: [(&str, Phrase); 14] = [
    ("customer", Phrase::Becomes(Role::Customer)),
    ("staff", Phrase::Becomes(Role::Cashier)),
    ("owner", Phrase::Becomes(Role::Owner)),
    ("shell", Phrase::OpensShell),
    ("channel", Phrase::Channel),
    ("block", Phrase::Blocks),
    ("scan", Phrase::Scans),
    ("clock", Phrase::Clock(None)),
    ("rate", Phrase::RefusesNext),
    ("network", Phrase::Network),
    ("kill", Phrase::Kills),
    ("tour", Phrase::Tour),
    ("help", Phrase::Help),
    ("quit", Phrase::Quits),
];

/// Parses a typed line; in the shell every line without a colon is a command.
pub(super) fn read(line: &str, in_shell: bool) -> Phrase {
    let line = line.trim();
    match line.strip_prefix(':') {
        None if line.is_empty() => Phrase::Nothing,
        None if in_shell => command(line),
        None => button(line).map_or_else(|| Phrase::Says(line.to_owned()), Phrase::Presses),
        Some(words) => word(words.trim()),
    }
}

/// The number of a button. Longer numbers are dates and codes, not buttons.
fn button(line: &str) -> Option<usize> {
    let short = line.len() <= 2 && line.bytes().all(|byte| byte.is_ascii_digit());
    short.then(|| line.parse().ok()).flatten()
}

fn word(words: &str) -> Phrase {
    let (first, rest) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
    let said = first.to_lowercase();
    match WORDS.iter().find(|(key, _)| is_word(key, &said)).map(|(_, phrase)| phrase) {
        Some(Phrase::Clock(_)) if !rest.trim().is_empty() => clock(rest.trim()),
        Some(Phrase::OpensShell) if !rest.trim().is_empty() => command(rest),
        Some(phrase) => phrase.clone(),
        None => Phrase::Unknown(first.to_owned()),
    }
}

/// Whether this is the word, in either language.
fn is_word(key: &str, said: &str) -> bool {
    let key = format!("demo.live.word.{key}");
    Language::ALL.iter().any(|language| language.text(&key, &[]).split(", ").any(|word| word == said))
}

/// Parses what follows `:clock`.
fn clock(words: &str) -> Phrase {
    let said = words.to_lowercase();
    let spin = [("hour", Spin::Hour), ("day", Spin::Day)].into_iter().find(|(key, _)| is_word(key, &said));
    match (said.parse(), spin) {
        (Ok(rate @ (1 | 60)), _) => Phrase::Clock(Some(ClockWord::Rate(rate))),
        (_, Some((_, spin))) => Phrase::Clock(Some(ClockWord::Spin(spin))),
        _ => Phrase::UnknownClock,
    }
}

/// Parses a `dvorik` command; the program's own name may be left out.
fn command(line: &str) -> Phrase {
    let Some(mut words) = split(line) else { return Phrase::Unclosed };
    if words.first().is_some_and(|word| word == "dvorik") {
        words.remove(0);
    }
    Phrase::Runs(words)
}

/// Splits a command line as a shell does: blanks between words, quotation marks around words with blanks. `None`: a
/// quotation mark is not closed.
#[must_use]
pub fn split(line: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut open) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (open, c) {
            (Some(mark), _) if c == mark => open = None,
            (None, '"' | '\'') => {
                open = Some(c);
                word.get_or_insert_default();
            }
            (None, _) if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    open.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(text: &str) -> Phrase {
        Phrase::Says(text.into())
    }

    #[test]
    fn short_numbers_press_buttons_and_longer_ones_are_said() {
        assert_eq!(read("1", false), Phrase::Presses(1));
        assert_eq!(read(" 12 ", false), Phrase::Presses(12));
        assert_eq!(read("03022002", false), says("03022002"));
        assert_eq!(read("/start ref_flyer", false), says("/start ref_flyer"));
        assert_eq!(read("  ", false), Phrase::Nothing);
    }

    #[test]
    fn roles_are_called_in_both_alphabets() {
        for (typed, role) in [
            (":к", Role::Customer),
            (":K", Role::Customer),
            (":customer", Role::Customer),
            (":с", Role::Cashier),
            (":c", Role::Cashier),
            (":staff", Role::Cashier),
            (":в", Role::Owner),
            (": owner", Role::Owner),
        ] {
            assert_eq!(read(typed, false), Phrase::Becomes(role), "{typed}");
            assert_eq!(read(typed, true), Phrase::Becomes(role), "{typed} in the shell");
        }
        assert_eq!(read(":q", true), Phrase::Quits);
        assert_eq!(read(":zz top", false), Phrase::Unknown("zz".into()));
    }

    #[test]
    fn the_clock_and_faults_have_words_in_both_languages() {
        let clock = |word| Phrase::Clock(Some(word));
        for (typed, phrase) in [
            (":часы", Phrase::Clock(None)),
            (":часы 60", clock(ClockWord::Rate(60))),
            (":clock 1", clock(ClockWord::Rate(1))),
            (":часы +час", clock(ClockWord::Spin(Spin::Hour))),
            (":clock +day", clock(ClockWord::Spin(Spin::Day))),
            (":часы 2", Phrase::UnknownClock),
            (":часы завтра", Phrase::UnknownClock),
            (":429", Phrase::RefusesNext),
            (":сеть", Phrase::Network),
            (":net", Phrase::Network),
            (":убить", Phrase::Kills),
            (":kill", Phrase::Kills),
            (":путь", Phrase::Tour),
            (":tour", Phrase::Tour),
        ] {
            assert_eq!(read(typed, false), phrase, "{typed}");
        }
    }

    #[test]
    fn a_command_is_split_as_a_shell_does() {
        let runs = |words: &[&str]| Phrase::Runs(words.iter().map(|word| (*word).to_owned()).collect());
        assert_eq!(read(":sh stats", false), runs(&["stats"]));
        assert_eq!(read("dvorik stats --json", true), runs(&["stats", "--json"]));
        assert_eq!(
            read(":sh campaign create \"Листовка у входа\" --key 'a b' ''", false),
            runs(&["campaign", "create", "Листовка у входа", "--key", "a b", ""])
        );
        assert_eq!(read(":sh say \"half", false), Phrase::Unclosed);
        assert_eq!(read(":sh", false), Phrase::OpensShell);
        assert_eq!(read("1", true), runs(&["1"]));
    }
}
