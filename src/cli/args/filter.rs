//! The flags that select customers, the same in every command. The flags are turned into the JSON of a segment's filter
//! and parsed like any other filter, so a flag means exactly what its key in JSON means.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::values;
use crate::error::Result as ShopResult;
use crate::segment::Filter;
use crate::user::UserStatus;

/// The flags that select customers. A command that can select customers in another way too refers to this group as
/// `filters`.
#[derive(Debug, Clone, clap::Args)]
#[group(id = "filters", multiple = true)]
pub(in crate::cli) struct FilterArgs {
    #[arg(long)]
    pub all: bool,
    #[arg(long)]
    pub subscribed: bool,
    #[arg(long, conflicts_with = "subscribed")]
    pub not_subscribed: bool,
    #[arg(long, value_name = "GENDER", value_parser = ["male", "female"])]
    pub gender: Option<String>,
    #[arg(long, value_name = "FROM..TO", value_parser = numbers)]
    pub age: Option<Numbers>,
    #[arg(long, value_name = "TAG", value_delimiter = ',')]
    pub tag: Vec<String>,
    #[arg(long, value_name = "TAG", value_delimiter = ',')]
    pub not_tag: Vec<String>,
    #[arg(long, value_name = "SOURCE", value_delimiter = ',')]
    pub source: Vec<String>,
    #[arg(long = "campaign", value_name = "KEY")]
    pub by_campaign: Option<String>,
    #[arg(long, value_name = "FROM..TO", value_parser = dates)]
    pub registered: Option<Dates>,
    #[arg(long, value_name = "MONTH")]
    pub birthday_month: Option<u32>,
    #[arg(long, value_name = "DAYS", value_parser = days)]
    pub birthday_within: Option<u32>,
    #[arg(long)]
    pub has_discount: bool,
    #[arg(long, conflicts_with = "has_discount")]
    pub no_discount: bool,
    #[arg(long, value_name = "DAYS", value_parser = days)]
    pub redeemed_within: Option<u32>,
    #[arg(long, value_name = "DAYS", value_parser = days)]
    pub not_redeemed_within: Option<u32>,
    #[arg(long, value_name = "FROM..TO", value_parser = numbers)]
    pub redemptions: Option<Numbers>,
    #[arg(long, value_name = "DAYS", value_parser = days)]
    pub inactive: Option<u32>,
    #[arg(long, value_name = "STATUS", value_parser = one_of!(UserStatus))]
    pub status: Option<UserStatus>,
    #[arg(
        long, value_name = "JSON",
        conflicts_with_all = [
            "all", "subscribed", "not_subscribed", "gender", "age", "tag", "not_tag", "source", "by_campaign",
            "registered", "birthday_month", "birthday_within", "has_discount", "no_discount", "redeemed_within",
            "not_redeemed_within", "redemptions", "inactive", "status",
        ]
    )]
    pub filter: Option<String>,
}

impl FilterArgs {
    /// The filter of these flags; `None` when no flag was given.
    ///
    /// # Errors
    /// `SEGMENT_INVALID` with the path in the filter's JSON.
    pub(in crate::cli) fn filter(&self) -> ShopResult<Option<Filter>> {
        if let Some(json) = &self.filter {
            return Filter::parse(json).map(Some);
        }
        let keys: Map<String, Value> =
            self.keys().into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
        if keys.is_empty() { Ok(None) } else { Filter::parse(&Value::Object(keys).to_string()).map(Some) }
    }

    fn keys(&self) -> [(&'static str, Option<Value>); 17] {
        let list = |words: &Vec<String>| (!words.is_empty()).then(|| json!(words));
        let either = |yes: bool, no: bool| (yes || no).then(|| json!(yes));
        [
            ("all", self.all.then_some(Value::Bool(true))),
            ("is_subscribed", either(self.subscribed, self.not_subscribed)),
            ("has_active_discounts", either(self.has_discount, self.no_discount)),
            ("gender", self.gender.as_ref().map(|word| json!(word))),
            ("age", self.age.map(Numbers::json)),
            ("registered", self.registered.map(Dates::json)),
            ("tags", list(&self.tag)),
            ("not_tags", list(&self.not_tag)),
            ("source", list(&self.source)),
            ("campaign", self.by_campaign.as_ref().map(|key| json!(key))),
            ("birthday_month", self.birthday_month.map(|month| json!(month))),
            ("birthday_within_days", self.birthday_within.map(|days| json!(days))),
            ("redeemed_within_days", self.redeemed_within.map(|days| json!(days))),
            ("not_redeemed_within_days", self.not_redeemed_within.map(|days| json!(days))),
            ("redemptions", self.redemptions.map(Numbers::json)),
            ("inactive_days", self.inactive.map(|days| json!(days))),
            ("status", self.status.map(|status| json!(status.as_str()))),
        ]
    }
}

/// A range of numbers: `25..35`, `25..`, `..35`; `25` is `25..25`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) struct Numbers(Option<u32>, Option<u32>);

/// A range of dates, in the same notation as [`Numbers`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) struct Dates(Option<NaiveDate>, Option<NaiveDate>);

impl Numbers {
    fn json(self) -> Value {
        ends(self.0.map(Value::from), self.1.map(Value::from))
    }
}

impl Dates {
    fn json(self) -> Value {
        ends(self.0.map(|day| json!(day.to_string())), self.1.map(|day| json!(day.to_string())))
    }
}

fn ends(from: Option<Value>, to: Option<Value>) -> Value {
    let ends = [("from", from), ("to", to)].into_iter();
    Value::Object(ends.filter_map(|(end, at)| Some((end.to_owned(), at?))).collect())
}

fn numbers(typed: &str) -> Result<Numbers, &'static str> {
    let (from, to) = two(typed, |number| number.parse().ok()).ok_or("cli.not_numbers")?;
    Ok(Numbers(from, to))
}

fn dates(typed: &str) -> Result<Dates, &'static str> {
    let (from, to) = two(typed, |day| values::date(day).ok()).ok_or("cli.not_dates")?;
    Ok(Dates(from, to))
}

/// Parses the ends of `FROM..TO`. An end may be empty; `None` when both are, or when `read` refuses one.
fn two<T: Copy>(typed: &str, read: impl Fn(&str) -> Option<T>) -> Option<(Option<T>, Option<T>)> {
    let end = |typed: &str| if typed.trim().is_empty() { Some(None) } else { read(typed.trim()).map(Some) };
    let (from, to) = match typed.split_once("..") {
        Some((from, to)) => (end(from)?, end(to)?),
        None => (end(typed)?, end(typed)?),
    };
    (from.is_some() || to.is_some()).then_some((from, to))
}

/// A number of days: `30d` or `30`.
fn days(typed: &str) -> Result<u32, &'static str> {
    typed.strip_suffix('d').unwrap_or(typed).parse().map_err(|_| "cli.not_days")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        filter: FilterArgs,
    }

    fn said(line: &str) -> Option<String> {
        let words = std::iter::once("test").chain(line.split_whitespace());
        Line::try_parse_from(words).unwrap().filter.filter().unwrap().map(|filter| filter.to_json())
    }

    #[test]
    fn every_flag_is_a_key() {
        for (line, json) in [
            ("--all", r#"{"all":true}"#),
            ("--subscribed", r#"{"is_subscribed":true}"#),
            ("--not-subscribed", r#"{"is_subscribed":false}"#),
            ("--gender female", r#"{"gender":"female"}"#),
            ("--age 25..35", r#"{"age":{"from":25,"to":35}}"#),
            ("--age 25..", r#"{"age":{"from":25}}"#),
            ("--age ..35", r#"{"age":{"to":35}}"#),
            ("--age 30", r#"{"age":{"from":30,"to":30}}"#),
            ("--tag VIP,кофе --tag торт", r#"{"tags":["vip","кофе","торт"]}"#),
            ("--not-tag vip", r#"{"not_tags":["vip"]}"#),
            ("--source ref_VK", r#"{"source":"vk"}"#),
            ("--source vk,flyer", r#"{"source":["flyer","vk"]}"#),
            ("--campaign vk", r#"{"campaign":"vk"}"#),
            ("--registered 01.11.2026..2026-11-30", r#"{"registered":{"from":"2026-11-01","to":"2026-11-30"}}"#),
            ("--birthday-month 12", r#"{"birthday_month":12}"#),
            ("--birthday-within 7d", r#"{"birthday_within_days":7}"#),
            ("--has-discount", r#"{"has_active_discounts":true}"#),
            ("--no-discount", r#"{"has_active_discounts":false}"#),
            ("--redeemed-within 30d", r#"{"redeemed_within_days":30}"#),
            ("--not-redeemed-within 30", r#"{"not_redeemed_within_days":30}"#),
            ("--redemptions 1..3", r#"{"redemptions":{"from":1,"to":3}}"#),
            ("--inactive 60d", r#"{"inactive_days":60}"#),
            ("--status blocked", r#"{"status":"blocked"}"#),
            (r#"--filter {"is_test":true}"#, r#"{"is_test":true}"#),
        ] {
            assert_eq!(said(line).as_deref(), Some(json), "{line}");
        }
        assert_eq!(said(""), None);
    }

    #[test]
    fn what_is_no_range_is_refused() {
        assert_eq!(["", "..", "a..b", "1..2..3", "-1..2", "1.5"].map(numbers), [Err("cli.not_numbers"); 6]);
        assert_eq!(["..", "2026-02-30..", "30d"].map(dates), [Err("cli.not_dates"); 3]);
        assert_eq!(["", "d", "-3d", "3w"].map(days), [Err("cli.not_days"); 4]);
    }
}
