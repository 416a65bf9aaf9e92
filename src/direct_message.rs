//! Direct messages: an admin writes a text to one customer.

use serde_json::json;

use crate::actor::Actor;
use crate::audit;
use crate::db::Tx;
use crate::error::{Refusal, Result};
use crate::outbox::{self, Letter};
use crate::telegram::client::Keyboard;
use crate::texts::check;
use crate::user::User;

/// The result of writing a direct message to the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Whether the customer has blocked the bot: the message arrives only if they have unblocked it since.
    pub is_bot_blocked: bool,
}

/// Writes a letter to a customer, to be sent by the customer bot. `html` is Telegram HTML of at most 4096 characters.
/// The audit entry holds the message's length, not its text.
///
/// # Errors
/// `TEXT_HTML_INVALID`; `USER_BLOCKED` for a customer whom the shop has blocked.
pub fn write(tx: &Tx<'_>, user: &User, html: &str, by: &Actor) -> Result<Written> {
    if user.status == crate::user::UserStatus::Blocked {
        Err(Refusal::UserBlocked)?;
    }
    let length = check::message(html)?;
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
    )?;
    Ok(Written { is_bot_blocked: user.bot_blocked_at.is_some() })
}
