//! Completions with the shop's own names: the shell asks the program for candidates (`completions bash --dynamic` makes
//! it ask), and names of templates, campaigns, segments, cashiers and admins come from the database. Where the database
//! cannot be read, there are no names and no message: pressing TAB must print no errors.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::{CompleteEnv, Shells};

use super::localize::EarlyFlags;
use super::output::ExitCode;
use crate::campaign::{self, Campaign};
use crate::clock::Clock;
use crate::config::{Config, Environment};
use crate::daemon;
use crate::db::{Slice, View};
use crate::discount::template;
use crate::error::Result as ShopResult;
use crate::realm::Realm;
use crate::{segment, settings, staff, texts};

/// The variable that holds the shell's name when the shell asks. Not `DVORIK_…`: those are keys of the configuration.
const VARIABLE: &str = "_DVORIK_COMPLETE";
/// The most candidates for the shell; a person reads no more.
const MOST: u32 = 200;

/// Answers a shell that asks for candidates; `None` when no shell asks. `args` are the arguments after the program's
/// name.
pub(super) fn answer(args: &[OsString], environment: &Environment) -> Option<ExitCode> {
    if !environment.names(VARIABLE) {
        return None;
    }
    // The shell passes `-- dvorik WORDS…`: the command line as far as it has been typed.
    let typed: Vec<OsString> = args.iter().skip_while(|arg| *arg != "--").skip(2).cloned().collect();
    let early = EarlyFlags::over(&typed);
    let config = Config::load(early.config.as_deref(), environment).ok();
    let lang = environment.language(early.lang, config.as_ref().and_then(|config| config.lang));
    let factory = || knowing(super::menu(lang), config.as_ref());
    let line = std::iter::once(OsString::from("dvorik")).chain(args.iter().cloned());
    match CompleteEnv::with_factory(factory).var(VARIABLE).try_complete(line, None) {
        Ok(_) => Some(ExitCode::Ok),
        Err(_) => Some(ExitCode::Usage),
    }
}

/// The candidates for the last of `words`, which begin with the program's name, in the shop with this config.
pub(super) fn words(config: &Path, words: Vec<OsString>) -> Vec<String> {
    let nothing: [(&str, &str); 0] = [];
    let directory = config.parent().unwrap_or(config);
    let config = Config::load(Some(config), &Environment::from_pairs(nothing).in_directory(directory)).ok();
    let mut menu = knowing(super::menu(crate::language::Language::En), config.as_ref());
    let last = words.len().saturating_sub(1);
    let found = clap_complete::engine::complete(&mut menu, words, last, None).unwrap_or_default();
    found.iter().map(|candidate| candidate.get_value().to_string_lossy().into_owned()).collect()
}

/// The script that makes `shell` ask the program; `None` for a shell without support.
pub(super) fn script(shell: &str) -> Option<Vec<u8>> {
    let mut script = Vec::new();
    let shells = Shells::builtins();
    shells.completer(shell)?.write_registration(VARIABLE, "dvorik", "dvorik", "dvorik", &mut script).ok()?;
    Some(script)
}

/// The kinds of names that come from the database.
#[derive(Clone, Copy)]
enum Names {
    Templates,
    Campaigns,
    Segments,
    Sources,
    Cashiers,
    Admins,
    Settings,
    Texts,
}

impl Names {
    /// The kind of name that an argument of this command takes.
    fn wanted(noun: &str, arg: &Arg) -> Option<Self> {
        match (noun, arg.get_id().as_str()) {
            (_, "template") => Some(Self::Templates),
            (_, "campaign" | "by_campaign") => Some(Self::Campaigns),
            (_, "segment") => Some(Self::Segments),
            (_, "source") => Some(Self::Sources),
            (_, "cashier") => Some(Self::Cashiers),
            (_, "admin") => Some(Self::Admins),
            ("settings", "key") => Some(Self::Settings),
            ("message", "key") | ("template", "message") => Some(Self::Texts),
            _ => None,
        }
    }

    /// The names of this kind, each with its description.
    fn listed(self, view: &View<'_>) -> ShopResult<Vec<(String, String)>> {
        let slice = Slice { limit: MOST, offset: 0 };
        Ok(match self {
            Self::Templates => template::list(view)?.into_iter().map(|of| (of.name, of.title)).collect(),
            Self::Campaigns => {
                let named = |of: Campaign| (of.key.as_str().to_owned(), of.name);
                campaign::list(view, Realm::Real, Slice { limit: MOST, offset: 0 })?.0.into_iter().map(named).collect()
            }
            Self::Segments => segment::list(view)?.into_iter().map(|of| (of.name, of.filter.to_json())).collect(),
            Self::Sources => {
                let sources = settings::SOURCES.words(view)?;
                sources.into_iter().map(|source| (source, String::new())).collect()
            }
            Self::Cashiers => {
                let all = staff::list_cashiers(view, Realm::Real, (staff::CashierScope::Requests, None), slice)?.0;
                all.into_iter().map(|of| (of.id.to_string(), of.name)).collect()
            }
            Self::Admins => {
                let all = staff::list_admins(view, MOST, 0)?.0;
                all.into_iter().map(|of| (of.id.to_string(), of.name)).collect()
            }
            Self::Settings => settings::ALL.iter().map(|of| (of.key.to_owned(), String::new())).collect(),
            Self::Texts => {
                let titled = |text: texts::StoredText| (text.key.to_owned(), text.title.to_owned());
                texts::list(view)?.into_iter().map(titled).collect()
            }
        })
    }
}

/// The command tree with the shop's names as candidates of the arguments that take them.
fn knowing(command: Command, config: Option<&Config>) -> Command {
    let config = config.cloned();
    command.mut_subcommands(move |noun| {
        let (name, config) = (noun.get_name().to_owned(), config.clone());
        noun.mut_subcommands(move |verb| {
            let (name, config) = (name.clone(), config.clone());
            verb.mut_args(move |arg| match Names::wanted(&name, &arg) {
                Some(names) => arg.add(completer(names, config.clone())),
                None => arg,
            })
        })
    })
}

fn completer(names: Names, config: Option<Config>) -> ArgValueCompleter {
    ArgValueCompleter::new(move |typed: &OsStr| {
        let typed = typed.to_string_lossy();
        let known = config.as_ref().map(|config| ask(names, config)).unwrap_or_default();
        let fitting = known.into_iter().filter(|(name, _)| name.starts_with(&*typed));
        fitting.map(|(name, title)| candidate(name, title)).collect()
    })
}

fn candidate(name: String, title: String) -> CompletionCandidate {
    CompletionCandidate::new(name).help((!title.is_empty()).then(|| title.into()))
}

fn ask(names: Names, config: &Config) -> Vec<(String, String)> {
    let database = daemon::look_into(config, Clock::System).ok();
    database.and_then(|database| database.read(|view| names.listed(view)).ok()).unwrap_or_default()
}
