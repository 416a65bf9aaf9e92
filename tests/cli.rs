//! The command line as scripts, cron and the daemon's supervisor meet it: the real binary, its pipes, its exit codes,
//! its files. Whatever any run prints, the token in its configuration is not in it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use dvorik::clock::Clock;
use dvorik::config::{Config, Environment};
use dvorik::db::Database;
use dvorik::ids::TelegramId;
use dvorik::language::Language;
use dvorik::realm::Realm;
use dvorik::telegram::builtin::BuiltinTelegram;
use dvorik::user::Person;
use dvorik::{daemon, staff, user};
use serde_json::Value;
use tempfile::TempDir;

/// A token nobody may ever read on a terminal.
const CANARY: &str = "7700700:canary-customer-token";

/// What one run of the binary left behind.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {} {}", self.out, self.err))
    }

    /// Under `--json`.
    fn error(&self) -> Value {
        let error: Value = serde_json::from_str(&self.err).unwrap_or_else(|error| panic!("{error}: {}", self.err));
        error["error"].clone()
    }
}

/// A directory with a configuration and, once migrated, a database.
struct Shop {
    directory: TempDir,
}

impl Shop {
    /// A configuration with two tokens; no database yet.
    fn bare() -> Self {
        let shop = Self { directory: tempfile::tempdir().unwrap() };
        shop.configures(&format!("lang = \"ru\"\n[bots.customer]\ntoken = \"{CANARY}\"\n"));
        shop
    }

    /// The same with a database, two customers and a request for the counter.
    fn open() -> Self {
        let shop = Self::bare();
        assert_eq!(shop.runs(&["migrate"]).code, 0);
        let (masha, anna) = (person(42, "Маша", Some("masha_k")), person(43, "Анна <b>", None));
        let keeper = person(77, "Пётр", None);
        let arrive = move |tx: &dvorik::db::Tx<'_>| {
            user::arrive(tx, Realm::Real, &masha, None)?;
            user::arrive(tx, Realm::Real, &anna, Some("ref_leaflet"))?;
            user::arrive(tx, Realm::Test, &person(44, "Проба", None), None)?;
            staff::ask(tx, Realm::Real, &keeper).map(drop)
        };
        shop.database().write(arrive).unwrap();
        shop
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn configures(&self, text: &str) {
        fs::write(self.path("config.toml"), text).unwrap();
        fs::set_permissions(self.path("config.toml"), fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn database(&self) -> Database {
        let nothing: [(&str, &str); 0] = [];
        let environment = Environment::from_pairs(nothing).in_directory(self.directory.path());
        daemon::open(&Config::load(None, &environment).unwrap(), Clock::System).unwrap()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dvorik"));
        command.args(args).current_dir(self.directory.path()).env_clear().stdin(Stdio::null());
        command
    }

    fn runs(&self, args: &[&str]) -> Ran {
        self.runs_with(args, &[])
    }

    fn runs_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Ran {
        let output = self.command(args).envs(variables.iter().copied()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let ran = Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) };
        assert!(!ran.out.contains("canary") && !ran.err.contains("canary"), "{args:?} repeats a token");
        assert!(!ran.err.contains("panicked"), "{args:?}: {}", ran.err);
        ran
    }

    /// A code issued to Маша.
    fn code(&self, template: &str) -> String {
        let ran = self.runs(&["discount", "issue", "@masha_k", "--template", template, "-q"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.out.trim().to_owned()
    }

    fn counts(&self, sql: &'static str) -> i64 {
        self.database().read::<_, dvorik::db::Failure, _>(|view| view.get(sql, [], |row| row.get(0))).unwrap()
    }
}

fn person(id: i64, first_name: &str, username: Option<&str>) -> Person {
    let (username, first_name) = (username.map(str::to_owned), Some(first_name.to_owned()));
    Person { id: TelegramId(id), username, first_name, last_name: None }
}

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

const USER: &str = "id telegram_id username first_name last_name phone gender birthday is_subscribed \
    subscription_checked_at source tags status created_at last_activity_at is_test";
const DISCOUNT: &str = "id code status user_id user template title value value_type usage_type source_kind created_at \
    expires_at last_day redeemed_at revoked_at is_test";
const CASHIER: &str = "id telegram_id name username status requested_at decided_at is_test";
const TEMPLATE: &str = "id name title value value_type duration_days event usage_type recurrence is_active";
const CAMPAIGN: &str = "id name source_key template_id clicks registrations created_at tme_link";

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
    ("settings list", "dvorik.settings.list/1", "key value default"),
];

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

fn sorted(line: &str) -> Vec<&str> {
    let mut words = words(line);
    words.sort_unstable();
    words
}

#[test]
fn every_list_speaks_tsv_csv_and_json_with_the_same_keys() {
    let shop = Shop::open();
    assert_eq!(shop.runs(&["campaign", "create", "Листовка", "--key", "leaflet"]).code, 0);
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
        let ids = shop.runs(&[words(line), vec!["-q", "--limit", "1"]].concat());
        assert_eq!(ids.out.lines().count(), 1, "{line}");
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
        let expected = format!("schema {USER}");
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
    ("serve --webhook", 2, "VALIDATION_ERROR", "Нет параметра «--webhook»"),
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

#[test]
fn help_is_there_for_every_command_in_both_languages() {
    let shop = Shop::bare();
    let mut paths = vec![Vec::<String>::new()];
    collect(&dvorik::cli::command(Language::En), &mut Vec::new(), &mut paths);
    assert!(paths.len() > 25, "{paths:?}");
    for path in &paths {
        for (lang, heading) in [("ru", "Использование: dvorik"), ("en", "Usage: dvorik")] {
            let args: Vec<&str> = path.iter().map(String::as_str).chain(["--help", "--lang", lang]).collect();
            let ran = shop.runs(&args);
            assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}");
            assert!(ran.out.contains(heading), "{args:?}: {}", ran.out);
        }
    }
    assert_eq!(shop.runs(&["--version"]).out, format!("dvorik {}\n", env!("CARGO_PKG_VERSION")));
    assert!(shop.runs(&["help", "discount", "issue"]).out.contains("--template"));
    assert_eq!(shop.runs(&[]).code, 2);
    assert_eq!(shop.runs(&["discount", "--json"]).error()["exit"], 2);
}

fn collect(command: &clap::Command, path: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        path.push(inner.get_name().to_owned());
        paths.push(path.clone());
        collect(inner, path, paths);
        path.pop();
    }
}

#[test]
fn manual_pages_and_completions_are_fresh() {
    let shop = Shop::bare();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ran = shop.runs(&["man", "-o", "pages"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    let advice = "make them anew as src/cli/manual.rs says";
    assert!(files(&shop.path("pages")) == files(&root.join("man")), "man/ is stale: {advice}");
    assert_eq!(shop.runs(&["man"]).out.as_bytes(), fs::read(root.join("man/dvorik.1")).unwrap());
    let shells = [
        ("bash", "dvorik.bash"),
        ("zsh", "_dvorik"),
        ("fish", "dvorik.fish"),
        ("elvish", "dvorik.elv"),
        ("powershell", "_dvorik.ps1"),
    ];
    for (shell, file) in shells {
        let script = shop.runs(&["completions", shell, "--lang", "ru"]).out;
        let kept = fs::read_to_string(root.join("completions").join(file)).unwrap();
        assert!(script == kept, "completions/{file} is stale: {advice}");
    }
    assert_eq!(fs::read_dir(root.join("completions")).unwrap().count(), shells.len());
}

fn files(directory: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(directory).unwrap().map(Result::unwrap);
    let name = |entry: &fs::DirEntry| entry.file_name().into_string().unwrap();
    let mut files: Vec<_> = entries.map(|entry| (name(&entry), fs::read_to_string(entry.path()).unwrap())).collect();
    files.sort();
    assert!(files.len() > 20, "{}", files.len());
    files
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

/// A serving daemon, killed when the test ends badly.
struct Daemon {
    child: Child,
    lines: BufReader<std::process::ChildStderr>,
}

impl Daemon {
    /// Returns once it has said that it is ready.
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut daemon = Self { lines: BufReader::new(child.stderr.take().unwrap()), child };
        while !daemon.line().contains(" ready ") {}
        daemon
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert_ne!(self.lines.read_line(&mut line).unwrap(), 0, "the daemon has ended");
        assert!(!line.contains("canary"), "the log repeats a token");
        line
    }

    /// SIGTERM; the exit code.
    fn stops(mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[test]
fn one_daemon_serves_a_database_and_commands_work_beside_it() {
    let shop = Shop::open();
    let daemon = Daemon::start(shop.command(&["serve", "--no-bots"]));
    let second = shop.runs(&["serve", "--no-bots"]);
    assert_eq!(second.code, 75);
    let pid = daemon.child.id().to_string();
    assert!(second.err.contains(&format!("(процесс {pid})")), "{}", second.err);
    assert_eq!(shop.runs(&["serve", "--json"]).error()["details"]["pid"].to_string(), pid);
    shop.code("manual_10");
    assert_eq!(shop.runs(&["migrate"]).code, 0);
    assert_eq!(daemon.stops(), Some(0));
    assert_eq!(Daemon::start(shop.command(&["serve", "--no-bots"])).stops(), Some(0), "the lock is free again");
}

#[test]
fn readiness_is_told_to_the_supervisor_and_names_bots_and_database() {
    let shop = Shop::bare();
    let socket = std::os::unix::net::UnixDatagram::bind(shop.path("notify")).unwrap();
    let mut command = shop.command(&["serve", "--migrate"]);
    command.env("NOTIFY_SOCKET", shop.path("notify")).env("DVORIK_TELEGRAM__API_BASE", "http://127.0.0.1:9");
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let ready = std::iter::from_fn(|| {
        let mut line = String::new();
        lines.read_line(&mut line).ok().filter(|read| *read > 0).map(|_| line)
    })
    .find(|line| line.contains(" ready "));
    let ready = ready.unwrap_or_else(|| panic!("the daemon has ended"));
    assert!(ready.contains("customer") && ready.contains("dvorik.db") && !ready.contains("canary"), "{ready}");
    let mut told = [0; 64];
    let length = socket.recv(&mut told).unwrap();
    assert_eq!(std::str::from_utf8(&told[..length]).unwrap().trim(), "READY=1");
    assert_eq!(Daemon { child, lines }.stops(), Some(0));
}

#[test]
fn a_database_that_cannot_be_used_gets_one_clear_sentence() {
    let shop = Shop::bare();
    let said = |args: &[&str], variables: &[(&str, &str)], words: &str| {
        let ran = shop.runs_with(args, variables);
        assert_eq!((ran.code, ran.out.as_str()), (78, ""), "{args:?} {variables:?}: {}", ran.err);
        assert!(ran.err.starts_with("✗ ") && ran.err.contains(words), "{args:?}: {}", ran.err);
        assert!(ran.err.lines().count() <= 2, "{}", ran.err);
    };
    for args in
        [&["user", "list"][..], &["serve", "--no-bots"], &["discount", "show", "АБВ1234"], &["migrate", "--status"]]
    {
        said(args, &[], "Нет базы данных: ");
        said(args, &[], "Выполните: dvorik migrate");
    }
    fs::write(shop.path("notes.txt"), "a shopping list that is longer than a hundred bytes ".repeat(40)).unwrap();
    File::create(shop.path("empty.db")).unwrap();
    let at = |path: &'static str| [("DVORIK_DATABASE__PATH", path)];
    for args in [&["user", "list"][..], &["serve", "--no-bots"], &["migrate"]] {
        said(args, &at("notes.txt"), "Это не база dvorik: ");
        said(args, &at("no/such/directory.db"), "no/such/directory.db");
    }
    for args in [&["user", "list"][..], &["serve", "--no-bots"]] {
        said(args, &at("empty.db"), "Выполните: dvorik migrate");
    }
    // Not even root may create a file there.
    for args in [&["serve", "--migrate", "--no-bots"][..], &["migrate"]] {
        said(args, &at("/proc/dvorik.db"), "/proc/dvorik.db");
    }
    assert_eq!(fs::read_to_string(shop.path("notes.txt")).unwrap().len(), 52 * 40, "a foreign file is left alone");
    let status = shop.runs_with(&["migrate", "--status", "--json"], &at("empty.db"));
    assert_eq!((status.code, &status.json()["schema"]), (0, &"dvorik.migrate.status/1".into()));
    assert!(status.json()["pending"].as_i64().unwrap() >= 1);
}

#[test]
fn a_database_of_a_newer_dvorik_or_another_zone_is_refused() {
    let shop = Shop::open();
    let moved = shop.runs_with(&["user", "list"], &[("DVORIK_TIMEZONE", "Europe/Moscow")]);
    assert_eq!(moved.code, 78);
    assert!(moved.err.contains("Asia/Vladivostok") && moved.err.contains("Europe/Moscow"), "{}", moved.err);
    let future = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
        VALUES (999, 'future', '2030-01-01T00:00:00Z', '0')";
    let grow = move |tx: &dvorik::db::Tx<'_>| tx.change(future, []).map(drop);
    shop.database().write(grow).unwrap();
    for args in [&["user", "list"][..], &["serve", "--no-bots"], &["migrate"], &["migrate", "--status"]] {
        let ran = shop.runs(args);
        assert_eq!(ran.code, 78, "{args:?}: {}", ran.err);
        assert!(ran.err.contains("более новая версия dvorik"), "{args:?}: {}", ran.err);
    }
}

#[test]
fn migrating_tells_what_was_done() {
    let shop = Shop::bare();
    let made = shop.runs(&["migrate", "--json"]).json();
    assert_eq!((&made["schema"], &made["changed"]), (&"dvorik.migrate/1".into(), &true.into()));
    assert_eq!(keys(&made["after"]), ["applied", "created", "database"]);
    assert!(made["after"]["applied"][0].as_str().unwrap().contains("first_slice"));
    assert_eq!(shop.runs(&["migrate", "--json"]).json()["changed"], false);
    assert_eq!(shop.runs(&["migrate", "--status", "--json"]).json()["pending"], 0);
    assert_eq!(fs::metadata(shop.path("dvorik.db")).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_broken_configuration_is_told_with_its_place_and_stops_only_what_needs_it() {
    let shop = Shop::bare();
    shop.configures(&format!("lang = \"ru\"\ntimezon = \"x\"\n[bots.customer]\ntoken = \"{CANARY}\"\n"));
    let ran = shop.runs(&["user", "list"]);
    assert_eq!(ran.code, 78);
    assert!(ran.err.contains("config.toml:2:1 timezon") && ran.err.contains("«timezone»"), "{}", ran.err);
    assert_eq!(shop.runs(&["stats", "--json"]).error()["details"][0]["key"], "timezon");
    assert_eq!(shop.runs(&["completions", "bash"]).code, 0);
    assert_eq!(shop.runs(&["--help"]).code, 0);
    assert_eq!(shop.runs(&["user", "list", "-c", "other.toml"]).code, 78);
}

#[test]
fn a_config_for_webhooks_is_refused_until_polling_is_asked_for() {
    let shop = Shop::open();
    let webhook = [
        ("DVORIK_TELEGRAM__MODE", "webhook"),
        ("DVORIK_TELEGRAM__WEBHOOK_BASE", "https://shop.example"),
        ("DVORIK_BOTS__CUSTOMER__WEBHOOK_SECRET", "canary-secret"),
    ];
    let ran = shop.runs_with(&["serve"], &webhook);
    assert_eq!(ran.code, 78);
    assert!(ran.err.contains("webhook") && ran.err.contains("dvorik serve --polling"), "{}", ran.err);
}

/// An empty directory to begin in.
fn nowhere() -> Shop {
    Shop { directory: tempfile::tempdir().unwrap() }
}

#[test]
fn init_makes_a_private_config_and_a_database_from_the_environment() {
    let shop = nowhere();
    let values = [
        ("DVORIK_OWNER_TELEGRAM_ID", "123456789"),
        ("DVORIK_TIMEZONE", "Europe/Moscow"),
        ("DVORIK_SHOP_NAME", "Лавка «#1\"»"),
        ("DVORIK_DATABASE__PATH", "data.db"),
    ];
    let made = shop.runs_with(&["init", "--no-input", "--json"], &values);
    assert_eq!((made.code, made.err.as_str()), (0, ""));
    let made = made.json();
    assert_eq!((&made["schema"], &made["changed"]), (&"dvorik.init/1".into(), &true.into()));
    assert_eq!(made["next"].as_array().unwrap().len(), 2);
    for name in ["config.toml", "data.db"] {
        assert_eq!(fs::metadata(shop.path(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
    let config = fs::read_to_string(shop.path("config.toml")).unwrap();
    assert!(config.contains("lang = \"ru\"") && config.contains("timezone = \"Europe/Moscow\""), "{config}");
    // From here on the file speaks for itself.
    assert_eq!(shop.runs(&["stats", "--json"]).json()["timezone"], "Europe/Moscow");
    assert_eq!(shop.counts("SELECT telegram_id FROM admins WHERE role = 'owner'"), 123_456_789);

    let again = shop.runs_with(&["init", "--no-input"], &[("DVORIK_LANG", "en")]);
    assert_eq!(again.code, 5);
    assert!(again.err.contains("--force"), "{}", again.err);
    assert_eq!(fs::read_to_string(shop.path("config.toml")).unwrap(), config);
    let forced = shop.runs_with(&["init", "--no-input", "--force"], &values);
    assert_eq!(forced.code, 0, "{}", forced.err);
}

#[test]
fn init_writes_where_it_is_told_and_relative_paths_keep_their_meaning() {
    let shop = nowhere();
    fs::create_dir(shop.path("etc")).unwrap();
    let made = shop.runs_with(
        &["init", "--no-input", "--config", "etc/shop.toml", "--json"],
        &[("DVORIK_DATABASE__PATH", "data.db")],
    );
    assert_eq!(made.code, 0, "{}", made.err);
    assert!(shop.path("data.db").exists() && shop.path("etc/shop.toml").exists());
    assert_eq!(made.json()["next"][1], "dvorik --config etc/shop.toml serve");
    assert_eq!(shop.runs(&["user", "list", "--config", "etc/shop.toml"]).code, 0);
}

#[test]
fn a_failed_init_leaves_nothing_behind() {
    let shop = nowhere();
    fs::write(shop.path("notes.txt"), "a shopping list ".repeat(60)).unwrap();
    let cases = [
        [("DVORIK_DATABASE__PATH", "notes.txt"), ("DVORIK_CURRENCY", "RUB")],
        [("DVORIK_DATABASE__PATH", "data.db"), ("DVORIK_CURRENCY", "roubles")],
    ];
    for variables in cases {
        let ran = shop.runs_with(&["init", "--no-input"], &variables);
        assert_eq!((ran.code, ran.out.as_str()), (78, ""), "{variables:?}: {}", ran.err);
        let left = fs::read_dir(shop.directory.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let left: Vec<_> = left.filter(|name| name.to_string_lossy().contains("config")).collect();
        assert!(left.is_empty(), "{left:?}");
    }
    let ran = shop.runs(&["init", "--no-input", "--config", "no/such/config.toml"]);
    assert_eq!(ran.code, 78, "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn init_asks_telegram_whose_the_tokens_are() {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let telegram = BuiltinTelegram::start(any, Clock::System).await.unwrap();
    telegram.add_bot(CANARY, "dvorik_shop_bot");
    let base = telegram.base_url();
    let init = |token: &'static str, base: String| {
        tokio::task::spawn_blocking(move || {
            let shop = nowhere();
            let values = [("DVORIK_BOTS__CUSTOMER__TOKEN", token), ("DVORIK_TELEGRAM__API_BASE", &base)];
            (shop.runs_with(&["init", "--no-input", "--json"], &values), shop)
        })
    };
    let (known, shop) = init(CANARY, base.clone()).await.unwrap();
    assert_eq!((known.code, &known.json()["after"]["bots"]["customer"]), (0, &"dvorik_shop_bot".into()));
    let link = tokio::task::spawn_blocking(move || {
        shop.runs(&["campaign", "create", "Весна", "--key", "spring", "--json"]).json()["after"]["tme_link"].clone()
    });
    assert_eq!(link.await.unwrap(), "https://t.me/dvorik_shop_bot?start=ref_spring");

    let (unknown, shop) = init("7700701:canary-unknown-token", base).await.unwrap();
    assert_eq!((unknown.code, &unknown.error()["code"]), (78, &"TELEGRAM_FAILED".into()));
    assert!(!shop.path("config.toml").exists());
    telegram.stop().await;

    let (silent, shop) = init(CANARY, "http://127.0.0.1:9".to_owned()).await.unwrap();
    assert_eq!((silent.code, &silent.json()["after"]["bots"]["customer"]), (0, &Value::Null), "only a warning");
    assert!(fs::read_to_string(shop.path("config.toml")).unwrap().contains(CANARY));
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
