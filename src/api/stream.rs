//! Answers that are longer than memory: a part is read when the client has taken the one before, off the runtime and in a
//! read of its own. A client that is slow holds no snapshot; one that goes away ends it.

use std::io::Read;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use hyper::body::Frame;
use tokio::task::JoinHandle;

use crate::db::{Database, Failure};
use crate::error::{Error, Result};
use crate::export::{Opened, Rows, Shape};

/// Of a file, at once.
const PART: usize = 64 * 1024;

/// Gives the next part; an empty one is the end.
type Next = Box<dyn FnMut() -> Result<Vec<u8>> + Send>;

/// Parts, one under way at most.
struct Parts {
    /// Away while it works.
    next: Option<Next>,
    working: Option<JoinHandle<(Next, Result<Vec<u8>>)>>,
}

impl hyper::body::Body for Parts {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        if let Some(mut next) = self.next.take() {
            self.working = Some(tokio::task::spawn_blocking(move || {
                let part = next();
                (next, part)
            }));
        }
        let Some(working) = self.working.as_mut() else { return Poll::Ready(None) };
        let done = std::task::ready!(Pin::new(working).poll(context));
        self.working = None;
        let part = match done {
            Ok((next, Ok(part))) if !part.is_empty() => {
                self.next = Some(next);
                Ok(part)
            }
            Ok((_, Ok(_))) => return Poll::Ready(None),
            Ok((_, Err(error))) => Err(error),
            Err(error) => Err(Failure::Internal(error.to_string()).into()),
        };
        if let Err(error) = &part {
            tracing::error!(%error, "an export broke off");
        }
        Poll::Ready(Some(part.map(|part| Frame::data(part.into()))))
    }
}

fn body(next: impl FnMut() -> Result<Vec<u8>> + Send + 'static) -> Body {
    Body::new(Parts { next: Some(Box::new(next)), working: None })
}

/// The head, then all rows.
pub(super) fn rows(db: Database, mut rows: Rows, shape: Shape) -> Body {
    let kind = rows.plan.kind();
    let mut head = Some(shape.head(kind));
    body(move || {
        let mut part = head.take().unwrap_or_default();
        while part.is_empty() && !rows.is_over() {
            let page = db.read(|view| rows.next(view))?;
            part = shape.written(kind, &page);
        }
        Ok(part.into_bytes())
    })
}

/// A file from where it stands to its end.
pub(super) fn file(opened: Opened) -> Body {
    let mut file = opened.file;
    body(move || {
        let mut part = Vec::with_capacity(PART);
        let read = (&mut file).take(PART as u64).read_to_end(&mut part);
        read.map_err(|error| Failure::Unavailable(error.to_string()))?;
        Ok(part)
    })
}
