//! The configuration as an owner meets it: real files, an injected environment, and what is said when they are wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test's helpers fail the test")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use dvorik::config::{Config, ConfigErrors, Environment, LogFormat, Mode};
use dvorik::language::Language;
use secrecy::ExposeSecret;
use tempfile::TempDir;

/// Stands in every broken file, in the line at fault where that is possible, and must never be repeated.
const CANARY: &str = "7700700:canary-Pa55w0rd-q8Zt";
const SHORT: &str = "canary-Pa55w0rd";

fn write(directory: &Path, text: impl AsRef<[u8]>) -> std::path::PathBuf {
    let path = directory.join("config.toml");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

fn load_with(text: impl AsRef<[u8]>, variables: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    let directory = TempDir::new().unwrap();
    write(directory.path(), text);
    let env = Environment::from_pairs(variables.iter().copied()).in_directory(directory.path());
    Config::load(None, &env)
}

fn load(text: impl AsRef<[u8]>) -> Result<Config, ConfigErrors> {
    load_with(text, &[])
}

/// What is said in both languages, without the directory.
fn complaint(result: Result<Config, ConfigErrors>) -> String {
    let errors = result.expect_err("a broken configuration is refused");
    let all: String = Language::ALL.map(|language| errors.say(language)).join("\n");
    let leaked = [CANARY, SHORT, "canary", "Pa55w0rd", "7700700"].iter().any(|secret| all.contains(secret));
    assert!(!leaked, "a secret is repeated: {all}");
    assert!(!format!("{errors:?}").contains("anary"), "a secret is kept: {errors:?}");
    let text = errors.to_string();
    text.lines()
        .map(|line| line.split_once("/config.toml").map_or(line, |(_, rest)| rest))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Broken file; how the complaint begins, and a piece of its reason. `@` stands for the canary.
const BROKEN: &[(&str, &str, &str)] = &[
    // the file is not TOML
    ("token @", ":1:7 toml: ", "not TOML"),
    ("[bots.customer]\ntoken = @", ":2:9 bots.customer.token: ", "not TOML"),
    ("[bots.customer]\ntoken = \"@", ":2:", "not TOML"),
    ("[bots.customer]\ntoken = '@\n", ":2:", "not TOML"),
    ("[bots.customer]\ntoken = \"\"\"@\n", ":", "not TOML"),
    ("[bots.customer\ntoken = \"@\"", ":", "not TOML"),
    ("[bots.customer]\ntoken = \"@\" \"@\"", ":2:", "not TOML"),
    ("[bots.customer]\ntoken = \"@\\q\"", ":2:", "not TOML"),
    ("[bots.customer]\ntoken == \"@\"", ":2:", "not TOML"),
    ("[bots.customer]\ntoken = \"@\"\ntoken = \"@\"", ":3:1 bots.customer.token: ", "not TOML"),
    ("[bots.staff]\ntoken = \"@\"\n[bots.staff]\n", ":3:", "not TOML"),
    ("= \"@\"", ":1:1 toml: ", "not TOML"),
    ("[http]\ncors_origins = [\"@\"", ":2:", "not TOML"),
    ("[http]\ncors_origins = [\"@\" \"@\"]", ":2:", "not TOML"),
    ("lang = ru # @", ":1:8 lang: ", "not TOML"),
    ("# @\r\nlang = \"ru\"\r\rtimezone = 1", ":2:", "not TOML"),
    ("owner_telegram_id = 12_ # @", ":1:", "not TOML"),
    ("owner_telegram_id = 007 # @", ":1:", "not TOML"),
    ("bots = { customer = { token = \"@\" }", ":1:", "not TOML"),
    // keys and sections nobody knows
    ("shopname = \"@\"", ":1:1 shopname: ", "Did you mean \"shop_name\"?"),
    ("Timezone = \"@\"", ":1:1 Timezone: ", "Did you mean \"timezone\"?"),
    ("[telegrm]\nproxy = \"@\"", ":1:2 telegrm: ", "Did you mean \"telegram\"?"),
    ("[telegram]\n  api_bse = \"@\"", ":2:3 telegram.api_bse: ", "Did you mean \"telegram.api_base\"?"),
    ("[bots.custmer]\ntoken = \"@\"", ":1:7 bots.custmer: ", "Did you mean \"bots.customer\"?"),
    ("[bots.customer]\ntokn = \"@\"", ":2:1 bots.customer.tokn: ", "Did you mean \"bots.customer.token\"?"),
    ("[bots.customer]\nwebhook_secret_file = \"@\"", ":2:1 bots.customer.webhook_secret_file: ", "unknown key"),
    ("jwt_secret = \"@\"", ":1:1 jwt_secret: ", "Did you mean \"security.jwt_secret\"?"),
    ("\"@\" = 1", ":1:1 …: ", "unknown key"),
    ("[bots.\"@\"]\ntoken = \"@\"", ":1:7 bots.…: ", "unknown key"),
    ("[database]\npath = \"a\"\n[database.\"@\"]\nx = 1", ":3:11 database.…: ", "unknown key"),
    // the wrong type
    ("bots = \"@\"", ":1:8 bots: ", "this is a section"),
    ("[[bots]]\ntoken = \"@\"", ":1:1 bots: ", "this is a section"),
    ("[bots]\ncustomer = \"@\"", ":2:12 bots.customer: ", "this is a section"),
    ("[bots.customer]\ntoken = 7700700", ":2:9 bots.customer.token: ", "must be a string"),
    ("[bots.customer.token]\nvalue = \"@\"", ":1:1 bots.customer.token: ", "must be a string"),
    ("[bots.customer]\ntoken = [\"@\"]", ":2:9 bots.customer.token: ", "must be a string in quotes, found array"),
    ("lang = true # @", ":1:8 lang: ", "must be a string"),
    ("timezone = 2026-11-22 # @", ":1:12 timezone: ", "must be a string"),
    ("owner_telegram_id = \"@\"", ":1:21 owner_telegram_id: ", "must be a whole number"),
    ("owner_telegram_id = 1.5 # @", ":1:21 owner_telegram_id: ", "must be a whole number"),
    ("owner_telegram_id = 99999999999999999999 # @", ":1:21 owner_telegram_id: ", "too large"),
    ("[http]\ntrusted_proxies = \"@\"", ":2:19 http.trusted_proxies: ", "must be a list"),
    ("[http]\ncors_origins = [\"https://a.example\", 7]# @", ":2:16 http.cors_origins: ", "must be a list"),
    // the wrong value
    ("lang = \"@\"", ":1:8 lang: ", "must be one of: ru, en"),
    ("lang = \"RU\" # @", ":1:8 lang: ", "Did you mean \"ru\"?"),
    ("timezone = \"@\"", ":1:12 timezone: ", "unknown time zone"),
    ("timezone = \"Asia/Vladivostk\" # @", ":1:12 timezone: ", "Did you mean \"Asia/Vladivostok\"?"),
    ("timezone = \"vladivostok\" # @", ":1:12 timezone: ", "Did you mean \"Asia/Vladivostok\"?"),
    ("timezone = \"UTC+10\" # @", ":1:12 timezone: ", "unknown time zone"),
    ("shop_name = \"  \" # @", ":1:13 shop_name: ", "1 to 64"),
    ("shop_name = \"@\\u001b[31m\"", ":1:13 shop_name: ", "1 to 64"),
    ("currency = \"@\"", ":1:12 currency: ", "three capital"),
    ("currency = \"rub\" # @", ":1:12 currency: ", "three capital"),
    ("owner_telegram_id = -7700700 # @", ":1:21 owner_telegram_id: ", "positive"),
    ("[database]\npath = \"\" # @", ":2:8 database.path: ", "must not be empty"),
    ("[telegram]\napi_base = \"@\"", ":2:12 telegram.api_base: ", "https"),
    ("[telegram]\napi_base = \"http://api.telegram.org\" # @", ":2:12 telegram.api_base: ", "https"),
    ("[telegram]\napi_base = \"https://bot:canary-Pa55w0rd@a.example\"", ":2:12 telegram.api_base: ", "no user"),
    ("[telegram]\napi_base = \"ftp://a.example\" # @", ":2:12 telegram.api_base: ", "https"),
    ("[telegram]\nproxy = \"@\"", ":2:9 telegram.proxy: ", "address"),
    ("[telegram]\nproxy = \"gopher://x:canary-Pa55w0rd@p.example\"", ":2:9 telegram.proxy: ", "socks5h"),
    ("[telegram]\n    mode = \"webhok\" # @", ":2:12 telegram.mode: ", "Did you mean \"webhook\"?"),
    ("[telegram]\nmode = \"webhook\" # @", ":2:8 telegram.webhook_base: ", "needed for webhook"),
    ("[telegram]\nwebhook_base = \"http://shop.example\" # @", ":2:16 telegram.webhook_base: ", "https"),
    ("[telegram]\nwebhook_base = \"https://shop.example:9000\" # @", ":2:16 telegram.webhook_base: ", "8443"),
    ("[bots.staff]\ntoken = \"canary-Pa55w0rd\"", ":2:9 bots.staff.token: ", "does not look like"),
    ("[bots.staff]\ntoken = \"@ \"", ":2:9 bots.staff.token: ", "does not look like"),
    ("[bots.staff]\nwebhook_secret = \"@\"", ":2:18 bots.staff.webhook_secret: ", "Latin letters"),
    ("[bots.staff]\ntoken = \"@\"\ntoken_file = \"t\"", ":3:14 bots.staff.token_file: ", "set together with"),
    ("[bots.staff]\ntoken_file = \"missing\" # @", ":2:14 bots.staff.token_file: ", "no such file"),
    ("[bots.staff]\ntoken_file = \".\" # @", ":2:14 bots.staff.token_file: ", "directory"),
    (
        "[bots.customer]\ntoken=\"@\"\n[bots.staff]\ntoken=\"@\"",
        ":4:7 bots.staff.token: ",
        "same token as bots.customer",
    ),
    ("[http]\nlisten = \"@\"", ":2:10 http.listen: ", "address and a port"),
    ("[http]\nlisten = \"127.0.0.1:99999\" # @", ":2:10 http.listen: ", "address and a port"),
    ("[http]\ntrusted_proxies = [\"127.0.0.1\",\n  \"@\"]", ":3:3 http.trusted_proxies: ", "block"),
    ("[http]\ncors_origins = [\"*\"] # @", ":2:17 http.cors_origins: ", "origin"),
    ("[http]\ncors_origins = [\"https://a.example/@\"]", ":2:17 http.cors_origins: ", "origin"),
    ("[security]\njwt_secret = \"canary-Pa55w0rd\"", ":2:14 security.jwt_secret: ", "32 bytes"),
    (
        "[security]\njwt_secret = \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"",
        ":2:14 security.jwt_secret: ",
        "easy to guess",
    ),
    (
        "[security]\njwt_secret = \"abcabcabcabcabcabcabcabcabcabcabcabcabc\"",
        ":2:14 security.jwt_secret: ",
        "easy to guess",
    ),
    ("[security]\ninternal_api_key = \"1212121212121212\"", ":2:20 security.internal_api_key: ", "easy to guess"),
    ("[http]\nhosts = [\"https://shop.example\"]", ":2:10 http.hosts: ", "shop.example"),
    ("[http]\nhosts = [\"shop.example:8000\"]", ":2:10 http.hosts: ", "shop.example"),
    ("[security]\ninternal_api_key = \"canary Pa55w0rd\"", ":2:20 security.internal_api_key: ", "16 to 256"),
    ("[backup]\nkeep_daily = -1 # @", ":2:14 backup.keep_daily: ", "from 1 to 3650"),
    ("[backup]\nkeep_weekly = 521 # @", ":2:15 backup.keep_weekly: ", "from 0 to 520"),
    ("[heartbeat]\nurl = \"@\"", ":2:7 heartbeat.url: ", "address"),
    ("[heartbeat]\nurl = \"ftp://hc.example/canary-Pa55w0rd\"", ":2:7 heartbeat.url: ", "http:// or https://"),
    (
        "[heartbeat]\nurl = \"https://hc.example/canary\"\nurl_file = \"u\"",
        ":3:12 heartbeat.url_file: ",
        "set together",
    ),
    ("[heartbeat]\nevery_seconds = 59 # @", ":2:17 heartbeat.every_seconds: ", "from 60 to 86400"),
    ("[heartbeat]\nevery_seconds = 86401 # @", ":2:17 heartbeat.every_seconds: ", "from 60 to 86400"),
    ("[offsite]\nlitestream_metrics = \"@\"", ":2:22 offsite.litestream_metrics: ", "address"),
    (
        "[offsite]\nlitestream_metrics = \"unix:///run/litestream.sock\" # @",
        ":2:22 offsite.litestream_metrics: ",
        "address",
    ),
    ("[offsite]\nlitestream_metrics = \"http://u:canary@a.example\"", ":2:22 offsite.litestream_metrics: ", "no user"),
    ("[log]\nlevel = \"@\"", ":2:9 log.level: ", "must be one of"),
    ("[log]\nformat = \"jsn\" # @", ":2:10 log.format: ", "Did you mean \"json\"?"),
    ("shop_name = \"Дворик\"; @", ":1:21 ", "not TOML"),
];

#[test]
fn a_broken_file_is_refused_with_its_line_column_key_and_reason() {
    assert!(BROKEN.len() >= 60);
    let mut wrong = Vec::new();
    for (text, start, reason) in BROKEN {
        let text = text.replace("@a.", "\0").replace("@p.", "\u{1}").replace('@', CANARY);
        let text = text.replace('\0', "@a.").replace('\u{1}', "@p.");
        let said = complaint(load(&text));
        if !(said.starts_with(start) && said.contains(reason)) {
            wrong.push(format!("{text}\n→ {said}\nexpected {start} … {reason}\n"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fault_is_told_at_once() {
    let said = complaint(load("lang = \"xx\"\nnonsense = 1\n[telegram]\nmode = \"x\"\n[log]\nlevel = 7\n"));
    let starts: Vec<&str> = said.lines().filter_map(|line| line.split(": ").next()).collect();
    assert_eq!(starts, [":2:1 nonsense", ":6:9 log.level", ":1:8 lang", ":4:8 telegram.mode"]);
}

#[test]
fn bytes_that_are_no_text_are_refused_where_they_stand() {
    assert!(complaint(load(b"lang = \"ru\"\nshop_name = \"\xff\"\n")).starts_with(":2:14 toml: not UTF-8"));
    assert!(complaint(load(vec![b'#'; 2 * 1024 * 1024])).starts_with(": the file is too large"));
}

#[test]
fn no_text_makes_it_panic() {
    let example = include_str!("../config.example.toml").as_bytes();
    for cut in (0..example.len()).step_by(9) {
        drop(load(&example[..cut]));
        let mut changed = example.to_vec();
        changed[cut] = b'"';
        drop(load(&changed));
    }
}

#[test]
fn a_file_that_holds_a_secret_is_for_its_owner_alone() {
    let directory = TempDir::new().unwrap();
    let env = Environment::from_pairs([]).in_directory(directory.path());
    let open = |text: &str| {
        let path = write(directory.path(), text);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        Config::load(None, &env)
    };
    let said = complaint(open(&format!("[bots.customer]\ntoken = \"{CANARY}\"\n")));
    assert!(
        said.contains("0640")
            && open("[bots.customer]\ntoken = \"1:a\"").unwrap_err().to_string().contains("chmod 600 /")
    );
    assert!(open("[telegram]\nproxy = \"socks5://me:canary@p.example:1080\"").is_err());
    assert!(open("[heartbeat]\nurl = \"https://hc.example/canary\"").is_err());
    assert!(open("[heartbeat]\nurl = \"\"\nurl_file = \"\"").is_ok());
    assert!(open("[bots.customer]\ntoken = \"\"\ntimezone = 1").is_err());
    assert!(open("[bots.customer]\ntoken = \"\"\n").is_ok());
    assert!(open("timezone = \"Europe/Moscow\"\n[telegram]\nproxy = \"http://p.example\"").is_ok());
}

#[test]
fn the_example_holds_every_key_at_its_default() {
    let example = include_str!("../config.example.toml");
    let loaded = load(example).unwrap();
    assert_eq!(loaded.lang, Some(Language::Ru));
    let defaults = load("lang = \"ru\"").unwrap();
    let plain = |config: &Config| {
        let directory = config.path.as_deref().and_then(Path::parent).unwrap().display().to_string();
        format!("{config:?}").replace(&directory, "")
    };
    assert_eq!(plain(&loaded), plain(&defaults));
    let table: toml::Table = example.parse().unwrap();
    for key in Config::keys() {
        let mut parts = key.split('.');
        let first = table.get(parts.next().unwrap());
        assert!(parts.fold(first, |value, part| value?.get(part)).is_some(), "{key} is not in config.example.toml");
    }
}

#[test]
fn every_key_is_read() {
    for key in Config::keys() {
        let variable = Config::variable(key);
        // A value no key accepts, except free text.
        let result = load_with("", &[(variable.as_str(), "\u{0}")]);
        let refused = result.is_err_and(|errors| errors.to_string().contains(key));
        assert!(refused, "{variable} changes nothing");
    }
}

#[test]
fn the_environment_overrides_the_file() {
    let text = "lang = \"ru\"\ntimezone = \"Asia/Tokyo\"\n[bots.customer]\ntoken = \"1:file\"\n[http]\nlisten = \"127.0.0.1:1\"\n";
    let config = load_with(
        text,
        &[
            ("DVORIK_LANG", "en"),
            ("DVORIK_TIMEZONE", "Europe/Moscow"),
            ("DVORIK_OWNER_TELEGRAM_ID", "42"),
            ("DVORIK_BOTS__CUSTOMER__TOKEN", "2:env"),
            ("DVORIK_TELEGRAM__API_BASE", "http://127.0.0.1:8081/"),
            ("DVORIK_HTTP__TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8"),
            ("DVORIK_BACKUP__KEEP_DAILY", "3"),
            ("DVORIK_LOG__FORMAT", "json"),
            ("DVORIK_CONFIG", ""),
            ("DVORIK_TEST_ANYTHING", "1"),
            ("DVORIK_BIN", "target/debug/dvorik"),
        ],
    )
    .unwrap();
    assert_eq!(config.lang, Some(Language::En));
    assert_eq!(config.timezone.name(), "Europe/Moscow");
    assert_eq!(config.owner_telegram_id, Some(42));
    assert_eq!(config.bots.customer.token.as_ref().unwrap().expose_secret(), "2:env");
    assert_eq!(config.telegram.api_base, "http://127.0.0.1:8081");
    assert_eq!(config.http.trusted_proxies.len(), 2);
    assert_eq!(config.http.listen.port(), 1);
    assert_eq!((config.backup.keep_daily.get(), config.log.format), (3, LogFormat::Json));
}

#[test]
fn a_variable_that_is_no_key_is_refused_by_name() {
    let said = |name: &str, value: &str| complaint(load_with("", &[(name, value)]));
    assert_eq!(
        said("DVORIK_TELEGRAM__API_BSE", CANARY),
        "DVORIK_TELEGRAM__API_BSE: unknown variable. Did you mean \"DVORIK_TELEGRAM__API_BASE\"?"
    );
    assert!(said("DVORIK_DATABASE_PATH", CANARY).contains("Did you mean \"DVORIK_DATABASE__PATH\"?"));
    assert!(said("DVORIK_TIMEZON", CANARY).contains("Did you mean \"DVORIK_TIMEZONE\"?"));
    assert!(said("DVORIK_QUITE__OTHER", CANARY).contains("unknown variable"));
    assert!(said("DVORIK_BACKUP__KEEP_DAILY", CANARY).starts_with("DVORIK_BACKUP__KEEP_DAILY backup.keep_daily: "));
    assert!(said("DVORIK_BOTS__STAFF__TOKEN", SHORT).starts_with("DVORIK_BOTS__STAFF__TOKEN bots.staff.token: "));
}

#[test]
fn a_secret_comes_from_the_nearest_source_that_names_it() {
    let directory = TempDir::new().unwrap();
    let at = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let token = |variables: &[(&str, &str)], text: &str| {
        write(directory.path(), text);
        let env = Environment::from_pairs(variables.iter().copied()).in_directory(directory.path());
        let token = Config::load(None, &env).map(|config| config.bots.customer.token);
        token.map(|token| token.map(|token| token.expose_secret().to_owned()).unwrap_or_default())
    };
    let by_env = at("by_env", "3:file-of-env\n");
    at("by_config", "4:file-of-config\r\n");
    at("credentials/bots.customer.token", "5:credential\n");
    let credentials = directory.path().join("credentials").display().to_string();
    let value = "[bots.customer]\ntoken = \"6:config\"\n";
    let file = "[bots.customer]\ntoken_file = \"by_config\"\n";
    let (env_value, env_file) = ("DVORIK_BOTS__CUSTOMER__TOKEN", "DVORIK_BOTS__CUSTOMER__TOKEN_FILE");
    assert_eq!(token(&[], value).unwrap(), "6:config");
    assert_eq!(token(&[], file).unwrap(), "4:file-of-config");
    assert_eq!(token(&[("CREDENTIALS_DIRECTORY", &credentials)], value).unwrap(), "5:credential");
    assert_eq!(token(&[("CREDENTIALS_DIRECTORY", &credentials), (env_file, &by_env)], value).unwrap(), "3:file-of-env");
    assert_eq!(token(&[(env_value, "2:env")], file).unwrap(), "2:env");
    assert_eq!(token(&[(env_value, "")], value).unwrap(), "");
    assert!(token(&[(env_value, "2:env"), (env_file, &by_env)], "").unwrap_err().to_string().contains("set together"));
    at("credentials/bots.customer.token", "two\nlines\n");
    assert!(token(&[("CREDENTIALS_DIRECTORY", &credentials)], "").is_err());
}

#[test]
fn paths_start_from_the_file_that_says_them() {
    let directory = TempDir::new().unwrap();
    let home = directory.path().join("home");
    fs::create_dir(&home).unwrap();
    let path = write(&home, "[database]\npath = \"shop.db\"\n[backup]\ndir = \"/var/backups/shop\"\n");
    let env = Environment::from_pairs([("DVORIK_DATABASE__PATH", "here.db")]).in_directory(directory.path());
    let load = |env: &Environment| Config::load(Some(&path), env).unwrap();
    assert_eq!(load(&env).database.path, directory.path().join("here.db"));
    let config = load(&Environment::from_pairs([]));
    assert_eq!((config.database.path, config.backup.dir), (home.join("shop.db"), "/var/backups/shop".into()));
    let config = Config::load(None, &Environment::from_pairs([]).in_directory(directory.path())).unwrap();
    assert_eq!((config.path, config.database.path), (None, directory.path().join("dvorik.db")));
}

#[test]
fn the_file_is_found_in_order_and_a_named_one_must_be_there() {
    let directory = TempDir::new().unwrap();
    let at = |place: &str, name: &str| {
        let folder = directory.path().join(place);
        fs::create_dir_all(&folder).unwrap();
        write(&folder, format!("shop_name = \"{name}\""))
    };
    let etc = directory.path().join("etc");
    at("etc/dvorik", "system");
    let home = directory.path().join("home").display().to_string();
    let shop = |env: &Environment| Config::load(None, env).unwrap().shop_name;
    let env =
        Environment::from_pairs([("HOME", home.as_str())]).in_directory(&directory.path().join("cwd")).with_etc(&etc);
    assert_eq!(shop(&env), "system");
    at("home/.config/dvorik", "user");
    assert_eq!(shop(&env), "user");
    at("cwd", "here");
    assert_eq!(shop(&env), "here");
    let named = at("named", "named");
    let variable = named.display().to_string();
    assert_eq!(shop(&Environment::from_pairs([("DVORIK_CONFIG", variable.as_str())])), "named");
    assert_eq!(Config::load(Some(&named), &env).unwrap().shop_name, "named");
    let missing = directory.path().join("missing.toml");
    assert!(complaint(Config::load(Some(&missing), &env)).contains("missing.toml: no such file"));
    assert!(complaint(Config::load(Some(directory.path()), &env)).contains("directory"));
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_accepted() {
    let config = load("\u{feff}lang = \"en\"\r\n[telegram]\r\nmode = \"polling\"\r\n").unwrap();
    assert_eq!((config.lang, config.telegram.mode), (Some(Language::En), Mode::Polling));
    assert!(complaint(load("\u{feff}lang = 1\r\n")).starts_with(":1:8 lang: "));
}

#[test]
fn webhooks_need_an_address_and_a_secret_for_every_bot() {
    let text =
        "[telegram]\nmode = \"webhook\"\nwebhook_base = \"https://shop.example/\"\n[bots.staff]\ntoken = \"1:a\"\n";
    assert!(complaint(load(text)).starts_with(":2:8 bots.staff.webhook_secret: needed"));
    let config = load(format!("{text}webhook_secret = \"fake-secret\"\n")).unwrap();
    assert_eq!(config.telegram.webhook_base.as_deref(), Some("https://shop.example"));
    assert_eq!(config.webhook_gaps(), []);
    assert_eq!(load("").unwrap().webhook_gaps().len(), 1);
}

#[test]
fn a_loaded_config_shows_no_secret() {
    let text = format!(
        "[bots.customer]\ntoken = \"{CANARY}\"\nwebhook_secret = \"{SHORT}\"\n\
         [heartbeat]\nurl = \"http://10.0.0.7:3001/api/push/{SHORT}\"\n[offsite]\nlitestream_metrics = \"http://127.0.0.1:9090\"\n"
    );
    let config = load(text).unwrap();
    assert!(!format!("{config:?}").contains("anary"));
    assert!(config.heartbeat.get().url.unwrap().expose_secret().ends_with(SHORT));
    let metrics = config.offsite.litestream_metrics.get();
    assert_eq!(metrics.as_deref(), Some("http://127.0.0.1:9090/metrics"));
}
