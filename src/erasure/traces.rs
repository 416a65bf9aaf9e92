//! Finds a person in texts of other people: a cashier's card, a notice to an owner, an idempotency key. Names match as
//! whole words; phones and Telegram ids match however their digits are grouped.

use serde_json::Value;

use crate::language::Language;
use crate::user::{User, birthday, folded};

/// What replaces the person's names and numbers.
const HIDDEN: &str = "…";
/// The least number of digits that identifies a person.
const ENOUGH_DIGITS: usize = 5;

/// The names and numbers by which texts may mention one person.
pub(super) struct Traces {
    /// The person's names as written, longest first, each also escaped for Telegram HTML.
    words: Vec<String>,
    /// The digits of the person's Telegram id and phone; of the phone, the last ten digits.
    digits: Vec<String>,
}

impl Traces {
    /// The names and numbers of this customer; `others` are the names that the same person has in staff rows.
    pub(super) fn of(user: &User, others: &[String]) -> Self {
        let said = |day| Language::ALL.map(|language| [language.date(day), birthday::in_words(day, language)]);
        let days = user.birthday.map(|day| said(day).into_iter().flatten().chain([day.to_string()]));
        let id = user.telegram_id.to_string();
        let named = [user.first_name.clone(), user.last_name.clone(), user.username.clone(), user.phone.clone()];
        let named = named.into_iter().flatten().chain(days.into_iter().flatten()).chain(others.iter().cloned());
        let mut words: Vec<String> = Vec::new();
        for word in named.chain(user.name()).chain([id.clone()]).map(|word| word.trim().to_owned()) {
            let mut escaped = String::new();
            crate::texts::escape_into(&mut escaped, &word);
            words.extend([escaped, word]);
        }
        words.retain(|word| !word.is_empty());
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.dedup();
        let phone = user.phone.iter().map(|phone| last_ten(&digits(phone)));
        let digits = phone.chain([id]).filter(|digits| digits.len() >= ENOUGH_DIGITS).collect();
        Self { words, digits }
    }

    /// Whether `text` names the person in any spelling.
    pub(super) fn are_in(&self, text: &str) -> bool {
        let (low, numbers) = (folded(text), digits(text));
        self.words.iter().any(|word| found(&low, &folded(word)).is_some())
            || self.digits.iter().any(|number| numbers.contains(number))
    }

    /// `text` with the person's names, id and phone as written replaced by `…`; `None` when the text has none of them.
    pub(super) fn hidden(&self, text: &str) -> Option<String> {
        let mut left = text.to_owned();
        for word in &self.words {
            let mut from = 0;
            while let Some(at) = left.get(from..).and_then(|rest| found(rest, word)) {
                let start = from + at;
                left.replace_range(start..start + word.len(), HIDDEN);
                from = start + HIDDEN.len();
            }
        }
        (left != text).then_some(left)
    }

    /// A JSON value with the person hidden as in [`Self::hidden`], in every text, or only in the texts at the paths
    /// `only`, if any are given. `None` when nothing is replaced or `json` is not JSON.
    pub(super) fn hidden_in_json(&self, json: &str, only: &[&str]) -> Option<String> {
        let mut value: Value = serde_json::from_str(json).ok()?;
        let changed = if only.is_empty() {
            self.hide(&mut value)
        } else {
            only.iter().filter(|place| value.pointer_mut(place).is_some_and(|found| self.hide(found))).count() > 0
        };
        changed.then(|| value.to_string())
    }

    fn hide(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => self.hidden(text).is_some_and(|left| {
                *text = left;
                true
            }),
            Value::Array(items) => items.iter_mut().filter_map(|item| self.hide(item).then_some(())).count() > 0,
            Value::Object(fields) => fields.values_mut().filter_map(|item| self.hide(item).then_some(())).count() > 0,
            _ => false,
        }
    }
}

/// The position of the first `word` in `text` that is a whole word there.
fn found(text: &str, word: &str) -> Option<usize> {
    if word.is_empty() {
        return None;
    }
    text.match_indices(word).map(|(at, _)| at).find(|at| {
        let before = text.get(..*at).and_then(|part| part.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|part| part.chars().next());
        ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    })
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn last_ten(digits: &str) -> String {
    digits.get(digits.len().saturating_sub(10)..).unwrap_or(digits).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::ids::{TelegramId, UserId};
    use crate::realm::Realm;
    use crate::user::{Gender, UserStatus};

    fn anna() -> Traces {
        let at = Timestamp::parse("2026-11-22T03:00:00Z").unwrap();
        let user = User {
            id: UserId(1),
            telegram_id: TelegramId(412_345_678),
            realm: Realm::Real,
            username: Some("anna_p".into()),
            first_name: Some("Анна <3".into()),
            last_name: Some("Петрова".into()),
            display_name: "Анна <3 Петрова".into(),
            phone: Some("+79141234567".into()),
            gender: Gender::Female,
            birthday: "1990-05-07".parse().ok(),
            status: UserStatus::Active,
            is_subscribed: false,
            subscription_checked_at: None,
            bot_blocked_at: None,
            muted_at: None,
            source: "direct".into(),
            campaign: None,
            created_at: at,
            last_activity_at: at,
        };
        Traces::of(&user, &["Касса Анны".into()])
    }

    #[test]
    fn names_are_hidden_as_whole_words_however_they_are_escaped() {
        let anna = anna();
        assert_eq!(anna.hidden("<b>Анна &lt;3 Петрова</b>, @anna_p").as_deref(), Some("<b>…</b>, @…"));
        assert_eq!(anna.hidden("Петрова, Петрова, Петровая").as_deref(), Some("…, …, Петровая"));
        assert_eq!(anna.hidden("412345678: Касса Анны, 07.05.1990").as_deref(), Some("…: …, …"));
        assert_eq!(anna.hidden("born on 7 May 1990, 7 мая 1990").as_deref(), Some("born on …, …"));
        assert_eq!(anna.hidden("Жанна, 4123456789, banna_p"), None);
    }

    #[test]
    fn json_keeps_everything_else() {
        let anna = anna();
        let letter = r#"{"html":"Заказ от Петрова","keyboard":[["Петрова"]],"n":1}"#;
        let left = anna.hidden_in_json(letter, &[]).unwrap();
        assert_eq!(left, r#"{"html":"Заказ от …","keyboard":[["…"]],"n":1}"#);
        assert_eq!(anna.hidden_in_json(r#"{"from":"Петрова","text":"x"}"#, &["/text"]), None);
        assert_eq!(anna.hidden_in_json("no json Петрова", &[]), None);
    }

    #[test]
    fn phones_and_ids_are_found_in_any_grouping() {
        let anna = anna();
        for text in ["8 (914) 123-45-67", "+79141234567", "id412345678", "ПЕТРОВА", "АННА <3"] {
            assert!(anna.are_in(text), "{text}");
        }
        for text in ["АБВ1234", "8 914 123-45-68", ""] {
            assert!(!anna.are_in(text), "{text}");
        }
    }
}
