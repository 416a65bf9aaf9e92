//! A shop made with `lang = en`: the same stories as in a Russian one, and no Russian letter in anything that a bot
//! sends. The Russian shop goes the same way, so that the judge is known to see Russian letters.

use std::sync::Arc;

use builtin_telegram::{Fault, Person, Receipt};
use dvorik::clock::Clock;
use dvorik::ids::AdminId;
use dvorik::language::Language;
use dvorik::settings;
use dvorik::staff::AdminEdit;
use dvorik::user::UserStatus;
use regex::Regex;
use tokio::task::block_in_place;

use crate::given;
use crate::harness::{CHANNEL, OWNER, PATIENCE, SHOP, STAFF, Someone, World, buttons, code_in};

/// What the bots have sent that has a Russian letter: texts, captions, buttons, menus of commands, answers to presses.
fn russian(w: &World) -> Vec<String> {
    let is_russian = |c: char| matches!(c, '\u{400}'..='\u{52f}');
    let calls = w.tg.receipts();
    assert!(calls.len() > 10, "{} calls", calls.len());
    calls
        .iter()
        .map(|call| format!("{}: {}", call.method, call.params))
        .filter(|call| call.contains(is_russian))
        .collect()
}

/// The end of every story here: a clean one, and the judge's word.
async fn ends(w: World) {
    let w = w.ends().await;
    match w.language {
        Language::Ru => assert!(!russian(&w).is_empty(), "the judge sees no Russian letter in a Russian shop"),
        Language::En => assert_eq!(russian(&w), Vec::<String>::new()),
    }
    assert_eq!(w.count("SELECT count(*) FROM outbox WHERE state = 'failed'"), 0, "Telegram refused a text");
}

/// The date of today, or of this many days later, as the bots write it.
fn date(w: &World, days: i64) -> String {
    let zone = w.db().zone();
    w.language.date(zone.day(Clock::System.now().plus(days * 86_400)))
}

async fn opened(w: &World, name: &str) -> Someone {
    let customer = w.customer(name);
    customer.opens(None);
    customer.hears(&w.words("welcome")).await;
    customer
}

/// Presses a menu's button or says a command, and reads the text with this key.
async fn asks(w: &World, who: &Someone, said: &str, key: &str) -> Arc<Receipt> {
    who.says(said);
    who.hears(&w.words(key)).await
}

async fn subscription(language: Language) {
    let w = World::open_in(language).await;
    let anna = opened(&w, "Anna").await;
    let check = w.caption("button.check_subscription");
    for key in ["button.my_discounts", "button.birthday", "button.channel", "button.help"] {
        assert!(w.tg.reply_keyboard(SHOP, anna.id).iter().flatten().any(|caption| caption == w.caption(key)), "{key}");
    }
    asks(&w, &anna, w.caption("button.my_discounts"), "no_discounts").await;
    asks(&w, &anna, w.caption("button.channel"), "channel_invite").await;
    let refused = asks(&w, &anna, check, "not_subscribed").await;
    anna.subscribes();
    anna.presses_under(&refused, check);
    let gift = anna.hears(&w.words("subscription_success")).await;
    let text = gift.text().unwrap();
    assert!(text.contains(&date(&w, 7)), "{text}");
    let letters = if language == Language::En { "[ABCEHKMOPTXY]{3}" } else { "[А-Я]{3}" };
    let code = code_in(&gift);
    assert!(Regex::new(&format!("^{letters}[0-9]{{4}}$")).unwrap().is_match(&code), "{code}");
    for command in ["/skidki", "/discounts"] {
        let list = asks(&w, &anna, command, "discount_line").await;
        assert!(list.text().unwrap().contains(&language.text("seeded.template.subscription", &[])), "{list:?}");
        let (caption, _) = buttons(&list).remove(0);
        assert_eq!(caption, format!("{} {code}", w.caption("button.show_qr")));
        anna.presses_under(&list, w.caption("button.show_qr"));
        let picture = anna.hears(&w.words("discount_line")).await;
        assert_eq!((picture.method, code_in(&picture)), ("sendPhoto", code.clone()));
    }
    w.change("UPDATE discounts SET redeemed_at = created_at");
    let later = asks(&w, &anna, check, "subscription_too_early").await;
    assert!(later.text().unwrap().contains(&date(&w, 30)), "{later:?}");
    w.change("UPDATE discount_templates SET recurrence = NULL, is_active = 0");
    asks(&w, &anna, check, "subscription_unavailable").await;
    w.owner().hears_ever(&w.words("notice_subscription_template")).await;
    w.sets(&settings::SUBSCRIPTION_CACHE_SECONDS, "0");
    w.tg.fault(Fault::TooManyRequests { retry_after: 300 }.next(1).on_method("getChatMember"));
    anna.says(check);
    anna.hears(&language.plural("plural.minutes", 5, &[])).await;
    w.sets(&settings::TELEGRAM_CHANNEL_ID, "");
    asks(&w, &anna, check, "subscription_unavailable").await;
    w.owner().hears_ever(&w.words("notice_channel")).await;
    given::has_status(&w.db(), anna.id, UserStatus::Blocked);
    asks(&w, &anna, check, "user_blocked").await;
    ends(w).await;
}

async fn birthday(language: Language) {
    let w = World::open_in(language).await;
    let anna = opened(&w, "Anna").await;
    for command in ["/den_rozhdeniya", "/birthday", w.caption("spoken.birthday"), w.caption("button.birthday")] {
        asks(&w, &anna, command, "birthday_ask").await;
    }
    asks(&w, &anna, "3 febtober 2002", "birthday_invalid").await;
    let example = if language == Language::En { "3 February 2002" } else { "3 февраля 2002" };
    anna.says("3 Feb");
    anna.hears(example).await;
    asks(&w, &anna, "3 February 2002", "birthday_saved").await;
    assert_eq!(w.count("SELECT count(*) FROM users WHERE birthday = '2002-02-03'"), 1);
    let known = asks(&w, &anna, w.caption("button.birthday"), "birthday_known").await;
    assert!(known.text().unwrap().contains(&language.date("2002-02-03".parse().unwrap())), "{known:?}");
    anna.presses_under(&known, w.caption("button.change"));
    let asked = anna.hears(&w.words("birthday_ask")).await;
    anna.presses_under(&asked, w.caption("button.cancel"));
    anna.hears(&w.words("canceled")).await;
    let today = w.db().zone().day(Clock::System.now());
    w.changes(format!(
        "UPDATE users SET birthday = '2000-{0}', birthday_md = '{0}', birthday_saved_at = '2020-01-01T00:00:00Z'",
        today.format("%m-%d")
    ));
    let ran = w.ran(&["job", "run", "birthdays"]);
    assert_eq!(ran.code, 0, "{} {}", ran.out, ran.err);
    let gift = anna.hears_ever(&w.words("birthday_congrats")).await;
    assert!(gift.text().unwrap().contains("Anna"), "{gift:?}");
    anna.presses_under(&known, w.caption("button.change"));
    anna.hears(&w.words("birthday_locked")).await;
    ends(w).await;
}

async fn counter(language: Language) {
    let w = World::open_in(language).await;
    let cashier = w.cashier("Till 1").await;
    let (anna, code) = w.customer_with_code("Anna").await;
    asks(&w, &cashier, "/help", "cashier_ready").await;
    asks(&w, &cashier, "hello", "code_unreadable").await;
    asks(&w, &cashier, "/get_token", "token_for_admins").await;
    // The shop is shown the code, and the cashier may type it in any letters.
    let typed = if language == Language::En { code.to_lowercase() } else { code.clone() };
    let card = asks(&w, &cashier, &typed, "code_card_percent").await;
    let text = card.text().unwrap();
    assert!(text.contains(&code) && text.contains(&date(&w, 7)), "{text}");
    cashier.presses_under(&card, w.caption("button.redeem"));
    let done = cashier.hears(&w.words("discount_used_cashier")).await;
    anna.hears_ever(&w.words("discount_used_user")).await;
    cashier.presses_under(&done, w.caption("button.undo"));
    cashier.hears(&w.words("discount_undone_cashier")).await;
    anna.hears_ever(&w.words("discount_undone_user")).await;
    let card = asks(&w, &cashier, &code, "code_card_percent").await;
    cashier.presses_under(&card, w.caption("button.redeem"));
    let done = cashier.hears(&w.words("discount_used_cashier")).await;
    let used = asks(&w, &cashier, &code, "code_already_used_by_you").await;
    assert!(used.text().unwrap().contains(&date(&w, 0)), "{used:?}");
    w.change("UPDATE redemptions SET at = '2026-01-01T00:00:00Z'");
    cashier.presses_under(&done, w.caption("button.undo"));
    cashier.is_told(&w.words("undo_too_late")).await;
    cashier.presses_data(1, "redeem:0123456789abcdef");
    cashier.is_told(&w.words("card_foreign")).await;
    // Refusals of another code, and the notices about them.
    let (_, other) = w.customer_with_code("Boris").await;
    w.change("UPDATE discounts SET expires_at = created_at WHERE redeemed_at IS NULL");
    asks(&w, &cashier, &other, "code_expired").await;
    w.change("UPDATE discounts SET revoked_at = created_at WHERE redeemed_at IS NULL");
    for _ in 0..4 {
        asks(&w, &cashier, &other, "code_revoked").await;
    }
    w.owner().hears_ever(&w.words("notice_failed_checks")).await;
    // The forged press counts as a guess, too.
    for n in 1..5 {
        asks(&w, &cashier, &format!("MMM000{n}"), "code_not_found").await;
    }
    asks(&w, &cashier, &code, "cashier_locked").await;
    w.owner().hears_ever(&w.words("notice_lockout")).await;
    ends(w).await;
}

async fn staff(language: Language) {
    let w = World::open_in(language).await;
    let olga = w.owner();
    asks(&w, &olga, "/start", "owner_ready").await;
    asks(&w, &olga, "/requests", "staff_no_requests").await;
    let (mary, peter) = (w.stranger("Mary"), w.stranger("Peter"));
    asks(&w, &mary, "hello", "staff_request_sent").await;
    asks(&w, &mary, "well?", "staff_request_pending").await;
    asks(&w, &mary, "ABC1234", "cashier_not_active").await;
    let notice = olga.hears_ever(&w.words("staff_request_notice")).await;
    let captions: Vec<String> = buttons(&notice).into_iter().map(|(caption, _)| caption).collect();
    let expected = ["button.approve_cashier", "button.approve_admin", "button.decline"].map(|key| w.caption(key));
    assert_eq!(captions, expected);
    mary.presses_data(1, &buttons(&notice).remove(0).1);
    mary.is_told(&w.words("owner_only")).await;
    olga.says("/requests");
    assert!(olga.hears("Mary").await.text().unwrap().contains(&date(&w, 0)));
    olga.presses_under(&notice, w.caption("button.approve_cashier"));
    olga.hears(&w.words("staff_request_approved")).await;
    mary.hears_ever(&w.words("cashier_approved")).await;
    olga.presses_under(&notice, w.caption("button.decline"));
    olga.is_told(&w.words("staff_already_decided")).await;
    asks(&w, &peter, "hello", "staff_request_sent").await;
    olga.decides("Peter", w.caption("button.approve_admin")).await;
    olga.hears(&w.words("staff_request_made_admin")).await;
    peter.hears_ever(&w.words("admin_approved")).await;
    asks(&w, &peter, w.caption("spoken.token"), "admin_token").await;
    asks(&w, &peter, "/start", "admin_ready").await;
    let vera = w.stranger("Vera");
    asks(&w, &vera, "hello", "staff_request_sent").await;
    olga.decides("Vera", w.caption("button.decline")).await;
    vera.hears_ever(&w.words("staff_declined")).await;
    asks(&w, &olga, "/stats", "staff_stats").await;
    for (role, paired, joined) in
        [("owner", "owner_paired", "owner_joined"), ("readonly", "admin_paired", "admin_joined")]
    {
        let newcomer = w.stranger(&format!("New {role}"));
        let made = w.ran(&["admin", "invite", "--role", role, "--json"]).json();
        let link = made["link"].as_str().unwrap().to_owned();
        newcomer.opens(link.split_once("?start=").map(|(_, parameter)| parameter));
        newcomer.hears(&w.words(paired)).await;
        olga.hears_ever(&w.words(joined)).await;
    }
    let late = w.stranger("Late");
    late.opens(Some("a_AAAAAAAAAAAAAAAAAAAAAA"));
    late.hears(&w.words("invite_invalid")).await;
    ends(w).await;
}

async fn broadcasts(language: Language) {
    let w = World::open_in(language).await;
    w.sets(&settings::AUTO_BROADCAST_FROM_ADMINS, "true");
    given::admin(&w.db(), AdminId(1), AdminEdit { can_broadcast_from_chat: Some(true), ..AdminEdit::default() });
    let olga = w.someone(SHOP, Person { id: OWNER, first_name: "Olga".into(), ..Person::default() });
    olga.opens(None);
    olga.hears(&w.words("welcome")).await;
    let nameless = opened(&w, "\u{200b}").await;
    for (command, key) in [("/mute", "muted"), ("/unmute", "unmuted"), ("/help", "help"), ("what?", "unknown")] {
        asks(&w, &nameless, command, key).await;
    }
    w.sets(&settings::SUPPORT_CONTACT, "@yard_help");
    assert!(asks(&w, &nameless, "/help", "help").await.text().unwrap().contains("@yard_help"));
    let fallback = language.text("seeded.first_name_fallback", &[]);
    nameless.opens(None);
    nameless.hears(&fallback).await;
    olga.says("{{phone}}");
    olga.hears(&w.words("broadcast.refused.placeholder")).await;
    let groups = asks(&w, &olga, "Fair, {{first_name}}!", "broadcast_groups").await;
    let all = language.text("seeded.segment.everybody", &[]);
    olga.presses_under(&groups, &language.text("seeded.segment.vip", &[]));
    let nobody = olga.hears(&w.words("broadcast_nobody")).await;
    olga.presses_under(&nobody, &all);
    let card = olga.hears(&w.words("broadcast_confirm")).await;
    let text = card.text().unwrap();
    assert!(text.contains(&all) && text.contains(&language.plural("plural.minutes", 1, &[])), "{text}");
    olga.presses_under(&card, w.caption("button.broadcast_groups"));
    let groups = olga.hears(&w.words("broadcast_groups")).await;
    olga.presses_under(&groups, &all);
    let card = olga.hears(&w.words("broadcast_confirm")).await;
    let (send, _) = buttons(&card).remove(0);
    assert_eq!(send, w.caption("button.broadcast_send").replace("{{total}}", "2"));
    olga.presses_under(&card, &send);
    olga.hears(&w.words("broadcast_queued")).await;
    let read = nameless.hears_ever(&format!("Fair, {fallback}!")).await;
    assert_eq!(buttons(&read).remove(0).0, w.caption("button.mute"));
    w.owner().hears_ever(&w.words("broadcast_finished")).await;
    let made = w.ran(&[
        "broadcast",
        "create",
        "Codes",
        "--text",
        "{{discount_code}} until {{discount_expires_at}}",
        "--template",
        "manual_10",
        "--all",
    ]);
    assert_eq!(made.code, 0, "{}", made.err);
    assert_eq!(w.ran(&["broadcast", "test", "last", "--to", "1"]).code, 0);
    olga.hears_ever(if language == Language::En { "ABC0000" } else { "АБВ0000" }).await;
    ends(w).await;
}

async fn notices(language: Language) {
    let w = World::open_in(language).await;
    let anna = opened(&w, "Anna").await;
    given::has_tags(&w.db(), anna.id, &["vip"]);
    let none = asks(&w, &anna, w.caption("button.my_discounts"), "no_discounts").await;
    anna.presses_under(&none, w.caption("button.order"));
    anna.hears(&w.words("order_accepted")).await;
    let olga = w.owner();
    olga.hears_ever(&w.words("notice_order")).await;
    assert_eq!(w.ran(&["settings", "set", "first_name_fallback", "guests"]).code, 0);
    assert_eq!(w.ran(&["settings", "unset", "first_name_fallback"]).code, 0);
    olga.hears_ever("guests").await;
    assert_eq!(w.ran(&["report", "send"]).code, 0);
    let report = olga.hears_ever(&w.words("weekly_report")).await;
    let week = dvorik::report::weekly::week_before(w.db().zone().day(Clock::System.now()));
    assert!(report.text().unwrap().contains(&language.date(week.from)), "{report:?}");
    for bot in [SHOP, STAFF] {
        let registered = |receipt: &Receipt| receipt.method == "setMyCommands" && &*receipt.bot == bot;
        w.tg.wait_receipt(registered, PATIENCE).await.unwrap();
    }
    let commands = w.tg.commands(SHOP).unwrap().to_string();
    let named = if language == Language::En { ["discounts", "birthday"] } else { ["skidki", "den_rozhdeniya"] };
    assert!(named.iter().all(|name| commands.contains(&format!("\"{name}\""))), "{commands}");
    let first = w.ran(&["discount", "issue", &format!("tg:{}", anna.id), "--template", "manual_10", "-q"]);
    anna.hears_ever(&w.words("discount_issued")).await;
    assert_eq!(w.ran(&["discount", "revoke", first.out.trim(), "--notify", "--yes"]).code, 0, "{}", first.out);
    anna.hears_ever(&w.words("discount_revoked")).await;
    ends(w).await;
}

macro_rules! in_both_languages {
    ($($story:ident: $russian:ident, $english:ident;)+) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $russian() {
                $story(Language::Ru).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn $english() {
                $story(Language::En).await;
            }
        )+
    };
}

in_both_languages! {
    subscription: a_russian_shop_gives_a_gift_for_subscribing, an_english_shop_gives_a_gift_for_subscribing;
    birthday: a_russian_shop_keeps_birthdays, an_english_shop_keeps_birthdays;
    counter: a_russian_counter_redeems_undoes_and_refuses, an_english_counter_redeems_undoes_and_refuses;
    staff: a_russian_shop_lets_people_in, an_english_shop_lets_people_in;
    broadcasts: a_russian_shop_writes_to_many, an_english_shop_writes_to_many;
    notices: a_russian_shop_tells_its_owner, an_english_shop_tells_its_owner;
}

/// Phones keep a menu until the bot sends another one.
#[tokio::test(flavor = "multi_thread")]
async fn a_caption_of_before_is_understood_and_a_present_one_comes_first() {
    let w = World::open().await;
    let anna = opened(&w, "Anna").await;
    let (ru, en) = ("Помощь", "Help");
    for words in [ru, en, "HELP", "/help"] {
        asks(&w, &anna, words, "help").await;
    }
    let edit = |key: &str, words: &str| assert_eq!(w.ran(&["message", "edit", key, "--text", words]).code, 0);
    edit("button.help", "Спросить");
    edit("button.help", "Вопрос");
    for words in ["Вопрос", "Спросить", ru, en] {
        asks(&w, &anna, words, "help").await;
    }
    assert_eq!(w.ran(&["message", "reset", "button.help"]).code, 0);
    asks(&w, &anna, "Вопрос", "help").await;
    asks(&w, &anna, "Спросить", "unknown").await;
    assert_eq!(w.ran(&["message", "language", "en", "--yes"]).code, 0);
    let english = World::closed_in(Language::En).await;
    for words in [ru, en, "Вопрос"] {
        asks(&english, &anna, words, "help").await;
    }
    // What another button is called now wins over what this one was called.
    edit("button.channel", "Мои скидки");
    asks(&english, &anna, "Мои скидки", "channel_invite").await;
    asks(&english, &anna, "My discounts", "no_discounts").await;
    w.ends().await;
}

/// The previews show every text with example values; the rest of the values is told by the stories above.
#[tokio::test(flavor = "multi_thread")]
async fn no_preview_of_an_english_shop_has_a_russian_letter() {
    let w = World::closed_in(Language::En).await;
    let is_russian = |c: char| matches!(c, '\u{400}'..='\u{52f}');
    w.sets(&settings::SUPPORT_CONTACT, "@yard_help");
    w.sets(&settings::TELEGRAM_CHANNEL_ID, CHANNEL);
    let previews = block_in_place(|| {
        w.db().read(|view| {
            let keys = dvorik::texts::seeds(Language::En).keys();
            keys.map(|key| dvorik::texts::preview(view, key)).collect::<dvorik::error::Result<Vec<_>>>()
        })
    });
    let wrong: Vec<String> = previews.unwrap().into_iter().filter(|html| html.contains(is_russian)).collect();
    assert_eq!(wrong, Vec::<String>::new());
}
