//! Finds out by a probe whether Telegram answers again. A probe is a `getMe`, which changes nothing and needs no
//! permit, because its answer opens the rate limiter. The sender's loops send probes. A caller that waits for a permit
//! sends them, too, so that a command, which runs no such loop, does not wait for ever.

use std::time::Duration;

use tokio::sync::watch;

use super::permit::nap;
use super::wire::Call;
use super::{Bot, CallError, Permit};
use crate::clock::Millis;
use crate::telegram::gate::{Lane, Method, Probed};
use crate::telegram::reply::Class;

/// How long the answer to a probe may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A probe under way. If it is dropped before its answer, the rate limiter learns that there is no result.
struct Probe<'a> {
    bot: &'a Bot,
    sent_at: Millis,
}

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        // After the answer was reported this changes nothing.
        self.bot.with_gate(|gate, _| gate.not_probed(self.sent_at));
    }
}

impl Bot {
    /// Receives the time since which calls have been held back because Telegram does not answer; `None` while Telegram
    /// answers.
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

    /// Waits for a permit for a call that neither sends nor edits. While Telegram does not answer, the wait ends after
    /// the time limit of an answer, with [`Class::NotConnected`], because nothing was sent.
    pub(super) async fn acquire_for_question(&self, lane: Lane) -> Result<Permit, CallError> {
        let mut permit = std::pin::pin!(self.acquire(lane, None));
        loop {
            tokio::select! {
                permit = &mut permit => return Ok(permit),
                () = tokio::time::sleep(self.inner.patience.send) => if !self.is_connected() {
                    let description = "Telegram does not answer".to_owned();
                    return Err(CallError { class: Class::NotConnected, code: None, description });
                }
            }
        }
    }

    /// Sends a probe if one is due and no other caller has sent it. False when no probe was sent.
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
