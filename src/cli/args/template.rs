//! Arguments of `template`.

use clap::Subcommand;

use super::shared::Page;
use super::values;
use crate::discount::model::Usage;
use crate::discount::template::{Event, Recurrence, Reminder};
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

/// Reminders from a comma-separated list, as one argument.
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
