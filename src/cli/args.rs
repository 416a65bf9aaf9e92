//! The command tree, with names exactly as users type them. It holds no help texts: they all come from the language
//! catalogue (`help.…`), and a test fails for a command or an argument without one. This file holds the top level and
//! what several commands share; the arguments of each noun are in `people`, `codes`, `filter` and `shop`.

/// A value parser for a closed list of words (`ids::words!`): help, completions and error messages know the choices.
macro_rules! one_of {
    ($words:ty) => {
        clap::builder::TypedValueParser::try_map(
            clap::builder::PossibleValuesParser::new(<$words>::ALL.iter().map(|word| word.as_str())),
            |word| <$words>::parse(&word).ok_or("cli.not_understood"),
        )
    };
}

/// The sort orders of a list; `created_at` is an alias of `id`, which grows with it.
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

mod broadcast;
mod codes;
mod export;
mod filter;
mod import;
mod outbox;
mod people;
mod report;
mod shop;
pub(super) mod values;

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{ArgAction, Parser, Subcommand};

pub(super) use broadcast::*;
pub(super) use codes::*;
pub(super) use export::*;
pub(super) use filter::*;
pub(super) use import::*;
pub(super) use outbox::*;
pub(super) use people::*;
pub(super) use report::*;
pub(super) use shop::*;

use crate::demo::Scenario;
use values::Since;

#[derive(Debug, Parser)]
#[command(name = "dvorik", version, subcommand_required = true, arg_required_else_help = true)]
pub(super) struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// `Glance` reads output format and language before parsing; they are declared here so that clap checks and documents
/// them.
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
    Status,
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
pub(super) struct Init {
    #[arg(long)]
    pub force: bool,
    #[arg(long, value_name = "CONTACT")]
    pub support_contact: Option<String>,
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
    #[arg(long)]
    pub headless: bool,
    #[arg(long, value_name = "NAME", default_value = Scenario::Happy.name(), value_parser = Scenario::ALL.map(Scenario::name))]
    pub scenario: String,
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub port: u16,
}

#[derive(Debug, clap::Args)]
pub(super) struct Migrate {
    #[arg(long)]
    pub status: bool,
}

/// Which rows of a list.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Page {
    // A negative number is a value out of range, not an option.
    #[arg(long, value_name = "N", default_value_t = 50, allow_negative_numbers = true,
        value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true,
        value_parser = clap::value_parser!(u32).range(1..))]
    pub page: u32,
}

/// Whether the real shop or the test bots are meant.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct RealmArg {
    #[arg(long)]
    pub test_data: bool,
}

/// The start and the end of a period.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct TimeSpan {
    #[arg(long, value_name = "SINCE", value_parser = values::since)]
    pub since: Option<Since>,
    #[arg(long, value_name = "DATE", value_parser = values::date)]
    pub until: Option<NaiveDate>,
}

/// The sort order of a list that has one time.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct ByTime {
    #[arg(long, value_name = "ORDER", allow_hyphen_values = true, value_parser = values::by_time)]
    pub sort: Option<Age>,
}

/// Whether the oldest or the newest row comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    Oldest,
    Newest,
}

impl ByTime {
    pub(super) fn is_oldest_first(self) -> bool {
        self.sort == Some(Age::Oldest)
    }
}

/// Which rows of a list that is short enough to be read in one go.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Window {
    #[command(flatten)]
    pub span: TimeSpan,
    #[command(flatten)]
    pub sort: ByTime,
    #[command(flatten)]
    pub page: Page,
}

/// `--yes` and `--dry-run` of a command that changes more than one thing.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Care {
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    #[arg(short, long)]
    pub yes: bool,
}

/// A text for Telegram, from the command line or from a file (`-` = stdin).
#[derive(Debug, Clone, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct TextArgs {
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub text: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub text_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Doctor {
    #[arg(long)]
    pub offline: bool,
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

/// `backup` without a verb is `backup create`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct BackupCommand {
    #[command(flatten)]
    pub create: BackupCreate,
    #[command(subcommand)]
    pub verb: Option<BackupVerb>,
}

#[derive(Debug, Subcommand)]
pub(super) enum BackupVerb {
    Create(BackupCreate),
    List(Window),
    Verify(BackupVerify),
    Restore(BackupRestore),
    Prune(BackupPrune),
}

#[derive(Debug, clap::Args)]
pub(super) struct BackupCreate {
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct BackupVerify {
    #[arg(value_name = "BACKUP", default_value = "last")]
    pub backup: String,
}

#[derive(Debug, clap::Args)]
pub(super) struct BackupRestore {
    #[arg(value_name = "BACKUP")]
    pub backup: String,
    #[arg(long)]
    pub void_live: bool,
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct BackupPrune {
    #[arg(short = 'n', long)]
    pub dry_run: bool,
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
