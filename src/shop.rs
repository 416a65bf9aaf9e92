//! What this database stores about its shop: zone, currency, name, the language of its bots, and their usernames. Zone
//! and currency are copied from the config once; a config with other values is refused later, because stored days and
//! prices would change their meaning. The language of the bots is chosen once, too, and changed by a command.

use chrono::NaiveDate;
use rusqlite::named_params;
use serde_json::json;

use crate::actor::Actor;
use crate::audit;
use crate::clock::Zone;
use crate::db::backup::Scrub;
use crate::db::{Tx, View};
use crate::error::Result;
use crate::language::Language;
use crate::money::DiscountValue;
use crate::realm::BotName;

const FIND: &str = "SELECT value FROM meta WHERE key = :key";
const PUT: &str = "INSERT INTO meta (key, value) VALUES (:key, :value)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value <> excluded.value";
const PUT_ONCE: &str = "INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO NOTHING";

/// A value that differs between the config and the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The config key that differs: `timezone` or `currency`.
    pub key: &'static str,
    /// The value in the database.
    pub stored: String,
    /// The value in the config.
    pub configured: String,
}

/// Stores the config's zone and currency on first use and its shop name every time, and makes the key that signs
/// confirmations. Returns the first value that differs from the stored one; then the name is not stored.
pub fn adopt_config(tx: &Tx<'_>, zone: Zone, currency: &str, name: &str) -> Result<Option<Mismatch>> {
    for (key, configured) in [("timezone", zone.name()), ("currency", currency)] {
        tx.change(PUT_ONCE, named_params! { ":key": key, ":value": configured })?;
        let stored = find(tx, key)?.unwrap_or_default();
        if stored != configured {
            return Ok(Some(Mismatch { key, stored, configured: configured.to_owned() }));
        }
    }
    tx.change(PUT, named_params! { ":key": "shop_name", ":value": name })?;
    tx.change(PUT_ONCE, named_params! { ":key": CONFIRM_KEY, ":value": crate::secret::random_token() })?;
    Ok(None)
}

/// The first of zone and currency that is stored with another value than the config's. Writes nothing.
pub fn mismatch(view: &View<'_>, zone: Zone, currency: &str) -> Result<Option<Mismatch>> {
    for (key, configured) in [("timezone", zone.name()), ("currency", currency)] {
        if let Some(stored) = find(view, key)?.filter(|stored| stored != configured) {
            return Ok(Some(Mismatch { key, stored, configured: configured.to_owned() }));
        }
    }
    Ok(None)
}

/// Whether [`adopt_config`] has nothing to write: then opening the database only reads.
pub fn is_settled(view: &View<'_>, zone: Zone, currency: &str, shop_name: &str) -> Result<bool> {
    Ok(find(view, "timezone")?.as_deref() == Some(zone.name())
        && find(view, "currency")?.as_deref() == Some(currency)
        && name(view)?.as_deref() == Some(shop_name)
        && find(view, CONFIRM_KEY)?.is_some())
}

const CONFIRM_KEY: &str = "confirm_key";

/// Backups leave out the key that signs confirmations; a restored shop makes a new key.
pub const KEY_LEFT_OUT: Scrub = Scrub { table: "meta", sql: "DELETE FROM meta WHERE key = 'confirm_key'" };

/// The key that signs the confirmation tokens of broadcasts. [`adopt_config`] makes the key.
///
/// # Errors
/// [`crate::db::Failure::Internal`] on a database that was never settled.
pub fn confirm_key(view: &View<'_>) -> Result<String> {
    let missing = || crate::db::Failure::Internal("the database has no key for confirmations".into());
    Ok(find(view, CONFIRM_KEY)?.ok_or_else(missing)?)
}

/// The ISO code of the shop's currency; `RUB` when none is stored.
pub fn currency(view: &View<'_>) -> Result<String> {
    Ok(find(view, "currency")?.unwrap_or_else(|| "RUB".into()))
}

/// The name of the shop's time zone; `None` before [`adopt_config`].
pub fn timezone(view: &View<'_>) -> Result<Option<String>> {
    find(view, "timezone")
}

/// The language in which the bots speak; Russian before [`set_language`]. Looked up once in a use-case.
pub fn language(view: &View<'_>) -> Result<Language> {
    Ok(view.language(|view| {
        let stored: Option<String> = view.find(FIND, named_params! { ":key": LANGUAGE }, |row| row.get(0))?;
        Ok(stored.and_then(|code| Language::parse(&code)).unwrap_or(Language::Ru))
    })?)
}

/// Whether the language of the bots has been chosen: not before the shop is made.
pub fn has_language(view: &View<'_>) -> Result<bool> {
    Ok(find(view, LANGUAGE)?.is_some())
}

/// Stores the language of the bots. `bot_language` also changes what depends on it.
pub fn set_language(tx: &Tx<'_>, language: Language) -> Result<()> {
    tx.change(PUT, named_params! { ":key": LANGUAGE, ":value": language.code() })?;
    tx.set_language(language);
    Ok(())
}

const LANGUAGE: &str = "texts_lang";

/// The SQL of the code of the bots' language, for rows that depend on it; NULL before [`set_language`].
macro_rules! language_code {
    () => {
        "(SELECT value FROM meta WHERE key = 'texts_lang')"
    };
}
pub(crate) use language_code;

/// A day as the bots write it: `29.11.2026`, `29 Nov 2026`.
pub fn date(view: &View<'_>, day: NaiveDate) -> Result<String> {
    Ok(language(view)?.date(day))
}

/// A code's value as the bots write it, in the shop's currency: `10 %`, `150 ₽`.
pub fn worth(view: &View<'_>, value: DiscountValue) -> Result<String> {
    Ok(value.shown(&currency(view)?, language(view)?))
}

/// The shop's name; `None` before [`adopt_config`].
pub fn name(view: &View<'_>) -> Result<Option<String>> {
    find(view, "shop_name")
}

/// The username of a bot; `None` until Telegram has reported it.
pub fn bot_username(view: &View<'_>, bot: BotName) -> Result<Option<String>> {
    find(view, username_key(bot))
}

/// Stores a bot's username from getMe.
pub fn remember_bot(tx: &Tx<'_>, bot: BotName, username: &str) -> Result<()> {
    tx.change(PUT, named_params! { ":key": username_key(bot), ":value": username })?;
    Ok(())
}

/// The mark of the webhook that was last set for a bot: a hash of its address, secret and kinds of updates. The daemon
/// makes the mark, and sets the webhook again when its own mark differs.
pub fn webhook_mark(view: &View<'_>, bot: BotName) -> Result<Option<String>> {
    find(view, webhook_key(bot))
}

/// Stores the mark of the webhook that was just set for a bot.
pub fn remember_webhook(tx: &Tx<'_>, bot: BotName, mark: &str) -> Result<()> {
    tx.change(PUT, named_params! { ":key": webhook_key(bot), ":value": mark })?;
    Ok(())
}

const fn webhook_key(bot: BotName) -> &'static str {
    match bot {
        BotName::Customer => "bot.customer.webhook",
        BotName::Staff => "bot.staff.webhook",
        BotName::CustomerTest => "bot.customer_test.webhook",
        BotName::StaffTest => "bot.staff_test.webhook",
    }
}

const fn username_key(bot: BotName) -> &'static str {
    match bot {
        BotName::Customer => "bot.customer.username",
        BotName::Staff => "bot.staff.username",
        BotName::CustomerTest => "bot.customer_test.username",
        BotName::StaffTest => "bot.staff_test.username",
    }
}

/// Audits a change of a bot's webhook address: `before` and `after`; empty = no webhook.
pub fn note_webhook(tx: &Tx<'_>, bot: BotName, (before, after): (&str, &str), by: &Actor) -> Result<()> {
    let action = if after.is_empty() { "delete_webhook" } else { "set_webhook" };
    let (before, after) = (json!({ "url": before }), json!({ "url": after }));
    audit::record(tx, &audit::Entry { actor: by, action, entity: "bot", entity_id: bot.to_string(), before, after })
}

fn find(view: &View<'_>, key: &str) -> Result<Option<String>> {
    Ok(view.find(FIND, named_params! { ":key": key }, |row| row.get(0))?)
}
