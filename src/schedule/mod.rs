//! The names of the jobs and when each is due, in the order in which lists show them. `slot` is the pure rule of when a
//! job is due. `ledger` stores what was done, so that a job runs once per slot, even with several processes and clocks
//! that jump. `crate::jobs` has what each job does.

mod ledger;
mod slot;

pub use ledger::{
    Begun, Ended, JobStatus, Lease, Outcome, begin, due, finish, forget_old, insert_missing, list, mark, note_asked,
    release, renew,
};
pub use slot::{Cadence, Hour, Slot, Trigger};

use crate::ids::words;
use crate::settings;

words!(
    /// A job's name, as in the argument of `job run`.
    Name {
        /// Issues birthday gifts and congratulates customers.
        Birthdays = "birthdays",
        /// Reminds customers of unused codes.
        Reminders = "reminders",
        /// Starts broadcasts whose time has come.
        Broadcasts = "broadcasts",
        /// Delivers due letters.
        Outbox = "outbox",
        /// Asks Telegram about a part of the subscribers: whether they still follow the channel.
        Subscriptions = "subscriptions",
        /// Deletes expired rows.
        Cleanup = "cleanup",
        /// Makes a backup and deletes expired backups.
        Backup = "backup",
        /// Sends the week's figures to admins.
        Report = "report",
    }
);

/// The shop's hour for asking Telegram about many customers: at night few people wait for answers of the bots.
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

    /// Whether the job asks Telegram, or writes letters whenever it has something to do.
    #[must_use]
    pub const fn needs_telegram(self) -> bool {
        !matches!(self, Self::Cleanup | Self::Backup)
    }

    /// Whether this job skips the slot that was current when the job got its row in this database: a new shop needs no
    /// backup or report of a week before it opened. Other jobs run at once in a new shop: this is harmless, and their
    /// own tables prevent that an effect is repeated.
    const fn counts_from_its_first_day(self) -> bool {
        matches!(self, Self::Backup | Self::Report)
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
