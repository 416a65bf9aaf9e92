//! The three chats that a person can use in the demo: whose chat it is, which buttons can be pressed and by which
//! numbers.

use builtin_telegram::{BuiltinTelegram, ShownMessage};

use crate::demo::people::Roles;
use crate::demo::report::Role;
use crate::demo::stage::PhoneName;

use super::told::{Bubble, Key};

/// How many messages are shown when a chat is opened again.
const SHOWN: usize = 6;

/// The chat of one role with one bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Desk {
    pub role: Role,
    pub phone: PhoneName,
    pub person: i64,
    /// The message whose buttons can be pressed by number: the last message that was shown with buttons. `None` when no
    /// message had buttons, or when an edit has removed them.
    reach: Option<i64>,
}

/// What happens when the person types the number of a button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Press {
    /// Presses a button under a message.
    Inline { message_id: i64, row: usize, column: usize, caption: String },
    /// Opens the page of a button that holds a link.
    Opens { url: String, caption: String },
    /// Presses a key of the keyboard below the chat: its caption is sent.
    Says(String),
}

/// The chats of all roles that a person can play.
pub(super) const fn all(roles: &Roles) -> [Desk; 3] {
    [
        Desk { role: Role::Customer, phone: PhoneName::Customer, person: roles.customer.id, reach: None },
        Desk { role: Role::Cashier, phone: PhoneName::Cashier, person: roles.cashier.id, reach: None },
        Desk { role: Role::Owner, phone: PhoneName::Owner, person: roles.owner.id, reach: None },
    ]
}

impl Desk {
    /// The bot whose chat it is.
    pub(super) const fn bot(&self) -> &'static str {
        self.phone.bot()
    }

    /// Takes note of a message that came or was edited: from now on the buttons of the last message with buttons can be
    /// pressed.
    pub(super) const fn heard(&mut self, message: &ShownMessage) {
        if !message.buttons.is_empty() {
            self.reach = Some(message.message_id);
        } else if matches!(self.reach, Some(id) if id == message.message_id) {
            self.reach = None;
        }
    }

    /// Everything that can be pressed, in the order of its numbers: first the keyboard below the chat, then the buttons
    /// of a message.
    pub(super) fn presses(&self, telegram: &BuiltinTelegram) -> Vec<Press> {
        let keys = telegram.reply_keyboard(self.bot(), self.person).into_iter().flatten().map(Press::Says);
        let all = telegram.chat_view(self.bot(), self.person);
        let near = all.iter().find(|message| Some(message.message_id) == self.reach);
        let inline = near.into_iter().flat_map(|message| {
            let places = message.buttons.iter().enumerate();
            let places =
                places.flat_map(|(row, keys)| keys.iter().enumerate().map(move |(column, key)| (row, column, key)));
            places.map(|(row, column, button)| {
                let (message_id, caption) = (message.message_id, button.caption.clone());
                match &button.url {
                    Some(url) => Press::Opens { url: url.clone(), caption },
                    None => Press::Inline { message_id, row, column, caption },
                }
            })
        });
        keys.chain(inline).collect()
    }

    /// The keyboard below the chat, row by row.
    pub(super) fn menu(&self, telegram: &BuiltinTelegram) -> Vec<Vec<Key>> {
        let mut number = 0;
        let mut key = |caption: String| {
            number += 1;
            Key { number: Some(number), caption }
        };
        let rows = telegram.reply_keyboard(self.bot(), self.person).into_iter();
        rows.map(|row| row.into_iter().map(&mut key).collect()).collect()
    }

    /// The last messages of the chat, as they are now.
    pub(super) fn recent(&self, telegram: &BuiltinTelegram, picture: &str) -> Vec<Bubble> {
        let all = telegram.chat_view(self.bot(), self.person);
        let shown = all.get(all.len().saturating_sub(SHOWN)..).unwrap_or_default();
        shown.iter().map(|message| self.bubble(telegram, message, picture)).collect()
    }

    /// One message of the chat; its buttons are numbered if they can be pressed.
    pub(super) fn bubble(&self, telegram: &BuiltinTelegram, message: &ShownMessage, picture: &str) -> Bubble {
        let in_reach = self.reach == Some(message.message_id);
        let mut next = self.menu(telegram).iter().map(Vec::len).sum();
        let mut key = |caption: &str| {
            next += 1;
            Key { number: in_reach.then_some(next), caption: caption.to_owned() }
        };
        let rows = message.buttons.iter().map(|row| row.iter().map(|button| key(&button.caption)).collect()).collect();
        Bubble {
            who: self.role,
            from_bot: message.from_bot,
            edited: message.edited,
            picture: message.media.map(|_| picture.to_owned()),
            text: message.text.clone(),
            rows,
        }
    }
}
