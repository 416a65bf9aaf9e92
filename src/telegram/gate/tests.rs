//! Tests the rate limiter under a fake clock: limits, priorities, closures, lost connections, and random sequences of
//! all of them.

use proptest::prelude::*;

use super::*;

const START: i64 = 1_700_000_000_000;

/// Moves a fake clock as a caller that waits would: it asks, sleeps as told, wakes a little late and asks again.
struct Sleeper {
    gate: RateLimiter,
    now: i64,
}

impl Sleeper {
    fn new() -> Self {
        Self { gate: RateLimiter::new(Limits::default()), now: START }
    }

    fn ask(&mut self, lane: Lane, chat: i64) -> Decision {
        self.gate.next(lane, Some(chat), Millis(self.now))
    }

    /// Sleeps until the call may go; returns the time at which it went.
    fn pass(&mut self, lane: Lane, chat: i64, late_ms: i64) -> i64 {
        while let Decision::WaitUntil(at) = self.ask(lane, chat) {
            assert!(at.0 > self.now, "a waiter must never spin");
            self.now = at.0 + late_ms;
        }
        self.now
    }

    /// Sends `messages` broadcast messages at full speed, each to a chat of its own.
    fn broadcast(&mut self, messages: i64) {
        for chat in 0..messages {
            self.pass(Lane::Broadcast, chat, 0);
        }
    }

    fn rate(&self) -> u32 {
        self.gate.state().rate_x100
    }

    fn close(&mut self, lane: Lane, seconds: u64) -> Verdict {
        self.gate.record_429(lane, seconds, 0, Millis(self.now))
    }
}

fn most_in_a_second(times: &[i64]) -> usize {
    times.iter().map(|end| times.iter().filter(|at| (0..1000).contains(&(end - **at))).count()).max().unwrap_or(0)
}

#[test]
fn fifty_thousand_at_25_a_second_take_2000_seconds() {
    for late_ms in [0, 1, 3] {
        let mut waiter = Sleeper::new();
        let mut recent = VecDeque::new();
        for chat in 0..50_000 {
            recent.push_back(waiter.pass(Lane::Broadcast, chat, late_ms));
            if recent.len() > 25 {
                let first = recent.pop_front().unwrap();
                assert!(recent.back().unwrap() - first >= 1000, "26 calls within a second");
            }
        }
        let took_ms = waiter.now - START;
        assert!((1_980_000..=2_020_000).contains(&took_ms), "{took_ms} ms when waking {late_ms} ms late");
    }
}

#[test]
fn a_broadcast_is_spread_evenly_over_the_second() {
    let mut waiter = Sleeper::new();
    let times: Vec<_> = (0..100).map(|chat| waiter.pass(Lane::Broadcast, chat, 0)).collect();
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] == 40), "{times:?}");
}

#[test]
fn four_replies_a_second_never_wait_for_a_broadcast_at_full_speed() {
    let mut waiter = Sleeper::new();
    let mut next_reply = START + 7;
    for chat in 0..2_000 {
        while let Decision::WaitUntil(at) = waiter.ask(Lane::Broadcast, chat) {
            waiter.now = at.0.min(next_reply);
            if waiter.now == next_reply {
                assert_eq!(waiter.ask(Lane::Reply, -next_reply), Decision::Go);
                next_reply += 250;
            }
        }
    }
}

#[test]
fn a_burst_of_replies_gets_every_slot_before_the_broadcast() {
    let mut waiter = Sleeper::new();
    waiter.broadcast(200);
    let burst_at = waiter.now;
    let mut replies = 20;
    while replies > 0 {
        let reply = waiter.ask(Lane::Reply, -replies);
        let broadcast = waiter.ask(Lane::Broadcast, 1_000 + waiter.now);
        match (reply, broadcast) {
            (Decision::Go, _) => replies -= 1,
            (Decision::WaitUntil(_), Decision::Go) => panic!("a broadcast overtook a waiting reply"),
            (Decision::WaitUntil(at), Decision::WaitUntil(_)) => waiter.now = at.0,
        }
    }
    assert!(waiter.now - burst_at <= 1_000, "{} ms", waiter.now - burst_at);
}

#[test]
fn an_automatic_message_goes_before_the_next_broadcast() {
    let mut waiter = Sleeper::new();
    waiter.broadcast(100);
    let Decision::WaitUntil(at) = waiter.ask(Lane::Automatic, 1) else { panic!("the lane is not busy") };
    waiter.now = at.0;
    assert!(matches!(waiter.ask(Lane::Broadcast, 2), Decision::WaitUntil(_)));
    assert_eq!(waiter.ask(Lane::Automatic, 1), Decision::Go);
}

#[test]
fn a_waiter_who_went_away_holds_nobody_up() {
    let mut waiter = Sleeper::new();
    waiter.broadcast(100);
    let Decision::WaitUntil(at) = waiter.ask(Lane::Automatic, 1) else { panic!("the lane is not busy") };
    assert!(waiter.pass(Lane::Broadcast, 2, 0) <= at.0 + CLAIM_GRACE_MS);
}

#[test]
fn the_30th_call_waits_for_the_whole_second() {
    let mut waiter = Sleeper::new();
    let times: Vec<_> = (0..95).map(|chat| waiter.pass(Lane::Reply, chat, 0) - START).collect();
    assert_eq!([times[28], times[29], times[58], times[87]], [0, 1_000, 2_000, 3_000]);
}

#[test]
fn a_chat_gets_a_broadcast_message_when_it_is_quiet_and_answers_at_once() {
    let mut waiter = Sleeper::new();
    assert_eq!(waiter.ask(Lane::Broadcast, 5), Decision::Go);
    assert_eq!(waiter.ask(Lane::Reply, 5), Decision::Go);
    assert_eq!(waiter.pass(Lane::Broadcast, 6, 0), START + 40);
    assert_eq!(waiter.ask(Lane::Broadcast, 5), Decision::WaitUntil(Millis(START + 2_100)));
    assert_eq!(waiter.gate.chat_free_at(Lane::Broadcast, 5), Millis(START + 2_100));
}

#[test]
fn a_chat_that_floods_the_bot_is_answered_once_a_second_and_others_at_once() {
    let mut waiter = Sleeper::new();
    let mut flood = Vec::new();
    for n in 0..20 {
        flood.push(waiter.pass(Lane::Reply, 1, 0) - START);
        assert_eq!(waiter.ask(Lane::Reply, 100 + n), Decision::Go, "somebody else waited");
    }
    assert_eq!(flood[..4], [0, 0, 0, 1_050]);
    assert!(flood.windows(2).skip(2).all(|pair| pair[1] - pair[0] == 1_050), "{flood:?}");
    let resting = waiter.gate.resting(Lane::Reply, Millis(waiter.now));
    assert_eq!(resting, [(1, Millis(waiter.now + 1_050))]);
}

#[test]
fn a_chat_that_waits_holds_no_lower_lane_back() {
    let mut waiter = Sleeper::new();
    for _ in 0..3 {
        assert_eq!(waiter.ask(Lane::Reply, 1), Decision::Go);
    }
    assert!(matches!(waiter.ask(Lane::Reply, 1), Decision::WaitUntil(_)));
    assert_eq!(waiter.ask(Lane::Automatic, 2), Decision::Go);
}

#[test]
fn a_row_of_notices_leaves_a_place_to_an_answer() {
    let mut waiter = Sleeper::new();
    for _ in 0..10 {
        waiter.pass(Lane::Automatic, 1, 0);
    }
    assert_eq!(waiter.ask(Lane::Reply, 1), Decision::Go);
}

#[test]
fn a_slot_that_is_given_back_is_as_if_never_taken() {
    let mut waiter = Sleeper::new();
    for lane in [Lane::Reply, Lane::Automatic, Lane::Broadcast] {
        for _ in 0..100 {
            assert_eq!(waiter.ask(lane, 1), Decision::Go, "{lane:?}");
            let taken_at = waiter.gate.asked_at();
            waiter.gate.give_back(lane, Some(1), taken_at);
        }
    }
}

#[test]
fn what_was_taken_long_ago_gives_nobody_elses_slot_back() {
    let mut waiter = Sleeper::new();
    assert_eq!(waiter.ask(Lane::Broadcast, 1), Decision::Go);
    let taken_at = waiter.gate.asked_at();
    waiter.now += 2_000;
    for chat in 10..39 {
        assert_eq!(waiter.ask(Lane::Reply, chat), Decision::Go);
    }
    waiter.gate.give_back(Lane::Broadcast, Some(1), taken_at);
    assert!(matches!(waiter.ask(Lane::Reply, 9), Decision::WaitUntil(_)));
}

#[test]
fn a_429_on_a_broadcast_leaves_replies_open() {
    let mut waiter = Sleeper::new();
    assert_eq!(waiter.close(Lane::Broadcast, 10), Verdict::Closed);
    let until = Decision::WaitUntil(Millis(START + 10_000));
    assert_eq!((waiter.ask(Lane::Broadcast, 1), waiter.ask(Lane::Automatic, 1)), (until, until));
    assert_eq!(waiter.ask(Lane::Reply, 1), Decision::Go);
}

#[test]
fn a_429_on_a_reply_or_an_automatic_message_closes_everything() {
    for lane in [Lane::Reply, Lane::Automatic] {
        let mut waiter = Sleeper::new();
        waiter.gate.record_429(lane, 10, 250, Millis(START));
        for lane in [Lane::Reply, Lane::Automatic, Lane::Broadcast] {
            assert_eq!(waiter.ask(lane, 1), Decision::WaitUntil(Millis(START + 10_250)));
        }
    }
}

#[test]
fn the_rate_drops_once_per_closure() {
    let mut waiter = Sleeper::new();
    waiter.close(Lane::Broadcast, 10);
    assert_eq!(waiter.rate(), 2_030);
    waiter.now += 5_000;
    assert_eq!(waiter.close(Lane::Broadcast, 30), Verdict::Closed);
    assert_eq!((waiter.rate(), waiter.gate.state().closed_bulk_until_ms), (2_030, START + 35_000));
    waiter.close(Lane::Broadcast, 1);
    assert_eq!(waiter.gate.state().closed_bulk_until_ms, START + 35_000, "a later answer never shortens the closure");
    waiter.now = START + 35_000;
    waiter.close(Lane::Broadcast, 1);
    assert_eq!(waiter.rate(), 1_421);
}

#[test]
fn a_quiet_minute_wins_back_one_call_a_second() {
    let mut waiter = Sleeper::new();
    waiter.close(Lane::Broadcast, 10);
    let rate_after = |waiter: &mut Sleeper, ms| {
        waiter.now = START + 10_000 + ms;
        let _ = waiter.ask(Lane::Reply, 1);
        waiter.rate()
    };
    assert_eq!(rate_after(&mut waiter, 59_999), 2_030);
    assert_eq!(rate_after(&mut waiter, 60_000), 2_130);
    assert_eq!(rate_after(&mut waiter, 180_000), 2_330);
    assert_eq!(rate_after(&mut waiter, 86_400_000), 2_900);
}

#[test]
fn the_rate_never_falls_below_one_a_second() {
    let mut waiter = Sleeper::new();
    for _ in 0..50 {
        waiter.close(Lane::Reply, 1);
        waiter.now += 1_000;
    }
    assert_eq!(waiter.rate(), SLOWEST_X100);
    assert!(waiter.pass(Lane::Broadcast, 1, 0) <= START + 52_000);
}

#[test]
fn the_third_closure_in_ten_minutes_pauses_the_broadcast() {
    let mut waiter = Sleeper::new();
    let mut verdicts = Vec::new();
    for minutes in [0, 4, 9, 30] {
        waiter.now = START + minutes * MINUTE_MS;
        verdicts.push(waiter.close(Lane::Broadcast, 5));
    }
    assert_eq!(verdicts, [Verdict::Closed, Verdict::Closed, Verdict::PauseBroadcast, Verdict::Closed]);
}

#[test]
fn a_wait_beyond_five_minutes_pauses_the_broadcast() {
    assert_eq!(Sleeper::new().close(Lane::Broadcast, 300), Verdict::Closed);
    assert_eq!(Sleeper::new().close(Lane::Broadcast, 301), Verdict::PauseBroadcast);
    assert_eq!(Sleeper::new().close(Lane::Broadcast, u64::MAX), Verdict::PauseBroadcast);
}

#[test]
fn a_restart_obeys_the_closure_and_the_rate() {
    let mut before = Sleeper::new();
    before.close(Lane::Broadcast, 60);
    before.close(Lane::Reply, 20);
    let mut after = Sleeper::new();
    after.gate.restore(before.gate.state());
    assert_eq!(after.gate.state(), before.gate.state());
    assert_eq!(after.ask(Lane::Reply, 1), Decision::WaitUntil(Millis(START + 20_000)));
    assert_eq!(after.ask(Lane::Broadcast, 1), Decision::WaitUntil(Millis(START + 60_000)));
}

/// The time at which a caller that sleeps as told and asks again sends the next probe.
fn probes(waiter: &mut Sleeper) -> i64 {
    loop {
        let at = waiter.gate.probe_at().expect("Telegram does not answer").0;
        waiter.now = waiter.now.max(at);
        if waiter.gate.probe(Millis(waiter.now)).is_some() {
            return waiter.now;
        }
    }
}

#[test]
fn a_lost_connection_lets_nothing_through_until_a_probe_is_answered() {
    let mut waiter = Sleeper::new();
    waiter.gate.connection_lost(Millis(START));
    waiter.gate.connection_lost(Millis(START + 10));
    for lane in [Lane::Reply, Lane::Automatic, Lane::Broadcast] {
        assert!(matches!(waiter.ask(lane, 1), Decision::WaitUntil(at) if at.0 >= START + 1_000), "{lane:?}");
    }
    assert_eq!(probes(&mut waiter), START + 1_000);
    assert!(matches!(waiter.ask(Lane::Reply, 1), Decision::WaitUntil(_)), "a letter waits for the probe");
    assert_eq!(waiter.gate.probe(Millis(waiter.now)), None, "one probe at a time");
    assert!(waiter.gate.probed(Probed::Answered, Millis(waiter.now)));
    assert_eq!(waiter.ask(Lane::Reply, 1), Decision::Go);
}

#[test]
fn a_probe_that_vanished_or_was_called_off_does_not_lock_the_gate() {
    let mut waiter = Sleeper::new();
    waiter.gate.record_timeout(Millis(START));
    assert_eq!(probes(&mut waiter), START);
    assert!(probes(&mut waiter) <= START + 15_000, "given up");
    let at = Millis(waiter.now);
    waiter.gate.not_probed(at);
    assert_eq!(probes(&mut waiter), at.0 + 1_000, "still one a second");
}

#[test]
fn an_hour_of_refused_connections_costs_few_probes() {
    let mut waiter = Sleeper::new();
    let mut calls = Vec::new();
    waiter.gate.connection_lost(Millis(START));
    while waiter.now < START + 3_600_000 {
        calls.push(probes(&mut waiter));
        assert!(!waiter.gate.probed(Probed::Unreached, Millis(waiter.now)));
    }
    assert!(calls.len() <= 66, "{}", calls.len());
    assert_eq!(calls.iter().take(7).map(|at| (at - START) / 1000).collect::<Vec<_>>(), [1, 3, 7, 15, 31, 63, 123]);
}

#[test]
fn the_first_doubtful_answer_holds_every_lane_and_a_probe_a_second_finds_out() {
    let mut waiter = Sleeper::new();
    waiter.gate.record_timeout(Millis(START));
    assert_eq!(waiter.gate.silent_since(), Some(Millis(START)));
    let mut sent = Vec::new();
    for _ in 0..60 {
        for lane in [Lane::Reply, Lane::Automatic, Lane::Broadcast] {
            assert!(matches!(waiter.ask(lane, 1), Decision::WaitUntil(at) if at.0 > waiter.now));
        }
        sent.push(probes(&mut waiter) - START);
        // An answer to a call that was under way already, or to a poll, says nothing about the next message.
        assert!(!waiter.gate.connected());
        assert!(!waiter.gate.probed(Probed::Doubtful, Millis(waiter.now + 5)));
    }
    assert_eq!(sent, (0..60).map(|n| n * 1_000).collect::<Vec<_>>());
    probes(&mut waiter);
    assert!(waiter.gate.probed(Probed::Answered, Millis(waiter.now)));
    assert_eq!((waiter.ask(Lane::Reply, 1), waiter.gate.silent_since()), (Decision::Go, None));
}

#[test]
fn a_telegram_that_answers_probes_and_loses_messages_is_tried_once_a_second() {
    let mut waiter = Sleeper::new();
    let mut calls = Vec::new();
    for chat in 0..10 {
        calls.push(waiter.pass(Lane::Reply, chat, 0) - START);
        waiter.gate.record_timeout(Millis(waiter.now));
        probes(&mut waiter);
        assert!(waiter.gate.probed(Probed::Answered, Millis(waiter.now)));
    }
    assert!(calls.windows(2).skip(1).all(|pair| pair[1] - pair[0] >= 1_000), "{calls:?}");
}

#[test]
fn any_answer_ends_a_lost_connection_but_not_a_doubt() {
    let mut waiter = Sleeper::new();
    waiter.gate.connection_lost(Millis(START));
    assert!(waiter.gate.connected() && waiter.gate.is_connected());
    waiter.gate.connection_lost(Millis(START));
    waiter.gate.record_timeout(Millis(START));
    assert!(!waiter.gate.connected() && !waiter.gate.is_connected());
}

#[test]
fn a_clock_set_back_keeps_waits_as_long_as_they_were() {
    let mut waiter = Sleeper::new();
    waiter.broadcast(100);
    waiter.close(Lane::Broadcast, 10);
    waiter.now -= 3_600_000;
    let set_to = waiter.now;
    assert!(waiter.pass(Lane::Reply, 1, 0) < set_to + 1_000);
    assert_eq!(waiter.pass(Lane::Broadcast, 1, 0), set_to + 10_000);
}

#[test]
fn paid_speed_is_taken_up_and_given_back() {
    let mut waiter = Sleeper::new();
    waiter.gate.set_limits(Limits { per_second: 1_000, ..Limits::default() });
    waiter.broadcast(5_000);
    assert!((4_900..=5_100).contains(&(waiter.now - START)), "{} ms", waiter.now - START);
    waiter.gate.set_limits(Limits::default());
    let times: Vec<_> = (0..100).map(|chat| waiter.pass(Lane::Broadcast, chat, 0)).collect();
    assert_eq!(most_in_a_second(&times[25..]), 25);
}

/// Messages at the paid rate, each on its way to Telegram for 20 to 300 ms, as the caller wakes up to 5 ms late: Telegram
/// counts at most 1,000 in any sliding second of ten minutes.
#[test]
fn at_the_paid_rate_no_second_at_telegram_has_more_than_a_thousand() {
    use rand::{RngExt, SeedableRng};
    let mut chance = rand::rngs::StdRng::seed_from_u64(1);
    let mut waiter = Sleeper::new();
    waiter.gate.set_limits(crate::sender::limits(true, 1_000));
    let mut arrivals = Vec::new();
    while waiter.now < START + 10 * MINUTE_MS {
        let sent = waiter.pass(Lane::Broadcast, arrivals.len() as i64, chance.random_range(0..=5));
        arrivals.push(sent + chance.random_range(20..300));
    }
    assert!(arrivals.len() >= 950 * 600, "{} in ten minutes", arrivals.len());
    arrivals.sort_unstable();
    let most =
        arrivals.iter().enumerate().map(|(at, end)| at + 1 - arrivals.partition_point(|a| *a <= end - 1_000)).max();
    assert!(most <= Some(1_000), "{most:?} in one second");
}

#[test]
fn a_paid_rate_that_was_lowered_is_won_back_within_minutes() {
    let mut waiter = Sleeper::new();
    waiter.gate.set_limits(crate::sender::limits(true, 1_000));
    waiter.close(Lane::Broadcast, 1);
    assert_eq!(waiter.rate(), 67_200);
    waiter.now += 1_000 + 9 * MINUTE_MS;
    let _ = waiter.ask(Lane::Reply, 1);
    assert_eq!(waiter.rate(), 96_000);
}

#[test]
fn presses_have_a_share_of_their_own() {
    let mut waiter = Sleeper::new();
    let answered = (0..40).filter(|_| waiter.gate.next(Lane::Press, None, Millis(START)) == Decision::Go).count();
    assert_eq!(answered, 29);
    let replies = (0..40).filter(|chat| waiter.ask(Lane::Reply, *chat) == Decision::Go).count();
    assert_eq!(replies, 29, "no reply waits for an answer to a button");
    waiter.gate.give_back(Lane::Press, None, Millis(START));
    assert_eq!(waiter.gate.next(Lane::Press, None, Millis(START)), Decision::Go);
    assert!(
        matches!(waiter.gate.next(Lane::Press, None, Millis(START)), Decision::WaitUntil(at) if at.0 == START + 1_000)
    );
    waiter.close(Lane::Reply, 10);
    assert!(
        matches!(waiter.gate.next(Lane::Press, None, Millis(START + 1)), Decision::WaitUntil(at) if at.0 == START + 10_000)
    );
}

#[test]
fn calls_under_way_follow_the_rate() {
    let mut gate = RateLimiter::new(Limits::default());
    assert_eq!(gate.slots(), 11, "28 a second at 300 ms each");
    gate.set_limits(crate::sender::limits(true, 1_000));
    assert_eq!(gate.slots(), 384, "950 a second at 400 ms each");
    gate.set_limits(Limits { per_second: 1, ..Limits::default() });
    assert_eq!(gate.slots(), LEAST_SLOTS);
}

#[test]
fn memory_does_not_grow_with_the_audience() {
    let mut waiter = Sleeper::new();
    waiter.broadcast(20_000);
    assert!(waiter.gate.chats.len() <= 64 + 8 * 29);
    assert!(waiter.gate.all.len() <= 29 && waiter.gate.bulk.len() <= 25);
}

#[derive(Debug, Clone)]
enum Step {
    Sleep(i64),
    Ask(Lane, i64),
    Pass(Lane, i64),
    Close(Lane, u64),
    Lost,
    Found,
    Doubt,
}

fn step() -> impl Strategy<Value = Step> {
    let lane = prop::sample::select(vec![Lane::Reply, Lane::Automatic, Lane::Broadcast]);
    prop_oneof![
        6 => (0i64..120).prop_map(Step::Sleep),
        1 => (0i64..100_000).prop_map(Step::Sleep),
        30 => (lane.clone(), 0i64..20).prop_map(|(lane, chat)| Step::Ask(lane, chat)),
        10 => (lane.clone(), 0i64..20).prop_map(|(lane, chat)| Step::Pass(lane, chat)),
        1 => (lane, 0u64..40).prop_map(|(lane, seconds)| Step::Close(lane, seconds)),
        1 => Just(Step::Lost),
        3 => Just(Step::Found),
        1 => Just(Step::Doubt),
    ]
}

/// Counts the calls within a sliding second, independently of the rate limiter.
fn within_a_second(log: &[(i64, Lane, i64)], now: i64, lanes: &[Lane]) -> usize {
    log.iter().filter(|(at, lane, _)| now - at < 1000 && lanes.contains(lane)).count()
}

proptest! {
    #[test]
    fn whatever_happens_no_second_holds_too_much_and_no_closure_is_passed(
        steps in prop::collection::vec(step(), 0..600)
    ) {
        let mut waiter = Sleeper::new();
        let mut log: Vec<(i64, Lane, i64)> = Vec::new();
        let (mut all_closed, mut bulk_closed) = (0, 0);
        for step in steps {
            match step {
                Step::Sleep(ms) => waiter.now += ms,
                Step::Lost => waiter.gate.connection_lost(Millis(waiter.now)),
                Step::Doubt => waiter.gate.record_timeout(Millis(waiter.now)),
                Step::Found => {
                    waiter.gate.connected();
                    waiter.gate.probe(Millis(waiter.now));
                    waiter.gate.probed(Probed::Answered, Millis(waiter.now));
                }
                Step::Close(lane, seconds) => {
                    waiter.close(lane, seconds);
                    let until = waiter.now + i64::try_from(seconds.max(1)).unwrap() * 1000;
                    let closed = if lane == Lane::Broadcast { &mut bulk_closed } else { &mut all_closed };
                    *closed = until.max(*closed);
                }
                Step::Ask(lane, chat) | Step::Pass(lane, chat) => {
                    if matches!(step, Step::Pass(..))
                        && let Decision::WaitUntil(at) = waiter.ask(lane, chat)
                    {
                        waiter.now = at.0;
                    }
                    let now = waiter.now;
                    match waiter.ask(lane, chat) {
                        Decision::WaitUntil(at) => prop_assert!(at.0 > now),
                        Decision::Go => {
                            prop_assert!(now >= all_closed && (lane == Lane::Reply || now >= bulk_closed));
                            let gap = log.iter().rev().find(|(_, l, c)| (*l, *c) == (Lane::Broadcast, chat));
                            prop_assert!(lane != Lane::Broadcast || gap.is_none_or(|(at, ..)| now - at >= 1000));
                            log.push((now, lane, chat));
                            let mine = log.iter().filter(|(at, _, c)| *c == chat && now - at < 10_000).count();
                            prop_assert!(mine <= 3 + 10, "{mine} messages to one chat in ten seconds");
                            let rate = waiter.rate() as usize;
                            let every = [Lane::Reply, Lane::Automatic, Lane::Broadcast];
                            prop_assert!(within_a_second(&log, now, &every) * 100 <= rate);
                            let bulk = within_a_second(&log, now, &every[1..]) * 100;
                            prop_assert!(lane == Lane::Reply || bulk <= rate.saturating_sub(400).max(100));
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_429_on_a_method_closes_that_method_and_nothing_else() {
    let mut gate = RateLimiter::new(Limits::default());
    gate.record_method_429(Method::GetChatMember, 600, 250, Millis(START));
    assert_eq!(gate.method_closed_for(Method::GetChatMember, Millis(START + 1)), Some(600_249));
    gate.record_method_429(Method::GetChatMember, 1, 0, Millis(START + 2));
    assert_eq!(
        gate.method_closed_for(Method::GetChatMember, Millis(START + 2)),
        Some(600_248),
        "the longer one stands"
    );
    for method in Method::ALL.iter().filter(|method| **method != Method::GetChatMember) {
        assert_eq!(gate.method_closed_for(*method, Millis(START + 2)), None, "{method:?}");
        assert_eq!(Method::parse(method.as_str()), Some(*method));
    }
    for lane in [Lane::Reply, Lane::Automatic, Lane::Broadcast] {
        assert_eq!(gate.next(lane, Some(lane as i64), Millis(START + 1_000 * (1 + lane as i64))), Decision::Go);
    }
    assert_eq!(gate.state().rate_x100, 2900, "messages keep their rate");
    let mut next = RateLimiter::new(Limits::default());
    next.restore(gate.state());
    assert_eq!(next.method_closed_for(Method::GetChatMember, Millis(START + 600_249)), Some(1));
    assert_eq!(next.method_closed_for(Method::GetChatMember, Millis(START + 600_250)), None);
}
