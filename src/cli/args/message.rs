//! Arguments of `message`.

use std::path::PathBuf;

use clap::Subcommand;

use super::shared::{Care, Page};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum MessageCommand {
    List(Page),
    Show(MessageRef),
    Edit(MessageEdit),
    Reset(MessageRef),
    Preview(MessageRef),
    Check(MessageCheck),
    Language(MessageLanguage),
    Export(MessageExport),
    Import(MessageImport),
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

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct MessageLanguage {
    #[arg(value_name = "LANG", value_parser = ["ru", "en"])]
    pub language: String,
    #[command(flatten)]
    pub care: Care,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct MessageExport {
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,
    #[arg(long)]
    pub custom: bool,
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct MessageImport {
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub care: Care,
}
