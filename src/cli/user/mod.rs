//! `user`: lists and shows customers, sends a customer a message, exports everything about a customer. `edit` changes
//! and `erase` erases a customer; `view` has the columns of a customer.

mod edit;
mod erase;
pub(super) mod view;

use serde_json::{Value as Json, json};

use super::args::{User as Verb, UserMessage, UserRef, Users};
use super::discount::view::{ATTEMPTS, attempt};
use super::output::{ChangeReport, Format, List, NextCommand, facts};
use super::refuse::Wrong;
use super::session::Session;
use crate::db::View;
use crate::direct_message;
use crate::discount::{self, Discount};
use crate::erasure;
use crate::error::Result as ShopResult;
use crate::ids::UserId;
use crate::segment;
use crate::user::{self, CustomerFilter, PageSpec, UserStatus};
use view::{COLUMNS, LIVE, Row, code, realm_flag, row};

const SCHEMA: &str = "dvorik.user/1";
/// How many valid codes `user show` shows; `discount list --user` has all of them.
const CODES: u32 = 100;

pub(super) fn run(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    match verb {
        Verb::List(args) => list(session, &args),
        Verb::Show(args) => show(session, &args),
        Verb::Edit(args) => edit::edit(session, &args),
        Verb::Block(args) => edit::set_status(session, &args, UserStatus::Blocked),
        Verb::Unblock(args) => edit::set_status(session, &args, UserStatus::Active),
        Verb::Tag(args) => edit::tag(session, &args),
        Verb::Message(args) => message(session, &args),
        Verb::Erase(args) => erase::erase(session, &args),
        Verb::Export(args) => export(session, &args),
    }
}

/// `user list`: prints a page of the customers.
pub(super) fn list(session: &mut Session<'_>, args: &Users) -> Result<(), Wrong> {
    let (since, until) = args.span.instants(session.config()?.timezone, session.now());
    let (realm, slice, picked) = (args.realm.realm(), args.page.slice(), args.filter.filter()?);
    let (items, total) = session.database()?.read(|view| {
        let among = picked.as_ref().map(|filter| segment::known(view, realm, filter)).transpose()?;
        let realm = picked.as_ref().map_or(realm, |filter| filter.realm(realm));
        let filter = CustomerFilter { search: args.search.clone(), among, since, until, ..CustomerFilter::default() };
        let (users, total) = user::list(view, realm, &filter, PageSpec::new(args.sort, slice))?;
        let items = users.into_iter().map(|user| row(view, user)).collect::<ShopResult<Vec<_>>>()?;
        Ok::<_, crate::error::Error>((items, total))
    })?;
    let total = total.unsigned_abs();
    let id = |row: &Row| row.user.id.to_string();
    session.out.list(&List { schema: "dvorik.user.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// `user show`: a customer with the valid codes and the latest attempts at the counter.
pub(super) fn show(session: &mut Session<'_>, args: &UserRef) -> Result<(), Wrong> {
    let (found, held, attempts) = session.database()?.read(|view| {
        let found = user::get_by_ref(view, args.realm.realm(), &args.user)?;
        let (held, attempts) = (Held::of(view, found.id)?, discount::list_attempts_of_user(view, found.id)?);
        Ok::<_, crate::error::Error>((row(view, found)?, held, attempts))
    })?;
    match session.out.format() {
        Format::Json => {
            let mut json = facts(COLUMNS, &found);
            if let Some(json) = json.as_object_mut() {
                json.insert("schema".into(), json!(SCHEMA));
                json.insert("active_discounts".into(), held.live.iter().map(code).collect());
                json.insert("active_discounts_total".into(), held.live_total.into());
                json.insert("discount_history_total".into(), held.total.into());
                json.insert("last_attempts".into(), attempts.iter().map(attempt).collect());
            }
            session.out.document(&json, "");
        }
        Format::Human => {
            session.out.one(SCHEMA, COLUMNS, &found, "");
            session.out.below_of(LIVE, &held.live, held.live_total);
            session.out.below(ATTEMPTS, &attempts);
        }
        _ => session.out.one(SCHEMA, COLUMNS, &found, &found.user.id.to_string()),
    }
    Ok(())
}

/// The valid codes of a customer that are shown, how many there are, and how many codes the customer was ever issued.
struct Held {
    live: Vec<Discount>,
    live_total: u64,
    total: u64,
}

impl Held {
    fn of(view: &View<'_>, user: UserId) -> ShopResult<Self> {
        Ok(Self {
            live: discount::list_newest_live(view, user, CODES)?,
            live_total: discount::count_live_of_user(view, user)?.unsigned_abs(),
            total: discount::count_of_user(view, user)?.unsigned_abs(),
        })
    }
}

/// `user message`: sends one customer a direct message.
fn message(session: &mut Session<'_>, args: &UserMessage) -> Result<(), Wrong> {
    let (html, realm, typed, owner) =
        (session.words(&args.words)?, args.realm.realm(), args.user.clone(), session.owner());
    let (found, written) = session.write(false, move |tx| {
        let found = user::get_by_ref(tx, realm, &typed)?;
        let written = direct_message::write(tx, &found, &html, owner.actor())?;
        Ok((found, written))
    })?;
    let mut sentence = session.text("user.messaged", &[("name", &found.display_name)]);
    if written.is_bot_blocked {
        sentence = format!("{sentence}\n{}", session.text("user.bot_blocked", &[]));
    }
    let show =
        NextCommand { words: "next.look", command: format!("dvorik user show {}{}", found.id, realm_flag(&found)) };
    session.tell_change(ChangeReport {
        schema: "dvorik.user.message/1",
        changed: true,
        before: Json::Null,
        after: json!({ "id": found.id, "queued": true, "bot_blocked": written.is_bot_blocked }),
        id: found.id.to_string(),
        sentence,
        next: vec![show],
    });
    Ok(())
}

/// `user export`: prints JSON, whatever the format of the output.
fn export(session: &mut Session<'_>, args: &UserRef) -> Result<(), Wrong> {
    let (realm, typed, owner) = (args.realm.realm(), args.user.clone(), session.owner());
    let all = session.write(false, move |tx| {
        let found = user::get_by_ref(tx, realm, &typed)?;
        erasure::export_person(tx, found.id, owner.actor())
    })?;
    session.out.document(&all, &format!("{all:#}"));
    Ok(())
}
