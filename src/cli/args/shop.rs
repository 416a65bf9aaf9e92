//! Arguments of `message`, `settings`, `audit`, `stats`, `report` and `job`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Subcommand, ValueEnum};

use super::values::{self, Since};
use super::{ByTime, Page, RealmArg, TimeSpan};
use crate::report::series::By;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum MessageCommand {
    List(Page),
    Show(MessageRef),
    Edit(MessageEdit),
    Reset(MessageRef),
    Preview(MessageRef),
    Check(MessageCheck),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct MessageRef {
    #[arg(value_name = "KEY")]
    pub key: String,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct MessageEdit {
    #[arg(value_name = "KEY")]
    pub key: String,
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, conflicts_with = "text_file")]
    pub text: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub text_file: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct MessageCheck {
    #[arg(value_name = "KEY")]
    pub key: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Settings {
    List(Page),
    Get(SettingRef),
    Set(SettingSet),
    Unset(SettingRef),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SettingRef {
    #[arg(value_name = "KEY")]
    pub key: String,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SettingSet {
    #[arg(value_name = "KEY")]
    pub key: String,
    // Numeric channel ids begin with a dash.
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    pub value: String,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Audit {
    List(AuditList),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AuditList {
    #[arg(long, value_name = "ACTOR")]
    pub actor: Option<String>,
    #[arg(long, value_name = "ENTITY")]
    pub entity: Option<String>,
    #[arg(long, value_name = "ACTION")]
    pub action: Option<String>,
    #[command(flatten)]
    pub span: TimeSpan,
    #[command(flatten)]
    pub sort: ByTime,
    #[command(flatten)]
    pub page: Page,
    #[arg(short, long)]
    pub follow: bool,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Stats {
    #[arg(value_name = "VIEW", value_enum, default_value = "overview")]
    pub view: StatsView,
    #[arg(long, value_name = "SINCE", value_parser = values::since, conflicts_with_all = ["from", "to"])]
    pub since: Option<Since>,
    #[arg(long, value_name = "DATE", value_parser = values::date)]
    pub from: Option<NaiveDate>,
    #[arg(long, value_name = "DATE", value_parser = values::date)]
    pub to: Option<NaiveDate>,
    #[arg(long, value_name = "SLICE", value_parser = one_of!(By))]
    pub by: Option<By>,
    #[command(flatten)]
    pub world: RealmArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum StatsView {
    Overview,
    Funnel,
    Cashiers,
    Campaigns,
    Templates,
    Broadcasts,
    Heatmap,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(in crate::cli) enum ReportCommand {
    Send,
    Preview,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Job {
    List(Page),
    Run(JobRun),
    Crontab,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct JobRun {
    #[arg(value_name = "NAME")]
    pub name: String,
    #[arg(long)]
    pub due: bool,
}
