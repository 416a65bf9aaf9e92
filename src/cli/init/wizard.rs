//! Asks the questions of `init`. An answer becomes the environment variable of the same meaning (`DVORIK_…`), so that
//! the rest of `init` is the same with and without questions. Values that the environment has are not asked for.

use std::path::PathBuf;

use serde_json::Value as Json;

use super::systemd::{self, Service};
use super::{Met, telegram};
use crate::cli::args::Init;
use crate::cli::ask;
use crate::cli::output::{ExitCode, FailureReport};
use crate::cli::refuse::Wrong;
use crate::cli::session::Session;
use crate::cli::telegram::why;
use crate::clock::Zone;
use crate::config::Config;
use crate::daemon::PresentShop;
use crate::error::{Error, Refusal};
use crate::language::Language;
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

/// Takes over what the flags say.
pub(super) fn take_flags(session: &mut Session<'_>, args: &Init) -> Result<Learnt, Wrong> {
    if let Some(lang) = session.lang_flag {
        set(session, "lang", lang.code());
    }
    for (key, value) in [("timezone", &args.timezone), ("currency", &args.currency)] {
        let Some(value) = value else { continue };
        let refuse = |why| FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, format!("--{key}: {why}"));
        tried(session, key, value).map_err(refuse)?;
    }
    let given = Learnt { channel: args.channel.clone(), contact: args.support_contact.clone(), bots: Met::new() };
    for (flag, setting, value) in
        [("--channel", &TELEGRAM_CHANNEL_ID, &given.channel), ("--support-contact", &SUPPORT_CONTACT, &given.contact)]
    {
        if let Some(value) = value {
            setting.parse(value).map_err(|error| of_flag(session, flag, error))?;
        }
    }
    Ok(given)
}

/// Greets the person, if one is there to answer, and asks for the language and whether the shop shall be a service. The
/// service decides where configuration and database lie, so it is asked for before anything there is looked at: only
/// where it is possible, `--systemd` has not asked for it, and no configuration file is named.
pub(super) fn greet(session: &mut Session<'_>, asked: Option<Service>) -> Result<Option<Service>, Wrong> {
    if !session.can_ask() {
        return Ok(asked);
    }
    let hello = session.text("init.hello", &[]);
    session.out.note(&hello);
    language(session)?;
    let is_named = session.config_flag.is_some() || session.environment.config_file().is_some();
    if asked.is_some() || is_named || !systemd::is_possible() {
        return Ok(asked);
    }
    let words = session.text("init.ask.service", &[]);
    if session.ask_yes(&words)? { Service::named(session, None).map(Some) } else { Ok(None) }
}

/// Asks for what the flags have not `given`, if a person is there to answer; then fills in the values that depend on the
/// language and on the machine. `present` is the shop in the database that is there already, with its path.
pub(super) fn learn(
    session: &mut Session<'_>,
    given: Learnt,
    present: Option<(PathBuf, PresentShop)>,
) -> Result<Learnt, Wrong> {
    let learnt = if session.can_ask() { ask(session, given, present)? } else { given };
    for (key, default) in defaults(session) {
        if !is_said(session, key) {
            set(session, key, &default);
        }
    }
    Ok(learnt)
}

/// The refusal of a setting's value, about the flag with which it was given: who sets up a shop knows no settings yet.
fn of_flag(session: &Session<'_>, flag: &str, error: Error) -> Wrong {
    let Error::Refused(Refusal::SettingInvalidValue { rule, range, .. }) = &error else { return error.into() };
    let why = session.text(rule, &[("range", range)]);
    FailureReport::new("SETTING_INVALID_VALUE", ExitCode::Usage, format!("{flag}: {why}")).into()
}

/// Asks for what the configuration needs and the flags have not `given`. The zone and the currency of a database with
/// people are not asked for, those of another database that is there are offered.
fn ask(session: &mut Session<'_>, given: Learnt, present: Option<(PathBuf, PresentShop)>) -> Result<Learnt, Wrong> {
    let mut learnt = given;
    let [_, (_, shop), (_, mut zone), (_, mut currency)] = defaults(session);
    if let Some((path, present)) = present {
        let words = if present.has_people { "init.found" } else { "init.found_empty" };
        let path = path.display();
        let told =
            session.text(words, &[("path", &path), ("timezone", &present.timezone), ("currency", &present.currency)]);
        session.out.note(&told);
        if present.has_people {
            set(session, "timezone", &present.timezone);
            set(session, "currency", &present.currency);
        }
        (zone, currency) = (present.timezone, present.currency);
    }
    question(session, "shop_name", "init.ask.shop_name", &shop)?;
    question(session, "timezone", "init.ask.timezone", &zone)?;
    question(session, "currency", "init.ask.currency", &currency)?;
    for (bot, key, words) in [
        (BotName::Customer, "bots.customer.token", "init.ask.customer_token"),
        (BotName::Staff, "bots.staff.token", "init.ask.staff_token"),
    ] {
        let username = token(session, bot, key, words)?;
        learnt.bots.extend(username.map(|username| (bot, username)));
    }
    if learnt.channel.is_none() {
        learnt.channel = channel(session, &learnt.bots)?;
    }
    if learnt.contact.is_none() {
        learnt.contact = asked_contact(session)?;
    }
    Ok(learnt)
}

/// The values that are used where nothing else is said: the language, and what follows from it and from the machine.
fn defaults(session: &Session<'_>) -> [(&'static str, String); 4] {
    let said = Config::of_environment(&session.environment).ok().and_then(|(config, _)| config.lang);
    let asks = session.can_ask().then(|| session.out.voice().lang);
    let lang = said.or(asks).unwrap_or(Language::Ru);
    let is_utc = |name: &str| ["UTC", "UCT", "GMT", "Zulu", "Universal"].iter().any(|utc| name.ends_with(utc));
    let zone = session.environment.host_zone().filter(|name| !is_utc(name) && Zone::parse(name).is_some());
    let currency = if lang == Language::Ru { "RUB" } else { "EUR" };
    [
        ("lang", lang.code().to_owned()),
        ("shop_name", lang.text("shop.default_name", &[])),
        ("timezone", zone.unwrap_or_else(|| "Asia/Vladivostok".to_owned())),
        ("currency", currency.to_owned()),
    ]
}

/// Asks for the language, in which everything after it is asked.
fn language(session: &mut Session<'_>) -> Result<(), Wrong> {
    if !is_said(session, "lang") {
        let (words, default) = (session.text("init.ask.lang", &[]), session.out.voice().lang.code());
        let lang = session.ask(&words, default, |session, typed| {
            Language::parse(typed).ok_or_else(|| session.text("init.not_lang", &[]))
        })?;
        set(session, "lang", lang.code());
        session.out.set_language(lang);
    }
    Ok(())
}

/// Sets a config key for this run, as its environment variable would.
pub(super) fn set(session: &mut Session<'_>, key: &str, value: &str) {
    session.environment = session.environment.clone().with(&Config::variable(key), value);
}

/// Whether the environment gives the value of a config key, or the file that holds the value.
pub(super) fn is_said(session: &Session<'_>, key: &str) -> bool {
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
fn channel(session: &mut Session<'_>, bots: &Met) -> Result<Option<String>, Wrong> {
    if !is_said(session, "bots.customer.token") {
        return Ok(None);
    }
    let words = session.text("init.ask.channel", &[]);
    let named = session.ask(&words, "", |session, typed| match TELEGRAM_CHANNEL_ID.parse(typed) {
        Ok(Json::String(channel)) if channel.is_empty() => Ok(None),
        Ok(Json::String(channel)) => seen(session, &channel).map(|seen| Some((channel, seen))),
        _ => Err(session.text("setting.rule.channel", &[])),
    })?;
    let Some((channel, mut seen)) = named else { return Ok(None) };
    let bot = bots.iter().find(|(name, _)| *name == BotName::Customer).and_then(|(_, username)| username.clone());
    let bot = bot.unwrap_or_else(|| BotName::Customer.to_string());
    while let ChannelSeen::NotAdmin(title) = &seen {
        let words = session.text("init.ask.channel_admin", &[("bot", &bot), ("title", title)]);
        if session.ask(&words, "", |_, typed| Ok(ask::is_skip(typed)))? {
            break;
        }
        seen = self::seen(session, &channel).unwrap_or(ChannelSeen::Unknown);
    }
    Ok(Some(channel))
}

/// What Telegram says about the channel.
enum ChannelSeen {
    /// The bot administers the channel: only then can the bot tell who is subscribed.
    Admin,
    /// The bot is no administrator of the channel with this title.
    NotAdmin(String),
    /// Telegram did not answer.
    Unknown,
}

/// Looks whether the bot administers the channel, and says so. An error if Telegram does not know the channel.
fn seen(session: &mut Session<'_>, channel: &str) -> Result<ChannelSeen, String> {
    match telegram::channel(session, channel) {
        Ok(found) if found.is_admin => {
            let said = session.text("init.channel_seen", &[("title", &found.title)]);
            session.out.note(&said);
            Ok(ChannelSeen::Admin)
        }
        Ok(found) => Ok(ChannelSeen::NotAdmin(found.title)),
        Err(error) if matches!(error.class, Class::NotFound | Class::Rejected) => {
            Err(session.text("init.channel_unknown", &[("channel", &channel)]))
        }
        Err(error) => {
            let said = session.text("init.channel_unseen", &[("channel", &channel), ("why", &why(session, &error))]);
            session.out.note(&said);
            Ok(ChannelSeen::Unknown)
        }
    }
}

fn asked_contact(session: &mut Session<'_>) -> Result<Option<String>, Wrong> {
    let words = session.text("init.ask.contact", &[]);
    session.ask(&words, "", |session, typed| match SUPPORT_CONTACT.parse(typed) {
        Ok(Json::String(contact)) => Ok(Some(contact).filter(|contact| !contact.is_empty())),
        _ => Err(session.text("setting.rule.text", &[("range", &LONGEST_CONTACT)])),
    })
}
