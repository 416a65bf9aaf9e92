//! Random tokens, and the hashes that are stored instead of them. A plain hash is safe only for a token of at least 128
//! random bits; this program has no passwords.

use std::io::{Read, Write};

use rand::RngExt;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

/// A token of 32 random characters of `[A-Za-z0-9_-]`: 192 bits from a CSPRNG that the system seeds. May stand in a
/// link as it is.
#[must_use]
pub fn random_token() -> String {
    random_text(32)
}

/// A random text of `length` characters of `[A-Za-z0-9_-]`; each character has six random bits.
#[must_use]
pub fn random_text(length: usize) -> String {
    let mut rng = rand::rng();
    let draw = |_| ALPHABET.get(rng.random_range(0..ALPHABET.len())).copied().map_or('A', char::from);
    (0..length).map(draw).collect()
}

/// The SHA-256 of `bytes`, as 64 hexadecimal digits.
#[must_use]
pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes.as_ref()).as_ref())
}

/// The SHA-256 of content that comes in parts.
pub struct Sha256(aws_lc_rs::digest::Context);

impl Sha256 {
    /// The hash of no content.
    #[must_use]
    pub fn new() -> Self {
        Self(aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256))
    }

    /// Adds the next part of the content.
    pub fn update(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    /// The hash, as 64 hexadecimal digits.
    #[must_use]
    pub fn finish(self) -> String {
        hex(self.0.finish().as_ref())
    }
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}

/// Copies everything from `from` to `to`. Returns the SHA-256 of the content as 64 hexadecimal digits, and its length
/// in bytes.
///
/// # Errors
/// The reader's or the writer's own error.
pub fn sha256_copy(from: &mut impl Read, to: &mut impl Write) -> std::io::Result<(String, u64)> {
    let mut hash = Sha256::new();
    let (mut buffer, mut total) = (vec![0; 256 * 1024], 0);
    loop {
        let read = from.read(&mut buffer)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { break };
        hash.update(part);
        to.write_all(part)?;
        total += read as u64;
    }
    Ok((hash.finish(), total))
}

/// The HMAC-SHA-256 of `text`, as 64 hexadecimal digits.
#[must_use]
pub fn keyed_hash(key: &str, text: &str) -> String {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key.as_bytes());
    hex(aws_lc_rs::hmac::sign(&key, text.as_bytes()).as_ref())
}

/// Whether two secrets are equal. The comparison takes the same time wherever they differ, so that timing reveals
/// nothing.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_the_known_ones() {
        assert_eq!(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(
            keyed_hash("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "ab"));
    }

    #[test]
    fn a_stream_has_the_hash_of_its_text() {
        let (text, mut copy) = ("marmalade ".repeat(100_000), Vec::new());
        let (hash, bytes) = sha256_copy(&mut text.as_bytes(), &mut copy).unwrap();
        assert_eq!((hash, bytes, copy), (sha256(&text), 1_000_000, text.into_bytes()));
    }

    #[test]
    fn tokens_differ() {
        assert_ne!(random_token(), random_token());
        assert_eq!(random_token().len(), 32);
    }
}
