//! Arguments of `job`.

use clap::Subcommand;

use super::shared::Page;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Job {
    List(Page),
    Run(JobRun),
    Crontab,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct JobRun {
    #[arg(value_name = "NAME")]
    pub name: String,
    #[arg(long)]
    pub due: bool,
}
