//! A code as its customer sees it: the values of placeholders, the message with the QR picture, and sending that
//! message without a request. Every door uses these functions, so that a code looks the same however it was issued.

use super::model::Discount;
use super::template::Template;
use crate::db::{Tx, View};
use crate::error::Result;
use crate::outbox::{self, Lane, Letter, Payload};
use crate::realm::Realm;
use crate::{settings, shop, texts};

/// The key of the text for a code whose template names no text.
const DEFAULT_TEXT: &str = "discount_issued";

/// The placeholders that describe a code, each with its unescaped value.
pub fn facts(view: &View<'_>, discount: &Discount) -> Result<[(&'static str, String); 6]> {
    let prefix = settings::CODE_PREFIX.text(view)?.unwrap_or_default();
    Ok([
        ("discount_title", discount.title.clone()),
        ("discount_code", discount.shown_code(&prefix)),
        ("discount_value", shop::worth(view, discount.value)?),
        ("discount_expires_at", shop::date(view, view.zone().last_day(discount.expires_at))?),
        ("display_name", discount.customer.display_name.clone()),
        ("first_name", discount.customer.first_name.clone()),
    ])
}

/// The message for a code just issued (or issued before and still valid): the QR picture with the text `key`, and the
/// main menu.
pub fn gift(view: &View<'_>, key: &str, discount: &Discount) -> Result<Payload> {
    let facts = facts(view, discount)?;
    let values: Vec<texts::Placeholder<'_>> = facts.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let caption = texts::render(view, key, &values)?;
    let (public_id, keyboard) = (discount.public_id.clone(), texts::customer_menu(view)?);
    Ok(Payload::QrPhoto { public_id, caption, keyboard, key: Some(key.to_owned()) })
}

/// The link in a code's QR picture; `None` until Telegram has reported the staff bot's name.
pub fn link(view: &View<'_>, realm: Realm, public_id: &str) -> Result<Option<String>> {
    let bot = shop::bot_username(view, realm.staff_bot())?;
    Ok(bot.map(|bot| format!("https://t.me/{bot}?start=d_{public_id}")))
}

/// Sends a customer a code that they did not request, with the text that the template names.
pub fn announce(tx: &Tx<'_>, discount: &Discount, template: &Template) -> Result<()> {
    let key = template.message_key.as_deref().unwrap_or(DEFAULT_TEXT);
    let letter = Letter {
        bot: discount.realm.customer_bot(),
        chat: discount.customer.telegram_id,
        lane: Lane::Automatic,
        payload: gift(tx, key, discount)?,
        dedupe_key: None,
        usage_log: None,
    };
    outbox::enqueue(tx, &letter)
}
