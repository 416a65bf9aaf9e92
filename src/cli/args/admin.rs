//! Arguments of `admin`.

use clap::Subcommand;

use super::cashier::CashierRef;
use super::shared::Window;
use crate::staff::{Group, Role};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Admin {
    List(Window),
    Show(AdminRef),
    Approve(AdminApprove),
    Decline(CashierRef),
    Edit(AdminEdit),
    Disable(AdminRef),
    Enable(AdminRef),
    Login(AdminRef),
    Invite(AdminInvite),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AdminInvite {
    #[arg(long, value_name = "ROLE", default_value = Role::Readonly.as_str(), value_parser = one_of!(Role))]
    pub role: Role,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AdminRef {
    #[arg(value_name = "ADMIN")]
    pub admin: String,
}

/// The rights that an owner gives an admin.
#[derive(Debug, Clone, clap::Args)]
pub(in crate::cli) struct Powers {
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    #[arg(long, value_name = "ROLE", value_parser = one_of!(Role))]
    pub role: Option<Role>,
    /// Comma-separated groups of notifications; an empty value means no group.
    #[arg(long, value_name = "GROUPS", value_parser = groups)]
    pub notify: Option<Groups>,
    #[arg(long, value_name = "ON", value_parser = ["on", "off"])]
    pub chat_broadcast: Option<String>,
}

/// Groups of notifications from a comma-separated list, as one argument.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Groups(pub Vec<Group>);

fn groups(typed: &str) -> Result<Groups, &'static str> {
    let words = typed.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.map(Group::parse).collect::<Option<_>>().map(Groups).ok_or("cli.not_groups")
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AdminApprove {
    #[command(flatten)]
    pub who: CashierRef,
    #[command(flatten)]
    pub powers: Powers,
}

#[derive(Debug, clap::Args)]
#[group(id = "powers", required = true, multiple = true, args = ["name", "role", "notify", "chat_broadcast"])]
pub(in crate::cli) struct AdminEdit {
    #[arg(value_name = "ADMIN")]
    pub admin: String,
    #[command(flatten)]
    pub powers: Powers,
}
