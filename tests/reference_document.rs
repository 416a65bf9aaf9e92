//! The pages of reference in both languages, made from the code: every config key (`docs/configuration.md`) from
//! `config.example.toml`, and every exit code (`docs/exit-codes.md`) from the help of the commands.
//! `DVORIK_WRITE_DOCS=1` writes them anew.

use std::collections::BTreeMap;
use std::fmt::Write;

use dvorik::config::Config;
use dvorik::language::Language;

use super::api::document::is_kept;

/// A key of the example: its default, and what its comment says in the two languages.
struct Key {
    name: String,
    default: String,
    russian: String,
    english: String,
}

/// What keys without a comment of their own mean.
const BY_NAME: [(&str, &str, &str); 3] = [
    (".token", "токен бота от @BotFather", "the bot's token from @BotFather"),
    (".webhook_secret", "секрет webhook: A–Z a–z 0–9 _ -", "the webhook's secret: A–Z a–z 0–9 _ -"),
    ("_file", "файл, в котором лежит это значение", "the file that holds this value"),
];

fn keys() -> Vec<Key> {
    let (mut section, mut keys) = (String::new(), Vec::new());
    for line in include_str!("../config.example.toml").lines() {
        if let Some(rest) = line.strip_prefix('[') {
            section = format!("{}.", rest.split(']').next().unwrap());
        } else if let Some((name, rest)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            let (default, comment) = rest.split_once(" # ").unwrap_or((rest, ""));
            keys.push(key(format!("{section}{name}"), default.trim(), comment.trim()));
        }
    }
    keys
}

fn key(name: String, default: &str, comment: &str) -> Key {
    let by_name = BY_NAME.iter().find(|(end, _, _)| name.ends_with(end)).map(|(_, ru, en)| (*ru, *en));
    let halves = comment.split_once(" / ").or_else(|| Some((comment, comment)).filter(|_| !comment.is_empty()));
    let (russian, english) =
        halves.or(by_name).unwrap_or_else(|| panic!("config.example.toml does not say what {name} is"));
    assert!(!english.contains(" / "), "the comment of {name} has more than two halves");
    let (russian, english) = (russian.to_owned(), english.to_owned());
    Key { name, default: default.to_owned(), russian, english }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[test]
fn the_page_of_config_keys_is_as_kept() {
    let keys = keys();
    assert_eq!(keys.iter().map(|key| key.name.as_str()).collect::<Vec<_>>(), Config::keys().collect::<Vec<_>>());
    let pages = [
        (
            "configuration.md",
            "# Configuration\n\nEvery key of `config.toml`, its variable and its default. A flag overrides a variable, a \
             variable the file, the file the default; `dvorik doctor` names what is wrong. Secrets are better kept in \
             files of their own (`…_file`), in variables `…_FILE` or in `$CREDENTIALS_DIRECTORY`. Made from \
             `config.example.toml`.\n\n| Key | Variable | Default | Meaning |\n|---|---|---|---|\n",
            Language::En,
        ),
        (
            "configuration.ru.md",
            "# Настройки\n\nВсе ключи `config.toml`, их переменные и значения по умолчанию. Параметр команды важнее \
             переменной, переменная важнее файла, файл важнее значения по умолчанию; что не так, скажет `dvorik doctor`. \
             Секреты лучше держать в отдельных файлах (`…_file`), в переменных `…_FILE` или в `$CREDENTIALS_DIRECTORY`. \
             Сделано из `config.example.toml`.\n\n| Ключ | Переменная | По умолчанию | Что значит |\n|---|---|---|---|\n",
            Language::Ru,
        ),
    ];
    for (file, head, lang) in pages {
        let mut page = head.to_owned();
        for key in &keys {
            let meaning = if lang == Language::Ru { &key.russian } else { &key.english };
            let (name, variable) = (&key.name, Config::variable(&key.name));
            writeln!(page, "| `{name}` | `{variable}` | `{}` | {} |", cell(&key.default), cell(meaning)).unwrap();
        }
        is_kept(file, &page);
    }
}

/// The commands that end with each exit code beside those of every command.
fn commands_by_code() -> BTreeMap<u16, Vec<String>> {
    let mut by_code = BTreeMap::new();
    collect(&dvorik::cli::command(Language::En), &mut Vec::new(), &mut by_code);
    by_code
}

fn collect(command: &clap::Command, path: &mut Vec<String>, by_code: &mut BTreeMap<u16, Vec<String>>) {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let codes = help.lines().skip_while(|line| *line != "Exit codes:").nth(1).unwrap_or_default();
    for code in codes.trim().split(" · ").filter_map(|said| said.split(' ').next()?.parse().ok()) {
        by_code.entry(code).or_default().push(path.join(" "));
    }
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help" && !inner.is_hide_set()) {
        path.push(inner.get_name().to_owned());
        collect(inner, path, by_code);
        path.pop();
    }
}

#[test]
fn the_page_of_exit_codes_is_as_kept() {
    let by_code = commands_by_code();
    assert_eq!(by_code.keys().copied().collect::<Vec<u16>>(), [0, 1, 2, 3, 4, 5, 6, 75, 78, 130]);
    let every = by_code[&0].len();
    let pages = [
        (
            "exit-codes.md",
            "# Exit codes\n\nThe same number means the same in every command, so a script may rely on it. `--json` gives \
             the code of the error beside it. Made from the help of the commands.\n\n| Code | Meaning | Commands |\n\
             |---|---|---|\n",
            Language::En,
            "every command",
        ),
        (
            "exit-codes.ru.md",
            "# Коды выхода\n\nОдно и то же число значит одно и то же у всех команд, поэтому скрипту можно на него \
             опереться. С `--json` рядом стоит код ошибки. Сделано из справки команд.\n\n| Код | Значение | Команды |\n\
             |---|---|---|\n",
            Language::Ru,
            "все команды",
        ),
    ];
    for (file, head, lang, all) in pages {
        let mut page = head.to_owned();
        for (code, commands) in &by_code {
            let quoted: Vec<String> = commands.iter().map(|command| format!("`{command}`")).collect();
            let shown = if commands.len() == every { all.to_owned() } else { quoted.join(", ") };
            writeln!(page, "| {code} | {} | {shown} |", lang.text(&format!("help.exit.{code}"), &[])).unwrap();
        }
        is_kept(file, &page);
    }
}
