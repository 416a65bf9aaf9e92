//! A QR picture of a link: a file (`.svg`, `.png`, a `.pdf` page to print), blocks on a terminal, SVG in a pipe.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::output::{ExitCode, FailureReport, Format};
use super::refuse::Wrong;
use super::session::Session;
use crate::qr;

/// Draws the QR picture of `link`; `what` names the code or campaign to which the link leads, and `-q` prints `what`.
pub(super) fn draw(
    session: &mut Session<'_>,
    schema: &str,
    what: &str,
    link: &str,
    file: Option<&Path>,
) -> Result<(), Wrong> {
    if let Some(file) = file {
        save(session, link, file)?;
    }
    let json = json!({ "schema": schema, "link": link, "file": file.map(|file| file.display().to_string()) });
    match (session.out.format(), file) {
        (Format::Json, _) => session.out.document(&json, ""),
        (Format::Quiet, _) => session.out.raw(format!("{link}\n").as_bytes()),
        (_, Some(file)) => {
            let sentence = session.text("picture.saved", &[("what", &what), ("path", &file.display())]);
            session.out.note(&sentence);
        }
        (Format::Human, None) => {
            let blocks = qr::blocks(link).ok_or_else(|| too_long(session))?;
            session.out.raw(format!("{blocks}{link}\n").as_bytes());
        }
        (_, None) => {
            let svg = qr::svg(link).ok_or_else(|| too_long(session))?;
            session.out.raw(svg.as_bytes());
        }
    }
    Ok(())
}

fn save(session: &Session<'_>, link: &str, file: &Path) -> Result<(), Wrong> {
    let bytes = match file.extension().and_then(|extension| extension.to_str()) {
        Some("svg") => qr::svg(link).map(String::into_bytes),
        Some("png") => qr::png(link),
        Some("pdf") => qr::poster(link),
        _ => return Err(usage(session.text("picture.extension", &[("path", &file.display())]))),
    };
    let bytes = bytes.ok_or_else(|| too_long(session))?;
    let unusable = |error| session.unusable(file, &error, ("INTERNAL_ERROR", ExitCode::Failure)).into();
    fs::write(file, bytes).map_err(unusable)
}

fn too_long(session: &Session<'_>) -> Wrong {
    usage(session.text("picture.too_long", &[]))
}

fn usage(message: String) -> Wrong {
    FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, message).into()
}

/// The refusal of a link that needs the bot's username, which is not known yet.
pub(super) fn no_bot(session: &Session<'_>) -> Wrong {
    let hint = session.text("config.hint.run", &[("command", &"dvorik bot sync")]);
    let message = session.text("picture.no_bot", &[]);
    FailureReport::new("SERVICE_UNAVAILABLE", ExitCode::Conflict, message).with_hint(hint).into()
}
