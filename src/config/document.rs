//! A config file as text. It is read with a size limit, its permissions are checked, and positions in it are given as
//! line and column.

use std::io::{ErrorKind, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::error::{ConfigError, KeyPlace};
use super::keys::KEYS;
use crate::cause::Cause;
use crate::files::open_at_end_of_link;
use crate::language::Sentence;

const LIMIT: u64 = 1024 * 1024;

/// A config file in memory. No `Debug`: it may hold secrets.
pub(super) struct Document {
    path: PathBuf,
    text: String,
    mode: u32,
}

impl Document {
    /// Reads the config file `path`. A byte order mark is dropped; more than 1 MiB or anything but UTF-8 is an error.
    pub(super) fn read(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |error: &std::io::Error| {
            let command = format!("dvorik --config {} init", quoted(path));
            let hint = match error.kind() {
                ErrorKind::PermissionDenied => Some(Sentence::new("config.hint.rights").with("path", quoted(path))),
                ErrorKind::NotFound => Some(Sentence::new("config.hint.run").with("command", command)),
                _ => None,
            };
            ConfigError::whole(KeyPlace::Whole(path.to_owned()), io_reason(error)).hint(hint)
        };
        let (mode, bytes) = read_limited(path, LIMIT).map_err(|error| unreadable(&error))?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self { path: path.to_owned(), text: text.trim_start_matches('\u{feff}').to_owned(), mode }),
            Err(error) => Err(not_utf8(path, error.as_bytes(), error.utf8_error().valid_up_to())),
        }
    }

    /// The file's text without its byte order mark.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The file's path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The directory that relative paths in the file start from.
    pub(super) fn directory(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// Returns an error when the file's mode gives the group or others any right. Called only for files that hold a
    /// secret.
    pub(super) fn check_rights(&self) -> Result<(), ConfigError> {
        if self.mode & 0o077 == 0 {
            return Ok(());
        }
        let command = format!("chmod 600 {}", quoted(&self.path));
        let reason = Sentence::new("config.reason.open_to_others").with("mode", format!("{:04o}", self.mode & 0o7777));
        let hint = Sentence::new("config.hint.run").with("command", command);
        Err(ConfigError::whole(KeyPlace::Whole(self.path.clone()), reason).hint(Some(hint)))
    }

    /// The line and column of the byte at `offset`.
    pub(super) fn place(&self, offset: usize) -> KeyPlace {
        let (line, col) = position(self.text.as_bytes(), offset);
        KeyPlace::File { path: self.path.clone(), line, col }
    }

    /// The TOML parser's fault in the words of the text catalogue (`language/`): the place, and the beginning of the
    /// line up to its value, which may be a token. Of the parser's report only its one-line message is kept.
    pub(super) fn syntax_error(&self, error: &toml::de::Error) -> ConfigError {
        let offset = error.span().map_or(self.text.len(), |span| span.start);
        let (line, col) = position(self.text.as_bytes(), offset);
        let text = beginning(self.line_at(offset)).map(|text| format!(": {text}")).unwrap_or_default();
        let reason = Sentence::new("config.reason.syntax").with("line", line).with("col", col).with("text", text);
        let reason = reason.with("what", error.message().replace('\n', " "));
        ConfigError::new(self.place(offset), self.key_at(offset), reason)
    }

    /// The line that holds `offset`.
    fn line_at(&self, offset: usize) -> &str {
        let start = self.text.get(..offset).unwrap_or(&self.text).rfind('\n').map_or(0, |newline| newline + 1);
        self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default()
    }

    /// The config key whose line holds `offset`; if that line has no known key, the section around the line; outside of
    /// sections, `toml`.
    fn key_at(&self, offset: usize) -> String {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let name = self.line_at(offset).split('=').next().unwrap_or_default().trim();
        let section = self.text.get(..start).unwrap_or_default().lines().rev().find_map(section_of);
        let key = section.map_or_else(|| name.to_owned(), |section| format!("{section}.{name}"));
        let known = KEYS.iter().any(|(known, _)| *known == key);
        if known { key } else { section.unwrap_or("toml").to_owned() }
    }
}

/// The part of a line that holds no value: `[section`, or `key = …`. `None` when that part is not the name of a section
/// or a key: a token may be pasted anywhere.
fn beginning(line: &str) -> Option<String> {
    let line = line.trim();
    let is_name = |name: &str| {
        let known =
            |key: &str| key == name || key.rsplit('.').next() == Some(name) || key.starts_with(&format!("{name}."));
        KEYS.iter().any(|(key, _)| known(key))
    };
    if let Some(name) = line.strip_prefix('[') {
        let name = name.trim_end_matches(']');
        return is_name(name).then(|| line.to_owned());
    }
    let name = line.split_once('=')?.0.trim();
    is_name(name).then(|| format!("{name} = …"))
}

fn section_of(line: &str) -> Option<&str> {
    let name = line.trim().strip_prefix('[')?.split(']').next()?.trim();
    let prefix = format!("{name}.");
    KEYS.iter().any(|(known, _)| known.starts_with(&prefix)).then_some(name)
}

/// Reads a regular file of at most `limit` bytes. Returns its mode and its bytes; a longer file, or something other
/// than a regular file, is an error.
pub(super) fn read_limited(path: &Path, limit: u64) -> std::io::Result<(u32, Vec<u8>)> {
    let file = open_at_end_of_link(path)?;
    let mode = file.metadata()?.permissions().mode();
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(ErrorKind::FileTooLarge.into());
    }
    Ok((mode, bytes))
}

/// The reason to show when a file could not be read; in words of its own where these say more than those of
/// [`crate::cause`].
pub(super) fn io_reason(error: &std::io::Error) -> Sentence {
    Sentence::new(match error.kind() {
        ErrorKind::NotFound => "config.reason.no_such_file",
        ErrorKind::PermissionDenied => "config.reason.permission_denied",
        ErrorKind::IsADirectory => "config.reason.is_directory",
        ErrorKind::InvalidInput => "config.reason.not_regular",
        ErrorKind::FileTooLarge => "config.reason.file_too_large",
        _ => Cause::from(error).key().unwrap_or("config.reason.unreadable"),
    })
}

fn not_utf8(path: &Path, bytes: &[u8], offset: usize) -> ConfigError {
    let (line, col) = position(bytes, offset);
    let place = KeyPlace::File { path: path.to_owned(), line, col };
    ConfigError::new(place, "toml", Sentence::new("config.reason.not_utf8"))
}

/// Line and column of the byte at `offset`, both from 1; columns count characters.
fn position(bytes: &[u8], offset: usize) -> (usize, usize) {
    let before = bytes.get(..offset).unwrap_or(bytes);
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let characters = before.iter().skip(start).filter(|byte| (**byte & 0xc0) != 0x80).count();
    (line, characters + 1)
}

fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-+".contains(&byte));
    if is_plain { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
