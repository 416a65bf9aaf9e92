//! The loop that asks Telegram for the channel's link: after the setting changes, and once a day. A shop that set its
//! channel by its numeric id has no other source of the link.

use std::time::Duration;

use tokio::sync::watch;

use crate::db::Database;
use crate::error::Result;
use crate::sender::backoff::rest;
use crate::settings::{self, ChannelInfo};
use crate::telegram::client::{Bot, CallError};
use crate::telegram::gate::Lane;

const CHECK_EVERY: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// Asks for the channel's link when it is missing or old, until told to stop.
///
/// # Errors
/// A bug in the storage layer; the caller ends the daemon.
pub async fn keep_link(db: Database, bot: Bot, stop: watch::Receiver<bool>) -> Result<()> {
    let bot = bot.in_lane(Lane::Automatic);
    let mut pause = FIRST_PAUSE;
    while !*stop.borrow() {
        let wait = match refresh(&db, &bot, &stop).await {
            Ok(Some(Err(error))) => {
                tracing::warn!(%error, wait_s = pause.as_secs(), "Telegram does not tell where the channel is");
                let wait = pause;
                pause = (pause * 2).min(LONGEST_PAUSE);
                wait
            }
            Ok(_) => {
                pause = FIRST_PAUSE;
                CHECK_EVERY
            }
            Err(error) if error.is_passing() => CHECK_EVERY,
            Err(error) => return Err(error),
        };
        rest(wait, &stop).await;
    }
    Ok(())
}

/// Asks once for the channel's link and stores it; `None` when no channel is set, when its link is known and fresh, or
/// when told to stop.
async fn refresh(
    db: &Database,
    bot: &Bot,
    stop: &watch::Receiver<bool>,
) -> Result<Option<std::result::Result<(), CallError>>> {
    let Some(channel) = db.read(settings::channel_to_ask_about)? else { return Ok(None) };
    let mut stop = stop.clone();
    let asked = tokio::select! {
        asked = ask(bot, &channel) => asked,
        _ = stop.wait_for(|stopping| *stopping) => return Ok(None),
    };
    match asked {
        Err(error) => Ok(Some(Err(error))),
        Ok(found) => {
            db.write_async(move |tx| settings::remember_channel(tx, &found)).await?;
            Ok(Some(Ok(())))
        }
    }
}

/// What Telegram reports about `channel`; the time of the report is set when it is stored.
///
/// # Errors
/// The error of the call, with its class (what Telegram's answer means).
pub async fn ask(bot: &Bot, channel: &str) -> std::result::Result<ChannelInfo, CallError> {
    let chat = bot.chat(channel).await?;
    Ok(ChannelInfo { channel: channel.to_owned(), username: chat.username, invite_link: chat.invite_link, at: 0 })
}
