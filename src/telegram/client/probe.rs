//! Finds out whether Telegram answers again: `getMe`, which changes nothing, without asking the rate limiter that it
//! may open. The senders' loop probes on its own; a waiter probes too, so that a command without that loop never waits
//! for ever.

use std::time::Duration;

use tokio::sync::watch;

use super::permit::nap;
use super::wire::Call;
use super::{Bot, CallError, Permit};
use crate::clock::Millis;
use crate::telegram::gate::{Method, Probed};
use crate::telegram::reply::Class;

/// How long the answer to a probe may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A probe under way; dropping it before its answer calls it off.
struct Probe<'a> {
    bot: &'a Bot,
    sent_at: Millis,
}

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        // After its answer there is nothing to call off.
        self.bot.with_gate(|gate, _| gate.not_probed(self.sent_at));
    }
}

impl Bot {
    /// Receives since when calls have been held back because Telegram does not answer; `None` while it does.
    #[must_use]
    pub fn silences(&self) -> watch::Receiver<Option<Millis>> {
        self.inner.silences.subscribe()
    }

    /// Waits until a probe is due, and sends it. Returns at once while Telegram answers.
    pub async fn probe_when_due(&self) {
        while let Some(wait) = self.with_gate(|gate, now| gate.probe_at().map(|at| nap(now, at))) {
            if self.probe_if_due().await {
                return;
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// A permit for a call that reads or sets something. While Telegram does not answer, this waits no longer than an
    /// answer would take: nothing was sent, and the caller may say so.
    pub(super) async fn acquire_for_question(&self) -> Result<Permit, CallError> {
        let mut pass = std::pin::pin!(self.acquire(self.lane, None));
        loop {
            tokio::select! {
                pass = &mut pass => return Ok(pass),
                () = tokio::time::sleep(self.inner.patience.send) => if !self.is_connected() {
                    let description = "Telegram does not answer".to_owned();
                    return Err(CallError { class: Class::NotConnected, code: None, description });
                }
            }
        }
    }

    /// Sends a probe if one is due and no other caller has sent it. False when there was none to send.
    pub(super) async fn probe_if_due(&self) -> bool {
        let Some(sent_at) = self.with_gate(|gate, now| gate.probe(now)) else { return false };
        let probe = Probe { bot: self, sent_at };
        let probed = match self.execute(Some(Method::GetMe), Call::new(Method::GetMe.as_str()), PATIENCE).await {
            Err(error) => match error.class {
                Class::NotConnected => Probed::Unreached,
                Class::Unknown | Class::ServerRestart => Probed::Doubtful,
                _ => Probed::Answered,
            },
            Ok(_) => Probed::Answered,
        };
        let opened = self.with_gate(|gate, now| gate.probed(probed, now));
        drop(probe);
        if opened {
            tracing::info!(bot = self.label(), "Telegram answers again");
            self.inner.opened.notify_waiters();
        }
        true
    }
}
