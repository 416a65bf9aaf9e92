//! Arguments that several nouns share: pages and periods of lists, the realm, `--yes` and `--dry-run`, texts.

use std::path::PathBuf;

use chrono::NaiveDate;

use super::values::{self, Age, Since};
use crate::clock::{Timestamp, Zone};
use crate::db::Slice;
use crate::realm::Realm;

/// Which page of a list is printed, and how many rows a page has.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(in crate::cli) struct Page {
    // A negative number must be refused as out of range, and not be taken for an option.
    #[arg(long, value_name = "N", default_value_t = 50, allow_negative_numbers = true,
        value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true,
        value_parser = clap::value_parser!(u32).range(1..))]
    pub page: u32,
}

impl Page {
    /// How many rows come before this page.
    pub(in crate::cli) const fn offset(self) -> u64 {
        (self.page as u64 - 1) * self.limit as u64
    }

    /// The limit and offset of this page.
    pub(in crate::cli) const fn slice(self) -> Slice {
        Slice { limit: self.limit, offset: self.offset() }
    }

    /// The rows of this page out of all rows, for lists that are always short.
    pub(in crate::cli) fn of<T>(self, all: Vec<T>) -> Vec<T> {
        let before = usize::try_from(self.offset()).unwrap_or(usize::MAX);
        all.into_iter().skip(before).take(self.limit as usize).collect()
    }
}

/// Whether the command works on the rows of the real shop or of the test bots.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(in crate::cli) struct RealmArg {
    #[arg(long)]
    pub test_data: bool,
}

impl RealmArg {
    /// The realm of the rows that the command uses.
    pub(in crate::cli) const fn realm(self) -> Realm {
        Realm::from_is_test(self.test_data)
    }
}

/// The start and the end of a period.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(in crate::cli) struct TimeSpan {
    #[arg(long, value_name = "SINCE", value_parser = values::since)]
    pub since: Option<Since>,
    #[arg(long, value_name = "DATE", value_parser = values::date)]
    pub until: Option<NaiveDate>,
}

impl TimeSpan {
    /// The first instant of the period, and the first instant after its last day.
    pub(in crate::cli) fn instants(self, zone: Zone, now: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        let today = zone.day(now);
        let since = self.since.map(|since| zone.start_of(since.day(today)));
        (since, self.until.map(|day| zone.start_of(day.succ_opt().unwrap_or(day))))
    }
}

/// The sort order of a list whose rows have only one time to sort by.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(in crate::cli) struct ByTime {
    #[arg(long, value_name = "ORDER", allow_hyphen_values = true, value_parser = values::by_time)]
    pub sort: Option<Age>,
}

impl ByTime {
    pub(in crate::cli) fn is_oldest_first(self) -> bool {
        self.sort == Some(Age::Oldest)
    }
}

/// The period, sort order and page of a list.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(in crate::cli) struct Window {
    #[command(flatten)]
    pub span: TimeSpan,
    #[command(flatten)]
    pub sort: ByTime,
    #[command(flatten)]
    pub page: Page,
}

impl Window {
    /// The rows of this page, in the requested order, and the number of rows of the whole period; for a list that is
    /// short enough to be read as a whole.
    pub(in crate::cli) fn of<T>(
        self,
        (zone, now): (Zone, Timestamp),
        all: Vec<T>,
        at: impl Fn(&T) -> Timestamp,
    ) -> (Vec<T>, u64) {
        let (since, until) = self.span.instants(zone, now);
        let is_within =
            |row: &T| since.is_none_or(|since| at(row) >= since) && until.is_none_or(|until| at(row) < until);
        let mut rows: Vec<T> = all.into_iter().filter(is_within).collect();
        match self.sort.sort {
            None => {}
            Some(Age::Oldest) => rows.sort_by_key(&at),
            Some(Age::Newest) => rows.sort_by_key(|row| std::cmp::Reverse(at(row))),
        }
        let total = rows.len() as u64;
        (self.page.of(rows), total)
    }
}

/// `--yes` and `--dry-run` of a command that changes more than one thing.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(in crate::cli) struct Care {
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    #[arg(short, long)]
    pub yes: bool,
}

/// A text for Telegram, from the command line or from a file (`-` = stdin).
#[derive(Debug, Clone, clap::Args)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct TextArgs {
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub text: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub text_file: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::values::{by_time, date, lifetime, since};
    use super::*;

    #[test]
    fn a_list_is_cut_and_ordered_by_its_time() {
        let at = |day: i64| Timestamp(day * 86_400);
        let span = TimeSpan { since: since("1970-01-03").ok(), until: date("1970-01-05").ok() };
        let window =
            |sort: &str| Window { span, sort: ByTime { sort: by_time(sort).ok() }, page: Page { limit: 2, page: 1 } };
        let rows = || vec![1, 4, 2, 3, 9];
        assert_eq!(window("").of((Zone::UTC, at(9)), rows(), |day| at(*day)), (vec![4, 2], 3), "the list's own order");
        assert_eq!(window("created_at").of((Zone::UTC, at(9)), rows(), |day| at(*day)), (vec![2, 3], 3));
        assert_eq!(window("-created_at").of((Zone::UTC, at(9)), rows(), |day| at(*day)), (vec![4, 3], 3));
        assert_eq!(["name", "--at", ""].map(by_time), [Err("cli.not_by_time"); 3]);
        assert_eq!(["90d", "0d", "90", "4000d"].map(|text| lifetime(text).ok()), [Some(90), None, None, None]);
    }
}
