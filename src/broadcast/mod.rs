//! Broadcasts: one message to many customers. A draft is checked (`content`), its audience counted and confirmed
//! (`confirm`), frozen into a ledger of recipients (`audience`, `ledger`), and sent batch by batch (`tick`) within the
//! shop's limits (`pace`) until every row is settled. `verbs` has the use-cases of admins, `rules` the table of
//! transitions, `transition` is the one place that changes a status, `store` has the SQL of the broadcast itself,
//! `report` its results, `pending_edit` recalls and corrections of delivered messages, `bulk_action` actions on many
//! rows in steps; `segments` deletes a segment that broadcasts refer to; `abandoned` and `retention` delete by time. The calls to Telegram are in `sender::broadcasts`.

mod abandoned;
mod audience;
mod confirm;
pub mod content;
mod pending_edit;
mod ledger;
pub mod media;
mod model;
pub mod pace;
mod progress;
mod report;
mod retention;
pub mod rules;
mod segments;
mod store;
mod bulk_action;
mod tick;
mod transition;
mod verbs;

pub use abandoned::cancel_abandoned;
pub use audience::{MOST_PEOPLE, STEP, check_people, clear_for, enter, entered, members, reach};
pub use bulk_action::{BulkAction, BulkProgress, begin_bulk, continue_bulk, is_bulk_pending};
pub use confirm::{Estimate, FREE_PER_SECOND, PAID_PER_SECOND, estimate, estimate_of, limits, look_again};
pub use ledger::{Claimed, Reply, Settled, forget_paced, forget_person, paced, recount, recover, skip_canceled};
pub use model::{
    Audience, Broadcast, BroadcastId, Confirmation, Counts, Draft, Fate, Link, Media, MediaType, Message, Origin,
    PauseReason, Status,
};
pub use pending_edit::{PendingEdit, delay_pending_edits, next_pending_edit, pending_edits, settle_edit};
pub use progress::{Progress, progress};
pub use report::{Deliveries, Delivery, LastError, Report, deliveries, delivery_page, report};
pub use retention::{forget_deliveries, forget_media, kept_media, sweep_media};
pub use segments::delete_segment;
pub use store::{
    BroadcastFilter, BroadcastSort, at_work, file_id, get, get_by_ref, left_over, list, media_name, next_due,
    remember_file_id, remember_media, sending, upcoming,
};
pub use tick::{
    Batch, BatchResult, ClaimedMessage, Glance, frozen, glance, hold_restored, hold_stale, is_busy, tick, unbuildable,
};
pub use verbs::{
    Amendment, RETRIABLE, cancel, create, edit, mark, pause, plan, resend_unknown, resume, resume_managed,
    retry_failed, schedule, send, test, unschedule, wish,
};
