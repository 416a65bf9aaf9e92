//! Text without its tags: which characters Telegram cuts off, which texts it treats as empty, how it measures entities.

use serde_json::{Value, json};

use super::html::Parsed;

/// The length of a text in UTF-16 code units, the units of entities.
pub(super) fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Whether Telegram treats the text as empty, because the text has no visible character.
pub(super) fn is_empty(text: &str) -> bool {
    const UNSEEN: &[(u32, u32)] = &[
        (0x00, 0x20),
        (0xa0, 0xa0),
        (0x30a, 0x30a),
        (0x333, 0x333),
        (0x33f, 0x33f),
        (0x1680, 0x1680),
        (0x180e, 0x180e),
        (0x2000, 0x200f),
        (0x2028, 0x202f),
        (0x205f, 0x205f),
        (0x2800, 0x2800),
        (0x3000, 0x3000),
        (0xfeff, 0xfeff),
        (0xfffc, 0xfffc),
        (0xe0000, 0xe007f),
    ];
    text.chars().map(u32::from).all(|code| UNSEEN.iter().any(|(from, to)| (*from..=*to).contains(&code)))
}

/// Cuts white space around the text, as the server does, and moves the entities with it.
pub(super) fn trim(parsed: Parsed) -> Parsed {
    let is_space = |c: char| c == ' ' || c.is_ascii_control();
    let kept = parsed.text.trim_start_matches(is_space);
    let cut = utf16_len(&parsed.text) - utf16_len(kept);
    let text = kept.trim_end_matches(is_space).to_owned();
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
