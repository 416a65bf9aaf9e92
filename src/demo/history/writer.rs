//! Writes the history into the shop: every act through the use-case that a bot would call, at the time when it
//! happened.

use builtin_telegram::Person;

use super::Resident;
use super::calendar::Calendar;
use super::events::{Act, Mark, TimedAct};
use crate::actor::Actor;
use crate::campaign::{self, SourceKey};
use crate::clock::Timestamp;
use crate::db::{Slice, Tx};
use crate::demo::fixture::CHANNEL;
use crate::demo::people::{Roles, full_name};
use crate::discount::model::Usage;
use crate::discount::template::{self, Event as Occasion, TemplateDraft};
use crate::discount::{self, Celebrated, Checked, CodeFilter, IssueRequest, Redeemer, SourceKind};
use crate::error::{Error, Result};
use crate::ids::{CashierId, TelegramId, UserId};
use crate::language::Language;
use crate::money::{DiscountValue, Kopecks};
use crate::outbox::{self, Lane, Queue};
use crate::realm::{BotName, Realm};
use crate::schedule::{self, Begun, Ended, Trigger};
use crate::settings;
use crate::staff::{self, Owner};
use crate::telegram::reply::Class;
use crate::user::{self, Edit, Mute, Subscription, Tag, UserStatus};

/// The seconds between a card and the press of its button.
const PRESS: i64 = 9;
/// How many reminders are read at once: more than a history has.
const MOST_DUE: usize = 5000;
/// The text that a cashier types for a misread code: valid in form, but no customer has this code.
const MISREAD: &str = "MMM0000";
/// The campaigns: the number of the day on which each begins, the key of its link and its name.
const CAMPAIGNS: [(u32, &str, &str); 3] =
    [(8, "flyer", "demo.campaign"), (38, "vk", "demo.history.vk"), (68, "fair", "demo.history.fair")];

/// The writer of the history, with what every act needs: the transaction, the days, the owner and the staff.
pub(super) struct HistoryWriter<'t, 'c> {
    tx: &'t Tx<'c>,
    calendar: &'t Calendar,
    language: Language,
    owner: Owner,
    /// The cashiers: two who alternate every three days, and a third one for the evenings.
    tills: Vec<CashierId>,
    /// The person who asked for access last night.
    applicant: user::Person,
}

/// What the writer remembers of a customer.
#[derive(Default)]
struct CustomerState {
    id: Option<UserId>,
    codes: Vec<String>,
    used: Option<String>,
    subscribed: bool,
    blocked: bool,
}

impl<'t, 'c> HistoryWriter<'t, 'c> {
    /// Sets up the shop on its first day: channel, contact and cashiers.
    pub(super) fn open(tx: &'t Tx<'c>, calendar: &'t Calendar, roles: &Roles, language: Language) -> Result<Self> {
        let first = &tx.at(calendar.at(calendar.day(0), 7, 0));
        let owner = Owner::of_telegram(tx, TelegramId(roles.owner.id))?;
        staff::change_setting(first, &settings::TELEGRAM_CHANNEL_ID, CHANNEL, &owner)?;
        staff::change_setting(first, &settings::SUPPORT_CONTACT, &language.text("demo.history.contact", &[]), &owner)?;
        let mut tills = Vec::new();
        for person in [&roles.cashier, &roles.second_cashier, &roles.third_cashier] {
            tills.push(hire(first, person, &owner)?);
        }
        Ok(Self { tx, calendar, language, owner, tills, applicant: of_shop(&roles.applicant) })
    }

    /// Writes all events; returns the people with their final state.
    pub(super) fn tell(self, people: Vec<Person>, events: &[TimedAct]) -> Result<Vec<Resident>> {
        let mut kept: Vec<CustomerState> = people.iter().map(|_| CustomerState::default()).collect();
        let mut day = 0;
        for event in events {
            while self.calendar.at(self.calendar.day(day), 7, 1800) <= event.at {
                self.begin(day)?;
                day += 1;
            }
            let (Some(person), Some(kept)) = (people.get(event.who), kept.get_mut(event.who)) else { continue };
            self.happen(&self.tx.at(event.at), person, kept, event.act)?;
        }
        let evening = self.calendar.at(self.calendar.day(super::DAYS - 2), 19, 1140);
        staff::ask(&self.tx.at(evening), Realm::Real, &self.applicant)?;
        self.do_jobs(&kept)?;
        self.settle(self.calendar.now())?;
        let resident = |(person, kept): (_, CustomerState)| Resident {
            person,
            subscribed: kept.subscribed,
            blocked: kept.blocked,
        };
        Ok(people.into_iter().zip(kept).map(resident).collect())
    }

    /// Begins a day: yesterday's letters count as delivered, and campaigns start.
    fn begin(&self, day: u32) -> Result<()> {
        let morning = self.calendar.at(self.calendar.day(day), 7, 1800);
        self.settle(morning)?;
        for (_, key, words) in CAMPAIGNS.iter().filter(|(begins, ..)| *begins == day) {
            self.begin_campaign(&self.tx.at(morning), key, &self.language.text(words, &[]))?;
        }
        Ok(())
    }

    /// Starts a campaign. The fair's campaign gives a code by its link alone; the other links only bring people.
    fn begin_campaign(&self, tx: &Tx<'_>, key: &str, name: &str) -> Result<()> {
        let actor = self.owner.actor();
        let template = match key {
            "fair" => {
                let draft = TemplateDraft {
                    title: name.to_owned(),
                    value: DiscountValue::Fixed(Kopecks(20_000)),
                    duration_days: 14,
                    event: Occasion::Campaign,
                    usage: Usage::Single,
                    recurrence: None,
                    reminders: Vec::new(),
                    message_key: None,
                    is_active: true,
                };
                Some(template::create(tx, "fair_200", &draft, actor)?.id)
            }
            _ => None,
        };
        campaign::create(tx, name, SourceKey::parse(key)?, template, actor).map(drop)
    }

    /// Marks letters as delivered, because letters of the past must not be sent.
    fn settle(&self, at: Timestamp) -> Result<()> {
        let tx = &self.tx.at(at);
        for bot in [BotName::Customer, BotName::Staff] {
            loop {
                let letters = outbox::claim(tx, &Queue::of(bot, Lane::Automatic), 1000)?;
                if letters.is_empty() {
                    break;
                }
                for letter in letters {
                    outbox::settle(tx, &letter, &Class::Sent { message_id: None }, None)?;
                }
            }
        }
        Ok(())
    }

    /// Does what the shop's jobs did until now: gifts, reminders, last night's question about every subscriber. Nothing is
    /// due when the demo begins.
    fn do_jobs(&self, kept: &[CustomerState]) -> Result<()> {
        let tx = &self.tx.at(self.calendar.now());
        let night = &self.tx.at(self.calendar.at(self.calendar.day_of(tx.now()), 2, 0).min(tx.now()));
        for id in kept.iter().filter(|kept| kept.subscribed && !kept.blocked).filter_map(|kept| kept.id) {
            user::record_subscription(night, id, Subscription::Subscribed)?;
        }
        for celebrated in discount::whose_birthday(tx, Realm::Real, self.calendar.day_of(tx.now()))? {
            discount::give_birthday_gift(tx, &celebrated)?;
        }
        for due in discount::due_reminders(tx, Realm::Real, MOST_DUE)? {
            discount::remind(tx, &due)?;
        }
        for name in schedule::Name::ALL.iter().copied() {
            // A slot that is not due is done already, or its hour has not come yet.
            if let Begun::Yes(lease) = schedule::begin(tx, name, Trigger::BySchedule)? {
                schedule::mark(tx, &lease)?;
                let ended = Ended::Done { count: 0, left_out: 0, facts: serde_json::json!({}) };
                schedule::finish(tx, &lease, &ended)?;
            }
        }
        Ok(())
    }

    fn happen(&self, tx: &Tx<'_>, person: &Person, kept: &mut CustomerState, act: Act) -> Result<()> {
        let Some(id) = kept.id else {
            return if let Act::Arrives(start) = act { arrive(tx, person, start, kept) } else { Ok(()) };
        };
        match act {
            Act::Arrives(start) => arrive(tx, person, start, kept),
            Act::Checks(found) => checks(tx, id, found, kept),
            Act::TellsBirthday(day) => discount::save_own_birthday(tx, &user::get(tx, id)?, day).map(drop),
            Act::HasBirthday => congratulate(tx, id, kept),
            Act::Redeems | Act::RedeemsWithASlip => self.redeem(tx, kept, act),
            Act::TriesAgain => match &kept.used {
                Some(code) => self.till(tx).and_then(|till| look(tx, &till, code)).map(drop),
                None => Ok(()),
            },
            Act::IsMisread => self.till(tx).and_then(|till| look(tx, &till, MISREAD)).map(drop),
            Act::Leaves => {
                kept.blocked = true;
                user::bot_blocked(tx, Realm::Real, TelegramId(person.id))
            }
            Act::Mutes => user::set_muted(tx, id, Mute::On),
            Act::IsTagged(mark) => self.tag(tx, id, mark),
            Act::IsBanned => {
                let edit = Edit { status: Some(UserStatus::Blocked), ..Edit::default() };
                user::edit(tx, id, &edit, self.owner.actor()).map(drop)
            }
        }
    }

    fn tag(&self, tx: &Tx<'_>, id: UserId, mark: Mark) -> Result<()> {
        let word = match mark {
            Mark::Vip => crate::order::VIP.to_owned(),
            Mark::Regular => self.language.text("demo.history.regular", &[]),
            Mark::Kids => self.language.text("demo.history.kids", &[]),
        };
        user::change_tags(tx, id, &[Tag::parse(&word)?], &[], self.owner.actor()).map(drop)
    }

    /// The cashier on duty at this time: two alternate every three days, a third one works in the evenings.
    fn till(&self, tx: &Tx<'_>) -> Result<Redeemer> {
        let days = self.calendar.day_of(tx.now()).signed_duration_since(self.calendar.day(0)).num_days();
        let shift = if tx.zone().hour(tx.now()) >= 17 { 2 } else { days / 3 % 2 };
        let till = usize::try_from(shift).ok().and_then(|shift| self.tills.get(shift)).or(self.tills.first());
        till.map(|id| Redeemer::Cashier(*id)).ok_or_else(|| crate::error::Refusal::CashierNotActive.into())
    }

    fn redeem(&self, tx: &Tx<'_>, kept: &mut CustomerState, act: Act) -> Result<()> {
        let Some(code) = kept.codes.pop() else { return Ok(()) };
        let till = self.till(tx)?;
        let Checked::Card(card) = look(tx, &till, &code)? else { return Ok(()) };
        let press = |after: i64, card| discount::redeem_card(&tx.at(tx.now().plus(after)), &till, Realm::Real, card);
        press(PRESS, &card.id)?;
        if act == Act::RedeemsWithASlip {
            discount::undo_card(&tx.at(tx.now().plus(4 * PRESS)), &till, &card.id)?;
            let later = &tx.at(tx.now().plus(6 * PRESS));
            let Checked::Card(card) = look(later, &till, &code)? else { return Ok(()) };
            press(7 * PRESS, &card.id)?;
        }
        kept.used = Some(code);
        Ok(())
    }
}

/// Has a person ask for access and approves the request under the person's own name.
fn hire(tx: &Tx<'_>, person: &Person, owner: &Owner) -> Result<CashierId> {
    let newcomer = of_shop(person);
    staff::ask(tx, Realm::Real, &newcomer)?;
    let cashier = staff::get_cashier_by_ref(tx, Realm::Real, &format!("tg:{}", person.id))?;
    staff::approve(&tx.at(tx.now().plus(600)), cashier.id, Some(&full_name(person)), owner)?;
    Ok(cashier.id)
}

fn of_shop(person: &Person) -> user::Person {
    user::Person {
        id: TelegramId(person.id),
        username: person.username.clone(),
        first_name: Some(person.first_name.clone()),
        last_name: person.last_name.clone(),
    }
}

fn arrive(tx: &Tx<'_>, person: &Person, start: Option<&str>, kept: &mut CustomerState) -> Result<()> {
    let arrived = campaign::arrive(tx, Realm::Real, &of_shop(person), start)?.user;
    kept.id = Some(arrived.id);
    let Some(campaign) = arrived.campaign else { return Ok(()) };
    let template = campaign::template_of(tx, campaign)?.map(|id| template::find(tx, id)).transpose()?.flatten();
    let Some(template) = template else { return Ok(()) };
    let by = Actor::Customer(arrived.id);
    let source = (SourceKind::Campaign, Some(campaign.0));
    keep(kept, discount::issue(tx, &IssueRequest { user: &arrived, template: &template, source, by: &by }))
}

fn checks(tx: &Tx<'_>, id: UserId, found: Subscription, kept: &mut CustomerState) -> Result<()> {
    user::record_subscription(tx, id, found)?;
    match found {
        Subscription::Subscribed => kept.subscribed = true,
        Subscription::NotSubscribed => kept.subscribed = false,
        Subscription::Unavailable | Subscription::NotConfigured => {}
    }
    if found != Subscription::Subscribed {
        return Ok(());
    }
    keep(kept, discount::issue_subscription_gift(tx, &user::get(tx, id)?, None))
}

fn congratulate(tx: &Tx<'_>, id: UserId, kept: &mut CustomerState) -> Result<()> {
    let celebrated = Celebrated { user: id, day: tx.zone().day(tx.now()) };
    if discount::give_birthday_gift(tx, &celebrated)? {
        let of_user = CodeFilter { user: Some(id), ..CodeFilter::default() };
        let (newest, _) = discount::list(tx, Realm::Real, &of_user, Slice { limit: 1, offset: 0 })?;
        kept.codes.extend(newest.into_iter().map(|code| code.code.as_str().to_owned()));
    }
    Ok(())
}

/// Remembers a newly issued code, which the customer may bring to the counter. The shop may have refused to issue a
/// code.
fn keep(kept: &mut CustomerState, issued: Result<discount::Issued>) -> Result<()> {
    match issued {
        Ok(discount::Issued::New(code)) => kept.codes.push(code.code.as_str().to_owned()),
        Ok(discount::Issued::Live(_)) | Err(Error::Refused(_)) => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

fn look(tx: &Tx<'_>, till: &Redeemer, typed: &str) -> Result<Checked> {
    discount::check(tx, till, Realm::Real, typed, None)
}
