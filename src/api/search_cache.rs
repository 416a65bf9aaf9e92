//! Caches the customers who match a filter of `/users`, so that the next page does not search again. An entry is used
//! for five seconds while no process commits (some filters depend on the time), for one second while others commit, and
//! never after a change through this API. Simultaneous requests for the same search share one lookup.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::realm::Realm;
use crate::user::Matches;

const UNCHANGED: Duration = Duration::from_secs(5);
const CHANGED: Duration = Duration::from_secs(1);
/// The most entries of the cache. With a million customers one entry takes 125 KB.
const MOST: usize = 32;

/// The key of a cache entry: what was searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Search {
    /// The realm of the customers.
    pub realm: Realm,
    /// The filter of the customers, as a segment's JSON.
    pub filter: Option<String>,
    /// Part of the customer's name or phone.
    pub search: Option<String>,
    /// Whether customers' phones were excluded from the search.
    pub names_only: bool,
}

struct CachedSearch {
    /// The database's version before the search.
    version: i64,
    changes: u64,
    since: Instant,
    found: Arc<Matches>,
}

type CacheSlot = Arc<Mutex<Option<CachedSearch>>>;

/// The cache of the most recent searches.
#[derive(Default)]
pub(super) struct SearchCache {
    /// The number of changes made through this API.
    changes: AtomicU64,
    places: Mutex<Vec<(Search, CacheSlot)>>,
}

impl SearchCache {
    /// Drops all entries of the cache after a change through this API: later requests see the change.
    pub(super) fn forget(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
    }

    /// A cached result of a search, or the result of `look`; the database is at `version`.
    ///
    /// # Errors
    /// The errors of `look`; then nothing is stored.
    pub(super) fn find(
        &self,
        sought: &Search,
        version: i64,
        look: impl FnOnce() -> Result<Matches>,
    ) -> Result<Arc<Matches>> {
        let place = self.place(sought);
        let mut kept = locked(&place);
        let changes = self.changes.load(Ordering::SeqCst);
        let is_good = |kept: &&CachedSearch| {
            let lasts = if kept.version == version { UNCHANGED } else { CHANGED };
            kept.changes == changes && kept.since.elapsed() < lasts
        };
        if let Some(kept) = kept.as_ref().filter(is_good) {
            return Ok(Arc::clone(&kept.found));
        }
        let since = Instant::now();
        let found = Arc::new(look()?);
        *kept = Some(CachedSearch { version, changes, since, found: Arc::clone(&found) });
        Ok(found)
    }

    fn place(&self, sought: &Search) -> CacheSlot {
        let mut places = locked(&self.places);
        if let Some((_, place)) = places.iter().find(|(known, _)| known == sought) {
            return Arc::clone(place);
        }
        if places.len() >= MOST {
            places.remove(0);
        }
        let place = CacheSlot::default();
        places.push((sought.clone(), Arc::clone(&place)));
        place
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(search: &str) -> Search {
        Search { realm: Realm::Real, filter: None, search: Some(search.to_owned()), names_only: true }
    }

    /// The total of the search in the cache; without a cached result, a search would find `now` customers.
    fn total(shelf: &SearchCache, sought: &Search, version: i64, now: i64) -> i64 {
        shelf.find(sought, version, || Ok(Matches::Everybody(now))).unwrap().total()
    }

    #[test]
    fn what_was_found_is_good_until_something_is_changed_here() {
        let shelf = SearchCache::default();
        assert_eq!(total(&shelf, &of("a"), 1, 7), 7);
        assert_eq!([total(&shelf, &of("a"), 1, 8), total(&shelf, &of("a"), 2, 8)], [7, 7]);
        let phones = Search { names_only: false, ..of("a") };
        assert_eq!(total(&shelf, &phones, 1, 8), 8, "who sees no phones is never given what was found by one");
        shelf.forget();
        assert_eq!(total(&shelf, &of("a"), 2, 9), 9);
        (0..MOST).for_each(|n| assert_eq!(total(&shelf, &of(&n.to_string()), 1, 1), 1));
        assert_eq!([total(&shelf, &of("a"), 2, 10), total(&shelf, &of("9"), 1, 2)], [10, 1]);
    }

    #[test]
    fn a_search_that_failed_is_not_kept() {
        let shelf = SearchCache::default();
        let failed = shelf.find(&of("a"), 1, || Err(crate::error::Refusal::OwnerOnly.into()));
        assert!(failed.is_err());
        assert_eq!(total(&shelf, &of("a"), 1, 3), 3);
    }

    #[test]
    fn of_many_who_ask_at_once_one_looks() {
        let (shelf, looked) = (SearchCache::default(), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    let look = || {
                        looked.fetch_add(1, Ordering::SeqCst);
                        Ok(Matches::Everybody(1))
                    };
                    shelf.find(&of("a"), 1, look).unwrap()
                });
            }
        });
        assert_eq!(looked.into_inner(), 1);
    }
}
