//! Commands that change one code: `issue`, `redeem`, `undo`, `extend`.

use serde_json::{Value as Json, json};

use super::view::{facts_of, on, prefix};
use crate::cli::args::{Extend, Issue, Redeem, Undo};
use crate::cli::output::{ChangeReport, NextCommand};
use crate::cli::refuse::Wrong;
use crate::cli::session::Session;
use crate::discount::{self, Discount, IssueRequest, Issued, RedeemedCode, Redeemer, Redemption, SourceKind, template};
use crate::{staff, user};

/// `discount issue`: issues a code to one customer.
pub(super) fn issue(session: &mut Session<'_>, args: &Issue, user: &str) -> Result<(), Wrong> {
    let (realm, user, template) = (args.realm.realm(), user.to_owned(), args.template.clone());
    let (notify, owner) = (!args.no_notify, session.owner());
    let (issued, prefix, is_deaf) = session.write(args.care.dry_run, move |tx| {
        let user = user::get_by_ref(tx, realm, &user)?;
        let template = template::get_by_ref(tx, &template)?;
        let request =
            IssueRequest { user: &user, template: &template, source: (SourceKind::Manual, None), by: owner.actor() };
        let issued = discount::issue(tx, &request)?;
        if let (true, Issued::New(code)) = (notify, &issued) {
            discount::announce(tx, code, &template)?;
        }
        Ok((issued, prefix(tx)?, user.bot_blocked_at.is_some()))
    })?;
    let told = match (notify, is_deaf) {
        (true, false) => "discount.queued",
        (true, true) => "discount.not_delivered",
        (false, _) => "discount.not_told",
    };
    let mut change = issued_change(session, &issued, &prefix, told);
    if args.care.dry_run && change.changed {
        hide_code(&mut change, &issued.discount().shown_code(&prefix));
    }
    session.tell(args.care.dry_run, change);
    Ok(())
}

/// Hides the code that a dry run issued: the code was rolled back, so it must not be noted down.
fn hide_code(change: &mut ChangeReport, code: &str) {
    change.id.clear();
    change.sentence = change.sentence.replacen(code, "•••••••", 1);
    for key in ["id", "code"] {
        change.after.as_object_mut().map(|after| after.insert(key.to_owned(), Json::Null));
    }
}

fn issued_change(session: &Session<'_>, issued: &Issued, prefix: &str, told: &str) -> ChangeReport {
    let discount = issued.discount();
    let changed = matches!(issued, Issued::New(_));
    let fate = if changed { told } else { "discount.had_it" };
    let (voice, code) = (session.out.voice(), discount.shown_code(prefix));
    let facts = [
        code.clone(),
        discount.value.shown(&voice.currency, voice.lang),
        discount.customer.display_name.clone(),
        session.text("discount.until", &[("date", &voice.lang.date(voice.zone.last_day(discount.expires_at)))]),
        session.text(fate, &[]),
    ];
    ChangeReport {
        schema: "dvorik.discount.issue/1",
        changed,
        before: Json::Null,
        after: facts_of(session, discount),
        id: discount.code_text.clone(),
        sentence: facts.join(" · "),
        next: vec![on("next.revoke", "revoke", &code)],
    }
}

/// `discount redeem`: redeems a code, in the name of a cashier or of the owner.
pub(super) fn redeem(session: &mut Session<'_>, args: &Redeem) -> Result<(), Wrong> {
    let (realm, typed, amount) = (args.realm.realm(), args.code.clone(), args.amount);
    let (cashier, owner) = (args.cashier.clone(), session.owner());
    let (redemption, prefix) = session.write(false, move |tx| {
        let by = match cashier {
            Some(cashier) => Redeemer::Cashier(staff::get_cashier_by_ref(tx, realm, &cashier)?.id),
            None => Redeemer::Actor(owner.actor().clone()),
        };
        Ok((discount::redeem_code(tx, &by, realm, &typed, amount)?, prefix(tx)?))
    })?;
    let change = match redemption {
        Redemption::Done(done) => redeemed(session, &done, &prefix, true),
        Redemption::Repeated(done) => redeemed(session, &done, &prefix, false),
        Redemption::Refused(refusal, _) => return Err(refusal.into()),
    };
    session.tell_change(change);
    Ok(())
}

fn redeemed(session: &Session<'_>, done: &RedeemedCode, prefix: &str, changed: bool) -> ChangeReport {
    let (voice, discount) = (session.out.voice(), &done.discount);
    let key = if changed { "discount.redeemed" } else { "discount.redeemed_before" };
    let code = discount.shown_code(prefix);
    let words: [(&str, &dyn std::fmt::Display); 4] = [
        ("code", &code),
        ("value", &discount.value.shown(&voice.currency, voice.lang)),
        ("name", &discount.customer.display_name),
        ("at", &voice.lang.date_time(done.at, voice.zone)),
    ];
    let mut after = facts_of(session, discount);
    if let Some(after) = after.as_object_mut() {
        after.insert("redemption_id".into(), json!(done.id));
        after.insert("redeemed_at".into(), json!(done.at.to_string()));
        after.insert("status".into(), json!("redeemed"));
    }
    ChangeReport {
        schema: "dvorik.discount.redeem/1",
        changed,
        before: Json::Null,
        after,
        id: discount.code_text.clone(),
        sentence: session.text(key, &words),
        next: vec![on("next.undo", "undo", &code)],
    }
}

/// `discount undo`: takes a redemption back. The command has an owner's rights, so there is no time limit.
pub(in crate::cli) fn undo(session: &mut Session<'_>, args: &Undo) -> Result<(), Wrong> {
    let (realm, typed, reason) = (args.realm.realm(), args.code.clone(), args.reason.clone());
    let by = Redeemer::Actor(session.owner().actor().clone());
    let (undone, prefix) = session.write(false, move |tx| {
        let found = discount::get_by_ref(tx, realm, &typed)?;
        Ok((discount::undo_code(tx, &by, found.id, reason.as_deref())?, prefix(tx)?))
    })?;
    let (code, voice) = (undone.discount.shown_code(&prefix), session.out.voice());
    let words: [(&str, &dyn std::fmt::Display); 3] = [
        ("code", &code),
        ("name", &undone.discount.customer.display_name),
        ("at", &voice.lang.date_time(undone.redeemed_at, voice.zone)),
    ];
    let change = ChangeReport {
        schema: "dvorik.discount.undo/1",
        changed: true,
        before: json!({ "redemption_id": undone.id, "redeemed_at": undone.redeemed_at.to_string() }),
        after: facts_of(session, &undone.discount),
        id: undone.discount.code_text.clone(),
        sentence: session.text("discount.undone", &words),
        next: vec![on("next.look", "show", &code)],
    };
    session.tell_change(change);
    Ok(())
}

/// `discount extend`: changes the last day of a code.
pub(in crate::cli) fn extend(session: &mut Session<'_>, args: &Extend) -> Result<(), Wrong> {
    let (realm, typed, until, owner) = (args.realm.realm(), args.code.clone(), args.until, session.owner());
    let (before, after, prefix) = session.write(false, move |tx| {
        let found = discount::get_by_ref(tx, realm, &typed)?;
        let (before, after) = discount::extend(tx, found.id, until, &owner)?;
        Ok((before, after, prefix(tx)?))
    })?;
    let change = extended(session, &before, &after, &prefix);
    session.tell_change(change);
    Ok(())
}

fn extended(session: &Session<'_>, before: &Discount, after: &Discount, prefix: &str) -> ChangeReport {
    let (voice, code) = (session.out.voice(), after.shown_code(prefix));
    let last_day = |discount: &Discount| voice.zone.last_day(discount.expires_at);
    let changed = before.expires_at != after.expires_at;
    let words: [(&str, &dyn std::fmt::Display); 3] =
        [("code", &code), ("before", &voice.lang.date(last_day(before))), ("after", &voice.lang.date(last_day(after)))];
    let mut undo = on("next.undo", "extend", &code);
    undo.command = format!("{} --until {}", undo.command, last_day(before));
    let next: Vec<NextCommand> = if changed { vec![undo] } else { Vec::new() };
    ChangeReport {
        schema: "dvorik.discount.extend/1",
        changed,
        before: facts_of(session, before),
        after: facts_of(session, after),
        id: after.code_text.clone(),
        sentence: session.text("discount.extended", &words),
        next,
    }
}
