//! Arguments of `settings`.

use clap::Subcommand;

use super::shared::Page;

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
