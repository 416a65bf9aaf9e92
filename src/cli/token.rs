//! `token`: the service tokens with which scripts use the API. A token is shown only once, when it is made.

use serde_json::{Value as Json, json};

use super::args::{Token as Verb, TokenCreate, TokenRef, Window};
use super::output::{Cell, ChangeReport, Column, Format, List, NextCommand, facts};
use super::refuse::Wrong;
use super::session::Session;
use crate::access::{self, Scope, ServiceToken};

const COLUMNS: &[Column<ServiceToken>] = &[
    Column::new("name", "column.name", |token| (&token.name).into()),
    Column::new("scopes", "column.scopes", |token| Cell::List(words(&token.scopes))),
    Column::new("created_at", "column.created_at", |token| token.created_at.into()),
    Column::detail("created_by", "column.actor", |token| (&token.created_by).into()),
    Column::new("expires_at", "column.expires_at", |token| token.expires_at.into()),
    Column::new("revoked_at", "column.revoked_at", |token| token.revoked_at.into()),
];

pub(super) fn run(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    match verb {
        Verb::Create(args) => create(session, args),
        Verb::List(args) => list(session, args),
        Verb::Revoke(args) => revoke(session, &args),
    }
}

/// `token create`: makes a service token and prints it.
fn create(session: &mut Session<'_>, args: TokenCreate) -> Result<(), Wrong> {
    let (name, scopes, owner) = (args.name, args.scope.0, session.owner());
    let days = args.expires.or(args.days).map(i64::from);
    let (made, token) = session.write(false, move |tx| {
        let expires_at = days.map(|days| tx.now().plus(days * 86_400));
        access::create_token(tx, &name, &scopes, expires_at, &owner)
    })?;
    let mut json = facts(COLUMNS, &made);
    if let Some(json) = json.as_object_mut() {
        json.insert("schema".into(), json!("dvorik.token.create/1"));
        json.insert("token".into(), json!(token));
    }
    session.out.document(&json, &token);
    if session.out.format() == Format::Human {
        let scopes = words(&made.scopes).join(", ");
        let sentence = session.text("token.created", &[("name", &made.name), ("scopes", &scopes)]);
        session.out.note(&sentence);
    }
    Ok(())
}

/// `token list`: prints a page of the service tokens, without their secrets.
pub(super) fn list(session: &mut Session<'_>, args: Window) -> Result<(), Wrong> {
    let all = session.database()?.read(access::list_tokens)?;
    let (items, total) = args.of((session.config()?.timezone, session.now()), all, |token| token.created_at);
    let id = |token: &ServiceToken| token.name.clone();
    session.out.list(&List { schema: "dvorik.token.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// `token revoke`: makes a service token invalid for good.
fn revoke(session: &mut Session<'_>, args: &TokenRef) -> Result<(), Wrong> {
    let (name, owner) = (args.token.clone(), session.owner());
    let (before, after) = session.write(false, move |tx| access::revoke_token(tx, &name, &owner))?;
    let changed = before != after;
    let key = if changed { "token.revoked" } else { "token.already" };
    let state = |token: &ServiceToken| -> Json { facts(COLUMNS, token) };
    session.tell_change(ChangeReport {
        schema: "dvorik.token.revoke/1",
        changed,
        before: state(&before),
        after: state(&after),
        id: after.name.clone(),
        sentence: session.text(key, &[("name", &after.name)]),
        next: vec![NextCommand { words: "next.look", command: "dvorik token list".to_owned() }],
    });
    Ok(())
}

fn words(scopes: &[Scope]) -> Vec<String> {
    scopes.iter().map(|scope| scope.as_str().to_owned()).collect()
}
