//! `broadcast report`: how many codes a broadcast brought to the counter, who got the message, who did not and why;
//! also one line for each recipient.

use serde_json::json;

use super::view::status;
use crate::broadcast::{self, BroadcastId, Delivery, Fate, Report};
use crate::cli::args::BroadcastReport;
use crate::cli::output::{Cell, Column, Format, List, Tone};
use crate::cli::refuse::Wrong;
use crate::cli::session::Session;
use crate::ids::UserId;

/// The number of rows in one read of the broadcast's ledger of recipients: a read stays short, however long the ledger
/// is.
const STEP: u32 = 1000;

/// The columns of the report; the most important number comes first.
const COLUMNS: &[Column<Report>] = &[
    Column::new("redeemed", "stats.redeemed", |all| all.redeemed.into()),
    Column::new("redeemed_by_code", "broadcast_report.by_code", |all| all.redeemed_by_code.into()),
    Column::new("redeemed_within_7_days", "broadcast_report.within_7_days", |all| all.redeemed_within_7_days.into()),
    Column::new("conversion", "broadcast_report.conversion", |all| all.conversion().map(Cell::Share).into()),
    Column::new("issued", "broadcast_report.issued", |all| all.issued.into()),
    Column::new("with_amount", "stats.with_amount", |all| all.with_amount.into()),
    Column::new("amount", "column.spent", |all| Cell::Kopecks(all.amount)),
    Column::new("id", "column.id", |all| all.broadcast.id.into()),
    Column::new("title", "column.title", |all| (&all.broadcast.draft.title).into()),
    Column::new("status", "column.status", |all| status(all.broadcast.status)),
    Column::new("total_recipients", "column.recipients", |all| all.broadcast.counts.total().into()),
    Column::new("sent", "column.sent", |all| all.broadcast.counts.sent.into()),
    Column::new("failed", "column.failed", |all| all.broadcast.counts.failed.into()),
    Column::new("blocked", "broadcast_report.blocked", |all| all.blocked().into()),
    Column::new("unknown", "column.unknown", |all| all.broadcast.counts.unknown.into()),
    Column::new("skipped", "column.skipped", |all| all.broadcast.counts.skipped.into()),
    Column::new("queued", "column.queued", |all| all.broadcast.counts.queued.into()),
    Column::new("sending", "column.sending", |all| all.broadcast.counts.sending.into()),
    Column::new("recalled", "broadcast_report.recalled", |all| all.recalled.into()),
    Column::new("corrected", "broadcast_report.corrected", |all| all.corrected.into()),
    Column::new("started_at", "column.started_at", |all| all.broadcast.started_at.into()),
    Column::new("finished_at", "column.finished_at", |all| all.broadcast.finished_at.into()),
    Column::new("seconds", "broadcast_report.seconds", |all| all.seconds().into()),
    Column::new("per_minute", "broadcast_report.per_minute", |all| all.per_minute().into()),
    Column::new("failed_by_class", "broadcast_report.failed_by_class", |all| Cell::Json(json!(all.failed))),
    Column::new("skipped_by_reason", "broadcast_report.skipped_by_reason", |all| Cell::Json(json!(all.skipped))),
];
/// How many of the last columns hold maps; people are shown a table of outcomes instead.
const MAPS: usize = 2;

/// How many recipients had one outcome.
struct OutcomeCount {
    fate: Fate,
    class: String,
    count: i64,
}

const TALLIES: &[Column<OutcomeCount>] = &[
    Column::new("", "column.state", |tally| fate(tally.fate)),
    Column::new("", "column.reason", |tally| class(tally.fate, &tally.class)),
    Column::number("", "column.count", |tally| tally.count.into()),
];

const DELIVERIES: &[Column<Delivery>] = &[
    Column::number("user_id", "column.user_id", |one| one.user.into()),
    Column::new("user", "column.user", |one| (&one.user_name).into()),
    Column::new("state", "column.state", |one| fate(one.fate)),
    Column::new("class", "column.reason", |one| one.class.as_deref().map(|name| class(one.fate, name)).into()),
    Column::detail("attempt", "broadcast_report.attempt", |one| one.attempt.into()),
    Column::detail("message_id", "broadcast_report.message_id", |one| one.message_id.into()),
    Column::detail("error_code", "broadcast_report.error_code", |one| one.error_code.into()),
    Column::new("error", "column.error", |one| (&one.error).into()),
    Column::new("settled_at", "column.at", |one| one.settled_at.into()),
    Column::detail("recalled_at", "broadcast_report.recalled_at", |one| one.recalled_at.into()),
];

/// `broadcast report`: prints the report, or a page of the recipients in one state.
pub(super) fn report(session: &mut Session<'_>, args: &BroadcastReport) -> Result<(), Wrong> {
    let (realm, database) = (args.realm.realm(), session.database()?);
    let found = database.read(|view| broadcast::get_by_ref(view, realm, &args.broadcast))?;
    let state = if args.failed { Some(Fate::Failed) } else { args.state };
    if let Some(state) = state {
        let total = { found.counts }.of(state).unsigned_abs();
        let items = deliveries(session, (found.id, state), args)?;
        let id = |one: &Delivery| one.user.to_string();
        let schema = "dvorik.broadcast.delivery.list/1";
        session.out.list(&List { schema, columns: DELIVERIES, items: &items, total, id });
        return Ok(());
    }
    let report = database.read(|view| broadcast::report(view, found.id))?;
    let is_human = session.out.format() == Format::Human;
    let columns = if is_human { COLUMNS.get(..COLUMNS.len() - MAPS).unwrap_or(COLUMNS) } else { COLUMNS };
    session.out.one("dvorik.broadcast.report/1", columns, &report, &report.redeemed.to_string());
    if is_human {
        session.out.below(TALLIES, &tallies(&report));
    }
    Ok(())
}

/// The requested page of recipients, read step by step in the order of the customers' ids.
fn deliveries(
    session: &Session<'_>,
    (id, state): (BroadcastId, Fate),
    args: &BroadcastReport,
) -> Result<Vec<Delivery>, Wrong> {
    let (database, slice) = (session.database()?, args.page.slice());
    let (mut after, mut before, mut items) = (UserId(0), slice.offset, Vec::new());
    while items.len() < slice.limit as usize {
        let step = database.read(|view| broadcast::deliveries(view, id, Some(state), after, STEP))?;
        let Some(last) = step.last() else { break };
        after = last.user;
        let skipped = before.min(step.len() as u64);
        before -= skipped;
        let wanted = slice.limit as usize - items.len();
        items.extend(step.into_iter().skip(usize::try_from(skipped).unwrap_or(usize::MAX)).take(wanted));
    }
    Ok(items)
}

fn tallies(report: &Report) -> Vec<OutcomeCount> {
    let of = |fate, classes: &std::collections::BTreeMap<String, i64>| {
        let one = |(class, count): (&String, &i64)| OutcomeCount { fate, class: class.clone(), count: *count };
        classes.iter().map(one).collect::<Vec<_>>()
    };
    let mut all = of(Fate::Failed, &report.failed);
    all.extend(of(Fate::Skipped, &report.skipped));
    all.sort_by_key(|tally| std::cmp::Reverse(tally.count));
    all
}

const fn fate(fate: Fate) -> Cell {
    let (text, tone) = match fate {
        Fate::Queued => ("broadcast_report.fate.queued", Tone::Plain),
        Fate::Sending => ("broadcast_report.fate.sending", Tone::Plain),
        Fate::Sent => ("broadcast_report.fate.sent", Tone::Good),
        Fate::Failed => ("broadcast_report.fate.failed", Tone::Bad),
        Fate::Unknown => ("broadcast_report.fate.unknown", Tone::Warn),
        Fate::Skipped => ("broadcast_report.fate.skipped", Tone::Faint),
    };
    Cell::Word { code: fate.as_str(), text, tone }
}

/// The class of a recipient's failure (what Telegram's refusal means), or why the recipient was skipped.
fn class(fate: Fate, class: &str) -> Cell {
    let (code, text) = match (fate, class) {
        (Fate::Skipped, "blocked") => ("blocked", "broadcast_report.class.by_shop"),
        (_, "blocked") => ("blocked", "broadcast_report.class.blocked"),
        (_, "blocked_bot") => ("blocked_bot", "broadcast_report.class.blocked"),
        (_, "muted") => ("muted", "broadcast_report.class.muted"),
        (_, "erased") => ("erased", "broadcast_report.class.erased"),
        (_, "recurrence") => ("recurrence", "broadcast_report.class.recurrence"),
        (_, "canceled") => ("canceled", "broadcast_report.class.canceled"),
        (_, "gone") => ("gone", "broadcast_report.class.gone"),
        (_, "never_started") => ("never_started", "broadcast_report.class.never_started"),
        (_, "chat_gone") => ("chat_gone", "broadcast_report.class.chat_gone"),
        (_, "not_found") => ("not_found", "broadcast_report.class.not_found"),
        (_, "bad_message") => ("bad_message", "broadcast_report.class.bad_message"),
        (_, "bad_media") => ("bad_media", "broadcast_report.class.bad_media"),
        (_, "rejected") => ("rejected", "broadcast_report.class.rejected"),
        (_, "server_restart") => ("server_restart", "broadcast_report.class.server_restart"),
        (_, "unknown") => ("unknown", "broadcast_report.class.unknown"),
        _ => return Cell::Text(class.to_owned()),
    };
    Cell::Word { code, text, tone: Tone::Plain }
}
