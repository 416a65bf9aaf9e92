//! Checks keyboards as Telegram does before it shows them. Used by sends and edits.

use serde_json::Value;

use super::link;
use super::params::Params;
use super::refusal::Refusal;

const MOST_BUTTONS: usize = 100;
const INLINE_FIELDS: &[&str] = &[
    "callback_data",
    "callback_game",
    "copy_text",
    "disabled",
    "icon_custom_emoji_id",
    "login_url",
    "pay",
    "style",
    "switch_inline_query",
    "switch_inline_query_chosen_chat",
    "switch_inline_query_current_chat",
    "text",
    "url",
    "web_app",
];
const KEY_FIELDS: &[&str] = &[
    "icon_custom_emoji_id",
    "request_chat",
    "request_contact",
    "request_location",
    "request_poll",
    "request_users",
    "style",
    "text",
    "web_app",
];

/// A checked `reply_markup`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Markup {
    /// Buttons under the message, as the JSON that is stored in the message.
    Inline(Value),
    /// A reply keyboard, which replaces the keyboard for letters.
    Keyboard { captions: Vec<Vec<String>>, one_time: bool },
    /// The person's reply keyboard is removed.
    Remove,
    /// The person is asked for a reply.
    ForceReply,
}

impl Markup {
    /// The inline keyboard; `None` for other markup, and for an inline keyboard without buttons.
    pub(super) fn inline(&self) -> Option<Value> {
        match self {
            Self::Inline(value) => {
                let rows = value.get("inline_keyboard").and_then(Value::as_array);
                rows.is_some_and(|rows| rows.iter().any(|row| row.as_array().is_some_and(|row| !row.is_empty())))
                    .then(|| value.clone())
            }
            _ => None,
        }
    }

    /// Checks the call's `reply_markup`; unknown fields of buttons are added to `violations`.
    pub(super) fn of(params: &Params, violations: &mut Vec<String>) -> Result<Option<Self>, Refusal> {
        let Some(value) = params.value("reply_markup") else { return Ok(None) };
        let Value::Object(map) = value else {
            return Err(Refusal::bad("can't parse reply keyboard markup JSON object"));
        };
        if let Some(rows) = map.get("inline_keyboard") {
            check_inline(rows, violations)?;
            return Ok(Some(Self::Inline(value.clone())));
        }
        if let Some(rows) = map.get("keyboard") {
            let captions = check_keys(rows, violations)?;
            let one_time = map.get("one_time_keyboard").and_then(Value::as_bool).unwrap_or(false);
            return Ok(Some(Self::Keyboard { captions, one_time }));
        }
        if map.get("remove_keyboard").and_then(Value::as_bool) == Some(true) {
            return Ok(Some(Self::Remove));
        }
        Ok(map.contains_key("force_reply").then_some(Self::ForceReply))
    }

    /// Checks the call's `reply_markup` as [`Markup::of`] does, for edits: only an inline keyboard is allowed.
    pub(super) fn inline_of(params: &Params, violations: &mut Vec<String>) -> Result<Option<Value>, Refusal> {
        match Self::of(params, violations)? {
            None => Ok(None),
            Some(markup @ Self::Inline(_)) => Ok(markup.inline()),
            Some(_) => Err(Refusal::bad("inline keyboard expected")),
        }
    }
}

fn rows_of<'a>(rows: &'a Value, what: &str) -> Result<Vec<&'a Vec<Value>>, Refusal> {
    let wrong = || Refusal::bad(&format!("can't parse {what}: Array of Arrays expected"));
    let rows = rows.as_array().ok_or_else(wrong)?;
    let rows: Vec<_> = rows.iter().map(Value::as_array).collect::<Option<_>>().ok_or_else(wrong)?;
    if rows.iter().map(|row| row.len()).sum::<usize>() > MOST_BUTTONS {
        return Err(Refusal::bad("reply markup is too long"));
    }
    Ok(rows)
}

fn check_inline(rows: &Value, violations: &mut Vec<String>) -> Result<(), Refusal> {
    for button in rows_of(rows, "inline keyboard")?.into_iter().flatten() {
        note_unknown(button, INLINE_FIELDS, violations);
        check_inline_button(button)?;
    }
    Ok(())
}

fn check_inline_button(button: &Value) -> Result<(), Refusal> {
    let field = |name: &str| button.get(name).and_then(Value::as_str);
    if field("text").unwrap_or_default().trim().is_empty() {
        return Err(Refusal::bad("can't parse inline keyboard button: Field \"text\" must be of type String"));
    }
    if let Some(url) = field("url") {
        let judged = link::read(url).map(drop);
        return judged.map_err(|why| Refusal::bad(&format!("inline keyboard button URL '{url}' is invalid: {why}")));
    }
    if let Some(data) = field("callback_data") {
        let fits = (1..=64).contains(&data.len());
        return if fits { Ok(()) } else { Err(Refusal::bad("BUTTON_DATA_INVALID")) };
    }
    let other = INLINE_FIELDS.iter().filter(|name| !["text", "style", "icon_custom_emoji_id"].contains(name));
    if other.into_iter().any(|name| button.get(*name).is_some_and(|value| !value.is_null())) {
        return Ok(());
    }
    Err(Refusal::bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"))
}

fn check_keys(rows: &Value, violations: &mut Vec<String>) -> Result<Vec<Vec<String>>, Refusal> {
    let rows = rows_of(rows, "keyboard")?;
    let mut captions = Vec::with_capacity(rows.len());
    for row in rows {
        let mut line = Vec::with_capacity(row.len());
        for key in row {
            note_unknown(key, KEY_FIELDS, violations);
            let text = key.as_str().or_else(|| key.get("text").and_then(Value::as_str)).unwrap_or_default();
            if text.trim().is_empty() {
                return Err(Refusal::bad("can't parse keyboard button: Field \"text\" must be of type String"));
            }
            line.push(text.to_owned());
        }
        captions.push(line);
    }
    Ok(captions)
}

fn note_unknown(button: &Value, known: &[&str], violations: &mut Vec<String>) {
    for name in button.as_object().into_iter().flat_map(|map| map.keys()) {
        if !known.contains(&name.as_str()) {
            violations.push(format!("reply_markup: unknown button field {name}"));
        }
    }
}
