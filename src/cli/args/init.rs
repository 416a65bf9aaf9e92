//! Arguments of `init`.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Init {
    #[arg(long)]
    pub force: bool,
    #[arg(long, value_name = "ZONE")]
    pub timezone: Option<String>,
    #[arg(long, value_name = "CODE")]
    pub currency: Option<String>,
    #[arg(long, value_name = "CHANNEL")]
    pub channel: Option<String>,
    #[arg(long, value_name = "CONTACT")]
    pub support_contact: Option<String>,
    #[arg(long)]
    pub owner_link: bool,
    #[arg(long)]
    pub systemd: bool,
    #[arg(long, value_name = "SHOP", requires = "systemd")]
    pub name: Option<String>,
    #[arg(long, requires = "systemd")]
    pub now: bool,
    #[arg(long, value_name = "FILE", conflicts_with_all = ["force", "timezone", "currency", "channel", "support_contact",
        "owner_link", "systemd"])]
    pub from: Option<PathBuf>,
    #[arg(long, value_name = "FILE", requires = "from")]
    pub key_file: Option<PathBuf>,
}
