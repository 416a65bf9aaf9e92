//! Arguments of `outbox`.

use clap::Subcommand;

use super::shared::{Care, Page, RealmArg, TimeSpan};
use crate::undelivered::{LetterOrder, LetterState, Retriable};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Outbox {
    List(Letters),
    Retry(OutboxRetry),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Letters {
    #[arg(long, value_name = "STATE", value_parser = one_of!(LetterState))]
    pub state: Option<LetterState>,
    #[command(flatten)]
    pub span: TimeSpan,
    #[arg(long, value_name = "ORDER", allow_hyphen_values = true, value_parser = one_of!(LetterOrder))]
    pub sort: Option<LetterOrder>,
    #[command(flatten)]
    pub page: Page,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["letter", "state"]))]
pub(in crate::cli) struct OutboxRetry {
    #[arg(value_name = "ID")]
    pub letter: Vec<i64>,
    #[arg(long, value_name = "STATE", value_parser = one_of!(Retriable))]
    pub state: Option<Retriable>,
    #[command(flatten)]
    pub realm: RealmArg,
    #[command(flatten)]
    pub care: Care,
}
