//! Files of exports: in a directory of their own beside the database (mode 0700), each 0600 and named by the export's
//! id and its `round` (how many times the file had to be made). A file can be read once its export is marked as done; a
//! file without an export is deleted.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::{Rows, Shape, Task, task};
use crate::db::{Class, Database, Failure, View};
use crate::error::{Error, Result};
use crate::files::{free_bytes, give, make_private_directory, open_regular, with_tail};

/// How many bytes of disk space exports leave free for the database.
const ROOM: u64 = 256 * 1024 * 1024;

/// The result of making a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// The file is complete and synced; its length in bytes.
    Whole(u64),
    /// No file was made: the export is no longer wanted, or the process is stopping.
    Left,
}

/// A finished file, open to read.
pub struct Opened {
    /// The file name that people see.
    pub name: String,
    /// The opened file.
    pub file: File,
    /// The file's length, in bytes.
    pub bytes: u64,
}

fn directory(database: &Path) -> PathBuf {
    with_tail(database, ".exports")
}

/// The path of the export's file.
#[must_use]
pub fn path(database: &Path, task: &Task) -> PathBuf {
    directory(database).join(task::stored_name(&task.id, task.round))
}

/// Makes the file of an export. Reads the database in short reads, so no snapshot is held for long; ends early when
/// `is_stopping` returns true. Blocks the thread. Removes the file unless it is complete.
///
/// # Errors
/// The storage failed; [`Failure::Full`] also when less than 256 MiB of the disk would be left for the database.
pub fn make(db: &Database, task: &Task, is_stopping: &dyn Fn() -> bool) -> Result<Made> {
    let path = path(db.path(), task);
    let made = written(db, task, &path, is_stopping);
    if !matches!(made, Ok(Made::Whole(_))) {
        // A file that cannot be removed now is deleted by [`sweep`] later.
        let _ = fs::remove_file(&path);
    }
    match made {
        Err(Error::Storage(Failure::Ending)) => Ok(Made::Left),
        made => made,
    }
}

fn written(db: &Database, task: &Task, path: &Path, is_stopping: &dyn Fn() -> bool) -> Result<Made> {
    let shape = Shape::csv(task.is_excel);
    let mut file = BufWriter::new(created(db.path(), path).map_err(|error| unwritten(&error))?);
    let mut rows = db.read_as(Class::Bulk, |view| Rows::of(view, task.plan.clone()))?;
    let mut put = |text: String| file.write_all(text.as_bytes()).map_err(|error| unwritten(&error));
    put(shape.head(task.plan.kind()))?;
    while !rows.is_over() {
        let read = |view: &View<'_>| Ok::<_, Error>((rows.next(view)?, task::current(view, task)?));
        let (page, is_wanted) = db.read_as(Class::Bulk, read)?;
        if is_stopping() || !is_wanted {
            return Ok(Made::Left);
        }
        if free_bytes(path).is_ok_and(|free| free < ROOM) {
            Err(Failure::Full)?;
        }
        put(shape.written(task.plan.kind(), &page))?;
    }
    let file = file.into_inner().map_err(|error| unwritten(error.error()))?;
    file.sync_all().map_err(|error| unwritten(&error))?;
    Ok(Made::Whole(file.metadata().map_err(|error| unwritten(&error))?.len()))
}

/// Creates the export's file; a file that an earlier process left under this name is deleted first.
fn created(database: &Path, path: &Path) -> io::Result<File> {
    make_private_directory(&directory(database), database)?;
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    give(path, database)?;
    Ok(file)
}

fn unwritten(error: &io::Error) -> Error {
    let passing =
        if error.kind() == ErrorKind::StorageFull { Failure::Full } else { Failure::Unavailable(error.into()) };
    passing.into()
}

/// Opens the finished file of the export `id`, without asking who the caller is; `None` when there is no finished file.
pub fn open(db: &Database, id: &str) -> Result<Option<Opened>> {
    let Some(task) = db.read_as(Class::List, |view| task::done(view, id))? else { return Ok(None) };
    let Ok(Some(file)) = open_regular(&path(db.path(), &task)) else { return Ok(None) };
    let bytes = file.metadata().map_err(|error| unwritten(&error))?.len();
    let day = db.zone().day(task.created_at);
    Ok(Some(Opened { name: task.plan.file_name(&day, Shape::csv(task.is_excel)), file, bytes }))
}

/// Deletes files that no export needs: files that are older than a day, replaced by a newer one, or hold a customer who
/// was erased since. Returns how many. A file that cannot be removed is left for the next call.
pub fn sweep(db: &Database) -> Result<usize> {
    let Ok(found) = fs::read_dir(directory(db.path())) else { return Ok(0) };
    // The directory is read before the list of needed files: so the list has a row for every file that is found here.
    let found: Vec<_> = found.flatten().collect();
    let kept = db.read_as(Class::Bulk, task::kept_files)?;
    let is_kept =
        |entry: &fs::DirEntry| entry.file_name().to_str().is_some_and(|name| kept.iter().any(|kept| kept == name));
    Ok(found.iter().filter(|entry| !is_kept(entry)).filter(|entry| fs::remove_file(entry.path()).is_ok()).count())
}
