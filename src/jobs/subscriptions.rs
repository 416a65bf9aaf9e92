//! The job `subscriptions`: asks Telegram whether subscribers still follow the channel. Each run asks about a part of
//! them (a slice), those who were not asked about for the longest time. The calls use the automatic lane, pass the rate
//! limiter, and become slower while a broadcast is sent. A customer who has left the channel is no longer a subscriber.
//! A customer about whom Telegram gives no answer is asked about again after all other subscribers.

use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{JobContext, JobError, JobReport, mark};
use crate::broadcast;
use crate::db::{self, Failure};
use crate::error::Error;
use crate::realm::Realm;
use crate::schedule::Lease;
use crate::settings;
use crate::staff::{self, Group};
use crate::telegram::client::{Bot, CallError};
use crate::telegram::gate::Lane;
use crate::telegram::reply::Class;
use crate::telegram::update::MemberStatus;
use crate::user::{self, Subscriber, Subscription};

/// How many subscribers one run asks about: 30,000 subscribers take a fortnight, and a run takes about two minutes.
const SLICE: usize = 2000;
/// How many subscribers are asked about at the same time; the answers are stored in one transaction.
const AT_ONCE: usize = 4;
/// A subscriber who was asked about less than this many seconds ago is skipped.
const LATELY: i64 = 20 * 3600;
/// The time limit of one call to Telegram, with its wait for the rate limiter. A call that takes longer counts as
/// unanswered and ends the job, so that the job always ends.
const PATIENCE: Duration = Duration::from_secs(60);
/// While a broadcast is sent, the job asks Telegram about one subscriber for every 16 messages: this costs the
/// broadcast less than a tenth of its rate.
const SHARE: u64 = 16;
/// The job fails after more than this many groups of subscribers in a row without an answer: then the subscribers are
/// not the cause.
const MOST_SILENT: usize = 25;

#[derive(Default)]
struct SliceTally {
    asked: usize,
    left: usize,
    unavailable: usize,
}

/// Asks Telegram about one slice of each realm.
///
/// # Errors
/// Telegram does not answer, or the bot cannot read the channel's members. Answers that came before that remain stored.
pub(super) async fn run(
    context: &JobContext,
    lease: &Lease,
    stop: watch::Receiver<bool>,
) -> Result<JobReport, JobError> {
    let channel = context.db.read(|view| settings::TELEGRAM_CHANNEL_ID.text(view))?;
    let mut tally = SliceTally::default();
    for realm in context.realms() {
        let bot = context.bots.iter().find(|(name, _)| *name == realm.customer_bot()).map(|(_, bot)| bot);
        let (Some(channel), Some(bot)) = (&channel, bot) else { continue };
        ask_slice(context, realm, (&bot.in_lane(Lane::Automatic), channel), &mut tally, &stop).await?;
    }
    mark(context, lease).await?;
    let facts = json!({ "asked": tally.asked, "left": tally.left, "unavailable": tally.unavailable });
    Ok(JobReport { count: tally.asked, left_out: tally.unavailable, facts })
}

async fn ask_slice(
    context: &JobContext,
    realm: Realm,
    (bot, channel): (&Bot, &str),
    tally: &mut SliceTally,
    stop: &watch::Receiver<bool>,
) -> Result<(), JobError> {
    let before = context.db.clock().now().plus(-LATELY);
    let mut slice = context.db.read_as(db::Class::Bulk, |view| user::longest_unasked(view, realm, before, SLICE))?;
    let mut silent = 0;
    while !slice.is_empty() {
        let at_once = if give_way(context, realm, bot, stop).await? { 1 } else { AT_ONCE };
        let people: Vec<Subscriber> = slice.drain(..at_once.min(slice.len())).collect();
        let mut told = stop.clone();
        let found = tokio::select! {
            found = ask(bot, channel, &people) => found?,
            // The rate limiter may hold a call back for a minute; a shutdown does not wait for it.
            _ = told.wait_for(|stopping| *stopping) => return Err(JobError::Stopped),
        };
        let (kept, pause) = judge(&found);
        let answered = kept.iter().filter(|(_, found)| *found != Subscription::Unavailable).count();
        let doubtful = found.iter().any(|(_, answer)| answer.as_ref().is_err_and(CallError::lacks_access));
        if pause.is_none() && (answered == 0 || doubtful) {
            // An answer about the bot's own membership shows whether the fault lies with the subscribers or with the
            // bot.
            may_look(context, realm, (bot, channel)).await?;
        }
        tally.left += kept.iter().filter(|(_, found)| *found == Subscription::NotSubscribed).count();
        tally.unavailable += kept.len() - answered;
        tally.asked += answered;
        context.db.write_async(move |tx| keep(tx, &kept)).await?;
        if let Some(why) = pause {
            return Err(JobError::Telegram(why));
        }
        silent = if answered == 0 { silent + 1 } else { 0 };
        if silent > MOST_SILENT {
            return Err(JobError::Telegram("no answer about anybody".to_owned()));
        }
    }
    Ok(())
}

/// While a broadcast is sent, waits as long as the broadcast takes for [`SHARE`] messages. Returns whether a broadcast
/// is being sent.
async fn give_way(
    context: &JobContext,
    realm: Realm,
    bot: &Bot,
    stop: &watch::Receiver<bool>,
) -> Result<bool, JobError> {
    if *stop.borrow() {
        return Err(JobError::Stopped);
    }
    let at_work = context.db.read(|view| broadcast::at_work(view, realm))?;
    if !at_work.iter().any(|broadcast| broadcast.status == broadcast::Status::Sending) {
        return Ok(false);
    }
    let rate_x100 = u64::from(bot.gate_state().rate_x100.max(100));
    let mut told = stop.clone();
    tokio::select! {
        () = tokio::time::sleep(Duration::from_millis(SHARE * 100_000 / rate_x100)) => Ok(true),
        _ = told.wait_for(|stopping| *stopping) => Err(JobError::Stopped),
    }
}

type Answered = (Subscriber, Result<MemberStatus, CallError>);

async fn ask(bot: &Bot, channel: &str, people: &[Subscriber]) -> Result<Vec<Answered>, JobError> {
    let mut asking = JoinSet::new();
    for person in people.iter().copied() {
        let (bot, channel) = (bot.clone(), channel.to_owned());
        asking.spawn(async move {
            let answer = tokio::time::timeout(PATIENCE, bot.chat_member(&channel, person.telegram_id.0)).await;
            let late =
                |_| CallError { class: Class::NotConnected, code: None, description: "no answer in time".into() };
            (person, answer.map_err(late).flatten())
        });
    }
    let mut found = Vec::with_capacity(people.len());
    while let Some(asked) = asking.join_next().await {
        found.push(asked.map_err(|error| Failure::Internal(format!("asking panicked: {error}")))?);
    }
    Ok(found)
}

/// The answers to store, and why the job must stop now, if it must. An answer that says that Telegram cannot be asked
/// now is not stored, so its subscriber keeps the place in the order.
fn judge(found: &[Answered]) -> (Vec<(Subscriber, Subscription)>, Option<String>) {
    let mut pause = None;
    let mut kept = Vec::with_capacity(found.len());
    for (person, answer) in found {
        match answer {
            Err(error) if matches!(error.class, Class::RetryAfter(_) | Class::NotConnected | Class::Token) => {
                pause = Some(error.description.clone());
            }
            Err(_) => kept.push((*person, Subscription::Unavailable)),
            answer => kept.push((*person, Subscription::of_answer(answer))),
        }
    }
    (kept, pause)
}

/// Checks whether the bot may read the channel's members. If not, admins are told, and the job fails.
async fn may_look(context: &JobContext, realm: Realm, (bot, channel): (&Bot, &str)) -> Result<(), JobError> {
    let own = match bot.get_me().await {
        Ok(me) => bot.chat_member(channel, me.id).await,
        Err(error) => Err(error),
    };
    match own {
        Ok(MemberStatus::Creator | MemberStatus::Administrator) => Ok(()),
        Err(error) if !error.lacks_access() => Err(JobError::Telegram(error.description)),
        _ => {
            context.db.write_async(move |tx| tell_blind(tx, realm)).await?;
            Err(JobError::Telegram("the bot may not look into the channel".to_owned()))
        }
    }
}

fn tell_blind(tx: &crate::db::Tx<'_>, realm: Realm) -> Result<(), Error> {
    // Admins are told at most once an hour. The key is the same as when a customer presses a button and the bot may not
    // read the channel's members, so that they are not told twice.
    let hour = tx.now().0.div_euclid(3600).to_string();
    staff::tell_admins(tx, realm, Group::Errors, "notice_channel", &[], Some(&hour))
}

fn keep(tx: &crate::db::Tx<'_>, found: &[(Subscriber, Subscription)]) -> Result<(), Error> {
    for (person, found) in found {
        user::record_subscription(tx, person.id, *found)?;
    }
    Ok(())
}
