//! The loop that makes export files, one at a time, and deletes expired ones. Files survive a restart; an export
//! interrupted by the end of the daemon is made again from its start. An export that fails goes to the end of the
//! queue, and is given up after ten failures.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::watch;

use crate::db::{Class, Database, Failure, Signal};
use crate::error::{Error, Result};
use crate::export::{self, Made, Task};
use crate::language::Language;

/// The pause after an export failed, for example because the disk is full.
const RETRY: Duration = Duration::from_secs(5);
/// The most failures of an export; then it is given up.
const MOST_TRIES: u32 = 10;
/// The longest wait between two looks at the exports: an expired file may be kept this much longer than a day.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// The failures of each export in this process; a restart of the daemon counts from zero.
type Tries = HashMap<String, u32>;

/// How one step of the loop ended.
enum ExportStep {
    /// An export file was made, or the export is no longer wanted.
    Made,
    /// No export was waiting.
    Idle,
    /// The export failed and is now last in the queue.
    Failed,
}

/// Makes export files and deletes expired ones until told to stop; `lang` is the shop's language.
///
/// # Errors
/// A bug in the storage layer; the caller ends the daemon.
pub async fn run(db: Database, lang: Language, mut stop: watch::Receiver<bool>) -> Result<()> {
    let mut signalled = db.signalled(Signal::Exports);
    let mut tries = Tries::new();
    while !*stop.borrow() {
        signalled.borrow_and_update();
        let wait = match next(&db, lang, &stop, &mut tries).await {
            Ok(ExportStep::Made) => continue,
            Ok(ExportStep::Idle) => LONGEST_WAIT,
            Ok(ExportStep::Failed) => RETRY,
            Err(error) if error.is_passing() => {
                tracing::warn!(%error, "exports could not be looked after");
                RETRY
            }
            Err(error) => return Err(error),
        };
        tokio::select! {
            changed = signalled.changed(), if wait > RETRY => if changed.is_err() { return Ok(()) },
            () = tokio::time::sleep(wait) => {}
            _ = stop.changed() => {}
        }
    }
    Ok(())
}

async fn next(db: &Database, lang: Language, stop: &watch::Receiver<bool>, tries: &mut Tries) -> Result<ExportStep> {
    let (theirs, stop) = (db.clone(), stop.clone());
    let made = tokio::task::spawn_blocking(move || {
        export::sweep(&theirs)?;
        let Some(task) = theirs.read_as(Class::Bulk, export::next_waiting)? else { return Ok(None) };
        let made = export::make(&theirs, &task, &|| *stop.borrow());
        Ok::<_, Error>(Some((task, made)))
    });
    let made = made.await.map_err(|error| Failure::Internal(format!("an export panicked: {error}")))??;
    let Some((task, made)) = made else {
        tries.clear();
        return Ok(ExportStep::Idle);
    };
    match made {
        Ok(Made::Left) => Ok(ExportStep::Made),
        Ok(Made::Whole(bytes)) => {
            tries.remove(&task.id);
            let too_long = lang.text("export.too_long_for_telegram", &[]);
            db.write_async(move |tx| export::finish(tx, &task, bytes, &too_long)).await?;
            Ok(ExportStep::Made)
        }
        Err(error) => unmade(db, lang, (task, &error), tries).await,
    }
}

/// Moves a failed export to the end of the queue; after [`MOST_TRIES`] failures, gives the export up.
async fn unmade(db: &Database, lang: Language, (task, error): (Task, &Error), tries: &mut Tries) -> Result<ExportStep> {
    let tried = tries.entry(task.id.clone()).or_default();
    *tried += 1;
    tracing::warn!(%error, tried = *tried, "an export could not be made");
    if *tried < MOST_TRIES {
        db.write_async(move |tx| export::postpone(tx, &task)).await?;
    } else {
        tries.remove(&task.id);
        let why = lang.text("export.not_made", &[]);
        db.write_async(move |tx| export::give_up(tx, &task, &why)).await?;
    }
    Ok(ExportStep::Failed)
}
