//! `template`, `discount`, `campaign`: every verb that the path of one code does not meet.

use serde_json::{Value, json};

use super::shop::{Shop, in_two_years, words};

#[test]
fn a_template_is_made_changed_switched_off_and_put_back() {
    let shop = Shop::open();
    let line = "template create winter --title Зима --value 300 --event campaign --days 10 --recurrence 30d \
        --remind 7,-2 --usage shared --message discount_issued";
    let made = shop.changes(line, "dvorik.template.create/1");
    let after = &made["after"];
    assert_eq!(
        (&made["before"], &after["value"], &after["value_type"]),
        (&Value::Null, &30_000.into(), &"fixed".into())
    );
    assert_eq!((&after["recurrence"], &after["reminders"]), (&"30d".into(), &json!(["7", "-2"])));
    assert_eq!((&after["usage_type"], &after["message_key"]), (&"shared".into(), &"discount_issued".into()));
    assert_eq!(shop.runs(&words(&format!("{line} --json"))).error()["code"], "TEMPLATE_NAME_TAKEN");

    let shared = shop.code("winter");
    let line =
        "template edit winter --value 12,5% --recurrence none --remind none --usage single --message none --days 3";
    let edited = shop.changes(line, "dvorik.template.edit/1");
    assert_eq!((&edited["after"]["value"], &edited["after"]["title"]), (&1250.into(), &"Зима".into()));
    assert_eq!((&edited["after"]["recurrence"], &edited["after"]["reminders"]), (&Value::Null, &json!([])));
    let code = shop.runs(&["discount", "show", &shared, "--json"]).json();
    assert_eq!((&code["value"], &code["usage_type"]), (&30_000.into(), &"shared".into()), "a code keeps its value");
    let undo = edited["next"][0].as_str().unwrap().strip_prefix("dvorik ").unwrap();
    assert_eq!(shop.changes(undo, "dvorik.template.edit/1")["after"], made["after"]);

    assert_eq!(shop.changes("template disable winter", "dvorik.template.disable/1")["after"]["is_active"], false);
    assert_eq!(shop.changes("template disable winter", "dvorik.template.disable/1")["changed"], false);
    assert_eq!(shop.runs(&words("discount issue 2 --template winter --json")).error()["code"], "TEMPLATE_INACTIVE");
    assert_eq!(shop.changes("template enable winter", "dvorik.template.enable/1")["after"]["is_active"], true);
    let shown = shop.runs(&["template", "show", "winter", "--json"]).json();
    assert_eq!((&shown["schema"], &shown["name"]), (&"dvorik.template/1".into(), &"winter".into()));
}

#[test]
fn codes_are_found_by_holder_template_and_state() {
    let shop = Shop::open();
    let (redeemed, revoked, live) = (shop.code("manual_10"), shop.code("manual_10"), shop.code("birthday"));
    shop.runs(&["discount", "redeem", &redeemed]);
    shop.runs(&["discount", "revoke", &revoked]);
    let found = |line: &str| -> Vec<String> {
        shop.runs(&[words(line), vec!["-q"]].concat()).out.lines().map(str::to_owned).collect()
    };
    assert_eq!(found("discount list"), [&live[..], &revoked, &redeemed]);
    assert_eq!(found("discount list --sort id"), [&redeemed[..], &revoked, &live]);
    assert_eq!(found("discount list --status active"), [&live[..]]);
    assert_eq!(found("discount list --status redeemed"), [&redeemed[..]]);
    assert_eq!(found("discount list --status revoked --user @masha_k"), [&revoked[..]]);
    assert_eq!(found("discount list --template birthday --since 1d --sort -expires_at"), [&live[..]]);
    for line in ["discount list --status expired", "discount list --user 2", "discounts --until 2020-01-01"] {
        assert_eq!(found(line), Vec::<String>::new(), "{line}");
    }
    assert_eq!(found("discount list --test-data"), Vec::<String>::new());
    assert_eq!(shop.runs(&words("discount list --user 99")).code, 3);
}

#[test]
fn a_redemption_is_taken_back_and_the_code_works_again() {
    let shop = Shop::open();
    let code = shop.code("manual_10");
    let nothing = shop.runs(&["discount", "undo", &code, "--json"]);
    assert_eq!((nothing.code, &nothing.error()["code"]), (3, &"NOT_FOUND".into()));
    let redeemed = shop.changes(&format!("discount redeem {code}"), "dvorik.discount.redeem/1");
    let undo = redeemed["next"][0].as_str().unwrap().strip_prefix("dvorik ").unwrap();
    let undone = shop.changes(&format!("{undo} --reason ошибка"), "dvorik.discount.undo/1");
    assert_eq!(
        (&undone["after"]["status"], &undone["before"]["redeemed_at"]),
        (&"active".into(), &redeemed["after"]["redeemed_at"])
    );
    assert_eq!(
        shop.counts("SELECT count(*) FROM redemptions WHERE undone_at IS NOT NULL AND undo_reason = 'ошибка'"),
        1
    );
    assert_eq!(shop.runs(&["discount", "redeem", &code]).code, 0);
    assert_eq!(shop.runs(&["stats", "-q"]).out, "1\n", "figures count what stands");
}

#[test]
fn the_customer_of_a_revoked_code_is_told_only_when_asked() {
    let shop = Shop::open();
    let (one, two) = (shop.code("manual_10"), shop.code("manual_10"));
    let told = || shop.counts("SELECT count(*) FROM outbox WHERE kind = 'text' AND chat_id = 42");
    shop.changes(&format!("discount revoke {one}"), "dvorik.discount.revoke/1");
    assert_eq!(told(), 0);
    shop.changes(&format!("discount revoke {two} --notify --reason мы_закрылись"), "dvorik.discount.revoke/1");
    assert_eq!(told(), 1);
}

#[test]
fn the_last_day_moves_forward_and_back() {
    let shop = Shop::open();
    let code = shop.code("manual_10");
    let until = in_two_years();
    let extended = shop.changes(&format!("discount extend {code} --until {until}"), "dvorik.discount.extend/1");
    assert_eq!((&extended["changed"], &extended["after"]["last_day"]), (&true.into(), &until.clone().into()));
    let undo = extended["next"][0].as_str().unwrap().strip_prefix("dvorik ").unwrap();
    assert_eq!(shop.changes(undo, "dvorik.discount.extend/1")["after"], extended["before"]);
    let past = shop.runs(&["discount", "extend", &code, "--until", "2020-01-01", "--json"]);
    assert_eq!((past.code, &past.error()["code"]), (2, &"VALIDATION_ERROR".into()));
    shop.runs(&["discount", "redeem", &code]);
    assert_eq!(shop.runs(&["discount", "extend", &code, "--until", &until]).code, 5);
}

#[test]
fn pictures_lead_where_the_customers_do() {
    let shop = Shop::open();
    let code = shop.code("manual_10");
    assert_eq!(shop.runs(&["campaign", "create", "Листовка", "--key", "leaflet"]).code, 0);
    assert_eq!(shop.runs(&["discount", "qr", &code]).code, 5, "Telegram has not told the bot's name");
    shop.knows_its_bots();

    let qr = shop.runs(&["discount", "qr", &code, "--json"]).json();
    assert_eq!(qr["schema"], "dvorik.discount.qr/1");
    assert!(qr["link"].as_str().unwrap().starts_with("https://t.me/dvorik_staff_bot?start=d_"), "{qr}");
    assert!(shop.runs(&["discount", "qr", &code]).out.starts_with("<svg"));
    let link = shop.runs(&["campaign", "link", "leaflet", "--json"]).json();
    assert_eq!(link["tme_link"], "https://t.me/dvorik_shop_bot?start=ref_leaflet");
    assert_eq!(shop.runs(&["campaign", "link", "1"]).out.trim(), link["tme_link"].as_str().unwrap());
    for (file, begins) in [("poster.svg", &b"<svg"[..]), ("poster.png", b"\x89PNG"), ("poster.pdf", b"%PDF-1.4")] {
        assert_eq!(shop.runs(&["campaign", "qr", "leaflet", "-o", file]).code, 0);
        assert!(std::fs::read(shop.path(file)).unwrap().starts_with(begins), "{file}");
    }
    assert_eq!(shop.runs(&["campaign", "qr", "leaflet", "-o", "poster.doc"]).code, 2);
    assert_eq!(shop.runs(&["campaign", "qr", "leaflet", "-o", "no/such/poster.svg"]).code, 1);
}

#[test]
fn a_campaign_is_shown_changed_and_counted() {
    let shop = Shop::open();
    assert_eq!(shop.runs(&["campaign", "create", "Весна", "--key", "spring", "--template", "manual_10"]).code, 0);
    let edited = shop.changes("campaign edit spring --name Лето --template none", "dvorik.campaign.edit/1");
    assert_eq!((&edited["after"]["name"], &edited["after"]["template_id"]), (&"Лето".into(), &Value::Null));
    let undo = edited["next"][0].as_str().unwrap().strip_prefix("dvorik ").unwrap();
    assert_eq!(shop.changes(undo, "dvorik.campaign.edit/1")["after"], edited["before"]);
    assert_eq!(shop.runs(&["campaign", "show", "spring", "--json"]).json()["schema"], "dvorik.campaign/1");
    let stats = shop.runs(&["campaign", "stats", "spring", "--json"]).json();
    let expected = json!({
        "schema": "dvorik.campaign.stats/1", "name": "Весна", "source_key": "spring", "clicks": 0, "visitors": 0,
        "registrations": 0, "discounts_issued": 0, "discounts_redeemed": 0, "conversion": null,
    });
    assert_eq!(stats, expected);
}
