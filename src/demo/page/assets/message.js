// One message of a chat as DOM nodes. What people and bots wrote is only ever text: it becomes text nodes.

import { copy, day, hours, make, onPress, t } from "./base.js";

/** Entities as nodes: those inside another become its children. */
export function rich(text, entities, act) {
  const inner = (from, to, list) => {
    const nodes = [];
    let at = from;
    while (list.length > 0) {
      const [first, ...others] = list;
      const [start, end] = [Math.max(first.offset, at), Math.min(first.offset + first.length, to)];
      const inside = others.filter((one) => one.offset < end);
      list = others.filter((one) => one.offset >= end);
      if (start >= end) continue;
      if (start > at) nodes.push(text.slice(at, start));
      nodes.push(styled(first, text.slice(start, end), inner(start, end, inside), act));
      at = end;
    }
    if (at < to) nodes.push(text.slice(at, to));
    return nodes;
  };
  const outerFirst = (a, b) => a.offset - b.offset || b.length - a.length;
  return inner(0, text.length, [...entities].sort(outerFirst));
}

const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s" };

function styled(entity, text, nodes, act) {
  switch (entity.type) {
    case "code":
    case "pre":
      return pressable("code", nodes, entity.type, t("copy.name", { text }), () => copy(text));
    case "spoiler":
      return spoiler(nodes);
    case "text_link":
      return pressable("a", nodes, "link", null, () => act.link(entity.url));
    case "url":
      return pressable("a", nodes, "link", null, () => act.link(text));
    case "bot_command":
      return pressable("a", nodes, "link", null, () => act.say(text));
    default:
      return make(TAGS[entity.type] ?? "span", {}, ...nodes);
  }
}

/** Text that can be pressed and still be selected: no button, as a button's text cannot be. */
function pressable(tag, nodes, className, name, action) {
  const role = tag === "a" ? "link" : "button";
  const element = make(tag, { className, role, tabIndex: 0 }, ...nodes);
  if (name) element.setAttribute("aria-label", name);
  onPress(element, action);
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    action();
  });
  return element;
}

function spoiler(nodes) {
  const hidden = make("span", { className: "spoiler-text", "aria-hidden": "true" }, ...nodes);
  const element = pressable("span", [hidden], "spoiler", t("spoiler"), () => {
    hidden.removeAttribute("aria-hidden");
    element.replaceWith(...hidden.childNodes);
  });
  return element;
}

function ticks(message) {
  const name = t(message.taken ? "taken" : "sent");
  const properties = { className: "ticks", role: "img", "aria-label": name, title: name };
  return make("span", properties, message.taken ? "✓✓" : "✓");
}

function meta(message) {
  const parts = make("span", { className: "meta" });
  if (message.edited) parts.append(make("span", {}, t("edited")), " ");
  parts.append(make("time", {}, hours(message.at)));
  if (!message.bot) parts.append(" ", ticks(message));
  return parts;
}

function bubble(message, act) {
  const element = make("div", { className: "bubble" });
  element.append(make("span", { className: "unseen" }, `${t(message.bot ? "from.bot" : "from.person")} `));
  if (message.photo) {
    const url = `photo/${encodeURIComponent(message.photo)}`;
    element.append(make("img", { className: "photo", src: url, alt: t("photo"), width: 216, height: 216 }));
  }
  const text = make("span", { className: "words" }, ...rich(message.text ?? "", message.entities ?? [], act));
  element.append(text, meta(message));
  return element;
}

function inlineButton(button, row, column, waiting, act) {
  const element = make("button", { type: "button", className: `inline ${button.kind}` }, button.text);
  element.dataset.at = `${row}.${column}`;
  if (button.kind === "link") element.append(make("span", { className: "arrow", "aria-hidden": "true" }, "↗"));
  if (waiting === element.dataset.at) wait(element);
  element.addEventListener("click", () => {
    if (element.hasAttribute("aria-busy")) return;
    if (button.kind === "link") act.link(button.url);
    else act.press({ row, column, caption: button.text }, element);
  });
  return element;
}

/** A pressed button waits for the bot's answer. */
export function wait(button) {
  button.setAttribute("aria-busy", "true");
}

export function waitNoMore(item) {
  for (const button of item.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}

/** A message with its buttons. `before` is the time of the one before it: another day gets its date. */
export function messageItem(message, before, waiting, act) {
  const item = make("div", { className: `item ${message.bot ? "theirs" : "mine"}` });
  item.dataset.id = message.id;
  if (before === null || day(before) !== day(message.at)) {
    item.append(make("p", { className: "date" }, make("span", {}, day(message.at))));
  }
  item.append(bubble(message, act));
  message.buttons?.forEach((row, index) => {
    const buttons = row.map((button, column) => inlineButton(button, index, column, waiting, act));
    item.append(make("div", { className: "inline-row" }, ...buttons));
  });
  return item;
}
