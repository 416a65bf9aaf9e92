//! The owner's terminal: one command at a time, the real program on a pseudo-terminal. What it prints is passed on as it
//! comes; what is typed meanwhile is its input.

use std::fs::File;
use std::io::{Read, Write};
use std::process::Stdio;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, kill_process_group};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How long a command may run.
const LONGEST: Duration = Duration::from_secs(600);
/// How much of a command's output is kept for windows that are opened later, in bytes.
const MOST_KEPT: usize = 256 * 1024;
/// How many lines of input may wait for the command.
const MOST_LINES: usize = 16;
/// How long a command may go on after it has closed its terminal.
const LAST_WAIT: Duration = Duration::from_secs(2);
const ROWS: u16 = 40;

/// What happened to the command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// It has printed this.
    Text(String),
    /// It has closed its terminal.
    Closed,
}

/// The last command of the terminal and its output.
pub(super) struct Terminal {
    /// The line that was typed.
    pub line: String,
    /// What the command has printed; the beginning is left out when it is very long.
    pub shown: String,
    /// The exit code, once the command has ended; that of a signal is 128 and its number.
    pub exit: Option<i32>,
    running: Option<Running>,
    output: UnboundedReceiver<Output>,
    tell: UnboundedSender<Output>,
}

struct Running {
    child: Child,
    master: File,
    /// Takes the lines of input; a thread writes them, because a command that does not read would hold a writer up.
    input: SyncSender<String>,
    since: Instant,
}

impl Terminal {
    pub(super) fn new() -> Self {
        let (tell, output) = unbounded_channel();
        Self { line: String::new(), shown: String::new(), exit: None, running: None, output, tell }
    }

    pub(super) const fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Starts `command` on a new pseudo-terminal of this width.
    ///
    /// # Errors
    /// The system gives no pseudo-terminal, or the program cannot be started.
    pub(super) fn start(&mut self, line: &str, mut command: Command, columns: u16) -> std::io::Result<()> {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let size = Winsize { ws_row: ROWS, ws_col: columns.clamp(40, 160), ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&master, size)?;
        let name = ptsname(&master, Vec::new())?;
        let slave = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
        let copy = || Ok::<_, std::io::Error>(Stdio::from(slave.try_clone()?));
        command.stdin(copy()?).stdout(copy()?).stderr(copy()?).process_group(0).kill_on_drop(true);
        let child = command.spawn()?;
        // The command alone holds the terminal's other end now, so that its end closes it.
        drop(command);
        drop(slave);
        let reader = File::from(master.try_clone()?);
        let tell = self.tell.clone();
        std::thread::spawn(move || read(reader, &tell));
        let (input, lines) = sync_channel::<String>(MOST_LINES);
        let mut writer = File::from(master.try_clone()?);
        // Ends when the command has ended, or when the demo drops the command.
        std::thread::spawn(move || lines.iter().try_for_each(|line| writer.write_all(line.as_bytes())));
        self.running = Some(Running { child, master: File::from(master), input, since: Instant::now() });
        (self.line, self.shown, self.exit) = (line.to_owned(), String::new(), None);
        Ok(())
    }

    /// The next output of the command; waits forever while no command runs.
    pub(super) async fn next(&mut self) -> Output {
        match self.output.recv().await {
            Some(output) => output,
            None => std::future::pending().await,
        }
    }

    /// Keeps what the command has printed.
    pub(super) fn keep(&mut self, text: &str) {
        self.shown.push_str(text);
        let surplus = self.shown.len().saturating_sub(MOST_KEPT);
        let cut = (surplus..self.shown.len()).find(|at| self.shown.is_char_boundary(*at)).unwrap_or(0);
        self.shown.drain(..cut);
    }

    /// Waits for the end of a command that has closed its terminal; stores its exit code.
    pub(super) async fn end(&mut self) {
        let Some(mut running) = self.running.take() else { return };
        // A command that has closed its terminal and goes on is killed when it is dropped.
        let status = tokio::time::timeout(LAST_WAIT, running.child.wait()).await;
        let code = status.ok().and_then(Result::ok).and_then(|status| {
            use std::os::unix::process::ExitStatusExt;
            status.code().or_else(|| status.signal().map(|signal| 128 + signal))
        });
        self.exit = Some(code.unwrap_or(1));
    }

    /// Whether what is typed is shown.
    pub(super) fn echoes(&self) -> bool {
        let modes = self.running.as_ref().and_then(|running| tcgetattr(&running.master).ok());
        modes.is_none_or(|modes| modes.local_modes.contains(LocalModes::ECHO))
    }

    /// Gives the command a line of input. Returns `false` when the command has not read the lines before.
    pub(super) fn type_line(&mut self, line: &str) -> bool {
        self.running.as_ref().is_none_or(|running| running.input.try_send(format!("{line}\n")).is_ok())
    }

    /// Interrupts the command, as Ctrl-C does.
    pub(super) fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    /// Ends a command that has run too long.
    pub(super) fn end_if_too_long(&self) {
        if self.running.as_ref().is_some_and(|running| running.since.elapsed() > LONGEST) {
            self.signal(Signal::KILL);
        }
    }

    fn signal(&self, signal: Signal) {
        let pid = self.running.as_ref().and_then(|running| running.child.id());
        if let Some(pid) = pid.and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw) {
            // A command that has just ended needs no signal.
            let _ = kill_process_group(pid, signal);
        }
    }
}

/// Passes on what comes from the terminal, in whole characters, until the terminal is closed.
fn read(mut master: File, tell: &UnboundedSender<Output>) {
    let (mut buffer, mut rest) = ([0; 4096], Vec::new());
    // Reading fails when the last process has closed the other end.
    while let Ok(read @ 1..) = master.read(&mut buffer) {
        rest.extend_from_slice(buffer.get(..read).unwrap_or_default());
        let text = take_text(&mut rest);
        if !text.is_empty() && tell.send(Output::Text(text)).is_err() {
            return;
        }
    }
    // Sending fails only when the demo has ended.
    let _ = tell.send(Output::Closed);
}

/// Removes the complete characters from the front of `bytes`; bytes that are no UTF-8 become `�`.
fn take_text(bytes: &mut Vec<u8>) -> String {
    let mut text = String::new();
    loop {
        let error = match std::str::from_utf8(bytes) {
            Ok(whole) => {
                text.push_str(whole);
                bytes.clear();
                return text;
            }
            Err(error) => error,
        };
        let whole: Vec<u8> = bytes.drain(..error.valid_up_to()).collect();
        text.push_str(&String::from_utf8_lossy(&whole));
        let Some(wrong) = error.error_len() else { return text };
        bytes.drain(..wrong);
        text.push('\u{FFFD}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn run(script: &str, columns: u16, mut act: impl FnMut(&mut Terminal, &str)) -> Terminal {
        let mut terminal = Terminal::new();
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        terminal.start(script, command, columns).unwrap();
        while let Output::Text(text) = terminal.next().await {
            terminal.keep(&text);
            act(&mut terminal, &text);
        }
        terminal.end().await;
        terminal
    }

    #[tokio::test]
    async fn a_command_meets_a_terminal_of_the_panes_width() {
        let ended = run("test -t 0 && test -t 1 && test -t 2 && stty size && exit 7", 93, |_, _| {}).await;
        assert_eq!((ended.shown.trim(), ended.exit), ("40 93", Some(7)));
        assert!(!ended.is_running());
    }

    #[tokio::test]
    async fn what_is_typed_is_its_input_and_hidden_input_is_known() {
        let mut hidden = Vec::new();
        let script = "echo name; read a; stty -echo; echo secret; read b; echo \"$a $b\"";
        let ended = run(script, 80, |terminal, text| {
            if text.contains("name") {
                assert!(terminal.type_line("Анна"));
            } else if text.contains("secret") {
                hidden.push(terminal.echoes());
                assert!(terminal.type_line("тайна"));
            }
        })
        .await;
        assert_eq!(hidden, [false]);
        assert!(ended.shown.ends_with("Анна тайна\r\n"), "{}", ended.shown);
        assert_eq!(ended.shown.matches("тайна").count(), 1);
    }

    #[tokio::test]
    async fn an_interrupt_reaches_the_command() {
        let ended = run("trap 'exit 130' INT; echo ready; while :; do read line; done", 80, |terminal, text| {
            if text.contains("ready") {
                terminal.interrupt();
            }
        })
        .await;
        assert_eq!(ended.exit, Some(130));
    }

    #[tokio::test]
    async fn a_command_that_does_not_read_holds_nobody_up() {
        let mut taken = 0;
        let ended = run("stty -icanon -echo; echo ready; kill -STOP $$", 80, |terminal, text| {
            if text.contains("ready") {
                taken = (0..100).filter(|_| terminal.type_line(&"x".repeat(4000))).count();
                terminal.signal(Signal::KILL);
            }
        })
        .await;
        assert!((1..100).contains(&taken), "{taken}");
        assert_eq!(ended.exit, Some(137));
    }

    #[test]
    fn characters_are_passed_on_whole() {
        let mut bytes = "ж".as_bytes()[..1].to_vec();
        assert_eq!(take_text(&mut bytes), "");
        bytes.extend(&"ж".as_bytes()[1..]);
        bytes.extend(b"\xffx\xe2\x82");
        assert_eq!(take_text(&mut bytes), "ж\u{FFFD}x");
        assert_eq!(bytes, b"\xe2\x82");
    }
}
