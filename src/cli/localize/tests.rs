use clap::ArgAction;

use super::*;

/// A part of the real command tree, declared as clap's derive would declare it.
fn corner() -> Command {
    let flag = |name: &'static str| Arg::new(name).long(name).global(true).action(ArgAction::SetTrue);
    let issue = Command::new("issue")
        .arg(Arg::new("user").value_name("USER").required(true))
        .arg(Arg::new("template").long("template").value_name("T").required(true))
        .arg(Arg::new("no_notify").long("no-notify").action(ArgAction::SetTrue))
        .arg(Arg::new("limit").long("limit").default_value("20").value_parser(clap::value_parser!(u32).range(1..=100)))
        .arg(Arg::new("yes").short('y').long("yes").action(ArgAction::SetTrue).conflicts_with("dry_run"))
        .arg(Arg::new("dry_run").short('n').long("dry-run").action(ArgAction::SetTrue))
        .arg(Arg::new("until").long("until").value_parser(|_: &str| Err::<String, _>("cli.not_utf8")));
    Command::new("dvorik")
        .version("0.1.0")
        .subcommand_required(true)
        .arg(flag("json"))
        .arg(Arg::new("lang").long("lang").global(true).value_parser(["ru", "en"]))
        .subcommand(Command::new("discount").subcommand_required(true).arg_required_else_help(true).subcommand(issue))
}

fn told(line: &str, lang: Language) -> ClapAnswer {
    let args: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
    let command = localized(corner(), lang);
    let path = path_of(&command, &args);
    let error = command.try_get_matches_from(std::iter::once("dvorik".into()).chain(args)).unwrap_err();
    explain(&error, &path, lang, false)
}

fn page(line: &str, lang: Language) -> (String, ExitCode) {
    match told(line, lang) {
        ClapAnswer::Page { text, exit } => (text, exit),
        ClapAnswer::Refused(failure) => panic!("{failure:?}"),
    }
}

fn refused(line: &str) -> (String, String) {
    match told(line, Language::Ru) {
        ClapAnswer::Refused(FailureReport {
            code: "VALIDATION_ERROR", exit: ExitCode::Usage, message, hint, ..
        }) => (message, hint.unwrap_or_default()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn help_is_russian_to_the_last_word() {
    for line in ["--help", "help", "-h", "discount --help", "discount", "discount issue -h", "help discount issue"] {
        let (text, exit) = page(line, Language::Ru);
        assert_eq!(exit, if line == "discount" { ExitCode::Usage } else { ExitCode::Ok }, "{line}");
        for english in
            ["Usage", "Commands", "Options", "OPTIONS", "COMMAND", "Arguments", "Print", "default:", "possible"]
        {
            assert!(!text.contains(english), "{line}: {english} in\n{text}");
        }
    }
}

#[test]
fn a_page_of_help_reads_like_this() {
    let (text, _) = page("discount issue --help", Language::Ru);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    assert_eq!(lines[0], "Выдать скидку клиенту, сегменту или всем, кто подходит");
    assert_eq!(lines[2], "Использование: dvorik discount issue [ПАРАМЕТРЫ] --template <T> <USER>");
    let headings: Vec<&&str> = lines.iter().skip(3).filter(|line| line.ends_with(':')).collect();
    assert_eq!(headings, [&"Аргументы:", &"Параметры:", &"Общие параметры:", &"Пример:", &"Коды выхода:"]);
    assert!(text.contains("[по умолчанию: 20]") && text.contains("[варианты: ru, en]"), "{text}");
}

#[test]
fn english_help_is_english() {
    let (text, _) = page("discount issue --help", Language::En);
    assert!(text.contains("Usage: dvorik discount issue [OPTIONS]") && text.contains("Arguments:"), "{text}");
    assert!(!text.chars().any(|c| matches!(c, 'а'..='я')), "{text}");
}

#[test]
fn the_version_is_the_version() {
    assert_eq!(page("--version", Language::Ru), (String::from("dvorik 0.1.0\n"), ExitCode::Ok));
}

#[test]
fn every_complaint_is_russian_and_helps() {
    let issue = "Справка: dvorik discount issue --help";
    let cases = [
        ("discount isue", "Нет команды «isue»", "Возможно, «issue»?\nСправка: dvorik discount --help"),
        ("xyz", "Нет команды «xyz»", "Справка: dvorik --help"),
        ("", "Не указана команда", "Можно: discount, help\nСправка: dvorik --help"),
        ("discount issue 1 --tmplate x", "Нет параметра «--tmplate»", "Возможно, «--template»?"),
        ("discount issue 1 2 --template x", "Лишний аргумент «2»", issue),
        ("discount issue", "Не указано: --template <T>, <USER>", issue),
        ("discount issue 1 --template", "Не указано значение для --template <T>", issue),
        ("discount issue 1 --template x --limit ы", "--limit <limit>: значение «ы» не подходит: нужно число", issue),
        (
            "discount issue 1 --template x --limit 0",
            "--limit <limit>: значение «0» не подходит: нужно число из 1..=100",
            issue,
        ),
        (
            "discount issue 1 --template x --until ы",
            "--until <until>: значение «ы» не подходит: не текст в UTF-8",
            issue,
        ),
        ("--lang rus discount issue 1 --template x", "--lang <lang>: значение «rus» не подходит", "Возможно, «ru»?"),
        ("--lang de discount issue 1 --template x", "--lang <lang>: значение «de» не подходит", "Можно: ru, en"),
        ("discount issue 1 --template x -y -n", "Нельзя вместе: --yes и --dry-run", issue),
        ("discount issue 1 --template x --template y", "Указано дважды: --template <T>", issue),
        ("discount issue 1 --template x --json=1", "Лишнее значение «1» для --json", issue),
    ];
    for (line, message, hint) in cases {
        let said = refused(line);
        assert_eq!(said.0, message, "{line}");
        assert!(said.1.contains(hint), "{line}: {}", said.1);
    }
}

#[test]
fn a_command_without_words_is_found() {
    assert_eq!(missing_keys(&corner()), Vec::<String>::new());
    let extra = corner().arg(Arg::new("novel").long("novel")).subcommand(Command::new("frobnicate"));
    assert_eq!(missing_keys(&extra), ["help.novel", "help.frobnicate.about"]);
}

#[test]
fn a_localised_command_still_parses() {
    let matches = localized(corner(), Language::Ru)
        .try_get_matches_from(["dvorik", "discount", "issue", "42", "--template", "birthday", "--json"])
        .unwrap();
    assert!(matches.get_flag("json"));
    let (_, issue) = matches.subcommand().unwrap().1.subcommand().unwrap();
    assert_eq!(issue.get_one::<String>("user").map(String::as_str), Some("42"));
    localized(corner(), Language::Ru).debug_assert();
}

#[test]
fn the_language_is_found_before_parsing() {
    let args: Vec<OsString> = ["user", "--lang=en", "-c", "a.toml", "--json", "--", "-q"].map(Into::into).into();
    let seen = EarlyFlags::over(&args);
    assert_eq!((seen.lang, seen.config), (Some(Language::En), Some(PathBuf::from("a.toml"))));
    assert!(seen.flags.json && !seen.flags.quiet);
}
