//! HTML as Telegram reads it: its tags, its four named entities, its error texts with byte offsets. Written apart from
//! the product's own markup code on purpose: this is the judge.

use serde_json::{Value, json};

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
    "u",
];

/// What is left when tags are read: plain text and its entities, offsets and lengths in UTF-16 code units.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Parsed {
    pub(super) text: String,
    pub(super) entities: Vec<Value>,
}

struct Open {
    tag: String,
    argument: String,
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
}

/// Length as Telegram counts it.
pub(super) fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Reads `source`; the error is Telegram's wording without the `can't parse entities` prefix.
pub(super) fn parse(source: &str) -> Result<Parsed, String> {
    let mut reader = Reader { source, at: 0, text: String::new(), units: 0, open: Vec::new(), entities: Vec::new() };
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
    Ok(Parsed { text: reader.text, entities: reader.entities })
}

/// Cuts white space around the text, as the server does, and moves the entities with it.
pub(super) fn trim(parsed: Parsed) -> Parsed {
    let kept = parsed.text.trim_start();
    let cut = utf16_len(&parsed.text) - utf16_len(kept);
    let text = kept.trim_end().to_owned();
    let end = utf16_len(&text);
    let entities = parsed.entities.into_iter().filter_map(|entity| moved(entity, cut, end)).collect();
    Parsed { text, entities }
}

fn moved(mut entity: Value, cut: usize, end: usize) -> Option<Value> {
    let read = |name: &str| entity.get(name).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let (offset, length) = (read("offset")?, read("length")?);
    let from = offset.max(cut) - cut;
    let to = (offset + length).max(cut).saturating_sub(cut).min(end);
    if to <= from {
        return None;
    }
    let map = entity.as_object_mut()?;
    map.insert("offset".into(), json!(from));
    map.insert("length".into(), json!(to - from));
    Some(entity)
}

impl Reader<'_> {
    fn byte(&self) -> u8 {
        self.byte_at(self.at)
    }

    /// 0 past the end, like a C string: the end of the text ends every name.
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
            Some((c, next)) => {
                self.push(c);
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
        let tag = self.name(begin + 1, b"");
        if self.byte() == 0 {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        if !TAGS.contains(&tag.as_str()) {
            return Err(format!("Unsupported start tag \"{tag}\" at byte offset {begin}"));
        }
        let mut argument = String::new();
        while let Some((name, value)) = self.attribute(begin, &tag)? {
            if let Some(found) = meaning(&tag, &name, &value) {
                argument = found;
            }
        }
        if tag == "span" && argument != "spoiler" {
            return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"));
        }
        self.open.push(Open { tag, argument, from_unit: self.units, from_byte: self.text.len() });
        Ok(())
    }

    /// Reads up to white space, `>` or one of `stops`, in lower case.
    fn name(&mut self, from: usize, stops: &[u8]) -> String {
        self.at = from;
        while !is_space(self.byte()) && self.byte() != b'>' && !stops.contains(&self.byte()) {
            self.at += 1;
        }
        self.source.get(from..self.at).unwrap_or_default().to_ascii_lowercase()
    }

    fn spaces(&mut self) {
        while self.byte() != 0 && is_space(self.byte()) {
            self.at += 1;
        }
    }

    /// The next attribute, or `None` when the tag has closed (and `>` is consumed).
    fn attribute(&mut self, begin: usize, tag: &str) -> Result<Option<(String, String)>, String> {
        self.spaces();
        if self.byte() == b'>' {
            self.at += 1;
            return Ok(None);
        }
        let name = self.name(self.at, b"=");
        if name.is_empty() {
            return Err(format!("Empty attribute name in the tag \"{tag}\" at byte offset {begin}"));
        }
        self.spaces();
        if self.byte() != b'=' {
            if tag == "blockquote" && name == "expandable" {
                return Ok(Some((name, String::new())));
            }
            return Err(format!(
                "Expected equal sign in declaration of an attribute of the tag \"{tag}\" at byte offset {begin}"
            ));
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
            if let Some((c, next)) = entity_at(self.source, self.at) {
                value.push(c);
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
        let found = self.name(begin + 2, b"");
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
        if self.units > open.from_unit {
            self.entities.extend(self.entity(&open));
        }
        Ok(())
    }

    fn entity(&self, open: &Open) -> Option<Value> {
        let inner = self.text.get(open.from_byte..).unwrap_or_default();
        let (offset, length) = (open.from_unit, self.units - open.from_unit);
        let kind = match open.tag.as_str() {
            "b" | "strong" => "bold",
            "i" | "em" => "italic",
            "s" | "strike" | "del" => "strikethrough",
            "u" | "ins" => "underline",
            "code" => "code",
            "pre" => "pre",
            "blockquote" if open.argument == "expandable" => "expandable_blockquote",
            "blockquote" => "blockquote",
            "a" => {
                let url = if open.argument.is_empty() { inner } else { &open.argument };
                // A link that is no link is shown as plain text, without an error.
                return is_link(url)
                    .then(|| json!({ "type": "text_link", "offset": offset, "length": length, "url": url }));
            }
            "tg-emoji" => {
                let id = &open.argument;
                return Some(
                    json!({ "type": "custom_emoji", "offset": offset, "length": length, "custom_emoji_id": id }),
                );
            }
            _ => "spoiler",
        };
        Some(json!({ "type": kind, "offset": offset, "length": length }))
    }
}

fn meaning(tag: &str, name: &str, value: &str) -> Option<String> {
    match (tag, name) {
        ("a", "href") | ("tg-emoji", "emoji-id") => Some(value.to_owned()),
        ("blockquote", "expandable") => Some("expandable".to_owned()),
        ("span", "class") => value.strip_prefix("tg-").map(str::to_owned),
        ("code", "class") => value.strip_prefix("language-").map(str::to_owned),
        _ => None,
    }
}

fn is_link(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    let schemes = ["http://", "https://", "tg://", "ton://", "mailto:", "tel:"];
    schemes.iter().any(|scheme| lower.starts_with(scheme)) || (lower.contains('.') && !lower.contains(' '))
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b' ' | b'\t' | b'\n' | b'\r' | 0x0b)
}

/// The character written as an entity at `at`, and where the text goes on; `None` leaves the ampersand as it is.
fn entity_at(source: &str, at: usize) -> Option<(char, usize)> {
    let rest = source.get(at..)?.strip_prefix('&')?;
    let (c, used) = match rest.strip_prefix('#') {
        Some(number) => numeric(number).map(|(c, used)| (c, used + 1))?,
        None => named(rest)?,
    };
    let next = at + 1 + used;
    let semicolon = source.as_bytes().get(next) == Some(&b';');
    Some((c, next + usize::from(semicolon)))
}

fn numeric(number: &str) -> Option<(char, usize)> {
    let (digits, radix, prefix) = number.strip_prefix('x').map_or((number, 10, 0), |hex| (hex, 16, 1));
    let used = digits.chars().take_while(|c| c.is_digit(radix)).count();
    if used == 0 || used > 7 {
        return None;
    }
    let code = u32::from_str_radix(digits.get(..used)?, radix).ok().filter(|code| *code != 0)?;
    Some((char::from_u32(code)?, used + prefix))
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
        assert_eq!(kinds, ["italic", "bold", "expandable_blockquote"]);
    }

    #[test]
    fn white_space_around_is_cut_and_entities_follow() {
        let trimmed = trim(parse(" \n<b> x </b> ").unwrap());
        assert_eq!(trimmed.text, "x");
        assert_eq!(trimmed.entities, [json!({ "type": "bold", "offset": 0, "length": 1 })]);
    }
}
