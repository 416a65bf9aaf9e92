//! The shop's directory and the child processes that run it: one daemon, and commands that end by themselves. Child
//! processes get an empty environment: no variable of the caller can lead them to a real shop or the real Telegram.

use std::fs::OpenOptions;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, ChildStdin, Command};

use super::report::Miss;
use super::{Options, PATIENCE};
use crate::config::Environment;
use crate::language::Language;

/// The number of lines of the daemon's log that are shown when the daemon has ended too early.
const LAST_LINES: usize = 6;

/// A shop in a temporary directory.
pub(super) struct Shop {
    executable: PathBuf,
    language: Language,
    paints: bool,
    directory: TempDir,
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
        let directory = tempfile::Builder::new().prefix("dvorik-demo-").tempdir()?;
        let (executable, language, paints) = (options.executable.clone(), options.language, options.paints);
        Ok(Self { executable, language, paints, directory })
    }

    /// The path of a file in the shop's directory.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.executable);
        command
            .env_clear()
            .envs(Environment::of_the_loader())
            .current_dir(self.directory.path())
            .stdin(Stdio::null())
            .kill_on_drop(true);
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

    /// Runs one `dvorik` command that writes straight to this process's own screen, whatever its exit code.
    ///
    /// # Errors
    /// The program cannot be found.
    pub(super) async fn show(&self, arguments: &[String]) -> Result<(), Miss> {
        let mut command = self.command();
        command.args(["--color", if self.paints { "always" } else { "never" }]).args(arguments);
        let ended = command.status().await;
        ended.map(drop).map_err(|error| Miss::new(self.executable.display().to_string(), error.to_string()))
    }

    /// Starts the daemon so that a Ctrl-C for the demo does not reach it; its log goes to `daemon.log`.
    ///
    /// # Errors
    /// The program cannot be found, or the log cannot be written.
    pub(super) fn serve(&self, arguments: &[&str]) -> Result<Daemon, Miss> {
        let log = self.file("daemon.log");
        let started = OpenOptions::new().create(true).append(true).open(&log).and_then(|file| {
            let mut command = self.command();
            command.args(arguments).arg("--until-stdin-ends").stdin(Stdio::piped()).stdout(Stdio::null());
            command.stderr(Stdio::from(file)).process_group(0).spawn()
        });
        let mut child = started.map_err(|error| Miss::new(self.executable.display().to_string(), error.to_string()))?;
        Ok(Daemon { _leash: child.stdin.take(), child, log })
    }

    /// Deletes the shop's directory with everything in it.
    pub(super) fn remove(self) -> std::io::Result<()> {
        self.directory.close()
    }

    /// Leaves the shop's directory on the disk; returns its path.
    pub(super) fn keep(self) -> PathBuf {
        self.directory.keep()
    }
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
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or_default().join("\n")
    }
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
