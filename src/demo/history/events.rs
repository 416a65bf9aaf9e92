//! The acts of the history's people, decided before anything is written: who comes when and by which link, who
//! subscribes, who brings a code to the counter and who lets it expire, who leaves. Pure, except for the random
//! numbers.

use chrono::NaiveDate;
use rand::RngExt;
use rand::rngs::StdRng;

use super::DAYS;
use super::calendar::{Calendar, bustle, pick};
use crate::clock::Timestamp;
use crate::user::Subscription;

/// Something that happens to a customer of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// The customer opens the customers' bot by this link.
    Arrives(Option<&'static str>),
    /// The customer presses the subscription button, or joins or leaves the channel; Telegram gives this answer.
    Checks(Subscription),
    /// The customer tells the bot this birthday.
    TellsBirthday(NaiveDate),
    /// The customer has a birthday and gets a gift.
    HasBirthday,
    /// The customer shows the newest code at the counter, and it is redeemed.
    Redeems,
    /// The customer shows the newest code; the cashier redeems it by mistake, undoes that, and redeems it again.
    RedeemsWithASlip,
    /// The customer shows a code that has been used.
    TriesAgain,
    /// The customer shows a code, and the cashier mistypes it.
    IsMisread,
    /// The customer blocks the bot.
    Leaves,
    /// The customer mutes promotions.
    Mutes,
    /// The owner gives the customer this tag.
    IsTagged(Mark),
    /// The owner blocks the customer.
    IsBanned,
}

/// The tag that the owner gives a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Vip,
    Regular,
    Kids,
}

/// An act and its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimedAct {
    pub at: Timestamp,
    /// The index of the customer.
    pub who: usize,
    pub act: Act,
}

/// A campaign: the start parameter of its link, the days on which it ran, the percentage of newcomers who then came by
/// it.
struct Wave(&'static str, std::ops::Range<u32>, u32);

const WAVES: [Wave; 3] = [Wave("ref_flyer", 8..90, 25), Wave("ref_vk", 38..52, 55), Wave("ref_fair", 68..71, 80)];
/// Start parameters that belong to no campaign.
const ELSEWHERE: [(Option<&str>, u32); 3] = [(None, 70), (Some("ref_insta"), 20), (Some("ref_friend"), 10)];

/// The days between a gift and the visit, with their weights. A code lasts seven days; few people come on the last day,
/// some too late.
const DELAYS: [(u32, u32); 9] = [(0, 10), (1, 22), (2, 17), (3, 13), (4, 11), (5, 9), (6, 8), (7, 6), (9, 4)];

/// All acts of `count` customers, in the order of time.
pub(super) fn of(rng: &mut StdRng, calendar: &Calendar, count: usize) -> Vec<TimedAct> {
    let days: Vec<(u32, u32)> = (0..DAYS).map(|day| (day, draw(calendar, day))).collect();
    let mut events = Vec::with_capacity(count * 6);
    for who in 0..count {
        let day = calendar.day(pick(rng, &days));
        let mut came = calendar.on_the_phone(rng, day);
        while !calendar.is_past(came.plus(60)) {
            came = came.plus(-24 * 3600);
        }
        Life { rng, calendar, who, events: &mut events }.live(came);
    }
    events.retain(|event| calendar.is_past(event.at));
    events.sort_by_key(|event| event.at);
    events
}

/// The weight of a day for newcomers: more every week, more on busy days, most while a campaign runs.
fn draw(calendar: &Calendar, day: u32) -> u32 {
    let push: u32 = WAVES.iter().filter(|wave| wave.1.contains(&day)).map(|wave| wave.2).sum();
    bustle(calendar.day(day)) * (60 + day) * (100 + push) / 100
}

/// Decides the acts of one customer and adds them to `events`.
struct Life<'a> {
    rng: &'a mut StdRng,
    calendar: &'a Calendar,
    who: usize,
    events: &'a mut Vec<TimedAct>,
}

impl Life<'_> {
    fn live(&mut self, came: Timestamp) {
        let start = self.source(came);
        self.does(came, Act::Arrives(start));
        self.leaves_or_mutes(came);
        self.tells_birthday(came);
        if self.chance(3) {
            return;
        }
        let Some(mut gift) = self.subscribes(came) else { return };
        let (mut visits, mut last) = (0, gift);
        loop {
            last = last.max(gift);
            let visited = self.visits(gift, if visits == 0 { 52 } else { 64 });
            visits += u32::from(visited);
            // The next gift is available a month later; customers who used the last one come for it.
            gift = gift.plus(self.rng.random_range(30 * 24..46 * 24) * 3600 + 1800);
            if !self.chance(if visited { 55 } else { 14 }) || !self.calendar.is_past(gift) {
                break;
            }
            let day = self.calendar.day_of(gift);
            gift = self.calendar.on_the_phone(self.rng, day).plus(24 * 3600);
            self.does(gift, Act::Checks(Subscription::Subscribed));
        }
        if self.chance(14) {
            let later = last.plus(self.rng.random_range(30..20 * 24) * 3600);
            self.does(later, Act::Checks(Subscription::NotSubscribed));
        }
        self.is_marked(last, visits);
    }

    fn does(&mut self, at: Timestamp, act: Act) {
        self.events.push(TimedAct { at, who: self.who, act });
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_range(0..100) < percent
    }

    fn minutes(&mut self, range: std::ops::Range<i64>) -> i64 {
        60 * self.rng.random_range(range) + self.rng.random_range(5..55)
    }

    fn source(&mut self, came: Timestamp) -> Option<&'static str> {
        let day = self.calendar.day_of(came);
        let running = WAVES.iter().filter(|wave| wave.1.clone().any(|at| self.calendar.day(at) == day));
        let mut waves: Vec<&Wave> = running.collect();
        waves.reverse();
        let by_wave = waves.iter().find(|wave| self.rng.random_range(0..100) < wave.2).map(|wave| wave.0);
        by_wave.or_else(|| pick(self.rng, &ELSEWHERE))
    }

    /// Decides whether the customer follows the channel. Returns the time of the first gift; `None` when there is none.
    fn subscribes(&mut self, came: Timestamp) -> Option<Timestamp> {
        let mut at = came.plus(self.rng.random_range(10..50));
        if self.chance(2) {
            self.does(at, Act::Checks(Subscription::Unavailable));
            at = at.plus(self.minutes(2..9));
        }
        if self.chance(34) {
            self.does(at, Act::Checks(Subscription::NotSubscribed));
            if self.chance(24) {
                return None;
            }
            at = at.plus(self.minutes(1..4));
        }
        self.does(at, Act::Checks(Subscription::Subscribed));
        Some(at)
    }

    /// Decides with a chance of `percent` that the customer brings the code issued at `gift` to the counter. Returns
    /// whether the code is still valid then.
    fn visits(&mut self, gift: Timestamp, percent: u32) -> bool {
        if !self.chance(percent) {
            return false;
        }
        let on = |late: u32| self.calendar.day_of(gift.plus(i64::from(late) * 24 * 3600));
        let late = pick(self.rng, &DELAYS.map(|(late, weight)| (late, weight * bustle(on(late)))));
        let day = on(late);
        let at = self.calendar.at_the_counter(self.rng, day);
        if at < gift {
            return self.visits(gift.plus(24 * 3600), 60);
        }
        if self.chance(5) {
            self.does(at.plus(-40), Act::IsMisread);
        }
        let slip = self.chance(2);
        self.does(at, if slip { Act::RedeemsWithASlip } else { Act::Redeems });
        if self.chance(4) {
            let again = self.rng.random_range(1..4) * 24 * 3600;
            self.does(at.plus(again), Act::TriesAgain);
        }
        late <= 7
    }

    fn tells_birthday(&mut self, came: Timestamp) {
        if !self.chance(22) {
            return;
        }
        let day = NaiveDate::from_yo_opt(self.rng.random_range(1958..2009), self.rng.random_range(1..366));
        let told = came.plus(self.minutes(2..600));
        let Some(day) = day else { return };
        self.does(told, Act::TellsBirthday(day));
        let coming = (1..DAYS).map(|ahead| self.calendar.day_of(told.plus(i64::from(ahead) * 24 * 3600)));
        let same = |other: &NaiveDate| other.format("%m-%d").to_string() == day.format("%m-%d").to_string();
        if let Some(feast) = coming.into_iter().find(same) {
            let morning = self.calendar.at(feast, 9, 0);
            self.does(morning, Act::HasBirthday);
            self.visits(morning, 45);
        }
    }

    fn leaves_or_mutes(&mut self, came: Timestamp) {
        let later = came.plus(self.rng.random_range(20..40 * 24) * 3600);
        if self.chance(6) {
            self.does(later, Act::Leaves);
        } else if self.chance(4) {
            self.does(later, Act::Mutes);
        }
    }

    fn is_marked(&mut self, at: Timestamp, visits: u32) {
        let evening = at.plus(24 * 3600 + self.minutes(30..300));
        if visits >= 3 || (visits == 2 && self.chance(20)) {
            self.does(evening, Act::IsTagged(Mark::Vip));
        }
        if visits >= 2 {
            self.does(evening, Act::IsTagged(Mark::Regular));
        }
        if self.chance(9) {
            self.does(evening, Act::IsTagged(Mark::Kids));
        }
        if self.rng.random_range(0..400) == 0 {
            self.does(evening, Act::IsBanned);
        }
    }
}
