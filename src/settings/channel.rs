//! The link under which people find the shop's channel. A `channel_url` that the owner set comes first, then the name
//! in `telegram_channel_id`, then what Telegram reported of a channel that is known by its id: its public name, else
//! its invite link.

use rusqlite::named_params;
use serde::{Deserialize, Serialize};

use super::{CHANNEL_URL, TELEGRAM_CHANNEL_ID};
use crate::db::{Tx, View};
use crate::error::Result;

const FIND: &str = "SELECT value FROM meta WHERE key = 'channel'";
const PUT: &str = "INSERT INTO meta (key, value) VALUES ('channel', :value)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value <> excluded.value";
/// How long, in seconds, Telegram's report of a channel is used before Telegram is asked again: a channel may get
/// another name.
const FRESH_S: i64 = 24 * 3600;

/// What Telegram reported of the channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelInfo {
    /// The value of `telegram_channel_id` that Telegram was asked about.
    pub channel: String,
    /// The channel's public name without `@`.
    pub username: Option<String>,
    /// The channel's invite link, which Telegram shows only to an administrator of the channel.
    pub invite_link: Option<String>,
    /// The time of Telegram's report, in seconds since the epoch.
    pub at: i64,
}

impl ChannelInfo {
    /// The channel's link: with its public name, else the invite link; `None` when Telegram reported neither.
    #[must_use]
    pub fn link(&self) -> Option<String> {
        let public = self.username.as_ref().map(|name| format!("https://t.me/{name}"));
        public.or_else(|| self.invite_link.clone())
    }
}

/// The link of the button «Перейти в канал»; `None` hides the button.
pub fn channel_link(view: &View<'_>) -> Result<Option<String>> {
    if let Some(link) = CHANNEL_URL.text(view)? {
        return Ok(Some(link));
    }
    let Some(channel) = TELEGRAM_CHANNEL_ID.text(view)? else { return Ok(None) };
    if let Some(name) = channel.strip_prefix('@') {
        return Ok(Some(format!("https://t.me/{name}")));
    }
    Ok(last_report(view)?.filter(|report| report.channel == channel).and_then(|report| report.link()))
}

/// Telegram's last report of a channel; the settings may name another channel by now.
pub fn last_report(view: &View<'_>) -> Result<Option<ChannelInfo>> {
    let kept: Option<String> = view.find(FIND, [], |row| row.get(0))?;
    Ok(kept.and_then(|kept| serde_json::from_str(&kept).ok()))
}

/// Stores what Telegram has just reported of the channel, with the present time.
pub fn remember_channel(tx: &Tx<'_>, report: &ChannelInfo) -> Result<()> {
    let report = ChannelInfo { at: tx.now().0, ..report.clone() };
    tx.change(PUT, named_params! { ":value": serde_json::json!(report).to_string() })?;
    Ok(())
}

/// The channel about which Telegram must be asked; `None` when no channel is set, or Telegram's report of the channel
/// is less than a day old.
pub fn channel_to_ask_about(view: &View<'_>) -> Result<Option<String>> {
    let Some(channel) = TELEGRAM_CHANNEL_ID.text(view)? else { return Ok(None) };
    let since = view.now().0 - FRESH_S;
    let is_known = last_report(view)?.is_some_and(|report| report.channel == channel && report.at > since);
    Ok((!is_known).then_some(channel))
}

/// Whether a `channel_url` that the owner set leads to another public channel than the one in `report`. `false` for an
/// invite link and for a link to another site than Telegram, which cannot be compared.
#[must_use]
pub fn leads_elsewhere(link: &str, report: &ChannelInfo) -> bool {
    let hosts = ["https://t.me/", "https://telegram.me/"];
    let Some(path) = hosts.iter().find_map(|host| link.strip_prefix(host)) else { return false };
    let name = path.split(['/', '?', '#']).next().unwrap_or_default();
    let is_invitation = name.starts_with('+') || name == "joinchat" || name == "c";
    !is_invitation && !report.username.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(username: Option<&str>, invite: Option<&str>) -> ChannelInfo {
        ChannelInfo {
            channel: "-100".into(),
            username: username.map(str::to_owned),
            invite_link: invite.map(str::to_owned),
            at: 0,
        }
    }

    #[test]
    fn the_public_name_comes_before_the_invite_link() {
        let invite = "https://t.me/+abc";
        assert_eq!(report(Some("shop"), Some(invite)).link().as_deref(), Some("https://t.me/shop"));
        assert_eq!(report(None, Some(invite)).link().as_deref(), Some(invite));
        assert_eq!(report(None, None).link(), None);
    }

    #[test]
    fn only_another_public_channel_is_elsewhere() {
        let shop = report(Some("Shop"), None);
        for (link, elsewhere) in [
            ("https://t.me/shop", false),
            ("https://t.me/shop?x", false),
            ("https://t.me/other", true),
            ("https://t.me/+abc", false),
            ("https://example.ru/channel", false),
        ] {
            assert_eq!(leads_elsewhere(link, &shop), elsewhere, "{link}");
        }
        assert!(leads_elsewhere("https://t.me/shop", &report(None, Some("https://t.me/+abc"))), "it is private now");
    }
}
