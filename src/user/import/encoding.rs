//! Decodes the bytes of a file of customers. UTF-8 and UTF-16 are recognised by their form; Windows-1251, which Russian
//! spreadsheets still write, only when no other encoding is possible. A file that ends in the middle of a character is
//! refused.

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

/// The file's text, without its byte order mark, and its encoding.
pub(super) fn decoded(bytes: Vec<u8>) -> Result<(String, Encoding), FileFault> {
    if let Some(units) = bytes.strip_prefix(b"\xff\xfe") {
        return utf16(units, u16::from_le_bytes);
    }
    if let Some(units) = bytes.strip_prefix(b"\xfe\xff") {
        return utf16(units, u16::from_be_bytes);
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok((text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text), Encoding::Utf8)),
        Err(error) => {
            let (at, bytes) = (error.utf8_error().valid_up_to(), error.as_bytes());
            windows_1251(bytes).map(|text| (text, Encoding::Windows1251)).ok_or_else(|| broken(bytes, at))
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<(String, Encoding), FileFault> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    for read in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        match read {
            Ok(c) => text.push(c),
            Err(half) => {
                return Err(fault(
                    line_after(text.chars()),
                    "row",
                    &format!("{:04X}", half.unpaired_surrogate()),
                    RULE,
                ));
            }
        }
    }
    match rest {
        [] => Ok((text, Encoding::Utf16)),
        [half, ..] => Err(fault(line_after(text.chars()), "row", &format!("{half:02X}"), RULE)),
    }
}

/// The fault for invalid bytes at position `at`.
fn broken(bytes: &[u8], at: usize) -> FileFault {
    let before = bytes.iter().take(at).map(|byte| char::from(*byte));
    let shown: Vec<String> = bytes.iter().skip(at).take(4).map(|byte| format!("{byte:02X}")).collect();
    fault(line_after(before), "row", &shown.join(" "), RULE)
}

/// The number of the line that follows `before`.
fn line_after(before: impl Iterator<Item = char>) -> usize {
    let (mut line, mut last) = (1, ' ');
    for c in before {
        line += usize::from(c == '\r' || c == '\n' && last != '\r');
        last = c;
    }
    line
}

/// Decodes Windows-1251 if the file certainly is in that encoding: bytes that are mostly not UTF-8, only Russian
/// letters and the characters of `OTHERS` besides ASCII, at least one whole Russian word, and no word that mixes
/// Russian with Latin letters.
fn windows_1251(bytes: &[u8]) -> Option<String> {
    let (mut utf8, mut other) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        utf8 += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        other += chunk.invalid().len();
    }
    let text: String = bytes.iter().map(|byte| letter(*byte)).collect::<Option<_>>()?;
    let words = || text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_ascii());
    let is_mixed = words().any(|word| word.contains(|c: char| c.is_ascii()));
    let is_russian = words().any(|word| word.chars().count() >= WORD);
    (utf8 * 2 < other && !is_mixed && is_russian).then_some(text)
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

    fn encoding(bytes: &[u8]) -> Result<(String, Encoding), (usize, String)> {
        decoded(bytes.to_vec()).map_err(|fault| (fault.line, fault.value))
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
    }
}
