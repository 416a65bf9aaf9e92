//! The shop's own limit, with Telegram as the judge: however often the sender starts anew, and whichever process sends.
//! `DVORIK_TEST_SECONDS` says for how long (25).

use std::time::Duration;

use dvorik::settings;

use super::{CROWD, counted, crowd, draft, is_up, sends};
use crate::harness::{SHOP, World, forgets_machine, number};

const LIMIT: usize = 25;

#[tokio::test(flavor = "multi_thread")]
async fn no_sixty_seconds_hold_more_than_the_limit_across_restarts_and_two_processes() {
    let seconds = number("DVORIK_TEST_SECONDS").unwrap_or(25);
    let mut w = World::closed().await;
    crowd(&w, 400);
    w.sets(&settings::RATE_LIMIT_PER_MINUTE, &LIMIT.to_string());
    w.tg.set_latency(57);
    let id = sends(&w.db(), draft("Ярмарка"));
    let config = w.file("config.toml");
    let until = tokio::time::Instant::now() + Duration::from_secs(seconds);
    let mut round = 0;
    while tokio::time::Instant::now() < until {
        // A command sends in the foreground; a daemon takes over from it; both end, one way or the other.
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_dvorik"));
        command.arg("-c").arg(&config).args(["broadcast", "send", &id.to_string(), "--json"]).kill_on_drop(true);
        forgets_machine(command.as_std_mut());
        let mut foreground =
            command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
        // How long the command sends alone, and then both: the pace of this test, which no event sets.
        tokio::time::sleep(Duration::from_millis(250)).await;
        w.runs();
        is_up(&w).await;
        // Long enough for some calls in every fourth round, and hardly for one in the others.
        tokio::time::sleep(Duration::from_millis(if round % 4 == 0 { 1500 } else { 400 })).await;
        foreground.kill().await.unwrap();
        if round % 2 == 0 {
            w.is_killed().await
        } else {
            assert_eq!(w.terminates().await, Some(0))
        }
        round += 1;
    }
    let calls: Vec<i64> =
        w.tg.receipts()
            .iter()
            .filter(|call| call.bot.as_ref() == SHOP && call.chat_id >= Some(CROWD))
            .map(|call| call.at_ms)
            .collect();
    let most = calls.iter().map(|from| calls.iter().filter(|at| (*from..from + 60_000).contains(*at)).count()).max();
    println!("{} calls in {seconds} s, {round} rounds, at most {most:?} in 60 s", calls.len());
    assert!(most <= Some(LIMIT), "{most:?}");
    assert!(calls.len() >= 5, "something is sent");
    counted(&w, id);
}
