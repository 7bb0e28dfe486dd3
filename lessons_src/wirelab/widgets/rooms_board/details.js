// One client from near: what the server has of it, what it knows itself, and what passed on its wire.

import { make } from "../../page/page.js";

const ARROWS = { up: "→", down: "←", note: "·" };
const WORDS = { up: "to the server", down: "from the server", note: "meanwhile" };

export class Details {
  constructor(order) {
    this.order = order;
    this.name = make("strong", {});
    this.about = make("span", { class: "wl-quiet" });
    this.rooms = new Map();
    this.roomRow = make("div", { role: "group", "aria-label": "Rooms in which the server has it" });
    this.cable = make("button", { onclick: () => order({ type: this.member.pulled ? "plug" : "pull", name: this.member.name }) });
    this.mark = make("button", { onclick: () => order({ type: "mark", name: this.member.name }) });
    this.stands = make("span", {});
    this.notice = make("span", { class: "wl-quiet" });
    this.believes = make("span", {});
    this.items = new Map();
    this.lines = make("ol", { "aria-label": "Packets on its wire", tabindex: "0" });
    this.root = make("section", { class: "wl-details", "aria-label": "One client" },
      make("div", { class: "wl-line" }, this.name, this.about),
      make("div", { class: "wl-fact" }, make("span", { class: "wl-what" }, "the server"), make("div", {}, this.roomRow, this.stands)),
      make("div", { class: "wl-fact" }, make("span", { class: "wl-what" }, "it says"), this.believes),
      make("div", { class: "wl-fact" }, make("span", { class: "wl-what" }, "you"), make("div", { class: "wl-line" }, this.cable, this.mark, this.notice)),
      make("div", { class: "wl-fact wl-passed" }, make("span", { class: "wl-what" }, "its wire"), this.lines));
  }

  choose(name) {
    this.chosen = name;
    if (this.state) this.show(this.state);
  }

  show(state) {
    this.state = state;
    const member = this.member = state.members.find(({ name }) => name === this.chosen) ?? state.members[0];
    if (!this.rooms.size) for (const room of state.rooms) this.roomRow.append(this.toggle(room));
    this.name.textContent = member.name;
    this.about.textContent = member.about;
    for (const [room, toggle] of this.rooms) {
      toggle.setAttribute("aria-pressed", String(member.rooms.includes(room)));
      toggle.setAttribute("aria-disabled", String(!member.known));
    }
    this.stands.textContent = member.known && !member.pulled ? "" : member.stands;
    this.believes.textContent = member.believes;
    this.cable.textContent = member.pulled ? "Plug it in" : "Pull its cable";
    this.notice.textContent = `noticed after ${state.notices}`;
    this.mark.textContent = member.marked ? "Take the mark back" : "Mark it";
    this.mark.hidden = !state.predicting;
    this.write(member.lines);
  }

  toggle(room) {
    const toggle = make("button", { "data-room": room, onclick: () => this.order({ type: "toggle", name: this.member.name, room }) }, room);
    this.rooms.set(room, toggle);
    return toggle;
  }

  // Only what is new is written, and what is gone taken out.
  write(lines) {
    const numbers = new Set(lines.map(([number]) => number));
    for (const [number, item] of this.items) {
      if (numbers.has(number)) continue;
      item.remove();
      this.items.delete(number);
    }
    const fresh = lines.filter(([number]) => !this.items.has(number));
    for (const [number, way, said] of fresh) {
      const item = make("li", { "data-way": way },
        make("span", { class: "wl-arrow", role: "img", "aria-label": WORDS[way] }, ARROWS[way]), make("code", {}, said));
      this.items.set(number, item);
      this.lines.append(item);
    }
    if (fresh.length) this.lines.scrollTop = this.lines.scrollHeight;
  }
}
