//! `discount issue` to all customers who match a filter. The command asks first if there is more than one customer, and
//! issues in transactions of a bounded size, to each customer independently. If some customers cannot have the code,
//! they are reported, the other customers get theirs, and the exit code is 6.

use std::time::Duration;

use super::view::prefix;
use crate::cli::args::Issue;
use crate::cli::output::{Cell, Column, ExitCode, FailureReport, Format, List};
use crate::cli::refuse::{self, Wrong};
use crate::cli::segment::nobody_named;
use crate::cli::session::Session;
use crate::db::{Database, Tx};
use crate::discount::{self, IssueRequest, Issued, SourceKind, template};
use crate::error::{Error, Refusal, Result as ShopResult};
use crate::ids::UserId;
use crate::segment::{self, Filter};
use crate::staff::Owner;
use crate::user;

/// The number of customers per transaction: each gets a code, an audit entry and a letter.
const CHUNK: usize = 250;
/// The pause between two transactions, in which a daemon can write.
const PAUSE: Duration = Duration::from_millis(2);
/// The most customers without a code that are listed on a screen.
const SHOWN: usize = 50;

/// The result of the issue for one customer.
#[derive(Clone)]
struct IssueOutcome {
    user: UserId,
    name: String,
    code: Option<String>,
    fate: IssueFate,
}

#[derive(Clone)]
enum IssueFate {
    Issued,
    HadIt,
    Refused(FailureReport),
}

impl IssueOutcome {
    const fn failure(&self) -> Option<&FailureReport> {
        match &self.fate {
            IssueFate::Refused(why) => Some(why),
            IssueFate::Issued | IssueFate::HadIt => None,
        }
    }
}

const COLUMNS: &[Column<IssueOutcome>] = &[
    Column::number("user_id", "column.user_id", |of| of.user.into()),
    Column::new("user", "column.name", |of| (&of.name).into()),
    Column::new("code", "column.code", |of| (&of.code).into()),
    Column::new("changed", "column.changed", |of| Cell::Bool(matches!(of.fate, IssueFate::Issued))),
    Column::detail("error", "column.error", |of| of.failure().map(|why| why.code).into()),
    Column::new("message", "column.error", |of| of.failure().map(|why| &why.message).into()),
];

/// What is issued to each customer, whether they are notified, and by whom.
#[derive(Clone)]
struct Gift {
    template: String,
    notify: bool,
    by: Owner,
}

pub(super) fn issue(session: &mut Session<'_>, args: &Issue) -> Result<(), Wrong> {
    let filter = args.filter.filter()?;
    if filter.is_none() && args.segment.is_none() {
        return Err(nobody_named(session));
    }
    let database = session.database()?;
    let people = database.read(|view| {
        template::get_by_ref(view, &args.template)?;
        let filter = filter.map_or_else(|| named(view, args), Ok)?;
        segment::members(view, args.realm.realm(), &filter)
    })?;
    if people.is_empty() {
        let message = session.text("discount.nobody_fits", &[]);
        return Err(FailureReport::new("VALIDATION_ERROR", ExitCode::Conflict, message).into());
    }
    if people.len() > 1 && !args.care.dry_run {
        let count = i64::try_from(people.len()).unwrap_or(i64::MAX);
        let words: [(&str, &dyn std::fmt::Display); 1] = [("template", &args.template)];
        let question = session.out.voice().lang.plural("discount.issue_question", count, &words);
        session.confirm(args.care.yes, &question)?;
    }
    let gift = Gift { template: args.template.clone(), notify: !args.no_notify, by: session.owner() };
    let outcomes = give(session, &database, args.care.dry_run, &gift, &people)?;
    tell(session, args.care.dry_run, &outcomes);
    ending(session, &outcomes)
}

fn named(view: &crate::db::View<'_>, args: &Issue) -> ShopResult<Filter> {
    Ok(segment::get(view, args.segment.as_deref().unwrap_or_default())?.filter)
}

/// Issues the codes chunk by chunk. When the storage fails after the first chunk, issued codes stay valid, and the
/// customers without a code are reported with the failure.
fn give(
    session: &Session<'_>,
    database: &Database,
    rehearse: bool,
    gift: &Gift,
    people: &[UserId],
) -> Result<Vec<IssueOutcome>, Wrong> {
    let mut outcomes = Vec::with_capacity(people.len());
    for chunk in people.chunks(CHUNK) {
        let (ids, gift) = (chunk.to_vec(), gift.clone());
        match session.write_on(database, rehearse, move |tx| give_some(tx, &gift, &ids)) {
            Ok(done) => outcomes.extend(done.into_iter().map(|given| outcome(session, rehearse, given))),
            Err(wrong) if outcomes.is_empty() => return Err(wrong),
            Err(wrong) => {
                let why = refuse::failure(&wrong, session.out.voice());
                let rest = people.iter().skip(outcomes.len()).map(|user| IssueOutcome {
                    user: *user,
                    name: String::new(),
                    code: None,
                    fate: IssueFate::Refused(why.clone()),
                });
                outcomes.extend(rest.collect::<Vec<_>>());
                break;
            }
        }
        std::thread::sleep(PAUSE);
    }
    Ok(outcomes)
}

/// A customer's id and name, and the code as people see it, or why the customer has none.
type Given = (UserId, String, Result<(Issued, String), Refusal>);

/// Issues codes to some customers in one transaction. A refusal writes nothing, so the rest of the transaction stays
/// valid.
fn give_some(tx: &Tx<'_>, gift: &Gift, people: &[UserId]) -> ShopResult<Vec<Given>> {
    let (template, prefix) = (template::get_by_ref(tx, &gift.template)?, prefix(tx)?);
    people
        .iter()
        .map(|id| {
            let user = user::get(tx, *id)?;
            let request = IssueRequest {
                user: &user,
                template: &template,
                source: (SourceKind::Manual, None),
                by: gift.by.actor(),
            };
            let given = match discount::issue(tx, &request) {
                Ok(issued) => Ok(issued),
                Err(Error::Refused(refusal)) => Err(refusal),
                Err(storage @ Error::Storage(_)) => return Err(storage),
            };
            if let (true, Ok(Issued::New(code))) = (gift.notify, &given) {
                discount::announce(tx, code, &template)?;
            }
            let shown = |issued: Issued| {
                let code = issued.discount().shown_code(&prefix);
                (issued, code)
            };
            Ok((*id, user.display_name, given.map(shown)))
        })
        .collect()
}

/// The result for one customer. The code that a dry run issued is hidden: it was rolled back, so it must not be noted
/// down.
fn outcome(session: &Session<'_>, rehearse: bool, (user, name, given): Given) -> IssueOutcome {
    let (code, fate) = match given {
        Ok((Issued::New(_), code)) => ((!rehearse).then_some(code), IssueFate::Issued),
        Ok((Issued::Live(_), code)) => (Some(code), IssueFate::HadIt),
        Err(refusal) => (None, IssueFate::Refused(refuse::failure(&refusal.into(), session.out.voice()))),
    };
    IssueOutcome { user, name, code, fate }
}

fn tell(session: &mut Session<'_>, rehearsed: bool, outcomes: &[IssueOutcome]) {
    if session.out.format() == Format::Human {
        let count = |is: fn(&IssueFate) -> bool| outcomes.iter().filter(|of| is(&of.fate)).count();
        let lang = session.out.voice().lang;
        let number = |count: usize| lang.number(i64::try_from(count).unwrap_or(i64::MAX));
        let words: [(&str, &dyn std::fmt::Display); 3] = [
            ("issued", &number(count(|fate| matches!(fate, IssueFate::Issued)))),
            ("had", &number(count(|fate| matches!(fate, IssueFate::HadIt)))),
            ("refused", &number(count(|fate| matches!(fate, IssueFate::Refused(_))))),
        ];
        let key = if rehearsed { "discount.would_issue_many" } else { "discount.issued_many" };
        let sentence = session.text(key, &words);
        session.out.document(&serde_json::Value::Null, &sentence);
        let refused = outcomes.iter().filter(|of| of.failure().is_some()).take(SHOWN).cloned().collect::<Vec<_>>();
        session.out.below(REFUSED, &refused);
    } else {
        let (total, id) = (outcomes.len() as u64, |of: &IssueOutcome| of.code.clone().unwrap_or_default());
        session.out.list(&List {
            schema: "dvorik.discount.issue.list/1",
            columns: COLUMNS,
            items: outcomes,
            total,
            id,
        });
    }
    if rehearsed {
        let said = session.text("output.dry_run", &[]);
        session.out.note(&said);
    }
}

const REFUSED: &[Column<IssueOutcome>] = &[
    Column::number("user_id", "column.user_id", |of| of.user.into()),
    Column::new("user", "column.name", |of| (&of.name).into()),
    Column::new("message", "column.error", |of| of.failure().map(|why| &why.message).into()),
];

fn ending(session: &Session<'_>, outcomes: &[IssueOutcome]) -> Result<(), Wrong> {
    let mut failures = outcomes.iter().filter_map(IssueOutcome::failure);
    let Some(first) = failures.next() else { return Ok(()) };
    let failed = 1 + failures.count();
    if failed == outcomes.len() {
        return Err(first.clone().into());
    }
    let words: [(&str, &dyn std::fmt::Display); 2] = [("failed", &failed), ("total", &outcomes.len())];
    let message = session.text("discount.issued_some", &words);
    Err(FailureReport::new(first.code, ExitCode::Partial, message).into())
}
