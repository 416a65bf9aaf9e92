//! Messages that did not arrive: what admins, `status`, `doctor` and the metrics say, and how they are sent again.

use builtin_telegram::Fault;

use crate::harness::{OWNER, SHOP, World, plain_http};

async fn metrics(w: &World) -> String {
    plain_http().get(format!("{}/metrics", w.http())).send().await.unwrap().text().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_given_up_is_told_shown_counted_and_sent_again_on_command() {
    let w = World::open().await;
    let (anna, code) = w.customer_with_code("Анна").await;
    let cashier = w.cashier("Касса 1").await;
    w.tg.fault(Fault::ServerErrorHtml(502).always().on_sends().in_chat(anna.id));
    cashier.says(&code);
    let card = cashier.hears("Действует до").await;
    cashier.presses_under(&card, "Погасить");
    cashier.hears("Погашено ✅").await;
    w.waits_for_count("SELECT count(*) FROM outbox WHERE state = 'queued' AND doubts = 1", 1).await;
    let status = w.ran(&["status", "--json"]).json();
    let outbox = &status["bots"][0]["outbox"];
    assert_eq!((&outbox["waiting"], &outbox["doubtful"], &outbox["given_up"]), (&1.into(), &1.into(), &0.into()));
    // A day later it is given up.
    w.lets_pass(24 * 3_600_000);
    w.waits_for_count("SELECT count(*) FROM outbox WHERE state = 'unknown'", 1).await;
    w.owner().hears_ever("dvorik outbox retry --state unknown").await;
    let status = w.ran(&["status", "--json"]).json();
    assert_eq!(status["bots"][0]["outbox"]["given_up"], 1);
    assert!(w.ran(&["status"]).out.contains("customer · неизвестно 1 · не принято 0"));
    let metrics = metrics(&w).await;
    assert!(metrics.contains(r#"dvorik_letters_undelivered{bot="customer",state="unknown"} 1"#), "{metrics}");
    let doubtful =
        metrics.lines().find_map(|line| line.strip_prefix(r#"dvorik_letters_doubtful_total{bot="customer"} "#));
    // Shops of other tests in this process count as well.
    assert!(doubtful.unwrap().parse::<u64>().unwrap() >= 2, "{metrics}");
    let doctor = w.ran(&["doctor", "--offline", "--json"]);
    let items = doctor.json()["items"].as_array().unwrap().clone();
    let found = items.iter().find(|item| item["finding"] == "given_up").unwrap_or_else(|| panic!("{}", doctor.out));
    assert_eq!((doctor.code, &found["status"]), (1, &"fail".into()));
    assert!(found["next"].as_str().unwrap().ends_with("outbox retry --state unknown"));
    let listed = w.ran(&["outbox", "list", "--state", "unknown", "--json"]).json();
    let (schema, letter) = (&listed["schema"], &listed["items"][0]);
    assert_eq!((schema, &listed["total"]), (&"dvorik.outbox.list/1".into(), &1.into()));
    assert_eq!((&letter["text_key"], &letter["retriable"]), (&"discount_used_user".into(), &true.into()));
    assert_eq!((&letter["chat_id"], &letter["doubts"]), (&anna.id.into(), &2.into()));
    w.tg.clear_faults();
    let refused = w.ran(&["outbox", "retry", "--state", "unknown", "--json"]);
    assert_eq!(refused.code, 2, "nobody can be asked");
    let dry = w.ran(&["outbox", "retry", "--state", "unknown", "-n", "--json"]);
    assert_eq!((dry.code, w.count("SELECT count(*) FROM outbox WHERE state = 'unknown'")), (0, 1), "{}", dry.err);
    let retried = w.ran(&["outbox", "retry", "--state", "unknown", "-y", "--json"]);
    assert_eq!((retried.code, &retried.json()["items"][0]["outcome"]), (0, &"queued".into()), "{}", retried.err);
    anna.hears(&format!("Ваш код {code} использован")).await;
    assert_eq!(w.ran(&["outbox", "retry", "999", "--json"]).code, 3);
    let id = letter["id"].to_string();
    assert_eq!(w.ran(&["outbox", "retry", &id, "--json"]).code, 5, "it was delivered");
    let w = w.ends().await;
    assert_eq!(w.count("SELECT count(*) FROM outbox WHERE state <> 'sent'"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_telegram_refuses_is_told_to_admins_with_its_text_and_reason() {
    let w = World::open().await;
    let anna = w.customer("Анна");
    anna.opens(None);
    anna.hears("Привет").await;
    for reason in ["can't parse entities: unclosed start tag", "IMAGE_PROCESS_FAILED", "something nobody has seen"] {
        w.tg.fault(Fault::BadRequest(reason.into()).next(1).on_sends().in_chat(anna.id));
        let before = w.count("SELECT count(*) FROM outbox WHERE state = 'failed'");
        anna.says("/help");
        w.waits_for_count("SELECT count(*) FROM outbox WHERE state = 'failed'", before + 1).await;
    }
    let notice = w.owner().hears_ever("Telegram не принял сообщение «help»").await;
    assert!(notice.text().unwrap().contains("can't parse entities"), "{notice:?}");
    let heard = |r: &builtin_telegram::Receipt| r.is_message() && r.chat_id == Some(OWNER);
    assert_eq!(w.tg.receipts().iter().filter(|receipt| heard(receipt)).count(), 1, "once an hour");
    let doctor = w.ran(&["doctor", "--offline", "--json"]);
    assert!(doctor.code == 1 && doctor.out.contains(r#""finding":"refused""#), "{}", doctor.out);
    assert_eq!(w.ran(&["status", "--json"]).json()["bots"][0]["outbox"]["refused"], 3);
    let metrics = metrics(&w).await;
    assert!(metrics.contains(r#"dvorik_letters_undelivered{bot="customer",state="failed"} 3"#), "{metrics}");
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cashier_who_deleted_the_card_before_the_press_is_told_in_a_new_message() {
    let w = World::open().await;
    let (_, code) = w.customer_with_code("Анна").await;
    let cashier = w.cashier("Касса 1").await;
    cashier.says(&code);
    let card = cashier.hears("Действует до").await;
    w.tg.fault(Fault::BadRequest("message to edit not found".into()).next(1).on_method("editMessageText"));
    cashier.presses_under(&card, "Погасить");
    let done = cashier.hears("Погашено ✅").await;
    assert_eq!(done.method, "sendMessage");
    // The new message carries the button that takes the redemption back.
    cashier.presses_under(&done, "Отменить");
    cashier.hears("отменено").await;
    let w = w.ends().await;
    assert_eq!(w.count("SELECT count(*) FROM redemptions WHERE undone_at IS NOT NULL"), 1);
    assert_eq!(w.count("SELECT count(*) FROM outbox WHERE state <> 'sent'"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_telegram_answers_502_one_probe_a_second_goes_out_and_no_message() {
    let w = World::open().await;
    let mut people = Vec::new();
    for name in ["Анна", "Борис", "Вера", "Глеб"] {
        let someone = w.customer(name);
        someone.opens(None);
        someone.hears("Привет").await;
        people.push(someone);
    }
    let from = w.tg.receipt_count();
    w.tg.fault(Fault::ServerErrorHtml(502).always().for_bot(SHOP));
    people[0].says("/help");
    let doubtful = w.tg.wait_receipt(|r| r.seq >= from && !r.delivered, crate::harness::PATIENCE).await.unwrap();
    w.waits_for_count("SELECT count(*) FROM outages WHERE bot = 'customer'", 1).await;
    for someone in &people {
        someone.says("/help");
    }
    let probe = |r: &builtin_telegram::Receipt| r.seq > doubtful.seq && r.method == "getMe";
    assert_eq!(w.tg.wait_count(probe, 4, crate::harness::PATIENCE).await, 4);
    let calls = w.tg.receipts_since(doubtful.seq + 1);
    let calls: Vec<_> = calls.iter().filter(|r| &*r.bot == SHOP).collect();
    assert!(calls.iter().all(|r| r.method == "getMe"), "a message was spent on finding out: {calls:?}");
    let span = calls.last().unwrap().at_ms - calls.first().unwrap().at_ms;
    assert!(span >= 1000 * (i64::try_from(calls.len()).unwrap() - 2), "more than one a second: {calls:?}");
    w.tg.clear_faults();
    for someone in &people {
        someone.hears("Ваши коды").await;
    }
    w.waits_for_count("SELECT count(*) FROM outages", 0).await;
    w.lets_pass(5_000);
    w.waits_for_count("SELECT count(*) FROM outbox WHERE state = 'queued'", 0).await;
    let w = w.ends().await;
    assert_eq!(w.count("SELECT sum(doubts) FROM outbox"), 1, "one message was tried, the others waited");
}
