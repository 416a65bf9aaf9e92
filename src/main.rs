//! Thin: everything lives in the library.

fn main() {}
