//! What SIGHUP does. A closing terminal sends SIGHUP to end the daemon, as SIGTERM does; a process supervisor such as
//! systemd sends SIGHUP to have the configuration read again. Which meaning applies is decided at the start: if the
//! standard input is a terminal, SIGHUP ends the daemon. A process that was started with SIGHUP ignored (nohup) keeps
//! ignoring SIGHUP.

use std::io::IsTerminal;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The meaning of SIGHUP for this process.
pub(super) struct Hangup {
    /// The signal to wait for; `None`: SIGHUP is ignored.
    signal: Option<Signal>,
    at_terminal: bool,
}

/// What the daemon does after a SIGHUP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SignalAction {
    /// The daemon ends as after SIGTERM.
    Drain,
    /// The daemon reads the configuration again.
    Reload,
}

impl Hangup {
    /// Decides by the standard input and by whether the process was started with SIGHUP ignored.
    ///
    /// # Errors
    /// The system cannot register the signal handler.
    pub(super) fn decided() -> std::io::Result<Self> {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let signal = if is_ignored(&status) { None } else { Some(signal(SignalKind::hangup())?) };
        Ok(Self { signal, at_terminal: std::io::stdin().is_terminal() })
    }

    /// Waits for the next SIGHUP; never returns if SIGHUP is ignored.
    pub(super) async fn heard(&mut self) -> SignalAction {
        let Some(signal) = &mut self.signal else { return std::future::pending().await };
        if signal.recv().await.is_none() {
            return std::future::pending().await;
        }
        if self.at_terminal { SignalAction::Drain } else { SignalAction::Reload }
    }
}

/// Whether the `SigIgn` mask in `/proc/self/status` has SIGHUP (signal 1, the lowest bit).
fn is_ignored(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bit_of_the_mask_is_sighup() {
        let status = |mask: &str| format!("Name:\tdvorik\nSigBlk:\t0000000000000001\nSigIgn:\t{mask}\n");
        assert!(is_ignored(&status("0000000000000001")) && is_ignored(&status("0000000000001001")));
        assert!(!is_ignored(&status("0000000000001000")) && !is_ignored(&status("odd")) && !is_ignored(""));
    }
}
