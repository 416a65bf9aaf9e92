//! Checks addresses of links and buttons by the rules of the Telegram library (td, `check_link`): http and https may be
//! left out, a host needs a dot, a port is 1–65535; `tg://` and `ton://` have a name instead of a host. Stricter than
//! td: no user name and password before the host, no IPv6, no control characters, a limited length.

use super::{Fault, MOST_LINK};

/// The rules of this file, except for the length, as a regular expression for the OpenAPI document.
pub const PATTERN: &str = concat!(
    r"^(?:(?:[hH][tT]{2}[pP][sS]?://)?",
    r"(?:(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9._\-!$,~*'();&+=]|[^\x00-\x9F])+\.",
    r"(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9._\-!$,~*'();&+=]|[^\x00-\x9F])*",
    r"|\.(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9._\-!$,~*'();&+=]|[^\x00-\x9F])+)",
    r"(?::0*(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?",
    r"|(?:[tT][gG]|[tT][oO][nN]):(?://)?[A-Za-z0-9_\-]+",
    r"|[tT][oO][nN][sS][iI][tT][eE]:(?://)?[A-Za-z0-9_\-][A-Za-z0-9._\-]*)",
    r"(?:[/?#][^\x00-\x1F\x7F-\x9F]*)?$",
);

/// Checks that Telegram would accept `url` in a link or a button.
///
/// # Errors
/// A [`Fault`] with the reason and the address.
pub fn check(url: &str) -> Result<(), Fault> {
    parsed(url).map_err(|reason| Fault::new(reason, url))
}

/// Whether [`check`] accepts the address.
#[must_use]
pub fn is_link(url: &str) -> bool {
    parsed(url).is_ok()
}

struct Address<'a> {
    has_scheme: bool,
    has_userinfo: bool,
    host: &'a str,
    has_port: bool,
}

fn parsed(url: &str) -> Result<(), &'static str> {
    if url.chars().count() > MOST_LINK {
        return Err("link.too_long");
    }
    if url.contains(char::is_control) {
        return Err("link.control");
    }
    if is_person(url) {
        return Ok(());
    }
    for (own, may_have_dots) in [("tg:", false), ("ton:", false), ("tonsite:", true)] {
        if let Some(rest) = without_prefix(url, own) {
            return of_telegram(rest.strip_prefix("//").unwrap_or(rest), may_have_dots);
        }
    }
    let address = address(url)?;
    if address.has_userinfo {
        return Err("link.userinfo");
    }
    if address.host.contains('.') { Ok(()) } else { Err("link.host") }
}

/// Whether the address has the form `tg://user?id=5`, which leads to a person.
fn is_person(url: &str) -> bool {
    let rest = without_prefix(url, "tg:").map(|rest| rest.strip_prefix("//").unwrap_or(rest));
    let Some(rest) = rest.and_then(|rest| without_prefix(rest, "user")) else { return false };
    let Some(query) = rest.strip_prefix('/').unwrap_or(rest).strip_prefix('?') else { return false };
    let query = query.split('#').next().unwrap_or_default();
    let id = query.split('&').find_map(|pair| without_prefix(pair, "id="));
    id.and_then(whole_number).is_some_and(|id| (1..1 << 40).contains(&id))
}

/// Reads a whole number without a plus sign and leading zeros; `None` for any other form.
pub(super) fn whole_number(text: &str) -> Option<i64> {
    text.parse::<i64>().ok().filter(|number| number.to_string() == text)
}

fn of_telegram(rest: &str, may_have_dots: bool) -> Result<(), &'static str> {
    let address = address(rest)?;
    if address.has_scheme || address.has_userinfo || address.has_port {
        return Err("link.host");
    }
    let fits = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_') || (may_have_dots && sign == '.');
    if address.host.chars().all(fits) { Ok(()) } else { Err("link.host") }
}

/// Splits `url` into its parts and checks each of them.
fn address(url: &str) -> Result<Address<'_>, &'static str> {
    let (has_scheme, rest) = scheme(url)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (before_port, has_port) = match authority.rfind([':', ']', '@']) {
        Some(at) if at > 0 && authority.get(at..).is_some_and(|rest| rest.starts_with(':')) => {
            let (host, port) = authority.split_at(at);
            if !is_port(port.strip_prefix(':').unwrap_or_default()) {
                return Err("link.port");
            }
            (host, true)
        }
        _ => (authority, false),
    };
    let (has_userinfo, host) = before_port.rsplit_once('@').map_or((false, before_port), |(_, host)| (true, host));
    if host.starts_with('[') && host.ends_with(']') {
        return Err("link.ipv6");
    }
    if is_host(host) { Ok(Address { has_scheme, has_userinfo, host, has_port }) } else { Err("link.host") }
}

/// Whether `url` has a scheme, and the text after `://`. A scheme other than http and https is an error.
fn scheme(url: &str) -> Result<(bool, &str), &'static str> {
    let end = url.find([':', '/', '?', '#', '@', '[', ']']).unwrap_or(url.len());
    let Some(rest) = url.get(end..).and_then(|rest| rest.strip_prefix("://")) else { return Ok((false, url)) };
    match url.get(..end).unwrap_or_default().to_ascii_lowercase().as_str() {
        "http" | "https" => Ok((true, rest)),
        _ => Err("link.scheme"),
    }
}

fn is_port(typed: &str) -> bool {
    let digits = typed.trim_start_matches('0');
    digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok_and(|port| port > 0)
}

fn is_host(host: &str) -> bool {
    if host.is_empty() || host == "." {
        return false;
    }
    let mut signs = host.chars();
    let hex = |sign: Option<char>| sign.is_some_and(|sign| sign.is_ascii_hexdigit());
    while let Some(sign) = signs.next() {
        let fits = match sign {
            '%' => hex(signs.next()) && hex(signs.next()),
            sign if sign.is_ascii() => sign.is_ascii_alphanumeric() || "._-!$,~*'();&+=".contains(sign),
            _ => true,
        };
        if !fits {
            return false;
        }
    }
    true
}

fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}
