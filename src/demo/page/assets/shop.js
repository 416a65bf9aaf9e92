// The shop around the phones: its clock, the count and the chart, the faults, the life, the log of calls.

import {
  calendarDay, find, hold, make, moment, number, onPress, remembered, request, seconds, t, write,
} from "./base.js";

const SVG = "http://www.w3.org/2000/svg";

// The clock

let clock = null;

export function showClock(told) {
  clock = { ...told, heard: performance.now() };
  find("#rate").setAttribute("aria-pressed", String(told.rate === 60));
  for (const id of ["#rate", "#hour", "#day"]) hold(find(id), told.spinning);
  find("#clock").classList.toggle("spinning", told.spinning);
  tick();
}

const shopNow = () => clock.shop_ms + (performance.now() - clock.heard) * clock.rate;

/** The page advances the clock by itself: the server tells only its turns. */
export function tick() {
  if (!clock) return;
  write(find("#clock"), moment(shopNow()));
  drawFaults();
}

export function listenToClock() {
  onPress(find("#rate"), () => request("clock", { rate: clock.rate === 60 ? 1 : 60 }));
  onPress(find("#hour"), () => request("clock", { spin: "hour" }));
  onPress(find("#day"), () => request("clock", { spin: "day" }));
  setInterval(tick, 100);
  new ResizeObserver(() => count && drawBars()).observe(find("#bars"));
}

// Redemptions

let count = null;

export function showCount(told) {
  const more = count && told.redeemed > count.redeemed;
  count = told;
  drawCount();
  if (more) pulse(find("#count"));
}

export function drawCount() {
  if (!count) return;
  const text = t("count", { redeemed: number(count.redeemed), today: number(count.today) });
  write(find("#count"), text);
  write(find("#count-again"), text);
  drawBars();
  drawTable();
}

function pulse(element) {
  element.classList.remove("pulse");
  void element.offsetWidth;
  element.classList.add("pulse");
}

function shape(tag, attributes, text = "") {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

/** Bars of 14 shop days; the last is today. The numbers are in the table beside it, which a screen reader reads. */
function drawBars() {
  const [width, height, foot, head] = [find("#bars").clientWidth, find("#bars").clientHeight, 16, 14];
  if (height < foot + head) return;
  const svg = shape("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", focusable: "false" });
  const most = Math.max(1, ...count.days.map((one) => one.count));
  const step = width / Math.max(1, count.days.length);
  count.days.forEach((one, index) => {
    const tall = Math.max(1, ((height - foot - head) * one.count) / most);
    const today = index === count.days.length - 1;
    const [x, y] = [index * step + 1, height - foot - tall];
    const bar = shape("rect", { x, y, width: step - 2, height: tall, rx: 2, class: today ? "bar today" : "bar" });
    bar.append(shape("title", {}, `${calendarDay(one.day)}: ${one.count}`));
    svg.append(bar);
    const figure = today ? { x: width - 1, class: "figure end" } : { x: x + (step - 2) / 2, class: "figure" };
    if (today || one.count === most) svg.append(shape("text", { ...figure, y: y - 3 }, one.count));
  });
  svg.append(...chartFeet(width, height));
  find("#bars").replaceChildren(svg);
}

function chartFeet(width, height) {
  const [first, last] = [count.days.at(0), count.days.at(-1)];
  if (!first) return [];
  return [
    shape("text", { x: 2, y: height - 4, class: "foot" }, calendarDay(first.day)),
    shape("text", { x: width - 2, y: height - 4, class: "foot end" }, calendarDay(last.day)),
  ];
}

function drawTable() {
  const rows = count.days.map((one) =>
    make("tr", {}, make("th", { scope: "row" }, calendarDay(one.day)), make("td", {}, number(one.count))),
  );
  find("#bars-table tbody").replaceChildren(...rows);
}

// Faults and the program

let fault = { armed: false, rate: null, network: null, killed: false, report: null };
let daemon = { state: "up", log: [], restarting_ms: null };
let customer = { blocked: false, member: false };

const until = (ms) => (ms === null ? null : performance.now() + ms);
const left = (end) => Math.max(0, Math.ceil((end - performance.now()) / 1000));

export function showFault(told, quietly = false) {
  const before = fault;
  fault = { ...told, rate: until(told.rate), network: until(told.network) };
  if (!quietly) tellFault(before);
  drawFaults();
}

/** What was said last, kept as words to say in the page's other language, too. */
let said = () => "";

function status(words) {
  said = words;
  drawStatus();
}

export function drawStatus() {
  write(find("#fault-status"), said());
}

/** What has begun or ended is said once; the countdowns are on the buttons. */
function tellFault(before) {
  if (fault.killed && !before.killed) status(() => t("fault.killed"));
  else if (before.killed && !fault.killed) status(() => "");
  else if (fault.network !== null && before.network === null) status(() => t("fault.network.on"));
  else if (fault.network === null && before.network !== null) status(() => t("fault.network.over"));
  else if (fault.armed && !before.armed) status(() => t("fault.rate.on"));
  else if (fault.rate !== null && before.rate === null) status(() => "");
  else if (fault.rate === null && before.rate !== null) status(() => t("fault.rate.over"));
}

const reportText = ({ seconds: took, waited, answered }) =>
  t("fault.report", { seconds: number(took, 1), waited: number(waited), answered: number(answered) });

export function showDaemon(told) {
  if (told.state === "dead" && daemon.state !== "dead") status(() => t("daemon.stopped"));
  daemon = { ...told, restart: until(told.restarting_ms) };
  find("#daemon").dataset.state = told.state;
  const dead = told.state === "dead";
  find("#daemon-dead").hidden = find("#restart").hidden = !dead;
  find("#fault-kill").hidden = dead;
  write(find("#daemon-log"), told.log.join("\n"));
  drawFaults();
}

export function showCustomer(phone) {
  customer = phone;
  drawFaults();
}

export function drawFaults() {
  const [rate, network] = [fault.rate, fault.network];
  write(find("#fault-rate"), rate === null ? t("fault.rate") : t("fault.rate.left", { s: left(rate) }));
  write(find("#fault-network"), network === null ? t("fault.network") : t("fault.network.left", { s: left(network) }));
  write(find("#fault-block"), t(customer.blocked ? "unblock" : "block"));
  write(find("#fault-channel"), t(customer.member ? "channel.leave" : "channel.join"));
  hold(find("#fault-rate"), rate !== null || fault.armed);
  hold(find("#fault-kill"), daemon.state !== "up");
  for (const [id, on] of [["rate", rate !== null || fault.armed], ["network", network !== null], ["block", customer.blocked]]) {
    find(`#fault-${id}`).classList.toggle("active", on);
  }
  write(find("#fault-report"), fault.report ? reportText(fault.report) : "");
  write(find("#daemon-text"), daemonText());
}

function daemonText() {
  if (daemon.state === "down" && daemon.restart) return t("daemon.restarting", { s: left(daemon.restart) });
  return t(`daemon.${daemon.state}`);
}

export function listenToFaults() {
  onPress(find("#fault-rate"), () => request("fault", { kind: "rate" }));
  onPress(find("#fault-network"), () => request("fault", { kind: fault.network === null ? "network" : "network_end" }));
  onPress(find("#fault-block"), () => request("block", { on: !customer.blocked }));
  onPress(find("#fault-channel"), () => request("channel", { join: !customer.member }));
  onPress(find("#fault-kill"), () => request("fault", { kind: "kill" }));
  onPress(find("#restart"), () => request("restart"));
  onPress(find("#life"), () => request("life", { on: find("#life").getAttribute("aria-checked") !== "true" }));
}

/** A demo without a life of its own (null) has no switch for it. */
export function showLife(on) {
  find("#life").hidden = on === null;
  find("#life").setAttribute("aria-checked", String(on));
}

// The log

const ROWS = 200;
/** Calls about people on no phone are one row while they come; after a silence a new one begins. */
const SILENCE_MS = 30_000;
let rows = [];
let bots = {};

export function showCalls(calls, shop) {
  bots = { [shop.customer_bot]: "log.customers", [shop.staff_bot]: "log.staff" };
  rows = [];
  find("#calls tbody").replaceChildren();
  for (const call of calls.slice(-1000)) hearCall(call);
}

export function hearCall(call) {
  const folded = call.whose === null && call.people > 0;
  const same = folded && rows.find((row) => row.folded && isSame(row, call));
  if (same) {
    Object.assign(same, { at: call.at, people: same.people + call.people, heard: performance.now() });
    rows = [same, ...rows.filter((row) => row !== same)];
    showFirst(same);
    return;
  }
  const row = { ...call, folded, heard: performance.now(), element: make("tr") };
  rows.unshift(row);
  showFirst(row);
  for (const old of rows.splice(ROWS)) old.element.remove();
}

function showFirst(row) {
  const body = find("#calls tbody");
  if (body.firstChild !== row.element) body.prepend(row.element);
  drawCall(row);
}

const isSame = (row, call) =>
  ["bot", "method", "answer"].every((name) => row[name] === call[name]) && performance.now() - row.heard < SILENCE_MS;

function drawCall(call) {
  const whose = call.folded ? t("log.others", { people: number(call.people) }) : (call.whose ?? "");
  const cells = [
    ["c-time", seconds(call.at)], ["c-bot", botName(call.bot), call.bot], ["c-method", call.method, call.method],
    ["c-whose", whose, whose], ["c-answer", call.answer, call.answer],
  ];
  call.element.className = call.answer === "ok" ? "" : "refused";
  const cell = ([className, text, title = ""]) => make("td", { className, title }, ...[text].flat());
  call.element.replaceChildren(...cells.map(cell));
}

/** A bot by its word, and where there is no room by its first letter. */
function botName(bot) {
  const name = bots[bot] ? t(bots[bot]) : bot;
  const letter = make("span", { className: "short", "aria-hidden": "true" }, name.slice(0, 1).toUpperCase());
  return [make("span", { className: "long" }, name), letter];
}

export function drawLog() {
  rows.forEach(drawCall);
}

// Light and dark

const isDark = () => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};

export function drawTheme() {
  const chosen = remembered("theme");
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
  find("#theme").setAttribute("aria-pressed", String(isDark()));
}

export const otherTheme = () => (isDark() ? "light" : "dark");
