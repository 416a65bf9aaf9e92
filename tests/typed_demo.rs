//! `dvorik demo --terminal`: typed lines through a pipe, and keys at a pseudo-terminal.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::Instant;

use dvorik::locks::{self, Lock};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{PATIENCE, forgets_machine};

const BINARY: &str = env!("CARGO_BIN_EXE_dvorik");

/// A person who types lines, through a pipe.
struct Player {
    process: Child,
    keyboard: Option<ChildStdin>,
    /// The lines of the screen, as they come.
    screen: mpsc::Receiver<String>,
    /// Where the demo makes its directory.
    tmp: TempDir,
    /// What has been shown since something was typed.
    shown: Vec<String>,
}

impl Player {
    fn begins(arguments: &[&str]) -> Self {
        let tmp = tempfile::tempdir().unwrap();
        let mut command = Command::new(BINARY);
        command.args(["demo", "--terminal", "--lang", "ru"]).args(arguments).current_dir(tmp.path());
        forgets_machine(&mut command);
        command.env("DVORIK_TEST_TERMINAL", "1").env("TMPDIR", tmp.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let (screen, keyboard) = (process.stdout.take().unwrap(), process.stdin.take());
        let (show, shown) = mpsc::channel();
        std::thread::spawn(move || BufReader::new(screen).lines().try_for_each(|line| show.send(line.unwrap())));
        Self { process, keyboard, screen: shown, tmp, shown: Vec::new() }
    }

    fn types(&mut self, line: &str) {
        self.shown.clear();
        writeln!(self.keyboard.as_mut().unwrap(), "{line}").unwrap();
    }

    /// The line with these words that has come, or comes, since something was typed. Lines about messages to other
    /// customers do not count: at some hours the shop reminds them of their codes.
    fn sees(&mut self, words: &str) -> String {
        let is_others = |line: &str| line.trim_start().starts_with('✉') && !line.contains(" · :");
        loop {
            if let Some(line) = self.shown.iter().find(|line| line.contains(words) && !is_others(line)) {
                return line.clone();
            }
            match self.screen.recv_timeout(PATIENCE) {
                Ok(line) => self.shown.push(line),
                Err(error) => panic!("{error}: never saw {words} in\n{}", self.shown.join("\n")),
            }
        }
    }

    /// The directory of the shop.
    fn shop(&self) -> Option<PathBuf> {
        let mut found = std::fs::read_dir(self.tmp.path()).unwrap();
        found.next().map(|entry| entry.unwrap().path())
    }

    /// The daemon behind the demo.
    fn daemon(&self) -> Pid {
        let held = locks::holder(&self.shop().unwrap().join("dvorik.db"), Lock::Serve).unwrap();
        Pid::from_raw(held.unwrap().unwrap().try_into().unwrap()).unwrap()
    }

    /// The demo ends by itself, and nothing of it is left: no directory, no daemon.
    fn leaves_nothing(mut self, daemon: Pid) {
        while let Ok(line) = self.screen.recv_timeout(PATIENCE) {
            self.shown.push(line);
        }
        assert_eq!(self.process.wait().unwrap().code(), Some(0), "{:?}", self.shown);
        assert_eq!(self.shop(), None);
        assert!(test_kill_process(daemon).is_err(), "the daemon still runs");
    }
}

impl Drop for Player {
    /// A test that fails leaves no demo behind.
    fn drop(&mut self) {
        drop(self.keyboard.take());
        let _ = self.process.wait();
    }
}

#[test]
fn a_person_gets_a_code_and_redeems_it_and_leaves_nothing_behind() {
    let mut player = Player::begins(&["--seed", "5"]);
    player.sees("1\u{a0}200 клиентов, 90 дней");
    player.types("/start ref_flyer");
    player.sees("Подпишитесь на наш канал");
    player.sees("[1] Мои скидки  [2] Проверить подписку");
    player.types("2");
    player.sees("Чтобы получить скидку");
    player.types(":канал");
    player.types("2");
    let gift = player.sees("Ваша скидка");
    let code = gift.split([':', '.']).nth(1).unwrap().trim().to_lowercase();
    player.types(":с");
    player.types(&code);
    player.sees("[1] Погасить");
    player.types("1");
    player.sees("Погашено ✅");
    player.sees("Ваш код");
    player.types(&code);
    player.sees("уже погашен");
    player.types("1");
    player.sees("Погашение отменено.");
    player.types(":скан");
    player.sees("[1] Погасить");
    player.types("7");
    player.sees("Кнопки 7 сейчас нет");
    player.types(":в");
    player.types("/stats");
    player.sees("из 1203");
    player.types(":sh stats --json");
    let stats: Value = serde_json::from_str(&player.sees("dvorik.stats.overview/1")).unwrap();
    assert_eq!(stats["users"]["total"], 1203);
    let rate = stats["discounts"]["redemption_rate"].as_f64().unwrap();
    assert!((0.2..0.7).contains(&rate), "{rate}");
    let daemon = player.daemon();
    player.types(":q");
    player.leaves_nothing(daemon);
}

/// The terminal plays the tour of the page, by the same facts; a broadcast to everybody is one line.
#[test]
fn the_whole_tour_is_played_by_typing() {
    let mut player = Player::begins(&[]);
    player.sees(":sh campaign list");
    player.types(":путь");
    player.sees("  8. :часы +день");
    player.types("/start ref_flyer");
    player.sees("✓ 1 из 8 · бот ответил. Дальше: :канал");
    player.types(":канал");
    player.sees("✓ 2 из 8 · клиент в канале. Дальше: :к, «Проверить подписку»");
    player.types("Проверить подписку");
    player.sees("✓ 3 из 8 · код получен. Дальше: :с, :скан, 1");
    player.types(":скан");
    player.sees("[1] Погасить");
    player.types("1");
    player.sees("✓ 4 из 8 · код погашен. Дальше: :скан ещё раз");
    player.types(":скан");
    player.sees("✓ 5 из 8 · второй раз код не приняли");
    player.types(":убить");
    player.sees("Программа убита");
    player.types(":к");
    player.types("/help");
    player.sees("✓ 6 из 8 · программу убили, а ответ дошёл");
    player.sees("Вернулась за");
    player.types(":сеть");
    player.sees("Сети нет");
    player.types(":сеть");
    player.sees("Сеть вернулась.");
    player.types(":429");
    player.sees("Следующее сообщение получит 429");
    player.types(":sh broadcast send last --yes --detach");
    player.sees("✓ 7 из 8 · рассылка дошла до всех");
    let others = |line: &&String| line.starts_with("  ✉ ещё ") && line.ends_with(" другим");
    assert!(player.shown.iter().any(|line| others(&line)), "{:?}", player.shown);
    player.types(":часы");
    player.sees("часы идут ×1");
    player.types(":часы 5");
    player.sees("Так часы не ставят");
    player.types(":часы +день");
    player.sees("часы бегут вперёд");
    player.types(":часы 60");
    player.sees("Часы ещё бегут");
    player.sees("✓ 8 из 8 · подарок ко дню рождения выдан.");
    player.sees("Это была настоящая программа. Дальше: dvorik init");
    let daemon = player.daemon();
    player.types(":q");
    player.leaves_nothing(daemon);
}

#[test]
fn the_end_of_input_and_a_signal_end_the_demo_as_cleanly() {
    let mut player = Player::begins(&[]);
    player.sees(":sh campaign list");
    let daemon = player.daemon();
    player.keyboard = None;
    player.leaves_nothing(daemon);
    let mut player = Player::begins(&[]);
    player.sees(":sh campaign list");
    let daemon = player.daemon();
    kill_process(Pid::from_child(&player.process), Signal::INT).unwrap();
    player.leaves_nothing(daemon);
}

/// A daemon that dies is told of, and its files stay for whoever looks into it.
#[test]
fn a_daemon_that_dies_ends_the_demo_with_a_word() {
    let mut player = Player::begins(&[]);
    player.sees(":sh campaign list");
    kill_process(player.daemon(), Signal::KILL).unwrap();
    assert_eq!(player.process.wait().unwrap().code(), Some(1));
    assert!(player.shop().unwrap().join("dvorik.db").exists());
}

/// A person at a real terminal: keys go in, and everything that was printed is kept.
struct TerminalPlayer {
    process: Child,
    keys: File,
    screen: mpsc::Receiver<String>,
    printed: String,
    tmp: TempDir,
}

impl TerminalPlayer {
    fn begins() -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).and_then(|()| unlockpt(&master)).unwrap();
        let size = Winsize { ws_row: 40, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&master, size).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let tmp = tempfile::tempdir().unwrap();
        // The demo is the leader of a session that has the terminal, so that Ctrl-C reaches its commands.
        let mut command = Command::new("setsid");
        command.args(["--ctty", "--wait", BINARY, "demo", "--terminal", "--lang", "ru"]).current_dir(tmp.path());
        forgets_machine(&mut command);
        command.env("TERM", "xterm-256color").env("TMPDIR", tmp.path());
        let [input, output] = [(); 2].map(|()| Stdio::from(slave.try_clone().unwrap()));
        let process = command.stdin(input).stdout(output).stderr(Stdio::from(slave)).spawn().unwrap();
        let (keys, mut shown) = (File::from(master.try_clone().unwrap()), File::from(master));
        let (tell, screen) = mpsc::channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = shown.read(&mut bytes) {
                if tell.send(String::from_utf8_lossy(&bytes[..read]).into_owned()).is_err() {
                    return;
                }
            }
        });
        Self { process, keys, screen, printed: String::new(), tmp }
    }

    /// Presses keys; what was printed before is forgotten.
    fn types(&mut self, keys: &str) {
        self.printed.clear();
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until this was printed; returns all that was printed since the last keys.
    fn sees(&mut self, words: &str) -> &str {
        while !self.printed.contains(words) {
            match self.screen.recv_timeout(PATIENCE) {
                Ok(more) => self.printed.push_str(&more),
                Err(error) => panic!("{error}: never saw {words:?} in {:?}", self.printed),
            }
        }
        &self.printed
    }

    /// Waits until a command with this word runs.
    fn awaits_command(&self, word: &str) {
        let end = Instant::now() + PATIENCE;
        let children = format!("/proc/{0}/task/{0}/children", self.process.id());
        let has =
            |pid: &str| std::fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.contains(word));
        while !std::fs::read_to_string(&children).unwrap().split_whitespace().any(has) {
            assert!(Instant::now() < end, "no {word} is run");
            std::thread::yield_now();
        }
    }

    /// Whether the terminal shows what is typed, line by line, as a shell expects to find it.
    fn is_as_a_shell_expects(&self) -> bool {
        tcgetattr(&self.keys).unwrap().local_modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
    }
}

impl Drop for TerminalPlayer {
    fn drop(&mut self) {
        // Without its terminal the demo ends by itself; a test that holds has ended it before.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_line_can_be_edited_and_a_command_has_the_terminal_with_ctrl_c() {
    let mut player = TerminalPlayer::begins();
    assert!(player.is_as_a_shell_expects());
    player.sees(":sh campaign list");
    player.sees(" › ");
    assert!(!player.is_as_a_shell_expects());
    // A wrong letter is deleted, the first one is added at the beginning of the line.
    player.types("start ref_flyerr\x7f\x01/\r");
    player.sees("✓ 1 из 8");
    player.sees("Подпишитесь на наш канал");
    // The line before.
    player.types(":канал\r");
    player.sees("✓ 2 из 8");
    player.types("\x1b[A\r");
    player.sees("выходит из канала");
    player.types(":sh broadcast send last\r");
    let asked = player.sees("чтобы отправить (").to_owned();
    assert!(!asked.contains("--config"), "{asked}");
    let people = player.sees("):").rsplit_once('(').unwrap().1.split_once(')').unwrap().0.to_owned();
    player.types(&format!("{people}\r"));
    player.sees("Следить: dvorik broadcast status");
    player.sees("━");
    player.types("\x03");
    player.sees("Отправка идёт дальше");
    // Messages to others are counted above the prompt.
    player.sees("✉ ещё");
    // Two lines at once are two lines, also when they are pasted.
    player.types(":кто\r:где\r");
    player.sees("Не знаю «:кто»");
    player.sees("Не знаю «:где»");
    player.types("\x1b[200~:раз\n:два\n\x1b[201~\r");
    player.sees("Не знаю «:раз»");
    player.sees("Не знаю «:два»");
    // A command that cannot be started is told of, and the demo goes on.
    player.types(":sh user list a\x16\x00b\r");
    player.types(":кто\r");
    player.sees("Не знаю «:кто»");
    // Ctrl-C ends the command each time, never the demo.
    for _ in 0..3 {
        player.types(":sh audit list --follow\r");
        player.sees("$ dvorik audit list --follow");
        player.awaits_command("audit");
        player.types("\x03");
        player.sees(" › ");
    }
    player.types(":q\r");
    player.sees("Закрываем магазин");
    assert_eq!(player.process.wait().unwrap().code(), Some(0));
    assert!(player.is_as_a_shell_expects());
    assert_eq!(std::fs::read_dir(player.tmp.path()).unwrap().count(), 0);
}

/// Also in the middle of a line.
#[test]
fn a_demo_that_ends_by_a_signal_leaves_the_terminal_as_it_was() {
    let mut player = TerminalPlayer::begins();
    player.sees(" › ");
    player.types("поло");
    player.sees("поло");
    let shop = std::fs::read_dir(player.tmp.path()).unwrap().next().unwrap().unwrap().path();
    kill_process(Pid::from_child(&player.process), Signal::TERM).unwrap();
    player.sees("Закрываем магазин");
    assert!(player.process.wait().unwrap().success());
    assert!(player.is_as_a_shell_expects());
    // The shell's prompt begins on a line of its own, and pasted text is no longer marked.
    let modes = player.sees("\x1b[?2004l\r\n").rsplit("\x1b[?2004").next().unwrap();
    assert!(modes.starts_with('l'), "{modes:?}");
    assert!(!shop.exists());
}
