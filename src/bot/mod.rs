//! The two bots as doors: an update is parsed, facts only Telegram knows are fetched, one use-case runs, its outcome is
//! rendered into the outbox in the same transaction. No rule of the shop lives here.

pub mod customer;
pub mod intake;
mod render;
pub mod staff;

use crate::db::{Database, View};
use crate::error::Result;
use crate::ids::TelegramId;
use crate::realm::{BotName, Realm};
use crate::telegram::client::Bot;
use crate::telegram::update;
use crate::texts;
use crate::user::Person;

/// What a handler works with.
#[derive(Clone)]
pub struct Desk {
    /// Which bot this is.
    pub name: BotName,
    /// The bot itself.
    pub bot: Bot,
    /// The shop's database.
    pub db: Database,
    /// The key of the hash that stands for erased people (`security.jwt_secret`).
    pub erasure_key: Option<std::sync::Arc<str>>,
}

impl Desk {
    /// The world this bot's rows belong to.
    #[must_use]
    pub const fn realm(&self) -> Realm {
        self.name.realm()
    }
}

/// The answer to a pressed button, given after the effect is committed. It may get lost; nothing depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackAnswer {
    /// Telegram's id of the press.
    pub id: String,
    /// A line shown to whoever pressed.
    pub text: Option<String>,
}

/// The commands Telegram shows in the menu of a bot: name and description.
///
/// # Errors
/// Storage only.
pub fn commands(view: &View<'_>, bot: BotName) -> Result<Vec<(&'static str, String)>> {
    let keys = if bot.is_for_customers() { customer::COMMANDS } else { staff::COMMANDS };
    keys.iter().map(|(name, key)| Ok((*name, texts::caption(view, key)?))).collect()
}

fn person(from: &update::Person) -> Person {
    Person {
        id: TelegramId(from.id),
        username: from.username.clone(),
        first_name: Some(from.first_name.clone()).filter(|name| !name.is_empty()),
        last_name: from.last_name.clone(),
    }
}
