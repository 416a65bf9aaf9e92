//! Arguments of `backup`.

use std::path::PathBuf;

use clap::Subcommand;

use super::shared::Window;

/// `backup` without a verb is `backup create`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct BackupCommand {
    #[command(flatten)]
    pub create: BackupCreate,
    #[command(subcommand)]
    pub verb: Option<BackupVerb>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BackupVerb {
    Create(BackupCreate),
    List(Window),
    Verify(BackupVerify),
    Drill(BackupDrill),
    Restore(BackupRestore),
    Prune(BackupPrune),
    Key,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BackupCreate {
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BackupVerify {
    #[arg(value_name = "BACKUP", default_value = "last")]
    pub backup: String,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BackupDrill {
    #[arg(value_name = "BACKUP", default_value = "last", conflicts_with_all = ["litestream", "file"])]
    pub backup: String,
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    pub litestream: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    #[arg(long, value_name = "SECONDS")]
    pub max_behind: Option<u32>,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BackupRestore {
    #[arg(value_name = "BACKUP")]
    pub backup: String,
    #[arg(long)]
    pub bare: bool,
    #[arg(long)]
    pub void_live: bool,
    #[arg(long, value_name = "FILE", conflicts_with = "bare")]
    pub key_file: Option<PathBuf>,
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BackupPrune {
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    #[arg(short, long)]
    pub yes: bool,
}
