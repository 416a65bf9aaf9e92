//! What every command answers when all is well: TSV, CSV and JSON with the keys of the contract.

use std::fs::File;
use std::process::Stdio;

use serde_json::Value;

use super::shop::{Shop, keys, words};

const USER: &str = "id telegram_id username first_name last_name phone gender birthday is_subscribed \
    subscription_checked_at source tags status created_at last_activity_at is_test";
const DISCOUNT: &str = "id code status user_id user template title value value_type usage_type source_kind created_at \
    expires_at last_day redeemed_at revoked_at is_test";
const CASHIER: &str = "id telegram_id name username status requested_at decided_at is_test";
const TEMPLATE: &str = "id name title value value_type duration_days event usage_type recurrence \
    reminders message_key is_active";
const ADMIN: &str = "id telegram_id name username role status notification_groups can_broadcast_from_chat created_at";
const AUDIT: &str = "id at actor action entity entity_id before after request_id";
const CAMPAIGN: &str = "id name source_key template_id clicks registrations created_at tme_link";
const SEGMENT: &str = "id name filter in_bot_menu is_preset created_at updated_at";

/// Command, schema of one of its items, keys.
const LISTS: &[(&str, &str, &str)] = &[
    ("user list", "dvorik.user.list/1", USER),
    ("users", "dvorik.user.list/1", USER),
    ("cashier list", "dvorik.cashier.list/1", CASHIER),
    ("cashiers", "dvorik.cashier.list/1", CASHIER),
    ("template list", "dvorik.template.list/1", TEMPLATE),
    ("templates", "dvorik.template.list/1", TEMPLATE),
    ("campaign list", "dvorik.campaign.list/1", CAMPAIGN),
    ("campaigns", "dvorik.campaign.list/1", CAMPAIGN),
    ("segment list", "dvorik.segment.list/1", SEGMENT),
    ("segments", "dvorik.segment.list/1", SEGMENT),
    ("segment keys", "dvorik.segment.keys/1", "key type example flag"),
    ("admin list", "dvorik.admin.list/1", ADMIN),
    ("admins", "dvorik.admin.list/1", ADMIN),
    ("discount list", "dvorik.discount.list/1", DISCOUNT),
    ("discounts", "dvorik.discount.list/1", DISCOUNT),
    ("message list --limit 500", "dvorik.message.list/1", "key title is_custom body"),
    ("messages --limit 500", "dvorik.message.list/1", "key title is_custom body"),
    ("message check", "dvorik.message.check/1", "key status error message"),
    ("audit list", "dvorik.audit.list/1", AUDIT),
    ("order list", "dvorik.order.list/1", "id user_id user status created_at updated_at"),
    ("orders", "dvorik.order.list/1", "id user_id user status created_at updated_at"),
    ("settings list", "dvorik.settings.list/1", "key value default"),
];

fn sorted(line: &str) -> Vec<&str> {
    let mut words = words(line);
    words.sort_unstable();
    words
}

#[test]
fn every_list_speaks_tsv_csv_and_json_with_the_same_keys() {
    let shop = Shop::open();
    assert_eq!(shop.runs(&["campaign", "create", "Листовка", "--key", "leaflet"]).code, 0);
    assert_eq!(shop.runs(&["admin", "approve", "1"]).code, 0);
    shop.code("manual_10");
    shop.orders();
    for (line, schema, expected) in LISTS {
        let tsv = shop.runs(&words(line));
        assert_eq!((tsv.code, tsv.err.as_str()), (0, ""), "{line}");
        let header = tsv.out.lines().next().unwrap();
        assert_eq!(header.split('\t').collect::<Vec<_>>(), words(expected), "{line}");

        let json = shop.runs(&[words(line), vec!["--json"]].concat()).json();
        assert_eq!(json["schema"], *schema);
        let items = json["items"].as_array().unwrap();
        assert_eq!(json["total"], items.len(), "{line}");
        assert_eq!(tsv.out.lines().count(), items.len() + 1, "{line}");
        assert!(!items.is_empty(), "{line}");
        for item in items {
            assert_eq!(keys(item), sorted(expected), "{line}");
        }

        let csv = shop.runs(&[words(line), vec!["--csv"]].concat());
        assert_eq!(csv.out.split("\r\n").next().unwrap(), words(expected).join(","), "{line}");
        if *line != "message check" && !line.contains("--limit") {
            let ids = shop.runs(&[words(line), vec!["-q", "--limit", "1"]].concat());
            assert_eq!(ids.out.lines().count(), 1, "{line}");
        }
    }
}

#[test]
fn lists_are_paged_and_keep_test_data_apart() {
    let shop = Shop::open();
    let ids = |args: &[&str]| shop.runs(args).out.lines().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(ids(&["user", "list", "-q"]), ["2", "1"]);
    assert_eq!(ids(&["user", "list", "-q", "--limit", "1", "--page", "2"]), ["1"]);
    assert_eq!(ids(&["user", "list", "-q", "--test-data"]), ["3"]);
    let page = shop.runs(&["user", "list", "--json", "--limit", "1"]).json();
    assert_eq!((page["items"].as_array().unwrap().len(), page["total"].as_u64()), (1, Some(2)));
    assert_eq!(shop.runs(&["user", "show", "3"]).code, 3);
    assert_eq!(shop.runs(&["user", "show", "3", "--test-data"]).code, 0);
}

#[test]
fn a_customer_is_found_by_whatever_the_owner_types() {
    let shop = Shop::open();
    for typed in ["1", "tg:42", "@masha_k", "@MASHA_K"] {
        let found = shop.runs(&["user", "show", typed, "--json"]).json();
        assert_eq!((found["schema"].as_str(), found["id"].as_i64()), (Some("dvorik.user/1"), Some(1)), "{typed}");
        let expected =
            format!("schema {USER} active_discounts active_discounts_total discount_history_total last_attempts");
        assert_eq!(keys(&found), sorted(&expected));
        assert_eq!(found["created_at"].as_str().unwrap().len(), 20);
    }
    let anna = shop.runs(&["user", "show", "2", "--json"]).json();
    assert_eq!((anna["source"].as_str(), anna["tags"].as_array().map(Vec::len)), (Some("leaflet"), Some(0)));
}

#[test]
fn a_code_goes_from_issue_to_redemption_once() {
    let shop = Shop::open();
    let issue = ["discount", "issue", "@masha_k", "--template", "birthday", "--json"];
    let issued = shop.runs(&issue).json();
    assert_eq!((&issued["schema"], &issued["changed"]), (&"dvorik.discount.issue/1".into(), &true.into()));
    assert_eq!(issued["before"], Value::Null);
    assert_eq!(keys(&issued["after"]), sorted(DISCOUNT));
    let code = issued["after"]["code"].as_str().unwrap();
    assert_eq!(issued["next"][0], format!("dvorik discount revoke {code}"));
    assert_eq!(shop.counts("SELECT count(*) FROM outbox WHERE kind = 'qr_photo' AND chat_id = 42"), 1);
    assert_eq!(shop.counts("SELECT count(*) FROM audit_log WHERE action = 'issue_discount' AND actor LIKE 'cli:%'"), 1);

    let again = shop.runs(&issue);
    assert_eq!((again.code, &again.json()["changed"]), (0, &false.into()));
    assert_eq!(again.json()["after"]["code"], code);
    assert_eq!(shop.counts("SELECT count(*) FROM outbox WHERE chat_id = 42"), 1, "nothing changed, nobody is told");

    let spelt = format!("{} - {}", code.to_lowercase().chars().take(3).collect::<String>(), &code[code.len() - 4..]);
    for verb in ["show", "check"] {
        let shown = shop.runs(&["discount", verb, &spelt, "--json"]).json();
        assert_eq!((&shown["schema"], &shown["status"]), (&"dvorik.discount/1".into(), &"active".into()), "{verb}");
        let tsv = shop.runs(&["discount", verb, code]);
        assert_eq!(tsv.out.lines().next().unwrap().split('\t').collect::<Vec<_>>(), words(DISCOUNT));
    }
    assert_eq!(
        shop.counts("SELECT count(*) FROM discount_usage_logs WHERE status = 'checked'"),
        2,
        "show is no attempt"
    );

    let redeemed = shop.runs(&["discount", "redeem", &spelt, "--amount", "1500,50", "--json"]).json();
    assert_eq!((&redeemed["schema"], &redeemed["changed"]), (&"dvorik.discount.redeem/1".into(), &true.into()));
    assert_eq!(redeemed["after"]["status"], "redeemed");
    let at = redeemed["after"]["redeemed_at"].as_str().unwrap();
    assert_eq!(shop.counts("SELECT amount FROM redemptions WHERE actor LIKE 'cli:%'"), 150_050);

    let refused = shop.runs(&["discount", "redeem", code, "--json"]);
    assert_eq!((refused.code, refused.out.as_str()), (5, ""));
    let error = refused.error();
    assert_eq!((&error["code"], &error["exit"]), (&"CODE_ALREADY_USED".into(), &5.into()));
    assert_eq!(error["details"]["redeemed_at"], at);
    assert_eq!(shop.counts("SELECT count(*) FROM redemptions"), 1);
    assert_eq!(shop.counts("SELECT count(*) FROM discount_usage_logs WHERE status = 'already_used'"), 1);
    let said = shop.runs(&["discount", "check", code]);
    assert_eq!(said.code, 5);
    assert!(said.err.contains("✗ Скидка уже погашена ") && said.err.contains("(Asia/Vladivostok)"), "{}", said.err);
}

#[test]
fn a_cashier_redeems_once_approved_and_repeating_is_no_second_redemption() {
    let shop = Shop::open();
    let code = shop.code("manual_10");
    let redeem = ["discount", "redeem", &code, "--cashier", "1", "--json"];
    let early = shop.runs(&redeem);
    assert_eq!((early.code, &early.error()["code"]), (4, &"CASHIER_NOT_ACTIVE".into()));

    let approve = ["cashier", "approve", "1", "--name", "Касса 1", "--json"];
    let approved = shop.runs(&approve).json();
    assert_eq!((&approved["schema"], &approved["changed"]), (&"dvorik.cashier.approve/1".into(), &true.into()));
    assert_eq!((&approved["before"]["status"], &approved["after"]["status"]), (&"requested".into(), &"active".into()));
    assert_eq!(shop.runs(&approve).json()["changed"], false);
    assert_eq!(shop.counts("SELECT count(*) FROM audit_log WHERE action = 'approve_cashier'"), 1);

    assert_eq!(shop.runs(&redeem).json()["changed"], true);
    let by_name = shop.runs(&["discount", "redeem", &code, "--cashier", "Касса 1", "--json"]).json();
    assert_eq!(by_name["changed"], false, "the same cashier within a minute");
    assert_eq!(shop.counts("SELECT count(*) FROM redemptions WHERE cashier_id = 1"), 1);
    let other = shop.runs(&["discount", "redeem", &code, "--cashier", "Касса 2"]);
    assert_eq!(other.code, 3, "{}", other.err);
}

#[test]
fn a_campaign_is_made_once() {
    let shop = Shop::open();
    let create = ["campaign", "create", "Весна", "--key", "Spring-26", "--template", "manual_10", "--json"];
    let made = shop.runs(&create).json();
    assert_eq!((&made["schema"], &made["changed"]), (&"dvorik.campaign.create/1".into(), &true.into()));
    assert_eq!((&made["after"]["source_key"], &made["after"]["tme_link"]), (&"spring-26".into(), &Value::Null));
    assert_eq!(shop.runs(&create).error()["code"], "CAMPAIGN_KEY_TAKEN");
    assert_eq!(shop.runs(&create).code, 5);
}

#[test]
fn a_setting_tells_what_it_was_and_how_to_undo_it() {
    let shop = Shop::open();
    let set = shop.runs(&["settings", "set", "telegram_channel_id", "-1001234567890", "--json"]).json();
    assert_eq!((&set["schema"], &set["changed"]), (&"dvorik.settings.set/1".into(), &true.into()));
    assert_eq!((&set["before"]["value"], &set["after"]["value"]), (&"".into(), &"-1001234567890".into()));
    assert_eq!(set["next"][0], "dvorik settings set telegram_channel_id ''");
    assert_eq!(
        shop.runs(&["settings", "set", "telegram_channel_id", "-1001234567890", "--json"]).json()["changed"],
        false
    );
    assert_eq!(shop.runs(&["settings", "get", "telegram_channel_id", "-q"]).out, "-1001234567890\n");
    assert_eq!(shop.runs(&["settings", "set", "telegram_channel_id", ""]).code, 0);
    let got = shop.runs(&["settings", "get", "birthday_hour", "--json"]).json();
    assert_eq!(
        got,
        serde_json::json!({ "schema": "dvorik.settings/1", "key": "birthday_hour", "value": 9, "default": 9 })
    );
    let unset = shop.runs(&["settings", "get", "default_birthday_template_id"]);
    assert_eq!(unset.out, "key\tvalue\tdefault\ndefault_birthday_template_id\t\t\n");
}

#[test]
fn the_overview_has_every_figure_of_the_contract() {
    let shop = Shop::open();
    let empty = shop.runs(&["stats", "--json"]).json();
    assert_eq!(empty["discounts"]["redemption_rate"], Value::Null);
    let code = shop.code("manual_10");
    shop.code("manual_10");
    assert_eq!(shop.runs(&["discount", "redeem", &code]).code, 0);
    let all = shop.runs(&["stats", "overview", "--json"]).json();
    let top = "schema timezone from to users discounts today upcoming_broadcasts last_redemptions";
    assert_eq!(keys(&all), sorted(top));
    assert_eq!((&all["schema"], &all["timezone"]), (&"dvorik.stats.overview/1".into(), &"Asia/Vladivostok".into()));
    assert_eq!(all["users"], serde_json::json!({ "total": 2, "subscribed": 0, "new": 2, "bot_blocked": 0 }));
    let discounts = serde_json::json!({
        "issued": 2, "redeemed": 1, "active": 1, "expired_unused": 0, "redemption_rate": 0.5,
    });
    assert_eq!(all["discounts"], discounts);
    assert_eq!((&all["today"]["redeemed"], &all["upcoming_broadcasts"]), (&1.into(), &serde_json::json!([])));
    let last = &all["last_redemptions"][0];
    assert_eq!(keys(last), ["at", "cashier", "code", "user"]);
    assert_eq!((&last["code"], &last["user"]), (&code.into(), &"Маша".into()));

    let one_day = shop.runs(&["stats", "--since", "1d", "--json"]).json();
    assert_eq!(one_day["from"], one_day["to"]);
    let past = shop.runs(&["stats", "--from", "01.02.2020", "--to", "2020-02-29", "--json"]).json();
    assert_eq!((&past["from"], &past["to"]), (&"2020-02-01".into(), &"2020-02-29".into()));
    assert_eq!(past["discounts"]["issued"], 0);
    assert_eq!(shop.runs(&["stats", "-q"]).out, "1\n");
    let tsv = shop.runs(&["stats"]);
    assert!(tsv.out.starts_with("from\tto\tdiscounts.redeemed\t"), "{}", tsv.out);
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    let shop = Shop::open();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = shop.command(&["user", "list"]).stdout(writer).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(
        (output.status.code(), output.stderr.len()),
        (Some(0), 0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = shop.command(&["user", "list"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "a result that was not written is a failure");
}

#[test]
fn the_shell_is_logged_as_the_person_at_it_and_nothing_personal_is_logged() {
    let shop = Shop::open();
    let ran = shop.runs(&["-vv", "discount", "issue", "@masha_k", "--template", "manual_10"]);
    assert_eq!(ran.code, 0);
    assert!(!ran.err.contains("Маша"), "{}", ran.err);
    assert_eq!(shop.counts("SELECT count(*) FROM discounts WHERE created_by LIKE 'cli:_%'"), 1);
}

#[test]
fn a_code_with_a_prefix_is_shown_with_it_and_read_with_or_without() {
    let shop = Shop::open();
    assert_eq!(shop.runs(&["settings", "set", "code_prefix", "МД-"]).code, 0);
    let issued = shop.runs(&["discount", "issue", "1", "--template", "manual_10", "--json"]).json();
    let code = issued["after"]["code"].as_str().unwrap();
    assert_eq!(code.chars().count(), 7);
    assert_eq!(issued["next"][0], format!("dvorik discount revoke МД-{code}"));
    assert_eq!(shop.runs(&["discount", "show", &format!("мд-{code}"), "-q"]).out.trim(), code);
}
