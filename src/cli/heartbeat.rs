//! The last heartbeat in words, for `status` and `doctor`.

use super::session::Session;
use crate::last_heartbeat::LastHeartbeat;

/// What became of a heartbeat: «доставлен 22.11.2026 14:05».
pub(super) fn told(session: &Session<'_>, last: &LastHeartbeat) -> String {
    let voice = session.out.voice();
    let at = voice.lang.date_time(last.at, voice.zone);
    let status = last.status.unwrap_or_default();
    session.text(&format!("heartbeat.{}", last.result.as_str()), &[("at", &at), ("status", &status)])
}
