//! Why the operating system, or SQLite, refused something: the common reasons in the reader's language, others as the
//! system says them. Logs get the system's own text ([`Cause`]'s `Display`), people get [`Cause::say`].

use std::fmt;
use std::io::{self, ErrorKind};

use rustix::io::Errno;

use crate::language::Language;

/// Reasons that have no [`ErrorKind`].
const BY_NUMBER: [(Errno, &str); 4] = [
    (Errno::LOOP, "system.link"),
    (Errno::IO, "system.broken_disk"),
    (Errno::MFILE, "system.many_files"),
    (Errno::NFILE, "system.many_files"),
];
/// Reasons that are told by the text alone: the resolver's errors have neither a number nor a kind.
const BY_TEXT: [(&str, &str); 2] =
    [("failed to lookup address", "system.no_name"), ("did not contain valid UTF-8", "system.not_text")];

/// Why something was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The key of the sentence in the language catalogue; `None`: an uncommon reason.
    key: Option<&'static str>,
    /// The reason in English, as the system or the program says it.
    text: String,
}

impl Cause {
    /// A reason with a sentence in the language catalogue, and its text for logs.
    #[must_use]
    pub fn known(key: &'static str, text: impl Into<String>) -> Self {
        Self { key: Some(key), text: text.into() }
    }

    /// The reason of a system error, with another text for logs.
    #[must_use]
    pub fn of(error: &io::Error, text: impl Into<String>) -> Self {
        Self { key: key_of(error), text: text.into() }
    }

    /// The key of the sentence in the language catalogue, if this is one of the common reasons.
    #[must_use]
    pub const fn key(&self) -> Option<&'static str> {
        self.key
    }

    /// The reason in `language`, without the system's number of the error. An uncommon one is in English.
    #[must_use]
    pub fn say(&self, language: Language) -> String {
        match self.key {
            Some(key) => language.text(key, &[]),
            None => self.text.split(" (os error ").next().unwrap_or_default().to_owned(),
        }
    }

    /// Whether more free space is what helps.
    #[must_use]
    pub fn is_want_of_space(&self) -> bool {
        self.key == Some("system.full")
    }
}

/// A system error in `language`.
#[must_use]
pub fn said(error: &io::Error, language: Language) -> String {
    Cause::from(error).say(language)
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<&io::Error> for Cause {
    fn from(error: &io::Error) -> Self {
        Self::of(error, error.to_string())
    }
}

impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Self {
        Self::from(&error)
    }
}

impl From<String> for Cause {
    fn from(text: String) -> Self {
        Self { key: None, text }
    }
}

impl From<&str> for Cause {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// The key of the sentence for a system error, in the language catalogue.
fn key_of(error: &io::Error) -> Option<&'static str> {
    if let Some(number) = error.raw_os_error()
        && let Some((_, key)) = BY_NUMBER.iter().find(|(known, _)| known.raw_os_error() == number)
    {
        return Some(key);
    }
    Some(match error.kind() {
        ErrorKind::NotFound => "system.not_found",
        ErrorKind::PermissionDenied => "system.denied",
        ErrorKind::IsADirectory => "system.is_directory",
        ErrorKind::NotADirectory => "system.not_directory",
        ErrorKind::AlreadyExists => "system.exists",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "system.full",
        ErrorKind::ReadOnlyFilesystem => "system.read_only",
        ErrorKind::FileTooLarge => "system.too_large",
        ErrorKind::AddrInUse => "system.address_taken",
        ErrorKind::AddrNotAvailable => "system.no_address",
        ErrorKind::ConnectionRefused => "telegram.why.refused",
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => "telegram.why.broken",
        ErrorKind::TimedOut => "telegram.why.late",
        ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable | ErrorKind::NetworkDown => "telegram.why.network",
        // `files` refuses pipes, sockets and devices with this kind; an error of the system has a number.
        ErrorKind::InvalidInput if error.raw_os_error().is_none() => "system.not_regular",
        _ => {
            let text = error.to_string();
            return BY_TEXT.iter().find(|(words, _)| text.contains(words)).map(|(_, key)| *key);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_reasons_are_said_in_both_languages_and_others_as_the_system_says_them() {
        let numbers = [Errno::NOENT, Errno::ACCESS, Errno::ISDIR, Errno::NOSPC, Errno::ROFS, Errno::ADDRINUSE];
        for errno in numbers.into_iter().chain([Errno::CONNREFUSED, Errno::LOOP, Errno::IO, Errno::MFILE]) {
            let error = io::Error::from_raw_os_error(errno.raw_os_error());
            let (russian, english) = (said(&error, Language::Ru), said(&error, Language::En));
            assert!(!russian.is_ascii() && english.is_ascii(), "{errno}: {russian}, {english}");
            assert!(Cause::from(&error).to_string().contains("(os error"), "logs get the system's own text");
        }
        let uncommon = io::Error::from_raw_os_error(Errno::XDEV.raw_os_error());
        let text = said(&uncommon, Language::Ru);
        assert!(!text.is_empty() && text.is_ascii() && !text.contains("os error"), "{text}");
        assert_eq!(Cause::from("a bug").say(Language::Ru), "a bug");
    }

    #[test]
    fn every_reason_has_a_sentence() {
        for key in BY_NUMBER.iter().map(|(_, key)| *key).chain(BY_TEXT.iter().map(|(_, key)| *key)) {
            assert!(Language::ALL.iter().all(|language| language.knows(key)), "{key}");
        }
    }
}
