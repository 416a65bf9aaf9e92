//! Arguments of `audit`.

use clap::Subcommand;

use super::shared::Window;

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
    pub window: Window,
    #[arg(short, long)]
    pub follow: bool,
}
