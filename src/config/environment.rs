//! The process environment as a value, read once and passed on: variables, the current directory, the person at the
//! shell. Only this file asks the system for them; tests construct an [`Environment`] of their own.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::language::Language;

/// What the program may know of its environment: variables, the current directory, the person at the shell.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, OsString>,
    directory: PathBuf,
    etc: Option<PathBuf>,
}

impl Environment {
    /// The environment of this process.
    #[must_use]
    pub fn read() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
        let all = std::env::vars_os();
        let variables = all.filter_map(|(name, value)| Some((name.into_string().ok()?, value))).collect();
        Self { variables, directory: PathBuf::new(), etc: Some(PathBuf::from("/etc")) }
    }

    /// The variables that the dynamic loader and a faked clock read, and where a test records statements. A child process
    /// that gets no other variable still needs these, to load the same libraries and see the same time.
    #[must_use]
    pub fn of_the_loader() -> Vec<(OsString, OsString)> {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
        let all = std::env::vars_os();
        let is_kept = |name: &OsString| {
            ["LD_", "FAKETIME", "DVORIK_TEST_STATEMENTS"]
                .iter()
                .any(|start| name.as_encoded_bytes().starts_with(start.as_bytes()))
        };
        all.filter(|(name, _)| is_kept(name)).collect()
    }

    /// The environment that a demo may know: where its files are, whether there is a screen, how its terminal is, and the
    /// locale. No other variable of the caller reaches it.
    #[must_use]
    pub fn for_a_demo(mut self) -> Self {
        let kept =
            ["TMPDIR", "DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION", "NO_COLOR", "TERM", "COLUMNS", "LANG", "LC_ALL"];
        let kept = [&kept[..], &["LC_MESSAGES", "DVORIK_TEST_TERMINAL", "DVORIK_TEST_STATEMENTS"]].concat();
        self.variables.retain(|name, _| kept.contains(&name.as_str()));
        self.etc = None;
        self
    }

    /// An environment of exactly these variables, with no system-wide configuration.
    #[must_use]
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let variables = pairs.into_iter().map(|(name, value)| (name.to_owned(), OsString::from(value))).collect();
        Self { variables, ..Self::default() }
    }

    /// The same environment with another current directory.
    #[must_use]
    pub fn in_directory(mut self, directory: &Path) -> Self {
        self.directory = directory.to_owned();
        self
    }

    /// The same environment with one more variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), OsString::from(value));
        self
    }

    /// Whether the variable `name` is set and not empty.
    #[must_use]
    pub fn names(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// The directory in which the statements of use-cases are recorded for `tests/plans.rs`.
    #[cfg(debug_assertions)]
    #[must_use]
    pub fn statements(&self) -> Option<PathBuf> {
        self.path("DVORIK_TEST_STATEMENTS")
    }

    /// The same environment with another directory in the place of `/etc`.
    #[must_use]
    pub fn with_etc(mut self, etc: &Path) -> Self {
        self.etc = Some(etc.to_owned());
        self
    }

    /// The language in which to answer: that of `flag` (`--lang`), else of `DVORIK_LANG`, else of `config`; else
    /// Russian if the locale is Russian, and English otherwise.
    #[must_use]
    pub fn language(&self, flag: Option<Language>, config: Option<Language>) -> Language {
        let asked = flag.or_else(|| self.text("DVORIK_LANG").and_then(Language::parse)).or(config);
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| self.text(name)).unwrap_or_default();
        let is_russian = locale.split(['_', '.', '@']).next() == Some("ru");
        asked.unwrap_or(if is_russian { Language::Ru } else { Language::En })
    }

    /// Whether colour is switched off: `NO_COLOR` is set to anything, or the terminal is `dumb`.
    #[must_use]
    pub fn no_color(&self) -> bool {
        self.text("NO_COLOR").is_some() || self.text("TERM") == Some("dumb")
    }

    /// The terminal's width in columns, from `COLUMNS`; `None`: not set, or not a positive number.
    #[must_use]
    pub fn columns(&self) -> Option<u16> {
        self.text("COLUMNS")?.parse().ok().filter(|columns| *columns > 0)
    }

    /// The name of the person at the shell, for the audit actor `cli:<user>`: under sudo the person who called it, else
    /// the account of the process, else `uid<number>`. `$USER` is ignored: anyone may set it.
    #[must_use]
    pub fn user(&self) -> String {
        let uid = rustix::process::getuid().as_raw();
        let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        user_name(uid, self.text("SUDO_USER"), &accounts)
    }

    /// The editor of the person at the terminal: `$VISUAL`, `$EDITOR`, else `vi`.
    #[must_use]
    pub fn editor(&self) -> String {
        self.text("VISUAL").or_else(|| self.text("EDITOR")).unwrap_or("vi").to_owned()
    }

    /// The name of this machine's time zone, from `$TZ`, `/etc/timezone` or `/etc/localtime`; `None` when none of them
    /// names one.
    #[must_use]
    pub fn host_zone(&self) -> Option<String> {
        let of_file = || {
            let text = std::fs::read_to_string(self.etc.as_ref()?.join("timezone")).ok()?;
            Some(text.trim().to_owned()).filter(|name| !name.is_empty())
        };
        let of_link = || {
            let link = std::fs::read_link(self.etc.as_ref()?.join("localtime")).ok()?;
            link.to_str()?.split_once("zoneinfo/").map(|(_, name)| name.to_owned())
        };
        self.text("TZ").map(|name| name.trim_start_matches(':').to_owned()).or_else(of_file).or_else(of_link)
    }

    /// The program Litestream: the one that `$LITESTREAM` names, else `litestream` on the `PATH`.
    #[must_use]
    pub fn litestream(&self) -> PathBuf {
        self.path("LITESTREAM").unwrap_or_else(|| PathBuf::from("litestream"))
    }

    /// The path of the config file that `$DVORIK_CONFIG` names; `None`: not set.
    #[must_use]
    pub fn config_file(&self) -> Option<PathBuf> {
        self.path("DVORIK_CONFIG").map(|path| self.directory.join(path))
    }

    /// The paths at which a config is looked for when none is named, best first.
    pub(super) fn config_candidates(&self) -> Vec<PathBuf> {
        let home = || self.path("HOME").map(|home| home.join(".config"));
        let user = self.path("XDG_CONFIG_HOME").filter(|path| path.is_absolute()).or_else(home);
        let shared = user.into_iter().chain(self.etc.clone()).map(|path| path.join("dvorik").join("config.toml"));
        std::iter::once(self.directory.join("config.toml")).chain(shared).collect()
    }

    /// The file that systemd's `LoadCredential=` made for `key`, if there is one.
    pub(super) fn credential(&self, key: &str) -> Option<PathBuf> {
        self.path("CREDENTIALS_DIRECTORY").map(|directory| directory.join(key)).filter(|path| path.exists())
    }

    /// The current directory; an empty path stands for that of the process.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The name and value of every variable of this program (`DVORIK_…`); the value is `None` where it is not UTF-8.
    pub(super) fn own(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let all = self.variables.iter().filter(|(name, _)| name.starts_with("DVORIK_"));
        all.map(|(name, value)| (name.as_str(), value.to_str()))
    }

    fn raw(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(name).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.raw(name).and_then(OsStr::to_str)
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        self.raw(name).map(PathBuf::from)
    }
}

/// The name of the person at the shell: for root the name in `$SUDO_USER`, else the account `uid`, else `uid<number>`.
/// `$SUDO_USER` of other users is ignored, because every user can set it.
fn user_name(uid: u32, sudo: Option<&str>, accounts: &str) -> String {
    let by_sudo = sudo.filter(|name| uid == 0 && is_account_name(name)).map(str::to_owned);
    by_sudo.or_else(|| account_of(uid, accounts)).unwrap_or_else(|| format!("uid{uid}"))
}

fn account_of(uid: u32, accounts: &str) -> Option<String> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| is_account_name(name))?;
        (fields.nth(1)?.parse::<u32>().ok()? == uid).then(|| name.to_owned())
    })
}

fn is_account_name(name: &str) -> bool {
    (1..=32).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-$".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_asked_in_order() {
        let env = Environment::from_pairs([("DVORIK_LANG", "en"), ("LANG", "ru_RU.UTF-8")]);
        assert_eq!(env.language(Some(Language::Ru), None), Language::Ru);
        assert_eq!(env.language(None, Some(Language::Ru)), Language::En);
        let env = Environment::from_pairs([("LANG", "ru_RU.UTF-8")]);
        assert_eq!(env.language(None, Some(Language::En)), Language::En);
        assert_eq!(env.language(None, None), Language::Ru);
        let env = Environment::from_pairs([("LC_ALL", "C.UTF-8"), ("LANG", "ru_RU.UTF-8")]);
        assert_eq!(env.language(None, None), Language::En);
        assert_eq!(Environment::from_pairs([("LANG", "run")]).language(None, None), Language::En);
    }

    #[test]
    fn sudo_is_believed_only_from_root() {
        let accounts = "root:x:0:0::/root:/bin/sh\nmasha:x:1000:1000:Маша:/home/masha:/bin/sh\n";
        assert_eq!(user_name(1000, Some("root"), accounts), "masha");
        assert_eq!(user_name(0, Some("masha"), accounts), "masha");
        assert_eq!(user_name(0, Some("a b\n"), accounts), "root");
        assert_eq!(user_name(7, None, accounts), "uid7");
    }

    #[test]
    fn the_zone_of_the_machine_is_found_in_three_places() {
        let etc = tempfile::tempdir().unwrap();
        let env = Environment::default().with_etc(etc.path());
        assert_eq!(env.host_zone(), None);
        std::os::unix::fs::symlink("/usr/share/zoneinfo/Asia/Tokyo", etc.path().join("localtime")).unwrap();
        assert_eq!(env.host_zone().as_deref(), Some("Asia/Tokyo"));
        std::fs::write(etc.path().join("timezone"), "Europe/Moscow\n").unwrap();
        assert_eq!(env.host_zone().as_deref(), Some("Europe/Moscow"));
        assert_eq!(env.with("TZ", ":Asia/Omsk").host_zone().as_deref(), Some("Asia/Omsk"));
    }

    #[test]
    fn an_empty_variable_is_no_variable() {
        let env = Environment::from_pairs([("NO_COLOR", ""), ("DVORIK_CONFIG", ""), ("COLUMNS", "0")]);
        assert!(!env.no_color());
        assert_eq!((env.config_file(), env.columns()), (None, None));
    }

    #[test]
    fn a_config_is_looked_for_here_then_at_home_then_in_etc() {
        let env = Environment::from_pairs([("HOME", "/home/masha")]).with_etc(Path::new("/etc"));
        let found = env.config_candidates();
        let expected = ["config.toml", "/home/masha/.config/dvorik/config.toml", "/etc/dvorik/config.toml"];
        assert_eq!(found, expected.map(PathBuf::from));
        let env = Environment::from_pairs([("HOME", "/home/masha"), ("XDG_CONFIG_HOME", "/xdg")]);
        assert_eq!(env.config_candidates().last(), Some(&PathBuf::from("/xdg/dvorik/config.toml")));
    }
}
