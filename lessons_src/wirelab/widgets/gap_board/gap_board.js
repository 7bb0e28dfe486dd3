// Who hears which number. Servers, lines and most of the clients are the kernel's; one client is this page.

import { PageClients } from "../../clients/page_clients.js";
import { make, offeredButton } from "../../page/page.js";

const CELL = 44;
/** @type {[string, string[][]][]} */
const BUTTONS = [
  ["Numbers", [
    ["play", "Play", "Two numbers a second, from each server to everybody"],
    ["step", "Step", "One number"],
  ]],
  ["The clients' line", [
    ["pull", "pull the cable", "The clients notice at once; no server is told"],
    ["cut", "cut it in the middle", "Clients and servers are told, by a RST"],
    ["plug", "mend it", "The clients come back by themselves"],
  ]],
  ["All", [["reset", "Reset", "Everyone connects anew; counting begins at 1"]]],
];
const LEGEND = [["heard", "3", "heard"], ["late", "↺3", "missed, and heard later"], ["lost", "✗3", "lost"], ["open", "?3", "not heard yet"]];

class View {
  constructor(model, page, root) {
    this.model = model;
    this.page = page;
    this.buttons = new Map();
    this.status = make("div", { class: "wl-status", role: "status", "aria-live": "polite" });
    this.line = make("span", { class: "wl-line" });
    this.rows = make("tbody");
    root.append(make("section", { class: "wl-gaps", "aria-label": "Gap board" },
      make("header", {}, make("strong", {}, "Who hears which number?"), this.line),
      make("div", { class: "wl-controls" }, ...BUTTONS.map(([group, buttons]) => make("div", { role: "group", "aria-label": group },
        make("span", {}, group), ...buttons.map((each) => this.button(...each))))),
      this.status,
      make("table", {},
        make("thead", {}, make("tr", {}, ...["Who", "Is", "Numbers", "Came back as"].map((head) => make("th", { scope: "col" }, head)))),
        this.rows),
      make("p", { class: "wl-legend" }, ...LEGEND.flatMap(([fate, text, words]) => [this.cell({ fate, text, words }), make("span", {}, words)]))));
    this.resizing = new ResizeObserver(() => this.draw());
    this.resizing.observe(this.rows);
    this.onMessage = (message) => { if (message.type === "state") this.show(message); };
    model.on("msg:custom", this.onMessage);
    page.appear();
    model.send({ type: "show" });
  }

  button(name, label, title) {
    const { button, offer } = offeredButton(label, title, () => this.model.send({ type: "press", button: name }));
    this.buttons.set(name, { button, offer });
    return button;
  }

  show(state) {
    this.state = state;
    for (const [name, { offer }] of this.buttons) offer(state.refusals[name]);
    this.buttons.get("play").button.textContent = state.flowing ? "Stop" : "Play";
    if (this.status.textContent !== state.said) this.status.textContent = state.said;
    this.line.textContent = `line ${state.line}`;
    this.line.dataset.line = state.line;
    this.draw();
  }

  draw() {
    if (!this.state) return;
    const fit = Math.max(3, Math.floor((this.rows.querySelector(".wl-numbers")?.clientWidth ?? 480) / CELL));
    this.rows.replaceChildren(...this.state.lanes.map((lane) => this.row(lane, fit)));
  }

  row({ name, about, words, outcome, cells }, fit) {
    const sign = words === "connected" ? "●" : words === "away" ? "◔" : "–";
    const numbers = cells.slice(-fit);
    return make("tr", { "data-state": words },
      make("th", { scope: "row" }, name, make("span", { class: "wl-about" }, about)),
      make("td", { class: "wl-is" }, `${sign} ${words}`),
      make("td", { class: "wl-numbers" }, make("span", { class: "wl-cells" }, ...numbers.map((cell) => this.cell(cell)))),
      make("td", { class: "wl-outcome", "data-outcome": outcome }, outcome));
  }

  cell({ text, fate, words }) {
    return make("span", { class: "wl-number", "data-fate": fate, title: words, role: "img", "aria-label": words }, text);
  }

  dispose() {
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
