//! Parses a filter from JSON, strictly. An unknown key, a wrong type, a duplicate key or a reversed range is refused
//! with its path, never ignored or guessed.

use chrono::NaiveDate;

use super::filter::{Filter, Key, Range, Unread};
use super::node::Node;
use crate::campaign::SourceKey;
use crate::error::{Refusal, Result};
use crate::user::{Gender, Tag, UserStatus, normalized_source};

const MOST_KEYS: usize = 10;
const MOST_WORDS: usize = 10;
const LONGEST: usize = 16 * 1024;
const LONGEST_SOURCE: usize = 64;
const OLDEST: u32 = 120;
const MOST_DAYS: u32 = 36_500;
const MOST_REDEMPTIONS: u32 = 1_000_000;

impl Filter {
    /// Reads a filter from JSON text.
    ///
    /// # Errors
    /// `SEGMENT_INVALID` naming the path (`age.from`, `tags[3]`) and the rule that the value breaks; never panics.
    pub fn parse(json: &str) -> Result<Self> {
        let whole = |rule| invalid("filter", rule);
        if json.len() > LONGEST {
            return Err(whole("rule.filter_long"));
        }
        of_node(&serde_json::from_str(json).map_err(|_| whole("rule.filter_json"))?)
    }

    /// Reads a filter from JSON that is part of a larger document.
    ///
    /// # Errors
    /// The errors of [`Filter::parse`].
    pub fn read(unread: &Unread) -> Result<Self> {
        of_node(&unread.0)
    }
}

fn of_node(node: &Node) -> Result<Filter> {
    let whole = |rule| invalid("filter", rule);
    let Node::Object(pairs) = node else { return Err(whole("rule.filter_object")) };
    if pairs.is_empty() {
        return Err(whole("rule.filter_empty"));
    }
    let mut filter = Filter::default();
    let mut seen = Vec::new();
    for (name, node) in pairs {
        let key = Key::parse(name).ok_or_else(|| unknown(name, Key::ALL.iter().map(|key| key.as_str())))?;
        if seen.contains(&key) {
            return Err(invalid(name, "rule.filter_twice"));
        }
        seen.push(key);
        read(&mut filter, key, &At { path: name.clone(), node })?;
    }
    if seen.contains(&Key::All) && seen.len() > 1 {
        return Err(invalid(Key::All.as_str(), "rule.filter_all_alone"));
    }
    if seen.len() > MOST_KEYS { Err(whole("rule.filter_keys")) } else { Ok(filter) }
}

fn read(filter: &mut Filter, key: Key, at: &At<'_>) -> Result<()> {
    match key {
        Key::All => at.only_true()?,
        Key::IsSubscribed => filter.is_subscribed = Some(at.bool()?),
        Key::HasActiveDiscounts => filter.has_active_discounts = Some(at.bool()?),
        Key::Gender => filter.gender = Some(at.word(known_gender, "rule.filter_gender")?),
        Key::Age => filter.age = Some(at.range(|end| end.int(0, OLDEST))?),
        Key::Registered => filter.registered = Some(at.range(|end| end.day())?),
        Key::Tags => filter.tags = at.tags()?,
        Key::NotTags => filter.not_tags = at.tags()?,
        Key::Source => filter.source = at.sources()?,
        Key::Campaign => filter.campaign = Some(at.word(|word| SourceKey::parse(word).ok(), "rule.source_key")?),
        Key::BirthdayMonth => filter.birthday_month = Some(at.int(1, 12)?),
        Key::BirthdayWithinDays => filter.birthday_within_days = Some(at.int(0, 365)?),
        Key::RedeemedWithinDays => filter.redeemed_within_days = Some(at.int(0, MOST_DAYS)?),
        Key::NotRedeemedWithinDays => filter.not_redeemed_within_days = Some(at.int(0, MOST_DAYS)?),
        Key::Redemptions => filter.redemptions = Some(at.range(|end| end.int(0, MOST_REDEMPTIONS))?),
        Key::InactiveDays => filter.inactive_days = Some(at.int(1, MOST_DAYS)?),
        Key::Status => filter.status = Some(at.word(UserStatus::parse, "rule.filter_status")?),
        Key::IsTest => filter.is_test = Some(at.bool()?),
    }
    Ok(())
}

fn known_gender(word: &str) -> Option<Gender> {
    Gender::parse(word).filter(|gender| *gender != Gender::Unknown)
}

/// A JSON value and its path in the filter.
struct At<'n> {
    path: String,
    node: &'n Node,
}

impl At<'_> {
    fn wrong(&self, rule: &'static str) -> crate::error::Error {
        invalid(&self.path, rule)
    }

    fn only_true(&self) -> Result<()> {
        if *self.node == Node::Bool(true) { Ok(()) } else { Err(self.wrong("rule.filter_all")) }
    }

    fn bool(&self) -> Result<bool> {
        match self.node {
            Node::Bool(is_so) => Ok(*is_so),
            _ => Err(self.wrong("rule.filter_bool")),
        }
    }

    fn int(&self, least: u32, most: u32) -> Result<u32> {
        let Node::Int(number) = self.node else { return Err(self.wrong("rule.filter_int")) };
        let fits = u32::try_from(*number).ok().filter(|number| (least..=most).contains(number));
        fits.ok_or_else(|| refusal(&self.path, "rule.filter_between", format!("{least}–{most}")))
    }

    fn text(&self) -> Result<&str> {
        match self.node {
            Node::Text(text) => Ok(text),
            _ => Err(self.wrong("rule.filter_text")),
        }
    }

    fn word<T>(&self, parse: impl FnOnce(&str) -> Option<T>, rule: &'static str) -> Result<T> {
        parse(self.text()?).ok_or_else(|| self.wrong(rule))
    }

    /// The value as a day, in the form `2026-11-22`.
    fn day(&self) -> Result<NaiveDate> {
        let read = |text: &str| {
            let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
            (text.len() == 10 && day.to_string() == text).then_some(day)
        };
        self.word(read, "rule.filter_day")
    }

    fn range<T: PartialOrd + Copy>(&self, read: impl Fn(&At<'_>) -> Result<T>) -> Result<Range<T>> {
        let Node::Object(pairs) = self.node else { return Err(self.wrong("rule.filter_range")) };
        let mut range = Range { from: None, to: None };
        for (name, node) in pairs {
            let end = At { path: format!("{}.{name}", self.path), node };
            let side = match name.as_str() {
                "from" => &mut range.from,
                "to" => &mut range.to,
                _ => return Err(unknown(&end.path, ["from", "to"].into_iter())),
            };
            if side.is_some() {
                return Err(end.wrong("rule.filter_twice"));
            }
            *side = Some(read(&end)?);
        }
        match range {
            Range { from: None, to: None } => Err(self.wrong("rule.filter_range")),
            Range { from: Some(from), to: Some(to) } if from > to => {
                Err(invalid(&format!("{}.from", self.path), "rule.filter_reversed"))
            }
            range => Ok(range),
        }
    }

    /// The value as a list of 1 to 10 values, each with its path.
    fn items(&self) -> Result<Vec<At<'_>>> {
        let Node::List(items) = self.node else { return Err(self.wrong("rule.filter_list")) };
        if !(1..=MOST_WORDS).contains(&items.len()) {
            return Err(self.wrong("rule.filter_list"));
        }
        Ok(items.iter().enumerate().map(|(at, node)| At { path: format!("{}[{at}]", self.path), node }).collect())
    }

    fn tags(&self) -> Result<Vec<Tag>> {
        let tags = self.items()?.into_iter().map(|item| item.word(|word| Tag::parse(word).ok(), "rule.tag"));
        let mut tags = tags.collect::<Result<Vec<_>>>()?;
        tags.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        tags.dedup();
        Ok(tags)
    }

    /// The value as one source or a list of sources.
    fn sources(&self) -> Result<Vec<String>> {
        let source = |item: &At<'_>| item.word(known_source, "rule.filter_source");
        let mut sources = match self.node {
            Node::Text(_) => vec![source(self)?],
            _ => self.items()?.iter().map(source).collect::<Result<Vec<_>>>()?,
        };
        sources.sort();
        sources.dedup();
        Ok(sources)
    }
}

/// The source `word` in the form of the column `users.source_normalized`; `None` when it is empty, too long or has
/// control characters.
fn known_source(word: &str) -> Option<String> {
    let source = normalized_source(word);
    let fits = !source.is_empty() && source.chars().count() <= LONGEST_SOURCE && !source.contains(char::is_control);
    fits.then_some(source)
}

fn invalid(path: &str, rule: &'static str) -> crate::error::Error {
    refusal(path, rule, String::new())
}

fn refusal(path: &str, rule: &'static str, range: String) -> crate::error::Error {
    Refusal::SegmentInvalid { path: shortened(path), rule, range, known: Vec::new() }.into()
}

fn unknown(path: &str, known: impl Iterator<Item = &'static str>) -> crate::error::Error {
    let (rule, known) = ("rule.filter_unknown", known.collect());
    Refusal::SegmentInvalid { path: shortened(path), rule, range: String::new(), known }.into()
}

fn shortened(path: &str) -> String {
    path.chars().take(64).collect()
}
