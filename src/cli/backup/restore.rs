//! `backup restore`: the question says which changes since the backup are kept, which are lost and which codes may
//! become valid again; the answer is the shop's name.

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use super::super::age_key;
use super::super::args::BackupRestore;
use super::super::output::{ChangeReport, NextCommand};
use super::super::refuse::Wrong;
use super::super::session::Session;
use super::{command, file_name};
use crate::backup::{self, CarriedOver, Facts, Form, Lost, OpenedCopy, Outlook, Restored, UnreadReason};
use crate::clock::Clock;
use crate::files::directory_of;

/// `backup restore`: asks for the shop's name, then replaces the database with the backup.
pub(super) fn restore(session: &mut Session<'_>, args: &BackupRestore) -> Result<(), Wrong> {
    session.must_ask(args.yes)?;
    // A bare file is none of the backups: it is named by its path.
    let (path, form) = match args.bare {
        true => (PathBuf::from(&args.backup), Form::Bare),
        false => (backup::get_by_ref(&session.config()?.backup.dir, &args.backup)?, Form::WithSidecar),
    };
    let opened = if args.bare { None } else { opened(session, &path, args.key_file.as_deref())? };
    let config = session.config()?;
    let source = opened.as_ref().map_or(&path, |opened| &opened.database);
    let prepared = backup::prepare(config, source, form, Clock::System.now());
    let mut prepared = prepared.map_err(|error| if opened.is_some() { error.of_copy(&path) } else { error })?;
    prepared.path.clone_from(&path);
    if !args.yes {
        let name = config.shop_name.clone();
        let question = replacing(session, &prepared.facts, (&prepared.outlook, args.void_live), &name)?;
        session.confirm_by_name(false, &question, &name)?;
    }
    let (facts, outlook) = (prepared.facts.clone(), prepared.outlook);
    let restored = prepared.finish(Clock::System.now(), &session.owner(), args.void_live)?;
    let change = restored_change(session, &path, (&facts, &outlook), &restored)?;
    session.tell_change(change);
    Ok(())
}

/// The opened copy, if `path` is an encrypted one; `None` for an ordinary backup.
fn opened(session: &mut Session<'_>, path: &Path, key_file: Option<&Path>) -> Result<Option<OpenedCopy>, Wrong> {
    if key_file.is_none() && !backup::is_encrypted(path)? {
        return Ok(None);
    }
    let identity = age_key::read(session, key_file)?;
    let beside = directory_of(&session.config()?.database.path);
    Ok(Some(backup::decrypt(path, &identity, &beside, Clock::System.now())?))
}

fn replacing(session: &Session<'_>, facts: &Facts, since: (&Outlook, bool), name: &str) -> Result<String, Wrong> {
    let voice = session.out.voice();
    let at = facts.created_at().map_or_else(|| "?".to_owned(), |at| voice.lang.date_time(at, voice.zone));
    let customers = voice.lang.number(facts.counts.get("users").copied().unwrap_or_default());
    let path = session.config()?.database.path.display();
    let words: [(&str, &dyn std::fmt::Display); 4] =
        [("path", &path), ("at", &at), ("zone", &voice.zone.name()), ("customers", &customers)];
    let head = session.text("backup.ask_restore", &words);
    let tail = session.text("backup.ask_restore_name", &[("name", &name)]);
    let lines = [vec![head], happened_since(session, since), vec![tail]].concat();
    Ok(lines.join("\n"))
}

/// One or two sentences about what becomes of the changes made since the backup.
fn happened_since(session: &Session<'_>, (outlook, void): (&Outlook, bool)) -> Vec<String> {
    let lang = session.out.voice().lang;
    let mut lines = match outlook {
        Outlook::Known(carried, lost) => known(session, carried, lost),
        Outlook::Unknown(why, codes) => {
            let why = session.text(&format!("backup.unread.{}", word(*why)), &[]);
            vec![lang.plural("backup.comes_back", *codes, &[("why", &why)])]
        }
    };
    lines.extend(void.then(|| session.text("backup.will_void", &[])));
    lines
}

/// The sentences about known changes: «3 погашения после копии сохранятся, …; пропадут: 12 клиентов, 40 кодов».
fn known(session: &Session<'_>, carried: &CarriedOver, lost: &Lost) -> Vec<String> {
    let lang = session.out.voice().lang;
    let listed = |prefix: &str, counts: &[(&str, i64)]| {
        let some = counts.iter().filter(|(_, count)| *count > 0);
        some.map(|(name, count)| lang.plural(&format!("backup.{prefix}.{name}"), *count, &[])).collect::<Vec<_>>()
    };
    let kept = listed("carried", &counts_of(carried)).join(", ");
    let lost = listed("lost", &lost_of(lost)).join(", ");
    let key = match (kept.is_empty(), lost.is_empty()) {
        (true, true) => return Vec::new(),
        (false, true) => "backup.only_carried",
        (true, false) => "backup.only_lost",
        (false, false) => "backup.carried_and_lost",
    };
    vec![session.text(key, &[("kept", &kept), ("lost", &lost)])]
}

const fn counts_of(carried: &CarriedOver) -> [(&'static str, i64); 5] {
    [
        ("redemptions", carried.redemptions),
        ("undos", carried.undos),
        ("revocations", carried.revocations),
        ("blocks", carried.blocks),
        ("gifts", carried.gifts),
    ]
}

const fn lost_of(lost: &Lost) -> [(&'static str, i64); 3] {
    [("customers", lost.customers), ("codes", lost.codes), ("redemptions", lost.redemptions)]
}

const fn word(why: UnreadReason) -> &'static str {
    match why {
        UnreadReason::Missing => "missing",
        UnreadReason::Damaged => "damaged",
        UnreadReason::Newer => "newer",
    }
}

fn restored_change(
    session: &Session<'_>,
    path: &Path,
    (facts, outlook): (&Facts, &Outlook),
    restored: &Restored,
) -> Result<ChangeReport, Wrong> {
    let database = session.config()?.database.path.display().to_string();
    let (name, voice) = (file_name(path), session.out.voice());
    let mut lines = vec![session.text("backup.restored", &[("path", &database), ("name", &name)])];
    if let Some(kept) = &restored.kept {
        let key = if kept.is_sound { "backup.kept" } else { "backup.kept_damaged" };
        lines.push(session.text(key, &[("path", &kept.path.display())]));
    }
    // The restore has revoked all codes, so the warning that codes may become valid again is left out.
    if restored.voided == 0 {
        lines.extend(happened_since(session, (outlook, false)));
    }
    for (key, count) in
        [("backup.voided", restored.voided), ("backup.erased", restored.erased), ("backup.held", restored.held)]
    {
        if count > 0 {
            lines.push(voice.lang.plural(key, i64::try_from(count).unwrap_or(i64::MAX), &[]));
        }
    }
    lines.extend(restored.copies_off.then(|| session.text("backup.copies_off", &[])));
    let mut next = vec![NextCommand { words: "next.serve", command: "dvorik serve".to_owned() }];
    if let Some(kept) = restored.kept.as_ref().filter(|kept| kept.is_sound) {
        next.push(NextCommand { words: "next.undo", command: command("restore", &kept.path, session)? });
    }
    let (carried, lost, unread) = match outlook {
        Outlook::Known(carried, lost) => (object(&counts_of(carried)), object(&lost_of(lost)), Json::Null),
        Outlook::Unknown(why, codes) => (Json::Null, Json::Null, json!({ "why": word(*why), "active_codes": codes })),
    };
    Ok(ChangeReport {
        schema: "dvorik.backup.restore/1",
        changed: true,
        before: json!({ "kept": restored.kept.as_ref().map(|kept| kept.path.display().to_string()) }),
        after: json!({
            "database": database, "backup": path.display().to_string(), "sha256": facts.sha256,
            "migrated": restored.migrated, "erased": restored.erased, "held": restored.held,
            "carried": carried, "lost": lost, "unread": unread, "voided": restored.voided,
            "copies_off": restored.copies_off,
        }),
        id: name,
        sentence: lines.join("\n"),
        next,
    })
}

fn object(counts: &[(&str, i64)]) -> Json {
    counts
        .iter()
        .map(|(name, count)| ((*name).to_owned(), Json::from(*count)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
