//! Encrypted archives: named files in one tar, compressed by zstd and encrypted by age for one key. The tools of every
//! Linux system open an archive, too: `age -d -i KEY ARCHIVE | zstd -d | tar -x`. Reading and writing hold only a few
//! megabytes in memory, however long the files are. A build without the cargo feature `age` has no keys, so it can
//! neither write nor read an archive.

#[cfg(feature = "age")]
mod format;
#[cfg(not(feature = "age"))]
mod left_out;

use std::io::{self, Read};

#[cfg(feature = "age")]
pub use format::{AgeIdentity, AgeRecipient, read, write};
#[cfg(not(feature = "age"))]
pub use left_out::{AgeIdentity, AgeRecipient, read, write};

/// Whether this build can write and read encrypted archives.
pub const IS_BUILT_IN: bool = cfg!(feature = "age");

/// The first line of every file that age has encrypted.
const AGE_MARK: &[u8] = b"age-encryption.org/v1\n";

/// Whether the file begins as one that age has encrypted.
///
/// # Errors
/// The system's own error.
pub fn is_encrypted(from: &mut impl Read) -> io::Result<bool> {
    let mut begin = Vec::new();
    from.take(AGE_MARK.len() as u64).read_to_end(&mut begin)?;
    Ok(begin == AGE_MARK)
}

/// A file to be written into an archive.
pub struct ArchiveFile<'a> {
    /// The file's name in the archive, without directories.
    pub name: &'a str,
    /// The file's length, in bytes.
    pub bytes: u64,
    /// The file's content.
    pub content: &'a mut dyn Read,
}

/// Why an archive was not read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file is not encrypted by age.
    #[error("not an age file")]
    NotEncrypted,
    /// The key is another one; or the part of the file that holds the encrypted key is damaged.
    #[error("another key")]
    WrongKey,
    /// The archive was changed, is incomplete, or holds something other than regular files.
    #[error("damaged: {0}")]
    Damaged(String),
    /// The system refused to read the file.
    #[error(transparent)]
    Io(io::Error),
}

/// An error of the system has an error code. Every other error comes from the layers of the archive: a chunk that is
/// not authentic, a frame or header that makes no sense.
impl From<io::Error> for ArchiveError {
    fn from(error: io::Error) -> Self {
        if error.raw_os_error().is_some() { Self::Io(error) } else { Self::Damaged(error.to_string()) }
    }
}
