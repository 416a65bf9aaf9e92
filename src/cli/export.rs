//! `export`: customers, codes and attempts as CSV or JSON lines, to stdout or to a file that only its owner can read.
//! The file appears whole or not at all, and an existing one is replaced only on request.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Map, Value as Json, json};

use super::args::{Export as Verb, ExportDiscounts, ExportTo, ExportUsage, ExportUsers};
use super::output::{ChangeReport, Format};
use super::refuse::Wrong;
use super::session::Session;
use super::whole_file;
use crate::db::Database;
use crate::discount::{self, template};
use crate::error::{Error, Result as ShopResult};
use crate::export::{self, Pick, Plan, Rows, Shape, UsageFilter};
use crate::{segment, staff, user};

pub(super) fn run(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    let database = session.database()?;
    let (plan, to) = match verb {
        Verb::Users(args) => (users(session, &database, &args)?, args.to),
        Verb::Discounts(args) => (discounts(session, &database, &args)?, args.to),
        Verb::Usage(args) => (usage(&database, &args)?, args.to),
    };
    let rows = database.read(|view| Rows::of(view, plan))?;
    hand_out(session, &database, rows, &to)
}

/// The filter of an export as the audit log shows it, without search terms, which may name people.
fn said(words: &[(&str, Option<Json>)]) -> Json {
    let given = words.iter().filter_map(|(key, value)| Some(((*key).to_owned(), value.clone()?)));
    Json::Object(given.collect::<Map<_, _>>())
}

fn users(session: &Session<'_>, database: &Database, args: &ExportUsers) -> Result<Plan, Wrong> {
    let (since, until) = args.span.instants(session.config()?.timezone, session.now());
    let picked = args.filter.filter()?;
    let asked = args.realm.realm();
    let realm = picked.as_ref().map_or(asked, |filter| filter.realm(asked));
    let among = picked.as_ref().map(|filter| database.read(|view| segment::known(view, asked, filter))).transpose()?;
    let length = args.search.as_ref().map(|search| json!({ "length": search.chars().count() }));
    let filter = picked.and_then(|filter| serde_json::from_str(&filter.to_json()).ok());
    let at = |at: Option<crate::clock::Timestamp>| at.map(|at| json!(at.to_string()));
    let said = said(&[("search", length), ("filter", filter), ("since", at(since)), ("until", at(until))]);
    let filter =
        user::CustomerFilter { search: args.search.clone(), among, since, until, ..user::CustomerFilter::default() };
    let found = database.read(|view| user::find(view, realm, &filter))?;
    Ok(Plan { realm, pick: Pick::Users(found), said })
}

fn discounts(session: &Session<'_>, database: &Database, args: &ExportDiscounts) -> Result<Plan, Wrong> {
    let (since, until) = args.span.instants(session.config()?.timezone, session.now());
    let realm = args.realm.realm();
    let (user, template) = database.read(|view| {
        let user = args.user.as_deref().map(|typed| user::get_by_ref(view, realm, typed)).transpose()?;
        let template = args.template.as_deref().map(|typed| template::get_by_ref(view, typed)).transpose()?;
        Ok::<_, Error>((user.map(|user| user.id), template))
    })?;
    let at = |at: Option<crate::clock::Timestamp>| at.map(|at| json!(at.to_string()));
    let said = said(&[
        ("user_id", user.map(|id| json!(id))),
        ("template", template.as_ref().map(|template| json!(template.name))),
        ("status", args.status.map(|status| json!(status.as_str()))),
        ("since", at(since)),
        ("until", at(until)),
    ]);
    let template = template.map(|template| template.id);
    let filter = discount::CodeFilter {
        user,
        template,
        condition: args.status,
        since,
        until,
        ..discount::CodeFilter::default()
    };
    Ok(Plan { realm, pick: Pick::Discounts(filter), said })
}

fn usage(database: &Database, args: &ExportUsage) -> Result<Plan, Wrong> {
    let realm = args.realm.realm();
    let cashier = args.cashier.as_deref();
    let cashier: ShopResult<_> =
        database.read(|view| cashier.map(|typed| staff::get_cashier_by_ref(view, realm, typed)).transpose());
    let cashier = cashier?.map(|cashier| cashier.id);
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| json!(day.to_string()));
    let said = said(&[
        ("status", args.status.map(|status| json!(status.as_str()))),
        ("cashier_id", cashier.map(|id| json!(id))),
        ("since", day(args.since)),
        ("until", day(args.until)),
    ]);
    let filter = UsageFilter { status: args.status, cashier, from: args.since, to: args.until };
    Ok(Plan { realm, pick: Pick::Usage(filter), said })
}

/// Writes the rows of an export. The audit entry is committed before the first row is written.
fn hand_out(session: &mut Session<'_>, database: &Database, rows: Rows, to: &ExportTo) -> Result<(), Wrong> {
    let lines = to.format.as_ref().map_or(session.out.format() == Format::Json, |format| format == "jsonl");
    let shape = if lines { Shape::Lines } else { Shape::csv(to.excel) };
    let is_stdout = to.output.as_os_str() == "-";
    if !is_stdout {
        whole_file::must_be_free(session, &to.output, to.force)?;
    }
    let (theirs, owner) = (rows.clone(), session.owner());
    session.write_on(database, false, move |tx| export::record(tx, &theirs, owner.actor()))?;
    if is_stdout {
        return each(session, database, rows, shape, |session, text| {
            session.out.raw(text.as_bytes());
            Ok(())
        })
        .map(drop);
    }
    let kind = rows.plan.kind();
    let written = whole_file::write(session, (&to.output, to.force), |session, put| {
        each(session, database, rows, shape, |session, text| put(session, text))
    })?;
    let words: [(&str, &dyn std::fmt::Display); 2] =
        [("count", &session.out.voice().lang.number(written)), ("path", &to.output.display())];
    let sentence = session.text("export.saved", &words);
    let path = to.output.display().to_string();
    session.tell_change(ChangeReport {
        schema: "dvorik.export/1",
        changed: true,
        before: Json::Null,
        after: json!({ "kind": kind.as_str(), "rows": written, "file": path }),
        id: path,
        sentence,
        next: Vec::new(),
    });
    Ok(())
}

/// Reads the rows of an export page by page and hands each page to `put`. Returns the number of rows.
fn each(
    session: &mut Session<'_>,
    database: &Database,
    mut rows: Rows,
    shape: Shape,
    mut put: impl FnMut(&mut Session<'_>, &str) -> Result<(), Wrong>,
) -> Result<i64, Wrong> {
    let (kind, bar, mut count) = (rows.plan.kind(), bar(session, rows.total), 0);
    put(session, &shape.head(kind))?;
    while !rows.is_over() {
        let page = database.read(|view| rows.next(view))?;
        put(session, &shape.written(kind, &page))?;
        count += i64::try_from(page.len()).unwrap_or_default();
        if let Some(bar) = &bar {
            bar.set_position(count.unsigned_abs());
        }
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    Ok(count)
}

/// The progress bar of an export; `None` when the export is short or no bar may be drawn.
fn bar(session: &Session<'_>, total: i64) -> Option<ProgressBar> {
    if !session.out.draws() || total < export::MOST_AT_ONCE {
        return None;
    }
    let style = ProgressStyle::with_template("{bar:30} {human_pos}/{human_len} · {per_sec} · {eta}").ok()?;
    let bar = ProgressBar::with_draw_target(Some(total.unsigned_abs()), ProgressDrawTarget::stderr());
    Some(bar.with_style(style.progress_chars("━╸━")))
}
