// What everyone believes, and one of the clients: this page. Whatever is done to the server is done in the kernel.

import { jupyterBase, make, mayBeLocal, newId, proxied } from "../../page/page.js";

const TICK_MILLISECONDS = 200;
const STATES = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"];
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

// The ways from this page to the kernel's machine: direct, if that may be this machine, and Jupyter's proxy.
function routes(url) {
  const base = jupyterBase();
  if (base === null) return [url];
  return mayBeLocal(base) ? [url, proxied(url, base)] : [proxied(url, base)];
}

class Browser {
  constructor(model) {
    this.model = model;
    this.page = newId();
    this.resets = null;
    this.sends = null;
    this.socket = null;
    this.state = null;
    this.views = new Set();
    model.on("msg:custom", (state) => this.receive(state));
    this.tell({ type: "ready" });
  }

  tell(message) { this.model.send({ ...message, page: this.page }); }

  receive(state) {
    this.state = state;
    this.received = performance.now();
    if (state.page === this.page) {
      if (state.url && state.resets !== this.resets) {
        this.resets = state.resets;
        this.connect(routes(state.url));
      } else if (this.sends !== null && state.sends !== this.sends) this.send();
      this.sends = state.sends;
    }
    for (const view of this.views) view.show(state);
  }

  connect([url, ...others]) {
    this.close();
    const socket = new WebSocket(url);
    this.socket = socket;
    const report = (event, how = "") => {
      if (socket === this.socket) this.tell({ type: "socket", event, how });
    };
    let opened = false;
    socket.onopen = () => { opened = true; report("open"); };
    socket.onmessage = () => report("heard");
    socket.onclose = ({ code, wasClean }) => {
      if (opened || !others.length) report("closed", `onclose: code ${code}, wasClean ${wasClean}`);
      else if (socket === this.socket) this.connect(others);
    };
  }

  send() {
    this.socket.send("Hello");
    this.tell({ type: "socket", event: "sent", how: "" });
  }

  close() {
    const { socket } = this;
    this.socket = null;
    socket?.close();
  }

  get readyState() { return this.socket ? STATES[this.socket.readyState] : ""; }
  get since() { return (performance.now() - this.received) / 1000; }
}

function seconds(value) {
  return value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`;
}

class View {
  constructor(browser, root) {
    this.browser = browser;
    this.state = make("span", { class: "wl-state" });
    this.status = make("div", { class: "wl-status", role: "status", "aria-live": "polite" });
    this.rows = make("tbody");
    root.append(make("section", { class: "wl-outage", "aria-label": "Outage panel" },
      make("header", {}, make("strong", {}, "Who believes what?"), this.state),
      make("div", { class: "wl-controls" }, ...BUTTONS.map(([group, buttons]) => make("div", { role: "group", "aria-label": group },
        make("span", {}, group), ...buttons.map(([button, label, title]) => make("button", {
          title, "data-button": button, onclick: () => browser.tell({ type: "press", button }),
        }, label))))),
      this.status,
      make("table", {},
        make("thead", {}, make("tr", {}, ...["Who", "Believes", "Since the outage", "Messages"].map((head) => make("th", { scope: "col" }, head)))),
        this.rows)));
    this.ticking = setInterval(() => this.tick(), TICK_MILLISECONDS);
    if (browser.state) this.show(browser.state);
  }

  show(state) {
    this.state.textContent = state.state;
    if (this.status.textContent !== state.said) this.status.textContent = state.said;
    this.counting = [];
    this.rows.replaceChildren(
      ...state.clients.map((row) => this.row(row, `sent ${row.sent} · echoed ${row.heard}`)),
      ...state.handlers.map((row) => this.row(row, `heard ${row.heard}`)));
    this.tick();
  }

  row(row, messages) {
    const time = make("td", { class: "wl-time" });
    if (row.mistaken && this.browser.state.elapsed !== null) this.counting.push(time);
    else if (row.after !== null) time.textContent = `noticed after ${seconds(row.after)}`;
    const mark = row.mistaken ? "✗ " : row.belief === "open" ? "● " : "○ ";
    const words = make("td", {}, make("span", { class: "wl-words" }, mark, row.words));
    if (row.name === "your browser") words.append(this.ready = make("code", { class: "wl-ready" }));
    if (row.noticed) words.append(make("code", { class: "wl-noticed" }, row.noticed));
    return make("tr", { "data-belief": row.belief, ...(row.mistaken && { "data-mistaken": "" }) },
      make("th", { scope: "row" }, row.name, make("span", { class: "wl-about" }, row.about)),
      words, time, make("td", { class: "wl-messages" }, messages));
  }

  tick() {
    const { browser } = this;
    if (!browser.state) return;
    for (const cell of this.counting) cell.textContent = `${Math.floor(browser.state.elapsed + browser.since)} s and counting`;
    this.ready.textContent = browser.readyState && `readyState ${browser.readyState}`;
  }

  dispose() { clearInterval(this.ticking); }
}

export default () => {
  let browser;
  return {
    initialize({ model }) {
      browser = new Browser(model);
      return () => browser.close();
    },
    render({ el }) {
      const view = new View(browser, el);
      browser.views.add(view);
      return () => {
        view.dispose();
        browser.views.delete(view);
      };
    },
  };
};
