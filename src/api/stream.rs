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

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;
    use crate::clock::{Clock, Zone};
    use crate::export::{Pick, Plan};
    use crate::realm::Realm;
    use crate::user::Found;

    const PEOPLE: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3500)
        INSERT INTO users (id, telegram_id, is_test, first_name, name_norm, source, source_normalized, created_at,
            created_day, last_activity_at)
        SELECT i, i, 0, 'before', '', 'direct', 'direct', '2026-11-22T03:00:00Z', '2026-11-22', '2026-11-22T03:00:00Z' FROM n";

    fn opened(dir: &std::path::Path) -> (Database, Rows) {
        let path = dir.join("shop.db");
        crate::db::migrate(&path).unwrap();
        let db = Database::open(&path, Zone::UTC, Clock::System).unwrap();
        db.write(|tx| tx.change(PEOPLE, [])).unwrap_or_else(|failure: Failure| panic!("{failure}"));
        let plan = Plan { realm: Realm::Real, pick: Pick::Users(Found::Everybody(1)), said: serde_json::Value::Null };
        let rows = db.read(|view| Rows::of(view, plan)).unwrap();
        (db, rows)
    }

    async fn part(body: &mut Body) -> String {
        let frame = body.frame().await.unwrap().unwrap();
        String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_part_is_read_when_the_one_before_has_been_taken() {
        let dir = tempfile::tempdir().unwrap();
        let (db, wanted) = tokio::task::block_in_place(|| opened(dir.path()));
        let mut body = rows(db.clone(), wanted, Shape::Csv);
        assert!(part(&mut body).await.starts_with("\u{feff}id,"));
        let first = part(&mut body).await;
        assert_eq!(first.matches(",before,").count(), 1000);
        let after = |tx: &crate::db::Tx<'_>| tx.change("UPDATE users SET first_name = 'after'", []);
        db.write_async(after).await.unwrap_or_else(|failure: Failure| panic!("{failure}"));
        let gone = |tx: &crate::db::Tx<'_>| tx.change("DELETE FROM users WHERE id BETWEEN 1001 AND 3000", []);
        db.write_async(gone).await.unwrap_or_else(|failure: Failure| panic!("{failure}"));
        let last = part(&mut body).await;
        assert_eq!(
            (last.matches(",after,").count(), last.matches(",before,").count()),
            (500, 0),
            "no snapshot is held"
        );
        assert!(body.frame().await.is_none() && body.frame().await.is_none());
    }
}
