//! Watches a broadcast: a progress bar for people, JSON lines for programs. Where no daemon runs, the watching command
//! also delivers, under the sender's lock. The command gives way when a daemon starts, and takes over when the process
//! that delivered has ended. Ctrl-C does not cancel the broadcast: if a daemon delivers, only the watching ends (exit
//! code 0); if this command delivers, the delivery stops (exit code 130).

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value as Json, json};
use tokio::sync::watch;

use super::find;
use super::view::{self, facts, on};
use crate::broadcast::pace::BroadcastLimits;
use crate::broadcast::{self, Broadcast, BroadcastId, Counts, Status};
use crate::cause::Cause;
use crate::cli::args::BroadcastStatus;
use crate::cli::delivery::{context, deliver, no_sender, until_told};
use crate::cli::output::{ChangeReport, ExitCode, FailureReport, Format, Output};
use crate::cli::refuse::Wrong;
use crate::cli::session::Session;
use crate::clock::Clock;
use crate::db::{Database, Failure as Storage};
use crate::error::{Error, Result as ShopResult};
use crate::jobs::JobContext;
use crate::language::Language;
use crate::locks::{self, Lock};
use crate::realm::Realm;
use crate::sender::drain::{Drained, Load};

const CHECK_EVERY: Duration = Duration::from_millis(200);
/// The time between two lines of progress for a program.
const LINE: Duration = Duration::from_secs(1);

/// `broadcast status`: shows the broadcast's progress; `--follow` watches the broadcast to its end.
pub(super) fn status(session: &mut Session<'_>, args: &BroadcastStatus) -> Result<(), Wrong> {
    let found = find(session, args.realm.realm(), &args.broadcast)?;
    if args.follow {
        return watch(session, found.id, false);
    }
    let human = format!("{}\n{}", head(session, &found), summary(session, &found));
    session.out.document(&document(&found), &human);
    Ok(())
}

/// Prints what a command changed, then watches the broadcast that it started, unless `detach` is set.
pub(super) fn after(
    session: &mut Session<'_>,
    change: ChangeReport,
    id: BroadcastId,
    detach: bool,
) -> Result<(), Wrong> {
    if session.rehearse {
        session.tell_change(change);
        return Ok(());
    }
    let streams = session.out.format() == Format::Json && !detach;
    if !streams {
        session.tell_change(change);
    }
    follow(session, id, detach)
}

/// Watches a running broadcast, and delivers it where no daemon does. With `detach` it watches nothing, and says so if
/// no daemon will deliver.
pub(super) fn follow(session: &mut Session<'_>, id: BroadcastId, detach: bool) -> Result<(), Wrong> {
    if !detach {
        return watch(session, id, true);
    }
    if !is_served(session)? {
        let said = session.text("broadcast.nobody_sends", &[]);
        session.out.note(&session.pasted(&said));
    }
    Ok(())
}

/// Whether a daemon delivers.
pub(super) fn is_served(session: &Session<'_>) -> Result<bool, Wrong> {
    let holder = locks::holder(&session.config()?.database.path, Lock::Serve);
    let holder = holder.map_err(|error| Error::from(Storage::Unavailable(Cause::from(&error))))?;
    Ok(holder.is_some())
}

/// How watching a broadcast ended.
enum WatchEnd {
    /// The broadcast was finished or stopped.
    Ended(Broadcast),
    /// The person detached; another process delivers.
    Detached(Broadcast),
    /// The person stopped the delivery by this command.
    Stopped(Broadcast),
    /// This command delivers, but Telegram accepts nothing.
    Alone(Broadcast),
    /// No process delivers any more: the daemon or the command that delivered has ended.
    Left,
}

/// Watches a broadcast until it is over and the letters about it are sent, and delivers it where no other process does.
/// Other running broadcasts wait for the next sender.
fn watch(session: &mut Session<'_>, id: BroadcastId, delivers: bool) -> Result<(), Wrong> {
    let context = context(session)?;
    let realm = context.db.read(|view| broadcast::get(view, id))?.draft.realm;
    if delivers {
        must_have_sender(session, &context, realm)?;
    }
    let limits = context.db.read(broadcast::limits)?;
    let mut shown = ProgressView::new(&mut *session.out, limits);
    let seen = until_told(async |stop| {
        loop {
            match attend(&context, (id, delivers), &stop, &mut shown).await? {
                WatchEnd::Left => {}
                seen => return Ok(seen),
            }
        }
    });
    shown.clear();
    drop(shown);
    let seen = seen?;
    let others = is_waiting(&context, id)?;
    if delivers && others && matches!(seen, WatchEnd::Ended(_)) && !is_served(session)? {
        let said = session.text("broadcast.others_wait", &[]);
        session.out.note(&session.pasted(&said));
    }
    tell(session, seen)
}

/// Refuses, with the name of the bot, when no process could deliver: no daemon runs, and the customer bot of this realm
/// has no token.
pub(super) fn must_have_sender(session: &Session<'_>, context: &JobContext, realm: Realm) -> Result<(), Wrong> {
    if context.sends_in(realm) || is_served(session)? { Ok(()) } else { Err(no_sender(session, realm).into()) }
}

/// Whether another broadcast is under way that this command could send.
fn is_waiting(context: &JobContext, id: BroadcastId) -> ShopResult<bool> {
    let own = context.bots.iter().filter(|(name, _)| name.is_for_customers());
    for (name, _) in own {
        let sending = context.db.read(|view| broadcast::sending(view, name.realm()))?;
        if sending.iter().any(|other| other.id != id) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn attend(
    context: &JobContext,
    (id, delivers): (BroadcastId, bool),
    stop: &watch::Receiver<bool>,
    shown: &mut ProgressView<'_>,
) -> ShopResult<WatchEnd> {
    let mut sending = std::pin::pin!(async {
        if delivers { deliver(context, (Load::Everything, Some(id)), stop.clone()).await } else { Ok(Drained::Daemon) }
    });
    let (seen, drained) = tokio::select! {
        seen = look_until(&context.db, id, stop.clone(), shown) => {
            let seen = seen?;
            // The last letters, such as notices to admins, are sent too; after Ctrl-C the senders have been told to
            // stop already.
            (Some(seen), sending.await?)
        }
        drained = &mut sending => (None, drained?),
    };
    let was_ours = !matches!(drained, Drained::Daemon | Drained::Elsewhere);
    match seen {
        Some(WatchEnd::Detached(last)) if was_ours => Ok(WatchEnd::Stopped(last)),
        Some(seen) => Ok(seen),
        None if was_ours => {
            let last = context.db.read(|view| broadcast::get(view, id))?;
            Ok(match drained {
                _ if !last.is_under_way() => WatchEnd::Ended(last),
                Drained::Stopped => WatchEnd::Stopped(last),
                _ => WatchEnd::Alone(last),
            })
        }
        None => tokio::select! {
            seen = look_until(&context.db, id, stop.clone(), shown) => seen,
            left = until_left(&context.db), if delivers => left.map(|()| WatchEnd::Left),
        },
    }
}

/// Waits until no process holds the daemon's lock or the sender's lock. Both are looked at twice, because one process
/// may be taking over from another.
async fn until_left(db: &Database) -> ShopResult<()> {
    let mut free = 0;
    while free < 2 {
        tokio::time::sleep(LINE).await;
        let held = |lock| match locks::holder(db.path(), lock) {
            Ok(holder) => Ok(holder.is_some()),
            Err(error) => Err(Error::from(Storage::Unavailable(Cause::from(&error)))),
        };
        free = if held(Lock::Serve)? || held(Lock::Sender)? { 0 } else { free + 1 };
    }
    Ok(())
}

async fn look_until(
    db: &Database,
    id: BroadcastId,
    mut stop: watch::Receiver<bool>,
    shown: &mut ProgressView<'_>,
) -> ShopResult<WatchEnd> {
    loop {
        match db.read(|view| broadcast::get(view, id)) {
            Err(error) if error.is_passing() => {}
            found => {
                let found = found?;
                shown.show(&found);
                if !found.is_under_way() {
                    return Ok(WatchEnd::Ended(found));
                }
                if *stop.borrow() {
                    return Ok(WatchEnd::Detached(found));
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(CHECK_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

fn tell(session: &mut Session<'_>, seen: WatchEnd) -> Result<(), Wrong> {
    let (broadcast, failure) = match seen {
        WatchEnd::Ended(last) => {
            let failure = match last.status {
                Status::Sent => partly(session, &last),
                Status::Canceled => None,
                _ => Some(halted(session, &last)),
            };
            (last, failure)
        }
        WatchEnd::Detached(last) => {
            let said = session.text("broadcast.detached", &[("id", &last.id)]);
            session.out.note(&session.pasted(&said));
            (last, None)
        }
        WatchEnd::Stopped(last) => {
            let message = session.text("broadcast.stopped", &[]);
            let failure = FailureReport::new("SERVICE_UNAVAILABLE", ExitCode::Interrupted, message);
            let hint = on("next.more", "send", &last).command;
            (last, Some(failure.with_hint(hint)))
        }
        WatchEnd::Alone(last) => {
            let message = session.text("broadcast.stuck", &[("hint", &session.text("telegram.proxy_hint", &[]))]);
            let failure = FailureReport::new("TELEGRAM_UNAVAILABLE", ExitCode::Retry, message);
            let hint = on("next.more", "send", &last).command;
            (last, Some(failure.with_hint(hint)))
        }
        WatchEnd::Left => return Ok(()),
    };
    let mut last = document(&broadcast);
    if let Some(object) = last.as_object_mut() {
        object.insert("type".to_owned(), json!("summary"));
    }
    if session.out.format() == Format::Json {
        session.out.event(&last);
    } else {
        let words = summary(session, &broadcast);
        session.out.document(&last, &words);
    }
    failure.map_or(Ok(()), |failure| Err(failure.into()))
}

/// The failure report of a broadcast that is over, with exit code 6: some messages may not have arrived, or Telegram
/// refused some for a reason that can be fixed. `None` when there are no such messages. Recipients who blocked the bot
/// or left Telegram do not count as a failure of the broadcast.
fn partly(session: &Session<'_>, last: &Broadcast) -> Option<FailureReport> {
    let counts = &last.counts;
    let missed = counts.failed - counts.blocked + counts.unknown;
    if missed == 0 {
        return None;
    }
    let message = session.out.voice().lang.plural("broadcast.partly", missed, &[("title", &last.draft.title)]);
    let details = json!({ "failed": counts.failed - counts.blocked, "unknown": counts.unknown });
    let failure = FailureReport::new("SERVICE_UNAVAILABLE", ExitCode::Partial, message);
    Some(failure.with_hint(on("next.look", "report", last).command).with_details(details))
}

/// The failure report of a broadcast that does not go on, with the reason.
fn halted(session: &Session<'_>, last: &Broadcast) -> FailureReport {
    let note = last.note.as_deref().or(last.pause_reason.map(broadcast::PauseReason::as_str)).unwrap_or("unknown");
    let key = format!("broadcast.note.{note}");
    let lang = session.out.voice().lang;
    let why = if lang.knows(&key) { lang.text(&key, &[]) } else { note.to_owned() };
    let message = session.text("broadcast.halted", &[("title", &last.draft.title), ("why", &why)]);
    let next = match (last.status, note) {
        // Telegram refuses the message itself, so a resumed broadcast would fail for the next recipient too.
        (Status::Paused, "bad_message") if last.counts.sent + last.counts.unknown == 0 => on("next.more", "edit", last),
        (Status::Paused, "bad_message") => on("next.more", "cancel", last),
        (Status::Paused, _) => on("next.more", "resume", last),
        _ => on("next.look", "report", last),
    };
    FailureReport::new("BROADCAST_INVALID_TRANSITION", ExitCode::Partial, message)
        .with_hint(next.command)
        .with_details(json!({ "status": last.status.as_str(), "note": last.note }))
}

fn document(broadcast: &Broadcast) -> Json {
    let mut facts = facts(broadcast);
    if let Some(object) = facts.as_object_mut() {
        object.insert("schema".to_owned(), json!("dvorik.broadcast.status/1"));
        object.insert("sending".to_owned(), json!(broadcast.counts.sending));
        object.insert("blocked".to_owned(), json!(broadcast.counts.blocked));
        object.insert("pauses".to_owned(), json!(broadcast.pauses));
        object.insert("pause_seconds".to_owned(), json!(broadcast.pause_ms / 1000));
    }
    facts
}

fn head(session: &Session<'_>, broadcast: &Broadcast) -> String {
    let voice = session.out.voice();
    let state = view::status(broadcast.status).human(voice);
    let words: [(&str, &dyn std::fmt::Display); 3] =
        [("id", &broadcast.id), ("title", &broadcast.draft.title), ("status", &state)];
    session.text("broadcast.state", &words)
}

/// The result of a broadcast in one line: `✓ 4 702 доставлено  ⊘ 151 заблокировали  ✗ 18 ошибок …`; zero counts are
/// left out.
fn summary(session: &Session<'_>, broadcast: &Broadcast) -> String {
    let (lang, counts) = (session.out.voice().lang, &broadcast.counts);
    let done = if broadcast.status == Status::Sent { "✓ " } else { "" };
    let sent = lang.text("broadcast.sum.sent", &[("n", &lang.number(counts.sent))]);
    let mut parts = vec![format!("{done}{sent}")];
    let more = [
        ("broadcast.sum.blocked", counts.blocked),
        ("broadcast.sum.failed", counts.failed - counts.blocked),
        ("broadcast.sum.unknown", counts.unknown),
        ("broadcast.sum.skipped", counts.skipped),
        ("broadcast.sum.queued", counts.queued + counts.sending),
    ];
    parts.extend(more.iter().filter(|(_, n)| *n > 0).map(|(key, n)| lang.plural(key, *n, &[("n", &lang.number(*n))])));
    if broadcast.pauses > 0 {
        let time = lang.duration((broadcast.pause_ms / 1000).unsigned_abs());
        parts.push(lang.plural("broadcast.sum.pauses", broadcast.pauses, &[("time", &time)]));
    }
    parts.join("  ")
}

/// How many recipients there are, and how many are settled. Skipped recipients are left out: the estimate has named
/// them.
const fn meant(counts: &Counts) -> (i64, i64) {
    (counts.total() - counts.skipped, counts.settled() - counts.skipped)
}

/// Shows the progress of a broadcast: as a bar on stderr, or as JSON lines on stdout; other formats show nothing.
struct ProgressView<'a> {
    out: &'a mut Output,
    bar: Option<ProgressBar>,
    seen: Option<(i64, Instant)>,
    last_line: Option<Instant>,
    rate: f64,
    limits: BroadcastLimits,
}

impl<'a> ProgressView<'a> {
    fn new(out: &'a mut Output, limits: BroadcastLimits) -> Self {
        let bar = bar(out);
        Self { out, bar, seen: None, last_line: None, rate: 0.0, limits }
    }

    fn show(&mut self, broadcast: &Broadcast) {
        let (total, settled) = meant(&broadcast.counts);
        let now = Instant::now();
        if let Some((before, at)) = self.seen {
            let seconds = now.duration_since(at).as_secs_f64();
            if seconds >= 1.0 {
                #[expect(clippy::cast_precision_loss, reason = "a rate for the eye")]
                let rate = (settled - before) as f64 / seconds;
                self.rate = if self.rate > 0.0 { self.rate.mul_add(0.7, rate * 0.3) } else { rate };
                self.seen = Some((settled, now));
            }
        } else {
            self.seen = Some((settled, now));
        }
        if let Some(bar) = &self.bar {
            bar.set_length(total.unsigned_abs());
            bar.set_position(settled.unsigned_abs());
            bar.set_message(self.words(broadcast));
        }
        if self.last_line.is_none_or(|last| last.elapsed() >= LINE) {
            self.last_line = Some(now);
            let (counts, rate) = (&broadcast.counts, (self.rate * 10.0).round() / 10.0);
            self.out.event(&json!({
                "type": "progress", "id": broadcast.id, "status": broadcast.status.as_str(), "total": total,
                "settled": settled, "sent": counts.sent, "blocked": counts.blocked, "failed": counts.failed,
                "unknown": counts.unknown, "skipped": counts.skipped, "per_second": rate,
            }));
        }
    }

    /// The text of the progress bar: `4 871 из 8 412  58 %  25/с  осталось 2:22  ⊘ 151  ✗ 18  ⏸ 7 с`
    fn words(&self, broadcast: &Broadcast) -> String {
        let (lang, counts) = (self.out.voice().lang, &broadcast.counts);
        let (total, settled) = meant(counts);
        let mut parts =
            vec![lang.text("broadcast.bar.done", &[("n", &lang.number(settled)), ("of", &lang.number(total))])];
        parts.push(format!("{} %", if total > 0 { settled * 100 / total } else { 0 }));
        if self.rate >= 0.05 {
            #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a guess for the eye")]
            let measured = ((total - settled) as f64 / self.rate) as i64;
            // A slow broadcast sends its first messages faster than later ones, so the time by the shop's rate limits
            // may be longer.
            let left = measured.max(self.limits.seconds_for(total - settled, broadcast::PAID_PER_SECOND));
            let rate = if self.rate >= 2.0 { format!("{:.0}", self.rate) } else { tenths(lang, self.rate) };
            parts.push(lang.text("broadcast.bar.rate", &[("n", &rate)]));
            parts.push(lang.text("broadcast.bar.left", &[("time", &clock(left))]));
        }
        parts.extend((counts.blocked > 0).then(|| format!("⊘ {}", lang.number(counts.blocked))));
        parts.extend(
            (counts.failed > counts.blocked).then(|| format!("✗ {}", lang.number(counts.failed - counts.blocked))),
        );
        parts.extend((counts.unknown > 0).then(|| format!("? {}", lang.number(counts.unknown))));
        let pause = broadcast.pause_until.0.saturating_sub(Clock::System.now_ms().0);
        parts.extend((pause > 0).then(|| format!("⏸ {}", clock(pause / 1000 + 1))));
        parts.join("  ")
    }

    fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A rate with tenths, as the language writes them: `1,3`.
fn tenths(lang: Language, rate: f64) -> String {
    let text = format!("{rate:.1}");
    if lang == Language::Ru { text.replace('.', ",") } else { text }
}

/// Seconds as a duration: `2:22`, `1:02:22`.
fn clock(seconds: i64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

fn bar(out: &Output) -> Option<ProgressBar> {
    if !out.draws() {
        return None;
    }
    let template = if out.paints() { "{bar:30.green/dim} {msg}" } else { "{bar:30} {msg}" };
    let style = ProgressStyle::with_template(template).ok()?.progress_chars("━╸━");
    Some(ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr()).with_style(style))
}
