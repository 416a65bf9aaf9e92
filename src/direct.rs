//! One message to one customer, written by an admin's own hand.

use serde_json::json;

use crate::actor::Actor;
use crate::audit;
use crate::db::Tx;
use crate::error::{Refusal, Result};
use crate::outbox::{self, Letter};
use crate::telegram::client::Keyboard;
use crate::texts::check;
use crate::user::User;

/// Writes to a customer through the customers' bot. `html` is Telegram HTML of at most 4096 characters. Audited by its
/// length; the words are nobody else's business.
///
/// # Errors
/// `TEXT_HTML_INVALID`; `USER_BLOCKED` for a customer the shop has blocked.
pub fn write(tx: &Tx<'_>, user: &User, html: &str, by: &Actor) -> Result<()> {
    if user.status == crate::user::Status::Blocked {
        Err(Refusal::UserBlocked)?;
    }
    let length = check::visible_length(html)?;
    if !(1..=4096).contains(&length) {
        Err(Refusal::TextHtmlInvalid { reason: "text.too_long", what: format!("{length} > 4096") })?;
    }
    let bot = user.realm.customer_bot();
    outbox::enqueue(tx, &Letter::automatic(bot, user.telegram_id, html.to_owned(), Keyboard::None))?;
    audit::record(
        tx,
        &audit::Entry {
            actor: by,
            action: "message_user",
            entity: "user",
            entity_id: user.id.to_string(),
            before: serde_json::Value::Null,
            after: json!({ "length": length }),
        },
    )
}
