//! A file that is read several times, a block at a time, so that it is never in memory as a whole. The first reading
//! keeps a hash of each block; a block that a later reading finds changed is not passed on.

use std::cell::RefCell;
use std::io::{self, Read, Seek};

use super::encoding::{Coding, Decoder};
use crate::secret::{Sha256, sha256};

/// How many bytes are read at a time.
pub(super) const BLOCK: usize = 64 * 1024;

/// Why a file cannot be read to its end.
#[derive(Debug)]
pub enum Unreadable {
    /// The system cannot read it, or cannot keep a temporary file.
    Failed(io::Error),
    /// The file is not the same as when it was read first.
    Changed,
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

/// A file with the hashes of its blocks.
pub(super) struct Source<R> {
    from: R,
    hashes: Vec<String>,
    /// Why the last reading ended too early.
    failure: RefCell<Option<Unreadable>>,
}

impl<R: Read + Seek> Source<R> {
    /// Reads `from` to its end for the first time and passes each block to `each`. Also returns the SHA-256 of the whole
    /// file.
    pub(super) fn examined(mut from: R, mut each: impl FnMut(&[u8])) -> io::Result<(Self, String)> {
        let (mut whole, mut hashes, mut block) = (Sha256::new(), Vec::new(), Vec::new());
        from.rewind()?;
        while fill(&mut from, &mut block)? {
            whole.update(&block);
            hashes.push(sha256(&block));
            each(&block);
        }
        Ok((Self { from, hashes, failure: RefCell::new(None) }, whole.finish()))
    }

    /// The file's text from its beginning. It ends early when the file has changed or cannot be read;
    /// [`Source::failure`] says so.
    pub(super) fn text(&mut self, coding: Coding) -> io::Result<Text<'_, R>> {
        self.from.rewind()?;
        let Self { from, hashes, failure } = self;
        Ok(Text {
            from,
            hashes: hashes.iter(),
            failure,
            decoder: Decoder::new(coding),
            block: Vec::new(),
            text: String::new(),
            at: 0,
        })
    }

    /// Why the last reading ended too early, if it did.
    pub(super) fn failure(&self) -> Option<Unreadable> {
        self.failure.take()
    }
}

/// Reads the next block. Returns whether there is one.
fn fill(from: &mut impl Read, block: &mut Vec<u8>) -> io::Result<bool> {
    block.clear();
    from.by_ref().take(BLOCK as u64).read_to_end(block)?;
    Ok(!block.is_empty())
}

/// The characters of a file, decoded block by block.
pub(super) struct Text<'s, R> {
    from: &'s mut R,
    hashes: std::slice::Iter<'s, String>,
    failure: &'s RefCell<Option<Unreadable>>,
    decoder: Decoder,
    block: Vec<u8>,
    /// The text of the block, and how many of its bytes are passed on.
    text: String,
    at: usize,
}

impl<R: Read> Iterator for Text<'_, R> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        loop {
            if let Some(c) = self.text.get(self.at..)?.chars().next() {
                self.at += c.len_utf8();
                return Some(c);
            }
            match self.decode() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(failure) => {
                    self.failure.borrow_mut().get_or_insert(failure);
                    return None;
                }
            }
        }
    }
}

impl<'s, R: Read> Text<'s, R> {
    /// Where this reading says why it ended too early.
    pub(super) const fn failure(&self) -> &'s RefCell<Option<Unreadable>> {
        self.failure
    }

    /// Decodes the next block, if it is the one that the first reading found.
    fn decode(&mut self) -> Result<bool, Unreadable> {
        (self.text, self.at) = (std::mem::take(&mut self.text), 0);
        self.text.clear();
        let is_there = fill(self.from, &mut self.block)?;
        let known = self.hashes.next();
        if known.is_some() != is_there || known.is_some_and(|known| *known != sha256(&self.block)) {
            return Err(Unreadable::Changed);
        }
        // The first reading has decoded these bytes, so only other bytes can be undecodable.
        self.decoder.decode(&self.block, &mut self.text).map_err(|_| Unreadable::Changed)?;
        Ok(is_there)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, SeekFrom};
    use std::rc::Rc;

    use super::*;

    /// A file that a test can change while it is open.
    #[derive(Clone)]
    struct Open {
        bytes: Rc<RefCell<Vec<u8>>>,
        at: usize,
    }

    impl Read for Open {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let read = self.bytes.borrow().get(self.at..).unwrap_or_default().read(into)?;
            self.at += read;
            Ok(read)
        }
    }

    impl Seek for Open {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            let SeekFrom::Start(at) = to else { panic!("{to:?}") };
            self.at = usize::try_from(at).unwrap();
            Ok(at)
        }
    }

    #[test]
    fn the_text_is_the_same_at_each_reading() {
        let text = "один\n".repeat(BLOCK);
        let mut blocks = 0;
        let (mut source, digest) = Source::examined(Cursor::new(text.as_bytes()), |_| blocks += 1).unwrap();
        assert_eq!((digest, blocks), (sha256(&text), text.len().div_ceil(BLOCK)));
        for _ in 0..2 {
            assert!(source.text(Coding::Utf8).unwrap().eq(text.chars()));
            assert!(source.failure().is_none());
        }
    }

    #[test]
    fn a_changed_block_is_not_passed_on() {
        let text = "x".repeat(3 * BLOCK).into_bytes();
        let shared = Rc::new(RefCell::new(text.clone()));
        let open = Open { bytes: Rc::clone(&shared), at: 0 };
        let (mut source, _) = Source::examined(open, |_| {}).unwrap();
        let mut read = |bytes: Vec<u8>| {
            *shared.borrow_mut() = bytes;
            let read = source.text(Coding::Utf8).unwrap().count();
            (read, matches!(source.failure(), Some(Unreadable::Changed)))
        };
        let other = |at: usize| [&text[..at], b"y", &text[at + 1..]].concat();
        assert_eq!(read(other(0)), (0, true));
        assert_eq!(read(other(2 * BLOCK - 1)), (BLOCK, true));
        assert_eq!(read(text[1..].to_vec()), (2 * BLOCK, true), "a shorter file");
        assert_eq!(read(text[BLOCK..].to_vec()), (2 * BLOCK, true), "a file without its last block");
        assert_eq!(read([&text[..], b"x"].concat()), (3 * BLOCK, true), "a longer file");
        assert_eq!(read(text.clone()), (3 * BLOCK, false));
    }
}
