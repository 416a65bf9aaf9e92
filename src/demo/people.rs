//! The people of the demo: names from the language catalogue, chosen by the seed, so that a demo can be repeated.

use builtin_telegram::Person;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use super::report::Role;
use crate::language::Language;

/// The people of the demo.
#[derive(Debug, Clone, Default)]
pub(super) struct Roles {
    pub owner: Person,
    pub customer: Person,
    pub cashier: Person,
    pub second_cashier: Person,
    /// A cashier who occurs only in the history: works in the evenings.
    pub third_cashier: Person,
    /// A person who occurs only in the history: waits for approval.
    pub applicant: Person,
}

impl Roles {
    /// The people that this seed chooses, all different. The same seed and language choose the same people.
    pub(super) fn of_seed(seed: u64, language: Language) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let names = language.text("demo.names", &[]);
        let mut names: Vec<&str> = names.split(',').map(str::trim).collect();
        names.shuffle(&mut rng);
        let mut names = names.into_iter();
        let mut person = |handle: &str, first_id: i64| {
            let name = names.next().unwrap_or("Alex");
            let (first, last) = name.split_once(' ').map_or((name, None), |(first, last)| (first, Some(last)));
            // Each role has its own range of Telegram ids, so that they never collide.
            let id = first_id + rng.random_range(0..10_000_000);
            Person {
                id,
                first_name: first.to_owned(),
                last_name: last.map(str::to_owned),
                username: Some(format!("{handle}_{}", id % 1000)),
            }
        };
        Self {
            owner: person("owner", 100_000_000),
            customer: person("customer", 200_000_000),
            cashier: person("cashier", 300_000_000),
            second_cashier: person("second_cashier", 400_000_000),
            third_cashier: person("evening_cashier", 500_000_000),
            applicant: person("wants_to_help", 510_000_000),
        }
    }

    /// The person in a role; `None` for roles that are programs.
    pub(super) const fn person(&self, role: Role) -> Option<&Person> {
        match role {
            Role::Owner => Some(&self.owner),
            Role::Customer => Some(&self.customer),
            Role::Cashier => Some(&self.cashier),
            Role::SecondCashier => Some(&self.second_cashier),
            Role::Daemon | Role::Telegram => None,
        }
    }

    /// The people who act in the scenario.
    pub(super) const fn people(&self) -> [&Person; 4] {
        [&self.owner, &self.customer, &self.cashier, &self.second_cashier]
    }

    /// The owner, the cashiers, and the applicant.
    pub(super) const fn staff(&self) -> [&Person; 5] {
        [&self.owner, &self.cashier, &self.second_cashier, &self.third_cashier, &self.applicant]
    }
}

/// First and last name, as the bots write them.
pub(super) fn full_name(person: &Person) -> String {
    let last = person.last_name.as_deref().map(|last| format!(" {last}")).unwrap_or_default();
    format!("{}{last}", person.first_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_chooses_the_same_four_different_people() {
        for language in Language::ALL {
            let names = |seed| Roles::of_seed(seed, language).people().map(full_name);
            assert_eq!(names(7), names(7));
            let mut four = names(7).to_vec();
            four.sort();
            four.dedup();
            assert_eq!(four.len(), 4, "{four:?}");
            assert!((1..20).any(|seed| names(seed) != names(0)));
        }
    }
}
