//! The events of the stage, for the typed demo and for every browser window that is open: each window gets the state of the demo once, then what
//! changes. A window that was disconnected for a moment gets what it has missed.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use hyper::body::Frame;
use serde_json::Value;
use tokio::sync::mpsc::{Receiver, Sender, UnboundedReceiver, UnboundedSender, channel, unbounded_channel};
use tokio::time::{Interval, MissedTickBehavior, interval};

/// How many events are kept for windows that were disconnected.
const KEPT: usize = 1000;
/// How many windows may read at once.
const MOST_READERS: usize = 8;
/// A window that is this many events behind is disconnected; it connects again by itself.
const MOST_BEHIND: usize = 256;
/// How often a comment is sent, so that a connection without events is seen to be alive.
const BREATH: Duration = Duration::from_secs(15);

/// The kept events and the windows that read.
#[derive(Default)]
pub(in crate::demo) struct Hub {
    last: u64,
    kept: VecDeque<(u64, Arc<str>)>,
    readers: Vec<Sender<Arc<str>>>,
    typed_demo: Option<UnboundedSender<(&'static str, Value)>>,
}

impl Hub {
    /// Sends an event to every window and keeps it.
    pub(super) fn emit(&mut self, kind: &'static str, data: &Value) {
        self.last += 1;
        let text: Arc<str> = frame(self.last, kind, data).into();
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back((self.last, Arc::clone(&text)));
        self.readers.retain(|reader| reader.try_send(Arc::clone(&text)).is_ok());
        if let Some(typed_demo) = &self.typed_demo {
            // A typed demo that has ended needs no event.
            let _ = typed_demo.send((kind, data.clone()));
        }
    }

    /// Every later event, with its kind, for the typed demo.
    pub(in crate::demo) fn follow(&mut self) -> UnboundedReceiver<(&'static str, Value)> {
        let (sender, events) = unbounded_channel();
        self.typed_demo = Some(sender);
        events
    }

    /// The number of windows that read.
    pub(super) fn readers(&mut self) -> usize {
        self.readers.retain(|reader| !reader.is_closed());
        self.readers.len()
    }

    /// Whether a window or the typed demo is connected.
    pub(super) fn is_watched(&mut self) -> bool {
        self.readers() > 0 || self.typed_demo.as_ref().is_some_and(|typed_demo| !typed_demo.is_closed())
    }

    /// A stream for one more window: what came after the event `last`, if all of it is kept, else the state; then every
    /// later event. `None` when too many windows read.
    pub(in crate::demo) fn subscribe(
        &mut self,
        last: Option<u64>,
        state: impl FnOnce() -> Value,
    ) -> Option<EventStream> {
        if self.readers() >= MOST_READERS {
            return None;
        }
        let first = self.kept.front().map_or(self.last + 1, |(number, _)| *number);
        let missed = last.filter(|last| last.saturating_add(1) >= first && *last <= self.last);
        let ready: VecDeque<Arc<str>> = match missed {
            Some(last) => {
                self.kept.iter().filter(|(number, _)| *number > last).map(|(_, text)| Arc::clone(text)).collect()
            }
            None => [frame(self.last, "state", &state()).into()].into(),
        };
        let (sender, events) = channel(MOST_BEHIND);
        self.readers.push(sender);
        let mut breath = interval(BREATH);
        breath.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Some(EventStream { ready, events, breath })
    }
}

/// The body of an answer that never ends by itself: events as the browser's `EventSource` reads them.
pub(in crate::demo) struct EventStream {
    ready: VecDeque<Arc<str>>,
    events: Receiver<Arc<str>>,
    breath: Interval,
}

impl hyper::body::Body for EventStream {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let text = match self.ready.pop_front() {
            Some(text) => Some(text),
            None => match self.events.poll_recv(context) {
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(text) => text,
                Poll::Pending => None,
            },
        };
        if let Some(text) = text {
            return Poll::Ready(Some(Ok(Frame::data(Bytes::copy_from_slice(text.as_bytes())))));
        }
        self.breath.poll_tick(context).map(|_| Some(Ok(Frame::data(Bytes::from_static(b":\n\n")))))
    }
}

/// One event as text. JSON has no line breaks, so one `data:` line holds all of it.
fn frame(number: u64, kind: &str, data: &Value) -> String {
    format!("id: {number}\nevent: {kind}\ndata: {data}\n\n")
}

#[cfg(test)]
mod tests {
    use hyper::body::Body;
    use serde_json::json;

    use super::*;

    /// The events that have come, each with its number and kind.
    async fn read(stream: &mut EventStream) -> Vec<String> {
        let mut seen = Vec::new();
        let all = std::future::poll_fn(|context| {
            while let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut *stream).poll_frame(context) {
                let text = String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap();
                if text != ":\n\n" {
                    seen.push(text.lines().take(2).collect::<Vec<_>>().join(" "));
                }
            }
            Poll::Ready(())
        });
        tokio::task::coop::unconstrained(all).await;
        seen
    }

    #[tokio::test]
    async fn a_window_gets_the_state_once_and_after_a_gap_only_what_it_missed() {
        let (mut hub, state) = (Hub::default(), || json!({}));
        let mut first = hub.subscribe(None, state).unwrap();
        hub.emit("count", &json!({ "redeemed": 1 }));
        assert_eq!(read(&mut first).await, ["id: 0 event: state", "id: 1 event: count"]);
        hub.emit("clock", &json!({}));
        let mut again = hub.subscribe(Some(1), || unreachable!()).unwrap();
        assert_eq!(read(&mut again).await, ["id: 2 event: clock"]);
        for _ in 0..KEPT {
            hub.emit("call", &json!({}));
        }
        let mut late = hub.subscribe(Some(1), state).unwrap();
        assert_eq!(read(&mut late).await, ["id: 1002 event: state"]);
        let mut of_another_demo = hub.subscribe(Some(u64::MAX), state).unwrap();
        assert_eq!(read(&mut of_another_demo).await, ["id: 1002 event: state"]);
    }

    #[tokio::test]
    async fn windows_that_do_not_read_are_dropped_and_a_ninth_is_refused() {
        let (mut hub, state) = (Hub::default(), || json!({}));
        let open: Vec<_> = (0..MOST_READERS).map(|_| hub.subscribe(None, state).unwrap()).collect();
        assert!(hub.subscribe(None, state).is_none());
        drop(open);
        let mut lazy = hub.subscribe(None, state).unwrap();
        for _ in 0..=MOST_BEHIND {
            hub.emit("call", &json!({}));
        }
        assert_eq!((hub.readers(), read(&mut lazy).await.len()), (0, 1 + MOST_BEHIND));
    }
}
