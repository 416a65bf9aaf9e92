//! The shop's clock of a demo, as rows of `meta`. A database without `meta.demo` is a real shop, whose clock is the
//! machine's, whatever `meta.demo_clock` says.

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OpenFlags};

use super::{Database, Failure, Tx, View};
use crate::clock::{Clock, ClockPiece, ShopClock};

const FIND: &str = "SELECT value FROM meta WHERE key = 'demo_clock' AND EXISTS
    (SELECT 1 FROM meta WHERE key = 'demo' AND value = '1')";
const PUT: &str = "INSERT INTO meta (key, value) VALUES ('demo', '1'), ('demo_clock', :pieces)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value";

/// The clock of a database: in a demo the shop's own, which the rows of `meta` describe; else `clock`.
pub(super) fn of(connection: &Connection, clock: Clock) -> Clock {
    if !matches!(clock, Clock::System) {
        return clock;
    }
    let text: Option<String> = connection.query_row(FIND, [], |row| row.get(0)).ok();
    text.and_then(|text| parse(&text)).map_or(clock, |pieces| Clock::Demo(Arc::new(ShopClock::new(pieces))))
}

fn parse(text: &str) -> Option<Vec<ClockPiece>> {
    serde_json::from_str(text).ok()
}

/// Stores the pieces of the shop's clock and makes the database that of a demo. For the demo alone.
pub fn set_demo_clock(tx: &Tx<'_>, pieces: &[ClockPiece]) -> Result<(), Failure> {
    let pieces = serde_json::to_string(pieces).unwrap_or_default();
    tx.change(PUT, &[(":pieces", &pieces)]).map(drop)
}

/// Whether this is the database of a demo, whose people are invented.
pub fn is_demo(view: &View<'_>) -> Result<bool, Failure> {
    Ok(view.find(FIND, [], |_| Ok(()))?.is_some())
}

/// Whether the database at `path` is that of a demo; `false` when it cannot be read.
#[must_use]
pub fn is_demo_file(path: &Path) -> bool {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let found = |connection: &Connection| connection.query_row(FIND, [], |_| Ok(()));
    path.exists() && super::connect(path, flags).ok().is_some_and(|connection| found(&connection).is_ok())
}

impl Database {
    /// Reads the shop's clock again, because another process may have changed it. Does nothing for a real shop.
    pub fn reload_clock(&self) {
        let Clock::Demo(clock) = self.clock() else { return };
        let read = |view: &View<'_>| view.find(FIND, [], |row| row.get::<_, String>(0));
        if let Some(pieces) = self.read::<_, Failure, _>(read).ok().flatten().and_then(|text| parse(&text)) {
            clock.set(pieces);
        }
    }
}
