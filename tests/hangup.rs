//! SIGHUP at a terminal, without one, and under nohup: it never ends the daemon undrained.

use std::os::fd::OwnedFd;
use std::process::Stdio;

use rustix::process::{Pid, Signal};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tokio::process::{Child, Command};

use crate::harness::{PATIENCE, World, forgets_machine, number};

/// A process, and the file its log goes to.
fn started(w: &World, mut command: Command) -> Child {
    let log = std::fs::File::options().create(true).append(true).open(w.file("serve.log")).unwrap();
    command.stderr(log).spawn().unwrap()
}

fn send(process: &Child, signal: Signal) {
    let id = i32::try_from(process.id().expect("it runs")).unwrap();
    rustix::process::kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
}

async fn exit_code(process: &mut Child) -> Option<i32> {
    tokio::time::timeout(PATIENCE, process.wait()).await.expect("an end within patience").unwrap().code()
}

/// The configuration's text, changed and nothing else: it need not be sound.
fn rewrites(w: &World, changes: &[(&str, &str)]) {
    let path = w.file("config.toml");
    let mut text = std::fs::read_to_string(&path).unwrap();
    for (old, new) in changes {
        assert!(text.contains(old), "{old} is not in {text}");
        text = text.replace(old, new);
    }
    std::fs::write(&path, text).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_closes_ends_the_daemon_as_sigterm_does() {
    let w = World::closed().await;
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let slave: OwnedFd = std::fs::File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap().into();
    let mut command = w.command();
    command.stdin(Stdio::from(slave));
    let mut process = started(&w, command);
    w.waits_for_log("ready").await;
    send(&process, Signal::HUP);
    assert_eq!(exit_code(&mut process).await, Some(0), "{}", w.log());
    w.waits_for_log("stopping").await;
    assert!(!w.log().contains("was read again"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_the_configuration_is_read_again() {
    let w = World::closed().await;
    let mut process = started(&w, w.command());
    w.waits_for_log("ready").await;
    rewrites(
        &w,
        &[
            ("[http]\n", "[backup]\nkeep_daily = 3\n[log]\nlevel = \"info\"\n[http]\nrate_limit_per_second = 70\n"),
            ("Мармеладный дворик", "Другой дворик"),
        ],
    );
    send(&process, Signal::HUP);
    w.waits_for_log_times("нужен перезапуск: ", 1).await;
    let log = w.log();
    let line = log.lines().find(|line| line.contains("нужен перезапуск: ")).unwrap();
    assert!(line.trim_end().ends_with("нужен перезапуск: shop_name, http.rate_limit_per_second"), "{line}");
    assert!(log.contains("was read again") && log.contains("keep_daily=3"), "{log}");

    // A faulty file is named by its place, and nothing of it counts.
    rewrites(&w, &[("keep_daily = 3", "keep_daily = 0"), ("level = \"info\"", "level = \"error\"")]);
    send(&process, Signal::HUP);
    w.waits_for_log_times("config.toml:6:14 backup.keep_daily: ", 1).await;
    w.waits_for_log_times("настройки не изменены", 1).await;

    // The level counts at once: a line of information is not written any more, a warning is.
    rewrites(&w, &[("keep_daily = 0", "keep_daily = 4"), ("level = \"error\"", "level = \"warn\"")]);
    send(&process, Signal::HUP);
    w.waits_for_log_times("нужен перезапуск: ", 2).await;
    assert_eq!(w.log().matches("was read again").count(), 1, "{}", w.log());
    rewrites(&w, &[("level = \"warn\"", "level = \"info\"")]);
    send(&process, Signal::HUP);
    w.waits_for_log_times("was read again", 2).await;
    assert!(w.log().contains("keep_daily=4"));

    let anna = w.customer("Анна");
    anna.opens(None);
    anna.hears("Привет").await;
    send(&process, Signal::TERM);
    assert_eq!(exit_code(&mut process).await, Some(0), "{}", w.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn under_nohup_a_hangup_means_nothing() {
    let w = World::closed().await;
    let mut command = Command::new("/bin/sh");
    let inner = w.command();
    let inner = inner.as_std();
    command.arg("-c").arg("trap '' HUP; exec \"$0\" \"$@\"").arg(inner.get_program()).args(inner.get_args());
    forgets_machine(command.as_std_mut());
    command.env("NO_COLOR", "1").stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    let mut process = started(&w, command);
    w.waits_for_log("ready").await;
    send(&process, Signal::HUP);
    let anna = w.customer("Анна");
    anna.opens(None);
    anna.hears("Привет").await;
    send(&process, Signal::TERM);
    assert_eq!(exit_code(&mut process).await, Some(0), "{}", w.log());
    assert!(!w.log().contains("was read again"));
}

/// Customers come while the configuration is read again and again: each who was answered is in the database.
/// `DVORIK_TEST_HUPS` signals, 10 by default.
#[tokio::test(flavor = "multi_thread")]
async fn hangups_under_load_lose_nothing_that_was_acknowledged() {
    let w = World::closed().await;
    let mut process = started(&w, w.command());
    w.waits_for_log("ready").await;
    let times = number("DVORIK_TEST_HUPS").unwrap_or(10);
    for time in 0..times {
        let customers: Vec<_> = (0..3).map(|n| w.customer(&format!("Клиент {time}-{n}"))).collect();
        for customer in &customers {
            customer.opens(None);
        }
        send(&process, Signal::HUP);
        for customer in &customers {
            customer.hears("Привет").await;
        }
    }
    w.waits_for_log("was read again").await;
    send(&process, Signal::TERM);
    assert_eq!(exit_code(&mut process).await, Some(0), "{}", w.log());
    assert_eq!(w.count("SELECT count(*) FROM users"), i64::try_from(times * 3).unwrap());
}
