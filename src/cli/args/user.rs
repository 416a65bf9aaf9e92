//! Arguments of `user`.

use clap::Subcommand;

use super::filter::FilterArgs;
use super::shared::{Care, Page, RealmArg, TextArgs, TimeSpan};
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
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct UserRef {
    #[arg(value_name = "USER")]
    pub user: String,
    #[command(flatten)]
    pub realm: RealmArg,
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
    pub realm: RealmArg,
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
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct UserMessage {
    #[arg(value_name = "USER")]
    pub user: String,
    #[command(flatten)]
    pub words: TextArgs,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct UserErase {
    #[arg(value_name = "USER")]
    pub user: String,
    #[command(flatten)]
    pub care: Care,
    #[command(flatten)]
    pub realm: RealmArg,
}
