//! The strict parser: what it refuses, with which path; that it never panics; that what it writes, it reads.

use dvorik::error::{Error, Refusal};
use dvorik::segment::{Filter, Key};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Wrong filters, the path that is to blame and the rule it breaks.
const WRONG: &[(&str, &str, &str)] = &[
    ("", "filter", "rule.filter_json"),
    ("{", "filter", "rule.filter_json"),
    ("{} {}", "filter", "rule.filter_json"),
    ("[]", "filter", "rule.filter_object"),
    ("null", "filter", "rule.filter_object"),
    ("{}", "filter", "rule.filter_empty"),
    (r#"{"agee":{"from":1}}"#, "agee", "rule.filter_unknown"),
    (r#"{"Gender":"male"}"#, "Gender", "rule.filter_unknown"),
    (r#"{"gender":"male","gender":"female"}"#, "gender", "rule.filter_twice"),
    (r#"{"age":{"from":1,"from":2}}"#, "age.from", "rule.filter_twice"),
    (r#"{"all":false}"#, "all", "rule.filter_all"),
    (r#"{"all":1}"#, "all", "rule.filter_all"),
    (r#"{"all":true,"status":"active"}"#, "all", "rule.filter_all_alone"),
    (r#"{"is_test":true,"all":true}"#, "all", "rule.filter_all_alone"),
    (r#"{"is_subscribed":1}"#, "is_subscribed", "rule.filter_bool"),
    (r#"{"is_subscribed":null}"#, "is_subscribed", "rule.filter_bool"),
    (r#"{"is_test":"true"}"#, "is_test", "rule.filter_bool"),
    (r#"{"gender":"unknown"}"#, "gender", "rule.filter_gender"),
    (r#"{"gender":["male"]}"#, "gender", "rule.filter_text"),
    (r#"{"status":"Active"}"#, "status", "rule.filter_status"),
    (r#"{"age":{}}"#, "age", "rule.filter_range"),
    (r#"{"age":25}"#, "age", "rule.filter_range"),
    (r#"{"age":{"from":25,"till":35}}"#, "age.till", "rule.filter_unknown"),
    (r#"{"age":{"from":35,"to":25}}"#, "age.from", "rule.filter_reversed"),
    (r#"{"age":{"from":-1}}"#, "age.from", "rule.filter_between"),
    (r#"{"age":{"to":121}}"#, "age.to", "rule.filter_between"),
    (r#"{"age":{"from":25.5}}"#, "age.from", "rule.filter_int"),
    (r#"{"age":{"from":25.0}}"#, "age.from", "rule.filter_int"),
    (r#"{"age":{"from":"25"}}"#, "age.from", "rule.filter_int"),
    (r#"{"age":{"from":null,"to":35}}"#, "age.from", "rule.filter_int"),
    (r#"{"age":{"from":18446744073709551615}}"#, "age.from", "rule.filter_int"),
    (r#"{"registered":{"from":"2026-02-30"}}"#, "registered.from", "rule.filter_day"),
    (r#"{"registered":{"from":"22.11.2026"}}"#, "registered.from", "rule.filter_day"),
    (r#"{"registered":{"to":"2026-1-1"}}"#, "registered.to", "rule.filter_day"),
    (r#"{"registered":{"from":"2026-12-01","to":"2026-11-01"}}"#, "registered.from", "rule.filter_reversed"),
    (r#"{"tags":[]}"#, "tags", "rule.filter_list"),
    (r#"{"tags":"vip"}"#, "tags", "rule.filter_list"),
    (r#"{"tags":["a","b","c","d","e","f","g","h","i","j","k"]}"#, "tags", "rule.filter_list"),
    (r#"{"tags":["vip",7]}"#, "tags[1]", "rule.filter_text"),
    (r#"{"not_tags":["vip","  "]}"#, "not_tags[1]", "rule.tag"),
    (r#"{"not_tags":["ааааааааааааааааааааааааааааааааа"]}"#, "not_tags[0]", "rule.tag"),
    (r#"{"source":""}"#, "source", "rule.filter_source"),
    (r#"{"source":"ref_"}"#, "source", "rule.filter_source"),
    (r#"{"source":[]}"#, "source", "rule.filter_list"),
    (r#"{"source":["vk",1]}"#, "source[1]", "rule.filter_text"),
    (r#"{"campaign":"в к"}"#, "campaign", "rule.source_key"),
    (r#"{"campaign":7}"#, "campaign", "rule.filter_text"),
    (r#"{"birthday_month":0}"#, "birthday_month", "rule.filter_between"),
    (r#"{"birthday_month":13}"#, "birthday_month", "rule.filter_between"),
    (r#"{"birthday_within_days":-1}"#, "birthday_within_days", "rule.filter_between"),
    (r#"{"birthday_within_days":366}"#, "birthday_within_days", "rule.filter_between"),
    (r#"{"redeemed_within_days":-30}"#, "redeemed_within_days", "rule.filter_between"),
    (r#"{"not_redeemed_within_days":true}"#, "not_redeemed_within_days", "rule.filter_int"),
    (r#"{"redemptions":{"from":2,"to":1}}"#, "redemptions.from", "rule.filter_reversed"),
    (r#"{"inactive_days":0}"#, "inactive_days", "rule.filter_between"),
    (r#"{"inactive_days":99999}"#, "inactive_days", "rule.filter_between"),
];

fn refused(json: &str) -> (String, &'static str) {
    match Filter::parse(json) {
        Err(Error::Refused(Refusal::SegmentInvalid { path, rule, .. })) => (path, rule),
        other => panic!("{json}: {other:?}"),
    }
}

#[test]
fn what_is_wrong_is_named_by_its_path() {
    for (json, path, rule) in WRONG {
        assert_eq!(refused(json), ((*path).to_owned(), *rule), "{json}");
    }
}

#[test]
fn ten_keys_are_enough() {
    let keys: Vec<String> =
        Key::ALL[1..].iter().map(|key| format!("{}:{}", json!(key.as_str()), key.example())).collect();
    assert!(Filter::parse(&format!("{{{}}}", keys[..10].join(","))).is_ok());
    assert_eq!(refused(&format!("{{{}}}", keys[..11].join(","))), ("filter".to_owned(), "rule.filter_keys"));
}

#[test]
fn a_filter_nobody_can_read_is_refused_unread() {
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    assert_eq!(refused(&format!("{{\"tags\":{deep}}}")).0, "filter");
    assert_eq!(refused(&" ".repeat(16 * 1024 + 1)), ("filter".to_owned(), "rule.filter_long"));
    let (path, _) = refused(&format!("{{\"{}\":1}}", "я".repeat(1000)));
    assert_eq!(path.chars().count(), 64, "a path is no place to put a novel");
}

#[test]
fn every_example_is_a_filter() {
    for key in Key::ALL {
        let json = format!("{{{}:{}}}", json!(key.as_str()), key.example());
        assert_eq!(Filter::parse(&json).map(|filter| filter.to_json()), Ok(json), "{}", key.as_str());
    }
}

#[test]
fn what_means_the_same_is_written_the_same() {
    let canonical = r#"{"is_subscribed":true,"age":{"from":18,"to":34},"tags":["vip","кофе"],"source":"vk"}"#;
    for json in [
        canonical,
        r#"{"tags":[" КОФЕ ","vip","VIP"],"source":["ref_VK","v k"],"age":{"to":34,"from":18},"is_subscribed":true}"#,
        r#"{ "source" : "Vk", "tags":["vip","кофе"],"is_subscribed":true,"age":{"from":18,"to":34}}"#,
    ] {
        assert_eq!(Filter::parse(json).unwrap().to_json(), canonical);
    }
    assert_eq!(Filter::everybody().to_json(), r#"{"all":true}"#);
    assert_eq!(Filter::parse(r#"{"all":true}"#), Ok(Filter::everybody()));
}

/// JSON around the words of a filter: mostly wrong, sometimes right, never what the parser was written for.
fn some_json() -> impl Strategy<Value = Value> {
    let words = Key::ALL.iter().map(|key| key.as_str()).chain(["from", "to", "", "ё"]);
    let words: Vec<String> = words.map(str::to_owned).collect();
    let word = prop::sample::select(words.clone());
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0..40_i64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
        prop::sample::select(vec!["male", "active", "vip", "direct", "2026-11-22"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// A filter of one to four keys, each with a value that fits it.
fn some_filter() -> impl Strategy<Value = Value> {
    prop::sample::subsequence(Key::ALL[1..].to_vec(), 1..=4).prop_map(|keys| {
        let pairs = keys.into_iter().map(|key| (key.as_str().to_owned(), serde_json::from_str(key.example()).unwrap()));
        Value::Object(pairs.collect())
    })
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        let _ = Filter::parse(&text);
    }

    #[test]
    fn no_json_makes_it_panic_and_what_is_read_is_written(json in prop_oneof![some_json(), some_filter()]) {
        match Filter::parse(&json.to_string()) {
            Ok(filter) => {
                let written = filter.to_json();
                let again = Filter::parse(&written);
                prop_assert_eq!(again.as_ref(), Ok(&filter), "{}", written);
                prop_assert_eq!(again.unwrap().to_json(), written);
            }
            Err(Error::Refused(Refusal::SegmentInvalid { path, .. })) => prop_assert!(!path.is_empty() || json.get("").is_some()),
            Err(other) => prop_assert!(false, "{:?}", other),
        }
    }
}
