// Both ends of each connection, and for how long each has heard nothing. One of the clients is this page.

import { PageClients } from "../../clients/page_clients.js";
import { make } from "../../page/page.js";

const STILL = matchMedia("(prefers-reduced-motion: reduce)");
/** @type {[string, string[][]][]} */
const BUTTONS = [
  ["The cable", [
    ["pull", "pull it", "Nothing passes, and nobody is told"],
    ["plug", "plug it in", "What was held back passes"],
  ]],
  ["The server", [
    ["freeze", "freeze", "SIGSTOP: it stands still"],
    ["thaw", "thaw", "SIGCONT: it goes on"],
  ]],
  ["Everyone", [["reset", "Reset", "A new server and new connections"]]],
];

function seconds(value) { return `${value.toFixed(1)} s`; }

class View {
  constructor(model, page, root) {
    this.model = model;
    this.page = page;
    this.buttons = new Map();
    this.rows = new Map();
    this.state = make("span", { class: "wl-state" });
    this.status = make("div", { class: "wl-status", role: "status", "aria-live": "polite" });
    this.cost = make("div", { class: "wl-cost" });
    this.body = make("tbody");
    this.interval = this.slider("pingInterval", "Interval of the pings in seconds");
    this.timeout = this.slider("pingTimeout", "Time-out of the pongs in seconds");
    root.append(make("section", { class: "wl-hearts", "aria-label": "Heartbeats" },
      make("header", {}, make("strong", {}, "Who hears whose heart?"), this.state),
      make("div", { class: "wl-controls" }, this.interval.label, this.timeout.label, this.cost),
      make("div", { class: "wl-controls" }, ...BUTTONS.map(([group, buttons]) => make("div", { role: "group", "aria-label": group },
        make("span", {}, group), ...buttons.map((each) => this.button(...each))))),
      this.status,
      make("table", {},
        make("thead", {}, make("tr", {}, ...["Who", "Believes", "Has heard no heartbeat for"].map((head) => make("th", { scope: "col" }, head)))),
        this.body)));
    this.inSight = true;
    this.watching = new IntersectionObserver(([{ isIntersecting }]) => { this.inSight = isIntersecting; });
    this.watching.observe(this.body);
    this.ticking = setInterval(() => { if (this.inSight && !document.hidden) this.tick(); }, STILL.matches ? 1000 : 100);
    this.onMessage = (message) => { if (message.type === "state") this.show(message); };
    model.on("msg:custom", this.onMessage);
    page.appear();
  }

  // Moving it shows the number; letting it go orders a new server.
  slider(name, description) {
    const shown = make("span", { class: "wl-value" });
    const input = make("input", { type: "range", step: "0.5", "aria-label": description,
      oninput: () => { shown.textContent = seconds(Number(input.value)); },
      onchange: () => this.model.send({ type: "tune", interval: Number(this.interval.input.value), timeout: Number(this.timeout.input.value) }) });
    return { input, shown, label: make("label", {}, make("code", {}, name), input, shown) };
  }

  // A button that can do nothing now keeps the focus, and says why if it is pressed.
  button(name, label, title) {
    const button = make("button", { onclick: () => this.model.send({ type: "press", button: name }) }, label);
    this.buttons.set(name, (refusal) => {
      button.title = refusal || title;
      button.setAttribute("aria-disabled", Boolean(refusal));
    });
    return button;
  }

  show(state) {
    this.shown = state;
    this.received = performance.now();
    this.state.textContent = state.state;
    if (this.status.textContent !== state.said) this.status.textContent = state.said;
    for (const [name, offer] of this.buttons) offer(state.refusals[name]);
    this.set(this.interval, state.interval);
    this.set(this.timeout, state.timeout);
    const { interval, timeout, down, up, hourly } = state;
    const price = down === null ? "no heartbeat yet"
      : `a heartbeat is ${down} + ${up} bytes on this wire: ${hourly.toLocaleString("en")} an hour for each client`;
    this.cost.textContent = `${price} · a dead one is noticed after ${seconds(timeout)} to ${seconds(interval + timeout)}`;
    for (const end of state.ends) this.row(end);
    this.tick();
  }

  set({ input, shown }, value) {
    input.min = this.shown.shortest;
    input.max = this.shown.longest;
    if (document.activeElement === input && this.settled === value) return; // it is being moved
    this.settled = value;
    input.value = value;
    shown.textContent = seconds(value);
  }

  row(end) {
    if (!this.rows.has(end.name)) this.rows.set(end.name, this.newRow(end));
    const { line, words, noticed } = this.rows.get(end.name);
    const mark = end.mistaken ? "✗ " : end.belief === "connected" ? "● " : "○ ";
    words.textContent = mark + end.words;
    noticed.textContent = end.noticed;
    line.toggleAttribute("data-mistaken", end.mistaken);
  }

  newRow({ name, about }) {
    const row = { words: make("span", { class: "wl-words" }), noticed: make("code", { class: "wl-noticed" }),
      fill: make("span", { class: "wl-fill" }), due: make("span", { class: "wl-due" }), time: make("span", { class: "wl-time" }) };
    row.line = make("tr", {},
      make("th", { scope: "row" }, name, make("span", { class: "wl-about" }, about)),
      make("td", {}, row.words, row.noticed),
      make("td", {}, make("span", { class: "wl-band", "aria-hidden": "true" }, row.fill, row.due), row.time));
    this.body.append(row.line);
    return row;
  }

  tick() {
    if (!this.shown) return;
    const passed = (performance.now() - this.received) / 1000;
    const { interval, timeout, ends } = this.shown;
    const patience = interval + timeout;
    for (const { name, belief, silent, gave_up } of ends) {
      const { fill, due, time, line } = this.rows.get(name);
      const heard = silent !== null && belief === "connected";
      const silence = gave_up ?? (heard ? silent + passed : 0);
      fill.style.width = `${Math.min(silence / patience, 1) * 100}%`;
      due.style.left = `${(interval / patience) * 100}%`;
      line.toggleAttribute("data-late", silence > interval + 0.3);
      time.textContent = gave_up !== null ? `gave up after ${seconds(gave_up)}` : heard ? seconds(silence) : "";
    }
  }

  dispose() {
    clearInterval(this.ticking);
    this.watching.disconnect();
    this.model.off("msg:custom", this.onMessage);
    this.page.vanish();
  }
}

export default () => {
  let page;
  return {
    initialize({ model }) { page = new PageClients(model); },
    render({ model, el }) {
      const view = new View(model, page, el);
      return () => view.dispose();
    },
  };
};
