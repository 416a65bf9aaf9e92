//! The rules of broadcasts: which status may follow which, whether a broadcast that Telegram refused may be resumed or
//! edited, what Telegram's answer does to a recipient's row, and when a broadcast stops by itself. No I/O.

use std::collections::VecDeque;

use super::model::{Broadcast, Fate, Media, PauseReason, Status};
use crate::error::Refusal;
use crate::ids::words;
use crate::retry::{self, MessageKind, Next, Past, Tried};
use crate::telegram::reply::Class;

words!(
    /// An event that changes a broadcast's status.
    Verb {
        /// An admin confirms the broadcast for a planned time.
        Schedule = "schedule",
        /// An admin takes the broadcast off the schedule.
        Unschedule = "unschedule",
        /// The sender starts the broadcast.
        Begin = "begin",
        /// The sender finds that the broadcast is too late, or different from what was confirmed.
        Hold = "hold",
        /// An admin or a stop rule pauses the broadcast.
        Pause = "pause",
        /// An admin edits a broadcast that Telegram refused before anyone got it.
        Mend = "mend",
        /// An admin resumes the broadcast.
        Resume = "resume",
        /// Every row is settled.
        Finish = "finish",
        /// No recipient got the message: the audience is empty or cannot be built, or no recipient could be reached.
        Fail = "fail",
        /// An admin cancels the broadcast.
        Cancel = "cancel",
        /// An admin has failed or unknown recipients' rows sent again.
        Requeue = "requeue",
    }
);

/// The status of a broadcast after `verb`; `None` = its present `status` does not allow the verb.
#[must_use]
pub const fn next(status: Status, verb: Verb) -> Option<Status> {
    match (status, verb) {
        (Status::Draft | Status::Scheduled | Status::Error, Verb::Schedule)
        | (Status::Paused | Status::Error, Verb::Resume)
        | (Status::Sent | Status::Error | Status::Scheduled, Verb::Requeue) => Some(Status::Scheduled),
        (Status::Scheduled, Verb::Unschedule) | (Status::Paused, Verb::Mend) => Some(Status::Draft),
        (Status::Scheduled, Verb::Begin) | (Status::Sending, Verb::Requeue) => Some(Status::Sending),
        (Status::Scheduled | Status::Sending, Verb::Hold) | (Status::Sending, Verb::Pause) => Some(Status::Paused),
        (Status::Sending, Verb::Finish) => Some(Status::Sent),
        (Status::Sending, Verb::Fail) => Some(Status::Error),
        (Status::Draft | Status::Scheduled | Status::Sending | Status::Paused, Verb::Cancel) => Some(Status::Canceled),
        _ => None,
    }
}

/// Whether recipients have been entered into the ledger under the present confirmation. Rows from a withdrawn
/// confirmation do not count: the next freezing deletes them.
pub(super) fn is_entered(broadcast: &Broadcast) -> bool {
    broadcast.is_frozen || broadcast.entered_for.is_some() && broadcast.counts.total() > 0
}

/// The refusal to resume a broadcast whose text or file Telegram has refused and which was not changed since: the next
/// recipient would fail as the first did. `None` when the broadcast may be resumed. A local file does not prevent that:
/// it is uploaded again.
pub(super) fn refused_still(broadcast: &Broadcast) -> Option<Refusal> {
    if broadcast.pause_reason != Some(PauseReason::StopRule) {
        return None;
    }
    let what = String::new();
    match (broadcast.note.as_deref(), &broadcast.draft.message.media) {
        (Some("bad_message"), _) => {
            Some(Refusal::BroadcastTextInvalid { field: "body", reason: "broadcast.rule.refused", what })
        }
        (Some("bad_media"), Media::FileId(..)) => {
            Some(Refusal::BroadcastMediaInvalid { reason: "media.refused", what })
        }
        _ => None,
    }
}

/// Whether a broadcast may be edited because Telegram refused it before anyone got the message; the edit makes it a
/// draft again.
pub(super) fn may_be_mended(broadcast: &Broadcast) -> bool {
    let counts = &broadcast.counts;
    refused_still(broadcast).is_some() && counts.sent + counts.unknown + counts.sending == 0
}

/// What Telegram's answer does to a recipient's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecipientStep {
    /// The row is settled with this fate.
    Done(Fate),
    /// The row goes back to the head of the queue.
    Again {
        /// Whether the call counts as an attempt: `false` when Telegram asked for a pause, refused the token or was not
        /// reached.
        counts: bool,
    },
}

/// What Telegram's answer to attempt number `attempt` (from 1) does to the row, by the retry policy of `crate::retry`:
/// a message with an unknown result is never sent again by itself.
#[must_use]
pub fn step(class: &Class, attempt: i64) -> RecipientStep {
    let past = Past { attempts: attempt, ..Past::default() };
    match retry::next(*class, MessageKind::Broadcast, past) {
        Next::Done => RecipientStep::Done(Fate::Sent),
        Next::Refused => RecipientStep::Done(Fate::Failed),
        Next::GiveUp => RecipientStep::Done(Fate::Unknown),
        Next::Again { tried, .. } => RecipientStep::Again { counts: tried != Tried::Not },
    }
}

words!(
    /// Why a broadcast stopped by itself.
    Stop {
        /// Too many recipients are unknown to this bot: most likely its token is another bot's.
        Strangers = "strangers",
        /// Telegram refuses the text or the buttons.
        BadMessage = "bad_message",
        /// Telegram refuses the picture or file.
        BadMedia = "bad_media",
        /// Telegram refuses too many messages for unknown reasons.
        Rejected = "rejected",
        /// For too many messages it is unknown whether they were delivered.
        Unknown = "unknown",
        /// Telegram does not know the bot's token.
        Token = "token",
        /// Telegram asked for a third pause in ten minutes, or for a very long one.
        Flood = "flood",
        /// The template of the codes is missing or inactive, or the code space is exhausted.
        Template = "template",
    }
);

const FIRST: usize = 20;
const STRANGERS: usize = 5;
/// If the first answers are this many refusals for an unknown reason, the message is at fault and the broadcast stops.
/// A single refusal may be due to the recipient.
const REFUSED_FIRST: usize = 2;
const REJECTED_FIRST: usize = 5;
/// After this many answers that did not stop the broadcast, a message may go to several recipients at once.
const TRIED: usize = 3;
const REJECTED_OF: usize = 100;
const UNKNOWN_OF: usize = 200;
const BAD_MESSAGES_IN_A_ROW: u32 = 3;

/// What the stop rules remember of Telegram's answers to one broadcast.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    seen: usize,
    strangers: usize,
    bad_messages: u32,
    /// How many of the answers, from the first one on and without a gap, were refusals for an unknown reason.
    refused_first: usize,
    was_sent: bool,
    last: VecDeque<Seen>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Rejected,
    Unknown,
    Other,
}

impl Watch {
    /// Records the answer to one attempt. Returns the stop rule by which the broadcast must stop now, if any. An answer
    /// after which the same row is tried again does not count. `is_personal` means that the text differs per recipient,
    /// so that one refused text says little about the next.
    pub fn see(&mut self, class: &Class, attempt: i64, is_personal: bool) -> Option<Stop> {
        if matches!(step(class, attempt), RecipientStep::Again { .. }) {
            return (*class == Class::Token).then_some(Stop::Token);
        }
        self.seen += 1;
        let stranger = matches!(class, Class::NotFound | Class::NeverStarted);
        self.strangers += usize::from(stranger && self.seen <= FIRST);
        self.bad_messages = if *class == Class::BadMessage { self.bad_messages + 1 } else { 0 };
        self.was_sent |= matches!(class, Class::Sent { .. });
        self.refused_first += usize::from(*class == Class::Rejected && self.refused_first + 1 == self.seen);
        self.last.push_back(match class {
            Class::Rejected | Class::ServerRestart => Seen::Rejected,
            Class::Unknown => Seen::Unknown,
            _ => Seen::Other,
        });
        if self.last.len() > UNKNOWN_OF {
            self.last.pop_front();
        }
        self.verdict(class, is_personal)
    }

    /// Whether the answers so far show that Telegram accepts this message. Until then the message goes to one recipient
    /// at a time, so that a faulty message fails for one recipient and not in all parallel calls.
    #[must_use]
    pub const fn is_proven(&self) -> bool {
        self.was_sent || self.seen >= TRIED
    }

    fn verdict(&self, class: &Class, is_personal: bool) -> Option<Stop> {
        let most_bad = if is_personal { BAD_MESSAGES_IN_A_ROW } else { 1 };
        let rejected = |of: usize| self.last.iter().rev().take(of).filter(|seen| **seen == Seen::Rejected).count();
        let unknown = self.last.iter().filter(|seen| **seen == Seen::Unknown).count();
        if *class == Class::BadMedia {
            Some(Stop::BadMedia)
        } else if self.bad_messages >= most_bad {
            Some(Stop::BadMessage)
        } else if self.strangers > STRANGERS && self.seen <= FIRST {
            Some(Stop::Strangers)
        } else if self.seen == REFUSED_FIRST && self.refused_first == REFUSED_FIRST
            || self.seen == REJECTED_FIRST && rejected(REJECTED_FIRST) == REJECTED_FIRST
            || self.seen >= REJECTED_OF && rejected(REJECTED_OF) * 5 >= REJECTED_OF
        {
            Some(Stop::Rejected)
        } else if unknown * 50 > UNKNOWN_OF {
            Some(Stop::Unknown)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retry::RESTARTS;

    fn feed(classes: impl IntoIterator<Item = Class>, is_personal: bool) -> Option<(usize, Stop)> {
        feed_attempt(1, classes, is_personal)
    }

    fn feed_attempt(
        attempt: i64,
        classes: impl IntoIterator<Item = Class>,
        is_personal: bool,
    ) -> Option<(usize, Stop)> {
        let mut watch = Watch::default();
        classes
            .into_iter()
            .enumerate()
            .find_map(|(at, class)| watch.see(&class, attempt, is_personal).map(|stop| (at + 1, stop)))
    }

    fn sent(n: usize) -> Vec<Class> {
        vec![Class::Sent { message_id: None }; n]
    }

    #[test]
    fn a_text_that_is_the_same_for_all_stops_at_its_first_refusal_and_a_personal_one_at_the_third_in_a_row() {
        assert_eq!(feed([Class::BadMessage], false), Some((1, Stop::BadMessage)));
        assert_eq!(feed([Class::BadMessage; 3], true), Some((3, Stop::BadMessage)));
        let mixed = [Class::BadMessage, Class::BadMessage, Class::Blocked, Class::BadMessage, Class::BadMessage];
        assert_eq!(feed(mixed, true), None);
    }

    #[test]
    fn strangers_stop_it_only_at_the_beginning() {
        let late = sent(20).into_iter().chain([Class::NotFound; 12]);
        assert_eq!(feed(late, false), None);
        let early = sent(14).into_iter().chain([Class::NotFound; 6]);
        assert_eq!(feed(early, false), Some((20, Stop::Strangers)));
        assert_eq!(feed([Class::NeverStarted; 9], false), Some((6, Stop::Strangers)));
    }

    #[test]
    fn refusals_stop_it_when_all_of_the_first_or_a_fifth_of_the_last_were() {
        assert_eq!(feed([Class::Rejected; 5], false), Some((2, Stop::Rejected)));
        assert_eq!(feed([Class::Blocked, Class::Rejected, Class::Rejected, Class::Rejected], false), None);
        let some = (0..200).map(|n| if n % 5 == 0 { Class::Rejected } else { Class::Blocked });
        assert_eq!(feed(some, false), Some((100, Stop::Rejected)));
        let fewer = (0..400).map(|n| if n % 6 == 0 { Class::Rejected } else { Class::Blocked });
        assert_eq!(feed(fewer, false), None);
    }

    #[test]
    fn a_message_is_proven_when_somebody_has_it_or_three_say_nothing_against_it() {
        let after = |classes: &[Class]| {
            let mut watch = Watch::default();
            assert!(!watch.is_proven());
            for class in classes {
                assert_eq!(watch.see(class, 1, true), None);
            }
            watch.is_proven()
        };
        assert!(after(&[Class::Sent { message_id: None }]));
        assert!(!after(&[Class::Blocked, Class::NotFound]) && after(&[Class::Blocked, Class::NotFound, Class::Gone]));
        assert!(!after(&[Class::RetryAfter(1); 9]), "a pause proves nothing");
    }

    #[test]
    fn a_restart_of_telegram_that_is_waited_out_is_no_refusal() {
        assert_eq!(feed_attempt(RESTARTS, [Class::ServerRestart; 500], false), None);
        assert_eq!(feed_attempt(RESTARTS + 1, [Class::ServerRestart; 500], false), Some((5, Stop::Rejected)));
    }

    #[test]
    fn more_than_two_per_cent_unknown_stop_it_and_pauses_count_for_nothing() {
        let four = (0..1000).map(|n| if n % 50 == 0 { Class::Unknown } else { Class::Sent { message_id: Some(1) } });
        assert_eq!(feed(four, false), None);
        assert_eq!(feed([Class::Unknown; 9], false), Some((5, Stop::Unknown)));
        assert_eq!(feed([Class::RetryAfter(1); 500], false), None);
        assert_eq!(feed([Class::Token], false), Some((1, Stop::Token)));
    }

    #[test]
    fn nothing_leads_out_of_canceled_and_only_the_sender_leads_into_sending() {
        for verb in Verb::ALL {
            assert_eq!(next(Status::Canceled, *verb), None);
            for status in Status::ALL {
                let into = next(*status, *verb) == Some(Status::Sending);
                assert_eq!(
                    into,
                    matches!((status, verb), (Status::Scheduled, Verb::Begin) | (Status::Sending, Verb::Requeue))
                );
            }
        }
    }
}
