//! Discounts: templates, the codes issued from them, and what happens to a code at the counter.
//!
//! - `code`: the form of a code, and reading what people enter.
//! - `rules`: which state a code is in, and when a customer may get the next one.
//! - `store`: the SQL.
//! - `issue`, `counter`, `amend`: the use-cases.
//! - `birthday`, `reminder`: what the shop sends by itself.
//! - `letter`: the message with a code to a customer.
//! - `card`: the idempotency key between a check and a redemption.
//! - `list`, `usage`, `tally`: lists of codes and attempts, and counts of attempts.
//! - `forget`: erases a person.

mod amend;
mod birthday;
mod card;
pub mod code;
mod counter;
mod forget;
mod issue;
mod letter;
mod list;
pub mod model;
mod reminder;
pub mod rules;
mod store;
mod tally;
pub mod template;
pub mod usage;

pub use amend::{Tell, Undone, extend, revoke, undo_card, undo_code};
pub use birthday::{
    Celebrated, forget_gifts, give_birthday_gift, had_birthday_gift, save_own_birthday, whose_birthday,
};
pub use card::CardId;
pub use counter::{
    Checked, RedeemedCode, Redeemer, Redemption, RedemptionCard, check, get_by_ref, redeem_card, redeem_code,
    repeat_code,
};
pub use forget::{forget_person, hide_person};
pub use issue::{IssueRequest, Issued, issue, issue_subscription_gift};
pub use letter::{announce, facts, gift, link};
pub use list::{CodeFilter, CodeSort, count, list, list_attempts_of_user, list_between};
pub use model::{CodeCustomer, CodeState, Condition, Discount, SourceKind};
pub use reminder::{Due, due_reminders, forget_reminders, remind};
pub use store::{
    Attempt, Logged, count_live_of_user, count_of_user, find_live, forget_attempts, forget_cards, get, get_by_code,
    get_by_public_id, list_attempts, list_live, list_newest_live, void_live,
};
pub use tally::{Tally, count_from_now, count_on};
