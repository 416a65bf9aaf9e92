//! Arguments of `user`, `cashier`, `admin`, `order` and `token`.

use clap::Subcommand;

use super::values;
use super::{ByTime, Care, FilterArgs, Page, RealmArg, TextArgs, TimeSpan, Window};
use crate::access::Scope;
use crate::order;
use crate::staff::{Group, Role, StaffStatus};
use crate::user::{CustomerSort, Gender, UserStatus};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum User {
    List(Users),
    Show(UserRef),
    Edit(UserEdit),
    Block(UserRef),
    Unblock(UserRef),
    Tag(UserTag),
    Message(UserMessage),
    Erase(UserErase),
    Export(UserRef),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Users {
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
    #[command(flatten)]
    pub filter: Box<FilterArgs>,
    #[command(flatten)]
    pub span: TimeSpan,
    #[arg(long, value_name = "ORDER", allow_hyphen_values = true, value_parser = order_of!(CustomerSort))]
    pub sort: Option<CustomerSort>,
    #[command(flatten)]
    pub page: Page,
    #[command(flatten)]
    pub world: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct UserRef {
    #[arg(value_name = "USER")]
    pub user: String,
    #[command(flatten)]
    pub world: RealmArg,
}

/// The fields of a customer to change; an empty value clears a field.
#[derive(Debug, clap::Args)]
#[group(id = "fields", required = true, multiple = true, args = ["birthday", "phone", "gender", "status"])]
pub(in crate::cli) struct UserEdit {
    #[arg(value_name = "USER")]
    pub user: String,
    #[arg(long, value_name = "DATE")]
    pub birthday: Option<String>,
    #[arg(long, value_name = "PHONE")]
    pub phone: Option<String>,
    #[arg(long, value_name = "GENDER", value_parser = one_of!(Gender))]
    pub gender: Option<Gender>,
    #[arg(long, value_name = "STATUS", value_parser = one_of!(UserStatus))]
    pub status: Option<UserStatus>,
    #[command(flatten)]
    pub world: RealmArg,
}

#[derive(Debug, clap::Args)]
#[group(id = "tags", required = true, multiple = true, args = ["add", "remove"])]
pub(in crate::cli) struct UserTag {
    #[arg(value_name = "USER")]
    pub user: String,
    #[arg(value_name = "TAG")]
    pub add: Vec<String>,
    #[arg(long, value_name = "TAG", value_delimiter = ',')]
    pub remove: Vec<String>,
    #[command(flatten)]
    pub world: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct UserMessage {
    #[arg(value_name = "USER")]
    pub user: String,
    #[command(flatten)]
    pub words: TextArgs,
    #[command(flatten)]
    pub world: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct UserErase {
    #[arg(value_name = "USER")]
    pub user: String,
    #[command(flatten)]
    pub care: Care,
    #[command(flatten)]
    pub world: RealmArg,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Cashier {
    List(Cashiers),
    Show(CashierRef),
    Approve(CashierNamed),
    Decline(CashierRef),
    Suspend(CashierRef),
    Activate(CashierRef),
    Edit(CashierEdit),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Cashiers {
    #[arg(long, value_name = "STATUS", value_parser = one_of!(StaffStatus))]
    pub status: Option<StaffStatus>,
    #[command(flatten)]
    pub window: Window,
    #[command(flatten)]
    pub world: RealmArg,
}

#[derive(Debug, Clone, clap::Args)]
pub(in crate::cli) struct CashierRef {
    #[arg(value_name = "CASHIER")]
    pub cashier: String,
    #[command(flatten)]
    pub world: RealmArg,
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

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Token {
    Create(TokenCreate),
    List(Window),
    Revoke(TokenRef),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TokenCreate {
    #[arg(value_name = "NAME")]
    pub name: String,
    #[arg(long, value_name = "SCOPES", required = true, value_parser = scopes)]
    pub scope: Scopes,
    #[arg(long, value_name = "SPAN", value_parser = values::lifetime, conflicts_with = "days")]
    pub expires: Option<u32>,
    /// The older name of the flag `--expires`.
    #[arg(long, hide = true, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub days: Option<u32>,
}

/// A comma-separated list as one value.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Scopes(pub Vec<Scope>);

fn scopes(typed: &str) -> Result<Scopes, &'static str> {
    let words = typed.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.map(Scope::parse).collect::<Option<_>>().map(Scopes).ok_or("cli.not_scopes")
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TokenRef {
    #[arg(value_name = "TOKEN")]
    pub token: String,
}

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
    pub span: TimeSpan,
    #[command(flatten)]
    pub sort: ByTime,
    #[command(flatten)]
    pub page: Page,
    #[command(flatten)]
    pub world: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct OrderEdit {
    #[arg(value_name = "ORDER")]
    pub order: i64,
    #[arg(long, value_name = "STATUS", value_parser = one_of!(order::Status))]
    pub status: order::Status,
}
