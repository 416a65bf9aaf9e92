// What every part of the page uses: words, small DOM helpers, what the browser remembers, requests to the server.

const book = JSON.parse(document.getElementById("words").textContent);

/** The path's first segment: two demos on one port never share what the browser remembers. */
export const token = location.pathname.split("/")[1];
const PREFIX = "dvorik-demo.";

export function remembered(key) {
  try {
    return localStorage.getItem(`${PREFIX}${token}.${key}`);
  } catch {
    return null;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(`${PREFIX}${token}.${key}`, value);
  } catch {
    // A browser that keeps nothing still shows the demo.
  }
}

/** Demos that have ended leave nothing behind: their port was this one, so they are gone. */
export function forgetOtherDemos() {
  try {
    Object.keys(localStorage)
      .filter((key) => key.startsWith(PREFIX) && !key.startsWith(`${PREFIX}${token}.`))
      .forEach((key) => localStorage.removeItem(key));
  } catch {
    // The same.
  }
}

// Words

let language = book.words[remembered("lang")] ? remembered("lang") : book.lang;

export const lang = () => language;

export function speak(chosen) {
  language = chosen;
  remember("lang", chosen);
}

/** A text of the page with its `{names}` replaced. */
export function t(key, values = {}) {
  const text = book.words[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Writes the words into the fixed parts of the page: texts, accessible names, placeholders, titles. */
export function dress(root = document) {
  document.documentElement.lang = language;
  for (const one of root.querySelectorAll("[data-word]")) one.textContent = t(one.dataset.word);
  for (const one of root.querySelectorAll("[data-name]")) one.setAttribute("aria-label", t(one.dataset.name));
  for (const one of root.querySelectorAll("[data-hint]")) one.placeholder = t(one.dataset.hint);
  for (const one of root.querySelectorAll("[data-title]")) one.title = t(one.dataset.title);
}

export const number = (value, digits = 0) =>
  new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);

export function duration(seconds) {
  const whole = Math.round(seconds);
  if (whole < 60) return t("seconds", { s: whole });
  return t("minutes", { m: Math.floor(whole / 60), s: whole % 60 });
}

// Shop time

let zone = "UTC";
const formats = new Map();

export function useZone(name) {
  zone = name;
  formats.clear();
}

function format(shape, options) {
  const key = `${language}.${shape}`;
  if (!formats.has(key)) {
    const locale = language === "en" ? "en-GB" : language;
    formats.set(key, new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }));
  }
  return formats.get(key);
}

export const hours = (ms) => format("hours", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(ms);
export const seconds = (ms) =>
  format("seconds", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(ms);
export const day = (ms) => format("day", { day: "numeric", month: "long" }).format(ms);

/** «сб 28.11 14:05»: the parts of the language's own format, without its commas. */
export function moment(ms) {
  const month = language === "ru" ? "2-digit" : "short";
  const parts = format("date", { weekday: "short", day: "2-digit", month }).formatToParts(ms);
  const part = (type) => parts.find((one) => one.type === type).value;
  const date = language === "ru" ? `${part("day")}.${part("month")}` : `${part("day")} ${part("month")}`;
  return `${part("weekday")} ${date} ${hours(ms)}`;
}

/** A day of the shop's calendar, as the server writes it: 2026-11-15. */
export const calendarDay = (text) =>
  new Intl.DateTimeFormat(language, { timeZone: "UTC", day: "numeric", month: "short" }).format(new Date(`${text}T12:00Z`));

// DOM

export const find = (selector, root = document) => root.querySelector(selector);

/** Makes an element: properties by name, attributes where the name has a dash or is `role`, children as nodes or text. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "role" || name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

/** Sets a text only if it is another one, so that live regions speak once. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A control that cannot be used just now, yet keeps the focus. */
export function hold(control, held) {
  control.toggleAttribute("data-held", held);
  if (held) control.setAttribute("aria-disabled", "true");
  else control.removeAttribute("aria-disabled");
}

export function onPress(control, action) {
  control.addEventListener("click", () => {
    if (!control.hasAttribute("data-held")) action();
  });
}

/** ↑ and ↓, ← and → walk over a list of controls. */
export function walk(event, controls) {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!step || controls.length === 0) return false;
  const at = controls.indexOf(document.activeElement);
  const next = at < 0 && step < 0 ? controls.length - 1 : (at + step + controls.length) % controls.length;
  controls[next].focus();
  event.preventDefault();
  return true;
}

/** A text that shows for a while and goes. */
export function flash(element, text, ms = 4000) {
  clearTimeout(Number(element.dataset.timer));
  element.textContent = text;
  element.classList.add("on");
  element.dataset.timer = setTimeout(() => {
    element.classList.remove("on");
    element.dataset.timer = setTimeout(() => write(element, ""), 200);
  }, ms);
}

export const notice = (text) => flash(find("#notice"), text);

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    notice(t("copied", { text }));
  } catch {
    notice(t("not_copied"));
  }
}

/** A sheet over the page: a text and buttons, each closing it. Esc closes it, too. */
export function sheet(text, buttons) {
  const dialog = find("#sheet");
  find("#sheet-text").textContent = text;
  find("#sheet-buttons").replaceChildren(
    ...buttons.map(([caption, action]) => {
      const button = make("button", { type: "button" }, caption);
      onPress(button, () => {
        dialog.close();
        action?.();
      });
      return button;
    }),
  );
  if (!dialog.open) dialog.showModal();
}

// Requests

async function reason(response) {
  try {
    return (await response.json()).error.message;
  } catch {
    return t("failed");
  }
}

async function answered(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error(t("failed"));
  }
  if (!response.ok) throw new Error(await reason(response));
  return response.json();
}

export const ask = (path) => answered(path);

export const post = (path, body = {}) =>
  answered(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/** A request whose refusal is shown as a passing notice. */
export async function request(path, body, refused = notice) {
  try {
    await post(path, body);
    return true;
  } catch (error) {
    refused(error.message);
    return false;
  }
}
