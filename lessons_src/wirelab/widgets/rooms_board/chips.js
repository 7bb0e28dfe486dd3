// The clients as chips: moved by mouse or keyboard, marked, chosen. What a chip shows is the kernel's word.

import { make } from "../../page/page.js";
import { across, cellAt, sameRooms } from "./places.js";

const FAR = 4;  // pixels from which on a pressed chip is being moved
const ROOMY = 120;  // so wide a chip has room for its kind
const KEYS = { g: "gold", s: "silver", c: "copper" };

// A chip in words, for whoever does not see it.
function inWords({ name, about, known, rooms, stands, marked, words, sender }) {
  const where = known ? (rooms.length ? `in ${rooms.join(" and ")}` : "in no room") : "not on the server";
  const said = words ? `, ${words}` : marked ? ", marked: you say it will hear it" : "";
  return `${name}, ${about}: ${where}, ${stands}${sender ? ", the sender" : ""}${said}`;
}

export class Chips {
  // `order(message)` tells the kernel, `choose(name)` shows the details of a chip, `hold(cell)` where it is held.
  constructor({ order, choose, hold }) {
    this.order = order;
    this.choose = choose;
    this.hold = hold;
    this.chips = new Map();
    this.members = new Map();
    this.root = make("div", { class: "wl-chips", role: "group", "aria-label": "Clients. Arrow keys go from one to the next; G, S and C move it into and out of the rooms gold, silver and copper; Enter marks it; P pulls its cable or plugs it in." });
  }

  show(members, plan, width) {
    this.members = new Map(members.map((member) => [member.name, member]));
    this.plan = plan;
    this.width = width;
    for (const member of members) this.chip(member);
    if (!this.current) this.choose(this.current = members[0].name);
    for (const [name, { chip, button }] of this.chips) {
      chip.toggleAttribute("data-chosen", name === this.current);
      button.tabIndex = name === this.current ? 0 : -1;
    }
  }

  chip(member) {
    if (!this.chips.has(member.name)) this.chips.set(member.name, this.newChip(member.name, member.kind));
    const { chip, button, mark, cut } = this.chips.get(member.name);
    chip.dataset.state = !member.known ? "gone" : member.pulled ? "pulled" : "fine";
    chip.dataset.verdict = member.verdict ?? "";
    chip.toggleAttribute("data-marked", member.marked);
    chip.toggleAttribute("data-sender", member.sender);
    mark.textContent = member.sign ?? (member.marked ? "♪" : "");
    button.setAttribute("aria-label", inWords(member));
    button.title = member.stands + (member.words ? `, ${member.words}` : "");
    mark.setAttribute("aria-label", `Mark ${member.name}`);
    mark.setAttribute("aria-pressed", String(member.marked));
    if (this.moving?.name !== member.name) this.place(chip, member);
    const [long, short] = member.pulled ? ["✗ cable", "✗"] : member.sender ? ["sender", "▲"] : ["", ""];
    cut.toggleAttribute("data-pulled", member.pulled);
    cut.textContent = "narrow" in chip.dataset ? short : long;
  }

  place(chip, { spot }) {
    const wide = across(spot.width, this.width, this.plan);
    chip.style.left = `${across(spot.left, this.width, this.plan)}px`;
    chip.style.top = `${spot.top}px`;
    chip.style.width = `${wide}px`;
    chip.toggleAttribute("data-narrow", wide < ROOMY);
  }

  newChip(name, kind) {
    const mark = make("button", { class: "wl-mark", onclick: () => this.order({ type: "mark", name }) });
    mark.tabIndex = -1;
    const cut = make("span", { class: "wl-cut", "aria-hidden": "true" });
    const button = make("button", { class: "wl-name", onfocus: () => this.take(name), onkeydown: (event) => this.key(event, name) },
      make("strong", {}, name), make("span", { class: "wl-kind" }, kind), cut);
    const chip = make("div", { class: "wl-chip", "data-name": name, "data-kind": kind }, mark, button);
    button.addEventListener("pointerdown", (event) => this.press(event, name, chip, button));
    this.root.append(chip);
    return { chip, button, mark, cut };
  }

  take(name) {
    this.current = name;
    for (const [each, { chip, button }] of this.chips) {
      chip.toggleAttribute("data-chosen", each === name);
      button.tabIndex = each === name ? 0 : -1;
    }
    this.choose(name);
  }

  // By keyboard

  key(event, name) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    const step = { arrowright: 1, arrowdown: 1, arrowleft: -1, arrowup: -1 }[key];
    if (KEYS[key]) this.order({ type: "toggle", name, room: KEYS[key] });
    else if (key === "enter" || key === " ") this.order({ type: "mark", name });
    else if (key === "p") this.order({ type: this.members.get(name).pulled ? "plug" : "pull", name });
    else if (step) this.next(name, step);
    else if (key !== "escape" || !this.moving) return;
    else this.letGo(null);
    event.preventDefault();
    event.stopPropagation();
  }

  next(name, step) {
    const names = [...this.chips.keys()];
    this.chips.get(names.at((names.indexOf(name) + step) % names.length)).button.focus();
  }

  // By mouse or finger

  press(event, name, chip, button) {
    if (event.button !== 0) return;
    const from = { x: event.clientX, y: event.clientY };
    const move = (now) => {
      const x = now.clientX - from.x, y = now.clientY - from.y;
      if (!this.moving && Math.hypot(x, y) < FAR) return;
      if (!this.moving) this.lift(name, chip);
      chip.style.translate = `${x}px ${y}px`;
      this.over(now);
    };
    const end = (now) => {
      for (const [type, listener] of listeners) button.removeEventListener(type, listener);
      if (this.moving) this.letGo(now.type === "pointerup" ? this.moving.cell : null);
    };
    const listeners = Object.entries({ pointermove: move, pointerup: end, pointercancel: end, lostpointercapture: end });
    for (const [type, listener] of listeners) button.addEventListener(type, listener);
    button.setPointerCapture(event.pointerId);
  }

  lift(name, chip) {
    this.moving = { name, chip, cell: null };
    chip.toggleAttribute("data-moving", true);
  }

  over({ clientX, clientY }) {
    const { left, top } = this.root.getBoundingClientRect();
    this.moving.cell = cellAt(clientX - left, clientY - top, this.width, this.plan);
    this.hold(this.moving.cell);
  }

  letGo(cell) {
    const { name, chip } = this.moving;
    this.moving = null;
    chip.removeAttribute("data-moving");
    chip.style.translate = "";
    this.hold(null);
    const member = this.members.get(name);
    if (cell && !sameRooms(cell.rooms, member.rooms)) this.order({ type: "move", name, rooms: cell.rooms });
  }
}
