//! The customer bot. The text of a message, or a caption of the menu's buttons, decides what the customer wants; then
//! one use-case runs and its reply goes into the outbox.

use std::time::Duration;

use super::{Desk, Handled, chat_broadcast, person, render};
use crate::conversation::DialogState;
use crate::db::{Tx, View};
use crate::discount::{self, IssueRequest, Issued, SourceKind};
use crate::error::{Error, Refusal, Result};
use crate::ids::TelegramId;
use crate::language::Language;
use crate::outbox::{self, Letter, Payload};
use crate::realm::{BotName, Realm};
use crate::staff;
use crate::telegram::client::{Button, CallError, Keyboard};
use crate::telegram::reply::Class;
use crate::telegram::update::{ChatKind, ChatMemberUpdated, Command, MemberStatus, Message, Update, UpdateKind};
use crate::user::birthday::Unread;
use crate::user::{self, Arrival, Mute, Person, Subscription, UserStatus};
use crate::{campaign, conversation, order, settings, shop, texts};

/// How many codes «Мои скидки» lists: more would not fit into one message.
const SHOWN_CODES: u32 = 10;

/// The commands in Telegram's menu, each with the key of its description's text. The bot understands the commands of
/// both languages.
pub(super) const fn commands(language: Language) -> [(&'static str, &'static str); 6] {
    let (discounts, birthday) = match language {
        Language::Ru => ("skidki", "den_rozhdeniya"),
        Language::En => ("discounts", "birthday"),
    };
    [
        ("start", "command.start"),
        (discounts, "button.my_discounts"),
        (birthday, "button.birthday"),
        ("mute", "command.mute"),
        ("unmute", "command.unmute"),
        ("help", "button.help"),
    ]
}

/// What a customer may say instead of pressing a button: the text with the caption, and what the customer wants.
const SPOKEN: [(&str, CustomerIntent); 10] = [
    ("button.check_subscription", CustomerIntent::CheckSubscription),
    ("button.my_discounts", CustomerIntent::MyDiscounts),
    ("button.channel", CustomerIntent::Channel),
    ("button.help", CustomerIntent::Help),
    ("button.birthday", CustomerIntent::Birthday),
    ("spoken.birthday", CustomerIntent::Birthday),
    ("button.cancel", CustomerIntent::Cancel),
    ("button.mute", CustomerIntent::Mute(Mute::On)),
    ("button.unmute", CustomerIntent::Mute(Mute::Off)),
    ("button.order", CustomerIntent::Order),
];
/// The longest wait for Telegram's answer about a subscription: the customer waits for the bot meanwhile.
const PATIENCE: Duration = Duration::from_secs(8);

/// What the customer asked for, or what Telegram reports about them.
#[derive(Debug, Clone, PartialEq, Eq)]
enum CustomerIntent {
    Start(Option<String>),
    CheckSubscription,
    MyDiscounts,
    ShowQr(String),
    Channel,
    Help,
    Birthday,
    ChangeBirthday,
    /// The text that the customer wrote while the bot awaited a birthday.
    BirthdayIs(String),
    Cancel,
    Mute(Mute),
    Order,
    /// An admin's action on a broadcast from the chat.
    Broadcast(chat_broadcast::AdminAction),
    Unknown,
    BotBlocked,
    BotUnblocked,
    /// Telegram reports that the customer left the channel.
    LeftChannel,
    /// Telegram reports that the bot is no longer an administrator of the channel.
    LostRights,
}

/// An update as this bot interprets it.
struct Heard {
    person: Person,
    intent: CustomerIntent,
    callback: Option<String>,
}

/// Facts that are fetched before the transaction: Telegram's answer about the subscription, and the hash that would
/// stand for this customer after an erasure.
struct Fact {
    subscription: SubscriptionAnswer,
    erased: Option<String>,
}

/// The result of asking Telegram about a subscription.
#[derive(Debug, Clone, Copy)]
enum SubscriptionAnswer {
    /// Telegram was not asked: the subscription was confirmed a moment ago, or the customer wants something else.
    Fresh,
    /// Telegram's answer about the subscription.
    Found(Subscription),
    /// Telegram gave no answer, because it wants a pause of this many seconds.
    Closed(u64),
}

/// Reads an update, fetches the facts that its effect needs, and returns the effect.
pub(super) async fn handle(desk: &Desk, update: &Update) -> Result<Handled> {
    let Some(heard) = desk.db.read(|view| hear(view, desk.name, update))? else { return Ok(Handled::ignored()) };
    let subscription = match heard.intent {
        CustomerIntent::CheckSubscription => ask_telegram(desk, &heard.person).await?,
        _ => SubscriptionAnswer::Fresh,
    };
    let erased = desk.erasure_key.as_deref().map(|key| user::erased_hash(key, desk.realm(), heard.person.id));
    let (name, fact) = (desk.name, Fact { subscription, erased });
    Ok(Handled::new(heard.callback.clone(), move |tx| answer(tx, name, &heard, &fact)))
}

fn hear(view: &View<'_>, bot: BotName, update: &Update) -> Result<Option<Heard>> {
    Ok(match &update.kind {
        UpdateKind::Message(message) if message.chat.kind == ChatKind::Private => {
            let Some(from) = &message.from else { return Ok(None) };
            let person = person(from);
            let intent = intent_of_message(view, bot, person.id, message)?;
            Some(Heard { person, intent, callback: None })
        }
        UpdateKind::CallbackQuery(press) if press.is_private() => {
            let under = press.message.as_ref().map(|(_, message)| *message);
            let intent = intent_of_button(press.data.as_deref().unwrap_or_default(), under);
            Some(Heard { person: person(&press.from), intent, callback: Some(press.id.clone()) })
        }
        UpdateKind::MyChatMember(change) if change.chat.kind == ChatKind::Private => {
            let intent = match change.new_status {
                MemberStatus::Kicked | MemberStatus::Left => CustomerIntent::BotBlocked,
                _ => CustomerIntent::BotUnblocked,
            };
            Some(Heard { person: person(&change.from), intent, callback: None })
        }
        // A customer who joins needs no action here: each press of «Проверить подписку» asks Telegram. Leaving is
        // recorded now.
        UpdateKind::ChatMember(change) if !change.new_status.is_subscribed() && is_shops_channel(view, change)? => {
            Some(Heard { person: person(&change.user), intent: CustomerIntent::LeftChannel, callback: None })
        }
        UpdateKind::MyChatMember(change) if !is_admin(change.new_status) && is_shops_channel(view, change)? => {
            Some(Heard { person: person(&change.from), intent: CustomerIntent::LostRights, callback: None })
        }
        _ => None,
    })
}

const fn is_admin(status: MemberStatus) -> bool {
    matches!(status, MemberStatus::Creator | MemberStatus::Administrator)
}

fn is_shops_channel(view: &View<'_>, change: &ChatMemberUpdated) -> Result<bool> {
    let Some(channel) = settings::TELEGRAM_CHANNEL_ID.text(view)? else { return Ok(false) };
    let chat = &change.chat;
    Ok(match channel.strip_prefix('@') {
        Some(name) => chat.username.as_ref().is_some_and(|username| username.eq_ignore_ascii_case(name)),
        None => chat.id.to_string() == channel,
    })
}

/// What the customer asks for by a message: a command or a button's caption. Any other text is the birthday, if the bot
/// has asked for it, or an admin's broadcast.
fn intent_of_message(view: &View<'_>, bot: BotName, id: TelegramId, message: &Message) -> Result<CustomerIntent> {
    let text = message.text.as_deref().unwrap_or_default();
    let intent = intent_of_text(view, text)?;
    if intent != CustomerIntent::Unknown {
        return Ok(intent);
    }
    if conversation::find(view, bot, id)? == Some(DialogState::AwaitingBirthday) {
        return Ok(CustomerIntent::BirthdayIs(text.to_owned()));
    }
    let said = chat_broadcast::said(view, id, message)?;
    Ok(said.map_or(CustomerIntent::Unknown, |said| {
        CustomerIntent::Broadcast(chat_broadcast::AdminAction::Say(Box::new(said)))
    }))
}

fn intent_of_text(view: &View<'_>, text: &str) -> Result<CustomerIntent> {
    if let Some(command) = Command::parse(text) {
        return Ok(match command.name.as_str() {
            "start" => CustomerIntent::Start(command.argument),
            "skidki" | "discounts" => CustomerIntent::MyDiscounts,
            "den_rozhdeniya" | "birthday" => CustomerIntent::Birthday,
            "mute" => CustomerIntent::Mute(Mute::On),
            "unmute" => CustomerIntent::Mute(Mute::Off),
            "help" => CustomerIntent::Help,
            _ => CustomerIntent::Unknown,
        });
    }
    let said = texts::key_of(view, &SPOKEN.each_ref().map(|(key, _)| *key), text)?;
    let meant = SPOKEN.into_iter().find(|(key, _)| said == Some(*key));
    Ok(meant.map_or(CustomerIntent::Unknown, |(_, intent)| intent))
}

fn intent_of_button(data: &str, under: Option<i64>) -> CustomerIntent {
    match data.split_once(':') {
        Some(("broadcast", rest)) => {
            CustomerIntent::Broadcast(chat_broadcast::AdminAction::Press(chat_broadcast::pressed(rest, under)))
        }
        Some(("check", "subscription")) => CustomerIntent::CheckSubscription,
        Some(("qr", public_id)) => CustomerIntent::ShowQr(public_id.to_owned()),
        Some(("birthday", "change")) => CustomerIntent::ChangeBirthday,
        Some(("cancel", _)) => CustomerIntent::Cancel,
        Some(("mute", "on")) => CustomerIntent::Mute(Mute::On),
        Some(("mute", "off")) => CustomerIntent::Mute(Mute::Off),
        Some(("order", "new")) => CustomerIntent::Order,
        _ => CustomerIntent::Unknown,
    }
}

/// Asks Telegram about the customer's subscription, unless it was confirmed a moment ago.
async fn ask_telegram(desk: &Desk, person: &Person) -> Result<SubscriptionAnswer> {
    let (realm, id) = (desk.realm(), person.id);
    let (channel, fresh) = desk.db.read(|view| {
        let channel = settings::TELEGRAM_CHANNEL_ID.text(view)?;
        Ok::<_, Error>((channel, user::subscription_is_fresh(view, realm, id)?))
    })?;
    let Some(channel) = channel else { return Ok(SubscriptionAnswer::Found(Subscription::NotConfigured)) };
    if fresh {
        return Ok(SubscriptionAnswer::Fresh);
    }
    let answer = match tokio::time::timeout(PATIENCE, desk.bot.chat_member(&channel, id.0)).await {
        Ok(answer) => answer,
        Err(_) => return Ok(SubscriptionAnswer::Found(Subscription::Unavailable)),
    };
    Ok(match answer {
        Err(CallError { class: Class::RetryAfter(seconds), .. }) => SubscriptionAnswer::Closed(seconds),
        answer => SubscriptionAnswer::Found(Subscription::of_answer(&answer)),
    })
}

/// Does what the customer asked for and puts the reply into the outbox. Returns the notice that Telegram shows over the
/// pressed button; `None` when the reply is a message in the chat.
fn answer(tx: &Tx<'_>, bot: BotName, heard: &Heard, fact: &Fact) -> Result<Option<String>> {
    let (realm, chat) = (bot.realm(), heard.person.id);
    let start = match &heard.intent {
        CustomerIntent::LostRights => return tell_of_fault(tx, realm, "notice_channel").map(|()| None),
        CustomerIntent::BotBlocked => return user::bot_blocked(tx, realm, chat).map(|()| None),
        CustomerIntent::BotUnblocked => return user::bot_unblocked(tx, realm, chat).map(|()| None),
        CustomerIntent::LeftChannel => return user::left_channel(tx, realm, chat).map(|()| None),
        CustomerIntent::Start(parameter) => parameter.as_deref(),
        _ => None,
    };
    let arrival = campaign::arrive(tx, realm, &heard.person, start)?;
    match &heard.intent {
        CustomerIntent::Broadcast(intent) if arrival.user.status != UserStatus::Blocked => {
            return chat_broadcast::answer(tx, bot, chat, intent);
        }
        CustomerIntent::BirthdayIs(_) => {}
        _ => {
            chat_broadcast::give_up(tx, bot, chat)?;
            conversation::end(tx, bot, chat)?;
        }
    }
    for payload in say(tx, bot, &arrival, heard, fact)? {
        outbox::enqueue(tx, &Letter::reply(bot, chat, payload))?;
    }
    Ok(None)
}

fn say(tx: &Tx<'_>, bot: BotName, arrival: &Arrival, heard: &Heard, fact: &Fact) -> Result<Vec<Payload>> {
    let user = &arrival.user;
    let names = render::names(user);
    let plain = |key: &str| render::text(tx, key, &render::pairs(&names), render::menu(tx)?);
    if user.status == UserStatus::Blocked {
        return Ok(vec![plain("user_blocked")?]);
    }
    match &heard.intent {
        CustomerIntent::Start(parameter) => welcome(tx, user, parameter.as_deref()),
        CustomerIntent::CheckSubscription => Ok(vec![subscription(tx, user, fact)?]),
        CustomerIntent::MyDiscounts => my_discounts(tx, user),
        CustomerIntent::ShowQr(public_id) => show_qr(tx, user, public_id),
        CustomerIntent::Channel => Ok(vec![channel(tx, &names)?]),
        CustomerIntent::Help => Ok(vec![plain("help")?]),
        CustomerIntent::Birthday => Ok(vec![birthday(tx, bot, user)?]),
        CustomerIntent::ChangeBirthday => Ok(vec![ask_birthday(tx, bot, user)?]),
        CustomerIntent::BirthdayIs(typed) => Ok(vec![save_birthday(tx, bot, user, typed)?]),
        CustomerIntent::Cancel => Ok(vec![plain("canceled")?]),
        CustomerIntent::Mute(mute) => {
            user::set_muted(tx, user.id, *mute)?;
            Ok(vec![plain(if *mute == Mute::On { "muted" } else { "unmuted" })?])
        }
        CustomerIntent::Order if user::tags(tx, user.id)?.iter().any(|tag| tag == order::VIP) => {
            order::place(tx, user)?;
            Ok(vec![plain("order_accepted")?])
        }
        _ => Ok(vec![plain("unknown")?]),
    }
}

/// Shows the birthday if it is known, with «Изменить» until the customer's first birthday gift; else asks for it.
fn birthday(tx: &Tx<'_>, bot: BotName, user: &user::User) -> Result<Payload> {
    let Some(day) = user.birthday else { return ask_birthday(tx, bot, user) };
    let date = shop::date(tx, day)?;
    let names = render::names(user);
    let mut values = render::pairs(&names);
    values.push(("date", &date));
    if discount::had_birthday_gift(tx, user.id)? {
        return render::text(tx, "birthday_known", &values, render::menu(tx)?);
    }
    let change = Button::callback(texts::caption(tx, "button.change")?, "birthday:change");
    render::text(tx, "birthday_known", &values, Keyboard::Inline(vec![vec![change]]))
}

/// Asks for the birthday. A customer who had a birthday gift may not change it and is told so.
fn ask_birthday(tx: &Tx<'_>, bot: BotName, user: &user::User) -> Result<Payload> {
    if discount::had_birthday_gift(tx, user.id)? {
        return render::text(tx, "birthday_locked", &render::pairs(&render::names(user)), render::menu(tx)?);
    }
    conversation::await_answer(tx, bot, user.telegram_id, DialogState::AwaitingBirthday)?;
    render::text(tx, "birthday_ask", &render::pairs(&render::names(user)), cancel_button(tx)?)
}

fn cancel_button(tx: &Tx<'_>) -> Result<Keyboard> {
    let cancel = Button::callback(texts::caption(tx, "button.cancel")?, "cancel:birthday");
    Ok(Keyboard::Inline(vec![vec![cancel]]))
}

fn save_birthday(tx: &Tx<'_>, bot: BotName, user: &user::User, typed: &str) -> Result<Payload> {
    let names = render::names(user);
    let mut values = render::pairs(&names);
    let day = match user::birthday::read(typed, tx.zone().day(tx.now())) {
        Ok(day) => day,
        Err(unread) => {
            conversation::await_answer(tx, bot, user.telegram_id, DialogState::AwaitingBirthday)?;
            let Unread::NoYear(day) = unread else {
                return render::text(tx, "birthday_invalid", &values, cancel_button(tx)?);
            };
            let example = user::birthday::in_words(day, shop::language(tx)?);
            values.push(("example", &example));
            return render::text(tx, "birthday_no_year", &values, cancel_button(tx)?);
        }
    };
    conversation::end(tx, bot, user.telegram_id)?;
    let key = match discount::save_own_birthday(tx, user, day) {
        Ok(_) => "birthday_saved",
        Err(Error::Refused(_)) => "birthday_locked",
        Err(error) => return Err(error),
    };
    render::text(tx, key, &values, render::menu(tx)?)
}

fn welcome(tx: &Tx<'_>, user: &user::User, parameter: Option<&str>) -> Result<Vec<Payload>> {
    let names = render::names(user);
    let mut said = vec![render::text(tx, "welcome", &render::pairs(&names), render::menu(tx)?)?];
    if let Some(code) = campaign_code(tx, user, parameter)? {
        said.push(render::gift(tx, "discount_issued", &code)?);
    }
    Ok(said)
}

/// Issues the code that a campaign gives to everybody who comes by its link. `None`: the link is of no campaign, the
/// campaign gives no code, or the shop refuses to issue one to this customer.
fn campaign_code(tx: &Tx<'_>, user: &user::User, parameter: Option<&str>) -> Result<Option<discount::Discount>> {
    let Some(campaign) = campaign::origin_of(tx, parameter)?.campaign else { return Ok(None) };
    let Some(template) = campaign::template_of(tx, campaign)? else { return Ok(None) };
    let Some(template) = discount::template::find(tx, template)? else { return Ok(None) };
    let source = (SourceKind::Campaign, Some(campaign.0));
    let by = crate::actor::Actor::Customer(user.id);
    match discount::issue(tx, &IssueRequest { user, template: &template, source, by: &by }) {
        Ok(issued) => Ok(Some(issued.discount().clone())),
        Err(Error::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn subscription(tx: &Tx<'_>, user: &user::User, fact: &Fact) -> Result<Payload> {
    if let SubscriptionAnswer::Found(found) = fact.subscription {
        user::record_subscription(tx, user.id, found)?;
    }
    match fact.subscription {
        SubscriptionAnswer::Fresh | SubscriptionAnswer::Found(Subscription::Subscribed) => {
            gift(tx, user, fact.erased.as_deref())
        }
        SubscriptionAnswer::Closed(seconds) => closed(tx, user, seconds),
        SubscriptionAnswer::Found(Subscription::NotSubscribed) => {
            render::text(tx, "not_subscribed", &render::pairs(&render::names(user)), render::subscribe_buttons(tx)?)
        }
        SubscriptionAnswer::Found(Subscription::Unavailable) => unavailable(tx, user),
        SubscriptionAnswer::Found(Subscription::NotConfigured) => {
            tell_of_fault(tx, user.realm, "notice_channel")?;
            unavailable(tx, user)
        }
    }
}

fn gift(tx: &Tx<'_>, user: &user::User, erased: Option<&str>) -> Result<Payload> {
    let names = render::names(user);
    match discount::issue_subscription_gift(tx, user, erased) {
        Ok(Issued::New(code) | Issued::Live(code)) => render::gift(tx, "subscription_success", &code),
        Err(Error::Refused(Refusal::RecurrenceNotReached { next: Some(next) })) => {
            let date = shop::date(tx, tx.zone().day(next))?;
            let mut values = render::pairs(&names);
            values.push(("next_date", &date));
            render::text(tx, "subscription_too_early", &values, render::menu(tx)?)
        }
        Err(Error::Refused(Refusal::RecurrenceNotReached { next: None })) => {
            render::text(tx, "subscription_only_once", &render::pairs(&names), render::menu(tx)?)
        }
        Err(Error::Refused(Refusal::TemplateInactive(_))) => {
            tell_of_fault(tx, user.realm, "notice_subscription_template")?;
            unavailable(tx, user)
        }
        Err(Error::Refused(_)) => unavailable(tx, user),
        Err(error) => Err(error),
    }
}

fn unavailable(tx: &Tx<'_>, user: &user::User) -> Result<Payload> {
    render::text(tx, "subscription_unavailable", &render::pairs(&render::names(user)), render::menu(tx)?)
}

/// Tells the customer how many minutes to wait until Telegram answers questions about subscriptions again.
fn closed(tx: &Tx<'_>, user: &user::User, seconds: u64) -> Result<Payload> {
    let minutes = i64::try_from(seconds.div_ceil(60).max(1)).unwrap_or(i64::MAX);
    let wait = shop::language(tx)?.plural("plural.minutes", minutes, &[]);
    let names = render::names(user);
    let mut values = render::pairs(&names);
    values.push(("wait", &wait));
    render::text(tx, "subscription_closed", &values, render::menu(tx)?)
}

/// Sends the admins of the group `errors` the text `key`: the shop cannot check subscriptions, or cannot give the gift
/// for subscribing. Each text goes out at most once per clock hour, because every customer who asks for a check meets
/// the same fault.
fn tell_of_fault(tx: &Tx<'_>, realm: Realm, key: &str) -> Result<()> {
    let hour = tx.now().0.div_euclid(3600).to_string();
    staff::tell_admins(tx, realm, staff::Group::Errors, key, &[], Some(&hour))
}

fn my_discounts(tx: &Tx<'_>, user: &user::User) -> Result<Vec<Payload>> {
    let live = discount::list_live(tx, user.id, SHOWN_CODES)?;
    let order = order_button(tx, user)?;
    if live.is_empty() {
        let keyboard = match order {
            Some(order) => Keyboard::Inline(vec![vec![order]]),
            None => render::menu(tx)?,
        };
        return Ok(vec![render::text(tx, "no_discounts", &render::pairs(&render::names(user)), keyboard)?]);
    }
    let mut lines = Vec::with_capacity(live.len() + 1);
    let mut buttons = Vec::with_capacity(live.len());
    for code in &live {
        lines.push(texts::render(tx, "discount_line", &render::pairs(&render::facts(tx, code)?))?);
        let caption = format!("{} {}", texts::caption(tx, "button.show_qr")?, code.code_text);
        buttons.push(vec![Button::callback(caption, format!("qr:{}", code.public_id))]);
    }
    let total = discount::count_live_of_user(tx, user.id)?;
    if total > i64::from(SHOWN_CODES) {
        lines.push(texts::render(tx, "discounts_more", &[("count", &total.to_string())])?);
    }
    buttons.extend(order.map(|order| vec![order]));
    Ok(vec![Payload::text(lines.join("\n\n"), Keyboard::Inline(buttons)).of_text("discount_line")])
}

/// The button «Оформить заказ», for customers tagged `vip`.
fn order_button(tx: &Tx<'_>, user: &user::User) -> Result<Option<Button>> {
    let vip = user::tags(tx, user.id)?.iter().any(|tag| tag == order::VIP);
    vip.then(|| Ok(Button::callback(texts::caption(tx, "button.order")?, "order:new"))).transpose()
}

/// The QR picture of a code, if it is an active code of this customer; else the list of their active codes.
fn show_qr(tx: &Tx<'_>, user: &user::User, public_id: &str) -> Result<Vec<Payload>> {
    match discount::find_live(tx, user.id, public_id)? {
        Some(code) => {
            let caption = texts::render(tx, "discount_line", &render::pairs(&render::facts(tx, &code)?))?;
            let key = Some("discount_line".to_owned());
            Ok(vec![Payload::QrPhoto { public_id: code.public_id, caption, keyboard: Keyboard::None, key }])
        }
        None => my_discounts(tx, user),
    }
}

fn channel(tx: &Tx<'_>, names: &[(&'static str, String)]) -> Result<Payload> {
    match settings::channel_link(tx)? {
        Some(link) => {
            let button = Button::url(texts::caption(tx, "button.channel")?, link);
            render::text(tx, "channel_invite", &[], Keyboard::Inline(vec![vec![button]]))
        }
        None => render::text(tx, "unknown", &render::pairs(names), render::menu(tx)?),
    }
}
