//! Writing and editing drafts, by admins. Editing a broadcast that Telegram refused before anyone got the message turns
//! the broadcast into a draft again.

use serde_json::{Value, json};

use super::model::{Audience, Broadcast, BroadcastId, Draft, Status};
use super::rules::{Verb, is_entered, may_be_mended};
use super::transition::{self, record};
use super::{audience, store};
use crate::actor::Actor;
use crate::db::Tx;
use crate::error::{Refusal, Result};

/// Stores a new draft. The audit entry does not hold the draft's text.
///
/// # Errors
/// Those of [`super::estimate`] for a draft that could not be sent.
pub fn create(tx: &Tx<'_>, draft: &Draft, by: &Actor) -> Result<Broadcast> {
    audience::check(tx, draft)?;
    let draft = Draft { title: draft.title.trim().to_owned(), ..draft.clone() };
    let id = store::insert(tx, &draft, &by.to_string())?;
    record(tx, ("create_broadcast", id), Value::Null, facts(&draft), by)?;
    store::get(tx, id)
}

/// Changes the content or the audience of a broadcast. Returns the broadcast before and after.
///
/// # Errors
/// Those of [`create`]. `BROADCAST_NOT_EDITABLE` unless the broadcast is a draft or scheduled. A broadcast that
/// Telegram refused before anyone got the message may be edited, too: it becomes a draft again and needs a new
/// confirmation.
pub fn edit(tx: &Tx<'_>, id: BroadcastId, draft: &Draft, by: &Actor) -> Result<(Broadcast, Broadcast)> {
    let before = store::get(tx, id)?;
    let mends = may_be_mended(&before);
    // Recipients who are in the ledger already were entered under the present confirmation, so the content stays as
    // confirmed.
    if !mends && (!matches!(before.status, Status::Draft | Status::Scheduled) || is_entered(&before)) {
        Err(Refusal::BroadcastNotEditable { status: before.status.as_str() })?;
    }
    audience::check(tx, draft)?;
    let draft = Draft { title: draft.title.trim().to_owned(), ..draft.clone() };
    if before.draft == draft {
        return Ok((before.clone(), before));
    }
    store::rewrite(tx, id, &draft)?;
    if mends {
        store::reset(tx, id)?;
        // `by_rule` writes no audit entry for an edit: this function writes it below.
        if !transition::by_rule(tx, &before, Verb::Mend, transition::Why::default())? {
            return Err(store::lost("a paused broadcast"));
        }
    }
    record(tx, ("update_broadcast", id), facts(&before.draft), facts(&draft), by)?;
    Ok((before, store::get(tx, id)?))
}

fn facts(draft: &Draft) -> Value {
    let audience = match &draft.audience {
        Audience::People(people) => json!({ "people": people.len() }),
        Audience::Segment(id) => json!({ "segment_id": id }),
        Audience::Fitting(filter) => json!({ "filters": filter.to_json() }),
    };
    let length = draft.message.body.chars().count();
    json!({ "title": draft.title, "length": length, "audience": audience, "template_id": draft.message.template })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broadcast::{Media, Message, Origin};
    use crate::clock::{Clock, Zone};
    use crate::db::Database;
    use crate::error::Error;
    use crate::realm::Realm;

    const REFUSED: &str = "UPDATE broadcasts SET status = 'paused', pause_reason = 'stop_rule', note = 'bad_message'";
    // `edit` reads the row and changes its status in one transaction, so no other writer can make the change of the
    // status fail. This trigger makes it fail instead: it silently ignores updates of `status`.
    const SWALLOW: &str = "CREATE TEMP TRIGGER swallow BEFORE UPDATE OF status ON broadcasts
        BEGIN SELECT RAISE(IGNORE); END";

    fn draft(body: &str) -> Draft {
        let message = Message { body: body.to_owned(), media: Media::None, buttons: Vec::new(), template: None };
        let audience = Audience::People(Vec::new());
        Draft { title: "Fair".into(), message, audience, realm: Realm::Real, origin: Origin::Admin }
    }

    #[test]
    fn an_edit_of_a_refused_broadcast_makes_it_a_draft_or_changes_nothing() {
        let (dir, by) = (tempfile::tempdir().unwrap(), || Actor::Cli("test".into()));
        let path = dir.path().join("shop.db");
        crate::db::migrate(&path).unwrap();
        let db = Database::open(&path, Zone::UTC, Clock::System).unwrap();
        let made: Result<Broadcast> = db.write(move |tx| {
            let id = create(tx, &draft("refused"), &by())?.id;
            tx.change(REFUSED, [])?;
            store::get(tx, id)
        });
        let refused = made.unwrap();
        let id = refused.id;
        let swallowed: Result<(Broadcast, Broadcast)> = db.write(move |tx| {
            tx.change(SWALLOW, [])?;
            edit(tx, id, &draft("better"), &by())
        });
        assert!(matches!(swallowed, Err(Error::Storage(_))), "{swallowed:?}");
        let kept: Result<Broadcast> = db.read(|view| store::get(view, id));
        assert_eq!(kept.unwrap(), refused);
        let (before, after) = db.write(move |tx| edit(tx, id, &draft("better"), &by())).unwrap();
        assert_eq!((before, after.status), (refused, Status::Draft));
    }
}
