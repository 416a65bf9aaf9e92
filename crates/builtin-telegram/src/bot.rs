//! The state of one bot that it shares with no other bot: its updates, conversations, commands and webhook.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::call_log::Keep;
use super::markup::Markup;
use super::message::Post;
use super::queue::Queue;
use super::shared_state::SharedState;

/// How many messages of each conversation are stored with [`Keep::Compact`].
const COMPACT_HISTORY: usize = 8;
/// How many messages of each conversation are stored with [`Keep::Recent`].
const RECENT_HISTORY: usize = 200;

/// One bot: its updates, conversations, commands and webhook.
pub(super) struct Bot {
    pub(super) id: i64,
    pub(super) username: Arc<str>,
    pub(super) queue: Queue,
    pub(super) conversations: HashMap<i64, Conversation>,
    pub(super) callbacks: HashSet<String>,
    pub(super) commands: HashMap<(String, String), Value>,
    pub(super) webhook: Option<Webhook>,
    next_message_id: i64,
}

/// A conversation of one bot with a person, or the posts of the bot in a channel.
#[derive(Default)]
pub(super) struct Conversation {
    pub(super) started: bool,
    pub(super) blocked: bool,
    pub(super) posts: BTreeMap<i64, Post>,
    /// The captions of the reply keyboard now shown, and whether the keyboard disappears after one press.
    pub(super) keyboard: Option<(Vec<Vec<String>>, bool)>,
}

/// The webhook of a bot.
#[derive(Debug, Clone)]
pub(super) struct Webhook {
    pub(super) url: String,
    pub(super) secret: Option<String>,
    pub(super) max_connections: i64,
    pub(super) last_error: Option<(i64, String)>,
}

impl Bot {
    pub(super) fn new(id: i64) -> Self {
        Self {
            id,
            username: "".into(),
            // The first update ids of two bots are far apart, so that a test never takes an update of one bot for one
            // of the other.
            queue: Queue::new(id.rem_euclid(900) * 1_000_000 + 100_000_001),
            conversations: HashMap::new(),
            callbacks: HashSet::new(),
            commands: HashMap::new(),
            webhook: None,
            next_message_id: 1,
        }
    }

    /// The `User` object of this bot.
    pub(super) fn user(&self) -> Value {
        json!({ "id": self.id, "is_bot": true, "first_name": &*self.username, "username": &*self.username })
    }

    pub(super) fn next_message_id(&mut self) -> i64 {
        let id = self.next_message_id;
        self.next_message_id += 1;
        id
    }

    /// Puts a message into its chat and shows or hides the reply keyboard according to the message's `markup`.
    /// `Keep::Compact` and `Keep::Recent` drop the oldest messages.
    pub(super) fn place(&mut self, chat: i64, post: Post, markup: Option<&Markup>, keep: Keep) {
        let conversation = self.conversations.entry(chat).or_default();
        match markup {
            Some(Markup::Keyboard { captions, one_time }) => {
                conversation.keyboard = Some((captions.clone(), *one_time))
            }
            Some(Markup::Remove) => conversation.keyboard = None,
            _ => {}
        }
        conversation.posts.insert(post.id, post);
        let most = match keep {
            Keep::All => usize::MAX,
            Keep::Compact => COMPACT_HISTORY,
            Keep::Recent => RECENT_HISTORY,
        };
        while conversation.posts.len() > most {
            conversation.posts.pop_first();
        }
    }

    /// The `Message` object of a post in `chat`, as this bot sees it.
    pub(super) fn message(&self, post: &Post, shared: &SharedState, chat: i64) -> Value {
        let mut map = Map::new();
        map.insert("message_id".into(), json!(post.id));
        if shared.channels.contains_key(&chat) {
            map.insert("sender_chat".into(), shared.chat(chat));
        } else {
            map.insert("from".into(), if post.from_bot { self.user() } else { shared.user(chat) });
        }
        map.insert("date".into(), json!(post.date));
        map.insert("chat".into(), shared.chat(chat));
        if let Some(edited) = post.edited {
            map.insert("edit_date".into(), json!(edited));
        }
        post.put_content(&mut map);
        Value::Object(map)
    }
}

impl Conversation {
    /// The bot's newest message that still exists.
    pub(super) fn last_of_bot(&self) -> Option<&Post> {
        self.posts.values().rev().find(|post| post.from_bot)
    }
}
