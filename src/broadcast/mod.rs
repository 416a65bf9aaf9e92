//! Broadcasts: one message to many customers. The calls to Telegram are in `sender::broadcasts` and
//! `sender::amendments`.
//!
//! What admins do:
//! - `draft`: write and edit a draft.
//! - `preview`: send a test of a broadcast to one admin.
//! - `confirm`: estimate the number of recipients and confirm it.
//! - `lifecycle`: plan, schedule, send, pause, resume, cancel.
//! - `amend`: recall, correct, send again; `bulk_action` does this to many rows, step by step.
//! - `report`: read the results.
//! - `segments`: delete a segment that broadcasts may refer to.
//!
//! What the program does:
//! - `audience`: computes who gets a broadcast.
//! - `freeze`: enters the audience into the ledger of recipients when the broadcast starts.
//! - `ledger`: the SQL of that ledger, one row per recipient.
//! - `tick`: one transaction of the sender, which settles a batch of results and claims the next batch.
//! - `pace`: the shop's limits for messages per minute and hour.
//! - `sender_work`: says what work waits for the sender.
//! - `pending_edit`: recalls and corrections of delivered messages that wait.
//! - `recovery`: pauses broadcasts after an interruption.
//! - `abandoned_drafts`, `retention`: cancel drafts and delete rows and files by age.
//! - `progress`: totals for the metrics.
//!
//! Shared:
//! - `model`: the types.
//! - `rules`: the table of transitions and the stop rules.
//! - `transition`: the only code that changes a broadcast's status.
//! - `content`: checks and renders messages.
//! - `media`: local files and their upload.
//! - `store`: the SQL of the table `broadcasts`.

mod abandoned_drafts;
mod amend;
mod audience;
mod bulk_action;
mod confirm;
pub mod content;
mod draft;
mod freeze;
mod sender_work;
mod ledger;
mod lifecycle;
pub mod media;
mod model;
pub mod pace;
mod pending_edit;
mod preview;
mod progress;
mod recovery;
mod report;
mod retention;
pub mod rules;
mod segments;
mod store;
mod tick;
mod transition;

pub use abandoned_drafts::cancel_abandoned;
pub use amend::{Amendment, RETRIABLE, begin_amendment, mark_for_amendment, resend_unknown, retry_failed};
pub use audience::{MOST_PEOPLE, check_people, reach};
pub use bulk_action::{BulkAction, BulkProgress, begin_bulk, continue_bulk};
pub use confirm::{Estimate, FREE_PER_SECOND, PAID_PER_SECOND, estimate, estimate_of, limits, look_again};
pub use draft::{create, edit};
pub use freeze::{STEP, clear_for, enter, frozen, left_to_enter, unbuildable};
pub use ledger::{Claimed, Reply, Settled, forget_paced, forget_person, paced, recount, recover, skip_canceled};
pub use lifecycle::{cancel, pause, plan, resume, resume_managed, schedule, send, unschedule};
pub use model::{
    Audience, Broadcast, BroadcastId, Confirmation, Counts, Draft, Fate, Link, Media, MediaType, Message, Origin,
    PauseReason, Status,
};
pub use pending_edit::{PendingEdit, delay_pending_edits, next_pending_edit, pending_edits, settle_edit};
pub use preview::test;
pub use progress::{Progress, progress};
pub use recovery::{hold_restored, hold_stale};
pub use report::{Deliveries, Delivery, LastError, Report, deliveries, delivery_page, report};
pub use retention::{forget_deliveries, forget_media, kept_media, sweep_media};
pub use segments::delete_segment;
pub use sender_work::{SenderWork, is_busy, sender_work};
pub use store::{
    BroadcastFilter, BroadcastSort, at_work, file_id, get, get_by_ref, left_over, list, media_name, next_due,
    remember_file_id, remember_media, sending, upcoming,
};
pub use tick::{Batch, BatchResult, ClaimedMessage, tick};
