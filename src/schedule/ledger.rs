//! Stores what jobs have done: the slots that are done, the last run of each job, and its lease. Clocks may jump: a
//! stored time that is further ahead than this code ever writes is ignored.

use rusqlite::named_params;
use serde_json::{Value as Json, json};

use super::{Cadence, Hour, Name, Slot, Trigger};
use crate::actor::Actor;
use crate::audit;
use crate::clock::{Millis, ShopMillis, Timestamp};
use crate::db::{Tx, View, columns};
use crate::error::Result;
use crate::realm::Realm;
use crate::staff::{self, Group};

const INSERT_MISSING: &str = "INSERT INTO jobs (name, since_ms) VALUES (:name, :now) ON CONFLICT DO NOTHING";
columns! {
    select: Stored from "jobs" {
        since_ms, started = started_ms, ended = ended_ms, outcome = result, count, facts, error, failures, retry_ms,
        lease, leased_ms,
    }
}
const FIND: &str = select!("WHERE name = :name");
// A slot counts as done if it was marked. Exception: its previous slot was marked after it. Then the clock had jumped
// ahead when the slot was marked.
const IS_DONE: &str = "SELECT 1 FROM job_slots s WHERE s.job = :job AND s.slot = :slot
    AND NOT EXISTS (SELECT 1 FROM job_slots b WHERE b.job = :job AND b.slot = :before AND b.id > s.id)";
const UNMARK: &str = "DELETE FROM job_slots WHERE job = :job AND slot = :slot";
const MARK: &str = "INSERT INTO job_slots (job, slot, done_ms) VALUES (:job, :slot, :now)";
const TAKE: &str =
    "UPDATE jobs SET slot = :slot, started_ms = :now, lease = :lease, leased_ms = :until WHERE name = :name";
const RENEW: &str = "UPDATE jobs SET leased_ms = :until WHERE name = :name AND lease = :lease";
const LET_GO: &str = "UPDATE jobs SET lease = NULL, leased_ms = NULL WHERE name = :name AND lease = :lease";
const END: &str = "UPDATE jobs SET ended_ms = :now, result = :result, count = :count, facts = :facts, error = :error,
        failures = :failures, retry_ms = :retry, lease = NULL, leased_ms = NULL WHERE name = :name AND lease = :lease";
const FORGET: &str = "DELETE FROM job_slots WHERE id IN (SELECT id FROM job_slots WHERE done_ms < :before LIMIT 1000)";

/// How long a lease lasts without renewal, in milliseconds. After that another process may run the job, so a dead
/// process does not block it.
const LEASE_MS: i64 = 120_000;
/// A job that has been due for longer than this many seconds is late.
const LATE_S: i64 = 2 * 3600;
const FIRST_PAUSE_MS: i64 = 60_000;
const LONGEST_PAUSE_MS: i64 = 3_600_000;
/// Slots are kept for at least this many days: after the clock has jumped, the slots of the right time are still there.
const LEAST_KEPT_DAYS: i64 = 400;

/// The right to run a job now, given by [`begin`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The job that may run.
    pub name: Name,
    /// The slot for which the job runs; `None` for a job without slots.
    pub slot: Option<Slot>,
    token: String,
}

/// Whether a job may run, as [`begin`] decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// The job may run under this lease.
    Yes(Lease),
    /// The job is already done for its slot, or its hour has not come.
    NotDue {
        /// When the job is due next.
        next: Timestamp,
    },
    /// Another process is running the job.
    Busy,
}

/// How a run of a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The job ran to its end.
    Done {
        /// How many things the job did: gifts, reminders, deleted rows and so on.
        count: i64,
        /// How many things the job could not do.
        left_out: i64,
        /// Further figures of the run, for programs.
        facts: Json,
    },
    /// The job failed and is retried.
    Failed {
        /// The error text, as in the daemon's log.
        why: String,
    },
}

crate::ids::words!(
    /// The outcome of a run.
    Outcome as JobOutcome {
        /// The job did everything that was due.
        Done = "done",
        /// The job did part of what was due.
        Partly = "partly",
        /// Nothing was due.
        Nothing = "nothing",
        /// The job failed.
        Failed = "failed",
    }
);

/// The row of a job, and when the job is due next.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields are the columns, described in the migration")]
pub struct JobStatus {
    pub name: Name,
    /// When the job got its row in this database; `None` before the first scheduler or `job run`.
    pub since: Option<Timestamp>,
    pub started: Option<ShopMillis>,
    pub ended: Option<ShopMillis>,
    pub outcome: Option<Outcome>,
    pub count: i64,
    pub facts: Json,
    pub error: Option<String>,
    pub failures: i64,
    /// Whether a process is running the job now.
    pub is_running: bool,
    /// When the job is due; in the past when it is overdue, `None` for a job that is always due.
    pub next: Option<Timestamp>,
}

impl JobStatus {
    /// How long the job's last run took, in milliseconds; `None` before the first run has ended, while a newer run is
    /// under way, or after the clock was set back.
    #[must_use]
    pub fn duration_ms(&self) -> Option<i64> {
        let (started, ended) = (self.started?, self.ended?);
        (ended >= started).then(|| ended.0.saturating_sub(started.0))
    }

    /// How many seconds the job is overdue; `None` up to two hours (which a scheduler or cron may take to start it),
    /// while the job runs, and for a job that is always due.
    #[must_use]
    pub fn late_s(&self, now: Timestamp) -> Option<i64> {
        let late = now.0.saturating_sub(self.next?.max(self.since?).0);
        (late > LATE_S && !self.is_running).then_some(late)
    }
}

#[derive(Default)]
struct Stored {
    since_ms: Option<i64>,
    started: Option<ShopMillis>,
    ended: Option<ShopMillis>,
    outcome: Option<Outcome>,
    count: i64,
    facts: Option<String>,
    error: Option<String>,
    failures: i64,
    retry_ms: Option<i64>,
    lease: Option<String>,
    leased_ms: Option<i64>,
}

impl Stored {
    fn is_leased(&self, now: Millis) -> bool {
        self.lease.is_some() && is_ahead(self.leased_ms, now, LEASE_MS)
    }

    fn rests(&self, now: Millis) -> bool {
        is_ahead(self.retry_ms, now, LONGEST_PAUSE_MS)
    }
}

/// Whether `at` lies ahead of `now` by at most `furthest` milliseconds. This code never writes a time further ahead:
/// such a time was written while the clock was wrong, and is ignored.
fn is_ahead(at: Option<i64>, now: Millis, furthest: i64) -> bool {
    at.is_some_and(|at| at > now.0 && at <= now.0.saturating_add(furthest))
}

/// Inserts the rows of jobs that have none in this database yet.
pub fn insert_missing(tx: &Tx<'_>) -> Result<()> {
    for name in Name::ALL {
        tx.change(INSERT_MISSING, named_params! { ":name": name, ":now": tx.shop_ms() })?;
    }
    Ok(())
}

/// Whether the scheduler should start this job now.
pub fn due(view: &View<'_>, name: Name) -> Result<bool> {
    let stored = stored(view, name)?;
    let now = view.now_ms();
    match slot(view, name, Trigger::BySchedule)? {
        Some(slot) => Ok(is_open(view, name, &slot, &stored)? && !stored.rests(now) && !stored.is_leased(now)),
        None => {
            let is_asked = matches!(name.cadence(), Cadence::EveryTick);
            Ok(is_asked && !stored.rests(now) && !stored.is_leased(now))
        }
    }
}

/// Records in the audit log that a person asked for a job.
pub fn note_asked(tx: &Tx<'_>, name: Name, by: &Actor) -> Result<()> {
    let (before, after) = (Json::Null, json!({ "asked": true }));
    let entity_id = name.to_string();
    audit::record(tx, &audit::Entry { actor: by, action: "run_job", entity: "job", entity_id, before, after })
}

/// Takes the lease of a job if it is due and no other process has it. A person's request ignores the pause after a
/// failure.
pub fn begin(tx: &Tx<'_>, name: Name, asked: Trigger) -> Result<Begun> {
    let mut stored = stored(tx, name)?;
    if stored.since_ms.is_none() {
        insert_missing(tx)?;
        stored.since_ms = Some(tx.shop_ms().0);
    }
    let slot = slot(tx, name, asked)?;
    if let Some(slot) = &slot {
        let is_open = match asked {
            Trigger::BySchedule => is_open(tx, name, slot, &stored)?,
            Trigger::ByHand => !is_done(tx, name, slot)?,
        };
        if !is_open {
            return Ok(Begun::NotDue { next: slot.next });
        }
    }
    if stored.is_leased(tx.now_ms()) {
        return Ok(Begun::Busy);
    }
    let lease = Lease { name, slot, token: crate::secret::random_text(12) };
    tx.change(
        TAKE,
        named_params! {
            ":name": name, ":slot": lease.slot.as_ref().map(|slot| &slot.key), ":now": tx.shop_ms(),
            ":lease": lease.token, ":until": tx.now_ms().plus(LEASE_MS),
        },
    )?;
    Ok(Begun::Yes(lease))
}

/// Extends the lease of a running job.
pub fn renew(tx: &Tx<'_>, lease: &Lease) -> Result<()> {
    let until = tx.now_ms().plus(LEASE_MS);
    tx.change(RENEW, named_params! { ":name": lease.name, ":lease": lease.token, ":until": until })?;
    Ok(())
}

/// Gives the lease back without finishing, as at a shutdown: the job remains due.
pub fn release(tx: &Tx<'_>, lease: &Lease) -> Result<()> {
    tx.change(LET_GO, named_params! { ":name": lease.name, ":lease": lease.token })?;
    Ok(())
}

/// Marks the slot as done; call it in the transaction that decides the job's effect. `false` when the slot is marked
/// already: then the caller must not make the effect.
pub fn mark(tx: &Tx<'_>, lease: &Lease) -> Result<bool> {
    let Some(slot) = &lease.slot else { return Ok(true) };
    if is_done(tx, lease.name, slot)? {
        return Ok(false);
    }
    tx.change(UNMARK, named_params! { ":job": lease.name, ":slot": slot.key })?;
    tx.change(MARK, named_params! { ":job": lease.name, ":slot": slot.key, ":now": tx.shop_ms() })?;
    Ok(true)
}

/// Stores how a run of a job ended. Admins are told of a failure once per slot; the job is retried after a growing
/// pause.
pub fn finish(tx: &Tx<'_>, lease: &Lease, ended: &Ended) -> Result<()> {
    let before = stored(tx, lease.name)?;
    let (outcome, count, facts, error) = match ended {
        Ended::Done { count: 0, left_out: 0, facts } => (Outcome::Nothing, 0, Some(facts.to_string()), None),
        Ended::Done { count, left_out: 0, facts } => (Outcome::Done, *count, Some(facts.to_string()), None),
        Ended::Done { count, facts, .. } => (Outcome::Partly, *count, Some(facts.to_string()), None),
        Ended::Failed { why } => (Outcome::Failed, 0, None, Some(why)),
    };
    let failures = if outcome == Outcome::Failed { before.failures + 1 } else { 0 };
    tx.change(
        END,
        named_params! {
            ":name": lease.name, ":lease": lease.token, ":now": tx.shop_ms(), ":result": outcome, ":count": count,
            ":facts": facts, ":error": error, ":failures": failures,
            ":retry": (failures > 0).then(|| tx.now_ms().plus(pause_ms(failures))),
        },
    )?;
    match error {
        Some(why) => tell(tx, lease, why),
        None => Ok(()),
    }
}

/// The pause after a job's failure: a minute, doubled at each further failure, at most an hour.
fn pause_ms(failures: i64) -> i64 {
    let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or(u32::MAX);
    2_i64
        .checked_pow(doublings)
        .map_or(LONGEST_PAUSE_MS, |times| FIRST_PAUSE_MS.saturating_mul(times))
        .min(LONGEST_PAUSE_MS)
}

fn tell(tx: &Tx<'_>, lease: &Lease, why: &str) -> Result<()> {
    let key = if lease.name == Name::Backup { "notice_backup_failed" } else { "notice_job_failed" };
    let slot = lease.slot.as_ref().map_or_else(|| tx.today(), |slot| slot.day.to_string());
    let once = format!("{}:{slot}", lease.name);
    let why: String = why.chars().take(300).collect();
    let values = [("job", lease.name.as_str()), ("why", &*why)];
    staff::tell_admins(tx, Realm::Real, Group::Errors, key, &values, Some(&once))
}

/// The state of every job.
pub fn list(view: &View<'_>) -> Result<Vec<JobStatus>> {
    Name::ALL.iter().map(|name| status_of(view, *name)).collect()
}

fn status_of(view: &View<'_>, name: Name) -> Result<JobStatus> {
    let stored = stored(view, name)?;
    let next = match slot(view, name, Trigger::BySchedule)? {
        Some(slot) if is_open(view, name, &slot, &stored)? => Some(slot.at),
        Some(slot) => Some(slot.next),
        None => None,
    };
    Ok(JobStatus {
        name,
        since: stored.since_ms.map(|since| ShopMillis(since).timestamp()),
        started: stored.started,
        ended: stored.ended,
        outcome: stored.outcome,
        count: stored.count,
        is_running: stored.is_leased(view.now_ms()),
        facts: stored.facts.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Json::Null),
        error: stored.error,
        failures: stored.failures,
        next,
    })
}

/// Deletes up to 1,000 slots that were done longer ago than the setting `log_retention_days` (at least 400 days).
/// Returns how many.
pub fn forget_old(tx: &Tx<'_>) -> Result<usize> {
    let kept = crate::settings::LOG_RETENTION_DAYS.int(tx)?.max(LEAST_KEPT_DAYS);
    Ok(tx.change(FORGET, named_params! { ":before": tx.shop_ms().plus(-kept * 86_400_000) })?)
}

fn slot(view: &View<'_>, name: Name, asked: Trigger) -> Result<Option<Slot>> {
    let cadence = name.cadence();
    let hour = match cadence {
        Cadence::Daily(hour) | Cadence::Weekly(hour) => match hour {
            Hour::Set(setting) => u32::try_from(setting.int(view)?).unwrap_or_default(),
            Hour::Fixed(hour) => hour,
        },
        Cadence::Always | Cadence::EveryTick | Cadence::Hourly => 0,
    };
    Ok(cadence.slot(hour, view.now(), view.zone(), asked))
}

/// Whether the job should run for this slot: the slot is not done and, for jobs that count from their first day, is not
/// the slot that was current when the job got its row.
fn is_open(view: &View<'_>, name: Name, slot: &Slot, stored: &Stored) -> Result<bool> {
    let since = stored.since_ms.map_or(view.shop_ms(), ShopMillis);
    let is_of_before = name.counts_from_its_first_day() && slot.next.millis() > since && slot.at.millis() < since;
    Ok(!is_of_before && !is_done(view, name, slot)?)
}

fn is_done(view: &View<'_>, name: Name, slot: &Slot) -> Result<bool> {
    let params = named_params! { ":job": name, ":slot": slot.key, ":before": slot.before };
    Ok(view.find(IS_DONE, params, |_| Ok(()))?.is_some())
}

fn stored(view: &View<'_>, name: Name) -> Result<Stored> {
    Ok(view.find(FIND, named_params! { ":name": name }, Stored::from_row)?.unwrap_or_default())
}
