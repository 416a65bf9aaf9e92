//! Reads JSON from outside with care: every field may be missing, every string is cut and cleaned. Used by `update`.

use serde::Deserialize;
use serde_json::{Value, json};

/// Reads JSON text that may be slightly broken. Lone surrogate escapes, which Rust strings cannot hold, become
/// `U+FFFD`, as do bytes that are not UTF-8. JSON that still cannot be read (for instance because it is nested too
/// deeply) becomes an object with nothing but its `update_id`. `None`: the text is not JSON, or is broken and has no
/// update id.
#[must_use]
pub fn read_json(raw: &[u8]) -> Option<Value> {
    #[derive(Deserialize)]
    struct Numbered {
        update_id: i64,
    }
    if let Ok(value) = serde_json::from_slice(raw) {
        return Some(value);
    }
    let repaired = repair_surrogates(&String::from_utf8_lossy(raw));
    serde_json::from_str(&repaired).ok().or_else(|| {
        serde_json::from_str(&repaired).ok().map(|Numbered { update_id }| json!({ "update_id": update_id }))
    })
}

/// The update id in JSON that cannot be read as a whole. Telegram writes the id as the first field, so it is accepted
/// only there.
#[must_use]
pub fn update_id_in(raw: &str) -> Option<i64> {
    let rest = raw.trim_start().strip_prefix('{')?.trim_start().strip_prefix("\"update_id\"")?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start();
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// Replaces every escape of a surrogate (`\uD8xx`) without its other half by `\ufffd`; all other bytes stay as they
/// are.
fn repair_surrogates(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let (replacement, length) = match (surrogate(escape), escape.get(6..).and_then(surrogate)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => (None, 12),
            (Some(_), _) => (Some("\\ufffd"), 6),
            (None, _) => (None, escape.chars().take(2).map(char::len_utf8).sum()),
        };
        let (kept, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        out.push_str(replacement.unwrap_or(kept));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The code of the surrogate, if this text begins with the `\uXXXX` escape of one.
fn surrogate(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u32::from_str_radix(digits, 16).ok().filter(|code| (0xD800..=0xDFFF).contains(code))
}

/// The field `name`, if it exists and is not null.
pub(super) fn field<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    body.get(name).filter(|value| !value.is_null())
}

/// The field `name` as an integer, also when it was written as `5.0`.
pub(super) fn int(body: &Value, name: &str) -> Option<i64> {
    as_int(body.get(name)?)
}

/// The value as an integer, also when it was written as `5.0`; `None` for fractions and beyond 2^53.
pub(super) fn as_int(value: &Value) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53: above this number a double skips integers
    value.as_i64().or_else(|| {
        let double = value.as_f64()?;
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
        (double.fract() == 0.0 && double.abs() <= EXACT).then_some(double as i64)
    })
}

/// The field `name` as a boolean; anything but `true` is false.
pub(super) fn flag(body: &Value, name: &str) -> bool {
    body.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// The field `name` as a string of at most `max` characters, without NUL (which neither SQLite text functions nor
/// Telegram accept).
pub(super) fn text(body: &Value, name: &str, max: usize) -> Option<String> {
    let found = body.get(name)?.as_str()?;
    Some(found.chars().filter(|c| *c != '\0').take(max).collect())
}

/// The field as a name of at most `max` characters: control characters become spaces, and spaces around the name are
/// cut. An empty or invisible name counts as missing.
pub(super) fn name(body: &Value, field: &str, max: usize) -> Option<String> {
    let found = body.get(field)?.as_str()?;
    let clean: String = found.chars().take(max).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let clean = clean.trim();
    (!crate::telegram::judge::is_blank(clean)).then(|| clean.to_owned())
}
