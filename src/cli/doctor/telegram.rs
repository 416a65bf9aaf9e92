//! Checks of what Telegram reports: tokens, delivery of updates, the bot's rights in the channel, and whether this
//! machine's clock agrees with Telegram's.

use std::time::{Duration, Instant};

use super::{Findings, Level};
use crate::cli::telegram::{wait, why};
use crate::clock::Clock;
use crate::config::{Config, Mode};
use crate::daemon;
use crate::daemon::webhooks::WantedWebhook;
use crate::db::Database;
use crate::realm::BotName;
use crate::settings::ChannelInfo;
use crate::telegram::client::{Bot, CallError, Me, WebhookInfo};
use crate::telegram::reply::Class;
use crate::telegram::update::MemberStatus;
use crate::{settings, shop};

/// More updates than this wait at Telegram only when no program takes them.
const MANY_PENDING: i64 = 100;
/// How long a webhook error counts as recent, and is reported.
const RECENT_S: i64 = 3600;
/// The duration of Telegram's answers above which people notice the delay.
const SLOW: Duration = Duration::from_secs(3);
const CLOCK_WARN_S: i64 = 5;
const CLOCK_FAIL_S: i64 = 60;

/// A bot whose token Telegram accepted.
struct Met<'b> {
    name: BotName,
    bot: &'b Bot,
    me: Me,
}

/// Checks with Telegram every bot that has a token, the channel, and the clock.
pub(super) fn examine(report: &mut Findings<'_, '_>, config: &Config, database: Option<&Database>) {
    let bots = match daemon::bots(config, &Clock::System) {
        Ok(bots) => bots,
        Err(daemon::ServeError::NoBots) => {
            report.add(Level::Fail, ("bot", "none"), &[]);
            return report.next("dvorik init");
        }
        Err(error) => return report.add(Level::Fail, ("bot", "unusable"), &[("why", &error)]),
    };
    for missing in
        [BotName::Customer, BotName::Staff].into_iter().filter(|name| !bots.iter().any(|(other, _)| other == name))
    {
        report.add(Level::Warn, ("bot", "missing"), &[("bot", &missing)]);
    }
    let mut met = Vec::new();
    for (name, bot) in &bots {
        let began = Instant::now();
        match asked(bot.get_me()) {
            Ok(me) => {
                let took = began.elapsed();
                if took > SLOW {
                    let hint = report.session.text("telegram.proxy_hint", &[]);
                    let words: [(&str, &dyn std::fmt::Display); 3] =
                        [("bot", name), ("seconds", &took.as_secs()), ("hint", &hint)];
                    report.add(Level::Warn, ("bot", "slow"), &words);
                } else {
                    report.add(Level::Ok, ("bot", "sound"), &[("bot", name), ("username", &me.username)]);
                }
                met.push(Met { name: *name, bot, me });
            }
            Err(error) => unmet(report, *name, &error),
        }
    }
    for met in &met {
        updates(report, config, database, met);
    }
    if let (Some(database), Some(customer)) = (database, met.iter().find(|met| met.name == BotName::Customer)) {
        channel(report, database, customer);
    }
    if let Some((_, bot)) = bots.first() {
        clock(report, bot);
    }
}

fn asked<T>(call: impl Future<Output = Result<T, CallError>>) -> Result<T, CallError> {
    wait(call).unwrap_or_else(|error| {
        Err(CallError { class: Class::NotConnected, code: None, description: error.to_string() })
    })
}

fn unmet(report: &mut Findings<'_, '_>, name: BotName, error: &CallError) {
    if error.class == Class::Token {
        report.add(Level::Fail, ("bot", "token_refused"), &[("bot", &name)]);
    } else {
        report.add(Level::Fail, ("bot", "unreachable"), &[("bot", &name), ("why", &why(report.session, error))]);
    }
}

/// Checks whether Telegram delivers updates in the mode of the config.
fn updates(report: &mut Findings<'_, '_>, config: &Config, database: Option<&Database>, met: &Met<'_>) {
    let info = match asked(met.bot.webhook_info()) {
        Ok(info) => info,
        Err(error) => return unmet(report, met.name, &error),
    };
    let name = &met.name;
    if config.telegram.mode == Mode::Polling {
        if info.url.is_empty() {
            return report.add(Level::Ok, ("updates", "polled"), &[("bot", name)]);
        }
        report.add(Level::Fail, ("updates", "webhook_in_the_way"), &[("bot", name), ("url", &info.url)]);
        return report.next("dvorik webhook delete");
    }
    let Some(pushed) = WantedWebhook::of(config, met.name) else { return };
    let mark = database.and_then(|database| database.read(|view| shop::webhook_mark(view, met.name)).ok()).flatten();
    if !pushed.is_set(&info, mark.as_deref()) {
        report.add(
            Level::Fail,
            ("updates", "elsewhere"),
            &[("bot", name), ("url", &info.url), ("wanted", &pushed.url)],
        );
        return report.next("dvorik webhook set");
    }
    pushing(report, met.name, &info);
}

/// Checks the delivery by a webhook that is set.
fn pushing(report: &mut Findings<'_, '_>, name: BotName, info: &WebhookInfo) {
    let now = Clock::System.now().0;
    let recent = info.last_error_at.is_some_and(|at| now.saturating_sub(at) < RECENT_S);
    match &info.last_error {
        Some(error) if recent => {
            report.add(Level::Warn, ("updates", "failing"), &[("bot", &name), ("why", error)]);
            report.next("dvorik webhook info");
        }
        _ if info.pending > MANY_PENDING => {
            report.add(Level::Warn, ("updates", "held_back"), &[("bot", &name), ("count", &info.pending)]);
            report.next("dvorik webhook info");
        }
        _ => report.add(Level::Ok, ("updates", "pushed"), &[("bot", &name), ("url", &info.url)]),
    }
}

/// Checks the customer bot's rights in the channel; a bot without these rights cannot check subscriptions.
fn channel(report: &mut Findings<'_, '_>, database: &Database, customer: &Met<'_>) {
    let channel = database.read(|view| settings::TELEGRAM_CHANNEL_ID.text(view)).ok().flatten();
    let Some(channel) = channel.filter(|channel| !channel.is_empty()) else {
        report.add(Level::Warn, ("channel", "unset"), &[]);
        return report.next("dvorik settings set telegram_channel_id @channel");
    };
    let chat = match asked(customer.bot.chat(&channel)) {
        Ok(chat) => chat,
        Err(error) => {
            report.add(
                Level::Fail,
                ("channel", "unknown"),
                &[("channel", &channel), ("why", &why(report.session, &error))],
            );
            return report.next("dvorik settings set telegram_channel_id @channel");
        }
    };
    let told = ChannelInfo {
        channel: channel.clone(),
        username: chat.username.clone(),
        invite_link: chat.invite_link.clone(),
        at: 0,
    };
    let username = &customer.me.username;
    match asked(customer.bot.chat_member(&channel, customer.me.id)) {
        Ok(MemberStatus::Creator | MemberStatus::Administrator) => {
            let title = chat.title.clone().unwrap_or_else(|| channel.clone());
            report.add(Level::Ok, ("channel", "sound"), &[("channel", &title)]);
        }
        Ok(_) => report.add(Level::Fail, ("channel", "not_admin"), &[("channel", &channel), ("username", username)]),
        Err(error) => {
            report.add(
                Level::Fail,
                ("channel", "unknown"),
                &[("channel", &channel), ("why", &why(report.session, &error))],
            );
        }
    }
    channel_link(report, database, &told);
}

/// Checks whether customers have a link to the channel, and whether it leads to this channel.
fn channel_link(report: &mut Findings<'_, '_>, database: &Database, told: &ChannelInfo) {
    let Ok(explicit) = database.read(|view| settings::CHANNEL_URL.text(view)) else { return };
    match explicit {
        Some(link) if settings::leads_elsewhere(&link, told) => {
            let channel = told.username.as_ref().map_or_else(|| told.channel.clone(), |name| format!("@{name}"));
            report.add(Level::Warn, ("channel", "link_elsewhere"), &[("link", &link), ("channel", &channel)]);
            report.next("dvorik settings unset channel_url");
        }
        None if told.link().is_none() => {
            report.add(Level::Warn, ("channel", "no_link"), &[("channel", &told.channel)]);
            report.next("dvorik settings set channel_url https://t.me/…");
        }
        _ => {}
    }
}

/// Compares the clocks: a wrong clock shifts days, expiry and every date that customers read.
fn clock(report: &mut Findings<'_, '_>, bot: &Bot) {
    let Ok(Some(theirs)) = wait(bot.server_date()) else { return };
    let apart = Clock::System.now().0.abs_diff(theirs);
    let apart = i64::try_from(apart).unwrap_or(i64::MAX);
    let (level, finding) = match apart {
        apart if apart > CLOCK_FAIL_S => (Level::Fail, "wrong"),
        apart if apart > CLOCK_WARN_S => (Level::Warn, "wrong"),
        _ => (Level::Ok, "sound"),
    };
    report.add(level, ("clock", finding), &[("seconds", &apart)]);
    if level != Level::Ok {
        report.next("timedatectl");
    }
}
