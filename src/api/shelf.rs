//! Who fitted a filter of `/users` a moment ago, so that the next page does not look for them again. What stands here is
//! used only while nobody has committed anything, and for five seconds at most: some filters depend on the time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::realm::Realm;
use crate::user::Found;

const FRESH: Duration = Duration::from_secs(5);
/// Of a million customers one takes 125 KB.
const MOST: usize = 32;

/// What a search was for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sought {
    /// In which world.
    pub realm: Realm,
    /// The segment's filter.
    pub filter: Option<String>,
    /// Part of a name or phone.
    pub search: Option<String>,
    /// Whether phones were left alone.
    pub names_only: bool,
}

struct Kept {
    sought: Sought,
    version: i64,
    since: Instant,
    found: Arc<Found>,
}

/// The last few searches, the newest last.
#[derive(Default)]
pub(super) struct Shelf(Mutex<Vec<Kept>>);

impl Shelf {
    /// What was found, if the database is still at `version`.
    pub(super) fn find(&self, sought: &Sought, version: i64) -> Option<Arc<Found>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = |kept: &&Kept| kept.version == version && kept.since.elapsed() < FRESH;
        kept.iter().find(|kept| kept.sought == *sought).filter(is_fresh).map(|kept| Arc::clone(&kept.found))
    }

    /// Keeps what was found after the database was at `version`.
    pub(super) fn keep(&self, sought: Sought, version: i64, found: &Arc<Found>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|kept| kept.sought != sought && kept.version == version);
        if kept.len() >= MOST {
            kept.remove(0);
        }
        kept.push(Kept { sought, version, since: Instant::now(), found: Arc::clone(found) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(search: &str) -> Sought {
        Sought { realm: Realm::Real, filter: None, search: Some(search.to_owned()), names_only: true }
    }

    #[test]
    fn what_was_found_is_good_until_somebody_commits() {
        let (shelf, found) = (Shelf::default(), Arc::new(Found::Everybody(7)));
        shelf.keep(of("a"), 1, &found);
        assert_eq!(shelf.find(&of("a"), 1).map(|found| found.total()), Some(7));
        assert!(shelf.find(&of("a"), 2).is_none() && shelf.find(&of("b"), 1).is_none());
        let phones = Sought { names_only: false, ..of("a") };
        assert!(shelf.find(&phones, 1).is_none(), "who may not see phones is never given what was found by one");
        (0..MOST).for_each(|n| shelf.keep(of(&n.to_string()), 1, &found));
        assert!(shelf.find(&of("a"), 1).is_none() && shelf.find(&of("0"), 1).is_some());
    }
}
