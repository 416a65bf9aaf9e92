// The tour: eight steps, ticked by the server; «Показать» leads to the control a step needs.

import { copy, duration, find, make, onPress, t, write } from "./base.js";

let tour = { steps: [], seconds: null };
let guide = null;
let shown = null;

export function showTour(told, quietly = false) {
  const news = told.steps.filter((step) => step.done && !tour.steps.find((one) => one.id === step.id)?.done);
  tour = told;
  drawTour();
  if (!quietly && news.length > 0) tell(news);
}

const done = () => tour.steps.filter((step) => step.done).length;
const next = () => tour.steps.find((step) => !step.done);
const ask = (step) => t(`tour.${step.id}.ask`);

/** Read out, as nobody may be looking there. */
function tell(news) {
  const said = t("tour.ticked", { step: news.map(ask).join("; "), done: done(), all: tour.steps.length });
  write(find("#ticks"), tour.seconds === null ? said : `${said} ${endText()}`);
}

const endText = () => t("tour.end", { time: duration(tour.seconds) });

export function drawTour() {
  const [step, all] = [next(), tour.steps.length];
  const at = step ? tour.steps.indexOf(step) + 1 : all;
  write(find("#tour-title"), step ? t("tour.at", { at, all }) : t("tour.all"));
  find("#steps").replaceChildren(...tour.steps.map((one) => stepRow(one, one === step)));
  find("#tour-end").hidden = tour.seconds === null;
  if (tour.seconds !== null) write(find("#tour-done"), endText());
  drawStepLine(step, at, all);
  bringForward(step);
}

/** A step that has become the current one comes into view; the reader may scroll away after that. */
function bringForward(step) {
  if (step?.id === shown) return;
  shown = step?.id;
  const row = find("#steps [aria-current]");
  find("#tour").scrollTop = row ? Math.max(0, row.offsetTop - 70) : 0;
}

/** Below 700 px the step is one line on top of the page. */
function drawStepLine(step, at, all) {
  find("#step-line").hidden = all === 0;
  write(find("#step-now"), step ? `${t("tour.at", { at, all })}: ${ask(step).replaceAll("`", "")}` : t("tour.all"));
  find("#step-show").hidden = !step && tour.seconds === null;
}

function stepRow(step, current) {
  const mark = make("span", { className: "mark", role: "img", "aria-label": t(step.done ? "tour.done" : "tour.not_done") });
  mark.textContent = step.done ? "✓" : "○";
  const asked = make("span", { className: "ask" }, ...commands(ask(step)));
  const row = make("li", { className: step.done ? "done" : "" }, mark, asked);
  row.dataset.step = step.id;
  if (current) row.setAttribute("aria-current", "step");
  if (!step.done) row.append(showButton(step, current));
  return row;
}

/** What is typed as it stands is set as code: `dvorik broadcast send last`. */
function commands(text) {
  return text.split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part));
}

function showButton(step, current) {
  const name = t("tour.show.name", { step: ask(step).replaceAll("`", "") });
  const className = current ? "show" : "show icon";
  const button = make("button", { type: "button", className, "aria-label": name, title: name });
  button.textContent = current ? t("tour.show") : "→";
  onPress(button, () => guide(step.id));
  return button;
}

export function listenToTour(show) {
  guide = show;
  onPress(find("#step-show"), () => guide(next()?.id ?? "end"));
  onPress(find("#tour-copy"), () => copy(find("#tour-next").textContent));
}
