//! `broadcast test|unschedule|pause|cancel|retry-failed|resend-unknown|recall|correct`: changes to an existing
//! broadcast.

use serde_json::{Value as Json, json};

use super::view::{facts, on};
use super::{find, follow};
use crate::broadcast::{self, Amendment, Broadcast, BroadcastId};
use crate::cli::args::{BroadcastChange, BroadcastCorrect, BroadcastRef, BroadcastRetry, BroadcastSend, BroadcastTest};
use crate::cli::output::ChangeReport;
use crate::cli::refuse::Wrong;
use crate::cli::session::Session;
use crate::db::Tx;
use crate::error::Result as ShopResult;
use crate::ids::UserId;
use crate::staff::{self, Owner};

/// `broadcast test`: sends the message to one admin.
pub(super) fn test(session: &mut Session<'_>, args: &BroadcastTest) -> Result<(), Wrong> {
    let found = find(session, args.realm.realm(), &args.broadcast)?;
    let (id, typed, owner) = (found.id, args.to.clone(), session.owner());
    let admin = session.write(false, move |tx| {
        let admin = staff::get_admin_by_ref(tx, &typed)?;
        broadcast::test(tx, id, &admin, owner.actor())?;
        Ok(admin)
    })?;
    let words: [(&str, &dyn std::fmt::Display); 2] = [("id", &id), ("name", &admin.name)];
    let change = ChangeReport {
        schema: "dvorik.broadcast.test/1",
        changed: true,
        before: Json::Null,
        after: json!({ "id": id, "admin_id": admin.id }),
        id: id.to_string(),
        sentence: session.text("broadcast.tested", &words),
        next: vec![on("next.send", "send", &found)],
    };
    session.tell_change(change);
    Ok(())
}

/// The parts of a change report that differ between these commands: schema, sentence and next command.
struct VerbSpec {
    schema: &'static str,
    sentence: &'static str,
    next: (&'static str, &'static str),
}

/// `broadcast unschedule`: makes a scheduled broadcast a draft again.
pub(super) fn unschedule(session: &mut Session<'_>, args: &BroadcastRef) -> Result<(), Wrong> {
    let told = VerbSpec {
        schema: "dvorik.broadcast.unschedule/1",
        sentence: "broadcast.unscheduled",
        next: ("next.look", "show"),
    };
    simply(session, args, broadcast::unschedule, &told)
}

/// `broadcast pause`: interrupts a broadcast that is being sent.
pub(super) fn pause(session: &mut Session<'_>, args: &BroadcastRef) -> Result<(), Wrong> {
    let told =
        VerbSpec { schema: "dvorik.broadcast.pause/1", sentence: "broadcast.held", next: ("next.more", "resume") };
    simply(session, args, broadcast::pause, &told)
}

type VerbFn = fn(&Tx<'_>, BroadcastId, &crate::actor::Actor) -> ShopResult<Broadcast>;

fn simply(session: &mut Session<'_>, args: &BroadcastRef, verb: VerbFn, told: &VerbSpec) -> Result<(), Wrong> {
    let before = find(session, args.realm.realm(), &args.broadcast)?;
    let (id, owner) = (before.id, session.owner());
    let after = session.write(false, move |tx| verb(tx, id, owner.actor()))?;
    let change = changed(session, told, (&before, &after), &[]);
    session.tell_change(change);
    Ok(())
}

fn changed(
    session: &Session<'_>,
    told: &VerbSpec,
    (before, after): (&Broadcast, &Broadcast),
    more: &[(&str, &dyn std::fmt::Display)],
) -> ChangeReport {
    let mut words: Vec<(&str, &dyn std::fmt::Display)> = vec![("id", &after.id), ("title", &after.draft.title)];
    words.extend_from_slice(more);
    ChangeReport {
        schema: told.schema,
        changed: true,
        before: facts(before),
        after: facts(after),
        id: after.id.to_string(),
        sentence: session.text(told.sentence, &words),
        next: vec![on(told.next.0, told.next.1, after)],
    }
}

/// `broadcast cancel`: recipients who have not got the message will not get it.
pub(super) fn cancel(session: &mut Session<'_>, args: &BroadcastChange) -> Result<(), Wrong> {
    let before = find(session, args.realm.realm(), &args.broadcast)?;
    let waiting = before.counts.queued + before.counts.sending;
    if waiting > 0 && !args.care.dry_run {
        let question = session.out.voice().lang.plural("broadcast.cancel_question", waiting, &[]);
        session.confirm(args.care.yes, &question)?;
    }
    let (id, owner) = (before.id, session.owner());
    let mut after = session.write(args.care.dry_run, move |tx| broadcast::cancel(tx, id, owner.actor()))?;
    if !args.care.dry_run {
        // The rows of a small broadcast are marked at once, those of a large one by the sender, step by step.
        session.write(false, move |tx| broadcast::skip_canceled(tx, id))?;
        after = session.database()?.read(|view| broadcast::get(view, id))?;
    }
    let told =
        VerbSpec { schema: "dvorik.broadcast.cancel/1", sentence: "broadcast.canceled", next: ("next.look", "show") };
    let change = changed(session, &told, (&before, &after), &[]);
    session.tell(args.care.dry_run, change);
    Ok(())
}

/// `broadcast retry-failed`: queues the message again for recipients to whom it failed, by the class of their failure.
pub(super) fn retry_failed(session: &mut Session<'_>, args: &BroadcastRetry) -> Result<(), Wrong> {
    let before = find(session, args.realm.realm(), &args.broadcast)?;
    may_requeue(session, &before)?;
    if !args.care.dry_run {
        let words: [(&str, &dyn std::fmt::Display); 1] = [("classes", &args.class.join(", "))];
        let question = session.text("broadcast.retry_question", &words);
        session.confirm(args.care.yes, &question)?;
    }
    let classes = args.class.clone();
    let step =
        move |tx: &Tx<'_>, owner: &Owner, (id, after)| broadcast::retry_failed(tx, id, &classes, after, owner.actor());
    again(session, &before, (args.care.dry_run, args.detach), step)
}

/// `broadcast resend-unknown`: queues the message again for recipients for whom it is unknown whether they got it. Some
/// may get it twice.
pub(super) fn resend_unknown(session: &mut Session<'_>, args: &BroadcastSend) -> Result<(), Wrong> {
    let before = find(session, args.realm.realm(), &args.broadcast)?;
    may_requeue(session, &before)?;
    if before.counts.unknown > 0 {
        let question = session.out.voice().lang.plural("broadcast.resend_question", before.counts.unknown, &[]);
        session.confirm(args.yes, &question)?;
    }
    again(session, &before, (false, args.detach), |tx, owner, (id, after)| {
        broadcast::resend_unknown(tx, id, after, owner.actor())
    })
}

/// Fails if this broadcast may not send messages again, before the person is asked anything. Changes nothing.
fn may_requeue(session: &Session<'_>, before: &Broadcast) -> Result<(), Wrong> {
    let (id, owner) = (before.id, session.owner());
    session.write(true, move |tx| broadcast::resend_unknown(tx, id, UserId(i64::MAX), owner.actor())).map(drop)
}

/// Fails if this broadcast may not be recalled or corrected, before the person is asked anything. Changes nothing.
fn may_amend(session: &Session<'_>, before: &Broadcast, amendment: &Amendment) -> Result<(), Wrong> {
    let (id, amendment, owner) = (before.id, amendment.clone(), session.owner());
    session.write(true, move |tx| broadcast::begin_amendment(tx, id, &amendment, owner.actor())).map(drop)
}

fn again(
    session: &mut Session<'_>,
    before: &Broadcast,
    (rehearse, detach): (bool, bool),
    step: impl Fn(&Tx<'_>, &Owner, (BroadcastId, UserId)) -> ShopResult<(i64, Option<UserId>)> + Clone + Send + 'static,
) -> Result<(), Wrong> {
    let (id, mut all, mut after) = (before.id, 0, UserId(0));
    loop {
        let (step, owner) = (step.clone(), session.owner());
        let (queued, last) = session.write(rehearse, move |tx| step(tx, &owner, (id, after)))?;
        all += queued;
        let Some(last) = last else { break };
        after = last;
        breathe();
    }
    let after = session.database()?.read(|view| broadcast::get(view, id))?;
    let told = VerbSpec {
        schema: "dvorik.broadcast.requeue/1",
        sentence: "broadcast.requeued",
        next: ("next.watch", "status --follow"),
    };
    let told = if all == 0 { VerbSpec { sentence: "broadcast.requeued_none", ..told } } else { told };
    let mut change = changed(session, &told, (before, &after), &[("n", &all)]);
    change.changed = all > 0;
    if rehearse || all == 0 {
        session.tell(rehearse, change);
        return Ok(());
    }
    follow::after(session, change, id, detach)
}

/// `broadcast recall`: marks the delivered messages, which the sender then deletes.
pub(super) fn recall(session: &mut Session<'_>, args: &BroadcastChange) -> Result<(), Wrong> {
    let before = find(session, args.realm.realm(), &args.broadcast)?;
    may_amend(session, &before, &Amendment::Recall)?;
    if !args.care.dry_run {
        let question = session.out.voice().lang.plural("broadcast.recall_question", before.counts.sent, &[]);
        session.confirm(args.care.yes, &question)?;
    }
    let told =
        VerbSpec { schema: "dvorik.broadcast.recall/1", sentence: "broadcast.recalled", next: ("next.look", "show") };
    amend(session, &before, args.care.dry_run, &Amendment::Recall, &told)
}

/// `broadcast correct`: marks the delivered messages, whose text the sender then replaces.
pub(super) fn correct(session: &mut Session<'_>, args: &BroadcastCorrect) -> Result<(), Wrong> {
    let before = find(session, args.realm.realm(), &args.broadcast)?;
    let amendment = Amendment::Correct(session.words(&args.words)?);
    may_amend(session, &before, &amendment)?;
    if !args.care.dry_run {
        let question = session.out.voice().lang.plural("broadcast.correct_question", before.counts.sent, &[]);
        session.confirm(args.care.yes, &question)?;
    }
    let told =
        VerbSpec { schema: "dvorik.broadcast.correct/1", sentence: "broadcast.corrected", next: ("next.look", "show") };
    amend(session, &before, args.care.dry_run, &amendment, &told)
}

/// Pauses between two steps of a bulk action, so that a redemption never waits for more than one step.
fn breathe() {
    std::thread::sleep(std::time::Duration::from_millis(2));
}

fn amend(
    session: &mut Session<'_>,
    before: &Broadcast,
    rehearse: bool,
    amendment: &Amendment,
    told: &VerbSpec,
) -> Result<(), Wrong> {
    let (id, mut marked, mut after) = (before.id, 0, UserId(0));
    let (own, owner) = (amendment.clone(), session.owner());
    let begun = session.write(rehearse, move |tx| broadcast::begin_amendment(tx, id, &own, owner.actor()))?;
    loop {
        let own = amendment.clone();
        let (some, last) = session.write(rehearse, move |tx| broadcast::mark_for_amendment(tx, id, &own, after))?;
        marked += some;
        let Some(last) = last else { break };
        after = last;
        breathe();
    }
    let mut change = changed(session, told, (before, &begun), &[("n", &marked)]);
    change.changed = marked > 0;
    if let Some(after) = change.after.as_object_mut() {
        after.insert("marked".into(), json!(marked));
    }
    let serving = follow::is_served(session)?;
    session.tell(rehearse, change);
    if !serving && marked > 0 && !rehearse {
        let said = session.text("broadcast.nobody_sends", &[]);
        session.out.note(&session.pasted(&said));
    }
    Ok(())
}
