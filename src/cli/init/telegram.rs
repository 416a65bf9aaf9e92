//! What `init` asks Telegram: whose a token is, and whether the customer bot administers the channel.

use crate::cli::session::Session;
use crate::clock::Clock;
use crate::config::Config;
use crate::daemon;
use crate::realm::BotName;
use crate::telegram::client::{Bot, CallError, Me};
use crate::telegram::reply::Class;
use crate::telegram::update::MemberStatus;

/// A channel as the customer bot sees it.
pub(super) struct Channel {
    pub title: String,
    pub is_admin: bool,
}

/// Asks Telegram whose the token is that the environment gives for a bot; `None` without a token.
pub(super) fn me(session: &Session<'_>, name: BotName) -> Result<Option<Me>, CallError> {
    bot(session, name)?.map(|bot| wait_for(bot.get_me())).transpose()
}

/// Asks Telegram for the channel, and whether the customer bot administers it.
pub(super) fn channel(session: &Session<'_>, channel: &str) -> Result<Channel, CallError> {
    let Some(bot) = bot(session, BotName::Customer)? else { return Err(failed(&"no token")) };
    wait_for(async {
        let (found, me) = (bot.chat(channel).await?, bot.get_me().await?);
        // If Telegram hides the channel's members from the bot, the bot does not administer it.
        let status = bot.chat_member(channel, me.id).await;
        let is_admin = matches!(status, Ok(MemberStatus::Administrator | MemberStatus::Creator));
        Ok(Channel { title: found.title.or(found.username).unwrap_or_else(|| channel.to_owned()), is_admin })
    })
}

fn bot(session: &Session<'_>, name: BotName) -> Result<Option<Bot>, CallError> {
    let Ok((config, _)) = Config::of_environment(&session.environment) else { return Ok(None) };
    let settings = config.bots.each().into_iter().find(|(word, _)| *word == name.as_str());
    let Some(token) = settings.and_then(|(_, settings)| settings.token.clone()) else { return Ok(None) };
    daemon::make_bot(&config, name, &token, &Clock::System).map(Some).map_err(|error| failed(&error))
}

/// Runs one call to Telegram to its end.
pub(super) fn wait_for<T>(call: impl Future<Output = Result<T, CallError>>) -> Result<T, CallError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| failed(&error))?.block_on(call)
}

fn failed(why: &dyn std::fmt::Display) -> CallError {
    CallError { class: Class::Unknown, code: None, description: why.to_string() }
}
