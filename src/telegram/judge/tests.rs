//! Compares the judge with the verdicts of the Telegram library (`cases.tsv`).

use serde_json::Value;

use super::*;
use crate::telegram::reply::{CallOutcome, classify};

struct Case {
    line: usize,
    kind: &'static str,
    input: Value,
    td: &'static str,
    made: Value,
    ours: &'static str,
}

fn cases() -> Vec<Case> {
    let lines = include_str!("cases.tsv").lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
    lines
        .map(|(line, row)| {
            let cells: Vec<&str> = row.split('\t').collect();
            let [kind, input, td, made, ours] = cells.try_into().unwrap();
            let made = serde_json::from_str(made).unwrap_or_default();
            Case { line: line + 1, kind, input: serde_json::from_str(input).unwrap(), td, made, ours }
        })
        .collect()
}

/// The reason with which this module refuses the case's input, `None` when it accepts the input.
fn verdict(case: &Case) -> Option<&'static str> {
    let text = || case.input.as_str().unwrap();
    match case.kind {
        "html" => read(text()).err().map(|fault| fault.reason),
        "link" => check_link(text()).err().map(|fault| fault.reason),
        "blank" => is_blank(text()).then_some("text.empty"),
        "length" => {
            let most = match case.input[0].as_str().unwrap() {
                "text" => MOST_TEXT,
                "caption" => MOST_CAPTION,
                _ => MOST_ALERT,
            };
            let repeated =
                case.input[1].as_str().unwrap().repeat(usize::try_from(case.input[2].as_u64().unwrap()).unwrap());
            (length(&read(&repeated).unwrap()) > most).then_some("text.too_long")
        }
        other => panic!("{other}"),
    }
}

#[test]
fn only_the_listed_stricter_rules_differ_from_the_library() {
    let cases = cases();
    assert!(cases.len() >= 400, "{}", cases.len());
    let mut wrong = Vec::new();
    for case in cases.iter().filter(|case| case.kind != "words") {
        let said = verdict(case);
        let fits = match case.ours.strip_prefix("stricter ") {
            None => said.is_none() == (case.td == "ok"),
            Some(rule) => case.td == "ok" && said == Some(rule),
        };
        if !fits {
            wrong.push(format!("line {}: {} {} td {} ours {said:?}", case.line, case.kind, case.input, case.td));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_telegram_says_of_words_has_its_class() {
    for case in cases().iter().filter(|case| case.kind == "words") {
        let description = case.input.as_str().unwrap().to_owned();
        let class = classify(&CallOutcome::Api { code: Some(400), description, retry_after: None });
        assert_eq!(class.as_str(), case.td, "line {}: {}", case.line, case.input);
    }
}

#[test]
fn the_text_that_is_left_is_the_librarys() {
    for case in cases().iter().filter(|case| case.kind == "html" && case.td == "ok") {
        if let Ok(text) = read(case.input.as_str().unwrap()) {
            assert_eq!(case.made["text"].as_str(), Some(&*text), "line {}", case.line);
        }
    }
}

#[test]
fn the_stricter_rules_are_those_the_table_names() {
    let head: String = include_str!("cases.tsv").lines().filter(|line| line.starts_with('#')).collect();
    for case in cases() {
        if let Some(rule) = case.ours.strip_prefix("stricter ") {
            assert!(head.contains(rule), "line {}: {rule} is not in the table's head", case.line);
        }
    }
}

#[test]
fn every_reason_has_words_in_both_languages() {
    for lang in crate::language::Language::ALL {
        for case in cases().iter().filter(|case| case.kind != "words") {
            if let Some(reason) = verdict(case) {
                assert_ne!(lang.text(reason, &[]), reason, "{reason}");
            }
        }
    }
}

#[test]
fn the_pattern_of_the_documents_says_the_same_of_addresses() {
    let pattern = regex::Regex::new(LINK_PATTERN).unwrap();
    for case in cases().iter().filter(|case| case.kind == "link") {
        let url = case.input.as_str().unwrap();
        assert_eq!(pattern.is_match(url), is_link(url), "line {}: {url}", case.line);
    }
}

#[test]
fn a_placeholder_stands_in_text_or_between_double_quotes() {
    for good in
        ["<b>{{first_name}}</b>", "<a href=\"{{channel_link}}\">канал</a>", "<a href=\"https://t.me/{{x}}\">канал</a>"]
    {
        assert!(read(good).is_ok(), "{good}");
    }
    for (bad, reason) in [
        ("<b{{first_name}}>x</b>", "text.tag_unknown"),
        ("<b {{first_name}}>x</b>", "text.placeholder_place"),
        ("<b {{first_name}}=\"1\">x</b>", "text.placeholder_place"),
        ("<a href='{{channel_link}}'>x</a>", "text.placeholder_place"),
        ("<a href={{channel_link}}>x</a>", "text.attribute_value"),
        ("<tg-emoji emoji-id=\"{{x}}\">x</tg-emoji>", "text.emoji_id"),
    ] {
        assert_eq!(read(bad).unwrap_err().reason, reason, "{bad}");
    }
}
