//! The sender when something is amiss: no token, a refused one, a pause asked of another lane, a holder that leaves.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use builtin_telegram::Fault;
use dvorik::broadcast::{self, Media, MediaType, PauseReason, Status};
use dvorik::clock::Clock;
use dvorik::gates;
use dvorik::locks::{self, Lock};
use dvorik::outbox::{self, Letter};
use dvorik::realm::{BotName, Realm};
use dvorik::sender;
use dvorik::sender::gate_state::take_up_gate;
use dvorik::settings;
use dvorik::telegram::client::Keyboard;
use dvorik::telegram::gate::{ClosedMethods, GateState, Limits};
use tokio::task::block_in_place;

use super::{CROWD, acts, counted, crowd, draft, ended, hurries, readers, sends};
use crate::given;
use crate::harness::{OWNER, SHOP, World, forgets_machine};

/// A draft by the command line; its number.
fn made(w: &World, title: &str) -> String {
    let made = w.ran(&["broadcast", "create", title, "--text", title, "--all", "-q"]);
    assert_eq!(made.code, 0, "{}", made.err);
    made.out.trim().to_owned()
}

/// The real binary, its lines of JSON to be read one by one.
fn begins(w: &World, args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dvorik"));
    command.arg("-c").arg(w.file("config.toml")).args(args);
    forgets_machine(&mut command);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_stops_a_broadcast_whose_picture_cannot_go_up_and_it_is_told() {
    let mut w = World::closed().await;
    w.reconfigures(&[("builtin-customer-token", "refused-customer-token")]);
    crowd(&w, 5);
    given::customer(&w.db(), Realm::Real, OWNER, None);
    let picture = w.file("menu.jpg");
    std::fs::write(&picture, b"\xff\xd8\xff\xe0 a picture").unwrap();
    let kept = broadcast::media::keep(&picture, MediaType::Photo, &w.config().database.path).unwrap();
    let mut with_picture = draft("Ярмарка");
    with_picture.message.media = Media::Local(MediaType::Photo, kept.sha256.clone());
    acts(&w.db(), move |tx| broadcast::remember_media(tx, &kept.sha256, &kept.name, kept.bytes)).unwrap();
    w.serves().await;
    let id = sends(&w.db(), with_picture);
    let held = ended(&w, id).await;
    assert_eq!((held.status, held.note.as_deref()), (Status::Paused, Some("token")));
    w.owner().hears_ever("остановилась").await;
    w.stops().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_pause_asked_of_a_letter_holds_the_broadcast_too_and_it_is_told() {
    let w = World::open().await;
    crowd(&w, 60);
    w.sets(&settings::RATE_LIMIT_PER_MINUTE, "60");
    w.tg.fault(Fault::TooManyRequests { retry_after: 3600 }.always().on_sends().for_bot(SHOP).in_chat(CROWD + 59));
    let id = sends(&w.db(), draft("Скидки"));
    w.tg.wait_receipt(|call| call.chat_id == Some(CROWD), crate::harness::PATIENCE).await.unwrap();
    acts(&w.db(), |tx| {
        let (bot, chat) = (BotName::Customer, dvorik::ids::TelegramId(CROWD + 59));
        outbox::enqueue(tx, &Letter::automatic(bot, chat, "Письмо".into(), Keyboard::None))
    })
    .unwrap();
    let held = ended(&w, id).await;
    assert_eq!((held.status, held.pause_reason), (Status::Paused, Some(PauseReason::Flood)));
    w.owner().hears_ever("остановилась").await;
    counted(&w, id);
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_a_foreground_send_is_refused_by_name_and_what_is_of_another_world_is_not_waited_for() {
    let mut w = World::closed().await;
    crowd(&w, 3);
    hurries(&w);
    let id = made(&w, "Ярмарка");
    // The test pair has no bot here, and somebody has left this lying.
    sends(&w.db(), draft("Проба"));
    w.change("UPDATE broadcasts SET is_test = 1, status = 'sending' WHERE title = 'Проба'");
    let sent = w.ran(&["broadcast", "send", &id, "--yes", "--json"]);
    assert_eq!(sent.code, 0, "{} {}", sent.out, sent.err);
    assert_eq!(w.ran(&["job", "run", "broadcasts"]).code, 0);
    let again = made(&w, "Снова");
    w.reconfigures(&[("\"1000001:builtin-customer-token\"", "\"\"")]);
    for args in [["broadcast", "send", &again, "--yes", "--json"].as_slice(), &["job", "run", "broadcasts", "--json"]] {
        let refused = w.ran(args);
        assert_eq!(refused.code, 78, "{} {}", refused.out, refused.err);
        assert!(refused.err.contains("bots.customer.token"), "{}", refused.err);
    }
    assert!(readers(&w, "Снова").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_ends_with_its_own_broadcast_and_leaves_the_others_to_the_next_sender() {
    let w = World::closed().await;
    crowd(&w, 30);
    w.sets(&settings::RATE_LIMIT_PER_MINUTE, "600");
    let everybody = sends(&w.db(), draft("Всем"));
    let few = w.ran(&["broadcast", "create", "Двоим", "--text", "Двоим", "--users", "tg:500001,tg:500002", "-q"]);
    assert_eq!(few.code, 0, "{}", few.err);
    let sent = w.ran(&["broadcast", "send", few.out.trim(), "--yes"]);
    assert_eq!(sent.code, 0, "{} {}", sent.out, sent.err);
    assert!(sent.err.contains("Другие рассылки ждут"), "{}", sent.err);
    let other = block_in_place(|| w.db().read(|view| broadcast::get(view, everybody))).unwrap();
    assert_eq!(other.status, Status::Sending);
    let counts = counted(&w, everybody);
    assert!(counts.queued > 0 && counts.sending == 0 && counts.unknown == 0, "{counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_watches_delivers_itself_when_whoever_delivered_has_left() {
    let w = World::closed().await;
    crowd(&w, 5);
    hurries(&w);
    let id = made(&w, "Ярмарка");
    let held = locks::take(&w.config().database.path, Lock::Sender).unwrap();
    let mut watching = begins(&w, &["broadcast", "send", &id, "--yes", "--json"]);
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    block_in_place(|| assert_eq!(lines.by_ref().take(3).count(), 3, "it is attached by now"));
    assert!(readers(&w, "Ярмарка").is_empty());
    drop(held);
    let last = block_in_place(|| lines.last()).unwrap().unwrap();
    assert!(last.contains("\"sent\":5"), "{last}");
    assert_eq!(block_in_place(|| watching.wait()).unwrap().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_stops_what_is_delivered_here_and_only_detaches_from_a_daemon() {
    let mut w = World::closed().await;
    crowd(&w, 40);
    w.sets(&settings::RATE_LIMIT_PER_MINUTE, "60");
    let id = made(&w, "Ярмарка");
    let interrupted = |child: &mut Child| {
        let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        block_in_place(|| child.wait()).unwrap().code()
    };
    let mut first = begins(&w, &["broadcast", "send", &id, "--yes", "--json"]);
    w.tg.wait_receipt(|call| call.chat_id == Some(CROWD), crate::harness::PATIENCE).await.unwrap();
    assert_eq!(interrupted(&mut first), Some(130));
    let counts = counted(&w, broadcast::BroadcastId(id.parse().unwrap()));
    assert!(counts.queued > 0 && counts.sending == 0, "{counts:?}");
    w.serves().await;
    let mut second = begins(&w, &["broadcast", "send", &id, "--yes", "--json"]);
    let mut lines = BufReader::new(second.stdout.take().unwrap()).lines();
    assert!(block_in_place(|| lines.next()).is_some());
    assert_eq!(interrupted(&mut second), Some(0));
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_gate_that_was_slowed_down_stays_as_slow_over_a_restart() {
    let w = World::closed().await;
    w.sets(&settings::PAID_BROADCASTS, "true");
    let paid = sender::limits(true, 1000);
    let taken_up = |rate_x100: u32| {
        let state =
            GateState { closed_all_until_ms: 0, closed_bulk_until_ms: 0, rate_x100, methods: ClosedMethods::default() };
        acts(&w.db(), move |tx| gates::keep(tx, BotName::Customer, state)).unwrap();
        let bots = dvorik::daemon::bots(w.config(), &Clock::System).unwrap();
        let (name, bot) = bots.into_iter().find(|(name, _)| *name == BotName::Customer).unwrap();
        block_in_place(|| take_up_gate(&w.db(), name, &bot)).unwrap();
        bot.set_limits(paid);
        bot.gate_state().rate_x100
    };
    assert_eq!(taken_up(72_100), 72_100);
    let free = Limits::default().per_second * 100;
    assert_eq!(taken_up(free), paid.per_second * 100, "nothing had slowed it: it was not paid for yet");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wished_of_delivered_messages_is_asked_once_where_the_token_is_refused() {
    let mut w = World::open().await;
    crowd(&w, 4);
    hurries(&w);
    let id = sends(&w.db(), draft("Ярмарка"));
    assert_eq!(ended(&w, id).await.status, Status::Sent);
    w.stops().await;
    w.reconfigures(&[("builtin-customer-token", "refused-customer-token")]);
    assert_eq!(w.ran(&["broadcast", "recall", &id.to_string(), "--yes"]).code, 0);
    w.runs();
    w.waits_for_log("nothing is mended any more").await;
    assert_eq!(w.terminates().await, Some(0));
    assert_eq!(w.count("SELECT count(*) FROM deliveries WHERE wish = 'recall'"), 4, "the wish is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn recipients_and_files_have_their_time_and_what_a_broadcast_was_stays() {
    let w = World::closed().await;
    crowd(&w, 6);
    hurries(&w);
    let (old, new) = (made(&w, "Давно"), made(&w, "Недавно"));
    for id in [&old, &new] {
        assert_eq!(w.ran(&["broadcast", "send", id, "--yes"]).code, 0);
    }
    w.change("UPDATE broadcasts SET finished_at = '2020-01-01T00:00:00Z' WHERE title = 'Давно'");
    let stray = w.file("media/0000");
    std::fs::create_dir_all(stray.parent().unwrap()).unwrap();
    std::fs::write(&stray, "x").unwrap();
    let fresh = w.file("media/1111");
    std::fs::write(&fresh, "x").unwrap();
    // The file system's clock is not the one that `.ci/at` fakes.
    let now = std::time::Duration::from_secs(u64::try_from(dvorik::clock::Clock::System.now().0).unwrap());
    for (file, since_epoch) in [(&stray, std::time::Duration::from_secs(1_600_000_000)), (&fresh, now)] {
        let at = std::time::UNIX_EPOCH + since_epoch;
        std::fs::File::options().write(true).open(file).unwrap().set_modified(at).unwrap();
    }
    let cleaned = w.ran(&["job", "run", "cleanup", "--json"]);
    assert_eq!(cleaned.code, 0, "{}", cleaned.err);
    assert_eq!(w.count(&format!("SELECT count(*) FROM deliveries WHERE broadcast_id = {old}")), 0);
    assert_eq!(w.count(&format!("SELECT count(*) FROM deliveries WHERE broadcast_id = {new}")), 6);
    assert_eq!(w.count(&format!("SELECT sent FROM broadcasts WHERE id = {old}")), 6, "the counters stay");
    assert!(!stray.exists() && fresh.exists(), "a file copied just now may be about to be named");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "half a minute: the patience of a command that Telegram takes nothing from"]
async fn a_command_that_telegram_takes_nothing_from_ends_and_says_when_to_come_again() {
    let w = World::closed().await;
    crowd(&w, 5);
    w.tg.fault(Fault::TooManyRequests { retry_after: 200 }.always().on_sends());
    let id = made(&w, "Ярмарка");
    for args in [["broadcast", "send", &id, "--yes", "--json"].as_slice(), &["job", "run", "broadcasts", "--json"]] {
        let ended = w.ran(args);
        assert_eq!(ended.code, 75, "{} {}", ended.out, ended.err);
        assert_eq!(ended.error()["code"], "TELEGRAM_UNAVAILABLE", "{}", ended.err);
    }
    assert_eq!(counted(&w, broadcast::BroadcastId(id.parse().unwrap())).queued, 5);
}
