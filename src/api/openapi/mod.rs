//! The pages that show the OpenAPI document, which the program ships as bytes; and, in tests only, how the document is
//! made from the table of routes.

pub(in crate::api) mod pages;
mod reading;

#[cfg(test)]
mod broadcast_schemas;
#[cfg(test)]
mod components;
#[cfg(test)]
pub(in crate::api) mod document;
#[cfg(test)]
mod filter_schema;
#[cfg(test)]
pub(in crate::api) mod schemas;
#[cfg(test)]
mod vocabulary;
