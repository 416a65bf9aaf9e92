//! Faults on request: which calls fail and how, scripted or at random with a seed. The server asks for the faults of a
//! call once.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::method::brings_message;

/// One way in which a call goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The call has no effect and is answered with 429 and `retry_after` seconds.
    TooManyRequests {
        /// Seconds the bot is asked to wait.
        retry_after: u32,
    },
    /// The call has no effect and is answered with 403 and this text after `Forbidden:`.
    Forbidden(String),
    /// The call has no effect and is answered with 400 and this text after `Bad Request:`.
    BadRequest(String),
    /// The call has no effect and is answered with 404, as an older Bot API server answers a method that it does not
    /// know.
    NotFound,
    /// The call has no effect and is answered with 200 and JSON that is not of the form of Telegram's answers.
    Gibberish,
    /// The call has no effect and is answered with a JSON error of this 5xx code.
    ServerErrorJson(u16),
    /// The call has no effect and is answered with an HTML page of this 5xx code, as a broken proxy answers.
    ServerErrorHtml(u16),
    /// The call takes effect and is never answered; the connection stays open.
    HangAfterAccept,
    /// The call takes effect and the connection is reset instead of an answer.
    ResetAfterAccept,
    /// The call takes effect and the answer breaks off in the middle of its body.
    TruncatedBody,
    /// The call takes effect and the answer is this many milliseconds late (on top of the general latency).
    Latency(u64),
}

impl Fault {
    /// A rule with this fault for the next `calls` matching calls.
    #[must_use]
    pub fn next(self, calls: u64) -> FaultRule {
        FaultRule { left: Some(calls), ..FaultRule::every(self) }
    }

    /// A rule with this fault for every matching call, until the faults are cleared.
    #[must_use]
    pub fn always(self) -> FaultRule {
        FaultRule::every(self)
    }

    /// A rule with this fault for each matching call with probability `chance` (0–1). The same `seed` gives the same
    /// sequence.
    #[must_use]
    pub fn with_chance(self, chance: f64, seed: u64) -> FaultRule {
        FaultRule { luck: Some((chance.clamp(0.0, 1.0), StdRng::seed_from_u64(seed))), ..FaultRule::every(self) }
    }
}

/// A fault and the calls that it affects. Unless narrowed, a rule matches every method but getUpdates, so that a poll
/// does not use up a fault meant for a send. If several rules match a call, the first one decides; latencies add up.
#[derive(Debug)]
pub struct FaultRule {
    fault: Fault,
    bot: Option<String>,
    method: Option<String>,
    sends_only: bool,
    chat: Option<i64>,
    user: Option<i64>,
    skip: u64,
    left: Option<u64>,
    luck: Option<(f64, StdRng)>,
}

impl FaultRule {
    fn every(fault: Fault) -> Self {
        Self {
            fault,
            bot: None,
            method: None,
            sends_only: false,
            chat: None,
            user: None,
            skip: 0,
            left: None,
            luck: None,
        }
    }

    /// Limits the rule to calls of this method, in any letter case. Only a rule limited to getUpdates affects
    /// getUpdates.
    #[must_use]
    pub fn on_method(mut self, method: &str) -> Self {
        self.method = Some(method.to_ascii_lowercase());
        self
    }

    /// Limits the rule to calls that bring a new message (`send…`, `copyMessage`).
    #[must_use]
    pub fn on_sends(mut self) -> Self {
        self.sends_only = true;
        self
    }

    /// Limits the rule to calls about this chat.
    #[must_use]
    pub fn in_chat(mut self, chat_id: i64) -> Self {
        self.chat = Some(chat_id);
        self
    }

    /// Limits the rule to calls about this person (`user_id`).
    #[must_use]
    pub fn about(mut self, user_id: i64) -> Self {
        self.user = Some(user_id);
        self
    }

    /// Limits the rule to calls of this bot.
    #[must_use]
    pub fn for_bot(mut self, username: &str) -> Self {
        self.bot = Some(username.to_ascii_lowercase());
        self
    }

    /// Leaves out the first `calls` matching calls.
    #[must_use]
    pub fn after(mut self, calls: u64) -> Self {
        self.skip = calls;
        self
    }

    /// Ends the rule after it has affected `calls` calls.
    #[must_use]
    pub fn times(mut self, calls: u64) -> Self {
        self.left = Some(calls);
        self
    }

    fn matches(&self, target: &Target<'_>) -> bool {
        let method = match &self.method {
            Some(wanted) => target.method.eq_ignore_ascii_case(wanted),
            None => target.method != "getUpdates",
        };
        method
            && (!self.sends_only || brings_message(target.method))
            && self.chat.is_none_or(|chat| target.chat_id == Some(chat))
            && self.user.is_none_or(|user| target.user_id == Some(user))
            && self.bot.as_ref().is_none_or(|bot| target.bot.eq_ignore_ascii_case(bot))
    }

    fn strikes(&mut self, target: &Target<'_>) -> bool {
        if self.left == Some(0) || !self.matches(target) {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        if let Some((chance, rng)) = &mut self.luck
            && !rng.random_bool(*chance)
        {
            return false;
        }
        if let Some(left) = &mut self.left {
            *left -= 1;
        }
        true
    }
}

impl From<Fault> for FaultRule {
    /// A rule for the next matching call only.
    fn from(fault: Fault) -> Self {
        fault.next(1)
    }
}

/// The features of a call to which rules are compared.
pub(super) struct Target<'a> {
    pub(super) bot: &'a str,
    pub(super) method: &'a str,
    pub(super) chat_id: Option<i64>,
    pub(super) user_id: Option<i64>,
}

/// All rules in force.
#[derive(Debug, Default)]
pub(super) struct Faults {
    rules: Vec<FaultRule>,
}

impl Faults {
    pub(super) fn add(&mut self, rule: FaultRule) {
        self.rules.push(rule);
    }

    pub(super) fn clear(&mut self) {
        self.rules.clear();
    }

    /// The faults of this call: the extra latency in milliseconds, and the first other fault.
    pub(super) fn draw(&mut self, target: &Target<'_>) -> (u64, Option<Fault>) {
        let mut late = 0;
        let mut struck = None;
        for rule in &mut self.rules {
            if let Fault::Latency(ms) = rule.fault {
                late += if rule.strikes(target) { ms } else { 0 };
            } else if struck.is_none() && rule.strikes(target) {
                struck = Some(rule.fault.clone());
            }
        }
        self.rules.retain(|rule| rule.left != Some(0));
        (late, struck)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(method: &str) -> Target<'_> {
        Target { bot: "shop_bot", method, chat_id: Some(7), user_id: None }
    }

    #[test]
    fn a_rule_strikes_only_where_it_is_aimed_and_as_often_as_told() {
        let mut faults = Faults::default();
        faults.add(Fault::HangAfterAccept.next(2).on_method("sendmessage").in_chat(7).for_bot("Shop_Bot").after(1));
        assert_eq!(faults.draw(&target("sendPhoto")).1, None);
        let strikes: Vec<_> = (0..4).map(|_| faults.draw(&target("sendMessage")).1.is_some()).collect();
        assert_eq!(strikes, [false, true, true, false]);
    }

    #[test]
    fn an_unaimed_rule_never_strikes_a_poll() {
        let mut faults = Faults::default();
        faults.add(Fault::ResetAfterAccept.always());
        assert_eq!(faults.draw(&target("getUpdates")).1, None);
        assert!(faults.draw(&target("getMe")).1.is_some());
    }

    #[test]
    fn chance_repeats_with_its_seed() {
        let run = |seed| {
            let mut faults = Faults::default();
            faults.add(Fault::TruncatedBody.with_chance(0.5, seed));
            (0..64).map(|_| faults.draw(&target("getMe")).1.is_some()).collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        assert!(run(1).contains(&true) && run(1).contains(&false));
    }

    #[test]
    fn latencies_add_up_and_leave_room_for_a_fault() {
        let mut faults = Faults::default();
        faults.add(Fault::Latency(5).always());
        faults.add(Fault::Latency(7).next(1));
        faults.add(Fault::TooManyRequests { retry_after: 3 }.into());
        assert_eq!(faults.draw(&target("getMe")), (12, Some(Fault::TooManyRequests { retry_after: 3 })));
        assert_eq!(faults.draw(&target("getMe")), (5, None));
    }
}
