//! Opens a text in the editor of the person at the terminal: `$VISUAL`, `$EDITOR`, else `vi`.

use std::io::{self, Read, Write};
use std::process::Command;

/// Opens `editor` with a file that holds `text`; returns the file's content afterwards, without its last line break.
///
/// # Errors
/// The file or the editor cannot be used, or the editor ends with another exit code than 0.
pub(super) fn edit(editor: &str, text: &str) -> io::Result<String> {
    let mut file = tempfile::Builder::new().prefix("dvorik-").suffix(".html").tempfile()?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.flush()?;
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let status = Command::new(program).args(words).arg(file.path()).status()?;
    if !status.success() {
        return Err(io::Error::other(status.to_string()));
    }
    // The file is read by its name, because many editors write a new file and rename it.
    let mut changed = String::new();
    std::fs::File::open(file.path())?.take(super::session::MOST_TEXT).read_to_string(&mut changed)?;
    Ok(changed.trim_end_matches(['\n', '\r']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_editor_leaves_is_the_text() {
        assert_eq!(edit("true", "<b>x</b>\ny").unwrap(), "<b>x</b>\ny");
        assert_eq!(edit("sed -i s/x/z/", "x y").unwrap(), "z y");
        assert!(edit("false", "x").is_err() && edit("/nonexistent", "x").is_err());
    }
}
