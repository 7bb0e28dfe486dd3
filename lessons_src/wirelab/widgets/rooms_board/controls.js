// Who sends and who is meant, the line of code that this is, the prediction, and Send.

import { make, offeredButton } from "../../page/page.js";

function whole(part) { return make("span", { class: "wl-whole" }, part); }

// A line of code may be broken before its dots.
function breakable(text) {
  return text.split(/(?=\.(?:to|except_?|emit|broadcast)\b)/).flatMap((part, place) => (place ? [make("wbr"), whole(part)] : [whole(part)]));
}

export class Controls {
  constructor(order) {
    this.order = order;
    this.aim = (change) => order({ type: "aim", change });
    this.sender = make("select", { "aria-label": "Who sends", onchange: () => this.aim({ sender: this.sender.value }) });
    this.toggles = { to: new Map(), but: new Map() };
    this.rows = { to: make("div", { role: "group", "aria-label": "To" }), but: make("div", { role: "group", "aria-label": "Except" }) };
    this.spared = make("input", { type: "checkbox", onchange: () => this.aim({ spares_sender: this.spared.checked }) });
    this.meant = make("span", { class: "wl-meant" });
    this.python = make("code", {});
    this.javascript = make("code", {});
    this.predicting = make("input", { type: "checkbox", onchange: () => order({ type: "predict", on: this.predicting.checked }) });
    const { button, offer } = offeredButton("Send", "To those who are meant", () => order({ type: "send" }));
    button.classList.add("wl-main");
    this.offer = offer;
    this.root = make("div", { class: "wl-controls" },
      make("label", { class: "wl-line" }, make("span", { class: "wl-what" }, "sender"), this.sender),
      make("div", { class: "wl-line" }, make("span", { class: "wl-what" }, "to"), this.rows.to),
      make("div", { class: "wl-line" }, make("span", { class: "wl-what" }, "except"), this.rows.but),
      this.sparing = make("label", { class: "wl-line" }, make("span", { class: "wl-what" }), this.spared, "all but the sender"),
      make("div", { class: "wl-code" },
        make("span", { class: "wl-what" }, "Python"), this.python, make("span", { class: "wl-what" }, "JavaScript"), this.javascript),
      make("div", { class: "wl-line" }, button, make("label", {}, this.predicting, "Predict first: mark who will hear it")));
  }

  // What was chosen here stands as it is until the kernel has heard of it: `isUpToDate`.
  show(state, isUpToDate) {
    const { aim, rooms, members } = state;
    if (!this.sender.options.length) this.build(rooms, members);
    if (isUpToDate) {
      this.sender.value = aim.sender;
      this.spared.checked = aim.spares_sender;
      this.predicting.checked = state.predicting;
    }
    for (const side of ["to", "but"]) {
      for (const [room, toggle] of this.toggles[side]) toggle.setAttribute("aria-pressed", String(aim[side].includes(room)));
    }
    this.everyone.setAttribute("aria-pressed", String(!aim.to.length));
    this.spared.disabled = aim.sender === "server";
    this.sparing.toggleAttribute("data-idle", this.spared.disabled);
    this.write(this.python, state.python);
    this.write(this.javascript, state.javascript);
    this.offer(state.refusal);
  }

  write(code, text) {
    if (code.textContent !== text) code.replaceChildren(...breakable(text));
  }

  build(rooms, members) {
    this.sender.append(make("option", { value: "server" }, "the server itself"),
      ...members.map(({ name }) => make("option", { value: name }, `${name} asks the server`)));
    this.everyone = make("button", { "aria-pressed": "false", onclick: () => this.aim({ to: [] }) }, "everyone");
    this.rows.to.append(this.everyone);
    for (const side of ["to", "but"]) {
      for (const room of rooms) this.rows[side].append(this.toggle(side, room));
    }
  }

  toggle(side, room) {
    const toggle = make("button", { "data-room": room, "aria-pressed": "false", onclick: () => this.order({ type: "turn", side, room }) }, room);
    this.toggles[side].set(room, toggle);
    return toggle;
  }
}
