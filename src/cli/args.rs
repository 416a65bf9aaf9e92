//! The command tree, names exactly as users type them. No prose stands here: every word comes from the language
//! catalogue (`help.…`), and a test fails for a command or an argument without words.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{ArgAction, Parser, Subcommand, ValueEnum};

use crate::demo::Scenario;

use super::page::Since;

#[derive(Debug, Parser)]
#[command(name = "dvorik", version, subcommand_required = true, arg_required_else_help = true)]
pub(super) struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Shape and language have been read by `Glance` before this is parsed; they are declared here to be checked and
/// documented.
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
    Users(RealmPage),
    #[command(subcommand, arg_required_else_help = true)]
    Cashier(Cashier),
    #[command(hide = true)]
    Cashiers(RealmPage),
    #[command(subcommand, arg_required_else_help = true)]
    Template(Template),
    #[command(hide = true)]
    Templates(Page),
    #[command(subcommand, arg_required_else_help = true)]
    Discount(Discount),
    #[command(subcommand, arg_required_else_help = true)]
    Campaign(Campaign),
    #[command(hide = true)]
    Campaigns(Page),
    #[command(subcommand, arg_required_else_help = true)]
    Settings(Settings),
    Stats(Stats),
    Completions(Completions),
    Man(Man),
}

#[derive(Debug, clap::Args)]
pub(super) struct Init {
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    #[arg(long)]
    pub migrate: bool,
    #[arg(long)]
    pub no_bots: bool,
    #[arg(long)]
    pub polling: bool,
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
    // A negative number is a number out of range, not an option.
    #[arg(long, value_name = "N", default_value_t = 50, allow_negative_numbers = true,
        value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true,
        value_parser = clap::value_parser!(u32).range(1..))]
    pub page: u32,
}

/// Which rows of a list whose rows may be test data.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct RealmPage {
    #[command(flatten)]
    pub page: Page,
    #[command(flatten)]
    pub world: World,
}

/// The shop's life, or the rows of the test bots.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct World {
    #[arg(long)]
    pub test_data: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum User {
    List(RealmPage),
    Show(UserRef),
}

#[derive(Debug, clap::Args)]
pub(super) struct UserRef {
    #[arg(value_name = "USER")]
    pub user: String,
    #[command(flatten)]
    pub world: World,
}

#[derive(Debug, Subcommand)]
pub(super) enum Cashier {
    List(RealmPage),
    Approve(Approve),
}

#[derive(Debug, clap::Args)]
pub(super) struct Approve {
    #[arg(value_name = "CASHIER")]
    pub cashier: String,
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    #[command(flatten)]
    pub world: World,
}

#[derive(Debug, Subcommand)]
pub(super) enum Template {
    List(Page),
}

#[derive(Debug, Subcommand)]
pub(super) enum Discount {
    Issue(Issue),
    Show(CodeRef),
    Check(CodeRef),
    Redeem(Redeem),
    Revoke(Revoke),
}

#[derive(Debug, clap::Args)]
pub(super) struct Issue {
    #[arg(value_name = "USER")]
    pub user: String,
    #[arg(long, value_name = "TEMPLATE")]
    pub template: String,
    #[arg(long)]
    pub no_notify: bool,
    #[command(flatten)]
    pub world: World,
}

#[derive(Debug, clap::Args)]
pub(super) struct CodeRef {
    #[arg(value_name = "CODE")]
    pub code: String,
    #[command(flatten)]
    pub world: World,
}

#[derive(Debug, clap::Args)]
pub(super) struct Redeem {
    #[arg(value_name = "CODE")]
    pub code: String,
    #[arg(long, value_name = "CASHIER")]
    pub cashier: Option<String>,
    #[arg(long, value_name = "RUB", value_parser = super::page::amount)]
    pub amount: Option<i64>,
    #[command(flatten)]
    pub world: World,
}

#[derive(Debug, clap::Args)]
pub(super) struct Revoke {
    #[arg(value_name = "CODE")]
    pub code: String,
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    #[command(flatten)]
    pub world: World,
}

#[derive(Debug, Subcommand)]
pub(super) enum Campaign {
    Create(Create),
    List(Page),
}

#[derive(Debug, clap::Args)]
pub(super) struct Create {
    #[arg(value_name = "NAME")]
    pub name: String,
    #[arg(long, value_name = "KEY")]
    pub key: String,
    #[arg(long, value_name = "TEMPLATE")]
    pub template: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Settings {
    List(Page),
    Get(Get),
    Set(Set),
}

#[derive(Debug, clap::Args)]
pub(super) struct Get {
    #[arg(value_name = "KEY")]
    pub key: String,
}

#[derive(Debug, clap::Args)]
pub(super) struct Set {
    #[arg(value_name = "KEY")]
    pub key: String,
    // Numeric channel ids begin with a dash.
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    pub value: String,
}

#[derive(Debug, clap::Args)]
pub(super) struct Stats {
    #[arg(value_name = "VIEW", value_enum, default_value = "overview")]
    pub view: StatsView,
    #[arg(long, value_name = "SINCE", value_parser = super::page::since, conflicts_with_all = ["from", "to"])]
    pub since: Option<Since>,
    #[arg(long, value_name = "DATE", value_parser = super::page::date)]
    pub from: Option<NaiveDate>,
    #[arg(long, value_name = "DATE", value_parser = super::page::date)]
    pub to: Option<NaiveDate>,
    #[command(flatten)]
    pub world: World,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum StatsView {
    Overview,
}

#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: clap_complete::Shell,
}

#[derive(Debug, clap::Args)]
pub(super) struct Man {
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}
