//! Arguments of `order`.

use clap::Subcommand;

use super::shared::{RealmArg, Window};
use crate::order;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum OrderCommand {
    List(Orders),
    Edit(OrderEdit),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Orders {
    #[arg(long, value_name = "STATUS", value_parser = one_of!(order::Status))]
    pub status: Option<order::Status>,
    #[command(flatten)]
    pub window: Window,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct OrderEdit {
    #[arg(value_name = "ORDER")]
    pub order: i64,
    #[arg(long, value_name = "STATUS", value_parser = one_of!(order::Status))]
    pub status: order::Status,
}
