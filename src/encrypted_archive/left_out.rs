//! The same types and functions in a build without the cargo feature `age`: no key can be made or read, so the
//! functions that need a key cannot be called.

use std::convert::Infallible;
use std::io::{self, Read, Write};

use secrecy::SecretString;

use super::{ArchiveError, ArchiveFile};

/// The public half of a key; this build has none.
pub struct AgeRecipient(Infallible);

impl AgeRecipient {
    /// `None`: this build has no keys.
    #[must_use]
    pub const fn parse(_text: &str) -> Option<Self> {
        None
    }
}

/// A key that opens archives; this build has none.
pub struct AgeIdentity(Infallible);

impl AgeIdentity {
    /// `None`: this build has no keys.
    #[must_use]
    pub const fn generate() -> Option<Self> {
        None
    }

    /// `None`: this build has no keys.
    #[must_use]
    pub const fn parse(_text: &str) -> Option<Self> {
        None
    }

    /// The key's text form.
    #[must_use]
    pub fn secret(&self) -> SecretString {
        match self.0 {}
    }

    /// The text form of the public half.
    #[must_use]
    pub fn recipient(&self) -> String {
        match self.0 {}
    }
}

/// Writes an archive.
///
/// # Errors
/// None: there is no recipient.
pub fn write(_to: impl Write, recipient: &AgeRecipient, _files: Vec<ArchiveFile<'_>>) -> io::Result<()> {
    match recipient.0 {}
}

/// Reads an archive.
///
/// # Errors
/// None: there is no key.
pub fn read<E: From<ArchiveError>>(
    _from: impl Read,
    identity: &AgeIdentity,
    _take: impl FnMut(&str, u64, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    match identity.0 {}
}
