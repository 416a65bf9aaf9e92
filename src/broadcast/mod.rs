//! Broadcasts: one message to many customers. Admins write a draft (`draft`), see it (`preview`), count and confirm its
//! audience (`confirm`), schedule, pause, resume and cancel it (`lifecycle`), recall, correct and send again (`amend`).
//! The audience (`audience`) is frozen (`freeze`) into a ledger of recipients (`ledger`), and the messages are sent
//! batch by batch (`tick`) within the shop's limits (`pace`) until every row is settled. `rules` is the table of transitions,
//! `transition` the one place that changes a status, `content` checks and renders messages, `media` keeps their files,
//! `store` has the SQL of the broadcast itself, `report` its results, `pending_edit` recalls and corrections of
//! delivered messages, `bulk_action` actions on many rows in steps. `segments` deletes a
//! segment that broadcasts refer to. `glance` says what the sender has to do, `recovery`
//! what follows an interruption; `abandoned` and `retention` delete by time. The calls to Telegram are in
//! `sender::broadcasts`.

mod abandoned;
mod amend;
mod audience;
mod bulk_action;
mod confirm;
pub mod content;
mod draft;
mod freeze;
mod glance;
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

pub use abandoned::cancel_abandoned;
pub use amend::{Amendment, RETRIABLE, begin_amendment, mark_for_amendment, resend_unknown, retry_failed};
pub use audience::{MOST_PEOPLE, check_people, reach};
pub use bulk_action::{BulkAction, BulkProgress, begin_bulk, continue_bulk};
pub use confirm::{Estimate, FREE_PER_SECOND, PAID_PER_SECOND, estimate, estimate_of, limits, look_again};
pub use draft::{create, edit};
pub use freeze::{STEP, clear_for, enter, frozen, left_to_enter, unbuildable};
pub use glance::{Glance, glance, is_busy};
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
pub use store::{
    BroadcastFilter, BroadcastSort, at_work, file_id, get, get_by_ref, left_over, list, media_name, next_due,
    remember_file_id, remember_media, sending, upcoming,
};
pub use tick::{Batch, BatchResult, ClaimedMessage, tick};
