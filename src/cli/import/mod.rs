//! `import users`: reads files that `export users` wrote, and files of other programs. The whole file is checked before
//! anything is written; then it is read again, and customers are imported in chunks, so that a cashier's write never
//! waits long and neither the file nor its rows are in memory as a whole.

mod told;

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{Import as Verb, ImportUsers};
use super::input_file;
use super::refuse::Wrong;
use super::session::Session;
use crate::campaign;
use crate::db::Database;
use crate::error::{Error, Result as ShopResult};
use crate::user::Country;
use crate::user::import::{self, Conflict, CustomerFile, First, Import, Incoming, Progress, RowFate, RowTally, Terms};

/// The size limit of the file: some million customers.
const MOST_BYTES: u64 = 256 << 20;
/// The number of customers per transaction. Each adds an entry to ten indices in no order, so a transaction of twice as
/// many writes only half as many pages more; with this number it takes about a tenth of a second.
const CHUNK: usize = 500;
/// The pause between two transactions, in which a daemon can write.
const PAUSE: Duration = Duration::from_millis(2);
/// The number of rows from which on there is a progress bar.
const LONG: usize = 5000;

pub(super) fn run(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    let Verb::Users(args) = verb;
    users(session, &args)
}

fn users(session: &mut Session<'_>, args: &ImportUsers) -> Result<(), Wrong> {
    let file = input_file::opened(session, &args.file, (MOST_BYTES, "import.too_long"))?;
    let mut file = CustomerFile::open(file).map_err(|why| told::unreadable(session, &args.file, why))?;
    let database = session.database()?;
    let terms = terms(args, &database)?;
    // A faulty file is refused before a key that does not fit.
    let key = session.erasure_key(&database);
    let import =
        |key| Import { realm: terms.realm, conflict: args.on_conflict, key, campaign_of: campaign::find_by_key };
    let mut forecast = Forecast::new(&database, key.as_ref().ok().cloned().map(import));
    let reading = file.check(terms, |person| forecast.add(person));
    let reading = reading.map_err(|why| told::unreadable(session, &args.file, why))?;
    if reading.wrong > 0 {
        return Err(told::faulty(session, args, &reading));
    }
    let unfinished = database.read(import::unfinished)?;
    told::unfinished(session, &unfinished, file.digest());
    let import = import(key?);
    let (mut tally, taken) = forecast.end()?;
    if import.conflict == Conflict::Fail && taken.total > 0 {
        return Err(told::taken(session, &taken));
    }
    if !args.care.dry_run {
        if tally.updated > 1 {
            let question = session.out.voice().lang.plural("import.question", tally.updated, &[]);
            session.confirm(args.care.yes, &question)?;
        }
        let begun = progress(args, file.digest().to_owned(), reading.right);
        tally = take_in(session, &database, &import, (&mut file, terms, &begun))?;
    }
    let notes = told::notes(session, &reading, &unfinished, file.digest());
    told::summary(session, args, (reading.right, tally), &notes);
    Ok(())
}

fn terms<'a>(args: &'a ImportUsers, database: &Database) -> ShopResult<Terms<'a>> {
    let (now, country) = (database.clock().now(), database.read(Country::of_shop)?);
    Ok(Terms { realm: args.realm.realm(), now, today: database.zone().day(now), country, map: &args.map })
}

fn progress(args: &ImportUsers, digest: String, rows: usize) -> Progress {
    let file = args.file.display().to_string();
    Progress { digest, file, is_test: args.realm.test_data, rows, done: 0, at: String::new() }
}

/// Predicts the result of each row in short reads, so that no snapshot is held over the whole file.
struct Forecast<'d> {
    database: &'d Database,
    /// `None` when nothing can be predicted.
    import: Option<Import>,
    chunk: Vec<Incoming>,
    tally: RowTally,
    /// The lines of the people who are customers already and are not changed.
    taken: First<usize>,
    failure: ShopResult<()>,
}

impl<'d> Forecast<'d> {
    fn new(database: &'d Database, import: Option<Import>) -> Self {
        let (tally, taken) = (RowTally::default(), First::default());
        Self { database, import, chunk: Vec::with_capacity(CHUNK), tally, taken, failure: Ok(()) }
    }

    fn add(&mut self, person: Incoming) {
        self.chunk.push(person);
        if self.chunk.len() == CHUNK {
            self.predict();
        }
    }

    /// Predicts the results of the collected rows. After a failure nothing more is predicted.
    fn predict(&mut self) {
        let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK));
        let Some(import) = self.import.as_ref().filter(|_| self.failure.is_ok()) else { return };
        match self.database.read(|view| import::foresee(view, import, &chunk)) {
            Ok(fates) => {
                for (person, fate) in chunk.iter().zip(fates) {
                    self.tally.count(fate);
                    if fate == RowFate::Skipped {
                        self.taken.add(person.line);
                    }
                }
            }
            Err(failure) => self.failure = Err(failure),
        }
    }

    fn end(mut self) -> ShopResult<(RowTally, First<usize>)> {
        self.predict();
        self.failure.map(|()| (self.tally, self.taken))
    }
}

/// Imports customers chunk by chunk. When the storage fails after the first chunk, or the file has changed, written rows
/// stay, and the message says how many.
fn take_in(
    session: &Session<'_>,
    database: &Database,
    import: &Import,
    (file, terms, begun): (&mut CustomerFile<File>, Terms<'_>, &Progress),
) -> Result<RowTally, Wrong> {
    let unreadable = |why| told::unreadable(session, Path::new(&begun.file), why);
    let mut people = file.people(terms).map_err(unreadable)?;
    let (bar, mut tally, mut done) = (bar(session, begun.rows), RowTally::default(), 0);
    while done < begun.rows {
        let chunk = people.by_ref().take(CHUNK).collect::<Result<Vec<_>, _>>().map_err(unreadable);
        let written = chunk.and_then(|chunk| write(session, database, import, (chunk, done, begun)));
        match written {
            Ok((rows, more)) => {
                done += rows;
                tally.add(more);
            }
            Err(wrong) if done == 0 => return Err(wrong),
            Err(wrong) => return Err(told::stopped(session, &wrong, done, tally)),
        }
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

/// Imports one chunk in one transaction, after `done` rows. Returns how many rows it has, and their results.
fn write(
    session: &Session<'_>,
    database: &Database,
    import: &Import,
    (chunk, done, begun): (Vec<Incoming>, usize, &Progress),
) -> Result<(usize, RowTally), Wrong> {
    let (rows, import, owner) = (chunk.len(), import.clone(), session.owner());
    let progress = Progress { done: done + rows, ..begun.clone() };
    let written = database.write_bulk(move |tx| {
        let tally = import::import(tx, &import, &chunk, owner.actor())?;
        import::keep(tx, &progress)?;
        Ok::<_, Error>(tally)
    });
    Ok((rows, written?))
}

fn bar(session: &Session<'_>, total: usize) -> Option<ProgressBar> {
    if !session.out.draws() || total < LONG {
        return None;
    }
    let style = ProgressStyle::with_template("{bar:30} {human_pos}/{human_len} · {per_sec} · {eta}").ok()?;
    let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
    Some(bar.with_style(style.progress_chars("━╸━")))
}
