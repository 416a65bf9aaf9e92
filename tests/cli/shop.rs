//! A directory with a configuration and a database, and runs of the binary in it. Whatever any run prints, the token in
//! its configuration is not in it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use dvorik::campaign;
use dvorik::clock::Clock;
use dvorik::config::{Config, Environment};
use dvorik::db::Database;
use dvorik::ids::TelegramId;
use dvorik::realm::{BotName, Realm};
use dvorik::user::Person;
use dvorik::{daemon, order, staff, user};
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{ends_in_time, forgets_machine};

pub use crate::harness::Ran;

/// A token nobody may ever read on a terminal.
pub const CANARY: &str = "7700700:canary-customer-token";

/// A directory with a configuration and, once migrated, a database.
pub struct Shop {
    pub directory: TempDir,
}

impl Shop {
    /// A configuration with two tokens; no database yet.
    pub fn bare() -> Self {
        let shop = Self { directory: tempfile::tempdir().unwrap() };
        shop.configures(&format!("lang = \"ru\"\n[bots.customer]\ntoken = \"{CANARY}\"\n"));
        shop
    }

    /// The same with a database, two customers and a request for the counter.
    pub fn open() -> Self {
        let shop = Self::bare();
        assert_eq!(shop.runs(&["migrate"]).code, 0);
        let (masha, anna) = (person(42, "Маша", Some("masha_k")), person(43, "Анна <b>", None));
        let keeper = person(77, "Пётр", None);
        let arrive = move |tx: &dvorik::db::Tx<'_>| {
            campaign::arrive(tx, Realm::Real, &masha, None)?;
            campaign::arrive(tx, Realm::Real, &anna, Some("ref_leaflet"))?;
            campaign::arrive(tx, Realm::Test, &person(44, "Проба", None), None)?;
            staff::ask(tx, Realm::Real, &keeper).map(drop)
        };
        shop.database().write(arrive).unwrap();
        shop
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn configures(&self, text: &str) {
        fs::write(self.path("config.toml"), text).unwrap();
        fs::set_permissions(self.path("config.toml"), fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub fn config(&self) -> Config {
        let nothing: [(&str, &str); 0] = [];
        let environment = Environment::from_pairs(nothing).in_directory(self.directory.path());
        Config::load(None, &environment).unwrap()
    }

    pub fn database(&self) -> Database {
        daemon::open(&self.config(), Clock::System).unwrap()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dvorik"));
        command.args(args).current_dir(self.directory.path()).stdin(Stdio::null());
        forgets_machine(&mut command);
        // Any free port: many daemons serve at once.
        command.env("DVORIK_HTTP__LISTEN", "127.0.0.1:0");
        command
    }

    pub fn runs(&self, args: &[&str]) -> Ran {
        self.runs_with(args, &[])
    }

    pub fn runs_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Ran {
        let output = ends_in_time(self.command(args).envs(variables.iter().copied()));
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let ran = Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) };
        assert!(!ran.out.contains("canary") && !ran.err.contains("canary"), "{args:?} repeats a token");
        assert!(!ran.err.contains("panicked"), "{args:?}: {}", ran.err);
        ran
    }

    /// A code issued to Маша.
    pub fn code(&self, template: &str) -> String {
        let ran = self.runs(&["discount", "issue", "@masha_k", "--template", template, "-q"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.out.trim().to_owned()
    }

    /// Маша orders by telephone.
    pub fn orders(&self) {
        let place = |tx: &dvorik::db::Tx<'_>| order::place(tx, &user::get_by_ref(tx, Realm::Real, "1")?).map(drop);
        self.database().write(place).unwrap();
    }

    /// The bots' names, as Telegram would have told them.
    pub fn knows_its_bots(&self) {
        let remember = |tx: &dvorik::db::Tx<'_>| {
            dvorik::shop::remember_bot(tx, BotName::Customer, "dvorik_shop_bot")?;
            dvorik::shop::remember_bot(tx, BotName::Staff, "dvorik_staff_bot")
        };
        self.database().write::<_, dvorik::error::Error, _>(remember).unwrap();
    }

    /// A change as JSON: succeeded, with this schema.
    pub fn changes(&self, line: &str, schema: &str) -> Value {
        let ran = self.runs(&[words(line), vec!["--json"]].concat());
        assert_eq!(ran.code, 0, "{line}: {}", ran.err);
        let json = ran.json();
        assert_eq!(json["schema"], schema, "{line}");
        json
    }

    pub fn counts(&self, sql: &'static str) -> i64 {
        self.database().read::<_, dvorik::db::Failure, _>(|view| view.get(sql, [], |row| row.get(0))).unwrap()
    }
}

pub fn person(id: i64, first_name: &str, username: Option<&str>) -> Person {
    let (username, first_name) = (username.map(str::to_owned), Some(first_name.to_owned()));
    Person { id: TelegramId(id), username, first_name, last_name: None }
}

pub fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// An empty directory to begin in.
pub fn nowhere() -> Shop {
    Shop { directory: tempfile::tempdir().unwrap() }
}

/// The last day of the year after the next one, by the suite's clock.
pub fn in_two_years() -> String {
    let this_year: i32 = Clock::System.now().to_string()[..4].parse().unwrap();
    format!("{}-12-31", this_year + 2)
}

/// The words of a line.
pub fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}
