//! The one integration binary: house rules, config, and every door from outside.

mod architecture;
mod config;
