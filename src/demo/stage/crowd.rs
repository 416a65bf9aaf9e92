//! Plays the plan of the customers' life as real updates: people come, ask for their gift, bring codes to a cashier who is on
//! no phone of the page, block the bot and mute it. The customers in the page's list of choices
//! are left out.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use builtin_telegram::{BuiltinTelegram, ChatMemberStatus, Person, Receipt};

use super::facts;
use crate::clock::Timestamp;
use crate::db::Database;
use crate::demo::fixture::{CHANNEL, CUSTOMER_BOT, STAFF_BOT};
use crate::demo::history;
use crate::demo::life::{LifeAct, PlannedAct, plan};
use crate::demo::pattern;
use crate::language::Language;

/// How long the cashier waits for the answer to a scanned code.
const PATIENCE: Duration = Duration::from_secs(10);

/// The customers' life: what is planned, and who takes part.
pub(super) struct Crowd {
    pub is_on: bool,
    acts: VecDeque<PlannedAct>,
    arrivals: Vec<Person>,
    /// The customers of the history who can act, by Telegram id.
    customers: Vec<i64>,
    /// The cashier who is on no phone.
    cashier: i64,
    /// Since when the cashier waits for the card of a scanned code.
    scanned: Option<Instant>,
    language: Language,
}

impl Crowd {
    pub(super) fn new(
        (seed, language): (u64, Language),
        database: &Database,
        (customers, cashier): (Vec<i64>, i64),
    ) -> Self {
        let (acts, people) = plan(seed, database.zone(), database.clock().now());
        let arrivals = history::newcomers(seed, language, people);
        Self { is_on: true, acts: acts.into(), arrivals, customers, cashier, scanned: None, language }
    }

    /// Plays the next act whose time has come, one at a call. Acts of more than an hour ago are left out: a spin has passed
    /// them.
    pub(super) fn play(&mut self, telegram: &BuiltinTelegram, database: &Database) {
        let now = database.clock().now();
        while self.acts.front().is_some_and(|act| act.at.plus(3600) < now) {
            self.acts.pop_front();
        }
        let is_due = |act: &PlannedAct| act.at <= now;
        if let Some(act) = self.acts.front().copied().filter(is_due) {
            self.acts.pop_front();
            if self.is_on {
                self.play_one(act, telegram, database, now);
            }
        }
    }

    fn play_one(&mut self, act: PlannedAct, telegram: &BuiltinTelegram, database: &Database, now: Timestamp) {
        let customer = self.customers.get(act.who.checked_rem(self.customers.len()).unwrap_or(0)).copied();
        match (act.act, self.arrivals.get(act.who), customer) {
            (LifeAct::Arrives(link), Some(person), _) => {
                telegram.add_person(person.clone());
                telegram.opens_link(CUSTOMER_BOT, person.id, link);
                telegram.set_member(CHANNEL, person.id, ChatMemberStatus::Member);
            }
            (LifeAct::Checks, Some(person), _) => {
                telegram.says(CUSTOMER_BOT, person.id, pattern::caption(self.language, "button.check_subscription"));
            }
            (LifeAct::Redeems, ..) => {
                let is_busy = self.scanned.is_some_and(|since| since.elapsed() < PATIENCE);
                let code = facts::live_code(database, act.who, now).filter(|_| !is_busy);
                if let Some(public_id) = code {
                    telegram.opens_link(STAFF_BOT, self.cashier, Some(&format!("d_{public_id}")));
                    self.scanned = Some(Instant::now());
                }
            }
            (LifeAct::Blocks, _, Some(customer)) => telegram.blocks(CUSTOMER_BOT, customer),
            (LifeAct::Mutes, _, Some(customer)) => drop(telegram.says(CUSTOMER_BOT, customer, "/mute")),
            (LifeAct::Arrives(_) | LifeAct::Checks | LifeAct::Blocks | LifeAct::Mutes, ..) => {}
        }
    }

    /// The cashier presses «Погасить» under the card of the scanned code.
    pub(super) fn hear(&mut self, telegram: &BuiltinTelegram, receipt: &Receipt) {
        if self.scanned.is_none() || receipt.chat_id != Some(self.cashier) || !receipt.is_message() {
            return;
        }
        self.scanned = None;
        let caption = pattern::caption(self.language, "button.redeem");
        // A code that was used meanwhile has no such button.
        let _ = telegram.presses_button(STAFF_BOT, self.cashier, caption);
    }
}
