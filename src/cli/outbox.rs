//! `outbox`: messages to one person that did not arrive, and sending them again.

use serde_json::json;

use super::args::{Letters, Outbox as Verb, OutboxRetry};
use super::output::{Cell, ChangeReport, Column, ExitCode, FailureReport, List, NextCommand, Tone};
use super::refuse::Wrong;
use super::session::Session;
use crate::clock::{Now, Timestamp};
use crate::error::Result as ShopResult;
use crate::outbox::LetterId;
use crate::undelivered::{self, LetterFilter, LetterOrder, LetterState, Retried, Undelivered};

/// A letter, and its times by the shop's clock.
struct LetterRow {
    letter: Undelivered,
    created: Timestamp,
    next: Option<Timestamp>,
    settled: Option<Timestamp>,
}

impl LetterRow {
    fn new(letter: Undelivered, now: Now) -> Self {
        let [next, settled] = [letter.next, letter.settled].map(|at| at.map(|at| now.estimated_shop_time(at)));
        Self { created: now.estimated_shop_time(letter.created), next, settled, letter }
    }
}

const COLUMNS: &[Column<LetterRow>] = &[
    Column::number("id", "column.id", |row| row.letter.id.into()),
    Column::new("state", "column.state", |row| state(row.letter.state)),
    Column::new("bot", "column.bot", |row| row.letter.bot.as_str().into()),
    Column::detail("chat_id", "column.chat_id", |row| row.letter.chat.into()),
    Column::detail("user_id", "column.user_id", |row| row.letter.user.into()),
    Column::new("user", "column.recipient", |row| (&row.letter.user_name).into()),
    Column::new("kind", "column.kind", |row| (&row.letter.kind).into()),
    Column::new("text_key", "column.text", |row| (&row.letter.text_key).into()),
    Column::number("attempts", "column.attempts", |row| row.letter.attempts.into()),
    Column::detail("doubts", "column.doubts", |row| row.letter.doubts.into()),
    Column::new("created_at", "column.created_at", |row| row.created.into()),
    Column::new("next_at", "column.next_try", |row| row.next.into()),
    Column::detail("settled_at", "column.settled", |row| row.settled.into()),
    Column::detail("class", "column.class", |row| (&row.letter.class).into()),
    Column::new("error", "column.reason", |row| (&row.letter.error).into()),
    Column::new("retriable", "column.retriable", |row| row.letter.is_retriable.into()),
];

pub(super) fn run(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    match verb {
        Verb::List(args) => list(session, &args),
        Verb::Retry(args) => retry(session, &args),
    }
}

/// `outbox list`: prints a page of the letters that did not arrive.
fn list(session: &mut Session<'_>, args: &Letters) -> Result<(), Wrong> {
    let (since, until) = args.span.instants(session.config()?.timezone, session.now());
    let order = args.sort.unwrap_or(LetterOrder::Newest);
    let filter = LetterFilter { state: args.state, since, until, order };
    let (items, total, now) = session.database()?.read(|view| {
        let (letters, total) = undelivered::list(view, args.realm.realm(), &filter, args.page.slice())?;
        ShopResult::Ok((letters, total, view.both_clocks()))
    })?;
    let items: Vec<LetterRow> = items.into_iter().map(|letter| LetterRow::new(letter, now)).collect();
    let total = total.unsigned_abs();
    let id = |row: &LetterRow| row.letter.id.to_string();
    session.out.list(&List { schema: "dvorik.outbox.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// The result of a retry for one letter.
struct RetryOutcome {
    id: LetterId,
    retried: Retried,
}

const OUTCOMES: &[Column<RetryOutcome>] = &[
    Column::number("id", "column.id", |of| of.id.into()),
    Column::new("changed", "column.changed", |of| Cell::Bool(of.retried == Retried::Queued)),
    Column::new("outcome", "column.result", |of| {
        let (code, text, tone) = match of.retried {
            Retried::Queued => ("queued", "outbox.outcome.queued", Tone::Good),
            Retried::Missing => ("not_found", "outbox.outcome.not_found", Tone::Bad),
            Retried::NotFailed(_) => ("not_failed", "outbox.outcome.not_failed", Tone::Warn),
            Retried::ContentGone => ("no_words", "outbox.outcome.no_words", Tone::Warn),
        };
        Cell::Word { code, text, tone }
    }),
];

/// `outbox retry`: sends one letter again without a question, several letters after a question. Each letter is handled
/// independently: if some cannot be sent again, they are reported, the others are sent, and the exit code is 6.
fn retry(session: &mut Session<'_>, args: &OutboxRetry) -> Result<(), Wrong> {
    let wanted: Vec<LetterId> = match args.state {
        Some(state) => {
            let (realm, state) = (args.realm.realm(), state.into());
            session.database()?.read(|view| undelivered::retriable(view, realm, state))?
        }
        None => args.letter.iter().map(|id| LetterId(*id)).collect(),
    };
    if let ([id], None) = (wanted.as_slice(), args.state) {
        return retry_one(session, *id, args.care.dry_run);
    }
    let count = i64::try_from(wanted.len()).unwrap_or(i64::MAX);
    if count > 0 && !args.care.dry_run {
        let question = session.out.voice().lang.plural("outbox.retry_question", count, &[]);
        session.confirm(args.care.yes, &question)?;
    }
    let outcomes = retried(session, wanted, args.care.dry_run)?;
    let (total, id) = (outcomes.len() as u64, |of: &RetryOutcome| of.id.to_string());
    session.out.list(&List { schema: "dvorik.outbox.retry.list/1", columns: OUTCOMES, items: &outcomes, total, id });
    if args.care.dry_run {
        let said = session.text("output.dry_run", &[]);
        session.out.note(&said);
    }
    let failed: Vec<&RetryOutcome> = outcomes.iter().filter(|of| of.retried != Retried::Queued).collect();
    match failed.first() {
        None => Ok(()),
        Some(first) if failed.len() == outcomes.len() => Err(refusal(session, first).into()),
        Some(_) => {
            let words: [(&str, &dyn std::fmt::Display); 2] = [("failed", &failed.len()), ("total", &count)];
            let message = session.text("outbox.retried_some", &words);
            Err(FailureReport::new("NOT_FOUND", ExitCode::Partial, message).into())
        }
    }
}

fn retried(session: &Session<'_>, wanted: Vec<LetterId>, rehearse: bool) -> Result<Vec<RetryOutcome>, Wrong> {
    let owner = session.owner();
    session.write(rehearse, move |tx| {
        let one = |id: LetterId| Ok(RetryOutcome { id, retried: undelivered::retry(tx, id, owner.actor())? });
        wanted.into_iter().map(one).collect::<ShopResult<Vec<_>>>()
    })
}

fn retry_one(session: &mut Session<'_>, id: LetterId, rehearse: bool) -> Result<(), Wrong> {
    let outcomes = retried(session, vec![id], rehearse)?;
    if let Some(of) = outcomes.iter().find(|of| of.retried != Retried::Queued) {
        return Err(refusal(session, of).into());
    }
    let change = ChangeReport {
        schema: "dvorik.outbox.retry/1",
        changed: true,
        before: json!({ "id": id }),
        after: json!({ "id": id, "state": LetterState::Queued.as_str() }),
        id: id.to_string(),
        sentence: session.text("outbox.retried", &[("letter", &id)]),
        next: vec![NextCommand { words: "next.look", command: "dvorik outbox list".to_owned() }],
    };
    session.tell(rehearse, change);
    Ok(())
}

/// Why a letter is not sent again.
fn refusal(session: &Session<'_>, of: &RetryOutcome) -> FailureReport {
    let (code, exit, key) = match of.retried {
        Retried::Missing => ("NOT_FOUND", ExitCode::NotFound, "outbox.missing"),
        Retried::NotFailed(_) | Retried::Queued => ("VALIDATION_ERROR", ExitCode::Conflict, "outbox.not_failed"),
        Retried::ContentGone => ("VALIDATION_ERROR", ExitCode::Conflict, "outbox.wordless"),
    };
    let now = match of.retried {
        Retried::NotFailed(now) => state(now).human(session.out.voice()),
        _ => String::new(),
    };
    let words: [(&str, &dyn std::fmt::Display); 2] = [("letter", &of.id), ("state", &now)];
    FailureReport::new(code, exit, session.text(key, &words)).with_hint(session.text("outbox.hint", &[]))
}

const fn state(state: LetterState) -> Cell {
    let (text, tone) = match state {
        LetterState::Queued => ("outbox.state.queued", Tone::Plain),
        LetterState::Sending => ("outbox.state.sending", Tone::Plain),
        LetterState::Sent => ("outbox.state.sent", Tone::Good),
        LetterState::Failed => ("outbox.state.failed", Tone::Bad),
        LetterState::Unknown => ("outbox.state.unknown", Tone::Warn),
    };
    Cell::Word { code: state.as_str(), text, tone }
}
