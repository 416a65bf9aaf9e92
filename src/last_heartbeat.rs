//! The last heartbeat: when the daemon last told the outside watcher that it works, or tried to, and with which result.
//! Kept for `status` and `doctor`, which run in other processes. The watcher's address is a secret and is never stored.

use rusqlite::named_params;
use serde_json::json;

use crate::clock::Timestamp;
use crate::db::{Tx, View};
use crate::error::Result;
use crate::ids::words;

const PUT: &str = "INSERT INTO meta (key, value) VALUES ('heartbeat', :value)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value";
const FIND: &str = "SELECT value FROM meta WHERE key = 'heartbeat'";

words!(
    /// What became of a heartbeat.
    HeartbeatResult {
        /// The watcher took it (status 2xx).
        Sent = "sent",
        /// The watcher answered with another status.
        Refused = "refused",
        /// The watcher named another address; it was not followed.
        Redirected = "redirected",
        /// The watcher did not answer in time.
        TimedOut = "timed_out",
        /// The watcher was not reached.
        Unreached = "unreached",
        /// Nothing was requested: a loop or the writer hangs, or the database cannot be written.
        Held = "held",
    }
);

/// The last heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastHeartbeat {
    /// When it ended.
    pub at: Timestamp,
    /// What became of it.
    pub result: HeartbeatResult,
    /// The HTTP status of the watcher's answer; `None` without an answer.
    pub status: Option<u16>,
}

/// Stores what became of a heartbeat now.
pub fn note(tx: &Tx<'_>, result: HeartbeatResult, status: Option<u16>) -> Result<()> {
    let value = json!({ "at": tx.now().to_string(), "result": result, "status": status }).to_string();
    tx.change(PUT, named_params! { ":value": value })?;
    Ok(())
}

/// The last heartbeat; `None` when there was none.
pub fn last(view: &View<'_>) -> Result<Option<LastHeartbeat>> {
    let stored: Option<String> = view.find(FIND, [], |row| row.get(0))?;
    Ok(stored.as_deref().and_then(read))
}

fn read(text: &str) -> Option<LastHeartbeat> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let status = value.get("status").and_then(serde_json::Value::as_u64).and_then(|status| u16::try_from(status).ok());
    let at = Timestamp::parse(value.get("at")?.as_str()?)?;
    Some(LastHeartbeat { at, result: HeartbeatResult::parse(value.get("result")?.as_str()?)?, status })
}
