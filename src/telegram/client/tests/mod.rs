//! Tests the client against a fake Bot API on plain sockets: what is sent, and the class of each kind of answer, broken
//! answer and missing answer. No test measures time.

mod secrets;
mod server;

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use serde_json::{Value, json};

use super::*;
use crate::clock::Timestamp;
use crate::telegram::reply::Delivered;
use crate::telegram::update::{MemberStatus, update_id};
use server::{Reply, Server};

const TOKEN: &str = "1000001:canary-customer-token";

fn settings(base: &str) -> BotSettings {
    BotSettings { label: "main".into(), token: TOKEN.to_owned().into(), api_base: base.into(), proxy: None }
}

fn bot_at(base: &str) -> Bot {
    Bot::new(settings(base), Clock::System).unwrap()
}

fn server_and_bot() -> (Server, Bot) {
    let server = Server::start();
    let bot = bot_at(&server.base);
    (server, bot)
}

fn hello() -> Outgoing {
    Outgoing::new(42, Content::Text { html: "<b>Привет</b>".into(), keyboard: Keyboard::None })
}

fn refusal(code: u16, description: &str) -> Value {
    json!({"ok": false, "error_code": code, "description": description})
}

async fn class_after(reply: Reply) -> Class {
    let (server, bot) = server_and_bot();
    server.will(reply);
    let answer = bot.send(&hello()).await;
    assert!(!format!("{answer:?}").contains("canary"), "{answer:?}");
    assert_eq!(server.requests().len(), 1, "one call is one request");
    answer.class
}

/// The body of the newest request.
fn body(server: &Server) -> Value {
    let request = server.requests().pop().unwrap();
    serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn a_message_is_sent_as_html_without_previews() {
    let (server, bot) = server_and_bot();
    server.says(200, &json!({"ok": true, "result": {"message_id": 7}}));
    let answer = bot.send(&hello()).await;
    assert_eq!((answer.class, answer.code), (Class::Sent { message_id: Some(7) }, None));
    assert!(server.requests()[0].starts_with(&format!("POST /bot{TOKEN}/sendMessage ")));
    assert_eq!(
        body(&server),
        json!({"chat_id": 42, "text": "<b>Привет</b>", "parse_mode": "HTML",
               "link_preview_options": {"is_disabled": true}})
    );
}

#[tokio::test]
async fn a_delivered_message_is_sent_whatever_its_answer_looks_like() {
    for (result, message_id) in [
        (r#"{"message_id":7,"telepathy":{"x":[1]},"chat":{"id":1,"first_name":"\ud83d"}}"#, Some(7)),
        (r#"{"message_id":7,"date":"yesterday","entities":[{"type":"brand_new"}]}"#, Some(7)),
        (r#"{"message_id":"seven"}"#, None),
        ("true", None),
        ("[]", None),
        ("null", None),
    ] {
        let reply = Reply::Json(200, format!(r#"{{"ok":true,"result":{result}}}"#));
        assert_eq!(class_after(reply).await, Class::Sent { message_id }, "{result}");
    }
    assert_eq!(class_after(Reply::Json(200, r#"{"ok":true}"#.into())).await, Class::Sent { message_id: None });
}

#[tokio::test]
async fn a_refusal_keeps_telegrams_words() {
    let (server, bot) = server_and_bot();
    server.says(403, &refusal(403, "Forbidden: bot was blocked by the user"));
    let answer = bot.send(&hello()).await;
    assert_eq!((answer.class, answer.code), (Class::Blocked, Some(403)));
    assert_eq!(answer.description, "Forbidden: bot was blocked by the user");
}

#[tokio::test]
async fn what_was_lost_after_sending_is_unknown() {
    let html = "<html>502 Bad Gateway</html>";
    let page = format!("HTTP/1.1 502 X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{html}", html.len());
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\n{\"ok\":true".to_owned();
    let moved = "HTTP/1.1 302 X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".to_owned();
    let strange = Reply::Json(200, r#"{"status":"fine"}"#.into());
    let half = Reply::Json(200, r#"{"ok":true,"result""#.into());
    for reply in [Reply::Reset, Reply::Raw(page), Reply::Raw(cut), Reply::Raw(moved), strange, half] {
        let class = class_after(reply).await;
        assert_eq!((class, class.delivered()), (Class::Unknown, Delivered::Maybe));
    }
}

#[tokio::test]
async fn silence_is_unknown_too() {
    let server = Server::start();
    server.will(Reply::Silence);
    let settings = settings(&server.base);
    let api = settings.client().unwrap();
    let patience = Patience { send: Duration::from_millis(300), ..Patience::USUAL };
    let bot = Bot::with_patience(settings, api, Clock::System, patience);
    assert_eq!(bot.send(&hello()).await.class, Class::Unknown);
    assert_eq!(server.requests().len(), 1);
}

fn closed_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn a_refused_connection_was_never_sent_and_closes_the_gate() {
    let bot = bot_at(&closed_port());
    let answer = bot.send(&hello()).await;
    assert_eq!((answer.class, answer.class.delivered()), (Class::NotConnected, Delivered::No));
    assert!(answer.description.contains("refused"), "{answer:?}");
    assert!(!bot.is_connected());
}

#[tokio::test]
async fn a_dead_proxy_is_a_lost_connection() {
    let server = Server::start();
    for scheme in ["http", "socks5"] {
        let proxy = Some(closed_port().replace("http", scheme));
        let bot = Bot::new(BotSettings { proxy, ..settings(&server.base) }, Clock::System).unwrap();
        assert_eq!(bot.send(&hello()).await.class, Class::NotConnected, "{scheme}");
    }
}

#[tokio::test]
async fn an_http_proxy_carries_the_call() {
    let proxy = Server::start();
    proxy.says(200, &json!({"ok": true, "result": {"message_id": 7}}));
    let settings = BotSettings { proxy: Some(proxy.base.clone()), ..settings("http://telegram.invalid") };
    let bot = Bot::new(settings, Clock::System).unwrap();
    assert_eq!(bot.send(&hello()).await.class, Class::Sent { message_id: Some(7) });
    assert!(proxy.requests()[0].starts_with("POST http://telegram.invalid/bot"));
}

#[tokio::test]
async fn too_fast_closes_the_lane_and_tells_the_storekeeper() {
    let (server, bot) = server_and_bot();
    let mut changes = bot.gate_changes();
    let mut too_fast = refusal(429, "Too Many Requests: retry after 400");
    too_fast["parameters"] = json!({"retry_after": 400});
    server.says(429, &too_fast);
    let answer = bot.in_lane(Lane::Broadcast).send(&hello()).await;
    assert_eq!((answer.class, answer.verdict), (Class::RetryAfter(400), Some(Verdict::PauseBroadcast)));
    changes.changed().await.unwrap();
    let state = *changes.borrow_and_update();
    assert_eq!(state, bot.gate_state());
    assert!(state.closed_bulk_until_ms > 0 && state.closed_all_until_ms == 0);
    server.says(200, &json!({"ok": true, "result": true}));
    bot.answer_callback("1", Some("Готово"), true).await.unwrap();
    assert_eq!(body(&server), json!({"callback_query_id": "1", "text": "Готово", "show_alert": true}));
}

/// A bot with a clock that only tests move, the clock, and its present time in milliseconds.
fn still_bot() -> (Bot, Clock, i64) {
    let clock = Clock::manual(Timestamp(1_700_000_000));
    (Bot::new(settings("http://127.0.0.1:1"), clock.clone()).unwrap(), clock, 1_700_000_000_000)
}

/// Polls the future once, without letting any time pass.
fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn ready_at_once<F: Future>(future: Pin<&mut F>) -> bool {
    poll_once(future).is_ready()
}

#[tokio::test]
async fn a_pass_that_is_not_used_is_a_free_slot_again() {
    let (bot, ..) = still_bot();
    let used: Vec<_> = (0..28).map(|_| bot.try_acquire(Lane::Reply).unwrap()).collect();
    let last = bot.try_acquire(Lane::Reply).unwrap();
    let mut waiter = pin!(bot.acquire(Lane::Reply, Some(1)));
    assert!(!ready_at_once(waiter.as_mut()), "30 calls in a second");
    drop(last);
    assert!(ready_at_once(waiter.as_mut()), "a waiter hears of it");
    drop(used);
}

#[tokio::test]
async fn a_pressed_button_is_answered_while_replies_wait() {
    let server = Server::start();
    let bot = Bot::new(settings(&server.base), Clock::manual(Timestamp(1_700_000_000))).unwrap();
    let used: Vec<_> = (0..29).map(|_| bot.try_acquire(Lane::Reply).unwrap()).collect();
    let mut waiter = pin!(bot.acquire(Lane::Reply, Some(1)));
    assert!(!ready_at_once(waiter.as_mut()));
    server.says(200, &json!({"ok": true, "result": true}));
    // The clock stands still, so a call that waits for replies waits for ever.
    let answered = tokio::time::timeout(Duration::from_secs(20), bot.answer_callback("1", None, false)).await;
    answered.expect("the answer waits for replies").unwrap();
    drop(used);
}

#[tokio::test]
async fn a_call_that_is_dropped_half_way_counts_as_lost_on_the_way() {
    let (server, bot) = server_and_bot();
    server.will(Reply::Silence);
    let heard = async {
        while server.requests().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let hello = hello();
    tokio::select! {
        answer = bot.send(&hello) => panic!("{answer:?}"),
        () = heard => {}
    }
    assert!(!bot.is_connected());
}

/// The method of each request so far.
fn methods(server: &Server) -> Vec<String> {
    let method = |request: &String| Some(request.split_once(TOKEN)?.1.split_whitespace().next()?[1..].to_owned());
    server.requests().iter().filter_map(method).collect()
}

#[tokio::test]
async fn after_a_doubtful_answer_a_letter_waits_for_the_answer_to_get_me() {
    for lost in [Reply::Json(502, "{}".into()), Reply::Json(500, refusal(500, "restart").to_string()), Reply::Reset] {
        let server = Server::start();
        let clock = Clock::manual(Timestamp(1_700_000_000));
        let bot = Bot::new(settings(&server.base), clock.clone()).unwrap();
        let mut silences = bot.silences();
        server.will(lost);
        bot.send(&hello()).await;
        assert_eq!(*silences.borrow_and_update(), Some(clock.now_ms()));
        server.says(502, &json!({}));
        bot.probe_when_due().await;
        let mut waiter = pin!(bot.acquire(Lane::Reply, None));
        assert!(!ready_at_once(waiter.as_mut()), "a letter went first");
        server.says(200, &json!({"ok": true, "result": []}));
        bot.get_updates(0, 0, &[]).await.unwrap();
        assert!(!ready_at_once(waiter.as_mut()), "a poll says nothing about messages");
        clock.advance_ms(1_000);
        server.says(200, &json!({"ok": true, "result": {"id": 1}}));
        bot.probe_when_due().await;
        assert!(ready_at_once(waiter.as_mut()), "Telegram answers again");
        assert_eq!(*silences.borrow_and_update(), None);
        assert_eq!(methods(&server), ["sendMessage", "getMe", "getUpdates", "getMe"]);
    }
}

#[tokio::test]
async fn a_waiter_without_a_prober_beside_it_probes_by_itself() {
    let (server, bot) = server_and_bot();
    server.says(503, &json!({}));
    server.says(200, &json!({"ok": true, "result": {"id": 1}}));
    server.says(200, &json!({"ok": true, "result": {"message_id": 7}}));
    assert_eq!(bot.send(&hello()).await.class, Class::Unknown);
    assert_eq!(bot.send(&hello()).await.class, Class::Sent { message_id: Some(7) });
    assert_eq!(methods(&server), ["sendMessage", "getMe", "sendMessage"]);
}

#[tokio::test]
async fn a_question_does_not_wait_for_a_silent_telegram_for_ever() {
    let settings = settings(&closed_port());
    let api = settings.client().unwrap();
    let patience = Patience { send: Duration::from_millis(300), ..Patience::USUAL };
    let bot = Bot::with_patience(settings, api, Clock::System, patience);
    assert_eq!(bot.send(&hello()).await.class, Class::NotConnected);
    for _ in 0..2 {
        assert_eq!(bot.get_me().await.unwrap_err().class, Class::NotConnected);
    }
}

#[tokio::test]
async fn a_pass_for_a_lane_paces_the_chat_it_is_used_for() {
    let (bot, clock, now) = still_bot();
    let mut used = Vec::new();
    for _ in 0..3 {
        let mut permit = bot.acquire(Lane::Reply, None).await;
        permit.speaks_to(5);
        used.push(permit);
    }
    assert_eq!(bot.resting_chats(Lane::Reply), [(5, Millis(now + 1_050))]);
    let mut waiter = pin!(bot.acquire(Lane::Reply, Some(5)));
    assert!(!ready_at_once(waiter.as_mut()) && bot.try_acquire(Lane::Reply).is_some());
    clock.advance_ms(1_050);
    assert!(bot.resting_chats(Lane::Reply).is_empty());
}

#[tokio::test]
async fn a_waiter_goes_as_soon_as_the_gate_opens() {
    let (bot, _, now) = still_bot();
    let open = bot.gate_state();
    bot.restore_gate(GateState { closed_all_until_ms: now + 3_600_000, ..open });
    let mut waiter = pin!(bot.acquire(Lane::Reply, None));
    assert!(!ready_at_once(waiter.as_mut()), "passed a closed gate");
    bot.restore_gate(open);
    assert!(ready_at_once(waiter.as_mut()));
}

#[tokio::test]
async fn a_found_connection_wakes_the_waiters() {
    let (server, _) = server_and_bot();
    let clock = Clock::manual(Timestamp(1_700_000_000));
    let bot = Bot::new(settings(&server.base), clock.clone()).unwrap();
    bot.with_gate(|gate, now| gate.connection_lost(now));
    let mut waiter = pin!(bot.acquire(Lane::Reply, None));
    assert!(!ready_at_once(waiter.as_mut()), "passed a closed gate");
    server.says(200, &json!({"ok": true, "result": []}));
    bot.get_updates(0, 0, &[]).await.unwrap();
    assert!(ready_at_once(waiter.as_mut()), "Telegram answers again");
}

#[tokio::test]
async fn a_reply_passes_while_broadcasts_wait() {
    let (bot, _, now) = still_bot();
    bot.restore_gate(GateState { closed_bulk_until_ms: now + 3_600_000, ..bot.gate_state() });
    let mut broadcasts = [1, 2].map(|chat| Box::pin(bot.acquire(Lane::Broadcast, Some(chat))));
    for broadcast in &mut broadcasts {
        assert!(!ready_at_once(broadcast.as_mut()), "passed a closed gate");
    }
    assert!(ready_at_once(pin!(bot.acquire(Lane::Reply, Some(1)))));
}

#[tokio::test]
async fn one_chat_in_a_hurry_does_not_hold_up_the_lane() {
    let (bot, clock, _) = still_bot();
    let wake = || bot.set_limits(Limits::default());
    let _used = bot.acquire(Lane::Broadcast, Some(9)).await;
    let mut first = pin!(bot.acquire(Lane::Broadcast, Some(1)));
    let mut second = pin!(bot.acquire(Lane::Broadcast, Some(1)));
    assert!(!ready_at_once(first.as_mut()) && !ready_at_once(second.as_mut()), "the lane is paced");
    clock.advance_ms(40);
    wake();
    let Poll::Ready(_one) = poll_once(first.as_mut()) else { panic!("its time has come") };
    clock.advance_ms(40);
    assert!(!ready_at_once(second.as_mut()), "two messages to one chat in 40 ms");
    assert!(ready_at_once(pin!(bot.acquire(Lane::Broadcast, Some(2)))));
}

#[tokio::test]
async fn updates_come_raw_and_an_unreadable_one_keeps_its_number() {
    let (server, bot) = server_and_bot();
    let deep = format!(r#"{{"update_id":9,"x":{}1{}}}"#, "[".repeat(500), "]".repeat(500));
    let lone = r#"{"update_id":8,"message":{"text":"\ud83d"}}"#;
    let batch = format!(r#"{{"ok":true,"result":[{{"update_id":7,"telepathy":{{}}}},{lone},{deep}]}}"#);
    server.will(Reply::Json(200, batch));
    let updates = bot.get_updates(7, 0, &["message", "my_chat_member", "chat_member", "callback_query"]).await.unwrap();
    assert_eq!(updates.iter().map(update_id).collect::<Vec<_>>(), [Some(7), Some(8), Some(9)]);
    assert_eq!(updates[1]["message"]["text"], json!("\u{fffd}"));
    let allowed = json!(["message", "my_chat_member", "chat_member", "callback_query"]);
    assert_eq!(body(&server), json!({"offset": 7, "timeout": 0, "allowed_updates": allowed}));
}

#[tokio::test]
async fn another_poller_is_a_conflict() {
    let (server, bot) = server_and_bot();
    server.says(409, &refusal(409, "Conflict: terminated by other getUpdates request"));
    assert!(bot.get_updates(0, 0, &[]).await.unwrap_err().is_conflict());
}

#[tokio::test]
async fn questions_are_answered_from_lean_answers() {
    let (server, bot) = server_and_bot();
    server.says(200, &json!({"ok": true, "result": {"id": 5, "username": "dvorik_bot"}}));
    assert_eq!(bot.get_me().await.unwrap(), Me { id: 5, username: "dvorik_bot".into(), first_name: String::new() });
    server.says(200, &json!({"ok": true, "result": {"id": -100, "type": "channel", "title": "Дворик"}}));
    let chat = bot.chat("@dvorik").await.unwrap();
    assert_eq!((chat.id, chat.title.as_deref(), chat.invite_link), (-100, Some("Дворик"), None));
    assert_eq!(body(&server), json!({"chat_id": "@dvorik"}));
    server.says(200, &json!({"ok": true, "result": {"url": "", "pending_update_count": 3}}));
    assert_eq!(bot.webhook_info().await.unwrap().pending, 3);
    server.says(200, &json!({"ok": true, "result": true}));
    bot.set_my_commands(Scope::Everybody, &[("skidki", "Мои скидки")]).await.unwrap();
    let menu = json!([{"command": "skidki", "description": "Мои скидки"}]);
    assert_eq!(body(&server), json!({"commands": menu, "scope": {"type": "all_private_chats"}}));
    server.says(200, &json!({"ok": true, "result": true}));
    bot.set_webhook("https://shop.example/bot/main/webhook", "secret", &["message"]).await.unwrap();
    server.says(200, &json!({"ok": true, "result": true}));
    bot.delete_webhook().await.unwrap();
}

#[tokio::test]
async fn membership_tells_left_from_cannot_know() {
    let (server, bot) = server_and_bot();
    server.says(200, &json!({"ok": true, "result": {"status": "member", "user": {"id": 42}}}));
    assert_eq!(bot.chat_member("-100", 42).await, Ok(MemberStatus::Member));
    assert_eq!(body(&server), json!({"chat_id": -100, "user_id": 42}));
    for nobody in ["PARTICIPANT_ID_INVALID", "user not found", "member not found", "invalid user_id specified"] {
        server.says(400, &refusal(400, &format!("Bad Request: {nobody}")));
        assert_eq!(bot.chat_member("-100", 42).await, Ok(MemberStatus::Left), "{nobody}");
    }
    server.says(400, &refusal(400, "Bad Request: member list is inaccessible"));
    assert_eq!(bot.chat_member("-100", 42).await.unwrap_err().class, Class::Rejected);
    server.says(400, &refusal(400, "Bad Request: chat not found"));
    assert_eq!(bot.chat_member("-100", 42).await.unwrap_err().class, Class::NotFound);
}

#[tokio::test]
async fn pictures_go_up_and_come_back_as_ids() {
    let (server, bot) = server_and_bot();
    let photo = json!([{"file_id": "small"}, {"file_id": "large"}]);
    server.says(200, &json!({"ok": true, "result": {"message_id": 7, "photo": photo}}));
    let keyboard = Keyboard::Inline(vec![vec![Button::callback("Показать", "qr:1")]]);
    let picture = File::png(b"not really a png".to_vec());
    let content = Content::Photo { picture, caption_html: "Код".into(), keyboard };
    let answer = bot.send(&Outgoing::new(42, content)).await;
    assert_eq!((answer.class, answer.file_id.as_deref()), (Class::Sent { message_id: Some(7) }, Some("large")));
    let request = server.requests().pop().unwrap();
    for part in ["/sendPhoto ", "picture.png", "not really a png", "Код", "qr:1", "HTML"] {
        assert!(request.contains(part), "{part} in {request}");
    }
}

#[tokio::test]
async fn an_edit_that_changes_nothing_is_done() {
    let (server, bot) = server_and_bot();
    server.says(400, &refusal(400, "Bad Request: message is not modified: specified new message content"));
    let keyboard = Keyboard::Inline(vec![vec![Button::url("Канал", "https://t.me/dvorik")]]);
    let edit = Content::EditText { message_id: 3, html: "Погашено ✅".into(), keyboard };
    assert_eq!(bot.send(&Outgoing::new(42, edit)).await.class, Class::Sent { message_id: None });
    let sent = body(&server);
    assert_eq!((&sent["message_id"], &sent["parse_mode"]), (&json!(3), &json!("HTML")));
    let button = json!([[{"text": "Канал", "url": "https://t.me/dvorik"}]]);
    assert_eq!(sent["reply_markup"], json!({"inline_keyboard": button}));
}

#[tokio::test]
async fn other_edits_and_paid_messages_have_their_fields() {
    let (server, bot) = server_and_bot();
    let send = async |content, paid| {
        server.says(200, &json!({"ok": true, "result": {"message_id": 3}}));
        let outgoing = Outgoing { paid, ..Outgoing::new(42, content) };
        assert_eq!(bot.send(&outgoing).await.class, Class::Sent { message_id: Some(3) });
    };
    let no_buttons = Keyboard::Inline(Vec::new());
    send(Content::EditKeyboard { message_id: 3, keyboard: no_buttons.clone() }, false).await;
    assert_eq!(body(&server), json!({"chat_id": 42, "message_id": 3, "reply_markup": {"inline_keyboard": []}}));
    send(Content::EditCaption { message_id: 3, caption_html: "a".into(), keyboard: Keyboard::None }, false).await;
    assert_eq!(body(&server), json!({"chat_id": 42, "message_id": 3, "caption": "a", "parse_mode": "HTML"}));
    send(Content::Text { html: "a".into(), keyboard: Keyboard::Remove }, true).await;
    assert_eq!(body(&server)["reply_markup"]["remove_keyboard"], json!(true));
    assert_eq!(body(&server)["allow_paid_broadcast"], json!(true));
    send(Content::Text { html: "a".into(), keyboard: Keyboard::Reply(vec![vec!["Помощь".into()]]) }, false).await;
    let markup = &body(&server)["reply_markup"];
    assert_eq!(markup["keyboard"], json!([[{"text": "Помощь"}]]));
    assert_eq!((&markup["resize_keyboard"], &markup["is_persistent"]), (&json!(true), &json!(true)));
    send(Content::Delete { message_id: 3 }, false).await;
    assert_eq!(body(&server), json!({"chat_id": 42, "message_id": 3}));
    for file in ["video", "document"] {
        let (id, caption_html, keyboard) = (File::Id("abc".into()), String::new(), Keyboard::None);
        let content = match file {
            "video" => Content::Video { file: id, caption_html, keyboard },
            _ => Content::Document { file: id, caption_html, keyboard },
        };
        send(content, false).await;
        let request = server.requests().pop().unwrap();
        assert!(request.to_lowercase().contains(&format!("/send{file} ")) && request.contains("abc"), "{request}");
    }
}

#[tokio::test]
async fn an_answer_longer_than_any_of_telegrams_is_not_read() {
    // An answer that announces too many bytes is not read. The length is a literal here, so that the test notices a
    // raised limit.
    let (server, bot) = server_and_bot();
    server.will(Reply::Raw("HTTP/1.1 200 OK\r\ncontent-length: 5000000\r\nconnection: close\r\n\r\n".into()));
    let answer = bot.send(&hello()).await;
    assert_eq!((answer.class, answer.description.as_str()), (Class::Unknown, wire::TOO_LONG));
    // Reading an answer of unknown length ends at the limit, not at the end of the answer.
    let endless = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", " ".repeat(wire::MOST_BYTES + 1));
    let (server, bot) = server_and_bot();
    server.will(Reply::Raw(endless));
    let answer = bot.send(&hello()).await;
    assert_eq!((answer.class, answer.description.as_str()), (Class::Unknown, wire::TOO_LONG));
    let whole = json!({"ok": true, "result": {"message_id": 7, "text": "a".repeat(wire::MOST_BYTES - 100)}});
    // A new bot, because the first one sends a probe (`getMe`) before it sends a message again.
    let (server, bot) = server_and_bot();
    server.says(200, &whole);
    assert_eq!(bot.send(&hello()).await.class, Class::Sent { message_id: Some(7) });
}

#[tokio::test]
async fn updates_too_many_for_one_answer_come_one_at_a_time() {
    let (server, bot) = server_and_bot();
    server.will(Reply::Raw("HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\nconnection: close\r\n\r\n".into()));
    server.says(200, &json!({"ok": true, "result": [{"update_id": 7}]}));
    let updates = bot.get_updates(7, 0, &["message"]).await.unwrap();
    assert_eq!(updates.iter().map(update_id).collect::<Vec<_>>(), [Some(7)]);
    assert_eq!(body(&server)["limit"], json!(1));
}
