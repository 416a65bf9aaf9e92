//! Reads Telegram's HTML: checks its tags and attributes, and returns the text without them.

use super::reference::{self, Reference};
use super::{Fault, link};

const TAGS: [&str; 17] = [
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
/// The beginning of a placeholder (`{{name}}`). A placeholder may stand in a text, and in a tag only between double
/// quotes.
const PLACEHOLDER: &str = "{{";

/// The text that people see when Telegram has read `html`. Placeholders count as ordinary text.
///
/// # Errors
/// A [`Fault`] for HTML that Telegram refuses, and for HTML that it would show differently from what was meant: an
/// invalid link, a named character reference that Telegram does not know.
pub fn read(html: &str) -> Result<String, Fault> {
    let mut reader = HtmlParser { rest: html, text: String::with_capacity(html.len()), open: Vec::new() };
    while let Some(at) = reader.rest.find(['<', '&']) {
        let (plain, marked) = reader.rest.split_at(at);
        reader.text.push_str(plain);
        reader.rest = marked;
        if marked.starts_with('&') { reader.reference()? } else { reader.tag()? }
    }
    reader.text.push_str(reader.rest);
    match reader.open.pop() {
        None => Ok(reader.text),
        Some(tag) => Err(Fault::new("text.tag_unclosed", &format!("<{}>", tag.name))),
    }
}

/// A tag that has been opened and not closed yet.
struct Open<'a> {
    name: String,
    /// The tag as written, for error messages.
    written: &'a str,
    argument: Option<String>,
    /// How many bytes of the text precede the tag.
    from: usize,
}

struct HtmlParser<'a> {
    rest: &'a str,
    text: String,
    open: Vec<Open<'a>>,
}

impl<'a> HtmlParser<'a> {
    fn reference(&mut self) -> Result<(), Fault> {
        if let Some((written, sign)) = reference::unknown(self.rest).filter(|_| reference::at(self.rest).is_none()) {
            return Err(Fault::new("text.entity", &format!("{written} → {sign}")));
        }
        match reference::at(self.rest) {
            Some((Reference::Sign(sign), length)) => {
                self.text.push(sign);
                self.skip(length);
                Ok(())
            }
            Some((Reference::Half, length)) => {
                Err(Fault::new("text.surrogate", self.rest.get(..length).unwrap_or_default()))
            }
            None => {
                self.text.push('&');
                self.skip(1);
                Ok(())
            }
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start_matches(is_space);
    }

    /// Reads the text up to the first character that `ends` accepts; that character is not consumed.
    fn until(&mut self, ends: impl Fn(char) -> bool) -> &'a str {
        let (found, rest) = self.rest.split_at(self.rest.find(ends).unwrap_or(self.rest.len()));
        self.rest = rest;
        found
    }

    fn tag(&mut self) -> Result<(), Fault> {
        let whole = self.rest;
        self.skip(1);
        if self.rest.starts_with('/') {
            self.skip(1);
            return self.end(whole);
        }
        let name = self.until(|sign| is_space(sign) || sign == '>').to_ascii_lowercase();
        if self.rest.is_empty() {
            return Err(Fault::new("text.tag_open", whole));
        }
        if !TAGS.contains(&name.as_str()) {
            return Err(Fault::new("text.tag_unknown", &format!("<{name}>")));
        }
        let mut argument = None;
        while let Some((attribute, value)) = self.attribute(whole)? {
            argument = meaning(&name, attribute, &value).or(argument);
        }
        let written = shown(whole);
        if name == "span" && argument.as_deref() != Some("spoiler") {
            return Err(Fault::new("text.tag_unknown", written));
        }
        self.open.push(Open { name, written, argument, from: self.text.len() });
        Ok(())
    }

    /// The next attribute and its value, which is empty if the attribute has none; `None` when the tag has ended.
    fn attribute(&mut self, whole: &'a str) -> Result<Option<(&'a str, String)>, Fault> {
        let unclosed = || Fault::new("text.tag_open", whole);
        self.skip_spaces();
        if self.rest.is_empty() {
            return Err(unclosed());
        }
        if self.rest.starts_with('>') {
            self.skip(1);
            return Ok(None);
        }
        let name = self.until(|sign| is_space(sign) || matches!(sign, '=' | '>' | '/' | '"' | '\''));
        if name.is_empty() {
            return Err(Fault::new("text.attribute", shown(whole)));
        }
        if name.contains(PLACEHOLDER) {
            return Err(Fault::new("text.placeholder_place", shown(whole)));
        }
        self.skip_spaces();
        if !self.rest.starts_with('=') {
            return if self.rest.is_empty() { Err(unclosed()) } else { Ok(Some((name, String::new()))) };
        }
        self.skip(1);
        self.skip_spaces();
        let value = self.value(whole)?;
        if self.rest.is_empty() { Err(unclosed()) } else { Ok(Some((name, value))) }
    }

    fn value(&mut self, whole: &'a str) -> Result<String, Fault> {
        for quote in ['"', '\''] {
            let Some(after) = self.rest.strip_prefix(quote) else { continue };
            let (value, rest) = after.split_once(quote).ok_or_else(|| Fault::new("text.tag_open", whole))?;
            if quote == '\'' && value.contains(PLACEHOLDER) {
                return Err(Fault::new("text.placeholder_place", shown(whole)));
            }
            self.rest = rest;
            return Ok(decoded(value));
        }
        let value = self.until(|sign| !sign.is_ascii_alphanumeric() && !matches!(sign, '.' | '-'));
        if self.rest.starts_with(|sign| is_space(sign) || sign == '>') || self.rest.is_empty() {
            Ok(value.to_ascii_lowercase())
        } else {
            Err(Fault::new("text.attribute_value", shown(whole)))
        }
    }

    fn end(&mut self, whole: &'a str) -> Result<(), Fault> {
        let Some(open) = self.open.pop() else { return Err(Fault::new("text.tag_unmatched", shown(whole))) };
        let name = self.until(|sign| is_space(sign) || sign == '>').to_ascii_lowercase();
        self.skip_spaces();
        if self.rest.is_empty() {
            return Err(Fault::new("text.tag_open", whole));
        }
        if !self.rest.starts_with('>') {
            return Err(Fault::new("text.tag_close", shown(whole)));
        }
        self.skip(1);
        if !name.is_empty() && name != open.name {
            return Err(Fault::new("text.tag_unmatched", shown(whole)));
        }
        let inside = self.text.get(open.from..).unwrap_or_default();
        if inside.is_empty() { Ok(()) } else { check_argument(&open, inside) }
    }
}

/// The argument that an attribute gives its tag; `None` for an attribute that Telegram ignores.
fn meaning(tag: &str, name: &str, value: &str) -> Option<String> {
    match (tag, name) {
        ("a", "href") | ("tg-emoji", "emoji-id") | ("tg-time", "format") => Some(value.to_owned()),
        ("span", "class") => value.strip_prefix("tg-").map(str::to_owned),
        _ => None,
    }
}

/// Checks the argument of a tag, as Telegram does when the tag is closed. `inside` is the text between the tags.
fn check_argument(tag: &Open<'_>, inside: &str) -> Result<(), Fault> {
    let argument = tag.argument.as_deref().unwrap_or_default();
    match tag.name.as_str() {
        "tg-emoji" if link::whole_number(argument).is_none_or(|id| id == 0) => {
            Err(Fault::new("text.emoji_id", tag.written))
        }
        "tg-time" if !is_time_format(argument) => Err(Fault::new("text.time_format", tag.written)),
        "a" => {
            let url = if argument.is_empty() { inside } else { argument };
            if url.contains(PLACEHOLDER) || link::is_link(url) { Ok(()) } else { Err(Fault::new("text.link", url)) }
        }
        _ => Ok(()),
    }
}

fn is_time_format(format: &str) -> bool {
    matches!(format, "r" | "R") || format.bytes().all(|letter| b"tTdDwW".contains(&letter))
}

/// An attribute's value with its character references replaced.
fn decoded(value: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(value.len()), value);
    while let Some(at) = rest.find('&') {
        let (plain, marked) = rest.split_at(at);
        out.push_str(plain);
        let (sign, length) = match reference::at(marked) {
            Some((Reference::Sign(sign), length)) => (sign, length),
            Some((Reference::Half, length)) => (char::REPLACEMENT_CHARACTER, length),
            None => ('&', 1),
        };
        out.push(sign);
        rest = marked.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// The tag at the beginning of `whole`, for error messages.
fn shown(whole: &str) -> &str {
    whole.find('>').and_then(|end| whole.get(..=end)).unwrap_or(whole)
}

const fn is_space(sign: char) -> bool {
    matches!(sign, '\0' | ' ' | '\t' | '\n' | '\r' | '\u{b}')
}
