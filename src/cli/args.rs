//! The command tree, with the names exactly as users type them. Help texts are not in the code: all come from the
//! language catalogue (`help.…`), and a test fails for a command or an argument without a help text. This file declares
//! the top level and the commands with few arguments; every other noun has a file of its own. `shared` declares the
//! arguments that several nouns take, `filter` the flags that select customers; `values` parses the values of
//! arguments.

/// A value parser for a closed list of words (`ids::words!`): help, completions and error messages know the choices.
macro_rules! one_of {
    ($words:ty) => {
        clap::builder::TypedValueParser::try_map(
            clap::builder::PossibleValuesParser::new(<$words>::ALL.iter().map(|word| word.as_str())),
            |word| <$words>::parse(&word).ok_or("cli.not_understood"),
        )
    };
}

/// A value parser for the sort order of a list. `created_at` is an alias of `id`, because newer rows have larger ids.
macro_rules! order_of {
    ($words:ty) => {
        clap::builder::TypedValueParser::try_map(
            clap::builder::PossibleValuesParser::new(<$words>::ALL.iter().map(|word| {
                let possible = clap::builder::PossibleValue::new(word.as_str());
                match word.as_str() {
                    "id" => possible.alias("created_at"),
                    "-id" => possible.alias("-created_at"),
                    _ => possible,
                }
            })),
            |word| <$words>::parse(&word.replace("created_at", "id")).ok_or("cli.not_understood"),
        )
    };
}

mod admin;
mod audit;
mod backup;
mod broadcast;
mod campaign;
mod cashier;
mod discount;
mod export;
mod filter;
mod import;
mod init;
mod job;
mod message;
mod order;
mod outbox;
mod segment;
mod settings;
mod shared;
mod stats;
mod template;
mod token;
mod user;
pub(super) mod values;

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::NaiveDateTime;
use clap::{ArgAction, Parser, Subcommand};

pub(super) use admin::*;
pub(super) use audit::*;
pub(super) use backup::*;
pub(super) use broadcast::*;
pub(super) use campaign::*;
pub(super) use cashier::*;
pub(super) use discount::*;
pub(super) use export::*;
pub(super) use import::*;
pub(super) use init::*;
pub(super) use job::*;
pub(super) use message::*;
pub(super) use order::*;
pub(super) use outbox::*;
pub(super) use segment::*;
pub(super) use settings::*;
pub(super) use shared::*;
pub(super) use stats::*;
pub(super) use template::*;
pub(super) use token::*;
pub(super) use user::*;

use crate::demo::Scenario;
use crate::language::Language;

#[derive(Debug, Parser)]
#[command(name = "dvorik", version, subcommand_required = true, arg_required_else_help = true)]
pub(super) struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// The arguments that every command takes. `EarlyFlags` reads output format and language before clap parses the command
/// line; they are declared here as well, so that clap checks and documents them.
#[derive(Debug, clap::Args)]
pub(super) struct Global {
    #[arg(short, long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[arg(long, global = true)]
    json: bool,
    #[arg(long, global = true)]
    csv: bool,
    #[arg(short, long, global = true)]
    quiet: bool,
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    #[arg(long, global = true, value_name = "WHEN", value_parser = ["auto", "always", "never"])]
    color: Option<String>,
    #[arg(long, global = true, value_name = "LANG", value_parser = ["ru", "en"])]
    lang: Option<String>,
    #[arg(long, global = true)]
    no_input: bool,
}

impl Global {
    pub(super) const fn no_input(&self) -> bool {
        self.no_input
    }

    /// The language of `--lang`.
    pub(super) fn lang(&self) -> Option<Language> {
        self.lang.as_deref().and_then(Language::parse)
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Init(Init),
    Serve(Serve),
    Demo(Demo),
    Migrate(Migrate),
    #[command(subcommand, arg_required_else_help = true)]
    User(User),
    #[command(hide = true)]
    Users(Users),
    #[command(subcommand, arg_required_else_help = true)]
    Cashier(Cashier),
    #[command(hide = true)]
    Cashiers(Cashiers),
    #[command(subcommand, arg_required_else_help = true)]
    Admin(Admin),
    #[command(hide = true)]
    Admins(Window),
    #[command(subcommand, arg_required_else_help = true)]
    Token(Token),
    #[command(hide = true)]
    Tokens(Window),
    #[command(subcommand, arg_required_else_help = true)]
    Template(Template),
    #[command(hide = true)]
    Templates(Page),
    #[command(subcommand, arg_required_else_help = true)]
    Discount(Discount),
    #[command(hide = true)]
    Discounts(Discounts),
    #[command(subcommand, arg_required_else_help = true)]
    Segment(Segment),
    #[command(hide = true)]
    Segments(Window),
    #[command(subcommand, arg_required_else_help = true)]
    Broadcast(Broadcast),
    #[command(hide = true)]
    Broadcasts(Broadcasts),
    #[command(subcommand, arg_required_else_help = true)]
    Campaign(Campaign),
    #[command(hide = true)]
    Campaigns(Window),
    #[command(subcommand, arg_required_else_help = true)]
    Message(MessageCommand),
    #[command(hide = true)]
    Messages(Page),
    #[command(subcommand, arg_required_else_help = true)]
    Export(Export),
    #[command(subcommand, arg_required_else_help = true)]
    Import(Import),
    Stats(Stats),
    Doctor(Doctor),
    Status(ShopStatus),
    #[command(subcommand, arg_required_else_help = true)]
    Bot(BotCommand),
    #[command(hide = true)]
    Bots(Page),
    #[command(subcommand, arg_required_else_help = true)]
    Webhook(WebhookCommand),
    #[command(subcommand, arg_required_else_help = true)]
    Audit(Audit),
    #[command(subcommand, arg_required_else_help = true)]
    Order(OrderCommand),
    #[command(hide = true)]
    Orders(Orders),
    #[command(subcommand, arg_required_else_help = true)]
    Outbox(Outbox),
    #[command(subcommand, arg_required_else_help = true)]
    Report(ReportCommand),
    #[command(subcommand, arg_required_else_help = true)]
    Job(Job),
    #[command(hide = true)]
    Jobs(Page),
    #[command(subcommand, arg_required_else_help = true)]
    Settings(Settings),
    Backup(BackupCommand),
    #[command(hide = true)]
    Backups(Window),
    Completions(Completions),
    Man(Man),
}

#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    #[arg(long)]
    pub migrate: bool,
    #[arg(long)]
    pub no_bots: bool,
    #[arg(long)]
    pub no_scheduler: bool,
    #[arg(long, conflicts_with = "webhook")]
    pub polling: bool,
    #[arg(long)]
    pub webhook: bool,
    #[arg(long, value_name = "ADDRESS", value_parser = values::address)]
    pub listen: Option<SocketAddr>,
    /// For a process that starts a daemon of its own: the daemon ends with that process, however it ends.
    #[arg(long, hide = true)]
    pub until_stdin_ends: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    #[arg(long, conflicts_with = "headless")]
    pub terminal: bool,
    #[arg(long)]
    pub headless: bool,
    #[arg(long, value_name = "NAME", default_value = Scenario::Happy.name(), value_parser = Scenario::ALL.map(Scenario::name))]
    pub scenario: String,
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    #[arg(long, value_name = "TIME", value_parser = values::local_time, conflicts_with_all = ["headless", "terminal"])]
    pub at: Option<NaiveDateTime>,
    #[arg(long, conflicts_with_all = ["headless", "terminal"])]
    pub no_open: bool,
    #[arg(long, value_name = "DIR", conflicts_with_all = ["headless", "terminal"])]
    pub keep: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Migrate {
    #[arg(long)]
    pub status: bool,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(super) enum ReportCommand {
    Send,
    Preview,
}

#[derive(Debug, clap::Args)]
pub(super) struct ShopStatus {
    #[arg(long)]
    pub ready: bool,
}

#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Doctor {
    #[arg(long)]
    pub offline: bool,
    #[arg(long)]
    pub deep: bool,
    #[arg(long)]
    pub fix: bool,
    #[arg(long)]
    pub strict: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum BotCommand {
    List(Page),
    Sync,
}

#[derive(Debug, Subcommand)]
pub(super) enum WebhookCommand {
    Set(WebhookSet),
    Delete,
    Info(Page),
}

#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct WebhookSet {
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: clap_complete::Shell,
    #[arg(long)]
    pub dynamic: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Man {
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}
