//! `init --systemd`: makes the shop a service of this machine. The program's own files go to `/etc/dvorik` and
//! `/var/lib/dvorik`, which belong to the user `dvorik`; the unit is the one that a package installed, else the one
//! built in.

use std::fs::{self, DirBuilder, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::fs::{Mode, OFlags};

use crate::cause;
use crate::cli::output::{ExitCode, FailureReport};
use crate::cli::refuse::Wrong;
use crate::cli::session::Session;
use crate::language::Language;

const CONFIGS: &str = "/etc/dvorik";
const STATE: &str = "/var/lib/dvorik";
const UNITS: &str = "/etc/systemd/system";
/// Where systemd looks for units, except [`UNITS`].
const OTHER_UNITS: [&str; 4] =
    ["/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];
/// Where systemd looks for a program that a unit names without a directory.
const PROGRAMS: [&str; 4] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"];
/// Directories that the unit hides from the service (`ProtectHome=`, `PrivateTmp=`).
const HIDDEN: [&str; 5] = ["/root", "/home", "/run/user", "/tmp", "/var/tmp"];
const UNIT: &str = include_str!("../../../contrib/systemd/dvorik.service");
const TEMPLATE_UNIT: &str = include_str!("../../../contrib/systemd/dvorik@.service");
const ACCOUNTS: &str = include_str!("../../../contrib/systemd/sysusers.d/dvorik.conf");
const FIRST_PORT: u16 = 8000;
const USER: &str = "dvorik";

/// A service of this machine, named after its shop.
pub(super) struct Service {
    /// The shop's name among several on one machine; `None`: the machine's only shop.
    name: Option<String>,
}

impl Service {
    /// The service called `name`.
    ///
    /// # Errors
    /// Exit code 2 for a name that a unit cannot have; 1 unless the process is root's and systemd runs, and when the
    /// service could not start this program.
    pub(super) fn named(session: &Session<'_>, name: Option<&str>) -> Result<Self, Wrong> {
        if let Some(name) = name.filter(|name| !is_shop_name(name)) {
            let message = session.text("init.service.name", &[("name", &name)]);
            return Err(FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, message).into());
        }
        if !rustix::process::geteuid().is_root() {
            return Err(refused(session, "init.service.not_root", "init.service.not_root_hint"));
        }
        if !is_running() {
            return Err(refused(session, "init.service.no_systemd", "init.service.no_systemd_hint"));
        }
        if HIDDEN.iter().any(|hidden| program().starts_with(hidden)) {
            return Err(refused(session, "init.service.hidden", "init.service.hidden_hint"));
        }
        Ok(Self { name: name.map(str::to_owned) })
    }

    /// The unit's name without `.service`.
    pub(super) fn unit(&self) -> String {
        self.name.as_ref().map_or_else(|| USER.to_owned(), |name| format!("{USER}@{name}"))
    }

    /// The config file's path.
    pub(super) fn config(&self) -> PathBuf {
        Path::new(CONFIGS).join(format!("{}.toml", self.name.as_deref().unwrap_or("config")))
    }

    fn state(&self) -> PathBuf {
        self.name.as_ref().map_or_else(|| PathBuf::from(STATE), |name| Path::new(STATE).join(name))
    }

    /// The database's path.
    pub(super) fn database(&self) -> PathBuf {
        self.state().join("dvorik.db")
    }

    /// The config keys that a service needs, with their values.
    pub(super) fn values(&self) -> [(&'static str, String); 4] {
        let others = fs::read_dir(CONFIGS).into_iter().flatten().flatten().map(|entry| entry.path());
        let others = others.filter(|path| path.extension().is_some_and(|end| end == "toml") && *path != self.config());
        let texts: Vec<String> = others.filter_map(|path| fs::read_to_string(path).ok()).collect();
        let state = self.state();
        [
            ("database.path", self.database().display().to_string()),
            ("backup.dir", state.join("backups").display().to_string()),
            ("http.listen", format!("127.0.0.1:{}", free_port(&texts))),
            ("log.format", "journald".to_owned()),
        ]
    }

    /// Makes the user, the directories and the unit, where they are missing.
    ///
    /// # Errors
    /// Exit code 1 with the reason.
    pub(super) fn prepare(&self, session: &Session<'_>) -> Result<(), Wrong> {
        let owner = account(session)?;
        let failed = |path: &Path, error: &std::io::Error| unusable(session, path, error);
        for (path, mode) in [(PathBuf::from(CONFIGS), 0o750), (PathBuf::from(STATE), 0o700), (self.state(), 0o700)] {
            directory(&path, mode, owner).map_err(|error| failed(&path, &error))?;
        }
        let (file, text) = match self.name {
            None => ("dvorik.service", UNIT),
            Some(_) => ("dvorik@.service", TEMPLATE_UNIT),
        };
        let is_installed =
            std::iter::once(UNITS).chain(OTHER_UNITS).any(|directory| Path::new(directory).join(file).exists());
        if !is_installed {
            let path = Path::new(UNITS).join(file);
            // Written beside and renamed: a unit that was cut off would be taken for an installed one.
            let write = || {
                let draft = path.with_extension("new");
                fs::write(&draft, unit_for(text, &program()))?;
                fs::set_permissions(&draft, Permissions::from_mode(0o644))?;
                fs::rename(&draft, &path)
            };
            write().map_err(|error| failed(&path, &error))?;
            systemctl(session, &["daemon-reload"])?;
        }
        Ok(())
    }

    /// Starts the service, now and at every boot.
    ///
    /// # Errors
    /// Exit code 1 with what systemd said.
    pub(super) fn start(&self, session: &Session<'_>) -> Result<(), Wrong> {
        systemctl(session, &["enable", "--now", &self.unit()])
    }
}

/// Whether `init` may offer to make a service: the process is root's, and systemd runs.
pub(super) fn is_possible() -> bool {
    rustix::process::geteuid().is_root() && is_running() && !HIDDEN.iter().any(|hidden| program().starts_with(hidden))
}

fn is_running() -> bool {
    Path::new("/run/systemd/system").is_dir()
}

fn program() -> PathBuf {
    std::env::current_exe().unwrap_or_default()
}

fn is_shop_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=32).contains(&name.len()) && name.bytes().all(is_plain) && !name.starts_with('-') && name != "config"
}

/// The first port from 8000 on which no shop of these configurations listens.
fn free_port(configs: &[String]) -> u16 {
    let port = |text: &String| {
        let table: toml::Table = text.parse().ok()?;
        let listen = table.get("http").and_then(|http| http.get("listen")).and_then(toml::Value::as_str);
        listen.map_or(Some(FIRST_PORT), |listen| listen.rsplit_once(':')?.1.parse().ok())
    };
    let taken: Vec<u16> = configs.iter().filter_map(port).collect();
    (FIRST_PORT..=u16::MAX).find(|port| !taken.contains(port)).unwrap_or(FIRST_PORT)
}

/// The unit with the program's whole path, if systemd would not find the program by its name.
fn unit_for(unit: &str, program: &Path) -> String {
    let is_found = PROGRAMS.iter().any(|directory| program == Path::new(directory).join(USER));
    let whole = format!("ExecStart={} ", program.display());
    if is_found { unit.to_owned() } else { unit.replace("ExecStart=dvorik ", &whole) }
}

/// The numbers of the user and the group `dvorik`, which are made if they are missing.
fn account(session: &Session<'_>) -> Result<(u32, u32), Wrong> {
    if let Some(found) = find_account() {
        return Ok(found);
    }
    let lang = session.out.voice().lang;
    let by_sysusers = piped(lang, "systemd-sysusers", &["-"], ACCOUNTS);
    if find_account().is_none() {
        let arguments = ["--system", "--user-group", "--home-dir", STATE, "--no-create-home", "--shell"];
        let _by_useradd = piped(lang, "useradd", &[&arguments[..], &["/usr/sbin/nologin", USER]].concat(), "");
    }
    find_account().ok_or_else(|| {
        let why = by_sysusers.err().unwrap_or_default();
        let message = session.text("init.service.no_user", &[("why", &why)]);
        let hint = session.text("init.service.no_user_hint", &[]);
        FailureReport::new("SERVICE_UNAVAILABLE", ExitCode::Failure, message).with_hint(hint).into()
    })
}

fn find_account() -> Option<(u32, u32)> {
    account_in(&fs::read_to_string("/etc/passwd").ok()?)
}

fn account_in(accounts: &str) -> Option<(u32, u32)> {
    let line = accounts.lines().find_map(|line| line.strip_prefix("dvorik:"))?;
    let mut fields = line.split(':').skip(1);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// Makes a directory that belongs to this user and group. Follows no link: the service may write into some of the
/// parents.
fn directory(path: &Path, mode: u32, (user, group): (u32, u32)) -> std::io::Result<()> {
    let is_new = match path.symlink_metadata() {
        Ok(found) if !found.is_dir() => return Err(ErrorKind::NotADirectory.into()),
        Ok(found) if (found.uid(), found.gid()) == (user, group) => return Ok(()),
        Ok(_) => false,
        Err(error) if error.kind() == ErrorKind::NotFound => true,
        Err(error) => return Err(error),
    };
    if is_new {
        DirBuilder::new().mode(mode).create(path)?;
    }
    let opened = rustix::fs::open(path, OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY, Mode::empty())?;
    let opened = fs::File::from(opened);
    if is_new {
        opened.set_permissions(Permissions::from_mode(mode))?;
    }
    fchown(&opened, Some(user), Some(group))
}

/// Runs a program of the system with `input` on its standard input. The error is what the program wrote to stderr, or in
/// `lang` why it does not start.
fn piped(lang: Language, program: &str, arguments: &[&str], input: &str) -> Result<(), String> {
    let run = || {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        // A program that does not read its input ends with an exit code that says more than a broken pipe.
        let _ = child.stdin.take().map(|mut stdin| stdin.write_all(input.as_bytes()));
        child.wait_with_output()
    };
    match run() {
        Ok(done) if done.status.success() => Ok(()),
        Ok(done) => Err(String::from_utf8_lossy(&done.stderr).trim().to_owned()),
        Err(error) => Err(format!("{program}: {}", cause::said(&error, lang))),
    }
}

fn systemctl(session: &Session<'_>, arguments: &[&str]) -> Result<(), Wrong> {
    piped(session.out.voice().lang, "systemctl", arguments, "").map_err(|why| {
        let command = format!("systemctl {}", arguments.join(" "));
        let message = session.text("init.service.systemctl", &[("command", &command), ("why", &why)]);
        let unit = arguments.last().copied().unwrap_or(USER);
        let hint = session.text("config.hint.run", &[("command", &format!("journalctl -u {unit} -e"))]);
        FailureReport::new("SERVICE_UNAVAILABLE", ExitCode::Failure, message).with_hint(hint).into()
    })
}

fn refused(session: &Session<'_>, words: &str, hint: &str) -> Wrong {
    let program = program().display().to_string();
    let message = session.text(words, &[("program", &program)]);
    FailureReport::new("VALIDATION_ERROR", ExitCode::Failure, message).with_hint(session.text(hint, &[])).into()
}

fn unusable(session: &Session<'_>, path: &Path, error: &std::io::Error) -> Wrong {
    session.unusable(path, error, ("SERVICE_UNAVAILABLE", ExitCode::Failure)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_gets_the_first_port_that_no_other_has() {
        let config = |listen: &str| format!("[http]\nlisten = \"{listen}\"\n");
        assert_eq!(free_port(&[]), 8000);
        assert_eq!(free_port(&["lang = \"ru\"".into()]), 8001, "a config without the key listens on 8000");
        let taken = [config("127.0.0.1:8000"), config("[::1]:8001"), config("0.0.0.0:8003"), "not toml [".into()];
        assert_eq!(free_port(&taken), 8002);
    }

    #[test]
    fn a_unit_names_the_program_that_systemd_would_not_find() {
        for unit in [UNIT, TEMPLATE_UNIT] {
            assert_eq!(unit.matches("ExecStart=dvorik ").count(), 1);
            assert_eq!(unit_for(unit, Path::new("/usr/local/bin/dvorik")), unit);
            let elsewhere = unit_for(unit, Path::new("/opt/dvorik/dvorik"));
            assert!(elsewhere.contains("\nExecStart=/opt/dvorik/dvorik serve --migrate\n"), "{elsewhere}");
        }
    }

    #[test]
    fn a_shop_is_named_as_a_unit_may_be() {
        for good in ["north", "shop-2", "a"] {
            assert!(is_shop_name(good), "{good}");
        }
        for bad in ["", "config", "North", "a b", "../x", "-a", "лавка", &"a".repeat(33)] {
            assert!(!is_shop_name(bad), "{bad}");
        }
    }

    #[test]
    fn the_account_is_read_from_its_line() {
        let accounts =
            "root:x:0:0::/root:/bin/sh\nndvorik:x:5:5::/:/bin/sh\ndvorik:x:997:996::/var/lib/dvorik:/bin/sh\n";
        assert_eq!(account_in(accounts), Some((997, 996)));
        assert_eq!(account_in("root:x:0:0::/root:/bin/sh\n"), None);
    }
}
