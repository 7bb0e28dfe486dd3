// The browser as a WebSocket client. One Client for each widget, however many views show it.

import { make } from "../../page/page.js";
import { Line } from "../../clients/line.js";
import { RawClient } from "../../clients/raw.mjs";

const HISTORY = 500;
const ROUTE_MILLISECONDS = 2000;
const TEXT_SHOWN = 2000;
const BYTES_SHOWN = 16;
const MARKS = { "no socket": "○", CONNECTING: "◔", OPEN: "●", CLOSING: "◑", CLOSED: "✕" };
const PROXY_NOTE =
  "The proxy is one more middlebox. It hides close codes: the server's 4001 arrives as 1005, and a crash " +
  "(1006) as a clean 1005. It compresses nothing, and it answers pings itself.";
const CODES = {
  1000: "a normal end",
  1001: "the other side is going away",
  1005: "the other side gave no code",
  1006: "it broke off, without a closing handshake",
  1008: "against the server's policy",
  1009: "a message was too big",
  1011: "the server met an error",
};

// A kernel that has gone does not say where it is.
function within(milliseconds, promise, otherwise) {
  return Promise.race([promise, new Promise((done) => setTimeout(done, milliseconds, otherwise))]);
}

// ---- what is shown of data

function hex(buffer) {
  const bytes = [...new Uint8Array(buffer.slice(0, BYTES_SHOWN))].map((b) => b.toString(16).padStart(2, "0"));
  return `binary, ${buffer.byteLength} bytes: ${bytes.join(" ")}${buffer.byteLength > BYTES_SHOWN ? " …" : ""}`;
}

function cut(text) {
  let shown = "";
  let count = 0;
  for (const letter of text) if (++count <= TEXT_SHOWN) shown += letter; // slice() would cut an emoji in half
  return count > TEXT_SHOWN ? `${shown}… (${count} characters in all)` : text;
}

function plain(value) {
  if (typeof value === "string") return value;
  if (value instanceof ArrayBuffer) return hex(value);
  if (value instanceof Blob) return `Blob, ${value.size} bytes`;
  if (value instanceof Error || value instanceof DOMException) return `${value.name}: ${value.message}`;
  if (value instanceof Event) return `Event "${value.type}"`;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

function sentence({ name, text, code }, opened) {
  switch (name) {
    case "new WebSocket": return "Your browser opens a connection.";
    case "onopen": return "The connection is open: messages may go both ways.";
    case "send": return "Your browser has sent a message.";
    case "onmessage": return "A message from the server has arrived.";
    case "onerror": return "The connection failed. The browser does not tell a page why.";
    case "close": return "Your browser asks the server to close the connection.";
    case "onclose": return !opened ? `The connection never opened. ${code}: the browser does not tell a page why.`
      : `The connection is closed. ${code}: ${CODES[code] ?? "a code of the application's own"}.`;
    case "exception": return `That raised an exception. ${text}`;
    case "console.log": return "Your script has written a line.";
    default: return text;
  }
}

// What is kept of a report: data as text, with its size.
function logged({ data, transport, ...report }) {
  if (!data) return report;
  const [message] = data;
  return typeof message === "string"
    ? { ...report, text: cut(message), size: new Blob([message]).size }
    : { ...report, text: hex(message), size: message.byteLength };
}

class Browser {
  constructor(model) {
    this.model = model;
    this.line = new Line(model);
    this.views = new Set();
    this.sockets = new Set();
    this.timers = new Set();
    this.events = [];
    this.generation = 0;
    this.resets = 0;
    this.raw = new RawClient();
    this.url = null;
    this.opened = false;
    this.line.welcome.then((message) => this.restore(message));
    this.route = within(ROUTE_MILLISECONDS, this.line.way(model.get("url")), model.get("url")).then((url) => {
      this.url = url;
      this.changed();
      return url;
    });
  }

  get state() { return this.raw.state; }
  get direct() { return this.url === this.model.get("url"); }
  get busy() { return !["no socket", "CLOSED"].includes(this.state); }

  restore({ events, state }) {
    this.events = [...events, ...this.events];
    this.generation++;
    if (!["no socket", "CLOSED"].includes(state) && !this.raw.socket) {
      this.note("The page is new: a socket lives and dies with the page that opened it.");
    }
    this.changed();
  }

  add(report) {
    const event = { text: "", time: Date.now() / 1000, ...logged(report) };
    this.events.push(event);
    this.events.splice(0, this.events.length - HISTORY);
    this.changed(event);
  }

  note(text, name = "note") { this.add({ kind: "note", name, text }); }

  changed(event = null) {
    for (const view of this.views) view.plan(event);
    this.line.report({ event, state: this.state });
  }

  // As add(), but silent once the log has been reset: a socket of before has nothing to say after.
  recorder() {
    const { resets } = this;
    return (report) => { if (resets === this.resets) this.add(report); };
  }

  adopt(socket) {
    this.sockets.add(socket);
    for (const type of ["open", "error", "close"]) socket.addEventListener(type, () => this.changed());
    this.opened = false;
    socket.addEventListener("open", () => { this.opened = true; });
    socket.addEventListener("close", () => this.sockets.delete(socket));
    this.changed();
  }

  attempt(action) {
    try {
      return action();
    } catch (error) {
      this.note(plain(error), "exception");
      return null;
    }
  }

  async connect() {
    if (this.busy) return this.note(`The socket is ${this.state}: close it first, or press Reset.`);
    const url = await this.route;
    if (this.busy) return;
    this.attempt(() => {
      const raw = new RawClient(this.recorder());
      raw.connect(url);
      this.raw = raw;
      this.adopt(raw.socket);
    });
  }

  send(text) {
    if (!this.raw.socket) return this.note("There is no socket yet: press Connect first.");
    this.attempt(() => this.raw.send(text));
  }

  close(code, reason) {
    if (!this.busy) return this.note("There is no open connection to close.");
    this.attempt(() => {
      const options = [code === "" ? undefined : Number(code), reason === "" ? undefined : reason];
      this.raw.socket.close(...options);
      const text = options.filter((o) => o !== undefined).map((o) => JSON.stringify(o)).join(", ");
      this.add({ kind: "left", name: "close", text });
    });
  }

  async run() {
    this.stop();
    const url = await this.route;
    const client = this;
    this.note(`Your browser runs the script; url is ${url}`);
    class ScriptSocket extends WebSocket {
      /** @param {ConstructorParameters<typeof WebSocket>} options */
      constructor(...options) {
        super(...options);
        client.raw.socket = this;
        client.adopt(this);
      }
    }
    const add = this.recorder();
    const log = (...values) => add({ kind: "note", name: "console.log", text: cut(values.map(plain).join(" ")) });
    const scope = {
      url,
      WebSocket: ScriptSocket,
      console: { log, info: log, warn: log, error: log, debug: log },
      setTimeout: (task, ...options) => this.timer(setTimeout(task, ...options)),
      setInterval: (task, ...options) => this.timer(setInterval(task, ...options)),
    };
    const AsyncFunction = /** @type {FunctionConstructor} */ ((async () => {}).constructor);
    try {
      const source = `${this.model.get("script")}\n//# sourceURL=${this.line.page}.js`;
      await new AsyncFunction(...Object.keys(scope), source)(...Object.values(scope));
    } catch (error) {
      this.note(plain(error), "exception");
    }
  }

  timer(id) {
    this.timers.add(id);
    return id;
  }

  // An exception in one of the script's event handlers.
  caught({ filename, error }) {
    if (filename.endsWith(`${this.line.page}.js`)) this.note(plain(error), "exception");
  }

  stop() {
    for (const id of this.timers) clearTimeout(id);
    this.timers.clear();
    for (const socket of this.sockets) socket.close();
  }

  reset() {
    this.stop();
    this.raw = new RawClient();
    this.events = [];
    this.generation++;
    this.resets++;
    this.line.flush();
    this.line.tell({ type: "reset" });
    this.changed();
  }
}

class View {
  constructor(client, el) {
    this.client = client;
    this.planned = false;
    this.generation = -1;
    this.last = null;
    this.pill = make("span", { class: "wl-state" });
    this.route = make("div", { class: "wl-route" });
    this.status = make("div", { class: "wl-status", role: "status", "aria-live": "polite" });
    this.log = make("div", { class: "wl-log", role: "log", "aria-live": "off", "aria-label": "Log", tabindex: "0" });
    const scripted = client.model.get("script") !== null;
    el.append(make("section", { class: "wl-browser" },
      make("header", {},
        make("strong", {}, scripted ? "JavaScript in your browser" : "Your browser as a client"), this.pill),
      this.route,
      ...(scripted ? this.scriptControls() : this.controls()),
      this.status,
      this.log,
    ));
    this.say(scripted ? "Press Run: the script runs in this page." : "Press Connect.");
    this.draw();
  }

  button(label, action, kind = "") {
    return make("button", { class: kind, onclick: action }, label);
  }

  // Inside JupyterLab Enter submits no form.
  field(attributes, action) {
    return make("input", {
      spellcheck: "false", autocomplete: "off", ...attributes,
      onkeydown: (event) => { if (event.key === "Enter" && !event.isComposing) action(); },
    });
  }

  controls() {
    const { client } = this;
    const send = () => client.send(text.value);
    const close = () => client.close(code.value.trim(), reason.value);
    const text = this.field({ class: "wl-text", "aria-label": "Message", value: "Hello" }, send);
    const code = this.field({ class: "wl-code", inputmode: "numeric", value: "1000" }, close);
    const reason = this.field({ class: "wl-reason", value: "bye" }, close);
    return [
      make("div", { class: "wl-row" },
        this.button("Connect", () => client.connect(), "wl-main"),
        make("div", { class: "wl-send" }, text, this.button("Send", send))),
      make("div", { class: "wl-row" },
        make("div", { class: "wl-close" },
          make("label", {}, "code ", code), make("label", { class: "wl-grow" }, "reason ", reason),
          this.button("Close", close)),
        this.button("Reset", () => client.reset())),
    ];
  }

  scriptControls() {
    const { client } = this;
    const { model } = client;
    this.code = make("textarea", {
      class: "wl-script", "aria-label": "Script", spellcheck: "false", autocapitalize: "off",
      oninput: () => { model.set("script", this.code.value); model.save_changes(); this.fit(); },
      onkeydown: (event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey || event.shiftKey)) return;
        event.preventDefault();
        client.run();
      },
    });
    this.readScript = () => {
      if (this.code.value !== model.get("script")) this.code.value = model.get("script");
      this.fit();
    };
    model.on("change:script", this.readScript);
    this.readScript();
    return [
      this.code,
      make("div", { class: "wl-row" },
        this.button("Run", () => client.run(), "wl-main"),
        this.button("Stop", () => client.stop()),
        this.button("Reset", () => client.reset())),
    ];
  }

  fit() {
    this.code.rows = Math.max(3, this.code.value.split("\n").length);
  }

  plan(event) {
    this.last = event ?? this.last;
    if (this.planned) return;
    this.planned = true;
    requestAnimationFrame(() => {
      this.planned = false;
      this.draw();
    });
  }

  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  draw() {
    const { client } = this;
    this.pill.textContent = `${MARKS[client.state]} ${client.state}`;
    this.pill.dataset.state = client.state;
    this.drawRoute();
    this.drawLog();
    if (this.last) this.say(sentence(this.last, client.opened));
    this.last = null;
  }

  drawRoute() {
    const { client } = this;
    const route = !client.url ? "finding the way …"
      : client.direct ? "direct: from this page to the server"
      : `through Jupyter's proxy: ${client.url}`;
    if (this.shownRoute === route) return;
    this.shownRoute = route;
    this.route.replaceChildren(
      make("code", {}, client.model.get("url")), " ", make("span", { class: "wl-quiet" }, route));
    if (client.url && !client.direct) {
      this.route.append(make("details", {},
        make("summary", {}, "What the proxy changes"), PROXY_NOTE));
    }
  }

  drawLog() {
    const { client, log } = this;
    const following = log.scrollHeight - log.scrollTop - log.clientHeight < 8;
    if (this.generation !== client.generation) {
      log.replaceChildren();
      this.drawn = null;
      this.generation = client.generation;
    }
    const from = this.drawn ? client.events.lastIndexOf(this.drawn) + 1 : 0;
    for (const event of client.events.slice(from)) log.append(this.row(event));
    while (log.childElementCount > HISTORY) log.firstChild.remove();
    this.drawn = client.events.at(-1) ?? null;
    if (following) log.scrollTop = log.scrollHeight;
  }

  row({ name, text, time, clean }) {
    const clock = new Date(time * 1000);
    const stamp = `${clock.toTimeString().slice(0, 8)}.${String(clock.getMilliseconds()).padStart(3, "0")}`;
    const arrow = { send: "→", close: "→", "new WebSocket": "→", onmessage: "←" }[name] ?? " ";
    return make("div", { class: "wl-event", "data-name": name, "data-clean": clean },
      make("span", { class: "wl-time" }, stamp),
      make("span", { class: "wl-name" }, `${arrow} ${name}`),
      make("span", { class: "wl-what" }, text));
  }

  remove() {
    if (this.readScript) this.client.model.off("change:script", this.readScript);
  }
}

export default () => {
  let client;
  return {
    initialize({ model }) {
      client = new Browser(model);
      const caught = (event) => client.caught(event);
      window.addEventListener("error", caught);
      return () => {
        window.removeEventListener("error", caught);
        client.stop();
      };
    },
    render({ el }) {
      const view = new View(client, el);
      client.views.add(view);
      client.line.appear();
      return () => {
        view.remove();
        client.views.delete(view);
        if (client.line.vanish()) client.stop();
      };
    },
  };
};
