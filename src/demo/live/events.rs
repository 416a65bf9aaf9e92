//! Events of the stage, as a person at the terminal is told of them: messages of the bots, faults, the daemon, the shop's
//! clock, steps of the tour.

use serde_json::Value;

use super::desk::Desk;
use super::session::Session;
use super::told::Told;
use crate::clock::Timestamp;
use crate::demo::report::Miss;
use crate::demo::tour::TourStep;

/// The most characters shown of a message in a chat that is not open.
const GLIMPSE: usize = 160;

impl<E: FnMut(Told)> Session<'_, E> {
    /// Tells of one event.
    ///
    /// # Errors
    /// The daemon has ended by itself.
    pub(super) fn hear(&mut self, kind: &str, event: &Value) -> Result<(), Miss> {
        match kind {
            "message" | "edit" => self.hear_message(event),
            "toast" => self.hear_toast(event),
            "call" => self.hear_call(event),
            "tour" => self.hear_tour(event),
            "fault" => self.hear_fault(event),
            "daemon" => return self.hear_daemon(event),
            "clock" => self.show_clock(event),
            _ => {}
        }
        Ok(())
    }

    fn desk_of(&mut self, event: &Value) -> Option<(usize, &mut Desk)> {
        let phone = event.get("phone").and_then(Value::as_str)?;
        self.desks.iter_mut().enumerate().find(|(_, desk)| desk.phone.code() == phone)
    }

    fn hear_message(&mut self, event: &Value) {
        let is_of_bot = event.pointer("/message/bot").and_then(Value::as_bool).unwrap_or(false);
        let id = event.pointer("/message/id").and_then(Value::as_i64).filter(|_| is_of_bot);
        let telegram = self.telegram.clone();
        let Some((at, desk)) = self.desk_of(event) else { return };
        let all = telegram.chat_view(desk.bot(), desk.person);
        let Some(message) = all.iter().find(|message| Some(message.message_id) == id) else { return };
        desk.heard(message);
        let desk = *desk;
        if at != self.at {
            let call = self.say(&format!("demo.live.call.{}", desk.role.code()));
            let to = format!("{} · {call}", self.name_of(desk.role));
            return self.tell(Told::Elsewhere { to, words: glimpse(&message.text) });
        }
        let bubble = desk.bubble(&telegram, message, &self.say("demo.seen.picture"));
        self.tell(Told::Message(bubble));
        if desk.menu(&telegram) != self.menu {
            self.show_menu();
        }
    }

    /// Shows the notice that Telegram puts over the chat for a moment after a press.
    fn hear_toast(&mut self, event: &Value) {
        let text = event.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
        let at = self.at;
        if !text.is_empty() && self.desk_of(event).is_some_and(|(of, _)| of == at) {
            self.tell(Told::Toast(text));
        }
    }

    /// Counts a message to a customer who is on no phone.
    fn hear_call(&mut self, event: &Value) {
        let is_message = event.get("is_message").and_then(Value::as_bool).unwrap_or(false);
        if is_message && event.get("people").and_then(Value::as_i64) == Some(1) {
            self.tell(Told::Others(1));
        }
    }

    /// Tells which step of the tour is done now, and what to type for the first one that is not.
    fn hear_tour(&mut self, event: &Value) {
        let is_done = |step: &TourStep| {
            let of_step = |it: &&Value| it.get("id").and_then(Value::as_str) == Some(step.name());
            let steps = event.get("steps").and_then(Value::as_array).into_iter().flatten();
            steps.into_iter().find(of_step).and_then(|it| it.get("done")?.as_bool()).unwrap_or(false)
        };
        let done: Vec<TourStep> = TourStep::ALL.into_iter().filter(is_done).collect();
        for (at, step) in done.iter().enumerate() {
            if !self.done.contains(step) {
                let what = self.say(&format!("demo.live.tour.done.{}", step.name()));
                self.learn("done", (at + 1).max(self.done.len() + 1).to_string());
                self.learn("all", TourStep::ALL.len().to_string());
                self.learn("what", what);
                let next = TourStep::ALL.into_iter().find(|step| !done.contains(step));
                let next = next.map(|step| self.say(&format!("demo.live.tour.todo.{}", step.name())));
                let ticked = if next.is_some() { "demo.live.tour.tick" } else { "demo.live.tour.last_tick" };
                self.learn("next", next.unwrap_or_default());
                let ticked = self.say(ticked);
                self.tell(Told::Tick(ticked));
                self.done.push(*step);
            }
        }
        if let Some(seconds) = event.get("seconds").and_then(Value::as_u64) {
            self.learn("m", (seconds / 60).to_string());
            self.learn("s", (seconds % 60).to_string());
            let time = self.say(if seconds < 60 { "demo.page.seconds" } else { "demo.page.minutes" });
            self.learn("time", time);
            let end = format!("{} dvorik init", self.say("demo.page.tour.end"));
            self.tell(Told::Tick(end));
        }
    }

    /// Tells which fault has begun and which has ended.
    fn hear_fault(&mut self, event: &Value) {
        let is_on = |of: &Value, name: &str| {
            of.get(name).is_some_and(|value| !matches!(value, Value::Null | Value::Bool(false)))
        };
        let (was, now) = (std::mem::replace(&mut self.faults, event.clone()), event);
        for (name, begins, ends) in [
            ("armed", Some("demo.page.fault.rate.on"), None),
            ("rate", None, Some("demo.page.fault.rate.over")),
            ("network", Some("demo.page.fault.network.on"), Some("demo.page.fault.network.over")),
        ] {
            let told = match (is_on(&was, name), is_on(now, name)) {
                (false, true) => begins,
                (true, false) => ends,
                _ => None,
            };
            if let Some(key) = told {
                self.note(key);
            }
        }
        if !is_on(&was, "report")
            && let Some(report) = now.get("report").filter(|report| !report.is_null())
        {
            for name in ["seconds", "waited", "answered"] {
                self.learn(name, report.get(name).map(Value::to_string).unwrap_or_default());
            }
            self.note("demo.page.fault.report");
        }
    }

    fn hear_daemon(&mut self, event: &Value) -> Result<(), Miss> {
        match event.get("state").and_then(Value::as_str).unwrap_or_default() {
            "dead" => {
                let log = event.get("log").and_then(Value::as_array).into_iter().flatten();
                let log: Vec<&str> = log.filter_map(Value::as_str).collect();
                return Err(Miss::new("dvorik serve", log.join("\n")));
            }
            "down" if self.daemon_is_up => {
                self.daemon_is_up = false;
                self.note("demo.page.fault.killed");
            }
            "up" => self.daemon_is_up = true,
            _ => {}
        }
        Ok(())
    }

    /// Tells what the shop's clock shows, and how fast it runs.
    pub(super) fn show_clock(&mut self, clock: &Value) {
        let shop_ms = clock.get("shop_ms").and_then(Value::as_i64).unwrap_or_default();
        let time = self.language.date_time(Timestamp(shop_ms.div_euclid(1000)), self.zone);
        self.learn("time", time);
        self.learn("rate", clock.get("rate").map(Value::to_string).unwrap_or_default());
        let is_spinning = clock.get("spinning").and_then(Value::as_bool).unwrap_or(false);
        self.note(if is_spinning { "demo.live.note.spins" } else { "demo.live.note.clock" });
    }
}

/// The beginning of a message, on one line.
fn glimpse(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(GLIMPSE) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
