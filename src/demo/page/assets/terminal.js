// The owner's terminal: the output of the real program, and a line that starts it or answers it.

import { find, hold, make, notice, onPress, post, remember, remembered, request, t, write } from "./base.js";
import { Screen, runs } from "./ansi.js";

const READY = ["dvorik stats", "dvorik broadcast send last", "dvorik user list", "dvorik discount list"];
const KEPT = 50;
const NARROWEST = 40;
const WIDEST = 160;

const output = find("#output");
const line = find("#line");
const screen = new Screen();
/** Drawn lines by their number since the beginning. */
const drawn = new Map();

let term = { running: false, echo: true };
let history = JSON.parse(remembered("history") ?? "[]");
/** Where ↑ and ↓ are: past the end is the line being written. */
let place = history.length;
let written = "";
let waiting = false;

// What the server tells

/** The last command as it is kept: at the start and after a long break. */
export function showTerm(state) {
  screen.clear();
  drawn.clear();
  output.replaceChildren();
  if (state.line) begin(state.line);
  feed(state);
}

/** A chunk of output, the beginning of a command, or its end. */
export function hearTerm(event) {
  if (event.start) begin(event.line);
  feed(event);
}

function begin(command) {
  const gap = screen.column > 0 ? "\r\n" : "";
  screen.feed(`\x1b[0m${gap}${screen.isEmpty() ? "" : "\r\n"}\x1b[1;96m$ ${command}\x1b[0m\r\n`);
}

function feed(event) {
  if (event.output) screen.feed(event.output);
  if (event.exit) fail(event.exit);
  term = { running: event.running, echo: event.echo };
  drawSoon();
  drawLine();
}

/** The code of a command that did not succeed, on a line of its own. */
function fail(code) {
  const gap = screen.column > 0 ? "\r\n" : "";
  screen.feed(`\x1b[0m${gap}\x1b[2m${t("terminal.exit", { code })}\x1b[0m\r\n`);
}

/** What no child has said: a refusal, a failure. */
function say(command, text) {
  begin(command);
  screen.feed(`\x1b[91m${text}\x1b[0m\r\n`);
  drawSoon();
}

// What is drawn

/** At most once a frame: a bar redraws itself many times a second. */
function drawSoon() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    draw();
  });
}

function draw() {
  if (screen.isEmpty()) return;
  const follows = output.scrollHeight - output.scrollTop - output.clientHeight < 40;
  for (const number of screen.takeChanged().sort((a, b) => a - b)) drawRow(number);
  for (const number of drawn.keys()) {
    if (number >= screen.gone) break;
    drawn.get(number).remove();
    drawn.delete(number);
  }
  if (follows) output.scrollTop = output.scrollHeight;
}

function drawRow(number) {
  const cells = screen.lines[number - screen.gone];
  if (!cells) return;
  if (!drawn.has(number)) {
    drawn.set(number, make("span", { className: "row" }));
    output.append(drawn.get(number));
  }
  const texts = runs(cells).map(({ names, text }) => (names ? make("span", { className: names }, text) : text));
  drawn.get(number).replaceChildren(...texts, "\n");
}

export function drawLine() {
  output.dataset.empty = t("terminal.empty");
  find("#stop").hidden = !term.running;
  find("#terminal").classList.toggle("running", term.running);
  write(find("#prompt"), term.running ? "›" : "$");
  line.type = term.running && !term.echo ? "password" : "text";
  line.placeholder = t(term.running ? "terminal.answer" : "terminal.hint");
  line.setAttribute("aria-label", t(term.running ? "terminal.answer.name" : "terminal.line"));
  for (const button of find("#ready").children) hold(button, term.running);
}

// The line

function columns() {
  const probe = make("span", { className: "probe" }, "0".repeat(40));
  output.append(probe);
  const width = probe.getBoundingClientRect().width / 40;
  probe.remove();
  const style = getComputedStyle(output);
  const room = output.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight);
  return Math.max(NARROWEST, Math.min(WIDEST, Math.floor(room / (width || 8))));
}

/** `stats` is `dvorik stats`: nothing else runs here. */
const whole = (text) => (/^dvorik(\s|$)/.test(text) ? text : `dvorik ${text}`);

async function run(text) {
  keep(text);
  const command = whole(text);
  try {
    await post("run", { line: command, columns: columns() });
  } catch (error) {
    say(command, error.message);
  }
}

function keep(text) {
  history = [...history.filter((one) => one !== text), text].slice(-KEPT);
  place = history.length;
  remember("history", JSON.stringify(history));
}

function enter() {
  const text = line.value;
  line.value = "";
  offer([]);
  output.scrollTop = output.scrollHeight;
  if (term.running) request("type", { line: text });
  else if (text.trim()) run(text.trim());
}

function stop() {
  if (term.running) request("stop");
}

function recall(step) {
  if (place === history.length) written = line.value;
  place = Math.max(0, Math.min(history.length, place + step));
  line.value = place === history.length ? written : history[place];
  line.setSelectionRange(line.value.length, line.value.length);
}

/** On a touch screen the focus would bring up a keyboard over the output. */
const hasMouse = () => matchMedia("(hover: hover)").matches;

// Completion

async function complete() {
  const before = line.value.slice(0, line.selectionStart);
  const asked = whole(before);
  const added = asked.length - before.length;
  let found;
  try {
    found = await post("complete", { line: asked });
  } catch (error) {
    return notice(error.message);
  }
  if (line.value.slice(0, line.selectionStart) !== before) return;
  const start = Math.max(0, [...asked].slice(0, found.start).join("").length - added);
  insert(start, before, found.words);
}

function insert(start, before, words) {
  const typed = before.slice(start);
  const shared = words.length === 1 ? `${words[0]} ` : common(words);
  offer(words.length > 1 ? words : []);
  if (words.length === 0 || !shared.startsWith(typed)) return;
  line.setRangeText(shared, start, before.length, "end");
}

/** The longest beginning that all the words have. */
function common(words) {
  let shared = words[0] ?? "";
  for (const word of words) {
    while (!word.startsWith(shared)) shared = shared.slice(0, -1);
  }
  return shared;
}

function offer(words) {
  write(find("#offers"), words.join("   "));
}

// Keys

/** Ctrl-C copies what is selected; with nothing selected it stops the program. */
function isInterrupt(event) {
  if (!event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.code !== "KeyC") return false;
  const inLine = document.activeElement === line && line.selectionStart !== line.selectionEnd;
  return !inLine && String(document.getSelection()) === "";
}

function key(event) {
  if (isInterrupt(event)) {
    event.preventDefault();
    if (term.running) stop();
    else line.value = "";
  }
}

function lineKey(event) {
  if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    event.preventDefault();
    if (!term.running) recall(event.key === "ArrowUp" ? -1 : 1);
  } else if (event.key === "Tab" && !event.shiftKey && line.value.trim() !== "" && !term.running) {
    event.preventDefault();
    complete();
  } else if (event.key === "Escape" && line.value !== "") {
    event.stopPropagation();
    line.value = "";
    offer([]);
  }
}

export function listenToTerminal() {
  find("#line-form").addEventListener("submit", (event) => {
    event.preventDefault();
    enter();
  });
  line.addEventListener("keydown", lineKey);
  find("#terminal").addEventListener("keydown", key);
  onPress(find("#stop"), stop);
  find("#ready").replaceChildren(...READY.map(readyButton));
  output.addEventListener("click", () => {
    if (String(document.getSelection()) === "" && hasMouse()) line.focus();
  });
}

function readyButton(command) {
  const button = make("button", { type: "button" }, command);
  button.dataset.line = command;
  onPress(button, () => {
    run(command);
    if (hasMouse()) line.focus();
  });
  return button;
}
