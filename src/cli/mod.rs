//! The command line: parses arguments, runs one use-case, prints the result. The rules of the shop are elsewhere.
//!
//! - `args` declares the commands; each noun has a file that runs them, and its `view` has the columns that are
//!   printed.
//! - `refuse` turns every error into a sentence and an exit code; only `output` writes to stdout and stderr.
//! - `session` holds what belongs to one run of the program; `ask` and `keyboard` ask questions and read the answers.
//! - `delivery` and `telegram` send and call Telegram, `qr` draws QR pictures, `editor` opens a text editor, `age_key`
//!   reads the key of an encrypted copy.

mod admin;
mod age_key;
mod args;
mod ask;
mod audit;
mod backup;
mod bot;
mod broadcast;
mod campaign;
mod cashier;
mod complete;
mod delivery;
mod demo;
mod discount;
mod doctor;
mod editor;
mod export;
mod heartbeat;
mod import;
mod input_file;
mod init;
mod invitation;
mod job;
mod keyboard;
pub mod localize;
mod manual;
mod message;
mod migrate;
mod order;
mod outbox;
pub mod output;
mod qr;
mod refuse;
mod report;
mod rules;
mod segment;
mod serve;
mod session;
mod settings;
mod spinner;
mod start_page;
mod stats;
mod status;
mod telegram;
mod template;
mod token;
mod user;
mod webhook;
mod whole_file;

use std::cell::OnceCell;
use std::ffi::OsString;
use std::path::Path;
use std::sync::OnceLock;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

use crate::config::{Config, Environment};
use crate::language::Language;
use args::{Args, Command};
use keyboard::Answers;
use localize::{ClapAnswer, EarlyFlags};
use output::{ExitCode, FailureReport, Flags, Format, Output, Terminal, Voice};
use refuse::Wrong;
use session::Session;

/// Runs one command line (`args` without the program's name) and answers with the exit code. Writes to the process's
/// streams and, as the command demands, to the database and the network.
#[must_use]
pub fn run(args: &[OsString], environment: Environment) -> ExitCode {
    if let Some(code) = complete::answer(args, &environment) {
        return code;
    }
    let terminal = Terminal::detect(&environment);
    run_on(args, environment, Answers::detect(), |flags, voice| Output::new(flags, terminal, voice))
}

/// Runs one command line with any output and any source of answers.
fn run_on(
    args: &[OsString],
    environment: Environment,
    answers: Answers,
    output: impl FnOnce(Flags, Voice) -> Output,
) -> ExitCode {
    let early = EarlyFlags::over(args);
    // A demo knows nothing of the caller's shop.
    let is_demo = early.noun.as_deref() == Some("demo");
    let environment = if is_demo { environment.for_a_demo() } else { environment };
    let config = match is_demo {
        true => Config::load(None, &Environment::default().in_directory(Path::new("/dev/null"))),
        false => Config::load(early.config.as_deref(), &environment),
    };
    let configured = config.as_ref().map_or_else(|errors| errors.lang, |config| config.lang);
    let lang = environment.language(early.lang, configured);
    let mut out = output(early.flags, session::voice(config.as_ref().ok(), lang));
    // With `--json`, `--csv` or `-q` a script calls: without a command that stays a usage error.
    let is_bare = early.noun.is_none() && !(early.flags.json || early.flags.csv || early.flags.quiet);
    let start_page = || {
        let shop = config.as_ref().ok().filter(|config| config.names_a_shop(&environment));
        is_bare.then(|| start_page::page(lang, shop.map(|config| &*config.shop_name)))
    };
    let code = match parse(args, lang, out.paints(), start_page) {
        Ok((Args { global, command }, rehearse)) => {
            let (no_input, verbose) = (global.no_input(), session::log_level(global.verbose));
            let answers = if no_input { Answers::Nobody } else { answers };
            let (config_flag, lang_flag, clock, out) = (early.config, global.lang(), OnceCell::new(), &mut out);
            let session = Session {
                environment,
                config,
                config_flag,
                lang_flag,
                no_input,
                rehearse,
                answers,
                verbose,
                clock,
                out,
            };
            answer(session, command)
        }
        Err(told) => say(&mut out, told),
    };
    out.finish(code)
}

fn answer(mut session: Session<'_>, command: Command) -> ExitCode {
    // The command `serve` starts the daemon's log itself.
    if !matches!(command, Command::Serve(_)) {
        session.start_log();
    }
    match dispatch(&mut session, command) {
        Ok(()) => ExitCode::Ok,
        Err(wrong) => session.tell_failure(&wrong),
    }
}

/// The whole command tree with its texts in `lang`, from which help, errors and manual pages are made.
#[must_use]
pub fn command(lang: Language) -> clap::Command {
    static TREES: [OnceLock<clap::Command>; 2] = [OnceLock::new(), OnceLock::new()];
    let [russian, english] = &TREES;
    let tree = if lang == Language::Ru { russian } else { english };
    tree.get_or_init(|| localize::localized(rules::careful(Args::command()), lang)).clone()
}

/// The command tree without hidden commands.
fn menu(lang: Language) -> clap::Command {
    localize::localized(rules::careful(rules::shown(&Args::command())), lang)
}

/// The parsed arguments, and whether `-n` was among them. The tree gets its texts only if the arguments lead to help or
/// an error: most of the time of a short command would be spent on them.
fn parse(
    args: &[OsString],
    lang: Language,
    color: bool,
    start_page: impl FnOnce() -> Option<String>,
) -> Result<(Args, bool), ClapAnswer> {
    let line: Vec<OsString> = std::iter::once(OsString::from("dvorik")).chain(args.iter().cloned()).collect();
    matched(rules::careful(Args::command()), &line).or_else(|error| {
        if error.kind() == ErrorKind::DisplayVersion {
            return Err(localize::explain(&error, "", lang, color));
        }
        let is_missing =
            matches!(error.kind(), ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand);
        if let Some(text) = is_missing.then(start_page).flatten() {
            return Err(ClapAnswer::Page { text, exit: ExitCode::Ok });
        }
        let command = command(lang);
        let path = localize::path_of(&command, args);
        matched(command, &line).map_err(|error| localize::explain(&error, &path, lang, color))
    })
}

fn matched(command: clap::Command, line: &[OsString]) -> Result<(Args, bool), clap::Error> {
    let matches = command.try_get_matches_from(line)?;
    Ok((Args::from_arg_matches(&matches)?, rules::is_rehearsed(&matches)))
}

/// Prints help. Help that the person asked for goes to stdout; help that appears because something was missing is an
/// error.
fn say(out: &mut Output, told: ClapAnswer) -> ExitCode {
    match told {
        ClapAnswer::Page { text, exit: ExitCode::Ok } => {
            out.raw(text.as_bytes());
            ExitCode::Ok
        }
        ClapAnswer::Page { exit, .. } if matches!(out.format(), Format::Json | Format::Quiet) => {
            let message = out.voice().lang.text("cli.missing_command", &[]);
            out.failure(&FailureReport::new("VALIDATION_ERROR", exit, message))
        }
        ClapAnswer::Page { text, exit } => {
            out.note(text.trim_end());
            exit
        }
        ClapAnswer::Refused(failure) => out.failure(&failure),
    }
}

fn dispatch(session: &mut Session<'_>, command: Command) -> Result<(), Wrong> {
    match command {
        Command::Init(args) => init::init(session, &args),
        Command::Serve(args) => serve::serve(session, &args),
        Command::Demo(args) => demo::demo(session, &args),
        Command::Migrate(args) => migrate::migrate(session, &args),
        Command::User(verb) => user::run(session, verb),
        Command::Users(args) => user::list(session, &args),
        Command::Cashier(verb) => cashier::run(session, verb),
        Command::Cashiers(args) => cashier::list(session, &args),
        Command::Admin(verb) => admin::run(session, verb),
        Command::Admins(args) => admin::list(session, &args),
        Command::Token(verb) => token::run(session, verb),
        Command::Tokens(args) => token::list(session, args),
        Command::Template(verb) => template::run(session, verb),
        Command::Templates(args) => template::list(session, &args),
        Command::Discount(verb) => discount::run(session, verb),
        Command::Discounts(args) => discount::list(session, &args),
        Command::Segment(verb) => segment::run(session, verb),
        Command::Segments(args) => segment::list(session, &args),
        Command::Broadcast(verb) => broadcast::run(session, verb),
        Command::Broadcasts(args) => broadcast::list(session, &args),
        Command::Campaign(verb) => campaign::run(session, verb),
        Command::Campaigns(args) => campaign::list(session, &args),
        Command::Message(verb) => message::run(session, verb),
        Command::Messages(args) => message::list(session, &args),
        Command::Export(verb) => export::run(session, verb),
        Command::Import(verb) => import::run(session, verb),
        Command::Stats(args) => stats::stats(session, &args),
        Command::Audit(args::Audit::List(args)) => audit::list(session, &args),
        Command::Order(verb) => order::run(session, verb),
        Command::Orders(args) => order::list(session, &args),
        Command::Outbox(verb) => outbox::run(session, verb),
        Command::Report(verb) => report::run(session, verb),
        Command::Job(verb) => job::run(session, verb),
        Command::Jobs(args) => job::list(session, args),
        Command::Settings(verb) => settings::run(session, verb),
        Command::Doctor(args) => doctor::doctor(session, args),
        Command::Status(args) => status::status(session, &args),
        Command::Bot(args::BotCommand::List(args)) | Command::Bots(args) => bot::list(session, args),
        Command::Bot(args::BotCommand::Sync) => bot::sync(session),
        Command::Webhook(args::WebhookCommand::Set(args)) => webhook::set(session, args),
        Command::Webhook(args::WebhookCommand::Delete) => webhook::delete(session),
        Command::Webhook(args::WebhookCommand::Info(args)) => webhook::info(session, args),
        Command::Backup(args) => backup::backup(session, &args),
        Command::Backups(args) => backup::list(session, &args),
        Command::Completions(args) => manual::completions(session, &args),
        Command::Man(args) => manual::man(session, &args),
    }
}

#[cfg(test)]
mod tests;
