//! `demo --headless`: prints the scenario like a chat (who acts, → what they did, ← what they saw, ✓ what the step
//! proved), or as JSON lines.

use serde_json::{Value as Json, json};

use crate::cli::output::{ExitCode, FailureReport, Format, Output, Tone, painted, safe_line};
use crate::cli::refuse::Wrong;
use crate::demo::{self, Ending, Event, Miss, Options, Scenario, StepReport, Summary};
use crate::language::Language;

const SCHEMA: &str = "dvorik.demo/1";
/// Runs the scenario and prints it; fails when a step's expectation is not met.
pub(super) fn play(out: &mut Output, options: &Options) -> Result<(), Wrong> {
    let mut transcript = Transcript { out, chapter: String::new(), failure: None };
    let played = super::on_a_runtime(demo::play(options, |event| transcript.hear(event)));
    let failure = transcript.failure.take();
    let lang = transcript.lang();
    match played {
        Ok(Ending::Held) => Ok(()),
        Ok(Ending::Broken) => Err(failure.unwrap_or_else(|| stopped(lang, "demo.broken", ExitCode::Failure)).into()),
        Ok(Ending::Interrupted) => Err(stopped(lang, "demo.interrupted", ExitCode::Interrupted).into()),
        Err(error) => Err(super::not_played(lang, &error).into()),
    }
}

fn stopped(lang: Language, key: &str, exit: ExitCode) -> FailureReport {
    FailureReport::new("INTERNAL_ERROR", exit, lang.text(key, &[]))
}

/// Prints the events of the scenario.
struct Transcript<'a> {
    out: &'a mut Output,
    /// The heading that was printed last.
    chapter: String,
    /// Why the scenario failed; `None` while it has not.
    failure: Option<FailureReport>,
}

impl Transcript<'_> {
    const fn lang(&self) -> Language {
        self.out.voice().lang
    }

    fn hear(&mut self, event: Event) {
        match event {
            Event::Opened { scenario, seed, telegram } => self.opened(scenario, seed, &telegram),
            Event::Step(step) => self.step(&step),
            Event::Ended(summary) => self.ended(&summary),
        }
    }

    fn opened(&mut self, scenario: Scenario, seed: u64, telegram: &str) {
        let title = self.lang().text("demo.title", &[("scenario", &scenario.name()), ("seed", &seed)]);
        let where_from = self.lang().text("demo.telegram", &[("url", &telegram)]);
        self.say(&format!("{title}\n{}\n", self.faint(&where_from)));
    }

    fn step(&mut self, step: &StepReport) {
        self.out.event(&json_of(step));
        if self.chapter != step.chapter {
            self.chapter.clone_from(&step.chapter);
            let line = "─".repeat(56_usize.saturating_sub(step.chapter.chars().count()));
            let heading = self.faint(&format!("── {} {line}", step.chapter));
            self.say(&format!("\n{heading}\n"));
        }
        let text = self.text_of(step);
        self.say(&text);
        if let Err(miss) = &step.outcome {
            self.failure = Some(broken(self.lang(), step, miss));
        }
    }

    fn text_of(&self, step: &StepReport) -> String {
        let place = if step.place.is_empty() { String::new() } else { format!(" · {}", step.place) };
        let head = format!("\n{:>2}  {}{}\n", step.number, safe_line(&step.person), self.faint(&place));
        let does = format!("    → {}\n", safe_line(&step.does));
        let (sees, verdict) = match &step.outcome {
            Ok(lines) => (block("←", lines.iter().map(String::as_str)), self.paint("✓", Tone::Good)),
            Err(miss) => {
                let lang = self.lang();
                let expected = lang.text("demo.miss.expected", &[("what", &miss.expected)]);
                let seen = lang.text("demo.miss.seen", &[("what", &miss.seen)]);
                (block("←", expected.lines().chain(seen.lines())), self.paint("✗", Tone::Bad))
            }
        };
        format!("{head}{does}{sees}    {verdict} {}\n", self.faint(&step.claim))
    }

    fn ended(&mut self, summary: &Summary) {
        let ok = summary.failed.is_none();
        let kept = summary.kept.as_ref().map(|path| path.display().to_string());
        let seconds = (summary.seconds * 100.0).round() / 100.0;
        self.out.event(&json!({
            "type": "summary", "schema": SCHEMA, "steps": summary.steps, "ok": ok, "seconds": seconds,
            "failed": summary.failed, "directory": kept,
        }));
        let lang = self.lang();
        match kept {
            Some(path) => {
                let sentence = lang.text("demo.kept", &[("path", &path)]);
                self.say(&format!("\n{}\n\n", safe_line(&sentence)));
                self.failure = self.failure.take().map(|failure| failure.with_hint(sentence));
            }
            None => {
                let steps = i64::try_from(summary.steps).unwrap_or(i64::MAX);
                let held = lang.plural("demo.held", steps, &[("seconds", &format!("{seconds:.1}"))]);
                self.say(&format!("\n{}\n", self.paint(&held, Tone::Good)));
            }
        }
    }

    fn say(&mut self, text: &str) {
        if !matches!(self.out.format(), Format::Json | Format::Quiet) {
            self.out.raw(text.as_bytes());
        }
    }

    fn faint(&self, text: &str) -> String {
        self.paint(text, Tone::Faint)
    }

    fn paint(&self, text: &str, tone: Tone) -> String {
        painted(text, tone, self.out.paints())
    }
}

/// Lines under one sign: `← first`, the others indented below it.
fn block<'a>(sign: &str, lines: impl Iterator<Item = &'a str>) -> String {
    let shown = lines.enumerate().map(|(at, line)| {
        let lead = if at == 0 { sign } else { " " };
        format!("    {lead} {}\n", safe_line(line))
    });
    shown.collect()
}

fn json_of(step: &StepReport) -> Json {
    let (sees, expected) = match &step.outcome {
        Ok(lines) => (lines.join("\n"), None),
        Err(miss) => (miss.seen.clone(), Some(&miss.expected)),
    };
    json!({
        "type": "step", "n": step.number, "name": step.name, "who": step.who.code(), "person": step.person,
        "place": step.place, "does": step.does, "sees": sees, "holds": step.claim, "ok": step.outcome.is_ok(),
        "expected": expected, "ms": u64::try_from(step.took.as_millis()).unwrap_or(u64::MAX),
    })
}

fn broken(lang: Language, step: &StepReport, miss: &Miss) -> FailureReport {
    let message = lang.text("demo.broken", &[("number", &step.number), ("step", &step.name)]);
    let expected = lang.text("demo.miss.expected", &[("what", &miss.expected)]);
    let seen = lang.text("demo.miss.seen", &[("what", &miss.seen)]);
    let details = json!({ "step": step.name, "n": step.number, "expected": miss.expected, "seen": miss.seen });
    let message = format!("{message}\n{expected}\n{seen}");
    FailureReport::new("INTERNAL_ERROR", ExitCode::Failure, message).with_details(details)
}
