//! Writes a message's formatting as Telegram's HTML, so that a message from an admin to the bot can be sent on as the
//! admin wrote it. Used by `update`.

use serde_json::Value;

use super::MAX_TEXT;
use super::json::{int, text};

/// The most entities that are read, more than Telegram sends; further entities are ignored.
const MAX_ENTITIES: usize = 100;

/// The most characters of a language's name, of an emoji's number, or of a date format.
const MAX_LANGUAGE: usize = 64;

struct EntitySpan {
    /// Where the entity begins, in UTF-16 units, as Telegram counts.
    from: i64,
    to: i64,
    open: String,
    close: &'static str,
}

/// The text as HTML: escaped, with the entities as tags. The tags are well nested even if the entities overlap.
pub(super) fn formatted(raw: &str, entities: Option<&Value>) -> String {
    let spans = spans(entities);
    let mut out = String::with_capacity(raw.len());
    let mut open: Vec<usize> = Vec::new();
    let mut at: i64 = 0;
    for c in raw.chars().take(MAX_TEXT) {
        switch_tags(&mut out, &mut open, &spans, at);
        escape(&mut out, c);
        at += if c.len_utf16() == 2 { 2 } else { 1 };
    }
    switch_tags(&mut out, &mut open, &spans, i64::MAX);
    out
}

/// Closes and opens tags so that exactly the spans that cover the position `at` are open, the longest outermost.
fn switch_tags(out: &mut String, open: &mut Vec<usize>, spans: &[EntitySpan], at: i64) {
    let over = |index: &usize| spans.get(*index).is_some_and(|span| (span.from..span.to).contains(&at));
    let wanted: Vec<usize> = (0..spans.len()).filter(over).collect();
    let same = open.iter().zip(&wanted).take_while(|(a, b)| a == b).count();
    for index in open.drain(same..).rev() {
        out.push_str(spans.get(index).map_or("", |span| span.close));
    }
    for index in wanted.into_iter().skip(same) {
        out.push_str(spans.get(index).map_or("", |span| &span.open));
        open.push(index);
    }
}

fn spans(entities: Option<&Value>) -> Vec<EntitySpan> {
    let entities = entities.and_then(Value::as_array).into_iter().flatten().take(MAX_ENTITIES);
    let mut spans: Vec<EntitySpan> = entities.filter_map(span).collect();
    spans.sort_by_key(|span| (span.from, -span.to));
    spans
}

fn span(entity: &Value) -> Option<EntitySpan> {
    let (open, close) = match entity.get("type")?.as_str()? {
        "bold" => ("<b>".to_owned(), "</b>"),
        "italic" => ("<i>".to_owned(), "</i>"),
        "underline" => ("<u>".to_owned(), "</u>"),
        "strikethrough" => ("<s>".to_owned(), "</s>"),
        "spoiler" => ("<tg-spoiler>".to_owned(), "</tg-spoiler>"),
        "code" => ("<code>".to_owned(), "</code>"),
        "pre" => match text(entity, "language", MAX_LANGUAGE) {
            Some(language) => (with_value("<pre><code class=\"language-", &language), "</code></pre>"),
            None => ("<pre>".to_owned(), "</pre>"),
        },
        "blockquote" => ("<blockquote>".to_owned(), "</blockquote>"),
        "expandable_blockquote" => ("<blockquote expandable>".to_owned(), "</blockquote>"),
        "text_link" => (with_value("<a href=\"", &text(entity, "url", 2048)?), "</a>"),
        "text_mention" => {
            let id = int(entity.get("user")?, "id")?;
            (with_value("<a href=\"", &format!("tg://user?id={id}")), "</a>")
        }
        "custom_emoji" => {
            (with_value("<tg-emoji emoji-id=\"", &text(entity, "custom_emoji_id", MAX_LANGUAGE)?), "</tg-emoji>")
        }
        "date_time" => (date_time(entity)?, "</tg-time>"),
        _ => return None,
    };
    let (from, length) = (int(entity, "offset")?, int(entity, "length")?);
    (from >= 0 && length > 0).then(|| EntitySpan {
        from,
        to: from.saturating_add(length).min(i64::MAX - 1),
        open,
        close,
    })
}

/// Whether an entity of this type is kept: formatted here, or recognised in the text by Telegram itself.
pub(super) fn is_kept(kind: &str) -> bool {
    const BY_TELEGRAM: [&str; 9] = [
        "bank_card_number",
        "bot_command",
        "cashtag",
        "email",
        "hashtag",
        "media_timestamp",
        "mention",
        "phone_number",
        "url",
    ];
    const OWN: [&str; 13] = [
        "blockquote",
        "bold",
        "code",
        "custom_emoji",
        "date_time",
        "expandable_blockquote",
        "italic",
        "pre",
        "spoiler",
        "strikethrough",
        "text_link",
        "text_mention",
        "underline",
    ];
    OWN.contains(&kind) || BY_TELEGRAM.contains(&kind)
}

fn date_time(entity: &Value) -> Option<String> {
    let unix = int(entity, "unix_time")?;
    let format = text(entity, "date_time_format", MAX_LANGUAGE).unwrap_or_default();
    let format = if format.is_empty() { String::new() } else { with_value(" format=\"", &format).replace("\">", "\"") };
    Some(format!("<tg-time unix=\"{unix}\"{format}>"))
}

/// An opening tag: `begin` (up to the quote before the value of its attribute), the escaped value, and `">`.
fn with_value(begin: &str, value: &str) -> String {
    let mut open = begin.to_owned();
    value.chars().for_each(|c| escape(&mut open, c));
    open + "\">"
}

fn escape(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\0' => {}
        _ => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn formatting_is_kept_and_text_escaped() {
        let entities = json!([
            {"type": "bold", "offset": 3, "length": 6}, {"type": "italic", "offset": 6, "length": 3},
            {"type": "text_link", "offset": 10, "length": 2, "url": "https://a.b/?x=1&y=\"2\""},
            {"type": "hashtag", "offset": 0, "length": 2},
        ]);
        assert_eq!(
            formatted("😀 abcdef <&", Some(&entities)),
            "😀 <b>abc<i>def</i></b> <a href=\"https://a.b/?x=1&amp;y=&quot;2&quot;\">&lt;&amp;</a>"
        );
        assert_eq!(formatted("a<b", None), "a&lt;b");
    }

    #[test]
    fn everything_html_has_words_for_is_kept_and_telegram_would_take_it() {
        let entities = json!([
            {"type": "expandable_blockquote", "offset": 0, "length": 1},
            {"type": "custom_emoji", "offset": 1, "length": 1, "custom_emoji_id": "5368324170671202286"},
            {"type": "pre", "offset": 2, "length": 1, "language": "c++"},
            {"type": "text_mention", "offset": 3, "length": 1, "user": {"id": 5, "is_bot": false, "first_name": "A"}},
            {"type": "date_time", "offset": 4, "length": 1, "unix_time": 1_700_000_000, "date_time_format": "wDT"},
            {"type": "date_time", "offset": 5, "length": 1, "unix_time": 1_700_000_000},
        ]);
        let html = formatted("abcdef", Some(&entities));
        assert_eq!(
            html,
            "<blockquote expandable>a</blockquote><tg-emoji emoji-id=\"5368324170671202286\">b</tg-emoji>\
             <pre><code class=\"language-c++\">c</code></pre><a href=\"tg://user?id=5\">d</a>\
             <tg-time unix=\"1700000000\" format=\"wDT\">e</tg-time><tg-time unix=\"1700000000\">f</tg-time>"
        );
        assert_eq!(crate::telegram::judge::read(&html).unwrap(), "abcdef");
        for entity in entities.as_array().unwrap() {
            assert!(is_kept(entity["type"].as_str().unwrap()), "{entity}");
        }
    }

    #[test]
    fn crossing_entities_come_out_well_nested() {
        let entities =
            json!([{"type": "bold", "offset": 0, "length": 2}, {"type": "italic", "offset": 1, "length": 2}]);
        assert_eq!(formatted("abc", Some(&entities)), "<b>a<i>b</i></b><i>c</i>");
    }

    #[test]
    fn an_entity_beyond_the_text_is_closed_at_its_end() {
        let entities = json!([{"type": "code", "offset": 1, "length": i64::MAX}]);
        assert_eq!(formatted("ab", Some(&entities)), "a<code>b</code>");
    }

    proptest! {
        #[test]
        fn any_entities_nest(text in ".{0,12}", spans in prop::collection::vec((0i64..12, -1i64..12, 0usize..4), 0..6)) {
            let kinds = ["bold", "italic", "pre", "spoiler"];
            let entities: Vec<_> = spans.iter().map(|(offset, length, kind)| {
                json!({"type": kinds[*kind], "offset": offset, "length": length})
            }).collect();
            let html = formatted(&text, Some(&json!(entities)));
            let mut stack = Vec::new();
            for tag in html.split('<').skip(1) {
                let tag = tag.split_once('>').unwrap().0;
                match tag.strip_prefix('/') {
                    Some(closed) => prop_assert_eq!(stack.pop(), Some(closed)),
                    None => stack.push(tag),
                }
            }
            prop_assert!(stack.is_empty(), "{}", html);
        }
    }
}
