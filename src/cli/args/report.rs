//! Arguments of `broadcast report`.

use super::{Page, RealmArg};
use crate::broadcast::Fate;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BroadcastReport {
    #[arg(value_name = "BROADCAST", default_value = "last")]
    pub broadcast: String,
    /// Short for `--state failed`.
    #[arg(long, conflicts_with = "state")]
    pub failed: bool,
    #[arg(long, value_name = "STATE", value_parser = one_of!(Fate))]
    pub state: Option<Fate>,
    #[command(flatten)]
    pub page: Page,
    #[command(flatten)]
    pub world: RealmArg,
}
