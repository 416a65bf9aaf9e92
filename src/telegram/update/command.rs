//! Reads commands as people type them: `/start@ShopBot ref_ABC`. Only their form is read here; the bots decide what a
//! command does.

/// A command at the beginning of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The command's name in lower case without `/` and without the bot's name: `start`.
    pub name: String,
    /// The bot to which the command is addressed (`ShopBot`), without `@`, as the person wrote it. In groups a command
    /// may name its bot.
    pub addressee: Option<String>,
    /// The payload of a deep link: the text after the name, if it is 1–64 characters of `A-Z a-z 0-9 _ -`; otherwise
    /// `None`.
    pub argument: Option<String>,
    /// The text after the name, trimmed: for commands that take free text.
    pub rest: String,
}

impl Command {
    /// Reads a command; `None` for a text that does not begin with `/` and a name of 1–32 characters of
    /// `A-Z a-z 0-9 _`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let body = text.trim_start().strip_prefix('/')?;
        let (head, rest) = body.split_once(char::is_whitespace).unwrap_or((body, ""));
        let (name, addressee) = head.split_once('@').map_or((head, None), |(name, bot)| (name, Some(bot)));
        if !is_word(name, 32, false) || addressee.is_some_and(|bot| !is_word(bot, 64, false)) {
            return None;
        }
        let rest = rest.trim();
        Some(Self {
            name: name.to_ascii_lowercase(),
            addressee: addressee.map(str::to_owned),
            argument: is_word(rest, 64, true).then(|| rest.to_owned()),
            rest: rest.to_owned(),
        })
    }
}

fn is_word(text: &str, max: usize, dash: bool) -> bool {
    let good = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || (dash && b == b'-');
    (1..=max).contains(&text.len()) && text.bytes().all(good)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argument(text: &str) -> Option<String> {
        Command::parse(text).and_then(|command| command.argument)
    }

    #[test]
    fn a_deep_link_is_a_command_with_a_payload() {
        let command = Command::parse("/start@Dvorik_Bot ref_VK-1").unwrap();
        assert_eq!((command.name.as_str(), command.addressee.as_deref()), ("start", Some("Dvorik_Bot")));
        assert_eq!(command.argument.as_deref(), Some("ref_VK-1"));
        assert_eq!(argument("/START\nabc").as_deref(), Some("abc"));
    }

    #[test]
    fn a_payload_telegram_could_not_have_made_is_ignored() {
        assert_eq!(argument("/start"), None);
        assert_eq!(argument("/start two words"), None);
        assert_eq!(argument("/start скидка"), None);
        assert_eq!(argument("/start it's"), None);
        assert_eq!(argument(&format!("/start {}", "a".repeat(64))).map(|a| a.len()), Some(64));
        assert_eq!(argument(&format!("/start {}", "a".repeat(65))), None);
    }

    #[test]
    fn free_text_after_a_command_is_kept() {
        assert_eq!(Command::parse("/redeem  АБВ 12-34 ").unwrap().rest, "АБВ 12-34");
    }

    #[test]
    fn what_only_looks_like_a_command_is_none() {
        for text in ["start", "/", "/ start", "/скидки", "/a@b@c", "//x", "", "/start@"] {
            assert_eq!(Command::parse(text), None, "{text}");
        }
    }
}
