//! Reads addresses as Telegram's server does: which ones it accepts, and the form in which it shows them. Shares no
//! code with the product's own parser of addresses on purpose, because this one checks the product.

use std::net::Ipv6Addr;

/// Where an address leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// The address leads to a page, or to a place inside Telegram. The text is the address in the form in which the
    /// server writes it.
    Page(String),
    /// The address leads to the person with this id.
    Person(i64),
}

/// Reads the address `url`; the error is the server's reason for refusing it.
pub(super) fn read(url: &str) -> Result<Target, &'static str> {
    if let Some(id) = person(url) {
        return Ok(Target::Person(id));
    }
    let lower = url.to_ascii_lowercase();
    let inside = ["tg", "ton", "tonsite"].into_iter().find(|scheme| lower.starts_with(&format!("{scheme}:")));
    let page = match inside {
        Some(scheme) => {
            let rest = url.get(scheme.len() + 1..).unwrap_or_default();
            let rest = rest.strip_prefix("//").unwrap_or(rest);
            let parts = Parts::of(rest)?;
            let is_plain = parts.scheme.is_none() && parts.userinfo.is_empty() && parts.port == 0;
            let fits =
                |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_' || (b == b'.' && scheme == "tonsite");
            if !is_plain || !parts.host.bytes().all(fits) {
                return Err("Wrong tg URL");
            }
            let query = parts.query.strip_prefix('/').filter(|query| query.starts_with('?')).unwrap_or(&parts.query);
            format!("{scheme}://{}{query}", parts.host)
        }
        None => {
            let parts = Parts::of(url)?;
            if !parts.host.contains('.') && !parts.host.starts_with('[') {
                return Err("Wrong HTTP URL");
            }
            parts.written()
        }
    };
    Ok(Target::Page(page))
}

struct Parts {
    scheme: Option<&'static str>,
    userinfo: String,
    host: String,
    port: u16,
    query: String,
}

impl Parts {
    fn of(url: &str) -> Result<Self, &'static str> {
        let head = url.bytes().position(|b| b":/?#@[]".contains(&b)).unwrap_or(url.len());
        let after = url.get(head..).unwrap_or_default();
        let (scheme, rest) = match after.strip_prefix("://") {
            None => (None, url),
            Some(rest) if url.get(..head).is_some_and(|s| s.eq_ignore_ascii_case("http")) => (Some("http"), rest),
            Some(rest) if url.get(..head).is_some_and(|s| s.eq_ignore_ascii_case("https")) => (Some("https"), rest),
            Some(_) => return Err("Unsupported URL protocol"),
        };
        let end = rest.bytes().position(|b| b"/?#".contains(&b)).unwrap_or(rest.len());
        let (authority, query) = (rest.get(..end).unwrap_or_default(), rest.get(end..).unwrap_or_default());
        let (named, port) = with_port(authority)?;
        let (userinfo, host) = named.rsplit_once('@').unwrap_or(("", named));
        if userinfo.contains('@') {
            return Err("Wrong URL userinfo");
        }
        check_host(host)?;
        Ok(Self { scheme, userinfo: userinfo.to_owned(), host: host.to_ascii_lowercase(), port, query: written(query) })
    }

    fn written(&self) -> String {
        let at = if self.userinfo.is_empty() { String::new() } else { format!("{}@", self.userinfo) };
        let port = if self.port == 0 { String::new() } else { format!(":{}", self.port) };
        format!("{}://{at}{}{port}{}", self.scheme.unwrap_or("http"), self.host, self.query)
    }
}

/// The authority of an address without its port, and the port; 0: the authority has no port.
fn with_port(authority: &str) -> Result<(&str, u16), &'static str> {
    let mark = authority.bytes().rposition(|b| matches!(b, b':' | b']' | b'@')).unwrap_or(0);
    if mark == 0 || authority.as_bytes().get(mark) != Some(&b':') {
        return Ok((authority, 0));
    }
    let digits = authority.get(mark + 1..).unwrap_or_default();
    let number = digits.bytes().try_fold(0_u32, |number, b| {
        b.is_ascii_digit().then(|| number.saturating_mul(10).saturating_add(u32::from(b - b'0')))
    });
    match number.and_then(|number| u16::try_from(number).ok()) {
        Some(port) if port > 0 => Ok((authority.get(..mark).unwrap_or_default(), port)),
        _ => Err("Wrong port number specified in the URL"),
    }
}

fn check_host(host: &str) -> Result<(), &'static str> {
    match host {
        "" => return Err("URL host is empty"),
        "." => return Err("Host is invalid"),
        _ => {}
    }
    if host.starts_with('[') && host.ends_with(']') {
        let inside = host.get(1..host.len() - 1).unwrap_or_default();
        return inside.parse::<Ipv6Addr>().map(drop).map_err(|_| "Wrong IPv6 address specified in the URL");
    }
    let bytes = host.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'%' {
            let pair = bytes.get(at + 1..at + 3).unwrap_or_default();
            if pair.len() != 2 || !pair.iter().all(u8::is_ascii_hexdigit) {
                return Err("Wrong percent-encoded symbol in URL host");
            }
            at += 2;
        } else if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b".-_!$,~*'();&+=".contains(byte) {
            return Err("Wrong URL host");
        }
        at += 1;
    }
    Ok(())
}

/// Path, query and fragment as the server writes them: a slash first, white space encoded, no white space at the end.
fn written(query: &str) -> String {
    let query = query.trim_end_matches([' ', '\t', '\n', '\r', '\0', '\u{b}']);
    let mut out = if query.starts_with('/') { String::new() } else { "/".to_owned() };
    for c in query.chars() {
        match u32::from(c) {
            code @ 0..=0x20 => out.push_str(&format!("%{code:02X}")),
            _ => out.push(c),
        }
    }
    out
}

/// The id of the person to whom an address such as `tg://user?id=5` leads; `None` for other addresses.
fn person(url: &str) -> Option<i64> {
    let lower = url.to_ascii_lowercase();
    let rest = lower.strip_prefix("tg:")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest).strip_prefix("user")?;
    let query = rest.strip_prefix('/').unwrap_or(rest).strip_prefix('?')?.split('#').next()?;
    let value = query.split('&').find_map(|pair| pair.strip_prefix("id="))?;
    let id = value.parse::<i64>().ok().filter(|id| (1..1 << 40).contains(id))?;
    (id.to_string() == value).then_some(id)
}
