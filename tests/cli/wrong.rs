//! Wrong lines: one sentence in the person's language, a code of the catalogue, an exit code.

use super::shop::{Shop, keys, words};

/// Line, exit code, catalogue code, and words of the complaint in Russian.
const WRONG: &[(&str, i32, &str, &str)] = &[
    ("user show 99", 3, "USER_NOT_FOUND", "Нет покупателя «99»"),
    ("user show tg:99", 3, "USER_NOT_FOUND", "dvorik user list"),
    ("user list --limit 0", 2, "VALIDATION_ERROR", "нужно число из"),
    ("user list --page x", 2, "VALIDATION_ERROR", "нужно число"),
    ("user lst", 2, "VALIDATION_ERROR", "Возможно, «list»?"),
    ("usr", 2, "VALIDATION_ERROR", "Возможно, «user»?"),
    ("cashier approve 99", 3, "CASHIER_NOT_FOUND", "Нет кассира «99»"),
    ("cashier list x", 2, "VALIDATION_ERROR", "Лишний аргумент «x»"),
    ("template list --csvv", 2, "VALIDATION_ERROR", "Возможно, «--csv»?"),
    ("discount issue 1 --template birthdy", 3, "TEMPLATE_NOT_FOUND", "Нет шаблона «birthdy». Возможно, «birthday»?"),
    ("discount issue 1 --template zzz", 3, "TEMPLATE_NOT_FOUND", "dvorik template list"),
    ("discount issue 99 --template birthday", 3, "USER_NOT_FOUND", "Нет покупателя «99»"),
    ("discount issue 1", 2, "VALIDATION_ERROR", "Не указано: --template <TEMPLATE>"),
    ("discount show АБВ0000", 3, "CODE_NOT_FOUND", "Нет такого кода"),
    ("discount show не-код", 3, "CODE_NOT_FOUND", "три буквы и четыре цифры"),
    ("discount check АБВ0000", 3, "CODE_NOT_FOUND", "Нет такого кода"),
    ("discount redeem АБВ0000", 3, "CODE_NOT_FOUND", "Нет такого кода"),
    ("discount redeem АБВ0000 --amount много", 2, "VALIDATION_ERROR", "нужна сумма в рублях"),
    ("discount revoke АБВ0000", 3, "CODE_NOT_FOUND", "Нет такого кода"),
    ("campaign create Весна --key ё", 2, "VALIDATION_ERROR", "a–z, 0–9"),
    ("campaign create Весна --key a --template manul_10", 3, "TEMPLATE_NOT_FOUND", "Возможно, «manual_10»?"),
    ("campaign list --limit -1", 2, "VALIDATION_ERROR", "нужно число из"),
    ("settings get birthday_our", 3, "SETTING_NOT_FOUND", "Возможно, «birthday_hour»?"),
    ("settings set birthday_hour 24", 2, "SETTING_INVALID_VALUE", "нужно целое число 0–23"),
    ("settings list -x", 2, "VALIDATION_ERROR", "Нет параметра «-x»"),
    ("stats --since вчера", 2, "VALIDATION_ERROR", "срок в днях (30d)"),
    ("stats --from 2026-02-30", 2, "VALIDATION_ERROR", "нужна дата"),
    ("stats --from 2026-02-02 --to 2026-02-01", 2, "VALIDATION_ERROR", "начинается позже"),
    ("stats --since 30d --to 2026-02-01", 2, "VALIDATION_ERROR", "Нельзя вместе"),
    ("stats funel", 2, "VALIDATION_ERROR", "Не подходит «funel»"),
    ("completions tcsh", 2, "VALIDATION_ERROR", "Возможно, «zsh»?"),
    ("man page", 2, "VALIDATION_ERROR", "Лишний аргумент «page»"),
    ("migrate --sttus", 2, "VALIDATION_ERROR", "Возможно, «--status»?"),
    ("serve --no-bot", 2, "VALIDATION_ERROR", "Возможно, «--no-bots»?"),
    ("serve --no-scheduling", 2, "VALIDATION_ERROR", "Нет параметра «--no-scheduling»"),
    ("init", 2, "VALIDATION_ERROR", "dvorik init --no-input"),
    ("init --no-input", 5, "VALIDATION_ERROR", "Настройки уже есть"),
];

#[test]
fn every_wrong_line_gets_one_sentence_a_code_and_an_exit() {
    let shop = Shop::open();
    for (line, code, catalogue, said) in WRONG {
        let human = shop.runs(&words(line));
        assert_eq!((human.code, human.out.as_str()), (*code, ""), "{line}: {}", human.err);
        assert!(human.err.starts_with("✗ ") && human.err.contains(said), "{line}: {}", human.err);
        assert!(human.err.contains(&format!("[код {code}]")), "{line}: {}", human.err);
        let json = shop.runs(&[words(line), vec!["--json"]].concat());
        let error = json.error();
        assert_eq!((&error["code"], &error["exit"]), (&(*catalogue).into(), &(*code).into()), "{line}");
        assert_eq!(keys(&error), ["code", "details", "exit", "hint", "message"], "{line}");
        let english = shop.runs(&[words(line), vec!["--lang", "en"]].concat());
        // What was typed may be repeated; nothing else may be Russian.
        let own = words(line).into_iter().fold(english.err.clone(), |said, word| said.replace(word, ""));
        assert!(!own.chars().any(|c| ('а'..='я').contains(&c)), "{line}: {}", english.err);
    }
}
