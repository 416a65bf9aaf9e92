//! A person with a Telegram account, and their `User` object.

use serde_json::{Value, json};

/// A person with a Telegram account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The person's Telegram id; also the id of their private chat with a bot.
    pub id: i64,
    /// The person's first name.
    pub first_name: String,
    /// The person's last name.
    pub last_name: Option<String>,
    /// The person's username without `@`.
    pub username: Option<String>,
}

impl Person {
    /// The person as a `User` object of the Bot API.
    pub(super) fn user(&self) -> Value {
        let mut user = json!({ "id": self.id, "is_bot": false, "first_name": self.first_name, "language_code": "ru" });
        if let Some(map) = user.as_object_mut() {
            let optional = [("last_name", &self.last_name), ("username", &self.username)];
            map.extend(optional.into_iter().filter_map(|(name, value)| Some((name.into(), json!(value.as_ref()?)))));
        }
        user
    }
}
