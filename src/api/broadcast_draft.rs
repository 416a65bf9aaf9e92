//! A draft of a broadcast as written in a request: the same fields for a new draft, a change of a draft and an
//! estimate. Their schemas say which fields belong together.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};

use super::http::extract::{given, present};
use super::http::problem::Problem;
use crate::broadcast::{Audience, Draft, Link, Media, MediaType, Message, Origin};
use crate::clock::Timestamp;
use crate::ids::{SegmentId, TemplateId, UserId};
use crate::realm::Realm;
use crate::segment::{Filter, Unread};

/// An instant in any zone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment(pub Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let read = DateTime::parse_from_rfc3339(&text).ok().map(|at| Timestamp(at.with_timezone(&Utc).timestamp()));
        // Accepts only instants with a four-digit year: their text has the same length as all others.
        let at = read.filter(|at| at.to_string().len() == 20);
        at.map(Self).ok_or_else(|| serde::de::Error::custom("an instant such as 2026-11-22T09:00:00Z is needed"))
    }
}

/// A button that opens a link.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct LinkBody {
    /// The button's label.
    pub text: String,
    /// The address that the button opens.
    pub url: String,
}

/// Every field of a draft, and the id of the stored broadcast that an estimate may name instead. Null and absent fields
/// are distinguished.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DraftFields {
    #[serde(deserialize_with = "present")]
    broadcast_id: Option<i64>,
    #[serde(deserialize_with = "present")]
    title: Option<String>,
    #[serde(deserialize_with = "present")]
    body: Option<String>,
    #[serde(deserialize_with = "present")]
    media_type: Option<MediaType>,
    #[serde(deserialize_with = "given")]
    media_file_id: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    buttons: Option<Vec<Vec<LinkBody>>>,
    #[serde(deserialize_with = "given")]
    template_id: Option<Option<i64>>,
    target_user_ids: Option<Vec<i64>>,
    segment_id: Option<i64>,
    filters: Option<Unread>,
    #[serde(deserialize_with = "given")]
    send_at: Option<Option<Moment>>,
}

/// The fields of a draft, each checked.
pub(super) struct Changes {
    title: Option<String>,
    body: Option<String>,
    kind: Option<MediaType>,
    file_id: Option<Option<String>>,
    buttons: Option<Vec<Vec<Link>>>,
    template: Option<Option<TemplateId>>,
    /// The draft's audience; `None` if the request does not name one.
    pub audience: Option<Audience>,
    /// The planned time; `None` if the request does not name one, `Some(None)` clears it.
    pub send_at: Option<Option<Timestamp>>,
}

impl DraftFields {
    /// The id of the stored broadcast to estimate; `None` if the request describes a draft instead. A request with both
    /// is refused.
    pub(super) fn stored(&self) -> Result<Option<i64>, Problem> {
        let Some(id) = self.broadcast_id else { return Ok(None) };
        let words = [self.title.is_some(), self.body.is_some(), self.media_type.is_some(), self.buttons.is_some()];
        let more = [self.media_file_id.is_some(), self.template_id.is_some(), self.send_at.is_some()];
        let people = [self.target_user_ids.is_some(), self.segment_id.is_some(), self.filters.is_some()];
        if words.into_iter().chain(more).chain(people).any(|is_said| is_said) {
            return Err(Problem::field("broadcast_id", "either a broadcast is named or what is to be sent"));
        }
        positive("broadcast_id", id).map(Some)
    }

    /// The checked fields of a draft. Refused if the request names a stored broadcast.
    pub(super) fn changes(self) -> Result<Changes, Problem> {
        if self.broadcast_id.is_some() {
            return Err(Problem::field("broadcast_id", "unknown field"));
        }
        let audience = self.audience()?;
        self.title.as_deref().map(named).transpose()?;
        self.body.as_deref().map(readable).transpose()?;
        let template = self.template_id.map(|id| id.map(|id| positive("template_id", id)).transpose()).transpose()?;
        let link = |link: LinkBody| Link { text: link.text, url: link.url };
        let row = |row: Vec<LinkBody>| row.into_iter().map(link).collect();
        Ok(Changes {
            title: self.title,
            body: self.body,
            kind: self.media_type,
            file_id: self.media_file_id,
            buttons: self.buttons.map(|rows| rows.into_iter().map(row).collect()),
            template: template.map(|id| id.map(TemplateId)),
            audience,
            send_at: self.send_at.map(|at| at.map(|at| at.0)),
        })
    }

    fn audience(&self) -> Result<Option<Audience>, Problem> {
        let said = [self.target_user_ids.is_some(), self.segment_id.is_some(), self.filters.is_some()];
        if said.into_iter().filter(|is_said| *is_said).count() > 1 {
            return Err(Problem::field("filters", "one of target_user_ids, segment_id and filters"));
        }
        if let Some(ids) = &self.target_user_ids {
            return people(ids).map(Some);
        }
        if let Some(id) = self.segment_id {
            return Ok(Some(Audience::Segment(SegmentId(positive("segment_id", id)?))));
        }
        let filter = self.filters.as_ref().map(Filter::read).transpose()?;
        Ok(filter.map(Audience::Fitting))
    }
}

fn people(ids: &[i64]) -> Result<Audience, Problem> {
    if ids.is_empty() {
        return Err(Problem::field("target_user_ids", "at least one is needed"));
    }
    let mut people = ids.to_vec();
    people.sort_unstable();
    people.dedup();
    people.first().map(|id| positive("target_user_ids", *id)).transpose()?;
    Ok(Audience::People(people.into_iter().map(UserId).collect()))
}

fn positive(field: &str, id: i64) -> Result<i64, Problem> {
    if id > 0 { Ok(id) } else { Err(Problem::field(field, "a whole number above zero is needed")) }
}

/// Refuses a text longer than any markup that Telegram accepts. `broadcast::content` checks the rest.
pub(super) fn readable(body: &str) -> Result<(), Problem> {
    let fits = body.chars().count() <= 16_384 && !body.contains('\0');
    let refused = || Problem::field("body", "at most 16,384 characters, none of them U+0000");
    fits.then_some(()).ok_or_else(refused)
}

/// Checks the draft's title as the schema states.
fn named(title: &str) -> Result<(), Problem> {
    let fits = title.chars().count() <= 128 && !title.trim().is_empty() && !title.contains(char::is_control);
    let refused = || Problem::field("title", "1 to 128 characters are needed, without line breaks");
    fits.then_some(()).ok_or_else(refused)
}

impl Changes {
    /// A new draft from these fields. Without `titled` it needs no title, because it is only estimated.
    pub(super) fn draft(self, realm: Realm, titled: bool) -> Result<Draft, Problem> {
        let missing = |field: &str| Problem::field(field, format!("missing field `{field}`"));
        if titled && self.title.is_none() {
            return Err(missing("title"));
        }
        if self.body.is_none() {
            return Err(missing("body"));
        }
        if self.audience.is_none() {
            return Err(Problem::field("filters", "one of target_user_ids, segment_id and filters is needed"));
        }
        let message = Message { body: String::new(), media: Media::None, buttons: Vec::new(), template: None };
        let (title, audience) = ("-".to_owned(), Audience::People(Vec::new()));
        Ok(self.of(Draft { title, message, audience, realm, origin: Origin::Admin }))
    }

    /// Applies these fields to the draft `was`.
    pub(super) fn of(self, was: Draft) -> Draft {
        let media = media((self.kind, self.file_id), was.message.media);
        let message = Message {
            body: self.body.unwrap_or(was.message.body),
            media,
            buttons: self.buttons.unwrap_or(was.message.buttons),
            template: self.template.unwrap_or(was.message.template),
        };
        Draft {
            title: self.title.unwrap_or(was.title),
            message,
            audience: self.audience.unwrap_or(was.audience),
            ..was
        }
    }
}

/// The draft's media from their kind and file id, which belong together; a mismatch is refused when the draft is
/// checked.
fn media((kind, file_id): (Option<MediaType>, Option<Option<String>>), was: Media) -> Media {
    match (kind, file_id) {
        (None, None) => was,
        (None | Some(MediaType::None), Some(None)) | (Some(MediaType::None), None) => Media::None,
        (kind, id) => Media::FileId(kind.unwrap_or(MediaType::None), id.flatten().unwrap_or_default()),
    }
}
