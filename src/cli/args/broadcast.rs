//! Arguments of `broadcast`.

use std::path::PathBuf;

use clap::Subcommand;

use super::filter::FilterArgs;
use super::shared::{Care, Page, RealmArg, TextArgs, Window};
use super::values::{self, Moment};
use crate::broadcast::{Fate, Link, Origin, Status};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Broadcast {
    List(Broadcasts),
    Show(BroadcastRef),
    Create(Box<BroadcastCreate>),
    Edit(Box<BroadcastEdit>),
    Estimate(BroadcastRef),
    Test(BroadcastTest),
    Send(BroadcastSend),
    Schedule(BroadcastSchedule),
    Unschedule(BroadcastRef),
    Pause(BroadcastRef),
    Resume(BroadcastSend),
    Cancel(BroadcastChange),
    Status(BroadcastStatus),
    Report(BroadcastReport),
    RetryFailed(BroadcastRetry),
    ResendUnknown(BroadcastSend),
    Recall(BroadcastChange),
    Correct(BroadcastCorrect),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Broadcasts {
    #[arg(long, value_name = "STATUS", value_parser = one_of!(Status))]
    pub status: Option<Status>,
    #[arg(long, value_name = "ORIGIN", value_parser = one_of!(Origin))]
    pub origin: Option<Origin>,
    #[command(flatten)]
    pub window: Window,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BroadcastRef {
    #[arg(value_name = "BROADCAST")]
    pub broadcast: String,
    #[command(flatten)]
    pub realm: RealmArg,
}

/// The broadcast's text, from the command line or from a file (`-` = stdin).
#[derive(Debug, Clone, clap::Args)]
#[group(multiple = false)]
pub(in crate::cli) struct Body {
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub text: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub text_file: Option<PathBuf>,
}

/// The medium above the broadcast's text: a local file, or a `file_id` with its kind.
#[derive(Debug, Clone, clap::Args)]
pub(in crate::cli) struct Picture {
    #[arg(long, value_name = "FILE", num_args = 0..=1, conflicts_with_all = ["video", "document"])]
    pub photo: Option<Option<PathBuf>>,
    #[arg(long, value_name = "FILE", num_args = 0..=1, conflicts_with = "document")]
    pub video: Option<Option<PathBuf>>,
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    pub document: Option<Option<PathBuf>>,
    #[arg(long, value_name = "FILE_ID")]
    pub media_id: Option<String>,
}

/// The broadcast's recipients, given in exactly one way.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RecipientArgs {
    #[arg(long, value_name = "SEGMENT", conflicts_with_all = ["users", "filters"])]
    pub segment: Option<String>,
    #[arg(long, value_name = "USER", value_delimiter = ',', conflicts_with = "filters")]
    pub users: Vec<String>,
    #[command(flatten)]
    pub filter: Box<FilterArgs>,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BroadcastCreate {
    #[arg(value_name = "TITLE")]
    pub title: String,
    #[command(flatten)]
    pub body: Body,
    #[command(flatten)]
    pub picture: Picture,
    #[arg(long, value_name = "TEXT=URL", value_parser = button)]
    pub button: Vec<Link>,
    #[command(flatten)]
    pub recipients: RecipientArgs,
    #[arg(long, value_name = "TEMPLATE")]
    pub template: Option<String>,
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub realm: RealmArg,
}

/// The options of `broadcast edit`: each option that is given replaces a value of the draft.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BroadcastEdit {
    #[arg(value_name = "BROADCAST")]
    pub broadcast: String,
    #[arg(long, value_name = "TITLE")]
    pub title: Option<String>,
    #[command(flatten)]
    pub body: Body,
    #[command(flatten)]
    pub picture: Picture,
    #[arg(long, conflicts_with_all = ["photo", "video", "document"])]
    pub no_media: bool,
    #[arg(long, value_name = "TEXT=URL", value_parser = button)]
    pub button: Vec<Link>,
    #[arg(long, conflicts_with = "button")]
    pub no_buttons: bool,
    #[command(flatten)]
    pub recipients: RecipientArgs,
    #[arg(long, value_name = "TEMPLATE")]
    pub template: Option<String>,
    #[arg(long, conflicts_with = "template")]
    pub no_template: bool,
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BroadcastTest {
    #[arg(value_name = "BROADCAST")]
    pub broadcast: String,
    #[arg(long, value_name = "ADMIN")]
    pub to: String,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BroadcastSend {
    #[arg(value_name = "BROADCAST")]
    pub broadcast: String,
    #[arg(long)]
    pub detach: bool,
    #[arg(short, long)]
    pub yes: bool,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BroadcastSchedule {
    #[arg(value_name = "BROADCAST")]
    pub broadcast: String,
    #[arg(long, value_name = "TIME", value_parser = values::moment)]
    pub at: Moment,
    #[arg(short, long)]
    pub yes: bool,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BroadcastChange {
    #[arg(value_name = "BROADCAST")]
    pub broadcast: String,
    #[command(flatten)]
    pub care: Care,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BroadcastStatus {
    #[arg(value_name = "BROADCAST", default_value = "current")]
    pub broadcast: String,
    #[arg(long)]
    pub follow: bool,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BroadcastReport {
    #[arg(value_name = "BROADCAST", default_value = "last")]
    pub broadcast: String,
    /// Short for `--state failed`.
    #[arg(long, conflicts_with = "state")]
    pub failed: bool,
    #[arg(long, value_name = "STATE", value_parser = one_of!(Fate))]
    pub state: Option<Fate>,
    #[command(flatten)]
    pub page: Page,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BroadcastRetry {
    #[arg(value_name = "BROADCAST")]
    pub broadcast: String,
    #[arg(long, value_name = "CLASS", value_delimiter = ',', required = true,
        value_parser = crate::broadcast::RETRIABLE)]
    pub class: Vec<String>,
    #[arg(long)]
    pub detach: bool,
    #[command(flatten)]
    pub care: Care,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BroadcastCorrect {
    #[arg(value_name = "BROADCAST")]
    pub broadcast: String,
    #[command(flatten)]
    pub words: TextArgs,
    #[command(flatten)]
    pub care: Care,
    #[command(flatten)]
    pub realm: RealmArg,
}

/// A button from its caption and address: `Меню=https://example.org`. A caption may contain equal signs: the separator
/// is the last one before the scheme, and the first one where there is no scheme.
fn button(typed: &str) -> Result<Link, &'static str> {
    let at = scheme(typed).and_then(|scheme| typed.get(..scheme)?.rfind('=')).or_else(|| typed.find('='));
    let (text, url) = at.and_then(|at| typed.split_at_checked(at)).ok_or("cli.not_button")?;
    Ok(Link { text: text.trim().to_owned(), url: url.trim_start_matches('=').trim().to_owned() })
}

/// The position at which the first scheme of an address begins.
fn scheme(typed: &str) -> Option<usize> {
    let end = typed.find("://")?;
    let before = typed.get(..end)?;
    Some(before.trim_end_matches(|sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '+' | '-' | '.')).len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_is_cut_before_its_address() {
        for (typed, text, url) in [
            ("Меню=https://example.org", "Меню", "https://example.org"),
            ("Скидка=10%=https://example.org/?a=b", "Скидка=10%", "https://example.org/?a=b"),
            ("Меню = Https://example.ru", "Меню", "Https://example.ru"),
            ("Меню=example.ru/?a=b", "Меню", "example.ru/?a=b"),
            ("Канал=t.me/x", "Канал", "t.me/x"),
            ("2+2=4=tg://resolve?domain=x", "2+2=4", "tg://resolve?domain=x"),
            ("Меню=example.ru/?to=https://a.b", "Меню=example.ru/?to", "https://a.b"),
        ] {
            let link = button(typed).unwrap();
            assert_eq!((link.text.as_str(), link.url.as_str()), (text, url), "{typed}");
        }
        assert_eq!(button("Меню"), Err("cli.not_button"));
    }
}
