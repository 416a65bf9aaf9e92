//! Tests of the questions that a command asks, by how dangerous it is, and of what each answer leads to.

use super::*;
use crate::cli::output::ExitCode::{Conflict, Interrupted, Ok as Done, Partial, Usage};

const KEY: (&str, &str) = ("DVORIK_SECURITY__JWT_SECRET", "a-test-key-of-at-least-thirty-two-bytes");

fn code(shop: &Shop) -> String {
    let (_, out, _) = shop.says("discount issue 1 --template manual_10 --no-notify -q");
    out.trim().to_owned()
}

#[test]
fn one_code_is_revoked_without_a_question_and_several_ask() {
    let shop = Shop::open();
    let (one, two, three) = (code(&shop), code(&shop), code(&shop));
    assert_eq!(shop.says(&format!("discount revoke {one}")).0, Done);

    let both = format!("discount revoke {two} {three}");
    let (exit, out, err) = shop.says(&both);
    assert_eq!((exit, out.as_str()), (Usage, ""), "nobody to ask");
    assert!(err.contains("--yes"), "{err}");
    let (exit, out, err) = shop.answered(&both, &["нет"]);
    assert_eq!((exit, out.as_str()), (Interrupted, ""));
    assert!(err.starts_with("? Отозвать 2 кода? [д/Н] ") && err.contains("Ничего не изменено"), "{err}");
    assert!(shop.says(&format!("discount show {two}")).1.contains("действует"));

    let (exit, out, _) = shop.answered(&both, &["да"]);
    assert_eq!(exit, Done);
    assert!(out.contains(&two) && out.contains(&three), "{out}");
    assert_eq!(shop.says(&both).0, Usage);
    let (exit, _, err) = shop.says(&format!("{both} --yes"));
    assert_eq!(exit, Conflict, "none of them could be: {err}");
}

#[test]
fn what_cannot_be_revoked_leaves_the_rest_revoked() {
    let shop = Shop::open();
    let (one, two) = (code(&shop), code(&shop));
    shop.says(&format!("discount redeem {one}"));
    let (exit, out, err) = shop.says(&format!("discount revoke {one} {two} --yes --json"));
    assert_eq!(exit, Partial, "{err}");
    let list: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&list["items"][0]["error"], &list["items"][1]["changed"]), (&"CODE_ALREADY_USED".into(), &true.into()));
    assert!(err.contains("\"exit\":6"), "{err}");
}

#[test]
fn a_dry_run_tells_and_keeps_nothing() {
    let shop = Shop::open();
    let code = code(&shop);
    let (exit, out, _) = shop.says(&format!("discount revoke {code} -n --json"));
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((exit, &told["changed"], &told["dry_run"]), (Done, &false.into(), &true.into()));
    assert_eq!(told["after"]["status"], "revoked", "what would be");
    let (exit, _, err) = shop.says(&format!("discount revoke {code} {code} -n"));
    assert_eq!(exit, Done, "no question either");
    assert!(err.contains("ничего не записано"), "{err}");
    assert!(shop.says(&format!("discount show {code}")).1.contains("действует"));
    let (_, out, _) = shop.says("discount issue 1 --template birthday -n");
    assert!(out.starts_with("· ••••••• · 15 % · Маша К. · "), "a code that was thrown away is not shown: {out}");
    assert!(!shop.says("discount list").1.contains("birthday"));
}

#[test]
fn erasing_asks_for_the_name_and_forgets_the_person() {
    let mut shop = Shop::open();
    let (exit, _, err) = shop.says("user erase 1 --yes");
    assert_eq!(exit, ExitCode::Config);
    assert!(err.contains("security.erasure_key"), "{err}");

    shop.environment = shop.environment.clone().with(KEY.0, KEY.1);
    let live = code(&shop);
    assert_eq!(shop.says("user erase 1").0, Usage, "nobody to ask");
    let (exit, _, err) = shop.answered("user erase 1", &["Маша"]);
    assert_eq!(exit, Interrupted, "{err}");
    assert!(err.contains("«Маша К.»"), "{err}");
    assert_eq!(shop.says("user erase 1 -n").0, Done);
    assert!(shop.says("user list").1.contains("masha_k"));

    let (exit, out, err) = shop.answered("user erase 1", &["Маша К."]);
    assert_eq!(exit, Done, "{err}");
    assert!(out.contains("отозван 1 код"), "{out}");
    assert!(!shop.says("user list --json").1.contains("Маша"));
    assert!(shop.says(&format!("discount show {live}")).1.contains("отозван"), "{live}");
    assert!(!shop.says("audit list --json").1.contains("Маша"));
}
