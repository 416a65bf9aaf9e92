//! Records the statements that use-cases run, when `DVORIK_TEST_STATEMENTS` names a directory: `tests/plans.rs` explains
//! the plan of each. Development builds only; unit tests are left out, because their own statements stand in `src/`, too,
//! and may be about tables of their own.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::Location;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::config::Environment;

struct Recorder {
    directory: PathBuf,
    /// The statements that this process has recorded.
    seen: Mutex<HashSet<String>>,
}

static RECORDER: LazyLock<Option<Recorder>> =
    LazyLock::new(|| Some(Recorder { directory: Environment::read().statements()?, seen: Mutex::default() }));

/// Writes `sql` to a file of its own, unless a test asks it; the name follows from the text, so processes that run the
/// same statement write the same file.
pub(super) fn record(sql: &str, caller: &Location<'_>) {
    let Some(recorder) = RECORDER.as_ref().filter(|_| caller.file().starts_with("src/")) else { return };
    let mut seen = recorder.seen.lock().unwrap_or_else(PoisonError::into_inner);
    if seen.contains(sql) {
        return;
    }
    seen.insert(sql.to_owned());
    let mut hasher = DefaultHasher::new();
    sql.hash(&mut hasher);
    let path = recorder.directory.join(format!("{:016x}.sql", hasher.finish()));
    if let Err(error) = std::fs::write(&path, sql) {
        tracing::error!(path = %path.display(), %error, "a statement was not recorded");
    }
}
