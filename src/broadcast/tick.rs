//! One transaction of the broadcast sender: settle results, apply stop rules, start due broadcasts, finish broadcasts
//! without queued rows, claim the next batch. Everything that a broadcast does by itself happens here.

use std::collections::BTreeMap;

use super::media::UploadStep;
use super::model::{Broadcast, BroadcastId, Counts, Media, PauseReason, Status};
use super::rules::{Stop, Verb};
use super::transition::{self, Why, by_rule};
use super::{audience, confirm, content, ledger, media, store};
use crate::actor::Actor;
use crate::db::{Tx, View};
use crate::discount::{self, Discount, IssueRequest, Issued, SourceKind, rules as rules_of_codes, template};
use crate::error::{Error, Refusal, Result};
use crate::ids::{DiscountId, TelegramId};
use crate::realm::Realm;
use crate::settings;
use crate::telegram::client::Content;
use crate::user;
use ledger::{Claimed, Settled};

/// What the sender passes to one [`tick`].
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// The results of the calls that ended since the last tick.
    pub settled: Vec<Settled>,
    /// Broadcasts to stop, and the stop rule for each.
    pub stops: Vec<(BroadcastId, Stop)>,
    /// The most messages to claim.
    pub most: i64,
    /// The broadcast whose recipients were claimed last; the other broadcasts come first now. `None` = any may come
    /// first.
    pub after: Option<BroadcastId>,
    /// Chats that must not be written to yet, because of Telegram's limits per chat.
    pub resting: Vec<TelegramId>,
}

/// A message that is claimed and rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedMessage {
    /// The recipient of the message.
    pub claimed: Claimed,
    /// The content of the message.
    pub content: Content,
    /// Whether recipients may get different texts.
    pub is_personal: bool,
}

/// What one [`tick`] returns to the sender.
#[derive(Debug, Default)]
pub struct BatchResult {
    /// The messages to send now.
    pub messages: Vec<ClaimedMessage>,
    /// How many broadcasts were started.
    pub begun: usize,
}

/// Settles results, applies stop rules, starts due broadcasts, finishes broadcasts without queued rows, and claims up
/// to `batch.most` recipients of one broadcast. Call it only while holding the sender's lock.
pub fn tick(tx: &Tx<'_>, realm: Realm, batch: &Batch) -> Result<BatchResult> {
    keep(tx, realm, &batch.settled)?;
    for (id, why) in &batch.stops {
        stop(tx, &store::get(tx, *id)?, *why, None)?;
    }
    let mut result = BatchResult { begun: take_up_due(tx, realm)?, messages: Vec::new() };
    for broadcast in in_turn(store::sending(tx, realm)?, batch.after) {
        if !broadcast.is_frozen {
            continue;
        }
        if broadcast.counts.queued == 0 {
            finish(tx, &broadcast)?;
            continue;
        }
        // A batch claims recipients of one broadcast only: so broadcasts take turns, whatever their size.
        if batch.most > 0 && result.messages.is_empty() {
            result.messages = claim(tx, &broadcast, (batch.most, &batch.resting))?;
        }
    }
    Ok(result)
}

/// The broadcasts in the order in which they are served: those after the one served last, then the others.
fn in_turn(broadcasts: Vec<Broadcast>, after: Option<BroadcastId>) -> Vec<Broadcast> {
    let (mut later, mut earlier): (Vec<_>, Vec<_>) =
        broadcasts.into_iter().partition(|broadcast| after.is_none_or(|after| broadcast.id > after));
    later.append(&mut earlier);
    later
}

fn keep(tx: &Tx<'_>, realm: Realm, settled: &[Settled]) -> Result<()> {
    let mut by_broadcast: BTreeMap<BroadcastId, Vec<&Settled>> = BTreeMap::new();
    for one in settled {
        by_broadcast.entry(one.claimed.broadcast).or_default().push(one);
    }
    for (id, rows) in by_broadcast {
        let counts = ledger::settle(tx, realm, &rows)?;
        store::count(tx, id, &counts, Some(tx.shop_ms()))?;
        // The broadcast may have been canceled while the call was in flight: then the row, which is queued again, is
        // skipped.
        if counts.queued > 0 {
            ledger::skip_canceled(tx, id)?;
        }
    }
    let calls = settled.iter().filter(|one| one.answer.is_some()).count();
    ledger::note_calls(tx, realm.customer_bot(), i64::try_from(calls).unwrap_or(i64::MAX))
}

/// Starts due broadcasts; pauses broadcasts that are too late or differ from what was confirmed. Returns how many were
/// started.
fn take_up_due(tx: &Tx<'_>, realm: Realm) -> Result<usize> {
    let mut begun = 0;
    for broadcast in store::due(tx, realm)? {
        let late_s = tx.now().0 - broadcast.send_at.map_or(0, |at| at.0);
        if late_s > settings::MAX_LATENESS_MINUTES.int(tx)? * 60 {
            transition::hold(tx, &broadcast, "late")?;
        } else if !confirm::still_stands(tx, &broadcast)? {
            transition::hold(tx, &broadcast, "changed")?;
        } else if broadcast.is_frozen && audience::exceeds(&broadcast, broadcast.counts.queued) {
            transition::hold(tx, &broadcast, "grown")?;
        } else {
            begun += usize::from(by_rule(tx, &broadcast, Verb::Begin, Why::default())?);
        }
    }
    Ok(begun)
}

/// Finishes a broadcast without queued rows, unless a message is in flight or a bulk action still queues rows again. If
/// no recipient got the message, the broadcast ends with an error.
fn finish(tx: &Tx<'_>, broadcast: &Broadcast) -> Result<()> {
    let counts = &broadcast.counts;
    if counts.sending > 0 || store::is_requeueing(tx, broadcast.id)? {
        return Ok(());
    }
    if counts.sent + counts.unknown == 0 {
        return transition::fail(tx, broadcast, "nobody_reached");
    }
    by_rule(tx, broadcast, Verb::Finish, Why::default()).map(drop)
}

/// Pauses a broadcast by a stop rule. `detail` is a note that replaces the name of the rule.
fn stop(tx: &Tx<'_>, broadcast: &Broadcast, why: Stop, detail: Option<&str>) -> Result<()> {
    if broadcast.status != Status::Sending {
        return Ok(());
    }
    if why == Stop::BadMedia {
        store::forget_file_id(tx, broadcast.draft.realm.customer_bot(), &broadcast.draft.message.media)?;
    }
    let reason = if why == Stop::Flood { PauseReason::Flood } else { PauseReason::StopRule };
    let note = detail.unwrap_or(why.as_str());
    by_rule(tx, broadcast, Verb::Pause, Why { reason: Some(reason), note: Some(note) }).map(drop)
}

/// Claims up to `most` recipients of a broadcast; skips recipients whom the bot can no longer write to. While the
/// broadcast's local file is not uploaded, claims none and has it uploaded.
fn claim(tx: &Tx<'_>, broadcast: &Broadcast, (most, resting): (i64, &[TelegramId])) -> Result<Vec<ClaimedMessage>> {
    let (message, bot) = (&broadcast.draft.message, broadcast.draft.realm.customer_bot());
    let file_id = store::file_id(tx, bot, &message.media)?;
    if message.media != Media::None && file_id.is_none() {
        if let UploadStep::Failed { detail } = media::upload(tx, broadcast)? {
            stop(tx, broadcast, Stop::BadMedia, detail)?;
        }
        return Ok(Vec::new());
    }
    let is_personal = content::is_personal(message);
    let (mut messages, mut counts) = (Vec::new(), Counts::default());
    let resting_too = most.saturating_add(i64::try_from(resting.len()).unwrap_or(i64::MAX));
    let candidates = ledger::next(tx, broadcast.id, resting_too)?;
    let rested = candidates.into_iter().filter(|candidate| !resting.contains(&candidate.chat));
    for candidate in rested.take(usize::try_from(most).unwrap_or_default()) {
        let code = match fit(tx, broadcast, &candidate)? {
            Fit::Code(code) => code,
            Fit::Out(reason) => {
                if ledger::skip(tx, broadcast.id, candidate.user, reason)? {
                    counts.queued -= 1;
                    counts.skipped += 1;
                }
                continue;
            }
            Fit::Stop(why) => {
                stop(tx, broadcast, why, None)?;
                break;
            }
        };
        let Some(claimed) = ledger::claim(tx, broadcast.id, &candidate, code.as_ref().map(|code| code.id))? else {
            continue;
        };
        counts.queued -= 1;
        counts.sending += 1;
        let content = words(tx, broadcast, file_id.as_deref(), (&candidate, code.as_deref()))?;
        messages.push(ClaimedMessage { claimed, content, is_personal });
    }
    store::count(tx, broadcast.id, &counts, None)?;
    Ok(messages)
}

fn words(
    view: &View<'_>,
    broadcast: &Broadcast,
    file_id: Option<&str>,
    (candidate, code): (&ledger::Candidate, Option<&Discount>),
) -> Result<Content> {
    let message = &broadcast.draft.message;
    if let Some(code) = code {
        let facts = discount::facts(view, code)?;
        let values: Vec<crate::texts::Placeholder<'_>> =
            facts.iter().map(|(name, value)| (*name, value.as_str())).collect();
        return content::rendered(view, message, file_id, &values);
    }
    let values = [("first_name", candidate.first_name.as_str()), ("display_name", candidate.display_name.as_str())];
    content::rendered(view, message, file_id, &values)
}

/// Whether the next recipient gets the message, and with which code.
enum Fit {
    /// The recipient gets the message, with this code if the broadcast brings one.
    Code(Option<Box<Discount>>),
    /// The recipient does not get the message, for this reason.
    Out(&'static str),
    /// The whole broadcast must stop.
    Stop(Stop),
}

fn fit(tx: &Tx<'_>, broadcast: &Broadcast, candidate: &ledger::Candidate) -> Result<Fit> {
    if let Some(reason) = candidate.out {
        return Ok(Fit::Out(reason));
    }
    match (broadcast.draft.message.template, candidate.discount) {
        (None, _) => Ok(Fit::Code(None)),
        // The row was tried before, so the recipient has a code from then, which may still be valid.
        (Some(template), Some(id)) => match code_of(tx, id)? {
            code if rules_of_codes::state(&code, tx.now()) == discount::CodeState::Active => {
                Ok(Fit::Code(Some(Box::new(code))))
            }
            _ => issue(tx, broadcast, template, candidate),
        },
        (Some(template), None) => issue(tx, broadcast, template, candidate),
    }
}

fn code_of(view: &View<'_>, id: DiscountId) -> Result<Discount> {
    discount::get(view, id)
}

/// Issues the recipient's code, in the transaction that claims the recipient.
fn issue(
    tx: &Tx<'_>,
    broadcast: &Broadcast,
    template: crate::ids::TemplateId,
    candidate: &ledger::Candidate,
) -> Result<Fit> {
    let Some(template) = template::find(tx, template)? else { return Ok(Fit::Stop(Stop::Template)) };
    let user = user::get(tx, candidate.user)?;
    let source = (SourceKind::Broadcast, Some(broadcast.id.0));
    let request = IssueRequest { user: &user, template: &template, source, by: &Actor::Job("broadcasts") };
    match discount::issue(tx, &request) {
        Ok(Issued::New(code) | Issued::Live(code)) => Ok(Fit::Code(Some(Box::new(code)))),
        Err(Error::Refused(Refusal::RecurrenceNotReached { .. })) => Ok(Fit::Out("recurrence")),
        Err(Error::Refused(Refusal::UserBlocked)) => Ok(Fit::Out("blocked")),
        Err(Error::Refused(_)) => Ok(Fit::Stop(Stop::Template)),
        Err(error) => Err(error),
    }
}
