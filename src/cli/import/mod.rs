//! `import users`: reads files that `export users` wrote, and files of other programs. The whole file is checked before
//! anything is written; then customers are imported in chunks, so that a cashier's write never waits long.

mod told;

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{Import as Verb, ImportUsers};
use super::input_file;
use super::refuse::Wrong;
use super::session::Session;
use crate::campaign;
use crate::clock::Clock;
use crate::db::Database;
use crate::error::Result as ShopResult;
use crate::user::Country;
use crate::user::import::{self, Conflict, Import, Incoming, Progress, RowFate, RowTally, Terms};

/// The size limit of the file, which is held in memory: about a million customers.
const MOST_BYTES: u64 = 256 << 20;
/// The number of customers per transaction. For each, a row, tags and audit entries are written, so one transaction
/// stays short.
const CHUNK: usize = 250;
/// The pause between two transactions, in which a daemon can write.
const PAUSE: Duration = Duration::from_millis(2);
/// The number of rows from which on there is a progress bar.
const LONG: usize = 5000;

pub(super) fn run(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    let Verb::Users(args) = verb;
    users(session, &args)
}

fn users(session: &mut Session<'_>, args: &ImportUsers) -> Result<(), Wrong> {
    let (bytes, digest) = input_file::contents(session, &args.file, (MOST_BYTES, "import.too_long"))?;
    let database = session.database()?;
    let (now, realm) = (Clock::System.now(), args.realm.realm());
    let country = database.read(Country::of_shop)?;
    let today = database.zone().day(now);
    let mut reading = import::read(bytes, Terms { realm, now, today, country, map: &args.map });
    if reading.wrong > 0 {
        return Err(told::faulty(session, args, &reading));
    }
    let unfinished = database.read(import::unfinished)?;
    told::unfinished(session, &unfinished, &digest);
    let key = session.erasure_key(&database)?;
    let import = Import { realm, conflict: args.on_conflict, key, campaign_of: campaign::find_by_key };
    let people = std::mem::take(&mut reading.people);
    let foreseen = foresee(&database, &import, &people)?;
    if import.conflict == Conflict::Fail && foreseen.contains(&RowFate::Skipped) {
        return Err(told::taken(session, &people, &foreseen));
    }
    let mut tally = RowTally::default();
    foreseen.iter().for_each(|fate| tally.count(*fate));
    if !args.care.dry_run {
        if tally.updated > 1 {
            let question = session.out.voice().lang.plural("import.question", tally.updated, &[]);
            session.confirm(args.care.yes, &question)?;
        }
        tally = take_in(session, &database, &import, (&people, &progress(args, digest.clone(), people.len())))?;
    }
    let notes = told::notes(session, &reading, &unfinished, &digest);
    told::summary(session, args, (people.len(), tally), &notes);
    Ok(())
}

fn progress(args: &ImportUsers, digest: String, rows: usize) -> Progress {
    let file = args.file.display().to_string();
    Progress { digest, file, is_test: args.realm.test_data, rows, done: 0, at: String::new() }
}

/// Predicts the result of each row in short reads, so that no snapshot is held over the whole file.
fn foresee(database: &Database, import: &Import, people: &[Incoming]) -> ShopResult<Vec<RowFate>> {
    let mut all = Vec::with_capacity(people.len());
    for chunk in people.chunks(CHUNK) {
        all.extend(database.read(|view| import::foresee(view, import, chunk))?);
    }
    Ok(all)
}

/// Imports customers chunk by chunk. When the storage fails after the first chunk, written rows stay, and the message
/// says how many.
fn take_in(
    session: &Session<'_>,
    database: &Database,
    import: &Import,
    (people, begun): (&[Incoming], &Progress),
) -> Result<RowTally, Wrong> {
    let (bar, mut tally, mut done) = (bar(session, people.len()), RowTally::default(), 0);
    for chunk in people.chunks(CHUNK) {
        let (part, import, owner) = (chunk.to_vec(), import.clone(), session.owner());
        let progress = Progress { done: done + chunk.len(), ..begun.clone() };
        let written = database.write_bulk(move |tx| {
            let tally = import::import(tx, &import, &part, owner.actor())?;
            import::keep(tx, &progress)?;
            Ok(tally)
        });
        match written {
            Ok(more) => tally.add(more),
            Err(error) if done == 0 => return Err(Wrong::Shop(error)),
            Err(error) => return Err(told::stopped(session, error, done, tally)),
        }
        done += chunk.len();
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

fn bar(session: &Session<'_>, total: usize) -> Option<ProgressBar> {
    if !session.out.draws() || total < LONG {
        return None;
    }
    let style = ProgressStyle::with_template("{bar:30} {human_pos}/{human_len} · {per_sec} · {eta}").ok()?;
    let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
    Some(bar.with_style(style.progress_chars("━╸━")))
}
