//! `message`, `settings unset`, `audit`, and `stats` in slices.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};

use super::shop::{Shop, keys, words};

#[test]
fn a_text_is_changed_previewed_and_reset() {
    let shop = Shop::open();
    let shown = shop.runs(&["message", "show", "welcome", "--json"]).json();
    assert_eq!((&shown["schema"], &shown["is_custom"]), (&"dvorik.message/1".into(), &false.into()));
    assert!(shown["placeholders"].as_array().unwrap().contains(&"first_name".into()));
    let edit = ["message", "edit", "welcome", "--text", "<b>Привет</b>, {{first_name}}!", "--json"];
    let edited = shop.runs(&edit).json();
    assert_eq!((&edited["schema"], &edited["changed"]), (&"dvorik.message.edit/1".into(), &true.into()));
    assert_eq!(edited["before"]["body"], shown["body"]);
    assert_eq!(shop.runs(&edit).json()["changed"], false);
    assert_eq!(shop.runs(&["message", "preview", "welcome"]).out, "<b>Привет</b>, Маша!\n");
    let preview = shop.runs(&["message", "preview", "welcome", "--json"]).json();
    assert_eq!(
        (&preview["schema"], keys(&preview)),
        (&"dvorik.message.preview/1".into(), vec!["html", "key", "schema"])
    );
    let reset = shop.changes("message reset welcome", "dvorik.message.reset/1");
    assert_eq!((&reset["after"]["body"], &reset["after"]["is_custom"]), (&shown["body"], &false.into()));
    assert_eq!(shop.changes("message reset welcome", "dvorik.message.reset/1")["changed"], false);
}

#[test]
fn what_telegram_would_refuse_is_not_saved_and_found_when_it_stands() {
    let shop = Shop::open();
    for (text, code) in [
        ("<b>x", "TEXT_HTML_INVALID"),
        ("<div>x</div>", "TEXT_HTML_INVALID"),
        ("", "TEXT_HTML_INVALID"),
        ("Код {{discount_code}}", "TEXT_PLACEHOLDER_UNKNOWN"),
    ] {
        let refused = shop.runs(&["message", "edit", "welcome", "--text", text, "--json"]);
        assert_eq!((refused.code, &refused.error()["code"]), (2, &code.into()), "{text}");
    }
    assert_eq!(shop.runs(&["message", "check"]).code, 0, "every seed would be taken");
    // As if an older version had let it in.
    let spoil =
        |tx: &dvorik::db::Tx<'_>| tx.change("UPDATE message_templates SET body = '<b>x' WHERE key = 'welcome'", []);
    shop.database().write::<_, dvorik::db::Failure, _>(spoil).unwrap();
    let failed = shop.runs(&["message", "check", "--json"]);
    assert_eq!((failed.code, &failed.error()["code"]), (1, &"TEXT_HTML_INVALID".into()));
    let items = failed.json()["items"].as_array().unwrap().clone();
    let broken: Vec<&Value> =
        items.iter().filter(|item| item["status"] == "invalid").map(|item| &item["key"]).collect();
    assert_eq!(broken, ["welcome"]);
    assert_eq!(shop.runs(&["message", "check", "welcome"]).code, 1);
    assert_eq!(shop.runs(&["message", "check", "help"]).code, 0);
}

/// Each was taken once, and Telegram refuses it or people read something else.
#[test]
fn what_telegram_takes_otherwise_than_it_was_meant_is_refused_with_the_reason() {
    let shop = Shop::open();
    for (text, reason) in [
        ("<b>x</ b>", "text.tag_close"),
        ("<b>x</\tb>", "text.tag_close"),
        ("<b{{first_name}}>x</b>", "text.tag_unknown"),
        ("\u{200b}\u{2800}", "text.empty"),
        ("<b> </b>", "text.empty"),
        ("&#32;", "text.empty"),
        ("{{support_contact}}", "text.empty"),
        ("<tg-emoji emoji-id=\"0\">x</tg-emoji>", "text.emoji_id"),
        ("до 50&nbsp;%", "text.entity"),
        ("{{#support_contact}}x", "text.part_open"),
    ] {
        let refused = shop.runs(&["message", "edit", "welcome", "--text", text, "--json"]);
        assert_eq!((refused.code, &refused.error()["details"]["reason"]), (2, &json!(reason)), "{text}");
    }
    let refused = shop.runs(&["message", "edit", "welcome", "--text", "&laquo;Двор&raquo;"]);
    assert!(refused.err.contains("&laquo; → «"), "{}", refused.err);
    for text in [
        "<a href=\"{{channel_link}}\" target=\"_blank\">канал</a>",
        "<b class=x>x</>",
        "<blockquote expandable=\"\">x</blockquote>",
        "<pre language=\"rust\">x</pre>",
        "<tg-time unix=\"1700000000\">завтра</tg-time>",
        "AT&T &#171;",
        &"😀".repeat(4096),
        &format!("{}x{}", "<b>".repeat(40), "</b>".repeat(40)),
    ] {
        let edited = shop.runs(&["message", "edit", "welcome", "--text", text]);
        assert_eq!(edited.code, 0, "{text}: {}", edited.err);
    }
    assert_eq!(shop.runs(&["message", "edit", "welcome", "--text", &"😀".repeat(4097)]).code, 2);
}

#[test]
fn a_text_that_names_an_empty_contact_is_pointed_out() {
    let shop = Shop::open();
    let statuses = |shop: &Shop| {
        let check = shop.runs(&["message", "check", "--json"]);
        assert_eq!(check.code, 0, "a gap is no refusal");
        let items = check.json()["items"].as_array().unwrap().clone();
        items.into_iter().filter(|item| item["status"] == "warn").map(|item| item["key"].clone()).collect::<Vec<_>>()
    };
    let doctor = |shop: &Shop| {
        let items = shop.runs(&["doctor", "--offline", "--json"]).json()["items"].as_array().unwrap().clone();
        items
            .into_iter()
            .filter(|item| item["check"] == "texts")
            .map(|item| item["finding"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!((statuses(&shop), doctor(&shop)), (vec![], vec![json!("sound")]), "seeds leave the sentence out");
    shop.changes("message edit help --text Пишите:{{support_contact}}", "dvorik.message.edit/1");
    assert_eq!((statuses(&shop), doctor(&shop)), (vec![json!("help")], vec![json!("gap")]));
    shop.changes("settings set support_contact @dvorik", "dvorik.settings.set/1");
    assert_eq!((statuses(&shop), doctor(&shop)), (vec![], vec![json!("sound")]));
    let spoil =
        |tx: &dvorik::db::Tx<'_>| tx.change("UPDATE message_templates SET body = '<b>x' WHERE key = 'welcome'", []);
    shop.database().write::<_, dvorik::db::Failure, _>(spoil).unwrap();
    assert_eq!(doctor(&shop), [json!("refused")]);
}

#[test]
fn another_channel_drops_the_link_to_the_former_one_and_says_so() {
    let shop = Shop::open();
    let link = |shop: &Shop| shop.runs(&["settings", "get", "channel_url", "--json"]).json()["value"].clone();
    let set = |key: &str, value: &str| shop.runs(&["settings", "set", key, value]);
    assert_eq!(set("channel_url", "https://t.me/dvorik").code, 0);
    assert_eq!(set("telegram_channel_id", "@dvorik").code, 0);
    assert_eq!(link(&shop), "https://t.me/dvorik", "the first channel is no other one");
    let changed = set("telegram_channel_id", "@dvorik_new");
    assert!(changed.code == 0 && changed.err.contains("https://t.me/dvorik"), "{}", changed.err);
    assert_eq!(link(&shop), "");
    let audited = "SELECT count(*) FROM audit_log WHERE entity = 'setting' AND entity_id = 'channel_url'";
    assert_eq!(shop.counts(audited), 2);
}

#[test]
fn a_setting_goes_back_to_its_default() {
    let shop = Shop::open();
    assert_eq!(shop.changes("settings unset birthday_hour", "dvorik.settings.unset/1")["changed"], false);
    shop.changes("settings set birthday_hour 7", "dvorik.settings.set/1");
    let unset = shop.changes("settings unset birthday_hour", "dvorik.settings.unset/1");
    assert_eq!((&unset["before"]["value"], &unset["after"]["value"]), (&7.into(), &9.into()));
    assert_eq!(unset["next"][0], "dvorik settings set birthday_hour 7");
    assert_eq!(shop.counts("SELECT count(*) FROM audit_log WHERE action = 'update_setting'"), 2);
}

#[test]
fn the_log_of_changes_is_narrowed_and_paged() {
    let shop = Shop::open();
    shop.changes("settings set birthday_hour 7", "dvorik.settings.set/1");
    shop.changes("user tag 1 vip", "dvorik.user.tag/1");
    shop.code("manual_10");
    let total = |line: &str| shop.runs(&[words(line), vec!["--json"]].concat()).json()["total"].clone();
    assert_eq!(total("audit list"), 3);
    assert_eq!(total("audit list --entity setting"), 1);
    assert_eq!(total("audit list --action update_user --since 1d"), 1);
    assert_eq!(total("audit list --actor admin:1"), 0);
    assert_eq!(total("audit list --until 2020-01-01"), 0);
    let last = shop.runs(&["audit", "list", "--limit", "1", "--json"]).json()["items"][0].clone();
    assert_eq!((&last["action"], &last["entity"]), (&"issue_discount".into(), &"discount".into()));
    let tagged = shop.runs(&["audit", "list", "--action", "update_user", "--json"]).json()["items"][0].clone();
    assert_eq!((&tagged["before"], &tagged["after"]), (&json!({ "tags": [] }), &json!({ "tags": ["vip"] })));
}

#[test]
fn who_follows_the_log_reads_each_change_once_as_it_is_made() {
    let shop = Shop::open();
    shop.changes("settings set birthday_hour 7", "dvorik.settings.set/1");
    let mut command = shop.command(&["audit", "list", "--follow", "--since", "1d", "--json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(next()["entity_id"], "birthday_hour", "what has been since");
    for hour in ["8", "9"] {
        shop.changes(&format!("settings set reminder_hour {hour}"), "dvorik.settings.set/1");
        let told = next();
        assert_eq!((&told["type"], &told["action"]), (&"item".into(), &"update_setting".into()));
        assert_eq!(told["after"].to_string(), hour);
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn figures_are_cut_by_cashier_campaign_template_and_time() {
    let shop = Shop::open();
    assert_eq!(shop.runs(&["campaign", "create", "Листовка", "--key", "leaflet"]).code, 0);
    let (one, two) = (shop.code("manual_10"), shop.code("manual_10"));
    shop.code("birthday");
    assert_eq!(shop.runs(&["cashier", "approve", "1", "--name", "Касса 1"]).code, 0);
    assert_eq!(shop.runs(&["discount", "redeem", &one, "--cashier", "1", "--amount", "150"]).code, 0);
    assert_eq!(shop.runs(&["discount", "redeem", &two, "--cashier", "1"]).code, 0);

    let series = |line: &str, schema: &str| {
        let all = shop.runs(&[words(line), vec!["--json"]].concat()).json();
        assert_eq!((&all["schema"], keys(&all)), (&schema.into(), vec!["range", "schema", "series"]), "{line}");
        assert_eq!(keys(&all["range"]), ["from", "timezone", "to"]);
        all["series"].as_array().unwrap().clone()
    };
    let users = shop.runs(&["stats", "--json"]).json()["users"]["new"].as_i64().unwrap();
    let cashier = json!({ "key": "Касса 1", "redeemed": 2, "with_amount": 1, "amount": 15_000, "not_notified": 0 });
    assert_eq!(series("stats cashiers", "dvorik.stats.cashiers/1"), [cashier]);
    let templates = series("stats templates", "dvorik.stats.templates/1");
    assert_eq!(templates[0], json!({ "key": "manual_10", "title": "Скидка 10 %", "issued": 2, "redeemed": 2 }));
    assert_eq!((&templates[1]["key"], &templates[1]["issued"]), (&"birthday".into(), &1.into()));
    let campaigns = series("stats campaigns", "dvorik.stats.campaigns/1");
    assert_eq!(keys(&campaigns[0]), ["clicks", "issued", "key", "name", "redeemed", "registrations"]);

    for (by, slices) in [("day", 30), ("hour", 24), ("weekday", 7)] {
        let slices_of = series(&format!("stats --by {by} --since 30d"), "dvorik.stats.timeseries/1");
        assert_eq!(slices_of.len(), slices, "{by}: slices without figures are told too");
        assert_eq!(slices_of.iter().map(|slice| slice["redeemed"].as_i64().unwrap()).sum::<i64>(), 2, "{by}");
    }
    let months = series("stats --by month --from 2020-01-01 --to 2020-12-31", "dvorik.stats.timeseries/1");
    assert_eq!((months.len(), &months[0]), (12, &json!({ "key": "2020-01", "issued": 0, "redeemed": 0 })));
    let sources = series("stats --by source", "dvorik.stats.timeseries/1");
    let people: i64 = sources.iter().map(|of| of["users_new"].as_i64().unwrap()).sum();
    assert_eq!((&sources[0]["key"], &sources[0]["redeemed"], people), (&json!("direct"), &json!(2), users));
    assert_eq!(keys(&sources[0]), ["issued", "key", "redeemed", "sources", "users_new"]);
    let funnel = series("stats funnel --by source", "dvorik.stats.funnel_by_source/1");
    assert_eq!(keys(&funnel[0]), ["issued", "key", "redeemed", "registered", "share", "sources", "subscribed"]);
    let registered: i64 = funnel.iter().map(|of| of["registered"].as_i64().unwrap()).sum();
    assert_eq!(registered, users);
    let undone = shop.runs(&["discount", "undo", &two]);
    assert_eq!(undone.code, 0, "{}", undone.err);
    assert_eq!(series("stats cashiers", "dvorik.stats.cashiers/1")[0]["redeemed"], 1);
    assert!(shop.runs(&["stats", "templates"]).out.starts_with("key\ttitle\tissued\tredeemed\n"));
}

#[test]
fn completions_know_the_shops_names() {
    let shop = Shop::open();
    assert_eq!(shop.runs(&["campaign", "create", "Листовка", "--key", "leaflet"]).code, 0);
    let offers = |line: &[&str]| {
        let args = [vec!["--", "dvorik"], line.to_vec()].concat();
        let index = line.len().to_string();
        let variables = [("_DVORIK_COMPLETE", "bash"), ("_CLAP_COMPLETE_INDEX", &*index), ("_CLAP_IFS", "\n")];
        let ran = shop.runs_with(&args, &variables);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{line:?}");
        ran.out.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(offers(&["template", "show", "b"]), ["birthday"]);
    assert_eq!(offers(&["discount", "issue", "1", "--template", "man"]), ["manual_10"]);
    assert_eq!(offers(&["campaign", "qr", "l"]), ["leaflet"]);
    assert_eq!(offers(&["cashier", "approve", "1"]), ["1"]);
    assert_eq!(offers(&["settings", "set", "birth"]), ["birthday_hour"]);
    assert!(offers(&["message", "edit", "welc"]).contains(&"welcome".to_owned()));
    assert_eq!(offers(&["template", "sho"]), ["show"]);
    std::fs::remove_file(shop.path("dvorik.db")).unwrap();
    assert_eq!(offers(&["template", "show", "b"]), Vec::<String>::new(), "no shop, no names, no noise");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = shop.runs(&["completions", shell, "--dynamic"]).out;
        assert!(script.contains("_DVORIK_COMPLETE"), "{shell}: {script}");
    }
}
