//! Prints the link of an invitation, for `admin invite`, `cashier invite` and `init`.

use serde_json::Value as Json;

use super::output::Format;
use super::qr::no_bot;
use super::refuse::Wrong;
use super::session::Session;
use crate::qr;
use crate::realm::Realm;
use crate::shop;

/// The username of the real staff bot, to which invitations lead.
///
/// # Errors
/// Exit code 5 while the username is not known.
pub(super) fn staff_bot(session: &Session<'_>) -> Result<String, Wrong> {
    let username = session.database()?.read(|view| shop::bot_username(view, Realm::Real.staff_bot()))?;
    username.ok_or_else(|| no_bot(session))
}

/// Prints the link: for a person with a QR picture and the sentence `said`, for a program the document `json` or the
/// link alone.
pub(super) fn print(session: &mut Session<'_>, link: &str, json: &Json, said: &str) {
    if session.out.format() != Format::Human {
        return session.out.document(json, link);
    }
    let blocks = qr::blocks(link).unwrap_or_default();
    session.out.raw(format!("{blocks}{link}\n").as_bytes());
    session.out.note(said);
}
