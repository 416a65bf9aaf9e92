//! Decodes the bytes of a file of customers, block by block. UTF-8 and UTF-16 are recognised by their form;
//! Windows-1251, which Russian spreadsheets still write, only when no other encoding is possible. A file that ends in
//! the middle of a character is refused.

use super::fault::{FileFault, fault};
use crate::ids::words;

words!(
    /// The encoding of a file.
    #[derive(Default)]
    Encoding {
        /// The file is UTF-8, with a byte order mark or without.
        #[default]
        Utf8 = "utf-8",
        /// The file is UTF-16 with its byte order mark.
        Utf16 = "utf-16",
        /// The file is Windows-1251.
        Windows1251 = "windows-1251",
    }
);

const RULE: &str = "import.rule.character";
/// The shortest run of letters that counts as a Russian word: damaged UTF-8 never decodes to a run of so many Russian
/// letters.
const WORD: usize = 3;
/// How many of the first wrong bytes are shown.
const SHOWN: usize = 4;
/// The characters besides А–я that a shop's Windows-1251 text may hold.
const OTHERS: [(u8, char); 26] = [
    (0x84, '„'),
    (0x85, '…'),
    (0x91, '‘'),
    (0x92, '’'),
    (0x93, '“'),
    (0x94, '”'),
    (0x96, '–'),
    (0x97, '—'),
    (0xa0, '\u{a0}'),
    (0xa1, 'Ў'),
    (0xa2, 'ў'),
    (0xa5, 'Ґ'),
    (0xa8, 'Ё'),
    (0xaa, 'Є'),
    (0xab, '«'),
    (0xaf, 'Ї'),
    (0xb2, 'І'),
    (0xb3, 'і'),
    (0xb4, 'ґ'),
    (0xb7, '·'),
    (0xb8, 'ё'),
    (0xb9, '№'),
    (0xba, 'є'),
    (0xbb, '»'),
    (0xbf, 'ї'),
    (0xb0, '°'),
];

/// How the bytes of a file become characters.
#[derive(Debug, Clone, Copy)]
pub(super) enum Coding {
    /// UTF-8.
    Utf8,
    /// UTF-16; the function joins two bytes.
    Utf16(fn([u8; 2]) -> u16),
    /// Windows-1251.
    Windows1251,
}

impl Coding {
    pub(super) const fn name(self) -> Encoding {
        match self {
            Self::Utf8 => Encoding::Utf8,
            Self::Utf16(_) => Encoding::Utf16,
            Self::Windows1251 => Encoding::Windows1251,
        }
    }

    /// The coding that the file's first block declares by a byte order mark.
    fn declared(block: &[u8]) -> Option<Self> {
        match block {
            [0xff, 0xfe, ..] => Some(Self::Utf16(u16::from_le_bytes)),
            [0xfe, 0xff, ..] => Some(Self::Utf16(u16::from_be_bytes)),
            _ => None,
        }
    }

    /// How many bytes of the file's first block are a byte order mark, which is no part of the text.
    fn mark(self, block: &[u8]) -> usize {
        match self {
            Self::Utf8 if block.starts_with(b"\xef\xbb\xbf") => 3,
            Self::Utf16(_) => 2,
            _ => 0,
        }
    }
}

/// Decodes a file block by block. A character may begin in one block and end in the next.
pub(super) struct Decoder {
    coding: Coding,
    /// The bytes of a character that does not end in the blocks so far.
    rest: Vec<u8>,
    is_begun: bool,
}

/// Bytes that are no character, in the form in which they are shown.
#[derive(Debug)]
pub(super) struct NoCharacter(String);

impl Decoder {
    pub(super) const fn new(coding: Coding) -> Self {
        Self { coding, rest: Vec::new(), is_begun: false }
    }

    /// Appends the text of the next block to `text`, or the text before bytes that are no character.
    pub(super) fn decode(&mut self, block: &[u8], text: &mut String) -> Result<(), NoCharacter> {
        let mark = if self.is_begun { 0 } else { self.coding.mark(block) };
        self.is_begun = true;
        let mut bytes = std::mem::take(&mut self.rest);
        bytes.extend_from_slice(block.get(mark..).unwrap_or_default());
        let whole = bytes.len() - unfinished(self.coding, &bytes);
        self.rest = bytes.split_off(whole);
        decode(self.coding, &bytes, text)
    }

    /// Decodes what is left at the end of the file: the beginning of a character.
    fn finish(&self, text: &mut String) -> Result<(), NoCharacter> {
        decode(self.coding, &self.rest, text)
    }
}

/// How many bytes at the end of `bytes` are the beginning of a character.
fn unfinished(coding: Coding, bytes: &[u8]) -> usize {
    match coding {
        Coding::Windows1251 => 0,
        Coding::Utf8 => {
            // A character has at most four bytes, so its beginning has at most three.
            let end = bytes.get(bytes.len().saturating_sub(3)..).unwrap_or_default();
            let last = end.utf8_chunks().last().map_or([].as_slice(), |chunk| chunk.invalid());
            let is_beginning = std::str::from_utf8(last).is_err_and(|error| error.error_len().is_none());
            if is_beginning { last.len() } else { 0 }
        }
        Coding::Utf16(unit) => {
            let (pairs, half) = bytes.as_chunks::<2>();
            let is_beginning = pairs.last().is_some_and(|pair| (0xd800..0xdc00).contains(&unit(*pair)));
            half.len() + if is_beginning { 2 } else { 0 }
        }
    }
}

fn decode(coding: Coding, bytes: &[u8], text: &mut String) -> Result<(), NoCharacter> {
    match coding {
        Coding::Utf8 => {
            let valid = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
            text.push_str(valid);
            if valid.len() == bytes.len() {
                Ok(())
            } else {
                Err(NoCharacter::of(bytes.get(valid.len()..).unwrap_or_default()))
            }
        }
        Coding::Utf16(unit) => {
            let (pairs, half) = bytes.as_chunks::<2>();
            for read in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
                text.push(read.map_err(|half| NoCharacter(format!("{:04X}", half.unpaired_surrogate())))?);
            }
            if half.is_empty() { Ok(()) } else { Err(NoCharacter::of(half)) }
        }
        Coding::Windows1251 => bytes.iter().try_for_each(|byte| {
            text.push(letter(*byte).ok_or_else(|| NoCharacter::of(&[*byte]))?);
            Ok(())
        }),
    }
}

impl NoCharacter {
    fn of(bytes: &[u8]) -> Self {
        let shown: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        Self(shown.join(" "))
    }
}

/// Finds out the encoding of a file, whose blocks it is given one after another.
#[derive(Default)]
pub(super) struct Detector {
    declared: Option<Declared>,
    bytes: Undeclared,
    is_begun: bool,
}

impl Detector {
    pub(super) fn take(&mut self, block: &[u8]) {
        if !self.is_begun {
            self.declared = Coding::declared(block).map(Declared::new);
            self.is_begun = true;
        }
        match &mut self.declared {
            Some(declared) => declared.take(block),
            None => self.bytes.take(block),
        }
    }

    /// The encoding of the file, or the place that no encoding fits.
    pub(super) fn end(self) -> Result<Coding, FileFault> {
        match self.declared {
            Some(declared) => declared.end(),
            None => self.bytes.end(),
        }
    }
}

/// A file that begins with the byte order mark of its encoding.
struct Declared {
    decoder: Decoder,
    text: String,
    line: LineCount,
    fault: Option<FileFault>,
}

impl Declared {
    fn new(coding: Coding) -> Self {
        Self { decoder: Decoder::new(coding), text: String::new(), line: LineCount::default(), fault: None }
    }

    fn take(&mut self, block: &[u8]) {
        self.text.clear();
        let decoded = self.decoder.decode(block, &mut self.text);
        self.note(decoded);
    }

    fn note(&mut self, decoded: Result<(), NoCharacter>) {
        if self.fault.is_none() {
            self.line.take(self.text.bytes());
            self.fault = decoded.err().map(|NoCharacter(shown)| fault(self.line.number, "row", &shown, RULE));
        }
    }

    fn end(mut self) -> Result<Coding, FileFault> {
        self.text.clear();
        let decoded = self.decoder.finish(&mut self.text);
        self.note(decoded);
        self.fault.map_or(Ok(self.decoder.coding), Err)
    }
}

/// A file without the mark of UTF-16: it is UTF-8, or Windows-1251.
#[derive(Default)]
struct Undeclared {
    /// The bytes of a character of UTF-8 that does not end in the blocks so far.
    rest: Vec<u8>,
    line: LineCount,
    /// The first bytes that are not UTF-8, at most [`SHOWN`].
    broken: Vec<u8>,
    /// How many characters of UTF-8 there are besides ASCII, and how many bytes that are not UTF-8.
    utf8: usize,
    other: usize,
    russian: Russian,
}

impl Undeclared {
    fn take(&mut self, block: &[u8]) {
        self.russian.take(block);
        if !self.broken.is_empty() {
            self.show(block);
        }
        let mut bytes = std::mem::take(&mut self.rest);
        bytes.extend_from_slice(block);
        self.rest = bytes.split_off(bytes.len() - unfinished(Coding::Utf8, &bytes));
        let mut at = 0;
        for chunk in bytes.utf8_chunks() {
            self.utf8 += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            self.other += chunk.invalid().len();
            at += chunk.valid().len();
            if self.broken.is_empty() {
                self.line.take(chunk.valid().bytes());
                if !chunk.invalid().is_empty() {
                    self.show(bytes.get(at..).unwrap_or_default());
                    self.show(&self.rest.clone());
                }
            }
            at += chunk.invalid().len();
        }
    }

    fn show(&mut self, bytes: &[u8]) {
        let room = SHOWN.saturating_sub(self.broken.len());
        self.broken.extend(bytes.iter().take(room));
    }

    fn end(mut self) -> Result<Coding, FileFault> {
        let rest = std::mem::take(&mut self.rest);
        self.other += rest.len();
        if self.broken.is_empty() {
            self.show(&rest);
        }
        if self.broken.is_empty() {
            return Ok(Coding::Utf8);
        }
        // The bytes must be mostly not UTF-8.
        if self.russian.end() && self.utf8 * 2 < self.other {
            return Ok(Coding::Windows1251);
        }
        Err(fault(self.line.number, "row", &NoCharacter::of(&self.broken).0, RULE))
    }
}

/// The number of the line that follows the text so far.
struct LineCount {
    number: usize,
    last: u8,
}

impl Default for LineCount {
    fn default() -> Self {
        Self { number: 1, last: b' ' }
    }
}

impl LineCount {
    fn take(&mut self, text: impl Iterator<Item = u8>) {
        for byte in text {
            self.number += usize::from(byte == b'\r' || byte == b'\n' && self.last != b'\r');
            self.last = byte;
        }
    }
}

/// Whether bytes certainly are Windows-1251: only Russian letters and the characters of `OTHERS` besides ASCII, at least
/// one whole Russian word, and no word that mixes Russian with Latin letters.
#[derive(Default)]
struct Russian {
    is_impossible: bool,
    has_word: bool,
    /// The number of letters in the present word, and which letters it has.
    letters: usize,
    has_latin: bool,
    has_russian: bool,
}

impl Russian {
    fn take(&mut self, block: &[u8]) {
        for byte in block {
            if self.is_impossible {
                return;
            }
            match letter(*byte) {
                None => self.is_impossible = true,
                Some(c) if c.is_alphabetic() => {
                    self.letters += 1;
                    self.has_latin |= c.is_ascii();
                    self.has_russian |= !c.is_ascii();
                }
                Some(_) => self.end_word(),
            }
        }
    }

    fn end_word(&mut self) {
        self.is_impossible |= self.has_russian && self.has_latin;
        self.has_word |= self.has_russian && self.letters >= WORD;
        (self.letters, self.has_latin, self.has_russian) = (0, false, false);
    }

    fn end(&mut self) -> bool {
        self.end_word();
        self.has_word && !self.is_impossible
    }
}

fn letter(byte: u8) -> Option<char> {
    match byte {
        0..=0x7f => Some(char::from(byte)),
        0xc0..=0xff => char::from_u32(0x410 + u32::from(byte) - 0xc0),
        _ => OTHERS.iter().find(|(code, _)| *code == byte).map(|(_, letter)| *letter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text and encoding; else the line of the fault, and the bytes that are shown.
    type Decoded = Result<(String, Encoding), (usize, String)>;

    fn decoded(bytes: &[u8], block: usize) -> Decoded {
        let mut detector = Detector::default();
        bytes.chunks(block).for_each(|block| detector.take(block));
        let coding = detector.end().map_err(|fault| (fault.line, fault.value))?;
        let (mut decoder, mut text) = (Decoder::new(coding), String::new());
        bytes.chunks(block).for_each(|block| decoder.decode(block, &mut text).unwrap());
        decoder.finish(&mut text).unwrap();
        Ok((text, coding.name()))
    }

    /// The same, whatever the size of the blocks is; the mark is in the first one.
    fn encoding(bytes: &[u8]) -> Decoded {
        let whole = decoded(bytes, bytes.len().max(3));
        for block in 3..bytes.len().min(8) {
            assert_eq!(decoded(bytes, block), whole, "{bytes:x?} in blocks of {block}");
        }
        whole
    }

    fn in_1251(text: &str) -> Vec<u8> {
        text.chars().map(|c| (0..=255).find(|byte| letter(*byte) == Some(c)).unwrap()).collect()
    }

    #[test]
    fn every_form_is_read_and_named() {
        let text = "id;имя\r\n1;Сёмина «Анна»\r\n";
        let utf16 = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        for (bytes, form) in [
            (text.as_bytes().to_vec(), Encoding::Utf8),
            ([b"\xef\xbb\xbf", text.as_bytes()].concat(), Encoding::Utf8),
            ([b"\xff\xfe".to_vec(), utf16(u16::to_le_bytes)].concat(), Encoding::Utf16),
            ([b"\xfe\xff".to_vec(), utf16(u16::to_be_bytes)].concat(), Encoding::Utf16),
            (in_1251(text), Encoding::Windows1251),
        ] {
            assert_eq!(encoding(&bytes), Ok((text.to_owned(), form)));
        }
        assert_eq!(encoding(&in_1251("СЁМИНА")), Ok(("СЁМИНА".to_owned(), Encoding::Windows1251)));
    }

    #[test]
    fn a_damaged_file_is_not_taken_for_another_encoding() {
        for text in ["id\r\n1;Анна\r\n", "id\r1;ил", "id\n1;José", "id\n1;лилия", "id\n1;ё", "id\n1;Ольга 😀 Ким"]
        {
            let bytes = text.as_bytes();
            for at in 0..bytes.len() {
                if !text.is_char_boundary(at) {
                    let (line, _) = encoding(&bytes[..at]).expect_err(text);
                    assert_eq!(line, 2, "{text:?} cut at {at}");
                    let (without, halved) =
                        ([&bytes[..at], &bytes[at + 1..]].concat(), [&bytes[..at], b",\n", &bytes[at..]].concat());
                    assert!(encoding(&without).is_err(), "{text:?} without byte {at}");
                    assert!(encoding(&halved).is_err(), "{text:?} torn at {at}");
                }
            }
        }
        let units: Vec<u8> = "\u{feff}a\n😀".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for cut in [units.len() - 1, units.len() - 2, units.len() - 3] {
            assert_eq!(encoding(&units[..cut]).unwrap_err().0, 2, "{cut}");
        }
        // The text is German in Windows-1252, not Russian.
        assert!(encoding(b"id\n1;M\xfcller").is_err());
        assert_eq!(encoding(b"id\n1;\xd0(\xd0\xb0\xd0"), Err((2, "D0 28 D0 B0".to_owned())));
        assert_eq!(encoding(b"id\n\n1;\xd0(\xd0"), Err((3, "D0 28 D0".to_owned())));
    }
}
