//! Arguments of `discount`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Subcommand;

use super::filter::FilterArgs;
use super::shared::{Care, Page, RealmArg, TimeSpan};
use super::values;
use crate::discount::{CodeSort, Condition};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Discount {
    Issue(Issue),
    List(Discounts),
    Show(CodeRef),
    Check(CodeRef),
    Redeem(Redeem),
    Undo(Undo),
    Revoke(Revoke),
    Extend(Extend),
    Qr(CodeQr),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Issue {
    #[arg(
        value_name = "USER", required_unless_present_any = ["segment", "filters"],
        conflicts_with_all = ["segment", "filters"]
    )]
    pub user: Option<String>,
    #[arg(long, value_name = "TEMPLATE")]
    pub template: String,
    #[arg(long, value_name = "SEGMENT", conflicts_with = "filters")]
    pub segment: Option<String>,
    #[command(flatten)]
    pub filter: Box<FilterArgs>,
    #[arg(long)]
    pub no_notify: bool,
    #[command(flatten)]
    pub care: Care,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Discounts {
    #[arg(long, value_name = "USER")]
    pub user: Option<String>,
    #[arg(long, value_name = "TEMPLATE")]
    pub template: Option<String>,
    #[arg(long, value_name = "STATUS", value_parser = one_of!(Condition))]
    pub status: Option<Condition>,
    #[command(flatten)]
    pub span: TimeSpan,
    #[arg(long, value_name = "ORDER", allow_hyphen_values = true, value_parser = order_of!(CodeSort))]
    pub sort: Option<CodeSort>,
    #[command(flatten)]
    pub page: Page,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CodeRef {
    #[arg(value_name = "CODE")]
    pub code: String,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Redeem {
    #[arg(value_name = "CODE")]
    pub code: String,
    #[arg(long, value_name = "CASHIER")]
    pub cashier: Option<String>,
    #[arg(long, value_name = "RUB", value_parser = values::amount)]
    pub amount: Option<i64>,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Undo {
    #[arg(value_name = "CODE")]
    pub code: String,
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Revoke {
    #[arg(value_name = "CODE", required = true)]
    pub code: Vec<String>,
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    #[arg(long)]
    pub notify: bool,
    #[command(flatten)]
    pub care: Care,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Extend {
    #[arg(value_name = "CODE")]
    pub code: String,
    #[arg(long, value_name = "DATE", value_parser = values::date)]
    pub until: NaiveDate,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CodeQr {
    #[arg(value_name = "CODE")]
    pub code: String,
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub realm: RealmArg,
}
