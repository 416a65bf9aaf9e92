//! `discount`: lists, shows and checks codes. `change` issues, redeems, undoes and extends one code, `many` issues
//! codes to many customers, `revoke` revokes codes; `view` has the columns of a code.

mod change;
mod many;
mod revoke;
pub(super) mod view;

use serde_json::{Value as Json, json};

use super::args::{CodeQr, CodeRef, Discount as Verb, Discounts};
use super::output::{Format, List};
use super::qr;
use super::refuse::Wrong;
use super::session::Session;
use crate::discount::{self, Checked, CodeFilter, Redeemer, template};
use crate::user;
use view::{ATTEMPTS, COLUMNS, Row, SCHEMA, attempt, facts_of, row, tell};

pub(super) fn run(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    match verb {
        Verb::Issue(args) => match &args.user {
            Some(user) => change::issue(session, &args, user),
            None => many::issue(session, &args),
        },
        Verb::List(args) => list(session, &args),
        Verb::Show(args) => show(session, &args),
        Verb::Check(args) => check(session, &args),
        Verb::Redeem(args) => change::redeem(session, &args),
        Verb::Undo(args) => change::undo(session, &args),
        Verb::Revoke(args) => revoke::revoke(session, &args),
        Verb::Extend(args) => change::extend(session, &args),
        Verb::Qr(args) => qr(session, &args),
    }
}

/// `discount list`: prints a page of the codes.
pub(super) fn list(session: &mut Session<'_>, args: &Discounts) -> Result<(), Wrong> {
    let (realm, slice) = (args.realm.realm(), args.page.slice());
    let (since, until) = args.span.instants(session.config()?.timezone, session.now());
    let (items, total) = session.database()?.read(|view| {
        let user = args.user.as_deref().map(|typed| user::get_by_ref(view, realm, typed)).transpose()?;
        let template = args.template.as_deref().map(|typed| template::get_by_ref(view, typed)).transpose()?;
        let (user, template) = (user.map(|user| user.id), template.map(|template| template.id));
        let filter = CodeFilter {
            user,
            template,
            condition: args.status,
            since,
            until,
            sort: args.sort,
            ..CodeFilter::default()
        };
        discount::list(view, realm, &filter, slice)
    })?;
    let items: Vec<Row> = items.into_iter().map(|discount| row(session, discount)).collect();
    let total = total.unsigned_abs();
    let id = |row: &Row| row.discount.code_text.clone();
    session.out.list(&List { schema: "dvorik.discount.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// `discount show`: the code and every attempt at it.
fn show(session: &mut Session<'_>, args: &CodeRef) -> Result<(), Wrong> {
    let (found, attempts) = session.database()?.read(|view| {
        let found = discount::get_by_ref(view, args.realm.realm(), &args.code)?;
        let attempts = discount::list_attempts(view, found.id)?;
        Ok::<_, crate::error::Error>((found, attempts))
    })?;
    match session.out.format() {
        Format::Json => {
            let mut shown = serde_json::Map::from_iter([("schema".to_owned(), json!(SCHEMA))]);
            if let Json::Object(facts) = facts_of(session, &found) {
                shown.extend(facts);
            }
            shown.insert("attempts".into(), attempts.iter().map(attempt).collect());
            session.out.document(&Json::Object(shown), "");
        }
        Format::Human if !attempts.is_empty() => {
            tell(session, found);
            session.out.below(ATTEMPTS, &attempts);
        }
        _ => tell(session, found),
    }
    Ok(())
}

/// `discount check`: checks a code; the check is logged as an attempt, like a cashier's.
fn check(session: &mut Session<'_>, args: &CodeRef) -> Result<(), Wrong> {
    let (realm, typed, by) = (args.realm.realm(), args.code.clone(), Redeemer::Actor(session.owner().actor().clone()));
    let checked = session.database()?.write(move |tx| discount::check(tx, &by, realm, &typed, None))?;
    match checked {
        Checked::Card(card) => tell(session, card.discount),
        Checked::Refused(refusal, _) => return Err(refusal.into()),
    }
    Ok(())
}

/// `discount qr`: draws the picture that the customer shows at the counter.
fn qr(session: &mut Session<'_>, args: &CodeQr) -> Result<(), Wrong> {
    let (found, link) = session.database()?.read(|view| {
        let found = discount::get_by_ref(view, args.realm.realm(), &args.code)?;
        let link = discount::link(view, found.realm, &found.public_id)?;
        Ok::<_, crate::error::Error>((found, link))
    })?;
    let link = link.ok_or_else(|| qr::no_bot(session))?;
    qr::draw(session, "dvorik.discount.qr/1", &found.code_text, &link, args.output.as_deref())
}
