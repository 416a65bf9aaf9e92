//! A job is done once for its day, by whoever asks first, whatever the clock does.

use dvorik::jobs::Ran;
use dvorik::schedule::{self, Begun, Name, Trigger};

use super::{DAY, HOUR, asks, is_done, noon, process, runs};
use crate::given::writes;
use crate::harness::{World, count, texts};

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_and_cron_that_ask_at_once_have_the_effect_of_one() {
    let w = World::closed().await;
    let clock = noon();
    let processes = [process(&w, &clock), process(&w, &clock), process(&w, &clock)];
    for day in 0..5 {
        let asked = [Trigger::BySchedule, Trigger::ByHand, Trigger::BySchedule];
        let [a, b, c] = &processes;
        let ran = tokio::join!(
            asks(a, Name::Backup, asked[0]),
            asks(b, Name::Backup, asked[1]),
            asks(c, Name::Backup, asked[2])
        );
        let done = [&ran.0, &ran.1, &ran.2].into_iter().filter(|ran| is_done(ran)).count();
        assert_eq!(done, 1, "{ran:?}");
        let backups = std::fs::read_dir(w.file("backups")).unwrap().count();
        assert_eq!(backups, 2 * (day + 1), "each with its sidecar");
        clock.advance_ms(DAY);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_shop_waits_for_its_first_backup_and_report_but_misses_no_birthday() {
    let w = World::closed().await;
    let clock = noon();
    let kit = process(&w, &clock);
    writes(&kit.db, schedule::insert_missing);
    for (name, is_due) in [(Name::Birthdays, true), (Name::Cleanup, true), (Name::Backup, false), (Name::Report, false)]
    {
        assert_eq!(is_done(&runs(&kit, name).await), is_due, "{name}");
    }
    // Monday, 10:00.
    clock.advance_ms(22 * HOUR);
    for name in [Name::Birthdays, Name::Cleanup, Name::Backup, Name::Report] {
        assert!(is_done(&runs(&kit, name).await), "{name}");
        assert!(matches!(runs(&kit, name).await, Ran::NotDue { .. }), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_missed_while_nobody_was_up_is_done_once_as_soon_as_somebody_is() {
    let w = World::closed().await;
    let clock = noon();
    let kit = process(&w, &clock);
    assert!(is_done(&runs(&kit, Name::Cleanup).await));
    clock.advance_ms(5 * DAY - 9 * HOUR);
    // 03:00, before today's hour: yesterday's was missed.
    assert!(is_done(&runs(&kit, Name::Cleanup).await));
    assert!(!is_done(&runs(&kit, Name::Cleanup).await));
    clock.advance_ms(HOUR);
    assert!(is_done(&runs(&kit, Name::Cleanup).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_ahead_for_a_while_silences_no_day_and_repeats_none() {
    let w = World::closed().await;
    let clock = noon();
    let kit = process(&w, &clock);
    assert!(is_done(&runs(&kit, Name::Cleanup).await));
    clock.advance_ms(40 * DAY);
    assert!(is_done(&runs(&kit, Name::Cleanup).await));
    clock.advance_ms(-40 * DAY);
    assert!(!is_done(&runs(&kit, Name::Cleanup).await), "today was done before the jump");
    for day in 1..=45 {
        clock.advance_ms(DAY);
        assert!(is_done(&runs(&kit, Name::Cleanup).await), "day {day}");
        assert!(!is_done(&runs(&kit, Name::Cleanup).await), "day {day}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_behind_for_a_while_repeats_nothing() {
    let w = World::closed().await;
    let clock = noon();
    let kit = process(&w, &clock);
    writes(&kit.db, schedule::insert_missing);
    for _ in 0..50 {
        clock.advance_ms(DAY);
        runs(&kit, Name::Report).await;
    }
    let sent = count(&kit.db, "SELECT count(*) FROM outbox");
    assert_eq!(sent, 8);
    for days in [-40, 3, 37, -8, 8] {
        clock.advance_ms(days * DAY);
        runs(&kit, Name::Report).await;
    }
    assert_eq!(count(&kit.db, "SELECT count(*) FROM outbox"), sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_process_died_is_taken_up_two_minutes_later() {
    let w = World::closed().await;
    let clock = noon();
    let kit = process(&w, &clock);
    let begun = writes(&kit.db, |tx| schedule::begin(tx, Name::Cleanup, Trigger::BySchedule));
    let Begun::Yes(lease) = begun else { panic!("{begun:?}") };
    assert_eq!(runs(&kit, Name::Cleanup).await, Ran::Busy);
    clock.advance_ms(121_000);
    assert!(is_done(&runs(&kit, Name::Cleanup).await));
    assert!(!writes(&kit.db, move |tx| schedule::mark(tx, &lease)), "it was only slow, and its effect must not be");
    // A clock set back does not keep it in dead hands either.
    clock.advance_ms(DAY);
    writes(&kit.db, |tx| schedule::begin(tx, Name::Cleanup, Trigger::BySchedule));
    clock.advance_ms(-HOUR);
    assert!(is_done(&runs(&kit, Name::Cleanup).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_told_once_and_tried_again_after_a_growing_pause() {
    let w = World::closed().await;
    let clock = noon();
    let kit = process(&w, &clock);
    writes(&kit.db, schedule::insert_missing);
    clock.advance_ms(DAY);
    std::fs::write(w.file("backups"), "in the way").unwrap();
    let told = || texts(&kit.db, "SELECT json_extract(payload, '$.html') FROM outbox");
    let mut waited = Vec::new();
    for _ in 0..9 {
        assert!(matches!(runs(&kit, Name::Backup).await, Ran::Failed { .. }));
        let mut minutes = 0;
        while !kit.db.read(|view| schedule::due(view, Name::Backup)).unwrap() {
            clock.advance_ms(60_000);
            minutes += 1;
        }
        waited.push(minutes);
    }
    assert_eq!(waited, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    assert_eq!(told().len(), 1, "{:?}", told());
    assert!(told()[0].starts_with("Резервная копия не сделана"), "{:?}", told());
    // The others go on, and a person need not wait.
    assert!(is_done(&runs(&kit, Name::Cleanup).await));
    std::fs::remove_file(w.file("backups")).unwrap();
    assert!(is_done(&asks(&kit, Name::Backup, Trigger::ByHand).await));
    let standing = kit.db.read(schedule::list).unwrap();
    let backup = standing.iter().find(|job| job.name == Name::Backup).unwrap();
    assert_eq!((backup.failures, &backup.error, backup.count), (0, &None, 1));
    assert!(backup.duration_ms().is_some());
}
