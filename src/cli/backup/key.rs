//! `backup key`: makes the key that opens the encrypted copies, and shows it once, on the terminal alone. The shop keeps
//! only the public half, so nobody who takes the server can open a copy.

use secrecy::ExposeSecret;
use serde_json::json;

use super::super::age_key::must_be_built_in;
use super::super::output::{ChangeReport, ExitCode, FailureReport, NextCommand};
use super::super::refuse::Wrong;
use super::super::session::Session;
use crate::encrypted_archive::AgeIdentity;
use crate::qr;
use crate::settings::{BACKUP_RECIPIENT, BACKUP_TO_TELEGRAM};
use crate::staff;

/// How many characters of the key the person types, to show that it is on paper.
const PROOF: usize = 6;

/// `backup key`: shows a new key, asks for its end, and only then stores the public half.
///
/// # Errors
/// Exit code 2 without a terminal; 130 when the person declines or types another end: nothing is changed then.
pub(super) fn key(session: &mut Session<'_>) -> Result<(), Wrong> {
    must_be_built_in(session)?;
    if !session.can_ask() {
        let message = session.text("backup.key_nobody", &[]);
        return Err(FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, message).into());
    }
    let database = session.database()?;
    let (former, is_sent) = database
        .read(|view| Ok::<_, crate::error::Error>((BACKUP_RECIPIENT.text(view)?, BACKUP_TO_TELEGRAM.is_on(view)?)))?;
    if former.is_some() {
        let question = session.text("backup.ask_another_key", &[]);
        session.confirm(false, &question)?;
    }
    let Some(identity) = AgeIdentity::generate() else { return Ok(()) };
    show(session, &identity)?;
    let (owner, recipient) = (session.owner(), identity.recipient());
    let stored = recipient.clone();
    session.write_on(&database, false, move |tx| staff::change_setting(tx, &BACKUP_RECIPIENT, &stored, &owner))?;
    let on = (!is_sent).then(|| NextCommand {
        words: "next.copies",
        command: format!("dvorik settings set {} true", BACKUP_TO_TELEGRAM.key),
    });
    session.tell_change(ChangeReport {
        schema: "dvorik.backup.key/1",
        changed: true,
        before: json!({ "recipient": former }),
        after: json!({ "recipient": recipient }),
        sentence: session.text("backup.key_kept", &[("recipient", &recipient)]),
        id: recipient,
        next: on.into_iter().collect(),
    });
    Ok(())
}

/// Shows the key and its QR code on the terminal, never on the standard output, and asks for the key's end.
fn show(session: &mut Session<'_>, identity: &AgeIdentity) -> Result<(), Wrong> {
    let secret = identity.secret();
    let secret = secret.expose_secret();
    let (blocks, paper) = (qr::blocks(secret).unwrap_or_default(), session.text("backup.key_paper", &[]));
    session.out.prompt(&format!("{blocks}\n{secret}\n\n{paper}\n"));
    let end = secret.get(secret.len().saturating_sub(PROOF)..).unwrap_or(secret);
    let question = session.text("backup.ask_key_end", &[("count", &PROOF)]);
    session.ask(&question, "", |session, typed| {
        if typed.eq_ignore_ascii_case(end) { Ok(()) } else { Err(session.text("backup.key_end_differs", &[])) }
    })
}
