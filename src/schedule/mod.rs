//! What the shop does by itself and when: the jobs in the order people read them, each with its cadence. `slot` is the
//! pure rule of when a job is due, `ledger` keeps what was done, so that a job is done once for its day however many
//! processes and clocks ask. What a job does stands in `jobs/`.

mod ledger;
mod slot;

pub use ledger::{
    Begun, Ended, JobStatus, Lease, Outcome, begin, due, finish, forget_old, list, mark, meet, note_asked, release,
    renew,
};
pub use slot::{Cadence, Hour, Slot, Trigger};

use crate::ids::words;
use crate::settings;

words!(
    /// A job. The word is the argument of `job run`.
    Name {
        /// Gifts and congratulations.
        Birthdays = "birthdays",
        /// Reminders of codes not used yet.
        Reminders = "reminders",
        /// Starts broadcasts whose time has come.
        Broadcasts = "broadcasts",
        /// Delivers what is due.
        Outbox = "outbox",
        /// Asks about a slice of subscribers whether they still are.
        Subscriptions = "subscriptions",
        /// Forgets what has had its time.
        Cleanup = "cleanup",
        /// Backs the database up and thins old backups out.
        Backup = "backup",
        /// The week's figures to admins.
        Report = "report",
    }
);

/// Telegram is asked about many people when nobody waits for answers.
const NIGHT_HOUR: u32 = 2;

impl Name {
    /// How often the job is due.
    #[must_use]
    pub const fn cadence(self) -> Cadence {
        match self {
            Self::Birthdays => Cadence::Daily(Hour::Set(&settings::BIRTHDAY_HOUR)),
            Self::Reminders => Cadence::Hourly,
            Self::Broadcasts | Self::Outbox => Cadence::Always,
            Self::Subscriptions => Cadence::Daily(Hour::Fixed(NIGHT_HOUR)),
            Self::Cleanup => Cadence::Daily(Hour::Set(&settings::CLEANUP_HOUR)),
            Self::Backup => Cadence::Daily(Hour::Set(&settings::BACKUP_HOUR)),
            Self::Report => Cadence::Weekly(Hour::Set(&settings::REPORT_HOUR)),
        }
    }

    /// Whether a day before this database knew the job counts as missed. What is harmless and guarded by rows of its own
    /// is done at once; nobody wants a report of the week before they opened.
    const fn counts_from_its_first_day(self) -> bool {
        matches!(self, Self::Backup | Self::Report)
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
