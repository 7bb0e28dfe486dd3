// What everyone believes, and one of the clients: this page. Whatever is done to the server is done in the kernel.

import { PageClients } from "../../clients/page_clients.js";
import { make, offeredButton } from "../../page/page.js";
import { SceneView, clientHeads, scenePlaces } from "../scene.js";

const TICK_MILLISECONDS = 200;
const FIRST_ROW = 70, ROW = 34, LEFT = 12, NARROW = 560;
/** @type {[string, string[][]][]} */
const BUTTONS = [
  ["The server", [
    ["kill", "kill −9", "SIGKILL: it ends at once"],
    ["stop", "stop politely", "SIGTERM: it is asked to end"],
    ["freeze", "freeze", "SIGSTOP: it stands still"],
    ["thaw", "thaw", "SIGCONT: it goes on"],
    ["restart", "restart", "A new process on the old port"],
  ]],
  ["The cable", [
    ["pull", "pull it", "Nothing passes, and nobody is told"],
    ["plug", "plug it in again", "What was held back passes"],
  ]],
  ["Everyone", [
    ["send", "send a message", "Each client that believes in its connection sends Hello"],
    ["reset", "Reset", "A new server and new connections"],
  ]],
];

function seconds(value) {
  return value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`;
}

class View {
  constructor(model, page, root) {
    this.model = model;
    this.page = page;
    this.buttons = new Map();
    this.state = make("span", { class: "wl-state" });
    this.stateTime = make("span", { class: "wl-since" });
    this.status = make("div", { class: "wl-status", role: "status", "aria-live": "polite" });
    this.rows = make("tbody");
    this.scene = new SceneView();
    this.picture = make("div", { class: "wl-picture" }, this.scene.root);
    root.append(make("section", { class: "wl-outage", "aria-label": "Outage panel" },
      make("header", {}, make("strong", {}, "Who believes what?"),
        make("span", {}, this.state, " ", this.stateTime)),
      this.picture,
      make("div", { class: "wl-controls" }, ...BUTTONS.map(([group, buttons]) => make("div", { role: "group", "aria-label": group },
        make("span", {}, group), ...buttons.map((each) => this.button(...each))))),
      this.status,
      make("table", {},
        make("thead", {}, make("tr", {}, ...["Who", "Believes", "Since the outage", "Messages"].map((head) => make("th", { scope: "col" }, head)))),
        this.rows)));
    this.resizing = new ResizeObserver(() => this.draw());
    this.resizing.observe(this.picture);
    this.ticking = setInterval(() => this.tick(), TICK_MILLISECONDS);
    this.onMessage = (message) => { if (message.type === "state") this.show(message); };
    model.on("msg:custom", this.onMessage);
    page.appear();
  }

  button(name, label, title) {
    const { button, offer } = offeredButton(label, title, () => this.model.send({ type: "press", button: name }));
    this.buttons.set(name, offer);
    return button;
  }

  show(state) {
    this.shown = state;
    this.received = performance.now();
    if (this.state.textContent !== state.state) this.state.textContent = state.state;
    for (const [name, offer] of this.buttons) offer(state.refusals[name]);
    if (this.status.textContent !== state.said) this.status.textContent = state.said;
    this.draw();
    this.counting = [];
    this.rows.replaceChildren(
      ...state.clients.map((row) => this.row(row, `sent ${row.sent} · echoed ${row.heard}`)),
      ...state.handlers.map((row) => this.row(row, `heard ${row.heard}`)));
    this.tick();
  }

  draw() {
    const width = this.picture.clientWidth;
    if (!this.shown || !width) return;
    const { scene } = this.shown;
    const rows = scene.lines.map((_, number) => FIRST_ROW + ROW * number);
    this.picture.style.height = `${rows.at(-1) + ROW * 0.6}px`;
    const at = scenePlaces(LEFT + (width < NARROW ? 92 : 124), width - 50, scene.servers.length, rows);
    this.scene.show(scene, at, clientHeads(scene, at, LEFT));
  }

  row(row, messages) {
    const time = make("td", { class: "wl-time" });
    if (row.mistaken && this.shown.elapsed !== null) this.counting.push(time);
    else if (row.after !== null) time.textContent = `noticed after ${seconds(row.after)}`;
    const words = make("td", {}, make("span", { class: "wl-words" }, `${row.mark} ${row.words}`));
    if (row.name === "your browser") words.append(this.ready = make("code", { class: "wl-ready" }));
    if (row.noticed) words.append(make("code", { class: "wl-noticed" }, row.noticed));
    return make("tr", { "data-belief": row.belief, ...(row.mistaken && { "data-mistaken": "" }) },
      make("th", { scope: "row" }, row.name, make("span", { class: "wl-about" }, row.about)),
      words, time, make("td", { class: "wl-messages" }, messages));
  }

  tick() {
    if (!this.shown) return;
    const passed = (performance.now() - this.received) / 1000;
    const { state_for, elapsed } = this.shown;
    const lasting = Math.floor(state_for + passed);
    this.stateTime.textContent = lasting > 0 ? `· for ${lasting} s` : "";
    for (const cell of this.counting) cell.textContent = `${Math.floor(elapsed + passed)} s and counting`;
    const ready = this.page.readyState;
    this.ready.textContent = ready && `readyState ${ready}`;
  }

  dispose() {
    clearInterval(this.ticking);
    this.resizing.disconnect();
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
