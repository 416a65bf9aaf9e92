//! SIGHUP. A terminal that closes sends it, and then everything ends as with SIGTERM; a supervisor sends it to have the
//! configuration read again. Which of the two it means is decided at the start, when standard input tells. Under nohup
//! it is ignored, and stays so.

use std::io::IsTerminal;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a SIGHUP means to this process.
pub(super) struct Hangup {
    /// `None`: it is ignored.
    signal: Option<Signal>,
    at_terminal: bool,
}

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SignalAction {
    /// End as after SIGTERM.
    Drain,
    /// Read the configuration again.
    Reload,
}

impl Hangup {
    /// Looks at standard input and at what the process was started with.
    ///
    /// # Errors
    /// The system has no signals to give.
    pub(super) fn decided() -> std::io::Result<Self> {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let signal = if is_ignored(&status) { None } else { Some(signal(SignalKind::hangup())?) };
        Ok(Self { signal, at_terminal: std::io::stdin().is_terminal() })
    }

    /// The next one.
    pub(super) async fn heard(&mut self) -> SignalAction {
        let Some(signal) = &mut self.signal else { return std::future::pending().await };
        if signal.recv().await.is_none() {
            return std::future::pending().await;
        }
        if self.at_terminal { SignalAction::Drain } else { SignalAction::Reload }
    }
}

/// Whether SIGHUP, the first signal, is among the ignored ones of `/proc/self/status`.
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
