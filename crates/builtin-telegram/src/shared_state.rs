//! The state that all bots share: people, channels, files and the time.

use std::collections::{HashMap, HashSet, VecDeque};

use axum::body::Bytes;
use serde_json::{Value, json};

use super::call_log::Keep;
use super::member::ChatMemberStatus;
use super::message::Media;
use super::params::Params;
use super::person::Person;

/// Returns the present time in milliseconds since the Unix epoch.
pub(super) type NowMs = Box<dyn Fn() -> i64 + Send>;

/// The people, channels and files that all bots share, with the violations and the server's clock.
pub(super) struct SharedState {
    pub(super) now_ms: NowMs,
    pub(super) people: HashMap<i64, Person>,
    pub(super) deactivated: HashSet<i64>,
    pub(super) channels: HashMap<i64, Channel>,
    pub(super) channel_names: HashMap<String, i64>,
    pub(super) files: HashMap<String, StoredFile>,
    pub(super) violations: Vec<String>,
    pub(super) keep: Keep,
    /// The ids of the files whose bytes are stored, oldest first, with [`Keep::Recent`].
    recent_files: VecDeque<String>,
    serial: u64,
}

/// How many files have their bytes with [`Keep::Recent`].
const RECENT_FILES: usize = 500;

/// A channel, with its members and the ids of the bots that administer it.
pub(super) struct Channel {
    pub(super) username: Option<String>,
    pub(super) title: String,
    pub(super) members: HashMap<i64, ChatMemberStatus>,
    pub(super) admin_bots: HashSet<i64>,
    /// The channel's invite link, which only its administrators are shown.
    pub(super) invite_link: Option<String>,
}

/// A file that a bot has uploaded.
pub(super) struct StoredFile {
    pub(super) bot: i64,
    pub(super) media: Media,
    pub(super) path: String,
    pub(super) size: usize,
    pub(super) bytes: Option<Bytes>,
}

impl SharedState {
    /// A state without people, channels and files.
    pub(super) fn new(now_ms: NowMs) -> Self {
        Self {
            now_ms,
            people: HashMap::new(),
            deactivated: HashSet::new(),
            channels: HashMap::new(),
            channel_names: HashMap::new(),
            files: HashMap::new(),
            violations: Vec::new(),
            keep: Keep::All,
            recent_files: VecDeque::new(),
            serial: 0,
        }
    }

    /// Notes a new file, and drops the bytes of the one that is no longer among the last [`RECENT_FILES`].
    pub(super) fn forget_old_bytes(&mut self, newest: &str) {
        self.recent_files.push_back(newest.to_owned());
        if self.recent_files.len() > RECENT_FILES
            && let Some(file) = self.recent_files.pop_front().and_then(|oldest| self.files.get_mut(&oldest))
        {
            file.bytes = None;
        }
    }

    /// The present time in whole seconds since the epoch, for the date of messages.
    pub(super) fn date(&self) -> i64 {
        (self.now_ms)().div_euclid(1000)
    }

    /// A number that was never returned before, for ids of files and callback queries.
    pub(super) fn serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// The id of the chat that a call names by a number, or by the `@name` of a known channel; otherwise `None`.
    pub(super) fn chat_id(&self, params: &Params) -> Option<i64> {
        params.number("chat_id").or_else(|| self.channel_by_name(params.text("chat_id")?))
    }

    /// The id of the channel with this `@name`.
    pub(super) fn channel_by_name(&self, name: &str) -> Option<i64> {
        self.channel_names.get(&name.strip_prefix('@')?.to_ascii_lowercase()).copied()
    }

    /// The `User` object of a person; a person who was never added gets a placeholder name.
    pub(super) fn user(&self, id: i64) -> Value {
        self.people
            .get(&id)
            .map_or_else(|| json!({ "id": id, "is_bot": false, "first_name": format!("Person {id}") }), Person::user)
    }

    /// The `Chat` object of a private chat or a channel.
    pub(super) fn chat(&self, id: i64) -> Value {
        if let Some(channel) = self.channels.get(&id) {
            let mut chat = json!({ "id": id, "type": "channel", "title": channel.title });
            if let (Some(name), Some(map)) = (&channel.username, chat.as_object_mut()) {
                map.insert("username".into(), json!(name));
            }
            return chat;
        }
        let mut chat = self.user(id);
        if let Some(map) = chat.as_object_mut() {
            map.remove("is_bot");
            map.remove("language_code");
            map.insert("type".into(), json!("private"));
        }
        chat
    }

    /// Adds a person with a placeholder name, unless they are known.
    pub(super) fn meet(&mut self, id: i64) {
        let stranger = || Person { id, first_name: format!("Person {id}"), ..Person::default() };
        self.people.entry(id).or_insert_with(stranger);
    }

    pub(super) fn add_channel(&mut self, id: i64, username: Option<&str>, title: &str) {
        let username = username.map(|name| name.trim_start_matches('@').to_owned());
        if let Some(name) = &username {
            self.channel_names.insert(name.to_ascii_lowercase(), id);
        }
        let channel = Channel {
            username,
            title: title.to_owned(),
            members: HashMap::new(),
            admin_bots: HashSet::new(),
            invite_link: None,
        };
        self.channels.insert(id, channel);
    }

    /// The id of the known channel with this `@name` or id.
    pub(super) fn find_channel(&self, chat: &str) -> Option<i64> {
        let id = chat.parse().ok().or_else(|| self.channel_by_name(chat));
        id.filter(|id| self.channels.contains_key(id))
    }

    /// The id of the channel with this `@name` or id; an unknown channel is added.
    pub(super) fn channel_for(&mut self, chat: &str) -> i64 {
        if let Some(id) = self.find_channel(chat) {
            return id;
        }
        let number = chat.parse().ok();
        let serial = i64::try_from(self.serial()).unwrap_or(0);
        let id = number.unwrap_or(-1_001_000_000_000 - serial);
        self.add_channel(id, number.is_none().then_some(chat), chat.trim_start_matches('@'));
        id
    }

    /// The bytes behind a `file_path` of this bot.
    pub(super) fn download(&self, bot: i64, path: &str) -> Option<Bytes> {
        let mut files = self.files.values();
        files.find(|file| file.bot == bot && file.path == path).and_then(|file| file.bytes.clone())
    }
}
