//! The job `subscriptions`: a slice of the subscribers is asked about again, those asked about longest ago first. Telegram
//! is asked in the automatic lane, past the gate. Who has left is no subscriber any more.

use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{Did, Kit, Trouble, mark};
use crate::db::{Class, Failure};
use crate::error::Error;
use crate::job::Lease;
use crate::realm::Realm;
use crate::settings;
use crate::staff::{self, Group};
use crate::telegram::client::Bot;
use crate::telegram::gate::Lane;
use crate::user::{self, Asked, Subscription};

/// People asked about a night: with 30,000 subscribers everybody once in a fortnight, in about two minutes.
const SLICE: usize = 2000;
/// Asked about at once; their answers are kept in one transaction.
const AT_ONCE: usize = 4;
/// Who was asked about so lately need not be again, in seconds.
const LATELY: i64 = 20 * 3600;
/// The gate may hold back a call for as long as Telegram wants a pause; the night is long, but not endless.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Tally {
    asked: usize,
    left: usize,
    unavailable: usize,
}

/// Asks about one slice of each realm.
///
/// # Errors
/// Storage; Telegram not answering, the channel not to be looked into. What was learnt until then is kept.
pub(super) async fn run(kit: &Kit, lease: &Lease, stop: watch::Receiver<bool>) -> Result<Did, Trouble> {
    let channel = kit.db.read(|view| settings::TELEGRAM_CHANNEL_ID.text(view))?;
    let mut tally = Tally::default();
    for realm in kit.realms() {
        let bot = kit.bots.iter().find(|(name, _)| *name == realm.customer_bot()).map(|(_, bot)| bot);
        let (Some(channel), Some(bot)) = (&channel, bot) else { continue };
        ask_slice(kit, realm, (&bot.in_lane(Lane::Automatic), channel), &mut tally, &stop).await?;
    }
    mark(kit, lease).await?;
    let facts = json!({ "asked": tally.asked, "left": tally.left, "unavailable": tally.unavailable });
    Ok(Did { count: tally.asked, left_out: tally.unavailable, facts })
}

async fn ask_slice(
    kit: &Kit,
    realm: Realm,
    (bot, channel): (&Bot, &str),
    tally: &mut Tally,
    stop: &watch::Receiver<bool>,
) -> Result<(), Trouble> {
    let before = kit.db.clock().now().plus(-LATELY);
    let slice = kit.db.read_as(Class::Bulk, |view| user::longest_unasked(view, realm, before, SLICE))?;
    for people in slice.chunks(AT_ONCE) {
        if *stop.borrow() {
            return Err(Trouble::Stopped);
        }
        let mut told = stop.clone();
        let found = tokio::select! {
            found = ask(bot, channel, people) => found?,
            // The gate may hold a call back for a minute; nobody waits for that at a shutdown.
            _ = told.wait_for(|stopping| *stopping) => return Err(Trouble::Stopped),
        };
        let of = |what| found.iter().filter(|(_, found)| *found == what).count();
        tally.left += of(Subscription::NotSubscribed);
        tally.unavailable += of(Subscription::Unavailable);
        let (answered, blind) =
            (of(Subscription::Subscribed) + of(Subscription::NotSubscribed), of(Subscription::NotConfigured));
        tally.asked += answered;
        kit.db.write_async(move |tx| keep(tx, realm, &found)).await?;
        if answered == 0 {
            let why = if blind > 0 { "the bot may not look into the channel" } else { "no answer about anybody" };
            return Err(Trouble::Telegram(why.to_owned()));
        }
    }
    Ok(())
}

async fn ask(bot: &Bot, channel: &str, people: &[Asked]) -> Result<Vec<(Asked, Subscription)>, Trouble> {
    let mut asking = JoinSet::new();
    for person in people.iter().copied() {
        let (bot, channel) = (bot.clone(), channel.to_owned());
        asking.spawn(async move {
            let answer = tokio::time::timeout(PATIENCE, bot.chat_member(&channel, person.telegram_id.0)).await;
            (person, answer.map_or(Subscription::Unavailable, |answer| Subscription::of_answer(&answer)))
        });
    }
    let mut found = Vec::with_capacity(people.len());
    while let Some(asked) = asking.join_next().await {
        found.push(asked.map_err(|error| Failure::Internal(format!("asking panicked: {error}")))?);
    }
    Ok(found)
}

fn keep(tx: &crate::db::Tx<'_>, realm: Realm, found: &[(Asked, Subscription)]) -> Result<(), Error> {
    for (person, found) in found {
        user::record_subscription(tx, person.id, *found)?;
    }
    if found.iter().any(|(_, found)| *found == Subscription::NotConfigured) {
        // Once an hour, as when a customer's press finds it.
        let hour = tx.now().0.div_euclid(3600).to_string();
        staff::tell_admins(tx, realm, Group::Errors, "notice_channel", &[], Some(&hour))?;
    }
    Ok(())
}
