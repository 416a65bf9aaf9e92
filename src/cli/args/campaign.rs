//! Arguments of `campaign`.

use std::path::PathBuf;

use clap::Subcommand;

use super::shared::{RealmArg, Window};

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
    pub realm: RealmArg,
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
