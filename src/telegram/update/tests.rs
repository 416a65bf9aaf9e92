//! Tests the reading of valid updates, of odd ones and of random JSON.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn start() -> Value {
    json!({
        "update_id": 7, "message": {
            "message_id": 3, "date": 1_700_000_000, "text": "/start ref_VK", "brand_new": {"field": [1]},
            "chat": {"id": 42, "type": "private"},
            "from": {"id": 42, "is_bot": false, "first_name": "Анна", "username": "anna", "language_code": "ru"}
        }
    })
}

#[test]
fn what_an_update_repeats_of_other_messages_is_left_out() {
    let card = json!({
        "message_id": 3, "date": 5, "chat": {"id": 42, "type": "private"}, "from": {"id": 1, "first_name": "bot"},
        "text": "Анна, 10 %", "entities": [{"type": "bold", "offset": 0, "length": 4}],
        "reply_markup": {"inline_keyboard": [[{"text": "Погасить", "callback_data": "card:x"}]]}
    });
    let from = json!({"id": 42, "is_bot": false, "first_name": "Пётр"});
    let press = json!({"update_id": 7, "callback_query": {"id": "1", "from": from, "message": card, "data": "card:x"}});
    let answer = json!({"update_id": 8, "message": {
        "message_id": 4, "date": 6, "chat": {"id": 42, "type": "private"}, "from": from, "text": "да",
        "reply_to_message": card, "quote": {"text": "Анна"}, "external_reply": {"chat": {"title": "Анна"}}
    }});
    for update in [press, answer] {
        let short = without_quotes(&update);
        assert!(!short.to_string().contains("Анна"), "{short}");
        assert_eq!(Update::from_value(&short), Update::from_value(&update), "nothing that is read is left out");
        assert_eq!(chat_key(&short), chat_key(&update));
    }
    assert_eq!(without_quotes(&start()), start());
    assert_eq!(without_quotes(&json!(["callback_query"])), json!(["callback_query"]));
}

#[test]
fn a_message_is_read_and_unknown_fields_are_passed_over() {
    let Update { update_id: 7, kind: UpdateKind::Message(message) } = Update::from_value(&start()) else {
        panic!("not a message")
    };
    assert_eq!((message.message_id, message.date, message.chat.id), (3, 1_700_000_000, 42));
    assert_eq!(message.chat.kind, ChatKind::Private);
    assert_eq!(message.from.unwrap().first_name, "Анна");
    assert_eq!(Command::parse(&message.text.unwrap()).unwrap().argument.as_deref(), Some("ref_VK"));
    assert_eq!(message.media, None);
}

#[test]
fn an_update_of_a_new_kind_keeps_its_number_and_its_lane() {
    let raw = json!({"update_id": 9, "telepathy": {"from": {"id": 5}, "thought": "?"}});
    assert_eq!(Update::from_value(&raw), Update { update_id: 9, kind: UpdateKind::Other });
    assert_eq!(chat_key(&raw), Some(5));
}

#[test]
fn a_message_without_a_chat_is_other() {
    let raw = json!({"update_id": 9, "message": {"message_id": 1}});
    assert_eq!(Update::from_value(&raw).kind, UpdateKind::Other);
}

#[test]
fn one_chat_is_one_lane_in_every_kind() {
    let person = json!({"id": 42, "first_name": "А"});
    let chat = json!({"id": 42, "type": "private"});
    assert_eq!(chat_key(&start()), Some(42));
    let press =
        json!({"update_id": 1, "callback_query": {"id": "1", "from": person, "message": {"chat": chat, "date": 0}}});
    assert_eq!(chat_key(&press), Some(42));
    assert_eq!(chat_key(&json!({"update_id": 1, "my_chat_member": {"chat": chat, "from": {"id": 1}}})), Some(42));
    assert_eq!(chat_key(&json!({"update_id": 1, "poll": {}})), None);
    assert_eq!(chat_key(&json!([1, 2])), None);
}

#[test]
fn a_press_on_a_message_too_old_to_see_still_counts() {
    let raw = json!({"update_id": 1, "callback_query": {
        "id": "777", "from": {"id": 42}, "data": "redeem:1",
        "message": {"chat": {"id": 42, "type": "private"}, "message_id": 11, "date": 0}}});
    let UpdateKind::CallbackQuery(press) = Update::from_value(&raw).kind else { panic!("not a press") };
    assert_eq!(press.message.map(|(chat, id)| (chat.id, id)), Some((42, 11)));
    assert_eq!(press.data.as_deref(), Some("redeem:1"));
    assert_eq!(press.from.first_name, "");
}

#[test]
fn blocking_the_bot_is_a_membership_of_its_own() {
    let raw = json!({"update_id": 1, "my_chat_member": {
        "chat": {"id": 42, "type": "private"}, "from": {"id": 42}, "date": 5,
        "new_chat_member": {"status": "kicked", "user": {"id": 1, "is_bot": true}}}});
    let UpdateKind::MyChatMember(change) = Update::from_value(&raw).kind else { panic!("not a membership") };
    assert_eq!((change.new_status, change.date, change.from.id), (MemberStatus::Kicked, 5, 42));
}

#[test]
fn only_those_inside_are_subscribed() {
    let status = |raw: Value| MemberStatus::from_value(&raw).is_subscribed();
    for inside in ["creator", "administrator", "member"] {
        assert!(status(json!({"status": inside})), "{inside}");
    }
    assert!(status(json!({"status": "restricted", "is_member": true})));
    assert!(!status(json!({"status": "restricted", "is_member": false})));
    for outside in ["left", "kicked", "restricted", "fancy", ""] {
        assert!(!status(json!({"status": outside})), "{outside}");
    }
}

#[test]
fn media_gives_the_id_to_send_it_on_with() {
    let of = |media: Value| {
        let mut raw = start();
        raw["message"].as_object_mut().unwrap().extend(media.as_object().unwrap().clone());
        let UpdateKind::Message(message) = Update::from_value(&raw).kind else { panic!("not a message") };
        message.media
    };
    let sizes = json!({"photo": [{"file_id": "small"}, {"file_id": "large"}]});
    assert_eq!(of(sizes), Some(IncomingMedia::Photo("large".into())));
    assert_eq!(of(json!({"video": {"file_id": "v"}})), Some(IncomingMedia::Video("v".into())));
    assert_eq!(of(json!({"document": {"file_id": "d"}})), Some(IncomingMedia::Document("d".into())));
    assert_eq!(of(json!({"sticker": {"emoji": "🙂"}})), Some(IncomingMedia::Other));
    assert_eq!(of(json!({"photo": []})), Some(IncomingMedia::Other));
}

#[test]
fn names_are_cut_and_cleaned() {
    let mut raw = start();
    raw["message"]["from"]["first_name"] = json!("Ж".repeat(10_000_000));
    raw["message"]["from"]["last_name"] = json!("\u{0}\n\u{7}");
    raw["message"]["from"]["username"] = json!(["odd"]);
    let UpdateKind::Message(message) = Update::from_value(&raw).kind else { panic!("not a message") };
    let from = message.from.unwrap();
    assert_eq!(from.first_name.chars().count(), MAX_NAME);
    assert_eq!((from.last_name, from.username), (None, None));
}

#[test]
fn a_lone_surrogate_does_not_cost_the_update() {
    let raw = r#"{"update_id":7,"message":{"message_id":1,"chat":{"id":2,"type":"private"},
        "text":"a\ud83d b\ude00 \ud83d\ude00 \\ud83d \"q\" \u0041"}}"#;
    let UpdateKind::Message(message) = Update::from_text(raw).kind else { panic!("not a message") };
    assert_eq!(message.text.as_deref(), Some("a\u{fffd} b\u{fffd} 😀 \\ud83d \"q\" A"));
}

#[test]
fn an_update_nested_too_deeply_keeps_its_number() {
    let raw = format!(r#"{{"update_id":7,"message":{}1{}}}"#, "[".repeat(50_000), "]".repeat(50_000));
    assert_eq!(Update::from_text(&raw), Update { update_id: 7, kind: UpdateKind::Other });
    assert_eq!(read_json(b"{\"update_id\":7"), None);
    assert_eq!(read_json(b"<html>"), None);
}

fn any_json() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        3 => prop::sample::select(vec![
            "update_id", "message", "edited_message", "callback_query", "my_chat_member", "chat_member", "chat", "id",
            "from", "type", "text", "date", "message_id", "new_chat_member", "user", "status", "photo", "file_id",
        ]).prop_map(str::to_owned),
        1 => ".{0,6}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["private", "kicked", "restricted"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 96, 8, move |inner| {
        prop_oneof![
            3 => prop::collection::vec((key.clone(), inner.clone()), 0..8)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            1 => prop::collection::vec(inner, 0..4).prop_map(Value::Array),
        ]
    })
}

/// Puts `odd` somewhere into a valid update: this tests deeper levels than random JSON does.
fn spoil(at: usize, odd: &Value) -> Value {
    const PLACES: [&str; 10] = [
        "/update_id",
        "/message",
        "/message/message_id",
        "/message/date",
        "/message/text",
        "/message/chat",
        "/message/chat/id",
        "/message/chat/type",
        "/message/from",
        "/message/from/first_name",
    ];
    let mut raw = start();
    *raw.pointer_mut(PLACES[at % PLACES.len()]).unwrap() = odd.clone();
    raw
}

proptest! {
    #[test]
    fn any_json_is_read_without_a_panic(raw in any_json(), at in 0usize..10) {
        for raw in [spoil(at, &raw), raw] {
            let update = Update::from_value(&raw);
            prop_assert_eq!(update.update_id, update_id(&raw).unwrap_or(0));
            let alone = raw.as_object().is_some_and(|fields| fields.len() <= 2);
            if let (UpdateKind::Message(message), true) = (&update.kind, alone) {
                prop_assert_eq!(chat_key(&raw), Some(message.chat.id));
            }
            prop_assert_eq!(Update::from_text(&raw.to_string()).kind, update.kind);
        }
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(raw in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_json(&raw);
        let _ = Command::parse(&String::from_utf8_lossy(&raw));
    }

    #[test]
    fn escapes_in_any_order_are_repaired(parts in prop::collection::vec(prop::sample::select(vec![
        "\\ud83d", "\\ude00", "\\\\", "\\n", "\\\"", "u", "ж", "😀", "\\u0041", "d83d",
    ]), 0..12)) {
        let raw = format!("{{\"update_id\":1,\"text\":\"{}\"}}", parts.concat());
        let value = read_json(raw.as_bytes()).unwrap();
        prop_assert!(value["text"].is_string(), "{}", raw);
    }
}
