//! Arguments of `export`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Subcommand;

use super::filter::FilterArgs;
use super::shared::{RealmArg, TimeSpan};
use super::values;
use crate::discount::{Attempt, Condition};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Export {
    Users(ExportUsers),
    Discounts(ExportDiscounts),
    Usage(ExportUsage),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ExportUsers {
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
    #[command(flatten)]
    pub filter: Box<FilterArgs>,
    #[command(flatten)]
    pub span: TimeSpan,
    #[command(flatten)]
    pub realm: RealmArg,
    #[command(flatten)]
    pub to: ExportTo,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ExportDiscounts {
    #[arg(long, value_name = "USER")]
    pub user: Option<String>,
    #[arg(long, value_name = "TEMPLATE")]
    pub template: Option<String>,
    #[arg(long, value_name = "STATUS", value_parser = one_of!(Condition))]
    pub status: Option<Condition>,
    #[command(flatten)]
    pub span: TimeSpan,
    #[command(flatten)]
    pub realm: RealmArg,
    #[command(flatten)]
    pub to: ExportTo,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ExportUsage {
    #[arg(long, value_name = "STATUS", value_parser = one_of!(Attempt))]
    pub status: Option<Attempt>,
    #[arg(long, value_name = "CASHIER")]
    pub cashier: Option<String>,
    #[arg(long, value_name = "DATE", value_parser = values::date)]
    pub since: Option<NaiveDate>,
    #[arg(long, value_name = "DATE", value_parser = values::date)]
    pub until: Option<NaiveDate>,
    #[command(flatten)]
    pub realm: RealmArg,
    #[command(flatten)]
    pub to: ExportTo,
}

/// Where the export goes and its format. Without a format: JSON lines under `--json`, else CSV.
#[derive(Debug, Clone, clap::Args)]
pub(in crate::cli) struct ExportTo {
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,
    #[arg(long, value_name = "FORMAT", value_parser = ["csv", "jsonl"])]
    pub format: Option<String>,
    #[arg(long)]
    pub excel: bool,
    #[arg(long)]
    pub force: bool,
}
