//! Reads HTML as Telegram does: Telegram's tags, its four named references, its error texts with byte offsets. Shares
//! no code with the product's own parser on purpose, because this one checks the product; `tests/library.rs` compares
//! it with Telegram's verdicts.

use serde_json::{Value, json};

use super::link::{self, Target};

const TAGS: &[&str] = &[
    "a",
    "b",
    "blockquote",
    "code",
    "del",
    "em",
    "i",
    "ins",
    "pre",
    "s",
    "span",
    "strike",
    "strong",
    "tg-emoji",
    "tg-spoiler",
    "tg-time",
    "u",
];
const HALF_PAIR: &str =
    "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units";

/// The result of reading HTML: the plain text and its entities, offsets and lengths in UTF-16 code units.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Parsed {
    pub(super) text: String,
    pub(super) entities: Vec<Value>,
}

struct Open {
    tag: String,
    argument: String,
    /// The time that the tag `tg-time` shows, in seconds since the epoch; 0: none.
    unix: i64,
    from_unit: usize,
    from_byte: usize,
}

struct Reader<'a> {
    source: &'a str,
    at: usize,
    text: String,
    units: usize,
    open: Vec<Open>,
    entities: Vec<Value>,
    /// Whether a character reference for half of a surrogate pair was read.
    has_half: bool,
}

/// Reads `source`; the error is Telegram's wording without the `can't parse entities` prefix.
pub(super) fn parse(source: &str) -> Result<Parsed, String> {
    let mut reader = Reader {
        source,
        at: 0,
        text: String::new(),
        units: 0,
        open: Vec::new(),
        entities: Vec::new(),
        has_half: false,
    };
    while reader.at < source.len() {
        match reader.byte() {
            b'<' => reader.tag()?,
            b'&' => reader.ampersand(),
            _ => reader.plain(),
        }
    }
    if let Some(open) = reader.open.last() {
        return Err(format!("Can't find end tag corresponding to start tag \"{}\"", open.tag));
    }
    if reader.has_half {
        return Err(HALF_PAIR.to_owned());
    }
    let mut entities = reader.entities;
    for entity in &mut entities {
        let is_code = entity["type"] == "code";
        if let Some(map) = entity.as_object_mut().filter(|_| is_code) {
            map.remove("language");
        }
    }
    entities.sort_by_key(|entity| (entity["offset"].as_u64(), std::cmp::Reverse(entity["length"].as_u64())));
    Ok(Parsed { text: reader.text, entities })
}

impl Reader<'_> {
    fn byte(&self) -> u8 {
        self.byte_at(self.at)
    }

    /// The byte at this position; 0 after the end, as in a C string, so that the end of the text ends every name.
    fn byte_at(&self, at: usize) -> u8 {
        self.source.as_bytes().get(at).copied().unwrap_or(0)
    }

    fn push(&mut self, c: char) {
        self.units += c.len_utf16();
        self.text.push(c);
    }

    fn plain(&mut self) {
        if let Some(c) = self.source.get(self.at..).and_then(|rest| rest.chars().next()) {
            self.push(c);
            self.at += c.len_utf8();
        } else {
            self.at += 1;
        }
    }

    fn ampersand(&mut self) {
        match entity_at(self.source, self.at) {
            Some((code, next)) => {
                self.has_half |= char::from_u32(code).is_none();
                self.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                self.at = next;
            }
            None => self.plain(),
        }
    }

    fn tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        self.at += 1;
        if self.byte() == b'/' { self.end_tag(begin) } else { self.start_tag(begin) }
    }

    fn start_tag(&mut self, begin: usize) -> Result<(), String> {
        let tag = self.name(begin + 1, b"").to_ascii_lowercase();
        if self.byte() == 0 {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        if !TAGS.contains(&tag.as_str()) {
            return Err(format!("Unsupported start tag \"{tag}\" at byte offset {begin}"));
        }
        let (mut argument, mut unix) = (String::new(), 0);
        while let Some((name, value)) = self.attribute(begin, &tag)? {
            if tag == "tg-time" && name == "unix" {
                unix = leading_number(&value);
            }
            if let Some(found) = meaning(&tag, &name, &value) {
                argument = found;
            }
        }
        if tag == "span" && argument != "spoiler" {
            return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"));
        }
        self.open.push(Open { tag, argument, unix, from_unit: self.units, from_byte: self.text.len() });
        Ok(())
    }

    /// Reads the text from position `from` up to white space, `>` or one of `stops`.
    fn name(&mut self, from: usize, stops: &[u8]) -> String {
        self.at = from;
        while !is_space(self.byte()) && self.byte() != b'>' && !stops.contains(&self.byte()) {
            self.at += 1;
        }
        self.source.get(from..self.at).unwrap_or_default().to_owned()
    }

    fn spaces(&mut self) {
        while self.byte() != 0 && is_space(self.byte()) {
            self.at += 1;
        }
    }

    /// Reads the next attribute: its name and value. `None` when the tag has ended; its `>` is then consumed.
    fn attribute(&mut self, begin: usize, tag: &str) -> Result<Option<(String, String)>, String> {
        self.spaces();
        if self.byte() == b'>' {
            self.at += 1;
            return Ok(None);
        }
        let name = self.name(self.at, b"=/\"'");
        if name.is_empty() {
            return Err(format!("Empty attribute name in the tag \"{tag}\" at byte offset {begin}"));
        }
        self.spaces();
        if self.byte() != b'=' {
            if self.byte() == 0 {
                return Err(format!("Unclosed start tag \"{tag}\" at byte offset {begin}"));
            }
            return Ok(Some((name, String::new())));
        }
        self.at += 1;
        self.spaces();
        let value = self.attribute_value(begin, tag)?;
        Ok(Some((name, value)))
    }

    fn attribute_value(&mut self, begin: usize, tag: &str) -> Result<String, String> {
        let value = match self.byte() {
            0 => return Err(format!("Unclosed start tag \"{tag}\" at byte offset {begin}")),
            quote @ (b'"' | b'\'') => self.quoted(quote),
            _ => self.token()?,
        };
        if self.byte() == 0 {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        Ok(value)
    }

    fn token(&mut self) -> Result<String, String> {
        let from = self.at;
        while self.byte().is_ascii_alphanumeric() || matches!(self.byte(), b'.' | b'-') {
            self.at += 1;
        }
        if !is_space(self.byte()) && self.byte() != b'>' {
            return Err(format!("Unexpected end of name token at byte offset {from}"));
        }
        Ok(self.source.get(from..self.at).unwrap_or_default().to_ascii_lowercase())
    }

    fn quoted(&mut self, quote: u8) -> String {
        self.at += 1;
        let mut value = String::new();
        while self.byte() != quote && self.byte() != 0 {
            if let Some((code, next)) = entity_at(self.source, self.at) {
                value.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                self.at = next;
            } else if let Some(c) = self.source.get(self.at..).and_then(|rest| rest.chars().next()) {
                value.push(c);
                self.at += c.len_utf8();
            }
        }
        if self.byte() == quote {
            self.at += 1;
        }
        value
    }

    fn end_tag(&mut self, begin: usize) -> Result<(), String> {
        let Some(open) = self.open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {begin}"));
        };
        let found = self.name(begin + 2, b"").to_ascii_lowercase();
        self.spaces();
        if self.byte() != b'>' {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        }
        self.at += 1;
        if !found.is_empty() && found != open.tag {
            let expected = open.tag;
            return Err(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{expected}>\", found \"</{found}>\""
            ));
        }
        if self.units > open.from_unit { self.entity(&open) } else { Ok(()) }
    }

    fn entity(&mut self, open: &Open) -> Result<(), String> {
        let (offset, length) = (open.from_unit, self.units - open.from_unit);
        let kind = match open.tag.as_str() {
            "b" | "strong" => "bold",
            "i" | "em" => "italic",
            "s" | "strike" | "del" => "strikethrough",
            "u" | "ins" => "underline",
            "blockquote" if open.argument == "expandable" => "expandable_blockquote",
            "blockquote" => "blockquote",
            "a" | "tg-emoji" | "tg-time" => {
                self.entities.extend(self.with_argument(open)?);
                return Ok(());
            }
            "code" | "pre" => {
                self.block(open);
                return Ok(());
            }
            _ => "spoiler",
        };
        self.entities.push(json!({ "type": kind, "offset": offset, "length": length }));
        Ok(())
    }

    /// The entity for a tag with an argument: the value of an attribute, else the text inside the tag. `None` when
    /// Telegram shows plain text.
    fn with_argument(&self, open: &Open) -> Result<Option<Value>, String> {
        let (offset, length) = (open.from_unit, self.units - open.from_unit);
        let argument = &open.argument;
        match open.tag.as_str() {
            "tg-emoji" => {
                let id = argument.parse::<i64>().ok().filter(|id| *id != 0 && id.to_string() == *argument);
                let id = id.ok_or("Invalid custom emoji identifier specified")?.to_string();
                Ok(Some(json!({ "type": "custom_emoji", "offset": offset, "length": length, "custom_emoji_id": id })))
            }
            "tg-time" => {
                let is_relative = argument.eq_ignore_ascii_case("r");
                if !is_relative && argument.chars().any(|c| !"tTdDwW".contains(c)) {
                    return Err("Invalid date format used".to_owned());
                }
                let time = json!({
                    "type": "date_time", "offset": offset, "length": length, "unix_time": open.unix,
                    "date_time_format": argument,
                });
                Ok((open.unix > 0).then_some(time))
            }
            _ => {
                let inner = self.text.get(open.from_byte..).unwrap_or_default();
                // An invalid link is shown as plain text, without an error.
                Ok(match link::read(if argument.is_empty() { inner } else { argument }) {
                    Ok(Target::Page(url)) => {
                        Some(json!({ "type": "text_link", "offset": offset, "length": length, "url": url }))
                    }
                    Ok(Target::Person(id)) => {
                        let user = json!({ "id": id, "is_bot": false, "first_name": format!("Person {id}") });
                        Some(json!({ "type": "text_mention", "offset": offset, "length": length, "user": user }))
                    }
                    Err(_) => None,
                })
            }
        }
    }

    /// Adds the entity for the end of `pre` or `code`. If both tags enclose the same text, they become one code block
    /// in a language.
    fn block(&mut self, open: &Open) {
        let (offset, length) = (open.from_unit, self.units - open.from_unit);
        let other = if open.tag == "pre" { "code" } else { "pre" };
        let last = self.entities.last_mut().filter(|last| last["type"] == other);
        let last = last.filter(|last| last["offset"] == offset && last["length"] == length);
        let inner = last.as_ref().and_then(|last| last["language"].as_str()).unwrap_or_default();
        let language = if open.tag == "pre" { inner.to_owned() } else { open.argument.clone() };
        let mut block = json!({ "type": open.tag, "offset": offset, "length": length });
        if let Some(map) = block.as_object_mut().filter(|_| !language.is_empty()) {
            map.insert("language".into(), json!(language));
        }
        match last {
            Some(last) if !language.is_empty() => {
                if let Some(map) = block.as_object_mut() {
                    map.insert("type".into(), json!("pre"));
                }
                *last = block;
            }
            _ => self.entities.push(block),
        }
    }
}

fn meaning(tag: &str, name: &str, value: &str) -> Option<String> {
    match (tag, name) {
        ("a", "href") | ("tg-emoji", "emoji-id") | ("tg-time", "format") => Some(value.to_owned()),
        ("blockquote", "expandable") => Some("expandable".to_owned()),
        ("span", "class") => value.strip_prefix("tg-").map(str::to_owned),
        ("code", "class") => value.strip_prefix("language-").map(str::to_owned),
        _ => None,
    }
}

/// The whole number with which a text begins; 0 when the text begins with none.
fn leading_number(text: &str) -> i64 {
    let sign = usize::from(text.starts_with('-'));
    let end = text.bytes().skip(sign).take_while(u8::is_ascii_digit).count() + sign;
    text.get(..end).and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b' ' | b'\t' | b'\n' | b'\r' | 0x0b)
}

/// The code of the character for which the reference at position `at` stands, and the position behind the reference;
/// `None`: the ampersand is ordinary text.
fn entity_at(source: &str, at: usize) -> Option<(u32, usize)> {
    let rest = source.get(at..)?.strip_prefix('&')?;
    let (code, used) = match rest.strip_prefix('#') {
        Some(number) => numeric(number).map(|(code, used)| (code, used + 1))?,
        None => named(rest).map(|(c, used)| (u32::from(c), used))?,
    };
    let next = at + 1 + used;
    let semicolon = source.as_bytes().get(next) == Some(&b';');
    Some((code, next + usize::from(semicolon)))
}

fn numeric(number: &str) -> Option<(u32, usize)> {
    let (digits, radix, prefix) = number.strip_prefix(['x', 'X']).map_or((number, 10, 0), |hex| (hex, 16, 1));
    let used = digits.chars().take_while(|c| c.is_digit(radix)).count();
    // Together with `&#`, a numeric reference has at most nine characters.
    if used == 0 || used + prefix > 7 {
        return None;
    }
    let code = u32::from_str_radix(digits.get(..used)?, radix).ok()?;
    (1..0x10_ffff).contains(&code).then_some((code, used + prefix))
}

fn named(rest: &str) -> Option<(char, usize)> {
    let used = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let c = match rest.get(..used)? {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        _ => return None,
    };
    Some((c, used))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(source: &str) -> String {
        parse(source).unwrap_err()
    }

    #[test]
    fn tags_become_entities_counted_in_utf16_units() {
        let parsed = parse("🎉 <b>ура</b> <a href=\"https://t.me/x\">да</a>").unwrap();
        assert_eq!(parsed.text, "🎉 ура да");
        assert_eq!(parsed.entities[0], json!({ "type": "bold", "offset": 3, "length": 3 }));
        assert_eq!(
            parsed.entities[1],
            json!({ "type": "text_link", "offset": 7, "length": 2, "url": "https://t.me/x" })
        );
    }

    #[test]
    fn four_named_entities_and_numbers_are_decoded_and_the_rest_stays() {
        assert_eq!(
            parse("&lt;&gt;&amp;&quot;&#65;&#x42;&nbsp;&apos; A & B").unwrap().text,
            "<>&\"AB&nbsp;&apos; A & B"
        );
        assert_eq!(parse("&amp;lt;").unwrap().text, "&lt;");
    }

    #[test]
    fn errors_carry_telegrams_words_and_byte_offsets() {
        assert_eq!(error("12345<foo>"), "Unsupported start tag \"foo\" at byte offset 5");
        assert_eq!(error("я<foo>"), "Unsupported start tag \"foo\" at byte offset 2");
        assert_eq!(error("A<3"), "Unclosed start tag at byte offset 1");
        assert_eq!(error("A<3>"), "Unsupported start tag \"3\" at byte offset 1");
        assert_eq!(error("<br/>"), "Unsupported start tag \"br/\" at byte offset 0");
        assert_eq!(error("<b>x"), "Can't find end tag corresponding to start tag \"b\"");
        assert_eq!(error("x</b>"), "Unexpected end tag at byte offset 1");
        assert_eq!(error("<b>x</i>"), "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\"");
        assert_eq!(error("<b>x</b"), "Unclosed end tag at byte offset 4");
        assert_eq!(error("<span>x</span>"), "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0");
        assert_eq!(error("<a href=x/y>x</a>"), "Unexpected end of name token at byte offset 8");
        assert_eq!(error("<a href=\"x"), "Unclosed start tag at byte offset 0");
    }

    #[test]
    fn nested_tags_short_ends_and_an_expandable_quote_are_accepted() {
        let parsed = parse("<B><i>x</></b><blockquote expandable>q</blockquote>").unwrap();
        let kinds: Vec<_> = parsed.entities.iter().map(|entity| entity["type"].as_str().unwrap()).collect();
        assert_eq!(kinds.len(), 3, "{kinds:?}");
        assert!(["italic", "bold", "expandable_blockquote"].iter().all(|kind| kinds.contains(kind)));
    }

    #[test]
    fn white_space_around_is_cut_and_entities_follow() {
        let trimmed = super::super::plain::trim(parse(" \n<b> x </b> ").unwrap());
        assert_eq!(trimmed.text, "x");
        assert_eq!(trimmed.entities, [json!({ "type": "bold", "offset": 0, "length": 1 })]);
    }
}
