//! `discount revoke`: revokes one code without a question, several codes after a question. Each code is handled
//! independently: if some cannot be revoked, they are reported, the others are revoked, and the exit code is 6.

use serde_json::json;

use super::view::{facts_of, on, prefix};
use crate::cli::args::Revoke;
use crate::cli::output::{ChangeReport, Column, ExitCode, FailureReport, List};
use crate::cli::refuse::{self, Wrong};
use crate::cli::session::Session;
use crate::discount::{self, Discount, Tell};

/// The result of the revocation for one of several codes.
struct RevokeOutcome {
    code: String,
    user: Option<String>,
    failure: Option<FailureReport>,
}

const COLUMNS: &[Column<RevokeOutcome>] = &[
    Column::new("code", "column.code", |of| (&of.code).into()),
    Column::new("user", "column.name", |of| (&of.user).into()),
    Column::new("changed", "column.changed", |of| of.failure.is_none().into()),
    Column::detail("error", "column.error", |of| of.failure.as_ref().map(|why| why.code).into()),
    Column::new("message", "column.error", |of| of.failure.as_ref().map(|why| &why.message).into()),
];

/// `discount revoke`: revokes the codes of the command line.
pub(in crate::cli) fn revoke(session: &mut Session<'_>, args: &Revoke) -> Result<(), Wrong> {
    match args.code.as_slice() {
        [code] => {
            let (revoked, prefix) = take_back(session, args, code)?;
            let change = change(session, &revoked, &prefix);
            session.tell(args.care.dry_run, change);
            Ok(())
        }
        several => revoke_all(session, args, several),
    }
}

fn take_back(session: &Session<'_>, args: &Revoke, code: &str) -> Result<(Discount, String), Wrong> {
    let (realm, typed, reason, owner) =
        (args.realm.realm(), code.to_owned(), args.reason.clone(), session.owner().into());
    let tell = if args.notify { Tell::Customer } else { Tell::Nobody };
    session.write(args.care.dry_run, move |tx| {
        let discount = discount::get_by_ref(tx, realm, &typed)?;
        Ok((discount::revoke(tx, &discount, reason.as_deref(), tell, &owner)?, prefix(tx)?))
    })
}

fn change(session: &Session<'_>, revoked: &Discount, prefix: &str) -> ChangeReport {
    let code = revoked.shown_code(prefix);
    let words: [(&str, &dyn std::fmt::Display); 2] = [("code", &code), ("name", &revoked.customer.display_name)];
    ChangeReport {
        schema: "dvorik.discount.revoke/1",
        changed: true,
        before: json!({ "status": "active" }),
        after: facts_of(session, revoked),
        id: revoked.code_text.clone(),
        sentence: session.text("discount.revoked", &words),
        next: vec![on("next.look", "show", &code)],
    }
}

fn revoke_all(session: &mut Session<'_>, args: &Revoke, codes: &[String]) -> Result<(), Wrong> {
    let count = i64::try_from(codes.len()).unwrap_or(i64::MAX);
    if !args.care.dry_run {
        let question = session.out.voice().lang.plural("discount.revoke_question", count, &[]);
        session.confirm(args.care.yes, &question)?;
    }
    let outcomes: Vec<RevokeOutcome> = codes.iter().map(|code| outcome(session, args, code)).collect();
    let (total, id) = (outcomes.len() as u64, |of: &RevokeOutcome| of.code.clone());
    session.out.list(&List { schema: "dvorik.discount.revoke.list/1", columns: COLUMNS, items: &outcomes, total, id });
    if args.care.dry_run {
        let said = session.text("output.dry_run", &[]);
        session.out.note(&said);
    }
    let failed = outcomes.iter().filter(|of| of.failure.is_some()).count();
    match outcomes.into_iter().find_map(|of| of.failure) {
        None => Ok(()),
        Some(first) if failed == codes.len() => Err(first.into()),
        Some(first) => {
            let words: [(&str, &dyn std::fmt::Display); 2] = [("failed", &failed), ("total", &count)];
            let message = session.text("discount.revoked_some", &words);
            Err(FailureReport::new(first.code, ExitCode::Partial, message).into())
        }
    }
}

fn outcome(session: &Session<'_>, args: &Revoke, code: &str) -> RevokeOutcome {
    match take_back(session, args, code) {
        Ok((revoked, _)) => {
            RevokeOutcome { code: revoked.code_text.clone(), user: Some(revoked.customer.display_name), failure: None }
        }
        Err(wrong) => RevokeOutcome {
            code: code.to_owned(),
            user: None,
            failure: Some(refuse::failure(&wrong, session.out.voice())),
        },
    }
}
