//! The actions of people: they write, open links, press buttons, block and unblock, join and leave channels. Each
//! action queues the update that Telegram would send.

use serde_json::{Value, json};

use super::BuiltinTelegram;
use super::bot::Bot;
use super::member::ChatMemberStatus;
use super::message::{Post, Words};
use super::person::Person;
use super::shared_state::SharedState;

impl BuiltinTelegram {
    /// Adds a person, or changes their names. An added person has started no bot yet. People who act without having
    /// been added get a placeholder name.
    pub fn add_person(&self, person: Person) {
        self.state().shared.people.insert(person.id, person);
    }

    /// The person writes `text`. The first message starts the bot. If the person has blocked the bot, it is unblocked
    /// first, as Telegram's app does. Returns the message id (0 when there is no such bot).
    pub fn says(&self, bot: &str, person_id: i64, text: &str) -> i64 {
        let mut state = self.state();
        let Some((bot, shared)) = state.with_bot(bot) else { return 0 };
        says(bot, shared, person_id, text)
    }

    /// The person opens `t.me/<bot>?start=<payload>` and presses START: `/start payload` is sent, or a bare `/start`
    /// without a payload that Telegram accepts (1–64 characters of `[A-Za-z0-9_-]`). Returns the message id (0 when
    /// there is no such bot).
    pub fn opens_link(&self, bot: &str, person_id: i64, payload: Option<&str>) -> i64 {
        let sound = |payload: &&str| {
            (1..=64).contains(&payload.len())
                && payload.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        };
        let text = payload.filter(sound).map_or_else(|| "/start".to_owned(), |payload| format!("/start {payload}"));
        self.says(bot, person_id, &text)
    }

    /// The person presses a button with this data under this message. Data and message are not checked, so that tests
    /// can forge presses. A message that does not exist is sent as an inaccessible message. Returns the callback query
    /// id.
    pub fn presses(&self, bot: &str, person_id: i64, message_id: i64, data: &str) -> String {
        let mut state = self.state();
        let Some((bot, shared)) = state.with_bot(bot) else { return String::new() };
        presses(bot, shared, person_id, (message_id, data))
    }

    /// The person presses the button with this caption: the newest inline button, else the button of the reply keyboard
    /// now shown, whose caption is sent as a message. Returns the callback query id, the message id, or for a link
    /// button, which queues no update, its address.
    ///
    /// # Errors
    /// There is no such button; the error lists the captions of the existing ones.
    pub fn presses_button(&self, bot: &str, person_id: i64, caption: &str) -> Result<String, String> {
        let mut state = self.state();
        let (bot, shared) = state.with_bot(bot).ok_or_else(|| format!("no bot is called {bot}"))?;
        if let Some((message_id, button)) = find_inline(bot, person_id, caption) {
            let text = |name: &str| button.get(name).and_then(Value::as_str);
            return match (text("callback_data"), text("url")) {
                (Some(data), _) => Ok(presses(bot, shared, person_id, (message_id, data))),
                (None, Some(url)) => Ok(url.to_owned()),
                (None, None) => Err(format!("the button {caption} does nothing here")),
            };
        }
        if press_key(bot, person_id, caption) {
            return Ok(says(bot, shared, person_id, caption).to_string());
        }
        Err(format!("{person_id} sees no button {caption}, only {:?}", captions(bot, person_id)))
    }

    /// The person blocks the bot: `my_chat_member` is queued, and messages to this person get 403.
    pub fn blocks(&self, bot: &str, person_id: i64) {
        self.set_blocked(bot, person_id, true);
    }

    /// The person unblocks the bot.
    pub fn unblocks(&self, bot: &str, person_id: i64) {
        self.set_blocked(bot, person_id, false);
    }

    fn set_blocked(&self, bot: &str, person_id: i64, blocked: bool) {
        let mut state = self.state();
        if let Some((bot, shared)) = state.with_bot(bot) {
            set_blocked(bot, shared, person_id, blocked);
        }
    }

    /// Lets the bot write to the person as if they had started it before. No update is queued.
    pub fn has_started(&self, bot: &str, person_id: i64) {
        let mut state = self.state();
        if let Some((bot, shared)) = state.with_bot(bot) {
            shared.meet(person_id);
            bot.conversations.entry(person_id).or_default().started = true;
        }
    }

    /// The person's account is deleted: messages to it get 403 `user is deactivated`. No update is queued.
    pub fn deactivates(&self, person_id: i64) {
        self.state().shared.deactivated.insert(person_id);
    }

    /// Adds a channel with its id and, if it is public, its `@name`.
    pub fn add_channel(&self, id: i64, username: Option<&str>, title: &str) {
        self.state().shared.add_channel(id, username, title);
    }

    /// Sets the person's status in a channel (`@name` or id; an unknown channel is added). Bots that administer the
    /// channel get `chat_member`, if they asked for such updates and the status has changed.
    pub fn set_member(&self, chat: &str, person_id: i64, status: ChatMemberStatus) {
        let mut state = self.state();
        let state = &mut *state;
        let id = state.shared.channel_for(chat);
        state.shared.meet(person_id);
        let Some(channel) = state.shared.channels.get_mut(&id) else { return };
        let old = channel.members.insert(person_id, status).unwrap_or(ChatMemberStatus::Left);
        let admins = channel.admin_bots.clone();
        if old == status {
            return;
        }
        let user = state.shared.user(person_id);
        let update = change(&state.shared, id, &user, (old.json(&user), status.json(&user)));
        for bot in state.bots.values_mut().filter(|bot| admins.contains(&bot.id)) {
            bot.queue.push("chat_member", update.clone());
        }
    }

    /// Sets whether the bot is an administrator of the channel (an unknown channel is added). Queues nothing.
    pub fn set_bot_is_channel_admin(&self, chat: &str, bot: &str, is_admin: bool) {
        let mut state = self.state();
        let id = state.shared.channel_for(chat);
        let Some((bot, shared)) = state.with_bot(bot) else { return };
        if let Some(channel) = shared.channels.get_mut(&id) {
            if is_admin {
                channel.admin_bots.insert(bot.id)
            } else {
                channel.admin_bots.remove(&bot.id)
            };
        }
    }

    /// Sets the channel's invite link, which `getChat` shows to the channel's administrators.
    pub fn set_invite_link(&self, chat: &str, link: &str) {
        let mut state = self.state();
        let id = state.shared.channel_for(chat);
        if let Some(channel) = state.shared.channels.get_mut(&id) {
            channel.invite_link = Some(link.to_owned());
        }
    }

    /// Removes the channel: calls about it get `chat not found`.
    pub fn remove_channel(&self, chat: &str) {
        let mut state = self.state();
        let shared = &mut state.shared;
        if let Some(id) = shared.find_channel(chat) {
            shared.channels.remove(&id);
            shared.channel_names.retain(|_, named| *named != id);
        }
    }
}

fn says(bot: &mut Bot, shared: &mut SharedState, person: i64, text: &str) -> i64 {
    shared.meet(person);
    if bot.conversations.get(&person).is_some_and(|conversation| conversation.blocked) {
        set_blocked(bot, shared, person, false);
    }
    bot.conversations.entry(person).or_default().started = true;
    let id = bot.next_message_id();
    let post = Post { id, date: shared.date(), words: Words::of_person(text), ..Post::empty() };
    let update = bot.message(&post, shared, person);
    bot.place(person, post, None, shared.keep);
    bot.queue.push("message", update);
    id
}

fn presses(bot: &mut Bot, shared: &mut SharedState, person: i64, (message_id, data): (i64, &str)) -> String {
    shared.meet(person);
    let id = format!("{}{:09}", person, shared.serial());
    let post = bot.conversations.get(&person).and_then(|conversation| conversation.posts.get(&message_id)).cloned();
    let message = post.map_or_else(
        || json!({ "chat": shared.chat(person), "message_id": message_id, "date": 0 }),
        |post| bot.message(&post, shared, person),
    );
    bot.callbacks.insert(id.clone());
    bot.queue.push(
        "callback_query",
        json!({
            "id": id, "from": shared.user(person), "message": message, "chat_instance": person.to_string(), "data": data,
        }),
    );
    id
}

fn set_blocked(bot: &mut Bot, shared: &mut SharedState, person: i64, blocked: bool) {
    shared.meet(person);
    let conversation = bot.conversations.entry(person).or_default();
    if conversation.blocked == blocked {
        return;
    }
    conversation.blocked = blocked;
    let me = bot.user();
    let (inside, outside) = (ChatMemberStatus::Member.json(&me), ChatMemberStatus::Kicked.json(&me));
    let turn = if blocked { (inside, outside) } else { (outside, inside) };
    let update = change(shared, person, &shared.user(person), turn);
    bot.queue.push("my_chat_member", update);
}

/// A `ChatMemberUpdated` object.
fn change(shared: &SharedState, chat: i64, from: &Value, (old, new): (Value, Value)) -> Value {
    json!({
        "chat": shared.chat(chat), "from": from, "date": shared.date(), "old_chat_member": old, "new_chat_member": new,
    })
}

fn inline_buttons(post: &Post) -> impl Iterator<Item = &Value> {
    let rows = post.inline.as_ref().and_then(|inline| inline.get("inline_keyboard")).and_then(Value::as_array);
    rows.into_iter().flatten().filter_map(Value::as_array).flatten()
}

fn caption_of(button: &Value) -> &str {
    button.get("text").and_then(Value::as_str).unwrap_or_default()
}

fn find_inline(bot: &Bot, person: i64, caption: &str) -> Option<(i64, Value)> {
    let posts = bot.conversations.get(&person)?.posts.values().rev();
    let mut hits = posts.filter_map(|post| {
        let button = inline_buttons(post).find(|button| caption_of(button) == caption)?;
        Some((post.id, button.clone()))
    });
    hits.next()
}

/// Presses a button of the reply keyboard; false when no button has this caption. A one-time keyboard disappears.
fn press_key(bot: &mut Bot, person: i64, caption: &str) -> bool {
    let Some(conversation) = bot.conversations.get_mut(&person) else { return false };
    let Some((rows, one_time)) = &conversation.keyboard else { return false };
    let there = rows.iter().flatten().any(|key| key == caption);
    if there && *one_time {
        conversation.keyboard = None;
    }
    there
}

fn captions(bot: &Bot, person: i64) -> Vec<String> {
    let Some(conversation) = bot.conversations.get(&person) else { return Vec::new() };
    let inline = conversation.posts.values().flat_map(inline_buttons).map(|button| caption_of(button).to_owned());
    let keys = conversation.keyboard.iter().flat_map(|(rows, _)| rows.iter().flatten().cloned());
    inline.chain(keys).collect()
}
