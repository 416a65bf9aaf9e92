//! The one integration binary: a module per door.

mod config;
