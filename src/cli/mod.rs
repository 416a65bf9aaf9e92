//! The command line: arguments in, one use-case, words out. Nothing here knows a rule of the shop.

pub mod localize;
pub mod output;
