//! The message of a broadcast: checks before sending whether Telegram would accept it, and renders it for one
//! recipient.

use super::model::{Link, Media, MediaType, Message};
use crate::db::View;
use crate::error::{Error, Refusal, Result};
use crate::outbox::Payload;
use crate::telegram::client::{Button, Content, File, Keyboard};
use crate::telegram::judge;
use crate::texts::{self, Kind, SHOP_WIDE, Seed, check};

/// The most buttons of one broadcast.
pub const MOST_BUTTONS: usize = 10;
/// The most buttons in one row of the keyboard.
pub const MOST_IN_A_ROW: usize = 8;
const MOST_FILE_ID: usize = 256;
const PERSONAL: [&str; 2] = ["first_name", "display_name"];
const OF_A_CODE: [&str; 4] = ["discount_code", "discount_value", "discount_expires_at", "discount_title"];

/// Checks a message as Telegram would, and that every placeholder is known.
///
/// # Errors
/// `BROADCAST_TEXT_INVALID` naming the field, `BROADCAST_MEDIA_INVALID`, `BROADCAST_TOO_LARGE`.
pub fn check(message: &Message) -> Result<()> {
    check_body(message)?;
    check_media(&message.media)?;
    check_buttons(&message.buttons)
}

fn check_body(message: &Message) -> Result<()> {
    let kind = if message.media == Media::None { Kind::Text } else { Kind::Caption };
    if kind == Kind::Caption && message.body.trim().is_empty() {
        return Ok(());
    }
    let of_a_code = OF_A_CODE.iter().filter(|_| message.template.is_some());
    let vars = PERSONAL.iter().chain(of_a_code).map(ToString::to_string).collect();
    let rules = Seed { title: String::new(), body: String::new(), vars, kind };
    check::check(&rules, &message.body).map_err(|error| match error {
        Error::Refused(Refusal::TextPlaceholderUnknown { name, .. }) => {
            let reason =
                if OF_A_CODE.contains(&name.as_str()) { "text.no_template" } else { "text.unknown_placeholder" };
            Refusal::BroadcastTextInvalid { field: "body", reason, what: name }.into()
        }
        Error::Refused(Refusal::TextHtmlInvalid { reason, what }) => {
            Refusal::BroadcastTextInvalid { field: "body", reason, what }.into()
        }
        other => other,
    })
}

fn check_media(media: &Media) -> Result<()> {
    let refuse = |reason, what: &str| Refusal::BroadcastMediaInvalid { reason, what: what.chars().take(60).collect() };
    match media {
        Media::FileId(MediaType::None, _) | Media::Local(MediaType::None, _) => Err(refuse("media.kind", ""))?,
        Media::FileId(_, id) => {
            let is_one = (1..=MOST_FILE_ID).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
            if is_one { Ok(()) } else { Err(refuse("media.file_id", id))? }
        }
        Media::None | Media::Local(..) => Ok(()),
    }
}

fn check_buttons(rows: &[Vec<Link>]) -> Result<()> {
    let refuse = |reason, what: &str| Refusal::BroadcastTextInvalid {
        field: "buttons",
        reason,
        what: what.chars().take(60).collect(),
    };
    if rows.iter().map(Vec::len).sum::<usize>() > MOST_BUTTONS {
        Err(Refusal::BroadcastTooLarge { field: "buttons", most: MOST_BUTTONS })?;
    }
    for row in rows {
        if !(1..=MOST_IN_A_ROW).contains(&row.len()) {
            Err(refuse("buttons.row", &row.len().to_string()))?;
        }
        for button in row {
            check_link(button).map_err(|(reason, what)| refuse(reason, what))?;
        }
    }
    Ok(())
}

/// Checks one button. The error holds the reason, and the caption or link that is invalid.
fn check_link(button: &Link) -> std::result::Result<(), (&'static str, &str)> {
    let caption = button.text.trim();
    let is_short = caption.chars().count() <= judge::MOST_BUTTON;
    if judge::is_blank(caption) || !is_short || button.text.contains(char::is_control) {
        return Err(("buttons.caption", &button.text));
    }
    judge::check_link(&button.url).map_err(|fault| (fault.reason, &*button.url))
}

/// Whether a broadcast may have this button.
#[must_use]
pub fn is_good_link(button: &Link) -> bool {
    check_link(button).is_ok()
}

/// Whether recipients may get different texts.
#[must_use]
pub fn is_personal(message: &Message) -> bool {
    texts::named(&message.body).any(|name| !SHOP_WIDE.contains(&name))
}

/// The message with `values` filled in, its link buttons, and below the links the button that mutes promotions.
/// `file_id` is Telegram's id of the media; `None` for a message without media.
pub fn rendered(
    view: &View<'_>,
    message: &Message,
    file_id: Option<&str>,
    values: &[texts::Placeholder<'_>],
) -> Result<Content> {
    let html = texts::fill(view, &message.body, values)?;
    let keyboard = keyboard(view, message)?;
    let file = File::Id(file_id.unwrap_or_default().to_owned());
    Ok(match message.media.kind() {
        MediaType::None => Content::Text { html, keyboard },
        MediaType::Photo => Content::Photo { picture: file, caption_html: html, keyboard },
        MediaType::Video => Content::Video { file, caption_html: html, keyboard },
        MediaType::Document => Content::Document { file, caption_html: html, keyboard },
    })
}

/// The message as the content of a letter in the outbox: a test to an admin, or the first upload of a local file.
pub(super) fn letter(view: &View<'_>, message: &Message, html: String) -> Result<Payload> {
    let keyboard = keyboard(view, message)?;
    let media_type = message.media.kind().as_str().to_owned();
    Ok(match &message.media {
        Media::None => Payload::text(html, keyboard),
        Media::FileId(_, file_id) => Payload::Media { file_id: file_id.clone(), media_type, caption: html, keyboard },
        Media::Local(_, sha256) => Payload::Upload { media: sha256.clone(), media_type, caption: html, keyboard },
    })
}

/// The link buttons of the message, and below the links the button by which the recipient mutes promotions.
pub(super) fn keyboard(view: &View<'_>, message: &Message) -> Result<Keyboard> {
    let links = |row: &Vec<Link>| row.iter().map(|link| Button::url(&link.text, &link.url)).collect();
    let mut rows: Vec<Vec<Button>> = message.buttons.iter().map(links).collect();
    rows.push(vec![Button::callback(texts::caption(view, "button.mute")?, "mute:on")]);
    Ok(Keyboard::Inline(rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TemplateId;

    fn text(body: &str) -> Message {
        Message { body: body.to_owned(), media: Media::None, buttons: Vec::new(), template: None }
    }

    fn code(result: Result<()>) -> Option<(&'static str, &'static str)> {
        match result.unwrap_err() {
            Error::Refused(Refusal::BroadcastTextInvalid { field, reason, .. }) => Some((field, reason)),
            Error::Refused(Refusal::BroadcastMediaInvalid { reason, .. }) => Some(("media", reason)),
            _ => None,
        }
    }

    #[test]
    fn what_telegram_would_refuse_is_refused_before_anybody_gets_it() {
        assert!(check(&text("Привет, {{first_name}}! {{channel_link}}")).is_ok());
        assert_eq!(code(check(&text("<b>жирно"))), Some(("body", "text.tag_unclosed")));
        assert_eq!(code(check(&text(""))), Some(("body", "text.empty")));
        assert_eq!(code(check(&text(&"я".repeat(4097)))), Some(("body", "text.too_long")));
        let picture = Media::FileId(MediaType::Photo, "AgACAgIAAx".into());
        assert!(check(&Message { media: picture.clone(), ..text("") }).is_ok());
        assert_eq!(
            code(check(&Message { media: picture, ..text(&"я".repeat(1025)) })),
            Some(("body", "text.too_long"))
        );
        let broken = Media::FileId(MediaType::Photo, "../etc".into());
        assert_eq!(code(check(&Message { media: broken, ..text("") })), Some(("media", "media.file_id")));
    }

    #[test]
    fn what_would_be_empty_is_refused_also_above_a_picture() {
        for empty in ["<b> </b>", "\u{2800}", "{{support_contact}}"] {
            assert_eq!(code(check(&text(empty))), Some(("body", "text.empty")), "{empty}");
        }
        let picture = Media::FileId(MediaType::Photo, "AgACAgIAAx".into());
        assert!(check(&Message { media: picture.clone(), ..text(" ") }).is_ok());
        assert!(check(&Message { media: picture, ..text(&"😀".repeat(1024)) }).is_ok());
    }

    #[test]
    fn a_codes_facts_need_a_template() {
        let body = "Ваш код {{discount_code}}";
        assert_eq!(code(check(&text(body))), Some(("body", "text.no_template")));
        assert!(check(&Message { template: Some(TemplateId(1)), ..text(body) }).is_ok());
        assert_eq!(code(check(&text("{{phone}}"))), Some(("body", "text.unknown_placeholder")));
    }

    #[test]
    fn a_button_leads_somewhere() {
        let with = |url: &str| Message {
            buttons: vec![vec![Link { text: "Меню".into(), url: url.into() }]],
            ..text("привет")
        };
        for good in [
            "https://example.org",
            "http://a.b/c?d#e",
            "tg://resolve?domain=x",
            "https://пример.рф",
            "Https://example.ru",
            "t.me/x",
            "example.ru",
        ] {
            assert!(check(&with(good)).is_ok(), "{good}");
        }
        for (bad, reason) in [
            ("", "link.host"),
            ("https://", "link.host"),
            ("https://localhost", "link.host"),
            ("javascript:alert(1)", "link.port"),
            ("ftp://example.ru", "link.scheme"),
            ("https://a b.c", "link.host"),
            ("https://example.ru:99999/", "link.port"),
            ("https://example.ru:abc", "link.port"),
            ("https://example.ru:0", "link.port"),
            ("https://shop@example.ru", "link.userinfo"),
            ("tg://", "link.host"),
        ] {
            assert_eq!(code(check(&with(bad))), Some(("buttons", reason)), "{bad}");
        }
        let many =
            Message { buttons: vec![vec![Link { text: "x".into(), url: "https://a.b".into() }]; 11], ..text("y") };
        assert!(matches!(check(&many), Err(Error::Refused(Refusal::BroadcastTooLarge { most: 10, .. }))));
    }
}
