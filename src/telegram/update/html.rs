//! A message's formatting as Telegram's HTML, so that what an admin wrote to the bot can be sent on as they wrote it.
//! Only for `update`.

use serde_json::Value;

use super::MAX_TEXT;
use super::json::{int, text};

/// More entities than Telegram sends; the rest is left unformatted.
const MAX_ENTITIES: usize = 100;

struct Span {
    /// UTF-16 units, as Telegram counts.
    from: i64,
    to: i64,
    open: String,
    close: &'static str,
}

/// The text escaped, with the entities as tags; always well nested, whatever the entities are.
pub(super) fn formatted(raw: &str, entities: Option<&Value>) -> String {
    let spans = spans(entities);
    let mut out = String::with_capacity(raw.len());
    let mut open: Vec<usize> = Vec::new();
    let mut at: i64 = 0;
    for c in raw.chars().take(MAX_TEXT) {
        turn(&mut out, &mut open, &spans, at);
        escape(&mut out, c);
        at += if c.len_utf16() == 2 { 2 } else { 1 };
    }
    turn(&mut out, &mut open, &spans, i64::MAX);
    out
}

/// Closes and opens tags so that exactly the spans over `at` are open, the longest outermost.
fn turn(out: &mut String, open: &mut Vec<usize>, spans: &[Span], at: i64) {
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

fn spans(entities: Option<&Value>) -> Vec<Span> {
    let entities = entities.and_then(Value::as_array).into_iter().flatten().take(MAX_ENTITIES);
    let mut spans: Vec<Span> = entities.filter_map(span).collect();
    spans.sort_by_key(|span| (span.from, -span.to));
    spans
}

fn span(entity: &Value) -> Option<Span> {
    let (open, close) = match entity.get("type")?.as_str()? {
        "bold" => ("<b>".to_owned(), "</b>"),
        "italic" => ("<i>".to_owned(), "</i>"),
        "underline" => ("<u>".to_owned(), "</u>"),
        "strikethrough" => ("<s>".to_owned(), "</s>"),
        "spoiler" => ("<tg-spoiler>".to_owned(), "</tg-spoiler>"),
        "code" => ("<code>".to_owned(), "</code>"),
        "pre" => ("<pre>".to_owned(), "</pre>"),
        "blockquote" | "expandable_blockquote" => ("<blockquote>".to_owned(), "</blockquote>"),
        "text_link" => (link(&text(entity, "url", 2048)?), "</a>"),
        _ => return None,
    };
    let (from, length) = (int(entity, "offset")?, int(entity, "length")?);
    (from >= 0 && length > 0).then(|| Span { from, to: from.saturating_add(length).min(i64::MAX - 1), open, close })
}

fn link(url: &str) -> String {
    let mut open = "<a href=\"".to_owned();
    url.chars().for_each(|c| escape(&mut open, c));
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
