//! Broadcasts: the shop's voice. A draft is checked (`content`), its audience counted and confirmed (`confirm`), frozen
//! into a ledger of recipients (`audience`, `ledger`), and sent turn by turn (`turn`) within the shop's limits (`pace`)
//! until every recipient is accounted for. `verbs` is what people do, `rules` what may follow what, `store` the SQL of the
//! broadcast itself, `report` what came of it, `errand` what is wished of delivered messages, `sweep` what is done to many
//! rows in steps, `abandoned` and `retention` what goes by itself. The calls to Telegram are `sender::broadcasts`.

mod abandoned;
mod audience;
mod confirm;
pub mod content;
mod errand;
mod ledger;
pub mod media;
mod model;
pub mod pace;
mod progress;
mod report;
mod retention;
pub mod rules;
mod store;
mod sweep;
mod turn;
mod verbs;

pub use abandoned::cancel_abandoned;
pub use audience::{MOST_PEOPLE, STEP, check_people, clear_for, enter, entered, members, reach};
pub use confirm::{Estimate, FREE_PER_SECOND, PAID_PER_SECOND, estimate, estimate_of, limits, look_again};
pub use errand::{Errand, errands, move_errands_on, next_errand, settle_errand};
pub use ledger::{Claimed, Reply, Settled, forget_paced, paced, recount, recover, skip_canceled};
pub use model::{
    Audience, Broadcast, BroadcastId, Confirmation, Counts, Draft, Fate, Link, Media, MediaType, Message, Origin,
    PauseReason, Status,
};
pub use progress::{Progress, progress};
pub use report::{Deliveries, Delivery, LastError, Report, deliveries, delivery_page, report};
pub use retention::{forget_deliveries, forget_media, kept_media, sweep_media};
pub use store::{
    Sort, Wanted, at_work, file_id, get, get_by_ref, left_over, list, media_name, next_due, remember_file_id,
    remember_media, sending, upcoming,
};
pub use sweep::{Sweep, Swept, is_sweeping, sweep, sweep_on};
pub use turn::{Glance, Parcel, Turn, Turned, frozen, glance, hold_restored, hold_stale, is_busy, turn, unbuildable};
pub use verbs::{
    RETRIABLE, Wish, cancel, create, edit, mark, pause, plan, resend_unknown, resume, resume_managed, retry_failed,
    schedule, send, test, unschedule, wish,
};
