//! `broadcast create|edit`: builds a draft from flags. Local files are copied beside the database first.

use std::path::Path;

use serde_json::Value as Json;

use super::view::{facts, on};
use crate::broadcast::{self, Audience, Draft, Link, Media, MediaType, Message, Origin, media};
use crate::cli::args::{Body, BroadcastCreate, BroadcastEdit, Picture, RecipientArgs, TextArgs};
use crate::cli::output::{ChangeReport, ExitCode, FailureReport};
use crate::cli::refuse::Wrong;
use crate::cli::session::Session;
use crate::db::{Tx, View};
use crate::discount::template;
use crate::error::Result as ShopResult;
use crate::realm::Realm;
use crate::{segment, user};

/// The broadcast's medium as the flags name it. A local file has been copied beside the database.
struct Chosen {
    media: Media,
    kept: Option<media::StoredMedia>,
}

/// `broadcast create`: makes a draft.
pub(super) fn create(session: &mut Session<'_>, args: &BroadcastCreate) -> Result<(), Wrong> {
    let body = body(session, &args.body)?.unwrap_or_default();
    let chosen = picture(session, &args.picture)?;
    let recipients = said(&args.recipients)?.ok_or_else(|| unsaid(session, "broadcast.no_audience"))?;
    let (realm, title, template) = (args.realm.realm(), args.title.clone(), args.template.clone());
    let (rows, owner) = (one_a_row(&args.button), session.owner());
    let made = session.write(args.dry_run, move |tx| {
        keep(tx, chosen.as_ref())?;
        let template = template.map(|name| template::get_by_ref(tx, &name)).transpose()?.map(|found| found.id);
        let media = chosen.map(|chosen| chosen.media).unwrap_or_default();
        let message = Message { body, media, buttons: rows, template };
        let audience = recipients.audience(tx, realm)?;
        broadcast::create(tx, &Draft { title, message, audience, realm, origin: Origin::Admin }, owner.actor())
    })?;
    let words: [(&str, &dyn std::fmt::Display); 2] = [("id", &made.id), ("title", &made.draft.title)];
    let change = ChangeReport {
        schema: "dvorik.broadcast.create/1",
        changed: true,
        before: Json::Null,
        after: facts(&made),
        // The draft of a dry run was rolled back, so its id belongs to no broadcast.
        id: if args.dry_run { String::new() } else { made.id.to_string() },
        sentence: session.text("broadcast.created", &words),
        next: vec![on("next.look", "estimate", &made), on("next.send", "send", &made)],
    };
    session.tell(args.dry_run, change);
    Ok(())
}

/// `broadcast edit`: changes a draft.
pub(super) fn edit(session: &mut Session<'_>, args: &BroadcastEdit) -> Result<(), Wrong> {
    let body = body(session, &args.body)?;
    let chosen = picture(session, &args.picture)?;
    let recipients = said(&args.recipients)?;
    let (realm, typed, owner) = (args.realm.realm(), args.broadcast.clone(), session.owner());
    let (title, template) = (args.title.clone(), args.template.clone());
    let (no_media, no_template) = (args.no_media, args.no_template);
    let rows = (args.no_buttons || !args.button.is_empty()).then(|| one_a_row(&args.button));
    let (before, after) = session.write(args.dry_run, move |tx| {
        let found = broadcast::get_by_ref(tx, realm, &typed)?;
        keep(tx, chosen.as_ref())?;
        let mut draft = found.draft.clone();
        draft.title = title.unwrap_or(draft.title);
        draft.message.body = body.unwrap_or(draft.message.body);
        draft.message.buttons = rows.unwrap_or(draft.message.buttons);
        if let Some(name) = template {
            draft.message.template = Some(template::get_by_ref(tx, &name)?.id);
        }
        draft.message.template = draft.message.template.filter(|_| !no_template);
        draft.message.media = match chosen {
            Some(chosen) => chosen.media,
            None if no_media => Media::None,
            None => draft.message.media,
        };
        if let Some(recipients) = recipients {
            draft.audience = recipients.audience(tx, realm)?;
        }
        broadcast::edit(tx, found.id, &draft, owner.actor())
    })?;
    let changed = before.draft != after.draft;
    let words: [(&str, &dyn std::fmt::Display); 2] = [("id", &after.id), ("title", &after.draft.title)];
    let change = ChangeReport {
        schema: "dvorik.broadcast.edit/1",
        changed,
        before: facts(&before),
        after: facts(&after),
        id: after.id.to_string(),
        sentence: session.text(if changed { "broadcast.edited" } else { "broadcast.same" }, &words),
        next: vec![on("next.look", "show", &after)],
    };
    session.tell(args.dry_run, change);
    Ok(())
}

fn body(session: &Session<'_>, body: &Body) -> Result<Option<String>, Wrong> {
    if body.text.is_none() && body.text_file.is_none() {
        return Ok(None);
    }
    session.words(&TextArgs { text: body.text.clone(), text_file: body.text_file.clone() }).map(Some)
}

/// The buttons of the broadcast, one per row, so that captions are not squeezed.
fn one_a_row(buttons: &[Link]) -> Vec<Vec<Link>> {
    buttons.iter().map(|button| vec![button.clone()]).collect()
}

fn picture(session: &Session<'_>, picture: &Picture) -> Result<Option<Chosen>, Wrong> {
    let kinds = [
        (MediaType::Photo, &picture.photo),
        (MediaType::Video, &picture.video),
        (MediaType::Document, &picture.document),
    ];
    let named = kinds.into_iter().find_map(|(kind, file)| file.as_ref().map(|file| (kind, file.as_deref())));
    match (named, &picture.media_id) {
        (None, None) => Ok(None),
        (Some((kind, Some(file))), None) => local(session, file, kind).map(Some),
        (Some((kind, None)), Some(id)) => Ok(Some(Chosen { media: Media::FileId(kind, id.clone()), kept: None })),
        _ => Err(unsaid(session, "broadcast.media_once")),
    }
}

fn local(session: &Session<'_>, file: &Path, kind: MediaType) -> Result<Chosen, Wrong> {
    let kept = media::keep(file, kind, &session.config()?.database.path)?;
    Ok(Chosen { media: Media::Local(kind, kept.sha256.clone()), kept: Some(kept) })
}

fn keep(tx: &Tx<'_>, chosen: Option<&Chosen>) -> ShopResult<()> {
    let Some(kept) = chosen.and_then(|chosen| chosen.kept.as_ref()) else { return Ok(()) };
    broadcast::remember_media(tx, &kept.sha256, &kept.name, kept.bytes)
}

/// A broadcast's audience as the flags give it; segments and customers have not been looked up.
enum AudienceFlags {
    Segment(String),
    People(Vec<String>),
    Fitting(segment::Filter),
}

fn said(recipients: &RecipientArgs) -> Result<Option<AudienceFlags>, Wrong> {
    if let Some(segment) = &recipients.segment {
        return Ok(Some(AudienceFlags::Segment(segment.clone())));
    }
    if !recipients.users.is_empty() {
        return Ok(Some(AudienceFlags::People(recipients.users.clone())));
    }
    Ok(recipients.filter.filter()?.map(AudienceFlags::Fitting))
}

impl AudienceFlags {
    fn audience(self, view: &View<'_>, realm: Realm) -> ShopResult<Audience> {
        Ok(match self {
            Self::Segment(name) => Audience::Segment(segment::get(view, &name)?.id),
            Self::Fitting(filter) => Audience::Fitting(filter),
            Self::People(typed) => {
                let mut people = Vec::with_capacity(typed.len());
                for one in typed {
                    people.push(user::get_by_ref(view, realm, &one)?.id);
                }
                people.sort_unstable();
                people.dedup();
                Audience::People(people)
            }
        })
    }
}

fn unsaid(session: &Session<'_>, key: &str) -> Wrong {
    FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, session.text(key, &[])).into()
}
