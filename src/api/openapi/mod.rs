//! The OpenAPI document, made from the table of routes, and the pages that show it.

pub(in crate::api) mod components;
pub(in crate::api) mod document;
pub(in crate::api) mod pages;
mod reading;
