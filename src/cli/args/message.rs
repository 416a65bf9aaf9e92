//! Arguments of `message`.

use std::path::PathBuf;

use clap::Subcommand;

use super::shared::Page;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum MessageCommand {
    List(Page),
    Show(MessageRef),
    Edit(MessageEdit),
    Reset(MessageRef),
    Preview(MessageRef),
    Check(MessageCheck),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct MessageRef {
    #[arg(value_name = "KEY")]
    pub key: String,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct MessageEdit {
    #[arg(value_name = "KEY")]
    pub key: String,
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, conflicts_with = "text_file")]
    pub text: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub text_file: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct MessageCheck {
    #[arg(value_name = "KEY")]
    pub key: Option<String>,
}
