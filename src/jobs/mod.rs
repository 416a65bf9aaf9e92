//! What the product does by itself: delivering the outbox, keeping the gates, tidying up.

pub mod broadcasts;
pub mod deliver;
pub mod senders;
pub mod upkeep;
