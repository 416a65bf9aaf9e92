//! Streams answers that are larger than memory: a part is read when the client has taken the previous one, off the
//! runtime and in its own read. A slow client holds no snapshot; a client that disconnects ends the stream.

use std::fs::File;
use std::io::Read;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use hyper::body::Frame;

use crate::cause::Cause;
use crate::db::{Class, Database, Failure, View};
use crate::error::{Error, Result};
use crate::export::{Opened, Rows, Shape};

/// The size of one part of a file, in bytes.
const PART: usize = 64 * 1024;

/// Reads the next part of an answer; gives the rest of the answer and the part, or `None` at the end.
type Remaining<S> = Pin<Box<dyn Future<Output = Result<Option<(S, Vec<u8>)>>> + Send>>;

/// An answer's body in parts; at most one part is being read. A client that disconnects ends the read.
struct Parts<S> {
    /// The rest of the answer; `None` while a part is being read and at the end.
    left: Option<S>,
    working: Option<Remaining<S>>,
    next: fn(S) -> Remaining<S>,
}

impl<S: Send + Unpin + 'static> Parts<S> {
    fn body(left: S, next: fn(S) -> Remaining<S>) -> Body {
        Body::new(Self { left: Some(left), working: None, next })
    }
}

impl<S: Send + Unpin> hyper::body::Body for Parts<S> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        if let Some(left) = self.left.take() {
            self.working = Some((self.next)(left));
        }
        let Some(working) = self.working.as_mut() else { return Poll::Ready(None) };
        let part = std::task::ready!(working.as_mut().poll(context));
        self.working = None;
        match part {
            Ok(None) => Poll::Ready(None),
            Ok(Some((left, part))) => {
                self.left = Some(left);
                Poll::Ready(Some(Ok(Frame::data(part.into()))))
            }
            Err(error) => {
                tracing::error!(%error, "an export broke off");
                Poll::Ready(Some(Err(error)))
            }
        }
    }
}

/// The rest of a CSV export.
struct Sheet {
    db: Database,
    head: Option<String>,
    rows: Rows,
    shape: Shape,
}

/// A CSV export as a body: its head, then all its rows.
pub(in crate::api) fn rows(db: Database, rows: Rows, shape: Shape) -> Body {
    let head = Some(shape.head(rows.plan.kind()));
    Parts::body(Sheet { db, head, rows, shape }, |sheet| Box::pin(page(sheet)))
}

async fn page(mut sheet: Sheet) -> Result<Option<(Sheet, Vec<u8>)>> {
    let (kind, mut part) = (sheet.rows.plan.kind(), sheet.head.take().unwrap_or_default());
    while part.is_empty() && !sheet.rows.is_over() {
        let Sheet { db, head, mut rows, shape } = sheet;
        let read = move |view: &View<'_>| {
            let page = rows.next(view)?;
            Ok::<_, Error>((rows, page))
        };
        let (rows, page) = db.read_async(Class::Bulk, read).await?;
        part = shape.written(kind, &page);
        sheet = Sheet { db, head, rows, shape };
    }
    Ok((!part.is_empty()).then(|| (sheet, part.into_bytes())))
}

/// A file as a body, from the current position to the end.
pub(in crate::api) fn file(opened: Opened) -> Body {
    Parts::body(opened.file, |file| Box::pin(piece(file)))
}

async fn piece(mut file: File) -> Result<Option<(File, Vec<u8>)>> {
    let read = move || {
        let mut part = Vec::with_capacity(PART);
        (&mut file).take(PART as u64).read_to_end(&mut part).map(|_| (file, part))
    };
    let read = tokio::task::spawn_blocking(read).await.map_err(|error| Failure::Internal(error.to_string()))?;
    let (file, part) = read.map_err(|error| Failure::Unavailable(Cause::from(&error)))?;
    Ok((!part.is_empty()).then_some((file, part)))
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;
    use crate::clock::{Clock, Zone};
    use crate::export::{Pick, Plan};
    use crate::realm::Realm;
    use crate::user::Matches;

    const PEOPLE: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3500)
        INSERT INTO users (id, telegram_id, is_test, first_name, name_norm, source, source_normalized, created_at,
            created_day, last_activity_at)
        SELECT i, i, 0, 'before', '', 'direct', 'direct', '2026-11-22T03:00:00Z', '2026-11-22', '2026-11-22T03:00:00Z' FROM n";

    fn opened(dir: &std::path::Path) -> (Database, Rows) {
        let path = dir.join("shop.db");
        crate::db::migrate(&path).unwrap();
        let db = Database::open(&path, Zone::UTC, Clock::System).unwrap();
        db.write(|tx| tx.change(PEOPLE, [])).unwrap_or_else(|failure: Failure| panic!("{failure}"));
        let plan = Plan { realm: Realm::Real, pick: Pick::Users(Matches::Everybody(1)), said: serde_json::Value::Null };
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
