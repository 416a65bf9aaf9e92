//! Segments and the selection of customers as an owner uses them: the questions, the messages, the command that undoes
//! a change.

use serde_json::{Value, json};

use super::*;
use crate::cli::output::ExitCode::{Conflict, Interrupted, NotFound, Ok as Done, Partial, Usage};

impl Shop {
    fn runs(&self, args: &[&str]) -> (ExitCode, String, String) {
        self.hears(args, Answers::Nobody)
    }

    fn json(&self, line: &str) -> Value {
        let (exit, out, err) = self.says(&format!("{line} --json"));
        assert_eq!(exit, Done, "{line}: {err}");
        serde_json::from_str(&out).unwrap()
    }

    /// Adds `count` more customers after Маша.
    fn with_people(self, count: i64) -> Self {
        let config = Config::load(None, &self.environment).unwrap();
        let arrive = move |tx: &db::Tx<'_>| {
            (1..=count).try_for_each(|n| {
                let name = Some(format!("Клиент {n}"));
                let person = Person { id: TelegramId(100 + n), username: None, first_name: name, last_name: None };
                campaign::arrive(tx, Realm::Real, &person, None).map(drop)
            })
        };
        daemon::open(&config, Clock::System).unwrap().write(arrive).unwrap();
        self
    }
}

#[test]
fn a_segment_is_made_changed_and_deleted_and_every_change_names_its_undoing() {
    let shop = Shop::open();
    let (exit, out, err) = shop.runs(&["segment", "create", "Кофе и торты", "--tag", "кофе,торт", "--menu"]);
    assert_eq!((exit, err.as_str()), (Done, ""));
    assert!(out.starts_with("✓ Сегмент «Кофе и торты» создан: 0 человек\n"), "{out}");
    assert!(out.contains("Отменить: dvorik segment delete 'Кофе и торты'"), "{out}");

    shop.says("user tag 1 кофе");
    assert_eq!(shop.runs(&["segment", "show", "КОФЕ  И ТОРТЫ", "-q"]).1.trim(), "11", "case and spaces do not matter");
    let shown = shop.json("segment show 11");
    assert_eq!((&shown["people"], &shown["filter"]), (&json!(1), &json!({ "tags": ["кофе", "торт"] })));

    let (exit, out, _) = shop.says("segment edit 11 --not-tag кофе --no-menu");
    assert_eq!(exit, Done);
    let undo = out.lines().find_map(|line| line.trim().strip_prefix("Отменить: dvorik ")).unwrap();
    assert_eq!(undo, r#"segment edit 11 --filter '{"tags":["кофе","торт"]}' --menu"#);
    assert_eq!(
        shop.json("segment show 11")["filter"],
        json!({ "not_tags": ["кофе"] }),
        "a named filter replaces the whole"
    );
    shop.runs(&["segment", "edit", "11", "--filter", r#"{"tags":["кофе","торт"]}"#, "--menu"]);
    assert_eq!(shop.json("segment show 11")["in_bot_menu"], true);
    assert!(shop.says("segment edit 11 --menu").1.starts_with("· "), "nothing to change");

    assert_eq!(shop.says("segment delete 11").0, Usage, "nobody to ask");
    assert_eq!(shop.answered("segment delete 11", &["нет"]).0, Interrupted);
    let (exit, out, err) = shop.answered("segment delete 11", &["да"]);
    assert_eq!(exit, Done, "{err}");
    assert!(
        out.contains(r#"dvorik segment create 'Кофе и торты' --filter '{"tags":["кофе","торт"]}' --menu"#),
        "{out}"
    );
    let (exit, _, err) = shop.says("segment show 11");
    assert_eq!(exit, NotFound, "{err}");
    shop.says("segment create Снова --all");
    assert_eq!(shop.says("segment show Снова -q").1.trim(), "12", "a number is never given again");
}

#[test]
fn a_dry_run_of_a_segment_keeps_nothing() {
    let shop = Shop::open();
    for line in ["segment create Новый --all -n", "segment edit VIP --all -n", "segment delete VIP -n"] {
        let (exit, _, err) = shop.says(line);
        assert_eq!(exit, Done, "{line}");
        assert!(err.contains("ничего не записано"), "{line}: {err}");
    }
    assert_eq!(shop.json("segment list")["total"], 10);
    assert_eq!(shop.json("segment show VIP")["filter"], json!({ "tags": ["vip"] }));
}

#[test]
fn what_is_wrong_with_a_filter_is_named_by_its_path() {
    let shop = Shop::open();
    for (args, exit, words) in [
        (&["segment", "show", "VIPP"][..], NotFound, "Возможно, «VIP»?"),
        (&["segment", "create", "X"], Usage, "все — это --all"),
        (&["segment", "create", "X", "--filter", "{}"], Usage, "filter"),
        (&["segment", "create", "X", "--filter", r#"{"tag":["vip"]}"#], Usage, "Возможно, «tags»?"),
        (&["segment", "create", "X", "--age", "35..25"], Usage, "age.from"),
        (&["segment", "create", "X", "--age", "200"], Usage, "0–120"),
        (&["segment", "create", "X", "--all", "--subscribed"], Usage, "all"),
        (&["segment", "create", "12", "--all"], Usage, "не одно число"),
        (&["segment", "create", "vip", "--all"], Conflict, "уже есть"),
        (&["segment", "create", "X", "--filter", "{", "--all"], Usage, "Нельзя вместе"),
        (&["segment", "edit", "VIP"], Usage, "--name"),
        (&["segment", "preview"], Usage, "SEGMENT"),
        (&["user", "list", "--campaign", "Д"], Usage, "campaign"),
    ] {
        let (code, out, err) = shop.runs(args);
        assert_eq!((code, out.as_str()), (exit, ""), "{args:?}: {err}");
        assert!(err.contains(words), "{args:?}: {err}");
    }
}

#[test]
fn a_preview_tells_who_is_left_out_and_shows_some() {
    let shop = Shop::open().with_people(3);
    shop.says("user block 2");
    let seen = shop.json("segment preview --all --sample 2");
    assert_eq!((&seen["total"], &seen["reachable"]), (&json!(3), &json!(3)), "the shop has blocked one");
    let ids: Vec<i64> = seen["sample"].as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [1, 4], "from all over");
    let (exit, out, _) = shop.says("segment preview все");
    assert_eq!(exit, Done);
    assert!(out.starts_with("Подходят 3 человека\n") && out.contains("Клиент 3"), "{out}");
    assert_eq!(shop.says("segment preview --status blocked -q").1, "2\n");
}

#[test]
fn a_list_of_customers_takes_the_same_flags() {
    let shop = Shop::open().with_people(4);
    shop.says("user tag 2 vip");
    shop.says("user tag 4 vip");
    shop.says("user edit 3 --gender female");
    let ids = |line: &str| shop.says(&format!("{line} -q")).1.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(ids("user list --tag vip"), ["4", "2"]);
    assert_eq!(ids("user list --tag vip --sort id --limit 1 --page 2"), ["4"]);
    assert_eq!(shop.json("user list --tag vip --limit 1")["total"], 2);
    assert_eq!(ids("user list --not-tag vip --gender female"), ["3"]);
    assert_eq!(ids("user list --all --search клиент --sort id"), ["2", "3", "4", "5"]);
    assert_eq!(ids("user list --filter {\"redemptions\":{\"from\":1}}"), Vec::<String>::new());
}

#[test]
fn a_discount_for_many_asks_and_each_stands_for_themselves() {
    let shop = Shop::open().with_people(3);
    let line = "discount issue --all --template birthday";
    assert_eq!(shop.says(line).0, Usage, "nobody to ask");
    let (exit, out, err) = shop.answered(line, &["нет"]);
    assert_eq!((exit, out.as_str()), (Interrupted, ""));
    assert!(err.starts_with("? Выдать «birthday» 4 людям? "), "{err}");

    let (exit, out, err) = shop.says(&format!("{line} -n --json"));
    assert_eq!(exit, Done, "no question either: {err}");
    let rehearsed: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&rehearsed["total"], &rehearsed["items"][0]["code"]), (&json!(4), &Value::Null));
    assert_eq!(shop.json("discount list")["total"], 0, "nothing was kept");

    shop.says("discount issue 2 --template birthday");
    let (_, revoked, _) = shop.says("discount issue 3 --template birthday -q");
    shop.says(&format!("discount redeem {}", revoked.trim()));
    let (exit, out, err) = shop.says(&format!("{line} --yes --json"));
    assert_eq!(exit, Partial, "{err}");
    let issued: Value = serde_json::from_str(&out).unwrap();
    let fates: Vec<(bool, bool)> = issued["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["changed"] == true, one["error"].is_null()))
        .collect();
    assert_eq!(fates, [(true, true), (false, true), (false, false), (true, true)], "{out}");
    assert_eq!(shop.json("discount list")["total"], 4);
    let (exit, out, _) = shop.says("discount issue --segment все --template birthday --yes");
    assert_eq!(exit, Partial);
    assert!(out.starts_with("Выдано 0 · уже было 3 · отказано 1\n") && out.contains("Клиент 2"), "{out}");
}

#[test]
fn a_discount_for_nobody_is_refused() {
    let shop = Shop::open();
    let (exit, _, err) = shop.says("discount issue --segment VIP --template birthday");
    assert_eq!(exit, Conflict, "{err}");
    assert!(err.contains("Никто не подходит"), "{err}");
    assert_eq!(shop.says("discount issue --segment нет --template birthday").0, NotFound);
    assert_eq!(shop.says("discount issue --segment VIP --template birthdy").0, NotFound);
    assert_eq!(shop.says("discount issue 1 --segment VIP --template birthday").0, Usage);
    assert_eq!(shop.says("discount issue --segment VIP --all --template birthday").0, Usage);
    assert_eq!(shop.says("discount issue --template birthday").0, Usage);
}
