//! A broadcast from the chat: an admin who may send broadcasts writes a message to the customer bot, chooses a segment,
//! sees the number of recipients and confirms. The result is an ordinary broadcast. A press of a button counts only for
//! the draft that is pending in this admin's conversation, so foreign, forged and repeated presses change nothing.

use serde::{Deserialize, Serialize};

use super::render;
use crate::broadcast::{self, Audience, Broadcast, BroadcastId, Draft, Link, Media, MediaType, Origin, Status};
use crate::conversation::{self, DialogState};
use crate::db::{Tx, View};
use crate::error::{Error, Refusal, Result};
use crate::ids::{SegmentId, TelegramId};
use crate::outbox::{self, Letter, Payload};
use crate::realm::BotName;
use crate::segment::{self, Segment};
use crate::staff::CanSend;
use crate::telegram::client::{Button, Keyboard};
use crate::telegram::update::{self, Command, LinkButton, Lost, Message};
use crate::{settings, shop, texts};

const LONGEST_TITLE: usize = 60;

/// What an admin did in the chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AdminAction {
    /// The admin wrote the message to send.
    Say(Box<Said>),
    /// The admin pressed a button under the draft.
    Press(Pressed),
}

/// A message that may become a broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    title: String,
    html: String,
    media: Option<update::IncomingMedia>,
    album: Option<String>,
    buttons: Vec<Vec<Link>>,
    lost: Vec<Lost>,
}

/// A press of a button; `button` is `None` if the button is not one of this bot's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pressed {
    button: Option<(BroadcastId, Choice)>,
    message: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    Groups,
    Group(SegmentId),
    Send(i64),
    Cancel,
}

/// The draft that awaits this admin's decision, stored with the conversation.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Pending {
    broadcast: Option<BroadcastId>,
    album: Option<String>,
    count: i64,
    token: String,
    /// Keys of the texts that name the parts of the admin's message that the broadcast cannot have.
    #[serde(default)]
    lost: Vec<String>,
}

/// The admin who decides about the draft, and the bot of the chat.
struct Chat<'a> {
    bot: BotName,
    id: TelegramId,
    by: &'a CanSend,
}

/// The admin's message as a future broadcast. `None` for a command, for a message without content, and for an author
/// who may not send broadcasts.
pub(super) fn said(view: &View<'_>, from: TelegramId, message: &Message) -> Result<Option<Said>> {
    let words = message.text.as_deref().or(message.caption.as_deref()).unwrap_or_default();
    let is_empty = words.trim().is_empty() && message.media.is_none();
    if is_empty || Command::parse(words).is_some() || CanSend::from_chat(view, from)?.is_none() {
        return Ok(None);
    }
    let (buttons, are_all) = buttons(&message.buttons);
    let mut lost = message.lost.clone();
    if !are_all && !lost.contains(&Lost::Buttons) {
        lost.push(Lost::Buttons);
    }
    Ok(Some(Said {
        buttons,
        lost,
        title: title(words),
        html: message.html.clone().unwrap_or_default(),
        media: message.media.clone(),
        album: message.album.clone(),
    }))
}

/// Parses the data of a pressed button, without its prefix `broadcast:`.
pub(super) fn pressed(data: &str, message: Option<i64>) -> Pressed {
    let mut parts = data.split(':');
    let verb = parts.next().unwrap_or_default();
    let mut number = || parts.next().and_then(|part| part.parse::<i64>().ok());
    let (id, second) = (number().map(BroadcastId), number());
    let choice = match (verb, second) {
        ("groups", None) => Some(Choice::Groups),
        ("to", Some(segment)) => Some(Choice::Group(SegmentId(segment))),
        ("send", Some(count)) => Some(Choice::Send(count)),
        ("cancel", None) => Some(Choice::Cancel),
        _ => None,
    };
    Pressed { button: id.zip(choice), message }
}

/// Does what the admin asked for. Returns the notice that Telegram shows over the pressed button; `None` when the reply
/// is a message in the chat.
pub(super) fn answer(tx: &Tx<'_>, bot: BotName, id: TelegramId, action: &AdminAction) -> Result<Option<String>> {
    let stale = || texts::caption(tx, "broadcast_stale").map(Some);
    let Some(by) = CanSend::from_chat(tx, id)? else { return stale() };
    let chat = Chat { bot, id, by: &by };
    match action {
        AdminAction::Say(said) => chat.say(tx, said).map(|()| None),
        AdminAction::Press(Pressed { button: Some((broadcast, choice)), message }) => {
            let pending = chat.pending(tx)?.filter(|pending| pending.broadcast == Some(*broadcast));
            match pending {
                // The draft was sent, scheduled or canceled elsewhere, so its buttons in the chat have no effect any
                // more.
                Some(_) if chat.own_draft(tx, *broadcast)?.is_none() => {
                    conversation::end(tx, bot, id)?;
                    stale()
                }
                Some(pending) => chat.choose(tx, (*broadcast, *choice), &pending, *message).map(|()| None),
                None => {
                    chat.give_up_own(tx, *broadcast)?;
                    stale()
                }
            }
        }
        AdminAction::Press(_) => stale(),
    }
}

/// Cancels the pending draft, because the admin does something else.
pub(super) fn give_up(tx: &Tx<'_>, bot: BotName, id: TelegramId) -> Result<()> {
    let Some(by) = CanSend::from_chat(tx, id)? else { return Ok(()) };
    let chat = Chat { bot, id, by: &by };
    match chat.pending(tx)?.and_then(|pending| pending.broadcast) {
        Some(broadcast) => chat.give_up_own(tx, broadcast),
        None => Ok(()),
    }
}

impl Chat<'_> {
    fn say(&self, tx: &Tx<'_>, said: &Said) -> Result<()> {
        let before = self.pending(tx)?.unwrap_or_default();
        if said.album.is_some() && said.album == before.album {
            // This message is another picture of an album; the bot has answered the first one.
            return Ok(());
        }
        if let Some(id) = before.broadcast {
            self.give_up_own(tx, id)?;
        }
        let (broadcast, payload) = self.draft(tx, said)?;
        let lost = said.lost.iter().map(|lost| lost_key(*lost).to_owned()).collect();
        let pending = Pending { broadcast, album: said.album.clone(), lost, ..Pending::default() };
        self.awaits(tx, &pending)?;
        let payload = if broadcast.is_some() { with_lost(tx, &pending, payload)? } else { payload };
        self.tell(tx, payload)
    }

    fn draft(&self, tx: &Tx<'_>, said: &Said) -> Result<(Option<BroadcastId>, Payload)> {
        let plain = |key: &str| Ok((None, render::text(tx, key, &[], Keyboard::None)?));
        if !settings::AUTO_BROADCAST_FROM_ADMINS.is_on(tx)? {
            return plain("broadcast_off");
        }
        let Some(media) = media(said.media.as_ref()) else { return plain("broadcast_media") };
        if self.offers(tx)?.is_empty() {
            return plain("broadcast_no_groups");
        }
        let draft = Draft {
            title: said.title.clone(),
            message: broadcast::Message {
                body: said.html.clone(),
                media,
                buttons: said.buttons.clone(),
                template: None,
            },
            // The draft has no recipients until a segment is chosen.
            audience: Audience::People(Vec::new()),
            realm: self.bot.realm(),
            origin: Origin::Chat,
        };
        match broadcast::create(tx, &draft, self.by.actor()) {
            Ok(made) => {
                let note = said.album.as_ref().map(|_| "broadcast_album");
                Ok((Some(made.id), self.groups(tx, made.id, note)?))
            }
            Err(Error::Refused(refusal)) => Ok((None, refused(tx, &refusal)?)),
            Err(error) => Err(error),
        }
    }

    fn choose(
        &self,
        tx: &Tx<'_>,
        (id, choice): (BroadcastId, Choice),
        pending: &Pending,
        message: Option<i64>,
    ) -> Result<()> {
        let chosen = match choice {
            Choice::Groups => self.ask(tx, id, pending, None),
            Choice::Group(group) => self.to(tx, id, group, pending),
            Choice::Send(count) => self.send(tx, id, count, pending),
            Choice::Cancel => self.cancel(tx, id),
        };
        let done = match chosen {
            Err(Error::Refused(refusal)) => refused(tx, &refusal)?,
            chosen => chosen?,
        };
        self.tell(tx, in_place(done, message))
    }

    fn cancel(&self, tx: &Tx<'_>, id: BroadcastId) -> Result<Payload> {
        self.give_up_own(tx, id)?;
        conversation::end(tx, self.bot, self.id)?;
        render::text(tx, "broadcast_canceled", &[], Keyboard::None)
    }

    /// Shows the list of segments again.
    fn ask(&self, tx: &Tx<'_>, id: BroadcastId, pending: &Pending, note: Option<&str>) -> Result<Payload> {
        let again = Pending { count: 0, token: String::new(), broadcast: Some(id), ..pending.clone() };
        self.awaits(tx, &again)?;
        self.groups(tx, id, note)
    }

    /// The segments that the chat offers, without those of the other realm.
    fn offers(&self, view: &View<'_>) -> Result<Vec<Segment>> {
        let realm = self.bot.realm();
        Ok(segment::menu(view)?.into_iter().filter(|group| group.filter.realm(realm) == realm).collect())
    }

    fn groups(&self, view: &View<'_>, id: BroadcastId, note: Option<&str>) -> Result<Payload> {
        let offers = self.offers(view)?;
        let one = |group: &Segment| Button::callback(&group.name, format!("broadcast:to:{id}:{}", group.id));
        let mut rows: Vec<Vec<Button>> = offers.chunks(2).map(|row| row.iter().map(one).collect()).collect();
        rows.push(vec![cancel(view, id)?]);
        noted(view, note, render::text(view, "broadcast_groups", &[], Keyboard::Inline(rows))?)
    }

    fn to(&self, tx: &Tx<'_>, id: BroadcastId, group: SegmentId, pending: &Pending) -> Result<Payload> {
        let Some(group) = self.offers(tx)?.into_iter().find(|offered| offered.id == group) else {
            return self.ask(tx, id, pending, None);
        };
        let draft = Draft { audience: Audience::Segment(group.id), ..broadcast::get(tx, id)?.draft };
        let (_, after) = broadcast::edit(tx, id, &draft, self.by.actor())?;
        self.show(tx, &after, pending, None)
    }

    /// Shows the number of recipients. The admin's confirmation is bound to exactly this estimate.
    fn show(&self, tx: &Tx<'_>, draft: &Broadcast, pending: &Pending, note: Option<&str>) -> Result<Payload> {
        let group = group_of(tx, draft)?;
        let estimate = broadcast::estimate_of(tx, draft)?;
        let count = estimate.reach.reachable;
        if count == 0 {
            return self.ask(tx, draft.id, pending, Some("broadcast_nobody"));
        }
        let shown = Pending { broadcast: Some(draft.id), count, token: estimate.token, ..pending.clone() };
        self.awaits(tx, &shown)?;
        let minutes = (estimate.seconds + 59) / 60;
        let facts = [
            ("segment", group),
            ("total", count.to_string()),
            ("muted", estimate.reach.muted.to_string()),
            ("blocked", estimate.reach.bot_blocked.to_string()),
            ("duration", shop::language(tx)?.spelt_duration(minutes)),
        ];
        let card =
            render::text(tx, "broadcast_confirm", &render::pairs(&facts), confirm_buttons(tx, draft.id, count)?)?;
        with_lost(tx, pending, noted(tx, note, card)?)
    }

    fn send(&self, tx: &Tx<'_>, id: BroadcastId, count: i64, pending: &Pending) -> Result<Payload> {
        if !settings::AUTO_BROADCAST_FROM_ADMINS.is_on(tx)? {
            return render::text(tx, "broadcast_off", &[], Keyboard::None);
        }
        // The button belongs to an older message, or no number of recipients has been shown yet.
        if count != pending.count || pending.token.is_empty() {
            return self.again(tx, id, pending);
        }
        let sent = broadcast::look_again(tx, &broadcast::get(tx, id)?, &pending.token)
            .and_then(|()| broadcast::send(tx, id, &pending.token, self.by.actor()));
        match sent {
            Ok(sent) => {
                conversation::end(tx, self.bot, self.id)?;
                let (id, total) = (sent.id.to_string(), count.to_string());
                let values = [("broadcast", &*id), ("title", &*sent.draft.title), ("total", &*total)];
                render::text(tx, "broadcast_queued", &values, Keyboard::None)
            }
            Err(Error::Refused(Refusal::BroadcastConfirmationStale { .. } | Refusal::BroadcastAudienceEmpty)) => {
                self.again(tx, id, pending)
            }
            Err(error) => Err(error),
        }
    }

    /// Shows the number of recipients again, because the draft or its audience has changed since.
    fn again(&self, tx: &Tx<'_>, id: BroadcastId, pending: &Pending) -> Result<Payload> {
        let draft = broadcast::get(tx, id)?;
        if !matches!(draft.draft.audience, Audience::Segment(_)) {
            return self.ask(tx, id, pending, None);
        }
        self.show(tx, &draft, pending, Some("broadcast_changed"))
    }

    fn pending(&self, view: &View<'_>) -> Result<Option<Pending>> {
        let kept = conversation::payload(view, self.bot, self.id, DialogState::ChatBroadcast)?;
        Ok(kept.and_then(|kept| serde_json::from_str(&kept).ok()))
    }

    fn awaits(&self, tx: &Tx<'_>, pending: &Pending) -> Result<()> {
        let kept = serde_json::json!(pending).to_string();
        conversation::await_with(tx, self.bot, self.id, DialogState::ChatBroadcast, Some(&kept))
    }

    /// Cancels a draft that this admin made in this chat; changes nothing else.
    fn give_up_own(&self, tx: &Tx<'_>, id: BroadcastId) -> Result<()> {
        if self.own_draft(tx, id)?.is_some() {
            broadcast::cancel(tx, id, self.by.actor())?;
        }
        Ok(())
    }

    /// The broadcast, if it is a draft that this admin made in this chat.
    fn own_draft(&self, view: &View<'_>, id: BroadcastId) -> Result<Option<Broadcast>> {
        let found = match broadcast::get(view, id) {
            Ok(found) => found,
            Err(Error::Refused(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let is_own = found.created_by == self.by.actor().to_string() && found.draft.origin == Origin::Chat;
        let is_draft = found.status == Status::Draft && found.draft.realm == self.bot.realm();
        Ok((is_own && is_draft).then_some(found))
    }

    fn tell(&self, tx: &Tx<'_>, payload: Payload) -> Result<()> {
        outbox::enqueue(tx, &Letter::reply(self.bot, self.id, payload))
    }
}

/// The broadcast's title: the message's text on one line, at most 60 characters; `chat` when there is no text.
fn title(words: &str) -> String {
    let one_line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = one_line.chars().filter(|c| !c.is_control()).take(LONGEST_TITLE).collect();
    if short.trim().is_empty() { Origin::Chat.as_str().to_owned() } else { short.trim().to_owned() }
}

/// The media of the admin's message, for a broadcast; `None` when a broadcast cannot have media of this kind.
fn media(media: Option<&update::IncomingMedia>) -> Option<Media> {
    let file = |kind, id: &String| Some(Media::FileId(kind, id.clone()));
    match media {
        None => Some(Media::None),
        Some(update::IncomingMedia::Photo(id)) => file(MediaType::Photo, id),
        Some(update::IncomingMedia::Video(id)) => file(MediaType::Video, id),
        Some(update::IncomingMedia::Document(id)) => file(MediaType::Document, id),
        Some(update::IncomingMedia::Other) => None,
    }
}

fn group_of(view: &View<'_>, draft: &Broadcast) -> Result<String> {
    match draft.draft.audience {
        Audience::Segment(id) => Ok(segment::get_by_id(view, id)?.name),
        _ => Ok(String::new()),
    }
}

fn confirm_buttons(view: &View<'_>, id: BroadcastId, count: i64) -> Result<Keyboard> {
    let caption = texts::render(view, "button.broadcast_send", &[("total", &count.to_string())])?;
    let send = Button::callback(caption, format!("broadcast:send:{id}:{count}"));
    let other = Button::callback(texts::caption(view, "button.broadcast_groups")?, format!("broadcast:groups:{id}"));
    Ok(Keyboard::Inline(vec![vec![send], vec![other, cancel(view, id)?]]))
}

fn cancel(view: &View<'_>, id: BroadcastId) -> Result<Button> {
    Ok(Button::callback(texts::caption(view, "button.cancel")?, format!("broadcast:cancel:{id}")))
}

/// The links of a message that a broadcast may have, and whether the message has no others.
fn buttons(rows: &[Vec<LinkButton>]) -> (Vec<Vec<Link>>, bool) {
    let mut left = broadcast::content::MOST_BUTTONS;
    let mut kept: Vec<Vec<Link>> = Vec::new();
    for row in rows {
        let links = row.iter().map(|button| Link { text: button.caption.clone(), url: button.url.clone() });
        let links: Vec<Link> =
            links.filter(broadcast::content::is_good_link).take(left.min(broadcast::content::MOST_IN_A_ROW)).collect();
        left -= links.len();
        kept.extend((!links.is_empty()).then_some(links));
    }
    let are_all = rows.iter().map(Vec::len).sum::<usize>() == broadcast::content::MOST_BUTTONS - left;
    (kept, are_all)
}

const fn lost_key(lost: Lost) -> &'static str {
    match lost {
        Lost::Formatting => "broadcast.lost.formatting",
        Lost::Buttons => "broadcast.lost.buttons",
        Lost::Spoiler => "broadcast.lost.spoiler",
        Lost::CaptionAbove => "broadcast.lost.caption_above",
        Lost::LinkPreview => "broadcast.lost.link_preview",
    }
}

/// Adds a line to a reply of the bot; the line names the parts of the admin's message that the broadcast will lack.
fn with_lost(view: &View<'_>, pending: &Pending, payload: Payload) -> Result<Payload> {
    let Payload::Text { html, keyboard, key } = payload else { return Ok(payload) };
    if pending.lost.is_empty() {
        return Ok(Payload::Text { html, keyboard, key });
    }
    let words = pending.lost.iter().map(|key| texts::caption(view, key)).collect::<Result<Vec<_>>>()?;
    let line = texts::render(view, "broadcast_lost", &[("detail", &words.join(", "))])?;
    Ok(Payload::Text { html: format!("{html}\n\n{line}"), keyboard, key })
}

/// Adds the text `note` above a reply of the bot.
fn noted(view: &View<'_>, note: Option<&str>, payload: Payload) -> Result<Payload> {
    Ok(match (note, payload) {
        (Some(note), Payload::Text { html, keyboard, .. }) => {
            Payload::text(format!("{}\n\n{html}", texts::render(view, note, &[])?), keyboard).of_text(note)
        }
        (_, payload) => payload,
    })
}

/// Replaces the message whose button was pressed.
fn in_place(payload: Payload, message: Option<i64>) -> Payload {
    match (payload, message) {
        (Payload::Text { html, keyboard, key }, Some(message_id)) => Payload::Edit { message_id, html, keyboard, key },
        (payload, _) => payload,
    }
}

/// The reply that says why a message cannot be a broadcast.
fn refused(view: &View<'_>, refusal: &Refusal) -> Result<Payload> {
    let (reason, what) = match refusal {
        Refusal::BroadcastTextInvalid { reason, what, .. } | Refusal::BroadcastMediaInvalid { reason, what } => {
            (*reason, what.as_str())
        }
        _ => ("", ""),
    };
    let key = match reason {
        "text.too_long" => "broadcast.refused.too_long",
        "text.empty" => "broadcast.refused.empty",
        "text.no_template" => "broadcast.refused.no_template",
        "text.unknown_placeholder" => "broadcast.refused.placeholder",
        _ => "broadcast.refused.other",
    };
    let reason = texts::caption(view, key)?;
    render::text(view, "broadcast_refused", &[("reason", &reason), ("detail", what)], Keyboard::None)
}
