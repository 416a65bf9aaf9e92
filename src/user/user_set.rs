//! A set of customers by their row ids. The set has one bit for each row id, so a million customers take 125 KB and two
//! sets intersect in a millisecond. Filters of customers intersect such sets; a broadcast's audience is read from a set
//! in ascending order.

use crate::ids::UserId;

const BITS: usize = u64::BITS as usize;

/// Customers, each at most once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserSet {
    words: Vec<u64>,
}

impl UserSet {
    /// Adds a customer. Memory grows with the largest row id, which stays near the number of customers, because the
    /// table assigns ids in sequence.
    pub fn insert(&mut self, id: UserId) {
        let Some((word, bit)) = place(id) else { return };
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        if let Some(word) = self.words.get_mut(word) {
            *word |= bit;
        }
    }

    /// Whether the customer is in the set.
    #[must_use]
    pub fn contains(&self, id: UserId) -> bool {
        place(id).and_then(|(word, bit)| Some(self.words.get(word)? & bit != 0)).unwrap_or(false)
    }

    /// How many customers are in the set.
    #[must_use]
    pub fn len(&self) -> i64 {
        self.words.iter().map(|word| i64::from(word.count_ones())).sum()
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// The customers that are in this set, in the other set, or in both.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        self.words.resize(self.words.len().max(other.words.len()), 0);
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
        self
    }

    /// The customers that are in both sets.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.words.truncate(other.words.len());
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
        self
    }

    /// The customers of this set that are not in the other set.
    #[must_use]
    pub fn without(mut self, other: &Self) -> Self {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= !other);
        self
    }

    /// The customers by ascending id.
    pub fn iter(&self) -> impl Iterator<Item = UserId> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let base = at * BITS;
            Ones(*word).filter_map(move |bit| i64::try_from(base + bit).ok().map(UserId))
        })
    }

    /// The customers by descending id.
    pub fn iter_down(&self) -> impl Iterator<Item = UserId> + '_ {
        self.words.iter().enumerate().rev().flat_map(|(at, word)| {
            let base = at * BITS;
            OnesDown(*word).filter_map(move |bit| i64::try_from(base + bit).ok().map(UserId))
        })
    }
}

/// The positions of the set bits of one integer, highest first.
struct OnesDown(u64);

impl Iterator for OnesDown {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let bit = (self.0 != 0).then(|| u64::BITS - 1 - self.0.leading_zeros())?;
        self.0 ^= 1 << bit;
        usize::try_from(bit).ok()
    }
}

impl FromIterator<UserId> for UserSet {
    fn from_iter<I: IntoIterator<Item = UserId>>(ids: I) -> Self {
        let mut users = Self::default();
        ids.into_iter().for_each(|id| users.insert(id));
        users
    }
}

/// The positions of the set bits of one integer, lowest first.
struct Ones(u64);

impl Iterator for Ones {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let bit = (self.0 != 0).then(|| self.0.trailing_zeros())?;
        self.0 &= self.0 - 1;
        usize::try_from(bit).ok()
    }
}

fn place(id: UserId) -> Option<(usize, u64)> {
    let at = usize::try_from(id.0).ok()?;
    Some((at / BITS, 1 << (at % BITS)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn users(ids: &BTreeSet<i64>) -> UserSet {
        ids.iter().copied().map(UserId).collect()
    }

    proptest! {
        #[test]
        fn a_user_set_is_a_set(a: BTreeSet<u16>, b: BTreeSet<u16>) {
            let (a, b): (BTreeSet<i64>, BTreeSet<i64>) =
                (a.into_iter().map(i64::from).collect(), b.into_iter().map(i64::from).collect());
            let ids = |users: &UserSet| users.iter().map(|id| id.0).collect::<Vec<_>>();
            prop_assert_eq!(ids(&users(&a).and(&users(&b))), a.intersection(&b).copied().collect::<Vec<_>>());
            prop_assert_eq!(ids(&users(&a).or(&users(&b))), a.union(&b).copied().collect::<Vec<_>>());
            prop_assert_eq!(ids(&users(&a).without(&users(&b))), a.difference(&b).copied().collect::<Vec<_>>());
            prop_assert_eq!(users(&a).len() as usize, a.len());
            prop_assert!(users(&a).iter_down().map(|id| id.0).eq(a.iter().rev().copied()));
            prop_assert!(b.iter().all(|id| users(&a).contains(UserId(*id)) == a.contains(id)));
        }
    }
}
