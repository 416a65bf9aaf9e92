// A phone: whose it is, the chat with the bot, the reply keyboard, the commands, the line to write.

import { ask, copy, find, flash, hold, make, onPress, request, sheet, t, walk, write } from "./base.js";
import { messageItem, wait, waitNoMore } from "./message.js";

/** Messages of a chat that are shown. */
const KEPT = 200;
/** A press that nobody has answered stops waiting, as in a real messenger. */
const PATIENCE_MS = 30_000;
/** How near to the end a chat still follows what comes. */
const NEAR = 60;

export class Phone {
  constructor(element, name, shop) {
    this.element = element;
    this.name = name;
    this.shop = shop;
    this.messages = new Map();
    this.items = new Map();
    /** Pressed buttons by their message, «row.column», and when each gives up. */
    this.waiting = new Map();
    this.patience = new Map();
    element.append(find("#phone-parts").content.cloneNode(true));
    this.part = (selector) => find(selector, element);
    this.listen();
  }

  listen() {
    this.listenToPicker();
    this.listenToMenu();
    this.listenToChat();
    this.listenToLine();
    onPress(this.part(".scan"), () => this.open("qr"));
    onPress(this.part(".unblock"), () => request("block", { on: false }, (text) => this.toast(text)));
  }

  // What the server tells

  /** The whole phone anew: at the start, and when it has passed to another person. */
  show(phone) {
    const other = this.phone && this.phone.person.id !== phone.person.id;
    this.phone = phone;
    if (other) {
      this.waiting.clear();
      this.part(".text").value = "";
      this.suggest();
    }
    const messages = new Map(phone.messages.slice(-KEPT).map((message) => [message.id, message]));
    const same = !other && this.drawn && isSame([...messages], [...this.messages]);
    this.messages = messages;
    this.drawHead();
    this.drawKeyboard();
    // A chat that has not changed keeps its place and the focus within it.
    if (!same) this.drawChat();
  }

  /** Draws all of it; a language has been chosen, or the phone is another's. */
  draw() {
    if (!this.phone) return;
    this.drawHead();
    this.drawChat();
    this.drawKeyboard();
  }

  message(message) {
    const before = [...this.messages.values()].at(-1)?.at ?? null;
    const follows = this.isAtEnd() || !message.bot;
    this.part(".nothing")?.remove();
    this.messages.set(message.id, message);
    const item = this.item(message, before);
    this.items.set(message.id, item);
    this.part(".chat").append(item);
    this.leaveOld();
    if (follows) this.toEnd();
    else this.part(".down").hidden = false;
  }

  edit(message) {
    const item = this.items.get(message.id);
    if (!item) return;
    const follows = this.isAtEnd();
    const focused = item.contains(document.activeElement) ? document.activeElement.dataset.at : undefined;
    this.messages.set(message.id, message);
    const fresh = this.item(message, this.timeBefore(message.id));
    item.replaceWith(fresh);
    this.items.set(message.id, fresh);
    if (focused) (find(`[data-at="${focused}"]`, fresh) ?? this.part(".text")).focus();
    if (follows) this.toEnd();
  }

  delete(id) {
    const item = this.items.get(id);
    if (!item) return;
    if (item.contains(document.activeElement)) this.part(".text").focus();
    item.remove();
    this.items.delete(id);
    this.messages.delete(id);
    if (this.messages.size === 0) this.drawChat();
    // The next one may now be the first of its day.
    const next = [...this.messages.values()].find((message) => message.id > id);
    if (next) this.edit(next);
  }

  taken(upTo) {
    for (const message of this.messages.values()) {
      if (message.bot || message.taken || message.id > upTo) continue;
      this.edit({ ...message, taken: true });
    }
  }

  keyboard(keyboard) {
    this.phone.keyboard = keyboard;
    this.drawKeyboard();
  }

  /** The bot's answer to a press: the button waits no more. */
  answer({ text, alert, message_id }) {
    if (message_id !== null) this.answered(message_id);
    if (!text) return;
    if (alert) sheet(text, [[t("ok"), null]]);
    else this.toast(text);
  }

  toast(text) {
    flash(this.part(".toast"), text);
  }

  // What is drawn

  drawHead() {
    const { person, bot, blocked, member } = this.phone;
    write(this.part(".who-name"), person.name);
    write(this.part(".who-bot"), bot);
    write(this.part(".initials"), initials(person.name));
    this.part(".initials").dataset.colour = person.id % 6;
    const picks = this.name !== "owner";
    this.part(".who").disabled = !picks;
    this.part(".chevron").hidden = !picks;
    this.part(".who").setAttribute("aria-label", picks ? t("who", { name: person.name }) : person.name);
    this.part(".more").hidden = this.name !== "customer";
    this.part(".scan").hidden = this.name !== "cashier";
    write(this.part(".menu-channel"), t(member ? "channel.leave" : "channel.join"));
    write(this.part(".menu-block"), t(blocked ? "unblock" : "block"));
    this.part(".blocked").hidden = !blocked;
    this.part(".chat").setAttribute("aria-label", t("chat", { name: person.name, bot }));
    hold(this.part(".slash"), this.phone.commands.length === 0);
  }

  drawChat() {
    const chat = this.part(".chat");
    // A chat that is drawn anew is not read out from its beginning.
    chat.setAttribute("aria-live", "off");
    this.drawn = true;
    this.items.clear();
    let before = null;
    for (const message of this.messages.values()) {
      this.items.set(message.id, this.item(message, before));
      before = message.at;
    }
    chat.replaceChildren(...this.items.values());
    if (this.items.size === 0) chat.append(this.nothing());
    this.toEnd();
    setTimeout(() => chat.setAttribute("aria-live", "polite"), 100);
  }

  item(message, before) {
    return messageItem(message, before, this.waiting.get(message.id), {
      press: (place, button) => this.press(message.id, place, button),
      link: (url) => this.follow(url),
      say: (text) => this.say(text),
    });
  }

  /** An empty chat: the poster at the entrance, or a button to begin. */
  nothing() {
    const card = make("div", { className: "nothing" });
    if (this.phone.poster) {
      const url = `photo/${encodeURIComponent(this.phone.poster)}`;
      const camera = make("button", { type: "button", className: "camera main" }, t("poster.open"));
      onPress(camera, () => this.open("poster"));
      card.append(
        make("p", { className: "poster-title" }, t("poster.title")),
        make("img", { className: "photo", src: url, alt: t("poster.alt"), width: 150, height: 150 }),
        make("p", {}, t("poster.what")),
        camera,
      );
    } else {
      const start = make("button", { type: "button", className: "begin main" }, t("begin"));
      onPress(start, () => this.say("/start"));
      card.append(make("p", {}, t("empty")), start);
    }
    return card;
  }

  drawKeyboard() {
    const reply = this.part(".reply");
    const rows = this.phone.keyboard ?? [];
    reply.hidden = rows.length === 0;
    reply.replaceChildren(...rows.map((row) => this.keyboardRow(row)));
    this.toEndIfFollowing();
  }

  keyboardRow(captions) {
    const buttons = captions.map((caption) => {
      const button = make("button", { type: "button" }, caption);
      onPress(button, () => this.say(caption));
      return button;
    });
    return make("div", { className: "reply-row" }, ...buttons);
  }

  leaveOld() {
    while (this.messages.size > KEPT) {
      const [oldest] = this.messages.keys();
      this.items.get(oldest)?.remove();
      this.items.delete(oldest);
      this.messages.delete(oldest);
    }
  }

  timeBefore(id) {
    let before = null;
    for (const message of this.messages.values()) {
      if (message.id === id) break;
      before = message.at;
    }
    return before;
  }

  // The end of the chat

  listenToChat() {
    const chat = this.part(".chat");
    chat.addEventListener("scroll", () => {
      if (this.isAtEnd()) this.part(".down").hidden = true;
      this.following = this.isAtEnd();
    });
    onPress(this.part(".down"), () => this.toEnd());
    chat.addEventListener("load", () => this.toEndIfFollowing(), true);
    new ResizeObserver(() => this.toEndIfFollowing()).observe(chat);
  }

  isAtEnd() {
    const chat = this.part(".chat");
    return chat.scrollHeight - chat.scrollTop - chat.clientHeight < NEAR;
  }

  toEnd() {
    const chat = this.part(".chat");
    chat.scrollTop = this.items.size === 0 ? 0 : chat.scrollHeight;
    this.following = true;
    this.part(".down").hidden = true;
  }

  toEndIfFollowing() {
    if (this.following) this.toEnd();
  }

  // What the person does

  async press(id, place, button) {
    this.waiting.set(id, `${place.row}.${place.column}`);
    wait(button);
    clearTimeout(this.patience.get(id));
    this.patience.set(id, setTimeout(() => this.answered(id), PATIENCE_MS));
    const press = { phone: this.name, message_id: id, ...place };
    const taken = await request("press", press, (text) => this.toast(text));
    if (!taken) this.answered(id);
  }

  answered(id) {
    this.waiting.delete(id);
    clearTimeout(this.patience.get(id));
    this.patience.delete(id);
    const item = this.items.get(id);
    if (item) waitNoMore(item);
  }

  say(text) {
    this.toEnd();
    return request("say", { phone: this.name, text }, (why) => this.toast(why));
  }

  open(link) {
    return request("open", { phone: this.name, link }, (why) => this.toast(why));
  }

  /** A link leads nowhere outside: a bot's is opened here, the channel's asks whether to join, another is shown. */
  follow(url) {
    const start = /^(?:https?:\/\/)?t\.me\/(\w+)\?start=([\w-]+)$/.exec(url);
    if (start && `@${start[1]}` === this.phone.bot) {
      this.say(`/start ${start[2]}`);
    } else if (!start && this.name === "customer" && /t\.me\//.test(url)) {
      const join = !this.phone.member;
      const act = () => request("channel", { join }, (why) => this.toast(why));
      sheet(t("channel", { url }), [[t(join ? "channel.join" : "channel.leave"), act], [t("close"), null]]);
    } else {
      sheet(t("link", { url }), [[t("copy"), () => copy(url)], [t("close"), null]]);
    }
  }

  // The line to write, and the list of commands

  listenToLine() {
    const [line, list] = [this.part(".text"), this.part(".commands")];
    list.id = `commands-${this.name}`;
    line.setAttribute("aria-controls", list.id);
    line.addEventListener("input", () => this.suggest());
    line.addEventListener("keydown", (event) => this.lineKey(event));
    line.addEventListener("blur", () => setTimeout(() => this.closeCommands(), 150));
    this.part(".say").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    onPress(this.part(".slash"), () => this.toggleCommands());
  }

  async send() {
    const line = this.part(".text");
    const text = line.value.trim();
    line.focus();
    if (!text) return;
    line.value = "";
    this.suggest();
    if (!(await this.say(text)) && line.value === "") line.value = text;
  }

  toggleCommands() {
    const line = this.part(".text");
    line.focus();
    if (this.part(".commands").hidden) this.suggest("/");
    else this.closeCommands();
  }

  /** The bot's commands that begin as the line does. */
  suggest(typed = this.part(".text").value) {
    const commands = this.phone?.commands ?? [];
    const found = /^\/\w*$/.test(typed) ? commands.filter(({ command }) => `/${command}`.startsWith(typed)) : [];
    const list = this.part(".commands");
    list.replaceChildren(...found.map((command, index) => this.commandOption(command, index)));
    list.hidden = found.length === 0;
    for (const control of [".text", ".slash"]) this.part(control).setAttribute("aria-expanded", String(found.length > 0));
    this.choose(-1);
  }

  commandOption({ command, description }, index) {
    const id = `command-${this.name}-${index}`;
    const option = make("div", { role: "option", id, "aria-selected": "false" }, make("b", {}, `/${command}`));
    option.append(" ", make("span", {}, description));
    option.dataset.command = `/${command}`;
    option.addEventListener("mousedown", (event) => event.preventDefault());
    option.addEventListener("click", () => this.sayCommand(option));
    return option;
  }

  sayCommand(option) {
    if (this.part(".text").value.startsWith("/")) this.part(".text").value = "";
    this.closeCommands();
    this.say(option.dataset.command);
  }

  choose(index) {
    const options = [...this.part(".commands").children];
    this.chosen = options.length === 0 ? -1 : index;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === this.chosen)));
    const option = options[this.chosen];
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.part(".text").setAttribute("aria-activedescendant", option.id);
    else this.part(".text").removeAttribute("aria-activedescendant");
  }

  lineKey(event) {
    const options = [...this.part(".commands").children];
    if (options.length === 0) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      this.choose(this.chosen < 0 && step < 0 ? options.length - 1 : (this.chosen + step + options.length) % options.length);
    } else if (event.key === "Enter" && this.chosen >= 0) {
      event.preventDefault();
      this.sayCommand(options[this.chosen]);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.closeCommands();
    }
  }

  closeCommands() {
    const list = this.part(".commands");
    list.hidden = true;
    list.replaceChildren();
    this.choose(-1);
    for (const control of [".text", ".slash"]) this.part(control).setAttribute("aria-expanded", "false");
  }

  // Who holds the phone

  listenToPicker() {
    const [picker, search] = [this.part(".picker"), this.part(".picker-search")];
    onPress(this.part(".who"), () => (picker.hidden ? this.openPicker() : this.closePicker()));
    search.addEventListener("input", () => this.search());
    search.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      find("button", this.part(".picker-list"))?.click();
    });
    picker.addEventListener("keydown", (event) => {
      if (event.target === search && event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      walk(event, [...picker.querySelectorAll(".picker-list button")]);
    });
    closesByItself(picker, this.part(".who"), () => this.closePicker());
  }

  openPicker() {
    const [picker, search] = [this.part(".picker"), this.part(".picker-search")];
    picker.hidden = false;
    this.part(".who").setAttribute("aria-expanded", "true");
    search.value = "";
    search.hidden = this.name !== "customer";
    this.offer(this.name === "customer" ? this.shop.people : this.shop.cashiers);
    (search.hidden ? find("button", picker) : search).focus();
  }

  closePicker() {
    const picker = this.part(".picker");
    if (picker.hidden) return;
    const had = picker.contains(document.activeElement);
    picker.hidden = true;
    this.part(".who").setAttribute("aria-expanded", "false");
    if (had) this.part(".who").focus();
  }

  async search() {
    const asked = this.part(".picker-search").value.trim();
    if (!asked) return this.offer(this.shop.people);
    const found = await ask(`people?q=${encodeURIComponent(asked)}`).catch(() => ({ people: [] }));
    if (this.part(".picker-search").value.trim() === asked) this.offer(found.people);
  }

  offer(people) {
    this.part(".picker-list").replaceChildren(...people.map((person) => this.personRow(person)));
    write(this.part(".picker-none"), people.length === 0 ? t("picker.none") : "");
  }

  personRow(person) {
    const button = make("button", { type: "button" });
    const face = make("span", { className: "initials", "aria-hidden": "true" }, initials(person.name));
    face.dataset.colour = person.id % 6;
    const name = make("span", { className: "person-name" }, person.name);
    button.append(face, make("span", { className: "person" }, name, make("span", { className: "note" }, person.note ?? "")));
    if (person.id === this.phone.person.id) button.setAttribute("aria-current", "true");
    onPress(button, () => this.pick(person));
    return make("li", {}, button);
  }

  pick(person) {
    this.closePicker();
    if (person.id === this.phone.person.id) return;
    request("pick", { phone: this.name, person: person.id }, (why) => this.toast(why));
  }

  // The menu: the channel, the block

  listenToMenu() {
    const [menu, more] = [this.part(".menu"), this.part(".more")];
    onPress(more, () => (menu.hidden ? this.openMenu() : this.closeMenu()));
    onPress(this.part(".menu-channel"), () => this.fromMenu("channel", { join: !this.phone.member }));
    onPress(this.part(".menu-block"), () => this.fromMenu("block", { on: !this.phone.blocked }));
    menu.addEventListener("keydown", (event) => walk(event, [...menu.children]));
    closesByItself(menu, more, () => this.closeMenu());
  }

  openMenu() {
    this.part(".menu").hidden = false;
    this.part(".more").setAttribute("aria-expanded", "true");
    this.part(".menu-channel").focus();
  }

  closeMenu() {
    const menu = this.part(".menu");
    if (menu.hidden) return;
    const had = menu.contains(document.activeElement);
    menu.hidden = true;
    this.part(".more").setAttribute("aria-expanded", "false");
    if (had) this.part(".more").focus();
  }

  fromMenu(path, body) {
    this.closeMenu();
    request(path, body, (why) => this.toast(why));
  }

  // What the tour points at

  /** The newest button that asks the bot something. */
  lastPress() {
    return [...this.element.querySelectorAll(".inline.press")].at(-1) ?? null;
  }
}

const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** Esc closes what has opened, and so does the focus or a press elsewhere. */
function closesByItself(popup, opener, close) {
  popup.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  });
  document.addEventListener("pointerdown", ({ target }) => {
    if (!popup.contains(target) && !opener.contains(target)) close();
  });
  popup.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !popup.contains(relatedTarget) && relatedTarget !== opener) close();
  });
}

/** Two letters for a face: «Маша К.» is МК, «Катя <3» is К. */
function initials(name) {
  const letters = name.split(/\s+/).map((word) => /^\p{L}/u.exec(word)?.[0] ?? "");
  return letters.join("").slice(0, 2).toUpperCase() || "?";
}
