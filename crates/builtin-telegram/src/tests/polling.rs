//! Tests getUpdates (waiting, acknowledging, filtering, two polls at once), and the forms in which parameters may be
//! sent.

use std::time::Instant;

use super::*;

fn ids(body: &Value) -> Vec<i64> {
    body["result"].as_array().unwrap().iter().map(|update| update["update_id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn parameters_come_as_query_json_form_or_multipart() {
    let fixture = fixture().await;
    let url = fixture.url(TOKEN, "SENDMESSAGE");
    let markup = json!({ "inline_keyboard": [[{ "text": "да", "callback_data": "yes" }]] });
    let query = format!("{url}?chat_id={ANNA}&text=one&reply_markup={{\"remove_keyboard\":true}}");
    fixture.http.get(query).send().await.unwrap();
    fixture
        .http
        .post(&url)
        .json(&json!({ "chat_id": ANNA, "text": "two", "reply_markup": markup }))
        .send()
        .await
        .unwrap();
    let form = format!("chat_id={ANNA}&text=three");
    let request = fixture.http.post(&url).header("content-type", "application/x-www-form-urlencoded").body(form);
    request.send().await.unwrap();
    let form = Form::new()
        .text("chat_id", ANNA.to_string())
        .text("text", "four")
        .text("reply_markup", markup.to_string())
        .text("disable_notification", "true");
    fixture.http.post(&url).multipart(form).send().await.unwrap();
    let receipts = fixture.tg.receipts_for(BOT, ANNA);
    let texts: Vec<_> = receipts.iter().filter_map(|receipt| receipt.text()).collect();
    assert_eq!(texts, ["one", "two", "three", "four"]);
    assert_eq!(receipts[3].params["reply_markup"], markup, "JSON in a string is parsed");
    assert_eq!(receipts[3].params["disable_notification"], true);
    assert_eq!(fixture.tg.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn wrong_tokens_and_methods_are_told_apart() {
    let fixture = fixture().await;
    let body = fixture.call_as("1:wrong", "getMe", json!({})).await;
    assert_eq!(body, json!({ "ok": false, "error_code": 401, "description": "Unauthorized" }));
    assert_eq!(fixture.call("getNothing", json!({})).await["error_code"], 404);
    let me = fixture.http.get(fixture.url(TOKEN, "getMe")).send().await.unwrap().json::<Value>().await.unwrap();
    assert_eq!((&me["result"]["id"], &me["result"]["username"]), (&json!(1_000_001), &json!(BOT)));
}

#[tokio::test]
async fn updates_stay_until_an_offset_acknowledges_them() {
    let fixture = fixture().await;
    for text in ["a", "b", "c"] {
        fixture.tg.says(BOT, ANNA, text);
    }
    let first = ids(&fixture.call("getUpdates", json!({ "limit": 2 })).await);
    assert_eq!(first.len(), 2);
    assert_eq!(first[1], first[0] + 1);
    assert_eq!(ids(&fixture.call("getUpdates", json!({ "limit": 2 })).await), first, "nothing was acknowledged");
    let rest = ids(&fixture.call("getUpdates", json!({ "offset": first[1] + 1 })).await);
    assert_eq!(rest, [first[1] + 1]);
    assert_eq!(fixture.tg.pending_updates(BOT), 1);
    assert_eq!(ids(&fixture.call("getUpdates", json!({ "offset": rest[0] + 1 })).await), Vec::<i64>::new());
    assert!(fixture.tg.wait_acknowledged(BOT, PATIENCE).await);
    fixture.tg.says(OTHER_BOT, ANNA, "to the other");
    assert_eq!(fixture.tg.pending_updates(BOT), 0, "bots do not see each other's updates");
}

#[tokio::test]
async fn a_negative_offset_keeps_the_newest() {
    let fixture = fixture().await;
    for text in ["a", "b", "c"] {
        fixture.tg.says(BOT, ANNA, text);
    }
    let body = fixture.call("getUpdates", json!({ "offset": -1 })).await;
    assert_eq!(body["result"][0]["message"]["text"], "c");
    assert_eq!(fixture.tg.pending_updates(BOT), 1);
}

#[tokio::test]
async fn a_long_poll_is_woken_by_what_people_do() {
    let fixture = fixture().await;
    let poll = fixture.call("getUpdates", json!({ "timeout": 50 }));
    let act = async {
        tokio::task::yield_now().await;
        fixture.tg.opens_link(BOT, ANNA, Some("ref_vk"))
    };
    let (body, message_id) = tokio::join!(poll, act);
    let message = &body["result"][0]["message"];
    assert_eq!(message["text"], "/start ref_vk");
    assert_eq!(message["message_id"], message_id);
    assert_eq!(message["chat"]["type"], "private");
    assert_eq!(message["from"]["first_name"], "Анна");
    assert_eq!(message["entities"][0], json!({ "type": "bot_command", "offset": 0, "length": 6 }));
}

#[tokio::test]
async fn an_idle_poll_ends_empty_after_its_timeout() {
    let fixture = fixture().await;
    let before = Instant::now();
    assert_eq!(ids(&fixture.call("getUpdates", json!({ "timeout": 1 })).await), Vec::<i64>::new());
    assert!(before.elapsed() >= Duration::from_secs(1), "it did wait");
}

#[tokio::test]
async fn a_second_poll_ends_the_first_with_a_conflict() {
    let fixture = fixture().await;
    let older = fixture.call("getUpdates", json!({ "timeout": 50 }));
    tokio::pin!(older);
    // The newer poll is repeated until the older one has been waiting and is refused.
    let older = loop {
        tokio::select! {
            biased;
            body = &mut older => break body,
            body = fixture.call("getUpdates", json!({ "timeout": 0 })) => assert_eq!(body["ok"], true),
        }
    };
    assert_eq!(older["error_code"], 409);
    let words = older["description"].as_str().unwrap();
    assert!(words.starts_with("Conflict: terminated by other getUpdates request"), "{words}");
}

#[tokio::test]
async fn only_kinds_asked_for_are_queued() {
    let fixture = fixture().await;
    fixture.tg.set_bot_is_channel_admin("@shop", BOT, true);
    fixture.tg.set_member("@shop", ANNA, super::super::ChatMemberStatus::Member);
    assert_eq!(fixture.tg.pending_updates(BOT), 0, "chat_member comes on request only");
    fixture.call("getUpdates", json!({ "allowed_updates": ["message", "chat_member"] })).await;
    fixture.tg.set_member("@shop", ANNA, super::super::ChatMemberStatus::Left);
    fixture.tg.blocks(BOT, ANNA);
    let body = fixture.call("getUpdates", json!({})).await;
    assert_eq!(ids(&body).len(), 1);
    assert_eq!(body["result"][0]["chat_member"]["old_chat_member"]["status"], "member");
    assert_eq!(body["result"][0]["chat_member"]["new_chat_member"]["status"], "left");
}

#[tokio::test]
async fn hostile_updates_arrive_as_they_are() {
    let fixture = fixture().await;
    let id = fixture.tg.pushes_raw(BOT, json!({ "unheard_of": { "x": 1 } }));
    assert_eq!(ids(&fixture.call("getUpdates", json!({})).await), [id]);
    assert_eq!(ids(&fixture.call("getUpdates", json!({ "offset": id + 1 })).await), Vec::<i64>::new());
    assert!(fixture.tg.delivers_again(BOT, Some(id)));
    let again = fixture.call("getUpdates", json!({ "offset": id + 1 })).await;
    assert_eq!(again["result"][0], json!({ "update_id": id, "unheard_of": { "x": 1 } }), "in spite of the offset");
    fixture.tg.pushes_raw(BOT, json!({ "update_id": 7, "message": null }));
    assert_eq!(ids(&fixture.call("getUpdates", json!({ "offset": id + 1 })).await), [7]);
    assert_eq!(ids(&fixture.call("getUpdates", json!({ "offset": 8 })).await), Vec::<i64>::new());
}

#[tokio::test]
async fn stopping_ends_waiting_polls_and_frees_the_port() {
    let fixture = fixture().await;
    fixture.call("getMe", json!({})).await;
    let (_, stopped) = tokio::join!(
        fixture.http.post(fixture.url(TOKEN, "getUpdates")).json(&json!({ "timeout": 50 })).send(),
        tokio::time::timeout(PATIENCE, fixture.tg.stop()),
    );
    assert!(stopped.is_ok());
    assert!(fixture.http.get(fixture.url(TOKEN, "getMe")).send().await.unwrap_err().is_connect());
}
