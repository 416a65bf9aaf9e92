//! Arguments of the commands around a code: `template`, `discount`, `campaign`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Subcommand;

use super::values;
use super::{Care, FilterArgs, Page, RealmArg, TimeSpan, Window};
use crate::discount::model::Usage;
use crate::discount::template::{Event, Recurrence, Reminder};
use crate::discount::{CodeSort, Condition};
use crate::money::DiscountValue;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Template {
    List(Page),
    Show(TemplateRef),
    Create(TemplateCreate),
    Edit(TemplateEdit),
    Enable(TemplateRef),
    Disable(TemplateRef),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TemplateRef {
    #[arg(value_name = "TEMPLATE")]
    pub template: String,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TemplateCreate {
    #[arg(value_name = "NAME")]
    pub name: String,
    #[arg(long, value_name = "TITLE")]
    pub title: String,
    #[arg(long, value_name = "VALUE", value_parser = values::worth)]
    pub value: DiscountValue,
    #[arg(long, value_name = "EVENT", default_value = "manual", value_parser = one_of!(Event))]
    pub event: Event,
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub days: u32,
    #[command(flatten)]
    pub more: TemplateMore,
}

/// Optional properties of a template; `none` clears one.
#[derive(Debug, Clone, clap::Args)]
pub(in crate::cli) struct TemplateMore {
    #[arg(long, value_name = "WHEN", value_parser = recurrence)]
    pub recurrence: Option<OrNone<Recurrence>>,
    #[arg(long, value_name = "DAYS", allow_hyphen_values = true, value_parser = reminders)]
    pub remind: Option<Reminders>,
    #[arg(long, value_name = "USAGE", value_parser = one_of!(Usage))]
    pub usage: Option<Usage>,
    #[arg(long, value_name = "KEY", value_parser = message_key)]
    pub message: Option<OrNone<String>>,
}

/// A value, or the word `none`.
#[derive(Debug, Clone)]
pub(in crate::cli) struct OrNone<T>(pub Option<T>);

/// Several values from a comma-separated list, as one argument.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Reminders(pub Vec<Reminder>);

fn recurrence(typed: &str) -> Result<OrNone<Recurrence>, &'static str> {
    match typed.trim() {
        "none" => Ok(OrNone(None)),
        word => Recurrence::parse(word).map(|when| OrNone(Some(when))).ok_or("cli.not_recurrence"),
    }
}

fn reminders(typed: &str) -> Result<Reminders, &'static str> {
    let words = typed.split(',').filter(|word| !matches!(word.trim(), "" | "none"));
    words.map(Reminder::parse).collect::<Option<_>>().map(Reminders).ok_or("cli.not_reminders")
}

#[expect(clippy::unnecessary_wraps, reason = "clap wants a parser; whether the text exists the shop says")]
fn message_key(typed: &str) -> Result<OrNone<String>, &'static str> {
    Ok(OrNone((typed != "none").then(|| typed.to_owned())))
}

#[derive(Debug, clap::Args)]
#[group(
    id = "fields", required = true, multiple = true,
    args = ["title", "value", "event", "days", "recurrence", "remind", "usage", "message"]
)]
pub(in crate::cli) struct TemplateEdit {
    #[arg(value_name = "TEMPLATE")]
    pub template: String,
    #[arg(long, value_name = "TITLE")]
    pub title: Option<String>,
    #[arg(long, value_name = "VALUE", value_parser = values::worth)]
    pub value: Option<DiscountValue>,
    #[arg(long, value_name = "EVENT", value_parser = one_of!(Event))]
    pub event: Option<Event>,
    #[arg(long, value_name = "N")]
    pub days: Option<u32>,
    #[command(flatten)]
    pub more: TemplateMore,
}

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
    pub world: RealmArg,
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
    pub world: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CodeRef {
    #[arg(value_name = "CODE")]
    pub code: String,
    #[command(flatten)]
    pub world: RealmArg,
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
    pub world: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Undo {
    #[arg(value_name = "CODE")]
    pub code: String,
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    #[command(flatten)]
    pub world: RealmArg,
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
    pub world: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Extend {
    #[arg(value_name = "CODE")]
    pub code: String,
    #[arg(long, value_name = "DATE", value_parser = values::date)]
    pub until: NaiveDate,
    #[command(flatten)]
    pub world: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CodeQr {
    #[arg(value_name = "CODE")]
    pub code: String,
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub world: RealmArg,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Campaign {
    Create(CampaignCreate),
    List(Window),
    Show(CampaignRef),
    Edit(CampaignEdit),
    Stats(CampaignStats),
    Link(CampaignRef),
    Qr(CampaignQr),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CampaignCreate {
    #[arg(value_name = "NAME")]
    pub name: String,
    #[arg(long, value_name = "KEY")]
    pub key: String,
    #[arg(long, value_name = "TEMPLATE")]
    pub template: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CampaignRef {
    #[arg(value_name = "CAMPAIGN")]
    pub campaign: String,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CampaignStats {
    #[arg(value_name = "CAMPAIGN")]
    pub campaign: String,
    #[command(flatten)]
    pub world: RealmArg,
}

#[derive(Debug, clap::Args)]
#[group(id = "fields", required = true, multiple = true, args = ["name", "template"])]
pub(in crate::cli) struct CampaignEdit {
    #[arg(value_name = "CAMPAIGN")]
    pub campaign: String,
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// `none` removes the template.
    #[arg(long, value_name = "TEMPLATE")]
    pub template: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CampaignQr {
    #[arg(value_name = "CAMPAIGN")]
    pub campaign: String,
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}
