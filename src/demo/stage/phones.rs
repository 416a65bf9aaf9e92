//! The phones of a demo: whose phone it is, with which bot it is open, and what it shows, as JSON for the page.

use builtin_telegram::{BuiltinTelegram, ChatMemberStatus, ShownMessage};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::demo::fixture::{CHANNEL, CUSTOMER_BOT, STAFF_BOT};

/// How many messages of a chat are shown.
const SHOWN: usize = 200;

/// One of the three phones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::demo) enum PhoneName {
    Customer,
    Cashier,
    Owner,
}

impl PhoneName {
    /// All phones.
    pub(in crate::demo) const ALL: [Self; 3] = [Self::Customer, Self::Cashier, Self::Owner];

    /// The phone's name in JSON.
    pub(in crate::demo) const fn code(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Cashier => "cashier",
            Self::Owner => "owner",
        }
    }

    /// The bot whose chat is open on the phone.
    pub(in crate::demo) const fn bot(self) -> &'static str {
        match self {
            Self::Customer => CUSTOMER_BOT,
            Self::Cashier | Self::Owner => STAFF_BOT,
        }
    }
}

/// A person as the page shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Contact {
    pub id: i64,
    pub name: String,
    /// What is particular about the person, in the language of the page; may be empty.
    pub note: String,
}

impl Contact {
    pub(super) fn json(&self) -> Value {
        json!({ "id": self.id, "name": self.name, "note": self.note })
    }
}

/// A phone, the person whose it is, and what has been shown of its chat.
#[derive(Debug, Clone)]
pub(super) struct Phone {
    pub name: PhoneName,
    pub owner: Contact,
    /// Telegram's ids of the presses that no bot has answered, and the messages under which they were.
    pub pressed: Vec<(String, i64)>,
    /// The last message of the person that was sent, and the last one that the bot has taken.
    pub said: i64,
    pub taken: i64,
    /// The reply keyboard as it was shown last.
    keyboard: Vec<Vec<String>>,
}

impl Phone {
    pub(super) const fn new(name: PhoneName, owner: Contact) -> Self {
        Self { name, owner, pressed: Vec::new(), said: 0, taken: 0, keyboard: Vec::new() }
    }

    /// Gives the phone to another person; nothing that this person wrote before waits to be taken.
    pub(super) fn give_to(&mut self, owner: Contact, telegram: &BuiltinTelegram) {
        *self = Self::new(self.name, owner);
        let chat = telegram.chat_view(self.name.bot(), self.owner.id);
        let last = chat.iter().filter(|message| !message.from_bot).map(|message| message.message_id).max();
        (self.said, self.taken) = (last.unwrap_or(0), last.unwrap_or(0));
    }

    /// The reply keyboard, if it has changed since it was shown last; `null` is no keyboard.
    pub(super) fn new_keyboard(&mut self, telegram: &BuiltinTelegram) -> Option<Value> {
        let keyboard = telegram.reply_keyboard(self.name.bot(), self.owner.id);
        let is_new = keyboard != self.keyboard;
        self.keyboard = keyboard;
        is_new.then(|| json!({ "phone": self.name.code(), "keyboard": keyboard_json(&self.keyboard) }))
    }

    /// The message with this id as it is now.
    pub(super) fn message(&self, telegram: &BuiltinTelegram, message_id: i64) -> Option<ShownMessage> {
        telegram.chat_view(self.name.bot(), self.owner.id).into_iter().find(|message| message.message_id == message_id)
    }

    /// A message as JSON.
    pub(super) fn message_json(&self, message: &ShownMessage) -> Value {
        let button = |button: &builtin_telegram::ShownButton| {
            let kind = if button.data.is_some() { "press" } else { "link" };
            json!({ "text": button.caption, "kind": kind, "url": button.url })
        };
        let rows: Vec<Vec<Value>> = message.buttons.iter().map(|row| row.iter().map(button).collect()).collect();
        json!({
            "id": message.message_id, "bot": message.from_bot, "at": message.date.saturating_mul(1000),
            "text": message.text, "entities": message.entities, "photo": message.file_id, "buttons": rows,
            "edited": message.edited, "taken": !message.from_bot && message.message_id <= self.taken,
        })
    }

    /// The whole phone as JSON. `poster` is the picture on the wall, which is shown beside an empty chat.
    pub(super) fn json(&self, telegram: &BuiltinTelegram, poster: Option<&str>) -> Value {
        let (bot, person) = (self.name.bot(), self.owner.id);
        let all = telegram.chat_view(bot, person);
        let shown = all.get(all.len().saturating_sub(SHOWN)..).unwrap_or_default();
        let messages: Vec<Value> = shown.iter().map(|message| self.message_json(message)).collect();
        json!({
            "phone": self.name.code(), "person": self.owner.json(), "bot": format!("@{bot}"),
            "poster": poster.filter(|_| messages.is_empty()), "messages": messages,
            "keyboard": keyboard_json(&telegram.reply_keyboard(bot, person)),
            "commands": telegram.commands(bot).unwrap_or_else(|| json!([])),
            "blocked": telegram.has_blocked(bot, person),
            "member": is_member(telegram, person),
        })
    }
}

/// Whether the person follows the shop's channel.
pub(in crate::demo) fn is_member(telegram: &BuiltinTelegram, person: i64) -> bool {
    telegram.member_status(CHANNEL, person) == ChatMemberStatus::Member
}

fn keyboard_json(rows: &[Vec<String>]) -> Value {
    if rows.is_empty() { Value::Null } else { json!(rows) }
}
