//! `user`, `cashier`, `admin`, `order`: every verb, what it writes, and the command that puts it back.

use serde_json::{Value, json};

use super::shop::{Shop, words};
use crate::given;

fn ids(shop: &Shop, line: &str) -> Vec<String> {
    let ran = shop.runs(&[words(line), vec!["-q"]].concat());
    assert_eq!(ran.code, 0, "{line}: {}", ran.err);
    ran.out.lines().map(str::to_owned).collect()
}

/// Runs the command a change printed.
fn undoes(shop: &Shop, change: &Value) {
    let command = change["next"][0].as_str().unwrap();
    let output = std::process::Command::new("sh")
        .arg("-c")
        .arg(command.replacen("dvorik", env!("CARGO_BIN_EXE_dvorik"), 1))
        .current_dir(shop.directory.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn customers_are_found_by_each_filter_and_in_each_order() {
    let shop = Shop::open();
    shop.changes("user tag 1 VIP", "dvorik.user.tag/1");
    shop.changes("user block 2", "dvorik.user.block/1");
    for (line, found) in [
        ("user list", &["2", "1"][..]),
        ("user list --sort id", &["1", "2"]),
        ("user list --sort -id --limit 1 --page 2", &["1"]),
        ("user list --sort name", &["2", "1"]),
        ("user list --sort -name", &["1", "2"]),
        ("user list --sort last_activity_at", &["1", "2"]),
        ("user list --search МАШ", &["1"]),
        ("user list --search @masha_k", &["1"]),
        ("user list --source ref_Leaflet", &["2"]),
        ("user list --source direct", &["1"]),
        ("user list --tag vip", &["1"]),
        ("user list --tag nobody", &[]),
        ("user list --status blocked", &["2"]),
        ("user list --gender female", &[]),
        ("user list --subscribed", &[]),
        ("user list --all --sort id", &["1", "2"]),
        ("user list --no-discount --tag vip,other", &["1"]),
        ("user list --not-subscribed --status active", &["1"]),
        ("user list --since 1d", &["2", "1"]),
        ("user list --until 2020-01-01", &[]),
        ("user list --since 2020-01-01 --until 2020-01-31", &[]),
        ("users --search ма", &["1"]),
    ] {
        assert_eq!(ids(&shop, line), found, "{line}");
    }
    let all = shop.runs(&["user", "list", "--status", "active", "--json"]).json();
    assert_eq!((&all["total"], &all["items"][0]["tags"]), (&1.into(), &json!(["vip"])), "the total is of what fits");
}

#[test]
fn a_customer_is_changed_and_put_back() {
    let shop = Shop::open();
    let line = "user edit @masha_k --birthday 03.02.2002 --phone 8(914)123-45-67 --gender female --status blocked";
    let edited = shop.changes(line, "dvorik.user.edit/1");
    let after = &edited["after"];
    assert_eq!((&edited["changed"], &after["birthday"]), (&true.into(), &"2002-02-03".into()));
    assert_eq!((&after["phone"], &after["gender"]), (&"+79141234567".into(), &"female".into()));
    assert_eq!((&after["status"], &after["tags"]), (&"blocked".into(), &json!(["birthday_set"])));
    assert_eq!(shop.changes(line, "dvorik.user.edit/1")["changed"], false);
    for phone in ["+79141234567", "8-914-123-45-67", "9141234567", "8.914.123.45.67", "8\u{2011}914\u{2011}1234567"] {
        assert_eq!(ids(&shop, &format!("user show {phone}")), ["1"], "{phone}");
    }
    assert_eq!(shop.counts("SELECT count(*) FROM audit_log WHERE action = 'update_user'"), 1, "nothing changed twice");
    assert_eq!(shop.counts("SELECT count(*) FROM audit_log WHERE after LIKE '%7914%'"), 0, "values stand apart");

    undoes(&shop, &edited);
    let now = shop.runs(&["user", "show", "1", "--json"]).json();
    assert_eq!((&now["birthday"], &now["phone"]), (&Value::Null, &Value::Null));
    assert_eq!((&now["gender"], &now["status"]), (&"unknown".into(), &"active".into()));
    let cleared = shop.runs(&["user", "edit", "1", "--phone", "", "--json"]).json();
    assert_eq!(cleared["changed"], false);
    let extended = shop.runs(&["user", "edit", "1", "--phone", "8 (914) 123-45-67 доб. 12", "--lang", "ru"]);
    assert_eq!(extended.code, 0, "{}", extended.err);
    assert!(extended.err.contains("Добавочный номер 12 не сохраняется"), "{}", extended.err);
    assert_eq!(shop.counts("SELECT count(*) FROM users WHERE phone = '+79141234567'"), 1);
}

#[test]
fn a_blocked_customer_gets_nothing_until_unblocked() {
    let shop = Shop::open();
    let code = shop.code("manual_10");
    let blocked = shop.changes("user block 1", "dvorik.user.block/1");
    assert_eq!(shop.runs(&words("discount issue 1 --template manual_10 --json")).error()["code"], "USER_BLOCKED");
    assert_eq!(shop.runs(&["discount", "redeem", &code, "--json"]).error()["code"], "CUSTOMER_BLOCKED");
    assert_eq!(shop.runs(&words("user message 1 --text hello --json")).error()["code"], "USER_BLOCKED");
    undoes(&shop, &blocked);
    assert_eq!(shop.changes("user unblock 1", "dvorik.user.unblock/1")["changed"], false);
    assert_eq!(shop.runs(&["discount", "redeem", &code]).code, 0);
}

#[test]
fn tags_are_added_removed_and_limited() {
    let shop = Shop::open();
    let tagged = shop.changes("user tag 1 +VIP Торты", "dvorik.user.tag/1");
    assert_eq!(tagged["after"]["tags"], json!(["vip", "торты"]));
    undoes(&shop, &tagged);
    let again = shop.changes("user tag 1 a b --remove a,vip", "dvorik.user.tag/1");
    assert_eq!((&again["before"]["tags"], &again["after"]["tags"]), (&json!([]), &json!(["a", "b"])));
    let many: Vec<String> = (0..21).map(|n| format!("t{n}")).collect();
    let line = [vec!["user", "tag", "1", "--json"], many.iter().map(String::as_str).collect()].concat();
    let refused = shop.runs(&line);
    assert_eq!((refused.code, &refused.error()["code"]), (2, &"TOO_MANY_TAGS".into()));
    assert_eq!(shop.runs(&["user", "tag", "1", &"т".repeat(33), "--json"]).error()["code"], "TAG_TOO_LONG");
    assert_eq!(shop.counts("SELECT count(*) FROM user_tags"), 2, "nothing of a refused change is kept");
}

#[test]
fn a_message_goes_from_the_line_a_file_or_stdin_and_is_checked() {
    let shop = Shop::open();
    shop.changes("user message 1 --text <b>Привет</b>", "dvorik.user.message/1");
    std::fs::write(shop.path("letter.txt"), "Добрый день!\nЖдём вас.\n").unwrap();
    shop.changes("user message @masha_k --text-file letter.txt", "dvorik.user.message/1");
    let of_file = "SELECT count(*) FROM outbox WHERE payload LIKE '%день!\\nЖдём вас.\"%' AND chat_id = 42";
    assert_eq!(shop.counts(of_file), 1);
    let refused = shop.runs(&words("user message 1 --text <b>Привет --json"));
    assert_eq!((refused.code, &refused.error()["code"]), (2, &"TEXT_HTML_INVALID".into()));
    assert_eq!(shop.runs(&words("user message 1 --text-file missing.txt")).code, 2);
    assert_eq!(shop.counts("SELECT count(*) FROM outbox WHERE chat_id = 42"), 2);
    assert_eq!(
        shop.counts("SELECT count(*) FROM audit_log WHERE action = 'message_user' AND after LIKE '%Привет%'"),
        0
    );
}

#[test]
fn everything_about_a_person_can_be_taken_out_and_that_is_known() {
    let shop = Shop::open();
    let code = shop.code("manual_10");
    let all = shop.runs(&["user", "export", "1"]).json();
    assert_eq!((&all["schema"], &all["user"]["telegram_id"]), (&"dvorik.user.export/1".into(), &42.into()));
    assert_eq!(all["discounts"][0]["code"], code);
    assert_eq!(shop.counts("SELECT count(*) FROM audit_log WHERE action = 'export_user'"), 1);
    let shown = shop.runs(&["user", "show", "1", "--json"]).json();
    assert_eq!(shown["active_discounts"][0]["code"], code);
    shop.runs(&["discount", "check", &code]);
    let shown = shop.runs(&["user", "show", "1", "--json"]).json();
    assert_eq!(shown["last_attempts"][0]["status"], "checked");
}

#[test]
fn a_customer_of_very_many_codes_is_shown_the_newest_hundred_and_how_many_there_are() {
    let shop = Shop::open();
    shop.code("manual_10");
    given::more_codes(&shop.database(), 150, 60);
    let shown = shop.runs(&["user", "show", "1", "--json"]).json();
    assert_eq!(shown["active_discounts"].as_array().map(Vec::len), Some(100));
    assert_eq!((&shown["active_discounts_total"], &shown["discount_history_total"]), (&151.into(), &211.into()));
    let all = shop.runs(&["user", "export", "1"]).json();
    assert_eq!(all["discounts"].as_array().map(Vec::len), Some(211));
}

#[test]
fn a_cashier_goes_through_every_state() {
    let shop = Shop::open();
    let declined = shop.changes("cashier decline 1", "dvorik.cashier.decline/1");
    assert_eq!(
        (&declined["before"]["status"], &declined["after"]["status"]),
        (&"requested".into(), &"declined".into())
    );
    assert_eq!(shop.runs(&words("cashier suspend 1 --json")).error()["code"], "CASHIER_ALREADY_EXISTS");
    undoes(&shop, &declined);
    assert_eq!(ids(&shop, "cashier list --status active"), ["1"]);
    let suspended = shop.changes("cashier suspend tg:77", "dvorik.cashier.suspend/1");
    assert_eq!(shop.changes("cashier suspend 1", "dvorik.cashier.suspend/1")["changed"], false);
    let code = shop.code("manual_10");
    assert_eq!(shop.runs(&["discount", "redeem", &code, "--cashier", "1"]).code, 4);
    undoes(&shop, &suspended);
    assert_eq!(shop.changes("cashier activate 1", "dvorik.cashier.approve/1")["changed"], false);
    let renamed = shop.runs(&["cashier", "edit", "1", "--name", "Касса «1»", "--json"]).json();
    assert_eq!((&renamed["schema"], &renamed["after"]["name"]), (&"dvorik.cashier.edit/1".into(), &"Касса «1»".into()));
    assert_eq!(shop.runs(&["cashier", "show", "Касса «1»", "--json"]).json()["schema"], "dvorik.cashier/1");
    undoes(&shop, &renamed);
    assert_eq!(ids(&shop, "cashier show Пётр"), ["1"]);
    assert_eq!(ids(&shop, "cashier list --status requested"), Vec::<String>::new());
}

#[test]
fn an_admin_is_made_from_a_request_changed_and_disabled() {
    let shop = Shop::open();
    let line = "admin approve 1 --role marketing --notify errors,reports --chat-broadcast on";
    let approved = shop.changes(line, "dvorik.admin.approve/1");
    let after = &approved["after"];
    assert_eq!((&approved["before"], &after["role"]), (&Value::Null, &"marketing".into()));
    assert_eq!(
        (&after["notification_groups"], &after["can_broadcast_from_chat"]),
        (&json!(["errors", "reports"]), &true.into())
    );
    let edited =
        shop.changes("admin edit tg:77 --role readonly --notify orders --chat-broadcast off", "dvorik.admin.edit/1");
    undoes(&shop, &edited);
    let shown = shop.runs(&["admin", "show", "1", "--json"]).json();
    assert_eq!((&shown["schema"], &shown["role"]), (&"dvorik.admin/1".into(), &"marketing".into()));
    assert_eq!(shown["notification_groups"], json!(["errors", "reports"]));
    let disabled = shop.changes("admin disable 1", "dvorik.admin.disable/1");
    assert_eq!(shop.runs(&["admin", "login", "1", "--json"]).error()["code"], "ADMIN_NOT_ACTIVE");
    undoes(&shop, &disabled);
    assert_eq!(shop.changes("admin enable 1", "dvorik.admin.enable/1")["changed"], false);
}

#[test]
fn the_last_owner_stays_and_the_first_is_the_configs() {
    let shop = Shop::bare();
    shop.configures("owner_telegram_id = 123456789\n");
    assert_eq!(shop.runs(&["migrate"]).code, 0);
    for line in ["admin disable 1", "admin edit 1 --role readonly"] {
        let refused = shop.runs(&[words(line), vec!["--json"]].concat());
        assert_eq!((refused.code, &refused.error()["code"]), (5, &"LAST_OWNER".into()), "{line}");
    }
}

#[test]
fn a_login_token_is_shown_once_and_never_kept_or_logged() {
    let shop = Shop::open();
    shop.changes("admin approve 1 --role owner", "dvorik.admin.approve/1");
    let ran = shop.runs(&["admin", "login", "1", "--json", "-vv"]);
    let told = ran.json();
    assert_eq!((&told["schema"], &told["admin_id"]), (&"dvorik.admin.login/1".into(), &1.into()));
    let token = told["token"].as_str().unwrap();
    assert!(token.len() >= 32 && !ran.err.contains(token), "{}", ran.err);
    let bare = shop.runs(&["admin", "login", "1"]);
    assert_eq!(bare.out.lines().count(), 1);
    assert_ne!(bare.out.trim(), token, "each is another");
    assert_eq!(shop.counts("SELECT count(*) FROM login_tokens"), 2);
    let dump = std::fs::read(shop.path("dvorik.db")).unwrap();
    let wal = std::fs::read(shop.path("dvorik.db-wal")).unwrap_or_default();
    let holds = |bytes: &[u8]| bytes.windows(token.len()).any(|window| window == token.as_bytes());
    assert!(!holds(&dump) && !holds(&wal), "the token is in the database");
}

#[test]
fn a_request_for_admin_can_be_declined() {
    let shop = Shop::open();
    let declined = shop.changes("admin decline 1", "dvorik.admin.decline/1");
    assert_eq!(declined["after"]["status"], "declined");
    assert_eq!(shop.changes("admin decline 1", "dvorik.admin.decline/1")["changed"], false);
}

#[test]
fn an_order_moves_on_and_back() {
    let shop = Shop::open();
    shop.orders();
    let edited = shop.changes("order edit 1 --status processing", "dvorik.order.edit/1");
    assert_eq!((&edited["before"]["status"], &edited["after"]["status"]), (&"draft".into(), &"processing".into()));
    assert_eq!(ids(&shop, "order list --status processing --since 1d"), ["1"]);
    assert_eq!(ids(&shop, "order list --status draft"), Vec::<String>::new());
    undoes(&shop, &edited);
    assert_eq!(ids(&shop, "orders --status draft"), ["1"]);
    assert_eq!(shop.counts("SELECT count(*) FROM audit_log WHERE action = 'update_order'"), 2);
}

#[test]
fn a_token_is_shown_once_and_revoked_for_good() {
    let shop = Shop::open();
    let made = shop.runs(&words("token create till-1 --scope redeem,stats:read --days 90 --json")).json();
    let token = made["token"].as_str().unwrap().to_owned();
    assert_eq!((&made["schema"], &made["scopes"]), (&json!("dvorik.token.create/1"), &json!(["redeem", "stats:read"])));
    assert!(token.starts_with("dvt_") && made["expires_at"].is_string(), "{made}");
    let listed = shop.runs(&words("token list --json"));
    assert_eq!((&listed.json()["total"], &listed.json()["items"][0]["name"]), (&json!(1), &json!("till-1")));
    assert!(!listed.out.contains(&token));
    let hash = dvorik::secret::sha256(&token);
    assert_eq!(
        crate::harness::count(&shop.database(), &format!("SELECT count(*) FROM service_tokens WHERE hash = '{hash}'")),
        1
    );

    assert_eq!(shop.changes("token revoke till-1", "dvorik.token.revoke/1")["changed"], true);
    assert_eq!(shop.changes("token revoke till-1", "dvorik.token.revoke/1")["changed"], false);
    for (line, code, number) in [
        ("token create till-1 --scope redeem", "VALIDATION_ERROR", 2),
        ("token create Till --scope redeem", "VALIDATION_ERROR", 2),
        ("token create till-2 --scope everything", "VALIDATION_ERROR", 2),
        ("token create till-2", "VALIDATION_ERROR", 2),
        ("token create till-2 --scope redeem --days 0", "VALIDATION_ERROR", 2),
        ("token revoke nobody", "NOT_FOUND", 3),
    ] {
        let refused = shop.runs(&[words(line), vec!["--json"]].concat());
        assert_eq!((refused.code, &refused.error()["code"]), (number, &json!(code)), "{line}: {}", refused.err);
    }
    let actions =
        crate::harness::texts(&shop.database(), "SELECT action FROM audit_log WHERE entity = 'service_token'");
    assert_eq!(actions, ["create_token", "revoke_token"]);
}
