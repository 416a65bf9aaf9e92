//! `export`: the same rows as the lists, as files that only their owner reads.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use super::shop::{Shop, words};

#[test]
fn rows_go_to_stdout_as_csv_and_as_json_lines() {
    let shop = Shop::open();
    shop.changes("user tag 1 VIP", "dvorik.user.tag/1");
    assert_eq!(shop.runs(&["user", "edit", "1", "--phone", "8 914 123-45-67"]).code, 0);
    let csv = shop.runs(&["export", "users"]);
    assert_eq!(csv.code, 0, "{}", csv.err);
    let lines: Vec<&str> = csv.out.split("\r\n").collect();
    assert_eq!(
        lines[0],
        "\u{feff}id,telegram_id,username,first_name,last_name,phone,gender,birthday,is_subscribed,source,tags,created_at,last_activity_at,is_test"
    );
    assert!(lines[1].starts_with("1,42,masha_k,Маша,,89141234567,unknown,,false,direct,vip,2"), "{}", lines[1]);
    assert!(lines[2].starts_with("2,43,,Анна <b>,,,"), "{}", lines[2]);
    assert_eq!((lines.len(), lines[3]), (4, ""));
    let excel = shop.runs(&words("export users --excel --tag vip"));
    assert_eq!(excel.out.lines().count(), 2);
    assert!(excel.out.contains("\r\n1;42;masha_k;"));
    for line in ["export users --format jsonl --search маш", "export users --json --search маш"] {
        let said: Value = serde_json::from_str(&shop.runs(&words(line)).out).unwrap();
        assert_eq!(
            (&said["phone"], &said["tags"], &said["last_name"]),
            (&json!("+79141234567"), &json!(["vip"]), &Value::Null)
        );
    }
    assert_eq!(shop.runs(&words("export users --test-data")).out.lines().count(), 2);
    assert_eq!(shop.runs(&words("export users --status blocked")).out.lines().count(), 1);
    let audited = shop.runs(&words("audit list --entity export --json")).json();
    assert_eq!((&audited["total"], &audited["items"][0]["action"]), (&json!(6), &json!("export")));
    assert_eq!(audited["items"][5]["after"], json!({ "rows": 2, "filter": {}, "is_test": false }));
    assert_eq!(audited["items"][2]["after"]["filter"], json!({ "search": { "length": 3 } }));
}

#[test]
fn a_file_is_private_whole_and_never_replaced_unasked() {
    let shop = Shop::open();
    let line = "export users -o people.csv";
    let made = shop.runs(&[words(line), vec!["--json"]].concat());
    assert_eq!(made.code, 0, "{}", made.err);
    assert_eq!(made.json()["after"], json!({ "kind": "users", "rows": 2, "file": "people.csv" }));
    assert_eq!(fs::metadata(shop.path("people.csv")).unwrap().permissions().mode() & 0o777, 0o600);
    // Asked for JSON without a format, rows are JSON lines.
    assert!(fs::read_to_string(shop.path("people.csv")).unwrap().starts_with("{\"birthday\":null"));
    let again = shop.runs(&words(line));
    assert_eq!(again.code, 5, "{}", again.err);
    assert!(again.err.contains("--force"), "{}", again.err);
    let replaced = shop.runs(&[words(line), vec!["--force"]].concat());
    assert_eq!(replaced.code, 0, "{}", replaced.err);
    assert!(fs::read_to_string(shop.path("people.csv")).unwrap().starts_with('\u{feff}'));
    assert_eq!(shop.runs(&words("export users -o nowhere/people.csv")).code, 1);
    let left = fs::read_dir(shop.directory.path()).unwrap().flatten();
    assert_eq!(left.filter(|file| file.file_name().to_string_lossy().starts_with(".dvorik-export")).count(), 0);
    assert_eq!(
        shop.runs(&words("audit list --entity export --json")).json()["total"],
        3,
        "what was refused left nothing"
    );
}

#[test]
fn codes_and_attempts_are_exported_by_their_filters() {
    let shop = Shop::open();
    assert_eq!(shop.runs(&words("discount issue 1 --template manual_10")).code, 0);
    let codes = shop.runs(&words("export discounts --user 1 --template manual_10 --status active"));
    assert_eq!(codes.out.lines().count(), 2, "{}", codes.out);
    assert!(codes.out.starts_with("\u{feff}id,code,user_id,template_id,template,"));
    let code = codes.out.lines().nth(1).unwrap().split(',').nth(1).unwrap().to_owned();
    assert_eq!(shop.runs(&["discount", "redeem", &code]).code, 0);
    assert_eq!(shop.runs(&words("export discounts --status active")).out.lines().count(), 1);
    for (line, count) in [
        ("export usage", 1),
        ("export usage --status success", 1),
        ("export usage --status expired", 0),
        ("export usage --since 2020-01-01", 1),
        ("export usage --until 2020-01-01", 0),
    ] {
        assert_eq!(shop.runs(&words(line)).out.lines().count(), count + 1, "{line}");
    }
    assert_eq!(shop.runs(&words("export usage --cashier nobody")).code, 3);
    assert_eq!(shop.runs(&words("export discounts --user 777")).code, 3);
}
