//! The syntax of a text: `{{name}}` is replaced by the placeholder's value, and `{{#name}}…{{/name}}` (a part) is left
//! out when the value of `{{name}}` is empty. Parts do not nest.

/// A piece of a text's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Literal text.
    Words(&'a str),
    /// A placeholder `{{name}}`: its name without and with the braces.
    Value(&'a str, &'a str),
    /// The beginning of a part, `{{#name}}`.
    Open(&'a str),
    /// The end of a part, `{{/name}}`.
    Close(&'a str),
}

/// The pieces of `body`, in order. Unclosed braces are literal text.
pub(super) fn pieces(body: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = body;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let begin = rest.find("{{").unwrap_or(rest.len());
        let (words, marked) = rest.split_at(begin);
        if !words.is_empty() {
            rest = marked;
            return Some(Piece::Words(words));
        }
        let Some(end) = marked.find("}}") else {
            rest = "";
            return Some(Piece::Words(marked));
        };
        let (written, after) = marked.split_at(end + 2);
        rest = after;
        let name = written.trim_start_matches("{{").trim_end_matches("}}").trim();
        Some(match (name.strip_prefix('#'), name.strip_prefix('/')) {
            (Some(part), _) => Piece::Open(part.trim()),
            (_, Some(part)) => Piece::Close(part.trim()),
            _ => Piece::Value(name, written),
        })
    })
}

/// The names of the placeholders and of the parts in `body`, in order.
pub(super) fn names(body: &str) -> impl Iterator<Item = &str> {
    pieces(body).filter_map(|piece| match piece {
        Piece::Value(name, _) | Piece::Open(name) => Some(name),
        Piece::Words(_) | Piece::Close(_) => None,
    })
}

/// Whether `body` uses the placeholder `value` outside the part of the same name, so that an empty value leaves a gap.
pub(super) fn needs(body: &str, value: &str) -> bool {
    let mut inside = None;
    for piece in pieces(body) {
        match piece {
            Piece::Open(name) => inside = Some(name),
            Piece::Close(_) => inside = None,
            Piece::Value(name, _) if name == value && inside != Some(name) => return true,
            Piece::Words(_) | Piece::Value(..) => {}
        }
    }
    false
}

/// The first fault in the parts of `body`: the catalogue key of the reason, and the name of the part.
pub(super) fn fault(body: &str) -> Option<(&'static str, String)> {
    let mut open: Option<&str> = None;
    for piece in pieces(body) {
        match (piece, open) {
            (Piece::Open(name), Some(_)) => return Some(("text.part_nested", format!("{{{{#{name}}}}}"))),
            (Piece::Open(name), None) => open = Some(name),
            (Piece::Close(name), Some(begun)) if name == begun => open = None,
            (Piece::Close(name), _) => return Some(("text.part_unmatched", format!("{{{{/{name}}}}}"))),
            (Piece::Words(_) | Piece::Value(..), _) => {}
        }
    }
    open.map(|name| ("text.part_open", format!("{{{{#{name}}}}}")))
}

/// The text `body` without the marks `{{#name}}` and `{{/name}}`, and without the parts whose name `kept` rejects.
/// Placeholders stay as they are.
pub(super) fn with_parts(body: &str, kept: impl Fn(&str) -> bool) -> String {
    let (mut out, mut hidden) = (String::with_capacity(body.len()), false);
    for piece in pieces(body) {
        match piece {
            Piece::Open(name) => hidden = !kept(name),
            Piece::Close(_) => hidden = false,
            Piece::Words(written) | Piece::Value(_, written) if !hidden => out.push_str(written),
            Piece::Words(_) | Piece::Value(..) => {}
        }
    }
    out
}

/// The content of each part of `body`.
pub(super) fn parts(body: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut inside = false;
    for piece in pieces(body) {
        match piece {
            Piece::Open(_) => {
                inside = true;
                parts.push(String::new());
            }
            Piece::Close(_) => inside = false,
            Piece::Words(written) | Piece::Value(_, written) if inside => {
                if let Some(part) = parts.last_mut() {
                    part.push_str(written);
                }
            }
            Piece::Words(_) | Piece::Value(..) => {}
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_falls_into_its_pieces() {
        let body = "Вопросы{{#contact}}: {{ contact }}.{{/contact}} {{open";
        let found: Vec<Piece<'_>> = pieces(body).collect();
        assert_eq!(
            found,
            [
                Piece::Words("Вопросы"),
                Piece::Open("contact"),
                Piece::Words(": "),
                Piece::Value("contact", "{{ contact }}"),
                Piece::Words("."),
                Piece::Close("contact"),
                Piece::Words(" "),
                Piece::Words("{{open"),
            ]
        );
        assert_eq!(with_parts(body, |_| true), "Вопросы: {{ contact }}. {{open");
        assert_eq!(with_parts(body, |_| false), "Вопросы {{open");
        assert_eq!(parts(body), [": {{ contact }}."]);
    }

    #[test]
    fn a_value_is_needed_where_no_part_of_its_own_is_around_it() {
        assert!(
            needs("Вопросы: {{a}}", "a") && needs("{{#b}}{{a}}{{/b}}", "a") && needs("{{#a}}{{a}}{{/a}} {{a}}", "a")
        );
        assert!(!needs("Ждём.{{#a}} {{a}}{{/a}}", "a") && !needs("{{b}}", "a"));
    }

    #[test]
    fn parts_are_whole_and_do_not_nest() {
        for (body, reason) in [
            ("{{#a}}x{{/a}}{{#b}}y{{/b}}", None),
            ("{{#a}}x", Some("text.part_open")),
            ("x{{/a}}", Some("text.part_unmatched")),
            ("{{#a}}x{{/b}}", Some("text.part_unmatched")),
            ("{{#a}}{{#b}}x{{/b}}{{/a}}", Some("text.part_nested")),
        ] {
            assert_eq!(fault(body).map(|(reason, _)| reason), reason, "{body}");
        }
    }
}
