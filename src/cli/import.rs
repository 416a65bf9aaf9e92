//! `import users`: takes back what `export users` wrote. The whole file is judged before anything is written; then people
//! are taken in by the hundred, so that nobody at the counter waits for them.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value as Json, json};

use super::args::{Import as Verb, ImportUsers};
use super::output::{Change, ExitCode, Failure, Next};
use super::refuse::{self, Wrong};
use super::session::Session;
use crate::clock::Clock;
use crate::db::Database;
use crate::error::{Error, Result as ShopResult};
use crate::files::open_regular;
use crate::user::Country;
use crate::user::import::{self, Conflict, Fate, Fault, Import, Incoming, Reading, Tally, Terms};

/// People of one transaction: each is at most a row, their tags and what is audited of them.
const CHUNK: usize = 250;
/// Lets a daemon's customers in between.
const PAUSE: Duration = Duration::from_millis(2);
/// A million people; it is held in memory.
const MOST_BYTES: u64 = 256 << 20;
/// So much of a file takes long enough for a bar.
const LONG: usize = 5000;
/// A person reads of so many rows; a script of all that are told.
const SHOWN: usize = 20;

pub(super) fn obey(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    let Verb::Users(args) = verb;
    users(session, &args)
}

fn users(session: &mut Session<'_>, args: &ImportUsers) -> Result<(), Wrong> {
    let text = contents(session, &args.file)?;
    let database = session.database()?;
    let (now, realm) = (Clock::System.now(), args.world.realm());
    let country = database.read(Country::of_shop)?;
    let reading = import::read(&text, Terms { realm, now, today: database.zone().day(now), country });
    drop(text);
    if reading.wrong > 0 {
        return Err(faulty(session, &reading));
    }
    let key = session.erasure_key(&database)?;
    let import = Import { realm, conflict: args.on_conflict, key };
    let people = reading.people;
    let foreseen = foresee(&database, &import, &people)?;
    if import.conflict == Conflict::Fail && foreseen.contains(&Fate::Skipped) {
        return Err(taken(session, &people, &foreseen));
    }
    let mut tally = Tally::default();
    foreseen.iter().for_each(|fate| tally.count(*fate));
    if !args.care.dry_run {
        if tally.updated > 1 {
            let question = session.out.voice().lang.plural("import.question", tally.updated, &[]);
            session.confirm(args.care.yes, &question)?;
        }
        tally = take_in(session, &database, &import, &people)?;
    }
    tell(session, args, people.len(), tally);
    Ok(())
}

/// A regular file of UTF-8.
fn contents(session: &Session<'_>, path: &Path) -> Result<String, Wrong> {
    let refuse = |key: &str, why: &dyn std::fmt::Display| -> Wrong {
        let message = session.text(key, &[("path", &path.display()), ("why", why)]);
        Failure::new("VALIDATION_ERROR", ExitCode::Usage, message).into()
    };
    let file = match open_regular(path) {
        Ok(Some(file)) => file,
        Ok(None) => return Err(refuse("import.not_regular", &"")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let message = session.text("machine.unusable", &[("path", &path.display()), ("why", &error)]);
            return Err(Failure::new("NOT_FOUND", ExitCode::NotFound, message).into());
        }
        Err(error) => return Err(refuse("machine.unusable", &error)),
    };
    let bytes = read_all(file).map_err(|error| refuse("machine.unusable", &error))?;
    let bytes = bytes.ok_or_else(|| refuse("import.too_long", &""))?;
    String::from_utf8(bytes).map_err(|_| refuse("import.not_utf8", &""))
}

/// `None`: longer than may be.
fn read_all(file: File) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let length = file.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    Ok((length as u64 <= MOST_BYTES).then_some(bytes))
}

/// Nothing is written when a row is wrong: whoever repairs the file sends it again whole.
fn faulty(session: &Session<'_>, reading: &Reading) -> Wrong {
    let lang = session.out.voice().lang;
    let place = |fault: &Fault| {
        let words: [(&str, &dyn std::fmt::Display); 3] =
            [("line", &fault.line), ("field", &fault.field), ("rule", &session.text(fault.rule, &[]))];
        session.text("import.fault", &words)
    };
    let wrong = i64::try_from(reading.wrong).unwrap_or(i64::MAX);
    let mut lines = vec![lang.plural("import.faulty", wrong, &[])];
    lines.extend(reading.faults.iter().take(SHOWN).map(place));
    lines.extend(more(session, reading.faults.len()));
    let faults: Vec<Json> = reading.faults.iter().map(|fault| told(session, fault)).collect();
    let details = json!({ "wrong": wrong, "right": reading.people.len(), "faults": faults });
    let failure = Failure::new("VALIDATION_ERROR", ExitCode::Usage, lines.join("\n")).with_details(details);
    failure.with_hint(session.text("import.faulty_hint", &[])).into()
}

fn told(session: &Session<'_>, fault: &Fault) -> Json {
    json!({ "line": fault.line, "field": fault.field, "message": session.text(fault.rule, &[]) })
}

fn more(session: &Session<'_>, total: usize) -> Option<String> {
    let rest = total.checked_sub(SHOWN).filter(|rest| *rest > 0)?;
    Some(session.text("import.more", &[("count", &session.out.voice().lang.number(i64::try_from(rest).ok()?))]))
}

/// Somebody is there already, and that was to fail.
fn taken(session: &Session<'_>, people: &[Incoming], foreseen: &[Fate]) -> Wrong {
    let known = people.iter().zip(foreseen).filter(|(_, fate)| **fate == Fate::Skipped);
    let lines: Vec<usize> = known.map(|(person, _)| person.line).collect();
    let count = i64::try_from(lines.len()).unwrap_or(i64::MAX);
    let shown = lines.iter().take(SHOWN).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let mut message = session.out.voice().lang.plural("import.taken", count, &[("lines", &shown)]);
    if let Some(more) = more(session, lines.len()) {
        message = format!("{message} {more}");
    }
    let failure = Failure::new("VALIDATION_ERROR", ExitCode::Conflict, message);
    let details = json!({ "lines": lines.iter().take(1000).collect::<Vec<_>>(), "known": count });
    failure.with_details(details).with_hint(session.text("import.taken_hint", &[])).into()
}

/// In short reads: no snapshot is held over the whole file.
fn foresee(database: &Database, import: &Import, people: &[Incoming]) -> ShopResult<Vec<Fate>> {
    let mut all = Vec::with_capacity(people.len());
    for chunk in people.chunks(CHUNK) {
        all.extend(database.read(|view| import::foresee(view, import, chunk))?);
    }
    Ok(all)
}

/// Chunk by chunk. A storage that fails after the first leaves what was kept, and says how much that is.
fn take_in(session: &Session<'_>, database: &Database, import: &Import, people: &[Incoming]) -> Result<Tally, Wrong> {
    let (bar, mut tally, mut done) = (bar(session, people.len()), Tally::default(), 0);
    for chunk in people.chunks(CHUNK) {
        let (chunk, import, owner) = (chunk.to_vec(), import.clone(), session.owner());
        let count = chunk.len();
        match database.write_bulk(move |tx| import::take_in(tx, &import, &chunk, owner.actor())) {
            Ok(more) => tally.add(more),
            Err(error) if done == 0 => return Err(error.into()),
            Err(error) => return Err(stopped(session, error, done, tally)),
        }
        done += count;
        if let Some(bar) = &bar {
            bar.set_position(done as u64);
        }
        std::thread::sleep(PAUSE);
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    Ok(tally)
}

fn stopped(session: &Session<'_>, error: Error, done: usize, tally: Tally) -> Wrong {
    let why = refuse::failure(&error.into(), session.out.voice());
    let message = session.text("import.stopped", &[("done", &done), ("why", &why.message)]);
    let details = json!({ "rows": done, "tally": tally.json() });
    let failure = Failure::new(why.code, ExitCode::Partial, message).with_details(details);
    failure.with_hint(session.text("import.stopped_hint", &[])).into()
}

fn bar(session: &Session<'_>, total: usize) -> Option<ProgressBar> {
    if !session.out.draws() || total < LONG {
        return None;
    }
    let style = ProgressStyle::with_template("{bar:30} {human_pos}/{human_len} · {per_sec} · {eta}").ok()?;
    let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
    Some(bar.with_style(style.progress_chars("━╸━")))
}

fn tell(session: &mut Session<'_>, args: &ImportUsers, rows: usize, tally: Tally) {
    let lang = session.out.voice().lang;
    let rows = i64::try_from(rows).unwrap_or(i64::MAX);
    let mut lines = vec![lang.plural("import.rows", rows, &[])];
    let counts = [
        ("import.created", tally.created),
        ("import.updated", tally.updated),
        ("import.unchanged", tally.unchanged),
        ("import.skipped", tally.skipped),
        ("import.erased", tally.erased),
    ];
    lines.extend(counts.into_iter().filter(|(_, count)| *count > 0).map(|(key, count)| lang.plural(key, count, &[])));
    let mut sentence = lines.join(" · ");
    if tally.created > 0 {
        sentence = format!("{sentence}\n{}", session.text("import.subscriptions", &[]));
    }
    let mut after = json!({
        "file": args.file.display().to_string(), "rows": rows, "wrong": 0,
        "on_conflict": args.on_conflict.as_str(), "is_test": args.world.test_data,
    });
    if let (Some(after), Json::Object(counts)) = (after.as_object_mut(), tally.json()) {
        after.extend(counts);
    }
    let changed = tally.created + tally.updated > 0;
    let test_data = if args.world.test_data { " --test-data" } else { "" };
    let look = Next { words: "next.look", command: format!("dvorik user list{test_data}") };
    let change = Change {
        schema: "dvorik.import/1",
        changed,
        before: Json::Null,
        after,
        id: rows.to_string(),
        sentence,
        next: if changed { vec![look] } else { Vec::new() },
    };
    session.tell(args.care.dry_run, change);
}
