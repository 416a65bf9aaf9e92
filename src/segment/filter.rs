//! A filter of customers: a typed value, made by the strict parser (`parse`) or by [`Filter::everybody`]. A customer
//! matches when every key of the filter matches (AND).
//!
//! Days are the shop's days, and "within" counts their difference: a customer who redeemed yesterday did so within 1
//! day; a customer last seen yesterday has been inactive for 1 day. Without `status`, a filter means active customers.
//! `is_test` overrides the realm that the caller asks for. `all` excludes every other key. Erased people match no
//! filter.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::node::Node;
use crate::campaign::SourceKey;
use crate::ids::words;
use crate::realm::Realm;
use crate::user::{Gender, Tag, UserStatus};

words!(
    /// The keys of a filter, in their canonical order.
    Key {
        /// All customers; excludes every other key.
        All = "all",
        /// The customer is subscribed to the channel, by the last subscription check.
        IsSubscribed = "is_subscribed",
        /// The customer holds a code that is neither redeemed, revoked nor expired.
        HasActiveDiscounts = "has_active_discounts",
        /// The customer's gender, male or female; customers of unknown gender do not match.
        Gender = "gender",
        /// The customer's age in whole years today, both ends included; customers without a birthday do not match.
        Age = "age",
        /// The shop's day of the customer's first visit, both ends included.
        Registered = "registered",
        /// The customer has any of these tags.
        Tags = "tags",
        /// The customer has none of these tags.
        NotTags = "not_tags",
        /// The customer's first source is one of these sources.
        Source = "source",
        /// The customer registered through the campaign with this key.
        Campaign = "campaign",
        /// The customer was born in this month.
        BirthdayMonth = "birthday_month",
        /// The customer has a birthday today or within this many days.
        BirthdayWithinDays = "birthday_within_days",
        /// The customer has redeemed a code within this many days.
        RedeemedWithinDays = "redeemed_within_days",
        /// The customer has not redeemed a code within this many days, or has never redeemed one.
        NotRedeemedWithinDays = "not_redeemed_within_days",
        /// The number of the customer's redemptions that were not undone, both ends included.
        Redemptions = "redemptions",
        /// The customer has not been seen for this many days.
        InactiveDays = "inactive_days",
        /// The customer's status: active, or blocked by the shop.
        Status = "status",
        /// Whether the customer is a customer of the test bots.
        IsTest = "is_test",
    }
);

impl Key {
    /// The type of the key's value.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::All => "true",
            Self::IsSubscribed | Self::HasActiveDiscounts | Self::IsTest => "bool",
            Self::Gender => "male | female",
            Self::Age => "{from, to} 0–120",
            Self::Registered => "{from, to} YYYY-MM-DD",
            Self::Tags | Self::NotTags => "[tag, …] 1–10",
            Self::Source => "source | [source, …] 1–10",
            Self::Campaign => "campaign key",
            Self::BirthdayMonth => "1–12",
            Self::BirthdayWithinDays => "days 0–365",
            Self::RedeemedWithinDays | Self::NotRedeemedWithinDays => "days 0–36500",
            Self::Redemptions => "{from, to} 0–1000000",
            Self::InactiveDays => "days 1–36500",
            Self::Status => "active | blocked",
        }
    }

    /// An example of the key's value, as JSON; a test parses each.
    #[must_use]
    pub const fn example(self) -> &'static str {
        match self {
            Self::All | Self::IsSubscribed | Self::HasActiveDiscounts | Self::IsTest => "true",
            Self::Gender => r#""female""#,
            Self::Age => r#"{"from":25,"to":35}"#,
            Self::Registered => r#"{"from":"2026-11-01"}"#,
            Self::Tags | Self::NotTags => r#"["vip"]"#,
            Self::Source => r#""direct""#,
            Self::Campaign => r#""vk""#,
            Self::BirthdayMonth => "12",
            Self::BirthdayWithinDays => "7",
            Self::RedeemedWithinDays | Self::NotRedeemedWithinDays => "30",
            Self::Redemptions => r#"{"from":1,"to":3}"#,
            Self::InactiveDays => "60",
            Self::Status => r#""blocked""#,
        }
    }
}

/// A range, both ends included; at least one end is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range<T> {
    pub from: Option<T>,
    pub to: Option<T>,
}

/// Unchecked JSON that may be a filter; [`Filter::read`] parses the JSON.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub struct Unread(pub(super) Node);

/// A valid filter: it has passed [`Filter::parse`], or is [`Filter::everybody`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    pub(super) is_subscribed: Option<bool>,
    pub(super) has_active_discounts: Option<bool>,
    pub(super) gender: Option<Gender>,
    pub(super) age: Option<Range<u32>>,
    pub(super) registered: Option<Range<NaiveDate>>,
    pub(super) tags: Vec<Tag>,
    pub(super) not_tags: Vec<Tag>,
    pub(super) source: Vec<String>,
    pub(super) campaign: Option<SourceKey>,
    pub(super) birthday_month: Option<u32>,
    pub(super) birthday_within_days: Option<u32>,
    pub(super) redeemed_within_days: Option<u32>,
    pub(super) not_redeemed_within_days: Option<u32>,
    pub(super) redemptions: Option<Range<u32>>,
    pub(super) inactive_days: Option<u32>,
    pub(super) status: Option<UserStatus>,
    pub(super) is_test: Option<bool>,
}

impl Filter {
    /// The filter of every active customer: `{"all":true}`.
    #[must_use]
    pub fn everybody() -> Self {
        Self::default()
    }

    /// The filter's canonical JSON: equal filters give equal text (keys in order, lists sorted, no duplicates), and
    /// parsing it gives the same filter. Confirmations of broadcasts hash this text.
    #[must_use]
    pub fn to_json(&self) -> String {
        let keys: Vec<String> = Key::ALL.iter().filter_map(|key| self.written(*key)).collect();
        format!("{{{}}}", keys.join(","))
    }

    /// The realm of the filter: its own `is_test`, else the realm in `asked`.
    #[must_use]
    pub fn realm(&self, asked: Realm) -> Realm {
        self.is_test.map_or(asked, Realm::from_is_test)
    }

    /// A copy of the filter without `is_test`.
    pub(super) fn of_any_realm(&self) -> Self {
        Self { is_test: None, ..self.clone() }
    }

    fn written(&self, key: Key) -> Option<String> {
        self.value(key).map(|value| format!("{}:{value}", json!(key.as_str())))
    }

    /// The value of `key` in the filter; `None` when the filter does not have the key.
    #[must_use]
    pub fn value(&self, key: Key) -> Option<Value> {
        match key {
            Key::All => (*self == Self::everybody()).then_some(json!(true)),
            Key::IsSubscribed => self.is_subscribed.map(Value::from),
            Key::HasActiveDiscounts => self.has_active_discounts.map(Value::from),
            Key::Gender => self.gender.map(|gender| gender.as_str().into()),
            Key::Age => self.age.map(|range| range.json(Value::from)),
            Key::Registered => self.registered.map(|range| range.json(|day| day.to_string().into())),
            Key::Tags => listed(&self.tags),
            Key::NotTags => listed(&self.not_tags),
            Key::Source => match self.source.as_slice() {
                [] => None,
                [one] => Some(json!(one)),
                several => Some(json!(several)),
            },
            Key::Campaign => self.campaign.as_ref().map(|key| key.as_str().into()),
            Key::BirthdayMonth => self.birthday_month.map(Value::from),
            Key::BirthdayWithinDays => self.birthday_within_days.map(Value::from),
            Key::RedeemedWithinDays => self.redeemed_within_days.map(Value::from),
            Key::NotRedeemedWithinDays => self.not_redeemed_within_days.map(Value::from),
            Key::Redemptions => self.redemptions.map(|range| range.json(Value::from)),
            Key::InactiveDays => self.inactive_days.map(Value::from),
            Key::Status => self.status.map(|status| status.as_str().into()),
            Key::IsTest => self.is_test.map(Value::from),
        }
    }
}

impl std::fmt::Display for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_json())
    }
}

impl<T: Copy> Range<T> {
    fn json(self, value: impl Fn(T) -> Value) -> Value {
        let ends = [("from", self.from), ("to", self.to)];
        let written = ends.into_iter().filter_map(|(end, at)| Some((end.to_owned(), value(at?))));
        Value::Object(written.collect::<Map<_, _>>())
    }
}

fn listed(tags: &[Tag]) -> Option<Value> {
    (!tags.is_empty()).then(|| tags.iter().map(Tag::as_str).collect())
}
