//! Watches Litestream's copy of the database: asks Litestream's metrics at intervals and stores what they say. `doctor`
//! compares with it, because a single look cannot tell whether Litestream goes on.

use std::convert::Infallible;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::outside_http::client;
use super::present::with_present;
use crate::cause::Cause;
use crate::config::Live;
use crate::db::Database;
use crate::error::Result;
use crate::litestream;

/// The time between two looks. Each look changes the database, and each change is a request to the storage of the copy.
const PACE: Duration = Duration::from_secs(300);
/// How long Litestream may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest text that is read, in bytes; that of a hundred databases is shorter.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Why Litestream's metrics were not read.
#[derive(Debug, thiserror::Error)]
pub enum MetricsUnread {
    /// There is no answer.
    #[error("{0}")]
    Silent(Cause),
    /// The answer is another status than 200.
    #[error("the answer is {0}")]
    Status(u16),
    /// The answer is too long.
    #[error("the answer is longer than 4 MiB")]
    TooLong,
    /// HTTPS cannot be set up on this machine.
    #[error("HTTPS cannot be set up")]
    NoTls,
}

/// The text of the metrics at `address`.
///
/// # Errors
/// [`MetricsUnread`].
pub async fn metrics_at(address: &str) -> std::result::Result<String, MetricsUnread> {
    let silent = |error: reqwest::Error| MetricsUnread::Silent(innermost(&error));
    let request = client(address, PATIENCE).ok_or(MetricsUnread::NoTls)?.get(address);
    let mut answer = request.send().await.map_err(silent)?;
    if answer.status() != reqwest::StatusCode::OK {
        return Err(MetricsUnread::Status(answer.status().as_u16()));
    }
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(silent)? {
        body.extend_from_slice(&part);
        if body.len() > MOST_BYTES {
            return Err(MetricsUnread::TooLong);
        }
    }
    Ok(String::from_utf8_lossy(&body).into_owned())
}

/// The cause at the end of the chain: «Connection refused».
fn innermost(error: &reqwest::Error) -> Cause {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.downcast_ref::<std::io::Error>().map_or_else(|| cause.to_string().into(), Cause::from)
}

/// Looks at Litestream until the daemon stops; does nothing while no address is configured.
///
/// # Errors
/// A bug in the storage layer; the caller ends the daemon.
pub(super) async fn watch(
    database: Database,
    address: Live<Option<String>>,
    stop: watch::Receiver<bool>,
) -> Result<()> {
    with_present(address, stop, |address| look_at_intervals(database.clone(), address)).await
}

async fn look_at_intervals(database: Database, address: Option<String>) -> Result<Infallible> {
    let Some(address) = address else { return std::future::pending().await };
    let mut looks = tokio::time::interval(PACE);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let text = match metrics_at(&address).await {
            Ok(text) => text,
            Err(error) => {
                tracing::warn!(%error, "Litestream does not tell how the copy is: see `dvorik doctor`");
                continue;
            }
        };
        match litestream::read(&text, database.path()) {
            Ok(report) => keep(&database, report).await?,
            Err(why) => tracing::warn!(?why, "Litestream does not copy this database: see `dvorik doctor`"),
        }
    }
}

async fn keep(database: &Database, report: litestream::LitestreamReport) -> Result<()> {
    match database.write_async(move |tx| litestream::note(tx, report)).await {
        Err(error) if !error.is_passing() => Err(error),
        _ => Ok(()),
    }
}
