//! An encrypted copy: a backup, its checksum file and the configuration with all secrets, in one file that only the
//! owner's key opens. It is the only place outside the configuration that may hold secrets. What is read from a copy is
//! not trusted before it was read to its end: everybody who knows the public half of the key can write one.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use tempfile::TempDir;

use super::file::sidecar_of;
use super::verify::open;
use super::{BackupError, BackupProblem, Facts, Form, Result};
use crate::clock::Timestamp;
use crate::config::{self, Config};
use crate::encrypted_archive::{self as archive, AgeIdentity, AgeRecipient, ArchiveError, ArchiveFile};
use crate::files::{directory_of, give, sync_directory_of};
use crate::secret::sha256_copy;

/// The files of a copy, in their order. Unpacked by other tools they are a backup that `backup restore` takes.
const FILES: [&str; 3] = [SIDECAR, CONFIG, DATABASE];
const SIDECAR: &str = "dvorik.json";
const CONFIG: &str = "config.toml";
const DATABASE: &str = "dvorik.db";
/// The prefix of the name of the directory into which a copy is opened.
const OPENED: &str = ".dvorik-opened-";
/// A day in seconds.
const A_DAY: i64 = 24 * 60 * 60;
/// The longest checksum file and configuration that are read, in bytes: they are held in memory.
const LONGEST_TEXT: u64 = 1 << 20;

/// Writes the encrypted copy of the backup `backup` to `to`, replacing a file of this name. The copy has mode 0600 and
/// gets the owner of the database. Returns its length in bytes; `None` when it would be longer than `most` bytes: then
/// the work ends there, and `to` is as it was.
///
/// # Errors
/// [`BackupError`]; then `to` is as it was.
pub fn encrypt(
    config: &Config,
    backup: &Path,
    recipient: &AgeRecipient,
    (to, most): (&Path, u64),
) -> Result<Option<u64>> {
    let facts = Facts::of(backup).ok_or_else(|| BackupError::Unverified(backup.to_owned()))?;
    let (mut database, mut sidecar) = (open(backup)?, open(&sidecar_of(backup))?);
    let length = sidecar.metadata().map_err(|error| BackupError::io(backup, &error))?.len();
    let settings = config::filled(&config.effective());
    let mut settings = settings.as_bytes();
    let files = vec![
        ArchiveFile { name: SIDECAR, bytes: length, content: &mut sidecar },
        ArchiveFile { name: CONFIG, bytes: settings.len() as u64, content: &mut settings },
        ArchiveFile { name: DATABASE, bytes: facts.bytes, content: &mut database },
    ];
    let mut part = tempfile::Builder::new()
        .prefix(".part-")
        .tempfile_in(directory_of(to))
        .map_err(|error| BackupError::io(to, &error))?;
    let written = archive::write(Limited { to: part.as_file_mut(), left: most }, recipient, files).and_then(|()| {
        part.as_file().sync_all()?;
        give(part.path(), &config.database.path)?;
        let length = part.as_file().metadata()?.len();
        part.persist(to).map_err(|error| error.error)?;
        sync_directory_of(to).map(|()| length)
    });
    match written {
        Ok(length) => Ok(Some(length)),
        // The system's own limit of a file's length has an error code.
        Err(error) if error.kind() == ErrorKind::FileTooLarge && error.raw_os_error().is_none() => Ok(None),
        Err(error) => Err(BackupError::io(to, &error)),
    }
}

/// A writer that refuses more than so many bytes with `FileTooLarge`.
struct Limited<W> {
    to: W,
    left: u64,
}

impl<W: Write> Write for Limited<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or(ErrorKind::FileTooLarge)?;
        self.to.write_all(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Whether the file is encrypted, and so may be a copy.
///
/// # Errors
/// [`BackupError::NotFound`], [`BackupError::NotRegular`], [`BackupError::Unusable`].
pub fn is_encrypted(path: &Path) -> Result<bool> {
    archive::is_encrypted(&mut open(path)?).map_err(|error| BackupError::io(path, &error))
}

/// An encrypted copy that was opened. Dropping this value removes the files.
pub struct OpenedCopy {
    _directory: TempDir,
    /// The path of the backup, with its checksum file beside it.
    pub database: PathBuf,
    /// The content of the configuration file.
    pub config: SecretString,
}

/// Opens the encrypted copy `path` into a private directory in the directory `beside`.
///
/// # Errors
/// [`BackupError::WrongKey`]; [`BackupError::NotEncrypted`]; [`BackupError::Damaged`] when the copy was changed, is
/// incomplete, or holds anything but the three files in their order with the lengths that the checksum file states;
/// [`BackupError`] of the system. No file is left behind.
pub fn decrypt(path: &Path, identity: &AgeIdentity, beside: &Path, now: Timestamp) -> Result<OpenedCopy> {
    let from = open(path)?;
    sweep_opened(beside, now);
    let directory = tempfile::Builder::new()
        .prefix(OPENED)
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(beside)
        .map_err(|error| BackupError::io(beside, &error))?;
    let mut unpacking = Unpacking { copy: path, directory: directory.path(), taken: 0, facts: None, config: None };
    let read = archive::read(from, identity, |name, bytes, content| unpacking.take(name, bytes, content));
    read.map_err(|stopped| match stopped {
        Stopped::ByArchive(error) => unread(path, error),
        Stopped::ByCopy(error) => error,
    })?;
    if unpacking.taken < FILES.len() {
        return Err(wrong(path, "a file is missing"));
    }
    let (database, config) = (directory.path().join(DATABASE), unpacking.config.unwrap_or_default());
    Ok(OpenedCopy { _directory: directory, database, config: config.into() })
}

/// Removes the directories of killed commands that are more than a day old: no command works that long. Called by the
/// nightly backup, too: such a directory holds people's data.
pub(super) fn sweep_opened(beside: &Path, now: Timestamp) {
    for entry in fs::read_dir(beside).into_iter().flatten().flatten() {
        let is_opened = entry.file_name().to_str().is_some_and(|name| name.starts_with(OPENED));
        if is_opened && entry.metadata().is_ok_and(|found| found.is_dir() && found.mtime() < now.plus(-A_DAY).0) {
            // A directory that cannot be removed is tried again the next time.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Why the reading of a copy ended: the archive or its content is not what it should be.
enum Stopped {
    ByArchive(ArchiveError),
    ByCopy(BackupError),
}

impl From<ArchiveError> for Stopped {
    fn from(error: ArchiveError) -> Self {
        Self::ByArchive(error)
    }
}

impl From<BackupError> for Stopped {
    fn from(error: BackupError) -> Self {
        Self::ByCopy(error)
    }
}

/// The files that were taken from a copy so far.
struct Unpacking<'a> {
    copy: &'a Path,
    directory: &'a Path,
    taken: usize,
    facts: Option<Facts>,
    config: Option<String>,
}

impl Unpacking<'_> {
    /// Takes the next file, which must be the next of [`FILES`].
    fn take(&mut self, name: &str, bytes: u64, content: &mut dyn Read) -> std::result::Result<(), Stopped> {
        if FILES.get(self.taken) != Some(&name) {
            return Err(wrong(self.copy, &format!("{} is not expected there", shown(name))).into());
        }
        self.taken += 1;
        match name {
            SIDECAR => {
                let text = self.text(name, bytes, content)?;
                self.facts = Some(Facts::parse(&text).ok_or_else(|| wrong(self.copy, "the checksum file is invalid"))?);
                self.keep(&self.directory.join(name), bytes, &mut text.as_bytes()).map(drop)
            }
            CONFIG => {
                self.config = Some(self.text(name, bytes, content)?);
                Ok(())
            }
            _ => self.database(bytes, content),
        }
    }

    /// A file that is held in memory.
    fn text(&self, name: &str, bytes: u64, content: &mut dyn Read) -> std::result::Result<String, Stopped> {
        if bytes > LONGEST_TEXT {
            return Err(wrong(self.copy, &format!("{name} is too long")).into());
        }
        let mut text = Vec::new();
        content.read_to_end(&mut text).map_err(ArchiveError::from)?;
        let text = String::from_utf8(text).map_err(|_| wrong(self.copy, &format!("{name} is not UTF-8")))?;
        if text.len() as u64 == bytes { Ok(text) } else { Err(wrong(self.copy, &format!("{name} is cut off")).into()) }
    }

    /// The database, which must have the length and hash of the checksum file.
    fn database(&self, bytes: u64, content: &mut dyn Read) -> std::result::Result<(), Stopped> {
        let stated = self.facts.as_ref().map(|facts| (facts.sha256.as_str(), facts.bytes)).unwrap_or_default();
        if bytes != stated.1 {
            return Err(wrong(self.copy, "the database has another length than its checksum file states").into());
        }
        let (sha256, length) = self.keep(&self.directory.join(DATABASE), bytes, content)?;
        if (sha256.as_str(), length) != stated {
            let problem = BackupProblem { check: "sha256", what: String::new() };
            return Err(BackupError::Damaged {
                path: self.copy.to_owned(),
                form: Form::WithSidecar,
                problems: vec![problem],
            }
            .into());
        }
        Ok(())
    }

    /// Writes a file of the copy. Returns its hash and length.
    fn keep(&self, to: &Path, bytes: u64, content: &mut dyn Read) -> std::result::Result<(String, u64), Stopped> {
        let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to);
        let mut file = written.map_err(|error| BackupError::io(to, &error))?;
        sha256_copy(&mut content.take(bytes), &mut file).map_err(|error| match ArchiveError::from(error) {
            // Both the disk and the archive may fail here; an error of the system may be of either.
            ArchiveError::Io(error) => BackupError::io(to, &error).into(),
            error => Stopped::ByArchive(error),
        })
    }
}

fn unread(path: &Path, error: ArchiveError) -> BackupError {
    match error {
        ArchiveError::NotEncrypted => BackupError::NotEncrypted(path.to_owned()),
        ArchiveError::WrongKey => BackupError::WrongKey(path.to_owned()),
        ArchiveError::Damaged(what) => wrong(path, &what),
        ArchiveError::Io(error) => BackupError::io(path, &error),
    }
}

fn wrong(path: &Path, what: &str) -> BackupError {
    let problem = BackupProblem { check: "archive", what: what.to_owned() };
    BackupError::Damaged { path: path.to_owned(), form: Form::WithSidecar, problems: vec![problem] }
}

/// A name from a copy, fit to be shown.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(100).collect()
}
