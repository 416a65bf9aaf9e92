//! Shows clap's output in the person's language: help texts from the language catalogue (`help.<path>.about`,
//! `help.<path>.<arg>`; texts of many commands under `help.common` and `help.global`), headings, and every error about
//! a command line. Commands are declared without texts; a test uses `missing_keys` to find commands and arguments that
//! have none.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{Resettable, StyledStr};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use super::output::{ColorChoice, ExitCode, FailureReport, Flags};
use super::rules;
use crate::language::Language;

/// What clap returns instead of arguments.
#[derive(Debug, Clone, PartialEq)]
pub enum ClapAnswer {
    /// Help or version: on stdout when the person asked for it (`ExitCode::Ok`), on stderr when something was missing.
    Page {
        /// The page, coloured if asked.
        text: String,
        /// How the process ends.
        exit: ExitCode,
    },
    /// A command line that cannot be parsed; exit 2.
    Refused(FailureReport),
}

/// The command with every text in `lang`. The command is built already, so it can parse or render its help at once.
#[must_use]
pub fn localized(mut command: Command, lang: Language) -> Command {
    command.build();
    speak(command, &mut Vec::new(), lang)
}

/// The keys of the language catalogue that the visible commands and arguments need and that a language lacks. Empty if
/// all have texts.
#[must_use]
pub fn missing_keys(command: &Command) -> Vec<String> {
    let mut command = command.clone();
    command.build();
    let mut missing = Vec::new();
    collect_missing(&command, &mut Vec::new(), &mut missing);
    missing
}

fn collect_missing(command: &Command, path: &mut Vec<String>, missing: &mut Vec<String>) {
    let unknown = |keys: &[String]| {
        let known_everywhere = |key: &String| Language::ALL.iter().all(|language| language.knows(key));
        if keys.iter().any(known_everywhere) { None } else { keys.first().cloned() }
    };
    missing.extend(unknown(&[key_of(path, "about")]));
    let arguments = command.get_arguments().filter(|arg| !arg.is_hide_set());
    missing.extend(arguments.filter_map(|arg| unknown(&argument_keys(path, arg))));
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help" && !inner.is_hide_set()) {
        path.push(inner.get_name().to_owned());
        collect_missing(inner, path, missing);
        path.pop();
    }
}

fn key_of(path: &[String], last: &str) -> String {
    std::iter::once("help").chain(path.iter().map(String::as_str)).chain([last]).collect::<Vec<_>>().join(".")
}

/// The keys under which an argument's text may be, most specific first.
fn argument_keys(path: &[String], arg: &Arg) -> Vec<String> {
    let id = arg.get_id().as_str();
    if is_shared(arg) {
        return vec![format!("help.global.{id}")];
    }
    vec![key_of(path, id), format!("help.common.{id}")]
}

fn is_shared(arg: &Arg) -> bool {
    arg.is_global_set() || matches!(arg.get_id().as_str(), "help" | "version")
}

fn speak(command: Command, path: &mut Vec<String>, lang: Language) -> Command {
    let text = |key: &str| lang.knows(key).then(|| lang.text(key, &[]));
    let examples = text(&key_of(path, "examples"));
    let template = template(&command, lang);
    let mut command = command
        .help_template(template)
        .subcommand_help_heading(lang.text("help.heading.commands", &[]))
        .subcommand_value_name(lang.text("help.heading.command", &[]))
        .mut_args(|arg| argument(arg, path, lang));
    if let Some(about) = text(&key_of(path, "about")) {
        command = command.about(about).long_about(Resettable::Reset);
    }
    let epilogue = rules::epilogue(&path.join(" "), examples.clone(), lang).or(examples);
    if let Some(epilogue) = epilogue {
        command = command.after_help(epilogue);
    }
    let is_root = path.is_empty();
    command.mut_subcommands(|inner| {
        if inner.get_name() == "help" {
            return help_command(inner, path, lang).hide(!is_root);
        }
        // `users` is an alias of `user list` and has its texts.
        let meant = if inner.is_hide_set() { alias_of(inner.get_name()) } else { vec![inner.get_name().to_owned()] };
        let depth = path.len();
        path.extend(meant);
        let inner = speak(inner, path, lang);
        path.truncate(depth);
        inner
    })
}

/// The path of the command for which a plural is an alias: `user list` for `users`.
fn alias_of(plural: &str) -> Vec<String> {
    [plural.strip_suffix('s').unwrap_or(plural), "list"].map(str::to_owned).to_vec()
}

fn template(command: &Command, lang: Language) -> StyledStr {
    let style = command.get_styles().get_usage();
    let usage = lang.text("help.heading.usage", &[]);
    let text = format!(
        "{{before-help}}{{about-with-newline}}\n{style}{usage}:{style:#} {{usage}}\n\n{{all-args}}{{after-help}}"
    );
    StyledStr::from(text)
}

/// The command `help` with its texts. clap puts copies of all commands under `help`; each copy gets the text of its
/// original.
fn help_command(command: Command, path: &mut Vec<String>, lang: Language) -> Command {
    let about = lang.text("help.global.help_command", &[]);
    command.about(about).mut_subcommands(|inner| copied(inner, path, lang))
}

fn copied(command: Command, path: &mut Vec<String>, lang: Language) -> Command {
    let meant = if command.is_hide_set() { alias_of(command.get_name()) } else { vec![command.get_name().to_owned()] };
    let depth = path.len();
    path.extend(meant);
    let key =
        if command.get_name() == "help" { String::from("help.global.help_command") } else { key_of(path, "about") };
    let command = command.about(lang.text(&key, &[])).mut_subcommands(|inner| copied(inner, path, lang));
    path.truncate(depth);
    command
}

fn argument(arg: Arg, path: &[String], lang: Language) -> Arg {
    let heading = match (is_shared(&arg), arg.is_positional()) {
        (true, _) => "help.heading.global",
        (false, true) => "help.heading.arguments",
        (false, false) => "help.heading.options",
    };
    let words = argument_keys(path, &arg).into_iter().find(|key| lang.knows(key)).map(|key| lang.text(&key, &[]));
    let facts = facts(&arg, lang);
    let arg = arg.help_heading(lang.text(heading, &[])).hide_possible_values(true).hide_default_value(true);
    match words {
        Some(words) => arg.help(words + &facts).long_help(Resettable::Reset),
        None => arg,
    }
}

/// The parts of a help text that clap would add in English: choices and default.
fn facts(arg: &Arg, lang: Language) -> String {
    if !arg.get_action().takes_values() {
        return String::new();
    }
    let choices: Vec<String> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    let default: Vec<String> =
        arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    let fact = |key: &str, values: &[String]| {
        let said = || format!(" [{}]", lang.text(key, &[("values", &values.join(", "))]));
        if values.is_empty() { String::new() } else { said() }
    };
    fact("help.choices", &choices) + &fact("help.default", &default)
}

/// The command that these arguments (without the program's name) lead to: `dvorik discount issue`. An option's value
/// that is spelled like a command is mistaken for a command. That does no harm: the path only decides whose help an
/// error message names.
#[must_use]
pub fn path_of(command: &Command, args: &[OsString]) -> String {
    let mut path = command.get_name().to_owned();
    let mut at = command;
    for inner in args.iter().take_while(|arg| *arg != "--") {
        if let Some(found) = at.find_subcommand(inner) {
            path = format!("{path} {}", found.get_name());
            at = found;
        }
    }
    path
}

/// clap's help or error in `lang`; `path` is the command that was entered, as `path_of` finds it.
#[must_use]
pub fn explain(error: &clap::Error, path: &str, lang: Language, color: bool) -> ClapAnswer {
    let page = |exit| {
        let rendered = error.render();
        let text = if color { rendered.ansi().to_string() } else { rendered.to_string() };
        let options = format!("[{}]", lang.text("help.heading.options_slot", &[]));
        ClapAnswer::Page { text: text.replace("[OPTIONS]", &options), exit }
    };
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => page(ExitCode::Ok),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => page(ExitCode::Usage),
        _ => ClapAnswer::Refused(refusal(error, path, lang)),
    }
}

fn refusal(error: &clap::Error, path: &str, lang: Language) -> FailureReport {
    let failure = FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, message(error, lang));
    let hints =
        [suggestion(error, lang), trailing(error, lang), Some(lang.text("cli.see_help", &[("command", &path)]))];
    failure.with_hint(hints.into_iter().flatten().collect::<Vec<_>>().join("\n"))
}

fn context(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) if !texts.is_empty() => Some(texts.join(", ")),
        ContextValue::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn message(error: &clap::Error, lang: Language) -> String {
    let arg = context(error, ContextKind::InvalidArg).unwrap_or_default();
    let value = context(error, ContextKind::InvalidValue).unwrap_or_default();
    let command = context(error, ContextKind::InvalidSubcommand).unwrap_or_default();
    let say = |key: &str| lang.text(key, &[("arg", &arg), ("value", &value), ("command", &command)]);
    match error.kind() {
        ErrorKind::UnknownArgument if arg.starts_with('-') => say("cli.unknown_option"),
        ErrorKind::UnknownArgument => say("cli.extra_argument"),
        ErrorKind::InvalidSubcommand => say("cli.unknown_command"),
        ErrorKind::MissingSubcommand => say("cli.missing_command"),
        ErrorKind::MissingRequiredArgument => say("cli.missing_argument"),
        ErrorKind::InvalidValue if value.is_empty() => say("cli.missing_value"),
        ErrorKind::InvalidValue => say("cli.invalid_value"),
        ErrorKind::ValueValidation => match reason(error, lang) {
            Some(reason) => format!("{}: {reason}", say("cli.invalid_value")),
            None => say("cli.invalid_value"),
        },
        ErrorKind::ArgumentConflict => conflict(error, &arg, lang),
        ErrorKind::TooManyValues => say("cli.too_many_values"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => say("cli.wrong_number_of_values"),
        ErrorKind::NoEquals => say("cli.no_equals"),
        ErrorKind::InvalidUtf8 => say("cli.not_utf8"),
        _ => say("cli.not_understood"),
    }
}

/// The text of a value parser's error; a catalogue key becomes its text. clap's own number parser has English errors
/// and is recognised by their sentences.
fn reason(error: &clap::Error, lang: Language) -> Option<String> {
    let source = std::error::Error::source(error)?.to_string();
    if let Some((_, range)) = source.split_once(" is not in ") {
        return Some(lang.text("cli.out_of_range", &[("range", &range)]));
    }
    let is_number = ["digit", "number too", "float", "integer from empty"].iter().any(|known| source.contains(known));
    Some(lang.text(if is_number { "cli.not_number" } else { &source }, &[])).filter(|text| !text.is_empty())
}

fn conflict(error: &clap::Error, arg: &str, lang: Language) -> String {
    match context(error, ContextKind::PriorArg) {
        Some(other) if other != arg => lang.text("cli.conflict", &[("arg", &arg), ("other", &other)]),
        _ => lang.text("cli.repeated", &[("arg", &arg)]),
    }
}

fn suggestion(error: &clap::Error, lang: Language) -> Option<String> {
    let kinds = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let near = kinds.into_iter().find_map(|kind| match error.get(kind)? {
        // clap puts the likeliest suggestion last.
        ContextValue::Strings(texts) => texts.last().cloned(),
        _ => context(error, kind),
    });
    if let Some(near) = near {
        return Some(lang.text("suggest.maybe", &[("word", &near)]));
    }
    let choices = [ContextKind::ValidValue, ContextKind::ValidSubcommand];
    let choices = choices.into_iter().find_map(|kind| context(error, kind))?;
    Some(lang.text("cli.choices", &[("values", &choices)]))
}

/// The hint that a value that begins with a dash goes behind `--`.
fn trailing(error: &clap::Error, lang: Language) -> Option<String> {
    let applies = error.get(ContextKind::TrailingArg) == Some(&ContextValue::Bool(true));
    applies.then(|| lang.text("cli.after_dashes", &[]))
}

/// What must be known before parsing: the language and the format of error messages.
#[derive(Debug, Clone, Default)]
pub struct EarlyFlags {
    /// `--lang`, if it names a language.
    pub lang: Option<Language>,
    /// `-c`, `--config`.
    pub config: Option<PathBuf>,
    /// `--json`, `--csv`, `-q`, `--color`.
    pub flags: Flags,
    /// The first word that is no flag: the noun.
    pub noun: Option<String>,
}

impl EarlyFlags {
    /// Scans the arguments (without the program's name) up to `--`; other arguments are ignored.
    #[must_use]
    pub fn over(args: &[OsString]) -> Self {
        let mut seen = Self::default();
        let mut rest = args.iter().take_while(|arg| *arg != "--");
        while let Some(arg) = rest.next() {
            let text = arg.to_string_lossy();
            let (name, value) =
                text.split_once('=').map_or((&*text, None), |(name, value)| (name, Some(value.to_owned())));
            let mut value = || value.clone().map(OsString::from).or_else(|| rest.next().cloned()).unwrap_or_default();
            match name {
                "--json" => seen.flags.json = true,
                "--csv" => seen.flags.csv = true,
                "-q" | "--quiet" => seen.flags.quiet = true,
                "--lang" => seen.lang = Language::parse(&value().to_string_lossy()),
                "-c" | "--config" => seen.config = Some(PathBuf::from(value())),
                "--color" => seen.flags.color = color_choice(&value().to_string_lossy()),
                word if !word.starts_with('-') && seen.noun.is_none() => seen.noun = Some(text.clone().into_owned()),
                _ => {}
            }
        }
        seen
    }
}

fn color_choice(text: &str) -> ColorChoice {
    match text {
        "always" => ColorChoice::Always,
        "never" => ColorChoice::Never,
        _ => ColorChoice::Auto,
    }
}

#[cfg(test)]
mod tests;
