//! Asks the questions of `init`. An answer becomes the environment variable of the same meaning (`DVORIK_…`), so that
//! the rest of `init` is the same with and without questions. Values that the environment has are not asked for.

use serde_json::Value as Json;

use super::{Met, telegram};
use crate::cli::refuse::Wrong;
use crate::cli::session::Session;
use crate::cli::telegram::why;
use crate::config::Config;
use crate::realm::BotName;
use crate::settings::{SUPPORT_CONTACT, TELEGRAM_CHANNEL_ID};
use crate::telegram::reply::Class;

/// The most characters of the shop's contact.
const LONGEST_CONTACT: usize = 128;

/// Answers that are not part of the configuration.
#[derive(Default)]
pub(super) struct Learnt {
    /// The channel, written as in its setting.
    pub channel: Option<String>,
    /// The contact to whom customers may write.
    pub contact: Option<String>,
    /// The bots whose tokens were checked, with usernames where Telegram answered.
    pub bots: Met,
}

/// Asks for what the configuration needs; does not ask for the `contact` if it is given.
pub(super) fn ask(session: &mut Session<'_>, contact: Option<&str>) -> Result<Learnt, Wrong> {
    let mut learnt = Learnt::default();
    let hello = session.text("init.hello", &[]);
    session.out.note(&hello);
    let lang = session.out.voice().lang;
    if !is_said(session, "lang") {
        set(session, "lang", lang.code());
    }
    let shop = lang.text("shop.default_name", &[]);
    question(session, "shop_name", "init.ask.shop_name", &shop)?;
    question(session, "timezone", "init.ask.timezone", "Asia/Vladivostok")?;
    for (bot, key, words) in [
        (BotName::Customer, "bots.customer.token", "init.ask.customer_token"),
        (BotName::Staff, "bots.staff.token", "init.ask.staff_token"),
    ] {
        let username = token(session, bot, key, words)?;
        learnt.bots.extend(username.map(|username| (bot, username)));
    }
    learnt.channel = channel(session)?;
    if contact.is_none() {
        learnt.contact = asked_contact(session)?;
    }
    question(session, "owner_telegram_id", "init.ask.owner", "0")?;
    Ok(learnt)
}

fn set(session: &mut Session<'_>, key: &str, value: &str) {
    session.environment = session.environment.clone().with(&Config::variable(key), value);
}

/// Whether the environment gives the value of a config key, or the file that holds the value.
fn is_said(session: &Session<'_>, key: &str) -> bool {
    let named = |key: &str| session.environment.names(&Config::variable(key));
    named(key) || named(&format!("{key}_file"))
}

/// Tries a value for a config key. A value that the configuration refuses is taken back; its error text is returned.
fn tried(session: &mut Session<'_>, key: &str, value: &str) -> Result<(), String> {
    let before = session.environment.clone();
    set(session, key, value);
    let Err(faults) = Config::of_environment(&session.environment) else { return Ok(()) };
    let lang = session.out.voice().lang;
    let own = faults.errors.iter().find(|fault| fault.key.as_deref() == Some(key));
    let Some(fault) = own else { return Ok(()) };
    session.environment = before;
    let hint = fault.hint.as_ref().map(|hint| format!(" {}", hint.say(lang))).unwrap_or_default();
    Err(format!("{}.{hint}", fault.reason.say(lang)))
}

fn question(session: &mut Session<'_>, key: &str, words: &str, default: &str) -> Result<(), Wrong> {
    if is_said(session, key) {
        return Ok(());
    }
    let words = session.text(words, &[]);
    session.ask(&words, default, |session, typed| tried(session, key, typed))
}

/// Asks for a bot's token and checks it with getMe. Returns `None` when the environment has the token or the answer is
/// empty, which leaves the bot without a token for now; else the bot's username, unknown when Telegram did not answer.
fn token(session: &mut Session<'_>, bot: BotName, key: &str, words: &str) -> Result<Option<Option<String>>, Wrong> {
    if is_said(session, key) {
        return Ok(None);
    }
    let words = session.text(words, &[]);
    session.ask_hidden(&words, |session, typed| {
        if typed.is_empty() {
            return Ok(None);
        }
        let before = session.environment.clone();
        tried(session, key, typed)?;
        met(session, bot).map(Some).inspect_err(|_| session.environment = before)
    })
}

/// Prints the username of the bot that the token belongs to. An error only if Telegram refuses the token: a shop may be
/// set up without a network.
fn met(session: &mut Session<'_>, bot: BotName) -> Result<Option<String>, String> {
    let (said, username) = match telegram::me(session, bot) {
        Ok(Some(me)) => (session.text("init.met", &[("bot", &me.username)]), Some(me.username)),
        Ok(None) => return Ok(None),
        Err(error) if error.class == Class::Token => {
            let refused = session.text("init.token_refused", &[("key", &format!("bots.{bot}.token"))]);
            return Err(format!("{refused} {}", session.text("init.token_hint", &[])));
        }
        Err(error) => (session.text("init.no_answer", &[("bot", &bot), ("why", &why(session, &error))]), None),
    };
    session.out.note(&said);
    Ok(username)
}

/// Asks for the channel, if there is a customer bot with which it can be checked.
fn channel(session: &mut Session<'_>) -> Result<Option<String>, Wrong> {
    if !is_said(session, "bots.customer.token") {
        return Ok(None);
    }
    let words = session.text("init.ask.channel", &[]);
    session.ask(&words, "", |session, typed| {
        let refuse = |session: &Session<'_>| session.text("setting.rule.channel", &[]);
        match TELEGRAM_CHANNEL_ID.parse(typed) {
            Ok(Json::String(channel)) if channel.is_empty() => Ok(None),
            Ok(Json::String(channel)) => looked_into(session, &channel).map(|()| Some(channel)),
            _ => Err(refuse(session)),
        }
    })
}

fn asked_contact(session: &mut Session<'_>) -> Result<Option<String>, Wrong> {
    let words = session.text("init.ask.contact", &[]);
    session.ask(&words, "", |session, typed| match SUPPORT_CONTACT.parse(typed) {
        Ok(Json::String(contact)) => Ok(Some(contact).filter(|contact| !contact.is_empty())),
        _ => Err(session.text("setting.rule.text", &[("range", &LONGEST_CONTACT)])),
    })
}

/// Checks that the bot sees the channel and administers it: only then can the bot tell who is subscribed.
fn looked_into(session: &mut Session<'_>, channel: &str) -> Result<(), String> {
    let said = match telegram::channel(session, channel) {
        Ok(found) if found.is_admin => session.text("init.channel_seen", &[("title", &found.title)]),
        Ok(found) => session.text("init.channel_not_admin", &[("title", &found.title)]),
        Err(error) if matches!(error.class, Class::NotFound | Class::Rejected) => {
            return Err(session.text("init.channel_unknown", &[("channel", &channel)]));
        }
        Err(error) => session.text("init.no_answer", &[("bot", &BotName::Customer), ("why", &why(session, &error))]),
    };
    session.out.note(&said);
    Ok(())
}
