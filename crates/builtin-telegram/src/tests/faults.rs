//! Tests each fault: what a client sees, and how the call is recorded.

use super::super::{Answer, Fault, Keep, Limits};
use super::*;

fn message() -> Value {
    json!({ "chat_id": ANNA, "text": "hello" })
}

#[tokio::test]
async fn too_many_requests_names_the_wait_and_delivers_nothing() {
    let fixture = fixture().await;
    fixture.tg.fault(Fault::TooManyRequests { retry_after: 7 });
    let body = fixture.call("sendMessage", message()).await;
    assert_eq!(
        body,
        json!({ "ok": false, "error_code": 429, "description": "Too Many Requests: retry after 7",
                "parameters": { "retry_after": 7 } })
    );
    assert_eq!(fixture.call("sendMessage", message()).await["ok"], true, "one call only");
    let delivered: Vec<_> = fixture.tg.receipts().iter().map(|receipt| receipt.delivered).collect();
    assert_eq!(delivered, [false, true]);
    assert_eq!(fixture.tg.chat_view(BOT, ANNA).len(), 1);
}

#[tokio::test]
async fn scripted_refusals_and_server_errors_deliver_nothing() {
    let fixture = fixture().await;
    fixture.tg.fault(Fault::Forbidden("user is deactivated".into()).next(1));
    fixture.tg.fault(Fault::BadRequest("PEER_ID_INVALID".into()).next(1));
    fixture.tg.fault(Fault::ServerErrorJson(500).next(1));
    fixture.tg.fault(Fault::ServerErrorHtml(502).next(1));
    assert_eq!(fixture.refusal("sendMessage", message()).await, "Forbidden: user is deactivated");
    assert_eq!(fixture.refusal("sendMessage", message()).await, "Bad Request: PEER_ID_INVALID");
    assert_eq!(fixture.refusal("sendMessage", message()).await, "Internal Server Error: restart");
    let page = fixture.http.post(fixture.url(TOKEN, "sendMessage")).json(&message()).send().await.unwrap();
    assert_eq!(page.status(), 502);
    assert!(page.text().await.unwrap().starts_with("<html>"));
    let receipts = fixture.tg.receipts();
    assert!(receipts.iter().all(|receipt| !receipt.delivered));
    assert_eq!(receipts[3].answer, Answer::Broken(Fault::ServerErrorHtml(502)));
}

#[tokio::test]
async fn a_reset_comes_after_the_delivery_is_in_the_ledger() {
    let fixture = fixture().await;
    fixture.call("getMe", json!({})).await;
    fixture.tg.fault(Fault::ResetAfterAccept);
    let error = fixture.http.post(fixture.url(TOKEN, "sendMessage")).json(&message()).send().await.unwrap_err();
    assert!(error.is_request() && !error.is_timeout() && !error.is_connect(), "{error:?}");
    let receipt = fixture.tg.wait_receipt(|receipt| receipt.method == "sendMessage", PATIENCE).await.unwrap();
    assert!(receipt.delivered && receipt.is_message());
    assert_eq!(receipt.answer, Answer::Broken(Fault::ResetAfterAccept));
    assert_eq!(fixture.tg.last_text(BOT, ANNA).as_deref(), Some("hello"));
    assert_eq!(fixture.call("sendMessage", message()).await["ok"], true, "the next connection is whole");
}

#[tokio::test]
async fn half_a_body_is_no_answer_though_the_message_is_there() {
    let fixture = fixture().await;
    fixture.tg.fault(Fault::TruncatedBody);
    let response = fixture.http.post(fixture.url(TOKEN, "sendMessage")).json(&message()).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.text().await.is_err());
    assert_eq!(fixture.tg.chat_view(BOT, ANNA).len(), 1);
}

#[tokio::test]
async fn a_hanging_call_is_delivered_and_never_answered() {
    let fixture = fixture().await;
    fixture.tg.fault(Fault::HangAfterAccept);
    let hanging = fixture.http.post(fixture.url(TOKEN, "sendMessage")).json(&message()).send();
    tokio::select! {
        answer = hanging => panic!("answered: {answer:?}"),
        receipt = fixture.tg.wait_receipt(|receipt| receipt.delivered, PATIENCE) => assert!(receipt.is_some()),
    }
    let hanging = fixture.http.post(fixture.url(TOKEN, "getMe")).timeout(PATIENCE);
    fixture.tg.fault(Fault::HangAfterAccept);
    let stop = async {
        fixture.tg.wait_receipt(|receipt| receipt.method == "getMe", PATIENCE).await;
        fixture.tg.stop().await;
    };
    let (answer, ()) = tokio::join!(hanging.send(), stop);
    assert!(!answer.unwrap_err().is_timeout(), "stopping ends a hanging call");
}

#[tokio::test]
async fn latency_delays_the_answer_and_not_the_delivery() {
    let fixture = fixture().await;
    fixture.tg.set_latency(40);
    fixture.tg.fault(Fault::Latency(60).next(1).on_sends());
    let before = std::time::Instant::now();
    let send = fixture.send("late");
    let seen = async {
        fixture.tg.wait_receipt(|receipt| receipt.delivered, PATIENCE).await.unwrap();
        before.elapsed()
    };
    let (_, seen) = tokio::join!(send, seen);
    let answered = before.elapsed();
    assert!(answered >= Duration::from_millis(100), "{answered:?}");
    assert!(seen < answered);
}

#[tokio::test]
async fn a_poll_can_be_struck_by_name_and_loses_nothing() {
    let fixture = fixture().await;
    fixture.tg.says(BOT, ANNA, "hi");
    fixture.tg.fault(Fault::ResetAfterAccept.next(1).on_method("getUpdates"));
    assert!(fixture.http.get(fixture.url(TOKEN, "getUpdates")).send().await.is_err());
    assert_eq!(fixture.call("getUpdates", json!({})).await["result"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn clearing_ends_all_faults() {
    let fixture = fixture().await;
    fixture.tg.fault(Fault::TooManyRequests { retry_after: 1 }.always().in_chat(ANNA));
    assert_eq!(fixture.call("sendMessage", message()).await["error_code"], 429);
    fixture.tg.clear_faults();
    assert_eq!(fixture.call("sendMessage", message()).await["ok"], true);
}

#[tokio::test]
async fn compact_receipts_count_without_keeping() {
    let fixture = fixture().await;
    fixture.tg.keep_receipts(Keep::Compact);
    for n in 0..20 {
        fixture.send(&format!("message {n}")).await;
    }
    let sent = fixture.tg.wait_count(|receipt| receipt.is_message(), 20, PATIENCE).await;
    assert_eq!(sent, 20);
    assert!(fixture.tg.receipts().iter().all(|receipt| receipt.params.is_null()));
    assert_eq!(fixture.tg.chat_view(BOT, ANNA).len(), 8);
    assert_eq!(fixture.tg.last_text(BOT, ANNA).as_deref(), Some("message 19"));
    fixture.tg.clear_receipts();
    assert_eq!(fixture.tg.receipt_count(), 0);
}

#[tokio::test]
async fn enforced_limits_refuse_messages_and_nothing_else() {
    let fixture = fixture().await;
    fixture.tg.enforce_limits(Some(Limits { per_second: 1, per_chat_burst: 1 }));
    let refused = loop {
        let answer = fixture.call("sendMessage", message()).await;
        if answer["ok"] == false {
            break answer;
        }
    };
    assert_eq!((&refused["error_code"], &refused["parameters"]["retry_after"]), (&json!(429), &json!(1)));
    assert!(!fixture.tg.receipts().last().unwrap().delivered);
    assert_eq!(fixture.call("getMe", json!({})).await["ok"], true);
    fixture.tg.enforce_limits(None);
    assert_eq!(fixture.call("sendMessage", message()).await["ok"], true);
}

#[tokio::test]
async fn a_server_out_of_reach_resets_what_waits_and_what_comes_and_nothing_has_an_effect() {
    let fixture = fixture().await;
    let poll = fixture.http.get(fixture.url(TOKEN, "getUpdates?timeout=50")).send();
    let cut = async {
        tokio::task::yield_now().await;
        fixture.tg.set_reachable(false);
    };
    let (poll, ()) = tokio::join!(poll, cut);
    assert!(poll.is_err(), "{poll:?}");
    for _ in 0..3 {
        let sent = fixture.http.post(fixture.url(TOKEN, "sendMessage")).json(&message()).send().await;
        assert!(sent.is_err_and(|error| !error.is_timeout()));
    }
    assert_eq!((fixture.tg.receipts().len(), fixture.tg.chat_view(BOT, ANNA).len()), (0, 0));
    fixture.tg.set_reachable(true);
    assert_eq!(fixture.call("sendMessage", message()).await["ok"], true);
}

#[tokio::test]
async fn a_long_run_keeps_its_last_calls_messages_and_pictures() {
    let fixture = fixture().await;
    fixture.tg.keep_receipts(Keep::Recent);
    for n in 0..4100 {
        fixture.tg.says(BOT, ANNA, &format!("line {n}"));
        fixture.call("getMe", json!({})).await;
    }
    let count = fixture.tg.receipt_count();
    let kept = fixture.tg.receipts();
    assert!(count == 4100 && (2000..4000).contains(&kept.len()), "{count} {}", kept.len());
    assert_eq!(kept.last().unwrap().seq, 4099);
    assert_eq!(fixture.tg.receipts_since(4098).len(), 2);
    assert_eq!(fixture.tg.chat_view(BOT, ANNA).len(), 200);
    assert!(fixture.tg.wait_past(4099, PATIENCE).await && !fixture.tg.wait_past(4100, std::time::Duration::ZERO).await);
    let late = fixture.tg.wait_receipt(|receipt| receipt.seq == 4099, PATIENCE).await;
    assert!(late.is_some());
}
