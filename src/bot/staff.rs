//! The staff bot: requests for access, an owner's decisions, checking and redeeming codes at the counter.

use super::{Desk, Handled, person, render};
use crate::actor::Actor;
use crate::clock::Timestamp;
use crate::db::{Class, Slice, Tx, View};
use crate::discount::{self, CardId, Checked, Redeemer, Redemption, code};
use crate::error::{Error, Refusal, Result};
use crate::ids::CashierId;
use crate::outbox::{self, Letter, Payload};
use crate::realm::{BotName, Realm};
use crate::staff::{self, Acceptance, AccessRequest, AdminEdit, Owner, Role, StaffStatus};
use crate::telegram::client::Keyboard;
use crate::telegram::update::{ChatKind, Command, Update, UpdateKind};
use crate::user::Person;
use crate::{access, export, report, settings, shop, texts};

/// The commands in Telegram's menu, each with the key of its description's text.
pub(super) const COMMANDS: &[(&str, &str)] = &[
    ("start", "command.start"),
    ("redeem", "command.redeem"),
    ("get_token", "command.get_token"),
    ("requests", "command.requests"),
    ("stats", "command.stats"),
    ("help", "button.help"),
];

/// The most requests for access that one reply shows, oldest first.
const REQUESTS_TOLD: Slice = Slice { limit: 20, offset: 0 };

/// What the person who wrote to the staff bot wants.
#[derive(Debug, Clone, PartialEq, Eq)]
enum StaffIntent {
    /// Text that may be a code.
    Code(String),
    /// `/redeem` with a code.
    RedeemCode(String),
    /// A scanned QR picture of a code: its link opens the bot with `/start d_<public id>`.
    Link(String),
    /// The link of an invitation opens the bot with `/start a_<token>`.
    Invitation(String),
    /// /start or /help.
    Greeting,
    /// Anything else.
    Other,
    /// An admin asks for a login token.
    Token,
    /// An owner asks for the pending requests.
    Requests,
    /// An owner asks for figures.
    Stats,
    /// The button «Погасить» of a card.
    Redeem(String),
    /// The button «Отменить» under a redemption.
    Undo(String),
    /// The button «Сделать администратором» of an access request.
    ApproveAdmin(CashierId),
    /// The button «Подтвердить кассиром» of an access request.
    Approve(CashierId),
    /// The button «Отклонить» of an access request.
    Decline(CashierId),
}

/// An update as this bot interprets it.
struct Heard {
    person: Person,
    intent: StaffIntent,
    /// When the message was written, if Telegram reports the time.
    said_at: Option<Timestamp>,
    /// The press of a button: Telegram's id of the press, and the message under which the button is.
    press: Option<(String, Option<i64>)>,
    /// The figures for `/stats`; `None` unless an owner asked.
    figures: Option<report::Overview>,
}

/// What the person who wrote may do at the shop's counter.
enum CounterRights {
    /// A cashier or an owner: may check and redeem codes.
    AtCounter(Redeemer),
    /// A person whose request for access is not approved, or whose access was taken away: attempts are logged under
    /// this id.
    NotActive(CashierId),
    /// An admin who is neither an owner nor a cashier.
    Admin,
    /// A person whom the shop does not know.
    Stranger,
}

/// Reads an update, fetches the facts that its effect needs, and returns the effect.
pub(super) async fn handle(desk: &Desk, update: &Update) -> Result<Handled> {
    let Some(mut heard) = desk.db.read(|view| hear(view, update))? else { return Ok(Handled::ignored()) };
    if heard.intent == StaffIntent::Stats {
        let (realm, id) = (desk.realm(), heard.person.id);
        let figures = desk.db.read_async(Class::List, move |view| match Owner::of_telegram(view, id) {
            Ok(_) => figures(view, realm).map(Some),
            Err(Error::Refused(_)) => Ok(None),
            Err(error) => Err(error),
        });
        heard.figures = figures.await?;
    }
    let (name, press) = (desk.name, heard.press.as_ref().map(|(id, _)| id.clone()));
    Ok(Handled::new(press, move |tx| answer(tx, name, &heard)))
}

fn hear(view: &View<'_>, update: &Update) -> Result<Option<Heard>> {
    Ok(match &update.kind {
        UpdateKind::Message(message) if message.chat.kind == ChatKind::Private => {
            let Some(from) = &message.from else { return Ok(None) };
            Some(Heard {
                person: person(from),
                intent: intent_of_text(view, message.text.as_deref().unwrap_or_default())?,
                said_at: Some(Timestamp(message.date)).filter(|at| at.0 > 0),
                press: None,
                figures: None,
            })
        }
        UpdateKind::CallbackQuery(press) if press.is_private() => Some(Heard {
            person: person(&press.from),
            intent: intent_of_button(press.data.as_deref().unwrap_or_default()),
            said_at: None,
            press: Some((press.id.clone(), press.message.as_ref().map(|(_, id)| *id))),
            figures: None,
        }),
        _ => None,
    })
}

fn intent_of_text(view: &View<'_>, text: &str) -> Result<StaffIntent> {
    let Some(command) = Command::parse(text) else {
        let asks = texts::key_of(view, &["spoken.token"], text)?.is_some();
        return Ok(if asks { StaffIntent::Token } else { StaffIntent::Code(text.to_owned()) });
    };
    Ok(match (command.name.as_str(), command.argument) {
        ("start", Some(argument)) => {
            let link = |prefix: &str| argument.strip_prefix(prefix).map(str::to_owned);
            let invitation = || link(staff::INVITATION_PREFIX).map(StaffIntent::Invitation);
            link("d_").map(StaffIntent::Link).or_else(invitation).unwrap_or(StaffIntent::Greeting)
        }
        ("start" | "help", _) => StaffIntent::Greeting,
        ("redeem", _) => StaffIntent::RedeemCode(command.rest),
        ("get_token" | "token", _) => StaffIntent::Token,
        ("requests", _) => StaffIntent::Requests,
        ("stats", _) => StaffIntent::Stats,
        _ => StaffIntent::Other,
    })
}

fn intent_of_button(data: &str) -> StaffIntent {
    let id = |text: &str| text.parse().map(CashierId).ok();
    match data.split_once(':') {
        Some(("redeem", card)) => StaffIntent::Redeem(card.to_owned()),
        Some(("undo", card)) => StaffIntent::Undo(card.to_owned()),
        Some(("approve_admin", cashier)) => id(cashier).map_or(StaffIntent::Other, StaffIntent::ApproveAdmin),
        Some(("approve_cashier", cashier)) => id(cashier).map_or(StaffIntent::Other, StaffIntent::Approve),
        Some(("decline_cashier", cashier)) => id(cashier).map_or(StaffIntent::Other, StaffIntent::Decline),
        _ => StaffIntent::Other,
    }
}

/// Does what the person asked for and puts the reply into the outbox. Returns the notice that Telegram shows over the
/// pressed button; `None` when the reply is a message in the chat.
fn answer(tx: &Tx<'_>, bot: BotName, heard: &Heard) -> Result<Option<String>> {
    staff::learn_names(tx, &heard.person)?;
    let rights = rights_of(tx, bot, &heard.person)?;
    match &heard.intent {
        StaffIntent::Redeem(card) => redeem(tx, bot, heard, &rights, card),
        StaffIntent::Undo(card) => undo(tx, bot, heard, &rights, card),
        StaffIntent::Approve(cashier) => decide(tx, bot, heard, *cashier, OwnerDecision::Approve),
        StaffIntent::ApproveAdmin(cashier) => decide(tx, bot, heard, *cashier, OwnerDecision::ApproveAdmin),
        StaffIntent::Decline(cashier) => decide(tx, bot, heard, *cashier, OwnerDecision::Decline),
        StaffIntent::Requests if matches!(rights, CounterRights::AtCounter(Redeemer::Actor(_))) => {
            for payload in requests(tx, bot)? {
                outbox::enqueue(tx, &Letter::reply(bot, heard.person.id, payload))?;
            }
            Ok(None)
        }
        StaffIntent::Invitation(token) => {
            if let Some(payload) = invitation(tx, bot, heard, token)? {
                outbox::enqueue(tx, &Letter::reply(bot, heard.person.id, payload))?;
            }
            Ok(None)
        }
        // This version does not know the button: the press is answered, so that the button's spinner stops, and changes
        // nothing.
        StaffIntent::Other if heard.press.is_some() => Ok(None),
        intent => {
            let payload = converse(tx, bot, heard, &rights, intent)?;
            outbox::enqueue(tx, &Letter::reply(bot, heard.person.id, payload))?;
            Ok(None)
        }
    }
}

fn rights_of(view: &View<'_>, bot: BotName, person: &Person) -> Result<CounterRights> {
    let admin = staff::find_admin(view, person.id)?;
    let active = admin.filter(|admin| admin.status == StaffStatus::Active);
    if let Some(owner) = active.as_ref().filter(|admin| admin.role == Role::Owner) {
        return Ok(CounterRights::AtCounter(Redeemer::Actor(Actor::Admin(owner.id))));
    }
    Ok(match staff::find_cashier(view, bot.realm(), person.id)? {
        Some(cashier) if cashier.status == StaffStatus::Active => {
            CounterRights::AtCounter(Redeemer::Cashier(cashier.id))
        }
        _ if active.is_some() => CounterRights::Admin,
        Some(cashier) => CounterRights::NotActive(cashier.id),
        None => CounterRights::Stranger,
    })
}

fn converse(tx: &Tx<'_>, bot: BotName, heard: &Heard, rights: &CounterRights, intent: &StaffIntent) -> Result<Payload> {
    match (rights, intent) {
        (CounterRights::AtCounter(Redeemer::Cashier(_)), StaffIntent::Token)
            if staff::find_admin(tx, heard.person.id)?.is_none() =>
        {
            render::text(tx, "token_for_admins", &[], Keyboard::None)
        }
        (_, StaffIntent::Token) => token(tx, bot, heard),
        (CounterRights::AtCounter(Redeemer::Actor(_)), StaffIntent::Stats) if heard.figures.is_some() => {
            heard.figures.as_ref().map_or_else(|| ask(tx, bot, heard), |figures| stats(tx, figures))
        }
        (CounterRights::Admin, _) => render::text(tx, "admin_ready", &[], Keyboard::None),
        (CounterRights::AtCounter(by), StaffIntent::Link(public_id)) => link(tx, bot, by, heard, public_id),
        (_, StaffIntent::Link(_)) => render::text(tx, "link_for_cashier", &[], Keyboard::None),
        (CounterRights::AtCounter(by), StaffIntent::RedeemCode(typed)) if reads_as_code(tx, typed)? => {
            repeated(tx, bot, by, typed)?.map_or_else(|| check(tx, bot, by, heard, typed), Ok)
        }
        (CounterRights::AtCounter(by), StaffIntent::Code(typed)) if reads_as_code(tx, typed)? => {
            check(tx, bot, by, heard, typed)
        }
        (CounterRights::NotActive(id), StaffIntent::Code(typed) | StaffIntent::RedeemCode(typed))
            if reads_as_code(tx, typed)? =>
        {
            check(tx, bot, &Redeemer::Cashier(*id), heard, typed)
        }
        (CounterRights::AtCounter(Redeemer::Actor(_)), StaffIntent::Greeting) => {
            render::text(tx, "owner_ready", &[], Keyboard::None)
        }
        (CounterRights::AtCounter(_), StaffIntent::Greeting) => render::text(tx, "cashier_ready", &[], Keyboard::None),
        (CounterRights::AtCounter(_), _) => render::text(tx, "code_unreadable", &[], Keyboard::None),
        _ => ask(tx, bot, heard),
    }
}

/// Opens an invitation's link. `None`: the person has opened too many that do not work, and gets no answer.
fn invitation(tx: &Tx<'_>, bot: BotName, heard: &Heard, token: &str) -> Result<Option<Payload>> {
    let key = match staff::accept_invitation(tx, bot.realm(), &heard.person, token)? {
        Acceptance::Paired(Role::Owner) => "owner_paired",
        Acceptance::Paired(Role::Marketing | Role::Readonly) => "admin_paired",
        Acceptance::CashierPaired => "cashier_approved",
        Acceptance::Refused => "invite_invalid",
        Acceptance::Silenced => return Ok(None),
    };
    let called = heard.person.salutation();
    render::text(tx, key, &[("first_name", &called)], Keyboard::None).map(Some)
}

/// A one-time login token for an active admin. An inactive admin is told so; a person who is no admin sends a request
/// for access.
fn token(tx: &Tx<'_>, bot: BotName, heard: &Heard) -> Result<Payload> {
    let Some(admin) = staff::find_admin(tx, heard.person.id)? else { return ask(tx, bot, heard) };
    match access::issue_login_token(tx, admin.id, &Actor::Admin(admin.id)) {
        Ok(token) => render::text(tx, "admin_token", &[("token", &token)], Keyboard::None),
        Err(Error::Refused(_)) => render::text(tx, "admin_not_active", &[], Keyboard::None),
        Err(error) => Err(error),
    }
}

/// The pending requests for access, one message each: an owner's decision replaces only the message of its request.
fn requests(tx: &Tx<'_>, bot: BotName) -> Result<Vec<Payload>> {
    let (waiting, _) = staff::list_requests(tx, bot.realm(), REQUESTS_TOLD)?;
    if waiting.is_empty() {
        return Ok(vec![render::text(tx, "staff_no_requests", &[], Keyboard::None)?]);
    }
    let one = |cashier: &staff::Cashier| {
        let username = cashier.username.as_ref().map(|name| format!("@{name}")).unwrap_or_default();
        let date = shop::date(tx, tx.zone().day(cashier.requested_at))?;
        let values = [("display_name", &*cashier.name), ("username", &*username), ("date", &*date)];
        let buttons = Keyboard::Inline(staff::request_buttons(tx, cashier)?);
        render::text(tx, "staff_request_line", &values, buttons)
    };
    waiting.iter().map(one).collect()
}

/// The owner's figures: today and the last seven days. Read before the transaction, which must stay short.
fn figures(view: &View<'_>, realm: Realm) -> Result<report::Overview> {
    let to = view.zone().day(view.now());
    let from = to.checked_sub_days(chrono::Days::new(6)).unwrap_or(to);
    report::overview(view, realm, report::Period { from, to })
}

fn stats(view: &View<'_>, seen: &report::Overview) -> Result<Payload> {
    let figures = [
        ("today", seen.redeemed_today),
        ("redeemed", seen.redeemed),
        ("issued", seen.issued),
        ("new", seen.users_new),
        ("active", seen.active),
        ("subscribed", seen.users_subscribed),
        ("total", seen.users_total),
    ]
    .map(|(name, figure)| (name, figure.to_string()));
    render::text(view, "staff_stats", &render::pairs(&figures), Keyboard::None)
}

fn reads_as_code(view: &View<'_>, typed: &str) -> Result<bool> {
    let prefix = settings::CODE_PREFIX.text(view)?.unwrap_or_default();
    Ok(code::read(typed, &prefix).is_code())
}

fn ask(tx: &Tx<'_>, bot: BotName, heard: &Heard) -> Result<Payload> {
    let key = match staff::ask(tx, bot.realm(), &heard.person)? {
        AccessRequest::Sent => "staff_request_sent",
        AccessRequest::NoOwner => {
            let number = heard.person.id.to_string();
            return render::text(tx, "staff_no_owner", &[("telegram_id", &number)], Keyboard::None);
        }
        AccessRequest::Pending => "staff_request_pending",
        AccessRequest::Declined => "staff_declined",
        AccessRequest::Suspended => "cashier_suspended",
    };
    render::text(tx, key, &[], Keyboard::None)
}

fn check(tx: &Tx<'_>, bot: BotName, by: &Redeemer, heard: &Heard, typed: &str) -> Result<Payload> {
    match discount::check(tx, by, bot.realm(), typed, heard.said_at)? {
        Checked::Card(card) => render::card(tx, &card),
        Checked::Refused(refusal, code) => render::refused(tx, &refusal, code.as_deref()),
    }
}

/// The text about the redemption that this cashier has just made of the same code: sending `/redeem` twice redeems
/// once. `None` when there is no such redemption.
fn repeated(tx: &Tx<'_>, bot: BotName, by: &Redeemer, typed: &str) -> Result<Option<Payload>> {
    let Some((done, card)) = discount::repeat_code(tx, by, bot.realm(), typed)? else { return Ok(None) };
    let keyboard = card.map_or(Ok(Keyboard::None), |card| render::undo_button(tx, card.as_str()))?;
    render::redeemed(tx, &done, keyboard).map(Some)
}

/// Handles a scanned QR picture like the code entered by hand.
fn link(tx: &Tx<'_>, bot: BotName, by: &Redeemer, heard: &Heard, public_id: &str) -> Result<Payload> {
    let typed = match discount::get_by_public_id(tx, bot.realm(), public_id) {
        Ok(found) => found.code_text,
        Err(Error::Refused(_)) => public_id.to_owned(),
        Err(error) => return Err(error),
    };
    check(tx, bot, by, heard, &typed)
}

fn redeem(tx: &Tx<'_>, bot: BotName, heard: &Heard, rights: &CounterRights, card: &str) -> Result<Option<String>> {
    let by = match rights {
        CounterRights::AtCounter(by) => by.clone(),
        CounterRights::NotActive(id) => Redeemer::Cashier(*id),
        CounterRights::Admin | CounterRights::Stranger => {
            tracing::warn!("somebody who is no cashier pressed a redeem button");
            return Ok(Some(texts::caption(tx, "card_foreign")?));
        }
    };
    let outcome = match CardId::parse(card) {
        Some(card) => discount::redeem_card(tx, &by, bot.realm(), &card)?,
        None => Some(Redemption::Refused(Refusal::CodeNotFound, None)),
    };
    let payload = match outcome {
        Some(Redemption::Done(done) | Redemption::Repeated(done)) => {
            render::redeemed(tx, &done, render::undo_button(tx, card)?)?
        }
        // The card belongs to another cashier: the person who pressed is shown nothing of it.
        Some(Redemption::Refused(Refusal::CodeNotFound, None)) => return Ok(Some(texts::caption(tx, "card_foreign")?)),
        Some(Redemption::Refused(refusal, code)) => render::refused(tx, &refusal, code.as_deref())?,
        None => render::text(tx, "card_stale", &[], Keyboard::None)?,
    };
    reply_in_place(tx, bot, heard, payload)
}

fn undo(tx: &Tx<'_>, bot: BotName, heard: &Heard, rights: &CounterRights, card: &str) -> Result<Option<String>> {
    let (CounterRights::AtCounter(by), Some(card)) = (rights, CardId::parse(card)) else {
        return Ok(Some(texts::caption(tx, "card_foreign")?));
    };
    match discount::undo_card(tx, by, &card) {
        Ok(undone) => {
            let facts = render::facts(tx, &undone.discount)?;
            let payload = render::text(tx, "discount_undone_cashier", &render::pairs(&facts), Keyboard::None)?;
            reply_in_place(tx, bot, heard, payload)
        }
        Err(Error::Refused(refusal)) => Ok(Some(render::refusal(tx, &refusal, None)?)),
        Err(error) => Err(error),
    }
}

/// The decision that an owner's button stands for.
#[derive(Clone, Copy)]
enum OwnerDecision {
    Approve,
    ApproveAdmin,
    Decline,
}

fn decide(
    tx: &Tx<'_>,
    bot: BotName,
    heard: &Heard,
    cashier: CashierId,
    verdict: OwnerDecision,
) -> Result<Option<String>> {
    let allowed = Owner::of_telegram(tx, heard.person.id).and_then(|owner| {
        // Old messages about requests for access keep their buttons; a press on an old button must not undo a later
        // decision.
        staff::get_open_request(tx, cashier).map(|_| owner)
    });
    let decided = allowed.and_then(|owner| match verdict {
        OwnerDecision::Approve => {
            staff::approve(tx, cashier, None, &owner).map(|done| (done.after.name, "staff_request_approved"))
        }
        OwnerDecision::ApproveAdmin => {
            staff::approve_admin(tx, cashier, &AdminEdit::default(), &owner, export::drop_of_admin)
                .map(|done| (done.after.name, "staff_request_made_admin"))
        }
        OwnerDecision::Decline => {
            staff::decline(tx, cashier, &owner).map(|done| (done.after.name, "staff_request_declined"))
        }
    });
    match decided {
        Ok((name, key)) => {
            let payload = render::text(tx, key, &[("display_name", &name)], Keyboard::None)?;
            reply_in_place(tx, bot, heard, payload)
        }
        Err(Error::Refused(refusal)) => Ok(Some(render::refusal(tx, &refusal, None)?)),
        Err(error) => Err(error),
    }
}

/// Replaces the message under which the button was pressed; after a written message, sends a new one.
fn reply_in_place(tx: &Tx<'_>, bot: BotName, heard: &Heard, payload: Payload) -> Result<Option<String>> {
    let payload = match (payload, &heard.press) {
        (Payload::Text { html, keyboard, key }, Some((_, Some(message_id)))) => {
            Payload::Edit { message_id: *message_id, html, keyboard, key }
        }
        (payload, _) => payload,
    };
    outbox::enqueue(tx, &Letter::reply(bot, heard.person.id, payload))?;
    Ok(None)
}
