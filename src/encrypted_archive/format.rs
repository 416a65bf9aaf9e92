//! The layers of an encrypted archive, and its keys: tar in zstd in age. Only this file uses these three crates.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::iter;

use age::{DecryptError, Decryptor, Encryptor, x25519};
use secrecy::SecretString;
use tar::{EntryType, Header};

use super::{AGE_MARK, ArchiveError, ArchiveFile};

/// The level of compression. On a shop's database, level 12 saves 2 % more in twice the time, level 19 saves 21 % more in
/// forty times the time.
const LEVEL: i32 = 9;
/// The buffer before the file, in bytes; longer than any header.
const BUFFER: usize = 1 << 16;
/// The largest window of a compressed stream that is read, as a power of two in bytes: it is held in memory. The
/// program's own archives have a window of 2^22.
const LARGEST_WINDOW: u32 = 24;
/// The most bytes of padding behind the last file; tar pads to 10 KiB, other tools may pad further.
const MOST_PADDING: u64 = 1 << 20;

/// The public half of a key: what is encrypted for it can be read only with the [`AgeIdentity`].
pub struct AgeRecipient(x25519::Recipient);

impl AgeRecipient {
    /// Reads the text form, `age1…` in small letters; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|read: &x25519::Recipient| read.to_string() == text).map(Self)
    }
}

/// A key that opens archives.
pub struct AgeIdentity(x25519::Identity);

impl AgeIdentity {
    /// Makes a new random key; `None` in a build without the feature `age`.
    #[must_use]
    pub fn generate() -> Option<Self> {
        Some(Self(x25519::Identity::generate()))
    }

    /// Reads the text form, `AGE-SECRET-KEY-1…`, in capital or small letters; white space is left out, because a key
    /// that is copied from paper is typed in groups. `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.split_whitespace().collect();
        text.parse().ok().map(Self)
    }

    /// The text form, `AGE-SECRET-KEY-1…`.
    #[must_use]
    pub fn secret(&self) -> SecretString {
        self.0.to_string()
    }

    /// The text form of the public half, `age1…`.
    #[must_use]
    pub fn recipient(&self) -> String {
        self.0.to_public().to_string()
    }
}

/// Writes an archive of these files, in their order.
///
/// # Errors
/// The system's own error; `UnexpectedEof` when a file is shorter than its length.
pub fn write(to: impl Write, recipient: &AgeRecipient, files: Vec<ArchiveFile<'_>>) -> io::Result<()> {
    let recipients = iter::once::<&dyn age::Recipient>(&recipient.0);
    // age hides the error of a header that cannot be written: the header goes into this buffer.
    let mut to = BufWriter::with_capacity(BUFFER, to);
    let encrypted = Encryptor::with_recipients(recipients).map_err(io::Error::other)?.wrap_output(&mut to)?;
    let mut tar = tar::Builder::new(zstd::Encoder::new(encrypted, LEVEL)?);
    for mut file in files {
        append(&mut tar, &mut file)?;
    }
    tar.into_inner()?.finish()?.finish()?;
    to.flush()
}

fn append(tar: &mut tar::Builder<impl Write>, file: &mut ArchiveFile<'_>) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o600);
    header.set_size(file.bytes);
    let mut content = (&mut file.content).take(file.bytes);
    tar.append_data(&mut header, file.name, &mut content)?;
    // A shorter file would give an archive that cannot be read.
    if content.limit() == 0 { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// Reads an archive. `take` gets each file's name, length and content in the order of the archive, and must read the
/// content to its end; its error ends the reading. Only when this function returns `Ok` is the archive complete and
/// unchanged: until then `take` must not do anything that cannot be undone.
///
/// # Errors
/// Every [`ArchiveError`]; anything but a regular file, such as a link, is [`ArchiveError::Damaged`].
pub fn read<E: From<ArchiveError>>(
    from: impl Read,
    identity: &AgeIdentity,
    mut take: impl FnMut(&str, u64, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let mut archive = tar::Archive::new(decrypted(from, identity)?);
    // Raw: an extension header, which could give the next file another name, comes as an entry, and is refused.
    for entry in archive.entries().map_err(ArchiveError::from)?.raw(true) {
        let mut entry = entry.map_err(ArchiveError::from)?;
        let (name, bytes) = regular(entry.header())?;
        take(&name, bytes, &mut entry)?;
    }
    Ok(ends(archive.into_inner())?)
}

/// A longer header of an age file is not read, in bytes.
const LONGEST_HEADER: usize = 16 * 1024;
/// What the last line of an age header begins with.
const HEADER_END: &[u8] = b"\n---";

fn decrypted(from: impl Read, identity: &AgeIdentity) -> Result<impl Read, ArchiveError> {
    let mut from = BufReader::with_capacity(LONGEST_HEADER, from);
    let head = from.fill_buf()?;
    if !head.starts_with(AGE_MARK) {
        return Err(ArchiveError::NotEncrypted);
    }
    // The time that age takes for a header grows with the square of its length. A copy for one key has 200 bytes.
    if !head.windows(HEADER_END.len()).any(|bytes| bytes == HEADER_END) {
        return Err(ArchiveError::Damaged("the header has no end".into()));
    }
    let identities = iter::once::<&dyn age::Identity>(&identity.0);
    let opened = Decryptor::new_buffered(from).and_then(|encrypted| encrypted.decrypt(identities));
    let mut compressed = zstd::Decoder::new(opened.map_err(unopened)?)?;
    compressed.window_log_max(LARGEST_WINDOW)?;
    Ok(compressed)
}

fn unopened(error: DecryptError) -> ArchiveError {
    match error {
        DecryptError::Io(error) => error.into(),
        DecryptError::NoMatchingKeys | DecryptError::KeyDecryptionFailed | DecryptError::DecryptionFailed => {
            ArchiveError::WrongKey
        }
        // The texts of age say what to do with its own tools.
        _ => ArchiveError::Damaged("the header is invalid".to_owned()),
    }
}

/// The name and length of a regular file.
fn regular(header: &Header) -> Result<(String, u64), ArchiveError> {
    let name = String::from_utf8_lossy(&header.path_bytes()).into_owned();
    if header.entry_type() != EntryType::Regular {
        return Err(ArchiveError::Damaged(format!("{name} is not a regular file")));
    }
    Ok((name, header.entry_size()?))
}

/// Reads to the end of the archive, behind the last file: only the last chunk tells that nothing was cut off.
fn ends(rest: impl Read) -> Result<(), ArchiveError> {
    let mut padding = Vec::new();
    rest.take(MOST_PADDING + 1).read_to_end(&mut padding)?;
    if padding.len() as u64 > MOST_PADDING || padding.iter().any(|byte| *byte != 0) {
        return Err(ArchiveError::Damaged("something follows the last file".to_owned()));
    }
    Ok(())
}
