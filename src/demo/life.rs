//! A plan, made from the seed, of what the customers do in the fourteen days after the demo's start: arrivals, redemptions,
//! blocks. The page plays it as real updates, each act at its time of the shop's clock. Pure, except for the random numbers.

use chrono::{Days, NaiveDate};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::history::{at_the_counter, bustle, on_the_phone};
use crate::clock::{Timestamp, Zone};

/// How many days are planned.
const DAYS: u64 = 14;
/// The seconds between the press of START and the question about the subscription.
const READS: i64 = 40;
/// The start parameters by which people come; `None` is the bot's own name.
const LINKS: [Option<&str>; 4] = [Some("ref_flyer"), Some("ref_vk"), Some("ref_fair"), None];

/// What a customer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LifeAct {
    /// A new person opens the customers' bot by this link and joins the channel.
    Arrives(Option<&'static str>),
    /// The person who came asks for the gift of subscribers.
    Checks,
    /// A holder of a code brings it to the counter.
    Redeems,
    /// A customer blocks the bot.
    Blocks,
    /// A customer mutes promotions.
    Mutes,
}

/// An act and its time. `who` chooses the person: of arrivals their number, of others any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PlannedAct {
    pub at: Timestamp,
    pub who: usize,
    pub act: LifeAct,
}

/// The acts of the days after `start`, the first to happen first, and the number of people who arrive.
pub(super) fn plan(seed: u64, zone: Zone, start: Timestamp) -> (Vec<PlannedAct>, usize) {
    let mut rng = StdRng::seed_from_u64(seed.wrapping_add(2 << 32));
    let (mut acts, mut people) = (Vec::new(), 0);
    for day in days(zone.day(start)) {
        let begin = zone.start_of(day);
        let many = bustle(day);
        for _ in 0..many {
            let (at, link) =
                (on_the_phone(&mut rng, begin), LINKS.get(rng.random_range(0..LINKS.len())).copied().flatten());
            acts.push(PlannedAct { at, who: people, act: LifeAct::Arrives(link) });
            acts.push(PlannedAct { at: at.plus(READS), who: people, act: LifeAct::Checks });
            people += 1;
        }
        for _ in 0..many {
            acts.push(PlannedAct {
                at: at_the_counter(&mut rng, begin),
                who: rng.random_range(0..1 << 20),
                act: LifeAct::Redeems,
            });
        }
        for act in [LifeAct::Blocks, LifeAct::Mutes] {
            acts.push(PlannedAct { at: on_the_phone(&mut rng, begin), who: rng.random_range(0..1 << 20), act });
        }
    }
    acts.retain(|act| act.at > start);
    acts.sort_by_key(|act| act.at);
    (acts, people)
}

fn days(first: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    (0..DAYS).filter_map(move |after| first.checked_add_days(Days::new(after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_plans_the_same_days_and_every_gift_is_asked_for_after_the_arrival() {
        let (zone, start) =
            (Zone::parse("Asia/Vladivostok").unwrap(), Timestamp::parse("2031-05-04T04:05:00Z").unwrap());
        let (acts, people) = plan(7, zone, start);
        assert_eq!(plan(7, zone, start), (acts.clone(), people));
        assert_ne!(plan(8, zone, start).0, acts);
        assert!(acts.iter().all(|act| act.at > start) && acts.is_sorted_by_key(|act| act.at));
        let of = |act: LifeAct| acts.iter().filter(|it| it.act == act).count();
        assert!(of(LifeAct::Redeems) > 100 && of(LifeAct::Checks) > 100 && of(LifeAct::Mutes) >= 13);
        for checks in acts.iter().filter(|act| act.act == LifeAct::Checks) {
            let arrives = acts.iter().find(|act| matches!(act.act, LifeAct::Arrives(_)) && act.who == checks.who);
            assert!(arrives.is_none_or(|arrives| arrives.at < checks.at));
        }
    }
}
