//! Discounts: templates, the codes issued from them, and what happens to a code at the counter. `code` reads and makes
//! codes, `rules` decides, `store` holds the SQL, `issue`, `counter` and `amend` are the use-cases, `birthday` and
//! `reminder` are what the shop sends by itself, `letter` tells the customer, `card` is the idempotency key between a
//! check and a redemption.

mod amend;
mod birthday;
mod card;
pub mod code;
mod counter;
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
pub use birthday::{Celebrated, forget_gifts, give_birthday_gift, whose_birthday};
pub use card::CardId;
pub use counter::{
    By, Checked, RedeemedCode, Redemption, RedemptionCard, check, get_by_ref, redeem_card, redeem_code, repeat_code,
};
pub use issue::{IssueRequest, Issued, issue, issue_subscription_gift};
pub use letter::{announce, facts, gift, link};
pub use list::{CodeFilter, CodeSort, count, list, list_attempts_of_user, list_between};
pub use model::{CodeState, Condition, Discount, Held, SourceKind};
pub use reminder::{Due, due_reminders, forget_reminders, remind};
pub use store::{
    Attempt, Logged, forget_attempts, forget_cards, get, get_by_code, get_by_public_id, list_attempts, list_live,
};
pub use tally::{Tally, count_from_now, count_on};
