//! Arguments of `cashier`.

use clap::Subcommand;

use super::shared::{RealmArg, Window};
use crate::staff::StaffStatus;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Cashier {
    List(Cashiers),
    Show(CashierRef),
    Approve(CashierNamed),
    Decline(CashierRef),
    Suspend(CashierRef),
    Activate(CashierRef),
    Edit(CashierEdit),
    Invite(CashierInvite),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CashierInvite {
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Cashiers {
    #[arg(long, value_name = "STATUS", value_parser = one_of!(StaffStatus))]
    pub status: Option<StaffStatus>,
    #[command(flatten)]
    pub window: Window,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, Clone, clap::Args)]
pub(in crate::cli) struct CashierRef {
    #[arg(value_name = "CASHIER")]
    pub cashier: String,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CashierNamed {
    #[command(flatten)]
    pub who: CashierRef,
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CashierEdit {
    #[command(flatten)]
    pub who: CashierRef,
    #[arg(long, value_name = "NAME")]
    pub name: String,
}
