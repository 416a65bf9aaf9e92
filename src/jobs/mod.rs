//! What the product does by itself: delivering the outbox, keeping the gates, tidying up.

pub mod deliver;
pub mod upkeep;
