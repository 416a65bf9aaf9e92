//! Letters that did not arrive: Telegram refused them, or they were given up because it is unknown whether Telegram
//! accepted them. Admins are told, and the content of such a letter is kept for a week so that it can be sent again.

use rusqlite::named_params;
use serde_json::json;

use crate::actor::Actor;
use crate::audit;
use crate::clock::{Millis, Timestamp};
use crate::db::{Conditions, Slice, Tx, View, columns};
use crate::error::Result;
use crate::ids::{TelegramId, UserId, words};
use crate::outbox::{self, Claimed, LetterId, Settled, kept};
use crate::realm::{BotName, Realm};
use crate::staff::{self, Group};
use crate::telegram::reply::Class;
use crate::texts::nameless;
use crate::user::named_if;

words!(
    /// The state of a letter.
    LetterState {
        /// The letter waits to be sent.
        Queued = "queued",
        /// The letter's call is under way.
        Sending = "sending",
        /// Telegram confirmed the letter.
        Sent = "sent",
        /// Telegram refused the letter.
        Failed = "failed",
        /// It is unknown whether the letter was delivered, and it is not tried again by itself.
        Unknown = "unknown",
    }
);

words!(
    /// The states from which a letter may be sent again.
    Retriable {
        /// Telegram refused the letter.
        Failed = "failed",
        /// It is unknown whether the letter was delivered.
        Unknown = "unknown",
    }
);

impl From<Retriable> for LetterState {
    fn from(state: Retriable) -> Self {
        match state {
            Retriable::Failed => Self::Failed,
            Retriable::Unknown => Self::Unknown,
        }
    }
}

words!(
    /// The order of a list of letters.
    LetterOrder {
        /// The newest first.
        Newest = "-created_at",
        /// The oldest first.
        Oldest = "created_at",
    }
);

columns! {
    select: Undelivered as o from "outbox o LEFT JOIN users u
        ON u.telegram_id = o.chat_id AND u.is_test = (o.bot IN ('customer_test', 'staff_test')) AND o.chat_id > 0" {
        id, bot, chat = chat_id, state, kind, text_key, class, error, attempts = attempt, doubts, created = created_ms,
        settled = settled_ms, next = "iif(o.state = 'queued', o.not_before_ms, NULL)",
        is_retriable = (concat!("o.state IN ('failed', 'unknown') AND ", kept!())),
        user = "u.id", user_name = named_if("u.id", "u.first_name", "u.last_name", "u.username", (nameless!())),
    }
}
const ROWS: &str = select!();
const TABLE: &str = "FROM outbox o";
const RETRIABLE: &str = concat!(
    "SELECT o.id FROM outbox o INDEXED BY outbox_undelivered
    WHERE o.state = :state AND o.state IN ('failed', 'unknown') AND (o.bot IN ('customer_test', 'staff_test')) = :realm AND ",
    kept!(),
    " ORDER BY o.id"
);
const STATE: &str = "SELECT state FROM outbox WHERE id = :id";
const COUNT: &str = concat!(
    "SELECT count(*) FROM outbox o INDEXED BY outbox_undelivered
    WHERE o.bot = :bot AND o.state = :state AND o.state IN ('failed', 'unknown') AND ",
    kept!()
);
const LAST_REFUSED: &str = concat!(
    "SELECT coalesce(o.text_key, o.kind), coalesce(o.error, o.class, '') FROM outbox o INDEXED BY outbox_undelivered
    WHERE o.bot = :bot AND o.state = 'failed' AND o.state IN ('failed', 'unknown') AND ",
    kept!(),
    " ORDER BY o.settled_ms DESC LIMIT 1"
);
const TOLD: &str = "SELECT at_ms, untold FROM told WHERE what = :what AND bot = :bot AND about = :about";
const TELL: &str =
    "INSERT INTO told (what, bot, about, reason, at_ms, untold) VALUES (:what, :bot, :about, :reason, :now, 0)
    ON CONFLICT (what, bot, about) DO UPDATE SET reason = excluded.reason, at_ms = excluded.at_ms, untold = 0";
const COUNT_UNTOLD: &str = "UPDATE told SET untold = untold + 1, reason = :reason
    WHERE what = :what AND bot = :bot AND about = :about";
const UNTOLD: &str = "SELECT what, bot, about, reason, untold FROM told WHERE untold > 0 AND at_ms <= :before";
const FORGET_TOLD: &str = "DELETE FROM told WHERE untold = 0 AND at_ms < :before";
const FORGET_REASONS: &str = "UPDATE told SET reason = '' WHERE reason <> ''";

/// How long the content of undelivered letters is kept, in milliseconds.
const WORDS_KEPT_MS: i64 = 7 * 86_400_000;
/// The least time between two notices to admins about the same problem, in milliseconds.
const HOUR_MS: i64 = 3_600_000;

/// A letter in a list for admins.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the columns, described in the migrations")]
pub struct Undelivered {
    pub id: LetterId,
    pub bot: BotName,
    pub chat: TelegramId,
    pub state: LetterState,
    pub kind: String,
    pub text_key: Option<String>,
    pub class: Option<String>,
    pub error: Option<String>,
    pub attempts: i64,
    pub doubts: i64,
    pub created: Millis,
    pub settled: Option<Millis>,
    pub next: Option<Millis>,
    /// Whether the letter can be sent again.
    pub is_retriable: bool,
    pub user: Option<UserId>,
    pub user_name: Option<String>,
}

/// Which letters a list shows; a field that is `None` does not restrict it.
#[derive(Debug, Clone)]
pub struct LetterFilter {
    /// Letters in this state; `None` = letters in every state but `sent`.
    pub state: Option<LetterState>,
    /// Letters written at this instant or later.
    pub since: Option<Timestamp>,
    /// Letters written before this instant.
    pub until: Option<Timestamp>,
    /// The order of the list.
    pub order: LetterOrder,
}

/// One page of the letters of a realm that match, and the number of all that match.
pub fn list(view: &View<'_>, realm: Realm, filter: &LetterFilter, slice: Slice) -> Result<(Vec<Undelivered>, i64)> {
    let at = |shop: Timestamp| view.both_clocks().machine_at(shop);
    let (since, until) = (filter.since.map(at), filter.until.map(at));
    let realm_of = "(o.bot IN ('customer_test', 'staff_test')) = :realm";
    let mut fitting = Conditions::new(realm_of, ":realm", &realm)
        .and("o.state = :state", ":state", filter.state.as_ref())
        .and("o.created_ms >= :since", ":since", since.as_ref())
        .and("o.created_ms < :until", ":until", until.as_ref());
    if filter.state.is_none() {
        // A letter that a newer edit replaced is left out: its recipient lacks nothing.
        fitting = fitting.fixed("o.state <> 'sent'").fixed("o.class IS NOT 'replaced'");
    }
    let order = match filter.order {
        LetterOrder::Newest => "ORDER BY o.id DESC",
        LetterOrder::Oldest => "ORDER BY o.id",
    };
    Ok(fitting.page(view, (ROWS, TABLE, order), slice, Undelivered::from_row)?)
}

/// How many undelivered letters of a bot can be sent again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Letters that were given up: it is unknown whether they were delivered.
    pub given_up: i64,
    /// Letters that Telegram refused for a reason other than the recipient.
    pub refused: i64,
    /// The last refused letter: the key of its text (or its kind, if it was not made from a text), and Telegram's
    /// description.
    pub last_refused: Option<(String, String)>,
}

/// Counts the undelivered letters of `bot` that can be sent again.
pub fn counts(view: &View<'_>, bot: BotName) -> Result<Counts> {
    let count = |state: LetterState| view.get(COUNT, named_params! { ":bot": bot, ":state": state }, |row| row.get(0));
    let last_refused = view.find(LAST_REFUSED, named_params! { ":bot": bot }, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(Counts { given_up: count(LetterState::Unknown)?, refused: count(LetterState::Failed)?, last_refused })
}

/// The letters of a realm in `state` that can be sent again, oldest first.
pub fn retriable(view: &View<'_>, realm: Realm, state: LetterState) -> Result<Vec<LetterId>> {
    Ok(view.list(RETRIABLE, named_params! { ":state": state, ":realm": realm }, |row| row.get(0))?)
}

/// The result of [`retry`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retried {
    /// The letter waits to be sent again.
    Queued,
    /// There is no such letter.
    Missing,
    /// The letter is in this state: it was delivered, or waits already.
    NotFailed(LetterState),
    /// The letter's content is deleted: after a week, or because the recipient was erased or cannot be written to, or
    /// because a newer edit replaced the letter.
    ContentGone,
}

/// Sends one letter again, audited.
pub fn retry(tx: &Tx<'_>, id: LetterId, by: &Actor) -> Result<Retried> {
    let Some(state): Option<LetterState> = tx.find(STATE, &[(":id", &id)], |row| row.get(0))? else {
        return Ok(Retried::Missing);
    };
    if !matches!(state, LetterState::Failed | LetterState::Unknown) {
        return Ok(Retried::NotFailed(state));
    }
    if !outbox::send_again(tx, id)? {
        return Ok(Retried::ContentGone);
    }
    audit::record(
        tx,
        &audit::Entry {
            actor: by,
            action: "retry_letter",
            entity: "letter",
            entity_id: id.to_string(),
            before: json!({ "state": state.as_str() }),
            after: json!({ "state": LetterState::Queued.as_str() }),
        },
    )?;
    Ok(Retried::Queued)
}

/// Stores Telegram's answer to a letter, and tells admins if the letter will not arrive.
pub fn settle(tx: &Tx<'_>, letter: &Claimed, class: &Class, error: Option<&str>) -> Result<()> {
    let settled = outbox::settle(tx, letter, class, error)?;
    tell(tx, letter, settled, error.unwrap_or_else(|| class.as_str()))
}

/// Settles the letters that a crashed process left in flight, each as a doubtful attempt, and tells admins of those
/// given up. Call only while holding the sender's lock. Returns how many letters there were.
pub fn recover(tx: &Tx<'_>) -> Result<usize> {
    let recovered = outbox::recover(tx)?;
    for (letter, settled) in &recovered {
        tell(tx, letter, *settled, Class::Unknown.as_str())?;
    }
    Ok(recovered.len())
}

/// The kind of problem that admins are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Problem {
    GivenUp,
    Refused,
}

impl Problem {
    const fn text(self) -> &'static str {
        match self {
            Self::GivenUp => "notice_letters_given_up",
            Self::Refused => "notice_letter_refused",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::GivenUp, Self::Refused].into_iter().find(|what| what.text() == word)
    }
}

/// A problem of which admins are told at most once an hour.
struct Notice<'a> {
    problem: Problem,
    bot: BotName,
    /// The key of a refused letter's text, or the letter's kind; empty for letters that were given up.
    about: &'a str,
    reason: &'a str,
}

fn tell(tx: &Tx<'_>, letter: &Claimed, settled: Settled, reason: &str) -> Result<()> {
    let bot = letter.bot;
    let notice = match settled {
        Settled::GivenUp => Notice { problem: Problem::GivenUp, bot, about: "", reason },
        Settled::Refused => {
            let about = letter.text_key.as_deref().unwrap_or_else(|| letter.payload.kind());
            Notice { problem: Problem::Refused, bot, about, reason }
        }
        Settled::Over | Settled::Waits | Settled::Unreachable => return Ok(()),
    };
    let params = named_params! { ":what": notice.problem.text(), ":bot": bot, ":about": notice.about };
    let told: Option<(i64, i64)> = tx.find(TOLD, params, |row| Ok((row.get(0)?, row.get(1)?)))?;
    match told {
        // After the clock was set back, a stored time in the future must not silence the notice.
        Some((at, _)) if (at..at.saturating_add(HOUR_MS)).contains(&tx.now_ms().0) => {
            let params = named_params! {
                ":what": notice.problem.text(), ":bot": bot, ":about": notice.about, ":reason": notice.reason,
            };
            tx.change(COUNT_UNTOLD, params)?;
            Ok(())
        }
        told => say(tx, &notice, 1 + told.map_or(0, |(_, untold)| untold)),
    }
}

fn say(tx: &Tx<'_>, notice: &Notice<'_>, count: i64) -> Result<()> {
    let (count, bot) = (count.to_string(), notice.bot.as_str());
    let reason: String = notice.reason.chars().take(300).collect();
    let values = [("count", &*count), ("bot", bot), ("text_key", notice.about), ("reason", &*reason)];
    staff::tell_admins(tx, notice.bot.realm(), Group::Errors, notice.problem.text(), &values, None)?;
    tx.change(
        TELL,
        named_params! {
            ":what": notice.problem.text(), ":bot": notice.bot, ":about": notice.about, ":reason": reason, ":now": tx.now_ms(),
        },
    )?;
    Ok(())
}

/// Tells admins of each problem that occurred again since its last notice, if that notice is at least an hour old.
/// Deletes the content of up to 1,000 letters that were settled more than a week ago. Returns how many letters lost
/// their content.
pub fn tidy(tx: &Tx<'_>) -> Result<usize> {
    let before = tx.now_ms().plus(-HOUR_MS);
    let untold: Vec<(String, BotName, String, String, i64)> =
        tx.list(UNTOLD, named_params! { ":before": before }, |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })?;
    for (what, bot, about, reason, count) in &untold {
        if let Some(problem) = Problem::parse(what) {
            say(tx, &Notice { problem, bot: *bot, about, reason }, *count)?;
        }
    }
    tx.change(FORGET_TOLD, named_params! { ":before": before })?;
    outbox::forget_words(tx, tx.now_ms().plus(-WORDS_KEPT_MS))
}

/// Deletes Telegram's description of every problem that admins were told of: a description may quote a message to any
/// person, also to the one who is erased.
pub fn forget_reasons(tx: &Tx<'_>) -> Result<()> {
    tx.change(FORGET_REASONS, [])?;
    Ok(())
}
