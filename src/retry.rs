//! Decides, from Telegram's answer to a call, whether the message is tried again, and when. No other code decides this.
//! Pure: the functions read neither database nor clock. Used for letters (`outbox`), broadcasts (`broadcast::rules`)
//! and pending edits (`broadcast::pending_edit`).
//!
//! - Telegram certainly did not accept the message (a refused connection, a request that was never written, 429): the
//!   call does not count as an attempt, and the message is tried again.
//! - The answer is doubtful (5xx, reset or time-out after the request was written, an answer cut off in the middle, a
//!   crash during the call): a letter is tried again with growing pauses up to a limit, because a second copy is better
//!   than none; so is an edit or a deletion, which may safely happen twice; a broadcast message is never sent again by
//!   itself.
//! - Any other answer is final: the message is not tried again.

use crate::telegram::reply::Class;

/// The kind of message that a call sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// A reply that a person waits for.
    Answer,
    /// A code, or a notice sent by the shop.
    Notice,
    /// An edit or a deletion of a delivered message.
    Amendment,
    /// A message of a broadcast.
    Broadcast,
}

/// The attempts to send a message so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Past {
    /// How many attempts there were, including the one that has just ended; from 1.
    pub attempts: i64,
    /// How many attempts before the one that has just ended were doubtful.
    pub doubts: i64,
    /// Milliseconds since the first doubtful attempt, without the outages in which Telegram did not even answer
    /// `getMe`.
    pub doubted_for_ms: i64,
}

/// What happens to the message next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Telegram confirmed the message.
    Done,
    /// Telegram refused the message and would refuse it again.
    Refused,
    /// It is unknown whether Telegram accepted the message, and it is not tried again.
    GiveUp,
    /// The message is tried again.
    Again {
        /// How many milliseconds from now the message is tried.
        after_ms: i64,
        /// How the attempt that has just ended counts.
        tried: Tried,
    },
}

/// How an attempt counts when the message is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// The attempt does not count: Telegram accepted nothing.
    Not,
    /// The attempt counts as one that certainly delivered nothing.
    InVain,
    /// The attempt counts as doubtful.
    Doubtful,
}

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// The pauses after the first doubtful attempts, in milliseconds; later pauses are an hour.
const PAUSES_MS: [i64; 4] = [5_000, 30_000, 2 * MINUTE_MS, 10 * MINUTE_MS];
/// How often a broadcast message is tried again after a restart of Telegram's servers.
pub const RESTARTS: i64 = 3;

impl MessageKind {
    /// For how many milliseconds after its first doubtful attempt a message is tried again; 0 for a broadcast.
    #[must_use]
    pub const fn limit_ms(self) -> i64 {
        match self {
            Self::Answer => 15 * MINUTE_MS,
            Self::Notice => 24 * HOUR_MS,
            Self::Amendment => 48 * HOUR_MS,
            Self::Broadcast => 0,
        }
    }
}

/// Decides what happens to a message after an attempt that Telegram answered with `class`. When Telegram refuses the
/// bot's token, the message waits; the caller stops sending through that bot.
#[must_use]
pub fn next(class: Class, kind: MessageKind, past: Past) -> Next {
    match class {
        Class::Sent { .. } => Next::Done,
        // The rate limiter holds the message back for as long as Telegram asked, or until Telegram is reached again.
        Class::RetryAfter(_) | Class::NotConnected | Class::Token => Next::Again { after_ms: 0, tried: Tried::Not },
        Class::ServerRestart if kind == MessageKind::Broadcast => {
            let again = Next::Again { after_ms: 0, tried: Tried::InVain };
            if past.attempts <= RESTARTS { again } else { Next::Refused }
        }
        Class::Unknown | Class::ServerRestart => after_doubt(kind, past),
        Class::Blocked
        | Class::Gone
        | Class::NeverStarted
        | Class::ChatGone
        | Class::NotFound
        | Class::BadMessage
        | Class::BadMedia
        | Class::Rejected => Next::Refused,
    }
}

fn after_doubt(kind: MessageKind, past: Past) -> Next {
    let left_ms = kind.limit_ms() - past.doubted_for_ms.max(0);
    if left_ms <= 0 {
        return Next::GiveUp;
    }
    let pause = usize::try_from(past.doubts).ok().and_then(|doubts| PAUSES_MS.get(doubts));
    // The pause is cut so that the last attempt is made exactly at the limit.
    let after_ms = pause.copied().unwrap_or(HOUR_MS).min(left_ms);
    Next::Again { after_ms, tried: Tried::Doubtful }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [MessageKind; 4] =
        [MessageKind::Answer, MessageKind::Notice, MessageKind::Amendment, MessageKind::Broadcast];
    const SENT: Class = Class::Sent { message_id: Some(7) };
    const FINAL: [Class; 8] = [
        Class::Blocked,
        Class::Gone,
        Class::NeverStarted,
        Class::ChatGone,
        Class::NotFound,
        Class::BadMessage,
        Class::BadMedia,
        Class::Rejected,
    ];
    const NOT_TAKEN: [Class; 3] = [Class::RetryAfter(3), Class::NotConnected, Class::Token];

    fn past(attempts: i64, doubts: i64, doubted_for_ms: i64) -> Past {
        Past { attempts, doubts, doubted_for_ms }
    }

    /// Every combination of age and number of doubtful attempts that a message may have.
    fn pasts() -> impl Iterator<Item = Past> {
        let ages = [0, 1, 5_000, 15 * MINUTE_MS - 1, 15 * MINUTE_MS, 24 * HOUR_MS, 48 * HOUR_MS, 500 * HOUR_MS];
        let counts = (0..8).flat_map(|doubts| (1..6).map(move |attempts| (doubts, attempts + doubts)));
        counts.flat_map(move |(doubts, attempts)| ages.map(|age| past(attempts, doubts, age)))
    }

    #[test]
    fn what_telegram_said_is_final_at_any_age_and_what_it_never_got_is_no_attempt() {
        for kind in KINDS {
            for past in pasts() {
                assert_eq!(next(SENT, kind, past), Next::Done);
                for class in FINAL {
                    assert_eq!(next(class, kind, past), Next::Refused, "{class:?} {kind:?} {past:?}");
                }
                for class in NOT_TAKEN {
                    let again = Next::Again { after_ms: 0, tried: Tried::Not };
                    assert_eq!(next(class, kind, past), again, "{class:?} {kind:?} {past:?}");
                }
            }
        }
    }

    #[test]
    fn a_broadcast_never_writes_twice_after_a_doubt_and_waits_out_three_restarts() {
        for past in pasts() {
            assert_eq!(next(Class::Unknown, MessageKind::Broadcast, past), Next::GiveUp);
            let after = next(Class::ServerRestart, MessageKind::Broadcast, past);
            let again = Next::Again { after_ms: 0, tried: Tried::InVain };
            assert_eq!(after, if past.attempts <= 3 { again } else { Next::Refused }, "{past:?}");
        }
    }

    #[test]
    fn after_a_doubt_a_message_to_one_person_is_tried_again_with_growing_pauses() {
        for kind in [MessageKind::Answer, MessageKind::Notice, MessageKind::Amendment] {
            for class in [Class::Unknown, Class::ServerRestart] {
                let pauses = [5_000, 30_000, 120_000, 600_000];
                for (doubts, after_ms) in (0..).zip(pauses) {
                    let again = Next::Again { after_ms, tried: Tried::Doubtful };
                    assert_eq!(next(class, kind, past(doubts + 1, doubts, 1)), again, "{kind:?} {doubts}");
                }
            }
        }
        for doubts in 4..60 {
            let again = Next::Again { after_ms: HOUR_MS, tried: Tried::Doubtful };
            assert_eq!(next(Class::Unknown, MessageKind::Notice, past(doubts + 1, doubts, HOUR_MS)), again);
        }
    }

    #[test]
    fn each_kind_is_given_up_at_its_own_limit_and_never_before() {
        for (kind, limit) in [
            (MessageKind::Answer, 15 * MINUTE_MS),
            (MessageKind::Notice, 24 * HOUR_MS),
            (MessageKind::Amendment, 48 * HOUR_MS),
        ] {
            for doubts in 0..60 {
                let at = |age| next(Class::Unknown, kind, past(doubts + 1, doubts, age));
                for over in [limit, limit + 1, limit * 40] {
                    assert_eq!(at(over), Next::GiveUp, "{kind:?} {doubts} {over}");
                }
                for age in [0, 1, limit / 2, limit - 1] {
                    let Next::Again { after_ms, tried: Tried::Doubtful } = at(age) else { panic!("{kind:?} {age}") };
                    assert!(after_ms > 0 && age + after_ms <= limit, "{kind:?} {doubts} {age} {after_ms}");
                }
            }
        }
    }

    /// Simulates a message whose every attempt is doubtful. Returns the time of each attempt, and when the message was
    /// given up, in milliseconds since the first attempt.
    fn life(kind: MessageKind) -> (Vec<i64>, i64) {
        let (mut tries, mut now) = (Vec::new(), 0);
        loop {
            let doubts = i64::try_from(tries.len()).unwrap();
            tries.push(now);
            match next(Class::Unknown, kind, past(doubts + 1, doubts, now)) {
                Next::Again { after_ms, .. } => now += after_ms,
                _ => return (tries, now),
            }
        }
    }

    #[test]
    fn a_life_of_doubts_ends_at_the_limit_to_the_millisecond() {
        let (tries, end) = life(MessageKind::Answer);
        assert_eq!(tries, [0, 5_000, 35_000, 155_000, 755_000, 900_000]);
        assert_eq!(end, 15 * MINUTE_MS);
        let (tries, end) = life(MessageKind::Notice);
        assert_eq!((tries.len(), end), (29, 24 * HOUR_MS));
        let (tries, end) = life(MessageKind::Amendment);
        assert_eq!((tries.len(), end), (53, 48 * HOUR_MS));
        assert_eq!(life(MessageKind::Broadcast), (vec![0], 0));
    }

    #[test]
    fn a_clock_set_back_shortens_nobodys_time() {
        let again = Next::Again { after_ms: 5_000, tried: Tried::Doubtful };
        assert_eq!(next(Class::Unknown, MessageKind::Answer, past(1, 0, -HOUR_MS)), again);
    }
}
