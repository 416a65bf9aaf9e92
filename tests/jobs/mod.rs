//! What the shop does by itself: by the daemon's scheduler, by cron, by both; and what a jumping clock does to it.

mod birthdays;
