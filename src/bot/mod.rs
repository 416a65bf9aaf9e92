//! The customer bot and the staff bot. They are doors: an update is parsed, facts are fetched from Telegram, one
//! use-case runs, and its result is rendered into the outbox in the same transaction. The rules of the shop are
//! elsewhere.

mod chat_broadcast;
mod customer;
pub mod intake;
mod render;
mod staff;

use crate::db::{Database, Tx, View};
use crate::error::Result;
use crate::ids::TelegramId;
use crate::realm::{BotName, Realm};
use crate::staff::{Role, StaffStatus};
use crate::telegram::client::{Bot, Scope};
use crate::telegram::update;
use crate::user::Person;
use crate::{shop, texts};

/// The most admins for whom menus are registered; a shop has fewer than ten.
const MOST_ADMINS: u32 = 50;

/// One bot with its Telegram client and the shop's database: what the handlers of the bot's updates work with.
#[derive(Clone)]
pub struct Desk {
    /// The bot's name.
    pub name: BotName,
    /// The bot's Telegram client.
    pub bot: Bot,
    /// The shop's database.
    pub db: Database,
    /// The key of the hash that stands for erased people (`security.erasure_key`).
    pub erasure_key: Option<std::sync::Arc<str>>,
}

impl Desk {
    /// The realm of this bot's rows.
    #[must_use]
    pub const fn realm(&self) -> Realm {
        self.name.realm()
    }
}

/// The answer to a pressed button, sent after the effect is committed. The answer may be lost; nothing depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackAnswer {
    /// Telegram's id of the press.
    pub id: String,
    /// The notice that Telegram shows to the person who pressed; `None` only stops the button's spinner.
    pub text: Option<String>,
}

/// The effect of an update. Returns the notice that Telegram shows over the pressed button; `None` when the reply is a
/// message in the chat.
type Effect = Box<dyn FnOnce(&Tx<'_>) -> Result<Option<String>> + Send>;

/// The result of reading an update. A handler writes nothing: `intake` runs the effect, in the transaction that marks
/// the update as done.
struct Handled {
    /// Telegram's id of the press, for the answer to it; `None` when no button was pressed.
    press: Option<String>,
    effect: Effect,
}

impl Handled {
    fn new(press: Option<String>, effect: impl FnOnce(&Tx<'_>) -> Result<Option<String>> + Send + 'static) -> Self {
        Self { press, effect: Box::new(effect) }
    }

    /// The result for an update that this bot ignores: nothing is done.
    fn ignored() -> Self {
        Self::new(None, |_| Ok(None))
    }
}

/// The commands of the staff bot that only admins see (`OF_ADMINS`), and those that only owners see (`OF_OWNERS`).
const OF_ADMINS: [&str; 1] = ["get_token"];
const OF_OWNERS: [&str; 2] = ["requests", "stats"];

/// A menu of commands and its scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    /// The users who see the menu.
    pub scope: Scope,
    /// The name and the description of each command.
    pub commands: Vec<(&'static str, String)>,
}

/// The menus of a bot: one for all users; in the staff bot also one for each active admin.
pub fn menus(view: &View<'_>, bot: BotName) -> Result<Vec<Menu>> {
    if bot.is_for_customers() {
        return Ok(vec![menu(view, Scope::Everybody, customer::commands(shop::language(view)?).iter())?]);
    }
    let is_for = |role: Option<Role>, name: &str| match role {
        Some(Role::Owner) => true,
        Some(_) => !OF_OWNERS.contains(&name),
        None => !OF_OWNERS.contains(&name) && !OF_ADMINS.contains(&name),
    };
    let of = |role| staff::COMMANDS.iter().filter(move |(name, _)| is_for(role, name));
    let mut menus = vec![menu(view, Scope::Everybody, of(None))?];
    let (admins, _) = crate::staff::list_admins(view, MOST_ADMINS, 0)?;
    for admin in admins.iter().filter(|admin| admin.status == StaffStatus::Active) {
        menus.push(menu(view, Scope::Chat(admin.telegram_id.0), of(Some(admin.role)))?);
    }
    Ok(menus)
}

fn menu<'k>(view: &View<'_>, scope: Scope, keys: impl Iterator<Item = &'k (&'static str, &'k str)>) -> Result<Menu> {
    let commands = keys.map(|(name, key)| Ok((*name, texts::caption(view, key)?))).collect::<Result<_>>()?;
    Ok(Menu { scope, commands })
}

fn person(from: &update::TelegramUser) -> Person {
    Person {
        id: TelegramId(from.id),
        username: from.username.clone(),
        first_name: Some(from.first_name.clone()).filter(|name| !name.is_empty()),
        last_name: from.last_name.clone(),
    }
}
