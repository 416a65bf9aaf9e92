//! Arguments of `import`.

use std::path::PathBuf;

use clap::Subcommand;

use super::shared::{Care, RealmArg};
use super::values;
use crate::user::import::{Conflict, Mapped};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Import {
    Users(ImportUsers),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ImportUsers {
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[arg(long, value_name = "WHAT", default_value = Conflict::Skip.as_str(), value_parser = one_of!(Conflict))]
    pub on_conflict: Conflict,
    #[arg(long, value_name = "COLUMN=FIELD", value_parser = values::mapped)]
    pub map: Vec<Mapped>,
    #[command(flatten)]
    pub care: Care,
    #[command(flatten)]
    pub realm: RealmArg,
}
