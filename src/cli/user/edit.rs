//! `user edit|block|unblock|tag`: changes to one customer, each with the command that undoes it.

use serde_json::json;

use super::view::{COLUMNS, realm_flag, row};
use crate::cli::args::{UserEdit, UserRef, UserTag, values};
use crate::cli::output::{ChangeReport, ExitCode, FailureReport, NextCommand, differences, facts, quoted};
use crate::cli::refuse::Wrong;
use crate::cli::session::Session;
use crate::error::{Refusal, Result as ShopResult};
use crate::user::birthday::Unread;
use crate::user::{self, Country, Edit, Edited, Phone, Tag, User, UserStatus};

/// `user edit`: changes fields of one customer.
pub(super) fn edit(session: &mut Session<'_>, args: &UserEdit) -> Result<(), Wrong> {
    let config = session.config()?;
    let today = config.timezone.day(session.now());
    let country = Country::of(config.timezone, &config.currency);
    if let Some(Err(Unread::NoYear(example))) = args.birthday.as_deref().map(|typed| user::birthday::read(typed, today))
    {
        let message = session.text("user.birthday_no_year", &[("example", &crate::clock::human_date(example))]);
        return Err(FailureReport::new("BIRTHDAY_INVALID", ExitCode::Usage, message).into());
    }
    let birthday = args.birthday.as_deref().map(|typed| emptied(typed, |typed| birthday(typed, today))).transpose()?;
    let phone = args.phone.as_deref().map(|typed| emptied(typed, |typed| Phone::read(typed, country))).transpose()?;
    if let Some(extension) = phone.iter().flatten().find_map(|read| read.extension.as_ref()) {
        let note = session.text("user.extension", &[("extension", extension)]);
        session.out.note(&note);
    }
    let phone = phone.map(|read| read.map(|read| read.phone));
    let edit = Edit { birthday, phone, gender: args.gender, status: args.status };
    change(session, args.realm.realm(), &args.user, edit, "dvorik.user.edit/1")
}

fn emptied<T>(typed: &str, read: impl FnOnce(&str) -> ShopResult<T>) -> ShopResult<Option<T>> {
    if typed.trim().is_empty() { Ok(None) } else { read(typed).map(Some) }
}

/// Parses a birthday: a date in a form of the command line, or in any form that the customer bot reads.
fn birthday(typed: &str, today: chrono::NaiveDate) -> ShopResult<chrono::NaiveDate> {
    let spelt = values::date(typed).map_or_else(|_| typed.to_owned(), crate::clock::human_date);
    Ok(user::birthday::parse(&spelt, today).ok_or(Refusal::BirthdayInvalid)?)
}

/// `user block` and `user unblock`: a blocked customer gets no codes and may not redeem any.
pub(super) fn set_status(session: &mut Session<'_>, args: &UserRef, status: UserStatus) -> Result<(), Wrong> {
    let schema = if status == UserStatus::Blocked { "dvorik.user.block/1" } else { "dvorik.user.unblock/1" };
    change(session, args.realm.realm(), &args.user, Edit { status: Some(status), ..Edit::default() }, schema)
}

fn change(
    session: &mut Session<'_>,
    realm: crate::realm::Realm,
    typed: &str,
    edit: Edit,
    schema: &'static str,
) -> Result<(), Wrong> {
    let (typed, owner) = (typed.to_owned(), session.owner());
    let (before, after) = session.write(false, move |tx| {
        let before = row(tx, user::get_by_ref(tx, realm, &typed)?)?;
        let Edited { after, .. } = user::edit(tx, before.user.id, &edit, owner.actor())?;
        Ok((before, row(tx, after)?))
    })?;
    let (was, is) = (facts(COLUMNS, &before), facts(COLUMNS, &after));
    let name = after.user.display_name.clone();
    let changed = before.user != after.user;
    let differences = differences(COLUMNS, &before, &after, session.out.voice());
    let words: [(&str, &dyn std::fmt::Display); 2] = [("name", &name), ("changes", &differences)];
    let sentence = session.text(if changed { "user.edited" } else { "user.same" }, &words);
    let next = undo(&before.user, &after.user).into_iter().collect();
    session.tell_change(ChangeReport {
        schema,
        changed,
        before: was,
        after: is,
        id: after.user.id.to_string(),
        sentence,
        next,
    });
    Ok(())
}

/// The command that restores a customer's previous state.
fn undo(before: &User, after: &User) -> Option<NextCommand> {
    let mut flags = Vec::new();
    if before.birthday != after.birthday {
        flags.push(format!("--birthday {}", quoted(&before.birthday.map(|day| day.to_string()).unwrap_or_default())));
    }
    if before.phone != after.phone {
        flags.push(format!("--phone {}", quoted(before.phone.as_deref().unwrap_or_default())));
    }
    if before.gender != after.gender {
        flags.push(format!("--gender {}", before.gender.as_str()));
    }
    if before.status != after.status {
        flags.push(format!("--status {}", before.status.as_str()));
    }
    let command = format!("dvorik user edit {} {}{}", after.id, flags.join(" "), realm_flag(after));
    (!flags.is_empty()).then_some(NextCommand { words: "next.undo", command })
}

/// `user tag`: a tag to add may have a `+` in front of it.
pub(super) fn tag(session: &mut Session<'_>, args: &UserTag) -> Result<(), Wrong> {
    let parse = |typed: &String| Tag::parse(typed.strip_prefix('+').unwrap_or(typed));
    let add = args.add.iter().map(parse).collect::<ShopResult<Vec<_>>>()?;
    let remove = args.remove.iter().map(|typed| Tag::parse(typed)).collect::<ShopResult<Vec<_>>>()?;
    let (realm, typed, owner) = (args.realm.realm(), args.user.clone(), session.owner());
    let (found, before, after) = session.write(false, move |tx| {
        let found = user::get_by_ref(tx, realm, &typed)?;
        let (before, after) = user::change_tags(tx, found.id, &add, &remove, owner.actor())?;
        Ok((found, before, after))
    })?;
    let lost: Vec<&str> = before.iter().filter(|tag| !after.contains(tag)).map(String::as_str).collect();
    let gained: Vec<&str> = after.iter().filter(|tag| !before.contains(tag)).map(String::as_str).collect();
    let shown = if after.is_empty() { "—".to_owned() } else { after.join(", ") };
    let sentence = session.text("user.tagged", &[("name", &found.display_name), ("tags", &shown)]);
    let lost_again = lost.iter().map(|tag| format!(" {}", quoted(tag))).collect::<String>();
    let off = gained.iter().map(|tag| format!(" --remove {}", quoted(tag))).collect::<String>();
    let undo = NextCommand {
        words: "next.undo",
        command: format!("dvorik user tag {}{lost_again}{off}{}", found.id, realm_flag(&found)),
    };
    session.tell_change(ChangeReport {
        schema: "dvorik.user.tag/1",
        changed: before != after,
        before: json!({ "id": found.id, "tags": before }),
        after: json!({ "id": found.id, "tags": after }),
        id: found.id.to_string(),
        sentence,
        next: if before == after { Vec::new() } else { vec![undo] },
    });
    Ok(())
}
