//! Wrong lines: one sentence in the person's language, a code of the catalogue, an exit code.

use std::fs;

use super::shop::{Shop, keys, words};

/// Line, exit code, catalogue code, and words of the complaint in Russian.
const WRONG: &[(&str, i32, &str, &str)] = &[
    ("user show 99", 3, "USER_NOT_FOUND", "Нет клиента «99»"),
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
    ("discount issue 99 --template birthday", 3, "USER_NOT_FOUND", "Нет клиента «99»"),
    ("discount issue 1", 2, "VALIDATION_ERROR", "Не указано: --template <TEMPLATE>"),
    ("discount show АБВ0000", 3, "CODE_NOT_FOUND", "Нет такого кода"),
    ("discount show не-код", 3, "CODE_NOT_FOUND", "три буквы и четыре цифры"),
    ("discount check АБВ0000", 3, "CODE_NOT_FOUND", "Нет такого кода"),
    ("discount redeem АБВ0000", 3, "CODE_NOT_FOUND", "Нет такого кода"),
    ("discount redeem АБВ0000 --amount много", 2, "VALIDATION_ERROR", "нужна сумма в рублях"),
    ("discount revoke АБВ0000", 3, "CODE_NOT_FOUND", "Нет такого кода"),
    ("campaign create Весна --key ё", 2, "VALIDATION_ERROR", "a–z, 0–9"),
    ("campaign create Весна --key a --template manul_10", 3, "TEMPLATE_NOT_FOUND", "Возможно, «manual_10»?"),
    ("user list --sort colour", 2, "VALIDATION_ERROR", "Можно: id, -id"),
    ("user list --subscribed --not-subscribed", 2, "VALIDATION_ERROR", "Нельзя вместе"),
    ("user list --status bloked", 2, "VALIDATION_ERROR", "Возможно, «blocked»?"),
    ("user edit 1", 2, "VALIDATION_ERROR", "Не указано"),
    ("user edit 1 --birthday 31.02.2002", 2, "BIRTHDAY_INVALID", "03.02.2002"),
    ("user edit 1 --birthday 3.2", 2, "BIRTHDAY_INVALID", "Добавьте год, например 03.02.2002"),
    ("user edit 1 --phone abc", 2, "PHONE_INVALID", "8 914"),
    ("user edit 1 --phone 8914123456", 2, "PHONE_INVALID", "Такого телефона не бывает"),
    ("user edit 99 --gender male", 3, "USER_NOT_FOUND", "Нет клиента «99»"),
    ("user tag 1", 2, "VALIDATION_ERROR", "Не указано"),
    ("user message 1", 2, "VALIDATION_ERROR", "Не указано"),
    ("user message 1 --text x --text-file y", 2, "VALIDATION_ERROR", "Нельзя вместе"),
    ("user erase 1 --yes", 78, "VALIDATION_ERROR", "security.erasure_key"),
    ("cashier edit 1", 2, "VALIDATION_ERROR", "Не указано: --name"),
    ("cashier show Касса", 3, "CASHIER_NOT_FOUND", "Нет кассира «Касса»"),
    ("cashier suspend 1", 5, "CASHIER_ALREADY_EXISTS", "Уже решено"),
    ("admin show 7", 3, "ADMIN_NOT_FOUND", "dvorik admin list"),
    ("admin login 7", 3, "ADMIN_NOT_FOUND", "Нет администратора «7»"),
    ("admin approve 99 --role owner", 3, "CASHIER_NOT_FOUND", "Нет кассира «99»"),
    ("admin approve 1 --role boss", 2, "VALIDATION_ERROR", "owner, marketing, readonly"),
    ("admin approve 1 --notify all", 2, "VALIDATION_ERROR", "cashier_logs"),
    ("admin edit 1", 2, "VALIDATION_ERROR", "Не указано"),
    ("template create x", 2, "VALIDATION_ERROR", "Не указано: --title <TITLE>, --value <VALUE>"),
    ("template create Ё --title x --value 5%", 2, "VALIDATION_ERROR", "a–z, 0–9"),
    ("template create x --title x --value много", 2, "VALIDATION_ERROR", "15% или сумма"),
    ("template create x --title x --value 101%", 2, "VALIDATION_ERROR", "100 %"),
    ("template create x --title x --value 5% --days 0", 2, "VALIDATION_ERROR", "от 1 до 3650"),
    ("template create x --title x --value 5% --recurrence weekly", 2, "VALIDATION_ERROR", "30d"),
    ("template create x --title x --value 5% --remind 0", 2, "VALIDATION_ERROR", "до конца"),
    ("template create x --title x --value 5% --message nope", 2, "VALIDATION_ERROR", "dvorik message list"),
    ("template create birthday --title x --value 5%", 5, "TEMPLATE_NAME_TAKEN", "dvorik template edit birthday"),
    ("template edit birthdy --days 3", 3, "TEMPLATE_NOT_FOUND", "Возможно, «birthday»?"),
    ("template edit birthday", 2, "VALIDATION_ERROR", "Не указано"),
    ("template disable zzz", 3, "TEMPLATE_NOT_FOUND", "dvorik template list"),
    ("discount undo АБВ0000", 3, "CODE_NOT_FOUND", "Нет такого кода"),
    ("discount revoke", 2, "VALIDATION_ERROR", "Не указано: <CODE>"),
    ("discount revoke АБВ0000 АБВ0001", 2, "VALIDATION_ERROR", "--yes"),
    ("discount extend АБВ0000", 2, "VALIDATION_ERROR", "Не указано: --until <DATE>"),
    ("discount extend АБВ0000 --until 2029-01-01", 3, "CODE_NOT_FOUND", "Нет такого кода"),
    ("discount list --template birthdy", 3, "TEMPLATE_NOT_FOUND", "Возможно, «birthday»?"),
    ("campaign show зима", 3, "CAMPAIGN_NOT_FOUND", "dvorik campaign list"),
    ("campaign edit зима --name x", 3, "CAMPAIGN_NOT_FOUND", "Нет кампании «зима»"),
    ("segment show VIPP", 3, "SEGMENT_NOT_FOUND", "Возможно, «VIP»?"),
    ("segment show нет", 3, "SEGMENT_NOT_FOUND", "dvorik segment list"),
    ("segment delete 99 --yes", 3, "SEGMENT_NOT_FOUND", "Нет сегмента «99»"),
    ("segment delete VIP", 2, "VALIDATION_ERROR", "--yes"),
    ("segment create Весна", 2, "VALIDATION_ERROR", "--all"),
    ("segment create vip --all", 5, "SEGMENT_NAME_TAKEN", "уже есть"),
    ("segment create Весна --age 35..25", 2, "SEGMENT_INVALID", "Не подходит для age.from: начало больше конца"),
    ("segment create Весна --age старые", 2, "VALIDATION_ERROR", "25..35"),
    ("segment create Весна --inactive год", 2, "VALIDATION_ERROR", "30d"),
    ("segment create Весна --registered вчера..", 2, "VALIDATION_ERROR", "2026-11-01..2026-11-30"),
    ("segment create Весна --birthday-month 13", 2, "SEGMENT_INVALID", "birthday_month: нужно целое число 1–12"),
    ("segment create Весна --filter {\"agee\":{}}", 2, "SEGMENT_INVALID", "Возможно, «age»?"),
    ("segment create Весна --filter {}", 2, "SEGMENT_INVALID", "dvorik segment keys"),
    ("segment preview VIP --all", 2, "VALIDATION_ERROR", "Нельзя вместе"),
    ("segment edit VIP", 2, "VALIDATION_ERROR", "Не указано"),
    ("user list --all --subscribed", 2, "SEGMENT_INVALID", "стоит без других ключей"),
    ("discount issue --segment VIP --template birthday", 5, "VALIDATION_ERROR", "Никто не подходит"),
    ("discount issue --segment VIPP --template birthday", 3, "SEGMENT_NOT_FOUND", "Возможно, «VIP»?"),
    ("discount issue 1 --all --template birthday", 2, "VALIDATION_ERROR", "Нельзя вместе"),
    ("message show welcom", 3, "TEXT_NOT_FOUND", "Возможно, «welcome»?"),
    ("message edit welcome --text {{frist_name}}", 2, "TEXT_PLACEHOLDER_UNKNOWN", "{{first_name}}"),
    ("message check nope", 3, "TEXT_NOT_FOUND", "dvorik message list"),
    ("order edit 7 --status created", 3, "NOT_FOUND", "Нет заказа «7»"),
    ("order edit x --status created", 2, "VALIDATION_ERROR", "нужно число"),
    ("order edit 7 --status done", 2, "VALIDATION_ERROR", "draft, processing, created, canceled"),
    ("audit list --since вчера", 2, "VALIDATION_ERROR", "срок в днях (30d)"),
    ("settings unset birthday_our", 3, "SETTING_NOT_FOUND", "Возможно, «birthday_hour»?"),
    ("stats --by year", 2, "VALIDATION_ERROR", "weekday"),
    ("campaign list --limit -1", 2, "VALIDATION_ERROR", "нужно число из"),
    ("settings get birthday_our", 3, "SETTING_NOT_FOUND", "Возможно, «birthday_hour»?"),
    ("settings set birthday_hour 24", 2, "SETTING_INVALID_VALUE", "нужно целое число 0–23"),
    ("settings list -x", 2, "VALIDATION_ERROR", "Нет параметра «-x»"),
    ("stats --since вчера", 2, "VALIDATION_ERROR", "срок в днях (30d)"),
    ("stats --from 2026-02-30", 2, "VALIDATION_ERROR", "нужна дата"),
    ("stats --from 2026-02-02 --to 2026-02-01", 2, "VALIDATION_ERROR", "начинается позже"),
    ("stats --since 30d --to 2026-02-01", 2, "VALIDATION_ERROR", "Нельзя вместе"),
    ("stats funel", 2, "VALIDATION_ERROR", "[VIEW]: значение «funel» не подходит"),
    ("completions tcsh", 2, "VALIDATION_ERROR", "Возможно, «zsh»?"),
    ("man page", 2, "VALIDATION_ERROR", "Лишний аргумент «page»"),
    ("migrate --sttus", 2, "VALIDATION_ERROR", "Возможно, «--status»?"),
    ("serve --no-bot", 2, "VALIDATION_ERROR", "Возможно, «--no-bots»?"),
    ("serve --no-scheduling", 2, "VALIDATION_ERROR", "Нет параметра «--no-scheduling»"),
    ("init", 2, "VALIDATION_ERROR", "dvorik init --no-input"),
    ("init --no-input", 5, "VALIDATION_ERROR", "Магазин здесь уже есть"),
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

#[test]
fn an_empty_text_and_a_file_that_is_no_toml_are_told_in_whole_sentences() {
    let shop = Shop::open();
    let empty = shop.runs(&["message", "edit", "help", "--text", ""]);
    assert_eq!(empty.code, 2);
    assert!(empty.err.lines().next().unwrap().starts_with("✗ Telegram не примет текст: "), "{}", empty.err);
    assert!(!empty.err.contains(": \n") && !empty.err.contains(":  "), "{}", empty.err);
    fs::write(shop.path("texts.toml"), "[texts]\nhelp = \"Помощь\nstart = 1\n").unwrap();
    let texts = shop.runs(&["message", "import", "texts.toml"]);
    assert_eq!(texts.code, 2);
    assert!(texts.err.contains("строка 2, знак ") && texts.err.contains("help = \"Помощь"), "{}", texts.err);
    shop.configures(&format!("lang = \"ru\"\n[bots.customer]\ntoken = \"{}\n", super::shop::CANARY));
    let config = shop.runs_with(&["status"], &[("DVORIK_LANG", "ru")]);
    assert_eq!(config.code, 78);
    assert!(config.err.contains("строка 3, знак ") && config.err.contains("не TOML: token = …"), "{}", config.err);
}

/// Whatever the system refuses is said in the person's language, with a command that shows more.
#[test]
fn what_the_system_refuses_is_said_in_the_persons_language_with_the_next_step() {
    let shop = Shop::open();
    fs::write(shop.path("file"), "").unwrap();
    fs::create_dir(shop.path("directory")).unwrap();
    for (line, code, why, next) in [
        ("export users -o no/such/file.csv", 1, "нет такого файла или каталога", "ls -ld ."),
        ("export users -o file/inside.csv", 1, "это не каталог", "ls -ld file"),
        ("message export -o no/such/file.toml", 1, "нет такого файла или каталога", "ls -ld ."),
        ("import users absent.csv", 3, "нет такого файла или каталога", "ls -ld ."),
        ("import users file/inside.csv", 2, "это не каталог", "ls -ld file"),
        ("message edit help --text-file absent.txt", 2, "нет такого файла или каталога", "ls -ld ."),
        ("backup -o no/such/copy.db", 1, "нет такого файла или каталога", "ls -ld ."),
        ("backup restore file --key-file absent.key --yes", 2, "нет такого файла или каталога", "ls -ld ."),
        ("backup restore file --key-file directory --yes", 2, "это каталог, а не файл", "ls -ld directory"),
        ("man -o file/inside", 1, "это не каталог", "ls -ld file"),
        ("broadcast create Письмо --text x --all --photo absent.jpg", 2, "нет такого файла или каталога", ""),
        ("--config absent.toml status", 78, "нет такого файла", "dvorik --config absent.toml init"),
        ("--config directory status", 78, "это каталог, а не файл", ""),
    ] {
        let ran = shop.runs_with(&words(line), &[("DVORIK_LANG", "ru")]);
        assert_eq!(ran.code, code, "{line}: {}", ran.err);
        assert!(ran.err.contains(why) && ran.err.contains(next), "{line}: {}", ran.err);
        assert!(
            !ran.err.contains("os error") && !ran.err.contains("No such") && !ran.err.contains("Not a"),
            "{line}: {}",
            ran.err
        );
    }
    let nowhere = shop.runs_with(&["status"], &[("DVORIK_DATABASE__PATH", "directory")]);
    assert!(
        nowhere.code == 78 && nowhere.err.contains("это не обычный файл") && nowhere.err.contains("ls -ld"),
        "{}",
        nowhere.err
    );
}
