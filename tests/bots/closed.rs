//! A method that neither sends nor edits fails: it costs nothing but itself, at the start and while serving.

use builtin_telegram::{Fault, FaultRule, Person, Receipt};

use crate::harness::{PATIENCE, SHOP, STAFF, Someone, World, code_in};

/// What the daemon calls besides messages, edits and polls.
const METHODS: [&str; 5] = ["getMe", "deleteWebhook", "setMyCommands", "getChatMember", "answerCallbackQuery"];

fn faults() -> [(&'static str, Fault); 4] {
    [
        ("429", Fault::TooManyRequests { retry_after: 600 }),
        ("404", Fault::NotFound),
        ("500", Fault::ServerErrorJson(500)),
        ("unreadable", Fault::Gibberish),
    ]
}

/// 404 to getMe says that the token is none: that bot is off, as it must be.
fn rows() -> Vec<(&'static str, &'static str, Fault)> {
    let row = |method| faults().into_iter().map(move |(name, fault)| (method, name, fault));
    METHODS.into_iter().flat_map(row).filter(|(method, name, _)| (*method, *name) != ("getMe", "404")).collect()
}

fn always(fault: &Fault, method: &str) -> FaultRule {
    fault.clone().always().on_method(method)
}

/// The people of one shop, and a code for each row.
struct Shop {
    anna: Someone,
    cashier: Someone,
    codes: Vec<String>,
}

impl Shop {
    async fn of(w: &World, codes: usize) -> Self {
        let cashier = w.cashier("Касса 1").await;
        let mut all = Vec::new();
        for n in 0..codes {
            let person = Person { id: 7000 + n as i64, first_name: format!("Клиент {n}"), ..Person::default() };
            let customer = w.someone(SHOP, person);
            customer.opens(None);
            customer.subscribes();
            customer.says("Проверить подписку");
            all.push(code_in(&*customer.hears("Вы подписаны").await));
        }
        let anna = w.customer("Анна");
        anna.opens(None);
        anna.hears("Привет").await;
        Self { anna, cashier, codes: all }
    }

    /// The counter and the answers.
    async fn works(&mut self, row: &str) {
        let code = self.codes.pop().unwrap();
        self.cashier.says(&code);
        let card = self.cashier.hears("Действует до").await;
        self.cashier.presses_under(&card, "Погасить");
        self.cashier.hears("Погашено ✅").await;
        self.anna.says("/help");
        self.anna.hears("Ваши коды").await;
        self.anna.says("Проверить подписку");
        let told = self.anna.hears("подписк").await;
        assert!(!told.text().unwrap().contains("Вы подписаны"), "{row}: a gift without a check");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_fails_at_the_start_keeps_neither_the_counter_nor_the_answers() {
    let rows = rows();
    let mut w = World::open().await;
    let mut shop = Shop::of(&w, rows.len()).await;
    w.stops().await;
    for (method, name, fault) in &rows {
        w.change("DELETE FROM gate_methods");
        w.tg.fault(always(fault, method));
        w.serves().await;
        shop.works(&format!("{method} × {name} at the start")).await;
        w.stops().await;
        w.tg.clear_faults();
    }
    assert_eq!(w.count("SELECT count(*) FROM redemptions"), rows.len() as i64);
    assert_eq!(w.count("SELECT count(*) FROM discounts"), rows.len() as i64, "nothing was issued unchecked");
    assert_eq!(w.count("SELECT max(closed_all_until_ms) FROM gates"), 0, "messages were never closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_fails_while_serving_keeps_neither_the_counter_nor_the_answers() {
    let rows = rows();
    let w = World::open().await;
    let mut shop = Shop::of(&w, rows.len()).await;
    for (method, name, fault) in &rows {
        w.tg.fault(always(fault, method));
        shop.works(&format!("{method} × {name} while serving")).await;
        w.tg.clear_faults();
    }
    let w = w.ends().await;
    assert_eq!(w.count("SELECT count(*) FROM redemptions"), rows.len() as i64);
    assert_eq!(w.count("SELECT count(*) FROM discounts"), rows.len() as i64, "nothing was issued unchecked");
    assert_eq!(w.count("SELECT max(closed_all_until_ms) FROM gates"), 0, "messages were never closed");
    let closed = w.texts("SELECT bot || ' ' || method FROM gate_methods ORDER BY bot, method");
    for expected in ["customer getChatMember", "staff answerCallbackQuery"] {
        assert!(closed.iter().any(|method| method == expected), "{expected} in {closed:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_check_says_for_how_long_and_is_not_tried_again_over_a_restart() {
    let mut w = World::open().await;
    let anna = w.customer("Анна");
    anna.opens(None);
    anna.hears("Привет").await;
    anna.subscribes();
    w.tg.fault(Fault::TooManyRequests { retry_after: 600 }.next(1).on_method("getChatMember"));
    let asked = |w: &World| w.tg.receipts().iter().filter(|receipt| receipt.method == "getChatMember").count();
    for restart in [false, true] {
        if restart {
            w.stops().await;
            w.serves().await;
        }
        anna.says("Проверить подписку");
        let told = anna.hears("Не удалось проверить подписку").await;
        let text = told.text().unwrap();
        assert!(text.ends_with("Попробуйте через 10 минут.") || text.ends_with("Попробуйте через 11 минут."), "{text}");
        anna.says("/help");
        anna.hears("Ваши коды").await;
        assert_eq!(asked(&w), 1, "Telegram was asked again");
    }
    let w = w.ends().await;
    assert_eq!(w.count("SELECT count(*) FROM discounts"), 0);
    assert_eq!(w.count("SELECT count(*) FROM subscription_checks"), 0, "nobody was asked after the pause began");
}

#[tokio::test(flavor = "multi_thread")]
async fn menus_are_registered_later_when_telegram_wants_a_pause() {
    let mut w = World::closed().await;
    w.tg.fault(Fault::TooManyRequests { retry_after: 1 }.next(1).on_method("setMyCommands").for_bot(SHOP));
    w.tg.fault(Fault::Gibberish.next(1).on_method("setMyCommands").for_bot(STAFF));
    w.serves().await;
    for bot in [SHOP, STAFF] {
        let shown = |receipt: &Receipt| &*receipt.bot == bot && receipt.method == "setMyCommands" && receipt.delivered;
        assert!(w.tg.wait_receipt(shown, PATIENCE).await.is_some(), "{bot} has no menu");
    }
    w.ends().await;
}
