// The page of `dvorik demo`: hears the stream and hands each event to the part that shows it; panes, keys, the tour's way.

import { dress, find, forgetOtherDemos, lang, make, onPress, remember, speak, t, useZone, write } from "./base.js";
import { Phone } from "./phone.js";
import { drawLine, hearTerm, listenToTerminal, showTerm } from "./terminal.js";
import {
  drawCount, drawFaults, drawLog, drawStatus, drawTheme, hearCall, listenToClock, listenToFaults, otherTheme, showCalls,
  showClock, showCount, showCustomer, showDaemon, showFault, showLife, tick,
} from "./shop.js";
import { drawTour, listenToTour, showTour } from "./tour.js";

const GONE_MS = 3000;
const PANES = ["customer", "cashier", "owner", "strip"];

/** What the phones ask about: the people their pickers offer. */
const shop = { people: [], cashiers: [] };
const phones = {
  customer: new Phone(find("#customer"), "customer", shop),
  cashier: new Phone(find("#cashier"), "cashier", shop),
  owner: new Phone(find("#owner-phone"), "owner", shop),
};

// The stream

const heard = {
  state: showState,
  message: hearMessage,
  edit: ({ phone, message }) => phones[phone].edit(message),
  delete: ({ phone, id }) => phones[phone].delete(id),
  phone: showPhone,
  keyboard: ({ phone, keyboard }) => phones[phone].keyboard(keyboard),
  toast: (answer) => phones[answer.phone].answer(answer),
  taken: ({ phone, up_to }) => phones[phone].taken(up_to),
  call: hearCall,
  clock: showClock,
  daemon: showDaemon,
  count: showCount,
  term: hearTerm,
  tour: (tour) => showTour(tour),
  fault: (fault) => showFault(fault),
  life: ({ on }) => showLife(on),
};

let goneTimer = null;

function listen() {
  const stream = new EventSource("events");
  for (const [type, hear] of Object.entries(heard)) {
    stream.addEventListener(type, (event) => hear(JSON.parse(event.data)));
  }
  stream.onopen = () => isHere();
  stream.onerror = () => isGone(stream);
}

function isHere() {
  clearTimeout(goneTimer);
  goneTimer = null;
  find("#closed").hidden = true;
  document.body.classList.remove("gone");
}

/** The browser tries again by itself, and says what it heard last; a refused stream it leaves to us. */
function isGone(stream) {
  goneTimer ??= setTimeout(() => {
    find("#closed").hidden = false;
    document.body.classList.add("gone");
  }, GONE_MS);
  if (stream.readyState === EventSource.CLOSED) setTimeout(listen, GONE_MS);
}

function showState(state) {
  showOpening(state.opening);
  if (state.opening !== null) return;
  shop.people = state.people;
  shop.cashiers = state.cashiers;
  useZone(state.shop.zone);
  write(find("#shop-name"), state.shop.name);
  document.title = `${state.shop.name} · ${t("demo")}`;
  Object.values(state.phones).forEach(showPhone);
  showClock(state.clock);
  showDaemon(state.daemon);
  showCount(state.count);
  showTerm(state.term);
  showTour(state.tour, true);
  showFault(state.fault, true);
  showLife(state.life);
  showCalls(state.calls, state.shop);
}

/** Until the shop is open there is nothing to press. */
function showOpening(what) {
  find("#opening").hidden = what === null;
  write(find("#opening-what"), what ?? "");
  for (const part of document.querySelectorAll(".pane, .strip, .time, #step-line")) part.inert = what !== null;
}

function showPhone(phone) {
  phones[phone.phone].show(phone);
  if (phone.phone === "customer") showCustomer(phone);
}

function hearMessage({ phone, message }) {
  phones[phone].message(message);
  if (message.bot && !isSeen(phone)) addUnread(phone);
}

// Panes

const isNarrow = () => matchMedia("(max-width: 699px)").matches;

function isSeen(phone) {
  const pane = !isNarrow() || document.body.dataset.pane === phone;
  return pane && (phone !== "owner" || !find("#owner-phone").hidden);
}

const badges = (phone) => [
  find(`#tabs [data-pane="${phone}"] .unread`),
  ...(phone === "owner" ? [find("#tab-phone .unread")] : []),
];

function addUnread(phone) {
  for (const badge of badges(phone)) {
    const count = Number(badge.dataset.count ?? 0) + 1;
    badge.dataset.count = count;
    badge.hidden = false;
    drawUnread(badge);
  }
}

function drawUnread(badge) {
  const count = Number(badge.dataset.count ?? 0);
  const said = make("span", { className: "unseen" }, t("unread", { count }));
  badge.replaceChildren(make("span", { "aria-hidden": "true" }, String(count)), said);
}

function readAll() {
  for (const phone of Object.keys(phones).filter(isSeen)) {
    for (const badge of badges(phone)) {
      badge.dataset.count = 0;
      badge.hidden = true;
    }
  }
}

function showPane(pane) {
  document.body.dataset.pane = pane;
  for (const tab of document.querySelectorAll("#tabs button")) {
    if (tab.dataset.pane === pane) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
  phones[pane]?.toEnd();
  readAll();
}

function showTab(name) {
  for (const [tab, panel] of [["#tab-terminal", "#terminal"], ["#tab-phone", "#owner-phone"]]) {
    const chosen = tab === `#tab-${name}`;
    find(tab).setAttribute("aria-selected", String(chosen));
    find(tab).tabIndex = chosen ? 0 : -1;
    find(panel).hidden = !chosen;
  }
  if (name === "phone") phones.owner.toEnd();
  readAll();
}

function listenToPanes() {
  for (const tab of document.querySelectorAll("#tabs button")) onPress(tab, () => showPane(tab.dataset.pane));
  for (const name of ["terminal", "phone"]) {
    onPress(find(`#tab-${name}`), () => showTab(name));
    find(`#tab-${name}`).addEventListener("keydown", tabKey);
  }
  matchMedia("(max-width: 699px)").addEventListener("change", readAll);
}

function tabKey(event) {
  if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
  const name = event.currentTarget.id === "tab-terminal" ? "phone" : "terminal";
  showTab(name);
  find(`#tab-${name}`).focus();
}

// Keys

const STOPS = ["top", "customer", "cashier", "owner", "tour", "faults", "chart", "log"];

/** F6 goes to the next pane, Shift+F6 to the one before. */
function nextPane(step) {
  const at = STOPS.findIndex((id) => find(`#${id}`).contains(document.activeElement));
  const from = at < 0 && step > 0 ? 0 : Math.max(at, 0);
  const id = STOPS[(from + step + STOPS.length) % STOPS.length];
  reveal(find(`#${id}`));
  find(`#${id}`).focus();
}

function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "F6" && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      nextPane(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      for (const shown of document.querySelectorAll(".shown")) shown.classList.remove("shown");
    }
  });
}

// The tour's way

/** Below 700 px the pane that holds a control is brought forward first. */
function reveal(element) {
  const pane = PANES.find((id) => find(`#${id}`).contains(element));
  if (pane && document.body.dataset.pane !== pane) showPane(pane);
  if (pane === "owner" && find("#terminal").contains(element)) showTab("terminal");
}

function joinControl() {
  phones.customer.openMenu();
  return find("#customer .menu-channel");
}

const redeemControl = () => phones.cashier.lastPress() ?? find("#cashier .scan");

function crashControl() {
  const controls = { up: "#fault-kill", dead: "#restart" };
  return find(controls[find("#daemon").dataset.state] ?? "#customer .text");
}

/** The control each step needs, as things stand now. */
const CONTROLS = {
  come: () => find("#customer .camera") ?? find("#customer .who"),
  join: joinControl,
  code: () => phones.customer.lastPress() ?? find("#customer .reply button") ?? find("#customer .text"),
  redeem: redeemControl,
  refuse: () => find("#cashier .scan"),
  send: () => find('#ready [data-line="dvorik broadcast send last"]'),
  crash: crashControl,
  birthday: () => find("#day"),
  end: () => find("#tour-copy"),
};

function guide(step) {
  const pane = { come: "customer", join: "customer", code: "customer", redeem: "cashier", refuse: "cashier" }[step];
  if (pane) reveal(find(`#${pane}`));
  const control = CONTROLS[step]();
  reveal(control);
  control.scrollIntoView({ block: "nearest" });
  control.focus();
  control.classList.add("shown");
  setTimeout(() => control.classList.remove("shown"), 2500);
}

// Language and theme

function drawLanguage() {
  dress();
  for (const code of ["ru", "en"]) find(`#lang-${code}`).setAttribute("aria-pressed", String(lang() === code));
}

function choose(language) {
  speak(language);
  drawLanguage();
  document.title = `${find("#shop-name").textContent} · ${t("demo")}`;
  Object.values(phones).forEach((phone) => phone.draw());
  for (const draw of [tick, drawCount, drawFaults, drawStatus, drawLog, drawLine, drawTour]) draw();
  document.querySelectorAll(".unread").forEach(drawUnread);
}

function listenToSwitches() {
  for (const code of ["ru", "en"]) onPress(find(`#lang-${code}`), () => choose(code));
  onPress(find("#theme"), () => {
    remember("theme", otherTheme());
    drawTheme();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawTheme);
}

forgetOtherDemos();
drawTheme();
drawLanguage();
showPane("customer");
listenToTerminal();
listenToClock();
listenToFaults();
listenToTour(guide);
listenToPanes();
listenToKeys();
listenToSwitches();
drawLine();
drawFaults();
listen();
