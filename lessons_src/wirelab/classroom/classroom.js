// The class as its teacher sees it. All names and texts are pupils' own, and set as text.

import { make, offeredButton } from "../page/page.js";

const ROOMS = ["gold", "silver", "copper"];
const SIGNS = { open: "●", frozen: "‖", down: "✗", closed: "○" };
const PRESENCE = {
  here: ["●", "is here"], lost: ["✗", "is not back: the connection is lost"], closed: ["○", "was here"],
};
const WORDS = { open: "open", frozen: "frozen", down: "server gone", closed: "closed" };
const BUTTONS = [
  ["kill", "Kill", "SIGKILL: the server ends without a goodbye"],
  ["freeze", "Freeze", "SIGSTOP: the server stands still, its connections stay open"],
  ["thaw", "Thaw", "SIGCONT: it goes on"],
  ["restart", "Restart", "A new server at the same address; it knows nobody"],
];
const SURE_MILLISECONDS = 4000, QUIET_ZONE = 4;
const SVG = "http://www.w3.org/2000/svg";

function drawn(rows) {
  const size = rows.length + 2 * QUIET_ZONE;
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  const dots = rows.flatMap((row, y) => [...row].map((dot, x) => (dot === "1" ? `M${x + QUIET_ZONE} ${y + QUIET_ZONE}h1v1h-1z` : "")));
  for (const [name, value] of Object.entries({ viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": "QR code of the address with the code", "shape-rendering": "crispEdges" })) svg.setAttribute(name, value);
  path.setAttribute("d", dots.join(""));
  svg.append(path);
  return svg;
}

class View {
  constructor(model, root) {
    this.model = model;
    this.buttons = new Map();
    this.shown = {};
    this.state = make("span", { class: "wl-state" });
    this.count = make("span", { class: "wl-count" });
    this.qr = make("div", { class: "wl-qr" });
    this.site = make("code", { class: "wl-site" });
    this.code = make("code", { class: "wl-code" });
    this.status = make("div", { class: "wl-status", role: "status", "aria-live": "polite" });
    this.people = make("ul", { class: "wl-people", "aria-label": "Who is there" });
    this.texts = make("ol", { class: "wl-texts", "aria-label": "What was said last" });
    this.refused = make("p", { class: "wl-refused" });
    this.to = make("select", { "aria-label": "To whom" }, ...["", ...ROOMS].map((room) => make("option", { value: room }, room || "everybody")));
    this.text = make("input", { "aria-label": "What you say", placeholder: "Say something to the class", maxlength: "300", autocomplete: "off" });
    this.out = make("select", { "aria-label": "Whom to send out" });
    this.large = make("button", { onclick: () => this.enlarge(), "aria-pressed": "false" }, "Large");
    root.append(make("section", { class: "wl-class", "aria-label": "The class" },
      make("header", {}, make("strong", {}, "The class"), this.state, this.count),
      this.door = make("div", { class: "wl-door" }, this.qr,
        make("div", { class: "wl-address" },
          make("span", {}, "Scan it with a phone, or open"), this.site,
          make("span", {}, "and type the code"), this.code, this.large)),
      make("div", { class: "wl-controls" },
        make("div", { role: "group", "aria-label": "The server" }, make("span", {}, "The server"), ...BUTTONS.map((each) => this.button(...each))),
        this.closing()),
      this.status, this.people,
      make("form", { class: "wl-say", onsubmit: (event) => this.say(event) }, this.to, this.text, make("button", {}, "Say it")),
      this.texts,
      make("div", { class: "wl-foot" }, this.refused,
        make("div", { role: "group", "aria-label": "Send somebody out" }, this.out, make("button", { onclick: () => this.sendOut() }, "Send out")))));
    root.querySelector(".wl-say button").type = "submit";
    this.onMessage = (message) => { if (message.type === "state") this.show(message); };
    model.on("msg:custom", this.onMessage);
    model.send({ type: "ready" });
  }

  button(name, label, title) {
    const { button, offer } = offeredButton(label, title, () => this.model.send({ type: "press", button: name }));
    this.buttons.set(name, offer);
    return button;
  }

  // Thirty people would have to come in again: one press asks, the second closes.
  closing() {
    const label = "Close the class";
    const { button, offer } = offeredButton(label, "Everybody hears goodbye, and the port is closed", () => {
      const isSure = button.textContent !== label;
      clearTimeout(this.doubting);
      button.textContent = isSure ? label : "Close it for everybody?";
      if (isSure) this.model.send({ type: "press", button: "close" });
      else this.doubting = setTimeout(() => { button.textContent = label; }, SURE_MILLISECONDS);
    });
    this.buttons.set("close", offer);
    return button;
  }

  enlarge() {
    const isLarge = this.door.toggleAttribute("data-large");
    this.large.setAttribute("aria-pressed", String(isLarge));
  }

  say(event) {
    event.preventDefault();
    if (this.text.value.trim()) this.model.send({ type: "say", text: this.text.value, rooms: this.to.value ? [this.to.value] : [] });
    if (this.shown.phase === "open") this.text.value = "";  // else it is told to nobody: it stays for later
  }

  sendOut() { if (this.out.value) this.model.send({ type: "out", id: this.out.value }); }

  show(state) {
    const here = state.people.filter((one) => one.here).length;
    const isNew = (name) => JSON.stringify(state[name]) !== JSON.stringify(this.shown[name]);
    this.state.textContent = `${SIGNS[state.phase]} ${WORDS[state.phase]}`;
    this.state.dataset.phase = this.people.dataset.phase = state.phase;
    this.count.textContent = `${here} of ${state.most} here`;
    if (this.status.textContent !== state.said) this.status.textContent = state.said;
    for (const [name, offer] of this.buttons) offer(state.refusals[name]);
    this.door.hidden = state.phase === "closed";
    this.site.textContent = state.site;
    this.code.textContent = state.code;
    if (isNew("qr")) this.qr.replaceChildren(...(state.qr.length ? [drawn(state.qr)] : []));
    if (isNew("people") || isNew("phase")) this.showPeople(state.people, state.phase === "closed");
    if (isNew("texts")) this.showTexts(state.texts);
    this.showRefused(state);
    this.shown = state;
  }

  showPeople(people, isClosed) {
    this.people.replaceChildren(...people.map(({ name, here, rooms }) => {
      const [sign, words] = PRESENCE[here ? "here" : isClosed ? "closed" : "lost"];
      return make("li", { "data-here": String(here), title: `${name} ${words}` },
        make("span", { class: "wl-sign", "aria-hidden": "true" }, sign), make("bdi", {}, name), make("span", { class: "wl-unseen" }, ` ${words}`),
        ...rooms.map((room) => make("span", { class: "wl-room", "data-room": room }, room)));
    }));
    const chosen = this.out.value;
    this.out.replaceChildren(make("option", { value: "" }, "nobody"), ...people.filter((one) => one.here).map(({ id, name }) => make("option", { value: id }, name)));
    this.out.value = chosen;
    if (!this.out.value) this.out.value = "";
  }

  showTexts(texts) {
    this.texts.replaceChildren(...texts.map((said) => this.said(said)));
    this.texts.scrollTop = this.texts.scrollHeight;
  }

  said({ name, text, rooms, sent }) {
    return make("li", {}, make("b", {}, name), ...rooms.map((room) => make("span", { class: "wl-room", "data-room": room }, room)),
      " ", make("bdi", {}, text), make("span", { class: "wl-heard" }, ` sent to ${sent}`));
  }

  showRefused({ refused, faults }) {
    const kinds = Object.entries(refused).map(([kind, times]) => `${kind} × ${times}`);
    const words = kinds.length ? `Refused: ${kinds.join(" · ")}` : "Nothing had to be refused.";
    this.refused.textContent = faults ? `${words} The server had ${faults} faults of its own.` : words;
  }

  dispose() {
    clearTimeout(this.doubting);
    this.model.off("msg:custom", this.onMessage);
  }
}

export default {
  render({ model, el }) {
    const view = new View(model, el);
    return () => view.dispose();
  },
};
