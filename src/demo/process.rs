//! The shop's directory and the child processes that run it: one daemon, and commands that end by themselves. Child
//! processes get an empty environment: no variable of the caller can lead them to a real shop or the real Telegram.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, ChildStdin, Command};

use super::report::Miss;
use super::{Options, PATIENCE};
use crate::config::Environment;
use crate::language::Language;

/// How the name of a demo's temporary directory begins.
const PREFIX: &str = "dvorik-demo-";
/// The file in it that is locked while the demo runs.
const LOCK: &str = "demo.lock";
/// The number of lines of the daemon's log that are shown when the daemon has ended too early.
const LAST_LINES: usize = 6;

/// A shop in a temporary directory.
pub(super) struct Shop {
    executable: PathBuf,
    language: Language,
    paints: bool,
    directory: Directory,
}

/// The shop's directory: deleted at the end, or left.
enum Directory {
    /// With a lock that is held as long as the directory is used.
    Temporary {
        directory: TempDir,
        _lock: File,
    },
    Kept(PathBuf),
}

impl Directory {
    fn path(&self) -> &Path {
        match self {
            Self::Temporary { directory, .. } => directory.path(),
            Self::Kept(path) => path,
        }
    }
}

/// A running `dvorik serve`; dropping the value kills the process.
pub(super) struct Daemon {
    child: Child,
    /// The pipe to the daemon's standard input. The pipe closes when the demo ends, even if the demo is killed; then
    /// the daemon ends by itself.
    _leash: Option<ChildStdin>,
    log: PathBuf,
}

impl Shop {
    /// An empty directory for a shop.
    pub(super) fn prepare(options: &Options) -> std::io::Result<Self> {
        sweep(&std::env::temp_dir());
        let directory = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        let lock = File::create(directory.path().join(LOCK))?;
        lock.try_lock()?;
        Ok(Self::in_directory(options, Directory::Temporary { directory, _lock: lock }))
    }

    /// A shop in this directory, which is made with the mode 0700 if it is missing, and left at the end.
    ///
    /// # Errors
    /// `DirectoryNotEmpty` if something is in the directory; the system's error if it cannot be made.
    pub(super) fn prepare_in(options: &Options, directory: &Path) -> std::io::Result<Self> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        if std::fs::read_dir(directory)?.next().is_some() {
            return Err(std::io::ErrorKind::DirectoryNotEmpty.into());
        }
        std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o700))?;
        Ok(Self::in_directory(options, Directory::Kept(std::path::absolute(directory)?)))
    }

    fn in_directory(options: &Options, directory: Directory) -> Self {
        let (executable, language, paints) = (options.executable.clone(), options.language, options.paints);
        Self { executable, language, paints, directory }
    }

    /// The path of a file in the shop's directory.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn bare_command(&self) -> Command {
        bare_command(&self.executable, self.directory.path())
    }

    /// Commands as the owner types them.
    pub(super) fn commands(&self) -> Commands {
        let directory = self.directory.path().to_owned();
        Commands { executable: self.executable.clone(), directory, language: self.language, paints: self.paints }
    }

    fn command(&self) -> Command {
        let mut command = self.bare_command();
        command.arg("--config").arg(self.file("config.toml")).args(["--lang", self.language.code()]);
        // The daemon takes any free port, because a real shop may use the usual one.
        command.env("DVORIK_HTTP__LISTEN", "127.0.0.1:0");
        command
    }

    /// Runs one `dvorik` command, always with `--json`, and returns its result.
    ///
    /// # Errors
    /// The command does not end with exit code 0 in time, or prints something else than one JSON object.
    pub(super) async fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Result<Value, Miss> {
        let mut command = self.command();
        let json = if arguments.contains(&"--json") { None } else { Some("--json") };
        command.args(arguments).args(json).envs(variables.iter().copied());
        let limit = format!("< {} s", PATIENCE.as_secs());
        let ended = tokio::time::timeout(PATIENCE, command.output()).await.map_err(|_| Miss::new(limit, "…"))?;
        let output = ended.map_err(|error| Miss::new(self.executable.display().to_string(), error.to_string()))?;
        if !output.status.success() {
            let complaint = String::from_utf8_lossy(&output.stderr);
            return Err(Miss::new("exit 0", format!("{}: {}", output.status, complaint.trim())));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        serde_json::from_str(&text).map_err(|error| Miss::new("JSON", format!("{error}: {text}")))
    }

    /// Starts the daemon so that a Ctrl-C for the demo does not reach it; its log goes to `daemon.log`.
    ///
    /// # Errors
    /// The program cannot be found, or the log cannot be written.
    pub(super) fn serve(&self, arguments: &[&str]) -> Result<Daemon, Miss> {
        let log = self.log();
        let started = OpenOptions::new().create(true).append(true).open(&log).and_then(|file| {
            let mut command = self.command();
            // The C library keeps the memory of a night's jobs in as many places as threads have run one. In a demo days pass
            // within seconds.
            command.env("MALLOC_ARENA_MAX", "2");
            command.args(arguments).arg("--until-stdin-ends").stdin(Stdio::piped()).stdout(Stdio::null());
            command.stderr(Stdio::from(file)).process_group(0).spawn()
        });
        let mut child = started.map_err(|error| Miss::new(self.executable.display().to_string(), error.to_string()))?;
        Ok(Daemon { _leash: child.stdin.take(), child, log })
    }

    fn log(&self) -> PathBuf {
        self.file("daemon.log")
    }

    /// The last lines of the daemon's log.
    pub(super) fn last_words(&self) -> String {
        last_lines(&self.log())
    }

    /// Deletes the shop's directory with everything in it, if it is a temporary one.
    pub(super) fn remove(self) -> std::io::Result<()> {
        match self.directory {
            Directory::Temporary { directory, .. } => directory.close(),
            Directory::Kept(_) => Ok(()),
        }
    }

    /// Leaves the shop's directory on the disk; returns its path.
    pub(super) fn keep(self) -> PathBuf {
        match self.directory {
            Directory::Temporary { directory, .. } => {
                let path = directory.keep();
                // Without its lock file the directory is left alone by later demos.
                let _ = std::fs::remove_file(path.join(LOCK));
                path
            }
            Directory::Kept(path) => path,
        }
    }
}

/// Commands of the owner, which find the shop by its directory, as in the owner's shell, so the commands they suggest need
/// no `--config`. They have no pager, no editor and no browser.
#[derive(Debug, Clone)]
pub(super) struct Commands {
    executable: PathBuf,
    directory: PathBuf,
    language: Language,
    paints: bool,
}

impl Commands {
    /// A command for a pseudo-terminal that shows colours.
    pub(super) fn at_a_terminal(&self, arguments: &[String]) -> Command {
        let mut command = bare_command(&self.executable, &self.directory);
        command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8").env("PAGER", "cat").env("EDITOR", "false");
        command.env("DVORIK_LANG", self.language.code()).args(arguments);
        command
    }

    /// Runs a command that has this process's own terminal, whatever its exit code.
    ///
    /// # Errors
    /// The program cannot be found.
    pub(super) async fn show(&self, arguments: &[String]) -> Result<(), Miss> {
        let mut command = self.at_a_terminal(arguments);
        if !self.paints {
            command.env("NO_COLOR", "1");
        }
        let ended = command.stdin(Stdio::inherit()).status().await;
        ended.map(drop).map_err(|error| Miss::new(self.executable.display().to_string(), error.to_string()))
    }
}

fn bare_command(executable: &Path, directory: &Path) -> Command {
    let mut command = Command::new(executable);
    let variables = Environment::of_the_loader();
    command.env_clear().envs(variables).current_dir(directory).stdin(Stdio::null()).kill_on_drop(true);
    command
}

impl Daemon {
    /// Waits until the daemon has ended.
    pub(super) async fn ended(&mut self) -> std::io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Sends SIGKILL to the daemon and waits for its end.
    pub(super) async fn kill(&mut self) -> std::io::Result<()> {
        self.child.kill().await
    }

    /// Sends SIGTERM to the daemon, unless it has ended already.
    pub(super) fn terminate(&self) -> std::io::Result<()> {
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        pid.map_or(Ok(()), |pid| Ok(kill_process(pid, Signal::TERM)?))
    }

    /// The last lines of the daemon's log.
    pub(super) fn last_words(&self) -> String {
        last_lines(&self.log)
    }
}

/// Removes the directories of this user's demos that were killed: those whose lock is free.
fn sweep(directory: &Path) {
    let user = rustix::process::getuid().as_raw();
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let is_demo = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        let is_own = entry.metadata().is_ok_and(|found| found.is_dir() && found.uid() == user);
        let lock = File::open(entry.path().join(LOCK));
        if is_demo && is_own && lock.is_ok_and(|lock| lock.try_lock().is_ok()) {
            // What cannot be removed is left for the next demo.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn last_lines(log: &Path) -> String {
    let log = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or_default().join("\n")
}

/// A `dvorik` command as a person enters it in a shell.
pub(super) fn typed(arguments: &[&str]) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_=@:./".contains(c);
    let quoted = arguments.iter().map(|argument| {
        let quotes = argument.is_empty() || !argument.chars().all(plain);
        if quotes { format!(" \"{argument}\"") } else { format!(" {argument}") }
    });
    std::iter::once("dvorik".to_owned()).chain(quoted).collect()
}
