//! Makes text from outside harmless. A customer's name may hold escape sequences that move the cursor, change the
//! window title or reverse the writing direction; no terminal and no pipe gets them unchanged. A value in a command to
//! paste is quoted for the shell.

/// The text as one line: line breaks and tabs become spaces, dangerous characters become `�`.
#[must_use]
pub fn line(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { harmless(c) }).collect()
}

/// The text as several lines: line breaks stay, dangerous characters become `�`.
#[must_use]
pub fn text(text: &str) -> String {
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// The text as a cell of TSV: tab, line breaks, backslash and control characters in C notation, so that a row is one
/// line and every cell can be read back.
pub(super) fn tsv(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => cell.push_str(r"\\"),
            '\t' => cell.push_str(r"\t"),
            '\n' => cell.push_str(r"\n"),
            '\r' => cell.push_str(r"\r"),
            c if c.is_control() => cell.push_str(&format!(r"\x{:02x}", u32::from(c))),
            c => cell.push(c),
        }
    }
    cell
}

/// Serialised JSON with DEL, C1 controls and marks of writing direction escaped, so that the values stay the same. Such
/// characters occur only in strings.
pub(super) fn json(text: &str) -> String {
    let escape =
        |c: char| if c != '\n' && is_dangerous(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
    if text.chars().any(is_dangerous) { text.chars().map(escape).collect() } else { text.to_owned() }
}

/// `text` quoted as one word of a shell, ready to paste.
#[must_use]
pub fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':' | '@' | '%' | '+' | ',');
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

fn harmless(c: char) -> char {
    if is_dangerous(c) { '\u{fffd}' } else { c }
}

fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: &str = "Маша\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}\t\r\nК.";

    #[test]
    fn escapes_in_a_name_never_reach_the_terminal() {
        assert_eq!(line(NASTY), "Маша�]0;owned��2J�   К.");
        assert_eq!(text("a\n\u{1b}b"), "a\n�b");
        assert_eq!(line("Ёлка 🎄 ‍"), "Ёлка 🎄 ‍");
    }

    #[test]
    fn a_row_of_tsv_is_one_line() {
        assert_eq!(tsv("a\tb\nc\\d\u{1b}"), r"a\tb\nc\\d\x1b");
    }

    #[test]
    fn json_keeps_its_meaning_and_loses_its_danger() {
        let value = serde_json::json!({ "name": NASTY });
        let safe = json(&serde_json::to_string_pretty(&value).unwrap());
        assert!(!safe.chars().any(|c| c != '\n' && is_dangerous(c)));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
    }

    #[test]
    fn a_pasted_command_means_what_it_says() {
        assert_eq!(quoted("ВКМ4821"), "ВКМ4821");
        assert_eq!(quoted("it's; rm"), r"'it'\''s; rm'");
        assert_eq!(quoted(""), "''");
    }
}
