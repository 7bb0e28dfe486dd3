// The switchboard in the page. The board is the kernel's; this page adds its own WebSocket as one more client.

import { jupyterBase, make, mayBeLocal, newId, proxied, reaches } from "../../page/page.js";

const MARK_WORDS = { IDLE: "idle", CONNECTING: "connecting", OPEN: "connected", SILENT: "silent", DOWN: "failed", ABSENT: "absent" };

// ---- this page as a client

class Page {
  constructor(model) {
    this.model = model;
    this.id = newId();
    this.views = 0;
    this.socket = null;
    this.route = new Promise((found) => { this.found = found; });
    model.on("msg:custom", (message) => {
      if (message.page !== this.id) return;
      if (message.type === "probe") this.found(this.findRoute(message.url));
      if (message.type === "order") this[message.do](message);
    });
  }

  tell(message) { this.model.send({ ...message, page: this.id }); }

  appear() {
    this.views++;
    this.tell({ type: "ready" });
  }

  vanish() {
    if (--this.views) return;
    this.close();
    this.tell({ type: "gone" });
  }

  async findRoute(probe) {
    const base = jupyterBase();
    const direct = (port) => `ws://127.0.0.1:${port}/`;
    if (base === null || (mayBeLocal(base) && await reaches(probe))) return { url: direct, note: "" };
    return { url: (port) => proxied(direct(port), base), note: " · through Jupyter's proxy" };
  }

  async connect({ attempt, port }) {
    this.attempt = attempt;
    const { url, note } = await this.route;
    if (attempt !== this.attempt) return;
    const tell = (saw, text) => this.tell({ type: "saw", attempt, saw, text });
    let failed = "";
    const socket = (this.socket = new WebSocket(url(port)));
    socket.onopen = () => tell("onopen", note);
    socket.onmessage = ({ data }) => tell("onmessage", data);
    socket.onerror = () => { failed = "onerror, "; };
    socket.onclose = ({ code, reason }) => tell(`${failed}onclose`, `code ${code}, reason "${reason}"${note}`);
  }

  send({ text }) { this.socket?.send(text); }

  close() {
    this.attempt = null;
    this.socket?.close();
    this.socket = null;
  }
}

// ---- the picture

class View {
  constructor(model, page, el) {
    this.model = model;
    this.cards = new Map();
    this.switches = new Map();
    const order = (type) => () => model.send({ type });
    this.clients = make("div", { class: "wl-clients" });
    this.rules = make("ol", {});
    this.servers = make("div", { class: "wl-servers" });
    this.status = make("div", { class: "wl-status", role: "status", "aria-live": "polite" });
    this.groups = make("div", { class: "wl-groups" });
    el.append(make("section", { class: "wl-board", "aria-label": "Switchboard" },
      make("header", {},
        make("strong", {}, "Switchboard"),
        make("span", { class: "wl-actions" },
          make("button", { class: "wl-main", onclick: order("try_all"), title: "Every client connects anew and sends a message" }, "Try all"),
          make("button", { onclick: order("send_all"), title: "Every connected client sends a message" }, "Send all"),
          make("button", { onclick: order("reset"), title: "All switches off, all clients gone" }, "Reset"))),
      make("div", { class: "wl-picture" },
        this.clients,
        make("div", { class: "wl-middlebox" }, make("strong", {}, "middlebox"), this.rules),
        this.servers),
      this.status, this.groups));
    this.onMessage = (message) => { if (message.type === "state") this.show(message); };
    model.on("msg:custom", this.onMessage);
    this.page = page;
    page.appear();
  }

  show({ said, rules, servers, clients, groups }) {
    if (!this.cards.size) this.build(servers, clients, groups);
    for (const client of clients) this.cards.get(client.name)(client);
    for (const { name, on } of groups.flatMap(({ switches }) => switches)) {
      this.switches.get(name).setAttribute("aria-checked", on);
    }
    this.rules.replaceChildren(...(rules.length ? rules : ["passes everything on"]).map((rule) => make("li", {}, rule)));
    this.rules.classList.toggle("wl-quiet", !rules.length);
    this.status.textContent = said;
  }

  build(servers, clients, groups) {
    this.clients.replaceChildren(...clients.map((client) => this.card(client)));
    this.servers.replaceChildren(...Object.entries(servers).map(([name, what]) =>
      make("div", { class: "wl-server" }, make("strong", {}, name), make("span", { class: "wl-quiet" }, what))));
    this.groups.replaceChildren(...groups.map(({ name, switches }) => make("div", { role: "group", "aria-label": name },
      make("h4", {}, name), ...switches.map((each) => this.switch(each)))));
  }

  card({ name, library }) {
    const mark = make("span", { class: "wl-mark" });
    const saw = make("div", { class: "wl-saw" });
    const transport = make("span", { class: "wl-transport" });
    const order = (type) => () => this.model.send({ type, name });
    const card = make("div", { class: "wl-client", role: "group", "aria-label": name },
      make("div", { class: "wl-who" }, mark, make("strong", {}, name), make("span", { class: "wl-quiet" }, library)),
      saw,
      make("div", { class: "wl-buttons" },
        make("button", { onclick: order("connect"), "aria-label": `Connect ${name}` }, "Connect"),
        make("button", { onclick: order("send"), "aria-label": `Send with ${name}` }, "Send")),
      transport);
    this.cards.set(name, (now) => {
      card.dataset.phase = now.phase;
      card.dataset.transport = now.transport.toLowerCase();
      mark.textContent = now.mark;
      mark.setAttribute("aria-label", MARK_WORDS[now.phase]);
      saw.textContent = now.saw;
      transport.textContent = now.transport;
    });
    return card;
  }

  switch({ name, does }) {
    const button = make("button", {
      class: "wl-switch", role: "switch", "aria-checked": "false",
      onclick: () => this.model.send({ type: "turn", name, on: button.getAttribute("aria-checked") !== "true" }),
    }, make("span", { class: "wl-knob", "aria-hidden": "true" }), make("code", {}, name), make("span", { class: "wl-quiet" }, does));
    this.switches.set(name, button);
    return button;
  }

  dispose() {
    this.model.off("msg:custom", this.onMessage);
    this.page.vanish();
  }
}

export default () => {
  let page;
  return {
    initialize({ model }) { page = new Page(model); },
    render({ model, el }) {
      const view = new View(model, page, el);
      return () => view.dispose();
    },
  };
};
